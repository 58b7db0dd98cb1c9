// SPDX-License-Identifier: MIT
// registryd's side of the private PostgreSQL: prepare the cluster, fork the supervisor, wait for the socket.
//
//     registryd ── control socket ──> supervisor ── starts, or adopts ──> postmaster
//
// The order at a start: LOCK is held already; the cluster is made when there is none; the socket's folder is
// chosen before the configuration is written; the supervisor is forked before there is any thread. Called on
// the main thread only. The owner's role is open to the daemon's user from a start until the migrations are done:
// pg_ident.conf is written at both ends, and a running postmaster gets a SIGHUP. It serves signals before
// connections, so the next connection meets the new file.
#include "registryd/postgres/private_postgres.h"

#include "registryd/postgres/postgres_cluster.h"
#include "registryd/postgres/postgres_supervisor.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum {
    START_PATIENCE_MS = 20000, // until it accepts connections
    START_STEP_MS = 5,
    FAILED_STARTS = 4, // so many ends in a row before the first answer: it will not start
    CONNINFO_BYTES = 1024,
    LOG_TAIL_BYTES = 4096,  // of PostgreSQL's log, for the message
    REFORK_PAUSE_MS = 1000, // before another supervisor is forked
};

struct private_postgres {
    struct supervisor_settings settings;
    const char *operator_user;
    pid_t supervisor_pid; // the process that owns the cluster
    int control_fd;       // its end tells the supervisor that registryd is gone
    struct buffer conninfo;
    struct buffer owner_conninfo;
};

