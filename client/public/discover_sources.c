// SPDX-License-Identifier: MIT
// Asking the sources (discover_sources.h): each once for all groups, then the merge group by group. The
// order matters: first the snapshot that is kept, because its presence shortens how long the registry may
// take; then the registry; then the walk, when the mode wants it or nothing else can answer. A failure of a
// source never fails the call: it becomes a diagnostic.
#include "client/public/discover_sources.h"

#include "client/snapshot/snapshot_file.h"
#include "client/walk/decide_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char default_environment[] = "default";
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

// The state of one discovery. What a source answered and why it could not are kept apart: the merge
// needs both, and a fault here is no failure of the call.
struct asking {
    struct arena *arena;
    const struct discover_request *request;
    struct findings *diagnostics;
    struct records walked;
    struct records withheld;
    struct resolution resolution;
    struct error walk_fault;
    struct error registry_fault;
    const char *environment; // that answered
    bool is_default_kept; // the file is that of "default", because there is none of the one named
    struct snapshot_file file; // the last known answer; closed when there is none
    struct resolution kept;
    char kept_at[32];
};

// A host may name a group twice; merging it twice would return every record twice.
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
    struct snapshot_selector instead;
    enum status status = snapshot_cache_load(a->arena, a->request->kept, &a->file, &fault);
    if (status == STATUS_NOT_FOUND &&
        snapshot_cache_default(a->arena, a->request->kept, &instead)) {
        a->is_default_kept = !snapshot_cache_load(a->arena, &instead, &a->file, NULL);
    }
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

// A misspelt environment must not end in no decisions at all: those of "default" hold, and every call says so.
static void ask_default(struct asking *a, struct connection *connection) {
    findings_add(a->diagnostics, SEVERITY_ERROR, "environment-unknown", connection->environment,
                 "Correct the name (REGISTRYD_ENVIRONMENT), or create the environment",
                 "The registry has no environment \"%s\". The environment \"%s\" answers instead.",
                 connection->environment, default_environment);
    connection->environment = default_environment;
    a->environment = default_environment;
    a->registry_fault = (struct error){0};
    source_registry(a->arena, connection, &a->request->query, &a->resolution, &a->registry_fault);
}

// With a snapshot at hand the registry is given less time: the answer is already there.
static void ask_registry(struct asking *a) {
    if (!a->request->connection) {
        fail(&a->registry_fault, STATUS_UNREACHABLE, NULL, "There is no registry to ask");
        return;
    }
    struct connection connection = *a->request->connection;
    int usual_ms = a->file.bytes ? DISCOVER_KEPT_TIMEOUT_MS : DISCOVER_TIMEOUT_MS;
    connection.timeout_ms = a->request->timeout_ms > 0 ? a->request->timeout_ms : usual_ms;
    a->environment = connection.environment;
    source_registry(a->arena, &connection, &a->request->query, &a->resolution, &a->registry_fault);
    bool is_unknown = a->registry_fault.status == STATUS_NOT_FOUND &&
                      strcmp(connection.environment, default_environment) != 0;
    if (is_unknown && !a->request->is_strict) {
        ask_default(a, &connection);
    }
}

// One group of the cached snapshot, with its decisions. A group that is not in it has none.
static enum status read_group(struct asking *a, const char *group, struct error *err) {
    uint32_t index;
    if (!query_string_has_group(a->file.snapshot.origin.query, group)) {
        return fail(err, STATUS_MALFORMED, NULL, "The snapshot does not cover %s", group);
    }
    enum status status = a->kept.has_decisions ? snapshot_load_decisions(a->arena, &a->file, group,
                                                                         &a->kept.decisions, err)
                                               : STATUS_OK;
    if (status || snapshot_read_index(&a->file.snapshot, group, &index, NULL)) {
        return status;
    }
    return snapshot_load_records(a->arena, &a->file, index, &a->kept.records, err);
}

// Reads the requested groups from the cached snapshot. All of them must be there: an answer from two sources
// would mix two states of the registry.
static void read_kept(struct asking *a) {
    const struct source_query *query = &a->request->query;
    const struct snapshot *snapshot = &a->file.snapshot;
    a->kept.has_decisions = a->file.bytes && snapshot->has_decisions;
    a->kept.is_listed_only = snapshot->origin.is_listed_only;
    a->kept.settings_left_out = snapshot->origin.settings_left_out;
    for (size_t i = 0; i < query->group_count && a->file.bytes; i++) {
        struct error fault = {0};
        if (comes_again(query, i) || !read_group(a, query->groups[i], &fault)) {
            continue;
        }
        // one group that cannot be read makes the whole snapshot unusable
        findings_add(a->diagnostics, SEVERITY_WARNING, "snapshot-unusable", fault.where, NULL, "%s",
                     fault.message);
        snapshot_file_close(&a->file);
    }
    decisions_sort(&a->kept.decisions);
}

// ---- decisions ----

// What answered: the registry, else the snapshot, else nothing.
static const struct resolution *find_answer(const struct asking *a) {
    const struct resolution *kept = a->file.bytes ? &a->kept : NULL;
    if (!discover_asks_registry(a->request->mode)) {
        return NULL;
    }
    return a->registry_fault.status ? kept : &a->resolution;
}

