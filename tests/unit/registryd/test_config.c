// SPDX-License-Identifier: MIT
// Settings: the order of the sources, every kind of bad value, and what --help and --print-config
// say.
#include "registryd/config/config.h"
#include "registryd/store/libpq/db.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS = 6 };

static int make_arena(void **state) {
    *state = arena_new(0);
    return *state ? 0 : -1;
}

static int free_arena(void **state) {
    arena_free(*state);
    return 0;
}

static const char *no_environment[] = {"HOME=/h", NULL};

static void defaults_are_those_of_the_table(void **state) {
    const char *argv[] = {"registryd", "--data-dir", "/d", NULL};
    struct config_result result;
    struct error err;
    assert_int_equal(config_load(*state, argv, no_environment, &result, &err), STATUS_OK);
    assert_int_equal(result.action, CONFIG_RUN);
    assert_string_equal(result.config.listen, "127.0.0.1:7621");
    assert_int_equal(result.config.threads, 1024);
    assert_int_equal(result.config.connections_per_address, 512);
    assert_int_equal(result.config.head_seconds, 10);
    assert_int_equal(result.config.idle_seconds, 15);
    assert_int_equal(result.config.body_seconds, 30);
    assert_int_equal(result.config.bodies_at_once, 32);
    assert_int_equal(result.config.log_level, LOG_LEVEL_INFO);
    assert_null(result.config.database_url);
    assert_string_equal(result.config.data_dir, "/d");
}

static void flags_win_over_the_environment(void **state) {
    const char *argv[] = {"registryd", "--threads=65", "--listen", "127.0.0.1:1", NULL};
    const char *environment[] = {"HOME=/h",
                                 "REGISTRYD_THREADS=70",
                                 "REGISTRYD_POOL_SIZE=3",
                                 "REGISTRYD_LOG_LEVEL=",
                                 "REGISTRYD_URL=http://127.0.0.1",
                                 NULL};
    struct config_result result;
    struct error err;
    assert_int_equal(config_load(*state, argv, environment, &result, &err), STATUS_OK);
    assert_int_equal(result.config.threads, 65);
    assert_int_equal(result.config.pool_size, 3);
    assert_int_equal(result.config.log_level, LOG_LEVEL_INFO); // empty is unset
    assert_string_equal(result.config.listen, "127.0.0.1:1");
}

static void one_clear_line_for_each_fault(void **state) {
    static const struct {
        const char *argv[WORDS];
        const char *environment[WORDS];
        const char *where;
        const char *message;
    } cases[] = {
        {{"r", "--lisen", "x"}, {0}, "", "Unknown flag --lisen."},
        {{"r", "-x"}, {0}, "", "\"-x\" is not a flag"},
        {{"r", "serve"}, {0}, "", "\"serve\" is not a flag"},
        {{"r", "--"}, {0}, "", "Unknown flag --."},
        {{"r", "--threads"}, {0}, "", "threads needs a value (NUMBER)"},
        {{"r", "--threads="}, {0}, "", "threads needs a value (NUMBER)"},
        {{"r", "--threads", "3"}, {0}, "", "threads must be a whole number from 4 to 16384"},
        {{"r", "--threads", "16385"}, {0}, "", "threads must be"},
        {{"r", "--threads", "12x"}, {0}, "", "not \"12x\""},
        {{"r", "--threads", " "}, {0}, "", "threads must be"},
        {{"r", "--threads", "-"}, {0}, "", "threads must be"},
        {{"r", "--threads", "99999999999999999999"}, {0}, "", "threads must be"},
        {{"r", "--log-level", "loud"}, {0}, "", "error, warning, info or debug, not \"loud\""},
        {{"r"}, {"REGISTRYD_CACHE_MIB=0"}, "REGISTRYD_CACHE_MIB", "cache-mib must be"},
        {{"r", "--config", "/nowhere/x.yaml"}, {0}, "/nowhere/x.yaml", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config_result result;
        struct error err = {0};
        assert_int_equal(config_load(*state, cases[i].argv, cases[i].environment, &result, &err),
                         STATUS_USAGE);
        assert_string_equal(err.where, cases[i].where);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("\"%s\" is not in \"%s\"", cases[i].message, err.message);
        }
    }
}

struct file_case {
    const char *yaml;
    const char *where; // behind the file's name
    const char *message;
};

static enum status load_file(struct arena *arena, const char *yaml,
                             struct config_result *ret_result, struct error *err) {
    char path[] = "/tmp/registryd-unit-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
    close(fd);
    const char *argv[] = {"registryd", "--config", arena_strdup(arena, path), "--pool-size=9",
                          NULL};
    const char *environment[] = {"HOME=/h", "REGISTRYD_THREADS=70", NULL};
    enum status status = config_load(arena, argv, environment, ret_result, err);
    unlink(path);
    if (strncmp(err->where, path, strlen(path)) == 0) {
        memmove(err->where, err->where + strlen(path), strlen(err->where + strlen(path)) + 1);
    }
    return status;
}

static void the_file_is_weaker_than_flags_and_environment(void **state) {
    struct config_result result;
    struct error err = {0};
    const char *yaml = "# mine\nthreads: 50\npool-size: 5\ncache-mib: 7\nuser: null\n"
                       "listen: 127.0.0.1:1\nlog-level: debug\ndata-dir: '/a b'\n";
    assert_int_equal(load_file(*state, yaml, &result, &err), STATUS_OK);
    assert_int_equal(result.config.threads, 70);
    assert_int_equal(result.config.pool_size, 9);
    assert_int_equal(result.config.cache_mib, 7);
    assert_int_equal(result.config.log_level, LOG_LEVEL_DEBUG);
    assert_string_equal(result.config.listen, "127.0.0.1:1");
    assert_string_equal(result.config.data_dir, "/a b");
    assert_null(result.config.user);
    assert_non_null(
        strstr(config_print(*state, &result, db_conninfo_mask), "\ncache-mib: 7 # file\n"));
}

