// SPDX-License-Identifier: MIT
// registryctl check PATH...
#include "client/cli/console/progress.h"
#include "client/cli/input/projects.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

static const struct option_row options[] = {
    {"--version", "VERSION", offsetof(struct options, release_version),
     "for a project that declares none"},
    {"--all", NULL, offsetof(struct options, all),
     "the arguments are roots: every plugin under them"},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (each plugin by its mark), one convention, or a declaration's file"},
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
    bool breaks = outcome->failed == STATUS_INVALID || outcome->failed == STATUS_TOO_LARGE;
    return !outcome->failed ? 0 : breaks ? 1 : status_info(outcome->failed)->exit_code;
}

static enum status print_one(struct cli *cli, const struct outcome *outcome, json_t *array,
                             struct error *err) {
    if (cli->output.json) {
        return json_array_append_new(array, projects_encode(outcome)) ? fail_no_memory(err)
                                                                      : STATUS_OK;
    }
    projects_print(cli, outcome);
    if (outcome->failed) {
        projects_print_fault(&cli->output, outcome);
    }
    return STATUS_OK;
}

static void print_summary(struct cli *cli, size_t good, size_t bad) {
    output_print(&cli->output, COLOR_NONE, "%zu can be published", good);
    output_print(&cli->output, bad ? COLOR_RED : COLOR_NONE, ", %zu cannot\n", bad);
}

static enum status check_all(struct cli *cli, const struct outcomes *outcomes, json_t *array,
                             struct error *err) {
    struct progress progress;
    size_t good = 0;
    size_t bad = 0;
    enum status failed = STATUS_OK;
    progress_init(&progress, &cli->output, outcomes->count);
    for (size_t i = 0; i < outcomes->count && !failed; i++) {
        struct outcome *outcome = &outcomes->items[i];
        scoped(buffer_done) struct buffer bytes;
        buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
        progress_step(&progress, outcome->project.path);
        failed = projects_read(cli, outcomes, outcome, &bytes, err);
        if (failed || projects_is_empty(outcome)) {
            continue;
        }
        int code = code_of(cli, outcome);
        cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
        good += !outcome->failed && !outcome->shadowed_by;
        bad += outcome->failed != STATUS_OK;
        progress_clear(&progress);
        failed = print_one(cli, outcome, array, err);
    }
    progress_clear(&progress);
    cli->exit_code = !failed && !good && !bad ? 1 : cli->exit_code;
    if (!failed && !cli->output.json && (good + bad != 1 || cli->options.all)) {
        print_summary(cli, good, bad);
    }
    return failed;
}

static enum status run(struct cli *cli, struct error *err) {
    struct outcomes outcomes = {0};
    scoped(cleanup_json) json_t *array = json_array();
    enum status failed = array ? projects_list(cli, &outcomes, err) : fail_no_memory(err);
    failed = failed ? failed : check_all(cli, &outcomes, array, err);
    return failed || !cli->output.json ? failed : output_json(&cli->output, take(array), err);
}

const struct command command_check = {
    .name = "check",
    .arguments = "PATH...",
    .min_arguments = 1,
    .summary = "Say what would be wrong with publishing a project",
    .description =
        "Each PATH is a wheel or sdist, a project with a pyproject.toml, or a plugin directory.\n"
        "Needs no registry, and runs nothing. Every finding names its file, member and line or "
        "its\n"
        "field, and what to do. With --all the arguments are roots, as those of walk.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  all of them can be published\n"
                  "1  at least one cannot, or there is none\n"
                  "2  there is nothing to publish at a PATH\n",
    .example = "registryctl check --strict dist/*.whl plugins/crm",
    .run = run,
};
