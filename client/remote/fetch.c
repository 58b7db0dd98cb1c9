// SPDX-License-Identifier: MIT
// One request over libcurl's easy interface, with a handle of its own: no connection is reused, so calls
// of several threads share nothing. What must stay true: no redirect is followed, a proxy of the machine
// is not used for this machine, and a token is refused before anything is sent where others could read
// it. A request that waits looks at its connection's `stop` and `is_cancelled` at least once a second.
#include "client/remote/fetch.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SLOW_LINE_BYTES_PER_MS = 100 };

CLEANUP_DEFINE(CURL *, cleanup_curl, curl_easy_cleanup)
CLEANUP_DEFINE(CURLU *, cleanup_url, curl_url_cleanup)
CLEANUP_DEFINE(struct curl_slist *, cleanup_slist, curl_slist_free_all)

static void init_library(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

// curl_global_init must run once in a process. pthread_once makes other threads wait until it has.
static void need_library(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
}

// A proxy set for the machine is for other hosts, never for the machine itself.
static bool is_loopback(const char *url) {
    scoped(cleanup_url) CURLU *parsed = curl_url();
    char *host = NULL;
    if (!parsed || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        return false;
    }
    // curl has written an address in its usual form: "127.1" is "127.0.0.1" here
    struct in_addr address;
    bool is_ours = (inet_pton(AF_INET, host, &address) == 1 &&
                    ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET) ||
                   strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
    curl_free(host);
    return is_ours;
}

// A token is a password: anybody who reads it on the way can publish with it.
static enum status guard_token(const struct connection *connection, struct error *err) {
    bool is_plain = strncasecmp(connection->url, "http://", 7) == 0;
    if (!connection->token || !is_plain || connection->insecure_plain ||
        is_loopback(connection->url)) {
        return STATUS_OK;
    }
    return fail(err, STATUS_USAGE, NULL,
                "The token is not sent to %s, because plain http shows it to everyone on the way. "
                "Use an https address, unset the token (REGISTRYD_TOKEN), or allow it with "
                "--insecure-plain or REGISTRYD_INSECURE_PLAIN=1",
                connection->url);
}

// The same for the password of another index.
static enum status guard_user(const struct connection *connection,
                              const struct fetch_request *request, struct error *err) {
    bool is_plain = strncasecmp(connection->url, "http://", 7) == 0;
    if (!request->user || !is_plain || connection->insecure_plain || is_loopback(connection->url)) {
        return STATUS_OK;
    }
    return fail(err, STATUS_USAGE, NULL,
                "The password is not sent to %s, because plain http shows it to everyone on the "
                "way. Use an "
                "https address, or allow it with --insecure-plain",
                connection->url);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct buffer *body = context;
    buffer_add(body, bytes, size * count);
    return body->failed ? 0 : size * count; // a short count ends the transfer
}

static bool add_header(struct curl_slist **headers, struct arena *arena, const char *name,
                       const char *value) {
    const char *line = arena_printf(arena, "%s: %s", name, value);
    struct curl_slist *longer = line ? curl_slist_append(*headers, line) : NULL;
    if (longer) { // on failure the list stays the caller's
        *headers = longer;
    }
    return longer;
}

static bool add_headers(struct curl_slist **headers, struct arena *arena,
                        const struct connection *connection, const struct fetch_request *request) {
    const char *accept = request->accept ? request->accept : "application/json";
    if (!add_header(headers, arena, "Accept",
                    arena_printf(arena, "%s, application/problem+json", accept))) {
        return false;
    }
    if (connection->token && !add_header(headers, arena, "Authorization",
                                         arena_printf(arena, "Bearer %s", connection->token))) {
        return false;
    }
    if (request->if_match && !add_header(headers, arena, "If-Match", request->if_match)) {
        return false;
    }
    if (request->if_none_match &&
        !add_header(headers, arena, "If-None-Match", request->if_none_match)) {
        return false;
    }
    const char *type = request->content_type ? request->content_type : "application/json";
    return !request->body.ptr || (add_header(headers, arena, "Content-Type", type) &&
                                  add_header(headers, arena, "Expect", ""));
}

// Every setting counts: with one that was lost for want of memory, another request would be sent.
static CURLcode set_request(CURL *curl, const struct fetch_request *request) {
    if (strcmp(request->method, "GET") == 0) {
        return CURLE_OK;
    }
    CURLcode code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    const char *body = request->body.ptr ? request->body.ptr : "";
    if (code) {
        return code;
    }
    // libcurl does not copy the body: the request owns it until the transfer has ended
    code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (code) {
        return code;
    }
    return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
}

// What a request under way looks at, at least once a second.
struct lookout {
    const struct fetch_progress *progress;
    const struct connection *connection;
};

static int look_out(void *context, curl_off_t down_total, curl_off_t down, curl_off_t total,
                    curl_off_t sent) {
    const struct lookout *lookout = context;
    const struct connection *connection = lookout->connection;
    (void)down_total;
    (void)down;
    if (lookout->progress) {
        lookout->progress->tell(lookout->progress->context, (size_t)sent, (size_t)total);
    }
    bool is_stopped = connection->stop && atomic_load(connection->stop);
    bool is_cancelled =
        connection->is_cancelled && connection->is_cancelled(connection->cancel_context);
    return is_stopped || is_cancelled; // anything but 0 ends the transfer
}

static CURLcode set_lookout(CURL *curl, const struct lookout *lookout) {
    if (!lookout->progress && !lookout->connection->stop && !lookout->connection->is_cancelled) {
        return CURLE_OK;
    }
    CURLcode code = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_out);
    if (code) {
        return code;
    }
    code = curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)lookout);
    if (code) {
        return code;
    }
    return curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L); // libcurl calls back only without it
}

