// SPDX-License-Identifier: MIT
// A team's own convention: its `look` path is split into the directory under the root (the literal
// segments before the first "*"), the place (the first "*"), and what is to be found in the place,
// where further "*" stand for directories. Reading is schema/readers/declared.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <string.h>

enum { MATCHES_MAX = 10000 };

struct match {
    const char *file;                            // path from the place
    const char *captures[DECLARED_CAPTURES_MAX]; // the place's name first
    size_t capture_count;
};

struct matches {
    struct arena *arena;
    struct match *items;
    size_t count;
};

// What stands behind the first "*/" of look.
static const char *pattern_of(const struct declared *declared) {
    const char *star = strchr(declared->look, '*');
    return star ? star + 2 : declared->look;
}

// A pattern with several stars can match very many files. Those beyond MATCHES_MAX are ignored.
static void add_match(struct matches *matches, const struct match *match) {
    if (matches->count < MATCHES_MAX) {
        matches->items[matches->count++] = *match;
    }
}

static void find_matches(struct matches *matches, const struct rooted_dir *dir, const char *pattern,
                         const struct match *so_far);

// Goes on behind a "*" in every directory of the place.
static void enter_all(struct matches *matches, const struct rooted_dir *dir, const char *rest,
                      const struct match *so_far) {
    struct rooted_dir_entries entries = {0};
    rooted_dir_entries(matches->arena, dir, &entries, NULL);
    for (size_t i = 0; i < entries.count; i++) {
        const char *name = entries.items[i].name;
        scoped(rooted_dir_close) struct rooted_dir inner = ROOTED_DIR_CLOSED;
        if (entries.items[i].kind != ROOTED_DIR_DIRECTORY || *name == '.' ||
            rooted_dir_enter(matches->arena, dir, name, &inner, NULL)) {
            continue;
        }
        struct match match = *so_far;
        match.captures[match.capture_count++] = name;
        match.file = arena_printf(matches->arena, "%s%s/", so_far->file, name);
        if (match.file) {
            find_matches(matches, &inner, rest, &match);
        }
    }
}

static void find_matches(struct matches *matches, const struct rooted_dir *dir, const char *pattern,
                         const struct match *so_far) {
    const char *star = strchr(pattern, '*');
    if (!star) {
        struct match match = *so_far;
        match.file = arena_printf(matches->arena, "%s%s", so_far->file, pattern);
        if (match.file && rooted_dir_find(dir, pattern) != ROOTED_DIR_ABSENT) {
            add_match(matches, &match);
        }
        return;
    }
    if (star == pattern) {
        enter_all(matches, dir, star + 2, so_far);
        return;
    }
    const char *folder = arena_copy(matches->arena, pattern, (size_t)(star - pattern) - 1);
    scoped(rooted_dir_close) struct rooted_dir inner = ROOTED_DIR_CLOSED;
    if (folder && rooted_dir_enter(matches->arena, dir, folder, &inner, NULL) == STATUS_OK) {
        struct match match = *so_far;
        match.file = arena_printf(matches->arena, "%s%s/", so_far->file, folder);
        if (match.file) {
            enter_all(matches, &inner, star + 2, &match);
        }
    }
}

// The captures begin with the name of the place itself; each further star adds one.
static bool find_all(struct arena *arena, const struct declared *declared,
                     const struct rooted_dir *dir, struct matches *ret_matches) {
    struct match first = {.file = "", .captures = {dir->name}, .capture_count = 1};
    *ret_matches =
        (struct matches){arena, arena_array(arena, MATCHES_MAX, sizeof(struct match)), 0};
    if (ret_matches->items) {
        find_matches(ret_matches, dir, pattern_of(declared), &first);
    }
    return ret_matches->items != NULL;
}

// A pattern without a star costs one look; the others list directories.
static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)asked;
    const char *pattern = pattern_of(self->declared);
    if (!strchr(pattern, '*')) {
        return rooted_dir_find(dir, pattern) != ROOTED_DIR_ABSENT;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct matches matches = {0};
    return arena && find_all(arena, self->declared, dir, &matches) && matches.count;
}

// The project lends name and version where the declaration says so; the plugin's own release replaces it.
static enum status read_match(const struct convention *self, struct arena *arena,
                              const struct rooted_dir *dir, const struct match *match,
                              struct convention_plugin *plugin) {
    struct error fault = {0};
    struct source_file file;
    scoped(buffer_done) struct buffer bytes = {0};
    if (self->declared->project) {
        convention_project(arena, dir, true, &plugin->findings, &plugin->release, NULL);
    }
    const struct release *project = plugin->release;
    plugin->release = NULL;
    if (convention_load(dir, match->file, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        struct declared_match read = {
            &file, {(const char **)match->captures, match->capture_count}, project};
        declared_read(arena, self->declared, &read, &plugin->findings, &plugin->release, &fault);
    }
    return convention_keep(&plugin->findings, &fault, NULL);
}

// One match is the plugin of the directory. Several have the path of their file, to be told apart.
static enum status read_plugins(const struct convention *self, struct arena *arena,
                                const struct rooted_dir *dir,
                                struct convention_plugins *ret_plugins, struct error *err) {
    struct matches matches;
    enum status status =
        find_all(arena, self->declared, dir, &matches) ? STATUS_OK : fail_no_memory(err);
    for (size_t i = 0; i < matches.count && !status; i++) {
        const char *path = matches.count == 1
                               ? dir->path
                               : arena_printf(arena, "%s/%s", dir->path, matches.items[i].file);
        struct convention_plugin *plugin =
            path ? convention_add(arena, ret_plugins, path, dir->name) : NULL;
        status =
            plugin ? read_match(self, arena, dir, &matches.items[i], plugin) : STATUS_NO_MEMORY;
        if (status) {
            return fail_no_memory(err);
        }
    }
    return status;
}

// Of several matches the one that makes an entry point of this name.
static const char *locate(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer) {
    const struct manifest_source source = {.format = self->declared->format,
                                           .take = self->declared->take};
    struct matches matches;
    if (!find_all(arena, self->declared, dir, &matches)) {
        return NULL;
    }
    for (size_t i = 0; i < matches.count; i++) {
        struct convention_plugin plugin = {.path = dir->path, .name = dir->name};
        findings_init(&plugin.findings, arena);
        if (!read_match(self, arena, dir, &matches.items[i], &plugin) && plugin.release &&
            strcmp(plugin.release->entry_points[0].name, name) == 0) {
            return convention_place(arena, dir, matches.items[i].file, &source, pointer);
        }
    }
    return NULL;
}

const struct convention *convention_declare(struct arena *arena, const struct declared *declared) {
    struct convention *convention = arena_alloc(arena, sizeof *convention);
    const char *star = strchr(declared->look, '*');
    bool literal = star && star > declared->look + 1;
    if (!convention) {
        return NULL;
    }
    *convention = (struct convention){
        .name = declared->name,
        .group = declared->group,
        .within =
            literal ? arena_copy(arena, declared->look, (size_t)(star - declared->look) - 1) : NULL,
        .mark = declared->look,
        .description = declared->description,
        .recognizes = recognizes,
        .read = read_plugins,
        .locate = locate,
        .declared = declared,
    };
    return convention;
}
