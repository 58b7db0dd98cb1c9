// SPDX-License-Identifier: MIT
// Text from outside made fit: what stays, what becomes an escape, what becomes the replacement
// character.
#include "client/fs/printable.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *text;
    const char *utf8;
    const char *line;
};

static const struct row rows[] = {
    {"", "", ""},
    {"crm", "crm", "crm"},
    {"caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\xa6\x8a", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\xa6\x8a",
     "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\xa6\x8a"},
    {"a\nb\tc\rd", "a\nb\tc\rd", "a\\nb\\tc\\rd"},
    {"\x1b[2J", "\x1b[2J", "\\x1b[2J"},
    {"\x7f\x01", "\x7f\x01", "\\x7f\\x01"},
    {"\xc2\x9b"
     "31m",
     "\xc2\x9b"
     "31m",
     "\\x9b31m"},
    {"\xe2\x80\xae"
     "evil",
     "\xe2\x80\xae"
     "evil",
     "\\u202eevil"},
    {"\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf", "\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf",
     "\\u2028\\u2066\\ufeff"},
    {"\xff", "\xef\xbf\xbd", "\xef\xbf\xbd"},
    {"a\xc3", "a\xef\xbf\xbd", "a\xef\xbf\xbd"},
    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\x1b\xff\x1b", "\x1b\xef\xbf\xbd\x1b", "\\x1b\xef\xbf\xbd\\x1b"},
};

static void test_rows(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(printable_utf8(arena, rows[i].text), rows[i].utf8);
        assert_string_equal(printable_line(arena, rows[i].text), rows[i].line);
    }
}

// Whatever the two bytes: well-formed, on one line, and clean text is not touched.
static void test_every_pair_of_bytes(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (int pair = 0x0101; pair <= 0xffff; pair++) {
        char text[] = {(char)(pair >> 8), (char)pair, '\0'};
        const char *line = printable_line(arena, text);
        assert_non_null(line);
        assert_true(utf8_is_valid(line, strlen(line)));
        for (const char *p = line; *p; p++) {
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
        }
        assert_string_equal(printable_line(arena, line), line);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(1);
    assert_null(printable_utf8(arena, "a\xff"));
    assert_null(printable_line(arena, "a\x1b"));
    assert_null(printable_line(arena, "clean"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_pair_of_bytes),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
