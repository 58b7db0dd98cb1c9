// SPDX-License-Identifier: MIT
// The walk over the fake roots of tests/trees/: each folder holds roots and expected.json, which names
// for each record the members that matter, and the convention to walk by ("auto" without one). A finding
// is its code ("*": any), or "CODE at PLACE", where PLACE is in its `where`. What cannot be kept in a
// repository (pipes, oversized and unreadable files, odd names) is made in a temporary folder.
#include "client/walk/source_walk.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

// ---- the trees ----

static void walk_case(struct arena *arena, const char *title, const json_t *expected,
                      struct records *ret_records) {
    const json_t *labels = json_object_get(expected, "roots");
    struct walk_root roots[4] = {0};
    size_t count = json_array_size(labels);
    assert_in_range(count, 1, 4);
    for (size_t i = 0; i < count; i++) {
        roots[i].label = json_string_value(json_array_get(labels, i));
        roots[i].path = arena_printf(arena, "tests/trees/%s/%s", title, roots[i].label);
    }
    const char *convention = json_string_value(json_object_get(expected, "convention"));
    struct walk_query query = {roots, count, convention ? convention : "auto"};
    struct error err = {0};
    if (source_walk(arena, &query, ret_records, &err)) {
        fail_msg("%s: %s: %s", title, err.where, err.message);
    }
}

static bool same_finding(const char *wanted, const json_t *finding) {
    const char *code = json_string_value(json_object_get(finding, "code"));
    const char *where = json_string_value(json_object_get(finding, "where"));
    const char *message = json_string_value(json_object_get(finding, "message"));
    const char *at = strstr(wanted, " at ");
    size_t len = at ? (size_t)(at - wanted) : strlen(wanted);
    bool same_code =
        strcmp(wanted, "*") == 0 || (strlen(code) == len && !memcmp(wanted, code, len));
    return message && *message && same_code && (!at || (where && strstr(where, at + 4)));
}

// The findings, as expected.json lists them.
static bool same_findings(const json_t *wanted, const json_t *findings) {
    if (json_array_size(wanted) != json_array_size(findings)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const char *text = json_string_value(json_array_get(wanted, i));
        if (!same_finding(text, json_array_get(findings, i))) {
            return false;
        }
    }
    return true;
}

static bool same_member(const char *prefix, const char *key, const json_t *wanted,
                        const json_t *got) {
    if (strcmp(key, "errors") == 0 || strcmp(key, "warnings") == 0) {
        return same_findings(wanted, got);
    }
    bool is_path = strcmp(key, "origin") == 0 || strcmp(key, "shadowed_by") == 0;
    const char *path = is_path ? json_string_value(got) : NULL;
    if (path) {
        size_t len = strlen(prefix);
        return strncmp(path, prefix, len) == 0 &&
               strcmp(path + len, json_string_value(wanted)) == 0;
    }
    return json_equal(wanted, got);
}

static void check_record(struct arena *arena, const char *title, json_t *wanted,
                         const struct record *record) {
    scoped(cleanup_json) json_t *got = record_encode(record);
    const char *prefix = arena_printf(arena, "tests/trees/%s/", title);
    const char *key;
    json_t *value;
    json_object_foreach(wanted, key, value) {
        if (!same_member(prefix, key, value, json_object_get(got, key))) {
            fail_msg("%s: record %s: %s is %s, expected %s", title, record->name, key,
                     json_encode_canonical(arena, json_object_get(got, key)),
                     json_encode_canonical(arena, value));
        }
    }
}

static void check_case(const char *title) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const char *path = arena_printf(arena, "tests/trees/%s/expected.json", title);
    json_error_t at;
    scoped(cleanup_json) json_t *expected = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
    if (!expected) {
        fail_msg("%s:%d: %s", path, at.line, at.text);
    }
    struct records records = {0};
    walk_case(arena, title, expected, &records);
    const json_t *wanted = json_object_get(expected, "records");
    if (records.count != json_array_size(wanted)) {
        fail_msg("%s: %zu records, expected %zu", title, records.count, json_array_size(wanted));
    }
    for (size_t i = 0; i < records.count; i++) {
        check_record(arena, title, json_array_get(wanted, i), &records.items[i]);
    }
}

