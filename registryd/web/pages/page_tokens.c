// SPDX-License-Identifier: MIT
// Tokens, for administrators: which there are, a form that makes one, and a form to revoke each. Creating takes two
// steps: the first answer says in words what the token will be able to do, the second shows its text, this once.
// The forms call the use cases that the JSON routes call.
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/api/admin/token_use_cases.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/pages.h"
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
    // Such a token has no lines of scopes.
    html_text(html, strcmp(info->kind, "admin") == 0 ? "everything except publishing" : NULL);
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

// Folded, so that no click revokes a token by accident.
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

// An expired token needs no form: it is of no use to anybody any more.
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
    static const char *const columns[] = {"Name",    "Kind",    "Team",      "Scopes", "Prefix",
                                          "Created", "Expires", "Last used", "State",  NULL};
    struct html *html = page->html;
    if (!infos->count) {
        page_nothing(html, "No tokens match.");
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
    {.label = "Team", .name = "team", .placeholder = "same as the name"},
    {.label = "Kind", .name = "kind", .none = "user"},
    {.label = "Scopes", .name = "scopes", .value = "publish"},
    {.label = "Package prefix", .name = "prefix", .placeholder = "any"},
    {.label = "Days until it expires", .name = "days", .value = "90"},
    {.label = "Grant the scopes to the team", .name = "grant", .none = "no"},
};
enum { FIELD_COUNT = COUNT_OF(fields) };

// With what was sent, or with what is proposed when nothing was.
// After a refusal the form keeps what was sent, so that it need not be typed again.
static void add_form(struct page_context *page, const struct form *sent) {
    static const char *const kinds[] = {"ci", "admin", NULL};
    static const char *const grants[] = {"yes", NULL};
    struct html *html = page->html;
    page_open_section(html, "make", "Create a token");
    html_element(
        html, "p",
        "Separate scopes with spaces: read, publish (publish:new, publish:update and "
        "group:publish), yank, group:contract, environment or environment:NAME, environment:read "
        "or environment:read:NAME, environment:secrets or environment:secrets:NAME, report or "
        "report:HOST, import. A token can do what its scopes allow and its team is granted. For a "
        "new "
        "team, choose to grant the scopes; with a prefix only scopes on packages, and scopes that "
        "name "
        "their object, are granted. Tokens of the kind admin have no scopes and no prefix. The "
        "next page "
        "says what the token may do, before it is created.");
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
    html_element(html, "button.main", "Show what it may do");
    html_close(html);
    html_close(html);
}

// The route asks for an administrator, who may also send a token instead of a session.
static enum status make_tokens(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct token_infos infos;
    const char *team = request_query(page->request, "team");
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted, err);
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

// ---- creating ----

// "publish" stands for its three.
// The room is enough: each word takes at least its letters, and "publish" has more than three.
static enum status read_scopes(struct arena *arena, const char *words, struct strings *ret_scopes,
                               struct error *err) {
    static const char *const publish[] = {"publish:new", "publish:update", "group:publish"};
    struct text rest = text_from(words ? words : "");
    struct text word;
    size_t count = 0;
    const char **items = arena_array(arena, rest.len + COUNT_OF(publish), sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    while (text_split(&rest, ' ', &word)) {
        if (text_equals(word, "publish")) {
            memcpy(items + count, publish, sizeof publish);
            count += COUNT_OF(publish);
        } else if (word.len) {
            items[count] = arena_copy(arena, word.ptr, word.len);
            if (!items[count++]) {
                return fail_no_memory(err);
            }
        }
    }
    *ret_scopes = (struct strings){items, count};
    return STATUS_OK;
}

// What is not a number is 0, which token_issue refuses as it does every number out of range.
// An empty field leaves the days to the default.
static int64_t read_days(const char *text) {
    char *end = NULL;
    errno = 0;
    long long days = text ? strtoll(text, &end, 10) : TOKEN_DAYS;
    return text && (*end || errno) ? 0 : days;
}

static enum status read_wish(const struct page_context *page, const struct form *form,
                             struct token_wish *ret_wish, struct error *err) {
    struct token_wish wish = {
        .name = form_find(form, "name"),
        .team = form_find(form, "team"),
        .kind = form_find(form, "kind"),
        .prefix = form_find(form, "prefix"),
        .days = read_days(form_find(form, "days")),
        .is_granting = form_find(form, "grant") != NULL,
        .needs_right = true,
        .actor = page->request->actor,
    };
    if (!wish.name) {
        return fail(err, STATUS_INVALID, "/name", "The token needs a name");
    }
    enum status status = read_scopes(page->arena, form_find(form, "scopes"), &wish.scopes, err);
    if (status) {
        return status;
    }
    *ret_wish = wish;
    return STATUS_OK;
}

// The label of the field that an error points at; NULL when it is none.
// "/scopes/0" belongs to the field "scopes".
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
    html_text(html, "No token was created. ");
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

static void add_facts(struct html *html, const char *const facts[][2], size_t count) {
    html_open(html, "dl");
    for (size_t i = 0; i < count; i++) {
        html_element(html, "dt", facts[i][0]);
        html_element(html, "dd", facts[i][1] ? facts[i][1] : "any");
    }
    html_close(html);
}

// The second step sends the same fields again, so the wish is checked again, too.
static void add_confirmation(struct page_context *page, const struct form *sent) {
    struct html *html = page->html;
    page_open_form(page, "/tokens");
    page_hidden(html, "confirmed", "yes");
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *value = form_find(sent, fields[i].name);
        if (value) {
            page_hidden(html, fields[i].name, value);
        }
    }
    html_element(html, "button.main", "Create the token");
    html_close(html);
}