// The time for one request: what was asked for, and what a slow line takes for the body.
static long deadline_ms(const struct connection *connection, const struct fetch_request *request) {
    size_t bytes = request->body.len + request->expected_bytes;
    return connection->timeout_ms + (long)(bytes / SLOW_LINE_BYTES_PER_MS);
}

// NOSIGNAL, because libcurl's own timeouts would use SIGALRM, and a library must not touch signals.
static CURLcode set_bounds(CURL *curl, const struct connection *connection, long timeout_ms,
                           bool is_plain) {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connection->timeout_ms);
    const struct {
        CURLoption option;
        const char *value;
    } texts[] = {
        {CURLOPT_PROTOCOLS_STR, "http,https"},
        {CURLOPT_ACCEPT_ENCODING, is_plain ? NULL : "gzip"},
        {CURLOPT_USERAGENT, "registryclient/" REGISTRYD_VERSION},
    };
    CURLcode code = CURLE_OK;
    for (size_t i = 0; !code && i < COUNT_OF(texts); i++) {
        code = curl_easy_setopt(curl, texts[i].option, texts[i].value);
    }
    return code;
}

// What is not set keeps libcurl's own: the authorities and the proxy of the machine. A proxy that was named for
// this registry is used for the machine itself, too. The folder of authorities is switched off beside a file:
// with both, any public authority could still vouch for an internal name.
static CURLcode set_route(CURL *curl, const struct connection *connection) {
    bool is_ours = !connection->proxy && is_loopback(connection->url);
    const char *key = connection->client_key ? connection->client_key : connection->client_cert;
    const struct {
        CURLoption option;
        const char *value;
        bool is_set;
    } texts[] = {
        {CURLOPT_PROXY, is_ours ? "" : connection->proxy, is_ours || connection->proxy},
        {CURLOPT_NOPROXY, "", connection->proxy},
        {CURLOPT_CAINFO, connection->ca_file, connection->ca_file},
        {CURLOPT_CAPATH, NULL, connection->ca_file},
        {CURLOPT_SSLCERT, connection->client_cert, connection->client_cert},
        {CURLOPT_SSLKEY, key, key},
    };
    CURLcode code = CURLE_OK;
    for (size_t i = 0; !code && i < COUNT_OF(texts); i++) {
        code = texts[i].is_set ? curl_easy_setopt(curl, texts[i].option, texts[i].value) : code;
    }
    return code;
}

