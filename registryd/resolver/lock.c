// SPDX-License-Identifier: MIT
// Locks as text and back. The records are written as every answer writes them and read as a client reads
// them, so a lock holds whatever a record may hold. Written by the thread of the request that freezes; read
// where an environment comes into memory.
#include "registryd/resolver/lock.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Releases are sorted by package, and a lock has one release of each.
const struct locked_release *lock_find(const struct lock *lock, const char *package) {
    size_t low = 0;
    size_t high = lock->release_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(package, lock->releases[middle].package);
        if (!order) {
            return &lock->releases[middle];
        }
        *(order < 0 ? &high : &low) = order < 0 ? middle : middle + 1;
    }
    return NULL;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// A wheel may have several tags ("py2-none-any py3-none-any"). One that the host has is enough.
bool locked_file_fits(const struct locked_file *file, const struct host_tags *tags) {
    struct text rest = text_from(file->tags);
    struct text tag;
    bool is_wheel = strcmp(file->kind, "wheel") == 0;
    while (is_wheel && tags->count && text_split(&rest, ' ', &tag)) {
        char name[LIMIT_FILE_NAME_BYTES + 1];
        snprintf(name, sizeof name, "%.*s", (int)tag.len, tag.ptr);
        const char *key = name;
        if (bsearch(&key, tags->items, tags->count, sizeof key, compare_texts)) {
            return true;
        }
    }
    return !is_wheel || !tags->count;
}

// ---- copying ----

// Replaces a borrowed text by a copy. NULL stays NULL, and is no failure.
static bool own(struct arena *arena, const char **text) {
    const char *copy = arena_strdup(arena, *text);
    bool is_good = copy || !*text;
    *text = copy;
    return is_good;
}

static bool own_file(struct arena *arena, struct locked_file *file) {
    return own(arena, &file->filename) && own(arena, &file->kind) && own(arena, &file->sha256) &&
           own(arena, &file->tags) && own(arena, &file->uploaded_at);
}

static bool own_release(struct arena *arena, struct locked_release *release) {
    struct locked_file *files = arena_array(arena, release->file_count + 1, sizeof *files);
    bool is_good = files && own(arena, &release->package) && own(arena, &release->version) &&
                   own(arena, &release->requires_python) && own(arena, &release->ignored) &&
                   own(arena, &release->ignored_by) && own(arena, &release->ignored_at);
    for (size_t i = 0; is_good && i < release->file_count; i++) {
        files[i] = release->files[i];
        is_good = own_file(arena, &files[i]);
    }
    release->files = files;
    return is_good;
}

const struct lock *lock_copy(struct arena *arena, const struct lock *lock) {
    struct lock *copy = arena_alloc(arena, sizeof *copy);
    struct locked_release *releases = arena_array(arena, lock->release_count + 1, sizeof *releases);
    if (!copy || !releases) {
        return NULL;
    }
    *copy = *lock;
    copy->records = (struct records){0};
    copy->decisions = (struct decisions){0};
    copy->releases = releases;
    bool is_good =
        own(arena, &copy->environment) && own(arena, &copy->made_at) && own(arena, &copy->made_by);
    for (size_t i = 0; is_good && i < lock->release_count; i++) {
        releases[i] = lock->releases[i];
        is_good = own_release(arena, &releases[i]);
    }
    return is_good ? copy : NULL;
}

// ---- writing ----
//
// {"serial": 7, "epoch": "…",
//  "releases": [{"package": "crm", "version": "1.0", "requires_python": null,
//                "files": [{"filename", "kind", "sha256", "size", "tags", "uploaded_at"}],
//                "ignored": {"reason", "by", "at"}}],      only where a quarantine is ignored
//  "records": […], "decisions": […], "known": […]}        as in /v1/resolve, without settings

static json_t *encode_files(const struct locked_release *release) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < release->file_count; i++) {
        const struct locked_file *file = &release->files[i];
        // clang-format off
        json_t *item = json_pack("{s:s,s:s,s:s,s:I,s:s,s:s}",
                                 "filename", file->filename,
                                 "kind", file->kind,
                                 "sha256", file->sha256,
                                 "size", (json_int_t)file->size,
                                 "tags", file->tags,
                                 "uploaded_at", file->uploaded_at);
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_release(const struct locked_release *release) {
    // clang-format off
    scoped(cleanup_json) json_t *object =
        json_pack("{s:s,s:s,s:o,s:o}",
                  "package", release->package,
                  "version", release->version,
                  "requires_python", json_text(release->requires_python),
                  "files", encode_files(release));
    // clang-format on
    if (object && release->ignored) {
        json_t *ignored =
            json_pack("{s:s,s:o,s:o}", "reason", release->ignored, "by",
                      json_text(release->ignored_by), "at", json_text(release->ignored_at));
        if (json_object_set_new(object, "ignored", ignored)) {
            return NULL;
        }
    }
    return take(object);
}

static bool write_releases(struct buffer *text, const struct lock *lock) {
    for (size_t i = 0; i < lock->release_count; i++) {
        scoped(cleanup_json) json_t *json = encode_release(&lock->releases[i]);
        buffer_add_string(text, i ? "," : "");
        if (!json || !json_write(text, json, false)) {
            return false;
        }
    }
    return true;
}

// Settings may be secret, and belong to the environment, not to what is locked.
static bool write_records(struct buffer *text, const struct lock *lock) {
    for (size_t i = 0; i < lock->records.count; i++) {
        struct record record = lock->records.items[i];
        record.settings = NULL;
        buffer_add_string(text, i ? "," : "");
        if (!record_write(text, &record)) {
            return false;
        }
    }
    return true;
}

enum status lock_encode(struct arena *arena, const struct lock *lock, const char **ret_document,
                        struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_LOCK_BYTES);
    buffer_printf(&text, "{\"serial\":%lld,\"epoch\":\"%s\",\"releases\":[",
                  (long long)lock->point.serial, lock->point.epoch);
    bool is_good = write_releases(&text, lock);
    buffer_add_string(&text, "],\"records\":[");
    is_good = is_good && write_records(&text, lock);
    buffer_add_string(&text, "],");
    is_good = is_good && decisions_write(&text, &lock->decisions);
    buffer_add_string(&text, "}");
    if (text.failed == STATUS_TOO_LARGE) {
        return fail(
            err, STATUS_TOO_LARGE, NULL,
            "The lock would exceed %d bytes. Let the environment take only packages that it "
            "enables by name.",
            LIMIT_LOCK_BYTES);
    }
    const char *document = is_good && !text.failed ? arena_copy(arena, text.ptr, text.len) : NULL;
    if (!document) {
        return fail_no_memory(err);
    }
    *ret_document = document;
    return STATUS_OK;
}

