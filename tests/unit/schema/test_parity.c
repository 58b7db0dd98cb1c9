// SPDX-License-Identifier: MIT
// Compare: each kind of difference, and what does not count as one. A row of the tables is written
// "name package value version flags"; flags: s = shadowed, e = has an error, - = none.
#include "schema/parity.h"

#include "schema/json/json.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *none(const char *text) {
    return strcmp(text, "-") == 0 ? NULL : text;
}

static void load(struct arena *arena, const char *lines, const char *source,
                 struct records *records) {
    struct text rest = text_from(lines);
    struct text line;
    while (text_split(&rest, '\n', &line) && line.len) {
        char *part[5];
        for (int i = 0; i < 5; i++) {
            struct text piece = {0};
            text_split(&line, ' ', &piece);
            part[i] = arena_copy(arena, piece.ptr, piece.len);
        }
        struct record *record = records_add(arena, records);
        record->group = "g";
        record->name = part[0];
        record->package = none(part[1]);
        record->value = none(part[2]);
        record->version = none(part[3]);
        record->source = source;
        record->shadowed_by = strchr(part[4], 's') ? "/winner" : NULL;
        if (strchr(part[4], 'e')) {
            findings_add(&record->findings, SEVERITY_ERROR, "x", NULL, NULL, "broken");
        }
    }
}

struct comparison {
    const char *walk;
    const char *registry;
    const char *expected; // same only_walk only_registry value version shadowed invalid
    bool equal;
    bool strictly;
};

static const struct comparison comparisons[] = {
    {"", "", "0 0 0 0 0 0 0", false, false},
    {"a p v 1 -\n", "a p v 1 -\n", "1 0 0 0 0 0 0", true, true},
    {"a p v 1 -\n", "", "0 1 0 0 0 0 0", false, false},
    {"", "a p v 1 -\n", "0 0 1 0 0 0 0", false, false},
    {"a p v 1 -\n", "a p w 1 -\n", "0 0 0 1 0 0 0", false, false},
    {"a p v 1 -\n", "a p v 2 -\n", "0 0 0 0 1 0 0", false, false},
    {"a p v 1 -\n", "a p w 2 -\n", "0 0 0 1 1 0 0", false, false},
    {"a p v - -\n", "a p v 2 -\n", "1 0 0 0 0 0 0", true, true},
    {"a p v 1 -\n", "a p v - -\n", "1 0 0 0 0 0 0", true, true},
    {"a p v 1.0 -\n", "a p v 1.0.0 -\n", "1 0 0 0 0 0 0", true, true},
    {"a p v one -\n", "a p v 1 -\n", "0 0 0 0 1 0 0", false, false},
    // the other root's copy is shadowed: told, but no difference unless strict
    {"a p v 1 -\na p v 2 s\n", "a p v 1 -\n", "1 0 0 0 0 1 0", true, false},
    // a broken plugin that the registry knows as a good one: switching would add it
    {"a p v 1 e\n", "a p v 1 -\n", "0 0 1 0 0 0 1", false, false},
    {"b p - - e\na p v 1 -\n", "a p v 1 -\n", "1 0 0 0 0 0 1", true, false},
    {"b p - - e\n", "", "0 0 0 0 0 0 1", true, false},
    // another package publishes the same plugin
    {"a p v 1 -\n", "a q v 1 -\n", "1 0 0 0 0 0 0", true, true},
    {"a - v 1 -\n", "a q v 1 -\n", "1 0 0 0 0 0 0", true, true},
    // two packages with one name: each meets its own
    {"a q w 1 -\na p v 1 -\n", "a p v 1 -\na q w 1 -\n", "2 0 0 0 0 0 0", true, true},
    {"a p v 1 -\n", "a p v 1 -\na q w 1 -\n", "1 0 1 0 0 0 0", false, false},
    // what the registry itself calls broken is not there for a host
    {"a p v 1 -\n", "a p v 1 e\n", "0 1 0 0 0 0 0", false, false},
};

static void test_comparisons(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
        const struct comparison *row = &comparisons[i];
        struct arena *arena = arena_new(0);
        struct records walk = {0};
        struct records registry = {0};
        load(arena, row->walk, "walk", &walk);
        load(arena, row->registry, "registry", &registry);
        struct parity p;
        assert_int_equal(
            parity_compare(arena, "g", &(struct parity_sides){&walk, &registry, NULL}, &p, NULL),
            STATUS_OK);
        const char *counts = arena_printf(arena, "%zu %zu %zu %zu %zu %zu %zu", p.same,
                                          p.only_walk.count, p.only_registry.count, p.value.count,
                                          p.version.count, p.shadowed.count, p.invalid.count);
        assert_string_equal(counts, row->expected);
        assert_int_equal(parity_is_equal(&p, false), row->equal);
        assert_int_equal(parity_is_equal(&p, true), row->strictly);
        arena_free(arena);
    }
}

static void test_other_groups_are_passed_over(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walk = {0};
    struct records registry = {0};
    load(arena, "a p v 1 -\n", "walk", &walk);
    struct parity parity;
    assert_int_equal(
        parity_compare(arena, "h", &(struct parity_sides){&walk, &registry, NULL}, &parity, NULL),
        STATUS_OK);
    assert_true(parity_is_empty(&parity));
    assert_false(parity_is_equal(&parity, false));
    parity.allow_empty = true;
    assert_true(parity_is_equal(&parity, true));
    arena_free(arena);
}

