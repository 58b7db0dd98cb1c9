// SPDX-License-Identifier: MIT
// JSON of a few megabytes for thousands of packages, read whole. LIMIT_JSON_VALUES would hold an index of twenty
// thousand packages; larger ones are read with jansson's own bounds, because the file comes from this disk and its size
// is bounded.
#include "client/mirror/manifest.h"

#include "client/fs/rooted_dir.h"
#include "client/mirror/mirror_tree.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

enum { MANIFEST_BYTES_MAX = 256 * 1024 * 1024 };

static enum status fail_manifest(const char *folder, struct error *err) {
    return fail(err, STATUS_MALFORMED, folder,
                "The file \"" MIRROR_MANIFEST "\" is not that of an export");
}

static bool is_manifest(const json_t *json) {
    const char *kind = json_string_value(json_object_get(json, "kind"));
    return kind && strcmp(kind, "registryd-export") == 0 &&
           json_integer_value(json_object_get(json, "format")) == MANIFEST_FORMAT &&
           json_is_object(json_object_get(json, "packages")) &&
           json_is_object(json_object_get(json, "files")) &&
           json_is_string(json_object_get(json, "epoch"));
}

enum status manifest_load(struct arena *arena, const char *folder, const uint8_t *public_key,
                          json_t **ret_manifest, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    scoped(buffer_done) struct buffer bytes;
    scoped(cleanup_json) json_t *json = NULL;
    struct text line;
    buffer_init(&bytes, MANIFEST_BYTES_MAX);
    enum status status = rooted_dir_open(arena, folder, &dir, err);
    if (status) {
        return status;
    }
    status = rooted_dir_load(&dir, MIRROR_MANIFEST, &bytes, err);
    if (status) {
        return status;
    }
    status = signed_text_open((struct text){bytes.ptr, bytes.len}, public_key, &line, err);
    if (status) {
        return status == STATUS_MALFORMED ? fail_manifest(folder, err) : status;
    }
    json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    if (!is_manifest(json)) {
        return fail_manifest(folder, err);
    }
    *ret_manifest = take(json);
    return STATUS_OK;
}

const char *manifest_write(struct arena *arena, const json_t *manifest,
                           const struct signature_pair *pair) {
    const char *line = json_encode_canonical(arena, manifest);
    return line ? signed_text_make(arena, text_from(line), pair) : NULL;
}
