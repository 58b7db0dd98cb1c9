// SPDX-License-Identifier: MIT
// Artifact file names and compatibility tags. Compared with Python's packaging, tag by tag, in
// tests/packaging.
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/packaging/tags.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_wheel_name_has_its_parts(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct wheel_name *name = NULL;
    struct text text = text_from("Foo_Bar-1.0RC1-2x-py2.PY3-none-manylinux_2_17_x86_64.any.whl");
    assert_int_equal(wheel_name_parse(arena, text, &name, NULL), STATUS_OK);
    assert_string_equal(name->normalized_name, "foo-bar");
    assert_string_equal(version_string(name->version), "1.0rc1");
    assert_string_equal(name->build, "2x");
    assert_int_equal(name->pythons.count, 2);
    assert_string_equal(name->pythons.items[1], "py3");
    assert_int_equal(name->abis.count, 1);
    assert_int_equal(name->platforms.count, 2);
    assert_string_equal(name->platforms.items[0], "manylinux_2_17_x86_64");
}

static void a_sdist_name_ends_after_its_last_dash(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct sdist_name *name = NULL;
    struct text text = text_from("Foo-bar-1.0.tar.gz");
    assert_int_equal(sdist_name_parse(arena, text, &name, NULL), STATUS_OK);
    assert_string_equal(name->normalized_name, "foo-bar");
    assert_string_equal(version_string(name->version), "1.0");
}

static void a_refusal_names_the_part(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *fragment;
    } wheels[] = {
        {"a-1.0-py3-none-any.zip", "a wheel ends in '.whl'"},
        {"a-1.0-py3-none.whl", "a wheel is named NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl"},
        {"a-1-2-3-4-5-6.whl", "a wheel is named NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl"},
        {"a__b-1.0-py3-none-any.whl", "not contain '__'"},
        {"_a-1.0-py3-none-any.whl", "'_a' is not a valid name"},
        {"a-x-py3-none-any.whl", "'x' is not a version"},
        {"a-1.0-x-py3-none-any.whl", "a build tag begins with a digit"},
        {"a-1.0-py3-none-any-x86_64_v3.whl",
         "wheel variants, which have a part behind the platform"},
        {"a-1.0-cp313.cp314-abi3-win_amd64-00ff.whl", "wheel variants"},
        {"a-1.0-py3.-none-any.whl", "a tag holds only"},
        {"a-1.0-py3-none-a/b.whl", "only printable ASCII"},
    };
    static const struct {
        const char *text;
        const char *fragment;
    } sdists[] = {
        {"a-1.0.tar.bz2", "a source distribution ends in"},
        {"a.tar.gz", "a source distribution is named"},
        {"-1.0.tar.gz", "a name is empty"},
        {"a-.tar.gz", "a version is empty"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(wheels); i++) {
        const struct wheel_name *name = NULL;
        struct error err = {0};
        assert_int_equal(wheel_name_parse(arena, text_from(wheels[i].text), &name, &err),
                         STATUS_INVALID);
        if (name || !strstr(err.message, wheels[i].fragment)) {
            fail_msg("%s: %s", wheels[i].text, err.message);
        }
    }
    for (size_t i = 0; i < COUNT_OF(sdists); i++) {
        const struct sdist_name *name = NULL;
        struct error err = {0};
        assert_int_equal(sdist_name_parse(arena, text_from(sdists[i].text), &name, &err),
                         STATUS_INVALID);
        if (name || !strstr(err.message, sdists[i].fragment)) {
            fail_msg("%s: %s", sdists[i].text, err.message);
        }
    }
}

static void a_long_file_name_is_too_large(void **state) {
    (void)state;
    char text[LIMIT_FILE_NAME_BYTES + 1];
    memset(text, 'a', sizeof text);
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct wheel_name *wheel = NULL;
    const struct sdist_name *sdist = NULL;
    struct text view = {text, sizeof text};
    assert_int_equal(wheel_name_parse(arena, view, &wheel, NULL), STATUS_TOO_LARGE);
    assert_int_equal(sdist_name_parse(arena, view, &sdist, NULL), STATUS_TOO_LARGE);
}

