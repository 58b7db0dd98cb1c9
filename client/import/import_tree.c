// SPDX-License-Identifier: MIT
// The manifest names the packages; a package's statement says the rest. A key that signed the manifest vouches for all
// of it by its hashes; else the key must have signed each statement, which names its files by their hashes. Yanks and
// statuses come after the files of a package: an archived package takes no files. What this registry has decided
// itself stays: an import never takes a yank or a status back.
#include "client/import/import_tree.h"

#include "client/fs/rooted_dir.h"
#include "client/import/import_changes.h"
#include "client/mirror/manifest.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <string.h>

enum { STATEMENT_BYTES_MAX = 256 * 1024 * 1024 };

struct tree_import {
    struct importing *importing;
    const struct import_tree_query *query;
    const json_t *manifest;
    const uint8_t *statement_key; // that must have signed each statement; NULL: none need be signed
    struct rooted_dir dir;
};

// One package of it; everything dies with the arena.
struct package_import {
    const struct tree_import *tree;
    struct arena *arena;
    struct statement_package package;
    const char *version; // the only one that the export holds; NULL: all
};

bool import_tree_is(struct arena *arena, const char *folder) {
    scoped(cleanup_json) json_t *manifest = NULL;
    return !manifest_load(arena, folder, NULL, &manifest, NULL);
}

// ---- reading ----

static enum status check_hash(const struct tree_import *tree, const char *path, struct text bytes,
                              struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    const json_t *entry = json_object_get(json_object_get(tree->manifest, "files"), path);
    const char *wanted = json_string_value(json_object_get(entry, "sha256"));
    digest_sha256(bytes.ptr, bytes.len, digest);
    digest_hex(digest, hex);
    return wanted && strcmp(wanted, hex) == 0
               ? STATUS_OK
               : fail(err, STATUS_INVALID, path, "The file is not the one that the manifest names");
}

// The JSON is owned; the statement borrows from it.
static enum status load_statement(struct package_import *p, const char *name, json_t **ret_json,
                                  struct error *err) {
    const struct tree_import *tree = p->tree;
    scoped(buffer_done) struct buffer bytes;
    struct text line;
    const char *path = arena_printf(p->arena, "statements/%s", name);
    buffer_init(&bytes, STATEMENT_BYTES_MAX);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = rooted_dir_load(&tree->dir, path, &bytes, err);
    if (status) {
        return status;
    }
    struct text text = {bytes.ptr, bytes.len};
    status = check_hash(tree, path, text, err);
    if (status) {
        return status;
    }
    status = signed_text_open(text, tree->statement_key, &line, err);
    if (status) {
        return status;
    }
    *ret_json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    status = statement_read_package(p->arena, *ret_json, &p->package, err);
    if (status) {
        return status;
    }
    return strcmp(p->package.package, name) == 0
               ? STATUS_OK
               : fail(err, STATUS_INVALID, path, "The statement is about another package");
}

// ---- a release ----

static enum status send_file(const struct package_import *p, const struct statement_file *file,
                             struct error *err) {
    const struct tree_import *tree = p->tree;
    const char *shown = arena_printf(p->arena, "files/%s/%s", file->sha256, file->filename);
    const char *path = shown ? arena_printf(p->arena, "%s/%s", tree->query->folder, shown) : NULL;
    if (!path) {
        return fail_no_memory(err);
    }
    if (!json_object_get(json_object_get(tree->manifest, "files"), shown)) {
        return STATUS_OK; // of a part that the export does not hold
    }
    const struct import_item item = {.path = path,
                                     .shown = shown,
                                     .package = p->package.package,
                                     .sha256 = file->sha256,
                                     .uploaded_at = file->uploaded_at};
    return importing_send(tree->importing, &item, err);
}

