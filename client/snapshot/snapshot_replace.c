// SPDX-License-Identifier: MIT
// Replacing files: the rules that keep a snapshot from going back, then the writing. Everything goes
// through the descriptor of the folder that was checked, so that no other user can exchange the folder
// between the check and the writing. Processes that replace at once take turns by a lock beside the file;
// the rules are applied with the lock held, against the file that is there then.
#include "client/snapshot/snapshot_replace.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"
#include "schema/snapshot/snapshot_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum { LOCK_WAIT_MS = 5, LOCK_TRIES = 400 };

// ---- the rules: never backwards ----

static bool was_left(const struct snapshot_receipt *receipt, const char *epoch) {
    for (size_t i = 0; i < receipt->epoch_count; i++) {
        if (strcmp(receipt->epochs[i], epoch) == 0) {
            return true;
        }
    }
    return false;
}

static enum status fail_replaced(const struct snapshot_origin *next, struct error *err) {
    return fail(err, STATUS_CONFLICT, NULL,
                "The registry answered with the history %s, which a newer history has "
                "replaced. If this is intended, remove the cached file",
                next->epoch);
}

// Of two histories with numbers. The clock does not count: it may have been wrong at one of them.
static enum status check_numbers(const struct snapshot_origin *origin,
                                 const struct snapshot_origin *next, struct error *err) {
    if (next->epoch_number == origin->epoch_number) {
        return fail(err, STATUS_HISTORY_CONFLICT, NULL,
                    "The registry answered with the history %s, whose number %lld is that of the "
                    "cached history %s. The cached file is kept",
                    next->epoch, (long long)next->epoch_number, origin->epoch);
    }
    return next->epoch_number > origin->epoch_number ? STATUS_OK : fail_replaced(next, err);
}

// Whether `next` may replace `old`. In the same epoch the serial must not fall. Another epoch must have a higher
// number. Where the cached snapshot has none, an epoch that was left before does not come back; where neither has
// one, a new epoch must have been made later than what it replaces.
static enum status check_rules(const struct snapshot_file *old, const struct snapshot_origin *next,
                               struct error *err) {
    const struct snapshot_origin *origin = &old->snapshot.origin;
    if (strcmp(origin->epoch, next->epoch) == 0) {
        return next->serial >= origin->serial
                   ? STATUS_OK
                   : fail(err, STATUS_CONFLICT, NULL,
                          "The registry answered with serial %lld, but the cached snapshot has "
                          "serial %lld. The cached one is kept",
                          (long long)next->serial, (long long)origin->serial);
    }
    if (origin->epoch_number) {
        return check_numbers(origin, next, err);
    }
    if (was_left(&old->receipt, next->epoch)) {
        return fail_replaced(next, err);
    }
    if (!next->epoch_number && next->made_at_seconds < origin->made_at_seconds) {
        return fail(
            err, STATUS_CONFLICT, NULL,
            "The registry answered with another history (%s), which is older than the cached "
            "snapshot. If this is intended, remove the cached file",
            next->epoch);
    }
    return STATUS_OK;
}

// The receipt of what replaces `old` (NULL: nothing was there). Borrows from `old` and `url`.
static void make_receipt(const struct snapshot_file *old, const struct snapshot_origin *next,
                         const char *url, struct snapshot_receipt *ret_receipt) {
    struct snapshot_receipt receipt = {.url = url};
    if (old) {
        const struct snapshot_receipt *before = &old->receipt;
        const char *left = old->snapshot.origin.epoch;
        bool leaves = strcmp(left, next->epoch) != 0;
        size_t room = RECEIPT_EPOCHS_MAX - leaves; // the oldest ones go first
        size_t first = before->epoch_count > room ? before->epoch_count - room : 0;
        for (size_t i = first; i < before->epoch_count; i++) {
            receipt.epochs[receipt.epoch_count++] = before->epochs[i];
        }
        if (leaves) {
            receipt.epochs[receipt.epoch_count++] = left;
        }
    }
    *ret_receipt = receipt;
}

// ---- the file ----

// Where a file is written, and under which names.
struct target {
    int folder_fd;
    const char *name;
    char temporary[NAME_MAX + 1];
    const char *path; // for people
    bool is_secret;   // only the owner may read the file
};

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    enum status status = errno == ENOENT                      ? STATUS_NOT_FOUND
                         : errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL
                                                              : STATUS_IO;
    return fail(err, status, path, "The snapshot cannot be %s: %s", what, strerror(errno));
}

// What a crash left under the temporary name goes first. That the folder cannot be synced after the
// rename is no reason to fail: the new file is there.
static enum status write_target(const struct target *target, const struct buffer *bytes,
                                struct error *err) {
    unlinkat(target->folder_fd, target->temporary, 0);
    scoped(cleanup_fd) int fd = openat(target->folder_fd, target->temporary,
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                       target->is_secret ? 0600 : 0644);
    if (fd < 0) {
        return fail_errno(err, target->path, "written");
    }
    if (!descriptor_write(fd, bytes->ptr, bytes->len) || fsync(fd) != 0 ||
        renameat(target->folder_fd, target->temporary, target->folder_fd, target->name) != 0) {
        enum status status = fail_errno(err, target->path, "written");
        unlinkat(target->folder_fd, target->temporary, 0);
        return status;
    }
    fsync(target->folder_fd);
    return STATUS_OK;
}

static bool name_temporary(struct target *target, const char *ending) {
    return snprintf(target->temporary, sizeof target->temporary, "%s.%s", target->name, ending) <
           (int)sizeof target->temporary;
}

