// SPDX-License-Identifier: MIT
// Changes after a serial. With `wait`, an empty answer is held back until there is something to say,
// the time is over, or the daemon drains.
#include "registryd/api/changes.h"

#include "registryd/api/query.h"
#include "schema/json.h"

#include <string.h>

enum { MAX_WAIT_S = 60, SLICE_MS = 250 };

static const struct query_rule rules[] = {{.name = "since"}, {.name = "limit"}, {.name = "wait"}};
static const struct query_range since_range = {.name = "since", .max = INT64_MAX - 1};
static const struct query_range limit_range = {"limit", 1, 1000, 100};
static const struct query_range wait_range = {.name = "wait", .max = MAX_WAIT_S};

struct question {
    int64_t since;
    int64_t limit;
    int64_t wait_s;
};

static enum status decode(const struct request *request, struct question *question,
                          struct error *err) {
    enum status status = query_integer(request, &since_range, &question->since, err);
    if (!status) {
        status = query_integer(request, &limit_range, &question->limit, err);
    }
    return status ? status : query_integer(request, &wait_range, &question->wait_s, err);
}

static void wait_for_change(struct api *api, const struct question *question) {
    struct history_point begun;
    struct history_point now;
    index_point(api->index, &begun);
    now = begun;
    for (int64_t left_ms = question->wait_s * 1000; left_ms > 0; left_ms -= SLICE_MS) {
        if (atomic_load(&api->draining) || strcmp(begun.epoch, now.epoch) != 0 ||
            index_wait(api->index, question->since + 1, SLICE_MS)) {
            return;
        }
        index_point(api->index, &now);
    }
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
        json_t *item = json_pack("{s:I,s:o,s:o,s:o,s:o,s:o}",
                                 "serial", (json_int_t)change->serial,
                                 "kind", json_text(change->kind),
                                 "package", json_text(change->package),
                                 "version", json_text(change->version),
                                 "at", json_text(change->at),
                                 "groups", encode_groups(&change->groups));
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
    struct question question;
    struct changes changes;
    enum status status = query_begin(api, request, rules, sizeof rules / sizeof *rules, err);
    if (!status) {
        status = decode(request, &question, err);
    }
    if (status) {
        return status;
    }
    wait_for_change(api, &question);
    status = store_changes_load(api->store, request->arena, question.since, (int)question.limit,
                                &changes, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:o,s:I,s:s}", "changes", encode_changes(&changes), "serial",
                             (json_int_t)changes.point.serial, "epoch", changes.point.epoch);
    return reply_json(request, reply, json, err);
}
