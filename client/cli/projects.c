// SPDX-License-Identifier: MIT
// Reading and telling about projects (projects.h).
#include "client/cli/projects.h"

#include "schema/json.h"

enum { WORD_WIDTH = 9 };

static enum status read_one(struct cli *cli, const char *path, struct outcome *ret_outcome,
                            struct error *err) {
    struct outcome outcome = {.word = "ok", .project.path = path, .receipt.serial = -1};
    findings_init(&outcome.project.findings, cli->arena);
    outcome.failed = project_read(cli->arena, path, cli->options.release_version, &outcome.project,
                                  &outcome.error);
    if (outcome.failed == STATUS_NO_MEMORY || outcome.failed == STATUS_INTERNAL) {
        return fail(err, outcome.failed, outcome.error.where, "%s", outcome.error.message);
    }
    if (!outcome.failed && !outcome.project.valid) {
        outcome.failed = fail(&outcome.error, STATUS_INVALID, path, "It breaks the rules");
    }
    outcome.word = outcome.failed ? "failed" : "ok";
    *ret_outcome = outcome;
    return STATUS_OK;
}

enum status projects_read(struct cli *cli, struct outcome **ret_outcomes, struct error *err) {
    struct outcome *outcomes = arena_array(cli->arena, cli->argument_count, sizeof *outcomes);
    if (!outcomes) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        enum status failed = read_one(cli, cli->arguments[i], &outcomes[i], err);
        if (failed) {
            return failed;
        }
    }
    *ret_outcomes = outcomes;
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

json_t *projects_encode(const struct outcome *outcome) {
    const struct findings *findings = &outcome->project.findings;
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "path",
                     json_text(outcome->project.path), "outcome", outcome->word, "package",
                     json_text(package_of(outcome)), "version", json_text(version_of(outcome)),
                     "error", encode_error(outcome), "warnings",
                     findings_encode(findings, SEVERITY_WARNING), "errors",
                     findings_encode(findings, SEVERITY_ERROR));
}

void projects_print(struct cli *cli, const struct outcome *outcome) {
    struct output *output = &cli->output;
    const char *package = output_text(output, package_of(outcome));
    const char *version = output_text(output, version_of(outcome));
    output_print(output, outcome->failed ? COLOR_RED : COLOR_GREEN, "%-*s", WORD_WIDTH,
                 outcome->word);
    output_print(output, COLOR_BOLD, "  %s%s%s", package, *package ? " " : "", version);
    output_print(output, COLOR_DIM, "%s%s\n", *package || *version ? "  " : "",
                 output_text(output, outcome->project.path));
    if (!outcome->failed) {
        output_findings(output, &outcome->project.findings);
    }
}

void projects_print_fault(struct output *output, const struct outcome *outcome) {
    const struct findings *findings = &outcome->project.findings;
    if (!findings_count(findings, SEVERITY_ERROR)) {
        const char *where = *outcome->error.where ? outcome->error.where : outcome->project.path;
        output_finding(output, &(struct finding){.severity = SEVERITY_ERROR,
                                                 .where = where,
                                                 .message = outcome->error.message});
    }
    output_findings(output, findings);
}
