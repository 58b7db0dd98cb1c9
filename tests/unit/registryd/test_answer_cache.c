// SPDX-License-Identifier: MIT
// The cache of answers and the map of groups: bounds, order of eviction, and that a change of a group
// forgets its answers and no others.
#include "registryd/index/group_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct history_point here = {"epoch", 7};

static struct answer_cache *make_cache(size_t max_bytes) {
    struct answer_cache *cache = NULL;
    assert_int_equal(answer_cache_new(max_bytes, &cache, NULL), STATUS_OK);
    return cache;
}

static void add(struct answer_cache *cache, const char *key, const char *body,
                struct answer_links **groups, size_t group_count) {
    struct answer *answer = answer_new(body, strlen(body), &here);
    assert_non_null(answer);
    struct answer_cache_item item = {key, strlen(key), answer, groups, group_count};
    answer_cache_add(cache, &item);
    answer_unref(answer);
}

static bool has(struct answer_cache *cache, const char *key, const char *body) {
    const struct answer *answer = answer_cache_find(cache, key, strlen(key));
    bool is_same = answer && strcmp(answer->body, body) == 0;
    answer_unref(answer);
    return is_same;
}

static void an_answer_carries_body_tag_and_point(void **state) {
    (void)state;
    struct answer *answer = answer_new("{}", 2, &here);
    assert_string_equal(answer->body, "{}");
    assert_int_equal(answer->body_len, 2);
    assert_int_equal(answer->point.serial, 7);
    assert_string_equal(answer->point.epoch, "epoch");
    assert_int_equal(answer->etag[0], '"');
    assert_int_equal(strlen(answer->etag), 34);
    answer_unref(answer);
    answer_unref(NULL);
}

static int packings;

static enum status pack(struct text plain, struct text *ret_packed) {
    packings++;
    if (packings == 1) {
        return STATUS_NO_MEMORY;
    }
    if (plain.len < 2) {
        return STATUS_TOO_LARGE;
    }
    *ret_packed = (struct text){strdup("packed"), 6};
    return STATUS_OK;
}

static void an_answer_is_packed_once(void **state) {
    (void)state;
    struct answer *answer = answer_new("{}", 2, &here);
    struct answer *small = answer_new("", 0, &here);
    struct text first = {0};
    struct text second = {0};
    packings = 0;
    assert_int_equal(answer_pack(answer, pack, &first), STATUS_NO_MEMORY); // and may be tried again
    assert_int_equal(answer_pack(answer, pack, &first), STATUS_OK);
    assert_int_equal(answer_pack(answer, pack, &second), STATUS_OK);
    assert_int_equal(first.len, 6);
    assert_ptr_equal(first.ptr, second.ptr);
    assert_int_equal(packings, 2);
    assert_int_equal(answer_pack(small, pack, &second), STATUS_TOO_LARGE);
    assert_int_equal(answer_pack(small, pack, &second), STATUS_TOO_LARGE);
    assert_int_equal(packings, 3);
    answer_unref(answer);
    answer_unref(small);
}

static void what_was_added_is_found_under_its_key_alone(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct answer_links group = {0};
    struct answer_links *groups[] = {&group};
    add(cache, "a", "A", groups, 1);
    add(cache, "ab", "AB", groups, 1);
    assert_true(has(cache, "a", "A"));
    assert_true(has(cache, "ab", "AB"));
    assert_null(answer_cache_find(cache, "b", 1));
    assert_null(answer_cache_find(cache, "", 0));
    add(cache, "a", "second", groups, 1); // in the place of the first
    assert_true(has(cache, "a", "second"));
    answer_cache_free(cache);
    assert_null(group.first);
}

static void an_answer_outlives_the_cache_while_held(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct answer_links group = {0};
    struct answer_links *groups[] = {&group};
    add(cache, "a", "A", groups, 1);
    const struct answer *held = answer_cache_find(cache, "a", 1);
    answer_cache_forget(cache, &group);
    assert_null(answer_cache_find(cache, "a", 1));
    answer_cache_free(cache);
    assert_string_equal(held->body, "A");
    answer_unref(held);
}

static void a_group_forgets_its_answers_and_no_others(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct answer_links one = {0};
    struct answer_links two = {0};
    struct answer_links *only_one[] = {&one};
    struct answer_links *only_two[] = {&two};
    struct answer_links *both[] = {&one, &two};
    add(cache, "1", "one", only_one, 1);
    add(cache, "12", "both", both, 2);
    add(cache, "2", "two", only_two, 1);
    add(cache, "2b", "two again", only_two, 1);
    answer_cache_forget(cache, &one);
    assert_null(one.first);
    assert_null(answer_cache_find(cache, "1", 1));
    assert_null(answer_cache_find(cache, "12", 2));
    assert_true(has(cache, "2", "two"));
    assert_true(has(cache, "2b", "two again"));
    answer_cache_forget(cache, &two);
    assert_int_equal(answer_cache_size(cache), 0);
    answer_cache_free(cache);
}

