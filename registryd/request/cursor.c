// SPDX-License-Identifier: MIT
// Cursors are checked when they come back like any text from outside: they end as SQL parameters.
// A cursor is the place of the last row in base64url: unreadable enough that clients do not build one, and
// not a secret. It holds no page number, so rows that are added or removed in between neither
// repeat nor hide others.
#include "registryd/request/cursor.h"

#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <sodium.h>
#include <string.h>

enum {
    DEFAULT_LIMIT = 100,                                            // rows of a page
    MAX_LIMIT = 1000,                                               // rows of a page
    PLACE_BYTES_MAX = LIMIT_GROUP_BYTES + 2 * LIMIT_NAME_BYTES + 2, // group, host, environment
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

enum status cursor_decode(const struct request *request, struct page *ret_page, struct error *err) {
    static const struct query_range range = {"limit", 1, MAX_LIMIT, DEFAULT_LIMIT};
    int64_t limit = 0;
    enum status status = query_integer(request, &range, &limit, err);
    if (status) {
        return status;
    }
    // A page without a cursor begins at the start.
    *ret_page = (struct page){.limit = (int)limit};
    return request_query(request, "cursor")
               ? cursor_read(request, PLACE_BYTES_MAX, &ret_page->after, err)
               : STATUS_OK;
}

enum status cursor_read(const struct request *request, size_t max_bytes, const char **ret_place,
                        struct error *err) {
    const char *cursor = request_query(request, "cursor");
    char *place = arena_alloc(request->arena, max_bytes + 1);
    if (!place) {
        return fail_no_memory(err);
    }
    size_t len = 0;
    bool is_good = sodium_base642bin((unsigned char *)place, max_bytes, cursor, strlen(cursor),
                                     NULL, &len, NULL, VARIANT) == 0;
    place[len] = '\0';
    // PostgreSQL takes no NUL and no broken UTF-8 in a text parameter.
    if (!is_good || !len || text_has_nul(place, len) || !utf8_is_valid(place, len)) {
        return fail(err, STATUS_USAGE, "?cursor",
                    "The cursor is not valid. Start again without a cursor.");
    }
    *ret_place = place;
    return STATUS_OK;
}

const char *cursor_encode(struct arena *arena, const char *last) {
    size_t size = sodium_base64_ENCODED_LEN(strlen(last), VARIANT);
    char *cursor = arena_alloc(arena, size);
    if (!cursor) {
        return NULL;
    }
    sodium_bin2base64(cursor, size, (const unsigned char *)last, strlen(last), VARIANT);
    return cursor;
}

enum status cursor_reply(const struct request *request, struct reply *reply,
                         const struct cursor_page *page, struct error *err) {
    scoped(cleanup_json) json_t *more_keys = page->more_keys;
    json_t *next = NULL;
    // NULL says that the caller had no memory for it; json_pack then refuses the missing "next".
    if (page->last) {
        next = page->more ? json_string(cursor_encode(request->arena, page->last)) : json_null();
    }
    scoped(cleanup_json) json_t *json =
        json_pack("{s:o,s:o}", page->key, page->items, "next", next);
    if (!json || (more_keys && json_object_update(json, more_keys))) {
        return fail_no_memory(err);
    }
    return reply_json(request, reply, take(json), err);
}
