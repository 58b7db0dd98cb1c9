// SPDX-License-Identifier: MIT
// registryctl environment diff: of two revisions, or of two environments. A difference per line: "+" came,
// "-" went, "~" is another.
#include "client/cli/input/administration.h"
#include "client/cli/console/display.h"
#include "client/cli/commands/environment.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

enum { VALUE_COLUMNS = 60, NAMES_SHOWN = 8, MEMBERS_SHOWN = 8 };

// What is compared: NAME or NAME@REVISION.
struct side {
    const char *name;
    const char *revision; // NULL = not said
};

static enum status read_side(struct cli *cli, const char *word, struct side *ret_side,
                             struct error *err) {
    const char *at = strchr(word, '@');
    struct side side = {word, NULL};
    enum status failed = STATUS_OK;
    if (at) {
        side.name = arena_copy(cli->arena, word, (size_t)(at - word));
        failed = environment_revision(at + 1, "What follows \"@\"", &side.revision, err);
    }
    if (!failed && !side.name) {
        return fail_no_memory(err);
    }
    *ret_side = side;
    return failed;
}

static bool is_number(const char *word) {
    return *word && !word[strspn(word, "0123456789")];
}

static enum status read_sides(struct cli *cli, struct side sides[2], struct error *err) {
    const char *const *words = cli->arguments + 1;
    size_t count = cli->argument_count - 1;
    enum status failed = read_side(cli, words[0], &sides[0], err);
    sides[1] = (struct side){sides[0].name, NULL};
    if (failed || count == 1) {
        return failed;
    }
    if (count == 2 && !is_number(words[1])) {
        return read_side(cli, words[1], &sides[1], err);
    }
    if (sides[0].revision) {
        return fail(err, STATUS_USAGE, NULL, "Say either NAME FROM TO or NAME@FROM NAME@TO");
    }
    failed = environment_revision(words[1], "FROM", &sides[0].revision, err);
    return failed || count < 3 ? failed
                               : environment_revision(words[2], "TO", &sides[1].revision, err);
}

static const char *make_path(struct cli *cli, const struct side sides[2]) {
    scoped(buffer_done) struct buffer path;
    const char *address = environment_address(cli, sides[0].name, "/diff");
    if (!address) {
        return NULL;
    }
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, address);
    api_call_add_query(&path, "from", sides[0].revision);
    api_call_add_query(&path, "to", sides[1].revision);
    api_call_add_query(&path, "with",
                       strcmp(sides[0].name, sides[1].name) != 0 ? sides[1].name : NULL);
    return path.failed ? NULL : arena_strdup(cli->arena, path.ptr);
}

// A value as one line of limited length; of what is large, its size.
static const char *show_value(struct cli *cli, const json_t *value) {
    if (json_array_size(value) > MEMBERS_SHOWN) {
        return output_count(&cli->output, json_array_size(value), "item", "items");
    }
    if (json_object_size(value) > MEMBERS_SHOWN) {
        return output_count(&cli->output, json_object_size(value), "member", "members");
    }
    const char *text = environment_value(cli, value);
    text = text ? output_text(&cli->output, text) : NULL;
    text = text ? display_cut(cli->arena, text, VALUE_COLUMNS) : NULL;
    cli->output.no_memory |= !text;
    return text ? text : "";
}

static void print_names(struct cli *cli, enum color color, char sign, const json_t *names) {
    size_t count = json_array_size(names);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        output_print(&cli->output, color, " %c%s", sign, show_value(cli, json_array_get(names, i)));
    }
    if (count > NAMES_SHOWN) {
        output_print(&cli->output, color, " %c%zu more", sign, count - NAMES_SHOWN);
    }
}

// "/facts/have/x" without its slash, unescaped only as far as it cannot be misread.
static void print_place(struct cli *cli, enum color color, char sign, const char *where) {
    output_print(&cli->output, color, "%c", sign);
    output_print(&cli->output, COLOR_NONE, " %s ",
                 where && *where ? output_text(&cli->output, where) : "/");
}

