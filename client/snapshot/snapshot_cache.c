// SPDX-License-Identifier: MIT
// The name of a kept file is a digest of what it belongs to, and the file says the same inside: a file
// that was moved to another name is found out.
#include "client/snapshot/snapshot_cache.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/snapshot/snapshot_sign.h"

#include <string.h>

enum status snapshot_cache_pin(const char *given, struct snapshot_selector *selector,
                               struct error *err) {
    const char *hex = given ? given : getenv("REGISTRYD_SNAPSHOT_KEY");
    selector->is_pinned = hex && *hex;
    if (selector->is_pinned && !signature_parse_key(hex, selector->public_key)) {
        return fail(err, STATUS_USAGE, NULL,
                    "A snapshot key is 64 hexadecimal digits, as `registryctl snapshot key` prints "
                    "them; see --snapshot-key and REGISTRYD_SNAPSHOT_KEY");
    }
    return STATUS_OK;
}

// "<32 hexadecimal digits>.snapshot". NULL when out of memory.
static const char *name_of(struct arena *arena, const struct snapshot_selector *selector) {
    static const char digits[] = "0123456789abcdef";
    scoped(buffer_done) struct buffer text;
    uint8_t digest[16];
    char hex[2 * sizeof digest + 1] = "";
    buffer_init(&text, LIMIT_DOCUMENT_BYTES);
    buffer_add(&text, selector->url, strlen(selector->url) + 1);
    buffer_add(&text, selector->query, strlen(selector->query));
    if (text.failed) {
        return NULL;
    }
    digest_short(text.ptr, text.len, digest, sizeof digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    return arena_printf(arena, "%s.snapshot", hex);
}

// The folder and the name of a path that somebody gave.
static enum status split_path(struct arena *arena, const char *path,
                              struct snapshot_path *ret_place, struct error *err) {
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    *ret_place = (struct snapshot_path){
        .folder = {len ? arena_copy(arena, path, len) : ".", true},
        .name = arena_strdup(arena, slash ? slash + 1 : path),
        .path = arena_strdup(arena, path),
    };
    return ret_place->folder.path && ret_place->name && ret_place->path ? STATUS_OK
                                                                        : fail_no_memory(err);
}

enum status snapshot_cache_find(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_path *ret_place, struct error *err) {
    struct snapshot_path location = {0};
    if (selector->path) {
        return split_path(arena, selector->path, ret_place, err);
    }
    enum status failed = cache_dir_find(arena, selector->cache_dir, &location.folder, err);
    if (failed) {
        return failed;
    }
    location.name = name_of(arena, selector);
    location.path =
        location.name ? arena_printf(arena, "%s/%s", location.folder.path, location.name) : NULL;
    if (!location.path) {
        return fail_no_memory(err);
    }
    *ret_place = location;
    return STATUS_OK;
}

enum status snapshot_cache_check(const struct snapshot_selector *selector,
                                 const struct snapshot *snapshot, struct error *err) {
    if (!selector->is_any && strcmp(snapshot->origin.environment, selector->environment) != 0) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is of the environment \"%s\", not of \"%s\"",
                    snapshot->origin.environment, selector->environment);
    }
    if (!selector->is_any && strcmp(snapshot->origin.query, selector->query) != 0) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot answers another question (%s), not %s", snapshot->origin.query,
                    selector->query);
    }
    return selector->is_pinned ? snapshot_verify(snapshot, selector->public_key, err) : STATUS_OK;
}

// A file that its user named is read whoever it belongs to; a kept one only from a safe place.
static enum status open_trusted(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err) {
    int fd;
    if (selector->is_any) {
        return snapshot_file_open(location->path, ret_file, err);
    }
    enum status failed = cache_dir_open_file(&location->folder, location->name, &fd, err);
    return failed ? failed : snapshot_file_adopt(fd, "", ret_file, err);
}

static enum status check_receipt(const struct snapshot_selector *selector,
                                 const struct snapshot_file *file, struct error *err) {
    const char *url = file->receipt.url;
    return selector->is_any || strcmp(url, selector->url) == 0
               ? STATUS_OK
               : fail(err, STATUS_MALFORMED, NULL, "The snapshot is of another registry (%s)",
                      *url ? url : "it does not say of which");
}

enum status snapshot_cache_open(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err) {
    struct error fault = {0};
    struct snapshot_file file = {0};
    enum status failed = open_trusted(selector, location, &file, &fault);
    failed = failed ? failed : snapshot_cache_check(selector, &file.snapshot, &fault);
    failed = failed ? failed : check_receipt(selector, &file, &fault);
    if (failed) {
        snapshot_file_close(&file);
        return fail(err, failed, location->path, "%s", fault.message);
    }
    *ret_file = file;
    return STATUS_OK;
}

enum status snapshot_cache_load(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_file *ret_file, struct error *err) {
    struct snapshot_path location;
    enum status failed = snapshot_cache_find(arena, selector, &location, err);
    return failed ? failed : snapshot_cache_open(selector, &location, ret_file, err);
}
