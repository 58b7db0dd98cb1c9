// SPDX-License-Identifier: MIT
// The LOCK file. Its text is "running PID" or "stopping PID", for people and for the wait; only flock on the open
// file counts. The kernel gives the lock back when the last descriptor is closed, however the process ended, so
// there is no stale lock and nothing to clean up. The file is never removed: a second process could then lock a
// file of the same name beside the first.
//
// Who may hold it: registryd for as long as it lives; after a crash its supervisor, for the moment in which it
// stops the private PostgreSQL ("stopping"), and for an instant each second while it looks whether another
// registryd has come. A start therefore waits up to a second for anyone, and longer for "stopping".
#include "registryd/postgres/data_lock.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

enum { STEP_MS = 50, PATIENCE_STEPS = 20, STOPPING_STEPS = 800 };

static void note(int fd, const char *what) {
    char line[64];
    int len = snprintf(line, sizeof line, "%s %ld\n", what, (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, line, (size_t)len, 0) < 0) {
        return; // only a note: the lock is what counts
    }
}

// O_NOFOLLOW: a link in the data directory must not make us create a file elsewhere.
static int open_lock(const char *data_dir) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/LOCK", data_dir) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int data_lock_try(const char *data_dir) {
    int fd = open_lock(data_dir);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return -1;
    }
    return fd;
}

void data_lock_note_stopping(int fd) {
    note(fd, "stopping");
}

static void read_note(int fd, char *ret_line, size_t size) {
    ssize_t len = pread(fd, ret_line, size - 1, 0);
    ret_line[len > 0 ? len : 0] = '\0';
    ret_line[strcspn(ret_line, "\n")] = '\0';
}

// True when the lock is ours. Patience depends on what the holder says it is doing.
static bool wait_for_lock(int fd) {
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    for (int i = 0; i < STOPPING_STEPS; i++) {
        char line[64];
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (errno != EWOULDBLOCK) {
            return false;
        }
        read_note(fd, line, sizeof line);
        if (i >= PATIENCE_STEPS && strncmp(line, "stopping", strlen("stopping")) != 0) {
            return false;
        }
        nanosleep(&step, NULL);
    }
    return false;
}

enum status data_lock_take(const char *data_dir, int *ret_fd, struct error *err) {
    int fd = open_lock(data_dir);
    if (fd < 0) {
        return fail(err, STATUS_IO, NULL, "Cannot open %s/LOCK: %s", data_dir, strerror(errno));
    }
    if (!wait_for_lock(fd)) {
        char line[64];
        read_note(fd, line, sizeof line);
        close(fd);
        const char *pid = strchr(line, ' ');
        return fail(err, STATUS_CONFLICT, NULL,
                    "Another registryd%s%s%s uses the data directory %s. Stop it, or set another "
                    "--data-dir.",
                    pid ? " (process" : "", pid ? pid : "", pid ? ")" : "", data_dir);
    }
    note(fd, "running");
    *ret_fd = fd;
    return STATUS_OK;
}
