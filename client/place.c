// SPDX-License-Identifier: MIT
// Safe opening, listing and loading (place.h). The usual case costs one openat with O_NOFOLLOW; only
// when that meets a link, or a path of several parts, the slow way resolves links by hand and opens
// the result part by part without following any, so that a race can at worst cause an error.
#include "client/place.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINKS_MAX = 16 };

CLEANUP_DEFINE(DIR *, cleanup_dir, closedir)

// The part of `resolved` before its last component.
static void drop_last(char *resolved) {
    char *slash = strrchr(resolved, '/');
    *(slash ? slash : resolved) = '\0';
}

static int append_part(char resolved[PATH_MAX], const char *part, size_t part_len) {
    size_t len = strlen(resolved);
    if (len + part_len + 2 > PATH_MAX) {
        return ENAMETOOLONG;
    }
    if (len) {
        resolved[len++] = '/';
    }
    memcpy(resolved + len, part, part_len);
    resolved[len + part_len] = '\0';
    return 0;
}

// Puts `target` in front of what is left to resolve.
static int prepend_target(char pending[PATH_MAX], const char *target, const char *rest) {
    char joined[PATH_MAX];
    int len = snprintf(joined, sizeof joined, "%s/%s", target, rest);
    if (len >= PATH_MAX) {
        return ENAMETOOLONG;
    }
    memcpy(pending, joined, (size_t)len + 1);
    return 0;
}

// Where a resolution stands.
struct trail {
    int root_fd;
    int links;        // followed so far
    char *pending;    // PATH_MAX bytes: what is still to resolve lies in here
    char *resolved;   // PATH_MAX bytes: the path so far, without links
    const char *next; // in pending
};

// When what was just appended is a link, puts its target in its place. 0 or an errno.
static int follow_link(struct trail *trail) {
    char target[PATH_MAX];
    ssize_t len = readlinkat(trail->root_fd, trail->resolved, target, sizeof target - 1);
    if (len < 0) {
        return errno == EINVAL ? 0 : errno;
    }
    target[len] = '\0';
    if (target[0] == '/') {
        return EXDEV;
    }
    if (++trail->links > LINKS_MAX) {
        return ELOOP;
    }
    drop_last(trail->resolved);
    int failed = prepend_target(trail->pending, target, trail->next);
    trail->next = trail->pending;
    return failed;
}

static int resolve_part(struct trail *trail, const char *part, size_t len) {
    if (!len || (len == 1 && part[0] == '.')) {
        return 0;
    }
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        bool at_root = !trail->resolved[0];
        drop_last(trail->resolved);
        return at_root ? EXDEV : 0;
    }
    int failed = append_part(trail->resolved, part, len);
    return failed ? failed : follow_link(trail);
}

// Resolves the links of pending[] (a path from the root) into a path without links. 0 or an errno;
// EXDEV means that the path leaves the root.
static int resolve_links(int root_fd, char pending[PATH_MAX], char resolved[PATH_MAX]) {
    struct trail trail = {root_fd, 0, pending, resolved, pending};
    resolved[0] = '\0';
    while (*trail.next) {
        const char *part = trail.next;
        size_t len = strcspn(part, "/");
        trail.next = part + len + (part[len] == '/');
        int failed = resolve_part(&trail, part, len);
        if (failed) {
            return failed;
        }
    }
    return 0;
}

