// SPDX-License-Identifier: MIT
// Forms that stand on several pages, each beside the handler that takes it: what a page adds, and the rows of the
// route table. A form is shown to those alone who may make the change.
#pragma once

#include "registryd/api/admin/token_use_cases.h"
#include "registryd/store/store_candidates.h"
#include "registryd/web/frame/page.h"
#include "schema/environment/environment.h"

// ---- hold_form.c: holding new releases back, and ending that

// `hold`: NULL when the package or group is not held.
void hold_form_add(struct page_context *page, bool is_group, const char *name,
                   const struct hold *hold);

api_handler page_hold_package; // POST /packages/{name}/hold
api_handler page_hold_group;   // POST /groups/{group}/hold

// ---- exception_form.c: setting one rule aside for a package in an environment, until a moment

// One form makes an exception; each that was made has one that ends it.
void exception_form_add(struct page_context *page, const char *name,
                        const struct environment *environment);

api_handler page_set_exception; // POST /environments/{environment}/exceptions

// ---- settings_form.c: the settings of one plugin in an environment, by the schemas of its groups

api_handler page_settings;      // GET /environments/{environment}/plugins/{package}/settings
api_handler page_settings_save; // POST

// ---- token_words.c: what a token may do, in words

// A list of what it may do, of what its scopes ask for in vain, and of what its team is granted with it.
void token_words_add(struct page_context *page, const struct issued_token *token,
                     const struct strings *scopes);
