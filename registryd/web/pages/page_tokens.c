// SPDX-License-Identifier: MIT
// Tokens, for administrators: which there are, a form that makes one, whose text is shown this once, and
// a form to revoke each. What the forms do, the handlers of POST /v1/tokens and of its revocation do.
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/api/admin/tokens.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page.h"
#include "registryd/web/pages/pages.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// ---- the list ----

static void add_named(struct page_context *page, const struct token_info *info) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/tokens");
    address_add_query(&address, "team", info->team);
    html_open(html, "td");
    html_text(html, info->name);
    html_close(html);
    page_cell(html, info->kind);
    html_open(html, "td");
    html_link(html, "a", address_end(&address), info->team);
    html_close(html);
}

static void add_scopes(struct html *html, const struct token_info *info) {
    struct text rest = text_from(info->scopes ? info->scopes : "");
    struct text line;
    html_open(html, "td");
    html_open(html, "ul.plain-list");
    while (text_split(&rest, '\n', &line)) {
        if (line.len) {
            html_open(html, "li");
            html_text_of(html, line);
            html_close(html);
        }
    }
    html_close(html);
    html_text(html, strcmp(info->kind, "admin") == 0 ? "everything but publishing" : NULL);
    html_close(html);
    page_cell(html, info->name_prefix ? info->name_prefix : "any");
}

static void add_times(struct html *html, const struct token_info *info) {
    const char *const times[] = {info->created_at, info->expires_at, info->last_used_at};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        html_open(html, "td");
        page_time(html, times[i]);
        if (!i && info->created_by) {
            html_printf(html, " by %s", info->created_by);
        }
        html_close(html);
    }
}

static void add_revoke_form(struct page_context *page, const struct token_info *info) {
    struct html *html = page->html;
    const char *label = arena_printf(page->arena, "Revoke %s of %s", info->name, info->team);
    html_open(html, "details");
    html_open(html, "summary");
    html_attribute(html, "aria-label", label);
    html_text(html, "Revoke …");
    html_close(html);
    page_open_form(page, arena_printf(page->arena, "/tokens/%lld/revoke", (long long)info->id));
    page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
    html_open(html, "button");
    html_attribute(html, "aria-label", label);
    html_text(html, "Revoke");
    html_close(html);
    html_close(html);
    html_close(html);
}

static void add_state(struct page_context *page, const struct token_info *info) {
    struct html *html = page->html;
    bool is_active = strcmp(info->state, "active") == 0;
    html_open(html, "td.long");
    page_badge(html, is_active ? "good" : info->revoked_at ? "bad" : NULL, info->state);
    if (info->revoked_at) {
        html_text(html, " ");
        page_time(html, info->revoked_at);
        html_printf(html, " by %s: ", info->revoked_by ? info->revoked_by : "–");
        html_text(html, info->revoked_reason);
    }
    if (is_active) {
        add_revoke_form(page, info);
    }
    html_close(html);
}

static void add_tokens(struct page_context *page, const struct token_infos *infos) {
    static const char *const columns[] = {"Name", "Kind",    "Team",      "Scopes", "Names",
                                          "Made", "Expires", "Last used", "State",  NULL};
    struct html *html = page->html;
    if (!infos->count) {
        page_nothing(html, "There are none.");
        return;
    }
    page_open_table(html, "Tokens", columns);
    for (size_t i = 0; i < infos->count; i++) {
        html_open(html, "tr");
        add_named(page, &infos->items[i]);
        add_scopes(html, &infos->items[i]);
        add_times(html, &infos->items[i]);
        add_state(page, &infos->items[i]);
        html_close(html);
    }
    page_close_table(html);
}

// ---- the form ----

// Its fields, as the members of the API's document are called.
static const struct page_field fields[] = {
    {.label = "Name", .name = "name", .placeholder = "laptop"},
    {.label = "Team", .name = "team", .placeholder = "as the name"},
    {.label = "Kind", .name = "kind", .none = "user"},
    {.label = "Scopes", .name = "scopes", .value = "publish"},
    {.label = "Names that begin with", .name = "prefix", .placeholder = "any"},
    {.label = "Days", .name = "days", .value = "90"},
    {.label = "Grant its team the same", .name = "grant", .none = "no"},
};
enum { FIELD_COUNT = COUNT_OF(fields) };

