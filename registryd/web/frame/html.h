// SPDX-License-Identifier: MIT
// Writes HTML. Text and attribute values are escaped, always: there is no way to put markup in but
// these calls, and no call takes markup from outside. Element and attribute names are literals of the
// caller. Elements are closed in the order they were opened. Output grows in a buffer that remembers
// its failure; ask once, at the end.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

enum { HTML_DEPTH_MAX = 64 };

// Example, which gives <p class="dim">a &lt; b</p>:
//   html_open(html, "p.dim");
//   html_text(html, "a < b");
//   html_close(html);
struct html {
    struct arena *arena;
    struct buffer out;
    const char *open[HTML_DEPTH_MAX]; // names of the elements that are open; static
    size_t depth;                     // open elements
    const char *const *labels; // of the cells of each row, NULL at the end; NULL = cells have none
    size_t cell;               // of the row, the next
    bool in_tag;    // the start tag of the innermost element is still open for attributes
    bool is_broken; // calls did not fit together
};

void html_init(struct html *html, struct arena *arena, size_t max_bytes);
void html_done(struct html *html);

// The document so far. Fails with: NO_MEMORY, TOO_LARGE, INTERNAL (an element is still open).
enum status html_finish(struct html *html, struct text *ret_text, struct error *err);

// Opens an element: "section", or with classes "div.card.wide". Attributes follow directly.
void html_open(struct html *html, const char *element);
// An attribute of the element just opened; NULL as the value adds nothing, "" an empty one. Not for
// addresses that come from packages: html_link_out.
void html_attribute(struct html *html, const char *name, const char *value);
// Text of a <code> outside of a <pre> may break after "." "/" ":" "_" and the like, and nowhere else.
void html_text(struct html *html, const char *text); // NULL adds nothing
void html_text_of(struct html *html, struct text text);
void html_printf(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_close(struct html *html); // the innermost one

// From here on, each <td> and <th> carries the heading of its column (data-label), by its place in its row. NULL
// ends it. Labels are copied, their texts are not.
void html_label_cells(struct html *html, const char *const *labels);

// An element with text alone, or a void one ("input", "br") with NULL.
void html_element(struct html *html, const char *element, const char *text);
// A link to an address of this server: begins with one "/", "#" or "?".
void html_link(struct html *html, const char *element, const char *address, const char *text);
// A link to an address that a package gives: only http, https and mailto are linked; of everything else
// the text alone is shown.
void html_link_out(struct html *html, const char *address, const char *text);

// Whether an address from outside may be linked.
bool html_may_link(const char *address);

// An address of this server: path and parameters, percent-encoded piece by piece. Ends as a string of
// the arena, or NULL when out of memory.
// Example: begin "/packages", segment "a b", query "page" "2" gives /packages/a%20b?page=2.
struct address {
    struct buffer out;
    struct arena *arena;
    bool has_query; // the next parameter is joined with "&"
};
void address_begin(struct address *address, struct arena *arena, const char *path); // a literal
void address_add_segment(struct address *address, const char *segment);             // "/segment"
void address_add_query(struct address *address, const char *name,
                       const char *value); // NULL adds nothing
const char *address_end(struct address *address);

// "/packages/NAME" and its like in one call. Arena; NULL when out of memory.
const char *address_make(struct arena *arena, const char *path, const char *segment);
