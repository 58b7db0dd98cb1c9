// SPDX-License-Identifier: MIT
// One pass over the entries of each root (source_walk.h): recognise, read, make records, merge.
// Entries that are no directories, that start with a dot, or that nobody recognises are not plugins
// and not worth a word; a directory that cannot be looked into might be one, and is told.
#include "client/walk/source_walk.h"

#include "client/walk/merge.h"
#include "client/fs/printable.h"
#include "client/walk/walk_records.h"
#include "schema/base/cleanup.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

// A directory that cannot be looked into.
static enum status tell_unreadable(const struct walk *walk, const struct rooted_dir *dir,
                                   const char *code, const struct error *fault, struct error *err) {
    const struct convention *convention = walk->only ? walk->only : convention_at(0);
    struct convention_plugin plugin = {.path = dir->path, .name = dir->name};
    findings_init(&plugin.findings, walk->scratch);
    findings_add(&plugin.findings, SEVERITY_ERROR, code, printable_utf8(walk->scratch, dir->path),
                 NULL, "%s", fault->message);
    return walk->dirs ? walk_add_plugin_dir(walk, NULL, dir, &plugin.findings, err)
                      : walk_add_broken(walk, convention, &plugin, err);
}

// A name that is not UTF-8 can be in no manifest and in no answer.
static enum status tell_not_utf8(const struct walk *walk, const struct rooted_dir *dir,
                                 struct error *err) {
    struct error fault = {0};
    fail(&fault, STATUS_INVALID, NULL, "The directory's path is not UTF-8; rename it");
    return tell_unreadable(walk, dir, "not-utf8", &fault, err);
}

// The convention of a place, or NULL.
static const struct convention *recognize(const struct walk *walk, const char *within,
                                          const struct rooted_dir *dir) {
    if (!walk->only) {
        return convention_recognize(within, dir);
    }
    return walk->only->recognizes(walk->only, dir, true) ? walk->only : NULL;
}

