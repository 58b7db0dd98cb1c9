// SPDX-License-Identifier: MIT
// An alias must not take a name that is in use: look-ups of that name would find two entry points. The owner of a package
// may only take names that are free: no entry point and no alias of another package has them. When two aliases for one
// name come at the same moment, the unique index of the database refuses one.
#include "registryd/api/groups/entry_use_case.h"

#include "schema/base/limits.h"
#include "schema/packaging/entry_place.h"
#include "schema/packaging/entry_point.h"

#include <string.h>

enum { OWN_WRITE_WAIT_MS = 2000 };

static void add_fault(struct findings *findings, const char *code, const char *where,
                      const struct error *cause) {
    findings->no_memory |= cause->status == STATUS_NO_MEMORY;
    findings_add(findings, SEVERITY_ERROR, code, where, NULL, "%s", cause->message);
}

// What a body can say wrong by itself.
static enum status check_texts(const struct request *request, struct entry_change *change,
                               struct findings *findings, struct error *err) {
    size_t errors_before = findings->error_count;
    struct entry_place place;
    struct error why;
    if (entry_point_group_check(text_from(change->group), &why)) {
        add_fault(findings, "name-invalid", "/group", &why);
    }
    if (entry_point_name_check(text_from(change->name), &why)) {
        add_fault(findings, "name-invalid", "/name", &why);
    }
    if (change->is_set && change->is_alias &&
        entry_point_name_check(text_from(change->successor), &why)) {
        add_fault(findings, "name-invalid", "/to", &why);
    }
    if (change->is_set && !change->is_alias && change->successor) {
        if (entry_place_parse(request->arena, text_from(change->successor), &place, &why)) {
            add_fault(findings, "successor-invalid", "/successor", &why);
        } else {
            change->successor = place.text;
        }
    }
    return findings_fail(findings, errors_before, err);
}

static enum status check_alias(const struct entry_change *change,
                               const struct entry_standing *standing, struct findings *findings,
                               struct error *err) {
    size_t errors_before = findings->error_count;
    if (!standing->has_present) {
        findings_add(findings, SEVERITY_ERROR, "entry-point-unknown", "/to", NULL,
                     "No release of %s has the entry point \"%s\" in %s", change->package,
                     change->successor, change->group);
        return findings_fail(findings, errors_before, err);
    }
    if (standing->holder) {
        return fail(err, STATUS_CONFLICT, "/name",
                    "The newest release of %s has an entry point \"%s\" in %s. An alias is for a "
                    "name that is no longer used.",
                    standing->holder, change->name, change->group);
    }
    if (standing->alias_holder) {
        return fail(err, STATUS_CONFLICT, "/name",
                    "\"%s\" in %s is an alias of the package %s already", change->name,
                    change->group, standing->alias_holder);
    }
    return STATUS_OK;
}

enum status entry_change_check(struct api *api, const struct request *request,
                               struct entry_change *change, struct findings *findings,
                               struct error *err) {
    struct entry_standing standing;
    enum status status = check_texts(request, change, findings, err);
    if (status) {
        return status;
    }
    status = store_entry_standing_load(api->store, request->arena, change, &standing, err);
    if (status) {
        return status;
    }
    if (!standing.has_package) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", change->package);
    }
    if (!change->is_set) {
        return STATUS_OK;
    }
    if (change->is_alias) {
        return check_alias(change, &standing, findings, err);
    }
    if (!standing.has_name) {
        findings_add(findings, SEVERITY_ERROR, "entry-point-unknown", "/name", NULL,
                     "No release of %s has the entry point \"%s\" in %s", change->package,
                     change->name, change->group);
        return findings_fail(findings, 0, err);
    }
    return STATUS_OK;
}

enum status entry_change_make(struct api *api, const struct entry_change *change,
                              struct lifecycle_outcome *ret_outcome, struct error *err) {
    enum status status = store_entry_state_set(api->store, change, ret_outcome, err);
    if (!status) {
        index_wait(api->index, ret_outcome->point.serial, OWN_WRITE_WAIT_MS);
    }
    return status;
}
