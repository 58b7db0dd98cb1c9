// SPDX-License-Identifier: MIT
// A package of an export. When its last change is the one of the export before, its files are carried over by name;
// else its statement is asked for, and of its files only those that are not there. An address holds the hash of its
// file, so a file that is there with its size is the file. New files come before the pages that name them.
#include "client/mirror/export_package.h"

#include "client/mirror/export_pages.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/snapshot/signed_text.h"

#include <string.h>

enum { PAGE_BYTES_MAX = 256 * 1024 * 1024, STATEMENT_BYTES_MAX = 256 * 1024 * 1024 };

// ---- unchanged ----

static const char *wanted_version(const struct exporting *exporting, const char *package) {
    return json_string_value(json_object_get(exporting->requirements, package));
}

static bool is_same_version(const json_t *held, const char *version) {
    const char *before = json_string_value(json_object_get(held, "version"));
    return version ? before && strcmp(before, version) == 0 : !before;
}

// Whether every file that the export before names is there.
static bool is_whole(const struct exporting *exporting, const json_t *held) {
    const json_t *files = json_object_get(exporting->old, "files");
    const json_t *paths = json_object_get(held, "files");
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        const json_t *file = path ? json_object_get(files, path) : NULL;
        if (!file || mirror_tree_size(&exporting->tree, path) !=
                         json_integer_value(json_object_get(file, "size"))) {
            return false;
        }
    }
    return json_array_size(paths) > 0;
}

static enum status carry_over(struct exporting *exporting, const char *package, json_t *held,
                              struct error *err) {
    const json_t *files = json_object_get(exporting->old, "files");
    const json_t *paths = json_object_get(held, "files");
    bool no_memory = json_object_set(exporting->packages, package, held) != 0;
    for (size_t i = 0; i < json_array_size(paths) && !no_memory; i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        no_memory = json_object_set(exporting->files, path, json_object_get(files, path)) != 0;
    }
    return no_memory ? fail_no_memory(err) : STATUS_OK;
}

// ---- files ----

// A package while its files come. The arena is that of the package alone.
struct packing {
    struct exporting *exporting;
    struct arena *arena;
    const struct statement_package *package;
};

static enum status check_bytes(struct text bytes, const char *sha256, const char *path,
                               struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(bytes.ptr, bytes.len, digest);
    digest_hex(digest, hex);
    return strcmp(hex, sha256) == 0 ? STATUS_OK
                                    : fail(err, STATUS_UNREACHABLE, path,
                                           "The received file has the SHA-256 %s, and not the one "
                                           "that the registry states",
                                           hex);
}

