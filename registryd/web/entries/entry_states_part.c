// SPDX-License-Identifier: MIT
// What owners decided about single entry points holds in every environment. A successor is text of an owner: a package,
// or "package:group:name", whose package alone becomes the address of a link.
#include "registryd/web/entries/entries.h"

#include <string.h>

enum { STATES_SHOWN = 200 };

enum status entries_states_load(struct page_context *page, const struct entry_states_query *query,
                                struct entry_states *ret_states, struct error *err) {
    struct entry_states_query first = *query;
    first.limit = STATES_SHOWN + 1; // one more tells that there are more
    return store_entry_states_load(page->api->reading, page->arena, &first, ret_states, err);
}

void entries_successor_add(struct page_context *page, const char *successor) {
    struct html *html = page->html;
    if (!successor) {
        return;
    }
    const char *package = arena_copy(page->arena, successor, strcspn(successor, ":"));
    html_text(html, " Use ");
    html_link(html, "a", package ? address_make(page->arena, "/packages", package) : NULL,
              successor);
    html_text(html, " instead.");
}

static void add_state(struct page_context *page, const struct entry_state *state,
                      bool is_of_group) {
    struct html *html = page->html;
    const char *path = is_of_group ? "/packages" : "/groups";
    const char *other = is_of_group ? state->package : state->group;
    html_open(html, "tr");
    html_open(html, "td");
    html_element(html, "strong", state->name);
    html_close(html);
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, path, other), other);
    html_close(html);
    html_open(html, "td.long");
    if (state->is_alias) {
        html_element(html, "strong", state->successor);
    } else {
        html_text(html, state->message);
        entries_successor_add(page, state->successor);
    }
    html_close(html);
    html_open(html, "td");
    page_moment(html, state->changed_at);
    html_printf(html, " by %s", state->changed_by);
    html_close(html);
    html_close(html);
}

static bool has_kind(const struct entry_states *states, bool is_alias) {
    for (size_t i = 0; i < states->count && i < STATES_SHOWN; i++) {
        if (states->items[i].is_alias == is_alias) {
            return true;
        }
    }
    return false;
}

static void add_kind(struct page_context *page, const struct entry_states *states, bool is_alias,
                     bool is_of_group) {
    const char *title = is_alias ? "Aliases" : "Deprecated entry points";
    const char *const columns[] = {is_alias ? "Old name" : "Name",
                                   is_of_group ? "Package" : "Group",
                                   is_alias ? "Present name" : "Reason", "Since", NULL};
    if (!has_kind(states, is_alias)) {
        return;
    }
    page_open_section(page->html, is_alias ? "aliases" : "deprecated", title);
    if (is_alias) {
        html_element(page->html, "p.dim",
                     "A look-up of the old name finds the present one, with a warning.");
    }
    page_open_table(page->html, title, columns);
    for (size_t i = 0; i < states->count && i < STATES_SHOWN; i++) {
        if (states->items[i].is_alias == is_alias) {
            add_state(page, &states->items[i], is_of_group);
        }
    }
    page_close_table(page->html);
    html_close(page->html);
}

void entries_states_add(struct page_context *page, const struct entry_states *states,
                        bool is_of_group) {
    add_kind(page, states, false, is_of_group);
    add_kind(page, states, true, is_of_group);
    if (states->count > STATES_SHOWN) {
        html_open(page->html, "p.dim");
        html_printf(page->html, "The first %d deprecated entry points and aliases are shown. ",
                    STATES_SHOWN);
        html_link(page->html, "a", "/v1/entry-states", "All of them as JSON");
        html_close(page->html);
    }
}
