// SPDX-License-Identifier: MIT
// The public surface of the library that needs the network or directories: resolve, walk, discover,
// compare, refresh. It is in libregistryclient-full.so, which the small library loads when one of these
// is first called. Every call makes an arena, works in it, and hands it over with the answer or frees it.
#include "client/include/registryclient.h"

#include "client/public/compare_sources.h"
#include "client/public/discover_sources.h"
#include "client/public/handle.h"
#include "client/public/handle_error.h"
#include "client/snapshot/snapshot_pull.h"
#include "schema/base/cleanup.h"

#include <string.h>

// What the call does not say is taken from the options of the handle: a host states its Python and its
// markers once, when it opens the handle.
static struct source_query merge_facts(const struct registry *registry,
                                       const struct registry_query *query) {
    struct source_query merged = {0};
    if (registry) {
        merged = registry->facts;
    }
    merged.groups = query->groups;
    merged.group_count = query->group_count;
    merged.python = query->python ? query->python : merged.python;
    merged.prereleases = query->prereleases || merged.prereleases;
    return merged;
}

// The public structs are not used further in: their layout is frozen, and that of walk_query is not.
static enum status walk_query_of(struct arena *arena, const struct registry_walk_options *options,
                                 struct walk_query *ret_query, struct error *err) {
    size_t count = options->root_count;
    struct walk_root *roots = arena_array(arena, count ? count : 1, sizeof *roots);
    if (!roots) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        roots[i] = (struct walk_root){options->roots[i].path, options->roots[i].label};
    }
    *ret_query =
        (struct walk_query){.roots = roots, .root_count = count, .convention = options->convention};
    return STATUS_OK;
}

static enum status walk(struct arena *arena, const struct registry_walk_options *options,
                        struct records *ret_records, struct error *err) {
    struct walk_query query;
    enum status status = walk_query_of(arena, options, &query, err);
    if (status) {
        return status;
    }
    return source_walk(arena, &query, ret_records, err);
}

static enum status need_handle(const struct registry *registry, struct error *err) {
    return registry ? STATUS_OK : fail(err, STATUS_USAGE, NULL, "An open registry is needed");
}

// Names and packages are parameters like the facts.
static enum status add_part(struct arena *arena, const struct registry_part *part,
                            struct source_query *query, struct error *err) {
    size_t count = query->fact_count;
    struct query_parameter *parts =
        arena_array(arena, count + part->name_count + part->package_count + 1, sizeof *parts);
    if (!parts) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        parts[i] = query->facts[i];
    }
    for (size_t i = 0; i < part->name_count; i++) {
        parts[count++] = (struct query_parameter){"name", part->names[i]};
    }
    for (size_t i = 0; i < part->package_count; i++) {
        parts[count++] = (struct query_parameter){"package", part->packages[i]};
    }
    query->facts = parts;
    query->fact_count = count;
    return STATUS_OK;
}

// Sends one request. It never falls back to a snapshot: registry_discover does.
static enum status resolve(const struct registry *registry, const struct registry_query *query,
                           const struct registry_part *part, struct registry_result **ret,
                           struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct source_query merged = merge_facts(registry, query);
    struct resolution resolution = {0};
    enum status status = need_handle(registry, err);
    if (status) {
        return status;
    }
    status = add_part(arena, part, &merged, err);
    if (status) {
        return status;
    }
    status = source_registry(arena, &registry->connection, &merged, &resolution, err);
    if (status) {
        return status;
    }
    struct result_parts parts = {.records = resolution.records, .decisions = resolution.decisions};
    return result_new(take(arena), &parts, ret, err);
}

int registry_resolve(struct registry *registry, const struct registry_query *query,
                     struct registry_result **ret, struct registry_error *err) {
    static const struct registry_part whole = {0};
    struct error fault = {0};
    return handle_error(err, resolve(registry, query, &whole, ret, &fault), &fault);
}

int registry_resolve_part(struct registry *registry, const struct registry_query *query,
                          const struct registry_part *part, struct registry_result **ret,
                          struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, resolve(registry, query, part, ret, &fault), &fault);
}

static enum status walk_all(const struct registry_walk_options *options,
                            struct registry_result **ret, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct records records = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = walk(arena, options, &records, err);
    if (status) {
        return status;
    }
    struct result_parts parts = {.records = records};
    return result_new(take(arena), &parts, ret, err);
}

int registry_walk(struct registry *registry, const struct registry_walk_options *options,
                  struct registry_result **ret, struct registry_error *err) {
    struct error fault = {0};
    (void)registry; // a walk needs none; the parameter keeps the calls alike
    return handle_error(err, walk_all(options, ret, &fault), &fault);
}

