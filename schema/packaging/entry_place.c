// SPDX-License-Identifier: MIT
// Neither the name of a package nor that of a group holds a colon, and the name of an entry point may. So the
// first two colons separate the parts, and what follows them is the name, whatever it holds.
#include "schema/packaging/entry_place.h"

#include "schema/packaging/entry_point.h"
#include "schema/packaging/name.h"

#include <string.h>

// The text before the next colon; moves past the colon. All of it when there is none.
static struct text next_part(struct text *rest) {
    const char *colon = rest->len ? memchr(rest->ptr, ':', rest->len) : NULL;
    struct text part = {rest->ptr, colon ? (size_t)(colon - rest->ptr) : rest->len};
    size_t used = part.len + (colon ? 1 : 0);
    *rest = (struct text){rest->ptr + used, rest->len - used};
    return part;
}

static enum status read_entry(struct arena *arena, struct text group, struct text name,
                              struct entry_place *place, struct error *err) {
    enum status status = entry_point_group_check(group, err);
    if (status) {
        return status;
    }
    status = entry_point_name_check(name, err);
    if (status) {
        return status;
    }
    place->group = arena_copy(arena, group.ptr, group.len);
    place->name = arena_copy(arena, name.ptr, name.len);
    place->text = arena_printf(arena, "%s:%.*s:%.*s", place->package, (int)group.len, group.ptr,
                               (int)name.len, name.ptr);
    return place->group && place->name && place->text ? STATUS_OK : fail_no_memory(err);
}

enum status entry_place_parse(struct arena *arena, struct text text, struct entry_place *ret_place,
                              struct error *err) {
    struct entry_place place = {0};
    struct text rest = text;
    struct text package = next_part(&rest);
    enum status status = name_normalize(arena, package, &place.package, err);
    if (status) {
        return status;
    }
    place.text = place.package;
    if (package.len < text.len) {
        struct text group = next_part(&rest);
        status = read_entry(arena, group, rest, &place, err);
    }
    if (status) {
        return status;
    }
    *ret_place = place;
    return STATUS_OK;
}
