// SPDX-License-Identifier: MIT
// A change is a request of its own and not a part of a file's, so a token that may publish and not yank still brings
// the files over; what it could not do is reported. A change that was made adds no outcome: the counts are of files and
// releases.
#include "client/import/import_changes.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

static const char yank_reason[] = "yanked in the registry that this release came from";

// One change: where it goes, and what people see of it.
struct import_change {
    const char *method;
    const char *path;
    const char *shown;
    const struct statement_package *package;
    const char *version; // NULL: of the package
};

static enum status send(struct importing *importing, const struct import_change *change,
                        const json_t *body, json_t **ret_answer, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const char *text = arena && body ? json_encode_canonical(arena, body) : NULL;
    if (!text || !change->path) {
        return fail_no_memory(err);
    }
    struct findings findings;
    findings_init(&findings, arena);
    struct api_call call = {arena, importing->connection, &findings, importing->patience};
    struct fetch_request request = {
        .method = change->method, .path = change->path, .body = text_from(text)};
    return api_call_json(&call, &request, ret_answer, err);
}

static enum status add_outcome(struct importing *importing, const struct import_change *change,
                               enum import_word word, const struct error *why, struct error *err) {
    const struct import_outcome outcome = {
        .word = word,
        .shown = change->shown,
        .package = change->package->package,
        .version = change->version,
        .status = why->status,
        .code = why->status ? status_info(why->status)->wire_name : NULL,
        .message = why->status ? why->message : NULL,
    };
    return importing_add(importing, &outcome, err);
}

// Sends a change whose success is no outcome.
static enum status make_change(struct importing *importing, const struct import_change *change,
                               json_t *body, struct error *err) {
    scoped(cleanup_json) json_t *owned = body;
    scoped(cleanup_json) json_t *answer = NULL;
    struct error why = {0};
    if (importing->outcomes.final) {
        return STATUS_OK;
    }
    enum status status = send(importing, change, owned, &answer, &why);
    if (status == STATUS_NO_MEMORY || status == STATUS_INTERNAL) {
        return fail(err, status, why.where, "%s", why.message);
    }
    return status ? add_outcome(importing, change, IMPORT_REFUSED, &why, err) : STATUS_OK;
}

// ---- releases ----

static const char *release_path(struct arena *arena, const char *package, const char *version,
                                const char *rest) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, 4096);
    buffer_printf(&path, "/v1/packages/%s/releases/", package);
    api_call_add_encoded(&path, version);
    buffer_add_string(&path, rest);
    return path.failed ? NULL : arena_copy(arena, path.ptr, path.len);
}

enum status import_change_document(struct importing *importing,
                                   const struct statement_package *package,
                                   const struct statement_release *release, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct error why = {0};
    const struct import_change change = {
        .method = "PUT",
        .path = release_path(importing->arena, package->package, release->version, ""),
        .shown = arena_printf(importing->arena, "%s %s (metadata alone)", package->package,
                              release->version),
        .package = package,
        .version = release->version,
    };
    if (importing->outcomes.final) {
        return add_outcome(importing, &change, IMPORT_NOT_SENT, &why, err);
    }
    enum status status = send(importing, &change, release->document, &answer, &why);
    if (status == STATUS_NO_MEMORY || status == STATUS_INTERNAL) {
        return fail(err, status, why.where, "%s", why.message);
    }
    bool is_new = json_is_true(json_object_get(answer, "created"));
    return add_outcome(importing, &change,
                       status   ? IMPORT_REFUSED
                       : is_new ? IMPORT_ADDED
                                : IMPORT_UNCHANGED,
                       &why, err);
}

enum status import_change_yank(struct importing *importing, const struct statement_package *package,
                               const struct statement_release *release, struct error *err) {
    struct arena *arena = importing->arena;
    const char *reason = release->yanked_reason ? release->yanked_reason : yank_reason;
    const struct statement_release *known =
        importing_known_release(importing, package->package, release->version);
    if (known && known->is_yanked) {
        return STATUS_OK;
    }
    const struct import_change change = {
        .method = "POST",
        .path = release_path(arena, package->package, release->version, "/yank"),
        .shown = arena_printf(arena, "%s %s (yank)", package->package, release->version),
        .package = package,
        .version = release->version,
    };
    return make_change(importing, &change, json_pack("{s:s}", "reason", reason), err);
}

// ---- packages ----

enum status import_change_status(struct importing *importing,
                                 const struct statement_package *package, struct error *err) {
    const struct import_change change = {
        .method = "PUT",
        .path = arena_printf(importing->arena, "/v1/packages/%s/status", package->package),
        .shown = arena_printf(importing->arena, "%s (%s)", package->package, package->status),
        .package = package,
    };
    json_t *body = json_pack("{s:s,s:s?,s:s?}", "status", package->status, "reason",
                             package->status_reason, "replaced_by", package->replaced_by);
    return make_change(importing, &change, body, err);
}
