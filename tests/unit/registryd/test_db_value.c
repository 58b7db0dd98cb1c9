// SPDX-License-Identifier: MIT
// Parameters of statements: what PostgreSQL would cut or refuse is refused before it is sent, the kinds
// must be those the statement declares, and the binary form is PostgreSQL's.
#include "registryd/store/libpq/db_value.h"
#include "registryd/store/libpq/db_sqlstate.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#undef fail // cmocka's macro; ours is the function

static enum status encode(const struct db_call *call, struct db_arguments *arguments) {
    struct error err;
    return db_arguments_encode(call, arguments, &err);
}

static enum status try_text(const char *bytes, size_t len) {
    struct db_arguments arguments;
    struct db_call call = {SQL_PACKAGE_DETAIL,
                           .values = {[PACKAGE_DETAIL_NAME] = db_text_of(bytes, len)}};
    enum status status = encode(&call, &arguments);
    db_arguments_done(&arguments);
    return status;
}

static void texts_are_checked(void **state) {
    (void)state;
    assert_int_equal(try_text("größer", strlen("größer")), STATUS_OK);
    assert_int_equal(try_text("", 0), STATUS_OK);
    assert_int_equal(try_text(NULL, 0), STATUS_OK);
    assert_int_equal(try_text("a\0b", 3), STATUS_INVALID);
    assert_int_equal(try_text("\0", 1), STATUS_INVALID);
    assert_int_equal(try_text("a\xff", 2), STATUS_INVALID);
    assert_int_equal(try_text("\xc0\xaf", 2), STATUS_INVALID);     // overlong
    assert_int_equal(try_text("\xed\xa0\x80", 3), STATUS_INVALID); // a surrogate
    assert_int_equal(try_text("\xf4\x90\x80\x80", 4), STATUS_INVALID);
    assert_int_equal(try_text("\xe2\x82", 2), STATUS_INVALID); // cut
}

static void kinds_must_be_those_declared(void **state) {
    (void)state;
    const struct db_call wrong[] = {
        {SQL_PACKAGE_DETAIL, .values = {[PACKAGE_DETAIL_NAME] = db_int64(1)}},
        {SQL_PACKAGE_DETAIL},                               // one too few
        {SQL_PACKAGE_DETAIL, {db_text("a"), db_text("b")}}, // one too many
        {SQL_PING, {db_text("a")}},
        {SQL_TOKEN_BY_HASH, .values = {[TOKEN_BY_HASH_HASH] = db_text("a")}},
        {SQL_CHANGES_SINCE,
         .values =
             {[CHANGES_SINCE_SINCE] = db_int64(1), [CHANGES_SINCE_ROW_LIMIT] = db_bool(true)}},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct db_arguments arguments;
        assert_int_equal(encode(&wrong[i], &arguments), STATUS_INTERNAL);
        db_arguments_done(&arguments);
    }
}