static void sleep_ms(int ms) {
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

// libpq's rules inside single quotes: only the quote and the backslash need a backslash.
static void add_quoted(struct buffer *conninfo, const char *value) {
    buffer_add_string(conninfo, "'");
    for (const char *c = value; *c; c++) {
        if (*c == '\'' || *c == '\\') {
            buffer_add_string(conninfo, "\\");
        }
        buffer_add(conninfo, c, 1);
    }
    buffer_add_string(conninfo, "'");
}

// requirepeer: the socket must be served by a process of our own user.
static void make_conninfo(const struct private_postgres *postgres, const char *os_user,
                          const char *role, struct buffer *ret_conninfo) {
    buffer_init(ret_conninfo, CONNINFO_BYTES);
    buffer_add_string(ret_conninfo, "host=");
    add_quoted(ret_conninfo, postgres->settings.socket_dir);
    buffer_printf(ret_conninfo, " port=5432 dbname=postgres user=%s requirepeer=", role);
    add_quoted(ret_conninfo, os_user);
}

// The last complaint in postgres.log, for the message when it does not start.
static void read_last_complaint(const char *data_dir, char *ret_line, size_t size) {
    char path[PATH_MAX];
    char tail[LOG_TAIL_BYTES + 1];
    snprintf(path, sizeof path, "%s/postgres.log", data_dir);
    snprintf(ret_line, size, "see postgres.log in the data directory");
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    if (!file || fseek(file, 0, SEEK_END)) {
        return;
    }
    long end = ftell(file);
    fseek(file, end > LOG_TAIL_BYTES ? end - LOG_TAIL_BYTES : 0, SEEK_SET);
    size_t len = fread(tail, 1, LOG_TAIL_BYTES, file);
    tail[len] = '\0';
    const char *line = NULL;
    for (const char *at = tail; (at = strstr(at, "FATAL:")); at++) {
        line = at;
    }
    if (line) {
        snprintf(ret_line, size, "%.*s (see postgres.log in the data directory)",
                 (int)strcspn(line, "\n"), line);
    }
}

static enum status fail_not_started(const struct private_postgres *postgres, struct error *err) {
    char complaint[512];
    read_last_complaint(postgres->settings.data_dir, complaint, sizeof complaint);
    return fail(err, STATUS_UNAVAILABLE, NULL, "The private PostgreSQL does not start: %s",
                complaint);
}

// "ready" in the pid file comes after recovery; a socket that accepts connections comes earlier.
static bool is_ready(const struct private_postgres *postgres) {
    struct postmaster found;
    return postmaster_find(postgres->settings.cluster_dir, &found) == POSTMASTER_ALIVE &&
           found.ready && strcmp(found.socket_dir, postgres->settings.socket_dir) == 0;
}

// Waits for the supervisor's word at most START_STEP_MS. True when the postmaster ended.
static bool wait_for_end(const struct private_postgres *postgres) {
    struct pollfd wait = {.fd = postgres->control_fd, .events = POLLIN};
    char message;
    return poll(&wait, 1, START_STEP_MS) > 0 &&
           recv(postgres->control_fd, &message, 1, MSG_DONTWAIT) == 1 &&
           message == SUPERVISOR_ENDED;
}

// Recovery after a crash may take minutes, and is waited for 20 seconds only: then the daemon serves /healthz
// and answers 503 to what needs the database. A postmaster that ends again and again is another matter.
static enum status wait_ready(const struct private_postgres *postgres, struct error *err) {
    int64_t deadline_ms = monotonic_ms() + START_PATIENCE_MS;
    int failed = 0;
    while (!is_ready(postgres)) {
        struct postmaster found;
        failed += wait_for_end(postgres);
        if (failed >= FAILED_STARTS) {
            return fail_not_started(postgres, err);
        }
        if (monotonic_ms() < deadline_ms) {
            continue;
        }
        if (postmaster_find(postgres->settings.cluster_dir, &found) != POSTMASTER_ALIVE) {
            return fail_not_started(postgres, err);
        }
        log_event(postgres->settings.log, LOG_LEVEL_WARNING,
                  "event=postgres-recovers pid=%ld advice=\"registryd becomes ready when the "
                  "recovery ends\"",
                  (long)found.pid);
        break;
    }
    return STATUS_OK;
}

// A running postmaster is kept when its socket can be reached; otherwise it gets a new folder, and
// the supervisor replaces it.
static enum status choose_socket_dir(struct private_postgres *postgres, bool *ret_adopts,
                                     struct error *err) {
    struct postmaster last;
    enum postmaster_state state = postmaster_find(postgres->settings.cluster_dir, &last);
    bool alive = state == POSTMASTER_ALIVE;
    bool is_lost = alive && last.ready && !postmaster_listens(last.socket_dir);
    enum status status =
        socket_dir_make(&last, postgres->settings.data_dir, is_lost ? last.socket_dir : NULL,
                        postgres->settings.socket_dir, err);
    *ret_adopts = alive && strcmp(last.socket_dir, postgres->settings.socket_dir) == 0;
    return status;
}

// initdb and peer authentication both want a name, not a number.
static enum status find_os_user(const char **ret_name, struct error *err) {
    const struct passwd *entry = getpwuid(geteuid());
    if (!entry) {
        return fail(err, STATUS_IO, NULL,
                    "PostgreSQL needs a user with a name, and user number %u has none. Add it to "
                    "/etc/passwd, or use --database-url.",
                    (unsigned)geteuid());
    }
    *ret_name = entry->pw_name;
    return STATUS_OK;
}

static enum status fill_settings(const struct private_postgres_settings *settings,
                                 struct supervisor_settings *ret_settings, struct error *err) {
    struct supervisor_settings *s = ret_settings;
    int len = snprintf(s->data_dir, sizeof s->data_dir, "%s", settings->data_dir);
    if (len >= (int)sizeof s->data_dir) {
        return fail(err, STATUS_IO, NULL, "The path of the data directory is too long");
    }
    snprintf(s->cluster_dir, sizeof s->cluster_dir, "%s/postgres", settings->data_dir);
    s->linger_seconds = settings->linger_seconds;
    s->log = settings->log;
    return STATUS_OK;
}

static enum status admit(const struct private_postgres *postgres, bool daemon_is_owner,
                         struct error *err) {
    struct cluster_logins logins = {.operator_user = postgres->operator_user,
                                    .daemon_is_owner = daemon_is_owner};
    enum status status = find_os_user(&logins.daemon, err);
    return status ? status : postgres_cluster_admit(postgres->settings.cluster_dir, &logins, err);
}

// By pidfd, as a number may be a stranger's by now. A postmaster that is not there reads the file at its start.
static void reload_logins(const struct private_postgres *postgres) {
    struct postmaster found;
    if (postmaster_find(postgres->settings.cluster_dir, &found) == POSTMASTER_ALIVE) {
        scoped(cleanup_fd) int process_fd = postmaster_open(found.pid);
        postmaster_reload(process_fd);
    }
}

// Everything before the first process: programs, cluster, socket folder, configuration.
static enum status prepare(struct private_postgres *postgres, const char *postgres_bin,
                           struct error *err) {
    const char *cluster_dir = postgres->settings.cluster_dir;
    struct postgres_programs programs;
    const char *os_user = NULL;
    int major = 0;
    bool adopts = false;
    enum status status = find_os_user(&os_user, err);
    if (status) {
        return status;
    }
    status = postgres_cluster_version(cluster_dir, &major, err);
    if (status) {
        return status;
    }
    status = postgres_programs_find(postgres_bin, major, &programs, err);
    if (status) {
        return status;
    }
    if (!major) {
        status = postgres_cluster_make(cluster_dir, &programs, err);
    }
    if (status) {
        return status;
    }
    status = choose_socket_dir(postgres, &adopts, err);
    if (status) {
        return status;
    }
    if (!adopts) {
        status = postgres_cluster_configure(cluster_dir, programs.major, err);
    }
    if (status) {
        return status;
    }
    status = admit(postgres, true, err);
    if (status) {
        return status;
    }
    memcpy(postgres->settings.postgres, programs.postgres, sizeof programs.postgres);
    make_conninfo(postgres, os_user, "registryd_app", &postgres->conninfo);
    make_conninfo(postgres, os_user, "registryd", &postgres->owner_conninfo);
    bool is_made = !postgres->conninfo.failed && !postgres->owner_conninfo.failed;
    return is_made ? STATUS_OK : fail_no_memory(err);
}

static enum status fork_supervisor(struct private_postgres *postgres, struct error *err) {
    postgres->supervisor_pid = supervisor_open(&postgres->settings, &postgres->control_fd);
    if (postgres->supervisor_pid < 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL, "Cannot start a process for PostgreSQL: %s",
                    strerror(errno));
    }
    return STATUS_OK;
}

