// SPDX-License-Identifier: MIT
// The five parts of a reference, and how those that it leaves out come from the base.
//
//     base http://a/b/c?q    reference ../d#x    parts: path "../d", fragment "x"    result http://a/d
#include "schema/json_schema/uri_reference.h"

#include <string.h>

struct uri_parts {
    struct text scheme;    // without ":"
    struct text authority; // without "//"
    struct text path;
    struct text query; // without "?"
    bool has_scheme;
    bool has_authority;
    bool has_query;
};

static struct text up_to(struct text *rest, const char *stops) {
    size_t len = 0;
    while (len < rest->len && !strchr(stops, rest->ptr[len])) {
        len++;
    }
    struct text piece = {rest->ptr, len};
    rest->ptr += len;
    rest->len -= len;
    return piece;
}

static void drop_first(struct text *rest, size_t count) {
    rest->ptr += count;
    rest->len -= count;
}

// A scheme begins with a letter, and its colon stands before any / ? or #.
static bool has_scheme(struct text text) {
    if (!text.len || !is_alpha(text.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ':') {
            return true;
        }
        if (!is_alnum(c) && c != '+' && c != '-' && c != '.') {
            return false;
        }
    }
    return false;
}

static struct uri_parts split(struct text text) {
    struct uri_parts parts = {.has_scheme = has_scheme(text)};
    text = up_to(&text, "#");
    if (parts.has_scheme) {
        parts.scheme = up_to(&text, ":");
        drop_first(&text, 1);
    }
    parts.has_authority = text.len >= 2 && text.ptr[0] == '/' && text.ptr[1] == '/';
    if (parts.has_authority) {
        drop_first(&text, 2);
        parts.authority = up_to(&text, "/?");
    }
    parts.path = up_to(&text, "?");
    parts.has_query = text.len > 0;
    if (parts.has_query) {
        drop_first(&text, 1);
        parts.query = text;
    }
    return parts;
}

// Removes the last segment, with its slash.
static void pop_segment(struct buffer *path) {
    while (path->len && path->ptr[path->len - 1] != '/') {
        path->len--;
    }
    path->len -= path->len > 0;
}

// RFC 3986, 5.2.4: "a/./b/../c" becomes "a/c".
static void add_without_dots(struct buffer *to, struct text path) {
    scoped(buffer_done) struct buffer clean;
    buffer_init(&clean, path.len + 1);
    while (path.len) {
        bool rooted = path.ptr[0] == '/';
        struct text rest = path;
        drop_first(&rest, rooted);
        struct text segment = up_to(&rest, "/");
        bool is_last = !rest.len;
        bool dots = text_equals(segment, "..");
        if (dots || text_equals(segment, ".")) {
            if (dots) {
                pop_segment(&clean);
            }
            if (is_last && (rooted || clean.len)) {
                buffer_add(&clean, "/", 1);
            }
        } else {
            buffer_add(&clean, "/", rooted);
            buffer_add(&clean, segment.ptr, segment.len);
        }
        path = rest;
    }
    to->failed = to->failed ? to->failed : clean.failed;
    if (clean.len) {
        buffer_add(to, clean.ptr, clean.len);
    }
}

// RFC 3986, 5.2.3: the base's path up to its last slash, then the reference's.
static void add_merged(struct buffer *to, const struct uri_parts *base, struct text path) {
    scoped(buffer_done) struct buffer merged;
    size_t keep = base->path.len;
    while (keep && base->path.ptr[keep - 1] != '/') {
        keep--;
    }
    buffer_init(&merged, base->path.len + path.len + 2);
    if (base->has_authority && !base->path.len) {
        buffer_add(&merged, "/", 1);
    }
    buffer_add(&merged, base->path.ptr, keep);
    buffer_add(&merged, path.ptr, path.len);
    to->failed = to->failed ? to->failed : merged.failed;
    add_without_dots(to, (struct text){merged.ptr, merged.len});
}

static void add_scheme(struct buffer *to, const struct uri_parts *parts) {
    if (parts->has_scheme) {
        buffer_add(to, parts->scheme.ptr, parts->scheme.len);
        buffer_add(to, ":", 1);
    }
}

static void add_authority(struct buffer *to, const struct uri_parts *parts) {
    if (parts->has_authority) {
        buffer_add(to, "//", 2);
        buffer_add(to, parts->authority.ptr, parts->authority.len);
    }
}

// RFC 3986, 5.2.2, case by case.
static void add_resolved(struct buffer *to, const struct uri_parts *base,
                         const struct uri_parts *reference) {
    const struct uri_parts *query = reference;
    add_scheme(to, reference->has_scheme ? reference : base);
    bool is_whole = reference->has_scheme || reference->has_authority;
    add_authority(to, is_whole ? reference : base);
    if (is_whole || (reference->path.len && reference->path.ptr[0] == '/')) {
        add_without_dots(to, reference->path);
    } else if (reference->path.len) {
        add_merged(to, base, reference->path);
    } else {
        buffer_add(to, base->path.ptr, base->path.len);
        query = reference->has_query ? reference : base;
    }
    if (query->has_query) {
        buffer_add(to, "?", 1);
        buffer_add(to, query->query.ptr, query->query.len);
    }
}

const char *uri_reference_resolve(struct arena *arena, const char *base, struct text reference) {
    scoped(buffer_done) struct buffer address;
    struct uri_parts of_base = split(text_from(base));
    struct uri_parts of_reference = split(reference);
    buffer_init(&address, strlen(base) + reference.len + 8);
    add_resolved(&address, &of_base, &of_reference);
    return address.failed ? NULL : arena_copy(arena, address.len ? address.ptr : "", address.len);
}

static int hex_value(char c) {
    c = to_lower(c);
    if (is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *uri_reference_fragment(struct arena *arena, const char *reference) {
    const char *mark = strchr(reference, '#');
    const char *from = mark ? mark + 1 : "";
    char *text = arena_strdup(arena, from);
    char *to = text;
    if (!text) {
        return NULL;
    }
    while (*from) {
        int high = from[0] == '%' ? hex_value(from[1]) : -1;
        int low = high >= 0 ? hex_value(from[2]) : -1;
        bool is_escape = low >= 0 && (high || low); // %00 stays as it is
        *to++ = is_escape ? (char)(high * 16 + low) : *from;
        from += is_escape ? 3 : 1;
    }
    *to = '\0';
    return text;
}
