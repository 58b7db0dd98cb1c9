// SPDX-License-Identifier: MIT
// Finds the plugin.yaml of each entry point by the module's path, loads them, and hands each to the
// reader of plugin directories: "plugins.crm:manifest" has its manifest in plugins/crm/plugin.yaml. A wheel
// and the directory it was built from so give one release.
#include "schema/readers/artifact/wheel_manifest.h"

#include "schema/base/limits.h"
#include "schema/packaging/entry_point.h"
#include "schema/readers/archive/zip.h"

#include <string.h>

// "plugins.crm:manifest" -> "plugins/crm/plugin.yaml"; NULL when the value is no reference.
static const char *path_of(struct reader *reader, const struct entry_point *entry) {
    struct object_reference reference;
    if (strcmp(entry->group, "honeyframe.plugins") != 0 ||
        object_reference_parse(text_from(entry->value), &reference, NULL)) {
        return NULL;
    }
    char *path = arena_printf(reader->arena, "%.*s/plugin.yaml", (int)reference.module.len,
                              reference.module.ptr);
    reader->findings->no_memory |= !path;
    for (size_t i = 0; path && i < reference.module.len; i++) {
        path[i] = path[i] == '.' ? '/' : path[i];
    }
    return path;
}

// What is wrong with a manifest is a finding of the wheel, with the path of the manifest in it.
static void read_manifest(struct reader *reader, const struct archive_selection *selection,
                          const struct entry_point *entry, struct release *release) {
    const char *path = arena_printf(reader->arena, "%s: %s", reader->path, selection->name);
    const struct source_file file = {path, selection->bytes.ptr, selection->bytes.len};
    const struct release *plugin = NULL;
    struct error err;
    enum status status =
        path ? plugin_yaml_read(reader->arena, &file, entry->name, reader->findings, &plugin, &err)
             : fail_no_memory(&err);
    if (status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
    } else if (status == STATUS_MALFORMED) {
        findings_add_error(reader->findings, "manifest-invalid", &err);
    } else if (plugin) {
        struct manifest *manifest = &release->manifests[release->manifest_count++];
        *manifest = (struct manifest){entry->group, entry->name, plugin->manifests[0].json};
    }
}

// All manifests of the wheel are loaded in one go, because each load looks its members up anew.
void wheel_manifest_add(struct reader *reader, const struct archive_members *members,
                        struct release *release) {
    size_t room = release->entry_point_count;
    size_t count = 0;
    struct archive_selection *selections = reader_array(reader, room, sizeof *selections);
    const struct entry_point **entries = reader_array(reader, room, sizeof *entries);
    release->manifests = reader_array(reader, room, sizeof *release->manifests);
    if (!selections || !entries || !release->manifests) {
        return;
    }
    for (size_t i = 0; i < room; i++) {
        const char *path = path_of(reader, &release->entry_points[i]);
        if (path && archive_members_find(members, path)) {
            entries[count] = &release->entry_points[i];
            selections[count++] = (struct archive_selection){path, LIMIT_YAML_BYTES, {NULL, 0}};
        }
    }
    if (!count || !zip_load(reader, members, selections, count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (selections[i].bytes.ptr) {
            read_manifest(reader, &selections[i], entries[i], release);
        }
    }
}
