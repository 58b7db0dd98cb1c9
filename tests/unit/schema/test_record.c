// SPDX-License-Identifier: MIT
// Records: their order, and JSON there and back without a difference.
#include "schema/record.h"

#include "schema/json/json.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record *add(struct arena *arena, struct records *records, const char *group,
                          const char *name, const char *origin) {
    struct record *record = records_add(arena, records);
    record->group = group;
    record->name = name;
    record->source = "walk";
    record->origin = origin;
    return record;
}

static void test_order(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records records = {0};
    add(arena, &records, "b", "a", "/4");
    add(arena, &records, "a", "z", "/3");
    add(arena, &records, "a", "x", "/2")->package = "p";
    add(arena, &records, "a", "x", "/1")->package = "p";
    add(arena, &records, "a", "x", "/0");
    records_sort(&records);
    static const char *const expected[] = {"/0", "/1", "/2", "/3", "/4"};
    for (size_t i = 0; i < records.count; i++) {
        assert_string_equal(records.items[i].origin, expected[i]);
    }
    arena_free(arena);
}

static void test_json_there_and_back(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records records = {0};
    for (int i = 0; i < 20; i++) {
        add(arena, &records, "g", arena_printf(arena, "n%02d", i), "/o");
    }
    struct record *first = &records.items[0];
    first->value = "a:b";
    first->package = "p";
    first->version = "1.0";
    first->label = "install";
    first->manifest = "{\"x\":[1]}";
    first->shadowed_by = "/elsewhere";
    first->settings = "{\"colour\":\"red\"}";
    first->state = "allowed";
    findings_add(&first->findings, SEVERITY_ERROR, "e", "/x", NULL, "bad");
    findings_add(&first->findings, SEVERITY_WARNING, "w", NULL, "hint", "odd");
    scoped(cleanup_json) json_t *array = records_encode(&records);
    assert_int_equal(json_object_size(json_array_get(array, 0)), 14);
    assert_int_equal(json_object_size(json_array_get(array, 1)), 12);
    for (size_t i = 0; i < 2; i++) { // and written without the tree in between
        struct buffer text;
        buffer_init(&text, 10000);
        assert_true(record_write(&text, &records.items[i]));
        char *dumped = json_dumps(json_array_get(array, i), JSON_COMPACT);
        assert_string_equal(text.ptr, dumped);
        free(dumped);
        buffer_done(&text);
    }
    struct records decoded;
    assert_int_equal(records_decode(arena, array, &decoded, NULL), STATUS_OK);
    assert_string_equal(decoded.items[0].settings, first->settings);
    assert_null(decoded.items[1].settings);
    assert_true(record_has_errors(&decoded.items[0]));
    assert_false(record_has_errors(&decoded.items[1]));
    scoped(cleanup_json) json_t *again = records_encode(&decoded);
    assert_true(json_equal(array, again));
    arena_free(arena);
}

static void test_what_is_no_record_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *where;
    } rows[] = {
        {"{}", ""},
        {"[1]", "/0"},
        {"[{\"group\":\"g\",\"name\":\"n\"}]", "/0"},
        {"[{\"group\":\"g\",\"name\":1,\"source\":\"walk\"}]", "/0"},
        {"[{\"group\":\"g\",\"name\":\"n\",\"source\":\"walk\",\"manifest\":[]}]", "/0"},
        {"[{\"group\":\"g\",\"name\":\"n\",\"source\":\"walk\",\"settings\":1}]", "/0"},
        {"[{\"group\":\"g\",\"name\":\"n\",\"source\":\"walk\",\"errors\":[{}]}]", "/0"},
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scoped(cleanup_json) json_t *json = NULL;
        assert_int_equal(json_parse(text_from(rows[i].text), 1000, &json, NULL), STATUS_OK);
        struct records records = {0};
        struct error err = {0};
        assert_int_equal(records_decode(arena, json, &records, &err), STATUS_MALFORMED);
        assert_string_equal(err.where, rows[i].where);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_json_there_and_back),
        cmocka_unit_test(test_what_is_no_record_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
