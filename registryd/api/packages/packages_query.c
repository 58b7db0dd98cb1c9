// SPDX-License-Identifier: MIT
// Parameters to a question of the store.
#include "registryd/api/packages/packages_query.h"

#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/resolver/selection.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdlib.h>

const struct query_rule packages_query_rules[PACKAGES_QUERY_RULES] = {
    {.name = "q"},
    {.name = "group", .repeats = true},
    {.name = "classifier", .repeats = true},
    {.name = "status"},
    {.name = "environment"},
    {.name = "limit"},
    {.name = "cursor"},
};

static const char *const statuses[] = {"active", "deprecated", "archived", "quarantined"};

static enum status check_words(const char *words, struct error *err) {
    if (words && strlen(words) > LIMIT_SEARCH_BYTES) {
        return fail(err, STATUS_USAGE, "?q", "The words to search for may have at most %d bytes",
                    LIMIT_SEARCH_BYTES);
    }
    return STATUS_OK;
}

static enum status check_status(const char *status, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (!status || strcmp(status, statuses[i]) == 0) {
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_INVALID, "?status",
                "A package is active, deprecated, archived or quarantined");
}

static enum status decode_groups(const struct request *request, struct package_query *query,
                                 struct error *err) {
    const char *const *names = NULL;
    enum status status = query_groups(request, &names, &query->group_count, err);
    if (status) {
        return status;
    }
    struct text *groups = arena_array(request->arena, query->group_count + 1, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query->group_count; i++) {
        groups[i] = text_from(names[i]);
    }
    query->groups = groups;
    return STATUS_OK;
}

static enum status decode_classifiers(const struct request *request, struct package_query *query,
                                      struct error *err) {
    struct text *items = arena_array(request->arena, request->query_count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < request->query_count; i++) {
        const struct parameter *one = &request->query[i];
        if (strcmp(one->name, "classifier") == 0 && one->value[0]) {
            items[query->classifier_count++] = text_from(one->value);
        }
    }
    query->classifiers = items;
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b) {
    const struct text *left = a;
    const struct text *right = b;
    return strcmp(left->ptr, right->ptr);
}

// The packages that an environment gets a release of, in the groups asked for or in any.
static enum status decode_environment(struct api *api, const struct request *request,
                                      struct package_query *query, struct error *err) {
    const char *environment = request_query(request, "environment");
    if (!environment) {
        return STATUS_OK;
    }
    struct resolve_query resolve_query = {.environment = environment};
    struct selection selection = {0};
    enum status status =
        query_groups(request, &resolve_query.groups, &resolve_query.group_count, err);
    if (!status) {
        status = index_select(api->index, &resolve_query, request->arena, &selection, err);
    }
    if (status) {
        return status;
    }
    size_t most = selection.records.count;
    struct text *names = arena_array(request->arena, most + 1, sizeof *names);
    if (!names) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < most; i++) {
        names[i] = text_from(selection.records.items[i].package);
    }
    qsort(names, most, sizeof *names, compare_names);
    for (size_t i = 0; i < most; i++) {
        size_t last = query->name_count;
        if (!last || strcmp(names[last - 1].ptr, names[i].ptr) != 0) {
            names[query->name_count++] = names[i];
        }
    }
    query->names = names;
    return STATUS_OK;
}

enum status packages_query_decode(struct api *api, const struct request *request,
                                  struct package_query *ret_query, struct error *err) {
    struct package_query query = {.words = request_query(request, "q"),
                                  .status = request_query(request, "status")};
    enum status status = cursor_decode(request, &query.page, err);
    if (!status) {
        status = check_words(query.words, err);
    }
    if (!status) {
        status = check_status(query.status, err);
    }
    if (!status) {
        status = decode_groups(request, &query, err);
    }
    if (!status) {
        status = decode_classifiers(request, &query, err);
    }
    if (!status) {
        status = decode_environment(api, request, &query, err);
    }
    if (!status) {
        *ret_query = query;
    }
    return status;
}
