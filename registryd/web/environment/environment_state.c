// SPDX-License-Identifier: MIT
// What a lock holds is loaded whole for its page and the first hundred releases are shown: a lock of more is a file to
// download. The forms all go to one address, which page_changing.c reads; the use cases judge what they ask for.
#include "registryd/web/environment/environment_parts.h"

#include "schema/base/list.h"

enum { RELEASES_SHOWN = 100 };

void environment_state_badges(struct html *html, const struct environment_row *row) {
    if (row->is_archived) {
        page_badge(html, "bad", "archived");
    }
    if (row->lock_id) {
        page_badge(html, "warn", "frozen");
    }
}

// ---- forms ----

// Every form posts to /environments/NAME/state. The hidden member "action" says which change is
// wanted.
static void open_form(struct page_context *page, const char *name, const char *action) {
    const char *path = address_make(page->arena, "/environments", name);
    page_open_form(page, path ? arena_printf(page->arena, "%s/state", path) : NULL);
    page_hidden(page->html, "action", action);
}

static void add_reason(struct html *html) {
    page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
}

static void add_freeze_form(struct page_context *page, const char *name) {
    static const char *const choices[] = {"allowed", NULL};
    open_form(page, name, "freeze");
    add_reason(page->html);
    page_choice(page->html,
                &(struct page_field){
                    .label = "Releases without files", .name = "without_files", .none = "refused"},
                choices);
    html_element(page->html, "button", "Freeze");
    html_close(page->html);
}

// A lock is never altered. To ignore one more quarantine, the environment is frozen again, by a new
// lock with the same records.
static void add_ignore_form(struct page_context *page, const char *name) {
    struct html *html = page->html;
    open_form(page, name, "freeze");
    page_field(html, &(struct page_field){.label = "Ignore the quarantine of",
                                          .name = "ignored",
                                          .placeholder = "crm==1.2"});
    add_reason(html);
    html_element(html, "button", "Ignore quarantine");
    html_close(html);
}

static void add_simple_form(struct page_context *page, const char *name, const char *action,
                            const char *button) {
    open_form(page, name, action);
    add_reason(page->html);
    html_element(page->html, "button", button);
    html_close(page->html);
}

static void add_promote_form(struct page_context *page, const char *name) {
    struct html *html = page->html;
    open_form(page, name, "promote");
    page_field(html, &(struct page_field){
                         .label = "Take the lock of", .name = "from", .placeholder = "staging"});
    add_reason(html);
    html_element(html, "button", "Promote");
    html_close(html);
}

// The default environment gets no button to archive it. It must answer hosts that name no
// environment.
static void add_forms_of_live(struct page_context *page, const struct environment_row *row) {
    if (row->lock_id) {
        add_simple_form(page, row->name, "thaw", "Thaw");
        add_ignore_form(page, row->name);
    } else {
        add_freeze_form(page, row->name);
    }
    add_promote_form(page, row->name);
    if (strcmp(row->name, ENVIRONMENT_DEFAULT) != 0) {
        add_simple_form(page, row->name, "archive", "Archive");
    }
}

// Folded: they are needed seldom, and what the environment answers should not lie far below.
void environment_forms_add(struct page_context *page, const struct environment_row *row) {
    struct html *html = page->html;
    if (!page_may(page, ACCESS_ENVIRONMENT, row->name)) {
        return;
    }
    page_open_section(html, "change", "Change the environment");
    html_open(html, "details");
    html_element(html, "summary", "Change the state");
    if (row->is_archived) {
        add_simple_form(page, row->name, "restore", "Restore");
    } else {
        add_forms_of_live(page, row);
    }
    html_close(html);
    html_close(html);
}

// ---- what is so now ----

void environment_exports_add(struct page_context *page, const char *name) {
    static const struct {
        const char *rest;
        const char *text;
    } links[] = {{"export?format=pylock", "pylock.toml"},
                 {"export?format=requirements", "requirements"},
                 {"export", "JSON"}};
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/v1/environments", name);
    html_open(html, "p");
    html_text(html, "Export what it answers: ");
    for (size_t i = 0; path && i < COUNT_OF(links); i++) {
        html_text(html, i ? " · " : NULL);
        html_link(html, "a", arena_printf(page->arena, "%s/%s", path, links[i].rest),
                  links[i].text);
    }
    html_close(html);
}

