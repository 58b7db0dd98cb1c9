// SPDX-License-Identifier: MIT
// One pass over the entries of a root (walk_visit.h): recognise, then read or list. Entries that are no
// directories, that start with a dot, or that no convention recognises are not plugins and need no
// message; a directory that cannot be opened may be a plugin, and becomes a broken record. The two
// threads of a large root share nothing but the open directory: each has its arenas and its lists.
#include "client/walk/walk_visit.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A directory that cannot be opened.
static enum status add_unreadable(const struct walk *walk, const struct rooted_dir *dir,
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
static enum status add_not_utf8(const struct walk *walk, const struct rooted_dir *dir,
                                struct error *err) {
    struct error fault = {0};
    fail(&fault, STATUS_INVALID, NULL, "The directory's path is not UTF-8; rename it");
    return add_unreadable(walk, dir, "not-utf8", &fault, err);
}

// The convention of a directory, or NULL.
static const struct convention *recognize(const struct walk *walk, const char *within,
                                          const struct rooted_dir *dir) {
    if (!walk->only) {
        return convention_recognize(within, dir);
    }
    return walk->only->recognizes(walk->only, dir, true) ? walk->only : NULL;
}

// A directory that could not be opened. One that has been removed since the listing needs no
// message.
static enum status add_unopened(const struct walk *walk, const struct rooted_dir *parent,
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
    return path ? add_unreadable(walk, &closed, code, fault, err) : fail_no_memory(err);
}

// No convention recognises it; one that cannot even be opened may be a plugin all the same.
static enum status try_to_enter(const struct walk *walk, const struct rooted_dir *parent,
                                const struct rooted_dir_entry *entry, struct error *err) {
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    return rooted_dir_enter(walk->scratch, parent, entry->name, &dir, &fault)
               ? add_unopened(walk, parent, entry, &fault, err)
               : STATUS_OK;
}

// Whether the walk reads installed distributions.
static bool reads_distributions(const struct walk *walk) {
    return walk->records && (!walk->only || walk->only == &convention_dist_info);
}

// A file is not a plugin, but it may be a distribution or lead to one.
static enum status visit_file(const struct walk *walk, const char *within,
                              const struct rooted_dir *parent, const struct rooted_dir_entry *entry,
                              struct error *err) {
    bool counts = entry->kind == ROOTED_DIR_FILE && !within && reads_distributions(walk) &&
                  distribution_is_named(entry->name);
    return counts ? walk_add_distribution_file(walk, parent, entry, err) : STATUS_OK;
}

static bool may_be_directory(const struct rooted_dir_entry *entry) {
    return entry->kind == ROOTED_DIR_DIRECTORY || entry->kind == ROOTED_DIR_OUTSIDE_DIRECTORY ||
           entry->kind == ROOTED_DIR_UNREADABLE;
}

static enum status visit(const struct walk *walk, const char *within,
                         const struct rooted_dir *parent, const struct rooted_dir_entry *entry,
                         struct error *err) {
    if (entry->name[0] == '.') {
        return STATUS_OK;
    }
    if (!may_be_directory(entry)) {
        return visit_file(walk, within, parent, entry, err);
    }
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    arena_reset(walk->scratch);
    bool plain = entry->kind == ROOTED_DIR_DIRECTORY && !entry->link;
    if (plain ? rooted_dir_below(walk->scratch, parent, entry, &dir, &fault)
              : rooted_dir_enter(walk->scratch, parent, entry->name, &dir, &fault)) {
        return add_unopened(walk, parent, entry, &fault, err);
    }
    const struct convention *convention = recognize(walk, within, &dir);
    if (!convention) {
        return plain ? try_to_enter(walk, parent, entry, err) : STATUS_OK;
    }
    if (!utf8_is_valid(dir.path, strlen(dir.path))) {
        return add_not_utf8(walk, &dir, err);
    }
    return walk->dirs ? walk_add_plugin_dir(walk, convention, &dir, NULL, err)
                      : walk_read_plugins(walk, convention, &dir, entry->order, err);
}

// ---- two threads ----

// Entries of one directory, and how their visit went.
struct share {
    struct walk walk;
    const char *within;
    const struct rooted_dir *dir;
    const struct rooted_dir_entry *entries;
    size_t count;
    enum status status;
    struct error err;
};

static void *visit_share(void *context) {
    struct share *share = context;
    for (size_t i = 0; !share->status && i < share->count; i++) {
        share->status =
            visit(&share->walk, share->within, share->dir, &share->entries[i], &share->err);
    }
    return NULL;
}

// What the second thread collects for itself.
struct second_lists {
    struct records records;
    struct distributions distributions;
};

static bool join_distributions(const struct walk *walk, const struct distributions *more,
                               size_t first_record) {
    struct distributions *all = walk->distributions;
    for (size_t i = 0; i < more->count; i++) {
        struct distribution *grown =
            list_grow(walk->arena, all->items, all->count, &all->capacity, sizeof *grown);
        if (!grown) {
            return false;
        }
        all->items = grown;
        struct distribution *added = &all->items[all->count++];
        *added = more->items[i];
        added->list = walk->records;
        added->first += first_record;
    }
    return true;
}

// Moves what the second thread found behind what the first one did. False when out of memory.
static bool join_lists(const struct walk *walk, const struct second_lists *more) {
    size_t first_record = walk->records->count;
    for (size_t i = 0; i < more->records.count; i++) {
        struct record *record = records_add(walk->arena, walk->records);
        if (!record) {
            return false;
        }
        *record = more->records.items[i];
        record->findings.arena = walk->arena;
    }
    return join_distributions(walk, &more->distributions, first_record);
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
    struct second_lists lists = {0};
    pthread_t thread;
    struct arena *arena = arena_new(0);
    struct arena *scratch = arena_new(0);
    const struct walk *walk = &first->walk;
    second->walk.arena = arena;
    second->walk.scratch = scratch;
    second->walk.records = &lists.records;
    second->walk.distributions = &lists.distributions;
    bool started = arena && scratch && start_thread(&thread, second);
    if (started) {
        visit_share(first);
        pthread_join(thread, NULL);
        if (!first->status && !second->status && !join_lists(walk, &lists)) {
            first->status = fail_no_memory(&first->err);
        }
        arena_adopt(walk->arena, take(arena));
    }
    arena_free(arena);
    arena_free(scratch);
    return started;
}

// Many directories are shared between two threads, if there are processors for them; one thread more
// is all that reading small files gains from on a small machine.
static enum status visit_entries(const struct walk *walk, const char *within,
                                 const struct rooted_dir *dir,
                                 const struct rooted_dir_entries *entries, struct error *err) {
    enum { ENOUGH_FOR_TWO = 64 };
    bool two =
        walk->records && entries->count >= ENOUGH_FOR_TWO && sysconf(_SC_NPROCESSORS_ONLN) > 1;
    size_t half = two ? entries->count / 2 : entries->count;
    struct share first = {*walk, within, dir, entries->items, half, STATUS_OK, {0}};
    struct share second = first;
    second.entries += half;
    second.count = entries->count - half;
    if (!two || !visit_in_halves(&first, &second)) {
        first.count = entries->count;
        visit_share(&first);
    }
    const struct share *worse = first.status ? &first : &second;
    return worse->status ? fail(err, worse->status, worse->err.where, "%s", worse->err.message)
                         : STATUS_OK;
}

// ---- the root, and the directories in it that hold plugins ----

// A .pth file that cannot be followed is a record of its own: the host may load more than the walk sees.
static enum status add_not_followed(const struct walk *walk, const struct rooted_dir *dir,
                                    const char *name, const struct findings *findings,
                                    struct error *err) {
    struct convention_plugin plugin = {.name = name, .findings = *findings};
    plugin.path = arena_printf(walk->arena, "%s/%s", dir->path, name);
    if (!plugin.path) {
        return fail_no_memory(err);
    }
    // an error besides the warning: nobody may load a record that has no value
    findings_add(&plugin.findings, SEVERITY_ERROR, "unreadable", plugin.path, NULL,
                 "The distributions behind this file are not listed");
    return walk->records ? walk_add_broken(walk, &convention_dist_info, &plugin, err) : STATUS_OK;
}

// Collects what the .pth files of the root name, in the order of their names.
static enum status read_site_files(const struct walk *walk, const struct rooted_dir *dir,
                                   const struct rooted_dir_entries *entries, struct error *err) {
    for (size_t i = 0; i < entries->count; i++) {
        const struct rooted_dir_entry *entry = &entries->items[i];
        if (entry->name[0] == '.' || entry->kind == ROOTED_DIR_DIRECTORY ||
            !site_paths_is_file(entry->name)) {
            continue;
        }
        struct findings findings;
        findings_init(&findings, walk->arena);
        enum status status =
            site_paths_read(walk->arena, dir, entry->name, walk->site_paths, &findings, err);
        if (!status && findings.count) {
            status = add_not_followed(walk, dir, entry->name, &findings, err);
        }
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status visit_directory(const struct walk *walk, const char *within,
                                   const struct rooted_dir *dir, struct error *err) {
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_entries(walk->arena, dir, &entries, err);
    if (status) {
        return status;
    }
    status = visit_entries(walk, within, dir, &entries, err);
    if (status || within || !walk->site_paths) {
        return status;
    }
    return read_site_files(walk, dir, &entries, err);
}

// The plugins of conventions that lie deeper: ROOT/<within>/*. No such directory is no plugins.
static enum status visit_within(const struct walk *walk, const char *within,
                                const struct rooted_dir *root, struct error *err) {
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    if (rooted_dir_find(root, within) != ROOTED_DIR_DIRECTORY) {
        return STATUS_OK;
    }
    enum status status = rooted_dir_enter(walk->arena, root, within, &dir, &fault);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    return status ? STATUS_OK : visit_directory(walk, within, &dir, err);
}

enum status walk_visit_root(const struct walk *walk, const struct rooted_dir *root,
                            struct error *err) {
    if (walk->only) {
        return walk->only->within ? visit_within(walk, walk->only->within, root, err)
                                  : visit_directory(walk, NULL, root, err);
    }
    enum status status = visit_directory(walk, NULL, root, err);
    for (size_t i = 0; !status && convention_at(i); i++) {
        const char *within = convention_at(i)->within;
        status = within ? visit_within(walk, within, root, err) : STATUS_OK;
    }
    return status;
}