static void a_file_says_where_it_is_wrong(void **state) {
    static const struct file_case cases[] = {
        {"threads: 50\nthread: 5\n", ":2", "Unknown setting \"thread\""},
        {"threads: many\n", ":1", "whole number from 4 to 16384, not \"many\""},
        {"\n\nthreads: 5.5\n", ":3", "not \"5.5\""},
        {"threads: [5]\n", ":1", "a single value, not a list"},
        {"- threads\n", "", "must be a mapping, not a list"},
        {"config: x.yaml\n", ":1", "Unknown setting \"config\""},
        {"threads: 5\nthreads: 6\n", ":2", ""},
        {"threads: [\n", ":2", ""},
        {"user: ''\n", ":1", "user needs a value (NAME)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config_result result;
        struct error err = {0};
        assert_int_equal(load_file(*state, cases[i].yaml, &result, &err), STATUS_USAGE);
        assert_int_equal(err.status, STATUS_USAGE);
        assert_string_equal(err.where, cases[i].where);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("\"%s\" is not in \"%s\"", cases[i].message, err.message);
        }
    }
}

static void what_is_printed_can_be_read_back(void **state) {
    struct config_result first;
    struct config_result second;
    struct error err = {0};
    const char *yaml = "listen: 127.0.0.1:1\nuser: 'it''s: #me'\nlog-level: error\n";
    assert_int_equal(load_file(*state, yaml, &first, &err), STATUS_OK);
    const char *printed = config_print(*state, &first, db_conninfo_mask);
    assert_int_equal(load_file(*state, printed, &second, &err), STATUS_OK);
    assert_string_equal(second.config.user, "it's: #me");
    assert_string_equal(second.config.listen, "127.0.0.1:1");
    assert_int_equal(second.config.log_level, LOG_LEVEL_ERROR);
}

static void nobody_without_a_home_gets_a_guess(void **state) {
    const char *argv[] = {"registryd", NULL};
    const char *environment[] = {"XDG_DATA_HOME=relative", NULL};
    const char *data_home[] = {"XDG_DATA_HOME=/x", "HOME=/h", NULL};
    struct config_result result;
    struct error err;
    if (geteuid() == 0) {
        assert_int_equal(config_load(*state, argv, environment, &result, &err), STATUS_OK);
        assert_string_equal(result.config.data_dir, "/var/lib/registryd");
        return;
    }
    assert_int_equal(config_load(*state, argv, environment, &result, &err), STATUS_USAGE);
    assert_int_equal(config_load(*state, argv, no_environment, &result, &err), STATUS_OK);
    assert_string_equal(result.config.data_dir, "/h/.local/share/registryd");
    assert_int_equal(config_load(*state, argv, data_home, &result, &err), STATUS_OK);
    assert_string_equal(result.config.data_dir, "/x/registryd");
}

static void the_table_is_whole(void **state) {
    const char *help = config_help(*state);
    assert_non_null(help);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        assert_true(row->key && row->environment && row->value_name && row->doc);
        assert_true(row->type != SETTING_NUMBER || row->min < row->max);
        char flag[64];
        snprintf(flag, sizeof flag, "\n    --%s %s", row->key, row->value_name);
        assert_non_null(strstr(help, flag));
        assert_non_null(strstr(help, row->environment));
    }
}

// What libpq takes for a password is hidden, however it is written; what it cannot read, as a whole.
static void print_config_hides_passwords(void **state) {
    static const struct {
        const char *url;
        const char *kept;
    } cases[] = {
        {"postgresql://bo:hush@h/db", "user=''bo''"},
        {"postgresql://bo@h:5432/db?password=hush", "host=''h''"},
        {"postgresql://bo:x%40hush@h/db", "dbname=''db''"},
        {"postgresql://h/db?sslpassword=hush", "host=''h''"},
        {"host=h password=hush user=u", "user=''u''"},
        {"host=h password = 'x hush' user=u", "user=''u''"},
        {"host=h password='x\\' hush'", "host=''h''"},
        {"password=hush =", "'***'"},
        {"postgresql://bo:hush@h:bad:port:s/x?y", "'***'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *argv[] = {"r",          "--data-dir=/d",  "--database-url",
                              cases[i].url, "--print-config", NULL};
        struct config_result result;
        struct error err;
        assert_int_equal(config_load(*state, argv, no_environment, &result, &err), STATUS_OK);
        assert_int_equal(result.action, CONFIG_PRINT);
        const char *printed = config_print(*state, &result, db_conninfo_mask);
        if (strstr(printed, "hush") || !strstr(printed, "***") || !strstr(printed, cases[i].kept)) {
            fail_msg("%s: %s", cases[i].url, strstr(printed, "\ndatabase-url"));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_those_of_the_table, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(flags_win_over_the_environment, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(one_clear_line_for_each_fault, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(the_file_is_weaker_than_flags_and_environment, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(a_file_says_where_it_is_wrong, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(what_is_printed_can_be_read_back, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(nobody_without_a_home_gets_a_guess, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(the_table_is_whole, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(print_config_hides_passwords, make_arena, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
