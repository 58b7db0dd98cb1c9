// SPDX-License-Identifier: MIT
// Loads what every tab of a package needs and writes the head and one tab. A release's page is the same page with
// another release in the foreground. Everything comes from the store, so that the page also shows quarantined
// releases, which no resolution has; only the tab about environments asks the index. A tab that fails leaves no
// half page: page_answer makes an error page of it.
#include "registryd/web/package/package_pages.h"

#include "registryd/request/document.h"
#include "registryd/store/store_access.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/package/package_parts.h"
#include "registryd/web/pages/banners.h"

#include <string.h>

const struct release_row *package_find_release(const struct package_detail *detail,
                                               const char *version) {
    for (size_t i = 0; version && i < detail->release_count; i++) {
        if (strcmp(detail->releases[i].version, version) == 0) {
            return &detail->releases[i];
        }
    }
    return NULL;
}

static enum status load_release(struct page_context *page, const char *name,
                                struct package_view *view, struct error *err) {
    struct release_detail release;
    struct findings findings;
    findings_init(&findings, page->arena);
    enum status status = store_release_load(page->api->reading, page->arena, name,
                                            view->shown->version, &release, err);
    if (status) {
        return status;
    }
    status = release_decode(page->arena, release.document, strlen(release.document), &findings,
                            &view->release, err);
    if (status) {
        return status;
    }
    return store_artifacts_load(page->api->reading, page->arena, name, view->shown->version,
                                &view->files, err);
}

static enum status load_rest(struct page_context *page, const char *name, struct package_view *view,
                             struct error *err) {
    struct owners owners = {0};
    enum status status =
        store_owners_load(page->api->reading, page->arena, name, NULL, &owners, err);
    view->owner = owners.package_owner;
    return status ? status : holds_load(page, &view->holds, err);
}

// Without a version in the address the latest one is shown; a package without a latest one shows its first.
static enum status load(struct page_context *page, const struct release_path *path,
                        struct package_detail *detail, struct package_view *view,
                        struct error *err) {
    enum status status =
        store_package_load(page->api->reading, page->arena, path->package, detail, err);
    if (status) {
        return status;
    }
    const char *wanted = path->version ? path->version : detail->package.latest_version;
    wanted = wanted || !detail->release_count ? wanted : detail->releases[0].version;
    *view = (struct package_view){.detail = detail,
                                  .shown = package_find_release(detail, wanted),
                                  .is_of_package = !path->version};
    if (!view->shown) {
        return fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" has no such release", path->package);
    }
    status = load_release(page, path->package, view, err);
    return status ? status : load_rest(page, path->package, view, err);
}

static enum status write_page(struct page_context *page, const struct package_view *view,
                              const struct package_tab *tab, struct error *err) {
    package_head_add(page, view, tab);
    enum status status = tab->add(page, view, err);
    page_end(page);
    return status;
}

static enum status show(struct page_context *page, const struct package_tab *tab,
                        const struct release_path *path, struct error *err) {
    struct package_detail detail;
    struct package_view view;
    enum status status = load(page, path, &detail, &view, err);
    return status ? status : write_page(page, &view, tab, err);
}

// The tab of the address, and whether its parameters are right. An address without one is the readme.
static enum status find_tab(struct page_context *page, const struct package_tab **ret_tab,
                            struct error *err) {
    const struct package_tab *tab = package_tab_find(request_path(page->request, "tab"));
    if (!tab) {
        return fail(err, STATUS_NOT_FOUND, NULL, "A package has no page of this name");
    }
    *ret_tab = tab;
    return query_begin(page->api, page->request, tab->rules, tab->rule_count, err);
}

static enum status make_package(struct page_context *page, struct error *err) {
    struct release_path path = {0};
    const struct package_tab *tab = NULL;
    enum status status = find_tab(page, &tab, err);
    if (status) {
        return status;
    }
    status = document_package_path(page->request, STATUS_NOT_FOUND, &path.package, err);
    return status ? status : show(page, tab, &path, err);
}

// A tab about all releases has one address; below a release there is none.
static enum status make_release(struct page_context *page, struct error *err) {
    struct release_path path;
    const struct package_tab *tab = NULL;
    enum status status = find_tab(page, &tab, err);
    if (status) {
        return status;
    }
    if (tab->is_of_package) {
        return fail(err, STATUS_NOT_FOUND, NULL, "This page is about all releases of a package");
    }
    status = document_release_path(page->request, STATUS_NOT_FOUND, &path, err);
    return status ? status : show(page, tab, &path, err);
}

enum status page_package(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_package, err);
}

enum status page_package_tab(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_package, err);
}

enum status page_release(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_release, err);
}

enum status page_release_tab(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_release, err);
}
