// SPDX-License-Identifier: MIT
// What a client wants, and which form it gets: weights, exactness, order, and headers that say nothing.
#include "registryd/request/accept.h"

#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct accept_offer offers[] = {
    {"application/vnd.pypi.simple.v1+json", false},
    {"application/vnd.pypi.simple.v1+html", false},
    {"text/html", true},
};
enum { JSON, SIMPLE_HTML, HTML };

struct row {
    const char *accept;
    int expected;
};

#define S_JSON "application/vnd.pypi.simple.v1+json"
#define S_HTML "application/vnd.pypi.simple.v1+html"

static const struct row table[] = {
    {NULL, HTML},
    {"", HTML},
    {"  ", HTML},
    {"*/*", HTML},
    {"*", HTML},
    {"*/*;q=0.1", HTML},
    {"*/*;q=0", ACCEPT_NONE},
    {"text/*", HTML},
    {"application/*", JSON},
    {S_JSON, JSON},
    {S_HTML, SIMPLE_HTML},
    {"APPLICATION/VND.PYPI.SIMPLE.V1+JSON", JSON},
    {"text/html", HTML},
    {"text/html, " S_JSON, JSON}, // equal weights: our order
    {"text/html, " S_JSON ";q=0.9", HTML},
    {S_JSON ", " S_HTML ";q=0.1, text/html;q=0.01", JSON}, // pip
    {S_JSON ", " S_HTML ";q=0.2, text/html;q=0.01", JSON}, // uv
    {S_JSON ";q=0.1, " S_HTML ";q=0.2, text/html;q=0.3", HTML},
    {S_JSON "; q=0.5 , " S_HTML " ;Q=0.75", SIMPLE_HTML},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML}, // browsers
    {S_JSON ";q=0, */*", HTML},
    {S_JSON ";q=0, application/*", SIMPLE_HTML},
    {"application/*;q=0.5, " S_HTML ";q=0.4", JSON},
    {"*/*, " S_JSON, JSON}, // named exactly
    {"text/html;q=0, */*", ACCEPT_NONE},
    {"application/json", ACCEPT_NONE},
    {"image/png, application/xml", ACCEPT_NONE},
    {"text/html;q=2", ACCEPT_NONE},
    {"text/html;q=1.001", ACCEPT_NONE},
    {"text/html;q=0.1234", ACCEPT_NONE},
    {"text/html;q=x, " S_HTML ";q=0.001", SIMPLE_HTML},
    {"text/html;q=1.000", HTML},
    {"text/html;q=0.", ACCEPT_NONE},
    {"text/html;level=1", HTML},
    {",,;,", ACCEPT_NONE},
    {"text", ACCEPT_NONE},
    {"text/", ACCEPT_NONE},
    {"te/*", ACCEPT_NONE},
};

static void test_choices(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int chosen = accept_choose(table[i].accept, offers, COUNT_OF(offers));
        if (chosen != table[i].expected) {
            fail_msg("\"%s\" gives %d, not %d", table[i].accept ? table[i].accept : "(none)",
                     chosen, table[i].expected);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
