// SPDX-License-Identifier: MIT
// Rights as sentences. The registry has done the reckoning (token_reach); here is one row of words for each scope, so a
// new scope cannot be left without words. What was asked for and is not granted is said, too: an
// absent line would be overlooked.
#include "registryd/access/rights.h"
#include "registryd/web/forms/forms.h"
#include "schema/base/list.h"

#include <assert.h>
#include <string.h>

enum object_words { WORDS_PLAIN, WORDS_PACKAGES, WORDS_GROUPS };

struct scope_words {
    const char *everything;
    const char *some; // before the object
    const char *more; // after it
    const char *own;  // before the name of the team; NULL: no team owns such things
    enum object_words object;
};

static const struct scope_words words[] = {
    [SCOPE_READ] = {.everything = "read the registry, also when reading is closed"},
    [SCOPE_PUBLISH_NEW] = {"create packages of any name", "create packages named ", NULL, NULL,
                           WORDS_PACKAGES},
    [SCOPE_PUBLISH_UPDATE] = {"publish releases of every package, also those of other teams",
                              "publish releases of packages named ", ", also those of other teams",
                              "publish releases of the packages that belong to ", WORDS_PACKAGES},
    [SCOPE_GROUP_PUBLISH] = {"publish into every group, also those of other teams",
                             "publish into the group ", ", also those of other teams",
                             "publish into the groups that belong to ", WORDS_GROUPS},
    [SCOPE_GROUP_CONTRACT] = {"change the contract of every group",
                              "change the contracts of the group ", NULL,
                              "change the contracts of the groups that belong to ", WORDS_GROUPS},
    [SCOPE_YANK] = {"yank, deprecate, archive and quarantine every package",
                    "yank, deprecate, archive and quarantine packages named ",
                    ", also those of other teams",
                    "yank, deprecate, archive and quarantine the packages that belong to ",
                    WORDS_PACKAGES},
    [SCOPE_ENVIRONMENT] = {"change every environment and read its settings",
                           "change and read the settings of the environment "},
    [SCOPE_ENVIRONMENT_READ] = {"read the settings of every environment",
                                "read the settings of the environment "},
    [SCOPE_ENVIRONMENT_SECRETS] = {"read the settings and secrets of every environment",
                                   "read the settings and secrets of the environment "},
    [SCOPE_REPORT] = {"send the reports of every host", "send the reports of hosts named "},
    [SCOPE_IMPORT] = {"publish without rate limits, and with earlier upload times",
                      "publish without rate limits, and with earlier upload times, packages named ",
                      NULL, NULL, WORDS_PACKAGES},
};
static_assert(COUNT_OF(words) == SCOPE_COUNT, "words for every scope");

// "crm or crm-…": a prefix ends at a separator, so "crmtools" is not below "crm".
static void add_object(struct html *html, enum object_words kind, const char *object) {
    html_element(html, "code", object);
    if (kind == WORDS_PACKAGES) {
        html_text(html, " or ");
        html_open(html, "code");
        html_printf(html, "%s-…", object);
        html_close(html);
    } else if (kind == WORDS_GROUPS) {
        html_text(html, " and the groups below it");
    }
}

// "… that belong to crm and are named crm-tools or crm-tools-… (none today)".
static void add_own(struct html *html, const struct issued_token *token, enum scope scope) {
    bool is_of_groups = words[scope].object == WORDS_GROUPS;
    bool is_there = is_of_groups ? token->reach.owns_group : token->reach.owns_package;
    html_text(html, words[scope].own);
    html_element(html, "code", token->info.team);
    if (token->info.name_prefix && !is_of_groups) {
        html_text(html, " and are named ");
        add_object(html, words[scope].object, token->info.name_prefix);
    }
    html_text(html, is_there ? NULL : " (none today)");
}

static void add_right(struct html *html, const struct issued_token *token,
                      const struct right *right) {
    const struct scope_words *row = &words[right->scope];
    html_open(html, "li");
    if (!right->object) {
        add_own(html, token, right->scope);
    } else if (strcmp(right->object, "*") == 0) {
        html_text(html, row->everything);
    } else {
        html_text(html, row->some);
        add_object(html, row->object, right->object);
        html_text(html, row->more);
    }
    html_close(html);
}

// A wish of the form "environment:prod" is met by a right of the same scope on the same object or on part of it.
static bool is_met(struct arena *arena, const struct token_reach *reach, const char *scope) {
    struct right asked;
    if (right_parse(arena, text_from(scope), &asked, NULL)) {
        return false;
    }
    for (size_t i = 0; i < reach->may_count; i++) {
        const struct right *right = &reach->may[i];
        bool is_same = strcmp(asked.object, "*") == 0 ||
                       (right->object && strcmp(asked.object, right->object) == 0);
        if (right->scope == asked.scope && is_same) {
            return true;
        }
    }
    return false;
}

static void add_unmet(struct page_context *page, const struct issued_token *token,
                      const struct strings *scopes) {
    const char *list = NULL;
    for (size_t i = 0; i < scopes->count; i++) {
        if (!is_met(page->arena, &token->reach, scopes->items[i])) {
            list = list ? arena_printf(page->arena, "%s, %s", list, scopes->items[i])
                        : scopes->items[i];
        }
    }
    if (list) {
        html_open(page->html, "p");
        html_printf(page->html,
                    "Asked for, but not granted to its team: %s. Grant it with "
                    "\"registryctl grant add\".",
                    list);
        html_close(page->html);
    }
}

static void add_grants(struct html *html, const struct issued_token *token) {
    if (!token->reach.grant_count) {
        return;
    }
    html_open(html, "p");
    html_printf(html, "The team %s gets these grants, for all its tokens: ", token->info.team);
    for (size_t i = 0; i < token->reach.grant_count; i++) {
        html_text(html, i ? ", " : NULL);
        html_open(html, "code");
        html_text_of(html, token->reach.grants[i]);
        html_close(html);
    }
    html_text(html, ".");
    html_close(html);
}

static bool may_publish(const struct token_reach *reach) {
    bool may = false;
    for (size_t i = 0; i < reach->may_count; i++) {
        enum scope scope = reach->may[i].scope;
        may |= scope == SCOPE_PUBLISH_NEW || scope == SCOPE_PUBLISH_UPDATE;
    }
    return may;
}

void token_words_add(struct page_context *page, const struct issued_token *token,
                     const struct strings *scopes) {
    struct html *html = page->html;
    bool is_admin = strcmp(token->info.kind, "admin") == 0;
    html_open(html, "p");
    html_printf(html, "The token %s of the team %s may:", token->info.name, token->info.team);
    html_close(html);
    html_open(html, "ul");
    if (is_admin) {
        html_element(html, "li",
                     "administer: tokens, grants, owners, reserved names and the audit");
    }
    for (size_t i = 0; i < token->reach.may_count; i++) {
        add_right(html, token, &token->reach.may[i]);
    }
    if (may_publish(&token->reach)) {
        html_element(html, "li", "with these packages, use every group that no team owns");
    }
    html_close(html);
    if (is_admin) {
        html_element(html, "p", "It may not publish.");
    }
    add_unmet(page, token, scopes);
    add_grants(html, token);
}
