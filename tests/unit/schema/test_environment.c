// SPDX-License-Identifier: MIT
// Environment documents: the folders of tests/data/environment through decode and encode, limits that
// would make folders too large, finding, names, and running out of memory at every allocation.
#include "data_cases.h"

#include "schema/base/limits.h"
#include "schema/environment/environment.h"
#include "schema/environment/environment_settings.h"
#include "schema/base/list.h"

static void run_case(const struct data_case *data) {
    struct findings findings;
    findings_init(&findings, data->arena);
    struct error err = {0};
    struct environment environment;
    enum status status = environment_parse(data->arena, data->input, &findings, &environment, &err);
    data_assert_error(data, status, &err);
    data_assert_findings(data, &findings, SEVERITY_ERROR);
    if (!status) {
        scoped(cleanup_json) json_t *document = environment_encode(&environment);
        data_assert_json(data, "document", document);
    }
}

static void test_valid_folders(void **state) {
    (void)state;
    data_run("environment", true, "input.json", run_case);
}

static void test_invalid_folders(void **state) {
    (void)state;
    data_run("environment", false, "input.json", run_case);
}

static const char *canonical(struct arena *arena, struct text input) {
    struct findings findings;
    findings_init(&findings, arena);
    struct environment environment;
    assert_int_equal(environment_parse(arena, input, &findings, &environment, NULL), STATUS_OK);
    scoped(cleanup_json) json_t *document = environment_encode(&environment);
    return json_encode_canonical(arena, document);
}

static void run_again(const struct data_case *data) {
    const char *once = canonical(data->arena, data->input);
    data_assert_text(data, "document", canonical(data->arena, text_from(once)), once);
}

static void test_the_document_is_a_fixed_point(void **state) {
    (void)state;
    data_run("environment", true, "input.json", run_again);
}

static void load(struct arena *arena, const char *json, struct environment *ret_environment) {
    struct findings findings;
    findings_init(&findings, arena);
    assert_int_equal(environment_parse(arena, text_from(json), &findings, ret_environment, NULL),
                     STATUS_OK);
}

static void test_finding(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct environment environment;
    load(arena,
         "{\"facts\":{\"have\":{\"Zope\":\"5\",\"a\":\"1.0.RC1\",\"m.n\":\"2\"}},"
         "\"permissions\":[\"b\",\"a\"],\"plugins\":{\"Zz\":{\"enabled\":false},"
         "\"a_a\":{\"enabled\":true,\"settings\":{\"y\":1,\"x\":2}},\"b\":{\"pin\":\"==1\"}}}",
         &environment);
    assert_string_equal(environment_find_version(&environment, "a"), "1.0rc1");
    assert_string_equal(environment_find_version(&environment, "m-n"), "2");
    assert_string_equal(environment_find_version(&environment, "zope"), "5");
    assert_null(environment_find_version(&environment, "b"));
    const struct environment_plugin *plugin = environment_find_plugin(&environment, "a-a");
    assert_int_equal(plugin->state, PLUGIN_ENABLED);
    assert_string_equal(plugin->settings, "{\"x\":2,\"y\":1}");
    assert_null(plugin->pin);
    assert_int_equal(environment_find_plugin(&environment, "zz")->state, PLUGIN_DISABLED);
    assert_int_equal(environment_find_plugin(&environment, "b")->state, PLUGIN_UNSET);
    assert_string_equal(environment_find_plugin(&environment, "b")->pin, "==1");
    assert_null(environment_find_plugin(&environment, "c"));
    assert_true(environment_knows_permission(&environment, "b"));
    assert_false(environment_knows_permission(&environment, "c"));
    arena_free(arena);
}

