// SPDX-License-Identifier: MIT
// registryd/http/connections: each address has its share, and gets back what it gives back.
#include "registryd/http/connections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { TOTAL = 64, SHARE = 3 };

static void an_address_has_its_share_and_no_more(void **state) {
    (void)state;
    struct connections connections;
    assert_int_equal(connections_init(&connections, TOTAL, SHARE), STATUS_OK);
    for (int i = 0; i < SHARE; i++) {
        assert_true(connections_begin(&connections, "10.0.0.1"));
    }
    assert_false(connections_begin(&connections, "10.0.0.1"));
    assert_true(connections_begin(&connections, "10.0.0.2"));
    connections_end(&connections, "10.0.0.1");
    assert_true(connections_begin(&connections, "10.0.0.1"));
    assert_false(connections_begin(&connections, "10.0.0.1"));
    connections_done(&connections);
}

static void addresses_that_left_take_no_room(void **state) {
    (void)state;
    struct connections connections;
    assert_int_equal(connections_init(&connections, TOTAL, SHARE), STATUS_OK);
    for (int round = 0; round < 3; round++) {
        char address[32];
        for (int i = 0; i < TOTAL; i++) {
            snprintf(address, sizeof address, "10.0.%d.%d", round, i);
            assert_true(connections_begin(&connections, address));
        }
        assert_int_equal(connections.count, TOTAL);
        for (int i = 0; i < TOTAL; i++) {
            snprintf(address, sizeof address, "10.0.%d.%d", round, i);
            connections_end(&connections, address);
        }
        assert_int_equal(connections.count, 0);
    }
    connections_done(&connections);
}

static void without_a_bound_nothing_is_counted(void **state) {
    (void)state;
    struct connections connections;
    assert_int_equal(connections_init(&connections, 1, 0), STATUS_OK);
    for (int i = 0; i < TOTAL; i++) {
        assert_true(connections_begin(&connections, "10.0.0.1"));
    }
    connections_end(&connections, "10.0.0.1");
    connections_done(&connections);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_share_and_no_more),
        cmocka_unit_test(addresses_that_left_take_no_room),
        cmocka_unit_test(without_a_bound_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
