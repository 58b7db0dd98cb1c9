// SPDX-License-Identifier: MIT
// The convention of Honeyframe: ROOT/<slug>/plugin.yaml. The manifest's rules are with its reader
// (schema/readers); here is only where the file lies and what happens when it cannot be read.
#include "client/conventions/convention.h"

#include "schema/base/limits.h"

static const char file_name[] = "plugin.yaml";

static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    (void)asked;
    return rooted_dir_find(dir, file_name) != ROOTED_DIR_ABSENT;
}

static enum status read_plugin(const struct convention *self, struct arena *arena,
                               const struct rooted_dir *dir, struct convention_plugins *ret_plugins,
                               struct error *err) {
    static const struct convention_file file = {file_name, LIMIT_YAML_BYTES, plugin_yaml_read};
    (void)self;
    return convention_read_file(&file, arena, dir, ret_plugins, err);
}

static const char *locate(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer) {
    static const struct manifest_source source = {.format = DECLARED_YAML};
    (void)self;
    (void)name; // a directory is one plugin
    return convention_place(arena, dir, file_name, &source, pointer);
}

const struct convention convention_plugin_yaml = {
    .name = "plugin-yaml",
    .group = "honeyframe.plugins",
    .mark = "ROOT/<slug>/plugin.yaml",
    .description = "Honeyframe: a directory with a plugin.yaml",
    .recognizes = recognizes,
    .read = read_plugin,
    .locate = locate,
};