// A call without a handle is allowed: the walk needs none, and the missing registry becomes a diagnostic.
static enum status discover(const struct registry *registry, const struct registry_discovery *asked,
                            struct registry_result **ret, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct findings diagnostics;
    struct discovery discovery = {0};
    struct snapshot_selector selector = {0};
    const char *enforce = asked->enforce;
    enum status status = STATUS_OK;
    struct discover_request request = {.query = merge_facts(registry, &asked->query)};
    findings_init(&diagnostics, arena);
    if (registry) {
        request.connection = &registry->connection;
        request.kept = &selector;
        request.timeout_ms = asked->timeout_ms;
        request.is_strict = discover_is_strict(registry->is_strict);
        if (!enforce) {
            enforce = registry->enforce;
        }
        status = offline_selector(arena, registry, &request.query, &selector, err);
    }
    if (status) {
        return status;
    }
    status = discover_choose_mode(asked->mode, &diagnostics, &request.mode, err);
    if (status) {
        return status;
    }
    status = discover_choose_enforce(enforce, &diagnostics, &request.enforce, err);
    if (status) {
        return status;
    }
    status = walk_query_of(arena, &asked->walk, &request.walk, err);
    if (status) {
        return status;
    }
    status = discover_sources(arena, &request, &diagnostics, &discovery, err);
    if (status) {
        return status;
    }
    struct result_parts parts = {
        .records = discovery.records,
        .diagnostics = discovery.diagnostics,
        .withheld = discovery.withheld,
        .decisions = discovery.decisions,
    };
    return result_new(take(arena), &parts, ret, err);
}

int registry_discover(struct registry *registry, const struct registry_discovery *discovery,
                      struct registry_result **ret, struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, discover(registry, discovery, ret, &fault), &fault);
}

// Both sides must answer. A comparison with a cached snapshot would report differences that are only age.
static enum status compare(const struct registry *registry, const struct registry_query *query,
                           const struct registry_walk_options *options,
                           struct registry_parity **ret, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct source_query merged = merge_facts(registry, query);
    if (merged.group_count != 1) {
        return fail(err, STATUS_USAGE, NULL, "Comparing needs exactly one group");
    }
    struct walk_query walk;
    struct compared_sources sources;
    struct parity parity = {0};
    enum status status = need_handle(registry, err);
    if (status) {
        return status;
    }
    status = walk_query_of(arena, options, &walk, err);
    if (status) {
        return status;
    }
    status = compare_sources(arena, &registry->connection, &merged, walk, &sources, err);
    if (status) {
        return status;
    }
    struct parity_sides sides = compare_sides(&sources);
    status = parity_compare(arena, merged.groups[0], &sides, &parity, err);
    if (status) {
        return status;
    }
    return parity_new(take(arena), &parity, ret, err);
}

int registry_compare(struct registry *registry, const struct registry_query *query,
                     const struct registry_walk_options *options, struct registry_parity **ret,
                     struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, compare(registry, query, options, ret, &fault), &fault);
}

// The connection is copied, so that the time limit (milliseconds) holds for this call alone.
static enum status pull(const struct registry *registry, int timeout_ms, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct snapshot_pulled pulled;
    struct connection connection = registry->connection;
    connection.timeout_ms = timeout_ms > 0 ? timeout_ms : connection.timeout_ms;
    if (!arena) {
        return fail_no_memory(err);
    }
    return snapshot_pull(arena, &connection, &registry->offline.selector, &pulled, err);
}

// A negative time limit (REGISTRY_OFFLINE) sends no request. A snapshot that was named by its path
// (is_any) belongs to no registry that could be asked. Both only open the file again.
static enum status refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                           struct error *err) {
    bool is_asked = registry && timeout_ms >= 0 && !registry->offline.selector.is_any;
    enum status status = need_handle(registry, err);
    if (status) {
        return status;
    }
    if (is_asked) {
        status = pull(registry, timeout_ms, err);
    }
    if (status) {
        return status;
    }
    return offline_reopen(registry, ret_changed, err);
}

int registry_refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                     struct registry_error *err) {
    struct error fault = {0};
    bool changed = false;
    enum status status = refresh(registry, timeout_ms, &changed, &fault);
    if (ret_changed) {
        // Set on failure as well: a caller that ignores the status must not read a stale value.
        *ret_changed = changed;
    }
    return handle_error(err, status, &fault);
}
