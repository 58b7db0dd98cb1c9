// SPDX-License-Identifier: MIT
// Whose request it is: only a known proxy is believed, and only as far as it can know.
#include "registryd/http/head/forwarded.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_client_is_the_nth_from_the_right(void **state) {
    (void)state;
    static const struct {
        const char *networks;
        int hops;
        const char *peer;
        const char *lines[3];
        const char *client;
    } cases[] = {
        {NULL, 1, "10.0.0.1", {"1.2.3.4"}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"1.2.3.4"}, "1.2.3.4"},
        {"10.0.0.0/8", 1, "11.0.0.1", {"1.2.3.4"}, "11.0.0.1"},
        {"10.0.0.1", 1, "10.0.0.1", {"1.2.3.4"}, "1.2.3.4"},
        {"10.0.0.1", 1, "10.0.0.2", {"1.2.3.4"}, "10.0.0.2"},
        {"192.0.2.7, 10.0.0.0/8", 1, "10.9.9.9", {"1.2.3.4"}, "1.2.3.4"},
        {"0.0.0.0/0", 1, "8.8.8.8", {"1.2.3.4"}, "1.2.3.4"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"6.6.6.6", "1.2.3.4"}, "1.2.3.4"},
        {"10.0.0.0/8", 2, "10.0.0.1", {"6.6.6.6, 1.2.3.4, 5.6.7.8"}, "1.2.3.4"},
        {"10.0.0.0/8", 2, "10.0.0.1", {"6.6.6.6, 1.2.3.4", "5.6.7.8"}, "1.2.3.4"},
        {"10.0.0.0/8", 3, "10.0.0.1", {"1.2.3.4, 5.6.7.8"}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {NULL}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"1.2.3.4, unknown"}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"1.2.3.4:80"}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"1.2.3.4,"}, "10.0.0.1"},
        {"10.0.0.0/8", 1, "10.0.0.1", {"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct forwarded forwarded;
        assert_int_equal(forwarded_parse(cases[i].networks, cases[i].hops, &forwarded, NULL),
                         STATUS_OK);
        struct header headers[4] = {{"Host", "x"}};
        size_t count = 1;
        for (size_t j = 0; j < 3 && cases[i].lines[j]; j++) {
            headers[count++] = (struct header){"x-forwarded-FOR", cases[i].lines[j]};
        }
        const struct raw_request raw = {.headers = headers, .header_count = count};
        char client[CLIENT_ADDRESS_SIZE];
        forwarded_client(&forwarded, cases[i].peer, &raw, client);
        assert_string_equal(client, cases[i].client);
    }
}

static void what_is_no_network_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"10.0.0.0/33", "10.0.0",           "proxy.example",
                                        "10.0.0.0/",   "10.0.0.1,,",       "10.0.0.0/x",
                                        "::1",         "10.0.0.1 10.0.0.2"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct forwarded forwarded;
        struct error err = {0};
        assert_int_equal(forwarded_parse(cases[i], 1, &forwarded, &err), STATUS_USAGE);
        assert_string_equal(err.where, "proxies");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_the_nth_from_the_right),
        cmocka_unit_test(what_is_no_network_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
