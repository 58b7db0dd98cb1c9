// SPDX-License-Identifier: MIT
// Options to facts (facts.h). Whether a name, a version or a tag is one, the registry says.
#include "client/cli/input/facts.h"

#include "schema/base/list.h"

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
                             struct query_parameter **at, struct error *err) {
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        const char *sign = kind->sign ? strstr(word, kind->sign) : word;
        if (!*word || !sign || (kind->sign && (sign == word || !sign[strlen(kind->sign)]))) {
            return fail(err, STATUS_USAGE, NULL, "%s, not \"%s\"", kind->hint, word);
        }
        *(*at)++ = (struct query_parameter){kind->name, word};
    }
    return STATUS_OK;
}

enum status facts_query(struct cli *cli, const char *const *groups, size_t count,
                        struct source_query *ret_query, struct error *err) {
    const struct options *options = &cli->options;
    const struct words *const words[] = {&options->haves, &options->markers, &options->tags};
    size_t total = options->haves.count + options->markers.count + options->tags.count;
    struct query_parameter *parts = arena_array(cli->arena, total ? total : 1, sizeof *parts);
    struct query_parameter *at = parts;
    enum status failed = parts ? STATUS_OK : fail_no_memory(err);
    for (size_t i = 0; i < COUNT_OF(kinds) && !failed; i++) {
        failed = add_words(&kinds[i], words[i], &at, err);
    }
    *ret_query = (struct source_query){.groups = groups,
                                       .group_count = count,
                                       .python = options->python,
                                       .prereleases = options->prereleases,
                                       .facts = parts,
                                       .fact_count = total};
    return failed;
}

enum status facts_selector(struct cli *cli, const struct connection *connection,
                           const struct source_query *query, struct snapshot_selector *ret_selector,
                           struct error *err) {
    struct snapshot_selector selector = {.url = connection->url,
                                         .environment = connection->environment};
    selector.query = snapshot_cache_query(cli->arena, connection->environment, query);
    if (!selector.query) {
        return fail_no_memory(err);
    }
    enum status failed = snapshot_cache_pin(cli->options.snapshot_key, &selector, err);
    *ret_selector = selector;
    return failed;
}
