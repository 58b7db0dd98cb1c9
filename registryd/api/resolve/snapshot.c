// SPDX-License-Identifier: MIT
// The question of /v1/resolve, where no group means every group. A snapshot is whole: there are no pages
// and no explanations in it.
#include "registryd/api/resolve/snapshot.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/resolver/resolution_snapshot.h"
#include "schema/snapshot/query_string.h"
#include "schema/snapshot/snapshot.h"
#include "schema/base/list.h"

#include <pthread.h>
#include <time.h>

enum { TURN_MS = 500 };

static enum status refuse_delivery(const struct request *request, struct error *err) {
    static const struct {
        const char *name;
        const char *where;
    } refused[] = {{"explain", "?explain"}, {"limit", "?limit"}, {"cursor", "?cursor"}};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (request_query(request, refused[i].name)) {
            return fail(err, STATUS_USAGE, refused[i].where,
                        "A snapshot is whole and explains nothing; ask /v1/resolve for that");
        }
    }
    return STATUS_OK;
}

static enum status write_query(const struct request *request, struct resolve_query *query,
                               struct error *err) {
    struct query_parameter *parts =
        arena_array(request->arena, request->query_count + 1, sizeof *parts);
    for (size_t i = 0; parts && i < request->query_count; i++) {
        parts[i] = (struct query_parameter){request->query[i].name, request->query[i].value};
    }
    query->query = parts ? query_string_write(request->arena, parts, request->query_count) : NULL;
    return query->query ? STATUS_OK : fail_no_memory(err);
}

static enum status decode(struct api *api, const struct request *request,
                          struct resolve_query *query, struct error *err) {
    enum status status = refuse_delivery(request, err);
    if (!status) {
        status = selection_query_decode(api, request, query, err);
    }
    if (!status) {
        status = write_query(request, query, err);
    }
    query->signer = api->snapshot_key;
    return status;
}

// Hosts that hear of a change ask at once, and a large answer takes long to make: one makes it, the others
// find it made. Nobody waits long for another: what cannot be made in time, each makes for itself.
static enum status find_or_make(struct api *api, const struct resolve_query *query,
                                const struct answer **ret_answer, struct error *err) {
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TURN_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    bool is_our_turn = !pthread_mutex_clocklock(&making, CLOCK_MONOTONIC, &until);
    enum status status = index_answer(api->index, query, &resolution_snapshot, ret_answer, err);
    if (is_our_turn) {
        pthread_mutex_unlock(&making);
    }
    return status;
}

enum status snapshot_answer(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query = {0};
    struct history_point point;
    const struct answer *answer = NULL;
    enum status status = decode(api, request, &query, err);
    index_point(api->index, &point);
    if (!status) {
        status = find_or_make(api, &query, &answer, err);
    }
    if (!status) {
        selection_query_reply(reply, answer, &point);
        reply->content_type = SNAPSHOT_MEDIA_TYPE;
    }
    return status;
}
