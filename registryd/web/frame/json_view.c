// SPDX-License-Identifier: MIT
// Called by the pages, in the thread of their request. What is shown was checked when it was stored, so a
// text that is no JSON shows as nothing.
#include "registryd/web/frame/json_view.h"

json_t *json_view_parse(const char *text) {
    return text ? json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL) : NULL;
}

json_t *json_view_parse_bytes(const char *bytes, size_t len) {
    return json_loadb(bytes, len, 0, NULL);
}

char *json_view_print(const json_t *value, bool is_indented) {
    size_t form = is_indented ? JSON_INDENT(2) : JSON_COMPACT;
    return value ? json_dumps(value, form | JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
}
