// SPDX-License-Identifier: MIT
// Plugins to records (walk_records.h). What outlives a directory is copied out of its scratch; texts that
// follow one another are kept once. A distribution is noted besides, also one without records: it may
// hide another one.
#include "client/walk/walk_records.h"

#include "client/fs/printable.h"
#include "schema/base/list.h"
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

// A name or version that breaks its rule is left out of the record: the findings say so already.
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

// Whether the entry points themselves could not be read: then their groups are unknown.
static bool hides_entry_points(const struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        const char *where = findings->items[i].where ? findings->items[i].where : "";
        if (findings->items[i].severity == SEVERITY_ERROR &&
            (strstr(where, "entry-points") || strstr(where, "scripts"))) {
            return true;
        }
    }
    return false;
}

// Whether a broken project or distribution was read far enough to know that it has no entry points. A
// directory of a host's own convention is a plugin of the convention's group, whatever its project declares:
// a plugin.py that cannot be read stays a plugin beside a pyproject.toml that can.
static bool is_barren(const struct convention *convention, const struct convention_plugin *plugin) {
    const struct release *release = plugin->release;
    bool declares = convention == &convention_dist_info || convention == &convention_pyproject;
    return declares && release && !release->entry_point_count &&
           !hides_entry_points(&plugin->findings);
}

// Whether a plugin of the convention that could not be read may be of any group: those of packages, and of a
// declaration that makes the group from what it reads ("{kind}.plugins").
static bool has_any_group(const struct convention *convention) {
    return convention->is_shared || strchr(convention->group, '{');
}

enum status walk_add_broken(const struct walk *walk, const struct convention *convention,
                            const struct convention_plugin *plugin, struct error *err) {
    struct record *record = add_record(walk, plugin->path, &plugin->findings);
    if (!record) {
        return fail_no_memory(err);
    }
    record->group = convention->group;
    record->name = printable_utf8(walk->arena, plugin->name);
    record->is_barren = is_barren(convention, plugin);
    record->is_unplaced = !record->is_barren && has_any_group(convention);
    return record->name ? STATUS_OK : fail_no_memory(err);
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
static enum status add_release(const struct walk *walk, const struct convention *convention,
                               const struct convention_plugin *plugin, struct error *err) {
    const struct release *release = plugin->release;
    const char *package = normal_name(walk->scratch, release->name);
    const char *version = normal_version(walk->scratch, release->version);
    bool hides = hides_entry_points(&plugin->findings); // then the first stands for the others
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        struct record *record = add_record(walk, plugin->path, &plugin->findings);
        if (!record) {
            return fail_no_memory(err);
        }
        static const struct record none;
        const struct record *before = walk->records->count > 1 ? record - 1 : &none;
        bool no_memory = false;
        record->is_installed = convention == &convention_dist_info;
        record->is_unplaced = i == 0 && hides && has_any_group(convention);
        record->group = keep(walk, entry->group, before->group, &no_memory);
        record->name = *entry->name ? keep(walk, entry->name, NULL, &no_memory)
                                    : printable_utf8(walk->arena, plugin->name);
        no_memory |= !record->name;
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

static enum status add_plugins(const struct walk *walk, const struct convention *convention,
                               const struct convention_plugins *plugins, struct error *err) {
    for (size_t i = 0; i < plugins->count; i++) {
        const struct convention_plugin *plugin = &plugins->items[i];
        if (plugin->findings.no_memory) {
            return fail_no_memory(err);
        }
        enum status status = plugin->release && plugin->release->entry_point_count
                                 ? add_release(walk, convention, plugin, err)
                                 : walk_add_broken(walk, convention, plugin, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Two spellings of one project must have one key: METADATA's name is written with "_" as the key
// is.
static enum status add_distribution(const struct walk *walk,
                                    const struct distribution *distribution, const char *name,
                                    struct error *err) {
    struct distributions *all = walk->distributions;
    struct distribution *grown =
        list_grow(walk->arena, all->items, all->count, &all->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    all->items = grown;
    struct distribution *added = &all->items[all->count++];
    *added = *distribution;
    added->key = distribution_key(walk->arena, name);
    added->path = arena_strdup(walk->arena, distribution->path);
    added->name = added->key;
    if (distribution->name && added->key) {
        const char *dashed = normal_name(walk->scratch, distribution->name);
        char *project = arena_strdup(walk->arena, dashed ? dashed : added->key);
        for (char *c = project; c && *c; c++) {
            *c = *c == '-' ? '_' : *c;
        }
        added->name = project;
    }
    return added->key && added->name && added->path ? STATUS_OK : fail_no_memory(err);
}

// An .egg-info that is a single file has no entry points. It adds no record and only hides others.
enum status walk_add_distribution_file(const struct walk *walk, const struct rooted_dir *parent,
                                       const struct rooted_dir_entry *entry, struct error *err) {
    struct distribution found = {
        .list = walk->records,
        .first = walk->records->count,
        .root = walk->root_index,
        .order = entry->order,
        .is_whole = true,
        .is_followed = walk->is_followed,
    };
    found.path = arena_printf(walk->scratch, "%s/%s", parent->path, entry->name);
    return found.path ? add_distribution(walk, &found, entry->name, err) : fail_no_memory(err);
}

// The directory that messages name: an editable project's own, or the one that a .pth file names.
static void set_origin(const struct walk *walk, struct convention_plugins *plugins) {
    const char *folder = plugins->editable   ? plugins->editable
                         : walk->is_followed ? walk->root
                                             : NULL;
    for (size_t i = 0; folder && i < plugins->count; i++) {
        plugins->items[i].path = folder;
    }
}

enum status walk_read_plugins(const struct walk *walk, const struct convention *convention,
                              const struct rooted_dir *dir, size_t order, struct error *err) {
    struct convention_plugins plugins = {0};
    enum status status = convention->read(convention, walk->scratch, dir, &plugins, err);
    if (status) {
        return status;
    }
    struct distribution found = {
        .name = plugins.project,
        .path = dir->path,
        .list = walk->records,
        .first = walk->records->count,
        .root = walk->root_index,
        .order = order,
        .is_whole = plugins.has_metadata,
        .is_followed = walk->is_followed,
    };
    set_origin(walk, &plugins);
    status = add_plugins(walk, convention, &plugins, err);
    if (status || convention != &convention_dist_info) {
        return status;
    }
    found.count = walk->records->count - found.first;
    return add_distribution(walk, &found, dir->name, err);
}

enum status walk_add_plugin_dir(const struct walk *walk, const struct convention *convention,
                                const struct rooted_dir *dir, const struct findings *findings,
                                struct error *err) {
    struct plugin_dirs *dirs = walk->dirs;
    struct plugin_dir *grown =
        list_grow(walk->arena, dirs->items, dirs->count, &dirs->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    dirs->items = grown;
    struct plugin_dir *added = &dirs->items[dirs->count++];
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
