// SPDX-License-Identifier: MIT
// Which list an argument belongs to is read from the command's row ("NAME PACKAGE", "GROUP"), so that no command has to
// ask by itself. The requests are made after the failure and may fail in silence: they serve a hint.
#include "client/cli/host/name_hint.h"

#include "client/cli/input/administration.h"
#include "client/cli/input/group_guess.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/guess.h"
#include "schema/json/json.h"

#include <string.h>

// A kind of name: where its list is.
struct name_list {
    const char *path;
    const char *key; // of the list in the answer
    bool is_search;  // the name is appended to the path: the list would be too long
};

static const struct name_list packages = {"/v1/packages?limit=50&q=", "packages", true};
static const struct name_list groups = {"/v1/groups?limit=1000", "groups", false};
static const struct name_list environments = {"/v1/environments?limit=1000", "environments", false};

// By the word that stands for the argument: "PACKAGE[==VERSION]", "GROUP...", and "NAME" of an environment.
static const struct name_list *list_of(const struct cli *cli, struct text word) {
    struct text package = {word.ptr, word.len < strlen("PACKAGE") ? word.len : strlen("PACKAGE")};
    struct text group = {word.ptr, word.len < strlen("GROUP") ? word.len : strlen("GROUP")};
    if (text_equals(package, "PACKAGE")) {
        return &packages;
    }
    if (text_equals(group, "GROUP")) {
        return &groups;
    }
    bool is_name =
        text_equals(word, "NAME") || text_equals(word, "FROM") || text_equals(word, "TO");
    return is_name && strcmp(cli->command->name, "environment") == 0 ? &environments : NULL;
}

// "crm==1.0" and "prod@3" name crm and prod. Arena; NULL when out of memory.
static const char *bare_name(struct arena *arena, const char *argument) {
    return arena_copy(arena, argument, strcspn(argument, "=@"));
}

// The nearest name; NULL: none is near, or the name is there.
static const char *nearest(struct cli *cli, const struct name_list *list, const char *name) {
    scoped(buffer_done) struct buffer path;
    scoped(cleanup_json) json_t *answer = NULL;
    struct guess guess = guess_begin(name, GUESS_TOO_FAR);
    size_t at;
    const json_t *item;
    buffer_init(&path, LIMIT_PATH_BYTES);
    buffer_add_string(&path, list->path);
    if (list->is_search) {
        api_call_add_encoded(&path, name);
    }
    if (path.failed || administration_send(cli, "GET", path.ptr, NULL, &answer, NULL)) {
        return NULL;
    }
    json_array_foreach(json_object_get(answer, list->key), at, item) {
        const char *known = json_string_value(json_object_get(item, "name"));
        if (known && strcmp(known, name) == 0) {
            return NULL;
        }
        guess_offer(&guess, known);
    }
    return arena_strdup(cli->arena, guess.nearest);
}

void name_hint_print(struct cli *cli) {
    struct text rest = text_from(cli->action ? cli->action->arguments : cli->command->arguments);
    size_t at = cli->action ? 1 : 0;
    for (struct text word; at < cli->argument_count && text_split(&rest, ' ', &word); at++) {
        while (word.len && *word.ptr == '[') {
            word = (struct text){word.ptr + 1, word.len - 1};
        }
        while (word.len && word.ptr[word.len - 1] == ']') {
            word.len--;
        }
        const struct name_list *list = list_of(cli, word);
        const char *name = list ? bare_name(cli->arena, cli->arguments[at]) : NULL;
        const char *near = name ? nearest(cli, list, name) : NULL;
        const char *shown = near ? output_text(&cli->output, near) : NULL;
        if (shown) {
            fprintf(stderr, "registryctl: Did you mean \"%s\"?\n", shown);
            return;
        }
    }
}