enum status snapshot_file_store(const char *path, const struct buffer *bytes, struct error *err) {
    const char *slash = strrchr(path, '/');
    scoped(cleanup_memory) char *folder =
        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    scoped(cleanup_fd) int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct target target = {.folder_fd = fd, .name = slash ? slash + 1 : path, .path = path};
    char ending[32]; // two that write the same file do not meet under it
    snprintf(ending, sizeof ending, "%ld.new", (long)getpid());
    if (!folder) {
        return fail_no_memory(err);
    }
    if (fd < 0) {
        return fail_errno(err, path, "written");
    }
    if (!name_temporary(&target, ending)) {
        errno = ENAMETOOLONG;
        return fail_errno(err, path, "written");
    }
    return write_target(&target, bytes, err);
}

// Settings may hold keys of other services: such a file is for its owner alone.
static enum status find_settings(const struct snapshot *snapshot, bool *ret_found,
                                 struct error *err) {
    struct snapshot_decisions decisions;
    bool found = false;
    for (uint32_t i = 0; i < snapshot->group_count && !found; i++) {
        struct snapshot_group group;
        enum status status = snapshot_group_at(snapshot, i, &group, err);
        if (status) {
            return status;
        }
        for (uint32_t j = 0; j < group.record_count && !found; j++) {
            struct record record;
            snapshot_record(&group, j, &record);
            found = record.settings;
        }
    }
    bool looks = !found && snapshot->has_decisions;
    enum status status = looks ? snapshot_check_decisions(snapshot, &decisions, err) : STATUS_OK;
    for (uint32_t i = 0; looks && !status && i < snapshot_decision_count(&decisions); i++) {
        struct decision decision;
        snapshot_decision(&decisions, i, &decision);
        found |= decision.settings != NULL;
    }
    *ret_found = found;
    return status;
}

// Waits for the lock. The system releases it with the descriptor, also when its holder is killed.
static enum status lock(const struct target *target, int *ret_fd, struct error *err) {
    char name[NAME_MAX + 1];
    snprintf(name, sizeof name, "%s.lock", target->name);
    scoped(cleanup_fd) int fd =
        openat(target->folder_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        return fail_errno(err, target->path, "written");
    }
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            *ret_fd = fd;
            fd = -1;
            return STATUS_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail_errno(err, target->path, "locked");
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_WAIT_MS * 1000000L}, NULL);
    }
    return fail(err, STATUS_TIMEOUT, target->path,
                "Another process has been replacing the snapshot for %d ms",
                LOCK_TRIES * LOCK_WAIT_MS);
}

void snapshot_confirm(const struct snapshot_file *file) {
    static const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    (void)!futimens(file->fd, now);
}

// The same answer of the same moment: nothing to write.
static bool is_same(const struct snapshot_file *old, const struct snapshot *next) {
    char tag[SNAPSHOT_TAG_SIZE];
    char next_tag[SNAPSHOT_TAG_SIZE];
    snapshot_tag(&old->snapshot, tag);
    snapshot_tag(next, next_tag);
    return strcmp(tag, next_tag) == 0 && old->snapshot.origin.serial == next->origin.serial;
}

// With the lock held. `old` is NULL when nothing usable is there.
static enum status put(const struct target *target, const char *url,
                       const struct snapshot_file *old, const struct snapshot *next,
                       bool *ret_replaced, struct error *err) {
    struct snapshot_receipt receipt;
    scoped(buffer_done) struct buffer bytes = {0};
    enum status status = old ? check_rules(old, &next->origin, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (old && is_same(old, next)) {
        snapshot_confirm(old);
        *ret_replaced = false;
        return STATUS_OK;
    }
    make_receipt(old, &next->origin, url, &receipt);
    buffer_init(&bytes, LIMIT_SNAPSHOT_BYTES);
    buffer_add(&bytes, next->bytes, next->len);
    snapshot_receipt_encode(&receipt, &bytes);
    if (bytes.failed) {
        return fail(err, bytes.failed, target->path, "The snapshot cannot be kept: %s",
                    status_info(bytes.failed)->default_text);
    }
    status = write_target(target, &bytes, err);
    *ret_replaced = !status;
    return status;
}

// Under a lock file: two hosts on one machine that pull at once must not put the older answer last.
enum status snapshot_replace(const struct snapshot_selector *selector,
                             const struct snapshot_path *location, const struct text *bytes,
                             bool *ret_replaced, struct error *err) {
    struct snapshot next;
    struct cache_dir_handle handle;
    scoped(snapshot_file_close) struct snapshot_file old = {0};
    enum status status = snapshot_open(bytes->ptr, bytes->len, &next, err);
    if (status) {
        return status;
    }
    status = cache_dir_open(&location->folder, !selector->path, &handle, err);
    if (status) {
        return status;
    }
    scoped(cleanup_fd) int folder_fd = handle.fd;
    scoped(cleanup_fd) int lock_fd = -1;
    struct target target = {.folder_fd = folder_fd, .name = location->name, .path = location->path};
    status = find_settings(&next, &target.is_secret, err);
    if (status) {
        return status;
    }
    if (!name_temporary(&target, "lock") || !name_temporary(&target, "new")) {
        errno = ENAMETOOLONG;
        return fail_errno(err, location->path, "written");
    }
    status = lock(&target, &lock_fd, err);
    if (status) {
        return status;
    }
    struct error fault = {0};
    status = snapshot_cache_open(selector, location, &old, &fault);
    if (status == STATUS_IO || status == STATUS_NO_MEMORY) {
        // what cannot be read now may still be the newer one
        return fail(err, status, fault.where, "%s", fault.message);
    }
    return put(&target, selector->url, status ? NULL : &old, &next, ret_replaced, err);
}
