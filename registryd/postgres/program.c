// SPDX-License-Identifier: MIT
// fork and exec. Between the two only async-signal-safe calls, as threads may exist.
#include "registryd/postgres/program.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { KEPT_FD = 3 };

// TZ keeps initdb from searching the time zone files; the locale keeps messages in one language.
static char *const clean_environment[] = {
    (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    (char *)"LC_ALL=C",
    (char *)"TZ=UTC",
    NULL,
};

static void reset_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void execute(const char *const *argv, int output_fd, int keep_fd) {
    int input_fd = open("/dev/null", O_RDONLY);
    // Move what we keep out of the way before the low numbers are written over.
    int output = fcntl(output_fd, F_DUPFD, KEPT_FD + 1);
    int keep = keep_fd < 0 ? -1 : fcntl(keep_fd, F_DUPFD, KEPT_FD + 1);
    dup2(input_fd, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (keep >= 0) {
        dup2(keep, KEPT_FD);
    }
    close_range(keep >= 0 ? KEPT_FD + 1 : KEPT_FD, ~0U, 0);
    reset_signals();
    execve(argv[0], (char *const *)argv, clean_environment);
    dprintf(STDERR_FILENO, "cannot execute %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

pid_t program_spawn(const char *const *argv, int output_fd, int keep_fd) {
    pid_t pid = fork();
    if (pid == 0) {
        execute(argv, output_fd, keep_fd);
    }
    return pid;
}

// Keeps the last bytes of what comes through `fd`. True at its end, false at the deadline.
static bool read_to_end(int fd, int64_t deadline_ms, char *ret_text, size_t size) {
    size_t len = 0;
    ret_text[0] = '\0';
    while (true) {
        int64_t left_ms = deadline_ms - monotonic_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0 || (poll(&wait, 1, (int)left_ms) < 0 && errno != EINTR)) {
            return false;
        }
        if (!wait.revents) {
            continue;
        }
        if (len > size / 2) {
            memmove(ret_text, ret_text + size / 4, len - size / 4);
            len -= size / 4;
        }
        ssize_t got = read(fd, ret_text + len, size - 1 - len);
        if (got <= 0) {
            return true;
        }
        len += (size_t)got;
        ret_text[len] = '\0';
    }
}

enum status program_run(const char *const *argv, int timeout_ms, struct program_output *ret_output,
                        struct error *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        return fail(err, STATUS_IO, NULL, "Cannot run %s: %s", argv[0], strerror(errno));
    }
    scoped(cleanup_fd) int output = ends[0];
    pid_t pid = program_spawn(argv, ends[1], -1);
    close(ends[1]);
    if (pid < 0) {
        return fail(err, STATUS_IO, NULL, "Cannot run %s: %s", argv[0], strerror(errno));
    }
    bool ended =
        read_to_end(output, monotonic_ms() + timeout_ms, ret_output->text, sizeof ret_output->text);
    if (!ended) {
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &ret_output->exit_status, 0) < 0 && errno == EINTR) {
    }
    return ended ? STATUS_OK
                 : fail(err, STATUS_IO, NULL, "%s did not end within %d s", argv[0],
                        timeout_ms / 1000);
}
