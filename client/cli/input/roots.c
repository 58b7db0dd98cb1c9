// SPDX-License-Identifier: MIT
// LABEL=PATH (roots.h). A label is a word, so that a path with "=" in it ("./a=b", "/x/a=b") can
// still be given.
#include "client/cli/input/roots.h"

#include <string.h>

static bool is_label(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alnum(text.ptr[i]) && text.ptr[i] != '-' && text.ptr[i] != '_') {
            return false;
        }
    }
    return text.len > 0;
}

enum status roots_parse_words(struct cli *cli, const char *const *words, size_t count,
                              struct walk_query *ret_query, struct error *err) {
    struct walk_root *roots = arena_array(cli->arena, count ? count : 1, sizeof *roots);
    if (!roots) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *argument = words[i];
        const char *equals = strchr(argument, '=');
        struct text label = {argument, equals ? (size_t)(equals - argument) : 0};
        roots[i].path = argument;
        if (equals && is_label(label)) {
            roots[i].path = equals + 1;
            roots[i].label = arena_copy(cli->arena, label.ptr, label.len);
            if (!roots[i].label) {
                return fail_no_memory(err);
            }
        }
        if (!*roots[i].path) {
            return fail(err, STATUS_USAGE, NULL, "\"%s\" names no directory: LABEL=PATH", argument);
        }
    }
    *ret_query = (struct walk_query){
        .roots = roots, .root_count = count, .convention = cli->options.convention};
    return STATUS_OK;
}

enum status roots_parse(struct cli *cli, size_t from, struct walk_query *ret_query,
                        struct error *err) {
    return roots_parse_words(cli, cli->arguments + from, cli->argument_count - from, ret_query,
                             err);
}
