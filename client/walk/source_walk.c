// SPDX-License-Identifier: MIT
// The walk from root to answer (source_walk.h): opens one root after the other, has each visited
// (walk_visit.c), then makes the two choices that need all roots: which distribution of a project counts,
// and which entry point of a name. One thread calls it; the second thread of walk_visit.c never outlives
// the visit of a root.
#include "client/walk/source_walk.h"

#include "client/fs/printable.h"
#include "client/walk/merge.h"
#include "client/walk/walk_visit.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

// One run over all roots.
struct run {
    struct walk walk;
    struct rooted_dir_identity *seen; // the roots so far: one that comes again is passed over
    size_t seen_count;
    size_t seen_capacity;
    struct records **lists; // of each root that was walked, in the order of precedence
    size_t list_count;
    size_t list_capacity;
    struct distributions distributions;
};

// Whether the directory is no root yet; then it is one from now on.
static enum status see_root(struct run *run, const struct rooted_dir *dir, bool *ret_is_new,
                            struct error *err) {
    struct rooted_dir_identity identity;
    *ret_is_new = true;
    if (!rooted_dir_identify(dir, &identity)) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < run->seen_count; i++) {
        if (rooted_dir_is_same(&run->seen[i], &identity)) {
            *ret_is_new = false;
            return STATUS_OK;
        }
    }
    struct rooted_dir_identity *grown =
        list_grow(run->walk.arena, run->seen, run->seen_count, &run->seen_capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    run->seen = grown;
    run->seen[run->seen_count++] = identity;
    return STATUS_OK;
}

// A new list of records, for what is read from now on.
static enum status begin_list(struct run *run, struct error *err) {
    struct records **grown = list_grow(run->walk.arena, run->lists, run->list_count,
                                       &run->list_capacity, sizeof(struct records *));
    struct records *list = arena_alloc(run->walk.arena, sizeof *list);
    if (!grown || !list) {
        return fail_no_memory(err);
    }
    run->lists = grown;
    run->lists[run->list_count++] = list;
    run->walk.records = list;
    return STATUS_OK;
}

static enum status walk_root(struct run *run, const struct walk_root *root, struct error *err) {
    struct walk *walk = &run->walk;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    bool is_new;
    enum status status = rooted_dir_open(walk->arena, root->path, &dir, err);
    if (status) {
        return status;
    }
    status = see_root(run, &dir, &is_new, err);
    if (status || !is_new) {
        return status;
    }
    status = walk->dirs ? STATUS_OK : begin_list(run, err);
    if (status) {
        return status;
    }
    dir.for_records = true;
    walk->root_index++;
    walk->root = arena_strdup(walk->arena, root->path);
    walk->label = printable_utf8(walk->arena, root->label ? root->label : root->path);
    if (!walk->root || !walk->label) {
        return fail_no_memory(err);
    }
    return walk_visit_root(walk, &dir, err);
}

// Walks what .pth files of a root name, for installed distributions alone. A folder that cannot be opened
// any more is none for Python either.
static enum status walk_site_paths(struct run *run, const struct site_paths *paths,
                                   const char *label, struct error *err) {
    const struct convention *only = run->walk.only;
    enum status status = STATUS_OK;
    run->walk.only = &convention_dist_info;
    run->walk.site_paths = NULL;
    run->walk.is_followed = true;
    for (size_t i = 0; !status && i < paths->count; i++) {
        struct error fault = {0};
        struct walk_root root = {paths->items[i].folder, label};
        if (walk_root(run, &root, &fault) == STATUS_NO_MEMORY) {
            status = fail_no_memory(err);
        }
    }
    run->walk.only = only;
    run->walk.is_followed = false;
    return status;
}

// A root, and what its .pth files name.
static enum status walk_with_site_paths(struct run *run, const struct walk_root *root,
                                        struct error *err) {
    struct site_paths paths = {0};
    bool follows = !run->walk.only || run->walk.only == &convention_dist_info;
    run->walk.site_paths = follows ? &paths : NULL;
    enum status status = walk_root(run, root, err);
    const char *label = root->label ? root->label : root->path;
    return status || !paths.count ? status : walk_site_paths(run, &paths, label, err);
}

