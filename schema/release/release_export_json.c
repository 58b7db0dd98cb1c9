// SPDX-License-Identifier: MIT
// The JSON of an export, in both directions. The command line asks for it once and writes the other forms
// itself, since it must also know what is missing to end with the right code.
#include "schema/release/release_export.h"

#include "schema/json/json.h"
#include "schema/base/list.h"

// ---- writing ----

static json_t *encode_files(const struct export_release *release) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < release->file_count; i++) {
        const struct export_file *file = &release->files[i];
        // clang-format off
        json_t *item = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I}",
                                 "filename", file->filename,
                                 "kind", file->kind,
                                 "url", file->url,
                                 "sha256", file->sha256,
                                 "uploaded_at", file->uploaded_at,
                                 "size", (json_int_t)file->size);
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_releases(const struct release_export *export) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < export->release_count; i++) {
        const struct export_release *release = &export->releases[i];
        // clang-format off
        json_t *item = json_pack("{s:s,s:s,s:o,s:o}",
                                 "package", release->package,
                                 "version", release->version,
                                 "requires_python", json_text(release->requires_python),
                                 "files", encode_files(release));
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_missing(const struct release_export *export) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < export->missing_count; i++) {
        const struct export_missing *missing = &export->missing[i];
        json_t *item = json_pack("{s:s,s:s,s:s}", "package", missing->package, "code",
                                 missing->code, "detail", missing->detail);
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

// null for an environment that is not frozen: the answer is then that of the moment.
static json_t *encode_lock(const struct export_lock *lock) {
    if (!lock->id) {
        return json_null();
    }
    return json_pack("{s:I,s:s,s:I,s:s,s:s}", "id", (json_int_t)lock->id, "environment",
                     lock->environment, "revision", (json_int_t)lock->revision, "made_at",
                     lock->made_at, "made_by", lock->made_by);
}

// One json_pack per object: an "o" that is NULL, for want of memory, makes the whole result NULL.
json_t *release_export_encode(const struct release_export *export) {
    // clang-format off
    return json_pack("{s:s,s:I,s:b,s:o,s:s,s:I,s:s,s:o,s:o,s:o,s:o}",
                     "environment", export->environment,
                     "revision", (json_int_t)export->revision,
                     "frozen", export->lock.id != 0,
                     "lock", encode_lock(&export->lock),
                     "epoch", export->epoch,
                     "serial", (json_int_t)export->serial,
                     "index", export->index,
                     "marker", json_text(export->marker),
                     "requires_python", json_text(export->requires_python),
                     "releases", encode_releases(export),
                     "missing", encode_missing(export));
    // clang-format on
}

// ---- reading ----

// Faults are collected and judged once, at the end: the document has one sender, and a single fault
// already means that it comes from something else than a registry.
struct export_reader {
    struct arena *arena;
    bool is_wrong;
    bool no_memory;
};

static const char *read_optional(struct export_reader *reader, const json_t *object,
                                 const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    const char *copy = text ? arena_strdup(reader->arena, text) : NULL;
    reader->no_memory = reader->no_memory || (text && !copy);
    return copy;
}

static const char *read_text(struct export_reader *reader, const json_t *object, const char *key) {
    const char *text = read_optional(reader, object, key);
    reader->is_wrong = reader->is_wrong || !text;
    return text;
}

// A missing number is 0, which stands for "not frozen" in the lock.
static int64_t read_number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

// The array of a member with room for its items; NULL and a mark after a failure.
static void *read_array(struct export_reader *reader, const json_t *array, size_t size) {
    void *items = arena_array(reader->arena, json_array_size(array) + 1, size);
    reader->is_wrong = reader->is_wrong || !json_is_array(array);
    reader->no_memory = reader->no_memory || !items;
    return items;
}

static const struct export_file *read_files(struct export_reader *reader, const json_t *array) {
    struct export_file *files = read_array(reader, array, sizeof *files);
    for (size_t i = 0; files && i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        files[i] = (struct export_file){
            .filename = read_text(reader, item, "filename"),
            .kind = read_text(reader, item, "kind"),
            .url = read_text(reader, item, "url"),
            .sha256 = read_text(reader, item, "sha256"),
            .uploaded_at = read_text(reader, item, "uploaded_at"),
            .size = read_number(item, "size"),
        };
    }
    return files;
}

static void read_releases(struct export_reader *reader, const json_t *array,
                          struct release_export *export) {
    export->releases = read_array(reader, array, sizeof *export->releases);
    for (size_t i = 0; export->releases && i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        const json_t *files = json_object_get(item, "files");
        export->releases[export->release_count++] = (struct export_release){
            .package = read_text(reader, item, "package"),
            .version = read_text(reader, item, "version"),
            .requires_python = read_optional(reader, item, "requires_python"),
            .files = read_files(reader, files),
            .file_count = json_array_size(files),
        };
    }
}

static void read_missing(struct export_reader *reader, const json_t *array,
                         struct release_export *export) {
    export->missing = read_array(reader, array, sizeof *export->missing);
    for (size_t i = 0; export->missing && i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        export->missing[export->missing_count++] = (struct export_missing){
            .package = read_text(reader, item, "package"),
            .code = read_text(reader, item, "code"),
            .detail = read_text(reader, item, "detail"),
        };
    }
}

static struct export_lock read_lock(struct export_reader *reader, const json_t *object) {
    return (struct export_lock){
        .id = read_number(object, "id"),
        .environment = read_optional(reader, object, "environment"),
        .revision = read_number(object, "revision"),
        .made_at = read_optional(reader, object, "made_at"),
        .made_by = read_optional(reader, object, "made_by"),
    };
}

enum status release_export_decode(struct arena *arena, const json_t *object,
                                  struct release_export *ret_export, struct error *err) {
    struct export_reader reader = {.arena = arena};
    struct release_export export = {
        .environment = read_text(&reader, object, "environment"),
        .revision = read_number(object, "revision"),
        .lock = read_lock(&reader, json_object_get(object, "lock")),
        .epoch = read_text(&reader, object, "epoch"),
        .serial = read_number(object, "serial"),
        .index = read_text(&reader, object, "index"),
        .marker = read_optional(&reader, object, "marker"),
        .requires_python = read_optional(&reader, object, "requires_python"),
    };
    read_releases(&reader, json_object_get(object, "releases"), &export);
    read_missing(&reader, json_object_get(object, "missing"), &export);
    if (reader.no_memory) {
        return fail_no_memory(err);
    }
    if (reader.is_wrong) {
        return fail(err, STATUS_MALFORMED, NULL, "The answer is not an export of an environment");
    }
    *ret_export = export;
    return STATUS_OK;
}
