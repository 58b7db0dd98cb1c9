// SPDX-License-Identifier: MIT
// plugin.yaml: the folders of tests/data/manifest, documents too large to keep as files, and running
// out of memory.
#include "data_cases.h"
#include "flood.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader.h"
#include "schema/base/list.h"

static enum status read_manifest(struct arena *arena, struct text text, const char *slug,
                                 struct findings *findings, const struct release **ret_release,
                                 struct error *err) {
    const struct source_file file = {"plugin.yaml", text.ptr, text.len};
    findings_init(findings, arena);
    *ret_release = NULL;
    return plugin_yaml_read(arena, &file, slug, findings, ret_release, err);
}

// What the registry would store of it, without the provenance.
static void assert_document(const struct data_case *data, const struct release *release,
                            struct findings *findings) {
    const struct valid_release *valid;
    struct error err = {0};
    enum status status = release_check(data->arena, release, findings, &valid, &err);
    data_assert_text(data, "rules", status ? err.message : "", "");
    struct release bare = valid->release;
    bare.provenance = (struct provenance){0};
    scoped(cleanup_json) json_t *document = release_encode(&bare);
    data_assert_json(data, "release", document);
}

static void run_case(const struct data_case *data) {
    const char *slug = json_string_value(json_object_get(data->expected, "slug"));
    struct findings findings;
    const struct release *release;
    struct error err = {0};
    enum status status = read_manifest(data->arena, data->input, slug, &findings, &release, &err);
    data_assert_error(data, status, &err);
    data_assert_findings(data, &findings, SEVERITY_ERROR);
    data_assert_findings(data, &findings, SEVERITY_WARNING);
    if (data->valid) {
        assert_document(data, release, &findings);
        return;
    }
    bool wanted = json_is_true(json_object_get(data->expected, "has_release"));
    data_assert_text(data, "release", release ? "told" : "none", wanted ? "told" : "none");
    if (release) {
        assert_string_equal(release->entry_points[0].name, slug);
        assert_non_null(release->manifests[0].json);
    }
}

static void test_valid_folders(void **state) {
    (void)state;
    data_run("manifest", true, "plugin.yaml", run_case);
}

static void test_invalid_folders(void **state) {
    (void)state;
    data_run("manifest", false, "plugin.yaml", run_case);
}

static void test_without_a_directory_the_name_counts(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings findings;
    const struct release *release;
    struct text text = text_from("name: crm\nversion: 1.0.0\n");
    assert_int_equal(read_manifest(arena, text, NULL, &findings, &release, NULL), STATUS_OK);
    assert_string_equal(release->entry_points[0].value, "plugins.crm:manifest");
    assert_string_equal(release->provenance.convention, "plugin-yaml");
    assert_int_equal(strlen(release->provenance.sha256), 64);
    text = text_from("version: 1.0.0\n");
    assert_int_equal(read_manifest(arena, text, NULL, &findings, &release, NULL), STATUS_INVALID);
    assert_null(release);
    arena_free(arena);
}

static void test_floods_are_refused(void **state) {
    (void)state;
    static const struct flood floods[] = {
        {"x: ", "[", 100000, "plugin.yaml"},     {"x: ", "[", 60000, "plugin.yaml:1"},
        {"x: ", "{a: ", 15000, "plugin.yaml:1"}, {"x:\n", "- ", 30000, "plugin.yaml:2"},
        {"", "? ", 30000, "plugin.yaml:1"},      {"x: [", "1,", 30000, "plugin.yaml:1"},
        {"x: ", "&a ", 20000, "plugin.yaml:1"},  {"x: \"", "\\x00", 2000, "plugin.yaml:1"},
        {"", "---\n", 16000, "plugin.yaml:2"},   {"", "#", LIMIT_YAML_BYTES + 1, "plugin.yaml"},
    };
    for (size_t i = 0; i < COUNT_OF(floods); i++) {
        struct arena *arena = arena_new(0);
        struct findings findings;
        const struct release *release;
        struct error err = {0};
        struct text text = flood_repeat(arena, floods[i].start, floods[i].piece, floods[i].count);
        assert_int_equal(read_manifest(arena, text, "crm", &findings, &release, &err),
                         STATUS_MALFORMED);
        assert_string_equal(err.where, floods[i].where);
        arena_free(arena);
    }
}

static void test_size_limit_is_inclusive(void **state) {
    (void)state;
    static const char head[] = "name: crm\nversion: 1.0.0\n";
    struct arena *arena = arena_new(0);
    struct findings findings;
    const struct release *release;
    struct text text = flood_repeat(arena, head, "#", LIMIT_YAML_BYTES - strlen(head));
    assert_int_equal(read_manifest(arena, text, "crm", &findings, &release, NULL), STATUS_OK);
    arena_free(arena);
}

static void test_every_arena_bound_is_a_status(void **state) {
    (void)state;
    struct text text =
        text_from("name: crm\nversion: 1.0.0\nnav: [{label: a, path: /a}]\nx: yes\n");
    enum status status = STATUS_NO_MEMORY;
    for (size_t bytes = 16; status == STATUS_NO_MEMORY; bytes += 64) {
        struct arena *arena = arena_new(bytes);
        struct findings findings;
        const struct release *release;
        status = read_manifest(arena, text, "crm", &findings, &release, NULL);
        arena_free(arena);
        assert_true(bytes < 1024 * 1024);
    }
    assert_int_equal(status, STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_folders),
        cmocka_unit_test(test_invalid_folders),
        cmocka_unit_test(test_without_a_directory_the_name_counts),
        cmocka_unit_test(test_floods_are_refused),
        cmocka_unit_test(test_size_limit_is_inclusive),
        cmocka_unit_test(test_every_arena_bound_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
