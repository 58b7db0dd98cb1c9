// SPDX-License-Identifier: MIT
// The list of packages, which is also the search, and one package with its releases. The query is decoded here for
// the JSON route and the page alike. An environment as a filter is asked of the index, because only a resolution
// knows what fits a host; everything else is a condition of one SQL statement.
#include "registryd/api/packages/handlers.h"

#include "registryd/api/packages/artifacts.h"
#include "registryd/request/cursor.h"
#include "registryd/request/document.h"
#include "registryd/api/packages/packages_query.h"
#include "registryd/request/query.h"
#include "registryd/store/store_access.h"
#include "schema/json/json.h"
#include "registryd/resolver/selection.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdlib.h>

static json_t *encode_rows(const struct package_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        json_t *item = document_encode_package(&rows->items[i]);
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

// {"group": [{"value": "crm.plugins", "packages": 3}], "classifier": [], …, "is_part": false}
static json_t *encode_facets(const struct facet_rows *rows) {
    scoped(cleanup_json) json_t *object =
        json_pack("{s:b}", "is_part", rows->count && rows->items[0].is_part);
    for (size_t kind = 0; object && kind < FACET_KINDS; kind++) {
        json_t *list = json_array();
        if (json_object_set_new(object, facet_kinds[kind].parameter, list)) {
            return NULL;
        }
        for (size_t i = 0; i < rows->count; i++) {
            const struct facet_row *row = &rows->items[i];
            bool is_kind = row->facet[0] == facet_kinds[kind].letter;
            if (is_kind &&
                json_array_append_new(list, json_pack("{s:s,s:I}", "value", row->facet + 2,
                                                      "packages", (json_int_t)row->packages))) {
                return NULL;
            }
        }
    }
    return take(object);
}

enum status packages_list(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct package_query query;
    struct package_rows rows;
    struct facet_rows facets = {0};
    bool wants_facets = false;
    enum status status = query_begin(api, request, packages_query_rules, PACKAGES_QUERY_RULES, err);
    if (status) {
        return status;
    }
    status = packages_query_decode(api, request, &query, err);
    if (status) {
        return status;
    }
    status = store_packages_load(api->reading, request->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    status = query_flag(request, "facets", &wants_facets, err);
    if (status) {
        return status;
    }
    if (wants_facets) {
        status = store_facets_load(api->reading, request->arena, &query, &facets, err);
    }
    if (status) {
        return status;
    }
    // The place is made by the store: a search is ordered by rank, so the last name alone would not
    // say where the next page begins.
    const char *last = rows.count ? rows.place : "";
    struct cursor_page answer = {"packages", encode_rows(&rows), rows.more, last,
                                 json_pack("{s:I,s:o,s:o*}", "total", (json_int_t)rows.total,
                                           "corrected", json_text(rows.corrected), "facets",
                                           wants_facets ? encode_facets(&facets) : NULL)};
    return cursor_reply(request, reply, &answer, err);
}

static json_t *encode_releases(const struct package_detail *detail,
                               const struct artifact_rows *artifacts) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < detail->release_count; i++) {
        const struct release_row *row = &detail->releases[i];
        json_t *item = document_encode_release(row);
        if (json_array_append_new(array, item) ||
            json_object_set_new(item, "artifacts", artifacts_encode(artifacts, row->version))) {
            return NULL;
        }
    }
    return take(array);
}