// Opens a path without links part by part, following none. The descriptor, or -1 with errno.
static int open_parts(int root_fd, char *path, int flags) {
    scoped(cleanup_fd) int at = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
    char *part = path;
    for (char *slash = strchr(part, '/'); at >= 0 && slash; slash = strchr(part, '/')) {
        *slash = '\0';
        int next = openat(at, part, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
        if (next < 0) {
            return -1;
        }
        close(at);
        at = next;
        part = slash + 1;
    }
    return openat(at, *part ? part : ".", flags | O_NOFOLLOW | O_CLOEXEC);
}

static int open_slowly(const struct place *place, const char *name, int flags) {
    char pending[PATH_MAX];
    char resolved[PATH_MAX];
    int len = snprintf(pending, sizeof pending, "%s/%s", place->relative, name);
    if (len >= (int)sizeof pending) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int failed = name[0] == '/' ? EXDEV : resolve_links(place->root_fd, pending, resolved);
    if (failed) {
        errno = failed;
        return -1;
    }
    return open_parts(place->root_fd, resolved, flags);
}

// Opens `name` in the place without leaving the root. The descriptor, or -1 with errno.
static int open_inside(const struct place *place, const char *name, int flags) {
    if (!strchr(name, '/') && strcmp(name, "..") != 0) {
        int fd = openat(place->fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
        // O_PATH opens the link itself, O_DIRECTORY says ENOTDIR for it
        bool met_link = fd < 0 && (errno == ELOOP || errno == ENOTDIR);
        if (fd >= 0 && (flags & O_PATH)) {
            struct stat st;
            met_link = fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
            if (met_link) {
                close(fd);
            }
        }
        if (!met_link) {
            return fd;
        }
    }
    return open_slowly(place, name, flags);
}

static enum status fail_errno(struct error *err, const char *where, const char *what, int number) {
    switch (number) {
    case ENOENT:
        return fail(err, STATUS_NOT_FOUND, where, "There is no such %s", what);
    case EXDEV:
        return fail(err, STATUS_INVALID, where,
                    "It is a link that leaves the root; only links that stay inside are followed");
    case ELOOP:
        return fail(err, STATUS_INVALID, where, "Its links go round in a circle");
    case ENOMEM:
        return fail_no_memory(err);
    default:
        return fail(err, STATUS_IO, where, "The %s cannot be read: %s", what, strerror(number));
    }
}

// The last part of a path when it names the directory, else of the path the kernel knows it by: "."
// and "/x/.." are no names.
static const char *directory_name(struct arena *arena, const char *path) {
    struct text view = text_from(path);
    while (view.len > 1 && view.ptr[view.len - 1] == '/') {
        view.len--;
    }
    const char *slash = memrchr(view.ptr, '/', view.len);
    const char *name = slash ? slash + 1 : view.ptr;
    size_t len = view.len - (size_t)(name - view.ptr);
    bool dots = len == 0 || (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));
    if (!dots) {
        return arena_copy(arena, name, len);
    }
    char real[PATH_MAX];
    const char *last = realpath(path, real) ? strrchr(real, '/') + 1 : "";
    return arena_strdup(arena, last);
}

// `path` without slashes at its end, as origins are built from it.
static const char *tidy_path(struct arena *arena, const char *path) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return arena_copy(arena, path, len);
}

enum status place_open(struct arena *arena, const char *path, struct place *ret_place,
                       struct error *err) {
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return fail(err, STATUS_USAGE, path,
                    errno == ENOENT ? "There is no such directory" : "This is not a directory");
    }
    if (fd < 0) {
        return fail_errno(err, path, "directory", errno);
    }
    struct place place = {.root_fd = fd, .fd = fd, .relative = ""};
    place.name = directory_name(arena, path);
    place.path = tidy_path(arena, path);
    if (!place.name || !place.path) {
        return fail_no_memory(err);
    }
    fd = -1;
    *ret_place = place;
    return STATUS_OK;
}

enum status place_enter(struct arena *arena, const struct place *parent, const char *name,
                        struct place *ret_place, struct error *err) {
    struct place place = {.root_fd = parent->root_fd, .fd = -1};
    bool slash = parent->path[strlen(parent->path) - 1] == '/';
    place.path = arena_printf(arena, "%s%s%s", parent->path, slash ? "" : "/", name);
    place.relative = *parent->relative ? arena_printf(arena, "%s/%s", parent->relative, name)
                                       : arena_strdup(arena, name);
    place.name = place.relative ? strrchr(place.relative, '/') : NULL;
    place.name = place.name ? place.name + 1 : place.relative;
    if (!place.path || !place.relative) {
        return fail_no_memory(err);
    }
    place.fd = open_inside(parent, name, O_RDONLY | O_DIRECTORY);
    if (place.fd < 0) {
        return fail_errno(err, place.path, "directory", errno);
    }
    *ret_place = place;
    return STATUS_OK;
}

void place_close(struct place *place) {
    if (place->fd >= 0) {
        close(place->fd);
    }
    *place = PLACE_CLOSED;
}

static enum place_kind kind_of_mode(mode_t mode) {
    return S_ISREG(mode) ? PLACE_FILE : S_ISDIR(mode) ? PLACE_DIRECTORY : PLACE_SPECIAL;
}

