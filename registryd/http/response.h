// SPDX-License-Identifier: MIT
// A finished exchange as the bytes of an HTTP/1.1 response: 304 when the client has it already,
// gzip when it asked for it, no body for HEAD, and the headers every answer carries. No sockets;
// any thread.
#pragma once

#include "registryd/http/router.h"

#include <time.h>

// What the reply does not know by itself.
struct response_facts {
    const struct history_point *point; // where the daemon stands; NULL = not known
    time_t now;
    bool keep_alive;
};

// A smaller body fits one packet anyway, so packing it gains nothing.
enum { RESPONSE_GZIP_MIN_BYTES = 1024 };

// Appends status line and headers to *head and gives the body that belongs behind them: borrowed
// from the reply or in the request's arena, empty when none is sent. Returns the status code sent.
// A failure shows in head->failed.
int response_encode(struct exchange *exchange, const struct response_facts *facts,
                    struct buffer *head, struct text *ret_body);

// Whether one of the tags in an If-None-Match header is `etag` (weak comparison), or "*".
bool response_etag_matches(const char *if_none_match, const char *etag);
