// SPDX-License-Identifier: MIT
// The data directory and its lock, and becoming another user. Each case runs in a child process, as
// there is no way back from dropping privileges.
#include "registryd/data_dir.h"
#include "registryd/postgres/data_lock.h"

#include "schema/base/cleanup.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct place {
    char path[64];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    *state = place;
    if (!place) {
        return -1;
    }
    strcpy(place->path, "/tmp/registryd-unit-XXXXXX");
    return mkdtemp(place->path) && chmod(place->path, 0755) == 0 ? 0 : -1;
}

static int free_place(void **state) {
    struct place *place = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place->path);
    int code = system(command);
    free(place);
    return code;
}

// Runs `body` in a child; its result is the exit code.
static int in_child(int (*body)(const struct place *place), const struct place *place) {
    pid_t pid = fork();
    if (pid == 0) {
        _exit(body(place));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum status enter(const char *path, struct error *err) {
    struct account account;
    char *absolute = NULL;
    enum status status = account_find(NULL, &account, err);
    if (!status) {
        status = data_dir_make(path, &account, err);
    }
    if (!status) {
        status = account_become(&account, err);
    }
    if (!status) {
        status = data_dir_enter(path, &account, &absolute, err);
    }
    free(absolute);
    return status;
}

static int enter_new_one(const struct place *place) {
    char path[PATH_MAX];
    struct stat info;
    struct error err;
    snprintf(path, sizeof path, "%s/a/b/data", place->path);
    // Only root makes parents that others may pass; without root everything is ours anyway.
    if (enter(path, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    return geteuid() != 0 && stat(path, &info) == 0 && info.st_uid == geteuid() &&
                   (info.st_mode & 07777) == 0700 && enter(path, &err) == STATUS_OK
               ? 0
               : 2;
}

static void a_missing_directory_is_made_for_the_user(void **state) {
    assert_int_equal(in_child(enter_new_one, *state), 0);
}

static int enter_foreign_one(const struct place *place) {
    char path[PATH_MAX];
    struct stat before;
    struct stat after;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/data", place->path);
    bool made = mkdir(path, 0500) == 0 && stat(path, &before) == 0;
    enum status status = enter(path, &err);
    return made && status == STATUS_IO && strstr(err.message, "se: ch") &&
                   stat(path, &after) == 0 && after.st_uid == before.st_uid &&
                   after.st_mode == before.st_mode
               ? 0
               : 1;
}

static void an_existing_directory_is_never_changed(void **state) {
    assert_int_equal(in_child(enter_foreign_one, *state), 0);
}

static int enter_behind_a_closed_door(const struct place *place) {
    char path[PATH_MAX];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/closed/data", place->path);
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s/closed", place->path);
    bool made = mkdir(parent, 0700) == 0;
    if (geteuid() != 0) {
        return made ? 0 : 1; // the door would be ours
    }
    return made && enter(path, &err) == STATUS_IO && strstr(err.message, "chmod o+x ") ? 0 : 1;
}

static void a_closed_parent_is_named(void **state) {
    assert_int_equal(in_child(enter_behind_a_closed_door, *state), 0);
}

static int find_accounts(const struct place *place) {
    (void)place;
    struct account account;
    struct error err;
    if (account_find("no-such-user-here", &account, &err) != STATUS_USAGE) {
        return 1;
    }
    return geteuid() != 0 || account_find("root", &account, &err) == STATUS_USAGE ? 0 : 2;
}

static void root_and_unknown_users_are_refused(void **state) {
    assert_int_equal(in_child(find_accounts, *state), 0);
}

static int lock_again(const struct place *place) {
    struct error err = {0};
    int fd = -1;
    enum status status = data_lock_take(place->path, &fd, &err);
    char pid[32];
    snprintf(pid, sizeof pid, "(process %ld) uses", (long)getppid());
    return status == STATUS_CONFLICT && strstr(err.message, pid) ? 0 : 1;
}

static void a_second_one_on_a_directory_is_refused(void **state) {
    const struct place *place = *state;
    struct error err;
    int fd = -1;
    assert_int_equal(data_lock_take(place->path, &fd, &err), STATUS_OK);
    assert_int_equal(data_lock_try(place->path), -1);
    assert_int_equal(in_child(lock_again, place), 0);
    close(fd);
    fd = data_lock_try(place->path);
    assert_true(fd >= 0);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_missing_directory_is_made_for_the_user, make_place,
                                        free_place),
        cmocka_unit_test_setup_teardown(an_existing_directory_is_never_changed, make_place,
                                        free_place),
        cmocka_unit_test_setup_teardown(a_closed_parent_is_named, make_place, free_place),
        cmocka_unit_test_setup_teardown(root_and_unknown_users_are_refused, make_place, free_place),
        cmocka_unit_test_setup_teardown(a_second_one_on_a_directory_is_refused, make_place,
                                        free_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
