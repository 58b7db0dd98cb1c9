// SPDX-License-Identifier: MIT
// The parameters of a statement: typed values, checked against what the statement declares and turned
// into PostgreSQL's binary form. Text that PostgreSQL would cut (NUL) or refuse (not UTF-8) is refused
// here, before it is sent. Everything is borrowed for the call.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "sql_table.h"

#include <stdbool.h>
#include <stdint.h>

enum { DB_VALUES_MAX = 20 };

enum db_value_kind {
    DB_NOTHING,     // behind the last parameter
    DB_TEXT,        // text
    DB_INT64,       // bigint
    DB_BOOL,        // boolean
    DB_BYTES,       // bytea
    DB_TEXT_LIST,   // text[], of views
    DB_STRING_LIST, // text[], of strings
    DB_BYTES_LIST,  // bytea[]
    DB_INT64_LIST,  // bigint[]
};

// Made by the functions below. Only the members that belong to the kind mean anything.
struct db_value {
    enum db_value_kind kind;
    const void *bytes; // of a text or bytes; NULL is SQL's NULL
    size_t len;
    int64_t number;             // of an integer or a boolean
    const struct text *views;   // of a list of texts or bytes; a NULL pointer is SQL's NULL
    const char *const *strings; // the same of a list of strings
    const int64_t *numbers;     // of a list of integers
    size_t count;               // of a list
};

// A statement with its parameters, in the order of $1, $2, ...
// The program that embeds the SQL names each position, so that a call needs no counting:
//   (struct db_call){SQL_PACKAGE_DETAIL, .values = {[PACKAGE_DETAIL_NAME] = db_text("crm")}}
// A parameter that is forgotten is DB_NOTHING, which no statement declares. The call then fails as
// INTERNAL.
struct db_call {
    enum sql_statement statement;
    struct db_value values[DB_VALUES_MAX];
};

// They borrow what they are given, until the statement has been sent.
struct db_value db_text(const char *string); // NULL is SQL's NULL
struct db_value db_text_of(const char *bytes, size_t len);
struct db_value db_int64(int64_t number);
struct db_value db_bool(bool truth);
struct db_value db_bytes(const void *bytes, size_t len);
struct db_value db_text_list(const struct text *views, size_t count);
struct db_value db_string_list(const char *const *strings, size_t count);
struct db_value db_bytes_list(const struct text *views, size_t count);
struct db_value db_int64_list(const int64_t *numbers, size_t count);

// The values as libpq takes them; points into the call and into itself.
struct db_arguments {
    const char *values[DB_VALUES_MAX];
    int lengths[DB_VALUES_MAX];              // in bytes
    int formats[DB_VALUES_MAX];              // all binary
    unsigned char numbers[DB_VALUES_MAX][8]; // in network order
    struct buffer lists[DB_VALUES_MAX];      // the binary form of arrays
};

// Fails with: INVALID (NUL or invalid UTF-8 in a text), TOO_LARGE, NO_MEMORY, INTERNAL (other kinds of
// values than the statement declares). In every case db_arguments_done must follow.
enum status db_arguments_encode(const struct db_call *call, struct db_arguments *ret_arguments,
                                struct error *err);
void db_arguments_done(struct db_arguments *arguments);
