// SPDX-License-Identifier: MIT
// Two revisions of an environment side by side: their documents, and what their locks hold.
// Secrets and settings are masked before the comparison, so that no difference shows one. Who may not read settings
// sees only that they differ.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/access/settings_rights.h"
#include "registryd/api/environments/environment_compare.h"
#include "registryd/api/environments/environment_diff_locks.h"
#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/frame/json_view.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/cleanup.h"
#include "schema/environment/environment_settings.h"
#include "schema/json/json.h"

#include <string.h>

static void add_value(struct html *html, const char *element, const json_t *value) {
    scoped(cleanup_memory) char *text = json_view_print(value, false);
    html_open(html, element);
    if (text) {
        html_element(html, "code", text);
    } else {
        html_text(html, "–");
    }
    html_close(html);
}

// ---- by package: added, removed, changed

// A difference: where, and the two sides; NULL where one has nothing.
struct difference {
    const char *where;
    const json_t *from;
    const json_t *to;
};

// A list of texts has "removed" and "added" instead of "from" and "to".
static struct difference read_difference(const json_t *entry) {
    const json_t *from = json_object_get(entry, "from");
    const json_t *to = json_object_get(entry, "to");
    return (struct difference){json_string_value(json_object_get(entry, "where")),
                               from ? from : json_object_get(entry, "removed"),
                               to ? to : json_object_get(entry, "added")};
}

static bool is_below(const char *where, const char *parent) {
    size_t len = strlen(parent);
    return strncmp(where, parent, len) == 0 && (where[len] == '/' || !where[len]);
}

// The package that a pointer of plugins names: the part behind "/plugins/".
static void add_package(struct page_context *page, const struct difference *one) {
    struct html *html = page->html;
    const char *name = one->where + sizeof "/plugins/" - 1;
    size_t len = strcspn(name, "/");
    // About the package as a whole when the pointer ends with it.
    const char *word = name[len] || (one->from && one->to) ? "changed"
                       : one->to                           ? "added"
                                                           : "removed";
    const char *kind = word[0] == 'a' ? "good" : word[0] == 'r' ? "bad" : "warn";
    const char *package = arena_copy(page->arena, name, len);
    html_open(html, "td");
    html_link(html, "a", package ? address_make(page->arena, "/packages", package) : NULL, package);
    html_close(html);
    html_open(html, "td");
    page_badge(html, kind, word);
    html_close(html);
}

static void add_difference(struct page_context *page, const struct difference *one,
                           bool is_of_package) {
    struct html *html = page->html;
    html_open(html, "tr");
    if (is_of_package) {
        add_package(page, one);
    }
    html_open(html, "td");
    html_element(html, "code", one->where);
    html_close(html);
    add_value(html, "td.removed", one->from);
    add_value(html, "td.added", one->to);
    html_close(html);
}

// A side without any plugins has no member for them: the difference is then all those of the other side.
static void add_all_plugins(struct page_context *page, const struct difference *one) {
    const json_t *side = one->to ? one->to : one->from;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)side, name, value) {
        const struct difference each = {json_pointer(page->arena, "/plugins", name),
                                        one->to ? NULL : value, one->to ? value : NULL};
        if (each.where) {
            add_difference(page, &each, true);
        }
    }
}

// Those of one part of the document: its plugins, its lock, or what is neither (facts, policy).
static bool is_of_part(const struct difference *one, const char *part) {
    bool is_plugin = is_below(one->where, "/plugins");
    bool is_lock = is_below(one->where, "/lock");
    return part ? is_below(one->where, part) : !is_plugin && !is_lock;
}

static size_t count_part(const json_t *entries, const char *part) {
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const struct difference one = read_difference(json_array_get(entries, i));
        count += is_of_part(&one, part);
    }
    return count;
}

static void add_part(struct page_context *page, const json_t *entries, const char *part,
                     const char *heading) {
    static const char *const columns[] = {"Package", "Change", "Where", "Before", "After", NULL};
    bool is_of_package = part && strcmp(part, "/plugins") == 0;
    if (!count_part(entries, part)) {
        return;
    }
    page_open_section(page->html, NULL, heading);
    page_open_table(page->html, heading, columns + (is_of_package ? 0 : 2));
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const struct difference one = read_difference(json_array_get(entries, i));
        if (is_of_part(&one, part) && is_of_package && strcmp(one.where, "/plugins") == 0) {
            add_all_plugins(page, &one);
        } else if (is_of_part(&one, part)) {
            add_difference(page, &one, is_of_package);
        }
    }
    page_close_table(page->html);
    html_close(page->html);
}

// The entries are those of GET /v1/environments/NAME/diff.
static void add_differences(struct page_context *page, const json_t *entries) {
    if (!json_array_size(entries)) {
        page_nothing(page->html, "The two revisions are equal.");
    }
    add_part(page, entries, "/plugins", "Packages");
    add_part(page, entries, NULL, "Facts and policy");
    add_part(page, entries, "/lock", "Locks");
}

static void add_side(struct html *html, const char *what, const struct environment_row *row) {
    html_element(html, "dt", what);
    html_open(html, "dd");
    html_printf(html, "revision %lld, ", (long long)row->revision);
    page_time(html, row->changed_at);
    html_printf(html, " by %s: %s", row->changed_by, row->summary ? row->summary : row->action);
    html_close(html);
}

static enum status write_diff(struct page_context *page, const struct environment_detail *from,
                              const struct environment_detail *to, struct error *err) {
    scoped(cleanup_json) json_t *before = json_view_parse(from->document);
    scoped(cleanup_json) json_t *after = json_view_parse(to->document);
    bool may_read = false;
    enum status status = settings_may_read(page->api, page->request, to->row.name, &may_read, err);
    if (status) {
        return status;
    }
    // Masked before the comparison, so that a difference never shows a secret.
    if (!before || !after || !environment_mask_both(before, after, may_read)) {
        return fail_no_memory(err);
    }
    const struct lock_side locks[2] = {{&from->row, before}, {&to->row, after}};
    status = environment_diff_locks(page->api, page->arena, locks, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *entries =
        environment_compare_documents(page->arena, before, after);
    if (!entries) {
        return fail_no_memory(err);
    }
    struct html *html = page->html;
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Changes of %s", to->row.name));
    html_open(html, "dl");
    add_side(html, "Before", &from->row);
    add_side(html, "After", &to->row);
    html_close(html);
    add_differences(page, entries);
    html_open(html, "p");
    html_link(html, "a", address_make(page->arena, "/environments", to->row.name),
              "Back to the environment");
    html_close(html);
    page_end(page);
    return STATUS_OK;
}

// Without `to` the newest revision is shown, as 0 means for the store.
static enum status make_diff(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "from"}, {.name = "to"}};
    static const struct query_range from_range = {"from", 1, INT64_MAX, 1};
    static const struct query_range to_range = {"to", 1, INT64_MAX, 0};
    const char *name = NULL;
    int64_t from = 0;
    int64_t to = 0;
    struct environment_detail sides[2];
    enum status status = query_begin(page->api, page->request, rules, 2, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &from_range, &from, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &to_range, &to, err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, from, &sides[0], err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, to, &sides[1], err);
    if (status) {
        return status;
    }
    return write_diff(page, &sides[0], &sides[1], err);
}

enum status page_environment_diff(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_diff, err);
}
