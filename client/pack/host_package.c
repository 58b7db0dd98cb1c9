// SPDX-License-Identifier: MIT
// Python looks for the package `plugins` once, and the first of these answers for all that is imported from it:
//
//     host/plugins/__init__.py                  a regular package: plugins.crm of site-packages is never found
//     host/plugins/, site-packages/plugins/     two portions of one namespace (PEP 420): both are found
//
// An author works in the host's tree more often than not, so the folder above the plugin says which of the two the
// host is. Where it says nothing, the plugin lies in a place of its own, and nothing is known of hosts.
#include "client/pack/host_package.h"

#include <string.h>

// By the text of the path, as Python finds packages, and not by where a link of the path leads: "plugins" of
// "plugins/crm", "." of "crm", "./.." of ".". Arena; NULL when out of memory.
static const char *path_above(struct arena *arena, const char *path) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    const char *slash = memrchr(path, '/', len);
    const char *last = slash ? slash + 1 : path;
    bool has_name =
        len && last < path + len &&
        !(last[0] == '.' && (path + len - last == 1 || (last[1] == '.' && path + len - last == 2)));
    if (!has_name) {
        return arena_printf(arena, "%.*s/..", (int)len, path);
    }
    return slash == path ? arena_strdup(arena, "/")
           : slash       ? arena_copy(arena, path, (size_t)(slash - path))
                         : arena_strdup(arena, ".");
}

static void add_closed(struct arena *arena, const struct rooted_dir *folder,
                       struct findings *findings) {
    const char *where = arena_printf(arena, "%s/__init__.py", folder->path);
    findings->no_memory |= !where;
    findings_add(
        findings, SEVERITY_WARNING, "host-package-closed", where,
        "Remove the __init__.py from the host, or install the plugin with \"registryctl "
        "sync\", which fills the host's own directory",
        "The host's \"%s\" is a regular package. Python then imports plugins only from this "
        "directory, and not from site-packages, where pip installs the wheel.",
        folder->name);
}

enum status host_package_check(struct arena *arena, const struct rooted_dir *dir,
                               const char *module, struct findings *findings, struct error *err) {
    const char *path = dir->path;
    const char *dot = strrchr(module, '.');
    for (size_t len = dot ? (size_t)(dot - module) : 0; len;) {
        scoped(rooted_dir_close) struct rooted_dir above = ROOTED_DIR_CLOSED;
        const char *start = memrchr(module, '.', len);
        start = start ? start + 1 : module;
        path = path_above(arena, path);
        if (!path) {
            return fail_no_memory(err);
        }
        size_t part = (size_t)(module + len - start);
        bool is_host = rooted_dir_open(arena, path, &above, NULL) == STATUS_OK &&
                       strlen(above.name) == part && strncmp(above.name, start, part) == 0;
        if (!is_host) {
            return STATUS_OK;
        }
        if (rooted_dir_find(&above, "__init__.py") == ROOTED_DIR_FILE) {
            add_closed(arena, &above, findings);
        }
        len = start == module ? 0 : (size_t)(start - module) - 1;
    }
    return STATUS_OK;
}
