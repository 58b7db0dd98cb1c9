// SPDX-License-Identifier: MIT
// An address to return to is a text that others can put into a link, so only a path of this server is followed: "//host"
// and "/\host" are other hosts for a browser. The nearest names cost a look at every name, so they are for pages of a
// 404 alone, which the limit of requests holds back as any other.
#include "registryd/web/frame/error_help.h"

#include "registryd/store/store_search.h"

#include <string.h>

enum { ADDRESS_BYTES_MAX = 2000, NAMES_SHOWN = 5 };

// ---- addresses ----

bool error_help_is_own_address(const char *address) {
    if (!address || address[0] != '/' || address[1] == '/' || strlen(address) > ADDRESS_BYTES_MAX) {
        return false;
    }
    for (const char *c = address; *c; c++) {
        if (*c <= ' ' || *c > '~' || *c == '\\') {
            return false;
        }
    }
    return strncmp(address, "/sign-", strlen("/sign-")) != 0;
}

// Decoded paths have no escaped slash, so each part is one segment.
const char *error_help_own_address(const struct request *request) {
    struct address address;
    struct text rest = text_from(request->path);
    struct text part;
    address_begin(&address, request->arena, "");
    while (text_split(&rest, '/', &part)) {
        const char *segment = part.len ? arena_copy(request->arena, part.ptr, part.len) : NULL;
        if (segment) {
            address_add_segment(&address, segment);
        }
    }
    if (!address.out.len) {
        buffer_add_string(&address.out, "/");
    }
    for (size_t i = 0; i < request->query_count; i++) {
        address_add_query(&address, request->query[i].name, request->query[i].value);
    }
    return address_end(&address);
}

const char *error_help_sign_in_address(const struct request *request) {
    struct address address;
    const char *back = error_help_own_address(request);
    address_begin(&address, request->arena, "/sign-in");
    if (back && error_help_is_own_address(back) && strcmp(back, "/") != 0) {
        address_add_query(&address, "back", back);
    }
    return address_end(&address);
}

// ---- help ----

// "/packages/crm/releases/9" asks for the package "crm"; what is elsewhere may be meant as one.
static const char *find_word(const struct request *request, const char *folder) {
    size_t len = strlen(folder);
    const char *path = request->path;
    bool is_inside = strncmp(path, folder, len) == 0 && path[len];
    if (!is_inside) {
        return NULL;
    }
    return arena_copy(request->arena, path + len, strcspn(path + len, "/"));
}

static void add_names(struct page_context *page, const char *address, const struct strings *names) {
    struct html *html = page->html;
    if (!names->count) {
        return;
    }
    html_element(html, "p", "Did you mean:");
    html_open(html, "ul");
    for (size_t i = 0; i < names->count; i++) {
        html_open(html, "li");
        html_link(html, "a", address_make(page->arena, address, names->items[i]), names->items[i]);
        html_close(html);
    }
    html_close(html);
}

static void add_near_names(struct page_context *page, enum near_names kind, const char *address,
                           const char *word) {
    struct strings names = {0};
    const struct near_names_query query = {kind, word, NAMES_SHOWN};
    if (!store_names_near_load(page->api->reading, page->arena, &query, &names, NULL)) {
        add_names(page, address, &names);
    }
}

// The search corrects the words, so it finds what is spelt nearly like that.
static void add_near_packages(struct page_context *page, const char *word) {
    struct package_rows rows = {0};
    struct strings names = {.items = arena_array(page->arena, NAMES_SHOWN, sizeof *names.items)};
    const struct package_query query = {.words = word, .page = {.limit = NAMES_SHOWN}};
    if (!names.items || store_packages_load(page->api->reading, page->arena, &query, &rows, NULL)) {
        return;
    }
    for (size_t i = 0; i < rows.count && i < NAMES_SHOWN; i++) {
        names.items[names.count++] = rows.items[i].name;
    }
    add_names(page, "/packages", &names);
}

static void add_search(struct html *html, const char *word) {
    html_open(html, "form.filters");
    html_attribute(html, "action", "/packages");
    html_attribute(html, "role", "search");
    page_field(html, &(struct page_field){
                         .label = "Search packages", .name = "q", .value = word, .type = "search"});
    html_element(html, "button", "Search");
    html_close(html);
}

static void add_for_missing(struct page_context *page) {
    const char *package = find_word(page->request, "/packages/");
    const char *group = find_word(page->request, "/groups/");
    const char *environment = find_word(page->request, "/environments/");
    bool may_read = !page->api->is_reading_closed || page_may(page, ACCESS_READ, NULL);
    if (may_read && package) {
        add_near_packages(page, package);
    } else if (may_read && group) {
        add_near_names(page, NEAR_GROUPS, "/groups", group);
    } else if (may_read && environment) {
        add_near_names(page, NEAR_ENVIRONMENTS, "/environments", environment);
    }
    add_search(page->html, package);
}

void error_help_add(struct page_context *page, const struct error *problem) {
    struct html *html = page->html;
    bool is_refused = problem->status == STATUS_UNAUTHORIZED || problem->status == STATUS_FORBIDDEN;
    if (problem->status == STATUS_NOT_FOUND) {
        add_for_missing(page);
    } else if (is_refused) {
        html_open(html, "p");
        html_link(html, "a", error_help_sign_in_address(page->request),
                  page->rights ? "Sign in with another token" : "Sign in");
        html_close(html);
    } else if (problem->status == STATUS_TOO_MANY || problem->status == STATUS_UNAVAILABLE) {
        html_element(html, "p.dim", "Reload this page in a moment.");
    }
}
