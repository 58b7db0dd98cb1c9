// SPDX-License-Identifier: MIT
// Parameters in PostgreSQL's binary form: it needs no escaping and no terminating NUL, and the type
// of every parameter is fixed by the statement's opening comment.
#include "registryd/store/libpq/db_value.h"

#include <endian.h>
#include <limits.h>
#include <string.h>

enum {
    LIST_BYTES_MAX = 8 * 1024 * 1024, // of one list in binary form
    BINARY_FORMAT = 1,                // as libpq numbers it
};

struct db_value db_text(const char *string) {
    return db_text_of(string, string ? strlen(string) : 0);
}

struct db_value db_text_of(const char *bytes, size_t len) {
    return (struct db_value){.kind = DB_TEXT, .bytes = bytes, .len = len};
}

struct db_value db_int64(int64_t number) {
    return (struct db_value){.kind = DB_INT64, .number = number};
}

struct db_value db_bool(bool truth) {
    return (struct db_value){.kind = DB_BOOL, .number = truth};
}

struct db_value db_bytes(const void *bytes, size_t len) {
    return (struct db_value){.kind = DB_BYTES, .bytes = bytes, .len = len};
}

struct db_value db_text_list(const struct text *views, size_t count) {
    return (struct db_value){.kind = DB_TEXT_LIST, .views = views, .count = count};
}

struct db_value db_string_list(const char *const *strings, size_t count) {
    return (struct db_value){.kind = DB_STRING_LIST, .strings = strings, .count = count};
}

struct db_value db_bytes_list(const struct text *views, size_t count) {
    return (struct db_value){.kind = DB_BYTES_LIST, .views = views, .count = count};
}

struct db_value db_int64_list(const int64_t *numbers, size_t count) {
    return (struct db_value){.kind = DB_INT64_LIST, .numbers = numbers, .count = count};
}

// The parameter's type, and the type of a list's items.
// A call is refused when a value has another type than its statement declares: a fault of ours, found at the
// first run in a test.
static const struct {
    unsigned type;
    unsigned item_type;
} kinds[] = {
    [DB_NOTHING] = {0, 0},
    [DB_TEXT] = {SQL_TYPE_TEXT, 0},
    [DB_INT64] = {SQL_TYPE_INT8, 0},
    [DB_BOOL] = {SQL_TYPE_BOOL, 0},
    [DB_BYTES] = {SQL_TYPE_BYTEA, 0},
    [DB_TEXT_LIST] = {SQL_TYPE_TEXT_ARRAY, SQL_TYPE_TEXT},
    [DB_STRING_LIST] = {SQL_TYPE_TEXT_ARRAY, SQL_TYPE_TEXT},
    [DB_BYTES_LIST] = {SQL_TYPE_BYTEA_ARRAY, SQL_TYPE_BYTEA},
    [DB_INT64_LIST] = {SQL_TYPE_INT8_ARRAY, SQL_TYPE_INT8},
};

// PostgreSQL would cut a text at a NUL, and refuse invalid UTF-8 in the middle of a transaction.
static enum status check_text(const char *name, const void *bytes, size_t len, struct error *err) {
    if (text_has_nul(bytes, len)) {
        return fail(err, STATUS_INVALID, NULL, "A text (%s) holds a NUL character", name);
    }
    if (!utf8_is_valid(bytes, len)) {
        return fail(err, STATUS_INVALID, NULL, "A text (%s) is not valid UTF-8", name);
    }
    return STATUS_OK;
}

static void add_int32(struct buffer *buffer, int32_t number) {
    uint32_t wire = htobe32((uint32_t)number);
    buffer_add(buffer, &wire, sizeof wire);
}

// An item of a list as text or bytes. `number` is the room for an integer in network order.
static struct text view_item(const struct db_value *value, size_t at, uint64_t *number) {
    if (value->kind == DB_INT64_LIST) {
        *number = htobe64((uint64_t)value->numbers[at]);
        return (struct text){(const char *)number, sizeof *number};
    }
    return value->kind == DB_STRING_LIST ? text_from(value->strings[at]) : value->views[at];
}

