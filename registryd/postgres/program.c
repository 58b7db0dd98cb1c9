// SPDX-License-Identifier: MIT
// How registryd runs what belongs to PostgreSQL: fork and exec without a shell, and the search for initdb and
// postgres. Both the daemon and its supervisor come here. The supervisor may be forked from a process that
// has threads, and another thread may hold a lock of the C library at that moment. So between fork and exec
// there are async-signal-safe calls only, and program_spawn allocates nothing.
//
// Distributions put the major version into the folder's name (/usr/lib/postgresql/15/bin). A start therefore
// runs nothing to learn the version; only a folder that was given or found in the PATH is asked.
#include "registryd/postgres/program.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

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

// ---- running ----

enum { KEPT_FD = 3 };

// TZ keeps initdb from searching the time zone files; the locale keeps messages in one language.
static char *const clean_environment[] = {
    (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    (char *)"LC_ALL=C",
    (char *)"TZ=UTC",
    NULL,
};

// A blocked or ignored signal is inherited through exec: PostgreSQL would then ignore a stop.
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

// The pipe's end tells that the program is done, or has at least closed its output; waitpid then waits for the
// rest, which is not bounded: no program that is run here closes its output early.
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

// ---- finding ----

enum { NEWEST_MAJOR = 99, VERSION_TIMEOUT_MS = 10000 };

static const char *const version_folders[] = {
    "/usr/lib/postgresql/%d/bin", // Debian, Ubuntu
    "/usr/pgsql-%d/bin",          // the PostgreSQL project's RPMs
};

static bool use_folder(const char *folder, struct postgres_programs *ret_programs) {
    struct postgres_programs *p = ret_programs;
    if (snprintf(p->initdb, sizeof p->initdb, "%s/initdb", folder) >= (int)sizeof p->initdb) {
        return false;
    }
    snprintf(p->postgres, sizeof p->postgres, "%s/postgres", folder);
    return access(p->initdb, X_OK) == 0 && access(p->postgres, X_OK) == 0;
}

static bool find_version(int major, struct postgres_programs *ret_programs) {
    for (size_t i = 0; i < COUNT_OF(version_folders); i++) {
        char folder[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the formats are the table above
        snprintf(folder, sizeof folder, version_folders[i], major);
#pragma GCC diagnostic pop
        if (use_folder(folder, ret_programs)) {
            ret_programs->major = major;
            return true;
        }
    }
    return false;
}

static bool find_newest(struct postgres_programs *ret_programs) {
    for (int major = NEWEST_MAJOR; major >= POSTGRES_OLDEST_MAJOR; major--) {
        if (find_version(major, ret_programs)) {
            return true;
        }
    }
    return false;
}

static bool find_in_path(struct postgres_programs *ret_programs) {
    struct text rest = text_from(getenv("PATH"));
    struct text piece;
    while (text_split(&rest, ':', &piece)) {
        char folder[PATH_MAX];
        if (piece.len && piece.ptr[0] == '/' && piece.len < sizeof folder) {
            memcpy(folder, piece.ptr, piece.len);
            folder[piece.len] = '\0';
            if (use_folder(folder, ret_programs)) {
                return true;
            }
        }
    }
    return false;
}

// "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"
static enum status ask_version(struct postgres_programs *programs, struct error *err) {
    const char *argv[] = {programs->postgres, "--version", NULL};
    struct program_output output;
    enum status status = program_run(argv, VERSION_TIMEOUT_MS, &output, err);
    if (status) {
        return status;
    }
    const char *number = strstr(output.text, "(PostgreSQL) ");
    programs->major = number ? (int)strtol(number + strlen("(PostgreSQL) "), NULL, 10) : 0;
    if (programs->major < POSTGRES_OLDEST_MAJOR) {
        return fail(err, STATUS_IO, NULL, "%s is not PostgreSQL %d or newer (it says: %.80s)",
                    programs->postgres, POSTGRES_OLDEST_MAJOR, output.text);
    }
    return STATUS_OK;
}

static enum status fail_wrong_version(int wanted, int found, struct error *err) {
    return fail(
        err, STATUS_CONFLICT, NULL,
        "PostgreSQL %d created the private cluster, but only version %d is installed. Install "
        "postgresql-%d. Or move: dump with version %d (pg_dump), then start on an empty data "
        "directory and load the dump (docs/OPERATIONS.md, \"Moving\").",
        wanted, found, wanted, wanted);
}

enum status postgres_programs_find(const char *bin_dir, int wanted_major,
                                   struct postgres_programs *ret_programs, struct error *err) {
    struct postgres_programs programs = {0};
    enum status status = STATUS_OK;
    if (bin_dir) {
        if (!use_folder(bin_dir, &programs)) {
            return fail(err, STATUS_IO, NULL,
                        "The directory %s does not contain initdb and postgres", bin_dir);
        }
        status = ask_version(&programs, err);
    } else if ((wanted_major && find_version(wanted_major, &programs)) || find_newest(&programs)) {
        status = STATUS_OK; // the folder's name tells the version
    } else if (find_in_path(&programs)) {
        status = ask_version(&programs, err);
    } else {
        return fail(err, STATUS_IO, NULL,
                    "PostgreSQL is not installed. Install it (apt-get install postgresql), set "
                    "--postgres-bin DIR, or use another server with --database-url.");
    }
    if (status) {
        return status;
    }
    if (wanted_major && programs.major != wanted_major) {
        return fail_wrong_version(wanted_major, programs.major, err);
    }
    *ret_programs = programs;
    return STATUS_OK;
}
