// SPDX-License-Identifier: MIT
// Memory runs out at every possible place of opening a handle, looking up, refreshing offline and replacing
// what is kept: each ends with its status, keeps what it had, and leaks nothing.
#include "tests/unit/no_memory.h"

#include "client/include/registryclient.h"
#include "tests/unit/client/snapshot_samples.h"

#include <stdio.h>

enum { MOST_ALLOCATIONS = 300 };

static char folder[64];
static char path[128];

static int begin(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch_one, 5);
    sample_folder(folder);
    snprintf(path, sizeof path, "%s/plugins.snapshot", folder);
    return sample_put(&selector, &origin, NULL, NULL);
}

static int end(void **state) {
    (void)state;
    char command[128];
    allow(-1);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static int look_up(struct registry *registry, size_t *ret_count) {
    const struct registry_result *result = NULL;
    struct registry_error err;
    *ret_count = 0;
    int status = registry_find(registry, "a.plugins", &result, &err);
    status = status ? status : registry_find(registry, "none", &result, &err);
    status = status ? status : registry_find(registry, NULL, &result, &err);
    *ret_count = status ? 0 : registry_result_count(result);
    return status;
}

static void a_handle_is_opened_or_not(void **state) {
    (void)state;
    struct registry_pair have = {"honeyframe", "4.2"};
    struct registry_options options = {.url = sample_url, .snapshot = path};
    options.facts.have = &have;
    options.facts.have_count = 1;
    long count = 0;
    for (bool is_done = false; !is_done && count < MOST_ALLOCATIONS; count++) {
        struct registry *registry = NULL;
        struct registry_error err;
        size_t found = 0;
        allow(count);
        int status = registry_open(&options, &registry, &err);
        int looked = status ? 0 : look_up(registry, &found);
        is_done = !has_failed;
        allow(-1);
        assert_true(status == 0 || status == STATUS_NO_MEMORY);
        assert_true(looked == 0 || looked == STATUS_NO_MEMORY);
        if (!status) { // whatever happened, with memory it answers
            assert_int_equal(look_up(registry, &found), 0);
            assert_int_equal(found, 2);
            registry_close(registry);
        }
    }
    assert_true(count > 10 && count < MOST_ALLOCATIONS);
}

static void an_offline_refresh_leaves_what_there_was(void **state) {
    (void)state;
    struct registry_options options = {.url = sample_url, .snapshot = path};
    struct snapshot_selector selector = sample_selector(path);
    struct registry *registry = NULL;
    long count = 0;
    assert_int_equal(registry_open(&options, &registry, NULL), 0);
    for (bool is_done = false; !is_done && count < MOST_ALLOCATIONS; count++) {
        struct snapshot_origin origin = sample_origin(epoch_one, 6 + count);
        struct registry_state told;
        size_t found = 0;
        bool changed = false;
        allow(-1);
        assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
        registry_state(registry, &told);
        long long before = told.serial;
        allow(count);
        int status = registry_refresh(registry, REGISTRY_OFFLINE, &changed, NULL);
        is_done = !has_failed;
        allow(-1);
        registry_state(registry, &told);
        assert_int_equal(told.serial, status ? before : 6 + count);
        assert_int_equal(look_up(registry, &found), 0);
        assert_int_equal(found, 2);
    }
    registry_close(registry);
    assert_true(count < MOST_ALLOCATIONS);
}

static void what_is_kept_is_replaced_or_not(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct buffer bytes;
    struct snapshot_origin origin = sample_origin(epoch_two, 900);
    struct arena *arena = arena_new(0);
    struct snapshot_path location;
    long count = 0;
    sample_encode(&origin, NULL, &bytes);
    struct text text = {bytes.ptr, bytes.len};
    assert_int_equal(snapshot_cache_find(arena, &selector, &location, NULL), STATUS_OK);
    for (bool is_done = false; !is_done && count < MOST_ALLOCATIONS; count++) {
        bool is_replaced;
        enum status kept;
        allow(count);
        enum status status = snapshot_replace(&selector, &location, &text, &is_replaced, NULL);
        is_done = !has_failed;
        allow(-1);
        assert_int_equal(sample_serial(&selector, &kept), status ? 5 : 900);
    }
    assert_true(count > 2 && count < MOST_ALLOCATIONS);
    arena_free(arena);
    buffer_done(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_handle_is_opened_or_not, begin, end),
        cmocka_unit_test_setup_teardown(an_offline_refresh_leaves_what_there_was, begin, end),
        cmocka_unit_test_setup_teardown(what_is_kept_is_replaced_or_not, begin, end),
    };
    return cmocka_run_group_tests_name("no_memory_snapshot", tests, NULL, NULL);
}
