// SPDX-License-Identifier: MIT
// Projects: ROOT/*/pyproject.toml with [project]. Every entry-point group is read, scripts as
// console_scripts and gui_scripts. What holds no plugin is left out, whichever way the convention was
// chosen; `publish` reads the file itself and says what is missing (client/walk/project.c).
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"

static const char file_name[] = "pyproject.toml";

static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    (void)asked;
    return rooted_dir_find(dir, file_name) != ROOTED_DIR_ABSENT;
}

static enum status read_project(const struct convention *self, struct arena *arena,
                                const struct rooted_dir *dir,
                                struct convention_plugins *ret_plugins, struct error *err) {
    (void)self;
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, dir->path, dir->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    enum status status =
        convention_project(arena, dir, false, &plugin->findings, &plugin->release, err);
    if (!status && convention_project_is_empty(plugin)) {
        ret_plugins->count--;
    }
    return status;
}

const struct convention convention_pyproject = {
    .name = "pyproject",
    .group = "console_scripts",
    .is_shared = true,
    .mark = "ROOT/*/pyproject.toml",
    .description = "a project that declares entry points in its pyproject.toml",
    .recognizes = recognizes,
    .read = read_project,
};
