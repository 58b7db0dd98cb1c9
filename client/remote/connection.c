// SPDX-License-Identifier: MIT
// A connection before anything is sent: its settings from arguments, environment variables and defaults,
// then the checks. The address must be plain http or https without user, query or fragment, because a
// path is appended to it; the token must fit into a header line. Whether the token may go over this
// address is decided where it is sent (fetch.c), so that a host that sends no request needs no leave.
#include "client/remote/connection.h"

#include "schema/base/list.h"
#include "schema/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT_MS = 10000 };

static const char default_url[] = "http://127.0.0.1:7621";

// The setting without white space around it (a token often comes from a file with its newline);
// an empty one counts as not given. Arena; *no_memory is set when there is none.
static const char *choose(struct arena *arena, const char *given, const char *variable,
                          const char *otherwise, bool *no_memory) {
    const char *fallback = getenv(variable);
    struct text text = text_trim(text_from(given ? given : fallback));
    const char *copy =
        text.len ? arena_copy(arena, text.ptr, text.len) : arena_strdup(arena, otherwise);
    *no_memory |= !copy && (text.len || otherwise);
    return copy;
}

// "1", "yes", "true": anything else is no consent.
static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && (strcmp(value, "1") == 0 || strcasecmp(value, "yes") == 0 ||
                     strcasecmp(value, "true") == 0);
}

// SSL_CERT_FILE is what OpenSSL and curl(1) read; libcurl itself does not.
static const char *ca_variable(void) {
    const char *ours = getenv("REGISTRYD_CA_FILE");
    return ours && *ours ? "REGISTRYD_CA_FILE" : "SSL_CERT_FILE";
}

enum status connection_settings(struct arena *arena, const struct connection *given,
                                struct connection *ret_connection, struct error *err) {
    bool no_memory = false;
    struct connection made = {
        .url = choose(arena, given->url, "REGISTRYD_URL", default_url, &no_memory),
        .token = choose(arena, given->token, "REGISTRYD_TOKEN", NULL, &no_memory),
        .environment =
            choose(arena, given->environment, "REGISTRYD_ENVIRONMENT", "default", &no_memory),
        .insecure_plain = given->insecure_plain || is_set("REGISTRYD_INSECURE_PLAIN"),
        .ca_file = choose(arena, given->ca_file, ca_variable(), NULL, &no_memory),
        .client_cert = choose(arena, given->client_cert, "REGISTRYD_CLIENT_CERT", NULL, &no_memory),
        .client_key = choose(arena, given->client_key, "REGISTRYD_CLIENT_KEY", NULL, &no_memory),
        .proxy = choose(arena, given->proxy, "REGISTRYD_PROXY", NULL, &no_memory),
        .patience = given->patience,
        .stop = given->stop,
        .is_cancelled = given->is_cancelled,
        .cancel_context = given->cancel_context,
        .timeout_ms = given->timeout_ms > 0 ? given->timeout_ms : DEFAULT_TIMEOUT_MS,
    };
    if (no_memory) {
        return fail_no_memory(err);
    }
    // Paths begin with a slash. "http://host/" would otherwise give "http://host//v1/groups".
    size_t len = strlen(made.url);
    while (len && made.url[len - 1] == '/') {
        len--;
    }
    made.url = arena_copy(arena, made.url, len);
    if (!made.url) {
        return fail_no_memory(err);
    }
    *ret_connection = made;
    return STATUS_OK;
}

// What goes into a header line must not be able to end it.
static enum status check_token(const char *token, struct error *err) {
    for (const char *p = token; p && *p; p++) {
        if (*p <= ' ' || *p > '~') {
            return fail(err, STATUS_USAGE, NULL,
                        "The token holds white space or a character outside ASCII; "
                        "see --token and REGISTRYD_TOKEN");
        }
    }
    return STATUS_OK;
}

static enum status fail_address(const char *url, struct error *err) {
    return fail(err, STATUS_USAGE, NULL,
                "\"%s\" is not the address of a registry; it should look like "
                "http://127.0.0.1:7621 (see --url and REGISTRYD_URL)",
                url);
}

