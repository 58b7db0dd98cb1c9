// SPDX-License-Identifier: MIT
// The convention of FastCMS: ROOT/<dir>/__init__.py with PLUGIN_META and register. A package without
// the word PLUGIN_META is an ordinary package for `auto`; asked for by name, it is a plugin that lacks
// it, as the host's own troubleshooting says.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/conventions/plugin_meta.h"

#include <string.h>

static const char file_name[] = "__init__.py";

// The word anywhere in the file is enough here; the reader then parses the file properly.
static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    static const char word[] = "PLUGIN_META";
    if (asked) {
        return rooted_dir_find(dir, file_name) != ROOTED_DIR_ABSENT;
    }
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_PYTHON_BYTES);
    return rooted_dir_find(dir, file_name) == ROOTED_DIR_FILE &&
           rooted_dir_load(dir, file_name, &bytes, NULL) == STATUS_OK && bytes.len &&
           memmem(bytes.ptr, bytes.len, word, sizeof word - 1);
}

static enum status read_plugin(const struct convention *self, struct arena *arena,
                               const struct rooted_dir *dir, struct convention_plugins *ret_plugins,
                               struct error *err) {
    static const struct convention_file file = {file_name, LIMIT_PYTHON_BYTES, plugin_meta_read};
    (void)self;
    return convention_read_file(&file, arena, dir, ret_plugins, err);
}

static const char *locate(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer) {
    static const struct manifest_source source = {.format = DECLARED_PYTHON, .take = "PLUGIN_META"};
    (void)self;
    (void)name; // a directory is one plugin
    return convention_place(arena, dir, file_name, &source, pointer);
}

const struct convention convention_plugin_meta = {
    .name = "plugin-meta",
    .group = "fastcms.plugins",
    .mark = "ROOT/<dir>/__init__.py with PLUGIN_META",
    .description = "FastCMS: a package with PLUGIN_META and register",
    .recognizes = recognizes,
    .read = read_plugin,
    .locate = locate,
};