static int is_case(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// A case is a folder; nothing else says so.
static void test_trees(void **state) {
    (void)state;
    struct dirent **cases = NULL;
    int count = scandir("tests/trees", &cases, is_case, alphasort);
    assert_in_range(count, 10, 10000);
    for (int i = 0; i < count; i++) {
        print_message("    %s\n", cases[i]->d_name);
        check_case(cases[i]->d_name);
        free(cases[i]);
    }
    free(cases);
}

// ---- made on the spot ----

struct scratch {
    struct arena *arena;
    const char *root;
};

static int begin(void **state) {
    static struct scratch scratch;
    char path[] = "/tmp/test-walk-XXXXXX";
    scratch.arena = arena_new(0);
    scratch.root = arena_strdup(scratch.arena, mkdtemp(path));
    *state = &scratch;
    return scratch.root ? 0 : -1;
}

static int end(void **state) {
    struct scratch *scratch = *state;
    const char *command = arena_printf(scratch->arena, "rm -rf '%s'", scratch->root);
    int failed = system(command);
    arena_free(scratch->arena);
    return failed;
}

static const char *make_directory(struct scratch *scratch, const char *name) {
    const char *path = arena_printf(scratch->arena, "%s/%s", scratch->root, name);
    assert_int_equal(mkdir(path, 0755), 0);
    return path;
}

static void write_manifest(struct scratch *scratch, const char *name, size_t padding) {
    const char *directory = make_directory(scratch, name);
    FILE *file = fopen(arena_printf(scratch->arena, "%s/plugin.yaml", directory), "w");
    assert_non_null(file);
    fprintf(file, "name: %s\nversion: 1.0.0\n", name);
    for (size_t i = 0; i < padding; i++) {
        fputs("#\n", file);
    }
    assert_int_equal(fclose(file), 0);
}

static struct records walk_scratch(struct scratch *scratch) {
    struct walk_root root = {scratch->root, "data"};
    struct walk_query query = {&root, 1, "plugin-yaml"};
    struct records records = {0};
    struct error err = {0};
    if (source_walk(scratch->arena, &query, &records, &err)) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return records;
}

static void check_error(const struct record *record, const char *name, const char *code) {
    assert_string_equal(record->name, name);
    assert_string_equal(record->group, "honeyframe.plugins");
    assert_int_equal(findings_count(&record->findings, SEVERITY_ERROR), 1);
    assert_string_equal(record->findings.items[0].code, code);
    assert_non_null(strstr(record->findings.items[0].where, name));
}

// A pipe would hold up whoever opens it; a directory is no file.
static void test_special_files(void **state) {
    struct scratch *scratch = *state;
    const char *pipe = make_directory(scratch, "a-pipe");
    assert_int_equal(mkfifo(arena_printf(scratch->arena, "%s/plugin.yaml", pipe), 0644), 0);
    make_directory(scratch, "b-directory");
    make_directory(scratch, "b-directory/plugin.yaml");
    write_manifest(scratch, "crm", 0);
    assert_int_equal(mkfifo(arena_printf(scratch->arena, "%s/z-pipe", scratch->root), 0644), 0);
    struct records records = walk_scratch(scratch);
    assert_int_equal(records.count, 3);
    check_error(&records.items[0], "a-pipe", "special-file");
    check_error(&records.items[1], "b-directory", "special-file");
    assert_false(record_has_errors(&records.items[2]));
}

static void test_oversized(void **state) {
    struct scratch *scratch = *state;
    write_manifest(scratch, "big", LIMIT_YAML_BYTES);
    write_manifest(scratch, "crm", 100);
    struct records records = walk_scratch(scratch);
    assert_int_equal(records.count, 2);
    check_error(&records.items[0], "big", "too-large");
    assert_false(record_has_errors(&records.items[1]));
}

// Only whoever is not root can be kept from reading: the child walks as nobody.
static void test_unreadable(void **state) {
    struct scratch *scratch = *state;
    write_manifest(scratch, "crm", 0);
    write_manifest(scratch, "file", 0);
    write_manifest(scratch, "folder", 0);
    chmod(scratch->root, 0755);
    chmod(arena_printf(scratch->arena, "%s/file/plugin.yaml", scratch->root), 0);
    chmod(arena_printf(scratch->arena, "%s/folder", scratch->root), 0);
    uid_t before = geteuid();
    assert_int_equal(before ? 0 : seteuid(65534), 0);
    struct records records = walk_scratch(scratch);
    assert_int_equal(before ? 0 : seteuid(before), 0);
    chmod(arena_printf(scratch->arena, "%s/folder", scratch->root), 0755);
    assert_int_equal(records.count, 3);
    assert_false(record_has_errors(&records.items[0]));
    check_error(&records.items[1], "file", "unreadable");
    check_error(&records.items[2], "folder", "unreadable");
}

static void test_names_that_are_not_utf8(void **state) {
    struct scratch *scratch = *state;
    write_manifest(scratch, "caf\xc3\xa9", 0);
    write_manifest(scratch, "caf\xe9", 0);
    struct records records = walk_scratch(scratch);
    scoped(cleanup_json) json_t *json = records_encode(&records);
    assert_non_null(json);
    assert_int_equal(records.count, 2);
    check_error(&records.items[1], "caf\xef\xbf\xbd", "not-utf8");
}

// The order is that of the bytes, whatever the file system says.
static void test_many_in_order(void **state) {
    enum { MANY = 300 };
    struct scratch *scratch = *state;
    for (size_t i = 0; i < MANY; i++) {
        write_manifest(scratch, arena_printf(scratch->arena, "p%03zu", (i * 7) % MANY), 0);
    }
    struct records records = walk_scratch(scratch);
    assert_int_equal(records.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_string_equal(records.items[i].name, arena_printf(scratch->arena, "p%03zu", i));
    }
}

struct refusal {
    const char *path;
    const char *convention;
    const char *needle;
};

static void test_refusals(void **state) {
    static const struct refusal rows[] = {
        {"tests/trees/nowhere", NULL, "does not exist"},
        {"tests/trees/good/expected.json", NULL, "not a directory"},
        {"tests/trees/good/install", "stevedore", "plugin-yaml"},
    };
    struct scratch *scratch = *state;
    struct records records = {0};
    struct error err = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct walk_root root = {rows[i].path, NULL};
        struct walk_query query = {&root, 1, rows[i].convention};
        assert_int_equal(source_walk(scratch->arena, &query, &records, &err), STATUS_USAGE);
        assert_non_null(strstr(err.message, rows[i].needle));
    }
    struct walk_query nothing = {0};
    assert_int_equal(source_walk(scratch->arena, &nothing, &records, &err), STATUS_USAGE);
    assert_null(records.items);
}

static void test_no_memory(void **state) {
    (void)state;
    struct walk_root root = {"tests/trees/good/install", "install"};
    struct walk_query query = {&root, 1, NULL};
    size_t failures = 0;
    for (size_t bytes = 1; bytes < 256 * 1024; bytes += 4096) {
        scoped(cleanup_arena) struct arena *arena = arena_new(bytes);
        struct records records = {0};
        struct error err = {0};
        enum status failed = source_walk(arena, &query, &records, &err);
        assert_true(failed == STATUS_OK || failed == STATUS_NO_MEMORY);
        assert_int_equal(records.count, failed ? 0 : 2);
        failures += failed != STATUS_OK;
    }
    assert_in_range(failures, 1, 63);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test_setup_teardown(test_special_files, begin, end),
        cmocka_unit_test_setup_teardown(test_oversized, begin, end),
        cmocka_unit_test_setup_teardown(test_unreadable, begin, end),
        cmocka_unit_test_setup_teardown(test_names_that_are_not_utf8, begin, end),
        cmocka_unit_test_setup_teardown(test_many_in_order, begin, end),
        cmocka_unit_test_setup_teardown(test_refusals, begin, end),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
