// SPDX-License-Identifier: MIT
// Two forms of one resolution: JSON and a snapshot file. Both come from the index, in memory, already encoded and
// compressed if somebody asked the same before; a handler decodes the query, takes a reference to the answer
// and hands it to the sender. The database is asked only for a group that is not in memory yet.
#include "registryd/api/resolve/handlers.h"

#include "registryd/access/settings_rights.h"
#include "registryd/api/secrets/secret_open.h"
#include "registryd/api/resolve/selection_query.h"
#include "schema/base/limits.h"
#include "registryd/forms/resolution_snapshot.h"
#include "schema/snapshot/query_string.h"
#include "schema/snapshot/snapshot.h"
#include "schema/base/list.h"
#include "registryd/store/store_environments.h"

#include <string.h>

// Opens the secrets where the reader may have them. Such an answer is made for this reader alone.
static enum status open_secrets(struct api *api, const struct request *request,
                                struct resolve_query *query, struct error *err) {
    const struct secrets_asked asked = {
        query->environment ? query->environment : ENVIRONMENT_DEFAULT, NULL};
    struct opened_secrets *secrets = arena_alloc(request->arena, sizeof *secrets);
    if (!secrets) {
        return fail_no_memory(err);
    }
    query->secrets = secrets;
    return secrets_open(api, request->arena, &asked, secrets, err);
}

// A token that may read secrets gets them, and no other does.
static enum status add_secrets(struct api *api, const struct request *request,
                               struct resolve_query *query, struct error *err) {
    bool may_read = false;
    enum status status =
        query->with_settings
            ? settings_may_read_secrets(api, request, query->environment, &may_read, err)
            : STATUS_OK;
    return status || !may_read ? status : open_secrets(api, request, query, err);
}

enum status resolve_answer(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query;
    enum status status = selection_query_decode_page(api, request, &query, err);
    if (!status && !query.group_count) {
        return fail(err, STATUS_USAGE, "?group", "Name 1 to %d groups, each as group=NAME",
                    LIMIT_QUERY_GROUPS);
    }
    struct history_point point;
    const struct answer *answer = NULL;
    index_point(api->index, &point);
    if (status) {
        return status;
    }
    query.decides = true;
    status = settings_may_read(api, request, query.environment, &query.with_settings, err);
    if (status) {
        return status;
    }
    status = add_secrets(api, request, &query, err);
    if (status) {
        return status;
    }
    status = index_resolve(api->index, &query, &answer, err);
    if (status) {
        return status;
    }
    selection_query_reply(reply, answer, &point);
    reply->content_type = "application/json";
    settings_mark_reply(reply, query.with_settings);
    reply->cache_control = query.secrets ? "no-store" : reply->cache_control;
    return STATUS_OK;
}

// ---- GET /v1/snapshot ----

// The question of /v1/resolve, where no group means every group. A snapshot is whole: there are no pages
// and no explanations in it.

static enum status refuse_delivery(const struct request *request, struct error *err) {
    static const struct {
        const char *name;
        const char *where;
    } refused[] = {{"explain", "?explain"}, {"limit", "?limit"}, {"cursor", "?cursor"}};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (request_query(request, refused[i].name)) {
            return fail(err, STATUS_USAGE, refused[i].where,
                        "A snapshot is complete and has no explanations. Use /v1/resolve instead.");
        }
    }
    return STATUS_OK;
}

// A snapshot carries the question it answers, so that a client can tell whether its file is still
// the right one.
static enum status write_query(const struct request *request, struct resolve_query *query,
                               struct error *err) {
    struct query_parameter *parts =
        arena_array(request->arena, request->query_count + 1, sizeof *parts);
    size_t count = 0;
    // A file with secrets answers the same question as one without.
    for (size_t i = 0; parts && i < request->query_count; i++) {
        const struct parameter *one = &request->query[i];
        if (strcmp(one->name, "secrets") != 0) {
            parts[count++] = (struct query_parameter){one->name, one->value};
        }
    }
    query->query = parts ? query_string_write(request->arena, parts, count) : NULL;
    return query->query ? STATUS_OK : fail_no_memory(err);
}

// Secrets go into a snapshot only for who asks for them, because the file outlives the request.
static enum status add_asked_secrets(struct api *api, const struct request *request,
                                     struct resolve_query *query, struct error *err) {
    enum status status = add_secrets(api, request, query, err);
    if (status || query->secrets) {
        return status;
    }
    return fail(err, STATUS_FORBIDDEN, "?secrets",
                "A snapshot with secrets needs a token with the scope environment:secrets for the "
                "environment.");
}

static enum status decode(struct api *api, const struct request *request,
                          struct resolve_query *query, struct error *err) {
    bool wants_secrets = false;
    enum status status = refuse_delivery(request, err);
    if (status) {
        return status;
    }
    status = selection_query_decode_snapshot(api, request, query, &wants_secrets, err);
    if (status) {
        return status;
    }
    query->signer = api->snapshot_key;
    query->decides = true;
    status = settings_may_read(api, request, query->environment, &query->with_settings, err);
    if (status) {
        return status;
    }
    status = wants_secrets ? add_asked_secrets(api, request, query, err) : STATUS_OK;
    if (status) {
        return status;
    }
    return write_query(request, query, err);
}

// The point is read before the answer is made, so that it is never newer than the answer.
enum status snapshot_answer(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query = {0};
    struct history_point point;
    const struct answer *answer = NULL;
    enum status status = decode(api, request, &query, err);
    index_point(api->index, &point);
    if (status) {
        return status;
    }
    status = index_answer(api->index, &query, &resolution_snapshot, &answer, err);
    if (status) {
        return status;
    }
    selection_query_reply(reply, answer, &point);
    reply->content_type = SNAPSHOT_MEDIA_TYPE;
    settings_mark_reply(reply, query.with_settings);
    reply->cache_control = query.secrets ? "no-store" : reply->cache_control;
    return STATUS_OK;
}
