// SPDX-License-Identifier: MIT
// Release documents: the folders of tests/data/release through decode, check and encode; identity by
// digest; limits that would make folders too large; running out of memory at every allocation.
#include "data_cases.h"

#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/release/release.h"

static enum status read_release(struct arena *arena, struct text input, struct findings *findings,
                                const struct valid_release **ret_valid, struct error *err) {
    const struct release *release;
    enum status status = release_decode(arena, input.ptr, input.len, findings, &release, err);
    return status ? status : release_check(arena, release, findings, ret_valid, err);
}

static void run_case(const struct data_case *data) {
    struct findings findings;
    findings_init(&findings, data->arena);
    struct error err = {0};
    const struct valid_release *valid = NULL;
    enum status status = read_release(data->arena, data->input, &findings, &valid, &err);
    data_assert_error(data, status, &err);
    data_assert_findings(data, &findings, SEVERITY_ERROR);
    data_assert_findings(data, &findings, SEVERITY_WARNING);
    if (valid) {
        scoped(cleanup_json) json_t *document = NULL;
        struct text text = {valid->document, valid->document_len};
        assert_int_equal(json_parse(text, LIMIT_DOCUMENT_BYTES, &document, NULL), STATUS_OK);
        data_assert_json(data, "document", document);
    }
}

static void test_valid_folders(void **state) {
    (void)state;
    data_run("release", true, "input.json", run_case);
}

static void test_invalid_folders(void **state) {
    (void)state;
    data_run("release", false, "input.json", run_case);
}

// The canonical document is a fixed point: reading it again changes nothing, digest included.
static void run_again(const struct data_case *data) {
    struct findings findings;
    findings_init(&findings, data->arena);
    const struct valid_release *first;
    const struct valid_release *second;
    assert_int_equal(read_release(data->arena, data->input, &findings, &first, NULL), STATUS_OK);
    struct text text = {first->document, first->document_len};
    assert_int_equal(read_release(data->arena, text, &findings, &second, NULL), STATUS_OK);
    data_assert_text(data, "document", second->document, first->document);
    assert_memory_equal(first->digest, second->digest, DIGEST_SIZE);
}

static void test_canonical_form_is_a_fixed_point(void **state) {
    (void)state;
    data_run("release", true, "input.json", run_again);
}

static void digest_of(struct arena *arena, const char *json, char ret_hex[DIGEST_HEX_SIZE]) {
    struct findings findings;
    findings_init(&findings, arena);
    const struct valid_release *valid;
    assert_int_equal(read_release(arena, text_from(json), &findings, &valid, NULL), STATUS_OK);
    digest_hex(valid->digest, ret_hex);
}

static void test_identity(void **state) {
    (void)state;
    static const char *const same[] = {
        "{\"name\":\"a\",\"version\":\"1.0rc1\"}",
        "{ \"version\" : \"1.0.RC.1\", \"name\" : \"a\", \"summary\":\"\", \"keywords\":[] }",
        "{\"name\":\"a\",\"version\":\"1.0c1\",\"provenance\":{\"path\":\"p\"},\"summary\":null}",
    };
    static const char *const other[] = {
        "{\"name\":\"a\",\"version\":\"1.0rc2\"}",
        "{\"name\":\"b\",\"version\":\"1.0rc1\"}",
        "{\"name\":\"a\",\"version\":\"1.0rc1\",\"summary\":\"s\"}",
    };
    struct arena *arena = arena_new(0);
    char first[DIGEST_HEX_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_of(arena, same[0], first);
    for (size_t i = 0; i < 3; i++) {
        digest_of(arena, same[i], hex);
        assert_string_equal(hex, first);
        digest_of(arena, other[i], hex);
        assert_string_not_equal(hex, first);
    }
    arena_free(arena);
}

static void test_digest_is_sha256_of_the_canonical_text(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    char hex[DIGEST_HEX_SIZE];
    digest_of(arena, "{\"version\":\"1\",\"name\":\"a\"}", hex);
    // sha256 of {"name":"a","version":"1"}
    assert_string_equal(hex, "42867b1854781498f98172941ab3920fc1166968249e9189e1e31213a4a17e12");
    arena_free(arena);
}

static const char *first_code(struct arena *arena, struct text input, enum status wanted) {
    struct findings *findings = arena_alloc(arena, sizeof *findings);
    findings_init(findings, arena);
    const struct valid_release *valid;
    assert_int_equal(read_release(arena, input, findings, &valid, NULL), wanted);
    return findings->count ? findings->items[0].code : "";
}

// A document whose summary is as long as `len`, padded with white space to `total` bytes.
static struct text padded(struct arena *arena, size_t total) {
    char *text = arena_alloc(arena, total + 1);
    memset(text, ' ', total);
    static const char start[] = "{\"name\":\"a\",\"version\":\"1\"}";
    memcpy(text, start, sizeof start - 1);
    return (struct text){text, total};
}

static void test_body_limit_is_inclusive(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    first_code(arena, padded(arena, LIMIT_DOCUMENT_BYTES), STATUS_OK);
    first_code(arena, padded(arena, LIMIT_DOCUMENT_BYTES + 1), STATUS_TOO_LARGE);
    arena_free(arena);
}

static struct text with_entries(struct arena *arena, size_t count) {
    struct buffer buffer;
    buffer_init(&buffer, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&buffer, "{\"name\":\"a\",\"version\":\"1\",\"entry_points\":{\"g\":{");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&buffer, "%s\"n%zu\":\"m:a\"", i ? "," : "", i);
    }
    buffer_add_string(&buffer, "}}}");
    struct text text = {arena_copy(arena, buffer.ptr, buffer.len), buffer.len};
    buffer_done(&buffer);
    return text;
}

