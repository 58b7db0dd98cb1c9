// SPDX-License-Identifier: MIT
// Runs a test over folders of data: tests/data/<kind>/{valid,invalid}/<case>/ with an input file and
// expected.json. For the test programs of the schema; everything is static.
#pragma once

#include "schema/finding.h"
#include "schema/json/json.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct data_case {
    struct arena *arena;
    const char *folder; // for messages
    const char *name;   // of the case
    bool valid;
    struct text input;
    const json_t *expected;
};

static struct text data_load(struct arena *arena, const char *path) {
    scoped(cleanup_file) FILE *file = fopen(path, "rb");
    struct text text = {NULL, 0};
    if (file) {
        enum { ROOM = 2 * 1024 * 1024 };
        char *bytes = arena_alloc(arena, ROOM);
        text = (struct text){bytes, fread(bytes, 1, ROOM, file)};
    }
    return text;
}

static const char *data_root(void) {
    const char *root = getenv("REGISTRYD_SOURCE_DIR");
    return root ? root : ".";
}

static void data_run_case(const char *folder, const char *name, bool valid, const char *input,
                          void (*run)(const struct data_case *)) {
    struct arena *arena = arena_new(0);
    const char *here = arena_printf(arena, "%s/%s", folder, name);
    struct data_case data = {arena, here, name, valid, {NULL, 0}, NULL};
    data.input = data_load(arena, arena_printf(arena, "%s/%s", here, input));
    struct text expected = data_load(arena, arena_printf(arena, "%s/expected.json", here));
    scoped(cleanup_json) json_t *json = NULL;
    json_error_t error = {0};
    json = expected.ptr ? json_loadb(expected.ptr, expected.len, 0, &error) : NULL;
    if (!data.input.ptr || !json) {
        fail_msg("%s: %s or expected.json cannot be read: %s", here, input, error.text);
    }
    data.expected = json;
    run(&data);
    arena_free(arena);
}

static int data_is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// Every case of tests/data/<kind>/<valid or invalid>; there must be some.
static void data_run(const char *kind, bool valid, const char *input,
                     void (*run)(const struct data_case *)) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/tests/data/%s/%s", data_root(), kind,
             valid ? "valid" : "invalid");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, data_is_visible, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        data_run_case(folder, entries[i]->d_name, valid, input, run);
        free(entries[i]);
    }
    free(entries);
}

// The findings of one severity as lines "code where", in their order.
static const char *data_lines(struct arena *arena, const json_t *array) {
    const char *lines = "";
    size_t index;
    json_t *finding;
    json_array_foreach(array, index, finding) {
        const char *where = json_string_value(json_object_get(finding, "where"));
        lines =
            arena_printf(arena, "%s%s %s\n", lines,
                         json_string_value(json_object_get(finding, "code")), where ? where : "");
    }
    return lines;
}

static void data_assert_text(const struct data_case *data, const char *what, const char *actual,
                             const char *expected) {
    if (strcmp(actual, expected) != 0) {
        fail_msg("%s: %s\n--- expected\n%s\n--- actual\n%s", data->folder, what, expected, actual);
    }
}

// Codes and places of the findings against expected.json's "errors" or "warnings".
static void data_assert_findings(const struct data_case *data, const struct findings *findings,
                                 enum severity severity) {
    const char *key = severity == SEVERITY_ERROR ? "errors" : "warnings";
    scoped(cleanup_json) json_t *actual = findings_encode(findings, severity);
    data_assert_text(data, key, data_lines(data->arena, actual),
                     data_lines(data->arena, json_object_get(data->expected, key)));
}

static void data_assert_json(const struct data_case *data, const char *key, const json_t *actual) {
    const json_t *expected = json_object_get(data->expected, key);
    data_assert_text(data, key, json_encode_canonical(data->arena, actual),
                     json_encode_canonical(data->arena, expected));
}

// Status and place of an error against expected.json's "status" and "where".
static void data_assert_error(const struct data_case *data, enum status status,
                              const struct error *err) {
    const char *wanted = json_string_value(json_object_get(data->expected, "status"));
    const char *where = json_string_value(json_object_get(data->expected, "where"));
    data_assert_text(data, "status", status_info(status)->wire_name, wanted ? wanted : "ok");
    if (status) {
        assert_true(err->message[0] != '\0');
    }
    if (where) {
        data_assert_text(data, "where", err->where, where);
    }
}
