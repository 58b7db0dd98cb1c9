// SPDX-License-Identifier: MIT
// The components that pages are built of; docs/WEB.md shows the HTML and the classes of each. page.h has the frame,
// tables, forms and badges; moment.h has dates.
#pragma once

#include "registryd/web/frame/page.h"

// Inline code. The writer marks where its line may break.
void page_code(struct html *html, const char *text);

// ---- empty states ----

// Where nothing is shown yet: what is so, the next step in words, and the command that does it, in code. `next` and
// `command` may be NULL.
void page_empty(struct html *html, const char *text, const char *next, const char *command);
// "In a terminal": the command that does the same as what is above, folded.
void page_command(struct html *html, const char *command);

// ---- figures: the numbers that a page begins with ----

struct page_figure {
    const char *number;  // "1,204" or "3 of 7"
    const char *label;   // what is counted
    const char *address; // where they are listed; NULL = no link
    const char *kind;    // "good", "warn", "bad"; NULL = plain
};
void page_open_figures(struct html *html, const char *label); // closed by html_close
void page_figure(struct html *html, const struct page_figure *figure);

// ---- facets: choices that narrow a list, with counts ----

struct page_facet {
    const char *label;
    const char *address; // the list with this choice made, or taken back when it is chosen
    int64_t count;       // negative = not shown
    bool is_chosen;
};
void page_open_facets(struct html *html, const char *label); // closed by html_close
// One subject of choices, such as the groups. Closed by page_close_facet.
void page_open_facet(struct html *html, const char *heading);
void page_facet(struct html *html, const struct page_facet *facet);
void page_close_facet(struct html *html);
// Links of which one is in force: orders, kinds, periods. Its links are page_facet's; closed by page_close_facet.
void page_open_choices(struct html *html, const char *label);

// ---- asking before a change ----

struct page_confirm {
    const char *title;               // "Yank finance 1.3.0"
    const char *address;             // where the form is sent
    const char *const *consequences; // sentences, NULL at the end: what will happen
    const char *action;              // text of the button, a verb
    const char *command;             // does the same in a terminal; NULL = none does
    const char *back;                // address of the page to go back to
    bool is_destructive;             // its button differs in colour and place
};
// The heading, what will happen, and the form: fields are added to it until page_close_confirm.
void page_open_confirm(struct page_context *page, const struct page_confirm *confirm);
void page_close_confirm(struct page_context *page, const struct page_confirm *confirm);