// Tests write JSON with single quotes, which read better in C.
static const char *with_quotes(struct arena *arena, const char *json) {
    char *text = arena_strdup(arena, json);
    for (char *c = text; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return text;
}

static void test_entry_points(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct environment environment;
    load(arena,
         "{\"plugins\":{\"a\":{\"pin\":\">=1\",\"enabled\":false,\"entry_points\":{\"g\":{"
         "\"m\":{\"state\":\"enabled\",\"pin\":\"<3\"},\"k\":{\"pin\":\">=1\"},"
         "\"n\":{\"state\":\"disabled\",\"pin\":\"==9\"}},\"f\":{\"m\":{\"pin\":\"<3\"}}}},"
         "\"b\":{\"pin\":\"==1\"},\"c\":{\"entry_points\":{\"g\":{\"m\":{\"pin\":\"==2\"}}}}}}",
         &environment);
    const struct environment_plugin *plugin = environment_find_plugin(&environment, "a");
    const struct environment_entries *entries = &plugin->entries;
    const struct environment_entry *entry = environment_entries_find(entries, "g", "m");
    assert_int_equal(entries->count, 4);
    assert_int_equal(environment_entry_state(plugin->state, entry), PLUGIN_ENABLED);
    entry = environment_entries_find(entries, "g", "k");
    assert_int_equal(environment_entry_state(plugin->state, entry), PLUGIN_DISABLED);
    assert_int_equal(environment_entry_state(PLUGIN_ALLOWED, NULL), PLUGIN_ALLOWED);
    assert_null(environment_entries_find(entries, "f", "k"));
    assert_true(environment_entries_have(entries, PLUGIN_ENABLED));
    assert_false(environment_entries_have(entries, PLUGIN_ALLOWED));
    // the pin of a disabled entry point holds nothing, and equal pins count once
    assert_string_equal(plugin->held_to, "<3,>=1");
    assert_string_equal(plugin->pin, ">=1");
    assert_string_equal(environment_find_plugin(&environment, "b")->held_to, "==1");
    assert_string_equal(environment_find_plugin(&environment, "c")->held_to, "==2");
    assert_null(environment_find_plugin(&environment, "c")->pin);
    arena_free(arena);
}

// Two documents and what a reader sees of both; "may" reads settings, apart from those named secret.
static void test_settings_of_entry_points_are_hidden(void **state) {
    (void)state;
    static const char old[] =
        "{'plugins':{'a':{'entry_points':{'g':{'gone':{'settings':{'key':'s1'}},"
        "'m':{'settings':{'key':'s2','open':1}},'n':{'settings':{'key':'s3'}}}},"
        "'secret_settings':['/key']}}}";
    static const char new[] =
        "{'plugins':{'a':{'entry_points':{'g':{'m':{'settings':{'key':'s4','open':2}},"
        "'n':{'settings':{'key':'s3'}}}},'settings':{'key':'s5'}}}}";
    static const char *const shown[] = {
        "{'plugins':{'a':{'entry_points':{'g':{'m':{'settings':{'key':'(secret, "
        "changed)','open':2}}"
        ",'n':{'settings':{'key':'(secret)'}}}},'settings':{'key':'(secret)'}}}}",
        "{'plugins':{'a':{'entry_points':{'g':{'m':{'settings':'(secret, changed)'},"
        "'n':{'settings':'(secret)'}}},'settings':'(secret)'}}}"};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        scoped(cleanup_json) json_t *before = json_loads(with_quotes(arena, old), 0, NULL);
        scoped(cleanup_json) json_t *after = json_loads(with_quotes(arena, new), 0, NULL);
        assert_true(environment_mask_both(before, after, i == 0));
        assert_string_equal(json_encode_canonical(arena, after), with_quotes(arena, shown[i]));
        const char *rest = json_encode_canonical(arena, before);
        assert_null(strstr(rest, "s1"));
        assert_null(strstr(rest, "s2"));
        assert_null(strstr(rest, "s3"));
    }
    scoped(cleanup_json) json_t *document = json_loads(with_quotes(arena, old), 0, NULL);
    assert_true(environment_leave_out_settings(document));
    assert_null(strstr(json_encode_canonical(arena, document), "key\":"));
    assert_false(environment_leave_out_settings(document));
    arena_free(arena);
}

static void test_an_environment_of_nothing(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct environment environment;
    load(arena, "{}", &environment);
    assert_null(environment_find_plugin(&environment, "a"));
    assert_null(environment_find_version(&environment, "a"));
    assert_true(environment_knows_permission(&environment, "a"));
    assert_true(!environment.is_listed_only && !environment.prereleases && !environment.python);
    load(arena, "{\"permissions\":[]}", &environment);
    assert_false(environment_knows_permission(&environment, "a"));
    arena_free(arena);
}

