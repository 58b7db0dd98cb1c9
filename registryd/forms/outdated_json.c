// SPDX-License-Identifier: MIT
// Only the newest left-out release of a package is named, with its reason: the next older one has often the same
// reason, and /v1/resolve with explain=1 lists all of them.
#include "registryd/forms/outdated_json.h"

#include "registryd/resolver/outdated.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

static json_t *encode_outdated(const struct outdated *one) {
    // clang-format off
    return json_pack("{s:s,s:o,s:s,s:s,s:s,s:s*,s:I,s:I}",
                     "package", one->package,
                     "selected", json_text(one->selected),
                     "newest", one->newest->version,
                     "code", one->newest->code,
                     "detail", one->newest->detail,
                     "eligible_at", one->newest->eligible_at,
                     "newer", (json_int_t)one->newer,
                     "too_new", (json_int_t)one->too_new);
    // clang-format on
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    (void)query;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *packages = json_array();
    struct outdated_list list;
    if (!arena || !packages) {
        return fail_no_memory(err);
    }
    enum status status = outdated_find(arena, selection, &list, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (json_array_append_new(packages, encode_outdated(&list.items[i]))) {
            return fail_no_memory(err);
        }
    }
    scoped(cleanup_json) json_t *answer =
        json_pack("{s:s,s:I,s:O,s:{s:I,s:I}}", "environment", selection->environment, "revision",
                  (json_int_t)selection->revision, "packages", packages, "counts", "outdated",
                  (json_int_t)list.outdated_count, "too_new", (json_int_t)list.too_new_count);
    return answer && json_write(&draft->body, answer, false) ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form outdated_form = {.name = "outdated", .encode = encode};
