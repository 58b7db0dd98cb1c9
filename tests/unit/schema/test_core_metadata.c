// SPDX-License-Identifier: MIT
// Core metadata: fields and their lines, what is parsed, lints, limits, no memory. Compared with
// importlib.metadata in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/metadata/core_metadata.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct core_metadata *parse(struct arena *arena, const char *text) {
    const struct core_metadata *metadata = NULL;
    struct error err = {0};
    if (core_metadata_parse(arena, text_from(text), &metadata, &err) != STATUS_OK) {
        fail_msg("%s", err.message);
    }
    return metadata;
}

static void a_file_gives_its_parts(void **state) {
    (void)state;
    static const char text[] = "Metadata-Version: 2.1\r\n"
                               "name: Foo_Bar\r\n"
                               "Version: 1.0RC1\r\n"
                               "License: first\r\n"
                               "        second\r\n"
                               "Keywords: a, b c ,,\r\n"
                               "Requires-Python: >=3.8\r\n"
                               "Requires-Dist: x (>=1)\r\n"
                               "Requires-Dist: not a requirement\r\n"
                               "Requires-Dist: y; extra == 'Z'\r\n"
                               "Provides-Extra: Z\r\n"
                               "\r\n"
                               "The body.\r\n";
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct core_metadata *metadata = parse(arena, text);
    assert_string_equal(metadata->normalized_name, "foo-bar");
    assert_string_equal(version_string(metadata->version), "1.0rc1");
    assert_string_equal(core_metadata_find(metadata, METADATA_NAME), "Foo_Bar");
    assert_string_equal(core_metadata_find(metadata, METADATA_LICENSE), "first\nsecond");
    assert_null(core_metadata_find(metadata, METADATA_SUMMARY));
    assert_string_equal(specifier_set_string(metadata->requires_python), ">=3.8");
    assert_int_equal(metadata->values[METADATA_REQUIRES_DIST].count, 3);
    assert_int_equal(metadata->requirement_count, 2);
    assert_string_equal(metadata->requirements[1]->string, "y; extra == \"z\"");
    assert_int_equal(metadata->extra_count, 1);
    assert_string_equal(metadata->extras[0], "z");
    assert_string_equal(metadata->description, "The body.\n");
    assert_true(metadata->has_body);
    assert_int_equal(metadata->lints.count, 1);
    assert_string_equal(metadata->lints.items[0].kind->code, "requirement-invalid");
    assert_int_equal(metadata->lints.items[0].line, 9);
    const char *const *keywords;
    size_t count;
    assert_int_equal(core_metadata_keywords(arena, metadata, &keywords, &count, NULL), STATUS_OK);
    assert_int_equal(count, 2);
    assert_string_equal(keywords[1], "b c");
}

#define HEAD(version) "Metadata-Version: " version "\nName: a\nVersion: 1\n"

static void each_lint_has_its_case(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *code; // of the first lint; NULL: none
        size_t line;
        bool is_error;
    } rows[] = {
        {HEAD("2.1"), NULL, 0, false},
        {HEAD("2.9"), "metadata-version-newer", 1, false},
        {HEAD("3.0"), "metadata-version-unknown", 1, true},
        {"Name: a\nVersion: 1\n", "metadata-missing-field", 0, true},
        {HEAD("2.1") "Name: b\n", "metadata-duplicate-field", 4, true},
        {HEAD("2.1") "X-Y: b\n", "metadata-unknown-field", 4, false},
        {HEAD("1.0") "Classifier: b\n", "metadata-field-newer", 4, false},
        {HEAD("2.1") "Summary: b\n  c\n", "control-character", 4, true},
        {HEAD("2.4") "License: b\nLicense-Expression: MIT\n", "metadata-license-twice", 4, true},
        {HEAD("2.4") "License-Expression: none\n", "license-invalid", 4, true},
        {HEAD("1.0") "License-File: LICENSE\n", NULL, 0, false},
        {HEAD("2.1") "License-File: LICENSE\nLicense-File: NOTICE\n", NULL, 0, false},
        {HEAD("2.1") "License-File: ../x\n", "metadata-field-invalid", 4, true},
        {HEAD("1.3"), "metadata-version-nonexistent", 1, false},
        {HEAD("1.9"), "metadata-version-nonexistent", 1, false},
        {HEAD("2.0"), "metadata-version-nonexistent", 1, false},
        {HEAD("2.7"), "metadata-version-newer", 1, false},
        {HEAD("2.10"), "metadata-version-newer", 1, false},
        {HEAD("0.9"), "metadata-version-unknown", 1, true},
        {HEAD("2.1") "Author-email: a@b, c\n", "author-invalid", 4, true},
        {HEAD("2.1") "Maintainer-email: a; b@c\n", "author-invalid", 4, true},
        {HEAD("2.1") "Author-email: UNKNOWN\n", NULL, 0, false},
        {HEAD("2.1") "Project-URL: x\n", "url-invalid", 4, true},
        {HEAD("2.1") "Project-URL: x, ftp://h\n", "url-invalid", 4, true},
        {HEAD("2.1") "Project-URL: a label of more than 32 characters, https://h\n",
         "url-label-invalid", 4, true},
        {HEAD("2.1") "Project-URL: a, https://h\nProject-URL: a, https://i\n",
         "url-label-duplicate", 5, true},
        {HEAD("2.1") "Description: b\n\nc\n", "metadata-description-twice", 6, true},
        {HEAD("2.1") "Provides-Extra: a-b\nProvides-Extra: a.b\n", "metadata-extra-clash", 5, true},
        {HEAD("2.1") "text\n", "metadata-no-blank-line", 4, false},
        {" stray\n" HEAD("2.1"), "metadata-line-malformed", 1, false},
        {"\xef\xbb\xbf" HEAD("2.1"), "metadata-byte-order-mark", 1, true},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct core_metadata *metadata = parse(arena, rows[i].text);
        assert_int_equal(metadata->lints.count > 0, rows[i].code != NULL);
        if (rows[i].code) {
            assert_string_equal(metadata->lints.items[0].kind->code, rows[i].code);
            assert_int_equal(metadata->lints.items[0].line, rows[i].line);
            assert_int_equal(metadata->lints.items[0].kind->is_error, rows[i].is_error);
        }
    }
}

