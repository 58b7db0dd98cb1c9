// SPDX-License-Identifier: MIT
// JSON answers and RFC 9457 problems. The status of a problem is its `code` when we know
// that name, else the one that fits its HTTP status: a newer registry may have more names than we do.
#include "client/remote/api_call.h"

#include "client/remote/fetch_file.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/snapshot/query_string.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    WAIT_MAX_S = 3600,    // that one answer may ask for
    BUSY_ANSWERS_MAX = 5, // 503 in a row; a rate limit may be met as often as it takes
};

static const char *text_member(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// The first status with this HTTP code. Codes that no status has are a newer registry's, or a proxy's.
static enum status status_of_http(int http_status) {
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (status_info((enum status)i)->http_status == http_status) {
            return (enum status)i;
        }
    }
    return http_status >= 500 ? STATUS_UNAVAILABLE : STATUS_MALFORMED;
}

// A problem is {"code": "conflict", "detail": "…"}. status_find gives "internal" for an unknown name,
// so the HTTP status decides there. "ok" cannot be a problem.
static enum status status_of_problem(const json_t *problem, int http_status) {
    const char *code = text_member(problem, "code");
    enum status status = code ? status_find(code) : STATUS_INTERNAL;
    bool unknown = status == STATUS_INTERNAL || status == STATUS_OK;
    return unknown ? status_of_http(http_status) : status;
}

// All texts of a problem come from the network and may be shown on a terminal: printable_line makes them
// harmless (no control characters, one line).
static enum status fail_problem(const struct api_call *call, const json_t *problem, int http_status,
                                struct error *err) {
    enum status status = status_of_problem(problem, http_status);
    const char *detail = text_member(problem, "detail");
    const char *title = text_member(problem, "title");
    const char *where = text_member(problem, "where");
    const char *message = detail ? detail : title ? title : status_info(status)->default_text;
    message = printable_line(call->arena, message);
    where = where ? printable_line(call->arena, where) : NULL;
    const json_t *errors = json_object_get(problem, "errors");
    if (call->findings && errors) {
        findings_decode(call->findings, errors, SEVERITY_ERROR);
    }
    return message ? fail(err, status, where, "%s", message) : fail_no_memory(err);
}

// What answers is not a registry: a proxy, another program on that port.
static enum status fail_foreign(const struct connection *connection,
                                const struct fetch_answer *answer, struct error *err) {
    if (answer->http_status >= 300 && answer->http_status < 400 && answer->location) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "%s redirects to %s, and redirects are not followed. Give the right address "
                    "with --url or REGISTRYD_URL",
                    connection->url, answer->location);
    }
    // nginx answers 400 to a client without the certificate that it asks for
    bool may_want_certificate = answer->http_status == 400 && !connection->client_cert &&
                                strncasecmp(connection->url, "https://", 8) == 0;
    return fail(err, STATUS_UNREACHABLE, NULL,
                "The server at %s is not a registry (HTTP %d, %s). Check --url or REGISTRYD_URL%s",
                connection->url, answer->http_status,
                answer->content_type ? answer->content_type : "no content type",
                may_want_certificate ? ", or give a client certificate with --client-cert" : "");
}

// What an answer other than 304 says.
static enum status decode(const struct api_call *call, const struct fetch_answer *answer,
                          json_t **ret_json, struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = json_parse(answer->body, LIMIT_ANSWER_BYTES, &json, NULL);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status || !json_is_object(json)) {
        return fail_foreign(call->connection, answer, err);
    }
    if (answer->http_status >= 400) {
        return fail_problem(call, json, answer->http_status, err);
    }
    if (answer->http_status >= 300) {
        return fail_foreign(call->connection, answer, err);
    }
    *ret_json = take(json);
    return STATUS_OK;
}

// For a caller that expected another media type. A success of the wrong type is a foreign server.
enum status api_call_refuse(const struct api_call *call, const struct fetch_answer *answer,
                            struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = STATUS_OK;
    if (answer->http_status >= 400) {
        status = decode(call, answer, &json, err);
    }
    if (status) {
        return status;
    }
    return fail_foreign(call->connection, answer, err);
}

// How often and how long one request has waited.
struct retry_wait {
    const struct patience *patience; // NULL: it does not wait
    int busy;                        // answers 503 in a row
    int total_s;
};

// The seconds that an answer asks to wait; 0: it is none that is waited for.
static int wait_of(struct retry_wait *waiting, const struct fetch_answer *answer) {
    const struct patience *patience = waiting->patience;
    bool is_limit = answer->http_status == 429;
    bool is_busy = answer->http_status == 503 && waiting->busy < BUSY_ANSWERS_MAX;
    if (!patience || !answer->retry_after || !(is_limit || is_busy)) {
        return 0;
    }
    long seconds = strtol(answer->retry_after, NULL, 10);
    int most = patience->max_total_s ? patience->max_total_s - waiting->total_s : WAIT_MAX_S;
    if (seconds <= 0 || seconds > most || (patience->max_total_s && !is_limit)) {
        return 0;
    }
    waiting->busy = is_busy ? waiting->busy + 1 : 0;
    waiting->total_s += (int)seconds;
    return (int)seconds;
}

// Sends until the answer is one that is not waited for.
static enum status send_patiently(const struct api_call *call, const struct fetch_request *request,
                                  struct fetch_answer *ret_answer, struct error *err) {
    struct retry_wait waiting = {.patience =
                                     call->patience ? call->patience : call->connection->patience};
    for (;;) {
        struct fetch_answer answer = {0};
        enum status status = request->is_file
                                 ? fetch_file(call->arena, call->connection, request, &answer, err)
                                 : fetch_send(call->arena, call->connection, request, &answer, err);
        if (status) {
            return status;
        }
        int seconds = wait_of(&waiting, &answer);
        if (!seconds) {
            *ret_answer = answer;
            return STATUS_OK;
        }
        if (!patience_wait(waiting.patience, call->connection, seconds)) {
            return fail(err, STATUS_UNREACHABLE, NULL, "The request to %s was cancelled",
                        call->connection->url);
        }
    }
}

enum status api_call_json(const struct api_call *call, const struct fetch_request *request,
                          json_t **ret_json, struct error *err) {
    struct fetch_answer answer = {0};
    enum status status = send_patiently(call, request, &answer, err);
    if (status) {
        return status;
    }
    // 304 has no body: the caller's copy is the answer
    if (answer.http_status == 304 && request->if_none_match) {
        *ret_json = NULL;
        return STATUS_OK;
    }
    return decode(call, &answer, ret_json, err);
}

enum status api_call_bytes(const struct api_call *call, const struct fetch_request *request,
                           struct fetch_answer *ret_answer, struct error *err) {
    struct fetch_answer answer = {0};
    enum status status = send_patiently(call, request, &answer, err);
    if (status) {
        return status;
    }
    if (answer.http_status != 200) {
        return api_call_refuse(call, &answer, err);
    }
    *ret_answer = answer;
    return STATUS_OK;
}

void api_call_add_encoded(struct buffer *path, const char *text) {
    query_string_add_encoded(path, text);
}

void api_call_add_query(struct buffer *path, const char *name, const char *value) {
    if (value) {
        bool first = !path->ptr || !strchr(path->ptr, '?');
        buffer_printf(path, "%c%s=", first ? '?' : '&', name);
        api_call_add_encoded(path, value);
    }
}
