// SPDX-License-Identifier: MIT
// Findings: bounds, printable text, running out of memory, JSON both ways.
#include "schema/finding.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_text_is_made_printable(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    findings_add(&findings, SEVERITY_ERROR, "x", "a\x1b[2Jb", "h\xff", "%s",
                 "k\n\xc2\x9bm\xc3\xa9");
    assert_string_equal(findings.items[0].where, "a?[2Jb");
    assert_string_equal(findings.items[0].hint, "h?");
    assert_string_equal(findings.items[0].message, "k???m\xc3\xa9");
    arena_free(arena);
}

static void test_list_is_bounded_per_severity(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    for (int i = 0; i < 3 * LIMIT_FINDINGS; i++) {
        findings_add(&findings, SEVERITY_WARNING, "w", NULL, NULL, "%d", i);
    }
    findings_add(&findings, SEVERITY_ERROR, "e", NULL, NULL, "still told");
    assert_int_equal(findings_count(&findings, SEVERITY_WARNING), LIMIT_FINDINGS);
    assert_int_equal(findings_count(&findings, SEVERITY_ERROR), 1);
    assert_string_equal(findings.items[LIMIT_FINDINGS - 1].code, "too-many-findings");
    arena_free(arena);
}

static void test_out_of_memory_is_remembered(void **state) {
    (void)state;
    struct arena *arena = arena_new(1);
    struct findings findings;
    findings_init(&findings, arena);
    findings_add(&findings, SEVERITY_ERROR, "e", NULL, NULL, "lost");
    assert_true(findings.no_memory);
    assert_int_equal(findings.count, 0);
    arena_free(arena);
}

static void test_json_both_ways(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    findings_add(&findings, SEVERITY_ERROR, "a", "/name", "do this", "one");
    findings_add(&findings, SEVERITY_WARNING, "b", NULL, NULL, "two");
    scoped(cleanup_json) json_t *warnings = findings_encode(&findings, SEVERITY_WARNING);
    assert_string_equal(json_encode_canonical(arena, warnings),
                        "[{\"code\":\"b\",\"hint\":null,\"message\":\"two\",\"where\":null}]");
    struct findings decoded;
    findings_init(&decoded, arena);
    assert_true(findings_decode(&decoded, warnings, SEVERITY_WARNING));
    assert_int_equal(decoded.count, 1);
    assert_string_equal(decoded.items[0].message, "two");
    scoped(cleanup_json) json_t *broken = json_pack("[{s:s}]", "code", "a");
    assert_false(findings_decode(&decoded, broken, SEVERITY_ERROR));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_made_printable),
        cmocka_unit_test(test_list_is_bounded_per_severity),
        cmocka_unit_test(test_out_of_memory_is_remembered),
        cmocka_unit_test(test_json_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
