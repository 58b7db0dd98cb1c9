// SPDX-License-Identifier: MIT
// Pages of another package index, in either form: JSON (PEP 691, 700) and HTML (PEP 503, 592). They come from a
// stranger, so everything is bounded and nothing of them becomes a path before it was checked. Pure.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct index_link {
    const char *filename;    // plain: letters, digits and "-_.+!"
    const char *url;         // as it stands there, often relative to the page
    const char *sha256;      // hex; NULL: the index gives none
    const char *uploaded_at; // RFC 3339; NULL: not said
    bool is_yanked;
    const char *yanked_reason; // NULL: none given
};

struct index_links {
    struct index_link *items;
    size_t count;
    size_t capacity;
};

enum { INDEX_PAGE_BYTES_MAX = 64 * 1024 * 1024, INDEX_LINKS_MAX = 100000 };

// Reads the page of a project; `content_type` says its form. Arena.
// Fails with: MALFORMED (no such page, a newer major version), TOO_LARGE (too many files), NO_MEMORY.
enum status index_page_read(struct arena *arena, const char *content_type, struct text body,
                            struct index_links *ret_links, struct error *err);

// Reads the list of projects: their names as they stand there. Fails as above.
enum status index_page_read_names(struct arena *arena, const char *content_type, struct text body,
                                  struct strings *ret_names, struct error *err);
