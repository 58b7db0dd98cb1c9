// SPDX-License-Identifier: MIT
// multipart/form-data (RFC 7578), read strictly: the body is nothing but its parts, with CR LF where
// they belong; what browsers and package tools send passes, what could be understood in two ways is
// refused. Nothing is copied but names; contents are views into the body. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

enum { MULTIPART_PARTS_MAX = 1000, MULTIPART_HEADERS_BYTES_MAX = 2048 };

struct multipart {
    struct arena *arena;
    struct text rest;      // behind the delimiter of the part before
    const char *delimiter; // CR LF, two hyphens and the boundary
    size_t count;          // of parts so far
};

struct multipart_part {
    const char *name;         // of the field
    const char *filename;     // NULL when the part is no file
    const char *content_type; // NULL when it does not say
    struct text content;      // borrowed from the body
};

// Whether a Content-Type header is of this kind.
bool multipart_is(const char *content_type);

// Takes the boundary from the Content-Type and steps over the body's first delimiter. The body is
// borrowed. Fails with: MALFORMED, NO_MEMORY.
enum status multipart_begin(struct arena *arena, const char *content_type, struct text body,
                            struct multipart *ret_multipart, struct error *err);

// The next part; *ret_found is false after the last one. Fails with: MALFORMED (`where` says which
// part), TOO_LARGE (more than MULTIPART_PARTS_MAX), NO_MEMORY.
enum status multipart_next(struct multipart *multipart, struct multipart_part *ret_part,
                           bool *ret_found, struct error *err);