// 1 to 65535, after a colon; or nothing at all.
static bool is_port(struct text port) {
    long number = 0;
    if (!port.len) {
        return true;
    }
    for (size_t i = 1; i < port.len; i++) {
        number = is_digit(port.ptr[i]) && number < 65536 ? number * 10 + port.ptr[i] - '0' : 65536;
    }
    return port.ptr[0] == ':' && number > 0 && number < 65536;
}

// "host", "host:7621", "[::1]:7621".
static bool is_authority(struct text authority) {
    const char *end = authority.ptr + authority.len;
    const char *host = authority.ptr;
    const char *at = host;
    if (authority.len && *host == '[') {
        const char *close = memchr(host, ']', authority.len);
        at = close ? close + 1 : end;
        return close && close > host + 1 && is_port((struct text){at, (size_t)(end - at)});
    }
    while (at < end && (is_alnum(*at) || strchr("-._", *at))) {
        at++;
    }
    return at > host && is_port((struct text){at, (size_t)(end - at)});
}

// "http://token@host" is refused: addresses appear in logs and messages, and a token must not.
static enum status check_url(const char *url, struct error *err) {
    size_t scheme = strncasecmp(url, "http://", 7) == 0    ? 7
                    : strncasecmp(url, "https://", 8) == 0 ? 8
                                                           : 0;
    struct text authority = {url + scheme, strcspn(url + scheme, "/?#")};
    for (const char *p = url; *p; p++) {
        if (*p <= ' ' || *p > '~') {
            return fail_address(url, err);
        }
    }
    if (scheme && memchr(authority.ptr, '@', authority.len)) {
        return fail(err, STATUS_USAGE, NULL,
                    "The registry's address must not hold a user or a password; "
                    "give the token with --token or REGISTRYD_TOKEN");
    }
    if (!scheme || !is_authority(authority)) {
        return fail_address(url, err);
    }
    if (strpbrk(url, "?#")) {
        return fail(err, STATUS_USAGE, NULL,
                    "The registry's address \"%s\" must end before any \"?\" or \"#\"", url);
    }
    return STATUS_OK;
}

// A file that is missing is a setting to correct; libcurl would call it a fault of the connection.
static enum status check_files(const struct connection *connection, struct error *err) {
    const struct {
        const char *path;
        const char *what;
        const char *option;
    } files[] = {
        {connection->ca_file, "certificate authorities", "--ca-file or REGISTRYD_CA_FILE"},
        {connection->client_cert, "client certificate", "--client-cert or REGISTRYD_CLIENT_CERT"},
        {connection->client_key, "key of the client certificate",
         "--client-key or REGISTRYD_CLIENT_KEY"},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (files[i].path && access(files[i].path, R_OK)) {
            return fail(err, STATUS_USAGE, files[i].path,
                        "Cannot read the file of the %s: %s. Check %s.", files[i].what,
                        strerror(errno), files[i].option);
        }
    }
    return STATUS_OK;
}

// The address of a proxy may hold a password, so it is not repeated.
static enum status check_proxy(const char *proxy, struct error *err) {
    static const char *const schemes[] = {"http://", "https://", "socks4://", "socks5://",
                                          "socks5h://"};
    bool is_known = !proxy || !strstr(proxy, "://");
    for (size_t i = 0; !is_known && i < COUNT_OF(schemes); i++) {
        is_known = strncasecmp(proxy, schemes[i], strlen(schemes[i])) == 0;
    }
    return is_known
               ? STATUS_OK
               : fail(err, STATUS_USAGE, NULL,
                      "The address of the proxy must begin with http://, https:// or socks5h://; "
                      "see --proxy and REGISTRYD_PROXY");
}

// Every check is made before a request: a wrong setting is USAGE and never looks like a lost
// network.
enum status connection_init(struct arena *arena, const struct connection *given,
                            struct connection *ret_connection, struct error *err) {
    struct connection made;
    enum status status = connection_settings(arena, given, &made, err);
    if (status) {
        return status;
    }
    status = check_url(made.url, err);
    if (status) {
        return status;
    }
    status = check_token(made.token, err);
    if (status) {
        return status;
    }
    status = check_files(&made, err);
    if (status) {
        return status;
    }
    status = check_proxy(made.proxy, err);
    if (status) {
        return status;
    }
    *ret_connection = made;
    return STATUS_OK;
}
