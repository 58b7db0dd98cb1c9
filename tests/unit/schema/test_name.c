// SPDX-License-Identifier: MIT
// Package names, the entry-point grammar, and the quoting that their messages rest on.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/entry_point.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void names_have_one_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *normal; // NULL: refused
    } rows[] = {
        {"Friendly-._.-Bard", "friendly-bard"},
        {"a", "a"},
        {"9_9", "9-9"},
        {"zope.interface", "zope-interface"},
        {"", NULL},
        {"-a", NULL},
        {"a.", NULL},
        {"a b", NULL},
        {"a\n", NULL},
        {"na\xc3\xafve", NULL},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *normal = NULL;
        struct error err = {0};
        struct text text = text_from(rows[i].text);
        enum status status = name_normalize(arena, text, &normal, &err);
        assert_int_equal(status, rows[i].normal ? STATUS_OK : STATUS_INVALID);
        assert_int_equal(name_is_valid(text), rows[i].normal != NULL);
        if (rows[i].normal) {
            assert_string_equal(normal, rows[i].normal);
        } else {
            assert_true(strlen(err.message) > 10);
        }
    }
}

static void a_long_name_is_refused_with_its_length(void **state) {
    (void)state;
    char name[LIMIT_NAME_BYTES + 1];
    memset(name, 'a', sizeof name);
    assert_true(name_is_valid((struct text){name, LIMIT_NAME_BYTES}));
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const char *normal;
    struct error err;
    assert_int_equal(name_normalize(arena, (struct text){name, sizeof name}, &normal, &err),
                     STATUS_INVALID);
    assert_non_null(strstr(err.message, "101 bytes long, at most 100"));
}

static void names_need_memory(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(1);
    const char *normal = NULL;
    assert_int_equal(name_normalize(arena, text_from("a"), &normal, NULL), STATUS_NO_MEMORY);
    assert_null(normal);
}

static void references_split_into_their_parts(void **state) {
    (void)state;
    static const struct {
        const char *value;
        const char *module, *attr, *extras; // module NULL: refused
    } rows[] = {
        {"pkg.mod:Class.make", "pkg.mod", "Class.make", ""},
        {"pkg", "pkg", "", ""},
        {" pkg : run [ x , y-z ] ", "pkg", "run", "x , y-z"},
        {"pkg:run []", "pkg", "run", ""},
        {"pkg:", NULL, NULL, NULL},
        {":run", NULL, NULL, NULL},
        {"a..b:c", NULL, NULL, NULL},
        {"1a:b", NULL, NULL, NULL},
        {"a:b:c", NULL, NULL, NULL},
        {"my-mod:x", NULL, NULL, NULL},
        {"a:b]", NULL, NULL, NULL},
        {"a:b [x,]", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
        {"a:\xff", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct object_reference reference = {0};
        struct error err = {0};
        enum status status = object_reference_parse(text_from(rows[i].value), &reference, &err);
        assert_int_equal(status, rows[i].module ? STATUS_OK : STATUS_INVALID);
        if (rows[i].module) {
            assert_true(text_equals(reference.module, rows[i].module));
            assert_true(text_equals(reference.attr, rows[i].attr));
            assert_true(text_equals(reference.extras, rows[i].extras));
        } else {
            assert_non_null(strstr(err.message, "object reference"));
        }
    }
}

static void groups_and_names_say_what_is_wrong(void **state) {
    (void)state;
    static const struct {
        enum status (*check)(struct text text, struct error *err);
        const char *text;
        const char *fragment; // NULL: accepted
    } rows[] = {
        {entry_point_group_check, "my_app.plugins", NULL},
        {entry_point_group_check, "1", NULL},
        {entry_point_group_check, "a-b", NULL},
        {entry_point_group_check, "\xc3\xa9", "ASCII letters, digits and '_'"},
        {entry_point_group_check, "a..b", "joined by single '.' or '-'"},
        {entry_point_group_check, "", "the entry-point group is empty"},
        {entry_point_group_check, "\xff", "is not valid UTF-8"},
        {entry_point_name_check, "any name: at-all", NULL},
        {entry_point_name_check, "a=b", "'=' is not allowed in it"},
        {entry_point_name_check, "[a", "it may not begin with '['"},
        {entry_point_name_check, " a", "white space"},
        {entry_point_name_check, "a\nb", "control characters and line breaks"},
        {entry_point_name_check, "", "the entry-point name is empty"},
        {entry_point_name_check, "#a", "it may not begin with '[', '#' or ';'"},
        {entry_point_name_check, "a\xe2\x80\xa8", "white space"},
        {entry_point_name_check, "a\xe2\x80\xa8z", "control characters and line breaks"},
        {entry_point_name_check, "a\xe2\x80\xaez", "writing direction"},
        {script_name_check, "run-it", NULL},
        {script_name_check, "../x", "lead to another directory"},
        {script_name_check, "C:x", "lead to another directory"},
        {script_name_check, ".x", "may not begin with '.'"},
        {script_name_check, "x.", "may not end with '.'"},
        {script_name_check, "aux.py", "Windows takes it for a device"},
        {script_name_check, "=", "is not an entry-point name"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = {0};
        enum status status = rows[i].check(text_from(rows[i].text), &err);
        assert_int_equal(status, rows[i].fragment ? STATUS_INVALID : STATUS_OK);
        if (rows[i].fragment && !strstr(err.message, rows[i].fragment)) {
            fail_msg("%s: %s", rows[i].text, err.message);
        }
    }
}

static void quotes_are_printable_and_short(void **state) {
    (void)state;
    char text[300];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe5\xad\x97", 3);
        }
        struct quote quote = quote_text((struct text){text, 200 + shift});
        assert_true(utf8_is_valid(quote.text, strlen(quote.text)));
        assert_string_equal(quote.text + strlen(quote.text) - 4, "\xe2\x80\xa6'");
    }
    assert_string_equal(quote_text((struct text){"a\0\n\x7f\xc3(\xf0\x9f", 8}).text, "'a???"
                                                                                     "?("
                                                                                     "?"
                                                                                     "?'");
    assert_string_equal(quote_text((struct text){NULL, 0}).text, "''");
}

// What was stored before the rule became narrower can still be asked for.
static void groups_that_may_be_stored(void **state) {
    (void)state;
    static const char *const good[] = {"a", "a-b.c_d", "1", "\xc3\xa9.plugins", "a.\xd0\xb0"};
    static const char *const bad[] = {"", "a b", "a..b", "-a", "a-", "a/b", "\xff", "a\n", "[a]"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(entry_point_group_may_be_stored(text_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(entry_point_group_may_be_stored(text_from(bad[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_one_normal_form),
        cmocka_unit_test(a_long_name_is_refused_with_its_length),
        cmocka_unit_test(names_need_memory),
        cmocka_unit_test(references_split_into_their_parts),
        cmocka_unit_test(groups_and_names_say_what_is_wrong),
        cmocka_unit_test(groups_that_may_be_stored),
        cmocka_unit_test(quotes_are_printable_and_short),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
