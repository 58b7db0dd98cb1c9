// SPDX-License-Identifier: MIT
// Each hop is a request of its own, with its own decision about secrets. Once dropped they do not come back, not even
// when a later hop leads home: an address that another server chose is no address of ours.
#include "client/remote/fetch_file.h"

#include <string.h>

enum { REDIRECTS_MAX = 3 };

static bool is_redirect(int http_status) {
    return http_status == 301 || http_status == 302 || http_status == 303 || http_status == 307 ||
           http_status == 308;
}

static bool is_https(const char *url) {
    return strncmp(url, "https://", 8) == 0;
}

enum status fetch_file(struct arena *arena, const struct connection *connection,
                       const struct fetch_request *request, struct fetch_answer *ret_answer,
                       struct error *err) {
    struct connection hop = *connection;
    struct fetch_request asked = *request;
    struct fetch_answer answer = {0};
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        enum status status = fetch_send(arena, &hop, &asked, &answer, err);
        if (status) {
            return status;
        }
        if (!is_redirect(answer.http_status) || !answer.location) {
            *ret_answer = answer;
            return STATUS_OK;
        }
        const char *here = arena_printf(arena, "%s%s", hop.url, asked.path);
        const char *next = NULL;
        status =
            here ? fetch_resolve(arena, here, answer.location, &next, err) : fail_no_memory(err);
        if (status) {
            return status;
        }
        if (is_https(here) && !is_https(next)) {
            return fail(err, STATUS_UNREACHABLE, request->path,
                        "The registry redirects from https to plain http, which is not followed");
        }
        if (!fetch_is_same_origin(here, next)) {
            hop.token = NULL;
            hop.client_cert = NULL;
            hop.client_key = NULL;
            asked.user = NULL;
        }
        hop.url = next;
        asked.path = "";
    }
    return fail(err, STATUS_UNREACHABLE, request->path, "The registry redirects more than %d times",
                REDIRECTS_MAX);
}
