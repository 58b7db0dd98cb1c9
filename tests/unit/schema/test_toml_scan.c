// SPDX-License-Identifier: MIT
// Which shapes of TOML the scanner reads by itself, that it reads them as toml++ does, and which it leaves.
#include "schema/readers/core/toml_scan.h"

#include "schema/base/list.h"
#include "schema/readers/core/toml_library.h"
#include "tests/fuzz/same_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const scanned[] = {
    "\n",
    "# c\n",
    "a = 1",
    "a=1\n\tb\t=\t-20 # c\n",
    "a = true\nb = false\n",
    "a = \"\"\nb = ''\nc = \"d # 'e'\"\nf = '\"\\g'\n",
    "a = \"\\\"b\\\\ \\n\\t\\r\"\n",
    "a = \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"\n",
    "a-b_1 = 1\n2 = 3\n'c d' = 4\n\"e.f\" = 5\n",
    "b = 1\na = 2\nc = 3\n",
    "a.b = 1\na.c = 2\n",
    "a = []\nb = [1, 'c', true, ]\nd = [\n  1, # e\n\n  [2,\n3]\n]\n",
    "a = {}\nb = { c = 1, 'd' = [\n1], e = {f = \"g\"} }\n",
    "[a]\nb = 1\n[a.c]\nd = 2\n",
    "[b.c]\nd = 1\n\n[b]\ne = 2\n",
    "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 2\n[[a.e]]\n[[a.e]]\n",
    "[a.\"b.c\".d] # e\n[a]\n",
};

static const char *const left[] = {
    "",
    "\xef\xbb\xbf\x61 = 1\n",
    "a = 1\r\n",
    "a = 1.5\n",
    "a = 1e3\n",
    "a = 0x1\n",
    "a = 1_000\n",
    "a = +1\n",
    "a = -0\n",
    "a = 01\n",
    "a = 1234567890123456789\n",
    "a = inf\n",
    "a = 1979-05-27\n",
    "a = 07:30:00\n",
    "a = \"\"\"b\"\"\"\n",
    "a = '''b'''\n",
    "a = \"\\u00e9\"\n",
    "a = \"b\n\"\n",
    "a = \"b\n",
    "a = 'b\x7f'\n",
    "a = 'b\xc2\x85'\n",
    "a = 1 b = 2\n",
    "a = 1\na = 2\n",
    "a = \n",
    "a\n",
    "= 1\n",
    "'' = 1\n",
    "a = [1 2]\n",
    "a = [,]\n",
    "a = [1\n",
    "a = {b = 1,}\n",
    "a = {\nb = 1}\n",
    "a = {b = 1, b = 2}\n",
    "a = {b.c = 1}\n",
    "a = [[[[[[[[[]]]]]]]]]\n",
    "a.b.c.d.e.f.g.h.i = 1\n",
    "a = truer\n",
    "a . b = 1\n",
    "[a]\n[a]\n",
    "[a]\nb = 1\n[a.b]\n",
    "[a]\nb.c = 1\n[a.b]\n",
    "[a.b]\n[a]\nb.c = 1\n",
    "a = {}\n[a.b]\n",
    "a = []\n[[a]]\n",
    "[[a]]\n[a]\n",
    "[a]\n[[a]]\n",
    "[a\n",
    "[a]b = 1\n",
    "[[a]\n",
    "[]\n",
    "# \x01\n",
};

// A block of the text's own size, so that a sanitizer sees what reads beyond it.
static struct source_file file_of(struct arena *arena, const char *text) {
    size_t len = strlen(text);
    return (struct source_file){
        .path = "a.toml", .bytes = arena_copy(arena, text, len), .len = len};
}

static void usual_shapes_are_scanned_as_the_library_reads_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scanned); i++) {
        struct arena *arena = arena_new(0);
        struct source_file file = file_of(arena, scanned[i]);
        const struct node *ours = NULL;
        const struct node *theirs = NULL;
        if (!toml_scan(arena, &file, &ours)) {
            fail_msg("\"%s\" is not scanned", scanned[i]);
        }
        if (toml_parse_library(arena, &file, &theirs, NULL) || !is_same_tree(ours, theirs)) {
            fail_msg("\"%s\" is read in two ways", scanned[i]);
        }
        arena_free(arena);
    }
}

static void everything_else_is_left_to_the_library(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        struct arena *arena = arena_new(0);
        struct source_file file = file_of(arena, left[i]);
        const struct node *ours = NULL;
        if (toml_scan(arena, &file, &ours) || ours) {
            fail_msg("\"%s\" is scanned", left[i]);
        }
        arena_free(arena);
    }
}

// A table of many keys is left to toml++, since the scanner looks for a key among all that are there.
static void large_tables_are_left_to_the_library(void **state) {
    (void)state;
    enum { MOST = 128 };
    char text[16 * (MOST + 1)];
    for (size_t keys = MOST; keys <= MOST + 1; keys++) {
        struct arena *arena = arena_new(0);
        size_t len = 0;
        for (size_t i = 0; i < keys; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "k%zu = 1\n", i * 7919 % 1000);
        }
        struct source_file file = file_of(arena, text);
        const struct node *ours = NULL;
        const struct node *theirs = NULL;
        assert_int_equal(toml_scan(arena, &file, &ours), keys == MOST);
        assert_int_equal(toml_parse_library(arena, &file, &theirs, NULL), STATUS_OK);
        assert_true(keys > MOST || is_same_tree(ours, theirs));
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_shapes_are_scanned_as_the_library_reads_them),
        cmocka_unit_test(everything_else_is_left_to_the_library),
        cmocka_unit_test(large_tables_are_left_to_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
