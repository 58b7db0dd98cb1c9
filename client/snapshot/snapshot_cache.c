// SPDX-License-Identifier: MIT
// Last-known-good snapshots (snapshot_cache.h), first the folder, then the file.
//
// The name of a file is a digest of the address and the query that it belongs to, and the file says the
// same inside, so a file that was moved to another name is found out. Trust is decided on what was
// opened (fstat), never on a name: between a check of a name and its use another file could be put there.
#include "client/snapshot/snapshot_cache.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/snapshot/snapshot_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

// ---- the folder ----

static const char *setting(const char *variable) {
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

// The order of the places: the caller's option, REGISTRYD_CACHE_DIR, then the XDG cache folder of the user.
enum status cache_dir_find(struct arena *arena, const char *given, struct cache_dir *ret_folder,
                           struct error *err) {
    const char *named = given && *given ? given : setting("REGISTRYD_CACHE_DIR");
    const char *cache = setting("XDG_CACHE_HOME");
    const char *home = setting("HOME");
    const char *path = NULL;
    if (named) {
        path = arena_strdup(arena, named);
    } else if (cache &&
               cache[0] == '/') { // a relative one counts as none, as its specification says
        path = arena_printf(arena, "%s/registryd", cache);
    } else if (home && home[0] == '/') {
        path = arena_printf(arena, "%s/.cache/registryd", home);
    } else {
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "There is no folder for snapshots: neither HOME nor XDG_CACHE_HOME is set. "
                    "Set REGISTRYD_CACHE_DIR");
    }
    *ret_folder = (struct cache_dir){.path = path, .is_named = named};
    return path ? STATUS_OK : fail_no_memory(err);
}

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    enum status status = errno == ENOENT || errno == ENOTDIR  ? STATUS_NOT_FOUND
                         : errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL
                                                              : STATUS_IO;
    return fail(err, status, path, "The snapshot %s: %s", what, strerror(errno));
}

// Makes the folder and those above it; folders that exist are not changed.
static enum status make_folders(const char *path, struct error *err) {
    scoped(cleanup_memory) char *partial = strdup(path);
    if (!partial) {
        return fail_no_memory(err);
    }
    // a failure of a folder above shows again in the last mkdir, so it is not looked at here
    for (char *at = partial + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            mkdir(partial, 0700);
            *at = '/';
        }
    }
    return mkdir(partial, 0700) == 0 || errno == EEXIST
               ? STATUS_OK
               : fail_errno(err, path, "folder cannot be made");
}

// Root could write anything anyway. Another user's folder is trusted only when it was named.
static bool may_own(uid_t owner, bool is_named) {
    return owner == geteuid() || owner == 0 || is_named;
}

// A snapshot decides which code a host loads, so that a folder others can write to is as good as code
// that they can write.
enum status cache_dir_open(const struct cache_dir *folder, bool make,
                           struct cache_dir_handle *ret_handle, struct error *err) {
    struct stat info;
    enum status status = make ? make_folders(folder->path, err) : STATUS_OK;
    if (status) {
        return status;
    }
    scoped(cleanup_fd) int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail_errno(err, folder->path, "folder cannot be opened");
    }
    if (!may_own(info.st_uid, folder->is_named) || (info.st_mode & (S_IWGRP | S_IWOTH))) {
        return fail(err, STATUS_FORBIDDEN, folder->path,
                    "Other users may write to the folder of the snapshots, so nothing in it is "
                    "used. It must belong to you; run chmod go-w on it");
    }
    *ret_handle = (struct cache_dir_handle){.fd = fd, .owner = info.st_uid};
    fd = -1;
    return STATUS_OK;
}

// O_NOFOLLOW and the check of the owner keep out what another user could prepare: a link to a file of ours, a
// file of theirs in a shared folder. O_NONBLOCK keeps a pipe from holding us.
enum status cache_dir_open_file(const struct cache_dir *folder, const char *name, int *ret_fd,
                                struct error *err) {
    char path[512];
    struct stat info;
    struct cache_dir_handle handle = {.fd = -1};
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    enum status status = cache_dir_open(folder, false, &handle, err);
    if (status) {
        return status;
    }
    scoped(cleanup_fd) int folder_fd = handle.fd;
    scoped(cleanup_fd) int fd =
        openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ELOOP) {
        return fail(err, STATUS_FORBIDDEN, path, "The snapshot is a link; links are not followed");
    }
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail_errno(err, path, "cannot be opened");
    }
    bool is_ours = info.st_uid == geteuid() || info.st_uid == 0 || info.st_uid == handle.owner;
    if (!S_ISREG(info.st_mode) || !is_ours || (info.st_mode & (S_IWGRP | S_IWOTH))) {
        return fail(err, STATUS_FORBIDDEN, path,
                    "The snapshot is not a regular file that only its owner may write to");
    }
    *ret_fd = fd;
    fd = -1;
    return STATUS_OK;
}

// ---- which file ----

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

