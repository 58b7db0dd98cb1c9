// SPDX-License-Identifier: MIT
// Each hop is a request of its own, with a decision of its own about the password. A redirect from https to http is
// refused, as it would let anybody on the way choose what is imported; hashes would find that out only where the page
// itself was read in safety.
#include "client/import/index_client.h"

#include <stdlib.h>
#include <string.h>

enum { REDIRECTS_MAX = 5, WAITS_MAX = 10, WAIT_MAX_S = 600 };

static bool is_redirect(int http_status) {
    return http_status == 301 || http_status == 302 || http_status == 303 || http_status == 307 ||
           http_status == 308;
}

static enum status fail_status(const char *url, int http_status, struct error *err) {
    enum status status = http_status == 404   ? STATUS_NOT_FOUND
                         : http_status == 401 ? STATUS_UNAUTHORIZED
                         : http_status == 403 ? STATUS_FORBIDDEN
                                              : STATUS_UNREACHABLE;
    return fail(
        err, status, url,
        status == STATUS_UNAUTHORIZED
            ? "The index asks for a password (HTTP %d). Set REGISTRYD_INDEX_USER=USER:PASSWORD"
            : "The index answers with HTTP %d",
        http_status);
}

// The messages of fetch speak of the registry, and this is another server.
static enum status fail_fetch(const char *url, const struct error *fault, struct error *err) {
    bool is_lost = fault->status == STATUS_UNREACHABLE || fault->status == STATUS_TIMEOUT;
    return is_lost ? fail(err, fault->status, url, "The index cannot be reached (%s)",
                          status_info(fault->status)->wire_name)
                   : fail(err, fault->status, fault->where, "%s", fault->message);
}

// One request, again after each wait that the index asks for.
static enum status send_once(struct arena *arena, const struct index_client *client,
                             const struct index_request *request, const char *url,
                             struct fetch_answer *ret_answer, struct error *err) {
    struct connection connection = *client->base;
    struct error fault = {0};
    connection.url = url;
    connection.token =
        NULL; // nothing that proves who we are to the registry goes to another server
    connection.client_cert = NULL;
    connection.client_key = NULL;
    const struct fetch_request asked = {
        .method = "GET",
        .path = "",
        .accept = request->accept,
        .if_none_match = request->if_none_match,
        .max_bytes = request->max_bytes,
        .expected_bytes = request->expected_bytes,
        .user = fetch_is_same_origin(url, client->url) ? client->user : NULL,
    };
    for (int i = 0; i < WAITS_MAX; i++) {
        enum status status = fetch_send(arena, &connection, &asked, ret_answer, &fault);
        if (status) {
            return fail_fetch(url, &fault, err);
        }
        bool is_busy =
            client->patience && (ret_answer->http_status == 429 || ret_answer->http_status == 503);
        long seconds =
            is_busy && ret_answer->retry_after ? strtol(ret_answer->retry_after, NULL, 10) : 0;
        if (seconds <= 0 || seconds > WAIT_MAX_S ||
            !patience_wait(client->patience, client->base, (int)seconds)) {
            return STATUS_OK;
        }
    }
    return STATUS_OK;
}

static enum status follow(struct arena *arena, const char *url, const struct fetch_answer *answer,
                          const char **ret_url, struct error *err) {
    if (!answer->location) {
        return fail(err, STATUS_UNREACHABLE, url, "The index redirects to nowhere");
    }
    enum status status = fetch_resolve(arena, url, answer->location, ret_url, err);
    if (status) {
        return status;
    }
    return strncmp(url, "https://", 8) == 0 && strncmp(*ret_url, "https://", 8) != 0
               ? fail(err, STATUS_UNREACHABLE, url,
                      "The index redirects from https to plain http, which is not followed")
               : STATUS_OK;
}

enum status index_client_get(struct arena *arena, const struct index_client *client,
                             const struct index_request *request, struct fetch_answer *ret_answer,
                             const char **ret_url, struct error *err) {
    const char *url = request->url;
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        struct fetch_answer answer = {0};
        enum status status = send_once(arena, client, request, url, &answer, err);
        if (status) {
            return status;
        }
        if (!is_redirect(answer.http_status)) {
            bool is_answer =
                answer.http_status == 200 || (answer.http_status == 304 && request->if_none_match);
            *ret_answer = answer;
            *ret_url = url;
            return is_answer ? STATUS_OK : fail_status(url, answer.http_status, err);
        }
        status = follow(arena, url, &answer, &url, err);
        if (status) {
            return status;
        }
    }
    return fail(err, STATUS_UNREACHABLE, request->url, "The index redirects more than %d times",
                REDIRECTS_MAX);
}
