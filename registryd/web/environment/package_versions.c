// SPDX-License-Identifier: MIT
// The form writes a line for each package, as JSON would take longer to read than the pages may: "crm 1.2\n". Names and
// versions are normalised and hold no blanks.
#include "registryd/web/environment/package_versions.h"

#include <stdlib.h>
#include <string.h>

static int compare_packages(const void *left, const void *right) {
    const struct package_version *a = left;
    const struct package_version *b = right;
    return strcmp(a->package, b->package);
}

// A resolution takes one release of a package, so any of its records has the version.
enum status package_versions_of(struct arena *arena, const struct records *records,
                                struct package_versions *ret_list, struct error *err) {
    struct package_version *items = arena_array(arena, records->count + 1, sizeof *items);
    size_t found = 0;
    size_t count = 0;
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (record->package && record->version) {
            items[found++] = (struct package_version){record->package, record->version};
        }
    }
    qsort(items, found, sizeof *items, compare_packages);
    for (size_t i = 0; i < found; i++) {
        if (!count || strcmp(items[count - 1].package, items[i].package) != 0) {
            items[count++] = items[i];
        }
    }
    *ret_list = (struct package_versions){items, count};
    return STATUS_OK;
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct package_versions list;
    (void)query;
    enum status status =
        arena ? package_versions_of(arena, &selection->records, &list, err) : fail_no_memory(err);
    buffer_add_string(&draft->body, "\n"); // an answer is never empty
    for (size_t i = 0; !status && i < list.count; i++) {
        buffer_printf(&draft->body, "%s %s\n", list.items[i].package, list.items[i].version);
    }
    return status;
}

static const struct answer_form versions_form = {.name = "package-versions", .encode = encode};

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (; (text = strchr(text, '\n')); text++) {
        count++;
    }
    return count;
}

// Cuts the text into its words, in place.
static enum status read_lines(struct arena *arena, char *text, struct package_versions *ret_list,
                              struct error *err) {
    struct package_versions list = {0};
    list.items = arena_array(arena, count_lines(text) + 1, sizeof *list.items);
    if (!list.items) {
        return fail_no_memory(err);
    }
    for (char *end; (end = strchr(text, '\n')); text = end + 1) {
        char *blank = memchr(text, ' ', (size_t)(end - text));
        if (blank) { // the first line is blank
            *blank = '\0';
            *end = '\0';
            list.items[list.count++] = (struct package_version){text, blank + 1};
        }
    }
    *ret_list = list;
    return STATUS_OK;
}

enum status package_versions_load(struct page_context *page, const char *environment,
                                  bool is_thawed, struct package_versions *ret_list,
                                  struct error *err) {
    const struct resolve_query query = {.environment = environment, .is_thawed = is_thawed};
    const struct answer *answer = NULL;
    enum status status = index_answer(page->api->index, &query, &versions_form, &answer, err);
    if (status) {
        return status;
    }
    char *text = arena_copy(page->arena, answer->body ? answer->body : "", answer->body_len);
    answer_unref(answer);
    return text ? read_lines(page->arena, text, ret_list, err) : fail_no_memory(err);
}

// ---- what differs

static void note(struct version_changes *changes, const struct version_change *change) {
    changes->added += !change->before;
    changes->removed += !change->after;
    changes->changed += change->before && change->after;
    if (changes->count < CHANGES_SHOWN) {
        changes->items[changes->count++] = *change;
    }
}

void package_versions_compare(const struct package_versions *before,
                              const struct package_versions *after,
                              struct version_changes *ret_changes) {
    size_t i = 0;
    size_t j = 0;
    *ret_changes = (struct version_changes){.count = 0};
    while (i < before->count || j < after->count) {
        const struct package_version *old = i < before->count ? &before->items[i] : NULL;
        const struct package_version *new = j < after->count ? &after->items[j] : NULL;
        int order = !old ? 1 : !new ? -1 : strcmp(old->package, new->package);
        struct version_change change = {order <= 0 ? old->package : new->package,
                                        order <= 0 ? old->version : NULL,
                                        order >= 0 ? new->version : NULL};
        i += order <= 0;
        j += order >= 0;
        if (order || strcmp(change.before, change.after) != 0) {
            note(ret_changes, &change);
        }
    }
}