static void descriptions_lose_their_margins(void **state) {
    (void)state;
    static const struct {
        const char *field;
        const char *description;
    } rows[] = {
        {"Description: a\n       |b\n       |\n       | c\n", "a\nb\n\n c"},
        {"Description: a\n        |b\n", "a\nb"},
        {"Description: a\n        b\n          c\n", "a\nb\n  c"},
        {"Description: a\n", "a"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *text = arena_printf(arena, "%s%s", HEAD("1.2"), rows[i].field);
        assert_string_equal(parse(arena, text)->description, rows[i].description);
    }
}

static void bad_files_are_refused_whole(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct core_metadata *metadata = NULL;
    char *large = arena_alloc(arena, LIMIT_METADATA_BYTES + 1);
    assert_non_null(large);
    memset(large, '\n', LIMIT_METADATA_BYTES + 1);
    const struct {
        struct text bytes;
        enum status status;
    } rows[] = {
        {{"Name: \xff\n", 8}, STATUS_INVALID},
        {{"Name: \0\n", 8}, STATUS_INVALID},
        {{large, LIMIT_METADATA_BYTES + 1}, STATUS_TOO_LARGE},
        {{large, LIMIT_METADATA_BYTES}, STATUS_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(core_metadata_parse(arena, rows[i].bytes, &metadata, NULL),
                         rows[i].status);
    }
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    static const char text[] =
        HEAD("2.3") "Requires-Dist: b>1\nProvides-Extra: c\nLicense: d\n  e\n"
                    "Project-URL: f, g\nX: y\n\nbody\n";
    size_t refused = 0;
    for (size_t left = 0; left < 4000; left += 16) {
        scoped(cleanup_arena) struct arena *arena = arena_new(4096);
        assert_non_null(arena_alloc(arena, 4096 - 64 - left));
        const struct core_metadata *metadata = NULL;
        enum status status = core_metadata_parse(arena, text_from(text), &metadata, NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(metadata != NULL, status == STATUS_OK);
        refused += status == STATUS_NO_MEMORY;
    }
    assert_true(refused > 20);
}

static void fields_are_found_in_any_case(void **state) {
    (void)state;
    for (int i = 0; i < METADATA_FIELD_COUNT; i++) {
        enum core_metadata_field field = METADATA_FIELD_COUNT;
        const char *name = core_metadata_field_name((enum core_metadata_field)i);
        assert_true(core_metadata_field_find(text_from(name), &field));
        assert_int_equal(field, i);
    }
    enum core_metadata_field field;
    assert_true(core_metadata_field_find(text_from("rEQUIRES-dIST"), &field));
    assert_int_equal(field, METADATA_REQUIRES_DIST);
    assert_false(core_metadata_field_find(text_from("Requires_Dist"), &field));
}

static void project_urls_have_label_and_kind(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct labelled_url url;
    struct error err = {0};
    assert_int_equal(
        labelled_url_parse(arena, text_from(" What's New? , https://h/a,b"), &url, NULL),
        STATUS_OK);
    assert_string_equal(url.label, "What's New?");
    assert_string_equal(url.url, "https://h/a,b");
    assert_string_equal(url.kind, "changelog");
    assert_null(labelled_url_kind(text_from("Chat")));
    static const char *const bad[] = {"", "label", "label,", ", https://h"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(labelled_url_parse(arena, text_from(bad[i]), &url, &err), STATUS_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gives_its_parts),
        cmocka_unit_test(each_lint_has_its_case),
        cmocka_unit_test(descriptions_lose_their_margins),
        cmocka_unit_test(bad_files_are_refused_whole),
        cmocka_unit_test(running_out_of_memory_is_a_status),
        cmocka_unit_test(fields_are_found_in_any_case),
        cmocka_unit_test(project_urls_have_label_and_kind),
    };
    return cmocka_run_group_tests_name("core_metadata", tests, NULL, NULL);
}
