// SPDX-License-Identifier: MIT
// registryctl files move: asks the registry to move files until none is left. The registry does the work and knows what
// is done, so the command can be stopped at any time and run again. Files that were published behind the place where it
// is are moved by a last turn from the start.
#include "client/cli/console/command.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

enum {
    SECONDS_A_TURN = 5,
    TURNS_FROM_START_MAX = 5, // publishes may go on for ever
};

struct files_options {
    const char *to;
};

static const struct option_row files_rows[] = {
    {"--to", "PLACE", offsetof(struct files_options, to),
     "Where the files go: objects or database"},
};

struct move_totals {
    json_int_t moved;
    json_int_t moved_bytes;
    json_t *problems; // owned
};

static enum status send_turn(struct cli *cli, const struct connection *connection,
                             const char *after, json_t **ret_answer, struct error *err) {
    const struct files_options *options = cli->options;
    struct findings findings;
    findings_init(&findings, cli->arena);
    scoped(cleanup_json) json_t *body =
        json_pack("{s:s,s:s*,s:i}", "to", options->to, "after", after, "seconds", SECONDS_A_TURN);
    const char *text = body ? json_encode_canonical(cli->arena, body) : NULL;
    if (!text) {
        return fail_no_memory(err);
    }
    // One file is always moved whole, however large: the deadline has room for the largest.
    const struct fetch_request request = {.method = "POST",
                                          .path = "/v1/files/move",
                                          .body = text_from(text),
                                          .expected_bytes = LIMIT_UPLOAD_BYTES};
    const struct api_call call = {
        .arena = cli->arena, .connection = connection, .findings = &findings};
    return api_call_json(&call, &request, ret_answer, err);
}

static json_int_t number(const json_t *answer, const char *key) {
    return json_integer_value(json_object_get(answer, key));
}

static enum status add_turn(struct cli *cli, const json_t *answer, struct move_totals *totals,
                            struct error *err) {
    totals->moved += number(answer, "moved");
    totals->moved_bytes += number(answer, "moved_bytes");
    if (json_array_extend(totals->problems, json_object_get(answer, "problems"))) {
        return fail_no_memory(err);
    }
    if (!cli->output.json && number(answer, "left")) {
        output_print(&cli->output, COLOR_DIM,
                     "%" JSON_INTEGER_FORMAT " files moved, %" JSON_INTEGER_FORMAT
                     " left (%" JSON_INTEGER_FORMAT " MiB)\n",
                     totals->moved, number(answer, "left"), number(answer, "left_bytes") >> 20);
    }
    return STATUS_OK;
}

// From the start to the end; *ret_moved says how many were moved on the way.
static enum status move_round(struct cli *cli, const struct connection *connection,
                              struct move_totals *totals, json_int_t *ret_moved,
                              struct error *err) {
    const char *after = NULL;
    json_int_t before = totals->moved;
    do {
        scoped(cleanup_json) json_t *answer = NULL;
        enum status status = send_turn(cli, connection, after, &answer, err);
        if (status) {
            return status;
        }
        status = add_turn(cli, answer, totals, err);
        if (status) {
            return status;
        }
        const char *next = json_string_value(json_object_get(answer, "next"));
        after = next ? arena_strdup(cli->arena, next) : NULL;
        if (next && !after) {
            return fail_no_memory(err);
        }
    } while (after);
    *ret_moved = totals->moved - before;
    return STATUS_OK;
}

static enum status print_totals(struct cli *cli, const struct move_totals *totals,
                                struct error *err) {
    const struct files_options *options = cli->options;
    size_t at;
    const json_t *problem;
    cli->exit_code = json_array_size(totals->problems) > 0;
    if (cli->output.json) {
        json_t *json = json_pack("{s:s,s:I,s:I,s:O}", "to", options->to, "moved", totals->moved,
                                 "moved_bytes", totals->moved_bytes, "problems", totals->problems);
        return json ? output_json(&cli->output, json, err) : fail_no_memory(err);
    }
    output_print(&cli->output, COLOR_NONE,
                 "%" JSON_INTEGER_FORMAT " files moved to %s (%" JSON_INTEGER_FORMAT " MiB).\n",
                 totals->moved,
                 strcmp(options->to, "objects") == 0 ? "the object store" : "the database",
                 totals->moved_bytes >> 20);
    json_array_foreach(totals->problems, at, problem) {
        output_print(&cli->output, COLOR_NONE, "Not moved: %s: %s\n",
                     json_string_value(json_object_get(problem, "sha256")),
                     json_string_value(json_object_get(problem, "reason")));
    }
    return STATUS_OK;
}

static enum status run_move(struct cli *cli, struct error *err) {
    const struct files_options *options = cli->options;
    struct connection connection;
    scoped(cleanup_json) json_t *problems = json_array();
    struct move_totals totals = {.problems = problems};
    if (!problems) {
        return fail_no_memory(err);
    }
    if (!options->to ||
        (strcmp(options->to, "objects") != 0 && strcmp(options->to, "database") != 0)) {
        return fail(err, STATUS_USAGE, "--to", "Give the place: --to objects or --to database");
    }
    enum status status = command_connect(cli, &connection, err);
    json_int_t moved = 1;
    for (int i = 0; !status && moved && i < TURNS_FROM_START_MAX; i++) {
        json_array_clear(problems); // they come again in each round
        status = move_round(cli, &connection, &totals, &moved, err);
    }
    return status ? status : print_totals(cli, &totals, err);
}

static const struct action files_actions[] = {
    {"move", "", 0, 0, "Move files between the database and the object store", run_move},
};

const struct command command_files = {
    .name = "files",
    .arguments = "ACTION",
    .min_arguments = 1,
    COMMAND_ACTIONS(files_actions),
    .lines = "to moved moved_bytes problems",
    .summary = "Move stored files between the database and the object store",
    .description =
        "The registry copies each file, reads the copy back and compares its SHA-256, and then\n"
        "gives the old copy up. Downloads and publishes go on meanwhile. The command can be\n"
        "stopped at any time and run again. The registry must have been started with --files.\n"
        "Requires an administrator's token.",
    COMMAND_OPTIONS(files_rows, struct files_options),
    .exit_codes = "0  All files are in this place\n1  Some files could not be moved\n",
    .example = "registryctl files move --to objects",
};
