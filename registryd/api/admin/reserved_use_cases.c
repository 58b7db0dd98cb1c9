// SPDX-License-Identifier: MIT
// A team need not exist: a name is often reserved before its team starts to publish. What looks like the name is
// compared by the store, in the transaction that publishes.
#include "registryd/api/admin/reserved_use_cases.h"

#include "registryd/api/admin/token_use_cases.h"
#include "schema/base/limits.h"
#include "schema/packaging/name.h"

#include <string.h>

enum status reserved_check(struct arena *arena, struct reserved_row *row, struct error *err) {
    if (!row->name) {
        return fail(err, STATUS_INVALID, "/name", "Enter the name to reserve");
    }
    enum status status = name_normalize(arena, text_from(row->name), &row->name, err);
    if (status) {
        return status;
    }
    status = row->team ? token_check_name(row->team, "/team", err) : STATUS_OK;
    if (status) {
        return status;
    }
    row->reason = row->reason ? row->reason : "no reason given";
    if (strlen(row->reason) > LIMIT_SHORT_TEXT_BYTES) {
        return fail(err, STATUS_INVALID, "/reason", "The reason has more than %d bytes",
                    LIMIT_SHORT_TEXT_BYTES);
    }
    return STATUS_OK;
}
