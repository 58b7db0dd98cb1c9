// SPDX-License-Identifier: MIT
// One sentence for both: as a warning on records, and as an error of what is frozen or exported. What is selected
// comes from memory and must also be answered while the database is away; what is frozen must not.
#include "registryd/tables/selected_paths.h"

#include "registryd/store/files/store_paths.h"
#include "schema/json/json.h"

#include <string.h>

enum { PAIRS_SHOWN = 100 }; // of packages with a path in common

static const char HINT[] =
    "Disable one of the packages in the environment, or pin a release without the path";

static void add_conflict(struct findings *findings, enum severity severity, const char *where,
                         const struct shared_path *shared) {
    const char *rest = "";
    if (shared->count > 1) {
        rest = arena_printf(findings->arena, " and %lld more %s", (long long)shared->count - 1,
                            shared->count == 2 ? "path" : "paths");
        findings->no_memory |= !rest;
    }
    findings_add(
        findings, severity, "path-conflict", where, HINT,
        "%s %s and %s %s both hold \"%s\"%s. Installed together, one overwrites the other.",
        shared->package, shared->version, shared->other, shared->other_version, shared->path,
        rest ? rest : "");
}

static bool warn_record(struct record *record, const struct shared_paths *paths) {
    for (size_t i = 0; i < paths->count && i < PAIRS_SHOWN; i++) {
        const struct shared_path *shared = &paths->items[i];
        if (strcmp(record->package, shared->package) == 0 ||
            strcmp(record->package, shared->other) == 0) {
            add_conflict(&record->findings, SEVERITY_WARNING, NULL, shared);
        }
    }
    return !record->findings.no_memory;
}

enum status selected_paths_warn(struct store *store, struct arena *arena,
                                struct selection *selection, struct error *err) {
    const struct selected_list *selected = &selection->may_share;
    struct shared_paths paths = {0};
    struct error away;
    if (!selected->count) {
        return STATUS_OK;
    }
    struct release_name *names = arena_array(arena, selected->count, sizeof *names);
    if (!names) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < selected->count; i++) {
        names[i] = (struct release_name){selected->items[i].package, selected->items[i].version};
    }
    enum status status =
        store_paths_of_releases(store, arena, names, selected->count, &paths, &away);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    selection->is_passing = status;
    selection->may_share = (struct selected_list){0}; // its texts are those of the tables
    for (size_t i = 0; !status && i < selection->records.count; i++) {
        if (!warn_record(&selection->records.items[i], &paths)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

enum status selected_paths_check(struct store *store, const struct selected_releases *releases,
                                 struct findings *findings, struct error *err) {
    struct shared_paths paths = {0};
    size_t errors_before = findings->error_count;
    struct release_name *names = arena_array(findings->arena, releases->count + 1, sizeof *names);
    if (!names) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < releases->count; i++) {
        names[i] = (struct release_name){releases->items[i].package, releases->items[i].version};
    }
    enum status status =
        store_paths_of_releases(store, findings->arena, names, releases->count, &paths, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < paths.count && i < PAIRS_SHOWN; i++) {
        const struct shared_path *shared = &paths.items[i];
        add_conflict(findings, SEVERITY_ERROR,
                     json_pointer(findings->arena, "/releases", shared->package), shared);
    }
    status = findings_fail(findings, errors_before, err);
    if (status == STATUS_INVALID && err) {
        err->status = STATUS_CONFLICT; // the question is good: what is selected cannot be installed
    }
    return status == STATUS_INVALID ? STATUS_CONFLICT : status;
}
