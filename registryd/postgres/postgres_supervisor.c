// SPDX-License-Identifier: MIT
// The supervisor's loop: find or start a postmaster, watch it and registryd, start over. When
// registryd is gone: linger. The file lock on postgres.lock is handed down to the postmaster and its
// children, so it is free only when the last process of the cluster has ended, even where process
// numbers mean nothing (two containers on one volume).
#include "registryd/postgres/postgres_supervisor.h"

#include "registryd/postgres/data_lock.h"
#include "registryd/postgres/program.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
    LOG_BYTES = 10 * 1024 * 1024, // postgres.log is set aside when it is larger at a start
    FIRST_BACKOFF_MS = 50,        // after a crash; doubles
    LAST_BACKOFF_MS = 5000,
    STABLE_MS = 10000, // a postmaster that ran this long starts the backoff anew
    LINGER_STEP_MS = 1000,
};

enum event { EVENT_ENDED, EVENT_STOP, EVENT_ORPHANED, EVENT_TERMINATED, EVENT_TIMEOUT };

struct supervisor {
    const struct supervisor_settings *settings;
    int control_fd; // -1 once registryd is gone
    int signal_fd;  // signals, read like a file
    int process_fd; // of the postmaster; -1 = none
    int backoff_ms; // before the next start
};

static int open_log(const struct supervisor_settings *settings) {
    char path[PATH_MAX];
    char old[PATH_MAX];
    struct stat info;
    snprintf(path, sizeof path, "%s/postgres.log", settings->data_dir);
    snprintf(old, sizeof old, "%s/postgres.log.old", settings->data_dir);
    if (stat(path, &info) == 0 && info.st_size > LOG_BYTES) {
        rename(path, old);
    }
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// -1 while a process of the cluster lives.
static int take_cluster_lock(const struct supervisor_settings *settings) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/postgres.lock", settings->data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void remove_pid_file(const struct supervisor_settings *settings) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/postmaster.pid", settings->cluster_dir);
    unlink(path);
}

static void start_postmaster(struct supervisor *self, bool is_stale) {
    const struct supervisor_settings *settings = self->settings;
    const char *argv[] = {settings->postgres,   "-D", settings->cluster_dir, "-k",
                          settings->socket_dir, NULL};
    scoped(cleanup_fd) int lock_fd = take_cluster_lock(settings);
    if (lock_fd < 0) {
        log_event(settings->log, LOG_LEVEL_WARNING,
                  "event=postgres-waits reason=\"processes of the cluster are still ending\"");
        return;
    }
    scoped(cleanup_fd) int log_fd = open_log(settings);
    if (is_stale) {
        remove_pid_file(settings);
    }
    socket_dir_remove(settings->socket_dir); // its lock file may name a zombie, as the pid file may
    mkdir(settings->socket_dir, 0700);
    pid_t pid = log_fd < 0 ? -1 : program_spawn(argv, log_fd, lock_fd);
    if (pid < 0) {
        log_event(settings->log, LOG_LEVEL_ERROR, "event=postgres-not-started error=\"%s\"",
                  strerror(errno));
        return;
    }
    self->process_fd = postmaster_open(pid);
    log_event(settings->log, LOG_LEVEL_INFO, "event=postgres-started pid=%ld", (long)pid);
}

// Somebody else's postmaster on our cluster: we hold the data directory, so it must go.
static void stop_intruder(const struct supervisor *self, const struct postmaster *found) {
    scoped(cleanup_fd) int process_fd = postmaster_open(found->pid);
    log_event(self->settings->log, LOG_LEVEL_WARNING, "event=postgres-replaced pid=%ld",
              (long)found->pid);
    if (process_fd >= 0) {
        postmaster_stop(process_fd);
    }
    socket_dir_remove(found->socket_dir);
}

static void find_or_start_postmaster(struct supervisor *self) {
    struct postmaster found;
    enum postmaster_state state = postmaster_find(self->settings->cluster_dir, &found);
    if (state == POSTMASTER_ALIVE && strcmp(found.socket_dir, self->settings->socket_dir) == 0) {
        self->process_fd = postmaster_open(found.pid);
        log_event(self->settings->log, LOG_LEVEL_INFO, "event=postgres-adopted pid=%ld",
                  (long)found.pid);
        return;
    }
    if (state == POSTMASTER_ALIVE) {
        stop_intruder(self, &found);
    }
    start_postmaster(self, state == POSTMASTER_STALE);
}

static enum event read_control(struct supervisor *self) {
    char message;
    ssize_t len = recv(self->control_fd, &message, 1, MSG_DONTWAIT);
    if (len == 1) {
        return message == SUPERVISOR_STOP ? EVENT_STOP : EVENT_TIMEOUT;
    }
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
        return EVENT_TIMEOUT;
    }
    close(self->control_fd);
    self->control_fd = -1;
    return EVENT_ORPHANED;
}