// ---- reading ----

// A reader whose only failures are a wrong document and the end of the memory.
struct lock_reader {
    struct arena *arena;
    bool is_wrong;
    bool no_memory;
};

// The text of a member that must be there; NULL and a mark after a failure.
static const char *read_text(struct lock_reader *reader, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    const char *copy = text ? arena_strdup(reader->arena, text) : NULL;
    reader->is_wrong = reader->is_wrong || !text;
    reader->no_memory = reader->no_memory || (text && !copy);
    return copy;
}

// The text of a member that may be null.
static const char *read_optional(struct lock_reader *reader, const json_t *object,
                                 const char *key) {
    return json_is_string(json_object_get(object, key)) ? read_text(reader, object, key) : NULL;
}

static const struct locked_file *read_files(struct lock_reader *reader, const json_t *array) {
    struct locked_file *files =
        arena_array(reader->arena, json_array_size(array) + 1, sizeof *files);
    size_t index;
    const json_t *item;
    reader->no_memory = reader->no_memory || !files;
    json_array_foreach(array, index, item) {
        if (!files) {
            break;
        }
        files[index] = (struct locked_file){
            .filename = read_text(reader, item, "filename"),
            .kind = read_text(reader, item, "kind"),
            .sha256 = read_text(reader, item, "sha256"),
            .tags = read_text(reader, item, "tags"),
            .uploaded_at = read_text(reader, item, "uploaded_at"),
            .size = json_integer_value(json_object_get(item, "size")),
        };
    }
    return files;
}

static struct locked_release read_release(struct lock_reader *reader, const json_t *object) {
    const json_t *files = json_object_get(object, "files");
    const json_t *ignored = json_object_get(object, "ignored");
    return (struct locked_release){
        .package = read_text(reader, object, "package"),
        .version = read_text(reader, object, "version"),
        .requires_python = read_optional(reader, object, "requires_python"),
        .files = read_files(reader, files),
        .file_count = json_array_size(files),
        .ignored = ignored ? read_text(reader, ignored, "reason") : NULL,
        .ignored_by = read_optional(reader, ignored, "by"),
        .ignored_at = read_optional(reader, ignored, "at"),
    };
}

static void read_releases(struct lock_reader *reader, const json_t *array, struct lock *lock) {
    size_t index;
    const json_t *item;
    reader->is_wrong = reader->is_wrong || !json_is_array(array);
    lock->releases = arena_array(reader->arena, json_array_size(array) + 1, sizeof *lock->releases);
    reader->no_memory = reader->no_memory || !lock->releases;
    json_array_foreach(array, index, item) {
        if (lock->releases) {
            lock->releases[lock->release_count++] = read_release(reader, item);
        }
    }
}

static enum status read_lists(struct arena *arena, const json_t *document, struct lock *lock) {
    enum status status =
        records_decode(arena, json_object_get(document, "records"), &lock->records, NULL);
    if (status || !json_object_get(document, "decisions")) {
        return status;
    }
    return decisions_decode(arena, document, &lock->decisions, NULL);
}

static enum status read_lock(struct arena *arena, const json_t *document, struct lock *lock) {
    struct lock_reader reader = {.arena = arena};
    const char *epoch = read_text(&reader, document, "epoch");
    reader.is_wrong = reader.is_wrong || (epoch && strlen(epoch) >= sizeof lock->point.epoch);
    if (epoch && !reader.is_wrong) {
        memcpy(lock->point.epoch, epoch, strlen(epoch) + 1);
    }
    lock->point.serial = json_integer_value(json_object_get(document, "serial"));
    read_releases(&reader, json_object_get(document, "releases"), lock);
    enum status status = read_lists(arena, document, lock);
    if (reader.no_memory || status == STATUS_NO_MEMORY) {
        return STATUS_NO_MEMORY;
    }
    return reader.is_wrong || status ? STATUS_INTERNAL : STATUS_OK;
}

enum status lock_decode(struct arena *arena, const struct environment_lock_row *row,
                        struct lock *ret_lock, struct error *err) {
    struct lock lock = {.id = row->id,
                        .environment = row->environment,
                        .revision = row->revision,
                        .made_at = row->made_at,
                        .made_by = row->made_by};
    json_error_t why;
    scoped(cleanup_json) json_t *document = json_loads(row->document, 0, &why);
    bool no_memory =
        !document && (!why.text[0] || json_error_code(&why) == json_error_out_of_memory);
    enum status status = document    ? read_lock(arena, document, &lock)
                         : no_memory ? STATUS_NO_MEMORY
                                     : STATUS_INTERNAL;
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        return fail(err, status, NULL, "Lock %lld of environment %s cannot be read again",
                    (long long)row->id, row->environment);
    }
    *ret_lock = lock;
    return STATUS_OK;
}