CLEANUP_DEFINE(struct private_postgres *, stop_unless_taken, private_postgres_stop)

enum status private_postgres_start(const struct private_postgres_settings *settings,
                                   struct private_postgres **ret_postgres, struct error *err) {
    scoped(stop_unless_taken) struct private_postgres *postgres = calloc(1, sizeof *postgres);
    if (!postgres) {
        return fail_no_memory(err);
    }
    postgres->control_fd = -1;
    postgres->operator_user = settings->operator_user;
    enum status status = fill_settings(settings, &postgres->settings, err);
    if (status) {
        return status;
    }
    status = prepare(postgres, settings->postgres_bin, err);
    if (status) {
        return status;
    }
    status = fork_supervisor(postgres, err);
    if (status) {
        return status;
    }
    status = wait_ready(postgres, err);
    if (status) {
        return status;
    }
    *ret_postgres = take(postgres);
    return STATUS_OK;
}

const char *private_postgres_conninfo(const struct private_postgres *postgres) {
    return postgres->conninfo.ptr;
}

const char *private_postgres_owner_conninfo(const struct private_postgres *postgres) {
    return postgres->owner_conninfo.ptr;
}

static enum status change_logins(const struct private_postgres *postgres, bool daemon_is_owner,
                                 struct error *err) {
    enum status status = admit(postgres, daemon_is_owner, err);
    if (!status) {
        reload_logins(postgres);
    }
    return status;
}

enum status private_postgres_lend_owner(const struct private_postgres *postgres,
                                        struct error *err) {
    return change_logins(postgres, true, err);
}

enum status private_postgres_withdraw_owner(const struct private_postgres *postgres,
                                            struct error *err) {
    return change_logins(postgres, false, err);
}

int private_postgres_fd(const struct private_postgres *postgres) {
    return postgres->control_fd;
}

// After it was told to stop, or when it is gone already. What is left of it is reaped.
static void wait_for_supervisor(struct private_postgres *postgres) {
    while (postgres->supervisor_pid > 0 && waitpid(postgres->supervisor_pid, NULL, 0) < 0 &&
           errno == EINTR) {
    }
    close(postgres->control_fd);
    postgres->supervisor_pid = 0;
    postgres->control_fd = -1;
}

void private_postgres_tend(struct private_postgres *postgres) {
    char message;
    ssize_t len = recv(postgres->control_fd, &message, 1, MSG_DONTWAIT);
    if (len == 1 || (len < 0 && (errno == EAGAIN || errno == EINTR))) {
        return; // the supervisor has logged what it has to say
    }
    wait_for_supervisor(postgres);
    sleep_ms(REFORK_PAUSE_MS);
    enum status status = fork_supervisor(postgres, NULL);
    log_event(postgres->settings.log, LOG_LEVEL_ERROR, "event=supervisor-replaced status=%s",
              status_info(status)->wire_name);
}

// For the case that the supervisor itself was killed.
static void stop_without_supervisor(const struct private_postgres *postgres) {
    struct postmaster found;
    if (postmaster_find(postgres->settings.cluster_dir, &found) == POSTMASTER_ALIVE) {
        scoped(cleanup_fd) int process_fd = postmaster_open(found.pid);
        if (process_fd >= 0) {
            postmaster_stop(process_fd);
        }
    }
    socket_dir_remove(postgres->settings.socket_dir);
}

// The supervisor is asked first, as it is the one that would start the postmaster again.
void private_postgres_stop(struct private_postgres *postgres) {
    const char message = SUPERVISOR_STOP;
    if (postgres->control_fd >= 0) {
        send(postgres->control_fd, &message, 1, MSG_NOSIGNAL);
        wait_for_supervisor(postgres);
    }
    if (*postgres->settings.socket_dir) {
        stop_without_supervisor(postgres);
    }
    buffer_done(&postgres->conninfo);
    buffer_done(&postgres->owner_conninfo);
    free(postgres);
}
