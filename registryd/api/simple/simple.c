// SPDX-License-Identifier: MIT
// The index pages: negotiate the form, take the page that is kept, or write it from the database.
// A name that is not here is answered 404 and never looked up elsewhere: otherwise a stranger could publish
// it there and be installed (dependency confusion).
#include "registryd/api/simple/handlers.h"

#include "registryd/api/simple/simple_page.h"
#include "registryd/request/accept.h"
#include "registryd/request/query.h"
#include "schema/base/list.h"
#include "schema/packaging/name.h"

#include <assert.h>
#include <string.h>

struct simple_form {
    const char *name; // in the key of the kept page
    const char *content_type;
    bool is_json;
};

#define JSON_TYPE "application/vnd.pypi.simple.v1+json"
#define HTML_TYPE "application/vnd.pypi.simple.v1+html"

// By preference. The answer to "latest" names the version it has (PEP 691).
static const struct accept_offer offers[] = {
    {JSON_TYPE, false},
    {HTML_TYPE, false},
    {"text/html", true},
    {"application/vnd.pypi.simple.latest+json", false},
    {"application/vnd.pypi.simple.latest+html", false},
};

// Of each offer.
static const struct simple_form forms[] = {
    {"json", JSON_TYPE, true},
    {"html", HTML_TYPE, false},
    {"html", "text/html; charset=utf-8", false},
    {"json", JSON_TYPE, true},
    {"html", HTML_TYPE, false},
};
static_assert(COUNT_OF(forms) == COUNT_OF(offers), "each offer has its form");

static enum status choose_form(const struct request *request, struct reply *reply,
                               const struct simple_form **ret_form, struct error *err) {
    int choice = accept_choose(request->accept, offers, COUNT_OF(offers));
    reply->vary = "Accept";
    if (choice == ACCEPT_NONE) {
        return fail(
            err, STATUS_NOT_ACCEPTABLE, "Accept",
            "This page is served as %s, %s and text/html. The Accept header takes none of them.",
            JSON_TYPE, HTML_TYPE);
    }
    *ret_form = &forms[choice];
    return STATUS_OK;
}

// ---- writing a page that is not kept ----

static enum status write_project(const struct package_page *page, struct store *store,
                                 struct arena *arena, struct page_draft *draft, struct error *err) {
    const struct simple_form *form = page->context;
    struct index_project project;
    enum status status = store_project_load(store, arena, page->package, &project, err);
    if (status) {
        return status;
    }
    if (form->is_json) {
        simple_json_project(&project, &draft->body);
    } else {
        simple_html_project(&project, &draft->body);
    }
    draft->last_serial = project.last_serial;
    return STATUS_OK;
}

static enum status write_projects(const struct package_page *page, struct store *store,
                                  struct arena *arena, struct page_draft *draft,
                                  struct error *err) {
    const struct simple_form *form = page->context;
    struct project_names names;
    enum status status = store_projects_load(store, arena, &names, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < names.count; i++) {
        int64_t serial = names.items[i].last_serial;
        draft->last_serial = serial > draft->last_serial ? serial : draft->last_serial;
    }
    if (form->is_json) {
        simple_json_projects(&names, &draft->body);
    } else {
        simple_html_projects(&names, &draft->body);
    }
    return STATUS_OK;
}

// ---- handlers ----

// The reply refers to the kept page; the reference is dropped after the last byte is sent.
static enum status reply_page(struct api *api, struct reply *reply, const struct package_page *page,
                              struct error *err) {
    const struct simple_form *form = page->context;
    const struct answer *answer;
    enum status status = index_package_page(api->index, page, &answer, err);
    if (status) {
        return status;
    }
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    reply->serial = answer->point.serial;
    reply->epoch = answer->point.epoch[0] ? answer->point.epoch : NULL;
    reply->epoch_number = answer->point.epoch_number;
    reply->pypi_serial = answer->subject_serial;
    reply->content_type = form->content_type;
    return STATUS_OK;
}

enum status simple_projects(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct package_page page = {.write = write_projects};
    const struct simple_form *form = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = choose_form(request, reply, &form, err);
    if (status) {
        return status;
    }
    page.form = form->name;
    page.context = form;
    return reply_page(api, reply, &page, err);
}

static enum status redirect(const struct request *request, struct reply *reply, const char *name,
                            struct error *err) {
    reply->http_status = 301;
    reply->location = arena_printf(request->arena, "/simple/%s%s", name, *name ? "/" : "");
    reply->body = text_from("");
    return reply->location ? STATUS_OK : fail_no_memory(err);
}

// The normal form of {name}; a text that is no name names nothing.
static enum status read_name(const struct request *request, const char **ret_name,
                             struct error *err) {
    const char *given = request_path(request, "name");
    enum status status = name_normalize(request->arena, text_from(given), ret_name, err);
    return status == STATUS_INVALID
               ? fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" is not a name of a package", given)
               : status;
}

// PEP 503: a name that is not in normal form is answered with a redirection to the one that is.
enum status simple_project(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    struct package_page page = {.write = write_project};
    const struct simple_form *form = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = read_name(request, &page.package, err);
    if (status) {
        return status;
    }
    if (strcmp(page.package, request_path(request, "name")) != 0) {
        return redirect(request, reply, page.package, err);
    }
    status = choose_form(request, reply, &form, err);
    if (status) {
        return status;
    }
    page.form = form->name;
    page.context = form;
    return reply_page(api, reply, &page, err);
}

enum status simple_redirect(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    const char *name = "";
    enum status status =
        *request_path(request, "name") ? read_name(request, &name, err) : STATUS_OK;
    return status ? status : redirect(request, reply, name, err);
}
