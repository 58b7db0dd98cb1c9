// SPDX-License-Identifier: MIT
// Installed distributions: ROOT/*.dist-info and ROOT/*.egg-info directories, every group, as the Python
// runtime would see them. One without entry points holds no plugin and is left out; the walk still learns
// its project, because it may hide another version (client/walk/distributions.h).
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/artifact/dist_info.h"
#include "schema/readers/conventions/direct_url.h"
#include "schema/base/text.h"

#include <string.h>
#include <sys/stat.h>

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

// METADATA, or PKG-INFO of older tools. Python takes either in either kind of directory.
static const char *metadata_name(const struct rooted_dir *dir) {
    bool egg = text_ends_with(text_from(dir->name), ".egg-info");
    const char *usual = egg ? "PKG-INFO" : "METADATA";
    const char *other = egg ? "METADATA" : "PKG-INFO";
    bool has_usual = rooted_dir_find(dir, usual) != ROOTED_DIR_ABSENT;
    return has_usual || rooted_dir_find(dir, other) == ROOTED_DIR_ABSENT ? usual : other;
}

// The folder of an editable install, or NULL. A direct_url.json that cannot be read says nothing: Python
// does not need it.
static const char *find_editable(struct arena *arena, const struct rooted_dir *dir) {
    enum { DIRECT_URL_BYTES = 16 * 1024 };
    static const char name[] = "direct_url.json";
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, DIRECT_URL_BYTES);
    bool there = rooted_dir_find(dir, name) == ROOTED_DIR_FILE &&
                 !rooted_dir_load(dir, name, &bytes, NULL) && bytes.ptr;
    return there ? direct_url_editable(arena, (struct text){bytes.ptr, bytes.len}) : NULL;
}

// An editable project whose folder is gone is listed, but Python cannot load it.
static void check_editable(const char *folder, const char *where, struct findings *findings) {
    struct stat st;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        findings_add(findings, SEVERITY_WARNING, "not-followed", where,
                     "Install the project again, or uninstall it",
                     "The folder of this editable install does not exist here: %s", folder);
    }
}

// Most installed distributions are no plugins: one without entry points gives no record, but its name
// still counts for what it hides.
static enum status read_distribution(const struct convention *self, struct arena *arena,
                                     const struct rooted_dir *dir,
                                     struct convention_plugins *ret_plugins, struct error *err) {
    (void)self;
    struct error fault = {0};
    struct dist_info_files files = {.directory = dir->name};
    scoped(buffer_done) struct buffer metadata = {0};
    scoped(buffer_done) struct buffer entry_points = {0};
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, dir->path, dir->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    struct findings *findings = &plugin->findings;
    load_if_there(dir, metadata_name(dir), &metadata, &files.metadata, findings);
    load_if_there(dir, "entry_points.txt", &entry_points, &files.entry_points, findings);
    if (!findings_count(findings, SEVERITY_ERROR)) {
        dist_info_read(arena, &files, findings, &plugin->release, &fault);
    }
    ret_plugins->has_metadata = files.metadata.bytes != NULL;
    if (plugin->release && files.metadata.bytes) {
        ret_plugins->project = plugin->release->name;
    }
    bool empty = plugin->release && !plugin->release->entry_point_count;
    if (empty && !findings_count(findings, SEVERITY_ERROR) &&
        !(files.entry_points.bytes && findings->count)) {
        ret_plugins->count--;
    } else {
        ret_plugins->editable = find_editable(arena, dir);
    }
    if (ret_plugins->editable) {
        check_editable(ret_plugins->editable, dir->path, findings);
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
