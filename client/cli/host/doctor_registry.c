// SPDX-License-Identifier: MIT
// The checks of doctor on the way to the registry and behind it. Each needs the one before it, so the first that fails
// ends them: an unknown name cannot have a wrong certificate, too.
#include "client/cli/host/diagnosis.h"
#include "client/cli/input/rights_table.h"
#include "client/cli/input/administration.h"
#include "client/cli/settings/settings.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/guess.h"
#include "schema/json/json.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

enum { CLOCK_SECONDS_MAX = 60, EXPIRY_DAYS = 7, DAY_SECONDS = 86400 };

static void add_error(struct diagnosis *diagnosis, const char *check, const char *hint,
                      const struct error *wrong) {
    diagnosis_add(diagnosis, CHECK_ERROR, check, hint, "%s", wrong->message);
}

// ---- the way ----

// The host of "https://host:7621/path". Arena; NULL when out of memory.
static const char *host_of(struct arena *arena, const char *url) {
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    bool is_six = *start == '[';
    size_t len = is_six ? strcspn(start + 1, "]") : strcspn(start, ":/");
    return arena_copy(arena, start + is_six, len);
}

// The variable that names the proxy which libcurl would use; NULL: none. Its value may hold a password.
static const char *proxy_variable(const char *url) {
    bool is_tls = strncasecmp(url, "https://", 8) == 0;
    static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    const char *const *names = is_tls ? tls : plain;
    for (size_t i = 0; i < (is_tls ? COUNT_OF(tls) : COUNT_OF(plain)); i++) {
        if (settings_variable(names[i])) {
            return names[i];
        }
    }
    return NULL;
}

// With a proxy the name is the proxy's to resolve.
static bool add_name(struct diagnosis *diagnosis, const struct connection *connection) {
    struct addrinfo *found = NULL;
    const char *host = host_of(diagnosis->cli->arena, connection->url);
    const char *variable = proxy_variable(connection->url);
    char address[NI_MAXHOST] = "";
    if (!host) {
        diagnosis->no_memory = true;
        return false;
    }
    if (connection->proxy || variable) {
        diagnosis_add(diagnosis, CHECK_OK, "proxy", NULL,
                      "requests go through the proxy of %s, unless NO_PROXY names the host",
                      connection->proxy ? "the setting" : variable);
        return true;
    }
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    int code = getaddrinfo(host, NULL, &wanted, &found);
    if (code) {
        diagnosis_add(diagnosis, CHECK_ERROR, "name",
                      "Check the address (--url, REGISTRYD_URL), and the name servers of this host",
                      "The host name %s cannot be resolved: %s", host, gai_strerror(code));
        return false;
    }
    getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0,
                NI_NUMERICHOST);
    freeaddrinfo(found);
    diagnosis_add(diagnosis, CHECK_OK, "name", NULL, "%s is %s", host, address);
    return true;
}

// "Mon, 30 Nov 2026 17:00:00 GMT".
static void add_clock(struct diagnosis *diagnosis, const char *date) {
    struct tm parts = {0};
    if (!date || !strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts)) {
        return;
    }
    long long ahead = (long long)time(NULL) - (long long)timegm(&parts);
    bool is_far = llabs(ahead) > CLOCK_SECONDS_MAX;
    diagnosis_add(
        diagnosis, is_far ? CHECK_ERROR : CHECK_OK, "clock",
        is_far ? "Synchronise the clock of this host or of the registry (NTP): the age of "
                 "snapshots and tokens depends on it"
               : NULL,
        "this host is %lld s %s the registry", llabs(ahead), ahead < 0 ? "behind" : "ahead of");
}

// Which link of the chain is broken is in the message of the request; the hint says what to do about it.
static const char *way_hint(const char *url, const struct error *wrong) {
    if (strstr(wrong->message, "certificate")) {
        return "Ask the operator for the file of the certificate authority, and name it in ca-file";
    }
    return strncasecmp(url, "https", 5) == 0
               ? "Check address, port and proxy, and that the registry is running there"
               : "Check that registryd is running there, and whether the address is https";
}

// Twice, for the headers and for the document.
static enum status ask_service(const struct api_call *call, struct fetch_answer *ret_answer,
                               json_t **ret_service, struct error *err) {
    const struct fetch_request request = {.method = "GET", .path = "/v1"};
    enum status status = fetch_send(call->arena, call->connection, &request, ret_answer, err);
    if (status) {
        return status;
    }
    return api_call_json(call, &request, ret_service, err);
}

static json_t *add_service(struct diagnosis *diagnosis, const struct connection *connection) {
    struct error wrong = {0};
    struct fetch_answer answer = {0};
    json_t *service = NULL;
    struct cli *cli = diagnosis->cli;
    const struct api_call call = {.arena = cli->arena, .connection = connection};
    int64_t begin_ms = monotonic_ms();
    enum status status = ask_service(&call, &answer, &service, &wrong);
    long long took_ms = (long long)(monotonic_ms() - begin_ms) / 2;
    if (status) {
        add_error(diagnosis, "registry", way_hint(connection->url, &wrong), &wrong);
        return NULL;
    }
    const char *version = administration_text(cli, service, "version");
    const char *serial = administration_text(cli, service, "serial");
    diagnosis_add(diagnosis, CHECK_OK, "registry", NULL,
                  "%s is registryd %s at serial %s, answered in %lld ms", connection->url,
                  version ? version : "?", serial ? serial : "?", took_ms);
    add_clock(diagnosis, answer.date);
    return service;
}

