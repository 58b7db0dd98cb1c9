// SPDX-License-Identifier: MIT
// Versions: normal forms, order, keys, refusals, and no memory at every step. The standard's corners
// are compared with Python's packaging in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/version/version.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct version *parse(struct arena *arena, const char *text) {
    const struct version *version = NULL;
    struct error err = {0};
    if (version_parse(arena, text_from(text), &version, &err) != STATUS_OK) {
        fail_msg("%s", err.message);
    }
    return version;
}

static void versions_have_one_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *normal;
        bool pre, post, local;
    } rows[] = {
        {"1.0", "1.0", false, false, false},
        {" v01.00 \n", "1.0", false, false, false},
        {"1.0RC1", "1.0rc1", true, false, false},
        {"1.0-preview_7", "1.0rc7", true, false, false},
        {"1.0alpha", "1.0a0", true, false, false},
        {"1.0-1", "1.0.post1", false, true, false},
        {"1.0.REV3", "1.0.post3", false, true, false},
        {"1.0dev", "1.0.dev0", true, false, false},
        {"1!2.3a4.post5.dev6+Local-007", "1!2.3a4.post5.dev6+local.7", true, true, true},
        {"0!1.0", "1.0", false, false, false},
        {"18446744073709551616.0.post0099", "18446744073709551616.0.post99", false, true, false},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct version *version = parse(arena, rows[i].text);
        assert_string_equal(version_string(version), rows[i].normal);
        assert_int_equal(version_is_prerelease(version), rows[i].pre);
        assert_int_equal(version_is_postrelease(version), rows[i].post);
        assert_int_equal(version_has_local(version), rows[i].local);
    }
}

// Ascending; rows with the same rank are equal.
static const struct {
    int rank;
    const char *text;
} ladder[] = {
    {0, "0.dev0"},
    {1, "0"},
    {1, "0.0.0"},
    {2, "1.dev0"},
    {3, "1.dev10"},
    {4, "1a0.dev1"},
    {5, "1a0"},
    {6, "1a0.post1.dev2"},
    {7, "1a0.post1"},
    {8, "1a2"},
    {9, "1a10"},
    {10, "1b1"},
    {11, "1rc1"},
    {12, "1"},
    {12, "v1.0.0"},
    {13, "1+a"},
    {14, "1+a.b"},
    {15, "1+a.0"},
    {16, "1+ab"},
    {17, "1+0"},
    {18, "1+0.a"},
    {19, "1+9"},
    {20, "1+10"},
    {21, "1.post0.dev9"},
    {22, "1.post0"},
    {23, "1.post9"},
    {24, "1-10"},
    {25, "1.0.1"},
    {26, "1.2"},
    {27, "1.10"},
    {28, "9"},
    {29, "10"},
    {30, "18446744073709551615"},
    {31, "18446744073709551616"},
    {32, "1!0.dev0"},
    {33, "1!0"},
    {34, "10!0"},
};
enum { LADDER_COUNT = COUNT_OF(ladder) };

static int sign(int number) {
    return (number > 0) - (number < 0);
}

static int compare_keys(struct arena *arena, const struct version *a, const struct version *b) {
    const uint8_t *key_a;
    const uint8_t *key_b;
    size_t len_a;
    size_t len_b;
    assert_int_equal(version_key(arena, a, &key_a, &len_a, NULL), STATUS_OK);
    assert_int_equal(version_key(arena, b, &key_b, &len_b, NULL), STATUS_OK);
    int order = memcmp(key_a, key_b, len_a < len_b ? len_a : len_b);
    return order ? sign(order) : (len_a > len_b) - (len_a < len_b);
}

static void keys_order_as_compare_does(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < LADDER_COUNT; i++) {
        for (size_t j = 0; j < LADDER_COUNT; j++) {
            const struct version *a = parse(arena, ladder[i].text);
            const struct version *b = parse(arena, ladder[j].text);
            int wanted = sign(ladder[i].rank - ladder[j].rank);
            assert_int_equal(sign(version_compare(a, b)), wanted);
            assert_int_equal(compare_keys(arena, a, b), wanted);
        }
    }
}