static void environments_accept_what_they_can_load(void **state) {
    (void)state;
    static const struct {
        const char *python, *implementation, *abi, *platform;
        const char *wheel;
        bool accepted;
    } rows[] = {
        {"3.11", "", "", "manylinux_2_36_x86_64", "a-1-py3-none-any.whl", true},
        {"3.11", "", "", "", "a-1-py3-none-any.whl", true},
        {"3.11", "", "", "", "a-1-py2-none-any.whl", false},
        {"3.11", "", "", "", "a-1-py312-none-any.whl", false},
        {"3.11", "", "", "", "a-1-py38-none-any.whl", true},
        {"3.11", "", "", "", "a-1-cp311-cp311-linux_x86_64.whl", false},
        {"3.11", "", "", "linux_x86_64", "a-1-cp311-cp311-linux_x86_64.whl", true},
        {"3.11.4", "", "", "manylinux_2_36_x86_64", "a-1-cp311-cp311-manylinux2014_x86_64.whl",
         true},
        {"3.11", "", "", "manylinux2014_x86_64", "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
         false},
        {"3.11", "", "", "manylinux_2_36_x86_64", "a-1-cp38-abi3-manylinux_2_5_x86_64.whl", true},
        {"3.11", "", "", "manylinux_2_36_x86_64", "a-1-cp312-abi3-manylinux_2_5_x86_64.whl", false},
        {"3.13", "", "cp313t", "win_amd64", "a-1-cp38-abi3-win_amd64.whl", false},
        {"3.16", "", "cp316t", "win_amd64", "a-1-cp315-abi3t-win_amd64.whl", true},
        {"3.16", "", "cp316t", "win_amd64", "a-1-cp315-abi3.abi3t-win_amd64.whl", true},
        {"3.16", "", "cp316t", "win_amd64", "a-1-cp314-abi3t-win_amd64.whl", false},
        {"3.15", "", "cp315t", "win_amd64", "a-1-cp316-abi3t-win_amd64.whl", false},
        {"3.14", "", "cp314t", "win_amd64", "a-1-cp314-abi3t-win_amd64.whl", false},
        {"3.16", "", "", "win_amd64", "a-1-cp315-abi3t-win_amd64.whl", false},
        {"3.16", "", "", "win_amd64", "a-1-cp315-abi3.abi3t-win_amd64.whl", true},
        {"3.9", "pypy", "pypy39_pp73", "win_amd64", "a-1-pp39-pypy39_pp73-win_amd64.whl", true},
        {"3.12", "", "", "macosx_14_0_arm64", "a-1-cp312-cp312-macosx_11_0_universal2.whl", true},
        {"3.12", "", "", "macosx_14_0_arm64", "a-1-cp312-cp312-macosx_10_9_x86_64.whl", false},
        {"3.12", "", "", "musllinux_1_1_x86_64", "a-1-cp312-cp312-musllinux_1_2_x86_64.whl", false},
        {"3.12", "", "", "musllinux_1_2_x86_64", "a-1-cp312-cp312-musllinux_1_1_x86_64.whl", true},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tags tags;
        const struct wheel_name *wheel = NULL;
        struct tags_facts facts = {text_from(rows[i].python), text_from(rows[i].implementation),
                                   text_from(rows[i].abi), text_from(rows[i].platform)};
        assert_int_equal(tags_init(&tags, arena, &facts, NULL), STATUS_OK);
        assert_int_equal(wheel_name_parse(arena, text_from(rows[i].wheel), &wheel, NULL),
                         STATUS_OK);
        if (tags_accept(&tags, wheel, NULL) != rows[i].accepted) {
            fail_msg("%s %s on %s", rows[i].python, rows[i].platform, rows[i].wheel);
        }
    }
}

static void the_closest_wheel_has_the_lowest_rank(void **state) {
    (void)state;
    static const char *const best_first[] = {
        "a-1-cp311-cp311-manylinux_2_36_x86_64.whl",
        "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-cp311-abi3-manylinux_2_17_x86_64.whl",
        "a-1-cp39-abi3-manylinux_2_36_x86_64.whl",
        "a-1-py3-none-manylinux_2_36_x86_64.whl",
        "a-1-py311-none-any.whl",
        "a-1-py2.py3-none-any.whl",
        "a-1-py30-none-any.whl",
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct tags tags;
    struct tags_facts facts = {.python = text_from("3.11"),
                               .platform = text_from("manylinux_2_36_x86_64")};
    assert_int_equal(tags_init(&tags, arena, &facts, NULL), STATUS_OK);
    size_t last = 0;
    for (size_t i = 0; i < COUNT_OF(best_first); i++) {
        const struct wheel_name *wheel = NULL;
        size_t rank = 0;
        assert_int_equal(wheel_name_parse(arena, text_from(best_first[i]), &wheel, NULL),
                         STATUS_OK);
        assert_true(tags_accept(&tags, wheel, &rank));
        assert_true(i == 0 ? rank == 0 : rank > last);
        last = rank;
    }
}

static void wrong_facts_are_named(void **state) {
    (void)state;
    static const struct {
        const char *python, *implementation, *abi, *platform;
        const char *fragment;
    } rows[] = {
        {"", "", "", "", "a version is empty"},
        {"3.99999", "", "", "", "is not a version of Python"},
        {"3.11", "c python", "", "", "is not an implementation of Python"},
        {"3.11", "", "cp/311", "", "is not an ABI tag"},
        {"3.11", "", "", "linux x86", "is not a platform tag"},
    };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tags tags;
        struct error err = {0};
        struct tags_facts facts = {text_from(rows[i].python), text_from(rows[i].implementation),
                                   text_from(rows[i].abi), text_from(rows[i].platform)};
        assert_int_equal(tags_init(&tags, arena, &facts, &err), STATUS_INVALID);
        assert_non_null(strstr(err.message, rows[i].fragment));
    }
}

static void running_out_of_memory_is_a_status(void **state) {
    (void)state;
    size_t refused = 0;
    for (size_t cap = 4096; cap <= 256 * 1024; cap *= 2) {
        scoped(cleanup_arena) struct arena *arena = arena_new(cap);
        struct tags tags;
        struct tags_facts facts = {.python = text_from("3.255"),
                                   .platform = text_from("macosx_255_0_x86_64")};
        enum status status = tags_init(&tags, arena, &facts, NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        refused += status == STATUS_NO_MEMORY;
    }
    assert_in_range(refused, 2, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wheel_name_has_its_parts),
        cmocka_unit_test(a_sdist_name_ends_after_its_last_dash),
        cmocka_unit_test(a_refusal_names_the_part),
        cmocka_unit_test(a_long_file_name_is_too_large),
        cmocka_unit_test(environments_accept_what_they_can_load),
        cmocka_unit_test(the_closest_wheel_has_the_lowest_rank),
        cmocka_unit_test(wrong_facts_are_named),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}
