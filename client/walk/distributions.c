// SPDX-License-Identifier: MIT
// The choice among distributions (distributions.h). It is made once, over all roots, after they have been
// read: a distribution without entry points has no record and still hides the other versions of its
// project. The walk's thread calls it when the second thread has ended.
#include "client/walk/distributions.h"

#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with_nocase(const char *name, const char *ending) {
    size_t len = strlen(name);
    size_t ending_len = strlen(ending);
    return len > ending_len &&
           text_equals_nocase((struct text){name + len - ending_len, ending_len}, ending);
}

bool distribution_is_named(const char *file_name) {
    return ends_with_nocase(file_name, ".dist-info") || ends_with_nocase(file_name, ".egg-info");
}

// "My.Plug-1.0.dist-info" gives "my_plug", and so does "my__plug.egg-info".
const char *distribution_key(struct arena *arena, const char *file_name) {
    const char *dot = strrchr(file_name, '.');
    size_t stem = dot ? (size_t)(dot - file_name) : strlen(file_name);
    const char *dash = memchr(file_name, '-', stem);
    size_t len = dash ? (size_t)(dash - file_name) : stem;
    char *key = arena_alloc(arena, len + 1);
    char *out = key;
    for (size_t i = 0; key && i < len; i++) {
        char c = file_name[i] == '.' ? '_' : to_lower(file_name[i]);
        if (c != '_' || out == key || out[-1] != '_') {
            *out++ = c;
        }
    }
    if (key) {
        *out = '\0';
    }
    return key;
}

// By project, then in the order of the path.
static int compare_distributions(const void *left, const void *right) {
    const struct distribution *a = left;
    const struct distribution *b = right;
    int order = strcmp(a->key, b->key);
    if (order) {
        return order;
    }
    order = strcmp(a->name, b->name);
    if (order) {
        return order;
    }
    order = (a->root > b->root) - (a->root < b->root);
    if (order) {
        return order;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static bool is_same_project(const struct distribution *a, const struct distribution *b) {
    return strcmp(a->key, b->key) == 0 && strcmp(a->name, b->name) == 0;
}

// Device and inode decide, because two paths may lead to one directory. One that cannot be looked
// at is taken as another directory: its records are then marked as shadowed and stay visible.
static bool is_same_directory(const struct distribution *a, const struct distribution *b) {
    struct stat one;
    struct stat other;
    return stat(a->path, &one) == 0 && stat(b->path, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

// The findings may be shared with other records of the distribution. The warning is about this
// record only, so it gets a list of its own.
static void shadow(struct arena *arena, struct record *record, const struct distribution *winner) {
    const char *by = winner->path;
    if (winner->count) {
        by = winner->list->items[winner->first].origin;
    }
    struct findings shared = record->findings;
    findings_init(&record->findings, arena);
    findings_append(&record->findings, &shared);
    record->shadowed_by = by;
    findings_add(&record->findings, SEVERITY_WARNING, "shadowed", record->origin,
                 "Uninstall the copy that is not wanted",
                 "Python does not load \"%s\" from here: %s is another copy of %s and comes first",
                 record->name, by, record->package ? record->package : "the project");
}

// What is removed keeps its slot until remove_marked.
static void mark_removed(struct record *record) {
    record->source = NULL;
}

static enum status hide(struct arena *arena, const struct distribution *winner,
                        const struct distribution *loser, struct error *err) {
    bool again = loser->is_followed || is_same_directory(winner, loser);
    for (size_t i = 0; i < loser->count; i++) {
        struct record *record = &loser->list->items[loser->first + i];
        if (again) {
            mark_removed(record);
        } else if (record->value) { // a broken one says what is wrong with it already
            shadow(arena, record, winner);
        }
        if (record->findings.no_memory) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// The first distribution with METADATA wins; when none has it, the first of all.
static enum status choose_one(struct arena *arena, const struct distribution *items, size_t count,
                              struct error *err) {
    const struct distribution *winner = items;
    for (size_t i = 0; i < count && !winner->is_whole; i++) {
        winner = items[i].is_whole ? &items[i] : winner;
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = &items[i] == winner ? STATUS_OK : hide(arena, winner, &items[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// In place and in order: what is left stays in the order of the path.
static void remove_marked(struct records *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].source) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

// Sorting makes the copies of one project neighbours. Records are removed only after the last
// choice, since `first` and `count` of a distribution are positions in the lists as they were.
enum status distributions_choose(struct arena *arena, const struct distributions *distributions,
                                 struct records *const *lists, size_t list_count,
                                 struct error *err) {
    struct distribution *items = distributions->items;
    size_t count = distributions->count;
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_distributions);
    }
    for (size_t i = 0, next; i < count; i = next) {
        next = i + 1;
        while (next < count && is_same_project(&items[i], &items[next])) {
            next++;
        }
        if (next - i == 1) {
            continue;
        }
        enum status status = choose_one(arena, &items[i], next - i, err);
        if (status) {
            return status;
        }
    }
    for (size_t i = 0; i < list_count; i++) {
        remove_marked(lists[i]);
    }
    return STATUS_OK;
}
