// SPDX-License-Identifier: MIT
// Going through tables and putting what they give in order.
#include "registryd/index/selection_make.h"

#include "registryd/index/select.h"

#include <stdlib.h>
#include <string.h>

static enum status read_python(struct arena *arena, const char *text,
                               const struct version **ret_python, struct error *err) {
    if (!text) {
        return STATUS_OK;
    }
    enum status status = version_parse(arena, text_from(text), ret_python, err);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, STATUS_INVALID, "?python", "\"%s\" is no version of Python", text);
    }
    return status;
}

static int compare_packages(const void *a, const void *b) {
    return strcmp((*(struct package *const *)a)->name, (*(struct package *const *)b)->name);
}

// The packages of all tables by name; one that is in several groups comes several times.
static struct package **gather_packages(struct arena *arena, struct group_table *const *tables,
                                        size_t table_count, size_t *ret_count) {
    size_t count = 0;
    for (size_t i = 0; i < table_count; i++) {
        count += tables[i]->count;
    }
    struct package **packages = arena_array(arena, count + 1, sizeof(struct package *));
    for (size_t i = 0, at = 0; packages && i < table_count; at += tables[i]->count, i++) {
        memcpy(packages + at, tables[i]->packages, tables[i]->count * sizeof *packages);
    }
    if (packages && count) {
        qsort(packages, count, sizeof *packages, compare_packages);
    }
    *ret_count = count;
    return packages;
}

static enum status add_exclusions(struct arena *arena, struct group_table *const *tables,
                                  size_t table_count, const struct select_query *wanted,
                                  struct exclusions *exclusions) {
    size_t count = 0;
    struct package **packages = gather_packages(arena, tables, table_count, &count);
    if (!packages) {
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_repeated = i > 0 && compare_packages(&packages[i - 1], &packages[i]) == 0;
        if (!is_repeated && select_exclusions(arena, packages[i], wanted, exclusions, NULL)) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

enum status selection_make(struct arena *arena, const struct resolve_query *query,
                           struct group_table *const *tables, struct selection *ret_selection,
                           struct error *err) {
    struct select_query wanted = {.prereleases = query->prereleases == CHOICE_YES};
    struct selection selection = {.environment =
                                      query->environment ? query->environment : "default"};
    enum status status = read_python(arena, query->python, &wanted.python, err);
    for (size_t i = 0; i < query->group_count && !status; i++) {
        status = select_records(arena, tables[i], &wanted, &selection.records, err);
    }
    if (!status && query->explain) {
        status = add_exclusions(arena, tables, query->group_count, &wanted, &selection.excluded);
    }
    if (status) {
        return status == STATUS_NO_MEMORY ? fail_no_memory(err) : status;
    }
    records_sort(&selection.records);
    *ret_selection = selection;
    return STATUS_OK;
}

static bool own(struct arena *arena, const char **text) {
    const char *copy = arena_strdup(arena, *text);
    bool is_good = copy || !*text;
    *text = copy;
    return is_good;
}

static bool own_record(struct arena *arena, struct record *record) {
    const char **texts[] = {&record->group,    &record->name,     &record->value,
                            &record->package,  &record->version,  &record->origin,
                            &record->manifest, &record->settings, &record->shadowed_by};
    bool is_good = true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && is_good; i++) {
        is_good = own(arena, texts[i]);
    }
    return is_good;
}

bool selection_own(struct arena *arena, struct selection *selection) {
    bool is_good = own(arena, &selection->environment);
    for (size_t i = 0; i < selection->records.count && is_good; i++) {
        is_good = own_record(arena, &selection->records.items[i]);
    }
    for (size_t i = 0; i < selection->excluded.count && is_good; i++) {
        struct exclusion *item = &selection->excluded.items[i];
        is_good =
            own(arena, &item->package) && own(arena, &item->version) && own(arena, &item->detail);
    }
    return is_good;
}
