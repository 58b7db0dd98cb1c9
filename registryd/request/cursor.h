// SPDX-License-Identifier: MIT
// Pages of a list: `limit` and `cursor`. A cursor is the last name of the page before, in base64url,
// so that clients do not build one.
#pragma once

#include "registryd/request/api.h"

// Reads the two parameters. The page lives in the request's arena. Fails with: USAGE, NO_MEMORY.
enum status cursor_decode(const struct request *request, struct page *ret_page, struct error *err);

// What the parameter `cursor` says, at most `max_bytes` of text; the request must have it. Arena.
// Fails with: USAGE (not one this server gave), NO_MEMORY.
enum { CURSOR_BYTES_MAX = 1024 };
enum status cursor_read(const struct request *request, size_t max_bytes, const char **ret_place,
                        struct error *err);

// A page as it is answered.
// Example: {"packages": […], "next": "Y3Jt"}. The cursor is the name "crm" in base64url.
struct cursor_page {
    const char *key;   // of the list
    json_t *items;     // NULL when out of memory; stolen
    bool more;         // there are more behind it
    const char *last;  // where the page ends; NULL when out of memory
    json_t *more_keys; // of the answer, an object; NULL = none; stolen
};

// The cursor after `last`. Arena; NULL when out of memory.
const char *cursor_encode(struct arena *arena, const char *last);

// {KEY: items, "next": the cursor after `last`, null when there is no more}. Fails with: NO_MEMORY.
enum status cursor_reply(const struct request *request, struct reply *reply,
                         const struct cursor_page *page, struct error *err);
