// SPDX-License-Identifier: MIT
// Installed distributions: ROOT/*.dist-info and ROOT/*.egg-info directories, every group, as the Python
// runtime would see them. One without entry points holds no plugin and is left out.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/artifact/dist_info.h"
#include "schema/base/text.h"

#include <string.h>

static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    (void)asked;
    return text_ends_with(text_from(dir->name), ".dist-info") ||
           text_ends_with(text_from(dir->name), ".egg-info");
}

// A file that is not there is none; one that cannot be read is a finding.
static void load_if_there(const struct rooted_dir *dir, const char *name, struct buffer *bytes,
                          struct source_file *ret_file, struct findings *findings) {
    buffer_init(bytes, LIMIT_METADATA_BYTES);
    if (rooted_dir_find(dir, name) != ROOTED_DIR_ABSENT) {
        convention_load(dir, name, LIMIT_METADATA_BYTES, bytes, ret_file, findings);
    }
}

static enum status read_distribution(const struct convention *self, struct arena *arena,
                                     const struct rooted_dir *dir,
                                     struct convention_plugins *ret_plugins, struct error *err) {
    (void)self;
    struct error fault = {0};
    struct dist_info_files files = {.directory = dir->name};
    scoped(buffer_done) struct buffer metadata;
    scoped(buffer_done) struct buffer entry_points;
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, dir->path, dir->name);
    const char *name = text_ends_with(text_from(dir->name), ".egg-info") ? "PKG-INFO" : "METADATA";
    buffer_init(&metadata, 0);
    buffer_init(&entry_points, 0);
    if (!plugin) {
        return fail_no_memory(err);
    }
    struct findings *findings = &plugin->findings;
    load_if_there(dir, name, &metadata, &files.metadata, findings);
    load_if_there(dir, "entry_points.txt", &entry_points, &files.entry_points, findings);
    if (!findings_count(findings, SEVERITY_ERROR)) {
        dist_info_read(arena, &files, findings, &plugin->release, &fault);
    }
    bool empty = plugin->release && !plugin->release->entry_point_count;
    if (empty && !(files.entry_points.bytes && findings->count)) {
        ret_plugins->count--;
    }
    return convention_keep(findings, &fault, err);
}

const struct convention convention_dist_info = {
    .name = "dist-info",
    .group = "console_scripts",
    .is_shared = true,
    .mark = "ROOT/*.dist-info, ROOT/*.egg-info",
    .description = "an installed distribution, as the Python runtime sees it",
    .recognizes = recognizes,
    .read = read_distribution,
};
