// SPDX-License-Identifier: MIT
// registryctl doctor: the whole way from the configuration file to the rights of the token. A check never fails the
// command: what cannot be found out is the result of the check. The checks stand in the order of the way, so the first
// error is usually the cause of those below it.
#include "client/cli/console/table.h"
#include "client/cli/host/diagnosis.h"
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdarg.h>
#include <string.h>

static const char *const state_names[] = {
    [CHECK_OK] = "ok", [CHECK_WARNING] = "warning", [CHECK_ERROR] = "error"};

void diagnosis_add(struct diagnosis *diagnosis, enum check_state state, const char *check,
                   const char *hint, const char *message, ...) {
    char text[2048];
    va_list args;
    va_start(args, message);
    vsnprintf(text, sizeof text, message, args);
    va_end(args);
    json_t *row = json_pack("{s:s,s:s,s:o,s:o}", "check", check, "state", state_names[state],
                            "message", json_text(text), "hint", json_text(hint));
    diagnosis->errors += state == CHECK_ERROR;
    diagnosis->no_memory |= json_array_append_new(diagnosis->checks, row) != 0;
}

static enum color color_of(const char *state) {
    return strcmp(state, "ok") == 0        ? COLOR_GREEN
           : strcmp(state, "warning") == 0 ? COLOR_YELLOW
                                           : COLOR_RED;
}

// The state comes first and is never broken; the message is wrapped beside it.
static void print_check(struct cli *cli, const json_t *row) {
    enum { STATE_WIDTH = 9, CHECK_WIDTH = 14 };
    struct output *output = &cli->output;
    const char *state = json_string_value(json_object_get(row, "state"));
    const char *hint = json_string_value(json_object_get(row, "hint"));
    size_t indent = STATE_WIDTH + CHECK_WIDTH;
    output_print(output, color_of(state), "%-*s", STATE_WIDTH, state);
    output_print(output, COLOR_NONE, "%-*s", CHECK_WIDTH,
                 json_string_value(json_object_get(row, "check")));
    output_wrapped(output, COLOR_NONE, indent,
                   output_text(output, json_string_value(json_object_get(row, "message"))));
    output_print(output, COLOR_NONE, "\n");
    if (hint && !output->quiet) {
        output_print(output, COLOR_NONE, "%*s", (int)indent, "");
        output_wrapped(output, COLOR_CYAN, indent, output_text(output, hint));
        output_print(output, COLOR_NONE, "\n");
    }
}

static enum status print(struct diagnosis *diagnosis, struct error *err) {
    struct cli *cli = diagnosis->cli;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(diagnosis->checks), err);
    }
    size_t at;
    const json_t *row;
    json_array_foreach(diagnosis->checks, at, row) {
        print_check(cli, row);
    }
    output_say(&cli->output, diagnosis->errors ? COLOR_RED : COLOR_GREEN, "\n%s\n",
               diagnosis->errors ? output_count(&cli->output, diagnosis->errors, "error", "errors")
                                 : "No errors");
    return STATUS_OK;
}

// A file that is wrong was not applied, so the checks of the registry see variables and defaults.
static enum status run(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *checks = json_array();
    struct diagnosis diagnosis = {.cli = cli, .checks = checks};
    struct connection connection;
    struct error wrong = {0};
    if (!checks) {
        return fail_no_memory(err);
    }
    diagnosis_add_machine(&diagnosis);
    if (command_connect(cli, &connection, &wrong)) {
        diagnosis_add(&diagnosis, CHECK_ERROR, "connection",
                      "Correct the setting; nothing is sent to the registry until then", "%s%s%s",
                      wrong.where, wrong.where[0] ? ": " : "", wrong.message);
    } else {
        diagnosis_add_registry(&diagnosis, &connection);
        diagnosis_add_snapshot(&diagnosis, &connection);
    }
    cli->exit_code = diagnosis.errors ? 1 : 0;
    return diagnosis.no_memory ? fail_no_memory(err) : print(&diagnosis, err);
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .lines = "state check message hint",
    .summary = "Check the way from this host to the registry, and say what to correct",
    .description =
        "Checks the configuration file, the variables and their sources, the files of tokens, the\n"
        "address, the name, the connection with its certificate and proxy, the clock, the token\n"
        "and its rights, the environment, modes and levels, and the cached snapshot. Each check\n"
        "that is not ok says what to do.",
    .exit_codes = "0  No errors; there can be warnings\n1  There are errors\n",
    .example = "registryctl doctor --profile work",
    .run = run,
    .is_tolerant = true,
};
