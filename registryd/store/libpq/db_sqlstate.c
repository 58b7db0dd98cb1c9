// SPDX-License-Identifier: MIT
// The table behind db_sqlstate.h: single codes first, then classes. What is in neither is a fault of
// ours: the statements are fixed and their parameters checked before they are sent.
#include "registryd/store/libpq/db_sqlstate.h"

#include "schema/base/list.h"

#include <string.h>

static const struct db_sqlstate lost = {"", STATUS_UNAVAILABLE, DB_DROP,
                                        "The connection to the database was lost"};

static const struct db_sqlstate fault = {"", STATUS_INTERNAL, DB_KEEP,
                                         "The database refused a statement"};

// The first row that begins the code is taken, so a code stands before its class. Example: "53100"
// finds its own row, and "53200" (out of memory) finds the class "53".
static const struct db_sqlstate rows[] = {
    {"0A000", STATUS_UNAVAILABLE, DB_DROP, "The database's tables have just changed; try again"},
    {"22003", STATUS_INVALID, DB_KEEP, "A number is out of range"},
    {"22021", STATUS_INVALID, DB_KEEP, "A text is not valid UTF-8"},
    {"22P02", STATUS_INVALID, DB_KEEP, "A document is not valid JSON"},
    {"22P05", STATUS_INVALID, DB_KEEP, "A document holds the character U+0000"},
    {"23505", STATUS_CONFLICT, DB_KEEP, "The same entry exists already"},
    {"25006", STATUS_UNAVAILABLE, DB_DROP_POOL, "The database is read-only"},
    {"25P03", STATUS_UNAVAILABLE, DB_DROP, "A transaction took too long"},
    {"26000", STATUS_UNAVAILABLE, DB_DROP, "The database connection was replaced; try again"},
    {"28", STATUS_UNAVAILABLE, DB_DROP, "The database refused the login"},
    {"3D000", STATUS_UNAVAILABLE, DB_DROP, "The database does not exist"},
    {"40", STATUS_UNAVAILABLE, DB_KEEP, "The transaction conflicted with another one; try again"},
    {"53100", STATUS_DISK_FULL, DB_KEEP, "The database's disk is full"},
    {"53", STATUS_UNAVAILABLE, DB_KEEP, "The database is out of resources"},
    {"54001", STATUS_TOO_LARGE, DB_KEEP, "A document is nested too deep"},
    {"54", STATUS_TOO_LARGE, DB_KEEP, "A value is too large for the database"},
    {"55P03", STATUS_UNAVAILABLE, DB_KEEP, "The database is busy; try again"},
    {"57014", STATUS_UNAVAILABLE, DB_KEEP, "The database took too long"},
    {"57P", STATUS_UNAVAILABLE, DB_DROP, "The database is stopping or starting"},
    {"RD001", STATUS_UNAVAILABLE, DB_DROP_POOL, "The database has another history now; try again"},
    {"08", STATUS_UNAVAILABLE, DB_DROP, "The connection to the database was lost"},
};

const struct db_sqlstate *db_sqlstate_find(const char *code) {
    if (!code) {
        return &lost;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strncmp(code, rows[i].code, strlen(rows[i].code)) == 0) {
            return &rows[i];
        }
    }
    return &fault;
}
