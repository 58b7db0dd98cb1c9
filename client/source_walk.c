// SPDX-License-Identifier: MIT
// One pass over the entries of each root (source_walk.h): recognise, read, make records, merge.
// Entries that are no directories, that start with a dot, or that nobody recognises are not plugins
// and not worth a word; a directory that cannot be looked into might be one, and is told.
#include "client/source_walk.h"

#include "client/merge.h"
#include "client/printable.h"
#include "schema/base/cleanup.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version.h"

#include <stdio.h>
#include <string.h>

struct walk {
    struct arena *arena;
    const struct convention *only; // NULL: each plugin by its mark
    const char *label;
    struct records *records;
};

// A record of the walk, with a copy of the findings. NULL when out of memory.
static struct record *add_record(const struct walk *walk, const char *path,
                                 const struct findings *findings) {
    struct record *record = records_add(walk->arena, walk->records);
    if (!record) {
        return NULL;
    }
    record->source = "walk";
    record->label = walk->label;
    record->origin = printable_utf8(walk->arena, path);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *item = &findings->items[i];
        findings_add(&record->findings, item->severity, item->code, item->where, item->hint, "%s",
                     item->message);
    }
    return record->origin && !record->findings.no_memory ? record : NULL;
}

// What could not be read at all: the directory's name is all there is to tell.
static enum status add_broken(const struct walk *walk, const struct convention *convention,
                              const struct place *place, const struct findings *findings,
                              struct error *err) {
    struct record *record = add_record(walk, place->path, findings);
    if (!record) {
        return fail_no_memory(err);
    }
    record->group = convention->group;
    record->name = printable_utf8(walk->arena, place->name);
    return record->name ? STATUS_OK : fail_no_memory(err);
}

static const char *normal_name(struct arena *arena, const char *name) {
    const char *normalized = NULL;
    return name && !name_normalize(arena, text_from(name), &normalized, NULL) ? normalized : NULL;
}

static const char *normal_version(struct arena *arena, const char *version) {
    const struct version *parsed = NULL;
    return version && !version_parse(arena, text_from(version), &parsed, NULL)
               ? version_string(parsed)
               : NULL;
}

static const char *manifest_of(const struct release *release, const struct entry_point *entry) {
    for (size_t i = 0; i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        if (strcmp(manifest->group, entry->group) == 0 &&
            strcmp(manifest->name, entry->name) == 0) {
            return manifest->json;
        }
    }
    return NULL;
}

// One record for each entry point of the release.
static enum status add_release(const struct walk *walk, const struct place *place,
                               const struct release *release, const struct findings *findings,
                               struct error *err) {
    const char *package = normal_name(walk->arena, release->name);
    const char *version = normal_version(walk->arena, release->version);
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        struct record *record = add_record(walk, place->path, findings);
        if (!record) {
            return fail_no_memory(err);
        }
        record->group = entry->group;
        record->name = entry->name;
        record->value = entry->value;
        record->package = package;
        record->version = version;
        record->manifest = manifest_of(release, entry);
    }
    return STATUS_OK;
}

static enum status read_plugin(const struct walk *walk, const struct convention *convention,
                               const struct place *place, struct error *err) {
    struct findings findings;
    const struct release *release = NULL;
    findings_init(&findings, walk->arena);
    enum status failed = convention->read(walk->arena, place, &findings, &release, err);
    if (failed) {
        return failed;
    }
    if (release && release->entry_point_count) {
        return add_release(walk, place, release, &findings, err);
    }
    return add_broken(walk, convention, place, &findings, err);
}

// A directory that cannot be looked into.
static enum status tell_unreadable(const struct walk *walk, const struct place *place,
                                   const char *code, const struct error *fault, struct error *err) {
    const struct convention *convention = walk->only ? walk->only : convention_at(0);
    struct findings findings;
    findings_init(&findings, walk->arena);
    findings_add(&findings, SEVERITY_ERROR, code, printable_utf8(walk->arena, place->path), NULL,
                 "%s", fault->message);
    return add_broken(walk, convention, place, &findings, err);
}

