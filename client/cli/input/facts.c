// SPDX-License-Identifier: MIT
// Options to facts (facts.h). Whether a name, a version or a tag is one, the registry says.
#include "client/cli/input/facts.h"

#include <string.h>

struct fact_kind {
    const char *name;
    const char *sign; // stands between name and value; NULL: there is only one text
    const char *hint;
};

static const struct fact_kind kinds[] = {
    {"have", "==", "--have is NAME==VERSION, e.g. honeyframe==4.2.0"},
    {"marker", "=", "--marker is NAME=VALUE, e.g. sys_platform=linux"},
    {"tag", NULL, "--tag is a wheel tag"},
};

static enum status add_words(const struct fact_kind *kind, const struct words *words,
                             struct question_part **at, struct error *err) {
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        const char *sign = kind->sign ? strstr(word, kind->sign) : word;
        if (!*word || !sign || (kind->sign && (sign == word || !sign[strlen(kind->sign)]))) {
            return fail(err, STATUS_USAGE, NULL, "%s, not \"%s\"", kind->hint, word);
        }
        *(*at)++ = (struct question_part){kind->name, word};
    }
    return STATUS_OK;
}

enum status facts_question(struct cli *cli, const char *const *groups, size_t count,
                           struct registry_question *ret_question, struct error *err) {
    const struct options *options = &cli->options;
    const struct words *const words[] = {&options->haves, &options->markers, &options->tags};
    size_t total = options->haves.count + options->markers.count + options->tags.count;
    struct question_part *parts = arena_array(cli->arena, total ? total : 1, sizeof *parts);
    struct question_part *at = parts;
    enum status failed = parts ? STATUS_OK : fail_no_memory(err);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !failed; i++) {
        failed = add_words(&kinds[i], words[i], &at, err);
    }
    *ret_question = (struct registry_question){.groups = groups,
                                               .group_count = count,
                                               .python = options->python,
                                               .prereleases = options->prereleases,
                                               .facts = parts,
                                               .fact_count = total};
    return failed;
}

enum status facts_wish(struct cli *cli, const struct connection *connection,
                       const struct registry_question *question, struct snapshot_wish *ret_wish,
                       struct error *err) {
    struct snapshot_wish wish = {.url = connection->url, .environment = connection->environment};
    wish.question = source_registry_question(cli->arena, connection->environment, question);
    if (!wish.question) {
        return fail_no_memory(err);
    }
    enum status failed = snapshot_kept_pin(cli->options.snapshot_key, &wish, err);
    *ret_wish = wish;
    return failed;
}
