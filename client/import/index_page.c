// SPDX-License-Identifier: MIT
// JSON is jansson's. Of HTML only anchors are read, with their attributes and their text: the standard says that a page
// of an index is a list of anchors. What is not understood of a link (no plain file name, no address) leaves the link
// out, as installers do.
#include "client/import/index_page.h"

#include "client/mirror/statement.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

enum { SHA256_HEX_LEN = 64, VERSION_MAJOR = 1 };

// ---- both ----

static enum status add_link(struct arena *arena, struct index_links *links,
                            const struct index_link *link, struct error *err) {
    if (!statement_is_plain(link->filename) || !link->url) {
        return STATUS_OK;
    }
    if (links->count >= INDEX_LINKS_MAX) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The page has more than %d files",
                    INDEX_LINKS_MAX);
    }
    struct index_link *grown =
        list_grow(arena, links->items, links->count, &links->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    links->items = grown;
    links->items[links->count++] = *link;
    return STATUS_OK;
}

static const char *hex_of(struct arena *arena, const char *text) {
    bool is_hex = text && strlen(text) >= SHA256_HEX_LEN &&
                  strspn(text, "0123456789abcdefABCDEF") == SHA256_HEX_LEN;
    char *copy = is_hex ? arena_copy(arena, text, SHA256_HEX_LEN) : NULL;
    for (char *p = copy; p && *p; p++) {
        *p = to_lower(*p);
    }
    return copy;
}

static bool is_json(const char *content_type) {
    return content_type && strstr(content_type, "json");
}

// ---- JSON ----

static enum status parse_json(struct text body, json_t **ret_json, struct error *err) {
    scoped(cleanup_json) json_t *json = json_loadb(body.ptr, body.len, 0, NULL);
    const json_t *meta = json_object_get(json, "meta");
    const char *version = json_string_value(json_object_get(meta, "api-version"));
    if (!json_is_object(json)) {
        return fail(err, STATUS_MALFORMED, NULL, "The page is not the JSON of a package index");
    }
    if (version && strtol(version, NULL, 10) != VERSION_MAJOR) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The page is of version %.20s of the index API, and only version 1 is known",
                    version);
    }
    *ret_json = take(json);
    return STATUS_OK;
}

