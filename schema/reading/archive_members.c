// SPDX-License-Identifier: MIT
// Names of members, and the list of them. The rules are strict: a name that two readers, or two file
// systems, could take for two different places is refused.
#include "schema/reading/archive_members.h"

#include "schema/base/limits.h"

#include <stdlib.h>
#include <string.h>

static int compare_members(const void *left, const void *right) {
    const struct archive_member *a = left;
    const struct archive_member *b = right;
    return strcmp(a->name, b->name);
}

const struct archive_member *archive_members_find(const struct archive_members *members,
                                                  const char *name) {
    const struct archive_member key = {.name = name};
    return members->count
               ? bsearch(&key, members->items, members->count, sizeof key, compare_members)
               : NULL;
}

char *archive_member_room(struct reading *reading, const struct archive_member *member,
                          size_t max_bytes) {
    if (member->size > max_bytes) {
        reading_add_member(reading, "member-too-large", member->name,
                           "The member has %zu bytes; at most %zu are read", member->size,
                           max_bytes);
        return NULL;
    }
    return reading_array(reading, member->size + 1, 1);
}

static bool has_control(struct text name) {
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool is_deep(struct text name) {
    enum { PARTS = 64 };
    size_t slashes = 0;
    for (size_t i = 0; i < name.len; i++) {
        slashes += name.ptr[i] == '/';
    }
    return slashes > PARTS;
}

static bool has_odd_part(struct text name) {
    struct text rest = name;
    struct text part;
    if (rest.ptr[rest.len - 1] == '/') {
        rest.len--;
    }
    while (text_split(&rest, '/', &part)) {
        if (!part.len || text_equals(part, ".") || text_equals(part, "..")) {
            return true;
        }
    }
    return false;
}

const char *archive_member_name(struct reading *reading, struct text name) {
    if (!name.len || name.len > LIMIT_ARCHIVE_NAME_BYTES) {
        reading_add_member(reading, "member-name-length", NULL,
                           "The name of a member has %zu bytes; 1 to %d are taken", name.len,
                           LIMIT_ARCHIVE_NAME_BYTES);
        return NULL;
    }
    const char *copy = arena_copy(reading->arena, name.ptr, name.len);
    if (!copy) {
        reading->findings->no_memory = true;
        return NULL;
    }
    if (text_has_nul(name.ptr, name.len)) {
        reading_add_member(reading, "member-name-nul", copy, "The name of a member has a NUL");
    } else if (!utf8_is_valid(name.ptr, name.len)) {
        reading_add_member(reading, "member-name-not-utf8", copy,
                           "The name of a member is not UTF-8");
    } else if (has_control(name)) {
        reading_add_member(reading, "member-name-control", copy,
                           "The name of a member has a control character");
    } else if (name.ptr[0] == '/') {
        reading_add_member(reading, "member-name-absolute", copy,
                           "The name of a member is absolute");
    } else if (strchr(copy, '\\')) {
        reading_add_member(reading, "member-name-backslash", copy,
                           "The name of a member has a backslash");
    } else if (is_alpha(copy[0]) && copy[1] == ':') {
        reading_add_member(reading, "member-name-drive", copy,
                           "The name of a member begins with a drive letter");
    } else if (has_odd_part(name)) {
        reading_add_member(reading, "member-name-dots", copy,
                           "The name of a member has an empty part, \".\" or \"..\"");
    } else if (is_deep(name)) {
        reading_add_member(reading, "member-name-deep", copy, "The member lies too deep");
    } else {
        return copy;
    }
    return NULL;
}

// Whether something that is no directory bears the name of a directory `name` lies in.
static bool lies_in_a_file(const struct archive_members *members, const char *name) {
    char parent[LIMIT_ARCHIVE_NAME_BYTES + 1];
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - name);
        memcpy(parent, name, len);
        parent[len] = '\0';
        if (archive_members_find(members, parent)) {
            return true;
        }
    }
    return false;
}

bool archive_members_sort(struct reading *reading, struct archive_members *members) {
    if (members->count > 1) {
        qsort(members->items, members->count, sizeof *members->items, compare_members);
    }
    for (size_t i = 1; i < members->count; i++) {
        const char *name = members->items[i].name;
        bool is_directory = name[strlen(name) - 1] == '/';
        if (strcmp(name, members->items[i - 1].name) == 0 && !is_directory) {
            return reading_add_member(reading, "member-duplicate", name, "The member stands twice");
        }
    }
    for (size_t i = 0; i < members->count; i++) {
        const char *name = members->items[i].name;
        if (lies_in_a_file(members, name)) {
            return reading_add_member(reading, "member-duplicate", name,
                                      "A directory of the member is a file too");
        }
    }
    return true;
}
