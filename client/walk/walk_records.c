// SPDX-License-Identifier: MIT
// Plugins to records (walk_found.h). What outlives a directory is copied out of its scratch; texts that
// follow one another are kept once.
#include "client/walk/walk_records.h"

#include "client/fs/printable.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/version.h"

#include <string.h>

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
    findings_append(&record->findings, findings);
    return record->origin && !record->findings.no_memory ? record : NULL;
}

enum status walk_add_broken(const struct walk *walk, const struct convention *convention,
                            const struct convention_plugin *plugin, struct error *err) {
    struct record *record = add_record(walk, plugin->path, &plugin->findings);
    if (!record) {
        return fail_no_memory(err);
    }
    record->group = convention->group;
    record->name = printable_utf8(walk->arena, plugin->name);
    return record->name ? STATUS_OK : fail_no_memory(err);
}

// The copy of a text that outlives the scratch. `previous`: the same text as kept before, shared.
static const char *keep(const struct walk *walk, const char *text, const char *previous,
                        bool *ret_no_memory) {
    if (!text || (previous && strcmp(text, previous) == 0)) {
        return text ? previous : NULL;
    }
    const char *copy = arena_strdup(walk->arena, text);
    *ret_no_memory |= !copy;
    return copy;
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
static enum status add_release(const struct walk *walk, const struct convention_plugin *plugin,
                               struct error *err) {
    const struct release *release = plugin->release;
    const char *package = normal_name(walk->scratch, release->name);
    const char *version = normal_version(walk->scratch, release->version);
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        struct record *record = add_record(walk, plugin->path, &plugin->findings);
        if (!record) {
            return fail_no_memory(err);
        }
        static const struct record none;
        const struct record *before = walk->records->count > 1 ? record - 1 : &none;
        bool no_memory = false;
        record->group = keep(walk, entry->group, before->group, &no_memory);
        record->name = keep(walk, entry->name, NULL, &no_memory);
        record->value = keep(walk, entry->value, NULL, &no_memory);
        record->package = keep(walk, package, before->package, &no_memory);
        record->version = keep(walk, version, before->version, &no_memory);
        record->manifest = keep(walk, manifest_of(release, entry), NULL, &no_memory);
        if (no_memory) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

enum status walk_read_plugins(const struct walk *walk, const struct convention *convention,
                              const struct rooted_dir *dir, struct error *err) {
    struct convention_plugins plugins = {0};
    enum status failed = convention->read(convention, walk->scratch, dir, &plugins, err);
    for (size_t i = 0; i < plugins.count && !failed; i++) {
        const struct convention_plugin *plugin = &plugins.items[i];
        if (plugin->findings.no_memory) {
            return fail_no_memory(err);
        }
        failed = plugin->release && plugin->release->entry_point_count
                     ? add_release(walk, plugin, err)
                     : walk_add_broken(walk, convention, plugin, err);
    }
    return failed;
}

// Room for one more place; the list grows at every power of two. NULL when out of memory.
static struct plugin_dir *grow_plugin_dirs(const struct walk *walk) {
    struct plugin_dirs *dirs = walk->dirs;
    size_t count = dirs->count;
    if ((count & (count - 1)) == 0) {
        struct plugin_dir *grown = arena_array(walk->arena, count ? count * 2 : 1, sizeof *grown);
        if (!grown) {
            return NULL;
        }
        if (count) {
            memcpy(grown, dirs->items, count * sizeof *grown);
        }
        dirs->items = grown;
    }
    return &dirs->items[dirs->count++];
}

enum status walk_add_plugin_dir(const struct walk *walk, const struct convention *convention,
                                const struct rooted_dir *dir, const struct findings *findings,
                                struct error *err) {
    struct plugin_dir *added = grow_plugin_dirs(walk);
    if (!added) {
        return fail_no_memory(err);
    }
    *added = (struct plugin_dir){
        .root = walk->root,
        .relative = arena_strdup(walk->arena, dir->relative),
        .path = printable_utf8(walk->arena, dir->path),
        .convention = convention,
    };
    findings_init(&added->findings, walk->arena);
    findings_append(&added->findings, findings);
    bool whole = added->relative && added->path && !added->findings.no_memory;
    return whole ? STATUS_OK : fail_no_memory(err);
}
