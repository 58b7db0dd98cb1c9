// SPDX-License-Identifier: MIT
// registryctl publish and check. Both read every PATH in the same way (input/projects.c), so that "check"
// finds what "publish" would find; publish then sends each one and keeps the registry's findings too. One
// invalid project does not stop the others; a registry that cannot be reached, or that refuses the token,
// does: the rest would fail in the same way and is reported as "not sent".
#include "client/cli/console/progress.h"
#include "client/cli/input/projects.h"
#include "client/cli/input/schema_files.h"
#include "client/pack/pack.h"
#include "client/remote/path_outcome.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

// ---- publish ----

struct publish_options {
    struct project_options project;
    const char *python; // that runs the build
    bool metadata_only; // no directory becomes a file
    bool build;         // by the backend of the project
};

static const struct option_row publish_rows[] = {
    PROJECT_ROWS(struct publish_options, project),
    {"--metadata-only", NULL, offsetof(struct publish_options, metadata_only),
     "Publish the metadata of a directory, without a file"},
    {"--build", NULL, offsetof(struct publish_options, build),
     "Run the build backend of a project, and publish its wheel"},
    {"--python", "PROGRAM", offsetof(struct publish_options, python),
     "Interpreter that runs the build; default \"python3\""},
};

struct publishing {
    struct cli *cli;
    struct connection connection;
    struct outcomes outcomes;
    struct progress progress;
    const struct outcome *last_sent;
    json_t *array;    // of the outcomes, for JSON
    size_t created;   // releases that are new
    size_t unchanged; // that were there already
    size_t shadowed;
    size_t failed; // told at the end
};

// Findings of the registry are added to our own, so that the user sees one list.
static enum status send_one(struct publishing *p, struct outcome *outcome,
                            const struct buffer *bytes, struct error *err) {
    struct fetch_progress progress = {progress_bytes, &p->progress};
    struct patience patience = {progress_wait, &p->progress};
    struct api_call call = {.arena = p->cli->arena,
                            .connection = &p->connection,
                            .patience = p->cli->global.no_wait ? NULL : &patience};
    struct publish_item item = {
        .project = &outcome->project,
        .artifact = outcome->is_artifact ? &outcome->artifact : NULL,
        .bytes = {bytes->ptr, bytes->len},
        .progress = &progress,
    };
    outcome->status = publish_item_send(&call, &item, &outcome->receipt, &outcome->error);
    enum status status = projects_locate(p->cli, &p->outcomes, outcome, err);
    if (status) {
        return status;
    }
    outcome->word = outcome->status            ? "failed"
                    : outcome->receipt.created ? "published"
                                               : "unchanged";
    p->last_sent = outcome;
    return STATUS_OK;
}

// Whether the next project would fail in the same way, so that it need not be sent.
static bool is_final(const struct outcome *last) {
    return last && (last->status == STATUS_UNREACHABLE || last->status == STATUS_TIMEOUT ||
                    last->status == STATUS_UNAUTHORIZED);
}

// Reads and sends one project. A problem of the project is in `outcome`; only what ends the command is
// returned.
static enum status publish_one(struct publishing *p, struct outcome *outcome, struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    enum status status = projects_read(p->cli, &p->outcomes, outcome, &bytes, err);
    if (status || outcome->status || outcome->shadowed_by || projects_is_empty(outcome)) {
        return status;
    }
    if (is_final(p->last_sent)) {
        outcome->status = p->last_sent->status;
        outcome->error = p->last_sent->error;
        outcome->word = "not sent";
        return STATUS_OK;
    }
    return send_one(p, outcome, &bytes, err);
}

static json_t *encode(const struct outcome *outcome) {
    scoped(cleanup_json) json_t *object = projects_encode(outcome);
    bool whole = path_outcome_add_receipt(object, &outcome->receipt, outcome->is_artifact);
    return whole ? take(object) : NULL;
}

// A release without a file can be resolved, and not installed.
static void print_missing_file(struct cli *cli, const struct outcome *outcome) {
    if (!outcome->status && !outcome->is_artifact && !outcome->shadowed_by) {
        output_print(&cli->output, COLOR_YELLOW, "           The release has no file yet");
        output_print(&cli->output, COLOR_NONE,
                     pack_maker_of(&outcome->project) == PACK_BY_BACKEND
                         ? ": build it with --build, or publish its wheel\n"
                         : "\n");
    }
}

static void print_published(struct publishing *p) {
    struct output *output = &p->cli->output;
    output_print(output, COLOR_NONE, "%zu published, %zu unchanged", p->created, p->unchanged);
    if (p->shadowed) {
        output_print(output, COLOR_YELLOW, ", %zu shadowed", p->shadowed);
    }
    output_print(output, p->failed ? COLOR_RED : COLOR_NONE, ", %zu failed\n", p->failed);
}

