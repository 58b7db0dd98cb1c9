// SPDX-License-Identifier: MIT
// The sections of an environment's page that stand by themselves, and what other pages show of an environment.
#pragma once

#include "registryd/resolver/lock.h"
#include "registryd/store/store_environments.h"
#include "registryd/web/environment/outcome.h"
#include "registryd/web/environment/package_versions.h"
#include "registryd/web/frame/page.h"

// ---- environment_state.c: whether it is frozen or archived, what its lock holds, and the forms that change that

// A badge for each state that is not the usual one; nothing for an environment that follows its rules.
void environment_state_badges(struct html *html, const struct environment_row *row);

// Whether rules or a lock decide, and what the lock holds. Fails with: as the store.
enum status environment_state_add(struct page_context *page, const struct environment_row *row,
                                  struct error *err);

// The lock of this id, from the page's arena. Fails with: as the store, INTERNAL (the stored lock cannot be read).
enum status environment_lock_read(struct page_context *page, int64_t id, struct lock *ret_lock,
                                  struct error *err);

// Links to what it answers, as files.
void environment_exports_add(struct page_context *page, const char *name);

// The section of forms, for those who may change it.
void environment_forms_add(struct page_context *page, const struct environment_row *row);

// ---- environment_numbers.c

// The four numbers. `thawed`: what would change; NULL when the environment is not frozen.
void environment_numbers_add(struct page_context *page, const struct rules_outcome *outcome,
                             const struct version_changes *thawed);

// ---- environment_facts.c

void environment_facts_add(struct page_context *page, const struct environment *environment);

// ---- environment_history.c

// The last revisions. Fails with: as the store.
enum status environment_history_add(struct page_context *page, const char *name, struct error *err);

// ---- environment_plugins.c: what the environment decides about packages

// A badge for what is decided: enabled, disabled, or allowed; a dash when the policy decides.
void environment_plugin_badge(struct html *html, const struct environment_plugin *plugin);

// The exceptions of a package as a list: the code, until when, why and by whom. A dash when there are none.
void environment_exceptions_add(struct html *html, const struct environment_exceptions *exceptions);

// The section: a table with who decided, and the form that changes it. `may_read` shows settings.
void environment_plugins_add(struct page_context *page, const struct environment_detail *detail,
                             const struct environment_marks *marks, bool may_read);

// ---- environment_entries.c: what the environment decides about single entry points

// A table of the rules about single entry points of these packages; nothing when there are none.
void environment_entries_add(struct page_context *page, const struct environment_plugin *plugins,
                             size_t count);