// A wheel comes before the sdist of its release.
static enum status send_files(const struct package_import *p,
                              const struct statement_release *release, struct error *err) {
    for (int is_sdist = 0; is_sdist < 2; is_sdist++) {
        for (size_t i = 0; i < release->file_count; i++) {
            bool is_turn = release->files[i].is_wheel != is_sdist;
            enum status status = is_turn ? send_file(p, &release->files[i], err) : STATUS_OK;
            if (status) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status import_release(const struct package_import *p,
                                  const struct statement_release *release, struct error *err) {
    struct importing *importing = p->tree->importing;
    if (p->version && strcmp(p->version, release->version) != 0) {
        return STATUS_OK;
    }
    enum status status = release->document
                             ? import_change_document(importing, &p->package, release, err)
                             : send_files(p, release, err);
    if (status) {
        return status;
    }
    return release->is_yanked ? import_change_yank(importing, &p->package, release, err)
                              : STATUS_OK;
}

// ---- a package ----

static enum status add_refused(struct importing *importing, const char *name,
                               const struct error *why, struct error *err) {
    const struct import_outcome outcome = {.word = IMPORT_REFUSED,
                                           .shown = name,
                                           .package = name,
                                           .status = why->status,
                                           .code = status_info(why->status)->wire_name,
                                           .message = why->message};
    return importing_add(importing, &outcome, err);
}

static bool is_fatal(enum status status) {
    return status == STATUS_NO_MEMORY || status == STATUS_INTERNAL || status == STATUS_FORBIDDEN;
}

static enum status import_package(const struct tree_import *tree, const char *name,
                                  const json_t *held, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *json = NULL;
    struct package_import p = {.tree = tree, .arena = arena};
    struct error why = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    p.version = json_string_value(json_object_get(held, "version"));
    enum status status = statement_is_package(name) ? load_statement(&p, name, &json, &why)
                                                    : fail(&why, STATUS_INVALID, NULL,
                                                           "This is not the name of a package");
    if (is_fatal(status)) {
        return fail(err, status, why.where, "%s", why.message);
    }
    if (status) {
        return add_refused(tree->importing, name, &why, err);
    }
    for (size_t i = 0; i < p.package.release_count; i++) {
        status = import_release(&p, &p.package.releases[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// After all packages, because the successor of a deprecated one may be any of them.
static enum status import_status(const struct tree_import *tree, const char *name,
                                 struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *json = NULL;
    struct package_import p = {.tree = tree, .arena = arena};
    if (!arena) {
        return fail_no_memory(err);
    }
    if (load_statement(&p, name, &json, NULL)) {
        return STATUS_OK; // was reported
    }
    bool is_kept =
        strcmp(p.package.status, "deprecated") == 0 || strcmp(p.package.status, "archived") == 0;
    return is_kept ? import_change_status(tree->importing, &p.package, err) : STATUS_OK;
}

static enum status import_packages(const struct tree_import *tree, struct error *err) {
    json_t *packages = json_object_get(tree->manifest, "packages");
    size_t total = json_object_size(packages);
    void *at = json_object_iter(packages);
    for (; at; at = json_object_iter_next(packages, at)) {
        const char *name = json_object_iter_key(at);
        tree->query->tell(tree->query->context, name, total);
        enum status status = import_package(tree, name, json_object_iter_value(at), err);
        if (status) {
            return status;
        }
    }
    for (at = json_object_iter(packages); at; at = json_object_iter_next(packages, at)) {
        enum status status = import_status(tree, json_object_iter_key(at), err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// A manifest that the key signed vouches for every file by its hash; then statements need no signature of their own.
static enum status load_manifest(struct tree_import *tree, json_t **ret_manifest,
                                 struct error *err) {
    struct arena *arena = tree->importing->arena;
    const struct import_tree_query *query = tree->query;
    struct error fault = {0};
    enum status status =
        manifest_load(arena, query->folder, query->public_key, ret_manifest, &fault);
    if (status == STATUS_FORBIDDEN) {
        tree->statement_key = query->public_key;
        status = manifest_load(arena, query->folder, NULL, ret_manifest, &fault);
    }
    return status ? fail(err, status, fault.where, "%s", fault.message) : STATUS_OK;
}

enum status import_tree_run(struct importing *importing, const struct import_tree_query *query,
                            struct error *err) {
    scoped(cleanup_json) json_t *manifest = NULL;
    struct tree_import tree = {.importing = importing, .query = query, .dir = ROOTED_DIR_CLOSED};
    enum status status = load_manifest(&tree, &manifest, err);
    if (status) {
        return status;
    }
    tree.manifest = manifest;
    status = rooted_dir_open(importing->arena, query->folder, &tree.dir, err);
    if (status) {
        return status;
    }
    status = import_packages(&tree, err);
    rooted_dir_close(&tree.dir);
    return status;
}
