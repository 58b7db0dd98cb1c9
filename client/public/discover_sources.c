// SPDX-License-Identifier: MIT
// Asking the sources (discover_sources.h): each once for all groups, then the merge group by group. The
// order matters: first the snapshot that is kept, because its presence shortens how long the registry may
// take; then the registry; then the walk, when the mode wants it or nothing else can answer. A failure of a
// source never fails the call: it becomes a diagnostic.
#include "client/public/discover_sources.h"

#include "client/snapshot/snapshot_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char mode_names[] = "walk, walk-first, registry-first, registry or compare";

enum status discover_choose_mode(const char *name, struct findings *diagnostics,
                                 enum discover_mode *ret_mode, struct error *err) {
    const char *set = getenv("REGISTRYD_MODE");
    *ret_mode = DISCOVER_WALK_FIRST;
    if (name) {
        return discover_mode_find(name, ret_mode)
                   ? STATUS_OK
                   : fail(err, STATUS_USAGE, NULL, "\"%s\" is not a mode. The modes are %s", name,
                          mode_names);
    }
    if (set && *set && !discover_mode_find(set, ret_mode)) {
        findings_add(diagnostics, SEVERITY_WARNING, "mode-unknown", "REGISTRYD_MODE",
                     "Correct or unset the variable",
                     "\"%s\" is not a mode, so walk-first is used. The modes are %s", set,
                     mode_names);
    }
    return diagnostics->no_memory ? fail_no_memory(err) : STATUS_OK;
}

struct asking {
    struct arena *arena;
    const struct discover_request *request;
    struct findings *diagnostics;
    struct records walked;
    struct resolution resolution;
    struct error walk_fault;
    struct error registry_fault;
    struct snapshot_file file; // the last known answer; closed when there is none
    struct records kept;
    char kept_at[32];
};

static bool comes_again(const struct source_query *query, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(query->groups[i], query->groups[index]) == 0) {
            return true;
        }
    }
    return false;
}

// Opens the cached snapshot. One that cannot be used is reported; that there is none is normal.
static void open_kept(struct asking *a) {
    struct error fault = {0};
    struct tm time;
    if (!a->request->kept) {
        return;
    }
    enum status status = snapshot_cache_load(a->arena, a->request->kept, &a->file, &fault);
    if (status && status != STATUS_NOT_FOUND) {
        findings_add(a->diagnostics, SEVERITY_WARNING, "snapshot-unusable", fault.where,
                     "Pull it again: registryctl snapshot pull", "%s", fault.message);
    }
    time_t made_at = (time_t)a->file.snapshot.origin.made_at_seconds;
    if (!gmtime_r(&made_at, &time) ||
        !strftime(a->kept_at, sizeof a->kept_at, "%Y-%m-%dT%H:%M:%SZ", &time)) {
        a->kept_at[0] = '\0';
    }
}

static void ask_registry(struct asking *a) {
    if (!a->request->connection) {
        fail(&a->registry_fault, STATUS_UNREACHABLE, NULL, "There is no registry to ask");
        return;
    }
    struct connection connection = *a->request->connection;
    int usual_ms = a->file.bytes ? DISCOVER_KEPT_TIMEOUT_MS : DISCOVER_TIMEOUT_MS;
    connection.timeout_ms = a->request->timeout_ms > 0 ? a->request->timeout_ms : usual_ms;
    source_registry(a->arena, &connection, &a->request->query, &a->resolution, &a->registry_fault);
}

// Reads the requested groups from the cached snapshot. All of them must be there: an answer from two sources
// would mix two states of the registry.
static void read_kept(struct asking *a) {
    const struct source_query *query = &a->request->query;
    const struct snapshot *snapshot = &a->file.snapshot;
    for (size_t i = 0; i < query->group_count && a->file.bytes; i++) {
        uint32_t index;
        struct error fault = {0};
        enum status status = query_string_has_group(snapshot->origin.query, query->groups[i])
                                 ? snapshot_read_index(snapshot, query->groups[i], &index, NULL)
                                 : fail(&fault, STATUS_MALFORMED, NULL,
                                        "The snapshot was not asked for %s", query->groups[i]);
        if (status == STATUS_NOT_FOUND || comes_again(query, i)) {
            continue;
        }
        bool is_read =
            !status && !snapshot_load_records(a->arena, &a->file, index, &a->kept, &fault);
        if (!is_read) { // one group that cannot be read makes the whole snapshot unusable
            findings_add(a->diagnostics, SEVERITY_WARNING, "snapshot-unusable", fault.where, NULL,
                         "%s", fault.message);
            snapshot_file_close(&a->file);
        }
    }
}

