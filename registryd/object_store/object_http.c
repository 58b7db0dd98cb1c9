// SPDX-License-Identifier: MIT
// libcurl's easy interface, one handle a request. A handle keeps its connections, so handles that are idle wait in a
// stack for the next request, which spares it a TLS handshake. What must stay true: every wait ends. A connection has
// three seconds to come about, a transfer that stands still ends after ten, and the whole has a bound that grows
// with its size. No redirect is followed: a signature is for one host.
#include "registryd/object_store/object_http.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    IDLE_MAX = 32, // handles that wait for the next request
    CONNECT_MS = 3000,
    STILL_SECONDS = 10,
    WHOLE_MS = 30000,
    SLOWEST_BYTES_PER_MS = 256, // of a line that is waited for
};

struct object_http {
    const char *ca_file;
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX]; // under the lock
    size_t idle_count;
};

CLEANUP_DEFINE(struct curl_slist *, cleanup_slist, curl_slist_free_all)

static void init_library(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum status object_http_new(const char *ca_file, struct object_http **ret_http, struct error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct object_http *http = calloc(1, sizeof *http);
    if (!http) {
        return fail_no_memory(err);
    }
    pthread_once(&once, init_library);
    http->ca_file = ca_file;
    pthread_mutex_init(&http->lock, NULL);
    *ret_http = http;
    return STATUS_OK;
}

void object_http_free(struct object_http *http) {
    if (http) {
        while (http->idle_count) {
            curl_easy_cleanup(http->idle[--http->idle_count]);
        }
        pthread_mutex_destroy(&http->lock);
        free(http);
    }
}

// The one that was used last: its connection is the least likely to have been closed by the other side.
static CURL *take_handle(struct object_http *http) {
    CURL *curl = NULL;
    pthread_mutex_lock(&http->lock);
    if (http->idle_count) {
        curl = http->idle[--http->idle_count];
    }
    pthread_mutex_unlock(&http->lock);
    return curl ? curl : curl_easy_init();
}

static void give_back(struct object_http *http, CURL *curl) {
    curl_easy_reset(curl); // the settings go, the connections stay
    pthread_mutex_lock(&http->lock);
    bool is_kept = http->idle_count < IDLE_MAX;
    if (is_kept) {
        http->idle[http->idle_count++] = curl;
    }
    pthread_mutex_unlock(&http->lock);
    if (!is_kept) {
        curl_easy_cleanup(curl);
    }
}

// One request under way.
struct sending_object {
    CURL *curl;
    const struct object_call *call;
    struct object_outcome *outcome;
    int64_t sent;
    enum status source_status; // of the body's source, once it has failed
    struct error *err;
    bool is_too_long; // the answer has more bytes than the room
};

static size_t give_body(char *room, size_t size, size_t count, void *context) {
    struct sending_object *sending = context;
    const struct object_source *body = sending->call->body;
    int64_t left = body->size - sending->sent;
    size_t len = (int64_t)(size * count) < left ? size * count : (size_t)left;
    if (!len) {
        return 0;
    }
    sending->source_status = body->read(body->context, sending->sent, room, len, sending->err);
    if (sending->source_status) {
        return CURL_READFUNC_ABORT;
    }
    sending->sent += (int64_t)len;
    return len;
}

// libcurl sends the body again when a kept connection turns out to be closed.
static int seek_body(void *context, curl_off_t offset, int origin) {
    struct sending_object *sending = context;
    if (origin != SEEK_SET || offset < 0 || offset > sending->call->body->size) {
        return CURL_SEEKFUNC_FAIL;
    }
    sending->sent = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t take_problem(struct object_outcome *outcome, const char *bytes, size_t len) {
    size_t room = sizeof outcome->problem - 1 - outcome->len;
    size_t kept = len < room ? len : room;
    memcpy(outcome->problem + outcome->len, bytes, kept);
    outcome->len += kept;
    outcome->problem[outcome->len] = '\0';
    return len;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *context) {
    struct sending_object *sending = context;
    struct object_outcome *outcome = sending->outcome;
    size_t len = size * count;
    long http_status = 0;
    curl_easy_getinfo(sending->curl, CURLINFO_RESPONSE_CODE, &http_status);
    if (http_status / 100 != 2) {
        return take_problem(outcome, bytes, len);
    }
    if (!sending->call->room) {
        return len; // of an answer to PUT or DELETE nothing is read
    }
    if (len > sending->call->size - outcome->len) {
        sending->is_too_long = true;
        return 0;
    }
    memcpy(sending->call->room + outcome->len, bytes, len);
    outcome->len += len;
    return len;
}

static long whole_ms(const struct object_call *call) {
    size_t bytes = call->size + (call->body ? (size_t)call->body->size : 0);
    return WHOLE_MS + (long)(bytes / SLOWEST_BYTES_PER_MS);
}

// NOSIGNAL, because libcurl's own timeouts would use SIGALRM. Without Expect, because some stores never answer it.
static void set_bounds(struct sending_object *sending, const struct object_http *http) {
    CURL *curl = sending->curl;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, whole_ms(sending->call));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STILL_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    if (http->ca_file) { // with the folder of the machine's authorities beside it, those would count as well
        curl_easy_setopt(curl, CURLOPT_CAINFO, http->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (!sending->call->room) { // a small answer; libcurl then takes a small buffer
        curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 16L * 1024);
    } else {
        curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 128L * 1024);
    }
}

static CURLcode set_request(struct sending_object *sending, struct curl_slist *headers) {
    CURL *curl = sending->curl;
    const struct object_call *call = sending->call;
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sending);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (call->body) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, sending);
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, sending);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body->size);
    }
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code) {
        return code;
    }
    code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    return code ? code : curl_easy_setopt(curl, CURLOPT_URL, call->url);
}

