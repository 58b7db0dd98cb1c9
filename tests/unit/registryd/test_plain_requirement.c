// SPDX-License-Identifier: MIT
// Requirements of the plain form are judged without the parser: here both judge the same texts. And the names that
// requirements ask for, with the hashes of them.
#include "registryd/candidates/requirement_name.h"
#include "registryd/candidates/plain_requirement.h"
#include "schema/base/arena.h"
#include "schema/base/list.h"
#include "schema/packaging/requirement/requirement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"crm", "Crm.Core", "a", "-crm", "crm-", "zope__x", ""};
static const char *const operators[] = {">=", "<=",  "==", "!=", "<",  ">",
                                        "~=", "===", "=",  "",   "<<", "=>"};
static const char *const versions[] = {
    "1",   "1.0",       "1.2", "1.2.0", "01.2",          "2",           "0",    "1.10",
    "1.9", "1.",        ".1",  "1..2",  "1.2.*",         "1.2a1",       "1!2",  "1.2+x",
    "",    "1.2.post1", "v1",  "1 ",    "1.2.3.4.5.6.7", "12345678901", "1.0.0"};

enum { PICKS = 200000 };
static uint64_t state_of_random = 7;

static size_t ranged; // verdicts that a range gave, too

static size_t pick(size_t count) {
    state_of_random = state_of_random * 6364136223846793005U + 1442695040888963407U;
    return (size_t)(state_of_random >> 33) % count;
}

#define PICK(list) list[pick(COUNT_OF(list))]

static void make_requirement(char *text, size_t size) {
    static const char *const tails[] = {"", "", "", "", ",", " ", "; os_name == \"nt\"", "[x]"};
    int len = snprintf(text, size, "%s", PICK(names));
    size_t clauses = pick(4);
    for (size_t i = 0; i < clauses; i++) {
        len += snprintf(text + len, size - (size_t)len, "%s%s%s", i ? "," : "", PICK(operators),
                        PICK(versions));
    }
    snprintf(text + len, size - (size_t)len, "%s", PICK(tails));
}

// Gives whether the text was plain and the verdict known.
static bool check(struct arena *arena, const char *text, const char *version_text) {
    const char *clauses = plain_find_clauses(text);
    if (!clauses) {
        return false;
    }
    const struct requirement *requirement = NULL;
    if (requirement_parse(arena, text_from(text), &requirement, NULL)) {
        fail_msg("\"%s\" is plain, and cannot be parsed", text);
    }
    assert_null(requirement->marker);
    assert_null(requirement->url);
    assert_int_equal(requirement->extra_count, 0);
    enum plain_verdict verdict = plain_judge(clauses, version_text);
    if (verdict == PLAIN_UNKNOWN) {
        return false;
    }
    struct plain_range range = plain_find_range(text);
    uint32_t key = plain_key(version_text);
    if (range.low <= range.high && key) {
        assert_int_equal(key >= range.low && key <= range.high, verdict == PLAIN_ACCEPTS);
        ranged++;
    }
    const struct version *version = NULL;
    assert_int_equal(version_parse(arena, text_from(version_text), &version, NULL), STATUS_OK);
    bool accepts = specifier_set_contains(requirement->specifiers, version, PRERELEASES_ALLOW);
    if (accepts != (verdict == PLAIN_ACCEPTS)) {
        fail_msg("\"%s\" and %s: the parser says %d", text, version_text, accepts);
    }
    return true;
}

static void the_parser_judges_plain_requirements_the_same(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    assert_non_null(arena);
    size_t judged = 0;
    for (int i = 0; i < PICKS; i++) {
        char text[256];
        make_requirement(text, sizeof text);
        judged += check(arena, text, PICK(versions));
        arena_reset(arena);
    }
    assert_true(judged > PICKS / 100);
    assert_true(ranged > judged / 10);
    arena_free(arena);
}

static void most_requirements_are_plain(void **state) {
    (void)state;
    assert_string_equal(plain_find_clauses("crm"), "");
    assert_string_equal(plain_find_clauses("crm>=1.2,<3"), ">=1.2,<3");
    assert_int_equal(plain_judge("", "1.0"), PLAIN_ACCEPTS);
    assert_int_equal(plain_judge(">=1.2,<3", "1.2.0"), PLAIN_ACCEPTS);
    assert_int_equal(plain_judge(">=1.2,<3", "3.0"), PLAIN_REFUSES);
    assert_int_equal(plain_judge(">=1.2,<3", "1.10"), PLAIN_ACCEPTS);
    assert_int_equal(plain_judge(">=1.2,<3", "2.0rc1"), PLAIN_UNKNOWN);
}

static void keys_order_versions(void **state) {
    (void)state;
    static const char *const rising[] = {"0",     "0.0.1", "0.1",  "1",
                                         "1.0.1", "1.2.3", "1.10", "2024.1"};
    for (size_t i = 1; i < COUNT_OF(rising); i++) {
        assert_true(plain_key(rising[i - 1]) < plain_key(rising[i]));
    }
    assert_true(plain_key("0"));
    assert_int_equal(plain_key("1.2"), plain_key("1.2.0"));
    assert_int_equal(plain_key("01.2"), plain_key("1.2"));
    static const char *const without[] = {"2047", "20240101", "1.2.3.4", "1.2rc1", "1.", "", "1!2"};
    for (size_t i = 0; i < COUNT_OF(without); i++) {
        assert_int_equal(plain_key(without[i]), 0);
    }
}

static void most_requirements_are_ranges(void **state) {
    (void)state;
    struct plain_range range = plain_find_range("crm>=1.2,<3");
    assert_int_equal(range.low, plain_key("1.2"));
    assert_int_equal(range.high, plain_key("3") - 1);
    range = plain_find_range("crm");
    assert_int_equal(range.low, 0);
    assert_int_equal(range.high, UINT32_MAX);
    static const char *const others[] = {"crm>3,<2", "crm!=1", "crm>=20240101", "crm~=1.2",
                                         "crm >=1"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        range = plain_find_range(others[i]);
        assert_true(range.low > range.high);
    }
}

static void a_requirement_asks_for_a_name_in_any_spelling(void **state) {
    (void)state;
    assert_true(requirement_asks_for("crm-core>=1", "crm-core"));
    assert_true(requirement_asks_for(" Crm_.Core [x]", "crm-core"));
    assert_true(requirement_asks_for("crm", "crm"));
    assert_false(requirement_asks_for("crm-core", "crm"));
    assert_false(requirement_asks_for("crm", "crm-core"));
    assert_false(requirement_asks_for("", "crm"));
    assert_int_equal(requirement_hash_name(" Crm_.Core>=1"), requirement_hash("crm-core"));
    char longer[LIMIT_NAME_BYTES + 2];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(requirement_hash_name(longer), 0);
    assert_int_not_equal(requirement_hash_name(longer + 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parser_judges_plain_requirements_the_same),
        cmocka_unit_test(most_requirements_are_plain),
        cmocka_unit_test(keys_order_versions),
        cmocka_unit_test(most_requirements_are_ranges),
        cmocka_unit_test(a_requirement_asks_for_a_name_in_any_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