// The registry has the metadata of a wheel at the address of the wheel with ".metadata" behind it, and so has the export.
static enum status fetch_file(const struct packing *p, const char *path, const char *sha256,
                              int64_t *ret_size, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct text bytes;
    if (!scratch) {
        return fail_no_memory(err);
    }
    const char *address = arena_printf(scratch, "/%s", path);
    enum status status =
        address ? exporting_get(p->exporting, scratch, address, &bytes, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    status = check_bytes(bytes, sha256, path, err);
    if (status) {
        return status;
    }
    *ret_size = (int64_t)bytes.len;
    return mirror_tree_put(&p->exporting->tree, path, bytes, err);
}

static enum status take_file(const struct packing *p, const struct statement_file *file,
                             struct error *err) {
    struct exporting *exporting = p->exporting;
    const char *path = arena_printf(p->arena, "files/%s/%s", file->sha256, file->filename);
    int64_t size = path ? mirror_tree_size(&exporting->tree, path) : -1;
    if (!path) {
        return fail_no_memory(err);
    }
    if (size != file->size) {
        enum status status = fetch_file(p, path, file->sha256, &size, err);
        if (status) {
            return status;
        }
        exporting->result.files++;
        exporting->result.bytes += size;
    }
    return exporting_note(exporting, p->package->package, path, file->sha256, size, err);
}

static enum status take_metadata(const struct packing *p, const struct statement_file *file,
                                 struct error *err) {
    const char *path = arena_printf(p->arena, "files/%s/%s.metadata", file->sha256, file->filename);
    int64_t size = path ? mirror_tree_size(&p->exporting->tree, path) : -1;
    if (!path) {
        return fail_no_memory(err);
    }
    if (!file->is_wheel) {
        return STATUS_OK;
    }
    enum status status =
        size < 0 ? fetch_file(p, path, file->metadata_sha256, &size, err) : STATUS_OK;
    return status ? status
                  : exporting_note(p->exporting, p->package->package, path, file->metadata_sha256,
                                   size, err);
}

static enum status take_files(const struct packing *p, const struct export_part *part,
                              struct error *err) {
    for (size_t i = 0; i < p->package->release_count; i++) {
        const struct statement_release *release = &p->package->releases[i];
        for (size_t j = 0; export_part_has(part, release) && j < release->file_count; j++) {
            enum status status = take_file(p, &release->files[j], err);
            if (status) {
                return status;
            }
            status = take_metadata(p, &release->files[j], err);
            if (status) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

// ---- pages ----

static enum status put_page(const struct packing *p, const struct export_part *part,
                            const char *name, struct error *err) {
    scoped(buffer_done) struct buffer page;
    const char *package = p->package->package;
    const char *path = arena_printf(p->arena, "simple/%s/%s", package, name);
    buffer_init(&page, PAGE_BYTES_MAX);
    if (strcmp(name, "index.html") == 0) {
        export_page_html(part, &page);
    } else {
        export_page_json(part, &page);
    }
    if (!path || page.failed) {
        return fail(err, path ? page.failed : STATUS_NO_MEMORY, path, "The page is too large");
    }
    return exporting_put(p->exporting, package, path, (struct text){page.ptr, page.len}, err);
}

static enum status put_pages(const struct packing *p, const struct export_part *part,
                             struct text statement, struct error *err) {
    const char *path = arena_printf(p->arena, "statements/%s", p->package->package);
    enum status status =
        path ? exporting_put(p->exporting, p->package->package, path, statement, err)
             : fail_no_memory(err);
    if (status) {
        return status;
    }
    status = put_page(p, part, "index.html", err);
    return status ? status : put_page(p, part, "index.json", err);
}

// ---- a package ----

static enum status begin_package(const struct packing *p, const char *version, struct error *err) {
    json_t *entry = json_pack("{s:I,s:s?,s:[]}", "serial", (json_int_t)p->package->serial,
                              "version", version, "files");
    return json_object_set_new(p->exporting->packages, p->package->package, entry)
               ? fail_no_memory(err)
               : STATUS_OK;
}

// Keeps the public key of the first statement that has one, for people who want to pin it.
static void note_key(struct exporting *exporting, struct text statement, struct text line) {
    scoped(cleanup_json) json_t *seal =
        json_loadb(statement.ptr + line.len + 1, statement.len - line.len - 1, 0, NULL);
    const char *key = json_string_value(json_object_get(seal, "public_key"));
    if (key && !exporting->result.public_key) {
        exporting->result.public_key = arena_strdup(exporting->arena, key);
    }
}

static enum status read_statement(struct exporting *exporting, struct text statement,
                                  json_t **ret_json, struct error *err) {
    struct text line;
    enum status status = signed_text_open(statement, NULL, &line, err);
    if (status) {
        return status;
    }
    note_key(exporting, statement, line);
    *ret_json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    return *ret_json
               ? STATUS_OK
               : fail(err, STATUS_UNREACHABLE, NULL, "The statement of the registry is not JSON");
}

static enum status renew(struct exporting *exporting, struct arena *arena,
                         const struct statement_entry *entry, struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    struct statement_package package;
    struct text statement;
    const char *path = arena_printf(arena, "/v1/packages/%s/statement", entry->package);
    enum status status =
        path ? exporting_get(exporting, arena, path, &statement, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    status = read_statement(exporting, statement, &json, err);
    if (status) {
        return status;
    }
    status = statement_read_package(arena, json, &package, err);
    if (status) {
        return status;
    }
    if (strcmp(package.package, entry->package) != 0) {
        return fail(err, STATUS_UNREACHABLE, entry->package, "The registry states another package");
    }
    const struct packing packing = {exporting, arena, &package};
    const struct export_part part = {&package, wanted_version(exporting, entry->package)};
    status = begin_package(&packing, part.version, err);
    if (status) {
        return status;
    }
    status = take_files(&packing, &part, err);
    return status ? status : put_pages(&packing, &part, statement, err);
}

enum status export_package(struct exporting *exporting, const struct statement_entry *entry,
                           struct error *err) {
    json_t *held = json_object_get(json_object_get(exporting->old, "packages"), entry->package);
    bool is_same = held && json_integer_value(json_object_get(held, "serial")) == entry->serial &&
                   is_same_version(held, wanted_version(exporting, entry->package));
    if (is_same && is_whole(exporting, held)) {
        return carry_over(exporting, entry->package, held, err);
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    exporting->result.changed++;
    return arena ? renew(exporting, arena, entry, err) : fail_no_memory(err);
}