static void test_entry_point_limit(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    first_code(arena, with_entries(arena, LIMIT_ENTRY_POINTS), STATUS_OK);
    assert_string_equal(
        first_code(arena, with_entries(arena, LIMIT_ENTRY_POINTS + 1), STATUS_INVALID),
        "too-many-items");
    arena_free(arena);
}

// What a reader could hand over and JSON cannot say.
static void test_rules_hold_for_releases_that_were_not_json(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct entry_point twice[] = {{"g", "n", "m:a"}, {"g", "n", "m:b"}};
    struct manifest manifests[] = {{"g", "n", "{}"}, {"g", "n", "[1"}};
    struct project_url urls[] = {{"x", "https://a"}, {"x", "https://b"}};
    const struct release release = {.name = "a",
                                    .version = "1",
                                    .summary = "\xff",
                                    .entry_points = twice,
                                    .entry_point_count = 2,
                                    .manifests = manifests,
                                    .manifest_count = 2,
                                    .project_urls = urls,
                                    .project_url_count = 2};
    struct findings findings;
    findings_init(&findings, arena);
    const struct valid_release *valid;
    struct error err;
    assert_int_equal(release_check(arena, &release, &findings, &valid, &err), STATUS_INVALID);
    scoped(cleanup_json) json_t *errors = findings_encode(&findings, SEVERITY_ERROR);
    assert_string_equal(data_lines(arena, errors), "not-utf8 /summary\n"
                                                   "url-label-duplicate /project_urls/x\n"
                                                   "entry-point-duplicate /entry_points/g/n\n"
                                                   "manifest-duplicate /manifests/g/n\n"
                                                   "manifest-invalid /manifests/g/n\n");
    assert_string_equal(err.where, "/summary");
    arena_free(arena);
}

static void test_manifest_depth(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct entry_point entry = {"g", "n", "m:a"};
    struct manifest manifest = {
        "g", "n", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"};
    const struct release release = {.name = "a",
                                    .version = "1",
                                    .entry_points = &entry,
                                    .entry_point_count = 1,
                                    .manifests = &manifest,
                                    .manifest_count = 1};
    struct findings findings;
    findings_init(&findings, arena);
    const struct valid_release *valid;
    assert_int_equal(release_check(arena, &release, &findings, &valid, NULL), STATUS_INVALID);
    assert_string_equal(findings.items[0].code, "manifest-too-deep");
    arena_free(arena);
}

// jansson's allocations, failing from the n-th on.
static size_t allocations_left;

static void *limited_malloc(size_t size) {
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void test_every_failed_allocation_is_a_status(void **state) {
    (void)state;
    static const char input[] =
        "{\"name\":\"a\",\"version\":\"1\",\"keywords\":[\"k\"],\"authors\":[{\"name\":\"n\"}],"
        "\"project_urls\":{\"x\":\"https://x\"},\"entry_points\":{\"g\":{\"n\":\"m:a\"}},"
        "\"manifests\":{\"g\":{\"n\":{\"k\":[1,2.5,true]}}},\"provenance\":{\"path\":\"p\"}}";
    enum status status = STATUS_NO_MEMORY;
    size_t failures = 0;
    size_t misnamed = 0;
    json_malloc_t json_malloc;
    json_free_t json_free;
    json_get_alloc_funcs(&json_malloc, &json_free);
    for (size_t n = 0; status; n++) {
        struct arena *arena = arena_new(0);
        struct findings findings;
        findings_init(&findings, arena);
        const struct valid_release *valid;
        allocations_left = n;
        json_set_alloc_funcs(limited_malloc, free);
        status = read_release(arena, text_from(input), &findings, &valid, NULL);
        json_set_alloc_funcs(json_malloc, json_free);
        // jansson's lexer calls a failed allocation inside a string an invalid token
        failures += status == STATUS_NO_MEMORY;
        misnamed += status == STATUS_MALFORMED || status == STATUS_INVALID;
        arena_free(arena);
        assert_true(failures + misnamed == n + !!status);
    }
    assert_true(failures > 2 * misnamed);
}

static void test_every_arena_bound_is_a_status(void **state) {
    (void)state;
    struct arena *unbounded = arena_new(0);
    struct text input = with_entries(unbounded, 300);
    enum status status = STATUS_NO_MEMORY;
    for (size_t bytes = 64; status == STATUS_NO_MEMORY; bytes += 512) {
        struct arena *arena = arena_new(bytes);
        struct findings findings;
        findings_init(&findings, arena);
        const struct valid_release *valid;
        status = read_release(arena, input, &findings, &valid, NULL);
        arena_free(arena);
        assert_true(bytes < 4096 * 1024);
    }
    assert_int_equal(status, STATUS_OK);
    arena_free(unbounded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_folders),
        cmocka_unit_test(test_invalid_folders),
        cmocka_unit_test(test_canonical_form_is_a_fixed_point),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_digest_is_sha256_of_the_canonical_text),
        cmocka_unit_test(test_body_limit_is_inclusive),
        cmocka_unit_test(test_entry_point_limit),
        cmocka_unit_test(test_rules_hold_for_releases_that_were_not_json),
        cmocka_unit_test(test_manifest_depth),
        cmocka_unit_test(test_every_failed_allocation_is_a_status),
        cmocka_unit_test(test_every_arena_bound_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