// The query that a cached snapshot answers, in the one spelling that query_string_write gives it. It is half of
// the file's name, so two programs that ask the same share a file.
const char *snapshot_cache_query(struct arena *arena, const char *environment,
                                 const struct source_query *query) {
    size_t count = query->group_count + query->fact_count + 3;
    struct query_parameter *parts = arena_array(arena, count, sizeof *parts);
    size_t at = 0;
    if (!parts) {
        return NULL;
    }
    parts[at++] = (struct query_parameter){"environment", environment};
    parts[at++] = (struct query_parameter){"python", query->python};
    parts[at++] = (struct query_parameter){"prereleases", query->prereleases ? "1" : NULL};
    for (size_t i = 0; i < query->group_count; i++) {
        parts[at++] = (struct query_parameter){"group", query->groups[i]};
    }
    for (size_t i = 0; i < query->fact_count; i++) {
        parts[at++] = query->facts[i];
    }
    return query_string_write(arena, parts, at);
}

// The parameters are sorted, so "environment=NAME" is the first.
bool snapshot_cache_default(struct arena *arena, const struct snapshot_selector *selector,
                            struct snapshot_selector *ret_selector) {
    static const char first[] = "environment=";
    static const char name[] = "default";
    bool is_other = !selector->path && strcmp(selector->environment, name) != 0 &&
                    strncmp(selector->query, first, sizeof first - 1) == 0;
    const char *rest = is_other ? selector->query + strcspn(selector->query, "&") : "";
    const char *query = is_other ? arena_printf(arena, "%s%s%s", first, name, rest) : NULL;
    if (query) {
        *ret_selector = *selector;
        ret_selector->environment = name;
        ret_selector->query = query;
        ret_selector->min_serial = 0;
        ret_selector->min_epoch = 0;
    }
    return query;
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

// The folder and the name of a path that a user gave.
static enum status split_path(struct arena *arena, const char *path, struct snapshot_path *ret_path,
                              struct error *err) {
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    *ret_path = (struct snapshot_path){
        .folder = {len ? arena_copy(arena, path, len) : ".", true},
        .name = arena_strdup(arena, slash ? slash + 1 : path),
        .path = arena_strdup(arena, path),
    };
    return ret_path->folder.path && ret_path->name && ret_path->path ? STATUS_OK
                                                                     : fail_no_memory(err);
}

enum status snapshot_cache_find(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_path *ret_path, struct error *err) {
    struct snapshot_path location = {0};
    if (selector->path) {
        return split_path(arena, selector->path, ret_path, err);
    }
    enum status status = cache_dir_find(arena, selector->cache_dir, &location.folder, err);
    if (status) {
        return status;
    }
    location.name = name_of(arena, selector);
    location.path =
        location.name ? arena_printf(arena, "%s/%s", location.folder.path, location.name) : NULL;
    if (!location.path) {
        return fail_no_memory(err);
    }
    *ret_path = location;
    return STATUS_OK;
}

// ---- whether it is the one ----

// A file under the right name may still hold another answer, for example after it was copied by hand.
enum status snapshot_cache_check(const struct snapshot_selector *selector,
                                 const struct snapshot *snapshot, struct error *err) {
    if (!selector->is_any && strcmp(snapshot->origin.environment, selector->environment) != 0) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is for the environment \"%s\", not for \"%s\"",
                    snapshot->origin.environment, selector->environment);
    }
    if (!selector->is_any && strcmp(snapshot->origin.query, selector->query) != 0) {
        return fail(err, STATUS_MALFORMED, NULL, "The snapshot answers another query (%s), not %s",
                    snapshot->origin.query, selector->query);
    }
    return selector->is_pinned ? snapshot_verify(snapshot, selector->public_key, err) : STATUS_OK;
}

// A file that the user named is read whatever its owner; a cached file only from a safe folder.
static enum status open_trusted(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err) {
    int fd;
    if (selector->is_any) {
        return snapshot_file_open(location->path, ret_file, err);
    }
    enum status status = cache_dir_open_file(&location->folder, location->name, &fd, err);
    if (status) {
        return status;
    }
    return snapshot_file_adopt(fd, "", ret_file, err);
}

// The address is in the receipt, which this client wrote, because the registry does not know under which
// address it is reached.
static enum status check_receipt(const struct snapshot_selector *selector,
                                 const struct snapshot_file *file, struct error *err) {
    const char *url = file->receipt.url;
    if (selector->is_any || strcmp(url, selector->url) == 0) {
        return STATUS_OK;
    }
    return fail(err, STATUS_MALFORMED, NULL, "The snapshot is of another registry (%s)",
                *url ? url : "it does not say of which");
}

static enum status open_checked(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err) {
    scoped(snapshot_file_close) struct snapshot_file file = {0};
    enum status status = open_trusted(selector, location, &file, err);
    if (status) {
        return status;
    }
    status = snapshot_cache_check(selector, &file.snapshot, err);
    if (status) {
        return status;
    }
    status = check_receipt(selector, &file, err);
    if (status) {
        return status;
    }
    *ret_file = file;
    file = (struct snapshot_file){0};
    return STATUS_OK;
}

enum status snapshot_cache_open(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err) {
    struct error fault = {0};
    enum status status = open_checked(selector, location, ret_file, &fault);
    if (status) {
        return fail(err, status, location->path, "%s", fault.message);
    }
    return STATUS_OK;
}

enum status snapshot_cache_load(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_file *ret_file, struct error *err) {
    struct snapshot_path location;
    enum status status = snapshot_cache_find(arena, selector, &location, err);
    if (status) {
        return status;
    }
    return snapshot_cache_open(selector, &location, ret_file, err);
}
