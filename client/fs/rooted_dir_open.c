// SPDX-License-Identifier: MIT
// Opening beneath a root (rooted_dir_open.h). The usual case costs one openat2 that follows no link and
// stays beneath the root; only when that meets a link, or the kernel does not know it, the slow way
// resolves links by hand and opens the result part by part without following any, so that a race can
// at worst cause an error.
#include "client/fs/rooted_dir_open.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

enum { LINKS_MAX = 16 };

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
    int root_fd;      // borrowed
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
    int number = prepend_target(trail->pending, target, trail->next);
    trail->next = trail->pending;
    return number;
}

// ".." above the root is refused, not ignored as the kernel does at "/".
static int resolve_part(struct trail *trail, const char *part, size_t len) {
    if (!len || (len == 1 && part[0] == '.')) {
        return 0;
    }
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        bool at_root = !trail->resolved[0];
        drop_last(trail->resolved);
        return at_root ? EXDEV : 0;
    }
    int number = append_part(trail->resolved, part, len);
    return number ? number : follow_link(trail);
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
        int number = resolve_part(&trail, part, len);
        if (number) {
            return number;
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

static int open_slowly(struct rooted_path dir, const char *name, int flags) {
    char pending[PATH_MAX];
    char resolved[PATH_MAX];
    int len = snprintf(pending, sizeof pending, "%s/%s", dir.relative, name);
    if (len >= (int)sizeof pending) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int number = name[0] == '/' ? EXDEV : resolve_links(dir.root_fd, pending, resolved);
    if (number) {
        errno = number;
        return -1;
    }
    return open_parts(dir.root_fd, resolved, flags);
}

bool rooted_path_join(struct rooted_path dir, const char *name, char ret_path[PATH_MAX]) {
    size_t len = strlen(dir.relative);
    size_t name_len = strlen(name);
    if (len + name_len + 2 > PATH_MAX) {
        return false;
    }
    memcpy(ret_path, dir.relative, len);
    ret_path[len] = '/';
    memcpy(ret_path + len + (len > 0), name, name_len + 1);
    return true;
}

int rooted_path_open_straight(struct rooted_path dir, const char *name, int flags) {
    char path[PATH_MAX];
    if (name[0] == '/') {
        errno = EXDEV;
        return -1;
    }
    struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    if (!rooted_path_join(dir, name, path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return (int)syscall(SYS_openat2, dir.root_fd, path, &how, sizeof how);
}

int rooted_path_open(struct rooted_path dir, const char *name, int flags) {
    int fd = rooted_path_open_straight(dir, name, flags);
    if (fd >= 0) {
        return fd;
    }
    bool final = errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ENXIO;
    return name[0] != '/' && final ? -1 : open_slowly(dir, name, flags);
}