// What both walks need: a convention and at least one root.
static enum status begin_run(const struct walk_query *query, struct run *run, struct error *err) {
    enum status status =
        convention_choose(run->walk.arena, query->convention, &run->walk.only, err);
    if (status) {
        return status;
    }
    if (!query->root_count) {
        return fail(err, STATUS_USAGE, NULL, "A walk needs at least one root directory");
    }
    return run->walk.scratch ? STATUS_OK : fail_no_memory(err);
}

enum status source_walk_plugin_dirs(struct arena *arena, const struct walk_query *query,
                                    struct plugin_dirs *ret_dirs, struct error *err) {
    struct plugin_dirs dirs = {0};
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct run run = {.walk = {.arena = arena, .scratch = scratch, .dirs = &dirs}};
    enum status status = begin_run(query, &run, err);
    for (size_t i = 0; !status && i < query->root_count; i++) {
        status = walk_with_site_paths(&run, &query->roots[i], err);
    }
    if (!status) {
        *ret_dirs = dirs;
    }
    return status;
}

// Whether the walk goes on without a root that cannot be read.
static bool pass_over(const struct walk_query *query, const struct error *fault) {
    if (!query->findings || (fault->status != STATUS_USAGE && fault->status != STATUS_IO)) {
        return false;
    }
    findings_add(query->findings, SEVERITY_WARNING, "root-unreadable", fault->where,
                 "Correct the path, or leave the root out", "This root is skipped: %s",
                 fault->message);
    return true;
}

// The groups in which a name is one plugin's: those of the conventions whose plugins lie in directories
// of their own. A group may come twice.
static enum status list_unique_groups(const struct walk *walk, struct merge_lists *lists,
                                      struct error *err) {
    size_t count = 1;
    while (convention_at(count - 1)) {
        count++;
    }
    const char **groups = arena_array(walk->arena, count, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    lists->unique_groups = groups;
    for (size_t i = 0; i < count; i++) {
        const struct convention *convention = i + 1 < count ? convention_at(i) : walk->only;
        if (convention && !convention->is_shared && convention->group) {
            groups[lists->unique_group_count++] = convention->group;
        }
    }
    return STATUS_OK;
}

static enum status walk_all(struct run *run, const struct walk_query *query, struct error *err) {
    size_t walked = 0;
    for (size_t i = 0; i < query->root_count; i++) {
        struct error fault = {0};
        enum status status = walk_with_site_paths(run, &query->roots[i], &fault);
        bool last_hope = i + 1 == query->root_count && !walked;
        if (status && (last_hope || !pass_over(query, &fault))) {
            return fail(err, status, fault.where, "%s", fault.message);
        }
        walked += !status;
    }
    return STATUS_OK;
}

// A withheld record shadows nothing, so decisions come before the merge. They come after the choice among
// distributions: which copy of a distribution Python imports does not depend on decisions.
static enum status decide(const struct run *run, const struct walk_query *query,
                          struct error *err) {
    enum status status = STATUS_OK;
    for (size_t i = 0; query->decider && i < run->list_count && !status; i++) {
        status =
            decide_records(run->walk.arena, query->decider, run->lists[i], query->withheld, err);
    }
    return status;
}

static enum status merge_lists(struct run *run, struct records *ret_records, struct error *err) {
    struct arena *arena = run->walk.arena;
    struct records *items = arena_array(arena, run->list_count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < run->list_count; i++) {
        items[i] = *run->lists[i];
    }
    struct merge_lists found = {.items = items, .count = run->list_count};
    enum status status = list_unique_groups(&run->walk, &found, err);
    return status ? status : merge_records(arena, &found, ret_records, err);
}

enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct run run = {.walk = {.arena = arena, .scratch = scratch}};
    run.walk.distributions = &run.distributions;
    enum status status = begin_run(query, &run, err);
    if (status) {
        return status;
    }
    status = walk_all(&run, query, err);
    if (status) {
        return status;
    }
    status = distributions_choose(arena, &run.distributions, run.lists, run.list_count, err);
    if (status) {
        return status;
    }
    status = decide(&run, query, err);
    return status ? status : merge_lists(&run, ret_records, err);
}
