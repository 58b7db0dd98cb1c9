// SPDX-License-Identifier: MIT
// Before a rollback: what hosts get now, and what they would get by the rules or the lock of an earlier revision. It is
// selected of what is published now, as the rollback itself does, so a release that was yanked since does not come back.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/frame/component.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

struct rollback_view {
    struct environment_detail now;
    struct environment_detail then; // the revision that is gone back to
    struct version_changes changes; // of what hosts get
};

// A lock answers with its records; a quarantine since may still withhold some of them.
static enum status load_locked(struct page_context *page, int64_t id, struct package_versions *ret,
                               struct error *err) {
    struct lock lock;
    enum status status = environment_lock_read(page, id, &lock, err);
    return status ? status : package_versions_of(page->arena, &lock.records, ret, err);
}

static enum status load_then(struct page_context *page, const struct environment_detail *then,
                             struct package_versions *ret, struct error *err) {
    const struct ignored_quarantines none = {0};
    struct selection selection;
    if (then->row.lock_id) {
        return load_locked(page, then->row.lock_id, ret, err);
    }
    enum status status =
        index_select_by(page->api->index, &then->environment, &none, page->arena, &selection, err);
    return status ? status : package_versions_of(page->arena, &selection.records, ret, err);
}

static enum status load(struct page_context *page, const char *name, int64_t revision,
                        struct rollback_view *view, struct error *err) {
    struct store *store = page->api->reading;
    struct package_versions now;
    struct package_versions then;
    enum status status = store_environment_load(store, page->arena, name, 0, &view->now, err);
    if (status) {
        return status;
    }
    status = store_environment_load(store, page->arena, name, revision, &view->then, err);
    if (status) {
        return status;
    }
    status = package_versions_load(page, name, false, &now, err);
    if (status) {
        return status;
    }
    status = load_then(page, &view->then, &then, err);
    if (status) {
        return status;
    }
    package_versions_compare(&now, &then, &view->changes);
    return STATUS_OK;
}

// A frozen environment goes back only to revisions that were frozen, as the use case says too.
static void add_confirm(struct page_context *page, const struct rollback_view *view) {
    struct arena *arena = page->arena;
    const char *name = view->now.row.name;
    const char *path = address_make(arena, "/environments", name);
    long long revision = (long long)view->then.row.revision;
    if (view->now.row.lock_id && !view->then.row.lock_id) {
        page_nothing(page->html, "The environment is frozen, and this revision was not. Thaw the "
                                 "environment before you go back to it.");
        return;
    }
    if (!page_may(page, ACCESS_ENVIRONMENT, name)) {
        page_nothing(page->html, "Sign in with a token that may change this environment to roll "
                                 "it back.");
        return;
    }
    const char *consequences[] = {
        arena_printf(arena, "The document of revision %lld becomes revision %lld", revision,
                     (long long)view->now.row.revision + 1),
        "No revision is removed, so you can go back again", NULL};
    const struct page_confirm confirm = {
        .title = arena_printf(arena, "Roll %s back to revision %lld", name, revision),
        .address = path ? arena_printf(arena, "%s/rollback", path) : NULL,
        .consequences = consequences,
        .action = "Roll back",
        .command = arena_printf(arena, "registryctl environment rollback %s %lld", name, revision),
        .back = path,
        .is_destructive = true};
    page_open_confirm(page, &confirm);
    page_hidden(page->html, "revision", arena_printf(arena, "%lld", revision));
    page_close_confirm(page, &confirm);
}

static void write_page(struct page_context *page, const struct rollback_view *view) {
    struct html *html = page->html;
    const char *name = view->now.row.name;
    const struct environment_row *then = &view->then.row;
    const char *path = address_make(page->arena, "/environments", name);
    page_begin(page, PAGE_ENVIRONMENTS,
               arena_printf(page->arena, "Revision %lld of %s", (long long)then->revision, name));
    html_open(html, "p");
    html_printf(html, "%s, by %s, ", then->summary ? then->summary : then->action,
                then->changed_by);
    page_time(html, then->changed_at);
    html_text(html, ". ");
    html_link(html, "a",
              path ? arena_printf(page->arena, "%s/diff?from=%lld&to=%lld", path,
                                  (long long)view->now.row.revision, (long long)then->revision)
                   : NULL,
              "Show what differs in the document");
    html_close(html);
    page_open_section(html, "changes", "What hosts would get");
    version_changes_add(page, &view->changes,
                        "Hosts would get the same packages at the same versions.");
    html_close(html);
    add_confirm(page, view);
    page_end(page);
}

static enum status make_rollback(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "revision"}};
    static const struct query_range range = {"revision", 1, INT64_MAX, 1};
    const char *name = NULL;
    int64_t revision = 1;
    struct rollback_view *view = arena_alloc(page->arena, sizeof *view);
    if (!view) {
        return fail_no_memory(err);
    }
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &range, &revision, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = load(page, name, revision, view, err);
    if (status) {
        return status;
    }
    write_page(page, view);
    return STATUS_OK;
}

enum status page_rollback_preview(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_rollback, err);
}