static const char *copy_of(struct arena *arena, const json_t *object, const char *key) {
    return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

static enum status read_json(struct arena *arena, struct text body, struct index_links *links,
                             struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = parse_json(body, &json, err);
    const json_t *files = json_object_get(json, "files");
    if (status || !json_is_array(files)) {
        return status ? status : fail(err, STATUS_MALFORMED, NULL, "The page lists no files");
    }
    for (size_t i = 0; i < json_array_size(files) && !status; i++) {
        const json_t *file = json_array_get(files, i);
        const json_t *yanked = json_object_get(file, "yanked");
        const json_t *hashes = json_object_get(file, "hashes");
        const struct index_link link = {
            .filename = copy_of(arena, file, "filename"),
            .url = copy_of(arena, file, "url"),
            .sha256 = hex_of(arena, json_string_value(json_object_get(hashes, "sha256"))),
            .uploaded_at = copy_of(arena, file, "upload-time"),
            .is_yanked = json_is_true(yanked) || json_is_string(yanked),
            .yanked_reason = copy_of(arena, file, "yanked"),
        };
        status = add_link(arena, links, &link, err);
    }
    return status;
}

static enum status read_json_names(struct arena *arena, struct text body, struct strings *names,
                                   struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = parse_json(body, &json, err);
    const json_t *projects = json_object_get(json, "projects");
    size_t count = json_array_size(projects);
    if (status) {
        return status;
    }
    names->items = arena_array(arena, count + 1, sizeof *names->items);
    for (size_t i = 0; names->items && i < count; i++) {
        const char *name = copy_of(arena, json_array_get(projects, i), "name");
        if (name) {
            names->items[names->count++] = name;
        }
    }
    return names->items ? STATUS_OK : fail_no_memory(err);
}

// ---- HTML ----

// An anchor: what stands between "<a" and ">", and the text up to the next "<".
struct anchor {
    struct text attributes;
    struct text text;
};

static const char *find_end(struct text rest, char c) {
    return rest.len ? memchr(rest.ptr, c, rest.len) : NULL;
}

// The next anchor; moves *rest past it. False when there is none.
static bool next_anchor(struct text *rest, struct anchor *ret_anchor) {
    const char *end = rest->ptr + rest->len;
    for (const char *p = rest->ptr; p && end - p > 3; p++) {
        p = memchr(p, '<', (size_t)(end - p));
        if (!p || end - p <= 3) {
            return false;
        }
        if ((p[1] != 'a' && p[1] != 'A') || !is_space(p[2])) {
            continue;
        }
        struct text after = {p + 2, (size_t)(end - p) - 2};
        const char *close = find_end(after, '>');
        if (!close) {
            return false;
        }
        struct text body = {close + 1, (size_t)(end - close) - 1};
        const char *stop = find_end(body, '<');
        *ret_anchor = (struct anchor){{after.ptr, (size_t)(close - after.ptr)},
                                      {body.ptr, stop ? (size_t)(stop - body.ptr) : body.len}};
        *rest = (struct text){body.ptr, body.len};
        return true;
    }
    return false;
}

// Character references that writers of pages use. Decodes in place.
static void decode_references(char *text) {
    static const struct {
        const char *name;
        char character;
    } known[] = {{"&amp;", '&'},  {"&lt;", '<'},    {"&gt;", '>'},  {"&quot;", '"'},
                 {"&#39;", '\''}, {"&#x27;", '\''}, {"&#34;", '"'}, {"&apos;", '\''}};
    char *to = text;
    for (const char *from = text; *from;) {
        size_t len = 1;
        char character = *from;
        for (size_t i = 0; *from == '&' && i < COUNT_OF(known); i++) {
            size_t name_len = strlen(known[i].name);
            if (strncmp(from, known[i].name, name_len) == 0) {
                len = name_len;
                character = known[i].character;
            }
        }
        *to++ = character;
        from += len;
    }
    *to = '\0';
}

// The value of an attribute, decoded: name="value" or name='value'. Arena; NULL: it has none.
static const char *attribute_of(struct arena *arena, struct text attributes, const char *name) {
    size_t name_len = strlen(name);
    const char *end = attributes.ptr + attributes.len;
    for (const char *p = attributes.ptr; p + name_len + 2 < end; p++) {
        bool is_name = (p == attributes.ptr || is_space(p[-1])) &&
                       strncasecmp(p, name, name_len) == 0 && p[name_len] == '=';
        char quote = is_name ? p[name_len + 1] : '\0';
        const char *value = p + name_len + 2;
        const char *close =
            quote == '"' || quote == '\'' ? memchr(value, quote, (size_t)(end - value)) : NULL;
        if (close) {
            char *copy = arena_copy(arena, value, (size_t)(close - value));
            if (copy) {
                decode_references(copy);
            }
            return copy;
        }
    }
    return NULL;
}

// "https://host/a/crm-1.0.tar.gz?x#sha256=…" names the file "crm-1.0.tar.gz"; "%2B" is a "+".
static const char *filename_of(struct arena *arena, const char *url) {
    size_t len = strcspn(url, "?#");
    size_t start = len;
    while (start > 0 && url[start - 1] != '/') {
        start--;
    }
    char *copy = arena_copy(arena, url + start, len - start);
    char *to = copy;
    for (const char *from = copy; from && *from; from++) {
        char digits[3] = {0};
        if (*from == '%' && from[1] && from[2]) {
            memcpy(digits, from + 1, 2);
            *to++ = (char)strtol(digits, NULL, 16);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    if (to) {
        *to = '\0';
    }
    return copy;
}

static enum status read_html(struct arena *arena, struct text body, struct index_links *links,
                             struct error *err) {
    struct anchor anchor;
    enum status status = STATUS_OK;
    while (!status && next_anchor(&body, &anchor)) {
        const char *url = attribute_of(arena, anchor.attributes, "href");
        const char *fragment = url ? strstr(url, "#sha256=") : NULL;
        const char *yanked = attribute_of(arena, anchor.attributes, "data-yanked");
        const struct index_link link = {
            .filename = url ? filename_of(arena, url) : NULL,
            .url = url ? arena_copy(arena, url, strcspn(url, "#")) : NULL,
            .sha256 = hex_of(arena, fragment ? fragment + strlen("#sha256=") : NULL),
            .is_yanked = yanked,
            .yanked_reason = yanked && *yanked ? yanked : NULL,
        };
        status = add_link(arena, links, &link, err);
    }
    return status;
}

static enum status read_html_names(struct arena *arena, struct text body, struct strings *names,
                                   struct error *err) {
    struct anchor anchor;
    size_t capacity = 0;
    while (next_anchor(&body, &anchor)) {
        struct text text = text_trim(anchor.text);
        const char **grown =
            list_grow(arena, names->items, names->count, &capacity, sizeof *names->items);
        const char *copy = grown ? arena_copy(arena, text.ptr, text.len) : NULL;
        if (!copy) {
            return fail_no_memory(err);
        }
        names->items = grown;
        names->items[names->count++] = copy;
    }
    return STATUS_OK;
}

// ---- choosing ----

enum status index_page_read(struct arena *arena, const char *content_type, struct text body,
                            struct index_links *ret_links, struct error *err) {
    struct index_links links = {0};
    enum status status = is_json(content_type) ? read_json(arena, body, &links, err)
                                               : read_html(arena, body, &links, err);
    if (status) {
        return status;
    }
    *ret_links = links;
    return STATUS_OK;
}

enum status index_page_read_names(struct arena *arena, const char *content_type, struct text body,
                                  struct strings *ret_names, struct error *err) {
    struct strings names = {0};
    enum status status = is_json(content_type) ? read_json_names(arena, body, &names, err)
                                               : read_html_names(arena, body, &names, err);
    if (status) {
        return status;
    }
    *ret_names = names;
    return STATUS_OK;
}
