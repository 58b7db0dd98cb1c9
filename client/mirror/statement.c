// SPDX-License-Identifier: MIT
// One table of members would need as many kinds as there are members here; the checks are few and stand where the
// member is read. A statement of a newer registry may have more members; another format number is refused.
#include "client/mirror/statement.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/packaging/name.h"

#include <string.h>

enum { FORMAT = 1, HEX_LEN = 64 };

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static enum status fail_member(const char *member, struct error *err) {
    return fail(err, STATUS_MALFORMED, member, "The statement of the registry cannot be read");
}

bool statement_is_plain(const char *text) {
    size_t len = text ? strlen(text) : 0;
    bool is_sound = len > 0 && len <= LIMIT_FILE_NAME_BYTES && is_alnum(text[0]);
    for (size_t i = 0; i < len && is_sound; i++) {
        is_sound = is_alnum(text[i]) || strchr("-_.+!", text[i]);
    }
    return is_sound;
}

bool statement_is_package(const char *name) {
    bool is_sound = name && *name && strlen(name) <= LIMIT_NAME_BYTES && is_alnum(name[0]);
    for (const char *p = name; is_sound && *p; p++) {
        is_sound = is_lower(*p) || is_digit(*p) || *p == '-';
    }
    return is_sound;
}

static bool is_hex(const char *text) {
    return text && strlen(text) == HEX_LEN && strspn(text, "0123456789abcdef") == HEX_LEN;
}

static bool has_kind(const json_t *json, const char *kind) {
    const char *found = text_of(json, "kind");
    return found && strcmp(found, kind) == 0 &&
           json_integer_value(json_object_get(json, "format")) == FORMAT;
}

// ---- a package ----

static enum status read_file(const json_t *json, struct statement_file *file, struct error *err) {
    const char *kind = text_of(json, "kind");
    const json_t *size = json_object_get(json, "size");
    *file = (struct statement_file){
        .filename = text_of(json, "filename"),
        .sha256 = text_of(json, "sha256"),
        .metadata_sha256 = text_of(json, "metadata_sha256"),
        .uploaded_at = text_of(json, "uploaded_at"),
        .requires_python = text_of(json, "requires_python"),
        .size = json_integer_value(size),
        .is_wheel = kind && strcmp(kind, "wheel") == 0,
    };
    bool is_sound = statement_is_plain(file->filename) && is_hex(file->sha256) && kind &&
                    file->size > 0 && is_hex(file->metadata_sha256) && file->uploaded_at;
    return is_sound ? STATUS_OK : fail_member("/releases/files", err);
}

static enum status read_release(struct arena *arena, const json_t *json,
                                struct statement_release *release, struct error *err) {
    const json_t *files = json_object_get(json, "files");
    const json_t *document = json_object_get(json, "document");
    *release = (struct statement_release){
        .version = text_of(json, "version"),
        .is_yanked = json_is_true(json_object_get(json, "yanked")),
        .yanked_reason = text_of(json, "yanked_reason"),
        .document = json_is_object(document) ? document : NULL,
        .file_count = json_array_size(files),
    };
    release->files = arena_array(arena, release->file_count + 1, sizeof *release->files);
    if (!release->files) {
        return fail_no_memory(err);
    }
    if (!statement_is_plain(release->version) || !json_is_array(files)) {
        return fail_member("/releases", err);
    }
    for (size_t i = 0; i < release->file_count; i++) {
        enum status status = read_file(json_array_get(files, i), &release->files[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status statement_read_package(struct arena *arena, const json_t *json,
                                   struct statement_package *ret_package, struct error *err) {
    const json_t *releases = json_object_get(json, "releases");
    struct statement_package package = {
        .package = text_of(json, "package"),
        .status = text_of(json, "status"),
        .status_reason = text_of(json, "status_reason"),
        .replaced_by = text_of(json, "replaced_by"),
        .epoch = text_of(json, "epoch"),
        .serial = json_integer_value(json_object_get(json, "serial")),
        .release_count = json_array_size(releases),
    };
    if (!has_kind(json, "registryd-package") || !statement_is_package(package.package) ||
        !package.status || !package.epoch || !json_is_array(releases)) {
        return fail_member(NULL, err);
    }
    package.releases = arena_array(arena, package.release_count + 1, sizeof *package.releases);
    if (!package.releases) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < package.release_count; i++) {
        enum status status =
            read_release(arena, json_array_get(releases, i), &package.releases[i], err);
        if (status) {
            return status;
        }
    }
    *ret_package = package;
    return STATUS_OK;
}

// ---- the index ----

enum status statement_read_index(struct arena *arena, const json_t *json,
                                 struct statement_index *ret_index, struct error *err) {
    const json_t *packages = json_object_get(json, "packages");
    struct statement_index index = {
        .epoch = text_of(json, "epoch"),
        .serial = json_integer_value(json_object_get(json, "serial")),
        .count = json_array_size(packages),
    };
    if (!has_kind(json, "registryd-index") || !index.epoch || !json_is_array(packages)) {
        return fail_member(NULL, err);
    }
    index.items = arena_array(arena, index.count + 1, sizeof *index.items);
    if (!index.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < index.count; i++) {
        const json_t *item = json_array_get(packages, i);
        index.items[i] = (struct statement_entry){
            text_of(item, "package"), json_integer_value(json_object_get(item, "serial"))};
        if (!statement_is_package(index.items[i].package)) {
            return fail_member("/packages", err);
        }
    }
    *ret_index = index;
    return STATUS_OK;
}
