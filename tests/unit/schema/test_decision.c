// SPDX-License-Identifier: MIT
// Decisions: their order, what their codes mean, and JSON there and back without a difference.
#include "schema/decision.h"

#include "schema/base/list.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static struct decision *add(struct decisions *decisions, const char *group, const char *package,
                            const char *name, const char *code) {
    struct decision *decision = decisions_add(arena, decisions);
    decision->group = group;
    decision->package = package;
    decision->name = name;
    decision->code = code;
    return decision;
}

static void fill(struct decisions *decisions) {
    struct decision *first = add(decisions, "g", "acme", "crm", DECISION_CODE_QUARANTINED);
    first->version = "1.0";
    first->message = "Leaks \"keys\"";
    first->since = "2026-11-30T12:00:00Z";
    first->by = "admin:ops";
    first->by_name = true;
    add(decisions, "g", "acme", "crm", DECISION_CODE_OUTSIDE_PIN)->pin = "<2";
    add(decisions, "g", "acme", NULL, DECISION_CODE_SETTINGS)->settings = "{\"colour\":\"red\"}";
    add(decisions, "g", "known-one", NULL, DECISION_CODE_KNOWN);
    add(decisions, "g", "owned", NULL, DECISION_CODE_OWNER);
    struct decision *alias = add(decisions, "g", "acme", "old", DECISION_CODE_ALIAS);
    alias->successor = "crm \"two\"";
    alias->entry_only = true;
    add(decisions, "g", "*", NULL, DECISION_CODE_GROUP_DEPRECATED)->successor = "h";
    add(decisions, "a", "later-code", "x", "not-yet-invented");
}

static void rows_have_one_order(void **state) {
    (void)state;
    struct decisions decisions = {0};
    add(&decisions, "g", "b", "n", "yanked")->version = "2.0";
    add(&decisions, "g", "b", "n", "yanked")->version = "1.0";
    add(&decisions, "g", "b", "n", "yanked");
    add(&decisions, "g", "b", "n", "disabled")->entry_only = true;
    add(&decisions, "g", "b", "n", "disabled")->message = "all of it";
    add(&decisions, "g", "b", "m", "yanked");
    add(&decisions, "g", "b", NULL, "settings");
    add(&decisions, "g", "a", "z", "yanked");
    add(&decisions, "f", "z", "z", "yanked");
    decisions_sort(&decisions);
    static const char *const expected[] = {
        "f z z yanked -", "g a z yanked -",   "g b - settings -",
        "g b m yanked -", "g b n disabled -", "g b n disabled -",
        "g b n yanked -", "g b n yanked 1.0", "g b n yanked 2.0",
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct decision *d = &decisions.items[i];
        assert_string_equal(arena_printf(arena, "%s %s %s %s %s", d->group, d->package,
                                         d->name ? d->name : "-", d->code,
                                         d->version ? d->version : "-"),
                            expected[i]);
    }
    // that about the whole package first
    assert_false(decisions.items[4].entry_only);
    assert_true(decisions.items[5].entry_only);
}

static void codes_have_effects(void **state) {
    (void)state;
    assert_int_equal(decision_effect("quarantined"), DECISION_WITHHOLDS);
    assert_int_equal(decision_effect("blocked-by-advisory"), DECISION_WITHHOLDS);
    assert_int_equal(decision_effect("yanked"), DECISION_WARNS);
    assert_int_equal(decision_effect("outside-pin"), DECISION_WARNS);
    assert_int_equal(decision_effect("alias"), DECISION_WARNS);
    assert_int_equal(decision_effect("enabled"), DECISION_EXEMPTS);
    assert_int_equal(decision_effect("group-deprecated"), DECISION_INFORMS);
    assert_int_equal(decision_effect("settings"), DECISION_SETS);
    assert_int_equal(decision_effect("known"), DECISION_INFORMS);
    assert_int_equal(decision_effect("owner"), DECISION_INFORMS);
    assert_int_equal(decision_effect("not-yet-invented"), DECISION_UNKNOWN);
    assert_true(decision_rank("quarantined") < decision_rank("disabled"));
    assert_true(decision_rank("unapproved") < decision_rank("blocked-by-advisory"));
    assert_true(decision_rank("blocked-by-advisory") < decision_rank("unknown-permission"));
}

static void json_there_and_back(void **state) {
    (void)state;
    struct decisions decisions = {0};
    struct decisions back = {0};
    fill(&decisions);
    decisions_sort(&decisions);
    scoped(cleanup_json) json_t *document =
        json_pack("{s:o, s:o, s:o}", "decisions", decisions_encode(&decisions), "known",
                  decisions_encode_packages(&decisions, "known"), "owners",
                  decisions_encode_packages(&decisions, "owner"));
    assert_int_equal(json_array_size(json_object_get(document, "decisions")), 6);
    assert_int_equal(json_array_size(json_object_get(document, "known")), 1);
    assert_int_equal(json_array_size(json_object_get(document, "owners")), 1);
    assert_int_equal(decisions_decode(arena, document, &back, NULL), STATUS_OK);
    assert_int_equal(back.count, decisions.count);
    for (size_t i = 0; i < back.count; i++) {
        scoped(cleanup_json) json_t *one = decision_encode(&decisions.items[i]);
        scoped(cleanup_json) json_t *other = decision_encode(&back.items[i]);
        assert_true(json_equal(one, other));
    }
}

