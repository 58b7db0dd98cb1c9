// SPDX-License-Identifier: MIT
// What a connection is, checked: its settings (connection_settings.c), an address of http or https, a
// token that fits into a header.
#include "client/remote/connection.h"

#include "schema/base/text.h"

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

enum status connection_init(struct arena *arena, const struct connection *given,
                            struct connection *ret_connection, struct error *err) {
    struct connection made;
    enum status wrong = connection_settings(arena, given, &made, err);
    wrong = wrong ? wrong : check_url(made.url, err);
    wrong = wrong ? wrong : check_token(made.token, err);
    if (!wrong) {
        *ret_connection = made;
    }
    return wrong;
}
