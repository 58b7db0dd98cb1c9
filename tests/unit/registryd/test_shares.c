// SPDX-License-Identifier: MIT
// registryd/access/shares: each key has its share, and all together have theirs.
#include "registryd/access/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum share_outcome take_some(struct shares *shares, uint64_t key, size_t amount) {
    const struct share_request request = {.key = key, .amount = amount, .key_max = 3, .all_max = 5};
    return shares_take(shares, &request);
}

static void a_key_has_its_share_and_no_more(void **state) {
    (void)state;
    struct shares *shares = shares_new(8);
    assert_int_equal(take_some(shares, 1, 2), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 1, 1), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 1, 1), SHARE_KEY_FULL);
    assert_int_equal(take_some(shares, 2, 2), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 3, 1), SHARE_ALL_FULL);
    shares_give(shares, 1, 3);
    assert_int_equal(shares_used(shares), 2);
    assert_int_equal(take_some(shares, 3, 1), SHARE_TAKEN);
    shares_free(shares);
}

static void a_single_request_is_never_refused_for_its_size(void **state) {
    (void)state;
    struct shares *shares = shares_new(8);
    assert_int_equal(take_some(shares, 1, 100), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 2, 1), SHARE_ALL_FULL);
    assert_int_equal(take_some(shares, 1, 1), SHARE_KEY_FULL);
    shares_give(shares, 1, 100);
    assert_int_equal(take_some(shares, 2, 1), SHARE_TAKEN);
    shares_free(shares);
}

static void keys_that_left_take_no_room(void **state) {
    (void)state;
    struct shares *shares = shares_new(2);
    for (uint64_t key = 1; key < 100; key++) {
        assert_int_equal(take_some(shares, key, 1), SHARE_TAKEN);
        shares_give(shares, key, 1);
    }
    assert_int_equal(take_some(shares, 1, 1), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 2, 1), SHARE_TAKEN);
    assert_int_equal(take_some(shares, 3, 1), SHARE_ALL_FULL);
    shares_free(shares);
}

static void a_wait_ends(void **state) {
    (void)state;
    struct shares *shares = shares_new(2);
    const struct share_request all = {.key = 1, .amount = 5, .key_max = 5, .all_max = 5};
    const struct share_request more = {
        .key = 2, .amount = 1, .key_max = 5, .all_max = 5, .wait_ms = 20};
    assert_int_equal(shares_take(shares, &all), SHARE_TAKEN);
    assert_int_equal(shares_take(shares, &more), SHARE_ALL_FULL);
    assert_int_equal(shares_take(NULL, &more), SHARE_TAKEN);
    shares_free(shares);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_its_share_and_no_more),
        cmocka_unit_test(a_single_request_is_never_refused_for_its_size),
        cmocka_unit_test(keys_that_left_take_no_room),
        cmocka_unit_test(a_wait_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
