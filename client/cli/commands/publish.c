// SPDX-License-Identifier: MIT
// registryctl publish PATH...
#include "client/cli/console/progress.h"
#include "client/cli/input/projects.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static const struct option_row options[] = {
    {"--version", "VERSION", offsetof(struct options, release_version),
     "for a project that declares none"},
    {"--all", NULL, offsetof(struct options, all),
     "the arguments are roots: every plugin under them"},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (each plugin by its mark), one convention, or a declaration's file"},
};

struct publishing {
    struct cli *cli;
    struct connection connection;
    struct outcomes outcomes;
    struct progress progress;
    const struct outcome *last_sent;
    json_t *array; // of the outcomes, for JSON
    size_t created;
    size_t unchanged;
    size_t shadowed;
    size_t failed;
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

static enum status send_bytes(struct publishing *p, const struct api_call *call,
                              struct outcome *outcome, const struct buffer *bytes) {
    char hex[DIGEST_HEX_SIZE];
    struct fetch_progress progress = {progress_bytes, &p->progress};
    struct upload upload = {
        .filename = outcome->artifact.filename,
        .bytes = {bytes->ptr, bytes->len},
        .sha256 = hex,
        .progress = &progress,
    };
    digest_hex(outcome->artifact.sha256, hex);
    return publish_upload(call, outcome->project.valid, &upload, &outcome->receipt,
                          &outcome->error);
}

static enum status send_one(struct publishing *p, struct outcome *outcome,
                            const struct buffer *bytes, struct error *err) {
    struct findings answered;
    findings_init(&answered, p->cli->arena);
    struct api_call call = {p->cli->arena, &p->connection, &answered};
    outcome->failed = outcome->is_artifact ? send_bytes(p, &call, outcome, bytes)
                                           : publish_send(&call, outcome->project.valid,
                                                          &outcome->receipt, &outcome->error);
    if (outcome->failed == STATUS_NO_MEMORY || answered.no_memory) {
        return fail_no_memory(err);
    }
    add_findings(&outcome->project.findings, &answered);
    outcome->word = outcome->failed            ? "failed"
                    : outcome->receipt.created ? "published"
                                               : "unchanged";
    p->last_sent = outcome;
    return STATUS_OK;
}

// Whether the next would fail in the same way: then it is not tried.
static bool is_final(const struct outcome *last) {
    return last && (last->failed == STATUS_UNREACHABLE || last->failed == STATUS_TIMEOUT ||
                    last->failed == STATUS_UNAUTHORIZED);
}

static enum status publish_one(struct publishing *p, struct outcome *outcome, struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    enum status failed = projects_read(p->cli, &p->outcomes, outcome, &bytes, err);
    if (failed || outcome->failed || outcome->shadowed_by || projects_is_empty(outcome)) {
        return failed;
    }
    if (is_final(p->last_sent)) {
        outcome->failed = p->last_sent->failed;
        outcome->error = p->last_sent->error;
        outcome->word = "not sent";
        return STATUS_OK;
    }
    return send_one(p, outcome, &bytes, err);
}

static json_t *encode(const struct outcome *outcome) {
    json_t *object = projects_encode(outcome);
    const struct receipt *receipt = &outcome->receipt;
    json_t *serial = receipt->serial < 0 ? json_null() : json_integer(receipt->serial);
    if (json_object_set_new(object, "serial", serial) ||
        json_object_set_new(object, "epoch", json_text(receipt->epoch)) ||
        (outcome->is_artifact && json_object_set_new(object, "url", json_text(receipt->url)))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static void print_summary(struct publishing *p) {
    struct output *output = &p->cli->output;
    output_print(output, COLOR_NONE, "%zu published, %zu unchanged", p->created, p->unchanged);
    if (p->shadowed) {
        output_print(output, COLOR_YELLOW, ", %zu shadowed", p->shadowed);
    }
    output_print(output, p->failed ? COLOR_RED : COLOR_NONE, ", %zu failed\n", p->failed);
}

// Counts an outcome and tells it.
static enum status tell(struct publishing *p, const struct outcome *outcome, struct error *err) {
    struct cli *cli = p->cli;
    int code = status_info(outcome->failed)->exit_code;
    cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
    p->failed += outcome->failed != STATUS_OK;
    p->shadowed += !outcome->failed && outcome->shadowed_by;
    p->created += !outcome->failed && outcome->receipt.created;
    p->unchanged += !outcome->failed && !outcome->shadowed_by && !outcome->receipt.created;
    if (cli->output.json) {
        return json_array_append_new(p->array, encode(outcome)) ? fail_no_memory(err) : STATUS_OK;
    }
    progress_clear(&p->progress);
    projects_print(cli, outcome);
    return STATUS_OK;
}

// Failures go to standard error in both formats, each under the path it belongs to.
static void print_faults(struct cli *cli, const struct outcomes *outcomes) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome *outcome = &outcomes->items[i];
        if (outcome->failed) {
            output_print(&errors, COLOR_NONE, "registryctl: %s was not published\n",
                         output_text(&errors, outcome->project.path));
            projects_print_fault(&errors, outcome);
        }
    }
    cli->output.no_memory |= errors.no_memory;
}

static enum status publish_all(struct publishing *p, struct error *err) {
    enum status failed = STATUS_OK;
    progress_init(&p->progress, &p->cli->output, p->outcomes.count);
    for (size_t i = 0; i < p->outcomes.count && !failed; i++) {
        struct outcome *outcome = &p->outcomes.items[i];
        progress_step(&p->progress, outcome->project.path);
        failed = publish_one(p, outcome, err);
        if (!failed && !projects_is_empty(outcome)) {
            failed = tell(p, outcome, err);
        }
    }
    progress_clear(&p->progress);
    size_t told = p->created + p->unchanged + p->shadowed + p->failed;
    p->cli->exit_code = !failed && !told ? 1 : p->cli->exit_code;
    return failed;
}

static enum status run(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *array = json_array();
    struct publishing publishing = {.cli = cli, .array = array};
    enum status failed =
        array ? command_connect(cli, &publishing.connection, err) : fail_no_memory(err);
    failed = failed ? failed : projects_list(cli, &publishing.outcomes, err);
    failed = failed ? failed : publish_all(&publishing, err);
    if (failed) {
        return failed;
    }
    if (cli->output.json) {
        failed = output_json(&cli->output, take(array), err);
    } else if (cli->argument_count > 1 || cli->options.all) {
        print_summary(&publishing);
    }
    print_faults(cli, &publishing.outcomes);
    return failed;
}

const struct command command_publish = {
    .name = "publish",
    .arguments = "PATH...",
    .min_arguments = 1,
    .summary = "Publish artifacts, projects or plugin directories as releases",
    .description =
        "Each PATH is a wheel or sdist, a project with a pyproject.toml, or a plugin directory.\n"
        "Artifacts are sent as they are, of the others what they declare. Nothing is built or "
        "run.\n"
        "With --all the arguments are roots, as those of walk, and every plugin under them is\n"
        "published; what an earlier root shadows is left out, as a host would leave it out.\n"
        "A release is immutable: publishing the same again changes nothing, other content under\n"
        "the same version is refused. A bad project does not stop the others.\n"
        "Needs a token: REGISTRYD_TOKEN or --token.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  every project is in the registry now\n"
                  "1  there is no plugin under the roots, with --all\n"
                  "2  there is nothing to publish at a PATH\n"
                  "3  a project breaks a rule, or the registry refused it\n"
                  "4  the registry is out of reach\n",
    .example = "REGISTRYD_TOKEN=$(cat admin.token) registryctl publish dist/*.whl plugins/crm",
    .run = run,
};
