// SPDX-License-Identifier: MIT
// Settings: the order of the sources, every kind of bad value, and what --help and --print-config
// say.
#include "registryd/config.h"

#include "schema/base/cleanup.h"

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
        {{"r", "--lisen", "x"}, {0}, "", "there is no flag --lisen;"},
        {{"r", "-x"}, {0}, "", "\"-x\" is not a flag"},
        {{"r", "serve"}, {0}, "", "\"serve\" is not a flag"},
        {{"r", "--"}, {0}, "", "there is no flag --;"},
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
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

static void print_config_hides_passwords(void **state) {
    static const struct {
        const char *url;
        const char *printed;
    } cases[] = {
        {"postgresql://bo:se:cret@h/db", "'postgresql://bo:***@h/db'"},
        {"postgresql://bo@h:5432/db", "'postgresql://bo@h:5432/db'"},
        {"host=h password=x user=u", "'host=h password=*** user=u'"},
        {"host=h password='x y' a=b", "'host=h password=***'"},
        {"host=it's", "'host=it''s'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *argv[] = {"r",          "--data-dir=/d",  "--database-url",
                              cases[i].url, "--print-config", NULL};
        struct config_result result;
        struct error err;
        assert_int_equal(config_load(*state, argv, no_environment, &result, &err), STATUS_OK);
        assert_int_equal(result.action, CONFIG_PRINT);
        char expected[128];
        snprintf(expected, sizeof expected, "\ndatabase-url: %s # flag\n", cases[i].printed);
        assert_non_null(strstr(config_print(*state, &result), expected));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_those_of_the_table, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(flags_win_over_the_environment, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(one_clear_line_for_each_fault, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(nobody_without_a_home_gets_a_guess, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(the_table_is_whole, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(print_config_hides_passwords, make_arena, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
