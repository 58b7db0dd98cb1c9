// SPDX-License-Identifier: MIT
// A convention: one way plugins lie in directories. Each is a row of a static table and a file in
// this folder (or a team's own declaration): a mark by which `auto` recognises a directory, and a reader
// from the directory to plugins. The walk makes records of them, `publish` sends them. Nothing is
// imported or executed. docs/CONVENTIONS.md describes each.
#pragma once

#include "client/fs/rooted_dir.h"
#include "schema/readers/conventions/manifest_line.h"

// One plugin, or one file of plugins, with what is wrong with it and with nothing else.
struct convention_plugin {
    const char *path;              // origin: where it lies, for people
    const char *name;              // to call it by when there is no release
    const struct release *release; // what could be read; NULL or without entry points: broken
    struct findings findings;      // of this plugin alone
};

struct convention_plugins {
    struct convention_plugin *items;
    size_t count;
    size_t capacity;

    // of an installed distribution, also of one without plugins
    const char *project;  // its name by METADATA; NULL: there is none
    const char *editable; // the folder of the project when the install is editable; else NULL
    bool has_metadata;
};

struct convention {
    const char *name;        // "plugin-yaml": of --convention
    const char *group;       // of the record of a directory that could not be opened
    bool is_shared;          // its entry points are of any group, where two may have one name
    const char *within;      // the directory under the root in which plugins lie; NULL = the root
    const char *mark;        // what marks a plugin, for people
    const char *description; // one line

    // Whether the directory is a plugin of this convention. `asked`: it was asked for by name, so what
    // only lies where a plugin should is one too, if a broken one. Cannot fail.
    bool (*recognizes)(const struct convention *self, const struct rooted_dir *dir, bool asked);

    // Reads the plugins of the directory; what is wrong with one goes into its findings. Texts are arena.
    // Fails with: NO_MEMORY, INTERNAL.
    enum status (*read)(const struct convention *self, struct arena *arena,
                        const struct rooted_dir *dir, struct convention_plugins *ret_plugins,
                        struct error *err);

    // Where a value of the manifest of the entry point `name` stands, as "FILE:LINE"; NULL: not known. Reads the
    // file again: asked only when something is wrong with the value. NULL: the plugins have no manifests. Arena.
    const char *(*locate)(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer);

    const struct declared *declared; // of a declared one, else NULL
};

// The rows, in the order in which `auto` asks them. Static.
const struct convention *convention_at(size_t index); // NULL past the end

// The row called `name`; NULL when there is none.
const struct convention *convention_find(const char *name);

// The convention that a person names: NULL for "auto" (or no name), a row, or the path of a
// declaration (NAME.yaml, or anything with a slash). Arena. Fails with: USAGE (no such convention; a
// declaration that cannot be read or is wrong: file and line), NO_MEMORY.
enum status convention_choose(struct arena *arena, const char *name,
                              const struct convention **ret_convention, struct error *err);

// The first row for directories in `within` (NULL = the root) that recognises the directory; NULL when
// none does.
const struct convention *convention_recognize(const char *within, const struct rooted_dir *dir);

// The finding code of a file or directory that could not be read. Static.
const char *convention_code(enum rooted_dir_kind kind, enum status status);

// ---- for the readers ----

// Appends a plugin with empty findings. NULL when out of memory.
struct convention_plugin *convention_add(struct arena *arena, struct convention_plugins *plugins,
                                         const char *path, const char *name);

// Loads the file `name` of the directory, at most `max_bytes`. *ret_file borrows from `bytes`, which the
// caller has declared and ends with buffer_done. False, with a finding, when it cannot be had.
// Running out of memory is remembered in the findings.
bool convention_load(const struct rooted_dir *dir, const char *name, size_t max_bytes,
                     struct buffer *bytes, struct source_file *ret_file, struct findings *findings);

// "FILE:LINE" of the value in the file `name` of the directory; NULL when the manifest is not in it. Arena.
const char *convention_place(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             const struct manifest_source *source, const char *pointer);

// What a reader said with `fault`: a fault of the plugin becomes a finding (unless
// the reader added one itself), a fault of ours goes up.
enum status convention_keep(struct findings *findings, const struct error *fault,
                            struct error *err);

// One file that is one plugin: where it lies, and its reader in schema/readers.
struct convention_file {
    const char *name; // in the plugin's directory
    size_t max_bytes; // of the file
    enum status (*read)(struct arena *arena, const struct source_file *file, const char *directory,
                        struct findings *findings, const struct release **ret_release,
                        struct error *err);
};

// Adds the plugin that the file of the directory is. Fails with: NO_MEMORY, INTERNAL.
enum status convention_read_file(const struct convention_file *what, struct arena *arena,
                                 const struct rooted_dir *dir,
                                 struct convention_plugins *ret_plugins, struct error *err);

// The [project] of the nearest pyproject.toml: in the directory, or in one above it up to the
// root. *ret_release is NULL when there is none, or when it cannot be read (then with findings).
// Fails with: NO_MEMORY, INTERNAL.
enum status convention_project(struct arena *arena, const struct rooted_dir *dir, bool nearest,
                               struct findings *findings, const struct release **ret_release,
                               struct error *err);

// Whether a project that was read is not a plugin: it has no entry points, and nothing is wrong with it. A
// pyproject.toml that only configures tools is none either: it has no [project] table, and what the
// package declares stands elsewhere.
bool convention_project_is_empty(const struct convention_plugin *plugin);

// A convention that a team declared. Arena; NULL when out of memory.
const struct convention *convention_declare(struct arena *arena, const struct declared *declared);

extern const struct convention convention_plugin_yaml;
extern const struct convention convention_plugin_meta;
extern const struct convention convention_mountaineer;
extern const struct convention convention_microcoreos;
extern const struct convention convention_dist_info;
extern const struct convention convention_pyproject;