enum status packages_show(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    const char *name = NULL;
    struct package_detail detail;
    struct artifact_rows artifacts;
    struct owners owners;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = store_package_load(api->reading, request->arena, name, &detail, err);
    if (status) {
        return status;
    }
    status = store_artifacts_load(api->reading, request->arena, name, NULL, &artifacts, err);
    if (status) {
        return status;
    }
    status = store_owners_load(api->reading, request->arena, name, NULL, &owners, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *package = document_encode_package(&detail.package);
    scoped(cleanup_json) json_t *more = json_pack(
        "{s:o,s:o,s:o}", "owner", json_text(owners.package_owner), "releases",
        encode_releases(&detail, &artifacts), "document",
        detail.document ? json_loads(detail.document, JSON_REJECT_DUPLICATES, NULL) : json_null());
    if (!package || !more || json_object_update(package, more)) {
        return fail_no_memory(err);
    }
    return reply_json(request, reply, take(package), err);
}

// ---- the query of a list ----

// Parameters to a question of the store.

const struct query_rule packages_query_rules[PACKAGES_QUERY_RULES] = {
    {.name = "q"},
    {.name = "group", .repeats = true},
    {.name = "classifier", .repeats = true},
    {.name = "status"},
    {.name = "license"},
    {.name = "python"},
    {.name = "owner"},
    {.name = "environment"},
    {.name = "order"},
    {.name = "facets"},
    {.name = "limit"},
    {.name = "cursor"},
};

static const char *const statuses[] = {"active", "deprecated", "archived", "quarantined"};

static enum status check_words(const char *words, struct error *err) {
    if (words && strlen(words) > LIMIT_SEARCH_BYTES) {
        return fail(err, STATUS_USAGE, "?q", "The search words may have at most %d bytes",
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
                "The status must be active, deprecated, archived or quarantined");
}

// "3.11": packages are counted by it. A third number would match none.
static enum status check_python(const char *python, struct error *err) {
    static const char digits[] = "0123456789";
    size_t major = python ? strspn(python, digits) : 0;
    size_t minor = major && python[major] == '.' ? strspn(python + major + 1, digits) : 0;
    return !python || (minor && !python[major + 1 + minor])
               ? STATUS_OK
               : fail(err, STATUS_INVALID, "?python",
                      "The version of Python must have two numbers, for example 3.11");
}

static enum status read_order(const struct request *request, enum package_order *ret_order,
                              struct error *err) {
    static const char *const orders[] = {[PACKAGES_BY_RELEVANCE] = "relevance",
                                         [PACKAGES_BY_NEWEST] = "newest",
                                         [PACKAGES_BY_NAME] = "name"};
    const char *order = request_query(request, "order");
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        if (!order || strcmp(order, orders[i]) == 0) {
            *ret_order = (enum package_order)i;
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_USAGE, "?order",
                "The parameter \"order\" must be relevance, newest or name");
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
        // An empty parameter is what a form sends for a field that was left empty.
        if (strcmp(one->name, "classifier") == 0 && one->value[0]) {
            items[query->classifier_count++] = text_from(one->value);
        }
    }
    query->classifiers = items;
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The packages that an environment gets a release of, in the groups asked for or in any: a name a line, sorted,
// each once. Made once for all who ask, as the selection has a record for every entry point.
static enum status encode_names(const struct resolve_query *query,
                                const struct selection *selection, struct answer_draft *draft,
                                struct error *err) {
    (void)query;
    const struct records *records = &selection->records;
    const char **names = malloc((records->count + 1) * sizeof *names);
    if (!names) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        names[i] = records->items[i].package;
    }
    qsort(names, records->count, sizeof *names, compare_names);
    for (size_t i = 0; i < records->count; i++) {
        if (!i || strcmp(names[i - 1], names[i]) != 0) {
            buffer_add_string(&draft->body, i ? "\n" : "");
            buffer_add_string(&draft->body, names[i]);
        }
    }
    free(names);
    return STATUS_OK;
}

static const struct answer_form names_form = {.name = "names", .encode = encode_names};

// The names become one parameter of the statement, so the database combines them with all other
// filters.
static enum status decode_environment(struct api *api, const struct request *request,
                                      struct package_query *query, struct error *err) {
    const char *environment = request_query(request, "environment");
    if (!environment) {
        return STATUS_OK;
    }
    struct resolve_query resolve_query = {.environment = environment};
    const struct answer *answer = NULL;
    enum status status =
        query_groups(request, &resolve_query.groups, &resolve_query.group_count, err);
    if (status) {
        return status;
    }
    status = index_answer(api->index, &resolve_query, &names_form, &answer, err);
    if (status) {
        return status;
    }
    query->names = arena_copy(request->arena, answer->body, answer->body_len);
    answer_unref(answer);
    return query->names ? STATUS_OK : fail_no_memory(err);
}

enum status packages_query_decode(struct api *api, const struct request *request,
                                  struct package_query *ret_query, struct error *err) {
    struct package_query query = {.words = request_query(request, "q"),
                                  .status = request_query(request, "status"),
                                  .license = request_query(request, "license"),
                                  .python = request_query(request, "python"),
                                  .owner = request_query(request, "owner")};
    enum status status = cursor_decode(request, &query.page, err);
    if (status) {
        return status;
    }
    status = check_words(query.words, err);
    if (status) {
        return status;
    }
    status = check_status(query.status, err);
    if (status) {
        return status;
    }
    status = check_python(query.python, err);
    if (status) {
        return status;
    }
    status = read_order(request, &query.order, err);
    if (status) {
        return status;
    }
    status = decode_groups(request, &query, err);
    if (status) {
        return status;
    }
    status = decode_classifiers(request, &query, err);
    if (status) {
        return status;
    }
    status = decode_environment(api, request, &query, err);
    if (status) {
        return status;
    }
    *ret_query = query;
    return STATUS_OK;
}
