// SPDX-License-Identifier: MIT
// The registry's statement about a package says which files it has, by hash. It is a hint alone: a file that it does
// not name is sent, and the registry decides. So neither an older registry, nor one that does not let the token read,
// is a failure here.
#include "client/import/import_known.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/snapshot/signed_text.h"

#include <string.h>

void import_known_done(struct import_known *known) {
    json_decref(known->json);
    arena_free(known->arena);
    *known = (struct import_known){0};
}

static void read_statement(struct import_known *known, struct text statement) {
    struct text line;
    if (signed_text_open(statement, NULL, &line, NULL)) {
        return;
    }
    known->json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    if (statement_read_package(known->arena, known->json, &known->package, NULL)) {
        known->package = (struct statement_package){0};
    }
}

enum status import_known_load(struct import_known *known, const struct api_call *call,
                              const char *package, struct error *err) {
    if (known->name && strcmp(known->name, package) == 0) {
        return STATUS_OK;
    }
    import_known_done(known);
    known->arena = arena_new(0);
    known->name = known->arena ? arena_strdup(known->arena, package) : NULL;
    const char *path =
        known->name ? arena_printf(known->arena, "/v1/packages/%s/statement", package) : NULL;
    if (!path) {
        return fail_no_memory(err);
    }
    struct fetch_answer answer = {0};
    struct api_call asking = {known->arena, call->connection, NULL, call->patience};
    struct fetch_request request = {.method = "GET",
                                    .path = path,
                                    .accept = "application/vnd.registryd.statement",
                                    .max_bytes = LIMIT_UPLOAD_BYTES};
    if (!api_call_bytes(&asking, &request, &answer, NULL)) {
        read_statement(known, answer.body);
    }
    return STATUS_OK;
}

const struct statement_release *import_known_release(const struct import_known *known,
                                                     const char *version) {
    for (size_t i = 0; i < known->package.release_count; i++) {
        if (strcmp(known->package.releases[i].version, version) == 0) {
            return &known->package.releases[i];
        }
    }
    return NULL;
}

bool import_known_has(const struct import_known *known, const char *filename, const char *sha256) {
    for (size_t i = 0; i < known->package.release_count; i++) {
        const struct statement_release *release = &known->package.releases[i];
        for (size_t j = 0; j < release->file_count; j++) {
            if (strcmp(release->files[j].filename, filename) == 0) {
                return strcmp(release->files[j].sha256, sha256) == 0;
            }
        }
    }
    return false;
}