static void test_names(void **state) {
    (void)state;
    static const char *const good[] = {"default", "a", "7", "prod-eu_1.b", "0--0"};
    static const char *const bad[] = {"",    "-a",  "a-",       ".",  "..", "Prod", "a/b",
                                      "a b", "a\n", "\xc3\xa4", "_a", "a.", "a?b"};
    char text[LIMIT_NAME_BYTES + 2];
    struct error err;
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(environment_name_check(text_from(good[i]), NULL), STATUS_OK);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(environment_name_check(text_from(bad[i]), &err), STATUS_INVALID);
        assert_non_null(strstr(err.message, "lower-case"));
    }
    assert_int_equal(environment_name_check((struct text){text, LIMIT_NAME_BYTES}, NULL),
                     STATUS_OK);
    assert_int_equal(environment_name_check((struct text){text, LIMIT_NAME_BYTES + 1}, NULL),
                     STATUS_INVALID);
}

// `count` members or items made by `format`, between `before` and `after`.
static struct text many(struct arena *arena, const char *before, const char *after, size_t count,
                        void (*add)(struct buffer *buffer, size_t i)) {
    struct buffer buffer;
    buffer_init(&buffer, LIMIT_ENVIRONMENT_BYTES);
    buffer_add_string(&buffer, before);
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(&buffer, i ? "," : "");
        add(&buffer, i);
    }
    buffer_add_string(&buffer, after);
    struct text text = {arena_copy(arena, buffer.ptr, buffer.len), buffer.len};
    assert_int_equal(buffer.failed, STATUS_OK);
    buffer_done(&buffer);
    return text;
}

static void add_plugin(struct buffer *buffer, size_t i) {
    buffer_printf(buffer, "\"p%zu\":{\"enabled\":true,\"settings\":{\"n\":%zu}}", i, i);
}

static void add_have(struct buffer *buffer, size_t i) {
    buffer_printf(buffer, "\"p%zu\":\"%zu\"", i, i);
}

static void add_tag(struct buffer *buffer, size_t i) {
    buffer_printf(buffer, "\"cp311-cp311-linux_%zu\"", i);
}

static void add_pinned(struct buffer *buffer, size_t i) {
    buffer_printf(buffer, "\"p%zu\":{\"pin\":\"!=%zu\"}", i, i);
}

static void add_disabled(struct buffer *buffer, size_t i) {
    buffer_printf(buffer, "\"p%zu\":{\"state\":\"disabled\"}", i);
}

static void assert_limit(const char *before, const char *after, size_t limit,
                         void (*add)(struct buffer *buffer, size_t i)) {
    struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    struct environment environment;
    struct error err;
    assert_int_equal(environment_parse(arena, many(arena, before, after, limit, add), &findings,
                                       &environment, &err),
                     STATUS_OK);
    assert_int_equal(environment.plugin_count + environment.have_count + environment.tag_count,
                     limit);
    assert_int_equal(environment_parse(arena, many(arena, before, after, limit + 1, add), &findings,
                                       &environment, &err),
                     STATUS_INVALID);
    assert_string_equal(findings.items[0].code, "too-many-items");
    arena_free(arena);
}

static void test_limits(void **state) {
    (void)state;
    assert_limit("{\"plugins\":{", "}}", LIMIT_ENVIRONMENT_PLUGINS, add_plugin);
    assert_limit("{\"facts\":{\"have\":{", "}}}", LIMIT_ENVIRONMENT_HAVE, add_have);
    assert_limit("{\"facts\":{\"tags\":[", "]}}", LIMIT_ENVIRONMENT_TAGS, add_tag);
}

static void test_pins_that_are_too_long_together(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    struct environment environment;
    assert_int_equal(environment_parse(arena,
                                       many(arena, "{\"plugins\":{\"a\":{\"entry_points\":{\"g\":{",
                                            "}}}}}", LIMIT_ENTRY_POINTS, add_pinned),
                                       &findings, &environment, NULL),
                     STATUS_INVALID);
    assert_string_equal(findings.items[0].code, "pin-invalid");
    assert_string_equal(findings.items[0].where, "/plugins/a");
    findings_init(&findings, arena);
    assert_int_equal(environment_parse(arena,
                                       many(arena, "{\"plugins\":{\"a\":{\"entry_points\":{\"g\":{",
                                            "}}}}}", LIMIT_ENTRY_POINTS + 1, add_disabled),
                                       &findings, &environment, NULL),
                     STATUS_INVALID);
    assert_string_equal(findings.items[0].code, "too-many-items");
    arena_free(arena);
}