// A release without files is in a lock only when the person who froze allowed it. The badge says
// so.
static void add_release(struct page_context *page, const struct locked_release *release) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", release->package),
              release->package);
    html_close(html);
    page_cell(html, release->version);
    html_open(html, "td");
    if (release->file_count) {
        html_printf(html, "%zu", release->file_count);
    } else {
        page_badge(html, "warn", "none");
    }
    html_close(html);
    html_open(html, "td.long");
    if (release->ignored) {
        page_badge(html, "bad", "quarantine ignored");
        html_printf(html, " %s, by %s", release->ignored,
                    release->ignored_by ? release->ignored_by : "unknown");
    } else {
        html_text(html, "–");
    }
    html_close(html);
    html_close(html);
}

static void add_releases(struct page_context *page, const struct lock *lock) {
    static const char *const columns[] = {"Package", "Version", "Files", "Exception", NULL};
    struct html *html = page->html;
    html_open(html, "details");
    html_open(html, "summary");
    html_printf(html, "%zu locked %s", lock->release_count,
                lock->release_count == 1 ? "release" : "releases");
    html_close(html);
    page_open_table(html, "Locked releases", columns);
    for (size_t i = 0; i < lock->release_count && i < RELEASES_SHOWN; i++) {
        add_release(page, &lock->releases[i]);
    }
    page_close_table(html);
    if (lock->release_count > RELEASES_SHOWN) {
        html_open(html, "p.dim");
        html_printf(html, "and %zu more: the export has all of them",
                    lock->release_count - RELEASES_SHOWN);
        html_close(html);
    }
    html_close(html);
}

static void add_lock(struct page_context *page, const struct lock *lock) {
    struct html *html = page->html;
    html_open(html, "p");
    page_badge(html, "warn", "frozen");
    html_text(html, " Hosts get what lock ");
    html_printf(html, "%lld of ", (long long)lock->id);
    html_link(html, "a", address_make(page->arena, "/environments", lock->environment),
              lock->environment);
    html_printf(html, ", revision %lld, holds. It was made ", (long long)lock->revision);
    page_time(html, lock->made_at);
    html_printf(html, " by %s. Only a quarantine withholds a locked release.", lock->made_by);
    html_close(html);
    add_releases(page, lock);
}

enum status environment_lock_read(struct page_context *page, int64_t id, struct lock *ret_lock,
                                  struct error *err) {
    struct environment_lock_row row;
    enum status status =
        store_environment_lock_load(page->api->reading, page->arena, id, &row, err);
    return status ? status : lock_decode(page->arena, &row, ret_lock, err);
}

// The document of a lock can be large. Only the page of a frozen environment loads it.
static enum status add_frozen(struct page_context *page, int64_t id, struct error *err) {
    struct lock lock;
    enum status status = environment_lock_read(page, id, &lock, err);
    if (status) {
        return status;
    }
    add_lock(page, &lock);
    return STATUS_OK;
}

static void add_archived(struct html *html, const struct environment_row *row) {
    html_open(html, "p");
    page_badge(html, "bad", "archived");
    html_text(html, " Hosts that ask for this environment get nothing");
    html_text(html, row->reason ? ": " : NULL);
    html_text(html, row->reason);
    html_text(html, ".");
    html_close(html);
}

enum status environment_state_add(struct page_context *page, const struct environment_row *row,
                                  struct error *err) {
    struct html *html = page->html;
    html_open(html, "section");
    html_attribute(html, "id", "state");
    html_attribute(html, "aria-label", "State");
    if (row->is_archived) {
        add_archived(html, row);
    }
    if (!row->is_archived && !row->lock_id) {
        html_element(
            html, "p",
            "The rules decide: a new release, a yank or a contract changes what hosts get.");
    }
    enum status status = row->lock_id ? add_frozen(page, row->lock_id, err) : STATUS_OK;
    html_close(html);
    return status;
}