struct manifests {
    const char *walk;
    const char *registry;
    size_t differ;
};

static void test_manifests_are_compared_as_documents(void **state) {
    (void)state;
    static const struct manifests rows[] = {
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", 0},
        {"{\"a\":1}", "{\"a\":2}", 1},
        {"{\"p\":[]}", "{\"p\":[\"root.everything\"]}", 1},
        {"{\"a\":1}", "{\"a\":1,\"b\":null}", 1},
        {"{\"a\":\"\\u0000\"}", "{\"a\": \"\\u0000\"}", 0},
        {NULL, "{}", 0},
        {"{}", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *arena = arena_new(0);
        struct records walk = {0};
        struct records registry = {0};
        struct parity parity;
        load(arena, "a p v - -\n", "walk", &walk);
        load(arena, "a p v 1 -\n", "registry", &registry);
        walk.items[0].manifest = rows[i].walk;
        registry.items[0].manifest = rows[i].registry;
        assert_int_equal(parity_compare(arena, "g", &(struct parity_sides){&walk, &registry, NULL},
                                        &parity, NULL),
                         STATUS_OK);
        assert_int_equal(parity.manifest.count, rows[i].differ);
        assert_int_equal(parity.same, !rows[i].differ);
        assert_int_equal(parity.unknown_version.count, 1);
        assert_int_equal(parity_is_equal(&parity, true), !rows[i].differ);
        arena_free(arena);
    }
}

// A broken project counts in every group unless it was read far enough to know its entry points.
static void test_broken_projects(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walk = {0};
    struct records registry = {0};
    struct parity parity;
    load(arena, "a - - - e\nb p - - e\n", "walk", &walk);
    walk.items[1].is_barren = true;
    walk.items[0].is_unplaced = true;
    walk.items[0].group = "console_scripts";
    walk.items[1].group = "console_scripts";
    assert_int_equal(
        parity_compare(arena, "g", &(struct parity_sides){&walk, &registry, NULL}, &parity, NULL),
        STATUS_OK);
    assert_int_equal(parity.invalid.count, 1);
    assert_true(parity_is_empty(&parity)); // the group may be misspelt
    assert_false(parity_is_equal(&parity, false));
    load(arena, "c p v 1 -\n", "walk", &walk);
    load(arena, "c p v 1 -\n", "registry", &registry);
    assert_int_equal(
        parity_compare(arena, "g", &(struct parity_sides){&walk, &registry, NULL}, &parity, NULL),
        STATUS_OK);
    assert_int_equal(parity.invalid.count, 1);
    assert_true(parity_is_equal(&parity, false));
    assert_false(parity_is_equal(&parity, true));
    arena_free(arena);
}

// What a decision withholds is listed and is no difference; alone it makes the group a known one.
static void test_withheld(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walk = {0};
    struct records registry = {0};
    struct records withheld = {0};
    struct parity parity;
    const struct parity_sides sides = {&walk, &registry, &withheld};
    load(arena, "b p v 1 e\na p v 1 e\n", "walk", &withheld);
    assert_int_equal(parity_compare(arena, "g", &sides, &parity, NULL), STATUS_OK);
    assert_int_equal(parity.withheld.count, 2);
    assert_string_equal(parity.withheld.items[0].walk->name, "a");
    assert_false(parity_is_empty(&parity));
    assert_true(parity_is_equal(&parity, true));
    assert_int_equal(parity_compare(arena, "h", &sides, &parity, NULL), STATUS_OK);
    assert_int_equal(parity.withheld.count, 0);
    assert_true(parity_is_empty(&parity));
    arena_free(arena);
}

static void test_json_shape(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walk = {0};
    struct records registry = {0};
    load(arena, "a p v 1 -\nb p v 1 -\n", "walk", &walk);
    load(arena, "a p w 1 -\n", "registry", &registry);
    struct parity parity;
    assert_int_equal(
        parity_compare(arena, "g", &(struct parity_sides){&walk, &registry, NULL}, &parity, NULL),
        STATUS_OK);
    scoped(cleanup_json) json_t *json = parity_encode(&parity, false);
    assert_int_equal(json_object_size(json), 12);
    assert_true(json_is_false(json_object_get(json, "equal")));
    const json_t *pair = json_array_get(json_object_get(json, "value"), 0);
    const json_t *mine = json_object_get(pair, "walk");
    const json_t *theirs = json_object_get(pair, "registry");
    assert_string_equal(json_string_value(json_object_get(pair, "name")), "a");
    assert_string_equal(json_string_value(json_object_get(mine, "value")), "v");
    assert_string_equal(json_string_value(json_object_get(theirs, "value")), "w");
    const json_t *alone = json_array_get(json_object_get(json, "only_walk"), 0);
    assert_string_equal(json_string_value(json_object_get(alone, "name")), "b");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_other_groups_are_passed_over),
        cmocka_unit_test(test_manifests_are_compared_as_documents),
        cmocka_unit_test(test_broken_projects),
        cmocka_unit_test(test_withheld),
        cmocka_unit_test(test_json_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