static void report_decisions(struct asking *a) {
    char age[32];
    const struct resolution *answer = find_answer(a);
    bool is_copy = a->request->kept && a->request->kept->is_any;
    struct discover_known known = {.mode = a->request->mode,
                                   .enforce = a->request->enforce,
                                   .answer = answer,
                                   .is_kept = answer == &a->kept,
                                   .age = age};
    if (known.is_kept && a->is_default_kept) {
        a->environment = default_environment;
        findings_add(a->diagnostics, SEVERITY_ERROR, "environment-unknown",
                     a->request->kept->environment,
                     "Correct the name (REGISTRYD_ENVIRONMENT), or pull its snapshot: registryctl "
                     "snapshot pull",
                     "There is no snapshot of the environment \"%s\". That of \"%s\" answers "
                     "instead.",
                     a->request->kept->environment, default_environment);
    }
    if (known.is_kept) {
        long long hours = (long long)snapshot_file_age_seconds(&a->file, is_copy) / 3600;
        snprintf(age, sizeof age, hours < 48 ? "%lld hours" : "%lld days",
                 hours < 48 ? hours : hours / 24);
        known.is_too_old = snapshot_file_is_too_old(&a->file, is_copy);
    }
    discover_report_decisions(&known, a->diagnostics);
}

// The decisions that hold for the walk. NULL: none are known.
static enum status make_decider(struct asking *a, const struct decider **ret_decider,
                                struct error *err) {
    const struct resolution *answer = find_answer(a);
    *ret_decider = NULL;
    if (!answer || !answer->has_decisions) {
        return STATUS_OK;
    }
    struct decide_rules rules = {
        .records = &answer->records,
        .decisions = &answer->decisions,
        .groups = a->request->query.groups,
        .group_count = a->request->query.group_count,
        .environment = a->environment ? a->environment : default_environment,
        .is_listed = answer->is_listed_only,
        .enforce = a->request->enforce,
    };
    return decider_new(a->arena, &rules, ret_decider, err);
}

// ---- the walk ----

// A host that names no directory has none to walk. That is reported only when no other source answers.
static enum status ask_walk(struct asking *a, struct error *err) {
    struct walk_query query = a->request->walk;
    if (!query.root_count && discover_asks_registry(a->request->mode) &&
        !a->registry_fault.status) {
        return STATUS_OK;
    }
    enum status status = make_decider(a, &query.decider, err);
    if (status) {
        return status;
    }
    query.findings = a->diagnostics;
    query.withheld = &a->withheld;
    source_walk(a->arena, &query, &a->walked, &a->walk_fault);
    for (size_t i = 0; i < a->withheld.count; i++) {
        decide_report(&a->withheld.items[i], a->diagnostics);
    }
    return STATUS_OK;
}

// The walk is asked when the mode wants it, or when the registry cannot answer.
static enum status ask(struct asking *a, struct error *err) {
    enum discover_mode mode = a->request->mode;
    enum status status = STATUS_OK;
    if (discover_asks_registry(mode)) {
        open_kept(a);
        ask_registry(a);
    }
    if (a->registry_fault.status == STATUS_NOT_FOUND && a->request->is_strict) {
        return fail(err, STATUS_NOT_FOUND, a->registry_fault.where, "%s",
                    a->registry_fault.message);
    }
    if (a->registry_fault.status) {
        read_kept(a);
    }
    report_decisions(a);
    if (discover_always_walks(mode) || (a->registry_fault.status && !a->file.bytes)) {
        status = ask_walk(a, err);
    }
    bool no_memory = a->registry_fault.status == STATUS_NO_MEMORY ||
                     a->walk_fault.status == STATUS_NO_MEMORY || a->diagnostics->no_memory;
    return no_memory ? fail_no_memory(err) : status;
}

// False also when `more` itself is incomplete: a diagnostic that was lost must not be lost in
// silence.
static bool add_findings(struct findings *findings, const struct findings *more) {
    findings_append(findings, more);
    return !findings->no_memory && !more->no_memory;
}

// A shallow copy: texts and findings of the merged records are in the same arena.
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

// Each group is merged alone, since names are unique within a group only.
static enum status merge_group(const struct asking *a, const char *group,
                               struct discovery *discovery, struct error *err) {
    static const struct decisions none = {0};
    const struct resolution *answer = find_answer(a);
    struct discovery merged = {0};
    struct discover_inputs inputs = {
        .group = group,
        .mode = a->request->mode,
        .walk = {&a->walked, fault_of(&a->walk_fault)},
        .registry = {&a->resolution.records, fault_of(&a->registry_fault)},
        .kept = a->file.bytes ? &a->kept.records : NULL,
        .kept_at = a->kept_at,
        .decisions = answer ? &answer->decisions : &none,
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

// The snapshot file stays open until the end: that it is open means that it can answer.
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
        const struct resolution *answer = find_answer(&asking);
        records_sort(&discovery.records);
        records_sort(&asking.withheld);
        discovery.withheld = asking.withheld;
        discovery.decisions = answer ? answer->decisions : (struct decisions){0};
        *ret_discovery = discovery;
    }
    snapshot_file_close(&asking.file);
    return status;
}