static void test_the_body_limit_is_inclusive(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    char *text = arena_alloc(arena, LIMIT_ENVIRONMENT_BYTES + 1);
    struct findings findings;
    findings_init(&findings, arena);
    struct environment environment;
    memset(text, ' ', LIMIT_ENVIRONMENT_BYTES + 1);
    text[0] = '{';
    text[1] = '}';
    assert_int_equal(environment_parse(arena, (struct text){text, LIMIT_ENVIRONMENT_BYTES},
                                       &findings, &environment, NULL),
                     STATUS_OK);
    assert_int_equal(environment_parse(arena, (struct text){text, LIMIT_ENVIRONMENT_BYTES + 1},
                                       &findings, &environment, NULL),
                     STATUS_TOO_LARGE);
    arena_free(arena);
}

static const char all_of_it[] =
    "{\"description\":\"d\",\"facts\":{\"python\":\"3.11.2\",\"markers\":{\"python_version\":"
    "\"3.11\"},\"have\":{\"a\":\"1\"},\"tags\":[\"py3-none-any\"]},\"policy\":{\"plugins\":"
    "\"listed\",\"prereleases\":true,\"min_age_seconds\":1},\"permissions\":[\"p\"],"
    "\"plugins\":{\"a\":{\"enabled\":true,\"pin\":\"==1\",\"settings\":{\"k\":[1,2.5,true]},"
    "\"entry_points\":{\"g\":{\"n\":{\"state\":\"disabled\",\"settings\":{\"k\":1},\"deprecated\":{"
    "\"message\":\"m\",\"successor\":\"b:g:n\"}},\"o\":{\"pin\":\"<2\"}}}}}}";

// jansson's allocations, failing from the n-th on.
static size_t allocations_left;

static void *limited_malloc(size_t size) {
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static enum status read_and_write(struct arena *arena) {
    struct findings findings;
    findings_init(&findings, arena);
    struct environment environment;
    enum status status =
        environment_parse(arena, text_from(all_of_it), &findings, &environment, NULL);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *document = environment_encode(&environment);
    return document ? STATUS_OK : STATUS_NO_MEMORY;
}

static void test_every_failed_allocation_is_a_status(void **state) {
    (void)state;
    enum status status = STATUS_NO_MEMORY;
    size_t failures = 0;
    size_t misnamed = 0;
    json_malloc_t json_malloc;
    json_free_t json_free;
    json_get_alloc_funcs(&json_malloc, &json_free);
    for (size_t n = 0; status; n++) {
        struct arena *arena = arena_new(0);
        allocations_left = n;
        json_set_alloc_funcs(limited_malloc, free);
        status = read_and_write(arena);
        json_set_alloc_funcs(json_malloc, json_free);
        // jansson's lexer calls a failed allocation inside a string an invalid token
        failures += status == STATUS_NO_MEMORY;
        misnamed += status == STATUS_MALFORMED;
        arena_free(arena);
        assert_true(failures + misnamed == n + !!status);
    }
    assert_true(failures > 2 * misnamed);
}

static void test_every_arena_bound_is_a_status(void **state) {
    (void)state;
    enum status status = STATUS_NO_MEMORY;
    for (size_t bytes = 64; status == STATUS_NO_MEMORY; bytes += 64) {
        struct arena *arena = arena_new(bytes);
        status = read_and_write(arena);
        arena_free(arena);
        assert_true(bytes < 1024 * 1024);
    }
    assert_int_equal(status, STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_folders),
        cmocka_unit_test(test_invalid_folders),
        cmocka_unit_test(test_the_document_is_a_fixed_point),
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_entry_points),
        cmocka_unit_test(test_settings_of_entry_points_are_hidden),
        cmocka_unit_test(test_pins_that_are_too_long_together),
        cmocka_unit_test(test_an_environment_of_nothing),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_the_body_limit_is_inclusive),
        cmocka_unit_test(test_every_failed_allocation_is_a_status),
        cmocka_unit_test(test_every_arena_bound_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
