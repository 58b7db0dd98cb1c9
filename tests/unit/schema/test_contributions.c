// SPDX-License-Identifier: MIT
// The merge of contributions, by the table in tests/data/contributions/, which the Python package follows too; the
// comparison of two documents; and the lack of memory.
#include "schema/contributions/contributions.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static json_t *cases;

static int begin(void **state) {
    (void)state;
    arena = arena_new(0);
    cases = json_load_file("tests/data/contributions/cases.json", 0, NULL);
    return json_array_size(cases) ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    json_decref(cases);
    return 0;
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static struct records make_records(const json_t *rows) {
    struct records records = {0};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *manifest = json_object_get(row, "manifest");
        struct record *record = records_add(arena, &records);
        record->group = text_of(row, "group");
        record->name = text_of(row, "name");
        record->package = text_of(row, "package");
        record->version = text_of(row, "version");
        record->manifest = json_is_object(manifest) ? json_encode_canonical(arena, manifest) : NULL;
        record->shadowed_by = json_object_get(row, "shadowed") ? "elsewhere" : NULL;
        if (json_object_get(row, "broken")) {
            findings_add(&record->findings, SEVERITY_ERROR, "malformed", NULL, NULL, "Broken");
        }
    }
    return records;
}

static json_t *merge(const json_t *rows) {
    struct records records = make_records(rows);
    json_t *document = NULL;
    assert_int_equal(contributions_merge(&records, &document, NULL), STATUS_OK);
    return document;
}

static void every_case_is_merged_so(void **state) {
    (void)state;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *row = json_array_get(cases, i);
        json_auto_t *document = merge(json_object_get(row, "records"));
        const char *list;
        json_t *expected;
        json_object_foreach(json_object_get(row, "expect"), list, expected) {
            const json_t *got = json_object_get(document, list);
            if (!json_equal(got, expected)) {
                fail_msg("%s: %s is\n%s, not\n%s", text_of(row, "what"), list,
                         json_encode_canonical(arena, got), json_encode_canonical(arena, expected));
            }
        }
    }
}

static json_t *compare(const char *left, const char *right) {
    json_auto_t *left_rows = json_loads(left, 0, NULL);
    json_auto_t *right_rows = json_loads(right, 0, NULL);
    assert_true(left_rows && right_rows);
    json_auto_t *walk = merge(left_rows);
    json_auto_t *registry = merge(right_rows);
    json_t *report = NULL;
    assert_int_equal(contributions_compare(walk, registry, &report, NULL), STATUS_OK);
    return report;
}

static void order_and_versions_are_no_difference(void **state) {
    (void)state;
    json_auto_t *report =
        compare("[{\"group\":\"g\",\"name\":\"a\",\"package\":\"a\",\"version\":\"1\","
                "\"manifest\":{\"permissions\":[\"p\",\"q\"],\"nav\":[{\"path\":\"/x\"}]}},"
                "{\"group\":\"g\",\"name\":\"b\",\"package\":\"b\",\"version\":\"1\","
                "\"manifest\":{\"permissions\":[\"p\"]}}]",
                "[{\"group\":\"g\",\"name\":\"b\",\"package\":\"b\",\"version\":\"2\","
                "\"manifest\":{\"permissions\":[\"p\"]}},"
                "{\"group\":\"g\",\"name\":\"a\",\"package\":\"a\",\"version\":null,"
                "\"manifest\":{\"permissions\":[\"q\",\"p\"],\"nav\":[{\"path\":\"/x\"}]}}]");
    assert_true(json_is_true(json_object_get(report, "same")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "counts"), "same")),
                     3);
}

static void a_path_that_moved_is_a_difference_on_both_sides(void **state) {
    (void)state;
    json_auto_t *report =
        compare("[{\"group\":\"g\",\"name\":\"a\",\"package\":\"a\",\"version\":\"1\","
                "\"manifest\":{\"nav\":[{\"path\":\"/x\"}],\"publishes\":[\"e\"]}}]",
                "[{\"group\":\"g\",\"name\":\"b\",\"package\":\"b\",\"version\":\"1\","
                "\"manifest\":{\"nav\":[{\"path\":\"/x\"}],\"subscribes\":[\"e\"]}}]");
    assert_true(json_is_false(json_object_get(report, "same")));
    const json_t *walk = json_object_get(report, "walk_only");
    const json_t *registry = json_object_get(report, "registry_only");
    assert_int_equal(json_array_size(walk), 2);
    assert_int_equal(json_array_size(registry), 2);
    assert_string_equal(text_of(json_array_get(walk, 0), "list"), "navigation");
    assert_string_equal(text_of(json_array_get(registry, 1), "list"), "events");
}

// ---- without memory ----

static size_t until_failure;

static void *failing_malloc(size_t len) {
    return until_failure && !--until_failure ? NULL : malloc(len);
}

// The n-th allocation of jansson fails, for every n: a status, never a crash or half a document.
static void every_allocation_may_fail(void **state) {
    (void)state;
    struct records records = make_records(json_object_get(json_array_get(cases, 1), "records"));
    json_auto_t *whole = merge(json_object_get(json_array_get(cases, 1), "records"));
    size_t failed = 0;
    enum status status = STATUS_NO_MEMORY;
    for (size_t n = 1; status == STATUS_NO_MEMORY; n++) {
        json_t *document = NULL;
        until_failure = n;
        json_set_alloc_funcs(failing_malloc, free);
        status = contributions_merge(&records, &document, NULL);
        until_failure = 0;
        json_set_alloc_funcs(malloc, free);
        failed += status == STATUS_NO_MEMORY;
        assert_true(status == STATUS_OK ? json_equal(document, whole) : !document);
        json_decref(document);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(failed > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_case_is_merged_so, begin, end),
        cmocka_unit_test_setup_teardown(order_and_versions_are_no_difference, begin, end),
        cmocka_unit_test_setup_teardown(a_path_that_moved_is_a_difference_on_both_sides, begin,
                                        end),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, begin, end),
    };
    return cmocka_run_group_tests_name("contributions", tests, NULL, NULL);
}
