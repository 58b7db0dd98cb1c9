// SPDX-License-Identifier: MIT
// Each file is read into an arena of its own and sent, so that thousands of files need the memory of one; only the
// outcome is copied to the arena of the import. A refused file does not stop the others. Sending is idempotent, and so
// an import that ended early is simply run again.
#include "client/import/import_file.h"

#include "client/remote/path_outcome.h"
#include "client/remote/publish.h"
#include "client/walk/artifact_file.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <assert.h>
#include <string.h>

static const char *const words[] = {
    [IMPORT_NOT_SENT] = "not sent", [IMPORT_ADDED] = "added",     [IMPORT_UNCHANGED] = "unchanged",
    [IMPORT_LEFT_OUT] = "left out", [IMPORT_REFUSED] = "refused",
};
static_assert(COUNT_OF(words) == IMPORT_WORD_COUNT, "a name for every word");

const char *import_word_name(enum import_word word) {
    return words[word];
}

// ---- outcomes ----

static const char *keep(struct arena *arena, const char *text, bool *no_memory) {
    const char *copy = arena_strdup(arena, text);
    *no_memory |= text && !copy;
    return copy;
}

// What would fail for every other file, too.
static bool is_final(enum status status) {
    return status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT ||
           status == STATUS_UNAUTHORIZED || status == STATUS_UNAVAILABLE;
}

void importing_end_on(struct importing *importing, enum status status) {
    importing->outcomes.final = is_final(status) ? status : importing->outcomes.final;
}

enum status importing_add(struct importing *importing, const struct import_outcome *outcome,
                          struct error *err) {
    struct import_outcomes *all = &importing->outcomes;
    struct import_outcome *grown =
        list_grow(importing->arena, all->items, all->count, &all->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    bool no_memory = false;
    all->items = grown;
    struct import_outcome *kept = &all->items[all->count];
    *kept = *outcome;
    kept->shown = keep(importing->arena, outcome->shown, &no_memory);
    kept->package = keep(importing->arena, outcome->package, &no_memory);
    kept->version = keep(importing->arena, outcome->version, &no_memory);
    kept->code = keep(importing->arena, outcome->code, &no_memory);
    kept->message = keep(importing->arena, outcome->message, &no_memory);
    if (no_memory) {
        return fail_no_memory(err);
    }
    all->count++;
    all->counts[outcome->word]++;
    int code = status_info(outcome->status)->exit_code;
    all->exit_code = code > all->exit_code ? code : all->exit_code;
    return STATUS_OK;
}

// ---- one file ----

// The first error of the findings says more than the status they led to.
static void explain(const struct findings *findings, const struct error *why,
                    struct import_outcome *outcome) {
    outcome->word = IMPORT_REFUSED;
    outcome->status = why->status;
    outcome->code = status_info(why->status)->wire_name;
    outcome->message = why->message;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].severity == SEVERITY_ERROR) {
            outcome->code = findings->items[i].code;
            outcome->message = findings->items[i].message;
            return;
        }
    }
}

static bool has_group(const struct release *release, const struct strings *groups) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        for (size_t j = 0; j < groups->count; j++) {
            if (strcmp(release->entry_points[i].group, groups->items[j]) == 0) {
                return true;
            }
        }
    }
    return groups->count == 0;
}

// One file while it is worked on. The arena is reset with it.
struct file_import {
    struct arena *arena;
    const struct import_item *item;
    struct project project;
    struct artifact artifact;
    struct buffer bytes;
    char sha256[DIGEST_HEX_SIZE];
};

// Reads and checks the file; *err is why it is refused.
static enum status read_file(struct file_import *file, struct error *err) {
    const struct import_item *item = file->item;
    enum status status = artifact_file_read(file->arena, item->path, &file->bytes, &file->project,
                                            &file->artifact, err);
    if (status) {
        return status;
    }
    if (!file->project.valid) {
        return fail(err, STATUS_INVALID, NULL, "The file is invalid");
    }
    if (item->package && strcmp(item->package, file->project.valid->normalized_name) != 0) {
        return fail(err, STATUS_INVALID, NULL,
                    "The file is one of the package \"%s\", and not of \"%s\"",
                    file->project.valid->normalized_name, item->package);
    }
    digest_hex(file->artifact.sha256, file->sha256);
    if (item->sha256 && strcmp(item->sha256, file->sha256) != 0) {
        return fail(
            err, STATUS_INVALID, NULL,
            "The file has the SHA-256 %s, but %s was expected. It was altered or is damaged",
            file->sha256, item->sha256);
    }
    return STATUS_OK;
}