// Counts an outcome and prints it.
static enum status report_outcome(struct publishing *p, const struct outcome *outcome,
                                  struct error *err) {
    struct cli *cli = p->cli;
    int code = status_info(outcome->status)->exit_code;
    cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
    p->failed += outcome->status != STATUS_OK;
    p->shadowed += !outcome->status && outcome->shadowed_by;
    p->created += !outcome->status && outcome->receipt.created;
    p->unchanged += !outcome->status && !outcome->shadowed_by && !outcome->receipt.created;
    if (cli->output.json) {
        return json_array_append_new(p->array, encode(outcome)) ? fail_no_memory(err) : STATUS_OK;
    }
    progress_clear(&p->progress);
    projects_print(cli, outcome);
    print_missing_file(cli, outcome);
    return STATUS_OK;
}

// How directories become files: --metadata-only keeps them from it, and --build prefers a new file to those of an
// earlier build.
static enum status choose_files(struct publishing *p, struct error *err) {
    const struct publish_options *given = p->cli->options;
    if (given->metadata_only && given->build) {
        return fail(err, STATUS_USAGE, NULL, "Use --metadata-only or --build, not both");
    }
    p->outcomes.packs = !given->metadata_only;
    if (given->build) {
        p->outcomes.python = given->python ? given->python : "python3";
    }
    return given->metadata_only || given->build ? STATUS_OK
                                                : projects_find_built(p->cli, &p->outcomes, err);
}

// Prints all failures on standard error, in both formats, each under its path.
static void print_failures(struct cli *cli, const struct outcomes *outcomes) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome *outcome = &outcomes->items[i];
        if (outcome->status) {
            output_print(&errors, COLOR_NONE, "registryctl: %s was not published\n",
                         output_text(&errors, outcome->project.path));
            projects_print_errors(&errors, outcome);
        }
    }
    cli->output.no_memory |= errors.no_memory;
}

// With --all an exit code of 1 says that no plugin was found at all.
static enum status publish_all(struct publishing *p, struct error *err) {
    enum status status = STATUS_OK;
    progress_init(&p->progress, &p->cli->output, p->outcomes.count);
    for (size_t i = 0; i < p->outcomes.count && !status; i++) {
        struct outcome *outcome = &p->outcomes.items[i];
        progress_step(&p->progress, outcome->project.path);
        status = publish_one(p, outcome, err);
        if (!status && !projects_is_empty(outcome)) {
            status = report_outcome(p, outcome, err);
        }
    }
    progress_clear(&p->progress);
    size_t reported = p->created + p->unchanged + p->shadowed + p->failed;
    p->cli->exit_code = !status && !reported ? 1 : p->cli->exit_code;
    return status;
}

static enum status print_answer(struct publishing *p, struct error *err) {
    struct cli *cli = p->cli;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(p->array), err);
    }
    if (cli->argument_count > 1 || p->outcomes.options->all) {
        print_published(p);
    }
    return STATUS_OK;
}

// One path after the other. An unreachable registry ends the run, a refused project does not.
static enum status run_publish(struct cli *cli, struct error *err) {
    const struct publish_options *given = cli->options;
    scoped(cleanup_json) json_t *array = json_array();
    struct publishing publishing = {.cli = cli, .array = array};
    if (!array) {
        return fail_no_memory(err);
    }
    enum status status = command_connect(cli, &publishing.connection, err);
    if (status) {
        return status;
    }
    status = projects_list(cli, &given->project, &publishing.outcomes, err);
    if (status) {
        return status;
    }
    status = choose_files(&publishing, err);
    if (status) {
        return status;
    }
    status = publish_all(&publishing, err);
    if (status) {
        return status;
    }
    status = print_answer(&publishing, err);
    print_failures(cli, &publishing.outcomes); // also when standard output failed
    return status;
}

