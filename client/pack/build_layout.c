// SPDX-License-Identifier: MIT
// Three forms, told apart by what the origin and the module have in common:
//
//     plugins/crm                              plugins.crm:manifest       plugins.crm lies in "."
//     domains/users/plugins/login_plugin.py    domains.users.plugins.…    domains.users lies in "."
//     projects/notes                           notes.plugin:plugin        notes lies in "notes" or "src/notes"
#include "client/pack/build_layout.h"

#include "schema/packaging/entry_point.h"

#include <string.h>

size_t build_layout_length(struct text module, const char *directory) {
    struct text rest = module;
    struct text part;
    for (bool is_first = true; text_split(&rest, '.', &part); is_first = false) {
        if (!is_first && module_part_is_folder(part, text_from(directory))) {
            return (size_t)(part.ptr - module.ptr) + part.len;
        }
    }
    return module_part_is_folder(module, text_from(directory)) ? module.len : 0;
}

// Of a module in a file, as the host finds it: the first two parts, the folder of all and the one of the package.
static size_t length_of_domain(struct text module) {
    struct text rest = module;
    struct text first;
    struct text second;
    bool has_two = text_split(&rest, '.', &first) && text_split(&rest, '.', &second);
    return has_two ? (size_t)(second.ptr - module.ptr) + second.len : module.len;
}

static bool has_folder(struct arena *arena, const char *path) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    return path && rooted_dir_open(arena, path, &dir, NULL) == STATUS_OK;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

enum status build_layout_find(struct arena *arena, const char *value, const char *origin,
                              struct build_layout *ret_layout, struct error *err) {
    struct object_reference reference;
    enum status status = object_reference_parse(text_from(value), &reference, err);
    if (status) {
        return status;
    }
    struct text module = reference.module;
    struct build_layout layout = {.folder = "."};
    size_t len = text_ends_with(text_from(origin), ".py")
                     ? length_of_domain(module)
                     : build_layout_length(module, base_name(origin));
    bool is_project = !len || len == strcspn(module.ptr, ".:");
    if (is_project) {
        len = module.len;
        const char *dot = memchr(module.ptr, '.', module.len);
        len = dot ? (size_t)(dot - module.ptr) : len;
        const char *src = arena_printf(arena, "%s/src/%.*s", origin, (int)len, module.ptr);
        layout.folder = arena_printf(arena, "%s%.*s", has_folder(arena, src) ? "src/" : "",
                                     (int)len, module.ptr);
    }
    layout.package = arena_copy(arena, module.ptr, len);
    if (!layout.package || !layout.folder) {
        return fail_no_memory(err);
    }
    *ret_layout = layout;
    return STATUS_OK;
}