// A name that is not UTF-8 can be in no manifest and in no answer.
static enum status tell_not_utf8(const struct walk *walk, const struct place *place,
                                 struct error *err) {
    struct error fault = {0};
    fail(&fault, STATUS_INVALID, NULL, "The directory's path is not UTF-8; rename it");
    return tell_unreadable(walk, place, "not-utf8", &fault, err);
}

static enum status visit(const struct walk *walk, const struct place *root,
                         const struct place_entry *entry, struct error *err) {
    bool directory = entry->kind == PLACE_DIRECTORY || entry->kind == PLACE_OUTSIDE_DIRECTORY ||
                     entry->kind == PLACE_UNREADABLE;
    if (!directory || entry->name[0] == '.') {
        return STATUS_OK;
    }
    struct error fault = {0};
    scoped(place_close) struct place place = PLACE_CLOSED;
    enum status failed = place_enter(walk->arena, root, entry->name, &place, &fault);
    if (failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (failed == STATUS_NOT_FOUND) { // removed since the listing
        return STATUS_OK;
    }
    if (failed) {
        const char *path = arena_printf(walk->arena, "%s/%s", root->path, entry->name);
        const char *code = convention_code(entry->kind, failed);
        struct place closed = {.path = path, .name = entry->name};
        return path ? tell_unreadable(walk, &closed, code, &fault, err) : fail_no_memory(err);
    }
    const struct convention *convention = walk->only;
    if (!convention) {
        convention = convention_recognize(&place);
    } else if (!convention->recognizes(&place)) {
        convention = NULL;
    }
    if (!convention) {
        return STATUS_OK;
    }
    return utf8_is_valid(place.path, strlen(place.path))
               ? read_plugin(walk, convention, &place, err)
               : tell_not_utf8(walk, &place, err);
}

static enum status walk_root(struct walk *walk, const struct walk_root *root, struct error *err) {
    scoped(place_close) struct place place = PLACE_CLOSED;
    enum status failed = place_open(walk->arena, root->path, &place, err);
    if (failed) {
        return failed;
    }
    walk->label = printable_utf8(walk->arena, root->label ? root->label : root->path);
    struct place_entries entries = {0};
    failed = walk->label ? place_entries(walk->arena, &place, &entries, err) : fail_no_memory(err);
    for (size_t i = 0; !failed && i < entries.count; i++) {
        failed = visit(walk, &place, &entries.items[i], err);
    }
    return failed;
}

static enum status fail_unknown(const char *name, struct error *err) {
    scoped(buffer_done) struct buffer known;
    buffer_init(&known, sizeof err->message);
    for (size_t i = 0; convention_at(i); i++) {
        buffer_printf(&known, ", %s", convention_at(i)->name);
    }
    return fail(err, STATUS_USAGE, NULL, "There is no convention \"%s\"; known are auto%s", name,
                known.ptr ? known.ptr : "");
}

static enum status find_convention(const char *name, const struct convention **ret_convention,
                                   struct error *err) {
    *ret_convention = NULL;
    if (!name || strcmp(name, "auto") == 0) {
        return STATUS_OK;
    }
    *ret_convention = convention_find(name);
    return *ret_convention ? STATUS_OK : fail_unknown(name, err);
}

enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err) {
    const struct convention *only = NULL;
    enum status failed = find_convention(query->convention, &only, err);
    if (failed) {
        return failed;
    }
    if (!query->root_count) {
        return fail(err, STATUS_USAGE, NULL, "A walk needs at least one root directory");
    }
    struct records *lists = arena_array(arena, query->root_count, sizeof *lists);
    if (!lists) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query->root_count; i++) {
        struct walk walk = {.arena = arena, .only = only, .records = &lists[i]};
        failed = walk_root(&walk, &query->roots[i], err);
        if (failed) {
            return failed;
        }
    }
    return merge_records(arena, lists, query->root_count, ret_records, err);
}
