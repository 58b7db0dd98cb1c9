// SPDX-License-Identifier: MIT
// From options and arguments to queries (query.h). Only the form of a fact is checked here
// ("NAME==VERSION"); the registry checks names, versions and tags, because it has the rules. A root's
// label is a word of letters, digits, "-" and "_", so that a path that contains "=" ("./a=b", "/x/a=b")
// is still a path.
#include "client/cli/input/query.h"

#include "client/cli/settings/settings.h"
#include "schema/base/list.h"

#include <string.h>

// ---- facts ----

struct fact_kind {
    const char *name;
    const char *separator; // between name and value; NULL: the whole word is the value
    const char *form;
};

static const struct fact_kind kinds[] = {
    {"have", "==", "NAME==VERSION, e.g. honeyframe==4.2.0"},
    {"marker", "=", "NAME=VALUE, e.g. sys_platform=linux"},
    {"tag", NULL, "a wheel tag, e.g. py3-none-any"},
};

// Both sides of the separator must have something: "honeyframe==4.2", not "==4.2" or "honeyframe==".
static bool is_well_formed(const struct fact_kind *kind, const char *word) {
    if (!kind->separator) {
        return *word;
    }
    const char *separator = strstr(word, kind->separator);
    return separator && separator > word && separator[strlen(kind->separator)];
}

static enum status add_words(const struct fact_kind *kind, const struct words *words,
                             struct query_parameter **at, struct error *err) {
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        if (!is_well_formed(kind, word)) {
            return fail(err, STATUS_USAGE, NULL, "Invalid --%s \"%s\". Use %s.", kind->name, word,
                        kind->form);
        }
        *(*at)++ = (struct query_parameter){kind->name, word};
    }
    return STATUS_OK;
}

struct words query_arguments(const struct cli *cli) {
    return (struct words){(const char **)cli->arguments, cli->argument_count};
}

enum status facts_query(struct cli *cli, const struct facts_options *facts,
                        const struct words *groups, struct source_query *ret_query,
                        struct error *err) {
    const struct words *const words[] = {&facts->haves, &facts->markers, &facts->tags};
    size_t total = facts->haves.count + facts->markers.count + facts->tags.count;
    struct query_parameter *parameters =
        arena_array(cli->arena, total ? total : 1, sizeof *parameters);
    if (!parameters) {
        return fail_no_memory(err);
    }
    struct query_parameter *at = parameters;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        enum status status = add_words(&kinds[i], words[i], &at, err);
        if (status) {
            return status;
        }
    }
    *ret_query = (struct source_query){.groups = groups->items,
                                       .group_count = groups->count,
                                       .python = facts->python,
                                       .prereleases = facts->prereleases,
                                       .facts = parameters,
                                       .fact_count = total};
    return STATUS_OK;
}

enum status facts_selector(struct cli *cli, const char *key, const struct connection *connection,
                           const struct source_query *query, struct snapshot_selector *ret_selector,
                           struct error *err) {
    struct snapshot_selector selector = {.url = connection->url,
                                         .environment = connection->environment};
    selector.query = snapshot_cache_query(cli->arena, connection->environment, query);
    if (!selector.query) {
        return fail_no_memory(err);
    }
    enum status status = snapshot_cache_pin(key, &selector, err);
    if (status) {
        return status;
    }
    *ret_selector = selector;
    return STATUS_OK;
}

// ---- roots ----

static bool is_label(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alnum(text.ptr[i]) && text.ptr[i] != '-' && text.ptr[i] != '_') {
            return false;
        }
    }
    return text.len > 0;
}

// "crm=/opt/plugins" has the label crm. In "/opt/a=b" the part before "=" is no label, so all of it
// is the path.
static enum status parse_root(struct cli *cli, const char *word, struct walk_root *root,
                              struct error *err) {
    const char *equals = strchr(word, '=');
    struct text label = {word, equals ? (size_t)(equals - word) : 0};
    root->path = word;
    if (equals && is_label(label)) {
        root->path = equals + 1;
        root->label = arena_copy(cli->arena, label.ptr, label.len);
        if (!root->label) {
            return fail_no_memory(err);
        }
    }
    if (!*root->path) {
        return fail(err, STATUS_USAGE, NULL, "Invalid root \"%s\". Use PATH or LABEL=PATH.", word);
    }
    return STATUS_OK;
}

enum status roots_parse(struct cli *cli, const struct words *roots, const char *convention,
                        struct walk_query *ret_query, struct error *err) {
    size_t count = roots->count;
    struct walk_root *parsed = arena_array(cli->arena, count ? count : 1, sizeof *parsed);
    if (!parsed) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = parse_root(cli, roots->items[i], &parsed[i], err);
        if (status) {
            return status;
        }
    }
    *ret_query =
        (struct walk_query){.roots = parsed, .root_count = count, .convention = convention};
    return STATUS_OK;
}

enum status roots_parse_arguments(struct cli *cli, size_t from, const char *convention,
                                  struct walk_query *ret_query, struct error *err) {
    struct words all = query_arguments(cli);
    struct words roots = {all.items + from, all.count - from};
    return roots_parse(cli, &roots, convention, ret_query, err);
}

struct words roots_choose(const struct cli *cli, const struct words *given) {
    return given->count ? *given : (struct words){cli->settings->roots, cli->settings->root_count};
}
