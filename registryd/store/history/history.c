// SPDX-License-Identifier: MIT
// The rows say on which server they were counted last, and that is compared with the server they are found on.
// Equal: the epoch is in use there, and its number decides. Different: the server is a promoted standby or a
// restored copy, whose own epoch has yet to begin; an earlier timeline of the same system is neither.
#include "registryd/store/history/history.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { FILE_BYTES_MAX = 512 };

struct history history_of(const struct history_found *found) {
    struct history history = {.number = found->number};
    size_t len = strcspn(found->here, "/");
    memcpy(history.system, found->here, len);
    history.timeline = found->here[len] ? strtoll(found->here + len + 1, NULL, 16) : 0;
    memcpy(history.epoch, found->epoch, sizeof history.epoch);
    return history;
}

// The epoch has begun on this server, so numbers compare.
static enum history_verdict judge_counted(const struct history *remembered,
                                          const struct history *here, bool is_given_up) {
    if (strcmp(here->epoch, remembered->epoch) == 0) {
        bool is_same = here->number == remembered->number &&
                       here->timeline == remembered->timeline &&
                       strcmp(here->system, remembered->system) == 0;
        return is_same ? HISTORY_KNOWN : HISTORY_FOLLOWED;
    }
    if (here->number > remembered->number) {
        return HISTORY_FOLLOWED;
    }
    // Another system is a restored dump: a daemon without memory has begun its epoch, with too low a number.
    if (is_given_up || strcmp(here->system, remembered->system) != 0) {
        return HISTORY_REPLACED;
    }
    return here->number == remembered->number ? HISTORY_FORKED : HISTORY_OLDER;
}

enum history_verdict history_judge(const struct history *remembered,
                                   const struct history_found *found, int64_t accepted) {
    struct history here = history_of(found);
    bool is_counted = strcmp(found->counted, found->here) == 0;
    bool is_given_up = accepted && accepted == remembered->number;
    if (!remembered->system[0]) {
        return is_counted ? HISTORY_FOLLOWED : HISTORY_NEW;
    }
    if (is_counted) {
        return judge_counted(remembered, &here, is_given_up);
    }
    bool is_earlier =
        strcmp(here.system, remembered->system) == 0 && here.timeline < remembered->timeline;
    return is_earlier && !is_given_up ? HISTORY_OLDER : HISTORY_NEW;
}

// ---- the file ----

static enum status fail_file(const char *path, const char *verb, struct error *err) {
    int error = errno;
    return fail(err, error == ENOSPC ? STATUS_DISK_FULL : STATUS_IO, NULL, "Cannot %s %s: %s", verb,
                path, strerror(error));
}

static bool read_text(const char *text, struct history *ret_history) {
    struct history history = {0};
    int end = 0;
    int count = sscanf(text,
                       "registryd history 1\nsystem %39[0-9]\ntimeline %" SCNd64
                       "\nepoch %36[0-9a-f-]\nnumber %" SCNd64 "\nend%n",
                       history.system, &history.timeline, history.epoch, &history.number, &end);
    *ret_history = history;
    return count == 4 && end;
}

enum status history_load(const char *path, struct history *ret_history, struct error *err) {
    char text[FILE_BYTES_MAX] = "";
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return STATUS_OK;
    }
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0) {
        return fail_file(path, "read", err);
    }
    return read_text(text, ret_history)
               ? STATUS_OK
               : fail(err, STATUS_CONFLICT, NULL,
                      "%s does not say which history registryd served last. Remove it if the "
                      "database is the right one",
                      path);
}

// O_EXCL after unlink: what lay there, a link perhaps, is not written through.
static bool write_fresh(const char *path, const struct history *history) {
    char text[FILE_BYTES_MAX];
    int len = snprintf(text, sizeof text,
                       "registryd history 1\nsystem %s\ntimeline %" PRId64
                       "\nepoch %s\nnumber %" PRId64 "\nend\n",
                       history->system, history->timeline, history->epoch, history->number);
    unlink(path);
    scoped(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && write(fd, text, (size_t)len) == len && fsync(fd) == 0;
}

static bool sync_folder(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    scoped(cleanup_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

enum status history_keep(const char *path, const struct history *history, struct error *err) {
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return fail_file(path, "write", err);
    }
    if (!write_fresh(fresh, history) || rename(fresh, path) || !sync_folder(path)) {
        enum status status = fail_file(path, "write", err);
        unlink(fresh);
        return status;
    }
    return STATUS_OK;
}
