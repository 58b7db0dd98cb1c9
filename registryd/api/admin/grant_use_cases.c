// SPDX-License-Identifier: MIT
// A grant is a fact that is there or not: adding one that is there, and revoking one that is not, changes nothing and
// writes no event. Rights that this daemon remembers are forgotten before the answer, so that a client that reads the
// answer finds the change in force.
#include "registryd/api/admin/grant_use_cases.h"

#include "registryd/access/access.h"
#include "registryd/api/admin/token_use_cases.h"
#include "schema/base/limits.h"

#include <string.h>

enum { IMPORT_SECONDS = 24 * 3600 }; // that a team may import, unless the request says another time

enum status grant_check(struct arena *arena, const struct grant_row *grant, struct error *err) {
    struct right right;
    enum status status = token_check_name(grant->team, "/team", err);
    if (status) {
        return status;
    }
    status = right_parse(arena, text_from(grant->scope), &right, err);
    if (status) {
        return status;
    }
    // "environment:prod" is a scope with its object in a token. In a grant the object stands for itself.
    if (strcmp(grant->scope, scope_name(right.scope)) != 0) {
        return fail(err, STATUS_INVALID, "/scope",
                    "Give the object as a part of the address: %s/%s", scope_name(right.scope),
                    right.object);
    }
    return right_check_object(right.scope, grant->object, err);
}

struct query_range grant_seconds_range(const char *scope) {
    bool is_import = strcmp(scope, scope_name(SCOPE_IMPORT)) == 0;
    return (struct query_range){.name = "for_seconds",
                                .min = is_import,
                                .max = is_import ? LIMIT_GRANT_SECONDS : LIMIT_AGE_SECONDS,
                                .fallback = is_import ? IMPORT_SECONDS : 0};
}

static void take_effect(struct api *api, int64_t serial) {
    if (serial) {
        access_forget(api, serial);
    }
}

enum status grant_add(struct api *api, struct arena *arena, const struct grant_row *grant,
                      struct grant_outcome *ret_outcome, struct error *err) {
    enum status status = store_grant_add(api->store, arena, grant, ret_outcome, err);
    if (!status) {
        take_effect(api, ret_outcome->serial);
    }
    return status;
}

enum status grant_remove(struct api *api, const struct grant_row *grant, int64_t *ret_serial,
                         struct error *err) {
    enum status status = store_grant_remove(api->store, grant, ret_serial, err);
    if (!status) {
        take_effect(api, *ret_serial);
    }
    return status;
}
