// SPDX-License-Identifier: MIT
// Small steps over rooted_dir, which lists and reads. Files are created with O_EXCL and O_NOFOLLOW, so that a file
// that is there already, under another spelling on a file system without case, is a conflict and not overwritten.
#include "client/sync/sync_tree.h"

#include "client/fs/rooted_dir.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A full disk and an exhausted quota are one status, because the remedy is the same: free space.
static enum status fail_errno(const char *path, struct error *err) {
    enum status status = errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO;
    return fail(err, status, path, "The file cannot be written: %s", strerror(errno));
}

// Makes the folders of `path` behind its first `from` bytes, from the top down. Each slash becomes
// a NUL for one mkdir and is put back. EEXIST is good: an earlier file made the folder.
static enum status make_folders(char *path, size_t from, struct error *err) {
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool is_made = mkdir(path, 0755) == 0 || errno == EEXIST;
        if (!is_made) {
            return fail_errno(path, err);
        }
        *slash = '/';
    }
    return STATUS_OK;
}

enum status tree_write(struct arena *arena, const char *folder, const struct tree_file *file,
                       struct error *err) {
    char *path = arena_printf(arena, "%s/%s", folder, file->name);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = make_folders(path, strlen(folder) + 1, err);
    if (status) {
        return status;
    }
    scoped(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                     file->is_program ? 0755 : 0644);
    if (fd < 0 && errno == EEXIST) {
        return fail(err, STATUS_CONFLICT, path,
                    "Two packages have this file, or it is there twice");
    }
    return fd >= 0 && descriptor_write(fd, file->bytes.ptr, file->bytes.len)
               ? STATUS_OK
               : fail_errno(path, err);
}

// ---- copying ----

static enum status copy_folder(struct arena *arena, const struct rooted_dir *dir, const char *to,
                               struct error *err);

// Files are created with mode 644, but a script of the host must stay executable after the copy.
// The bits setuid, setgid and sticky are not carried over.
static enum status copy_mode(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             const char *to, struct error *err) {
    struct stat st;
    const char *path = arena_printf(arena, "%s/%s", to, name);
    if (!path) {
        return fail_no_memory(err);
    }
    return fstatat(dir->fd, name, &st, 0) || chmod(path, st.st_mode & 0777) ? fail_errno(path, err)
                                                                            : STATUS_OK;
}

// A link inside the tree has the kind of its target, so that the copy holds the target's content
// and no link. A file is loaded whole; the size limit of an upload bounds it.
static enum status copy_entry(struct arena *arena, const struct rooted_dir *dir,
                              const struct rooted_dir_entry *entry, const char *to,
                              struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    if (entry->kind == ROOTED_DIR_DIRECTORY) {
        scoped(rooted_dir_close) struct rooted_dir below = ROOTED_DIR_CLOSED;
        const char *path = arena_printf(arena, "%s/%s", to, entry->name);
        enum status status =
            path ? rooted_dir_enter(arena, dir, entry->name, &below, err) : fail_no_memory(err);
        return status ? status : copy_folder(arena, &below, path, err);
    }
    enum status status = rooted_dir_load(dir, entry->name, &bytes, err);
    if (status) {
        return status;
    }
    struct tree_file file = {entry->name, {bytes.ptr, bytes.len}, false};
    status = tree_write(arena, to, &file, err);
    return status ? status : copy_mode(arena, dir, entry->name, to, err);
}

static enum status copy_folder(struct arena *arena, const struct rooted_dir *dir, const char *to,
                               struct error *err) {
    struct rooted_dir_entries entries = {0};
    if (mkdir(to, 0755) && errno != EEXIST) {
        return fail_errno(to, err);
    }
    enum status status = rooted_dir_entries(arena, dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        status = copy_entry(arena, dir, &entries.items[i], to, err);
    }
    return status;
}

enum status tree_copy(struct arena *arena, const char *from, const char *to, const char *name,
                      struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    enum status status = rooted_dir_open(arena, from, &dir, err);
    if (status) {
        return status;
    }
    struct rooted_dir_entry entry = {.name = name, .kind = rooted_dir_find(&dir, name)};
    return entry.kind == ROOTED_DIR_ABSENT
               ? fail(err, STATUS_NOT_FOUND, from, "There is no \"%s\" in this directory", name)
               : copy_entry(arena, &dir, &entry, to, err);
}

// ---- removing ----

static enum status remove_folder(struct arena *arena, const struct rooted_dir *dir,
                                 struct error *err);

static enum status remove_below(struct arena *arena, const struct rooted_dir *dir, const char *name,
                                struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir below = ROOTED_DIR_CLOSED;
    enum status status = rooted_dir_enter(arena, dir, name, &below, err);
    return status ? status : remove_folder(arena, &below, err);
}

// A link to a folder also has the kind of a folder. The link is unlinked and never entered, so that
// nothing outside of the tree is removed. An entry that vanished meanwhile is no failure.
static enum status remove_entry(struct arena *arena, const struct rooted_dir *dir,
                                const struct rooted_dir_entry *entry, struct error *err) {
    bool is_folder = entry->kind == ROOTED_DIR_DIRECTORY && !entry->link;
    enum status status = is_folder ? remove_below(arena, dir, entry->name, err) : STATUS_OK;
    if (status) {
        return status;
    }
    return unlinkat(dir->fd, entry->name, is_folder ? AT_REMOVEDIR : 0) && errno != ENOENT
               ? fail(err, STATUS_IO, dir->path, "\"%s\" cannot be removed: %s", entry->name,
                      strerror(errno))
               : STATUS_OK;
}

static enum status remove_folder(struct arena *arena, const struct rooted_dir *dir,
                                 struct error *err) {
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_entries(arena, dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        status = remove_entry(arena, dir, &entries.items[i], err);
    }
    return status;
}

enum status tree_remove(struct arena *arena, const char *path, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct stat st;
    if (lstat(path, &st)) {
        return STATUS_OK; // it is not there
    }
    if (!S_ISDIR(st.st_mode)) {
        return unlink(path) ? fail_errno(path, err) : STATUS_OK;
    }
    enum status status = rooted_dir_open(arena, path, &dir, err);
    if (status) {
        return status;
    }
    status = remove_folder(arena, &dir, err);
    if (status) {
        return status;
    }
    return rmdir(path) ? fail_errno(path, err) : STATUS_OK;
}