const struct command command_publish = {
    .name = "publish",
    .arguments = "PATH...",
    .min_arguments = 1,
    .lines = "outcome package version path filename serial error.message|error",
    .summary = "Publish artifacts, projects or plugin directories as releases",
    .description =
        "Each PATH is a wheel, an sdist, a project with a pyproject.toml, or a plugin directory.\n"
        "An artifact is uploaded unchanged. A plugin directory is packed as a wheel, as by "
        "\"pack\".\n"
        "Of a project, the files in its folder \"dist\" that are of its version are uploaded; "
        "with\n"
        "--build, its backend makes a wheel; else only its metadata is sent. A release is\n"
        "immutable: publishing the same content again changes nothing, and other content under\n"
        "the same version is refused. An invalid project does not stop the others. With --all,\n"
        "plugins that an earlier root shadows are left out. Requires a token that may publish,\n"
        "which an administrator creates:\n"
        "registryctl token create ci --team TEAM --prefix NAME --scope publish --grant\n"
        "Set it in REGISTRYD_TOKEN or use --token.",
    COMMAND_OPTIONS(publish_rows, struct publish_options),
    .exit_codes = "0  Every project is in the registry\n"
                  "1  No plugin was found under the roots (--all)\n"
                  "2  Nothing to publish at a PATH\n"
                  "3  A project is invalid, or the registry refused it\n"
                  "4  The registry cannot be reached\n",
    .example = "REGISTRYD_TOKEN=$(cat ci.token) registryctl publish dist/*.whl plugins/crm",
    .run = run_publish,
};

// ---- check ----

struct check_options {
    struct project_options project;
    const char *against; // address of a registry, or "configured"; NULL: none is asked
    struct words schemas;
    bool strict;
};

struct project_checking {
    struct cli *cli;
    struct connection connection;     // of --against
    struct asked_contracts contracts; // of --manifest-schema
    struct outcomes outcomes;
    struct progress progress;
    json_t *array; // of the outcomes, for JSON
    size_t good;
    size_t bad;
};

static const struct option_row check_rows[] = {
    PROJECT_ROWS(struct check_options, project),
    {"--strict", NULL, offsetof(struct check_options, strict), "Fail on warnings too"},
    {"--against", "URL", offsetof(struct check_options, against),
     "Ask this registry what publishing would answer; \"configured\": the usual"},
    SCHEMA_ROW(struct check_options, schemas),
};

// With --strict a warning fails the check.
static void apply_strict(const struct check_options *given, struct outcome *outcome) {
    size_t warnings = findings_count(&outcome->project.findings, SEVERITY_WARNING);
    if (!outcome->status && given->strict && warnings) {
        outcome->status = fail(&outcome->error, STATUS_INVALID, outcome->project.path,
                               "The project has warnings, and --strict is set.");
        outcome->word = "failed";
    }
}

// The exit code of one outcome. A path that cannot be read has a higher one than an invalid project.
static int code_of(const struct outcome *outcome) {
    bool is_invalid = outcome->status == STATUS_INVALID || outcome->status == STATUS_TOO_LARGE ||
                      outcome->status == STATUS_CONFLICT || outcome->status == STATUS_FORBIDDEN;
    return is_invalid ? 1 : status_info(outcome->status)->exit_code;
}

// The schemas of the command line. What is invalid already is not held against them.
static enum status hold_schemas(struct project_checking *checking, struct outcome *outcome,
                                struct error *err) {
    struct project *project = &outcome->project;
    size_t errors_before = project->findings.error_count;
    for (size_t i = 0; i < checking->contracts.count && project->valid; i++) {
        enum status status = contract_check(&checking->contracts.items[i], &project->valid->release,
                                            &project->findings, NULL);
        if (status == STATUS_NO_MEMORY) {
            return fail_no_memory(err);
        }
    }
    if (project->findings.error_count == errors_before) {
        return STATUS_OK;
    }
    outcome->status = fail(&outcome->error, STATUS_INVALID, project->path,
                           "The project breaks the schema of --manifest-schema.");
    outcome->word = "failed";
    return projects_locate(checking->cli, &checking->outcomes, outcome, err);
}

// Sends what publish would send, as a question. What is invalid already is not sent.
static enum status ask_registry(struct project_checking *checking, struct outcome *outcome,
                                const struct buffer *bytes, struct error *err) {
    struct fetch_progress progress = {progress_bytes, &checking->progress};
    struct api_call call = {.arena = checking->cli->arena, .connection = &checking->connection};
    struct publish_item item = {
        .project = &outcome->project,
        .artifact = outcome->is_artifact ? &outcome->artifact : NULL,
        .bytes = {bytes->ptr, bytes->len},
        .progress = &progress,
    };
    bool is_new = false;
    outcome->status = publish_item_check(&call, &item, &is_new, &outcome->error);
    enum status status = projects_locate(checking->cli, &checking->outcomes, outcome, err);
    if (status) {
        return status;
    }
    outcome->word = outcome->status ? "failed" : is_new ? "ok" : "unchanged";
    return STATUS_OK;
}

static enum status print_check(struct project_checking *checking, const struct outcome *outcome,
                               struct error *err) {
    struct cli *cli = checking->cli;
    progress_clear(&checking->progress);
    if (cli->output.json) {
        return json_array_append_new(checking->array, projects_encode(outcome))
                   ? fail_no_memory(err)
                   : STATUS_OK;
    }
    projects_print(cli, outcome);
    if (outcome->status) {
        projects_print_errors(&cli->output, outcome);
    }
    return STATUS_OK;
}