static void numbers_of_every_length_keep_their_order(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    char digits[LIMIT_VERSION_BYTES + 1];
    const struct version *last = parse(arena, "8");
    for (size_t len = 1; len <= LIMIT_VERSION_BYTES; len++) {
        memset(digits, '9', len);
        digits[len] = '\0';
        const struct version *version = parse(arena, digits);
        assert_true(version_compare(last, version) < 0);
        assert_int_equal(compare_keys(arena, last, version), -1);
        last = version;
    }
}

static void a_version_over_the_limit_is_too_large(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    char digits[1000];
    memset(digits, '7', sizeof digits);
    const struct version *version = NULL;
    struct error err = {0};
    struct text text = {digits, sizeof digits};
    assert_int_equal(version_parse(arena, text, &version, &err), STATUS_TOO_LARGE);
    assert_non_null(strstr(err.message, "1000 bytes long, at most 256"));
    assert_null(version);
    text.len = LIMIT_VERSION_BYTES + 1;
    assert_int_equal(version_parse(arena, text, &version, &err), STATUS_TOO_LARGE);
    text.len = LIMIT_VERSION_BYTES;
    assert_int_equal(version_parse(arena, text, &version, &err), STATUS_OK);
}

static void a_refusal_names_the_part(void **state) {
    (void)state;
    static const struct {
        struct text text;
        const char *message;
    } rows[] = {
        {{"", 0}, "a version is empty"},
        {{" ", 1}, "a version is empty"},
        {{"latest", 6}, "'latest' is not a version (PEP 440): it must begin with a number"},
        {{"1.x", 3}, "'1.x' is not a version (PEP 440): '.x' cannot follow the release number"},
        {{"1!", 2}, "'1!' is not a version (PEP 440): a number must follow the epoch"},
        {{"1a1b1", 5}, "'1a1b1' is not a version (PEP 440): 'b1' cannot follow the pre-release"},
        {{"1-1-1", 5}, "'1-1-1' is not a version (PEP 440): '-1' cannot follow the post-release"},
        {{"1.dev1a", 7},
         "'1.dev1a' is not a version (PEP 440): 'a' cannot follow the development release"},
        {{"1+a..b", 6}, "'1+a..b' is not a version (PEP 440): '..b' cannot follow the local part"},
        {{"1+", 2}, "'1+' is not a version (PEP 440): '+' cannot follow the release number"},
        {{"1.0\0"
          "1",
          5},
         "'1.0?1' is not a version (PEP 440): '?1' cannot follow the release number"},
        {{"1.0\xff", 4}, "'1.0?' is not a version (PEP 440): '?' cannot follow the release number"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct version *version = NULL;
        struct error err = {0};
        assert_int_equal(version_parse(arena, rows[i].text, &version, &err), STATUS_INVALID);
        assert_string_equal(err.message, rows[i].message);
        assert_null(version);
    }
}

// Leaves `left` bytes in an arena that cannot grow.
static struct arena *nearly_full_arena(size_t left) {
    struct arena *arena = arena_new(4096);
    assert_non_null(arena_alloc(arena, 4096 - 64 - left));
    return arena;
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    size_t refused = 0;
    size_t done = 0;
    for (size_t left = 0; left < 2048; left += 16) {
        scoped(cleanup_arena) struct arena *arena = nearly_full_arena(left);
        const struct version *version = NULL;
        struct error err = {0};
        const uint8_t *key;
        size_t len;
        enum status status =
            version_parse(arena, text_from("1!1.2.3a4.post5.dev6+a.7"), &version, &err);
        if (status == STATUS_OK) {
            status = version_key(arena, version, &key, &len, &err);
        }
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        refused += status == STATUS_NO_MEMORY;
        done += status == STATUS_OK;
    }
    assert_true(refused > 5 && done > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_have_one_normal_form),
        cmocka_unit_test(keys_order_as_compare_does),
        cmocka_unit_test(numbers_of_every_length_keep_their_order),
        cmocka_unit_test(a_version_over_the_limit_is_too_large),
        cmocka_unit_test(a_refusal_names_the_part),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
