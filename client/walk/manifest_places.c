// SPDX-License-Identifier: MIT
// From pointer to place (manifest_places.h). A pointer of a release names group and entry point before the value:
//
//     /manifests/honeyframe.plugins/crm/nav/0/label     ->  plugins/crm/plugin.yaml:12: /nav/0/label
//
// The file is read once for each finding: there are few of them, and only when something is wrong.
#include "client/walk/manifest_places.h"

#include "schema/base/text.h"
#include "schema/json/json.h"

#include <string.h>

static const char prefix[] = "/manifests/";

static bool is_wanted(const struct finding *finding) {
    return finding->where && strncmp(finding->where, prefix, sizeof prefix - 1) == 0;
}

bool manifest_places_wanted(const struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        if (is_wanted(&findings->items[i])) {
            return true;
        }
    }
    return false;
}

// The place in the file; NULL when it is not known.
static const char *place_of(const struct convention *convention, struct arena *arena,
                            const struct rooted_dir *dir, const char *where) {
    const char *group = where + sizeof prefix - 1;
    const char *slash = strchr(group, '/');
    if (!slash) {
        return NULL;
    }
    struct text part = {slash + 1, strcspn(slash + 1, "/")};
    const char *pointer = part.ptr + part.len;
    const char *name = json_pointer_key(arena, part);
    const char *line = name ? convention->locate(convention, arena, dir, name, pointer) : NULL;
    return line && *pointer ? arena_printf(arena, "%s: %s", line, pointer) : line;
}

void manifest_places_add(const struct convention *convention, const struct rooted_dir *dir,
                         struct findings *findings) {
    for (size_t i = 0; convention->locate && i < findings->count; i++) {
        struct finding *finding = &findings->items[i];
        const char *place =
            is_wanted(finding) ? place_of(convention, findings->arena, dir, finding->where) : NULL;
        finding->where = place ? place : finding->where;
    }
}
