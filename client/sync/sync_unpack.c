// SPDX-License-Identifier: MIT
// The layout of a wheel follows from its entry points: hosts that walk folders of plugins import them from the second
// part of the module's name ("plugins.crm", "domains.users"). Members are loaded one at a time, and their names were
// checked with the framing: relative, without ".." and within the limits. A file that its archiver marked as
// a program stays one; no other bit of a mode is taken from a wheel.
#include "client/sync/sync_unpack.h"

#include "client/sync/sync_tree.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/packaging/entry_point.h"
#include "schema/readers/archive/zip.h"
#include "schema/readers/artifact/artifact.h"

#include <string.h>

static const char *const layouts[] = {
    [LAYOUT_AUTO] = "auto",
    [LAYOUT_PLUGINS] = "plugins",
    [LAYOUT_SITE] = "site",
};

bool sync_layout_find(const char *name, enum sync_layout *ret_layout) {
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        if (strcmp(layouts[i], name) == 0) {
            *ret_layout = (enum sync_layout)i;
            return true;
        }
    }
    return false;
}

const char *sync_layout_name(enum sync_layout layout) {
    return layouts[layout];
}

// A folder of the wheel that becomes one of the set: "plugins/crm/" and "crm".
struct plugin_folder {
    const char *prefix;
    const char *name;
};

struct unpacking {
    struct arena *arena;
    struct reader *reader;
    const char *target;
    struct archive_members members;
    struct plugin_folder *folders;
    size_t folder_count;
    const char **places; // of the members in the set; NULL: it belongs to no plugin
    struct sync_unpacked result;
};

