// SPDX-License-Identifier: MIT
// Reading and telling about projects (projects.h).
#include "client/cli/input/projects.h"

#include "client/walk/artifact_file.h"
#include "client/cli/input/places.h"
#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/json/json.h"

enum { WORD_WIDTH = 9 };

static enum status list_paths(struct cli *cli, struct outcomes *outcomes, struct error *err) {
    outcomes->count = cli->argument_count;
    outcomes->items = arena_array(cli->arena, outcomes->count, sizeof *outcomes->items);
    if (!outcomes->items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < outcomes->count; i++) {
        outcomes->items[i].project.path = cli->arguments[i];
        outcomes->items[i].is_artifact = artifact_file_is(cli->arguments[i]);
    }
    return STATUS_OK;
}

enum status projects_list(struct cli *cli, struct outcomes *ret_outcomes, struct error *err) {
    struct outcomes outcomes = {0};
    enum status failed =
        convention_choose(cli->arena, cli->options.convention, &outcomes.only, err);
    if (!failed) {
        failed =
            cli->options.all ? places_list(cli, &outcomes, err) : list_paths(cli, &outcomes, err);
    }
    if (failed) {
        return failed;
    }
    for (size_t i = 0; i < outcomes.count; i++) {
        outcomes.items[i].receipt.serial = -1;
        outcomes.items[i].word = "not sent";
        findings_init(&outcomes.items[i].project.findings, cli->arena);
    }
    *ret_outcomes = outcomes;
    return STATUS_OK;
}

static enum status read_project(struct cli *cli, const struct outcomes *outcomes,
                                struct outcome *outcome) {
    const struct plugin_dir *dir = outcome->dir;
    struct project_query query = {
        .path = dir ? dir->relative : outcome->project.path,
        .root = dir ? dir->root : NULL,
        .version = cli->options.release_version,
        .only = outcomes->only,
    };
    const char *path = outcome->project.path;
    if (dir && !dir->convention) {
        outcome->project.findings = dir->findings;
        return STATUS_OK;
    }
    enum status failed = project_read(cli->arena, &query, &outcome->project, &outcome->error);
    outcome->project.path = path;
    return failed;
}

bool projects_is_empty(const struct outcome *outcome) {
    const struct project *project = &outcome->project;
    return !outcome->failed && !outcome->is_artifact && !outcome->shadowed_by &&
           !findings_count(&project->findings, SEVERITY_ERROR) &&
           (!project->release || (outcome->dir && !project->release->entry_point_count));
}

enum status projects_read(struct cli *cli, const struct outcomes *outcomes, struct outcome *outcome,
                          struct buffer *bytes, struct error *err) {
    const char *path = outcome->project.path;
    if (outcome->shadowed_by) {
        outcome->word = "shadowed";
        return STATUS_OK;
    }
    outcome->failed = outcome->is_artifact
                          ? artifact_file_read(cli->arena, path, bytes, &outcome->project,
                                               &outcome->artifact, &outcome->error)
                          : read_project(cli, outcomes, outcome);
    if (outcome->failed == STATUS_NO_MEMORY || outcome->failed == STATUS_INTERNAL) {
        return fail(err, outcome->failed, outcome->error.where, "%s", outcome->error.message);
    }
    if (!outcome->failed && projects_is_empty(outcome)) {
        outcome->failed = outcome->dir ? STATUS_OK
                                       : fail(&outcome->error, STATUS_USAGE, path,
                                              "There is no plugin here to publish");
    } else if (!outcome->failed && !outcome->project.valid) {
        outcome->failed = fail(&outcome->error, STATUS_INVALID, path, "It breaks the rules");
    }
    outcome->word = outcome->failed ? "failed" : "ok";
    return STATUS_OK;
}

static const char *package_of(const struct outcome *outcome) {
    const struct project *project = &outcome->project;
    return project->valid     ? project->valid->normalized_name
           : project->release ? project->release->name
                              : NULL;
}

static const char *version_of(const struct outcome *outcome) {
    const struct project *project = &outcome->project;
    return project->valid     ? project->valid->normalized_version
           : project->release ? project->release->version
                              : NULL;
}

static json_t *encode_error(const struct outcome *outcome) {
    if (!outcome->failed) {
        return json_null();
    }
    const char *where = *outcome->error.where ? outcome->error.where : NULL;
    return json_pack("{s:s, s:o, s:o}", "code", status_info(outcome->failed)->wire_name, "where",
                     json_text(where), "message", json_text(outcome->error.message));
}

static bool add_artifact(json_t *object, const struct artifact *artifact) {
    char hex[DIGEST_HEX_SIZE];
    digest_hex(artifact->sha256, hex);
    return json_object_set_new(object, "filename", json_text(artifact->filename)) == 0 &&
           json_object_set_new(object, "size", json_integer((json_int_t)artifact->size)) == 0 &&
           json_object_set_new(object, "sha256", json_text(hex)) == 0;
}

json_t *projects_encode(const struct outcome *outcome) {
    const struct findings *findings = &outcome->project.findings;
    scoped(cleanup_json) json_t *object =
        json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "path", json_text(outcome->project.path),
                  "outcome", outcome->word, "package", json_text(package_of(outcome)), "version",
                  json_text(version_of(outcome)), "error", encode_error(outcome), "warnings",
                  findings_encode(findings, SEVERITY_WARNING), "errors",
                  findings_encode(findings, SEVERITY_ERROR));
    bool whole =
        object && (!outcome->artifact.filename || add_artifact(object, &outcome->artifact));
    return whole ? take(object) : NULL;
}

void projects_print(struct cli *cli, const struct outcome *outcome) {
    struct output *output = &cli->output;
    const char *package = output_text(output, package_of(outcome));
    const char *version = output_text(output, version_of(outcome));
    enum color color = outcome->failed        ? COLOR_RED
                       : outcome->shadowed_by ? COLOR_YELLOW
                                              : COLOR_GREEN;
    output_print(output, color, "%-*s", WORD_WIDTH, outcome->word);
    output_print(output, COLOR_BOLD, "  %s%s%s", package, *package ? " " : "", version);
    output_print(output, COLOR_DIM, "%s%s", *package || *version ? "  " : "",
                 output_text(output, outcome->project.path));
    output_print(output, COLOR_DIM, "%s%s\n", outcome->shadowed_by ? ", by " : "",
                 output_text(output, outcome->shadowed_by));
    if (!outcome->failed) {
        output_findings(output, &outcome->project.findings);
    }
}

void projects_print_fault(struct output *output, const struct outcome *outcome) {
    const struct findings *findings = &outcome->project.findings;
    if (!findings_count(findings, SEVERITY_ERROR)) {
        const char *where = *outcome->error.where ? outcome->error.where : outcome->project.path;
        bool token = outcome->failed == STATUS_UNAUTHORIZED;
        output_finding(output,
                       &(struct finding){
                           .severity = SEVERITY_ERROR,
                           .where = where,
                           .message = outcome->error.message,
                           .hint = token ? "Give a token that publishes with REGISTRYD_TOKEN; who "
                                           "administers the registry makes one: registryctl "
                                           "token create NAME --team TEAM --grant"
                                         : NULL});
    }
    output_findings(output, findings);
}
