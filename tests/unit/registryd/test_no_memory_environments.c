// SPDX-License-Identifier: MIT
// Environments in the API, without a store: patches and their spellings, what a change is called, the
// difference of documents; and memory running out at every allocation of all of that.
#include "tests/unit/no_memory.h"

#include "registryd/api/environments/environment_compare.h"
#include "registryd/api/environments/environment_patch.h"
#include "schema/json/json.h"
#include "schema/environment/merge_patch.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char before_text[] =
    "{\"description\":\"d\",\"facts\":{\"have\":{\"a\":\"1\",\"b-c\":\"2\"},\"python\":\"3.11\"},"
    "\"permissions\":[\"p\",\"q\"],\"plugins\":{\"crm\":{\"enabled\":true,\"pin\":\"==1\"},"
    "\"old\":{\"settings\":{\"x\":1}}}}";
static const char patch_text[] =
    "{\"facts\":{\"have\":{\"B_c\":null,\"new\":\"3\"}},\"permissions\":[\"q\",\"r\"],"
    "\"plugins\":{\"CRM\":{\"enabled\":false,\"pin\":null},\"old\":null,"
    "\"added\":{\"settings\":{\"y\":{\"z\":[1,null]}}}}}";

struct made {
    const char *document;
    const char *words;
    const char *differences;
};

// All steps from texts to answers; STATUS_NO_MEMORY wherever one has none.
static enum status make(struct arena *arena, struct made *ret_made) {
    scoped(cleanup_json) json_t *before = NULL;
    scoped(cleanup_json) json_t *patch = NULL;
    struct findings findings;
    struct environment old;
    struct environment new;
    struct plugin_changes changes;
    findings_init(&findings, arena);
    enum status status = json_parse(text_from(before_text), 4096, &before, NULL);
    status = status ? status : json_parse(text_from(patch_text), 4096, &patch, NULL);
    status = status ? status : environment_patch_check(arena, &patch, &findings, NULL);
    status = status ? status : environment_decode(arena, before, &findings, &old, NULL);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *after = merge_patch_apply(before, patch);
    status = after ? environment_decode(arena, after, &findings, &new, NULL) : STATUS_NO_MEMORY;
    status = status ? status : environment_compare_plugins(arena, &old, &new, &changes, NULL);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *differences = environment_compare_documents(arena, before, after);
    *ret_made = (struct made){
        .document = json_encode_canonical(arena, after),
        .words = environment_compare_words(arena, &old, &new, &changes),
        .differences = differences ? json_encode_canonical(arena, differences) : NULL,
    };
    return ret_made->document && ret_made->words && ret_made->differences ? STATUS_OK
                                                                          : STATUS_NO_MEMORY;
}

static void a_patch_becomes_words_and_differences(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct made made;
    assert_int_equal(make(arena, &made), STATUS_OK);
    assert_string_equal(made.document, "{\"description\":\"d\",\"facts\":{\"have\":{\"a\":\"1\","
                                       "\"new\":\"3\"},\"python\":\"3.11\"},"
                                       "\"permissions\":[\"q\",\"r\"],\"plugins\":{\"added\":{"
                                       "\"settings\":{\"y\":{\"z\":[1,null]}}},"
                                       "\"crm\":{\"enabled\":false}}}");
    assert_string_equal(made.words, "disabled crm; unpinned crm; settings of added, old; "
                                    "facts.have; permissions");
    assert_string_equal(
        made.differences,
        "[{\"from\":\"2\",\"where\":\"/facts/have/b-c\"},{\"to\":\"3\",\"where\":\"/facts/have/"
        "new\"},"
        "{\"added\":[\"r\"],\"removed\":[\"p\"],\"where\":\"/permissions\"},"
        "{\"to\":{\"settings\":{\"y\":{\"z\":[1,null]}}},\"where\":\"/plugins/added\"},"
        "{\"from\":true,\"to\":false,\"where\":\"/plugins/crm/enabled\"},"
        "{\"from\":\"==1\",\"where\":\"/plugins/crm/pin\"},"
        "{\"from\":{\"settings\":{\"x\":1}},\"where\":\"/plugins/old\"}]");
    arena_free(arena);
}

