// SPDX-License-Identifier: MIT
// Requirements and markers: parts, normal forms, three-valued answers, refusals, no memory. Compared
// with Python's packaging, over many more cases, in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/requirement/requirement.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_requirement_has_its_parts(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct requirement *requirement = NULL;
    struct text text =
        text_from(" Foo_Bar [Beta, alpha,BETA] (>=1.0, <2) ; os.name=='posix' and extra=='X_y' ");
    assert_int_equal(requirement_parse(arena, text, &requirement, NULL), STATUS_OK);
    assert_string_equal(requirement->name, "Foo_Bar");
    assert_string_equal(requirement->normalized_name, "foo-bar");
    assert_int_equal(requirement->extra_count, 2);
    assert_string_equal(requirement->extras[0], "alpha");
    assert_string_equal(requirement->extras[1], "beta");
    assert_string_equal(specifier_set_string(requirement->specifiers), "<2,>=1.0");
    assert_null(requirement->url);
    assert_string_equal(marker_string(requirement->marker),
                        "os_name == \"posix\" and extra == \"x-y\"");
    assert_string_equal(requirement->string,
                        "Foo_Bar[alpha,beta]<2,>=1.0; os_name == \"posix\" and extra == \"x-y\"");
}

static void a_url_stands_in_place_of_versions(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct requirement *requirement = NULL;
    struct text text = text_from("x@https://example.org/x.whl;a ; os_name=='nt'");
    assert_int_equal(requirement_parse(arena, text, &requirement, NULL), STATUS_OK);
    assert_string_equal(requirement->url, "https://example.org/x.whl;a");
    assert_string_equal(specifier_set_string(requirement->specifiers), "");
    assert_string_equal(requirement->string, "x @ https://example.org/x.whl;a ; os_name == \"nt\"");
}

static void a_refusal_names_the_part(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum status status;
        const char *fragment;
    } rows[] = {
        {"", STATUS_INVALID, "it must begin with the name of a package"},
        {">=1", STATUS_INVALID, "it must begin with the name of a package"},
        {"x [a", STATUS_INVALID, "the brackets must hold names of extras"},
        {"x [a,]", STATUS_INVALID, "the brackets must hold names of extras"},
        {"x (>=1", STATUS_INVALID, "'(' has no ')'"},
        {"x >=1,,<2", STATUS_INVALID, "a version specifier is missing beside a comma"},
        {"x foo", STATUS_INVALID, "'foo' is not a version specifier"},
        {"x (>=1) <2", STATUS_INVALID, "only '; marker' may follow"},
        {"x @ y", STATUS_INVALID, "a URI with its scheme is wanted"},
        {"x @ https://h os_name=='a'", STATUS_INVALID, "only '; marker' may follow"},
        {"x; os_name", STATUS_INVALID, "ends where one of <= <"},
        {"x; os_name == 'a", STATUS_INVALID, "where a closing quote is wanted"},
        {"x; os_nam == 'a'", STATUS_INVALID, "where an environment variable of PEP 508"},
        {"x; (os_name == 'a'", STATUS_INVALID, "ends where 'and', 'or' or ')' is wanted"},
        {"x; os_name == 'a' b", STATUS_INVALID, "has 'b' where 'and', 'or' or the end is wanted"},
        {"x\n", STATUS_INVALID, "one line of UTF-8"},
        {"x\xff", STATUS_INVALID, "one line of UTF-8"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct requirement *requirement = NULL;
        struct error err = {0};
        assert_int_equal(requirement_parse(arena, text_from(rows[i].text), &requirement, &err),
                         rows[i].status);
        assert_null(requirement);
        if (!strstr(err.message, rows[i].fragment)) {
            fail_msg("%s: %s", rows[i].text, err.message);
        }
    }
}

// Fills `out` from "a=b c=d".
static void fill(struct arena *arena, const char *facts, struct marker_environment *out) {
    marker_environment_init(out, arena);
    struct text rest = text_from(facts);
    struct text fact;
    while (rest.len > 0 && text_split(&rest, ' ', &fact)) {
        struct text name;
        enum marker_variable variable;
        assert_true(text_split(&fact, '=', &name));
        if (text_equals(name, "python")) {
            assert_int_equal(marker_environment_set_python(out, fact, NULL), STATUS_OK);
            continue;
        }
        assert_true(marker_variable_find(name, &variable));
        assert_int_equal(marker_environment_set(out, variable, fact, NULL), STATUS_OK);
    }
}

