// SPDX-License-Identifier: MIT
// The calls: sign, send, and send again where that may help. Writing the same object twice, or removing it twice, is the
// same as once, so every call may be repeated. Each repetition is signed anew, because a signature is good for minutes
// alone. What the store says goes to the log; who asked the registry learns only that the files cannot be had now.
#include "registryd/object_store/object_store.h"

#include "registryd/object_store/object_place.h"
#include "registryd/object_store/object_problem.h"
#include "registryd/object_store/sigv4.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ATTEMPTS_MAX = 3,
    FIRST_PAUSE_MS = 100, // before a repetition; four times as long before the next
    LONG_MS = 5000,       // an attempt that took longer is the last: somebody waits
    HEADERS_MAX = 8,
};
static const char empty_sha256[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct object_store {
    struct arena *arena; // of `place`
    struct object_place place;
    struct sigv4_identity identity;
    struct object_http *http;
    struct object_gate *gate;
    const struct log_sink *log;
};

CLEANUP_DEFINE(struct object_store *, close_store, object_store_close)

enum status object_store_open(const struct object_store_settings *settings,
                              struct object_store **ret_store, struct error *err) {
    const struct object_place_wish wish = {settings->url, settings->endpoint, settings->region,
                                           settings->is_path_style};
    scoped(close_store) struct object_store *store = calloc(1, sizeof *store);
    if (!store || !(store->arena = arena_new(0)) ||
        !(store->gate = object_gate_new(settings->calls_max))) {
        return fail_no_memory(err);
    }
    store->log = settings->log;
    store->identity = (struct sigv4_identity){settings->access_key, settings->secret_key,
                                              settings->session_token, settings->region};
    enum status status = object_place_parse(store->arena, &wish, &store->place, err);
    if (status) {
        return status;
    }
    status = object_http_new(settings->ca_file, &store->http, err);
    if (status) {
        return status;
    }
    *ret_store = take(store);
    return STATUS_OK;
}

void object_store_close(struct object_store *store) {
    if (store) {
        object_http_free(store->http);
        object_gate_free(store->gate);
        arena_free(store->arena);
        free(store);
    }
}

// Who asked learns this alone: hosts, keys and the store's words are for the log.
static enum status fail_away(struct error *err) {
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The store of files cannot be reached. Retry the request");
}

// ---- one request ----

struct object_request {
    const char *method;
    const char *key;
    const char *range;          // NULL: none
    const char *payload_sha256; // hex
    const struct object_source *body;
    char *room;
    size_t size;
};

static size_t collect_headers(const struct object_store *store,
                              const struct object_request *request, const char *date,
                              struct sigv4_pair ret_headers[HEADERS_MAX]) {
    const struct sigv4_pair all[] = {
        {"host", store->place.host},
        {"range", request->range},
        {"x-amz-content-sha256", request->payload_sha256},
        {"x-amz-date", date},
        {"x-amz-security-token", store->identity.session_token},
    };
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (all[i].value) {
            ret_headers[count++] = all[i];
        }
    }
    return count;
}

// Arena; NULL when out of memory.
static const char *make_url(const struct object_store *store, struct arena *arena,
                            const struct sigv4_request *request) {
    scoped(buffer_done) struct buffer url;
    buffer_init(&url, 4096);
    buffer_add_string(&url, store->place.base);
    sigv4_target(&url, request);
    return url.failed ? NULL : arena_strdup(arena, url.ptr);
}

// An answer may end early, even in its head; and a store that knows no ranges answers 200 with other bytes than those
// that were asked for. Both count as no answer.
static enum status check_length(const struct object_request *request,
                                struct object_outcome *outcome, struct error *err) {
    int http_status = outcome->http_status;
    bool is_wrong = http_status / 100 == 2 && request->room &&
                    (outcome->len != request->size || http_status != 206);
    if (!is_wrong) {
        return STATUS_OK;
    }
    outcome->http_status = 0;
    snprintf(outcome->problem, sizeof outcome->problem, "%d with %zu bytes in place of %zu",
             http_status, outcome->len, request->size);
    return fail_away(err);
}

static enum status send_once(const struct object_store *store, const struct object_request *request,
                             struct object_outcome *ret_outcome, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct sigv4_pair headers[HEADERS_MAX];
    const char *lines[HEADERS_MAX];
    char date[SIGV4_DATE_SIZE];
    int64_t now = unix_ms() / 1000;
    sigv4_date(now, date);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct sigv4_request signed_request = {
        .method = request->method,
        .path = arena_printf(arena, "%s%s", store->place.path, request->key),
        .headers = headers,
        .header_count = collect_headers(store, request, date, headers),
        .payload_sha256 = request->payload_sha256,
        .unix_seconds = now,
    };
    size_t count = signed_request.header_count;
    bool is_whole = signed_request.path;
    for (size_t i = 0; is_whole && i < count; i++) {
        lines[i] = arena_printf(arena, "%s: %s", headers[i].name, headers[i].value);
        is_whole = lines[i];
    }
    const char *authorization =
        is_whole ? sigv4_authorization(arena, &store->identity, &signed_request) : NULL;
    const char *url = authorization ? make_url(store, arena, &signed_request) : NULL;
    lines[count] = url ? arena_printf(arena, "authorization: %s", authorization) : NULL;
    if (!lines[count]) {
        return fail_no_memory(err);
    }
    const struct object_call call = {.method = request->method,
                                     .url = url,
                                     .headers = lines,
                                     .header_count = count + 1,
                                     .body = request->body,
                                     .room = request->room,
                                     .size = request->size};
    enum status status = object_http_send(store->http, &call, ret_outcome, err);
    return status ? status : check_length(request, ret_outcome, err);
}

