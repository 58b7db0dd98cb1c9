// SPDX-License-Identifier: MIT
// The name of a kept file is a digest of what it belongs to, and the file says the same inside: a file
// that was moved to another name is found out.
#include "client/snapshot/snapshot_cache.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/snapshot/snapshot_sign.h"

#include <string.h>

enum status snapshot_kept_pin(const char *given, struct snapshot_wish *wish, struct error *err) {
    const char *hex = given ? given : getenv("REGISTRYD_SNAPSHOT_KEY");
    wish->is_pinned = hex && *hex;
    if (wish->is_pinned && !signature_parse_key(hex, wish->public_key)) {
        return fail(err, STATUS_USAGE, NULL,
                    "A snapshot key is 64 hexadecimal digits, as `registryctl snapshot key` prints "
                    "them; see --snapshot-key and REGISTRYD_SNAPSHOT_KEY");
    }
    return STATUS_OK;
}

// "<32 hexadecimal digits>.snapshot". NULL when out of memory.
static const char *name_of(struct arena *arena, const struct snapshot_wish *wish) {
    static const char digits[] = "0123456789abcdef";
    scoped(buffer_done) struct buffer text;
    uint8_t digest[16];
    char hex[2 * sizeof digest + 1] = "";
    buffer_init(&text, LIMIT_DOCUMENT_BYTES);
    buffer_add(&text, wish->url, strlen(wish->url) + 1);
    buffer_add(&text, wish->question, strlen(wish->question));
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
                              struct snapshot_place *ret_place, struct error *err) {
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    *ret_place = (struct snapshot_place){
        .folder = {len ? arena_copy(arena, path, len) : ".", true},
        .name = arena_strdup(arena, slash ? slash + 1 : path),
        .path = arena_strdup(arena, path),
    };
    return ret_place->folder.path && ret_place->name && ret_place->path ? STATUS_OK
                                                                        : fail_no_memory(err);
}

enum status snapshot_kept_find(struct arena *arena, const struct snapshot_wish *wish,
                               struct snapshot_place *ret_place, struct error *err) {
    struct snapshot_place place = {0};
    if (wish->path) {
        return split_path(arena, wish->path, ret_place, err);
    }
    enum status failed = snapshot_folder_find(arena, wish->cache_dir, &place.folder, err);
    if (failed) {
        return failed;
    }
    place.name = name_of(arena, wish);
    place.path = place.name ? arena_printf(arena, "%s/%s", place.folder.path, place.name) : NULL;
    if (!place.path) {
        return fail_no_memory(err);
    }
    *ret_place = place;
    return STATUS_OK;
}

enum status snapshot_kept_check(const struct snapshot_wish *wish, const struct snapshot *snapshot,
                                struct error *err) {
    if (!wish->is_any && strcmp(snapshot->origin.environment, wish->environment) != 0) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is of the environment \"%s\", not of \"%s\"",
                    snapshot->origin.environment, wish->environment);
    }
    if (!wish->is_any && strcmp(snapshot->origin.question, wish->question) != 0) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot answers another question (%s), not %s", snapshot->origin.question,
                    wish->question);
    }
    return wish->is_pinned ? snapshot_verify(snapshot, wish->public_key, err) : STATUS_OK;
}

// A file that its user named is read whoever it belongs to; a kept one only from a safe place.
static enum status open_trusted(const struct snapshot_wish *wish,
                                const struct snapshot_place *place, struct snapshot_file *ret_file,
                                struct error *err) {
    int fd;
    if (wish->is_any) {
        return snapshot_file_open(place->path, ret_file, err);
    }
    enum status failed = snapshot_folder_open_file(&place->folder, place->name, &fd, err);
    return failed ? failed : snapshot_file_adopt(fd, "", ret_file, err);
}

static enum status check_receipt(const struct snapshot_wish *wish, const struct snapshot_file *file,
                                 struct error *err) {
    const char *url = file->receipt.url;
    return wish->is_any || strcmp(url, wish->url) == 0
               ? STATUS_OK
               : fail(err, STATUS_MALFORMED, NULL, "The snapshot is of another registry (%s)",
                      *url ? url : "it does not say of which");
}

enum status snapshot_kept_open(const struct snapshot_wish *wish, const struct snapshot_place *place,
                               struct snapshot_file *ret_file, struct error *err) {
    struct error fault = {0};
    struct snapshot_file file = {0};
    enum status failed = open_trusted(wish, place, &file, &fault);
    failed = failed ? failed : snapshot_kept_check(wish, &file.snapshot, &fault);
    failed = failed ? failed : check_receipt(wish, &file, &fault);
    if (failed) {
        snapshot_file_close(&file);
        return fail(err, failed, place->path, "%s", fault.message);
    }
    *ret_file = file;
    return STATUS_OK;
}

enum status snapshot_kept_load(struct arena *arena, const struct snapshot_wish *wish,
                               struct snapshot_file *ret_file, struct error *err) {
    struct snapshot_place place;
    enum status failed = snapshot_kept_find(arena, wish, &place, err);
    return failed ? failed : snapshot_kept_open(wish, &place, ret_file, err);
}
