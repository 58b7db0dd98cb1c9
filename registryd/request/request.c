// SPDX-License-Identifier: MIT
// Reading the parts of a request, and the two shapes of every reply: JSON, and a problem (RFC 9457).
// A problem can always be sent: when there is no memory for its text, a fixed one takes its place.
//
//     handler returns STATUS_OK        -> the reply it filled is sent
//     handler returns another status   -> reply_problem makes the reply from status, `err` and findings:
//
//     {"type": "urn:registryd:problem:invalid", "title": "The input violates a rule", "status": 422,
//      "detail": ..., "code": "invalid", "where": "/entry_points/0/name", "errors": [...],
//      "request_id": ...}
//
// Both are bytes in the request's arena. Nothing here touches a socket, so tests call handlers
// directly.
#include "registryd/request/request.h"

#include "schema/base/token_hide.h"
#include "registryd/hash/etag.h"
#include "schema/json/json.h"

#include <string.h>

static const char *find(const struct parameter *items, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i].name, name) == 0) {
            return items[i].value;
        }
    }
    return NULL;
}

const char *request_query(const struct request *request, const char *name) {
    return find(request->query, request->query_count, name);
}

size_t request_parsed_bytes(const struct request *request) {
    bool is_json = request->content_type && strstr(request->content_type, "json");
    return is_json ? json_parsed_bytes(request->body) : 0;
}

const char *request_path(const struct request *request, const char *name) {
    const char *value = find(request->path_parameters, request->path_parameter_count, name);
    return value ? value : "";
}

// The compact text of a JSON value in the arena; NULL when out of memory.
static char *write_json(struct arena *arena, const json_t *json, size_t *ret_len) {
    scoped(cleanup_memory) char *text = json_dumps(json, JSON_COMPACT);
    if (!text) {
        return NULL;
    }
    *ret_len = strlen(text);
    return arena_copy(arena, text, *ret_len);
}

static bool is_get(const struct request *request) {
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

enum status reply_json(const struct request *request, struct reply *reply, json_t *json,
                       struct error *err) {
    // NULL comes from a handler whose json_pack failed: handlers need no check of their own.
    scoped(cleanup_json) json_t *owned = json;
    size_t len = 0;
    char *body = owned ? write_json(request->arena, owned, &len) : NULL;
    char *etag = arena_alloc(request->arena, ETAG_SIZE);
    if (!body || !etag) {
        return fail_no_memory(err);
    }
    reply->content_type = "application/json";
    reply->body = (struct text){body, len};
    // A tag on the answer of a change would name a document that no GET can fetch again.
    if (is_get(request)) {
        hash_etag(body, len, etag);
        reply->etag = etag;
    }
    return STATUS_OK;
}

// A fault's own words are for the log, which has the request id; the others are for the caller.
static const char *detail_of(const struct error *error) {
    bool is_fault = error->status == STATUS_INTERNAL || error->status == STATUS_IO;
    return is_fault || !error->message[0] ? status_info(error->status)->default_text
                                          : error->message;
}

static json_t *encode_problem(const struct request *request, const struct error *error,
                              const struct findings *findings, int http_status) {
    const struct status_info *info = status_info(error->status);
    json_t *errors = findings ? findings_encode(findings, SEVERITY_ERROR) : json_array();
    // clang-format off
    return json_pack("{s:s+,s:s,s:i,s:o,s:s,s:o,s:o,s:s?}",
                     "type", "urn:registryd:problem:", info->wire_name,
                     "title", info->default_text,
                     "status", http_status,
                     "detail", json_text(detail_of(error)),
                     "code", info->wire_name,
                     "where", json_text(error->where[0] ? error->where : NULL),
                     "errors", errors,
                     "request_id", request->request_id);
    // clang-format on
}

void reply_problem_as(const struct request *request, struct reply *reply, const struct error *error,
                      const struct findings *findings, int http_status) {
    static const char last_resort[] =
        "{\"type\":\"urn:registryd:problem:no-memory\",\"title\":\"Out of memory\",\"status\":503,"
        "\"detail\":\"Out of memory\",\"code\":\"no-memory\",\"where\":null,\"errors\":[],"
        "\"request_id\":null}";
    scoped(cleanup_json) json_t *problem = encode_problem(request, error, findings, http_status);
    size_t len = 0;
    char *body = problem ? write_json(request->arena, problem, &len) : NULL;
    if (body) {
        token_hide(body); // what was sent is quoted in places
    }
    reply->http_status = body ? http_status : status_info(STATUS_NO_MEMORY)->http_status;
    reply->content_type = "application/problem+json";
    reply->cache_control = "no-store";
    reply->body = body ? (struct text){body, len} : text_from(last_resort);
    // A handler may have filled parts of the reply before it failed; none of them may go out with a
    // problem.
    reply->etag = NULL;
    reply->location = NULL;
    reply->has_forms = false;
    reply->image_hosts = NULL;
    reply->stream = (struct reply_stream){0};
    reply->content_disposition = NULL;
    reply->answer = NULL;
}

void reply_problem(const struct request *request, struct reply *reply, const struct error *error,
                   const struct findings *findings) {
    reply_problem_as(request, reply, error, findings, status_info(error->status)->http_status);
}