static void the_bytes_are_bounded_and_the_oldest_goes(void **state) {
    (void)state;
    char body[1000];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    struct answer_cache *cache = make_cache(8000);
    struct answer_links group = {0};
    struct answer_links *groups[] = {&group};
    char key[16];
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "%d", i);
        add(cache, key, body, groups, 1);
        assert_true(has(cache, key, body));
        assert_true(i == 0 || has(cache, "0", body)); // asked for again and again, so kept
        assert_true(answer_cache_size(cache) <= 8000);
    }
    assert_null(answer_cache_find(cache, "1", 1));
    assert_null(answer_cache_find(cache, "90", 2));
    assert_true(has(cache, "98", body));
    answer_cache_free(cache);
}

static void what_is_too_large_is_not_kept_and_harms_nothing(void **state) {
    (void)state;
    char body[5000];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    struct answer_cache *cache = make_cache(2000);
    struct answer_links group = {0};
    struct answer_links *groups[] = {&group};
    add(cache, "small", "s", groups, 1);
    add(cache, "large", body, groups, 1);
    assert_null(answer_cache_find(cache, "large", 5));
    assert_true(has(cache, "small", "s"));
    answer_cache_free(cache);

    struct answer_cache *none = make_cache(0);
    add(none, "small", "s", groups, 1);
    assert_null(answer_cache_find(none, "small", 5));
    answer_cache_free(none);
}

// ---- groups ----

static struct group_table *make_table(const char *group, bool is_empty) {
    struct candidate_release release = {.version = "1.0"};
    struct candidate_package from = {
        .name = "crm", .status = "active", .releases = &release, .release_count = 1};
    struct package *package = NULL;
    assert_int_equal(package_new(&from, &package, NULL), STATUS_OK);
    struct group_table *table = group_table_build(group, 7, &package, is_empty ? 0 : 1);
    assert_non_null(table);
    package_unref(package);
    return table;
}

static struct group *put(struct group_map *map, const char *name, bool is_empty) {
    struct group *group = group_map_add(map, name);
    assert_non_null(group);
    group_map_set(map, group, make_table(name, is_empty));
    return group;
}

static void made_up_groups_push_out_no_real_one(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct group_map *map = NULL;
    assert_int_equal(group_map_new(cache, &map, NULL), STATUS_OK);
    struct group *real = put(map, "real", false);
    struct answer_links *groups[] = {&real->answers};
    add(cache, "key", "body", groups, 1);
    char name[32];
    for (int i = 0; i < GROUP_MAP_MAX_EMPTY * 4; i++) {
        snprintf(name, sizeof name, "made.up.%d", i);
        put(map, name, true);
    }
    assert_int_equal(group_map_count(map), GROUP_MAP_MAX_EMPTY + 1);
    assert_non_null(group_map_find(map, "real"));
    assert_true(has(cache, "key", "body"));
    assert_null(group_map_find(map, "made.up.0"));
    assert_non_null(group_map_find(map, name));
    group_map_free(map);
    assert_int_equal(answer_cache_size(cache), 0);
    answer_cache_free(cache);
}

static void a_new_table_forgets_the_answers(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct group_map *map = NULL;
    assert_int_equal(group_map_new(cache, &map, NULL), STATUS_OK);
    struct group *group = put(map, "g", true);
    struct answer_links *groups[] = {&group->answers};
    add(cache, "key", "empty", groups, 1);
    group_map_set(map, group, make_table("g", false)); // from the empty kind to the full
    assert_null(answer_cache_find(cache, "key", 3));
    assert_ptr_equal(group_map_find(map, "g"), group);
    group_map_remove(map, group);
    assert_null(group_map_find(map, "g"));
    assert_int_equal(group_map_count(map), 0);
    group_map_free(map);
    answer_cache_free(cache);
}

static void a_group_under_way_is_never_pushed_out(void **state) {
    (void)state;
    struct answer_cache *cache = make_cache(1 << 20);
    struct group_map *map = NULL;
    assert_int_equal(group_map_new(cache, &map, NULL), STATUS_OK);
    struct group *loading = group_map_add(map, "loading");
    char name[32];
    for (int i = 0; i < GROUP_MAP_MAX_FULL + 50; i++) {
        snprintf(name, sizeof name, "g%d", i);
        put(map, name, false);
    }
    assert_ptr_equal(group_map_find(map, "loading"), loading);
    size_t seen = 0;
    for (struct group *g = group_map_next(map, NULL); g; g = group_map_next(map, g)) {
        seen++;
    }
    assert_int_equal(seen, GROUP_MAP_MAX_FULL + 1);
    assert_int_equal(group_map_count(map), seen);
    group_map_free(map);
    answer_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_carries_body_tag_and_point),
        cmocka_unit_test(an_answer_is_packed_once),
        cmocka_unit_test(what_was_added_is_found_under_its_key_alone),
        cmocka_unit_test(an_answer_outlives_the_cache_while_held),
        cmocka_unit_test(a_group_forgets_its_answers_and_no_others),
        cmocka_unit_test(the_bytes_are_bounded_and_the_oldest_goes),
        cmocka_unit_test(what_is_too_large_is_not_kept_and_harms_nothing),
        cmocka_unit_test(made_up_groups_push_out_no_real_one),
        cmocka_unit_test(a_new_table_forgets_the_answers),
        cmocka_unit_test(a_group_under_way_is_never_pushed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
