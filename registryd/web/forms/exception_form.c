// SPDX-License-Identifier: MIT
// Exceptions, on the page of an environment. The rules about codes, moments and reasons are those of the document, which
// the use case applies; the form checks only what it needs to know which exception is meant.
#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/frame/form.h"
#include "schema/environment/environment_exceptions.h"

static const char *address_of(struct page_context *page, const char *name) {
    const char *path = address_make(page->arena, "/environments", name);
    return path ? arena_printf(page->arena, "%s/exceptions", path) : NULL;
}

static void add_end(struct page_context *page, const char *address, const char *package,
                    const char *code) {
    struct html *html = page->html;
    page_open_form(page, address);
    page_hidden(html, "package", package);
    page_hidden(html, "code", code);
    page_hidden(html, "end", "1");
    html_open(html, "button");
    html_printf(html, "End the exception %s of %s", code, package);
    html_close(html);
    html_close(html);
}

void exception_form_add(struct page_context *page, const char *name,
                        const struct environment *environment) {
    struct html *html = page->html;
    const char *address = address_of(page, name);
    if (!page_may(page, ACCESS_ENVIRONMENT, name)) {
        return;
    }
    html_element(html, "h3", "Exceptions");
    html_element(
        html, "p.dim",
        "An exception sets one rule aside for one package until a moment. It never lifts a "
        "quarantine.");
    page_open_form(page, address);
    page_field(html, &(struct page_field){.label = "Package", .name = "package"});
    page_choice(html, &(struct page_field){.label = "Rule", .name = "code", .none = "–"},
                environment_exception_codes());
    page_field(html, &(struct page_field){
                         .label = "Until (UTC)", .name = "until", .placeholder = "2026-12-31"});
    page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
    html_element(html, "button", "Make an exception");
    html_close(html);
    for (size_t i = 0; i < environment->plugin_count; i++) {
        const struct environment_plugin *plugin = &environment->plugins[i];
        for (size_t j = 0; j < plugin->exceptions.count; j++) {
            add_end(page, address, plugin->package, plugin->exceptions.items[j].code);
        }
    }
}

static enum status set(const struct edit_context *call, struct error *err) {
    struct form form;
    struct environment_edited edited;
    enum status status = form_decode(call->api, call->request, &form, err);
    if (status) {
        return status;
    }
    const struct plugin_exception exception = {
        .package = form_find(&form, "package"),
        .code = form_find(&form, "code"),
        .until = form_find(&form, "until"),
        .reason = form_find(&form, "reason"),
        .ends = form_find(&form, "end"),
    };
    if (!exception.package) {
        return fail(err, STATUS_INVALID, "/package", "Choose a package");
    }
    if (!exception.code) {
        return fail(err, STATUS_INVALID, "/code", "Choose the rule that is set aside");
    }
    return environment_except_plugin(call, &exception, &edited, err);
}

enum status page_set_exception(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    const struct edit_context call = {api, request, findings};
    struct error problem = {0};
    problem.status = set(&call, &problem);
    const char *back =
        address_make(request->arena, "/environments", request_path(request, "environment"));
    return form_answer(api, request, reply, back, &problem, err);
}