static void markers_are_true_false_or_unknown(void **state) {
    (void)state;
    static const struct {
        const char *marker;
        const char *facts;
        const char *answer; // "true", "false" or the variable
    } rows[] = {
        {"python_version >= '3.9'", "python=3.11", "true"},
        {"python_version >= '3.9'", "python=3.8", "false"},
        {"python_version >= '3.9'", "", "python_version"},
        {"python_full_version >= '3.9'", "python=3.11", "python_full_version"},
        {"python_full_version >= '3.11.0'", "python=3.11.0rc1", "false"},
        {"python_version == '3.11'", "python=3.11.0rc1", "true"},
        {"python_version == '3.10'", "python=3.1", "false"},
        {"os_name == 'a' and sys_platform == 'b'", "os_name=a", "sys_platform"},
        {"os_name == 'a' and sys_platform == 'b'", "os_name=x", "false"},
        {"sys_platform == 'b' and os_name == 'a'", "os_name=x", "false"},
        {"os_name == 'a' or sys_platform == 'b'", "os_name=a", "true"},
        {"sys_platform == 'b' or os_name == 'a'", "os_name=a", "true"},
        {"sys_platform == 'b' or os_name == 'a'", "os_name=x", "sys_platform"},
        {"(os_name == 'a' or os_name == 'b') and sys_platform == 'c'", "os_name=b", "sys_platform"},
        {"extra == 'Some.Extra'", "extra=x extra=some_extra", "true"},
        {"extra != 'x'", "extra=y extra=x", "false"},
        {"extra == 'x'", "", "false"},
        {"extra == 'x' and os_name == 'a'", "", "false"},
        {"platform_release >= '6'", "platform_release=6.1.0-13-amd64", "false"},
        {"platform_release >= '6'", "platform_release=22.6", "true"},
        {"os_name ~= 'a'", "os_name=a", "os_name"},
        {"'lin' in sys_platform", "sys_platform=linux", "true"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct marker *marker = NULL;
        struct marker_environment environment;
        fill(arena, rows[i].facts, &environment);
        assert_int_equal(marker_parse(arena, text_from(rows[i].marker), &marker, NULL), STATUS_OK);
        struct marker_result result = marker_evaluate(marker, &environment);
        const char *answer = result.truth == TRUTH_TRUE    ? "true"
                             : result.truth == TRUTH_FALSE ? "false"
                                                           : marker_variable_name(result.unknown);
        if (strcmp(answer, rows[i].answer) != 0) {
            fail_msg("%s on %s: %s", rows[i].marker, rows[i].facts, answer);
        }
    }
}

static void a_requirement_without_a_marker_applies(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct requirement *requirement = NULL;
    struct marker_environment environment;
    marker_environment_init(&environment, arena);
    assert_int_equal(requirement_parse(arena, text_from("x>1"), &requirement, NULL), STATUS_OK);
    assert_int_equal(requirement_applies(requirement, &environment).truth, TRUTH_TRUE);
    assert_int_equal(requirement_parse(arena, text_from("x;os_name=='a'"), &requirement, NULL),
                     STATUS_OK);
    assert_int_equal(requirement_applies(requirement, &environment).truth, TRUTH_UNKNOWN);
}

static void an_environment_takes_only_plain_values(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct marker_environment environment;
    struct error err = {0};
    char long_value[LIMIT_SHORT_TEXT_BYTES + 1];
    memset(long_value, 'x', sizeof long_value);
    marker_environment_init(&environment, arena);
    const struct {
        enum marker_variable variable;
        struct text value;
        enum status status;
    } rows[] = {
        {MARKER_OS_NAME, {"a\0b", 3}, STATUS_INVALID},
        {MARKER_OS_NAME, {"\xff", 1}, STATUS_INVALID},
        {MARKER_EXTRA, {"-", 1}, STATUS_INVALID},
        {MARKER_OS_NAME, {long_value, sizeof long_value}, STATUS_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(
            marker_environment_set(&environment, rows[i].variable, rows[i].value, &err),
            rows[i].status);
        assert_null(environment.values[rows[i].variable]);
    }
    assert_int_equal(environment.extra_count, 0);
    assert_int_equal(marker_environment_set_python(&environment, text_from("three"), &err),
                     STATUS_INVALID);
}

static void nesting_and_length_have_limits(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    char text[LIMIT_REQUIREMENT_BYTES + 1];
    for (size_t depth = LIMIT_MARKER_DEPTH; depth <= LIMIT_MARKER_DEPTH + 1; depth++) {
        const struct marker *marker = NULL;
        struct text view = {text, 0};
        memset(text, '(', depth);
        memcpy(text + depth, "os_name=='a'", 12);
        memset(text + depth + 12, ')', depth);
        view.len = 2 * depth + 12;
        assert_int_equal(marker_parse(arena, view, &marker, NULL),
                         depth > LIMIT_MARKER_DEPTH ? STATUS_TOO_LARGE : STATUS_OK);
    }
    const struct requirement *requirement = NULL;
    memset(text, ' ', sizeof text);
    text[0] = 'x';
    struct text view = {text, LIMIT_REQUIREMENT_BYTES};
    assert_int_equal(requirement_parse(arena, view, &requirement, NULL), STATUS_OK);
    view.len++;
    assert_int_equal(requirement_parse(arena, view, &requirement, NULL), STATUS_TOO_LARGE);
    // "python_implementation" is longer in its normal form, which could not be read back
    size_t len = 0;
    memcpy(text, "x;", 2);
    for (len = 2; len + 40 < LIMIT_REQUIREMENT_BYTES; len += 30) {
        memcpy(text + len, "python_implementation==''  or ", 30);
    }
    memcpy(text + len, "os_name==''", 11);
    view.len = len + 11;
    assert_int_equal(requirement_parse(arena, view, &requirement, NULL), STATUS_TOO_LARGE);
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    static const char text[] =
        "x[a,b]>=1,<2; python_version >= '3' and (extra == 'c' or os_name=='')";
    size_t refused = 0;
    for (size_t left = 0; left < 4000; left += 16) {
        scoped(cleanup_arena) struct arena *arena = arena_new(4096);
        assert_non_null(arena_alloc(arena, 4096 - 64 - left));
        const struct requirement *requirement = NULL;
        enum status status = requirement_parse(arena, text_from(text), &requirement, NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(requirement != NULL, status == STATUS_OK);
        refused += status == STATUS_NO_MEMORY;
    }
    assert_in_range(refused, 20, 4000 / 16 - 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_requirement_has_its_parts),
        cmocka_unit_test(a_url_stands_in_place_of_versions),
        cmocka_unit_test(a_refusal_names_the_part),
        cmocka_unit_test(markers_are_true_false_or_unknown),
        cmocka_unit_test(a_requirement_without_a_marker_applies),
        cmocka_unit_test(an_environment_takes_only_plain_values),
        cmocka_unit_test(nesting_and_length_have_limits),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("requirement", tests, NULL, NULL);
}
