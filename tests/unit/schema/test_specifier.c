// SPDX-License-Identifier: MIT
// Specifier sets: normal forms, refusals that name the clause, the rules people trip over. Compared
// with Python's packaging, over many more cases, in tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/version/specifier.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct specifier_set *parse(struct arena *arena, const char *text) {
    const struct specifier_set *set = NULL;
    struct error err = {0};
    if (specifier_set_parse(arena, text_from(text), &set, &err) != STATUS_OK) {
        fail_msg("%s", err.message);
    }
    return set;
}

static const struct version *parse_version(struct arena *arena, const char *text) {
    const struct version *version = NULL;
    assert_int_equal(version_parse(arena, text_from(text), &version, NULL), STATUS_OK);
    return version;
}

static void sets_have_a_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *normal;
        bool names_prerelease;
    } rows[] = {
        {"", "", false},
        {" , ", "", false},
        {">= 1.0 , < 2", "<2,>=1.0", false},
        {">=1.0,>=1.0.0,", ">=1.0", false},
        {"~=1.4,~=1.4.0", "~=1.4,~=1.4.0", false},
        {"== 1.*,!=1.5.*", "!=1.5.*,==1.*", false},
        {">=2.0rc1", ">=2.0rc1", true},
        {"<2.0rc1", "<2.0rc1", false},
        {"=== custom-build", "===custom-build", false},
        {"===1.0a1", "===1.0a1", true},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct specifier_set *set = parse(arena, rows[i].text);
        assert_string_equal(specifier_set_string(set), rows[i].normal);
        assert_int_equal(specifier_set_allows_prereleases(set), rows[i].names_prerelease);
    }
}

static void contains_follows_the_standard(void **state) {
    (void)state;
    static const struct {
        const char *set;
        const char *version;
        enum prereleases prereleases;
        bool accepted;
    } rows[] = {
        {"", "1.0", PRERELEASES_DEFAULT, true},
        {"", "1.0a1", PRERELEASES_DEFAULT, false},
        {"", "1.0a1", PRERELEASES_ALLOW, true},
        {">=1.0a1", "1.0", PRERELEASES_REFUSE, true},
        {">=1.0a1", "1.0a2", PRERELEASES_REFUSE, false},
        {">=1.0a1", "1.0a2", PRERELEASES_DEFAULT, true},
        {"~=2.2.post3", "2.3", PRERELEASES_DEFAULT, true},
        {"~=2.2.post3", "2.2.post2", PRERELEASES_DEFAULT, false},
        {"~=2.2.post3", "3.0", PRERELEASES_DEFAULT, false},
        {"~=2.2.pre1", "2.9", PRERELEASES_DEFAULT, true},
        {"==1.0", "1.0+local", PRERELEASES_DEFAULT, true},
        {"==1.0+local", "1.0", PRERELEASES_DEFAULT, false},
        {"==1.0.*", "1", PRERELEASES_DEFAULT, true},
        {"==1.0.*", "1.0.post7", PRERELEASES_DEFAULT, true},
        {"==1!1.0.*", "1!1", PRERELEASES_DEFAULT, true},
        {"==0.*", "1!1", PRERELEASES_DEFAULT, false},
        {"!=1.0.*", "1.1", PRERELEASES_DEFAULT, true},
        {">1.7", "1.7.1", PRERELEASES_DEFAULT, true},
        {">1.7", "1.7.0.post1", PRERELEASES_DEFAULT, false},
        {">1.7.post1", "1.7.0.post2", PRERELEASES_DEFAULT, true},
        {">1.7", "1.7+local", PRERELEASES_DEFAULT, false},
        {"<3.1", "3.1.dev0", PRERELEASES_ALLOW, false},
        {"<3.1", "3.0.dev0", PRERELEASES_ALLOW, true},
        {"<3.1a2", "3.1a1", PRERELEASES_ALLOW, true},
        {"<=1.0", "1.0+local", PRERELEASES_DEFAULT, true},
        {"===1.0+LOCAL", "1.0+local", PRERELEASES_DEFAULT, true},
        {"===1.0", "1.0.0", PRERELEASES_DEFAULT, false},
        {">=1,<2,!=1.5", "1.5.0", PRERELEASES_DEFAULT, false},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct specifier_set *set = parse(arena, rows[i].set);
        const struct version *version = parse_version(arena, rows[i].version);
        if (specifier_set_contains(set, version, rows[i].prereleases) != rows[i].accepted) {
            fail_msg("%s on %s", rows[i].set, rows[i].version);
        }
    }
}