// With what was sent, or with what is proposed when nothing was.
static void add_form(struct page_context *page, const struct form *sent) {
    static const char *const kinds[] = {"ci", "admin", NULL};
    static const char *const grants[] = {"yes", NULL};
    struct html *html = page->html;
    page_open_section(html, "make", "Make a token");
    html_element(
        html, "p",
        "Scopes, with spaces between them: read, publish (that is publish:new, "
        "publish:update and group:publish), yank, group:contract, environment or "
        "environment:NAME, report. An administrator's token has no scopes and no beginning "
        "of names. A token may do what its scopes say and its team is granted; for a new "
        "team let the grants be made with it.");
    page_open_form(page, "/tokens");
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        struct page_field field = fields[i];
        field.value = sent ? form_find(sent, field.name) : field.value;
        if (!field.none) {
            page_field(html, &field);
        } else {
            page_choice(html, &field, strcmp(field.name, "kind") == 0 ? kinds : grants);
        }
    }
    html_element(html, "button.main", "Make it");
    html_close(html);
    html_close(html);
}

static enum status make_tokens(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct token_infos infos;
    const char *team = request_query(page->request, "team");
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (!status) {
        status = cursor_decode(page->request, &wanted, err);
    }
    if (status) {
        return status;
    }
    struct token_query query = {.after = wanted.after ? strtoll(wanted.after, NULL, 10) : 0,
                                .team = team,
                                .limit = wanted.limit};
    status = store_tokens_load(page->api->store, page->arena, &query, &infos, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_NOWHERE,
               team ? arena_printf(page->arena, "Tokens of %s", team) : "Tokens");
    add_tokens(page, &infos);
    if (infos.more) {
        struct address address;
        const char *last =
            arena_printf(page->arena, "%lld", (long long)infos.items[infos.count - 1].id);
        address_begin(&address, page->arena, "/tokens");
        address_add_query(&address, "team", team);
        address_add_query(&address, "cursor", last ? cursor_encode(page->arena, last) : NULL);
        page_next(page->html, address_end(&address));
    }
    if (page->rights) { // a token shown without a session has no forms
        add_form(page, NULL);
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_tokens(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_tokens, err);
}

// ---- making ----

static bool add_scope(json_t *list, struct text scope) {
    static const char *const publish[] = {"publish:new", "publish:update", "group:publish"};
    if (!text_equals(scope, "publish")) {
        return json_array_append_new(list, json_stringn(scope.ptr, scope.len)) == 0;
    }
    for (size_t i = 0; i < COUNT_OF(publish); i++) {
        if (json_array_append_new(list, json_string(publish[i]))) {
            return false;
        }
    }
    return true;
}

static json_t *read_scopes(const char *words) {
    scoped(cleanup_json) json_t *list = json_array();
    struct text rest = text_from(words ? words : "");
    struct text word;
    while (list && text_split(&rest, ' ', &word)) {
        if (word.len && !add_scope(list, word)) {
            return NULL;
        }
    }
    return take(list);
}

// What is no number is 0, which the handler refuses as it does every number out of range.
static json_t *read_days(const char *text) {
    char *end = NULL;
    errno = 0;
    long long days = strtoll(text, &end, 10);
    return json_integer(*end || errno ? 0 : days);
}

// The document of POST /v1/tokens; NULL when out of memory.
static json_t *read_token(const struct form *form) {
    static const char *const texts[] = {"name", "team", "kind", "prefix"};
    scoped(cleanup_json) json_t *body = json_object();
    const char *days = form_find(form, "days");
    bool is_good =
        body && !json_object_set_new(body, "scopes", read_scopes(form_find(form, "scopes")));
    for (size_t i = 0; i < COUNT_OF(texts) && is_good; i++) {
        const char *value = form_find(form, texts[i]);
        is_good = !value || !json_object_set_new(body, texts[i], json_string(value));
    }
    if (is_good && days) {
        is_good = !json_object_set_new(body, "days", read_days(days));
    }
    if (is_good && form_find(form, "grant")) {
        is_good = !json_object_set_new(body, "grant", json_true());
    }
    return is_good ? take(body) : NULL;
}

// The label of the field that an error points at; NULL when it is none.
static const char *label_of(const struct error *problem) {
    const char *where = problem->where;
    for (size_t i = 0; where && where[0] == '/' && i < FIELD_COUNT; i++) {
        size_t len = strlen(fields[i].name);
        if (strncmp(where + 1, fields[i].name, len) == 0 &&
            (where[len + 1] == '\0' || where[len + 1] == '/')) {
            return fields[i].label;
        }
    }
    return NULL;
}

static void write_refused(struct page_context *page, const struct form *form,
                          const struct error *problem) {
    struct html *html = page->html;
    const char *label = label_of(problem);
    page->http_status = status_info(problem->status)->http_status;
    page_begin(page, PAGE_NOWHERE, "Tokens");
    html_open(html, "div.banner.bad");
    html_attribute(html, "role", "alert");
    html_open(html, "p");
    html_text(html, "No token was made. ");
    if (label) {
        html_printf(html, "%s: ", label);
    }
    html_text(html, problem->message);
    html_close(html);
    html_close(html);
    add_form(page, form);
    html_open(html, "p");
    html_link(html, "a", "/tokens", "All tokens");
    html_close(html);
    page_end(page);
}

static enum status write_made(struct page_context *page, const struct reply *answer,
                              struct error *err) {
    struct html *html = page->html;
    scoped(cleanup_json) json_t *token = json_loadb(answer->body.ptr, answer->body.len, 0, NULL);
    if (!token) {
        return fail_no_memory(err);
    }
    page->http_status = 201;
    page_begin(page, PAGE_NOWHERE, "Token made");
    html_open(html, "div.banner.warn");
    html_element(html, "p",
                 "Copy it now: its text is shown this once and kept nowhere. Who loses it makes "
                 "another.");
    html_close(html);
    page_snippet(html, "Token", json_string_value(json_object_get(token, "token")));
    html_open(html, "dl");
    html_element(html, "dt", "Name");
    html_element(html, "dd", json_string_value(json_object_get(token, "name")));
    html_element(html, "dt", "Team");
    html_element(html, "dd", json_string_value(json_object_get(token, "team")));
    html_element(html, "dt", "Expires");
    html_open(html, "dd");
    page_time(html, json_string_value(json_object_get(token, "expires_at")));
    html_close(html);
    html_close(html);
    html_open(html, "p");
    html_link(html, "a", "/tokens", "All tokens");
    html_close(html);
    page_end(page);
    return STATUS_OK;
}

static enum status make_added(struct page_context *page, struct error *err) {
    struct form form;
    struct findings findings;
    struct form_answer answer = {.findings = &findings};
    struct error problem = {0};
    enum status status = form_decode(page->api, page->request, &form, err);
    if (status) {
        return status;
    }
    findings_init(&findings, page->arena);
    struct form_action action = {.handler = tokens_add, .body = read_token(&form)};
    status = form_run(page->api, page->request, &action, &answer, &problem);
    if (status == STATUS_INVALID) {
        write_refused(page, &form, &problem);
        return STATUS_OK;
    }
    if (status) {
        *err = problem;
        return status;
    }
    return write_made(page, &answer.reply, err);
}

enum status page_tokens_add(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_added, err);
}

// ---- the others ----

enum status page_tokens_refuse(struct api *api, const struct request *request, struct reply *reply,
                               const struct error *problem, struct error *err) {
    struct error said = *problem;
    if (problem->status == STATUS_UNAUTHORIZED) {
        fail(&said, STATUS_UNAUTHORIZED, NULL,
             "Sign in with an administrator's token to see and change tokens");
    } else if (problem->status == STATUS_FORBIDDEN) {
        fail(&said, STATUS_FORBIDDEN, NULL,
             "Tokens are for administrators; the token you signed in with is not one's");
    }
    return page_answer_problem(api, request, reply, &said, err);
}

// ---- revoking ----

enum status page_tokens_revoke(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    struct form form;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    const char *reason = form_find(&form, "reason");
    struct form_action action = {
        .handler = tokens_revoke,
        .body = reason ? json_pack("{s:s}", "reason", reason) : json_object(),
        .back = "/tokens",
    };
    return form_act(api, request, reply, &action, findings, err);
}
