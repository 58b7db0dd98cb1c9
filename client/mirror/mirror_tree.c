// SPDX-License-Identifier: MIT
// Files are not synced one by one: thousands of them would wait for the disk thousands of times. The file system is
// synced once before the manifest is renamed, so that a manifest on disk never names a file that is not. A crash
// leaves files that no manifest names, and the next export takes or removes them.
#include "client/mirror/mirror_tree.h"

#include "client/fs/rooted_dir.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME ".registryd-export.lock"
#define TEMPORARY_NAME ".registryd-export.new"

static const char *const folders[] = {"simple", "files", "statements", "snapshots"};

static enum status fail_errno(const char *path, struct error *err) {
    enum status status = errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO;
    return fail(err, status, path, "The file cannot be written: %s", strerror(errno));
}

// ---- opening ----

// A directory with other content would lose it when the export is pruned.
static enum status check_content(struct arena *arena, const char *path, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_open(arena, path, &dir, err);
    if (status) {
        return status;
    }
    status = rooted_dir_entries(arena, &dir, &entries, err);
    if (status || rooted_dir_find(&dir, MIRROR_MANIFEST) == ROOTED_DIR_FILE ||
        rooted_dir_find(&dir, LOCK_NAME) == ROOTED_DIR_FILE || !entries.count) {
        return status;
    }
    return fail(
        err, STATUS_CONFLICT, path,
        "The directory has other content, for example \"%s\". Export into an empty directory, "
        "or into an earlier export",
        entries.items[0].name);
}

static enum status lock(struct mirror_tree *tree, struct error *err) {
    tree->lock_fd = openat(tree->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (tree->lock_fd < 0) {
        return fail_errno(tree->path, err);
    }
    return flock(tree->lock_fd, LOCK_EX | LOCK_NB) == 0
               ? STATUS_OK
               : fail(err, STATUS_CONFLICT, tree->path, "Another export works in this directory");
}

enum status mirror_tree_open(struct arena *arena, const char *path, struct mirror_tree *ret_tree,
                             struct error *err) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    struct mirror_tree tree = {arena_copy(arena, path, len), -1, -1};
    if (!tree.path) {
        return fail_no_memory(err);
    }
    if (mkdir(tree.path, 0755) && errno != EEXIST) {
        return fail_errno(tree.path, err);
    }
    enum status status = check_content(arena, tree.path, err);
    if (status) {
        return status;
    }
    tree.fd = open(tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = tree.fd < 0 ? fail_errno(tree.path, err) : lock(&tree, err);
    if (status) {
        mirror_tree_close(&tree);
        return status;
    }
    *ret_tree = tree;
    return STATUS_OK;
}

void mirror_tree_close(struct mirror_tree *tree) {
    cleanup_fd(&tree->fd);
    cleanup_fd(&tree->lock_fd);
    *tree = MIRROR_TREE_CLOSED;
}

// ---- writing ----

// Makes the folders of a path, from the top down.
static enum status make_folders(const struct mirror_tree *tree, const char *path,
                                struct error *err) {
    scoped(cleanup_memory) char *parts = strdup(path);
    if (!parts) {
        return fail_no_memory(err);
    }
    for (char *slash = strchr(parts, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdirat(tree->fd, parts, 0755) && errno != EEXIST) {
            return fail_errno(parts, err);
        }
        *slash = '/';
    }
    return STATUS_OK;
}

// One export works at a time, so one temporary name is enough; it is in the same file system as every place.
enum status mirror_tree_put(const struct mirror_tree *tree, const char *path, struct text bytes,
                            struct error *err) {
    enum status status = make_folders(tree, path, err);
    if (status) {
        return status;
    }
    unlinkat(tree->fd, TEMPORARY_NAME, 0);
    scoped(cleanup_fd) int fd = openat(tree->fd, TEMPORARY_NAME,
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool is_written = fd >= 0 && descriptor_write(fd, bytes.ptr, bytes.len) &&
                      renameat(tree->fd, TEMPORARY_NAME, tree->fd, path) == 0;
    return is_written ? STATUS_OK : fail_errno(path, err);
}

int64_t mirror_tree_size(const struct mirror_tree *tree, const char *path) {
    struct stat info;
    bool is_file =
        fstatat(tree->fd, path, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
    return is_file ? info.st_size : -1;
}

enum status mirror_tree_flush(const struct mirror_tree *tree, struct error *err) {
    return syncfs(tree->fd) == 0 ? STATUS_OK : fail_errno(tree->path, err);
}

// ---- pruning ----

struct pruning {
    const struct mirror_tree *tree;
    const json_t *files;
    size_t count;
};

static enum status prune_folder(struct pruning *pruning, struct arena *arena,
                                const struct rooted_dir *dir, struct error *err);

// The folder's own removal fails while it holds anything, which is how it stays.
static enum status prune_below(struct pruning *pruning, struct arena *arena,
                               const struct rooted_dir *dir, const char *name, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir below = ROOTED_DIR_CLOSED;
    enum status status = rooted_dir_enter(arena, dir, name, &below, err);
    if (status) {
        return status;
    }
    status = prune_folder(pruning, arena, &below, err);
    unlinkat(dir->fd, name, AT_REMOVEDIR);
    return status;
}

static enum status prune_entry(struct pruning *pruning, struct arena *arena,
                               const struct rooted_dir *dir, const struct rooted_dir_entry *entry,
                               struct error *err) {
    if (entry->kind == ROOTED_DIR_DIRECTORY && !entry->link) {
        return prune_below(pruning, arena, dir, entry->name, err);
    }
    const char *path = arena_printf(arena, "%s/%s", dir->relative, entry->name);
    if (!path) {
        return fail_no_memory(err);
    }
    if (json_object_get(pruning->files, path)) {
        return STATUS_OK;
    }
    pruning->count++;
    return unlinkat(dir->fd, entry->name, 0) && errno != ENOENT ? fail_errno(path, err) : STATUS_OK;
}

static enum status prune_folder(struct pruning *pruning, struct arena *arena,
                                const struct rooted_dir *dir, struct error *err) {
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_entries(arena, dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        status = prune_entry(pruning, arena, dir, &entries.items[i], err);
    }
    return status;
}

enum status mirror_tree_prune(const struct mirror_tree *tree, const json_t *files,
                              size_t *ret_count, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct pruning pruning = {tree, files, 0};
    enum status status =
        arena ? rooted_dir_open(arena, tree->path, &dir, err) : fail_no_memory(err);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && !status; i++) {
        bool is_there = rooted_dir_find(&dir, folders[i]) == ROOTED_DIR_DIRECTORY;
        status = is_there ? prune_below(&pruning, arena, &dir, folders[i], err) : STATUS_OK;
    }
    if (status) {
        return status;
    }
    *ret_count = pruning.count;
    return STATUS_OK;
}