// Each message names the address and what the user can do. `detail` is libcurl's own text.
static enum status fail_curl(CURLcode code, const struct connection *connection,
                             const struct fetch_request *request, const char *detail,
                             struct error *err) {
    switch (code) {
    case CURLE_OUT_OF_MEMORY:
        return fail_no_memory(err);
    case CURLE_OPERATION_TIMEDOUT:
        return fail(err, STATUS_TIMEOUT, NULL,
                    "The registry at %s did not answer within %ld ms. Try again, "
                    "or ask the operator of the registry",
                    connection->url, deadline_ms(connection, request));
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The host name in %s cannot be resolved. Check --url or REGISTRYD_URL",
                    connection->url);
    case CURLE_COULDNT_CONNECT:
        if (connection->proxy) {
            return fail(err, STATUS_UNREACHABLE, NULL,
                        "The proxy for %s does not answer. Check --proxy and REGISTRYD_PROXY",
                        connection->url);
        }
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "No server answers at %s. Check that registryd is running there, "
                    "and check --url or REGISTRYD_URL",
                    connection->url);
    case CURLE_PEER_FAILED_VERIFICATION:
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The certificate of %s is not trusted: %s. Give the file of its certificate "
                    "authority with --ca-file or REGISTRYD_CA_FILE",
                    connection->url, *detail ? detail : curl_easy_strerror(code));
    case CURLE_SSL_CACERT_BADFILE:
        return fail(err, STATUS_USAGE, connection->ca_file,
                    "The file holds no certificate authority in PEM form. Check --ca-file or "
                    "REGISTRYD_CA_FILE");
    case CURLE_SSL_CERTPROBLEM:
        return fail(err, STATUS_USAGE, connection->client_cert,
                    "The client certificate and its key cannot be used: %s. Check --client-cert "
                    "and --client-key",
                    *detail ? detail : curl_easy_strerror(code));
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The host name of the proxy for %s cannot be resolved. Check --proxy, "
                    "HTTPS_PROXY and NO_PROXY",
                    connection->url);
    case CURLE_ABORTED_BY_CALLBACK:
        return fail(err, STATUS_UNREACHABLE, NULL, "The request to %s was cancelled",
                    connection->url);
    default:
        if (strstr(detail, "CONNECT")) {
            return fail(err, STATUS_UNREACHABLE, NULL,
                        "The proxy refused the connection to %s: %s. Check --proxy, HTTPS_PROXY "
                        "and NO_PROXY",
                        connection->url, detail);
        }
        return fail(err, STATUS_UNREACHABLE, NULL, "The connection to %s was lost: %s",
                    connection->url, *detail ? detail : curl_easy_strerror(code));
    }
}

// -1 means the last response of the transfer, and 0 the first header of that name.
static const char *header_of(struct arena *arena, CURL *curl, const char *name) {
    struct curl_header *header = NULL;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? arena_strdup(arena, header->value)
               : NULL;
}

static enum status read_answer(struct arena *arena, CURL *curl, const struct buffer *body,
                               struct fetch_answer *ret_answer, struct error *err) {
    long http_status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
    const char *copy = arena_copy(arena, body->ptr, body->len);
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_answer = (struct fetch_answer){
        .http_status = (int)http_status,
        .body = {copy, body->len},
        .content_type = header_of(arena, curl, "Content-Type"),
        .etag = header_of(arena, curl, "ETag"),
        .location = header_of(arena, curl, "Location"),
        .serial = header_of(arena, curl, "X-Registry-Serial"),
        .epoch = header_of(arena, curl, "X-Registry-Epoch"),
        .date = header_of(arena, curl, "Date"),
        .retry_after = header_of(arena, curl, "Retry-After"),
    };
    return STATUS_OK;
}