static void memory_runs_out_everywhere(void **state) {
    (void)state;
    enum status status = STATUS_NO_MEMORY;
    size_t failures = 0;
    size_t misnamed = 0;
    for (long n = 0; status; n++) {
        struct arena *arena = arena_new(0);
        struct made made;
        allow(n);
        status = make(arena, &made);
        allow(-1);
        // jansson's lexer calls a failed allocation inside a string an invalid token
        failures += status == STATUS_NO_MEMORY;
        misnamed += status == STATUS_MALFORMED;
        assert_true((long)(failures + misnamed) == n + (status ? 1 : 0));
        arena_free(arena);
    }
    assert_true(failures > 50 && failures > 2 * misnamed);
}

static const char *words_of(struct arena *arena, const char *before, const char *after) {
    struct findings findings;
    struct environment old;
    struct environment new;
    struct plugin_changes changes;
    findings_init(&findings, arena);
    assert_int_equal(environment_parse(arena, text_from(before), &findings, &old, NULL), STATUS_OK);
    assert_int_equal(environment_parse(arena, text_from(after), &findings, &new, NULL), STATUS_OK);
    assert_int_equal(environment_compare_plugins(arena, &old, &new, &changes, NULL), STATUS_OK);
    return environment_compare_words(arena, &old, &new, &changes);
}

static void what_a_change_is_called(void **state) {
    (void)state;
    static const char *const rows[][3] = {
        {"{}", "{}", "an empty document"},
        {"{}", "{\"description\":\"x\"}", "description"},
        {"{\"facts\":{\"python\":\"3\"}}", "{}", "facts.python"},
        {"{}", "{\"facts\":{\"tags\":[\"a-b-c\"],\"markers\":{\"os_name\":\"x\"}}}",
         "facts.markers; facts.tags"},
        {"{}", "{\"permissions\":[]}", "permissions"},
        {"{}", "{\"policy\":{\"min_age_seconds\":5}}", "policy"},
        {"{}", "{\"plugins\":{\"a\":{\"enabled\":true},\"b\":{\"enabled\":false}}}",
         "enabled a; disabled b"},
        {"{\"plugins\":{\"a\":{\"enabled\":true}}}", "{}", "by policy: a"},
        {"{\"plugins\":{\"a\":{\"pin\":\"<2\"}}}", "{\"plugins\":{\"a\":{\"pin\":\"<3\"}}}",
         "pinned a to <3"},
        {"{}",
         "{\"plugins\":{\"a\":{\"enabled\":true},\"b\":{\"enabled\":true},\"c\":{\"enabled\":true},"
         "\"d\":{\"enabled\":true},\"e\":{\"enabled\":true}}}",
         "enabled a, b, c and 2 more"},
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(words_of(arena, rows[i][0], rows[i][1]), rows[i][2]);
    }
    arena_free(arena);
}

static void words_are_bounded(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    buffer_add_string(&text, "{\"plugins\":{");
    for (int i = 0; i < 9; i++) {
        buffer_printf(
            &text, "%s\"%0100d\":{\"enabled\":true,\"pin\":\"==1.%050d\",\"settings\":{\"a\":1}}",
            i ? "," : "", i, i + 1);
    }
    buffer_add_string(&text, "}}");
    const char *words = words_of(arena, "{}", text.ptr);
    assert_true(strlen(words) <= 1000);
    assert_string_equal(words + strlen(words) - 4, " ...");
    buffer_done(&text);
    arena_free(arena);
}

static void a_fault_in_one_plugin_is_told_as_it_was_sent(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"/plugins/a-b/pin", "/pin"},
                                          {"/plugins/a-b", ""},
                                          {"/plugins/a-bc/pin", "/plugins/a-bc/pin"},
                                          {"", ""}};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct findings findings;
        struct error err = {.status = STATUS_INVALID};
        findings_init(&findings, arena);
        findings_add(&findings, SEVERITY_ERROR, "pin-invalid", rows[i][0], NULL, "x");
        strcpy(err.where, rows[i][0]);
        enum status status =
            environment_patch_localize(arena, "a-b", &findings, STATUS_INVALID, &err);
        assert_int_equal(status, STATUS_INVALID);
        assert_string_equal(findings.items[0].where, rows[i][1]);
        assert_string_equal(err.where, rows[i][1]);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patch_becomes_words_and_differences),
        cmocka_unit_test(memory_runs_out_everywhere),
        cmocka_unit_test(what_a_change_is_called),
        cmocka_unit_test(words_are_bounded),
        cmocka_unit_test(a_fault_in_one_plugin_is_told_as_it_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