// A host that names no directory has none to walk. That is reported only when no other source answers.
static void ask_walk(struct asking *a) {
    struct walk_query query = a->request->walk;
    if (!query.root_count && discover_asks_registry(a->request->mode) &&
        !a->registry_fault.status) {
        return;
    }
    query.findings = a->diagnostics;
    source_walk(a->arena, &query, &a->walked, &a->walk_fault);
}

// The walk is asked when the mode wants it, or when the registry cannot answer.
static enum status ask(struct asking *a, struct error *err) {
    enum discover_mode mode = a->request->mode;
    if (discover_asks_registry(mode)) {
        open_kept(a);
        ask_registry(a);
    }
    if (a->registry_fault.status) {
        read_kept(a);
    }
    if (discover_always_walks(mode) || (a->registry_fault.status && !a->file.bytes)) {
        ask_walk(a);
    }
    bool no_memory = a->registry_fault.status == STATUS_NO_MEMORY ||
                     a->walk_fault.status == STATUS_NO_MEMORY || a->diagnostics->no_memory;
    return no_memory ? fail_no_memory(err) : STATUS_OK;
}

static bool add_findings(struct findings *findings, const struct findings *more) {
    findings_append(findings, more);
    return !findings->no_memory && !more->no_memory;
}

static bool add_records(struct arena *arena, struct records *records, const struct records *more) {
    for (size_t i = 0; i < more->count; i++) {
        struct record *copy = records_add(arena, records);
        if (!copy) {
            return false;
        }
        *copy = more->items[i];
    }
    return true;
}

static const struct error *fault_of(const struct error *fault) {
    return fault->status ? fault : NULL;
}

static enum status merge_group(const struct asking *a, const char *group,
                               struct discovery *discovery, struct error *err) {
    struct discovery merged = {0};
    struct discover_inputs inputs = {
        .group = group,
        .mode = a->request->mode,
        .walk = {&a->walked, fault_of(&a->walk_fault)},
        .registry = {&a->resolution.records, fault_of(&a->registry_fault)},
        .kept = a->file.bytes ? &a->kept : NULL,
        .kept_at = a->kept_at,
    };
    enum status status = discover_merge(a->arena, &inputs, &merged, err);
    if (status) {
        return status;
    }
    return add_records(a->arena, &discovery->records, &merged.records) &&
                   add_findings(&discovery->diagnostics, &merged.diagnostics)
               ? STATUS_OK
               : fail_no_memory(err);
}

enum status discover_sources(struct arena *arena, const struct discover_request *request,
                             const struct findings *diagnostics, struct discovery *ret_discovery,
                             struct error *err) {
    const struct source_query *query = &request->query;
    struct discovery discovery = {0};
    struct asking asking = {
        .arena = arena, .request = request, .diagnostics = &discovery.diagnostics};
    if (!query->group_count) {
        return fail(err, STATUS_USAGE, NULL, "Name an entry-point group");
    }
    findings_init(&discovery.diagnostics, arena);
    if (!add_findings(&discovery.diagnostics, diagnostics)) {
        return fail_no_memory(err);
    }
    enum status status = ask(&asking, err);
    for (size_t i = 0; i < query->group_count && !status; i++) {
        if (!comes_again(query, i)) {
            status = merge_group(&asking, query->groups[i], &discovery, err);
        }
    }
    if (!status) {
        records_sort(&discovery.records);
        *ret_discovery = discovery;
    }
    snapshot_file_close(&asking.file);
    return status;
}
