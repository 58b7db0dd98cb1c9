// SPDX-License-Identifier: MIT
// Reading postmaster.pid: 1 pid, 2 data directory, 3 start time, 4 port, 5 socket directory,
// 6 listen address, 7 shared memory, 8 status.
#include "registryd/postgres/postmaster.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum {
    FAST_STOP_MS = 20000,
    IMMEDIATE_STOP_MS = 15000, // the postmaster itself kills what does not obey after 5 s
    LINE_SOCKET_DIR = 5,
    LINE_STATUS = 8,
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
static bool is_ours(pid_t pid, const char *cluster_dir) {
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
    return is_zombie(pid) || !is_ours(pid, cluster_dir) ? POSTMASTER_STALE : POSTMASTER_ALIVE;
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

static void send_signal(int process_fd, int number) {
    syscall(SYS_pidfd_send_signal, process_fd, number, NULL, 0);
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
