// SPDX-License-Identifier: MIT
// What teams may do. Granting takes one form; revoking leads to a page that says what the team loses, because every
// token of the team loses it with its next request.
#include "registryd/access/rights.h"
#include "registryd/api/admin/grant_use_cases.h"
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/admin/admin_parts.h"
#include "registryd/web/frame/form.h"
#include "schema/base/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 24 * 3600 };

static const char list_address[] = "/admin/grants";
static const char revoke_address[] = "/admin/grants/revoke";

// ---- the list ----

static void add_revoke_link(struct page_context *page, const struct grant_row *grant) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, revoke_address);
    address_add_query(&address, "team", grant->team);
    address_add_query(&address, "scope", grant->scope);
    address_add_query(&address, "object", grant->object);
    html_open(html, "td");
    html_open(html, "a");
    html_attribute(html, "href", address_end(&address));
    html_attribute(html, "aria-label",
                   arena_printf(page->arena, "Revoke %s on %s of %s", grant->scope, grant->object,
                                grant->team));
    html_text(html, "Revoke …");
    html_close(html);
    html_close(html);
}

static void add_grant(struct page_context *page, const struct grant_row *grant) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, list_address);
    address_add_query(&address, "team", grant->team);
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_end(&address), grant->team);
    html_close(html);
    admin_code_cell(html, grant->scope);
    admin_code_cell(html, grant->object);
    html_open(html, "td");
    page_time(html, grant->created_at);
    html_printf(html, " by %s", grant->created_by);
    html_close(html);
    html_open(html, "td");
    if (grant->expires_at) {
        page_moment(html, grant->expires_at);
    } else {
        html_text(html, "when it is revoked");
    }
    html_close(html);
    add_revoke_link(page, grant);
    html_close(html);
}

static void add_grants(struct page_context *page, const char *team, const struct grant_rows *rows) {
    static const char *const columns[] = {"Team", "Right", "On", "Granted", "Ends", "Action", NULL};
    struct html *html = page->html;
    if (!rows->count) {
        page_empty(html, team ? "This team has no grants." : "There are no grants.",
                   "Grant a right to a team:", "registryctl grant add TEAM publish:new PREFIX");
        return;
    }
    page_open_table(html, "Grants", columns);
    for (size_t i = 0; i < rows->count; i++) {
        add_grant(page, &rows->items[i]);
    }
    page_close_table(html);
    if (rows->more) {
        const struct grant_row *last = &rows->items[rows->count - 1];
        const char *place =
            arena_printf(page->arena, "%s\n%s\n%s", last->team, last->scope, last->object);
        struct address address;
        address_begin(&address, page->arena, list_address);
        address_add_query(&address, "team", team);
        address_add_query(&address, "cursor", place ? cursor_encode(page->arena, place) : NULL);
        page_next(html, address_end(&address));
    }
}

static void add_form(struct page_context *page, const char *team) {
    struct html *html = page->html;
    const char *scopes[SCOPE_COUNT + 1] = {NULL};
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        scopes[i] = scope_name((enum scope)i);
    }
    page_open_section(html, "add", "Grant a right");
    html_element(html, "p",
                 "A token can do what its scopes allow and its team is granted. The object is * "
                 "for everything, the beginning of package or group names, or the name of an "
                 "environment or host. A grant of import ends after a day if you do not choose "
                 "another time.");
    page_open_form(page, list_address);
    page_field(html, &(struct page_field){.label = "Team", .name = "team", .value = team});
    page_choice(html, &(struct page_field){.label = "Right", .name = "scope", .none = "choose"},
                scopes);
    page_field(html, &(struct page_field){.label = "On", .name = "object", .placeholder = "*"});
    page_field(html, &(struct page_field){.label = "Days until it ends",
                                          .name = "days",
                                          .placeholder = "until it is revoked"});
    html_element(html, "button.main", "Grant");
    html_close(html);
    page_command(html, "registryctl grant add TEAM RIGHT [OBJECT] [--for 8h]");
    html_close(html);
}

