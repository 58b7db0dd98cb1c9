// SPDX-License-Identifier: MIT
// Query parameters to a question of the index (selection_query.h), and its answer to a reply.
#include "registryd/api/selection_query.h"

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

enum status selection_query_decode(struct api *api, const struct request *request,
                                   struct resolve_query *ret_query, struct error *err) {
    struct resolve_query query = {0};
    enum status status = query_begin(api, request, rules, sizeof rules / sizeof *rules, err);
    if (!status) {
        status = query_groups(request, &query.groups, &query.group_count, err);
    }
    if (!status) {
        status = check_environment(request, err);
    }
    if (!status) {
        status = decode_choice(request, "prereleases", &query.prereleases, err);
    }
    if (!status) {
        status = query_flag(request, "explain", &query.explain, err);
    }
    query.python = request_query(request, "python");
    if (!status) {
        *ret_query = query;
    }
    return status;
}

void selection_query_reply(struct reply *reply, const struct answer *answer,
                           const struct history_point *point) {
    bool is_same_epoch = strcmp(point->epoch, answer->point.epoch) == 0;
    bool is_later = is_same_epoch && point->serial > answer->point.serial;
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    reply->serial = is_later ? point->serial : answer->point.serial;
    reply->epoch = answer->point.epoch[0] ? answer->point.epoch : NULL;
}