// ---- again ----

// The store is away, overloaded or broken: another time it may be otherwise.
static bool may_pass(const struct object_outcome *outcome) {
    int http_status = outcome->http_status;
    return !http_status || http_status >= 500 || http_status == 408 || http_status == 429;
}

static void log_problem(const struct object_store *store, const struct object_request *request,
                        const struct object_outcome *outcome) {
    struct object_problem problem = {"-", ""};
    const char *detail = outcome->problem; // of libcurl, where there was no answer
    if (outcome->http_status) {
        object_problem_parse(text_from(outcome->problem), &problem);
        detail = problem.message;
    }
    log_event(store->log, LOG_LEVEL_WARNING,
              "event=object-store-failed method=%s key=%s http_status=%d code=%s detail=\"%s\"",
              request->method, request->key, outcome->http_status, problem.code, detail);
}

// With some chance in it, so that daemons that failed together do not come back together.
static void pause_before(int attempt) {
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (int i = 1; i < attempt; i++) {
        pause_ms *= 4;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pause_ms = pause_ms / 2 + now.tv_nsec / 1000 % pause_ms;
    const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static enum status send_patiently(struct object_store *store, const struct object_request *request,
                                  struct object_outcome *ret_outcome, struct error *err) {
    enum status status = STATUS_UNAVAILABLE;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (attempt) {
            pause_before(attempt);
        }
        int64_t begun_ms = monotonic_ms();
        status = send_once(store, request, ret_outcome, err);
        bool is_passing = status ? status == STATUS_UNAVAILABLE && !ret_outcome->http_status
                                 : may_pass(ret_outcome);
        if (!is_passing || monotonic_ms() - begun_ms > LONG_MS) {
            return status;
        }
    }
    return status;
}

static enum status run(struct object_store *store, const struct object_request *request,
                       struct object_outcome *ret_outcome, struct error *err) {
    enum status status = object_gate_enter(store->gate, err);
    if (status) {
        return status;
    }
    status = send_patiently(store, request, ret_outcome, err);
    bool is_sound = !status && ret_outcome->http_status / 100 == 2;
    bool is_missing = !status && ret_outcome->http_status == 404;
    bool is_ours = status && status != STATUS_UNAVAILABLE; // the source of the body, or memory
    // A refusal of one object says nothing about the others.
    object_gate_leave(store->gate, is_ours || !may_pass(ret_outcome));
    if (is_sound || is_ours) {
        return status;
    }
    if (!is_missing || strcmp(request->method, "DELETE") != 0) {
        log_problem(store, request, ret_outcome);
    }
    struct object_problem problem = {.code = ""};
    object_problem_parse(text_from(ret_outcome->problem), &problem);
    // A bucket that is missing is no object that is missing.
    return is_missing && strcmp(problem.code, "NoSuchBucket") != 0
               ? fail(err, STATUS_NOT_FOUND, NULL, "The object was not found")
               : fail_away(err);
}

// ---- the calls ----

enum status object_write(struct object_store *store, const char *key,
                         const struct object_bytes *bytes, struct error *err) {
    char hex[DIGEST_HEX_SIZE];
    struct object_outcome outcome;
    digest_hex(bytes->sha256, hex);
    const struct object_request request = {
        .method = "PUT", .key = key, .payload_sha256 = hex, .body = &bytes->source};
    return run(store, &request, &outcome, err);
}

enum status object_read(struct object_store *store, const char *key, const struct object_span *span,
                        struct error *err) {
    char range[64];
    struct object_outcome outcome;
    snprintf(range, sizeof range, "bytes=%lld-%lld", (long long)span->offset,
             (long long)(span->offset + (int64_t)span->size - 1));
    const struct object_request request = {.method = "GET",
                                           .key = key,
                                           .range = range,
                                           .payload_sha256 = empty_sha256,
                                           .room = span->room,
                                           .size = span->size};
    return run(store, &request, &outcome, err);
}

enum status object_remove(struct object_store *store, const char *key, struct error *err) {
    struct object_outcome outcome;
    const struct object_request request = {
        .method = "DELETE", .key = key, .payload_sha256 = empty_sha256};
    enum status status = run(store, &request, &outcome, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

const char *object_presign(const struct object_store *store, struct arena *arena,
                           const struct object_address *address) {
    const struct sigv4_pair host = {"host", store->place.host};
    const struct sigv4_pair wish = {"response-content-disposition", address->disposition};
    const struct sigv4_request request = {
        .method = "GET",
        .path = arena_printf(arena, "%s%s", store->place.path, address->key),
        .query = &wish,
        .query_count = 1,
        .headers = &host,
        .header_count = 1,
        .payload_sha256 = "UNSIGNED-PAYLOAD",
        .unix_seconds = unix_ms() / 1000,
    };
    const char *target =
        request.path ? sigv4_presign(arena, &store->identity, &request, address->seconds) : NULL;
    return target ? arena_printf(arena, "%s%s", store->place.base, target) : NULL;
}

void object_store_counts(struct object_store *store, struct object_gate_counts *ret_counts) {
    object_gate_counts(store->gate, ret_counts);
}