static enum status make_grants(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct grant_rows rows;
    const char *team = request_query(page->request, "team");
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted, err);
    if (status) {
        return status;
    }
    status = store_grants_load(page->api->store, page->arena, &wanted, team, &rows, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address,
                team ? arena_printf(page->arena, "Grants of %s", team) : "Grants");
    add_grants(page, team, &rows);
    page_command(page->html,
                 team ? arena_printf(page->arena, "registryctl grant list --team %s", team)
                      : "registryctl grant list");
    if (page->rights) { // a token shown without a session has no forms
        add_form(page, team);
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_grants(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_grants, err);
}

// ---- granting ----

// An empty field leaves the time to the default of the scope.
static enum status read_days(const char *text, struct grant_row *grant, struct error *err) {
    const struct query_range range = grant_seconds_range(grant->scope);
    char *end = NULL;
    errno = 0;
    long long days = text ? strtoll(text, &end, 10) : 0;
    if (!text) {
        grant->seconds = range.fallback;
        return STATUS_OK;
    }
    if (*end || errno || days < 1 || days > range.max / DAY_SECONDS) {
        return fail(err, STATUS_INVALID, "/days", "Give 1 to %lld days, or leave the field empty",
                    (long long)(range.max / DAY_SECONDS));
    }
    grant->seconds = days * DAY_SECONDS;
    return STATUS_OK;
}

static enum status read_grant(const struct request *request, const struct form *form,
                              struct grant_row *ret_grant, struct error *err) {
    struct grant_row grant = {.team = form_find(form, "team"),
                              .scope = form_find(form, "scope"),
                              .object = form_find(form, "object"),
                              .created_by = request->actor};
    if (!grant.team || !grant.scope) {
        return fail(err, STATUS_INVALID, grant.team ? "/scope" : "/team",
                    "Enter a team and choose a right");
    }
    grant.object = grant.object ? grant.object : "*";
    *ret_grant = grant;
    return grant_check(request->arena, &grant, err);
}

static enum status change(struct api *api, const struct request *request, bool is_granting,
                          struct error *err) {
    struct form form;
    struct grant_row grant;
    struct grant_outcome outcome = {0};
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = read_grant(request, &form, &grant, err);
    if (status) {
        return status;
    }
    if (!is_granting) {
        return grant_remove(api, &grant, &outcome.serial, err);
    }
    status = read_days(form_find(&form, "days"), &grant, err);
    return status ? status : grant_add(api, request->arena, &grant, &outcome, err);
}

enum status page_grants_add(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct error problem = {0};
    problem.status = change(api, request, true, &problem);
    return form_answer(api, request, reply, list_address, &problem, err);
}

// ---- revoking ----

static void add_question(struct page_context *page, const struct grant_row *grant) {
    struct html *html = page->html;
    const char *const consequences[] = {
        arena_printf(page->arena, "The team %s can no longer use %s on %s.", grant->team,
                     grant->scope, grant->object),
        "Every token of the team loses the right with its next request.",
        "Tokens, packages and releases stay. You can grant the right again.", NULL};
    const struct page_confirm confirm = {
        .title = arena_printf(page->arena, "Revoke %s on %s of %s", grant->scope, grant->object,
                              grant->team),
        .address = revoke_address,
        .consequences = consequences,
        .action = "Revoke the grant",
        .command = arena_printf(page->arena, "registryctl grant remove %s %s '%s'", grant->team,
                                grant->scope, grant->object),
        .back = list_address,
        .is_destructive = true};
    page_open_confirm(page, &confirm);
    page_hidden(html, "team", grant->team);
    page_hidden(html, "scope", grant->scope);
    page_hidden(html, "object", grant->object);
    page_close_confirm(page, &confirm);
}

static enum status make_question(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "scope"}, {.name = "object"}};
    const struct grant_row grant = {.team = request_query(page->request, "team"),
                                    .scope = request_query(page->request, "scope"),
                                    .object = request_query(page->request, "object")};
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    if (!grant.team || !grant.scope || !grant.object) {
        return fail(err, STATUS_USAGE, NULL, "Give \"team\", \"scope\" and \"object\"");
    }
    status = grant_check(page->arena, &grant, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address, "Revoke a grant");
    add_question(page, &grant);
    page_end(page);
    return STATUS_OK;
}

enum status page_grants_ask(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_question, err);
}

enum status page_grants_revoke(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    (void)findings;
    struct error problem = {0};
    problem.status = change(api, request, false, &problem);
    return form_answer(api, request, reply, list_address, &problem, err);
}
