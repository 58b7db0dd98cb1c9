// SPDX-License-Identifier: MIT
// The page of a package, and of one of its releases: the same page, with another release in the foreground. It is
// put together from parts: entry points, facts, files and manifests of the release (package_release.c), where
// it fits (package_fit.c), its history (page_activity.c). Everything comes from the store, so that the page also
// shows quarantined releases, which no resolution has; only "In environments" asks the index. Forms are shown
// only to visitors whose token allows the change.
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/store/store_access.h"
#include "registryd/web/frame/markdown.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/pages/banners.h"
#include "registryd/web/package/package_parts.h"
#include "registryd/web/pages/page_changes.h"
#include "registryd/web/package/package_pages.h"
#include "registryd/web/frame/page_answer.h"

// The store gives changes upwards from a serial, so many are read to show the latest ten.
enum { HISTORY_READ = 1000, HISTORY_SHOWN = 10, HOLDS_SHOWN = 5 };

// Changes come oldest first, so the last ones are kept.
static enum status add_history(struct page_context *page, const char *package, struct error *err) {
    struct package_changes_query query = {package, 0, HISTORY_READ};
    struct changes changes;
    enum status status =
        store_package_changes_load(page->api->reading, page->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    if (changes.count > HISTORY_SHOWN) {
        changes.items += changes.count - HISTORY_SHOWN;
        changes.count = HISTORY_SHOWN;
    }
    page_open_section(page->html, "history", "History");
    page_changes_add(page, &changes);
    html_close(page->html);
    return STATUS_OK;
}

// One address for both ways: the hidden field "back" makes it a withdrawal.
static void add_yank_form(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/packages");
    address_add_segment(&address, view->detail->package.name);
    buffer_add_string(&address.out, "/releases");
    address_add_segment(&address, view->shown->version);
    buffer_add_string(&address.out, "/yank");
    page_open_form(page, address_end(&address));
    if (view->shown->yanked) {
        page_hidden(html, "back", "1");
    } else {
        page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
    }
    html_open(html, "button");
    html_printf(html, view->shown->yanked ? "Withdraw the yank of %s" : "Yank %s",
                view->shown->version);
    html_close(html);
    html_close(html);
}

// The fields hold what is so now: changing one of them leaves the others as they are.
static void add_status_form(struct page_context *page, const struct package_row *row) {
    static const char *const statuses[] = {"active", "deprecated", "archived", "quarantined", NULL};
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/packages", row->name);
    page_open_form(page, path ? arena_printf(page->arena, "%s/status", path) : NULL);
    page_choice(html,
                &(struct page_field){
                    .label = "Status", .name = "status", .value = row->status, .none = "–"},
                statuses);
    page_field(html, &(struct page_field){
                         .label = "Reason", .name = "reason", .value = row->status_reason});
    page_field(html, &(struct page_field){.label = "Use instead",
                                          .name = "replaced_by",
                                          .value = row->replaced_by,
                                          .placeholder = "package"});
    html_element(html, "button", "Change the status");
    html_close(html);
}

// What the visitor may change; nothing is shown to others.
static void add_changing(struct page_context *page, const struct package_view *view,
                         const struct hold_rows *holds) {
    if (!page_may(page, ACCESS_YANK, view->detail->package.name)) {
        return;
    }
    page_open_section(page->html, "change", "Change this package");
    add_yank_form(page, view);
    add_status_form(page, &view->detail->package);
    hold_form_add(page, false, view->detail->package.name,
                  holds_find(holds, false, view->detail->package.name));
    html_close(page->html);
}

static void add_releases(struct page_context *page, const struct package_view *view) {
    static const char *const columns[] = {"Release", "Python", "Published", "By", "State", NULL};
    struct html *html = page->html;
    page_open_section(html, "releases", "Releases");
    page_open_table(html, "Releases", columns);
    for (size_t i = 0; i < view->detail->release_count; i++) {
        const struct release_row *row = &view->detail->releases[i];
        struct address address;
        address_begin(&address, page->arena, "/packages");
        address_add_segment(&address, view->detail->package.name);
        buffer_add_string(&address.out, "/releases");
        address_add_segment(&address, row->version);
        html_open(html, "tr");
        html_open(html, "td");
        html_link(html, "a", address_end(&address), row->version);
        html_close(html);
        page_cell(html, row->requires_python);
        html_open(html, "td");
        page_time(html, row->published_at);
        html_close(html);
        page_cell(html, row->published_by);
        html_open(html, "td");
        if (row->yanked) {
            page_badge(html, "bad", "yanked");
        }
        if (strcmp(row->state, "live") != 0) {
            page_badge(html, "bad", row->state);
        }
        if (row->prerelease) {
            page_badge(html, NULL, "pre-release");
        }
        html_close(html);
        html_close(html);
    }
    page_close_table(html);
    html_close(html);
}

static void add_description(struct page_context *page, const struct package_view *view) {
    const struct release *release = view->release;
    if (release->description && release->description[0]) {
        page_open_section(page->html, "description", "Description");
        markdown_add(page->html, release->description, release->description_content_type);
        html_close(page->html);
    }
}

static bool is_in_group(const struct release *release, const char *group) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        if (strcmp(release->entry_points[i].group, group) == 0) {
            return true;
        }
    }
    return false;
}

