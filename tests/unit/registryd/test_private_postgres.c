// SPDX-License-Identifier: MIT
// The private PostgreSQL with real processes: made, stopped, adopted after a crash, restarted after
// its death, stopped by the supervisor when nobody comes. Each case plays registryd in a child
// process, as that is what crashes.
#include "registryd/postgres/data_lock.h"
#include "registryd/postgres/postmaster.h"
#include "registryd/postgres/private_postgres.h"

#include "registryd/data_dir.h"

#include "schema/base/cleanup.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

enum { STEP_MS = 10, PATIENCE_STEPS = 6000 };

struct place {
    char parent[64];
    char data_dir[128];
    char cluster_dir[256];
    int linger_seconds;
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    *state = place;
    if (!place) {
        return -1;
    }
    strcpy(place->parent, "/tmp/registryd-unit-XXXXXX");
    if (!mkdtemp(place->parent) || chmod(place->parent, 0755)) {
        return -1;
    }
    snprintf(place->data_dir, sizeof place->data_dir, "%s/it's a \\dir", place->parent);
    snprintf(place->cluster_dir, sizeof place->cluster_dir, "%s/postgres", place->data_dir);
    place->linger_seconds = 60;
    return 0;
}

static void pause_ms(int ms) {
    const struct timespec pause = {.tv_nsec = ms * 1000000L};
    nanosleep(&pause, NULL);
}

// A zombie is gone: the first process of a container may never reap it.
static bool is_gone(pid_t pid) {
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file) {
        return true;
    }
    size_t len = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    const char *state = len ? strrchr(line, ')') : NULL;
    return !state || state[2] == 'Z';
}

static pid_t running_postmaster(const struct place *place) {
    struct postmaster found;
    return postmaster_find(place->cluster_dir, &found) == POSTMASTER_ALIVE && found.ready
               ? found.pid
               : 0;
}

// True when a ready postmaster other than `old` appears.
static bool wait_for_other(const struct place *place, pid_t old) {
    for (int i = 0; i < PATIENCE_STEPS; i++) {
        pid_t pid = running_postmaster(place);
        if (pid && pid != old) {
            return true;
        }
        pause_ms(STEP_MS);
    }
    return false;
}

static bool wait_gone(pid_t pid) {
    for (int i = 0; i < PATIENCE_STEPS && !is_gone(pid); i++) {
        pause_ms(STEP_MS);
    }
    return is_gone(pid);
}

static int free_place(void **state) {
    struct place *place = *state;
    char command[128];
    struct postmaster found;
    if (postmaster_find(place->cluster_dir, &found) == POSTMASTER_ALIVE) {
        kill(found.pid, SIGQUIT);
        wait_gone(found.pid);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", place->parent);
    int code = system(command);
    free(place);
    return code;
}

// Registryd up to the private PostgreSQL: in a child of its own, as it may become another user.
static enum status come_up(const struct place *place, struct private_postgres **ret_postgres,
                           struct error *err) {
    struct account account;
    char *data_dir = NULL;
    int lock_fd;
    enum status status = account_find(NULL, &account, err);
    if (!status) {
        status = data_dir_make(place->data_dir, &account, err);
    }
    if (!status) {
        status = account_become(&account, err);
    }
    if (!status) {
        status = data_dir_enter(place->data_dir, &account, &data_dir, err);
    }
    if (!status) {
        status = data_lock_take(data_dir, &lock_fd, err);
    }
    if (!status) {
        const struct private_postgres_settings settings = {
            .data_dir = data_dir,
            .operator_user = "root",
            .linger_seconds = place->linger_seconds,
        };
        status = private_postgres_start(&settings, ret_postgres, err);
    }
    free(data_dir);
    return status;
}

enum life { LIVE_AND_STOP, LIVE_AND_CRASH, LIVE_UNTIL_KILLED };

// Forks a registryd; for LIVE_UNTIL_KILLED gives its pid once it is up, else waits for its end and
// gives the exit code.
static int play(const struct place *place, enum life life) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct private_postgres *postgres = NULL;
        struct error err = {0};
        close(ends[0]);
        if (come_up(place, &postgres, &err)) {
            fprintf(stderr, "%s\n", err.message);
            _exit(10 + (int)err.status);
        }
        if (write(ends[1], "u", 1) != 1) {
            _exit(2);
        }
        while (life == LIVE_UNTIL_KILLED) {
            pause();
        }
        if (life == LIVE_AND_CRASH) {
            raise(SIGKILL);
        }
        private_postgres_stop(postgres);
        _exit(0);
    }
    char up;
    int status;
    close(ends[1]);
    bool is_up = read(ends[0], &up, 1) == 1;
    close(ends[0]);
    if (life == LIVE_UNTIL_KILLED && is_up) {
        return pid;
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void kill_registryd(pid_t pid) {
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_stop_leaves_nothing_running(void **state) {
    const struct place *place = *state;
    struct postmaster last;
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    assert_int_equal(postmaster_find(place->cluster_dir, &last), POSTMASTER_NONE);
    assert_int_equal(play(place, LIVE_AND_STOP), 0); // and it starts again on what is there
}

static void after_a_crash_the_postmaster_is_adopted(void **state) {
    const struct place *place = *state;
    assert_int_equal(play(place, LIVE_AND_CRASH), -SIGKILL);
    pid_t postmaster = running_postmaster(place);
    assert_true(postmaster > 0);
    pid_t registryd = play(place, LIVE_UNTIL_KILLED);
    assert_int_equal(running_postmaster(place), postmaster);
    // Whoever adopted it also looks after it.
    kill(postmaster, SIGKILL);
    assert_true(wait_for_other(place, postmaster));
    kill_registryd(registryd);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    assert_int_equal(running_postmaster(place), 0);
}

static void a_killed_postmaster_is_restarted(void **state) {
    const struct place *place = *state;
    pid_t registryd = play(place, LIVE_UNTIL_KILLED);
    for (int i = 0; i < 3; i++) {
        pid_t postmaster = running_postmaster(place);
        assert_true(postmaster > 0);
        kill(postmaster, SIGKILL);
        assert_true(wait_for_other(place, postmaster));
    }
    kill_registryd(registryd);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
}

static void nobody_comes_and_it_is_stopped(void **state) {
    struct place *place = *state;
    place->linger_seconds = 1;
    assert_int_equal(play(place, LIVE_AND_CRASH), -SIGKILL);
    pid_t postmaster = running_postmaster(place);
    assert_true(postmaster > 0);
    assert_true(wait_gone(postmaster));
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
}

static void write_pid_file(const struct place *place, pid_t pid) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/postmaster.pid", place->cluster_dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%ld\n%s\n1700000000\n5432\n/nowhere\n\n  0 0\nready   \n", (long)pid,
            place->cluster_dir);
    fclose(file);
    chmod(path, 0644);
}