// Whether the registry has the file, by its statement about the package.
static enum status is_there(struct importing *importing, const struct file_import *file,
                            bool *ret_is_there, struct error *err) {
    const struct api_call call = {.connection = importing->connection,
                                  .patience = importing->patience};
    enum status status =
        import_known_load(&importing->known, &call, file->project.valid->normalized_name, err);
    *ret_is_there =
        !status && import_known_has(&importing->known, file->artifact.filename, file->sha256);
    return status;
}

static enum status send_file(struct importing *importing, struct file_import *file,
                             struct import_outcome *outcome, struct error *err) {
    struct receipt receipt;
    struct api_call call = {.arena = file->arena,
                            .connection = importing->connection,
                            .findings = &file->project.findings,
                            .patience = importing->patience};
    struct upload upload = {
        .filename = file->artifact.filename,
        .bytes = {file->bytes.ptr, file->bytes.len},
        .sha256 = file->sha256,
        .uploaded_at = importing->keeps_times ? file->item->uploaded_at : NULL,
        .progress = importing->progress,
    };
    struct error fault = {0};
    enum status status = publish_upload(&call, file->project.valid, &upload, &receipt, &fault);
    // The right may be granted for other names alone; the file is worth more than its time.
    if (status == STATUS_FORBIDDEN && strcmp(fault.where, "?uploaded_at") == 0) {
        upload.uploaded_at = NULL;
        status = publish_upload(&call, file->project.valid, &upload, &receipt, &fault);
    }
    if (status) {
        return fail(err, status, fault.where, "%s", fault.message);
    }
    outcome->word = receipt.created ? IMPORT_ADDED : IMPORT_UNCHANGED;
    return STATUS_OK;
}

// The outcome's texts are those of the file, and of *why.
static enum status work(struct importing *importing, struct file_import *file,
                        struct import_outcome *outcome, struct error *why) {
    enum status status = read_file(file, why);
    outcome->package = path_outcome_package(&file->project);
    outcome->version = path_outcome_version(&file->project);
    if (status) {
        return status;
    }
    if (!has_group(&file->project.valid->release, &importing->groups)) {
        outcome->word = IMPORT_LEFT_OUT;
        return STATUS_OK;
    }
    bool is_known = false;
    status = is_there(importing, file, &is_known, why);
    if (is_known) {
        outcome->word = IMPORT_UNCHANGED;
        return STATUS_OK;
    }
    return status ? status : send_file(importing, file, outcome, why);
}

enum status importing_send(struct importing *importing, const struct import_item *item,
                           struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct import_outcome outcome = {.shown = item->shown ? item->shown : item->path};
    struct file_import file = {.arena = arena, .item = item};
    struct error why = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    if (importing->outcomes.final) {
        return importing_add(importing, &outcome, err);
    }
    findings_init(&file.project.findings, arena);
    buffer_init(&file.bytes, LIMIT_UPLOAD_BYTES);
    enum status status = work(importing, &file, &outcome, &why);
    buffer_done(&file.bytes);
    if (status == STATUS_NO_MEMORY || status == STATUS_INTERNAL) {
        return fail(err, status, why.where, "%s", why.message);
    }
    if (status) {
        explain(&file.project.findings, &why, &outcome);
        importing_end_on(importing, status);
    }
    return importing_add(importing, &outcome, err);
}

void importing_done(struct importing *importing) {
    import_known_done(&importing->known);
}

const struct statement_release *importing_known_release(struct importing *importing,
                                                        const char *package, const char *version) {
    bool is_asked = importing->known.name && strcmp(importing->known.name, package) == 0;
    return is_asked ? import_known_release(&importing->known, version) : NULL;
}

// ---- the right to keep times ----

static bool has_scope(const json_t *token, const char *scope) {
    const json_t *scopes = json_object_get(token, "scopes");
    const json_t *grants = json_object_get(token, "grants");
    bool is_asked = false;
    bool is_granted = false;
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        const char *text = json_string_value(json_array_get(scopes, i));
        is_asked |= text && strcmp(text, scope) == 0;
    }
    for (size_t i = 0; i < json_array_size(grants); i++) {
        const char *text = json_string_value(json_object_get(json_array_get(grants, i), "scope"));
        is_granted |= text && strcmp(text, scope) == 0;
    }
    return is_asked && is_granted;
}

enum status importing_ask_times(struct importing *importing, struct error *err) {
    scoped(cleanup_json) json_t *token = NULL;
    struct api_call call = {.arena = importing->arena,
                            .connection = importing->connection,
                            .patience = importing->patience};
    struct fetch_request request = {.method = "GET", .path = "/v1/token"};
    enum status status = api_call_json(&call, &request, &token, err);
    if (status) {
        return status;
    }
    importing->keeps_times = has_scope(token, "import");
    return STATUS_OK;
}