// The hold of the package, then those of groups in which the shown release has entry points.
static void add_holds(struct page_context *page, const struct package_view *view,
                      const struct hold_rows *holds) {
    banner_add_hold(page, holds_find(holds, false, view->detail->package.name), true);
    size_t shown = 0;
    for (size_t i = 0; i < holds->count && shown < HOLDS_SHOWN; i++) {
        const struct hold *hold = &holds->items[i];
        if (hold->is_group && is_in_group(view->release, hold->name)) {
            banner_add_hold(page, hold, false);
            shown++;
        }
    }
}

// The statements run while the page is written. An error discards the page, see page_answer.
static enum status write_page(struct page_context *page, const struct package_view *view,
                              struct error *err) {
    struct html *html = page->html;
    const struct package_row *row = &view->detail->package;
    struct owners owners = {0};
    struct hold_rows holds;
    enum status status =
        store_owners_load(page->api->reading, page->arena, row->name, NULL, &owners, err);
    if (status) {
        return status;
    }
    status = holds_load(page, &holds, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_PACKAGES,
               arena_printf(page->arena, "%s %s", row->display_name, view->shown->version));
    banner_add_package(page, row);
    banner_add_release(html, view->shown);
    add_holds(page, view, &holds);
    html_element(html, "p", view->release->summary);
    html_open(html, "div.columns");
    html_open(html, "div");
    package_add_entry_points(page, view);
    status = package_add_matrix(page, view, err);
    if (status) {
        return status; // what was written so far is discarded: page_answer makes an error page
    }
    status = package_add_standing(page, view, err);
    if (status) {
        return status;
    }
    add_description(page, view);
    html_close(html);
    html_open(html, "div");
    package_add_install(page, view);
    package_add_files(page, view);
    package_add_facts(page, view, owners.package_owner);
    package_add_requirements(page, view);
    html_close(html);
    html_close(html);
    package_add_manifests(page, view);
    add_releases(page, view);
    add_changing(page, view, &holds);
    status = add_history(page, row->name, err);
    if (status) {
        return status;
    }
    page_end(page);
    return STATUS_OK;
}

// The address may name a release that does not exist; a package may have none.
static const struct release_row *find_release(const struct package_detail *detail,
                                              const char *version) {
    for (size_t i = 0; version && i < detail->release_count; i++) {
        if (strcmp(detail->releases[i].version, version) == 0) {
            return &detail->releases[i];
        }
    }
    return NULL;
}

// Without a version in the address the latest one is shown.
static enum status show(struct page_context *page, const char *name, const char *version,
                        struct error *err) {
    struct package_detail detail;
    struct release_detail release;
    struct findings findings;
    findings_init(&findings, page->arena);
    enum status status = store_package_load(page->api->reading, page->arena, name, &detail, err);
    if (status) {
        return status;
    }
    // A package without a latest version shows its first release.
    const char *wanted = version ? version : detail.package.latest_version;
    wanted = wanted || !detail.release_count ? wanted : detail.releases[0].version;
    struct package_view view = {.detail = &detail, .shown = find_release(&detail, wanted)};
    if (!view.shown) {
        return fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" has no such release", name);
    }
    status = store_release_load(page->api->reading, page->arena, name, wanted, &release, err);
    if (status) {
        return status;
    }
    status = release_decode(page->arena, release.document, strlen(release.document), &findings,
                            &view.release, err);
    if (status) {
        return status;
    }
    status = store_artifacts_load(page->api->reading, page->arena, name, wanted, &view.files, err);
    if (status) {
        return status;
    }
    return write_page(page, &view, err);
}

// "environment" chooses what "In environments" shows.
static const struct query_rule rules[] = {{.name = "environment"}};

static enum status make_package(struct page_context *page, struct error *err) {
    const char *name = NULL;
    enum status status = query_begin(page->api, page->request, rules, 1, err);
    if (status) {
        return status;
    }
    status = document_package_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    return show(page, name, NULL, err);
}

enum status page_package(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_package, err);
}

static enum status make_release(struct page_context *page, struct error *err) {
    struct release_path path;
    enum status status = query_begin(page->api, page->request, rules, 1, err);
    if (status) {
        return status;
    }
    status = document_release_path(page->request, STATUS_NOT_FOUND, &path, err);
    if (status) {
        return status;
    }
    return show(page, path.package, path.version, err);
}

enum status page_release(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_release, err);
}
