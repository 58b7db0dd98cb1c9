// SPDX-License-Identifier: MIT
// registryctl publish PATH...
#include "client/cli/projects.h"
#include "schema/base/cleanup.h"
#include "schema/json.h"

#include <string.h>

static const struct option_row options[] = {
    {"--version", "VERSION", offsetof(struct options, release_version),
     "for a project that declares none"},
};

static bool is_known(const struct findings *findings, const struct finding *item) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *known = &findings->items[i];
        if (strcmp(known->code, item->code) == 0 && strcmp(known->message, item->message) == 0) {
            return true;
        }
    }
    return false;
}

// What the registry found and we had not: it applies the same rules again, and some of its own.
static void add_findings(struct findings *findings, const struct findings *more) {
    for (size_t i = 0; i < more->count; i++) {
        const struct finding *item = &more->items[i];
        if (!is_known(findings, item)) {
            findings_add(findings, item->severity, item->code, item->where, item->hint, "%s",
                         item->message);
        }
    }
}

static enum status send_one(struct cli *cli, const struct connection *connection,
                            struct outcome *outcome, struct error *err) {
    struct findings answered;
    findings_init(&answered, cli->arena);
    struct exchange exchange = {cli->arena, connection, &answered};
    outcome->failed =
        publish_send(&exchange, outcome->project.valid, &outcome->receipt, &outcome->error);
    if (outcome->failed == STATUS_NO_MEMORY || answered.no_memory) {
        return fail_no_memory(err);
    }
    add_findings(&outcome->project.findings, &answered);
    outcome->word = outcome->failed            ? "failed"
                    : outcome->receipt.created ? "published"
                                               : "unchanged";
    return STATUS_OK;
}

// Whether the next would fail in the same way: then it is not tried.
static bool is_final(enum status failed) {
    return failed == STATUS_UNREACHABLE || failed == STATUS_TIMEOUT ||
           failed == STATUS_UNAUTHORIZED;
}

static enum status send_all(struct cli *cli, struct outcome *outcomes, struct error *err) {
    struct connection connection;
    enum status failed = command_connect(cli, &connection, err);
    const struct outcome *last = NULL;
    for (size_t i = 0; !failed && i < cli->argument_count; i++) {
        struct outcome *outcome = &outcomes[i];
        if (outcome->failed) {
            continue;
        }
        if (last && is_final(last->failed)) {
            outcome->failed = last->failed;
            outcome->error = last->error;
            outcome->word = "not sent";
            continue;
        }
        failed = send_one(cli, &connection, outcome, err);
        last = outcome;
    }
    return failed;
}

static json_t *encode(const struct outcome *outcome) {
    json_t *object = projects_encode(outcome);
    json_t *serial =
        outcome->receipt.serial < 0 ? json_null() : json_integer(outcome->receipt.serial);
    if (json_object_set_new(object, "serial", serial) ||
        json_object_set_new(object, "epoch", json_text(outcome->receipt.epoch))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static enum status print_json(struct cli *cli, const struct outcome *outcomes, struct error *err) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < cli->argument_count; i++) {
        if (json_array_append_new(array, encode(&outcomes[i]))) {
            return fail_no_memory(err);
        }
    }
    return output_json(&cli->output, take(array), err);
}

static void print_summary(struct cli *cli, const struct outcome *outcomes) {
    size_t created = 0;
    size_t failed = 0;
    for (size_t i = 0; i < cli->argument_count; i++) {
        created += !outcomes[i].failed && outcomes[i].receipt.created;
        failed += outcomes[i].failed != STATUS_OK;
    }
    output_print(&cli->output, COLOR_NONE, "%zu published, %zu unchanged", created,
                 cli->argument_count - created - failed);
    output_print(&cli->output, failed ? COLOR_RED : COLOR_NONE, ", %zu failed\n", failed);
}

// Failures go to standard error in both formats, each under the path it belongs to.
static void print_faults(struct cli *cli, const struct outcome *outcomes) {
    struct output errors = {.arena = cli->arena,
                            .stream = stderr,
                            .color = isatty(STDERR_FILENO) && cli->output.color,
                            .columns = output_columns(STDERR_FILENO)};
    fflush(stdout);
    for (size_t i = 0; i < cli->argument_count; i++) {
        if (outcomes[i].failed) {
            output_print(&errors, COLOR_NONE, "registryctl: %s was not published\n",
                         output_text(&errors, outcomes[i].project.path));
            projects_print_fault(&errors, &outcomes[i]);
        }
    }
    cli->output.no_memory |= errors.no_memory;
}

static enum status run(struct cli *cli, struct error *err) {
    struct outcome *outcomes = NULL;
    enum status failed = projects_read(cli, &outcomes, err);
    failed = failed ? failed : send_all(cli, outcomes, err);
    for (size_t i = 0; !failed && i < cli->argument_count; i++) {
        int code = status_info(outcomes[i].failed)->exit_code;
        cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
        if (!cli->output.json) {
            projects_print(cli, &outcomes[i]);
        }
    }
    if (failed) {
        return failed;
    }
    if (cli->output.json) {
        failed = print_json(cli, outcomes, err);
    } else if (cli->argument_count > 1) {
        print_summary(cli, outcomes);
    }
    print_faults(cli, outcomes);
    return failed;
}

const struct command command_publish = {
    .name = "publish",
    .arguments = "PATH...",
    .min_arguments = 1,
    .summary = "Publish projects, or plugin directories, as releases",
    .description =
        "Each PATH is a directory with a pyproject.toml or a plugin.yaml. Nothing is built or "
        "run.\n"
        "A release is immutable: publishing the same again changes nothing, other content under\n"
        "the same version is refused. A bad project does not stop the others.\n"
        "Needs a token: REGISTRYD_TOKEN or --token.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .exit_codes = "0  every project is in the registry now\n"
                  "2  there is nothing to publish at a PATH\n"
                  "3  a project breaks a rule, or the registry refused it\n"
                  "4  the registry is out of reach\n",
    .example = "REGISTRYD_TOKEN=$(cat admin.token) registryctl publish plugins/crm plugins/hr",
    .run = run,
};