static void numbers_are_big_endian(void **state) {
    (void)state;
    struct db_arguments arguments;
    struct db_call call = {SQL_CHANGES_SINCE,
                           .values = {[CHANGES_SINCE_SINCE] = db_int64(0x0102030405060708),
                                      [CHANGES_SINCE_ROW_LIMIT] = db_int64(-2)}};
    assert_int_equal(encode(&call, &arguments), STATUS_OK);
    assert_int_equal(arguments.lengths[0], 8);
    assert_memory_equal(arguments.values[0], "\1\2\3\4\5\6\7\10", 8);
    assert_memory_equal(arguments.values[1], "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
    db_arguments_done(&arguments);
}

// The statement with lists; only the one at `at` has items.
static struct db_call call_with_list(size_t at, struct db_value list) {
    struct db_call call = {SQL_RELEASE_PUBLISH};
    const struct sql_info *info = &sql_table[SQL_RELEASE_PUBLISH];
    for (int i = 0; i < info->parameter_count; i++) {
        unsigned type = info->parameters[i].type;
        call.values[i] = type == SQL_TYPE_INT8_ARRAY    ? db_int64_list(NULL, 0)
                         : type == SQL_TYPE_BYTEA_ARRAY ? db_bytes_list(NULL, 0)
                                                        : db_text_list(NULL, 0);
    }
    call.values[at] = list;
    return call;
}

static void lists_are_arrays(void **state) {
    (void)state;
    static const unsigned char expected[] = {
        0, 0, 0, 1, 0,   0,   0,    1,    0,    0,    0, 25, // one dimension, may hold NULLs, of text
        0, 0, 0, 3, 0,   0,   0,    1,                       // three items, counted from one
        0, 0, 0, 2, 'a', 'b', 0xff, 0xff, 0xff, 0xff, 0, 0,  0, 0,
    };
    const struct text items[] = {{"ab", 2}, {NULL, 0}, {"", 0}};
    struct db_call call = call_with_list(0, db_text_list(items, 3));
    struct db_arguments arguments;
    assert_int_equal(encode(&call, &arguments), STATUS_OK);
    assert_int_equal(arguments.lengths[0], sizeof expected);
    assert_memory_equal(arguments.values[0], expected, sizeof expected);
    assert_int_equal(arguments.lengths[1], 12); // empty: no dimension
    db_arguments_done(&arguments);
}

static void lists_of_strings_are_lists_of_texts(void **state) {
    (void)state;
    const struct text views[] = {{"ab", 2}, {NULL, 0}, {"", 0}};
    const char *const strings[] = {"ab", NULL, ""};
    struct db_call of_views = call_with_list(0, db_text_list(views, 3));
    struct db_call of_strings = call_with_list(0, db_string_list(strings, 3));
    struct db_arguments expected;
    struct db_arguments arguments;
    assert_int_equal(encode(&of_views, &expected), STATUS_OK);
    assert_int_equal(encode(&of_strings, &arguments), STATUS_OK);
    assert_int_equal(arguments.lengths[0], expected.lengths[0]);
    assert_memory_equal(arguments.values[0], expected.values[0], (size_t)expected.lengths[0]);
    db_arguments_done(&expected);
    db_arguments_done(&arguments);
    const char *const bad[] = {"good", "a\xff"};
    struct db_call invalid = call_with_list(0, db_string_list(bad, 2));
    assert_int_equal(encode(&invalid, &arguments), STATUS_INVALID);
    db_arguments_done(&arguments);
}

static void lists_are_checked(void **state) {
    (void)state;
    const struct text bad[] = {{"good", 4}, {"b\0d", 3}};
    struct db_call texts = call_with_list(0, db_text_list(bad, 2));
    struct db_arguments arguments;
    assert_int_equal(encode(&texts, &arguments), STATUS_INVALID);
    db_arguments_done(&arguments);
    struct db_call bytes = call_with_list(3, db_bytes_list(bad, 2)); // bytes may be anything
    assert_int_equal(encode(&bytes, &arguments), STATUS_OK);
    db_arguments_done(&arguments);
    static char huge[9 * 1024 * 1024];
    memset(huge, 'x', sizeof huge);
    const struct text large[] = {{huge, sizeof huge}};
    struct db_call list = call_with_list(0, db_text_list(large, 1));
    assert_int_equal(encode(&list, &arguments), STATUS_TOO_LARGE);
    db_arguments_done(&arguments);
}

static void codes_have_statuses(void **state) {
    (void)state;
    static const struct {
        const char *code;
        enum status status;
        enum db_consequence consequence;
    } rows[] = {
        {NULL, STATUS_UNAVAILABLE, DB_DROP},         // the connection was lost
        {"08006", STATUS_UNAVAILABLE, DB_DROP},      // connection failure
        {"23505", STATUS_CONFLICT, DB_KEEP},         // unique violation
        {"22021", STATUS_INVALID, DB_KEEP},          // bad bytes
        {"25006", STATUS_UNAVAILABLE, DB_DROP_POOL}, // read-only
        {"53100", STATUS_DISK_FULL, DB_KEEP},
        {"53300", STATUS_UNAVAILABLE, DB_KEEP}, // too many connections
        {"54001", STATUS_TOO_LARGE, DB_KEEP},
        {"57014", STATUS_UNAVAILABLE, DB_KEEP}, // cancelled
        {"57P01", STATUS_UNAVAILABLE, DB_DROP}, // shutdown
        {"28P01", STATUS_UNAVAILABLE, DB_DROP}, // wrong password
        {"42601", STATUS_INTERNAL, DB_KEEP},    // syntax error
        {"XX000", STATUS_INTERNAL, DB_KEEP},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct db_sqlstate *row = db_sqlstate_find(rows[i].code);
        assert_int_equal(row->status, rows[i].status);
        assert_int_equal(row->consequence, rows[i].consequence);
        assert_true(strlen(row->text) > 10);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(kinds_must_be_those_declared),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(lists_are_arrays),
        cmocka_unit_test(lists_of_strings_are_lists_of_texts),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(codes_have_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
