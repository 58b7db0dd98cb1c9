// SPDX-License-Identifier: MIT
// What a program changes in a registry: one request of the HTTP API, and the publishing of a path. Both
// give back an answer, the registry's JSON as it came. An answer also exists after a refusal, because a
// refusal may have more to say than the one message of an error: its findings.
//
// There is one call for all requests, not one call for each route: the routes are described once, in
// docs/HTTP.md, and a language binding (client/python) names what it needs of them.
#include "client/public/handle.h"
#include "client/public/handle_error.h"
#include "client/pack/pack.h"
#include "client/remote/path_outcome.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// ---- answers ----

struct answering {
    struct arena *arena; // taken by answer_new
    struct findings findings;
    const char *json; // NULL: the registry did not answer, or refused
};

// After answer_new the arena is NULL here, so nothing is freed that the caller now owns.
static void answering_done(struct answering *answering) {
    arena_free(answering->arena);
}

static enum status answering_init(struct answering *ret_answering, struct error *err) {
    *ret_answering = (struct answering){.arena = arena_new(0)};
    if (!ret_answering->arena) {
        return fail_no_memory(err);
    }
    findings_init(&ret_answering->findings, ret_answering->arena);
    return STATUS_OK;
}

// Takes the arena.
static enum status answer_new(struct answering *answering, struct registry_answer **ret_answer,
                              struct error *err) {
    struct registry_answer *answer = arena_alloc(answering->arena, sizeof *answer);
    struct registry_finding *findings = handle_findings(answering->arena, &answering->findings);
    if (!answer || !findings) {
        return fail_no_memory(err);
    }
    *answer = (struct registry_answer){
        .arena = take(answering->arena),
        .json = answering->json,
        .findings = findings,
        .finding_count = answering->findings.count,
    };
    *ret_answer = answer;
    return STATUS_OK;
}

// The answer of a call that ended with `status`, which stays the status of the call.
static enum status give_answer(struct answering *answering, enum status status,
                               struct registry_answer **ret_answer, struct error *err) {
    if (status == STATUS_NO_MEMORY || answering->findings.no_memory) {
        return fail_no_memory(err);
    }
    enum status made = answer_new(answering, ret_answer, err);
    return made ? made : status;
}

static enum status need_open(const struct registry *registry, struct error *err) {
    return registry ? STATUS_OK : fail(err, STATUS_USAGE, NULL, "An open registry is needed");
}

// ---- one request ----

// Checked here although the registry would refuse it: a wrong call is the program's fault (USAGE),
// and needs no network to be found.
static enum status check_request(const struct registry_request *request, struct error *err) {
    static const char *const methods[] = {"GET", "PUT", "POST", "PATCH", "DELETE"};
    bool is_known = false;
    for (size_t i = 0; request->method && i < COUNT_OF(methods); i++) {
        is_known |= strcmp(methods[i], request->method) == 0;
    }
    if (!is_known) {
        return fail(err, STATUS_USAGE, NULL,
                    "The method is \"%s\". Use GET, PUT, POST, PATCH or DELETE.",
                    request->method ? request->method : "");
    }
    if (!request->path || request->path[0] != '/') {
        return fail(err, STATUS_USAGE, NULL, "The path \"%s\" does not begin with \"/\".",
                    request->path ? request->path : "");
    }
    return STATUS_OK;
}

static enum status send_request(const struct registry *registry,
                                const struct registry_request *request, struct answering *answering,
                                struct error *err) {
    struct api_call call = {answering->arena, &registry->connection, &answering->findings};
    struct fetch_request sent = {
        .method = request->method,
        .path = request->path,
        .body = text_from(request->body),
        .if_match = request->if_match,
    };
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = api_call_json(&call, &sent, &json, err);
    if (status) {
        return status;
    }
    answering->json = json_encode_canonical(answering->arena, json);
    return answering->json ? STATUS_OK : fail_no_memory(err);
}

static enum status send(const struct registry *registry, const struct registry_request *request,
                        struct registry_answer **ret_answer, struct error *err) {
    scoped(answering_done) struct answering answering = {0};
    enum status status = need_open(registry, err);
    if (status) {
        return status;
    }
    status = check_request(request, err);
    if (status) {
        return status;
    }
    status = answering_init(&answering, err);
    if (status) {
        return status;
    }
    status = send_request(registry, request, &answering, err);
    return give_answer(&answering, status, ret_answer, err);
}

int registry_send(struct registry *registry, const struct registry_request *request,
                  struct registry_answer **ret, struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, send(registry, request, ret, &fault), &fault);
}

// ---- publishing a path ----

// One path, read, checked and sent.
struct publishing_path {
    const char *path;
    bool is_artifact;
    struct project project;
    struct artifact artifact;
    struct buffer bytes; // of the artifact
    struct receipt receipt;
};

static void publishing_path_done(struct publishing_path *publishing) {
    buffer_done(&publishing->bytes);
}

// A plugin directory is sent as its wheel, so that other machines can install it.
static enum status pack_path(struct arena *arena, const struct project_query *query,
                             struct publishing_path *publishing, struct error *err) {
    struct packed packed = {0};
    enum status status = pack_directory(arena, query, &publishing->bytes, &packed, err);
    if (status) {
        return status;
    }
    publishing->project = packed.project;
    publishing->artifact = packed.artifact;
    publishing->is_artifact = packed.artifact.filename;
    return STATUS_OK;
}

