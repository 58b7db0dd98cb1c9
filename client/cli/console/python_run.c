// SPDX-License-Identifier: MIT
// One child with two pipes, both read as they fill. When it takes too long or prints too much, it and
// what it started are killed.
#include "client/cli/console/python_run.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { FAULT_BYTES = 4096, NOT_STARTED = 127, PIECE_BYTES = 16384 };

struct child {
    pid_t pid;
    int out; // what it prints; -1 once at its end
    int err; // what it complains of
};

static void exec_python(const struct python_program *program, int out, int err) {
    const char *argv[] = {program->python,   "-I", "-B", "-c", program->source,
                          program->argument, NULL};
    int nothing = open("/dev/null", O_RDONLY);
    bool ready = setpgid(0, 0) == 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
                 dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0;
    if (ready) {
        execvp(program->python, (char *const *)argv);
    }
    const char *why = strerror(errno);
    ssize_t told = write(err, why, strlen(why));
    _exit(told < 0 ? NOT_STARTED + 1 : NOT_STARTED);
}

static enum status start(const struct python_program *program, struct child *ret_child,
                         struct error *err) {
    int out[2];
    if (pipe2(out, O_CLOEXEC)) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    scoped(cleanup_fd) int out_read = out[0];
    scoped(cleanup_fd) int out_write = out[1];
    int faults[2];
    if (pipe2(faults, O_CLOEXEC)) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    scoped(cleanup_fd) int err_read = faults[0];
    scoped(cleanup_fd) int err_write = faults[1];
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        exec_python(program, out_write, err_write);
    }
    if (pid < 0) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    *ret_child = (struct child){pid, out_read, err_read};
    out_read = err_read = -1;
    return STATUS_OK;
}

// Reads what is there; closes at the end. Complaints are kept as far as there is room.
static void take_piece(int *fd, struct buffer *into, bool keep_all) {
    char piece[PIECE_BYTES];
    ssize_t len = read(*fd, piece, sizeof piece);
    if (len < 0 && errno == EINTR) {
        return;
    }
    if (len <= 0) {
        close(*fd);
        *fd = -1;
        return;
    }
    size_t room = into->max_bytes - into->len;
    buffer_add(into, piece, keep_all || (size_t)len < room ? (size_t)len : room);
}

static enum status follow(const struct python_program *program, struct child *child,
                          struct buffer *printed, struct buffer *faults, struct error *err) {
    int64_t until_ms = monotonic_ms() + program->timeout_ms;
    while (child->out >= 0 || child->err >= 0) {
        struct pollfd waits[2] = {{.fd = child->out, .events = POLLIN},
                                  {.fd = child->err, .events = POLLIN}};
        int64_t left_ms = until_ms - monotonic_ms();
        int ready = left_ms > 0 ? poll(waits, 2, (int)left_ms) : 0;
        if (ready == 0) {
            return fail(err, STATUS_TIMEOUT, program->python, "It took more than %d ms",
                        program->timeout_ms);
        }
        if (ready > 0 && waits[0].revents) {
            take_piece(&child->out, printed, true);
        }
        if (ready > 0 && waits[1].revents) {
            take_piece(&child->err, faults, false);
        }
        if (printed->failed) {
            return printed->failed == STATUS_TOO_LARGE
                       ? fail(err, STATUS_TOO_LARGE, program->python,
                              "It printed more than %zu bytes", program->max_bytes)
                       : fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// Its last line: where Python says what was wrong.
static const char *last_line(char *text) {
    size_t len = strlen(text);
    while (len && is_space(text[len - 1])) {
        text[--len] = '\0';
    }
    char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static enum status judge(const struct python_program *program, int ended, struct buffer *faults,
                         struct error *err) {
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) {
        return STATUS_OK;
    }
    const char *why = faults->ptr ? last_line(faults->ptr) : "";
    bool started = !WIFEXITED(ended) || WEXITSTATUS(ended) < NOT_STARTED;
    return fail(err, STATUS_IO, program->python, "%s%s%s",
                started ? "This Python could not tell its facts" : "It cannot be started",
                *why ? ": " : "", why);
}

enum status python_run(struct arena *arena, const struct python_program *program,
                       struct text *ret_printed, struct error *err) {
    scoped(buffer_done) struct buffer printed;
    scoped(buffer_done) struct buffer faults;
    struct child child;
    int ended = 0;
    buffer_init(&printed, program->max_bytes);
    buffer_init(&faults, FAULT_BYTES);
    enum status failed = start(program, &child, err);
    if (failed) {
        return failed;
    }
    failed = follow(program, &child, &printed, &faults, err);
    cleanup_fd(&child.out);
    cleanup_fd(&child.err);
    if (failed) {
        kill(-child.pid, SIGKILL);
        kill(child.pid, SIGKILL); // when it had not become a group yet
    }
    while (waitpid(child.pid, &ended, 0) < 0 && errno == EINTR) {
    }
    failed = failed ? failed : judge(program, ended, &faults, err);
    if (failed) {
        return failed;
    }
    char *copy = arena_copy(arena, printed.ptr, printed.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_printed = (struct text){copy, printed.len};
    return STATUS_OK;
}
