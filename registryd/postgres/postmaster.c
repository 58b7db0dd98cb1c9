// SPDX-License-Identifier: MIT
// What is known of a postmaster without being its parent: after a crash of registryd it is adopted, so its
// pid file, /proc and its socket are all there is. The lines of postmaster.pid:
//
//   1 pid   2 data directory   3 start time   4 port   5 socket directory   6 address   7 memory   8 status
//
// A pid alone proves nothing, as numbers are used again: the process must be called postgres and work
// inside this cluster's directory. It is held by a pidfd from then on,
// which means the same process for ever.
#include "registryd/postgres/postmaster.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    FAST_STOP_MS = 20000,      // for a checkpoint; then it is stopped at once
    IMMEDIATE_STOP_MS = 15000, // the postmaster itself kills what does not obey after 5 s
    LINE_SOCKET_DIR = 5,       // of postmaster.pid
    LINE_STATUS = 8,           // of postmaster.pid
};

static ssize_t read_file(const char *path, char *ret_text, size_t size) {
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, ret_text, size - 1);
    ret_text[len > 0 ? len : 0] = '\0';
    return len;
}

static void parse_pid_file(const char *file, struct postmaster *ret_postmaster) {
    struct text rest = text_from(file);
    struct text line;
    ret_postmaster->pid = (pid_t)strtol(file, NULL, 10);
    for (int number = 1; text_split(&rest, '\n', &line); number++) {
        if (number == LINE_SOCKET_DIR && line.len < sizeof ret_postmaster->socket_dir) {
            memcpy(ret_postmaster->socket_dir, line.ptr, line.len);
            ret_postmaster->socket_dir[line.len] = '\0';
        }
        if (number == LINE_STATUS) {
            ret_postmaster->ready = text_equals(text_trim(line), "ready");
        }
    }
}

static bool is_zombie(pid_t pid) {
    char path[64];
    char stat_line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if (read_file(path, stat_line, sizeof stat_line) <= 0) {
        return false;
    }
    const char *state = strrchr(stat_line, ')'); // the name before it may hold anything
    return state && (state[2] == 'Z' || state[2] == 'X');
}

// A postmaster works inside its data directory. Another user's process hides its own: foreign.
static bool is_of_cluster(pid_t pid, const char *cluster_dir) {
    char path[64];
    char name[32];
    struct stat there;
    struct stat cluster;
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    if (read_file(path, name, sizeof name) <= 0 || strncmp(name, "postgres", 8) != 0) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%ld/cwd", (long)pid);
    return stat(path, &there) == 0 && stat(cluster_dir, &cluster) == 0 &&
           there.st_dev == cluster.st_dev && there.st_ino == cluster.st_ino;
}

enum postmaster_state postmaster_find(const char *cluster_dir, struct postmaster *ret_postmaster) {
    char path[PATH_MAX];
    char file[PATH_MAX + 1024];
    *ret_postmaster = (struct postmaster){0};
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster_dir);
    if (read_file(path, file, sizeof file) <= 0) {
        return POSTMASTER_NONE;
    }
    parse_pid_file(file, ret_postmaster);
    pid_t pid = ret_postmaster->pid;
    if (pid <= 0 || (kill(pid, 0) && errno == ESRCH)) {
        return POSTMASTER_NONE;
    }
    return is_zombie(pid) || !is_of_cluster(pid, cluster_dir) ? POSTMASTER_STALE : POSTMASTER_ALIVE;
}

bool postmaster_listens(const char *socket_dir) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", socket_dir);
    if (!*socket_dir || len >= (int)sizeof address.sun_path) {
        return false;
    }
    scoped(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ||
                       errno == EAGAIN); // a full queue is somebody's queue
}

int postmaster_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool wait_for_end(int process_fd, int timeout_ms) {
    struct pollfd wait = {.fd = process_fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&wait, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

// By pidfd, so the signal can never reach a stranger who has got the same number since.
static void send_signal(int process_fd, int number) {
    syscall(SYS_pidfd_send_signal, process_fd, number, NULL, 0);
}

void postmaster_reload(int process_fd) {
    send_signal(process_fd, SIGHUP);
}

bool postmaster_stop(int process_fd) {
    static const struct {
        int signal;
        int patience_ms;
    } steps[] = {{SIGINT, FAST_STOP_MS}, {SIGQUIT, IMMEDIATE_STOP_MS}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        send_signal(process_fd, steps[i].signal);
        send_signal(process_fd, SIGCONT); // a stopped process would not see the signal
        if (wait_for_end(process_fd, steps[i].patience_ms)) {
            return true;
        }
    }
    return false;
}

// ---- the socket's folder ----

#define NAME_START "registryd-pg-"

// Under /tmp anyone can make a folder of this name first. One that is a link, or another user's, or open to
// others is passed over.
static bool is_own_folder(const char *dir) {
    struct stat info;
    const char *name = strrchr(dir, '/');
    return name && strncmp(name + 1, NAME_START, strlen(NAME_START)) == 0 &&
           lstat(dir, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 077) == 0;
}

static bool fits(const char *parent, const char *name, char ret_dir[SOCKET_DIR_SIZE]) {
    return parent && parent[0] == '/' &&
           snprintf(ret_dir, SOCKET_DIR_SIZE, "%s/" NAME_START "%s", parent, name) <
               SOCKET_DIR_SIZE;
}

static bool make_named(const char *parent, const char *name, const char *avoid,
                       char ret_dir[SOCKET_DIR_SIZE]) {
    char dir[SOCKET_DIR_SIZE];
    bool is_made = fits(parent, name, dir) && (!avoid || strcmp(dir, avoid) != 0) &&
                   (mkdir(dir, 0700) == 0 || (errno == EEXIST && is_own_folder(dir)));
    if (is_made) {
        memcpy(ret_dir, dir, sizeof dir);
    }
    return is_made;
}

// Somebody sits on the name; a random one serves as well, but is found again only by the pid file.
static bool make_unnamed(const char *parent, char ret_dir[SOCKET_DIR_SIZE]) {
    char dir[SOCKET_DIR_SIZE];
    bool is_made = fits(parent, "XXXXXX", dir) && mkdtemp(dir);
    if (is_made) {
        memcpy(ret_dir, dir, sizeof dir);
    }
    return is_made;
}

enum status socket_dir_make(const struct postmaster *last, const char *data_dir, const char *avoid,
                            char ret_dir[SOCKET_DIR_SIZE], struct error *err) {
    const char *parents[] = {getenv("RUNTIME_DIRECTORY"), getenv("XDG_RUNTIME_DIR"),
                             "/run/registryd", "/tmp"};
    char name[64];
    struct stat info;
    if (is_own_folder(last->socket_dir) && (!avoid || strcmp(last->socket_dir, avoid) != 0)) {
        memcpy(ret_dir, last->socket_dir, SOCKET_DIR_SIZE);
        return STATUS_OK;
    }
    if (stat(data_dir, &info)) {
        return fail(err, STATUS_IO, NULL, "Cannot check %s: %s", data_dir, strerror(errno));
    }
    snprintf(name, sizeof name, "%llx-%llx", (unsigned long long)info.st_dev,
             (unsigned long long)info.st_ino);
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        if (make_named(parents[i], name, avoid, ret_dir) || make_unnamed(parents[i], ret_dir)) {
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_IO, NULL,
                "Cannot make a folder for PostgreSQL's socket under /run/registryd or /tmp: %s",
                strerror(errno));
}

void socket_dir_remove(const char *dir) {
    static const char *const names[] = {".s.PGSQL.5432", ".s.PGSQL.5432.lock"};
    if (!is_own_folder(dir)) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}
