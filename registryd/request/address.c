// SPDX-License-Identifier: MIT
// Without --public-url any Host is answered, so an answer that names one is never kept for others. Pure; any
// thread.
#include "registryd/request/address.h"

#include <string.h>

static const char FALLBACK[] = "127.0.0.1:7621"; // HTTP/1.0 may leave the host out

const char *registry_url(const struct api *api, const struct request *request) {
    if (api->public_url) {
        size_t len = strlen(api->public_url);
        while (len && api->public_url[len - 1] == '/') {
            len--;
        }
        return arena_copy(request->arena, api->public_url, len);
    }
    return arena_printf(request->arena, "%s://%s", api->is_behind_tls ? "https" : "http",
                        request->host ? request->host : FALLBACK);
}
