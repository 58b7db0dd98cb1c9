// SPDX-License-Identifier: MIT
// registryctl check PATH...
#include "client/cli/projects.h"
#include "schema/base/cleanup.h"
#include "schema/json.h"

static const struct option_row options[] = {
    {"--version", "VERSION", offsetof(struct options, release_version),
     "for a project that declares none"},
    {"--strict", NULL, offsetof(struct options, strict), "warnings fail the check too"},
};

// Exit code of one outcome: a path that cannot be read is worse than one that breaks a rule.
static int code_of(const struct cli *cli, struct outcome *outcome) {
    size_t warnings = findings_count(&outcome->project.findings, SEVERITY_WARNING);
    if (!outcome->failed && cli->options.strict && warnings) {
        outcome->failed = fail(&outcome->error, STATUS_INVALID, outcome->project.path,
                               "It has warnings, and --strict was asked for");
        outcome->word = "failed";
    }
    return !outcome->failed                    ? 0
           : outcome->failed == STATUS_INVALID ? 1
                                               : status_info(outcome->failed)->exit_code;
}

static enum status print_json(struct cli *cli, const struct outcome *outcomes, struct error *err) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < cli->argument_count; i++) {
        if (json_array_append_new(array, projects_encode(&outcomes[i]))) {
            return fail_no_memory(err);
        }
    }
    return output_json(&cli->output, take(array), err);
}

static enum status run(struct cli *cli, struct error *err) {
    struct outcome *outcomes = NULL;
    enum status failed = projects_read(cli, &outcomes, err);
    if (failed) {
        return failed;
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        int code = code_of(cli, &outcomes[i]);
        cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
    }
    if (cli->output.json) {
        return print_json(cli, outcomes, err);
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        projects_print(cli, &outcomes[i]);
        if (outcomes[i].failed) {
            projects_print_fault(&cli->output, &outcomes[i]);
        }
    }
    return STATUS_OK;
}

const struct command command_check = {
    .name = "check",
    .arguments = "PATH...",
    .min_arguments = 1,
    .summary = "Say what would be wrong with publishing a project",
    .description =
        "Each PATH is a directory with a pyproject.toml or a plugin.yaml. Needs no registry, and\n"
        "runs nothing. Every finding names its file and line or its field, and what to do.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .exit_codes = "0  all of them can be published\n"
                  "1  at least one cannot\n"
                  "2  there is nothing to publish at a PATH\n",
    .example = "registryctl check plugins/crm --strict",
    .run = run,
};