static void add_readiness(struct diagnosis *diagnosis, const struct connection *connection) {
    struct fetch_answer answer = {0};
    struct error wrong = {0};
    scoped(cleanup_json) json_t *json = NULL;
    const struct fetch_request request = {.method = "GET", .path = "/readyz"};
    struct arena *arena = diagnosis->cli->arena;
    if (fetch_send(arena, connection, &request, &answer, &wrong) ||
        json_parse(answer.body, answer.body.len, &json, NULL)) {
        return;
    }
    const char *reasons = administration_text(diagnosis->cli, json, "reasons");
    if (json_is_false(json_object_get(json, "ready"))) {
        diagnosis_add(diagnosis, CHECK_WARNING, "ready", "Tell the operator of the registry",
                      "The registry is not ready: %s", reasons ? reasons : "no reason is given");
    }
}

// ---- what stands behind it ----

static void add_expiry(struct diagnosis *diagnosis, const char *expires) {
    struct tm parts = {0};
    if (!expires || !strptime(expires, "%Y-%m-%dT%H:%M:%S", &parts)) {
        return;
    }
    long long left = (long long)timegm(&parts) - (long long)time(NULL);
    if (left < (long long)EXPIRY_DAYS * DAY_SECONDS) {
        diagnosis_add(diagnosis, CHECK_WARNING, "token",
                      "Create a new one: \"registryctl token create\"",
                      "The token expires in %lld days (%s)", left / DAY_SECONDS, expires);
    }
}

static void add_token(struct diagnosis *diagnosis, const struct connection *connection,
                      const json_t *service) {
    struct cli *cli = diagnosis->cli;
    struct error wrong = {0};
    scoped(cleanup_json) json_t *token = NULL;
    const char *reading = json_string_value(json_object_get(service, "reading"));
    bool is_closed = reading && strcmp(reading, "closed") == 0;
    if (!connection->token) {
        diagnosis_add(diagnosis, is_closed ? CHECK_ERROR : CHECK_OK, "token",
                      is_closed ? "Run \"registryctl login\"" : NULL, "no token is set%s",
                      is_closed ? ", and this registry is closed to readers without one"
                                : ": you may read");
        return;
    }
    const struct api_call call = {.arena = cli->arena, .connection = connection};
    const struct fetch_request request = {.method = "GET", .path = "/v1/token"};
    if (api_call_json(&call, &request, &token, &wrong)) {
        add_error(diagnosis, "token", "Create a new token, and run \"registryctl login\"", &wrong);
        return;
    }
    size_t count = json_array_size(json_object_get(token, "may"));
    const char *source = rights_table_source(cli, connection->url);
    const char *team = administration_text(cli, token, "team");
    const char *name = administration_text(cli, token, "name");
    diagnosis_add(diagnosis, count ? CHECK_OK : CHECK_WARNING, "token",
                  count ? NULL : "Ask an administrator for a grant: \"registryctl grant add\"",
                  "%s/%s from %s has %zu rights; see \"registryctl whoami\"", team ? team : "?",
                  name ? name : "?", source ? source : "?", count);
    add_expiry(diagnosis, json_string_value(json_object_get(token, "expires_at")));
}

static const char *nearest_environment(const struct api_call *call, const char *wanted) {
    const struct fetch_request request = {.method = "GET", .path = "/v1/environments?limit=1000"};
    scoped(cleanup_json) json_t *answer = NULL;
    struct guess guess = guess_begin(wanted, GUESS_TOO_FAR);
    size_t at;
    const json_t *item;
    if (api_call_json(call, &request, &answer, NULL)) {
        return NULL;
    }
    json_array_foreach(json_object_get(answer, "environments"), at, item) {
        guess_offer(&guess, json_string_value(json_object_get(item, "name")));
    }
    return arena_strdup(call->arena, guess.nearest);
}

static void add_environment(struct diagnosis *diagnosis, const struct connection *connection) {
    struct cli *cli = diagnosis->cli;
    struct error wrong = {0};
    scoped(cleanup_json) json_t *answer = NULL;
    const char *name = connection->environment;
    const struct api_call call = {.arena = cli->arena, .connection = connection};
    const struct fetch_request request = {
        .method = "GET", .path = administration_path(cli, "/v1/environments", &name, 1)};
    enum status status =
        request.path ? api_call_json(&call, &request, &answer, &wrong) : fail_no_memory(&wrong);
    if (status == STATUS_NOT_FOUND) {
        const char *nearest = nearest_environment(&call, name);
        const char *hint = nearest ? arena_printf(cli->arena,
                                                  "Did you mean \"%s\"? Correct --environment or "
                                                  "REGISTRYD_ENVIRONMENT",
                                                  nearest)
                                   : "Create it, or correct --environment or REGISTRYD_ENVIRONMENT";
        diagnosis_add(diagnosis, CHECK_ERROR, "environment", hint,
                      "The registry has no environment \"%s\": hosts get the answer of \"default\"",
                      name);
    } else if (status) {
        add_error(diagnosis, "environment", NULL, &wrong);
    } else {
        const char *revision = administration_text(cli, answer, "revision");
        diagnosis_add(diagnosis, CHECK_OK, "environment", NULL, "%s is at revision %s", name,
                      revision ? revision : "?");
    }
}

void diagnosis_add_registry(struct diagnosis *diagnosis, const struct connection *connection) {
    if (!add_name(diagnosis, connection)) {
        return;
    }
    scoped(cleanup_json) json_t *service = add_service(diagnosis, connection);
    if (!service) {
        return;
    }
    add_readiness(diagnosis, connection);
    add_token(diagnosis, connection, service);
    add_environment(diagnosis, connection);
}