// SIGTERM counts only once registryd is gone: until then registryd decides when to stop.
static enum event read_signal(const struct supervisor *self) {
    struct signalfd_siginfo info;
    if (read(self->signal_fd, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM &&
        self->control_fd < 0) {
        return EVENT_TERMINATED;
    }
    return EVENT_TIMEOUT;
}

// The postmaster, and orphans of a killed one.
static void reap_children(void) {
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

// Waits for the first thing to happen. Orders of registryd come before the postmaster's end, so that
// nothing is restarted when registryd is gone.
static enum event wait_event(struct supervisor *self, int timeout_ms) {
    struct pollfd waits[] = {
        {.fd = self->control_fd, .events = POLLIN},
        {.fd = self->signal_fd, .events = POLLIN},
        {.fd = self->process_fd, .events = POLLIN},
    };
    int64_t end_ms = monotonic_ms() + timeout_ms;
    enum event event = EVENT_TIMEOUT;
    while (event == EVENT_TIMEOUT) {
        int64_t left_ms = timeout_ms < 0 ? -1 : end_ms - monotonic_ms();
        if (timeout_ms >= 0 && left_ms <= 0) {
            break;
        }
        if (poll(waits, COUNT_OF(waits), (int)left_ms) < 0) {
            continue;
        }
        if (waits[0].revents) {
            event = read_control(self);
        }
        if (event == EVENT_TIMEOUT && waits[1].revents) {
            event = read_signal(self);
        }
        if (event == EVENT_TIMEOUT && waits[2].revents) {
            event = EVENT_ENDED;
        }
        reap_children();
    }
    return event;
}

static void stop_postmaster(struct supervisor *self) {
    if (self->process_fd >= 0 && !postmaster_stop(self->process_fd)) {
        log_event(self->settings->log, LOG_LEVEL_ERROR,
                  "event=postgres-not-stopped advice=\"it ended neither after SIGINT nor after "
                  "SIGQUIT\"");
        return;
    }
    reap_children(); // the process that inherits a zombie may keep it
    socket_dir_remove(self->settings->socket_dir);
}

static void forget_postmaster(struct supervisor *self) {
    close(self->process_fd);
    self->process_fd = -1;
}

static void report_end(struct supervisor *self, int64_t ran_ms) {
    const char message = SUPERVISOR_ENDED;
    log_event(self->settings->log, LOG_LEVEL_WARNING, "event=postgres-ended after_ms=%lld",
              (long long)ran_ms);
    send(self->control_fd, &message, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    forget_postmaster(self);
}

// After the postmaster's end, or a start that came to nothing: a moment's rest.
static enum event pause_before_restart(struct supervisor *self, int64_t started_ms) {
    int64_t ran_ms = monotonic_ms() - started_ms;
    if (self->process_fd >= 0) {
        report_end(self, ran_ms);
    }
    self->backoff_ms = ran_ms > STABLE_MS || !self->backoff_ms  ? FIRST_BACKOFF_MS
                       : self->backoff_ms * 2 < LAST_BACKOFF_MS ? self->backoff_ms * 2
                                                                : LAST_BACKOFF_MS;
    return wait_event(self, self->backoff_ms);
}

// Registryd is gone. Leaves the postmaster to the next one when somebody holds LOCK; stops it when
// nobody came in time, or the data directory went away. LOCK counts as held only when it is so twice
// in a row: a dying process closes its descriptors one after the other, ours perhaps before LOCK.
static void linger(struct supervisor *self) {
    int64_t end_ms = monotonic_ms() + self->settings->linger_seconds * 1000LL;
    bool is_over = self->process_fd < 0;
    log_event(self->settings->log, LOG_LEVEL_WARNING,
              "event=supervisor-lingers reason=\"registryd is gone\" seconds=%d",
              self->settings->linger_seconds);
    for (int times_held = 0; times_held < 2;) {
        int lock_fd = data_lock_try(self->settings->data_dir);
        bool is_held = lock_fd < 0 && errno == EWOULDBLOCK;
        if (!is_held && (lock_fd < 0 || is_over || monotonic_ms() >= end_ms)) {
            data_lock_note_stopping(lock_fd);
            stop_postmaster(self); // LOCK stays ours until this process ends
            return;
        }
        times_held = is_held ? times_held + 1 : 0;
        if (lock_fd >= 0) {
            close(lock_fd);
        }
        enum event event = wait_event(self, LINGER_STEP_MS);
        if (event == EVENT_ENDED) {
            forget_postmaster(self);
        }
        is_over |= event != EVENT_TIMEOUT;
    }
    log_event(self->settings->log, LOG_LEVEL_INFO, "event=supervisor-relieved");
}

static void supervise(struct supervisor *self) {
    while (true) {
        int64_t started_ms = monotonic_ms();
        find_or_start_postmaster(self);
        enum event event = self->process_fd < 0 ? EVENT_ENDED : wait_event(self, -1);
        if (event == EVENT_ENDED) {
            event = pause_before_restart(self, started_ms);
        }
        if (event == EVENT_STOP) {
            stop_postmaster(self);
            return;
        }
        if (event == EVENT_ORPHANED) {
            linger(self);
            return;
        }
    }
}

// Own session (a terminal's Ctrl-C is registryd's business), no descriptors but the control socket
// and standard error: LOCK above all must not live on in here.
static _Noreturn void run(const struct supervisor_settings *settings, int control_fd) {
    sigset_t wanted;
    sigset_t all;
    struct supervisor self = {.settings = settings, .process_fd = -1};
    setsid();
    self.control_fd = dup3(control_fd, 3, O_CLOEXEC) < 0 ? control_fd : 3;
    close_range(4, ~0U, 0);
    int null_fd = open("/dev/null", O_RDWR);
    dup2(null_fd, STDIN_FILENO);
    dup2(null_fd, STDOUT_FILENO);
    close(null_fd);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    self.signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    prctl(PR_SET_NAME, "registryd-pg");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    supervise(&self);
    _exit(0);
}

pid_t supervisor_open(const struct supervisor_settings *settings, int *ret_control_fd) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        run(settings, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    *ret_control_fd = ends[0];
    return pid;
}
