// SPDX-License-Identifier: MIT
// Licence expressions: canonical case, refusals that name the part, limits, the order of the tables.
// Compared with Debian's hatchling in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/metadata/license_ids.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expressions_have_one_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *expression;
        bool names_deprecated;
    } rows[] = {
        {" mit ", "MIT", false},
        {"mit or(apache-2.0 and ISC)", "MIT OR (Apache-2.0 AND ISC)", false},
        {"((MIT))", "((MIT))", false},
        {"apache-2.0+", "Apache-2.0+", false},
        {"gpl-2.0+", "GPL-2.0+", true},
        {"GPL-2.0-or-later with classpath-EXCEPTION-2.0",
         "GPL-2.0-or-later WITH Classpath-exception-2.0", false},
        {"licenseref-My.Own-1 AND mit", "LicenseRef-My.Own-1 AND MIT", false},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct license license;
        assert_int_equal(license_parse(arena, text_from(rows[i].text), &license, NULL), STATUS_OK);
        assert_string_equal(license.expression, rows[i].expression);
        assert_int_equal(license.names_deprecated, rows[i].names_deprecated);
    }
}

static void a_refusal_names_the_part(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *fragment;
    } rows[] = {
        {"", "ends where an identifier of the SPDX list"},
        {"MIT OR", "ends where an identifier of the SPDX list"},
        {"MIT ISC", "has 'ISC' where AND, OR or the end is wanted"},
        {"(MIT", "ends where AND, OR or ')' is wanted"},
        {"MIT)", "has ')' where AND, OR or the end is wanted"},
        {"Foo", "has 'Foo' where an identifier of the SPDX list"},
        {"MIT WITH ISC", "has 'ISC' where an exception of the SPDX list is wanted"},
        {"(MIT) WITH GCC-exception-3.1", "has 'WITH' where AND, OR or the end"},
        {"LicenseRef-", "has 'LicenseRef-' where an identifier"},
        {"LicenseRef-a_b", "has 'LicenseRef-a_b' where an identifier"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = {0};
        assert_int_equal(license_check(text_from(rows[i].text), &err), STATUS_INVALID);
        if (!strstr(err.message, rows[i].fragment)) {
            fail_msg("%s: %s", rows[i].text, err.message);
        }
    }
}

static void length_and_nesting_have_limits(void **state) {
    (void)state;
    char text[LIMIT_SHORT_TEXT_BYTES + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "MIT", 3);
    assert_int_equal(license_check((struct text){text, LIMIT_SHORT_TEXT_BYTES}, NULL), STATUS_OK);
    assert_int_equal(license_check((struct text){text, sizeof text}, NULL), STATUS_TOO_LARGE);
    for (size_t depth = LIMIT_MARKER_DEPTH; depth <= LIMIT_MARKER_DEPTH + 1; depth++) {
        memset(text, '(', depth);
        memcpy(text + depth, "MIT", 3);
        memset(text + depth + 3, ')', depth);
        assert_int_equal(license_check((struct text){text, 2 * depth + 3}, NULL),
                         depth > LIMIT_MARKER_DEPTH ? STATUS_TOO_LARGE : STATUS_OK);
    }
    // as dense as it gets: the normal form has a blank more for every two bytes
    size_t len = 0;
    while (len + 20 < LIMIT_SHORT_TEXT_BYTES) {
        memcpy(text + len, "(MIT)or(ISC)or", 14);
        len += 14;
    }
    memcpy(text + len, "(W3C)", 5);
    assert_int_equal(license_check((struct text){text, len + 5}, NULL), STATUS_OK);
}

static void every_identifier_is_found(void **state) {
    (void)state;
    assert_true(license_ids.count > 400);
    for (size_t i = 0; i < license_ids.count; i++) {
        assert_int_equal(license_check(text_from(license_ids.items[i].id), NULL), STATUS_OK);
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < license_exception_ids.count; i++) {
        const char *text = arena_printf(arena, "MIT WITH %s", license_exception_ids.items[i].id);
        assert_int_equal(license_check(text_from(text), NULL), STATUS_OK);
    }
}

static void expressions_need_memory(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(1);
    struct license license;
    assert_int_equal(license_parse(arena, text_from("MIT"), &license, NULL), STATUS_NO_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_one_normal_form),
        cmocka_unit_test(a_refusal_names_the_part),
        cmocka_unit_test(length_and_nesting_have_limits),
        cmocka_unit_test(every_identifier_is_found),
        cmocka_unit_test(expressions_need_memory),
    };
    return cmocka_run_group_tests_name("license", tests, NULL, NULL);
}