// The length -1 is how the binary form of an array spells SQL's NULL.
static enum status add_item(const char *name, const struct db_value *value, size_t at,
                            struct buffer *list, struct error *err) {
    uint64_t number = 0;
    struct text item = view_item(value, at, &number);
    add_int32(list, item.ptr ? (int32_t)item.len : -1);
    buffer_add(list, item.ptr, item.len);
    bool is_text = value->kind == DB_TEXT_LIST || value->kind == DB_STRING_LIST;
    return is_text ? check_text(name, item.ptr, item.len, err) : STATUS_OK;
}

// The binary form of an array: the number of dimensions (0 for an empty list), whether there are NULLs, the
// type of the items; for the one dimension its length and its lower bound; then each item after its length.
// ["a", "bc"] is 1, 1, 25 (text), 2, 1, then 1 "a", 2 "bc"; all numbers have four bytes in network order.
static enum status encode_list(const char *name, const struct db_value *value,
                               struct buffer *ret_list, struct error *err) {
    buffer_init(ret_list, LIST_BYTES_MAX);
    add_int32(ret_list, value->count ? 1 : 0);
    add_int32(ret_list, 1);
    add_int32(ret_list, (int32_t)kinds[value->kind].item_type);
    if (value->count) {
        add_int32(ret_list, (int32_t)value->count);
        add_int32(ret_list, 1);
    }
    for (size_t i = 0; i < value->count; i++) {
        enum status status = add_item(name, value, i, ret_list, err);
        if (status) {
            return status;
        }
    }
    if (ret_list->failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (ret_list->failed) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The %s are too large together", name);
    }
    return STATUS_OK;
}

// Numbers are in network order; `arguments` keeps them, because libpq reads them after this returns.
static enum status encode_value(const char *name, const struct db_value *value, size_t at,
                                struct db_arguments *arguments, struct error *err) {
    uint64_t wire = htobe64((uint64_t)value->number);
    enum status status = STATUS_OK;
    switch (value->kind) {
    case DB_TEXT:
        status = check_text(name, value->bytes, value->len, err);
        __attribute__((fallthrough));
    case DB_BYTES:
        arguments->values[at] = value->bytes;
        arguments->lengths[at] = (int)value->len;
        break;
    case DB_INT64:
        memcpy(arguments->numbers[at], &wire, sizeof wire);
        arguments->values[at] = (const char *)arguments->numbers[at];
        arguments->lengths[at] = sizeof wire;
        break;
    case DB_BOOL:
        arguments->numbers[at][0] = value->number != 0;
        arguments->values[at] = (const char *)arguments->numbers[at];
        arguments->lengths[at] = 1;
        break;
    case DB_TEXT_LIST:
    case DB_STRING_LIST:
    case DB_BYTES_LIST:
    case DB_INT64_LIST:
        status = encode_list(name, value, &arguments->lists[at], err);
        arguments->values[at] = arguments->lists[at].ptr;
        arguments->lengths[at] = (int)arguments->lists[at].len;
        break;
    case DB_NOTHING:
        break;
    }
    arguments->formats[at] = BINARY_FORMAT;
    return status;
}

enum status db_arguments_encode(const struct db_call *call, struct db_arguments *ret_arguments,
                                struct error *err) {
    const struct sql_info *info = &sql_table[call->statement];
    memset(ret_arguments, 0, sizeof *ret_arguments);
    for (int i = 0; i < DB_VALUES_MAX; i++) {
        const struct db_value *value = &call->values[i];
        unsigned expected = i < info->parameter_count ? info->parameters[i].type : 0;
        if (kinds[value->kind].type != expected) {
            return fail(err, STATUS_INTERNAL, info->name,
                        "Parameter %d is not of the type declared", i + 1);
        }
        if (value->len > INT_MAX / 2) {
            return fail(err, STATUS_TOO_LARGE, NULL, "The %s is too large",
                        info->parameters[i].name);
        }
        if (!expected) {
            continue;
        }
        enum status status =
            encode_value(info->parameters[i].name, value, (size_t)i, ret_arguments, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

void db_arguments_done(struct db_arguments *arguments) {
    for (size_t i = 0; i < DB_VALUES_MAX; i++) {
        buffer_done(&arguments->lists[i]);
    }
}
