// SPDX-License-Identifier: MIT
// Query parameters to a question of the index, whose answer is handed on as it is.
#include "registryd/api/resolve.h"

#include "registryd/api/query.h"
#include "schema/base/limits.h"

#include <string.h>

static const struct query_rule rules[] = {
    {.name = "group", .repeats = true},
    {.name = "environment"},
    {.name = "python"},
    {.name = "prereleases"},
    {.name = "explain"},
};

static enum status check_environment(const struct request *request, struct error *err) {
    const char *name = request_query(request, "environment");
    if (name && strcmp(name, "default") != 0) {
        return fail(err, STATUS_NOT_FOUND, "?environment", "There is no environment \"%s\"", name);
    }
    return STATUS_OK;
}

static enum status decode_choice(const struct request *request, const char *name,
                                 enum choice *ret_choice, struct error *err) {
    bool is_wanted = false;
    enum status status = query_flag(request, name, &is_wanted, err);
    if (!status && request_query(request, name)) {
        *ret_choice = is_wanted ? CHOICE_YES : CHOICE_NO;
    }
    return status;
}

static enum status decode(const struct request *request, struct resolve_query *query,
                          struct error *err) {
    enum status status = query_groups(request, &query->groups, &query->group_count, err);
    if (!status && !query->group_count) {
        return fail(err, STATUS_USAGE, "?group", "Name 1 to %d groups, each as group=NAME",
                    LIMIT_QUERY_GROUPS);
    }
    if (!status) {
        status = check_environment(request, err);
    }
    if (!status) {
        status = decode_choice(request, "prereleases", &query->prereleases, err);
    }
    if (!status) {
        status = query_flag(request, "explain", &query->explain, err);
    }
    query->python = request_query(request, "python");
    return status;
}

enum status resolve_answer(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query = {0};
    enum status status = query_begin(api, request, rules, sizeof rules / sizeof *rules, err);
    if (!status) {
        status = decode(request, &query, err);
    }
    if (status) {
        return status;
    }
    struct history_point point; // taken before the answer: it is of this state or a later one
    index_point(api->index, &point);
    const struct answer *answer = NULL;
    status = index_resolve(api->index, &query, &answer, err);
    if (status) {
        return status;
    }
    bool is_same_epoch = strcmp(point.epoch, answer->point.epoch) == 0;
    bool is_later = is_same_epoch && point.serial > answer->point.serial;
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    reply->content_type = "application/json";
    reply->serial = is_later ? point.serial : answer->point.serial;
    reply->epoch = answer->point.epoch[0] ? answer->point.epoch : NULL;
    return STATUS_OK;
}