static enum place_kind kind_outside(const struct place *place, const char *name) {
    struct stat st;
    bool directory = fstatat(place->fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
    return directory ? PLACE_OUTSIDE_DIRECTORY : PLACE_OUTSIDE_FILE;
}

enum place_kind place_find(const struct place *place, const char *name) {
    scoped(cleanup_fd) int fd = open_inside(place, name, O_PATH);
    struct stat st;
    if (fd >= 0) {
        return fstat(fd, &st) == 0 ? kind_of_mode(st.st_mode) : PLACE_UNREADABLE;
    }
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return PLACE_ABSENT;
    case EXDEV:
    case ELOOP:
        return kind_outside(place, name);
    default:
        return PLACE_UNREADABLE;
    }
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const struct place_entry *)a)->name, ((const struct place_entry *)b)->name);
}

static enum place_kind kind_of_entry(const struct place *place, const struct dirent *entry) {
    switch (entry->d_type) {
    case DT_DIR:
        return PLACE_DIRECTORY;
    case DT_REG:
        return PLACE_FILE;
    case DT_LNK:
    case DT_UNKNOWN:
        return place_find(place, entry->d_name);
    default:
        return PLACE_SPECIAL;
    }
}

// The list doubles; what it outgrew stays in the arena until that is freed.
static struct place_entry *add_entry(struct arena *arena, struct place_entries *entries,
                                     size_t *capacity) {
    if (entries->count == *capacity) {
        size_t grown = *capacity ? *capacity * 2 : 64;
        struct place_entry *items = arena_array(arena, grown, sizeof *items);
        if (!items) {
            return NULL;
        }
        if (entries->count) {
            memcpy(items, entries->items, entries->count * sizeof *items);
        }
        entries->items = items;
        *capacity = grown;
    }
    return &entries->items[entries->count++];
}

enum status place_entries(struct arena *arena, const struct place *place,
                          struct place_entries *ret_entries, struct error *err) {
    int fd = openat(place->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    scoped(cleanup_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int failed = errno;
        cleanup_fd(&fd);
        return fail_errno(err, place->path, "directory", failed);
    }
    struct place_entries entries = {0};
    size_t capacity = 0;
    errno = 0;
    for (struct dirent *found = readdir(dir); found; errno = 0, found = readdir(dir)) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) {
            continue;
        }
        struct place_entry *entry = add_entry(arena, &entries, &capacity);
        const char *name = arena_strdup(arena, found->d_name);
        if (!entry || !name) {
            return fail_no_memory(err);
        }
        *entry = (struct place_entry){name, kind_of_entry(place, found)};
    }
    if (errno) {
        return fail_errno(err, place->path, "directory", errno);
    }
    if (entries.count) {
        qsort(entries.items, entries.count, sizeof *entries.items, compare_entries);
    }
    *ret_entries = entries;
    return STATUS_OK;
}

static enum status load_all(int fd, const char *where, struct buffer *ret_bytes,
                            struct error *err) {
    char chunk[16 * 1024];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(err, where, "file", errno);
        }
        buffer_add(ret_bytes, chunk, (size_t)got);
        if (ret_bytes->failed == STATUS_TOO_LARGE) {
            return fail(err, STATUS_TOO_LARGE, where, "The file is over the limit of %zu KiB",
                        ret_bytes->max_bytes / 1024);
        }
        if (ret_bytes->failed) {
            return fail_no_memory(err);
        }
        if (got == 0) {
            return STATUS_OK;
        }
    }
}

enum status place_load(const struct place *place, const char *name, struct buffer *ret_bytes,
                       struct error *err) {
    char where[sizeof err->where];
    snprintf(where, sizeof where, "%s/%s", place->path, name);
    // opening a device can already do something: look first, and look again at what was opened
    enum place_kind kind = place_find(place, name);
    if (kind == PLACE_SPECIAL || kind == PLACE_DIRECTORY) {
        return fail(err, STATUS_INVALID, where, "This is %s, not a regular file",
                    kind == PLACE_DIRECTORY ? "a directory" : "a pipe, socket or device");
    }
    scoped(cleanup_fd) int fd = open_inside(place, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return fail_errno(err, where, "file", errno);
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return fail(err, STATUS_INVALID, where, "This is not a regular file");
    }
    return load_all(fd, where, ret_bytes, err);
}