static void filter_takes_prereleases_as_a_last_resort(void **state) {
    (void)state;
    static const struct {
        const char *set;
        enum prereleases prereleases;
        const char *kept; // of 1.0a1, 1.0, 1.1rc1
    } rows[] = {
        {"", PRERELEASES_DEFAULT, "010"},        {"", PRERELEASES_ALLOW, "111"},
        {">1.0", PRERELEASES_DEFAULT, "001"},    {">1.0", PRERELEASES_REFUSE, "000"},
        {">=1.0a1", PRERELEASES_DEFAULT, "111"}, {">=1.0a1", PRERELEASES_REFUSE, "010"},
        {">2", PRERELEASES_DEFAULT, "000"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct version *versions[] = {
        parse_version(arena, "1.0a1"),
        parse_version(arena, "1.0"),
        parse_version(arena, "1.1rc1"),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool keep[3];
        const struct specifier_set *set = parse(arena, rows[i].set);
        size_t count = specifier_set_filter(set, versions, 3, rows[i].prereleases, keep);
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(keep[j], rows[i].kept[j] == '1');
            count -= keep[j];
        }
        assert_int_equal(count, 0);
    }
}

static void a_refusal_names_the_clause(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *fragment;
    } rows[] = {
        {">=1.0,foo", "'foo' is not a version specifier: it must begin with one of"},
        {">=1.0,<", "'<' is not a version specifier: a version is empty"},
        {">=1.*", "only '==' and '!=' take a version that ends in '.*'"},
        {"==1.0a1.*", "only a release number can stand before '.*'"},
        {"<1.0+x", "only '==', '!=' and '===' take a local version"},
        {"~=1", "'~=' needs at least two release numbers"},
        {"===a b", "'===' needs text without white space"},
        {"==1.0 .*", "white space stands inside the version"},
        {">=1.0x", "'1.0x' is not a version (PEP 440): 'x' cannot follow"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct specifier_set *set = NULL;
        struct error err = {0};
        assert_int_equal(specifier_set_parse(arena, text_from(rows[i].text), &set, &err),
                         STATUS_INVALID);
        assert_null(set);
        if (!strstr(err.message, rows[i].fragment)) {
            fail_msg("%s: %s", rows[i].text, err.message);
        }
    }
}

static void limits_are_inclusive(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    char text[LIMIT_SPECIFIER_BYTES + 1];
    const struct specifier_set *set;
    struct error err = {0};
    memset(text, ',', sizeof text);
    assert_int_equal(
        specifier_set_parse(arena, (struct text){text, LIMIT_SPECIFIER_BYTES}, &set, &err),
        STATUS_OK);
    assert_int_equal(specifier_set_parse(arena, (struct text){text, sizeof text}, &set, &err),
                     STATUS_TOO_LARGE);
    memset(text, '1', sizeof text);
    memcpy(text, "==", 2);
    assert_int_equal(
        specifier_set_parse(arena, (struct text){text, LIMIT_VERSION_BYTES}, &set, &err),
        STATUS_OK);
    assert_int_equal(
        specifier_set_parse(arena, (struct text){text, LIMIT_VERSION_BYTES + 1}, &set, &err),
        STATUS_TOO_LARGE);
    assert_non_null(strstr(err.message, "257 bytes long, at most 256"));
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    size_t refused = 0;
    for (size_t left = 0; left < 3500; left += 16) {
        scoped(cleanup_arena) struct arena *arena = arena_new(4096);
        assert_non_null(arena_alloc(arena, 4096 - 64 - left));
        const struct specifier_set *set = NULL;
        enum status status = specifier_set_parse(arena, text_from("~=1.4,===x,!=2.*"), &set, NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(set != NULL, status == STATUS_OK);
        refused += status == STATUS_NO_MEMORY;
    }
    assert_in_range(refused, 10, 3500 / 16 - 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_have_a_normal_form),
        cmocka_unit_test(contains_follows_the_standard),
        cmocka_unit_test(filter_takes_prereleases_as_a_last_resort),
        cmocka_unit_test(a_refusal_names_the_clause),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("specifier", tests, NULL, NULL);
}
