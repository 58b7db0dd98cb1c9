// SPDX-License-Identifier: MIT
// Changes after a serial. With `wait`, an empty answer is held back until there is something to say,
// the time is over, or the daemon drains.
// The request's thread waits, so waiting is bounded to a minute; the epoch tells a client that the
// registry was restored and its serial means nothing any more.
#include "registryd/api/activity/handlers.h"

#include "registryd/access/limits.h"
#include "registryd/access/shares.h"
#include "registryd/api/activity/activity_filter.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <string.h>
#include <time.h>

enum { MAX_WAIT_S = 60, SLICE_MS = 250 };

static const struct query_rule rules[] = {
    {.name = "since"}, {.name = "limit"},       {.name = "wait"},  {.name = "package"},
    {.name = "group"}, {.name = "environment"}, {.name = "actor"}, {.name = "kind"}};
// One less than the largest number: the wait is for `since` + 1.
static const struct query_range since_range = {.name = "since", .max = INT64_MAX - 1};
static const struct query_range limit_range = {"limit", 1, 1000, 100};
static const struct query_range wait_range = {.name = "wait", .max = MAX_WAIT_S};

struct changes_query {
    int64_t since;                // serial
    int64_t limit;                // changes
    int64_t wait_s;               // for a change, when there is none yet
    struct changes_filter filter; // which changes
};

static enum status decode(const struct request *request, struct changes_query *changes_query,
                          struct error *err) {
    enum status status = query_integer(request, &since_range, &changes_query->since, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &limit_range, &changes_query->limit, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &wait_range, &changes_query->wait_s, err);
    if (status) {
        return status;
    }
    return activity_filter_decode(request, &changes_query->filter, err);
}

static enum status load(struct api *api, const struct request *request,
                        const struct changes_query *changes_query, struct changes *ret_changes,
                        struct error *err) {
    struct activity_query query = {changes_query->filter, changes_query->since,
                                   (int)changes_query->limit};
    return changes_filter_is_empty(&query.filter)
               ? store_changes_load(api->reading, request->arena, query.place, query.limit,
                                    ret_changes, err)
               : store_changes_after(api->reading, request->arena, &query, ret_changes, err);
}

// Waits until there is a change after `serial`; false when the deadline, another history or draining
// came first. In slices, because draining does not wake a wait.
static bool wait_for_change(struct api *api, const struct history_point *begun, int64_t serial,
                            int64_t deadline_ms) {
    struct history_point now;
    for (int64_t left_ms = deadline_ms - monotonic_ms(); left_ms > 0;
         left_ms = deadline_ms - monotonic_ms()) {
        index_point(api->index, &now);
        if (atomic_load(&api->draining) || strcmp(begun->epoch, now.epoch) != 0) {
            return false;
        }
        if (index_wait(api->index, serial + 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS)) {
            return true;
        }
    }
    return false;
}

// Of one package or group there may be nothing to tell though something happened: then it waits on.
static enum status load_or_wait(struct api *api, const struct request *request,
                                const struct changes_query *changes_query,
                                struct changes *ret_changes, struct error *err) {
    struct history_point begun;
    int64_t deadline_ms = monotonic_ms() + changes_query->wait_s * 1000;
    int64_t serial = changes_query->since;
    bool goes_on = true;
    index_point(api->index, &begun);
    while (goes_on) {
        // Waits before it reads, also the first time: with wait=0 the deadline is over and this
        // returns at once.
        goes_on = wait_for_change(api, &begun, serial, deadline_ms);
        enum status status = load(api, request, changes_query, ret_changes, err);
        if (status || ret_changes->count) {
            return status;
        }
        // The wait goes on behind what was read, otherwise a change that does not match would spin
        // this loop.
        serial = ret_changes->point.serial;
    }
    return STATUS_OK;
}

// Long polls hold a thread each: when too many wait already, in all or of this client, the answer comes
// at once, with what there is.
static enum status load_in_turn(struct api *api, const struct request *request,
                                struct changes_query *changes_query, struct changes *ret_changes,
                                struct error *err) {
    const struct share_request place = {.key = limits_key_text(api->limits, request->client),
                                        .amount = 1,
                                        .key_max = (api->waiters_max + 3) / 4,
                                        .all_max = api->waiters_max};
    bool waits = changes_query->wait_s > 0;
    if (waits && shares_take(api->waiters, &place) != SHARE_TAKEN) {
        waits = false;
        changes_query->wait_s = 0;
    }
    enum status status = load_or_wait(api, request, changes_query, ret_changes, err);
    if (waits) {
        shares_give(api->waiters, place.key, place.amount);
    }
    return status;
}

static json_t *encode_groups(const struct strings *groups) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < groups->count; i++) {
        if (json_array_append_new(array, json_text(groups->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_changes(const struct changes *changes) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        // clang-format off
        json_t *item = json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
                                 "serial", (json_int_t)change->serial,
                                 "kind", json_text(change->kind),
                                 "package", json_text(change->package),
                                 "version", json_text(change->version),
                                 "environment", json_text(change->environment),
                                 "reason", json_text(change->reason),
                                 "at", json_text(change->at),
                                 "groups", encode_groups(&change->groups),
                                 "actor", json_text(change->actor),
                                 "detail", json_text(change->detail));
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

enum status changes_list(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    struct changes_query changes_query;
    struct changes changes;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = decode(request, &changes_query, err);
    if (status) {
        return status;
    }
    status = load_in_turn(api, request, &changes_query, &changes, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:o,s:I,s:s,s:I}", "changes", encode_changes(&changes), "serial",
                             (json_int_t)changes.point.serial, "epoch", changes.point.epoch,
                             "epoch_number", (json_int_t)changes.point.epoch_number);
    reply->epoch_number = changes.point.epoch_number;
    reply->epoch = arena_strdup(request->arena, changes.point.epoch);
    reply->serial =
        changes.point.serial; // it may have waited for later changes than the query began with
    return reply_json(request, reply, json, err);
}
