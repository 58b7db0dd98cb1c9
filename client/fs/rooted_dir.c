// SPDX-License-Identifier: MIT
// Safe listing and loading (rooted_dir.h). What is only looked at costs one fstatat from the root; what is
// read is opened without following links (rooted_dir_open.h) and looked at again, so that a race can at
// worst cause an error.
#include "client/fs/rooted_dir.h"

#include "client/fs/rooted_dir_open.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

CLEANUP_DEFINE(DIR *, cleanup_dir, closedir)

// How a path is opened: from the root's descriptor, by the path below it. The directory's own descriptor would
// do, but then a ".." or a link in `name` could leave the root unnoticed.
static struct rooted_path path_of(const struct rooted_dir *dir) {
    return (struct rooted_path){dir->root_fd, dir->relative};
}

// The kernel's errors in the words of a walk. EXDEV and ELOOP mean that a path leaves the root, or that its
// links form a circle: rooted_dir_open.c returns them whether openat2 or its own resolution found out.
static enum status fail_errno(struct error *err, const char *where, const char *what, int number) {
    switch (number) {
    case ENOENT:
        return fail(err, STATUS_NOT_FOUND, where, "The %s does not exist", what);
    case EXDEV:
        return fail(err, STATUS_INVALID, where,
                    "The link leads out of the root; only links that stay inside are followed");
    case ELOOP:
        return fail(err, STATUS_INVALID, where, "The links form a loop");
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

// The root itself may be reached through links: the user named it. Only what is below it is confined.
enum status rooted_dir_open(struct arena *arena, const char *path, struct rooted_dir *ret_dir,
                            struct error *err) {
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return fail(err, STATUS_USAGE, path,
                    errno == ENOENT ? "The directory does not exist" : "This is not a directory");
    }
    if (fd < 0) {
        return fail_errno(err, path, "directory", errno);
    }
    struct rooted_dir dir = {.root_fd = fd, .fd = fd, .straight = true, .relative = ""};
    dir.name = directory_name(arena, path);
    dir.path = tidy_path(arena, path);
    if (!dir.name || !dir.path) {
        return fail_no_memory(err);
    }
    fd = -1;
    *ret_dir = dir;
    return STATUS_OK;
}

// "a/b". Arena; NULL when out of memory.
static const char *join(struct arena *arena, const char *parent, const char *name) {
    size_t len = strlen(parent);
    size_t name_len = strlen(name);
    bool slash = len && parent[len - 1] != '/';
    char *path = arena_alloc(arena, len + slash + name_len + 1);
    if (path) {
        memcpy(path, parent, len);
        path[len] = '/';
        memcpy(path + len + slash, name, name_len + 1);
    }
    return path;
}

// Fills everything but the descriptor. `seen` remembers the last file that was found, because a convention
// looks for a name first and loads it right after.
static enum status name_below(struct arena *arena, const struct rooted_dir *parent,
                              const char *name, struct rooted_dir *ret_dir, struct error *err) {
    struct rooted_dir dir = {
        .root_fd = parent->root_fd, .fd = -1, .for_records = parent->for_records};
    dir.seen = arena_alloc(arena, sizeof *dir.seen);
    dir.path = join(arena, parent->path, name);
    dir.relative = join(arena, parent->relative, name);
    dir.name = dir.relative ? strrchr(dir.relative, '/') : NULL;
    dir.name = dir.name ? dir.name + 1 : dir.relative;
    *ret_dir = dir;
    return dir.path && dir.relative && dir.seen ? STATUS_OK : fail_no_memory(err);
}

enum status rooted_dir_enter(struct arena *arena, const struct rooted_dir *parent, const char *name,
                             struct rooted_dir *ret_dir, struct error *err) {
    struct rooted_dir dir;
    enum status status = name_below(arena, parent, name, &dir, err);
    if (status) {
        return status;
    }
    dir.fd = rooted_path_open_straight(path_of(parent), name, O_RDONLY | O_DIRECTORY);
    dir.straight = dir.fd >= 0;
    if (dir.fd < 0) {
        dir.fd = rooted_path_open(path_of(parent), name, O_RDONLY | O_DIRECTORY);
    }
    if (dir.fd < 0) {
        return fail_errno(err, dir.path, "directory", errno);
    }
    *ret_dir = dir;
    return STATUS_OK;
}

// Names a directory without opening it. Most directories of a walk are not plugins and need no descriptor; it
// is `straight` when no link is on the way, so one fstatat without following links is enough for its entries.
enum status rooted_dir_below(struct arena *arena, const struct rooted_dir *parent,
                             const struct rooted_dir_entry *entry, struct rooted_dir *ret_dir,
                             struct error *err) {
    struct rooted_dir dir;
    enum status status = name_below(arena, parent, entry->name, &dir, err);
    if (!status) {
        dir.straight = parent->straight && !entry->link;
        *ret_dir = dir;
    }
    return status;
}

void rooted_dir_close(struct rooted_dir *dir) {
    if (dir->fd >= 0) {
        close(dir->fd);
    }
    *dir = ROOTED_DIR_CLOSED;
}

bool rooted_dir_identify(const struct rooted_dir *dir, struct rooted_dir_identity *ret_identity) {
    struct stat st;
    if (dir->fd >= 0 ? fstat(dir->fd, &st) : fstatat(dir->root_fd, dir->relative, &st, 0)) {
        return false;
    }
    *ret_identity = (struct rooted_dir_identity){st.st_dev, st.st_ino};
    return true;
}

bool rooted_dir_is_same(const struct rooted_dir_identity *a, const struct rooted_dir_identity *b) {
    return a->device == b->device && a->inode == b->inode;
}

static enum rooted_dir_kind kind_of_mode(mode_t mode) {
    return S_ISREG(mode)   ? ROOTED_DIR_FILE
           : S_ISDIR(mode) ? ROOTED_DIR_DIRECTORY
                           : ROOTED_DIR_SPECIAL;
}

// Whether what leaves the root is a directory. Only stat looks at it: nothing outside the root is opened.
static enum rooted_dir_kind kind_outside(const struct rooted_dir *dir, const char *name) {
    char path[PATH_MAX];
    struct stat st;
    bool directory = name[0] != '/' && rooted_path_join(path_of(dir), name, path) &&
                     fstatat(dir->root_fd, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
    return directory ? ROOTED_DIR_OUTSIDE_DIRECTORY : ROOTED_DIR_OUTSIDE_FILE;
}

static enum rooted_dir_kind kind_of_failure(const struct rooted_dir *dir, const char *name,
                                            int number) {
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ROOTED_DIR_ABSENT;
    case EXDEV:
    case ELOOP:
        return kind_outside(dir, name);
    default:
        return ROOTED_DIR_UNREADABLE;
    }
}

// Whether the folders before the last "/" of `name` are directories and no links: "a/" and "a/b/" of "a/b/c.py".
static bool is_folder_straight(const struct rooted_dir *dir, const char *name, size_t len) {
    char path[PATH_MAX];
    struct stat st;
    if (!rooted_path_join(path_of(dir), name, path)) {
        return false;
    }
    size_t start = strlen(path) - strlen(name);
    for (size_t from = 0; from < len;) {
        size_t part = strcspn(name + from, "/");
        if (!part || name[from] == '.') {
            return false;
        }
        from += part;
        path[start + from] = '\0';
        if (fstatat(dir->root_fd, path, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode)) {
            return false;
        }
        path[start + from] = '/';
        from++;
    }
    return true;
}

// Whether no link can be on the way to `name`, but for its last part; the folder that was asked for last is remembered.
static bool is_straight(const struct rooted_dir *dir, const char *name) {
    const char *slash = strrchr(name, '/');
    if (!dir->straight || !slash) {
        return dir->straight;
    }
    size_t len = (size_t)(slash - name) + 1;
    struct rooted_dir_seen *seen = dir->seen;
    if (!slash[1] || !seen || len >= sizeof seen->folder) {
        return false;
    }
    if (strncmp(seen->folder, name, len) == 0 && !seen->folder[len]) {
        return true;
    }
    if (!is_folder_straight(dir, name, len)) {
        return false;
    }
    memcpy(seen->folder, name, len);
    seen->folder[len] = '\0';
    return true;
}

static enum rooted_dir_kind look(const struct rooted_dir *dir, const char *name) {
    struct stat st;
    char path[PATH_MAX];
    // nothing is read here, and reading looks again: a link that came since can only cause an error
    if (is_straight(dir, name) && rooted_path_join(path_of(dir), name, path)) {
        if (fstatat(dir->root_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            return kind_of_failure(dir, name, errno);
        }
        if (!S_ISLNK(st.st_mode)) {
            return kind_of_mode(st.st_mode);
        }
    }
    scoped(cleanup_fd) int fd = rooted_path_open(path_of(dir), name, O_PATH);
    if (fd < 0) {
        return kind_of_failure(dir, name, errno);
    }
    return fstat(fd, &st) == 0 ? kind_of_mode(st.st_mode) : ROOTED_DIR_UNREADABLE;
}

// Several conventions ask for the same file; the last one found is remembered. Reading looks again, so
// a file that went away since is only an error then.
enum rooted_dir_kind rooted_dir_find(const struct rooted_dir *dir, const char *name) {
    if (dir->seen && *name && strcmp(dir->seen->name, name) == 0) {
        return ROOTED_DIR_FILE;
    }
    enum rooted_dir_kind kind = look(dir, name);
    size_t size = strlen(name) + 1;
    if (kind == ROOTED_DIR_FILE && dir->seen && size <= sizeof dir->seen->name) {
        memcpy(dir->seen->name, name, size);
    }
    return kind;
}

// Byte-wise, so that a walk gives the same order on every machine and in every locale. `order` keeps the order
// of the listing, which is the one that importlib.metadata uses.
static int compare_entries(const void *a, const void *b) {
    return strcmp(((const struct rooted_dir_entry *)a)->name,
                  ((const struct rooted_dir_entry *)b)->name);
}

static enum rooted_dir_kind kind_of_entry(const struct rooted_dir *dir,
                                          const struct dirent *entry) {
    switch (entry->d_type) {
    // the listing has the kind already, except of links and on some file systems
    case DT_DIR:
        return ROOTED_DIR_DIRECTORY;
    case DT_REG:
        return ROOTED_DIR_FILE;
    case DT_LNK:
    case DT_UNKNOWN:
        return rooted_dir_find(dir, entry->d_name);
    default:
        return ROOTED_DIR_SPECIAL;
    }
}

static struct rooted_dir_entry *add_entry(struct arena *arena, struct rooted_dir_entries *entries) {
    struct rooted_dir_entry *grown =
        list_grow(arena, entries->items, entries->count, &entries->capacity, sizeof *grown);
    if (!grown) {
        return NULL;
    }
    entries->items = grown;
    return &entries->items[entries->count++];
}

enum status rooted_dir_entries(struct arena *arena, const struct rooted_dir *dir,
                               struct rooted_dir_entries *ret_entries, struct error *err) {
    int fd = rooted_path_open(path_of(dir), ".", O_RDONLY | O_DIRECTORY);
    scoped(cleanup_dir) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing) {
        int number = errno;
        cleanup_fd(&fd);
        return fail_errno(err, dir->path, "directory", number);
    }
    struct rooted_dir_entries entries = {0};
    errno = 0;
    for (struct dirent *found = readdir(listing); found; errno = 0, found = readdir(listing)) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) {
            continue;
        }
        struct rooted_dir_entry *entry = add_entry(arena, &entries);
        const char *name = arena_strdup(arena, found->d_name);
        if (!entry || !name) {
            return fail_no_memory(err);
        }
        bool link = found->d_type != DT_DIR && found->d_type != DT_REG;
        *entry = (struct rooted_dir_entry){name, kind_of_entry(dir, found), link, entries.count};
    }
    if (errno) {
        return fail_errno(err, dir->path, "directory", errno);
    }
    if (entries.count) {
        qsort(entries.items, entries.count, sizeof *entries.items, compare_entries);
    }
    *ret_entries = entries;
    return STATUS_OK;
}