// The form stands below with what was sent, so that the wish can be changed.
static void write_foreseen(struct page_context *page, const struct form *form,
                           const struct token_wish *wish, const struct issued_token *token) {
    struct html *html = page->html;
    const char *days = arena_printf(page->arena, "in %lld day%s", (long long)wish->days,
                                    wish->days == 1 ? "" : "s");
    const char *const facts[][2] = {{"Name", token->info.name},
                                    {"Team", token->info.team},
                                    {"Kind", token->info.kind},
                                    {"Package prefix", token->info.name_prefix},
                                    {"Expires", days}};
    page_begin(page, PAGE_NOWHERE, "What the token may do");
    html_open(html, "div.banner.warn");
    html_element(html, "p", "No token was created yet.");
    html_close(html);
    token_words_add(page, token, &wish->scopes);
    add_facts(html, facts, COUNT_OF(facts));
    add_confirmation(page, form);
    add_form(page, form);
    page_end(page);
}

static void write_created(struct page_context *page, const struct token_wish *wish,
                          const struct issued_token *token) {
    struct html *html = page->html;
    const char *const facts[][2] = {{"Name", token->info.name}, {"Team", token->info.team}};
    // Not a redirect: the text exists only in this answer.
    page->http_status = 201;
    page_begin(page, PAGE_NOWHERE, "Token created");
    html_open(html, "div.banner.warn");
    html_element(
        html, "p",
        "Copy the token now. It is shown only once and cannot be recovered. If you lose it, "
        "create another one.");
    html_close(html);
    page_snippet(html, "Token", token->text);
    add_facts(html, facts, COUNT_OF(facts));
    html_open(html, "p");
    html_text(html, "Expires ");
    page_moment(html, token->info.expires_at);
    html_close(html);
    token_words_add(page, token, &wish->scopes);
    html_open(html, "p");
    html_link(html, "a", "/tokens", "All tokens");
    html_close(html);
    page_end(page);
}

// What was asked for, and what came of it: a token, or in the first step only what it would be.
struct token_answer {
    struct token_wish wish;
    struct issued_token token;
    bool is_confirmed;
};

// INVALID for a wish that the form can be shown with again.
static enum status answer_wish(struct page_context *page, const struct form *form,
                               struct token_answer *ret_answer, struct error *err) {
    struct token_answer answer = {.is_confirmed = form_find(form, "confirmed") != NULL};
    struct findings findings;
    enum status status = read_wish(page, form, &answer.wish, err);
    if (status) {
        return status;
    }
    findings_init(&findings, page->arena);
    status = answer.is_confirmed
                 ? token_issue(page->api, &answer.wish, &findings, &answer.token, err)
                 : token_foresee(page->api, &answer.wish, &findings, &answer.token, err);
    *ret_answer = answer;
    return status;
}

static enum status make_added(struct page_context *page, struct error *err) {
    struct form form;
    struct token_answer answer;
    struct error problem = {0};
    enum status status = form_decode(page->api, page->request, &form, err);
    if (status) {
        return status;
    }
    status = answer_wish(page, &form, &answer, &problem);
    if (status == STATUS_INVALID) {
        write_refused(page, &form, &problem);
        return STATUS_OK;
    }
    if (status) {
        *err = problem;
        return status;
    }
    // The page holds a secret: the route's "no-store" keeps it out of every cache.
    if (answer.is_confirmed) {
        write_created(page, &answer.wish, &answer.token);
    } else {
        write_foreseen(page, &form, &answer.wish, &answer.token);
    }
    return STATUS_OK;
}

enum status page_tokens_add(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_added, err);
}

// ---- the others ----

// The texts of the API speak of headers; a person at a browser has to sign in.
enum status page_tokens_refuse(struct api *api, const struct request *request, struct reply *reply,
                               const struct error *problem, struct error *err) {
    struct error said = *problem;
    if (problem->status == STATUS_UNAUTHORIZED) {
        fail(&said, STATUS_UNAUTHORIZED, NULL,
             "Sign in with an administrator's token to see and change tokens");
    } else if (problem->status == STATUS_FORBIDDEN) {
        fail(&said, STATUS_FORBIDDEN, NULL,
             "Only administrators can see tokens. Your token is a team's, not an administrator's.");
    }
    return page_answer_problem(api, request, reply, &said, err);
}

// ---- revoking ----

// The same use case as POST /v1/tokens/ID/revoke: it also makes this daemon forget remembered
// readers.
static enum status revoke_token(struct api *api, const struct request *request, struct error *err) {
    struct form form;
    struct revocation revocation = {.actor = request->actor};
    struct revoked_token token;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = token_read_id(request, &revocation.id, err);
    if (status) {
        return status;
    }
    revocation.reason = form_find(&form, "reason");
    return token_revoke(api, request->arena, &revocation, &token, err);
}

enum status page_tokens_revoke(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    (void)findings;
    struct error problem = {0};
    problem.status = revoke_token(api, request, &problem);
    return form_answer(api, request, reply, "/tokens", &problem, err);
}