static enum status read_path(struct arena *arena, const struct registry_publication *given,
                             struct publishing_path *publishing, struct error *err) {
    struct project_query query = {.path = given->path, .version = given->version};
    enum status status = convention_choose(arena, given->convention, &query.only, err);
    if (status) {
        return status;
    }
    publishing->is_artifact = artifact_file_is(given->path);
    if (publishing->is_artifact) {
        return artifact_file_read(arena, given->path, &publishing->bytes, &publishing->project,
                                  &publishing->artifact, err);
    }
    status = project_read(arena, &query, &publishing->project, err);
    if (status || given->metadata_only || !publishing->project.valid ||
        pack_maker_of(&publishing->project) != PACK_BY_LAYOUT) {
        return status;
    }
    return pack_path(arena, &query, publishing, err);
}

// Nothing was found there: the path is wrong. Something was found and is not valid: the project is.
static enum status check_path(const struct publishing_path *publishing, struct error *err) {
    const struct project *project = &publishing->project;
    if (!project->release && !findings_count(&project->findings, SEVERITY_ERROR)) {
        return fail(err, STATUS_USAGE, publishing->path,
                    "Nothing to publish: there is no artifact, project or plugin here.");
    }
    return project->valid ? STATUS_OK
                          : fail(err, STATUS_INVALID, publishing->path, "The project is invalid.");
}

// Nothing invalid is ever sent. The registry applies the same rules again, as it trusts no client.
static enum status send_path(const struct registry *registry, struct arena *arena,
                             struct publishing_path *publishing, struct error *err) {
    enum status status = check_path(publishing, err);
    if (status) {
        return status;
    }
    struct api_call call = {.arena = arena, .connection = &registry->connection};
    struct publish_item item = {
        .project = &publishing->project,
        .artifact = publishing->is_artifact ? &publishing->artifact : NULL,
        .bytes = {publishing->bytes.ptr, publishing->bytes.len},
    };
    return publish_item_send(&call, &item, &publishing->receipt, err);
}

// The outcome as JSON, whatever it was.
static enum status encode_path(struct arena *arena, const struct publishing_path *publishing,
                               enum status outcome, const struct error *reason,
                               const char **ret_json) {
    struct path_outcome shown = {
        .path = publishing->path,
        .word = outcome                       ? "failed"
                : publishing->receipt.created ? "published"
                                              : "unchanged",
        .project = &publishing->project,
        .artifact = publishing->artifact.filename ? &publishing->artifact : NULL,
        .status = outcome,
        .error = reason,
    };
    scoped(cleanup_json) json_t *json = path_outcome_encode(&shown);
    bool is_artifact = publishing->is_artifact;
    const char *text = json && path_outcome_add_receipt(json, &publishing->receipt, is_artifact)
                           ? json_encode_canonical(arena, json)
                           : NULL;
    *ret_json = text;
    return text ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status read_and_send(const struct registry *registry,
                                 const struct registry_publication *given,
                                 const struct answering *answering,
                                 struct publishing_path *publishing, struct error *err) {
    enum status status = read_path(answering->arena, given, publishing, err);
    if (status) {
        return status;
    }
    status = send_path(registry, answering->arena, publishing, err);
    struct project_query query = {.path = given->path};
    struct findings *findings = &publishing->project.findings;
    return project_locate(answering->arena, &query, findings, NULL) ? fail_no_memory(err) : status;
}

// The answer is written for failures too: it holds the findings that say what to correct.
static enum status publish_path(const struct registry *registry,
                                const struct registry_publication *given,
                                struct answering *answering, struct error *err) {
    struct error reason = {0};
    scoped(publishing_path_done) struct publishing_path publishing = {.path = given->path,
                                                                      .receipt = {.serial = -1}};
    buffer_init(&publishing.bytes, LIMIT_UPLOAD_BYTES);
    findings_init(&publishing.project.findings, answering->arena);
    enum status status = read_and_send(registry, given, answering, &publishing, &reason);
    answering->findings = publishing.project.findings;
    if (encode_path(answering->arena, &publishing, status, &reason, &answering->json)) {
        return fail_no_memory(err);
    }
    return status ? fail(err, status, reason.where, "%s", reason.message) : STATUS_OK;
}

static enum status publish(const struct registry *registry,
                           const struct registry_publication *given,
                           struct registry_answer **ret_answer, struct error *err) {
    scoped(answering_done) struct answering answering = {0};
    enum status status = need_open(registry, err);
    if (status) {
        return status;
    }
    if (!given->path) {
        return fail(err, STATUS_USAGE, NULL, "A path to publish is needed");
    }
    status = answering_init(&answering, err);
    if (status) {
        return status;
    }
    status = publish_path(registry, given, &answering, err);
    return give_answer(&answering, status, ret_answer, err);
}

int registry_publish(struct registry *registry, const struct registry_publication *publication,
                     struct registry_answer **ret, struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, publish(registry, publication, ret, &fault), &fault);
}