// Hosts that walk a folder of plugins. Others load what is on sys.path.
static bool walks_folders(const char *group) {
    static const char *const groups[] = {"honeyframe.plugins", "fastcms.plugins",
                                         "microcoreos.plugins"};
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (strcmp(groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

// Several entry points of one plugin name the same folder.
static bool has_folder(const struct unpacking *u, const char *name) {
    for (size_t i = 0; i < u->folder_count; i++) {
        if (strcmp(u->folders[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_same(struct text one, struct text other) {
    return one.len == other.len && memcmp(one.ptr, other.ptr, one.len) == 0;
}

// How well a folder fits the second part of a module's name: best when the plugin is called like it, as the host looks.
static int rank_folder(struct text folder, struct text part, struct text plugin) {
    if (!module_part_is_folder(part, folder)) {
        return 0;
    }
    return is_same(folder, plugin) ? 3 : is_same(folder, part) ? 2 : 1;
}

// What the second part of a module's name is called in the wheel, which may have plugins/my-crm beside plugins/my_crm.
static struct text folder_name(const struct unpacking *u, struct text root, struct text part,
                               struct text plugin) {
    struct text found = part;
    int best = 0;
    for (size_t i = 0; i < u->members.count; i++) {
        struct text rest = text_from(u->members.items[i].name);
        struct text first;
        struct text second;
        bool is_below = text_split(&rest, '/', &first) && text_split(&rest, '/', &second) &&
                        rest.len && is_same(first, root);
        int rank = is_below ? rank_folder(second, part, plugin) : 0;
        if (rank > best) {
            best = rank;
            found = second;
        }
    }
    return found;
}

// Adds the folder of an entry point: the first two parts of its module's name. False when out of memory.
// "plugins.crm.main:Plugin" gives the prefix "plugins/crm/" and the name "crm". A module with one
// part has no such folder: the host cannot find it by walking, so it adds none.
static bool add_folder(struct unpacking *u, const struct entry_point *entry) {
    struct object_reference reference;
    struct text root;
    struct text name = {0};
    if (object_reference_parse(text_from(entry->value), &reference, NULL)) {
        return true;
    }
    struct text rest = reference.module;
    if (!text_split(&rest, '.', &root) || !text_split(&rest, '.', &name) || !name.len) {
        return true;
    }
    name = folder_name(u, root, name, text_from(entry->name));
    const char *owned = arena_copy(u->arena, name.ptr, name.len);
    const char *prefix =
        arena_printf(u->arena, "%.*s/%.*s/", (int)root.len, root.ptr, (int)name.len, name.ptr);
    if (!owned || !prefix) {
        return false;
    }
    if (!has_folder(u, owned)) {
        u->folders[u->folder_count++] = (struct plugin_folder){prefix, owned};
    }
    return true;
}

static enum status find_folders(struct unpacking *u, const struct release *release,
                                struct error *err) {
    u->folders = arena_array(u->arena, release->entry_point_count + 1, sizeof *u->folders);
    if (!u->folders) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (walks_folders(entry->group) && !add_folder(u, entry)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// The path of a member in the set; NULL when it belongs to no plugin, or out of memory (*ret_failed).
static const char *place_of(const struct unpacking *u, const char *member, bool *ret_failed) {
    if (u->result.layout == LAYOUT_SITE) {
        return member;
    }
    for (size_t i = 0; i < u->folder_count; i++) {
        size_t len = strlen(u->folders[i].prefix);
        if (strncmp(member, u->folders[i].prefix, len) == 0) {
            const char *path = arena_printf(u->arena, "%s/%s", u->folders[i].name, member + len);
            *ret_failed = !path;
            return path;
        }
    }
    return NULL;
}

// What the marker records of the package: "crm" for "crm/views/list.py", each name once.
static enum status add_top(struct unpacking *u, const char *path, struct error *err) {
    struct strings *tops = &u->result.paths;
    size_t len = strcspn(path, "/");
    for (size_t i = 0; i < tops->count; i++) {
        if (strlen(tops->items[i]) == len && strncmp(tops->items[i], path, len) == 0) {
            return STATUS_OK;
        }
    }
    tops->items[tops->count] = arena_copy(u->arena, path, len);
    return tops->items[tops->count++] ? STATUS_OK : fail_no_memory(err);
}

// An arena for each member, so that a large wheel is never in memory unpacked as a whole.
static enum status write_member(struct unpacking *u, const struct archive_member *member,
                                const char *path, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    if (!scratch) {
        return fail_no_memory(err);
    }
    struct reader reader = {scratch, u->reader->findings, u->reader->path};
    struct archive_selection selection = {member->name, LIMIT_ARCHIVE_INFLATED_BYTES, {NULL, 0}};
    if (!zip_load(&reader, &u->members, &selection, 1)) {
        return fail(err, STATUS_INVALID, u->reader->path, "\"%s\" in the wheel cannot be read",
                    member->name);
    }
    struct tree_file file = {path, selection.bytes, member->is_program};
    return tree_write(scratch, u->target, &file, err);
}

// Where each member goes. It is known before the first file is written, so that a caller can name what is in the way.
static enum status place_members(struct unpacking *u, struct error *err) {
    u->places = arena_array(u->arena, u->members.count + 1, sizeof(char *));
    u->result.paths.items = arena_array(u->arena, u->members.count + 1, sizeof(char *));
    if (!u->places || !u->result.paths.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < u->members.count; i++) {
        const struct archive_member *member = &u->members.items[i];
        bool has_failed = false;
        u->places[i] = member->is_file ? place_of(u, member->name, &has_failed) : NULL;
        if (has_failed) {
            return fail_no_memory(err);
        }
        // Metadata (.dist-info) is no content of the plugin, so leaving it out is not worth a word.
        u->result.left_out +=
            member->is_file && !u->places[i] && !strstr(member->name, ".dist-info/");
        enum status status = u->places[i] ? add_top(u, u->places[i], err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status write_members(struct unpacking *u, struct error *err) {
    for (size_t i = 0; i < u->members.count; i++) {
        enum status status =
            u->places[i] ? write_member(u, &u->members.items[i], u->places[i], err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// "auto" looks at the groups of the entry points; a layout that the user named is only checked.
static enum status choose_layout(struct unpacking *u, const struct sync_wheel *wheel,
                                 struct error *err) {
    enum sync_layout by_groups = u->folder_count ? LAYOUT_PLUGINS : LAYOUT_SITE;
    u->result.layout = wheel->layout == LAYOUT_AUTO ? by_groups : wheel->layout;
    return u->result.layout == LAYOUT_PLUGINS && !u->folder_count
               ? fail(err, STATUS_INVALID, wheel->filename,
                      "The wheel has no folder that a host would find as a plugin")
               : STATUS_OK;
}

// artifact_read applies the checks of publishing again: the hash proves that the bytes are the
// registry's, and not that they obey the rules of this version.
enum status sync_unpack(const struct sync_wheel *wheel, const char *folder,
                        struct findings *findings, struct sync_unpacked *ret_unpacked,
                        struct error *err) {
    struct reader reader = {findings->arena, findings, wheel->filename};
    struct unpacking u = {.arena = findings->arena, .reader = &reader, .target = folder};
    struct source_file file = {
        .path = wheel->filename, .bytes = wheel->bytes.ptr, .len = wheel->bytes.len};
    const struct release *release;
    struct artifact artifact;
    enum status status = artifact_read(findings->arena, &file, findings, &release, &artifact, err);
    if (status) {
        return status;
    }
    if (artifact.kind != ARTIFACT_WHEEL || !zip_framing_read(&reader, wheel->bytes, &u.members)) {
        return fail(err, STATUS_INVALID, wheel->filename, "This is not a wheel");
    }
    status = find_folders(&u, release, err);
    if (status) {
        return status;
    }
    status = choose_layout(&u, wheel, err);
    if (status) {
        return status;
    }
    u.result.requirements = release->requires_dist;
    status = place_members(&u, err);
    if (status) {
        return status;
    }
    *ret_unpacked = u.result;
    return write_members(&u, err);
}
