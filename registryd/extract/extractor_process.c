// SPDX-License-Identifier: MIT
// A file in, a pipe out, a deadline over both. posix_spawn, not fork, because the daemon has many threads; of
// the daemon's descriptors the process gets none but these. The file and its name come as one message:
//
//     daemon ──"artifact crm-1.0-py3-none-any.whl\n" + descriptor──> standard input, a socket
//     daemon <──one answer, then the end── standard output, a pipe
//
// The process can end in four ways, and they are distinguished, because they are different findings for the one who
// sent the file: an answer and a clean exit; an exit without one, or a signal (a crash, or the filter killed it);
// the deadline; an answer without end. What does not end by itself is killed,
// and always reaped, so that a file that crashes it a thousand times leaves no zombies.
#include "registryd/extract/extractor_process.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/error.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { PROGRAM_FD = STDERR_FILENO + 1 };

// The unnamed file once more, for reading only: what was hashed must not change under the hands of a process that
// a hostile file may take over.
static enum status reopen(const struct extractor_input *input, int *ret_fd, struct error *err) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", input->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot pass the artifact to the extractor: %s",
                    strerror(errno));
    }
    *ret_fd = fd;
    return STATUS_OK;
}

// The signals as a program expects them: the daemon blocks some and ignores one.
static int set_signals(posix_spawnattr_t *attributes) {
    sigset_t none;
    sigset_t pipe_signal;
    sigemptyset(&none);
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    int rc = posix_spawnattr_setsigmask(attributes, &none);
    if (!rc) {
        rc = posix_spawnattr_setsigdefault(attributes, &pipe_signal);
    }
    return rc ? rc
              : posix_spawnattr_setflags(attributes,
                                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// dup2 clears the close-on-exec flag that all descriptors of the daemon have, so these three are kept.
static int set_descriptors(posix_spawn_file_actions_t *actions, int program, int input,
                           int output) {
    const int pairs[][2] = {{input, STDIN_FILENO}, {output, STDOUT_FILENO}, {program, PROGRAM_FD}};
    int rc = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; i < COUNT_OF(pairs) && !rc; i++) {
        rc = posix_spawn_file_actions_adddup2(actions, pairs[i][0], pairs[i][1]);
    }
    return rc ? rc : posix_spawn_file_actions_addclosefrom_np(actions, PROGRAM_FD + 1);
}

// The program is executed through its descriptor, by way of /proc/self/fd.
static int spawn(int program_fd, int input, int output, pid_t *ret_pid) {
    char name[] = "registryd-extract";
    char *const arguments[] = {name, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", PROGRAM_FD);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc) {
        return rc;
    }
    rc = posix_spawnattr_init(&attributes);
    if (!rc && !(rc = set_signals(&attributes)) &&
        !(rc = set_descriptors(&actions, program_fd, input, output))) {
        rc = posix_spawn(ret_pid, path, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

enum status extractor_process_start(int program_fd, struct extractor_process *ret_process,
                                    struct error *err) {
    int sockets[2];
    int pipes[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets)) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot create a socket to the extractor: %s",
                    strerror(errno));
    }
    scoped(cleanup_fd) int task = sockets[0];
    scoped(cleanup_fd) int input = sockets[1];
    if (pipe2(pipes, O_CLOEXEC)) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot create a pipe to the extractor: %s",
                    strerror(errno));
    }
    scoped(cleanup_fd) int answer = pipes[0];
    scoped(cleanup_fd) int output = pipes[1];
    pid_t pid;
    int rc = spawn(program_fd, input, output, &pid);
    if (rc) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot start the extractor: %s", strerror(rc));
    }
    *ret_process = (struct extractor_process){pid, task, answer};
    task = -1;
    answer = -1;
    return STATUS_OK;
}

bool extractor_process_is_ready(const struct extractor_process *process) {
    siginfo_t how = {0};
    return process->pid &&
           waitid(P_PID, (id_t)process->pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && !how.si_pid;
}

// False when the process is gone, which its missing answer tells, too.
static bool hand_over(int socket, const struct extractor_input *input, int fd) {
    union {
        struct cmsghdr header; // for its alignment
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec parts[] = {{(char *)input->task, strlen(input->task)},
                            {(char *)" ", 1},
                            {(char *)input->filename, strlen(input->filename)},
                            {(char *)"\n", 1}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = COUNT_OF(parts),
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL) > 0;
}

// Reads until the end of the pipe; whatever else ends it means that the process is to be killed.
static enum process_end read_answer(int fd, int64_t deadline_ms, struct buffer *answer) {
    for (;;) {
        char bytes[16 * 1024];
        int64_t left_ms = deadline_ms - monotonic_ms();
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0) {
            return PROCESS_LATE;
        }
        if (poll(&readable, 1, (int)left_ms) <= 0) {
            continue;
        }
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got == 0) {
            return PROCESS_ANSWERED;
        }
        if (got < 0 && errno != EINTR) {
            return PROCESS_CRASHED;
        }
        buffer_add(answer, bytes, got > 0 ? (size_t)got : 0);
        if (answer->failed) {
            return PROCESS_TALKATIVE;
        }
    }
}

// An answer that is out does not mean an end: the process may have closed the pipe and linger.
static enum process_end reap(pid_t pid, enum process_end end, int64_t deadline_ms) {
    int how = 0;
    pid_t ended = 0;
    while (end == PROCESS_ANSWERED && (ended = waitpid(pid, &how, WNOHANG)) == 0) {
        const struct timespec pause = {.tv_nsec = 200 * 1000L};
        nanosleep(&pause, NULL);
        end = monotonic_ms() < deadline_ms ? end : PROCESS_LATE;
    }
    if (ended != pid) {
        kill(pid, SIGKILL);
        while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
        }
    }
    bool is_clean = WIFEXITED(how) && WEXITSTATUS(how) == 0;
    return end == PROCESS_ANSWERED && !is_clean ? PROCESS_CRASHED : end;
}

static void close_ends(struct extractor_process *process) {
    cleanup_fd(&process->task_fd);
    cleanup_fd(&process->answer_fd);
    *process = EXTRACTOR_PROCESS_NONE;
}

enum status extractor_process_run(struct extractor_process *process,
                                  const struct extractor_input *input, int timeout_ms,
                                  struct buffer *answer, enum process_end *ret_end,
                                  struct error *err) {
    scoped(cleanup_fd) int file = -1;
    int64_t deadline_ms = monotonic_ms() + timeout_ms;
    enum status status = reopen(input, &file, err);
    if (status) {
        extractor_process_stop(process);
        return status;
    }
    bool is_there = hand_over(process->task_fd, input, file);
    cleanup_fd(&process->task_fd); // the process sees an end behind its task
    process->task_fd = -1;
    enum process_end end =
        is_there ? read_answer(process->answer_fd, deadline_ms, answer) : PROCESS_CRASHED;
    end = reap(process->pid, end, deadline_ms);
    close_ends(process);
    if (answer->failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    *ret_end = end;
    return STATUS_OK;
}

void extractor_process_stop(struct extractor_process *process) {
    if (process->pid) {
        reap(process->pid, PROCESS_LATE, 0);
    }
    close_ends(process);
}
