// SPDX-License-Identifier: MIT
// dependencies and optional-dependencies of [project]: requirements in their normal form; those of an
// extra get the marker that says so, as a build back end writes it into the metadata. A directory and the
// wheel built from it so have the same requirements, and are the same release.
//
//     [project.optional-dependencies]
//     pdf = ["reportlab>=4; python_version>'3.9'"]
//     ->  reportlab>=4; python_version > "3.9" and extra == "pdf"
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/packaging/requirement/requirement.h"

#include <string.h>

static bool reserve(struct pyproject *project, const struct node *place, size_t more) {
    struct strings *list = &project->release->requires_dist;
    if (list->count + more > LIMIT_LIST_ITEMS) {
        reader_add(&project->reader, "too-many-items", place, NULL,
                   "The package has more than %d requirements", LIMIT_LIST_ITEMS);
        return false;
    }
    const char **items = reader_array(&project->reader, list->count + more, sizeof *items);
    if (items && list->count) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    if (items) {
        list->items = items;
    }
    return items;
}

// The normal form with `extra == "…"` added to its marker. NULL when out of memory.
static const char *with_extra(struct arena *arena, const struct requirement *requirement,
                              const char *extra) {
    const char *marker = requirement->marker ? marker_string(requirement->marker) : "";
    struct text front = text_from(requirement->string);
    front.len -= strlen(marker);
    while (requirement->marker && strchr("; ", front.ptr[front.len - 1])) {
        front.len--;
    }
    const char *separator = requirement->url ? " ; " : "; ";
    return *marker ? arena_printf(arena, "%.*s%s(%s) and extra == \"%s\"", (int)front.len,
                                  front.ptr, separator, marker, extra)
                   : arena_printf(arena, "%.*s%sextra == \"%s\"", (int)front.len, front.ptr,
                                  separator, extra);
}

// With an extra the requirement gets the marker `extra == "…"`, as METADATA of a wheel would have it.
static enum status normalize(struct arena *arena, const char *text, const char *extra,
                             const char **ret_text, struct error *err) {
    const struct requirement *requirement;
    enum status status = requirement_parse(arena, text_from(text), &requirement, err);
    if (!status && extra) {
        const char *extended = with_extra(arena, requirement, extra);
        if (!extended) {
            return fail_no_memory(err);
        }
        status = requirement_parse(arena, text_from(extended), &requirement, err);
    }
    if (status) {
        return status;
    }
    *ret_text = requirement->string;
    return STATUS_OK;
}

// Requirements that cannot be parsed are findings, and the others are kept.
static void read_list(struct pyproject *project, const struct node *list, const char *extra) {
    struct strings *strings = &project->release->requires_dist;
    if (!reader_is(&project->reader, list, NODE_LIST) || !reserve(project, list, list->count)) {
        return;
    }
    for (const struct node *item = list->first; item; item = item->next) {
        struct error err;
        const char *text = NULL;
        if (!reader_is_line(&project->reader, item)) {
            continue;
        }
        if (normalize(project->reader.arena, item->string, extra, &text, &err)) {
            reader_add_error(&project->reader, "requirement-invalid", item, &err);
        } else {
            strings->items[strings->count++] = text;
        }
    }
}

void project_read_dependencies(struct pyproject *project, const struct node *node) {
    read_list(project, node, NULL);
}

// Whether an extra before this one has the same normal form.
static bool is_repeated(struct pyproject *project, const struct node *list, const char *extra) {
    const char *other;
    for (const struct node *node = list->parent->first; node != list; node = node->next) {
        if (name_normalize(project->reader.arena, text_from(node->key), &other, NULL) ==
                STATUS_OK &&
            strcmp(other, extra) == 0) {
            return true;
        }
    }
    return false;
}

void project_read_optional_dependencies(struct pyproject *project, const struct node *node) {
    if (!reader_is(&project->reader, node, NODE_TABLE) ||
        !reader_is_short(&project->reader, node)) {
        return;
    }
    for (const struct node *list = node->first; list; list = list->next) {
        const char *extra;
        struct error err;
        if (name_normalize(project->reader.arena, text_from(list->key), &extra, &err)) {
            reader_add_error(&project->reader, "extra-invalid", list, &err);
        } else if (is_repeated(project, list, extra)) {
            reader_add(&project->reader, "extra-duplicate", list, NULL,
                       "Another extra has the same normal form \"%s\"", extra);
        } else {
            read_list(project, list, extra);
        }
    }
}