static void print_difference(struct cli *cli, const json_t *difference) {
    const char *where = json_string_value(json_object_get(difference, "where"));
    const json_t *from = json_object_get(difference, "from");
    const json_t *to = json_object_get(difference, "to");
    if (from && to) {
        print_place(cli, COLOR_YELLOW, '~', where);
        output_print(&cli->output, COLOR_RED, "%s", show_value(cli, from));
        output_print(&cli->output, COLOR_NONE, " -> ");
        output_print(&cli->output, COLOR_GREEN, "%s", show_value(cli, to));
    } else if (to) {
        print_place(cli, COLOR_GREEN, '+', where);
        output_print(&cli->output, COLOR_GREEN, "%s", show_value(cli, to));
    } else if (from) {
        print_place(cli, COLOR_RED, '-', where);
        output_print(&cli->output, COLOR_RED, "%s", show_value(cli, from));
    } else {
        print_place(cli, COLOR_YELLOW, '~', where);
        print_names(cli, COLOR_RED, '-', json_object_get(difference, "removed"));
        print_names(cli, COLOR_GREEN, '+', json_object_get(difference, "added"));
    }
    output_print(&cli->output, COLOR_NONE, "\n");
}

static void print_side(struct cli *cli, const char *sign, const json_t *side) {
    output_print(&cli->output, COLOR_DIM, "%s %s revision %s, %s by %s\n", sign,
                 output_text(&cli->output, administration_text(cli, side, "name")),
                 administration_text(cli, side, "revision"), environment_date(cli, side),
                 output_text(&cli->output, administration_text(cli, side, "changed_by")));
}

// Members of an object that came or went whole are told one by one: they are what people look for.
static enum status print_whole(struct cli *cli, const json_t *difference, struct error *err) {
    const char *where = json_string_value(json_object_get(difference, "where"));
    const json_t *from = json_object_get(difference, "from");
    const json_t *to = json_object_get(difference, "to");
    const json_t *whole = from && !to ? from : to && !from ? to : NULL;
    bool is_small = json_object_size(whole) <= MEMBERS_SHOWN || json_depth(whole) > 1;
    const char *key;
    json_t *value;
    if (!where || !json_object_size(whole) || !is_small) {
        print_difference(cli, difference);
        return STATUS_OK;
    }
    json_object_foreach((json_t *)whole, key, value) {
        scoped(cleanup_json) json_t *part = json_pack(
            "{s:s,s:O}", "where", json_pointer(cli->arena, where, key), to ? "to" : "from", value);
        if (!part || print_whole(cli, part, err)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

static enum status print_diff(struct cli *cli, const json_t *answer, struct error *err) {
    const json_t *differences = json_object_get(answer, "differences");
    enum status failed = STATUS_OK;
    print_side(cli, "-", json_object_get(answer, "from"));
    print_side(cli, "+", json_object_get(answer, "to"));
    output_print(&cli->output, COLOR_NONE, "\n");
    for (size_t i = 0; !failed && i < json_array_size(differences); i++) {
        failed = print_whole(cli, json_array_get(differences, i), err);
    }
    if (!json_array_size(differences)) {
        output_print(&cli->output, COLOR_NONE, "no difference\n");
    }
    return failed;
}

enum status environment_diff(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct side sides[2];
    enum status failed =
        administration_arguments(cli, 1, 3, "diff NAME [FROM [TO]], or NAME[@N] OTHER[@N]", err);
    failed = failed ? failed : read_sides(cli, sides, err);
    if (failed) {
        return failed;
    }
    struct environment_call call = {.method = "GET", .path = make_path(cli, sides)};
    failed = environment_send(cli, &call, &answer, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = json_array_size(json_object_get(answer, "differences")) > 0;
    return cli->output.json ? output_json(&cli->output, take(answer), err)
                            : print_diff(cli, answer, err);
}
