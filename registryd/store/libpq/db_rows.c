// SPDX-License-Identifier: MIT
// Reading results by column tables: a row lands in the caller's struct without an index or a
// conversion in sight. Results come in text form: what we read is short, and text needs no byte order.
#include "registryd/store/libpq/db_handle.h"

#include <stdlib.h>
#include <string.h>

static enum status load_text(struct db_rows *rows, const char *text, size_t len, char *field,
                             struct error *err) {
    const char *copy = arena_copy(rows->arena, text, len);
    memcpy(field, &copy, sizeof copy);
    return copy ? STATUS_OK : fail_no_memory(err);
}

// A text that does not fit is a fault of the table of columns, not of the data: never cut.
static enum status load_chars(const struct db_column *column, const char *text, size_t len,
                              char *field, struct error *err) {
    if (len >= column->size) {
        return fail(err, STATUS_INTERNAL, NULL, "The column %s is too long", column->name);
    }
    memset(field, 0, column->size);
    memcpy(field, text ? text : "", len);
    return STATUS_OK;
}

// memcpy, because the struct around `field` is not known here.
static enum status load_column(struct db_rows *rows, int number, const struct db_column *column,
                               char *field, struct error *err) {
    const PGresult *result = rows->result;
    int row = rows->next;
    const char *text = PQgetisnull(result, row, number) ? NULL : PQgetvalue(result, row, number);
    size_t len = (size_t)PQgetlength(result, row, number);
    int64_t integer = text && column->kind == DB_COLUMN_INT64 ? strtoll(text, NULL, 10) : 0;
    // PostgreSQL writes a boolean as "t" or "f".
    bool truth = text && text[0] == 't';
    switch (column->kind) {
    case DB_COLUMN_TEXT:
        if (text) {
            return load_text(rows, text, len, field, err);
        }
        __attribute__((fallthrough));
    case DB_COLUMN_BORROWED:
        memcpy(field, &text, sizeof text);
        break;
    case DB_COLUMN_CHARS:
        return load_chars(column, text, len, field, err);
    case DB_COLUMN_INT64:
        memcpy(field, &integer, sizeof integer);
        break;
    case DB_COLUMN_BOOL:
        memcpy(field, &truth, sizeof truth);
        break;
    }
    return STATUS_OK;
}

// `numbers` is in the order in which find_columns (db_run.c) went through the sets.
static enum status load_row(struct db_rows *rows, char *object, struct error *err) {
    const int *number = rows->numbers;
    for (const struct db_columns *set = rows->columns; set; set = set->more) {
        for (size_t i = 0; i < set->count; i++) {
            const struct db_column *column = &set->items[i];
            char *field = object + set->offset + column->offset;
            enum status status = load_column(rows, *number++, column, field, err);
            if (status) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

// In a stream every row is a result of its own; the last result has no row.
static enum status step_stream(struct db_rows *rows, struct error *err) {
    PQclear(rows->result);
    rows->result = NULL;
    PGresult *result = NULL;
    enum status status = db_next_result(rows->db, &result, err);
    if (status) {
        return status;
    }
    rows->result = result;
    rows->next = 0;
    if (!result) {
        rows->db->streaming = false;
        return STATUS_OK;
    }
    return db_check_result(rows->db, result, err);
}

enum status db_rows_next(struct db_rows *rows, void *ret_object, struct error *err) {
    rows->found = false;
    while (rows->db->streaming && rows->result && rows->next >= PQntuples(rows->result)) {
        enum status status = step_stream(rows, err);
        if (status) {
            return status;
        }
    }
    if (!rows->result || rows->next >= PQntuples(rows->result)) {
        return STATUS_OK;
    }
    enum status status = load_row(rows, ret_object, err);
    rows->next++;
    rows->found = !status;
    return status;
}

void db_rows_done(struct db_rows *rows) {
    PQclear(rows->result);
    rows->result = NULL;
}
