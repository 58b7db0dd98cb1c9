// SPDX-License-Identifier: MIT
// Which shapes of YAML the scanner reads by itself, that it reads them as libyaml does, and which it leaves.
#include "schema/readers/core/yaml_scan.h"

#include "schema/base/list.h"
#include "schema/readers/core/yaml_events.h"
#include "tests/fuzz/same_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const scanned[] = {
    "a: b",
    "a: b\n",
    "---\na: b\n",
    "# c\n\n  \na: b # c\n# c",
    "  a: b\n  c: d\n",
    "a:\nb:\n",
    "a:\n  b:\n    c: d\n  e: f\ng: h\n",
    "a:\n- b\n- c\nd: e\n",
    "a:\n  - b\n  -\n  - c\n",
    "- a\n- - b\n  - c\n-   d: e\n    f: g\n",
    "- a:\n  - b\n  c:\n- \n",
    "a: [b, 'c', \"d e\", -1, http://x:1/y]\n",
    "a: []\nb: {}\nc: [ ]\n",
    "a: {b: c, 'd': \"e\", f: 1.5}\n",
    "- [a]\n- {b: c}\n",
    "'a b': \"c: d # e\"\n\"f\" : 'g \\ \"'\n",
    "a b : c d  # e\nf#g: h#i:j\n",
    "a: -1\nb: -c\nc: 1.10\nd: 010\ne: ~\nf: yes\ng: ---\n",
    "a: \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\xc2\xa0: \xe2\x80\xa7\n",
    "\"\": ''\n",
};

static const char *const left[] = {
    "",
    "# c\n",
    "a",
    "\xef\xbb\xbf\x61: b\n",
    "a: b\n...\n",
    "a: b\n---\nc: d\n",
    "--- a\n",
    "%YAML 1.2\n---\na: b\n",
    "a:\tb\n",
    "a: b\r\n",
    "a: b\n  c\n",
    "a:\n  b\n",
    "a: |\n  b\n",
    "a: >-\n  b\n",
    "a: &b c\n",
    "a: *b\n",
    "a: !!str b\n",
    "<<: {a: b}\n",
    "a: b\na: c\n",
    "a: {b: c, b: d}\n",
    "? a\n: b\n",
    "a: b: c\n",
    "a: - b\n",
    "a: 'b''c'\n",
    "a: \"b\\n\"\n",
    "a: \"b\n  c\"\n",
    "a: 'b' c\n",
    "a: [b,\n  c]\n",
    "a: [[b]]\n",
    "a: [b: c]\n",
    "a: [b,]\n",
    "a: [b}\n",
    "a: {b}\n",
    "a: [b] c\n",
    "[a]: b\n",
    "  a: b\nc: d\n",
    "a:\n  b: c\n d: e\n",
    "a: b\n- c\n",
    "- a\nb: c\n",
    "- a\n b\n",
    "a: b\xc2\x85\x63: d\n",
    "a: b\xe2\x80\xa8\x63: d\n",
    "a: @b\n",
    "a: b\x7f\n",
};

// A block of the text's own size, so that a sanitizer sees what reads beyond it.
static struct source_file file_of(struct arena *arena, const char *text) {
    size_t len = strlen(text);
    return (struct source_file){
        .path = "a.yaml", .bytes = arena_copy(arena, text, len), .len = len};
}

static void usual_shapes_are_scanned_as_libyaml_reads_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scanned); i++) {
        struct arena *arena = arena_new(0);
        struct source_file file = file_of(arena, scanned[i]);
        const struct node *ours = NULL;
        const struct node *theirs = NULL;
        if (!yaml_scan(arena, &file, &ours)) {
            fail_msg("\"%s\" is not scanned", scanned[i]);
        }
        if (yaml_parse_events(arena, &file, &theirs, NULL) || !is_same_tree(ours, theirs)) {
            fail_msg("\"%s\" is read in two ways", scanned[i]);
        }
        arena_free(arena);
    }
}

static void everything_else_is_left_to_libyaml(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        struct arena *arena = arena_new(0);
        struct source_file file = file_of(arena, left[i]);
        const struct node *ours = NULL;
        if (yaml_scan(arena, &file, &ours) || ours) {
            fail_msg("\"%s\" is scanned", left[i]);
        }
        arena_free(arena);
    }
}

static char *repeat(struct arena *arena, const char *head, const char *piece, size_t count) {
    size_t len = strlen(piece);
    size_t head_len = strlen(head);
    char *text = arena_alloc(arena, head_len + len * count + 1);
    memcpy(text, head, head_len);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + head_len + i * len, piece, len);
    }
    return text;
}

// Just below each limit both read alike; above it the scanner gives up, and libyaml's limits speak.
static void limits_are_those_of_libyaml(void **state) {
    (void)state;
    static const struct {
        const char *head;
        const char *piece;
        size_t good;
        size_t bad;
    } cases[] = {
        {"", "- ", 32, 33},        // depth
        {"", "- a\n", 4994, 4995}, // events
        {"a: ", "b", 8192, 8193},  // bytes of a text
        {"a: '", "b", 0, 1},       // an open quote is no text at all
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new(0);
        const struct node *ours = NULL;
        const struct node *theirs = NULL;
        struct source_file bad =
            file_of(arena, repeat(arena, cases[i].head, cases[i].piece, cases[i].bad));
        assert_false(yaml_scan(arena, &bad, &ours));
        assert_int_not_equal(yaml_parse_events(arena, &bad, &theirs, NULL), STATUS_OK);
        struct source_file good =
            file_of(arena, repeat(arena, cases[i].head, cases[i].piece, cases[i].good));
        assert_true(!cases[i].good || (yaml_scan(arena, &good, &ours) &&
                                       !yaml_parse_events(arena, &good, &theirs, NULL) &&
                                       is_same_tree(ours, theirs)));
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_shapes_are_scanned_as_libyaml_reads_them),
        cmocka_unit_test(everything_else_is_left_to_libyaml),
        cmocka_unit_test(limits_are_those_of_libyaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