// The writer makes no tree; what it writes is what the tree would be.
static void the_writer_agrees_with_the_encoder(void **state) {
    (void)state;
    struct decisions decisions = {0};
    struct buffer buffer;
    fill(&decisions);
    buffer_init(&buffer, 1 << 20);
    assert_true(decisions_write(&buffer, &decisions));
    scoped(cleanup_json) json_t *tree = decisions_encode(&decisions);
    scoped(cleanup_memory) char *text = json_dumps(tree, JSON_COMPACT);
    const char *expected =
        arena_printf(arena,
                     "\"decisions\":%s,\"known\":[{\"group\":\"g\",\"package\":\"known-one\"}],"
                     "\"owners\":[{\"group\":\"g\",\"package\":\"owned\"}]",
                     text);
    assert_string_equal(buffer.ptr, expected);
    buffer_done(&buffer);
}

static void no_rows_are_empty_lists(void **state) {
    (void)state;
    struct decisions none = {0};
    struct buffer buffer;
    buffer_init(&buffer, 100);
    assert_true(decisions_write(&buffer, &none));
    assert_string_equal(buffer.ptr, "\"decisions\":[],\"known\":[],\"owners\":[]");
    buffer_done(&buffer);
}

static enum status decode_text(const char *rows, const char *known, struct error *err) {
    struct decisions decisions;
    scoped(cleanup_json) json_t *document =
        json_pack("{s:o, s:o}", "decisions", json_loads(rows, JSON_DECODE_ANY, NULL), "known",
                  json_loads(known, JSON_DECODE_ANY, NULL));
    return decisions_decode(arena, document, &decisions, err);
}

static void wrong_rows_are_refused_with_their_place(void **state) {
    (void)state;
    struct error err;
    assert_int_equal(decode_text("{}", "[]", &err), STATUS_MALFORMED);
    assert_int_equal(decode_text("[]", "{}", &err), STATUS_MALFORMED);
    assert_int_equal(decode_text("[]", "[{\"group\":\"g\"}]", &err), STATUS_MALFORMED);
    assert_int_equal(decode_text("[1]", "[]", &err), STATUS_MALFORMED);
    assert_string_equal(err.where, "/0");
    assert_int_equal(decode_text("[{\"group\":\"g\",\"package\":\"p\"}]", "[]", &err),
                     STATUS_MALFORMED);
    assert_string_equal(err.message, "\"code\" is nothing, not a string");
    assert_int_equal(
        decode_text("[{\"group\":\"g\",\"package\":\"p\",\"code\":\"c\",\"settings\":[]}]", "[]",
                    &err),
        STATUS_MALFORMED);
    assert_int_equal(
        decode_text("[{\"group\":\"g\",\"package\":\"p\",\"code\":\"c\"}]", "[]", &err), STATUS_OK);
}

static void owners_are_found(void **state) {
    (void)state;
    struct decisions decisions = {0};
    add(&decisions, "g", "owned", NULL, DECISION_CODE_OWNER);
    add(&decisions, "g", "owned", "n", "yanked");
    add(&decisions, "g", "other", NULL, DECISION_CODE_KNOWN);
    add(&decisions, "all", DECISION_ALL_PACKAGES, NULL, DECISION_CODE_OWNER);
    decisions_sort(&decisions);
    assert_true(decisions_have_owner(&decisions, "g", "owned"));
    assert_true(decisions_have_owner(&decisions, "all", "any"));
    assert_false(decisions_have_owner(&decisions, "g", "other"));
    assert_false(decisions_have_owner(&decisions, "g", "any"));
    assert_false(decisions_have_owner(&decisions, "none", "owned"));
    assert_int_equal(decisions_seek(&decisions, "g", "owned"), 2);
    assert_int_equal(decisions_seek(&decisions, "z", "z"), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_have_one_order, begin, end),
        cmocka_unit_test_setup_teardown(codes_have_effects, begin, end),
        cmocka_unit_test_setup_teardown(json_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(the_writer_agrees_with_the_encoder, begin, end),
        cmocka_unit_test_setup_teardown(no_rows_are_empty_lists, begin, end),
        cmocka_unit_test_setup_teardown(owners_are_found, begin, end),
        cmocka_unit_test_setup_teardown(wrong_rows_are_refused_with_their_place, begin, end),
    };
    return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
