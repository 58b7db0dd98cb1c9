// SPDX-License-Identifier: MIT
// Masking connection strings: no secret is printed, whatever form it is written in, and what is printed
// can be read back by libpq.
#include "registryd/store/libpq/db.h"
#include "schema/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct mask_case {
    const char *conninfo;
    const char *masked; // NULL: refused
};

static const struct mask_case cases[] = {
    {"", ""},
    {"host=db dbname=registry", "dbname='registry' host='db'"},
    {"postgresql://u:secret@db:5433/registry",
     "user='u' password='***' dbname='registry' host='db' port='5433'"},
    {"postgresql://db/registry?user=u&password=secret",
     "user='u' password='***' dbname='registry' host='db'"},
    {"postgresql://u:sec%40ret@db1,db2/r",
     "user='u' password='***' dbname='r' host='db1,db2' port=','"},
    {"password = 'sec ret' user=u", "user='u' password='***'"},
    {"user=u password=it\\'s\\ secret", "user='u' password='***'"},
    {"sslpassword=secret sslkey=k", "sslkey='k' sslpassword='***'"},
    {"passfile=/etc/pgpass", "passfile='/etc/pgpass'"},
    {"dbname='it\\'s' user=u", "user='u' dbname='it\\'s'"},
    {"password=secret host", NULL},
    {"postgresql://u:secret@[db", NULL},
    {"pasword=secret", NULL},
};

static void secrets_are_masked(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct buffer text;
        buffer_init(&text, 4096);
        enum status status = db_conninfo_mask(cases[i].conninfo, &text, &err);
        assert_int_equal(status, cases[i].masked ? STATUS_OK : STATUS_USAGE);
        assert_null(strstr(err.message, "secret"));
        if (cases[i].masked) {
            assert_string_equal(text.ptr ? text.ptr : "", cases[i].masked);
            assert_int_equal(db_conninfo_check(text.ptr ? text.ptr : "", &err), STATUS_OK);
        }
        buffer_done(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