// A directory that could not be opened. One that has been removed since the listing is not worth a word.
static enum status tell_closed(const struct walk *walk, const struct rooted_dir *parent,
                               const struct rooted_dir_entry *entry, const struct error *fault,
                               struct error *err) {
    if (fault->status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (fault->status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    const char *path = arena_printf(walk->scratch, "%s/%s", parent->path, entry->name);
    const char *code = convention_code(entry->kind, fault->status);
    struct rooted_dir closed = {.path = path, .name = entry->name, .relative = entry->name};
    return path ? tell_unreadable(walk, &closed, code, fault, err) : fail_no_memory(err);
}

// Nobody knows it; one that cannot even be looked into might be a plugin all the same.
static enum status try_to_enter(const struct walk *walk, const struct rooted_dir *parent,
                                const struct rooted_dir_entry *entry, struct error *err) {
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    return rooted_dir_enter(walk->scratch, parent, entry->name, &dir, &fault)
               ? tell_closed(walk, parent, entry, &fault, err)
               : STATUS_OK;
}

static enum status visit(const struct walk *walk, const char *within,
                         const struct rooted_dir *parent, const struct rooted_dir_entry *entry,
                         struct error *err) {
    bool directory = entry->kind == ROOTED_DIR_DIRECTORY ||
                     entry->kind == ROOTED_DIR_OUTSIDE_DIRECTORY ||
                     entry->kind == ROOTED_DIR_UNREADABLE;
    if (!directory || entry->name[0] == '.') {
        return STATUS_OK;
    }
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    arena_reset(walk->scratch);
    bool plain = entry->kind == ROOTED_DIR_DIRECTORY && !entry->link;
    if (plain ? rooted_dir_below(walk->scratch, parent, entry, &dir, &fault)
              : rooted_dir_enter(walk->scratch, parent, entry->name, &dir, &fault)) {
        return tell_closed(walk, parent, entry, &fault, err);
    }
    const struct convention *convention = recognize(walk, within, &dir);
    if (!convention) {
        return plain ? try_to_enter(walk, parent, entry, err) : STATUS_OK;
    }
    if (!utf8_is_valid(dir.path, strlen(dir.path))) {
        return tell_not_utf8(walk, &dir, err);
    }
    return walk->dirs ? walk_add_plugin_dir(walk, convention, &dir, NULL, err)
                      : walk_read_plugins(walk, convention, &dir, err);
}

// Entries of one directory, and how their visit went.
struct share {
    struct walk walk;
    const char *within;
    const struct rooted_dir *dir;
    const struct rooted_dir_entry *entries;
    size_t count;
    enum status failed;
    struct error err;
};

static void *visit_share(void *context) {
    struct share *share = context;
    for (size_t i = 0; !share->failed && i < share->count; i++) {
        share->failed =
            visit(&share->walk, share->within, share->dir, &share->entries[i], &share->err);
    }
    return NULL;
}

// Moves what the second thread found behind what the first one did.
static enum status join_records(const struct walk *walk, const struct records *more) {
    for (size_t i = 0; i < more->count; i++) {
        struct record *record = records_add(walk->arena, walk->records);
        if (!record) {
            return STATUS_NO_MEMORY;
        }
        *record = more->items[i];
        record->findings.arena = walk->arena;
    }
    return STATUS_OK;
}

// Starts a thread that no signal of the host reaches, with a stack that the TOML parser can live on.
static bool start_thread(pthread_t *ret_thread, struct share *share) {
    enum { STACK_BYTES = 2 * 1024 * 1024 };
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(ret_thread, &attributes, visit_share, share) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

// The second half in a thread of its own, with arenas of its own; false when there can be none.
static bool visit_in_halves(struct share *first, struct share *second) {
    struct records records = {0};
    pthread_t thread;
    struct arena *arena = arena_new(0);
    struct arena *scratch = arena_new(0);
    const struct walk *walk = &first->walk;
    second->walk.arena = arena;
    second->walk.scratch = scratch;
    second->walk.records = &records;
    bool started = arena && scratch && start_thread(&thread, second);
    if (started) {
        visit_share(first);
        pthread_join(thread, NULL);
        if (!first->failed && !second->failed && join_records(walk, &records)) {
            first->failed = fail_no_memory(&first->err);
        }
        arena_adopt(walk->arena, take(arena));
    }
    arena_free(arena);
    arena_free(scratch);
    return started;
}

// Many directories are shared between two threads, if there are processors for them; one thread more
// is all that reading small files gains from on a small machine.
static enum status visit_all(const struct walk *walk, const char *within,
                             const struct rooted_dir *dir, struct error *err) {
    enum { ENOUGH_FOR_TWO = 64 };
    struct rooted_dir_entries entries = {0};
    enum status failed = rooted_dir_entries(walk->arena, dir, &entries, err);
    if (failed) {
        return failed;
    }
    bool two =
        walk->records && entries.count >= ENOUGH_FOR_TWO && sysconf(_SC_NPROCESSORS_ONLN) > 1;
    size_t half = two ? entries.count / 2 : entries.count;
    struct share first = {*walk, within, dir, entries.items, half, STATUS_OK, {0}};
    struct share second = first;
    second.entries += half;
    second.count = entries.count - half;
    if (!two || !visit_in_halves(&first, &second)) {
        first.count = entries.count;
        visit_share(&first);
    }
    const struct share *worse = first.failed ? &first : &second;
    return worse->failed ? fail(err, worse->failed, worse->err.where, "%s", worse->err.message)
                         : STATUS_OK;
}

// The places of conventions that lie deeper: ROOT/<within>/*. No such directory is no plugins.
static enum status visit_within(const struct walk *walk, const char *within,
                                const struct rooted_dir *root, struct error *err) {
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    if (rooted_dir_find(root, within) != ROOTED_DIR_DIRECTORY) {
        return STATUS_OK;
    }
    enum status failed = rooted_dir_enter(walk->arena, root, within, &dir, &fault);
    if (failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    return failed ? STATUS_OK : visit_all(walk, within, &dir, err);
}

static enum status visit_deeper(const struct walk *walk, const struct rooted_dir *root,
                                struct error *err) {
    enum status failed = STATUS_OK;
    if (walk->only) {
        return visit_within(walk, walk->only->within, root, err);
    }
    for (size_t i = 0; !failed && convention_at(i); i++) {
        const char *within = convention_at(i)->within;
        failed = within ? visit_within(walk, within, root, err) : STATUS_OK;
    }
    return failed;
}

static enum status walk_root(struct walk *walk, const struct walk_root *root, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    enum status failed = rooted_dir_open(walk->arena, root->path, &dir, err);
    if (failed) {
        return failed;
    }
    dir.for_records = true;
    walk->label = printable_utf8(walk->arena, root->label ? root->label : root->path);
    if (!walk->label) {
        return fail_no_memory(err);
    }
    bool deeper = !walk->only || walk->only->within;
    bool here = !walk->only || !walk->only->within;
    failed = here ? visit_all(walk, NULL, &dir, err) : STATUS_OK;
    return !failed && deeper ? visit_deeper(walk, &dir, err) : failed;
}

// What both walks need: a convention and at least one root.
static enum status begin_walk(const struct walk_query *query, struct walk *walk,
                              struct error *err) {
    enum status failed = convention_choose(walk->arena, query->convention, &walk->only, err);
    if (!failed && !query->root_count) {
        return fail(err, STATUS_USAGE, NULL, "A walk needs at least one root directory");
    }
    return failed || walk->scratch ? failed : fail_no_memory(err);
}

enum status source_walk_plugin_dirs(struct arena *arena, const struct walk_query *query,
                                    struct plugin_dirs *ret_places, struct error *err) {
    struct plugin_dirs dirs = {0};
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct walk walk = {.arena = arena, .scratch = scratch, .dirs = &dirs};
    enum status failed = begin_walk(query, &walk, err);
    for (size_t i = 0; !failed && i < query->root_count; i++) {
        walk.root = arena_strdup(arena, query->roots[i].path);
        failed = walk.root ? walk_root(&walk, &query->roots[i], err) : fail_no_memory(err);
    }
    if (!failed) {
        *ret_places = dirs;
    }
    return failed;
}

// Whether the walk goes on without a root that cannot be read.
static bool pass_over(const struct walk_query *query, const struct error *fault) {
    if (!query->findings || (fault->status != STATUS_USAGE && fault->status != STATUS_IO)) {
        return false;
    }
    findings_add(query->findings, SEVERITY_WARNING, "root-unreadable", fault->where,
                 "Correct the path, or leave the root out", "This root is passed over: %s",
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

enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct walk walk = {.arena = arena, .scratch = scratch};
    enum status failed = begin_walk(query, &walk, err);
    struct records *lists = failed ? NULL : arena_array(arena, query->root_count, sizeof *lists);
    if (!lists) {
        return failed ? failed : fail_no_memory(err);
    }
    size_t walked = 0;
    for (size_t i = 0; i < query->root_count; i++) {
        struct error fault = {0};
        walk.records = &lists[i];
        failed = walk_root(&walk, &query->roots[i], &fault);
        bool last_hope = i + 1 == query->root_count && !walked;
        if (failed && (last_hope || !pass_over(query, &fault))) {
            return fail(err, failed, fault.where, "%s", fault.message);
        }
        walked += !failed;
    }
    struct merge_lists found = {.items = lists, .count = query->root_count};
    failed = list_unique_groups(&walk, &found, err);
    return failed ? failed : merge_records(arena, &found, ret_records, err);
}