static void a_stale_pid_file_stops_nobody(void **state) {
    const struct place *place = *state;
    struct postmaster found;
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    write_pid_file(place, getpid()); // alive, but no postgres
    assert_int_equal(postmaster_find(place->cluster_dir, &found), POSTMASTER_STALE);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    pid_t zombie = fork();
    if (zombie == 0) {
        _exit(0);
    }
    pause_ms(200);
    write_pid_file(place, zombie);
    assert_int_equal(postmaster_find(place->cluster_dir, &found), POSTMASTER_STALE);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    assert_int_equal(waitpid(zombie, NULL, 0), zombie);
}

static void a_postmaster_without_its_socket_is_replaced(void **state) {
    const struct place *place = *state;
    struct postmaster lost;
    char path[PATH_MAX];
    assert_int_equal(play(place, LIVE_AND_CRASH), -SIGKILL);
    assert_int_equal(postmaster_find(place->cluster_dir, &lost), POSTMASTER_ALIVE);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", lost.socket_dir);
    assert_int_equal(unlink(path), 0); // as a cleaner of /tmp does it
    pid_t registryd = play(place, LIVE_UNTIL_KILLED);
    pid_t postmaster = running_postmaster(place);
    assert_true(postmaster > 0 && postmaster != lost.pid);
    kill_registryd(registryd);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    assert_int_equal(access(lost.socket_dir, F_OK), -1);
}

static void another_version_is_refused(void **state) {
    const struct place *place = *state;
    char path[PATH_MAX];
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    snprintf(path, sizeof path, "%s/PG_VERSION", place->cluster_dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("12\n", file);
    fclose(file);
    assert_int_equal(play(place, LIVE_AND_STOP), 10 + STATUS_CONFLICT);
}

static void what_an_interrupted_start_left_is_removed(void **state) {
    const struct place *place = *state;
    char leftover[PATH_MAX];
    char version[PATH_MAX + 16];
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    snprintf(leftover, sizeof leftover, "%s.new", place->cluster_dir);
    snprintf(version, sizeof version, "%s/PG_VERSION", leftover);
    assert_int_equal(rename(place->cluster_dir, leftover), 0);
    assert_int_equal(unlink(version), 0);
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    assert_int_equal(access(leftover, F_OK), -1);
}

static void a_broken_configuration_is_told(void **state) {
    const struct place *place = *state;
    char path[PATH_MAX];
    assert_int_equal(play(place, LIVE_AND_STOP), 0);
    snprintf(path, sizeof path, "%s/postgresql.conf", place->cluster_dir);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs("no_such_setting = 1\n", file);
    fclose(file);
    assert_int_equal(play(place, LIVE_AND_STOP), 10 + STATUS_UNAVAILABLE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, free_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_stop_leaves_nothing_running),    CASE(after_a_crash_the_postmaster_is_adopted),
        CASE(a_killed_postmaster_is_restarted), CASE(nobody_comes_and_it_is_stopped),
        CASE(a_stale_pid_file_stops_nobody),    CASE(a_postmaster_without_its_socket_is_replaced),
        CASE(another_version_is_refused),       CASE(what_an_interrupted_start_left_is_removed),
        CASE(a_broken_configuration_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
