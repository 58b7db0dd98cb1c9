// SPDX-License-Identifier: MIT
// entry_points.txt: what is kept, which line each lint names, limits, no memory. Compared with
// Python's two readers in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/entry_points_txt.h"
#include "schema/packaging/python_text.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_fault_costs_one_line(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    static const char text[] = "stray\n"
                               "[one]\n"
                               "a = pkg:run\n"
                               "no equals\n"
                               "\n"
                               "# comment\n"
                               "b = pkg : run [x]\n"
                               "[two]\n"
                               "a = not-a-module:x\n";
    const struct entry_points_txt *file = NULL;
    assert_int_equal(entry_points_txt_parse(arena, text_from(text), &file, NULL), STATUS_OK);
    assert_int_equal(file->count, 3);
    assert_string_equal(file->entries[0].group, "one");
    assert_string_equal(file->entries[1].name, "b");
    assert_string_equal(file->entries[1].value, "pkg : run [x]");
    assert_int_equal(file->lines[1], 7);
    assert_string_equal(file->entries[2].group, "two");
    static const struct {
        const char *code;
        size_t line;
        bool is_error;
    } lints[] = {
        {"entry-points-before-first-group", 1, true},
        {"entry-points-no-equals-sign", 4, true},
        {"entry-point-value-invalid", 9, true},
    };
    assert_int_equal(file->lints.count, 3);
    assert_int_equal(file->lints.error_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(file->lints.items[i].kind->code, lints[i].code);
        assert_int_equal(file->lints.items[i].line, lints[i].line);
        assert_int_equal(file->lints.items[i].kind->is_error, lints[i].is_error);
    }
}

static void each_lint_has_its_case(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *code; // of the only lint; NULL: none
    } rows[] = {
        {"[a]\nx = m:f\n  # note\n", NULL},
        {"[a]\n  x = m:f\n  y = m:f\n", NULL},
        {"\xef\xbb\xbf\n[a]\nx = m:f\n", "entry-points-byte-order-mark"},
        {"[a]\n;x = m:f\n", "entry-points-semicolon-comment"},
        {"[a]\nx = m:f\n y = m:f\n", "entry-points-indented-line"},
        {"[a]\nx = m:f\x0cy = m:f\n", "entry-points-unusual-line-end"},
        {"[[a]]\n", "entry-points-group-header"},
        {"[DEFAULT]\n", "entry-points-default-group"},
        {"[a]\n[b]\n[a]\n", "entry-points-duplicate-group"},
        {"[a]\nx = m\nx = n\n", "entry-points-duplicate-name"},
        {"[gui_scripts]\nx = m:f\nX = m:f\n", "entry-points-script-case"},
        {"[a]\nx = m:f # c\n", "entry-points-inline-comment"},
        {"[a b]\n", "group-not-indexed"},
        {"[a]\n= m\n", "entry-point-name-invalid"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct entry_points_txt *file = NULL;
        assert_int_equal(entry_points_txt_parse(arena, text_from(rows[i].text), &file, NULL),
                         STATUS_OK);
        if (!rows[i].code) {
            assert_int_equal(file->lints.count, 0);
            continue;
        }
        assert_true(file->lints.count >= 1);
        assert_string_equal(file->lints.items[0].kind->code, rows[i].code);
    }
}

static void bad_files_are_refused_whole(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct entry_points_txt *file = NULL;
    struct error err = {0};
    assert_int_equal(entry_points_txt_parse(arena, text_from("[a]\nx = \xff\n"), &file, &err),
                     STATUS_INVALID);
    assert_non_null(strstr(err.message, "not valid UTF-8"));
    char *large = arena_alloc(arena, LIMIT_ENTRY_POINTS_TXT_BYTES + 1);
    assert_non_null(large);
    memset(large, '#', LIMIT_ENTRY_POINTS_TXT_BYTES + 1);
    struct text view = {large, LIMIT_ENTRY_POINTS_TXT_BYTES};
    assert_int_equal(entry_points_txt_parse(arena, view, &file, &err), STATUS_OK);
    view.len++;
    assert_int_equal(entry_points_txt_parse(arena, view, &file, &err), STATUS_TOO_LARGE);
}

static void entries_and_lints_have_limits(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const size_t line_bytes = 16;
    const size_t count = LIMIT_ENTRY_POINTS + 1;
    char *text = arena_alloc(arena, 4 + count * line_bytes + 1);
    assert_non_null(text);
    memcpy(text, "[a]\n", 4);
    for (size_t i = 0; i < count; i++) {
        snprintf(text + 4 + i * line_bytes, line_bytes + 1, "name%06zu=a b\n\n", i);
    }
    const struct entry_points_txt *file = NULL;
    struct error err = {0};
    struct text view = {text, 4 + (count - 1) * line_bytes};
    assert_int_equal(entry_points_txt_parse(arena, view, &file, &err), STATUS_OK);
    assert_int_equal(file->count, LIMIT_ENTRY_POINTS);
    assert_int_equal(file->lints.count, LIMIT_FINDINGS);
    assert_int_equal(file->lints.error_count, LIMIT_ENTRY_POINTS);
    view.len += line_bytes;
    assert_int_equal(entry_points_txt_parse(arena, view, &file, &err), STATUS_TOO_LARGE);
    assert_non_null(strstr(err.message, "more than 2000 entries"));
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    static const char text[] = "[a]\nx = m:f\nno\n[b]\ny = m:f # c\ny = n\n";
    size_t refused = 0;
    for (size_t left = 0; left < 3900; left += 16) {
        scoped(cleanup_arena) struct arena *arena = arena_new(4096);
        assert_non_null(arena_alloc(arena, 4096 - 64 - left));
        const struct entry_points_txt *file = NULL;
        enum status status = entry_points_txt_parse(arena, text_from(text), &file, NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(file != NULL, status == STATUS_OK);
        refused += status == STATUS_NO_MEMORY;
    }
    assert_in_range(refused, 20, 3900 / 16 - 10);
}

static void white_space_is_python_s(void **state) {
    (void)state;
    struct text stripped = python_text_strip(text_from("\xc2\xa0\t\x1f"
                                                       "a b\xe3\x80\x80 \xc2\x85"));
    assert_true(text_equals(stripped, "a b"));
    assert_int_equal(python_text_strip(text_from("\xe2\x80\x83 ")).len, 0);
    assert_true(text_equals(python_text_strip(text_from("\xc3\xa9")), "\xc3\xa9"));
    struct text rest = text_from("a\r\nb\xe2\x80\xa8"
                                 "c");
    struct text line;
    bool unusual;
    static const char *const lines[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(python_text_split_line(&rest, &line, &unusual));
        assert_true(text_equals(line, lines[i]));
        assert_int_equal(unusual, i == 1);
    }
    assert_false(python_text_split_line(&rest, &line, &unusual));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_costs_one_line),
        cmocka_unit_test(each_lint_has_its_case),
        cmocka_unit_test(bad_files_are_refused_whole),
        cmocka_unit_test(entries_and_lints_have_limits),
        cmocka_unit_test(running_out_of_memory_is_a_status),
        cmocka_unit_test(white_space_is_python_s),
    };
    return cmocka_run_group_tests_name("entry_points_txt", tests, NULL, NULL);
}