// Reads to the end, which is where the size says, or a read that gives nothing.
static enum status load_all(int fd, const char *where, off_t size, struct buffer *ret_bytes,
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
        size -= got;
        if (got == 0 || (got < (ssize_t)sizeof chunk && size == 0)) {
            return STATUS_OK;
        }
    }
}

static enum status load(const struct rooted_dir *dir, const char *name, const char *where,
                        struct buffer *ret_bytes, struct error *err) {
    // opening a device can already do something: look first, and look again at what was opened
    enum rooted_dir_kind kind = rooted_dir_find(dir, name);
    if (kind == ROOTED_DIR_SPECIAL || kind == ROOTED_DIR_DIRECTORY) {
        return fail(err, STATUS_INVALID, where, "This is %s, not a regular file",
                    kind == ROOTED_DIR_DIRECTORY ? "a directory" : "a pipe, socket or device");
    }
    // O_NONBLOCK: a pipe that was put there since we looked must not hold the walk
    scoped(cleanup_fd) int fd =
        rooted_path_open(path_of(dir), name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return fail_errno(err, where, "file", errno);
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return fail(err, STATUS_INVALID, where, "This is not a regular file");
    }
    return load_all(fd, where, st.st_size, ret_bytes, err);
}

enum status rooted_dir_load(const struct rooted_dir *dir, const char *name,
                            struct buffer *ret_bytes, struct error *err) {
    enum status status = load(dir, name, name, ret_bytes, err);
    if (status && status != STATUS_NO_MEMORY && err) {
        char folder[sizeof err->where];
        snprintf(folder, sizeof folder, "%s/", dir->path);
        error_within(err, folder);
    }
    return status;
}
