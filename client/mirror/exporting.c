// SPDX-License-Identifier: MIT
// Whatever an export writes goes through exporting_put, so that no file is in the tree without its line in the
// manifest; what is not named there is removed at the end.
#include "client/mirror/exporting.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"

#include <string.h>

enum {
    LARGE_FILE_BYTES = 64 * 1024 * 1024
}; // what the deadline of a download has to be enough for

void exporting_done(struct exporting *exporting) {
    mirror_tree_close(&exporting->tree);
    json_decref(exporting->old);
    json_decref(exporting->manifest);
    json_decref(exporting->requirements);
}

enum status exporting_get(struct exporting *exporting, struct arena *arena, const char *path,
                          struct text *ret_bytes, struct error *err) {
    const struct export_query *query = exporting->query;
    bool is_file = strncmp(path, "/files/", 7) == 0;
    struct fetch_answer answer = {0};
    struct api_call call = {
        .arena = arena, .connection = query->connection, .patience = query->patience};
    struct fetch_request request = {.method = "GET",
                                    .path = path,
                                    .accept = "*/*",
                                    .max_bytes = LIMIT_UPLOAD_BYTES,
                                    .expected_bytes = is_file ? LARGE_FILE_BYTES : 0,
                                    .is_plain = true,
                                    .is_file = is_file};
    enum status status = api_call_bytes(&call, &request, &answer, err);
    if (status) {
        return status;
    }
    *ret_bytes = answer.body;
    return STATUS_OK;
}

enum status exporting_note(struct exporting *exporting, const char *package, const char *path,
                           const char *sha256, int64_t size, struct error *err) {
    json_t *entry = json_pack("{s:s,s:I}", "sha256", sha256, "size", (json_int_t)size);
    json_t *held = package ? json_object_get(exporting->packages, package) : NULL;
    json_t *paths = json_object_get(held, "files");
    bool no_memory = json_object_set_new(exporting->files, path, entry) != 0 ||
                     (paths && json_array_append_new(paths, json_string(path)) != 0);
    return no_memory ? fail_no_memory(err) : STATUS_OK;
}

enum status exporting_put(struct exporting *exporting, const char *package, const char *path,
                          struct text bytes, struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(bytes.ptr, bytes.len, digest);
    digest_hex(digest, hex);
    enum status status = mirror_tree_put(&exporting->tree, path, bytes, err);
    return status ? status : exporting_note(exporting, package, path, hex, (int64_t)bytes.len, err);
}