static bool make_headers(const struct object_call *call, struct curl_slist **headers) {
    static const char *const unwanted[] = {"Expect:", "Accept:"};
    size_t count = call->header_count + COUNT_OF(unwanted);
    for (size_t i = 0; i < count; i++) {
        const char *line =
            i < call->header_count ? call->headers[i] : unwanted[i - call->header_count];
        struct curl_slist *longer = curl_slist_append(*headers, line);
        if (!longer) { // the list stays the caller's
            return false;
        }
        *headers = longer;
    }
    return true;
}

static enum status judge(CURLcode code, struct sending_object *sending, const char *detail) {
    struct object_outcome *outcome = sending->outcome;
    if (sending->source_status) {
        return sending->source_status;
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        return fail_no_memory(sending->err);
    }
    if (code) {
        const char *reason = *detail ? detail : curl_easy_strerror(code);
        snprintf(outcome->problem, sizeof outcome->problem, "%s",
                 sending->is_too_long ? "the answer is longer than what was asked for" : reason);
        outcome->http_status = 0;
        return fail(sending->err, STATUS_UNAVAILABLE, NULL,
                    "The store of files cannot be reached. Retry the request");
    }
    long http_status = 0;
    curl_easy_getinfo(sending->curl, CURLINFO_RESPONSE_CODE, &http_status);
    outcome->http_status = (int)http_status;
    return STATUS_OK;
}

enum status object_http_send(struct object_http *http, const struct object_call *call,
                             struct object_outcome *ret_outcome, struct error *err) {
    char detail[CURL_ERROR_SIZE] = "";
    scoped(cleanup_slist) struct curl_slist *headers = NULL;
    *ret_outcome = (struct object_outcome){0};
    struct sending_object sending = {
        .curl = take_handle(http), .call = call, .outcome = ret_outcome, .err = err};
    if (!sending.curl) {
        return fail_no_memory(err);
    }
    curl_easy_setopt(sending.curl, CURLOPT_ERRORBUFFER, detail);
    set_bounds(&sending, http);
    CURLcode code =
        make_headers(call, &headers) ? set_request(&sending, headers) : CURLE_OUT_OF_MEMORY;
    code = code ? code : curl_easy_perform(sending.curl);
    enum status status = judge(code, &sending, detail);
    give_back(http, sending.curl);
    return status;
}
