// SPDX-License-Identifier: MIT
// direct_url.json, the file that pip leaves beside METADATA when a project was not taken from an index
// (PEP 610). Only editable installs matter here: their files lie in the project's folder, where a host
// must look for them:
//
//     {"url": "file:///srv/work/crm", "dir_info": {"editable": true}}   ->   "/srv/work/crm"
//
// Pure: bytes in, a path out. The path is not opened here.
#include "schema/readers/conventions/direct_url.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static int hex_value(char c) {
    return is_digit(c)                                ? c - '0'
           : to_lower(c) >= 'a' && to_lower(c) <= 'f' ? to_lower(c) - 'a' + 10
                                                      : -1;
}

// The path of "file:///srv/work/x%20y". Arena; NULL when it is another kind of address.
static const char *path_of_url(struct arena *arena, const char *url) {
    static const char scheme[] = "file://";
    if (!url || strncmp(url, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    const char *slash = strchr(url + sizeof scheme - 1, '/');
    char *path = arena_strdup(arena, slash);
    char *out = path;
    for (const char *c = path; c && *c; c++) {
        int high = *c == '%' ? hex_value(c[1]) : -1;
        int low = high >= 0 ? hex_value(c[2]) : -1;
        bool escaped = low >= 0 && (high || low);
        *out++ = escaped ? (char)(high * 16 + low) : *c;
        c += escaped ? 2 : 0;
    }
    if (path) {
        *out = '\0';
    }
    return path;
}

const char *direct_url_editable(struct arena *arena, struct text bytes) {
    scoped(cleanup_json) json_t *document = NULL;
    if (json_parse(bytes, LIMIT_METADATA_BYTES, &document, NULL)) {
        return NULL;
    }
    const json_t *info = json_object_get(document, "dir_info");
    if (!json_is_true(json_object_get(info, "editable"))) {
        return NULL;
    }
    return path_of_url(arena, json_string_value(json_object_get(document, "url")));
}
