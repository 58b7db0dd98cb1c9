// SPDX-License-Identifier: MIT
// What all pages share: the frame around them (head, navigation, main, footer), and the small pieces that appear on
// many. page_answer.h has how a handler becomes a page.
#pragma once

#include "registryd/access/access.h"
#include "registryd/web/frame/html.h"
#include "registryd/web/frame/moment.h"

// Where in the navigation a page belongs.
enum page_section {
    PAGE_NOWHERE, // pages outside the navigation
    PAGE_PACKAGES,
    PAGE_GROUPS,
    PAGE_ENVIRONMENTS,
    PAGE_TRANSITION,
    PAGE_ACTIVITY,
    PAGE_STATUS,
};

struct page_context {
    struct api *api;
    const struct request *request; // without blank parameters
    struct arena *arena;
    struct html *html;           // where the page is written
    int http_status;             // 200 unless the maker sets it
    const struct rights *rights; // of the user who signed in; NULL = none did
    const char *form_token;      // of their forms
    const char *feed;            // address of the Atom feed that goes with the page; NULL = none
};

// Whether who signed in may do this; false when nobody did.
bool page_may(struct page_context *page, enum access_level level, const char *object);
// A form that changes something: sent by POST to `address`, with its token. Closed by html_close.
void page_open_form(struct page_context *page, const char *address);
// A hidden field of a form.
void page_hidden(struct html *html, const char *name, const char *value);

void page_begin(struct page_context *page, enum page_section section, const char *title);
void page_end(struct page_context *page);

// ---- pieces ----

// A section with a heading of the second level; `id` may be NULL. Closed by html_close.
void page_open_section(struct html *html, const char *id, const char *heading);
// A label: "badge", with a kind of "good", "warn", "bad" or NULL for a plain one.
void page_badge(struct html *html, const char *kind, const char *text);
// A box of lines in monospace that can be copied.
void page_snippet(struct html *html, const char *label, const char *text);
// JSON text, indented, in a box that scrolls. `label` names it for screen readers.
void page_json(struct page_context *page, const char *label, const char *json);
// The beginning of a table: its caption (for screen readers too) and its column headings, NULL at the
// end. Closed by page_close_table; rows in between. On a narrow screen each row becomes a list: its first cell is
// the heading, and every other cell carries its column's heading.
void page_open_table(struct html *html, const char *caption, const char *const *columns);
void page_close_table(struct html *html);
void page_cell(struct html *html, const char *text); // <td>; NULL is a dash
// A paragraph where there is nothing to show.
void page_nothing(struct html *html, const char *text);
// A link to the next page of a list; nothing without a cursor.
void page_next(struct html *html, const char *address);
// One line of a form: a label above its input.
struct page_field {
    const char *label;       // for people
    const char *name;        // of the parameter
    const char *value;       // NULL: empty
    const char *type;        // of the input; NULL = "text"
    const char *placeholder; // may be NULL
    const char *none;        // of a choice: what the empty value is called; NULL = "any"
};
void page_field(struct html *html, const struct page_field *field);
// A choice: texts, NULL at the end; the first is "any" with an empty value.
void page_choice(struct html *html, const struct page_field *field, const char *const *options);