static void print_checked(const struct project_checking *checking) {
    struct output *output = &checking->cli->output;
    output_print(output, COLOR_NONE, "%zu can be published", checking->good);
    output_print(output, checking->bad ? COLOR_RED : COLOR_NONE, ", %zu cannot\n", checking->bad);
}

static enum status check_one(struct project_checking *checking, struct outcome *outcome,
                             struct error *err) {
    const struct check_options *given = checking->cli->options;
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    enum status status = projects_read(checking->cli, &checking->outcomes, outcome, &bytes, err);
    if (status || projects_is_empty(outcome)) {
        return status;
    }
    status = hold_schemas(checking, outcome, err);
    if (!status && given->against && !outcome->status && !outcome->shadowed_by) {
        status = ask_registry(checking, outcome, &bytes, err);
    }
    if (status) {
        return status;
    }
    apply_strict(given, outcome);
    int code = code_of(outcome);
    checking->cli->exit_code = code > checking->cli->exit_code ? code : checking->cli->exit_code;
    checking->good += !outcome->status && !outcome->shadowed_by;
    checking->bad += outcome->status != STATUS_OK;
    return print_check(checking, outcome, err);
}

// Every project is checked, whatever the others are; the exit code says whether all are good.
// Nothing found at all is a failure too: a wrong path must not pass a check in a build.
static enum status check_all(struct project_checking *checking, struct error *err) {
    struct cli *cli = checking->cli;
    const struct outcomes *outcomes = &checking->outcomes;
    enum status status = STATUS_OK;
    progress_init(&checking->progress, &cli->output, outcomes->count);
    for (size_t i = 0; i < outcomes->count && !status; i++) {
        progress_step(&checking->progress, outcomes->items[i].project.path);
        status = check_one(checking, &outcomes->items[i], err);
    }
    progress_clear(&checking->progress);
    cli->exit_code = !status && !checking->good && !checking->bad ? 1 : cli->exit_code;
    bool is_one = checking->good + checking->bad == 1 && !outcomes->options->all;
    if (!status && !cli->output.json && !is_one) {
        print_checked(checking);
    }
    return status;
}

// The registry to ask, and the files of projects that publish would send to it.
static enum status begin_asking(struct project_checking *checking, struct error *err) {
    const struct check_options *given = checking->cli->options;
    if (!given->against) {
        return STATUS_OK;
    }
    if (strcmp(given->against, "configured") != 0) {
        checking->cli->global.url = given->against;
    }
    enum status status = command_connect(checking->cli, &checking->connection, err);
    return status ? status : projects_find_built(checking->cli, &checking->outcomes, err);
}

static enum status run_check(struct cli *cli, struct error *err) {
    const struct check_options *given = cli->options;
    scoped(cleanup_json) json_t *array = json_array();
    struct project_checking checking = {.cli = cli, .array = array};
    if (!array) {
        return fail_no_memory(err);
    }
    enum status status = projects_list(cli, &given->project, &checking.outcomes, err);
    if (status) {
        return status;
    }
    checking.outcomes.packs = true;
    status = schema_files_parse(cli, &given->schemas, &checking.contracts, err);
    if (status) {
        return status;
    }
    status = begin_asking(&checking, err);
    if (status) {
        return status;
    }
    status = check_all(&checking, err);
    if (status || !cli->output.json) {
        return status;
    }
    return output_json(&cli->output, take(array), err);
}

const struct command command_check = {
    .name = "check",
    .arguments = "PATH...",
    .min_arguments = 1,
    .lines = "outcome package version path filename error.message|error",
    .summary = "Check whether a project can be published",
    .description =
        "Each PATH is a wheel, an sdist, a project with a pyproject.toml, or a plugin directory.\n"
        "Nothing is run. Every finding names the file, line or field, and says what to do. No\n"
        "registry is asked, unless --against names one: it then answers what \"publish\" of the\n"
        "same would answer (versions that are taken, names, rights of the token, contracts,\n"
        "limits), and stores nothing. A file needs a token that may publish it. A schema of\n"
        "--manifest-schema needs no registry.",
    COMMAND_OPTIONS(check_rows, struct check_options),
    .exit_codes = "0  Every project can be published\n"
                  "1  A project cannot be published, or no plugin was found (--all)\n"
                  "2  Nothing to publish at a PATH\n"
                  "3  The registry refused the token (--against)\n"
                  "4  The registry cannot be reached (--against)\n",
    .example = "registryctl check --strict --against configured dist/*.whl plugins/crm",
    .run = run_check,
};
