// SPDX-License-Identifier: MIT
// Parameters to a question of the store.
#include "registryd/api/packages_query.h"

#include "registryd/api/cursor.h"
#include "registryd/api/query.h"
#include "schema/base/limits.h"

const struct query_rule packages_query_rules[PACKAGES_QUERY_RULES] = {
    {.name = "q"},
    {.name = "group", .repeats = true},
    {.name = "classifier", .repeats = true},
    {.name = "status"},
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
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
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

enum status packages_query_decode(const struct request *request, struct package_query *ret_query,
                                  struct error *err) {
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
        *ret_query = query;
    }
    return status;
}