// Sets what differs from request to request, and runs the transfer. Calls look_out() and take_body().
static CURLcode perform(CURL *curl, const struct connection *connection,
                        const struct fetch_request *request, const char *url) {
    const struct lookout lookout = {request->progress, connection};
    CURLcode code =
        set_bounds(curl, connection, deadline_ms(connection, request), request->is_plain);
    if (code) {
        return code;
    }
    code = set_route(curl, connection);
    if (code) {
        return code;
    }
    code = set_lookout(curl, &lookout);
    if (code) {
        return code;
    }
    code = set_request(curl, request);
    if (code) {
        return code;
    }
    code = curl_easy_setopt(curl, CURLOPT_URL, url);
    if (code) {
        return code;
    }
    return curl_easy_perform(curl);
}

enum status fetch_send(struct arena *arena, const struct connection *connection,
                       const struct fetch_request *request, struct fetch_answer *ret_answer,
                       struct error *err) {
    need_library();
    enum status status = guard_token(connection, err);
    if (status) {
        return status;
    }
    status = guard_user(connection, request, err);
    if (status) {
        return status;
    }
    scoped(buffer_done) struct buffer body;
    size_t max_bytes = request->max_bytes ? request->max_bytes : LIMIT_ANSWER_BYTES;
    buffer_init(&body, max_bytes);
    scoped(cleanup_slist) struct curl_slist *headers = NULL;
    scoped(cleanup_curl) CURL *curl = curl_easy_init();
    const char *url = arena_printf(arena, "%s%s", connection->url, request->path);
    if (!curl || !url || !add_headers(&headers, arena, connection, request)) {
        return fail_no_memory(err);
    }
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERPWD, request->user);
    CURLcode code = perform(curl, connection, request, url);
    // an answer over the limit ends the transfer with a write error: report the limit instead
    if (body.failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "The answer of %s is over the limit of %zu MiB. Request less at a time",
                    connection->url, max_bytes >> 20);
    }
    if (body.failed) {
        return fail_no_memory(err);
    }
    return code ? fail_curl(code, connection, request, detail, err)
                : read_answer(arena, curl, &body, ret_answer, err);
}

// ---- addresses ----

enum status fetch_resolve(struct arena *arena, const char *page, const char *reference,
                          const char **ret_url, struct error *err) {
    scoped(cleanup_url) CURLU *url = curl_url();
    char *text = NULL;
    bool is_sound = url && curl_url_set(url, CURLUPART_URL, page, 0) == CURLUE_OK &&
                    curl_url_set(url, CURLUPART_URL, reference, CURLU_URLENCODE) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK;
    const char *copy = is_sound ? arena_strdup(arena, text) : NULL;
    curl_free(text);
    if (!url || (is_sound && !copy)) {
        return fail_no_memory(err);
    }
    if (!copy || (strncmp(copy, "http://", 7) != 0 && strncmp(copy, "https://", 8) != 0)) {
        return fail(err, STATUS_INVALID, page, "\"%s\" is not an http or https address", reference);
    }
    *ret_url = copy;
    return STATUS_OK;
}

// "https://host:443", with the port that the scheme means.
static bool read_origin(const char *address, char *ret_origin, size_t size) {
    scoped(cleanup_url) CURLU *url = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    bool is_sound = url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    int len = is_sound ? snprintf(ret_origin, size, "%s://%s:%s", scheme, host, port) : -1;
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return len > 0 && (size_t)len < size;
}

bool fetch_is_same_origin(const char *a, const char *b) {
    char one[1024];
    char other[1024];
    return read_origin(a, one, sizeof one) && read_origin(b, other, sizeof other) &&
           strcasecmp(one, other) == 0;
}
