// SPDX-License-Identifier: MIT
// Names that are kept free. Releasing one is asked on a page of its own: from then on any team with the right to
// create packages can take the name, and a package that was created cannot be taken back.
#include "registryd/api/admin/reserved_use_cases.h"
#include "registryd/request/cursor.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/admin/admin_parts.h"
#include "registryd/web/frame/form.h"
#include "schema/base/list.h"

static const char list_address[] = "/admin/reserved-names";

static const char *release_address(struct arena *arena, const char *name) {
    const char *path = address_make(arena, list_address, name);
    return path ? arena_printf(arena, "%s/release", path) : NULL;
}

// ---- the list ----

static void add_row(struct page_context *page, const struct reserved_row *row) {
    struct html *html = page->html;
    html_open(html, "tr");
    admin_code_cell(html, row->name);
    page_cell(html, row->is_prefix ? "the name and names that begin with it" : "the name");
    page_cell(html, row->team ? row->team : "no team");
    html_open(html, "td.long");
    html_text(html, row->reason);
    html_close(html);
    html_open(html, "td");
    page_time(html, row->created_at);
    html_printf(html, " by %s", row->created_by);
    html_close(html);
    html_open(html, "td");
    html_open(html, "a");
    html_attribute(html, "href", release_address(page->arena, row->name));
    html_attribute(html, "aria-label", arena_printf(page->arena, "Release %s", row->name));
    html_text(html, "Release …");
    html_close(html);
    html_close(html);
    html_close(html);
}

static void add_rows(struct page_context *page, const struct reserved_rows *rows) {
    static const char *const columns[] = {"Name",     "Covers", "Kept for", "Reason",
                                          "Reserved", "Action", NULL};
    struct html *html = page->html;
    if (!rows->count) {
        page_empty(html, "No names are reserved.", "Reserve a name and everything below it:",
                   "registryctl reserve add NAME --prefix --team TEAM --reason TEXT");
        return;
    }
    page_open_table(html, "Reserved names", columns);
    for (size_t i = 0; i < rows->count; i++) {
        add_row(page, &rows->items[i]);
    }
    page_close_table(html);
    if (rows->more) {
        struct address address;
        address_begin(&address, page->arena, list_address);
        address_add_query(&address, "cursor",
                          cursor_encode(page->arena, rows->items[rows->count - 1].name));
        page_next(html, address_end(&address));
    }
}

static void add_form(struct page_context *page) {
    static const char *const covers[] = {"names that begin with it, too", NULL};
    struct html *html = page->html;
    page_open_section(html, "add", "Reserve a name");
    html_element(html, "p",
                 "New packages cannot take a reserved name, or a name that looks like it. "
                 "Packages that exist keep their names.");
    page_open_form(page, list_address);
    page_field(html, &(struct page_field){.label = "Name", .name = "name"});
    page_choice(html,
                &(struct page_field){.label = "Covers", .name = "prefix", .none = "only the name"},
                covers);
    page_field(html, &(struct page_field){.label = "Team that may use it",
                                          .name = "team",
                                          .placeholder = "no team"});
    page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
    html_element(html, "button.main", "Reserve");
    html_close(html);
    page_command(html, "registryctl reserve add NAME [--prefix] [--team TEAM] [--reason TEXT]");
    html_close(html);
}

static enum status make_reserved(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct reserved_rows rows;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted, err);
    if (status) {
        return status;
    }
    status = store_reserved_load(page->api->store, page->arena, &wanted, &rows, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address, "Reserved names");
    add_rows(page, &rows);
    page_command(page->html, "registryctl reserve list");
    if (page->rights) { // a token shown without a session has no forms
        add_form(page);
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_reserved(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_reserved, err);
}

// ---- reserving ----

static enum status reserve(struct api *api, const struct request *request, struct error *err) {
    struct form form;
    int64_t serial = 0;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    struct reserved_row row = {.name = form_find(&form, "name"),
                               .is_prefix = form_find(&form, "prefix") != NULL,
                               .team = form_find(&form, "team"),
                               .reason = form_find(&form, "reason"),
                               .created_by = request->actor};
    status = reserved_check(request->arena, &row, err);
    return status ? status : store_reserve(api->store, &row, &serial, err);
}

enum status page_reserved_add(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    struct error problem = {0};
    problem.status = reserve(api, request, &problem);
    return form_answer(api, request, reply, list_address, &problem, err);
}

// ---- releasing ----

static enum status make_question(struct page_context *page, struct error *err) {
    static const char *const consequences[] = {
        "Any team that may create packages can take the name from then on.",
        "A package that was created under the name keeps it: reserving again does not take it "
        "back.",
        NULL};
    const char *name = NULL;
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    const struct page_confirm confirm = {
        .title = arena_printf(page->arena, "Release the name %s", name),
        .address = release_address(page->arena, name),
        .consequences = consequences,
        .action = "Release the name",
        .command = arena_printf(page->arena, "registryctl reserve remove %s", name),
        .back = list_address,
        .is_destructive = true};
    admin_begin(page, list_address, "Release a reserved name");
    page_open_confirm(page, &confirm);
    page_close_confirm(page, &confirm);
    page_end(page);
    return STATUS_OK;
}

enum status page_reserved_ask(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_question, err);
}

static enum status release(struct api *api, const struct request *request, struct error *err) {
    struct form form;
    const char *name = NULL;
    int64_t serial = 0;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &name, err);
    return status ? status : store_unreserve(api->store, name, request->actor, &serial, err);
}

enum status page_reserved_release(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    (void)findings;
    struct error problem = {0};
    problem.status = release(api, request, &problem);
    return form_answer(api, request, reply, list_address, &problem, err);
}
