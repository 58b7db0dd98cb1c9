// SPDX-License-Identifier: MIT
// The page with the settings of one plugin in an environment: a form that the schemas of its groups make. Without a
// script; what a schema refuses stands beside its field, with everything as it was typed, secrets excepted. The form names the
// revision it was made from, so a change of another person in between is not overwritten.
#include "registryd/api/environments/environment_patch.h"
#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/api/environments/environments.h"
#include "registryd/api/settings/settings_fields.h"
#include "registryd/request/query.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"
#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <string.h>

enum { SPARE_ITEMS = 2 }; // empty inputs of a list

// What the page is made of.
struct settings_page {
    struct page_context *page;
    struct settings_place place;
    struct settings_view view;
    struct setting_fields fields;
    struct form form;          // as it was sent
    const struct form *sent;   // the same when it was refused; NULL = none
    struct findings *refusals; // of it
};

static void settings_page_done(struct settings_page *work) {
    settings_view_done(&work->view);
    setting_fields_done(&work->fields);
}

static enum status read_place(const struct request *request, struct settings_place *ret_place,
                              struct error *err) {
    enum status status = environments_path(request, STATUS_NOT_FOUND, &ret_place->environment, err);
    if (status) {
        return status;
    }
    status = name_normalize(request->arena, text_from(request_path(request, "package")),
                            &ret_place->package, err);
    return status && status != STATUS_NO_MEMORY
               ? fail(err, STATUS_NOT_FOUND, NULL, "%s", err->message)
               : status;
}

static enum status load(struct api *api, struct arena *arena, struct settings_page *work,
                        struct error *err) {
    enum status status = settings_view_load(api, arena, &work->place, &work->view, err);
    return status ? status : setting_fields_make(arena, &work->view, &work->fields, err);
}

static const char *address_of(struct arena *arena, const struct settings_place *place) {
    struct address address;
    address_begin(&address, arena, "/environments");
    address_add_segment(&address, place->environment);
    address_add_segment(&address, "plugins");
    address_add_segment(&address, place->package);
    address_add_segment(&address, "settings");
    return address_end(&address);
}

// ---- one field ----

// Whether a refusal is about this field: its place, or one within it.
static bool concerns(const struct finding *finding, const struct setting_field *field) {
    size_t len = strlen(field->pointer);
    return finding->severity == SEVERITY_ERROR && finding->where &&
           strncmp(finding->where, field->pointer, len) == 0 &&
           (!finding->where[len] || finding->where[len] == '/');
}

static const char *sent_text(const struct settings_page *work, const struct setting_field *field) {
    const char *text = form_find(work->sent, field->pointer);
    return text && field->kind != SETTING_KIND_SECRET ? text : "";
}

static const char *shown_text(const struct settings_page *work, const struct setting_field *field) {
    return work->sent ? sent_text(work, field)
                      : setting_field_text(work->page->arena, field,
                                           environment_pointer_get(work->view.own, field->pointer));
}

// "default 20", "not set", or for a secret since when it is set.
static const char *placeholder_of(const struct settings_page *work,
                                  const struct setting_field *field) {
    struct arena *arena = work->page->arena;
    const json_t *standard = environment_pointer_get(work->view.defaults, field->pointer);
    const json_t *mark = json_object_get(work->view.secrets, field->pointer);
    if (mark) {
        const char *at = json_string_value(json_object_get(mark, "set_at"));
        const char *by = json_string_value(json_object_get(mark, "set_by"));
        return arena_printf(arena, "set %.10s %.5s by %s", at, strlen(at) > 11 ? at + 11 : "", by);
    }
    return standard ? arena_printf(arena, "default %s", setting_field_text(arena, field, standard))
                    : "not set";
}

static void open_input(const struct settings_page *work, const struct setting_field *field,
                       const char *element, bool is_wrong) {
    struct html *html = work->page->html;
    html_open(html, element);
    html_attribute(html, "name", field->pointer);
    html_attribute(html, "aria-invalid", is_wrong ? "true" : NULL);
}

static void add_input(const struct settings_page *work, const struct setting_field *field,
                      const char *value, bool is_wrong) {
    static const char *const types[] = {[SETTING_KIND_NUMBER] = "number",
                                        [SETTING_KIND_SECRET] = "password",
                                        [SETTING_KIND_JSON] = NULL};
    struct html *html = work->page->html;
    // What is no number would be lost in an input for numbers.
    bool is_lost = field->kind == SETTING_KIND_NUMBER && is_wrong;
    const char *type = field->kind < COUNT_OF(types) && !is_lost ? types[field->kind] : NULL;
    open_input(work, field, "input", is_wrong);
    html_attribute(html, "type", type ? type : "text");
    html_attribute(html, "step", type && field->kind == SETTING_KIND_NUMBER ? "any" : NULL);
    html_attribute(html, "autocomplete",
                   field->kind == SETTING_KIND_SECRET ? "new-password" : "off");
    html_attribute(html, "value", value);
    html_attribute(html, "placeholder", placeholder_of(work, field));
    html_close(html);
}

static void add_option(struct html *html, const char *value, const char *text, const char *chosen) {
    html_open(html, "option");
    html_attribute(html, "value", value);
    html_attribute(html, "selected", strcmp(value, chosen) == 0 ? "" : NULL);
    html_text(html, text);
    html_close(html);
}

static void add_choice(const struct settings_page *work, const struct setting_field *field,
                       bool is_wrong) {
    struct html *html = work->page->html;
    const char *chosen = shown_text(work, field);
    const json_t *choices = json_object_get(field->schema, "enum");
    open_input(work, field, "select", is_wrong);
    add_option(html, "", placeholder_of(work, field), chosen ? chosen : "");
    if (field->kind == SETTING_KIND_FLAG) {
        add_option(html, "true", "yes", chosen ? chosen : "");
        add_option(html, "false", "no", chosen ? chosen : "");
    }
    for (size_t i = 0; i < json_array_size(choices); i++) {
        const char *text = setting_field_text(work->page->arena, field, json_array_get(choices, i));
        add_option(html, text ? text : "", text, chosen ? chosen : "");
    }
    html_close(html);
}

// One input for each item, and some to spare.
static void add_list(const struct settings_page *work, const struct setting_field *field,
                     bool is_wrong) {
    const json_t *list = environment_pointer_get(work->view.own, field->pointer);
    for (size_t i = 0; work->sent && i < work->sent->count; i++) {
        const struct parameter *one = &work->sent->fields[i];
        if (strcmp(one->name, field->pointer) == 0 && *one->value) {
            add_input(work, field, one->value, is_wrong);
        }
    }
    for (size_t i = 0; !work->sent && i < json_array_size(list); i++) {
        add_input(work, field,
                  setting_field_text(work->page->arena, field, json_array_get(list, i)), is_wrong);
    }
    for (size_t i = 0; i < SPARE_ITEMS; i++) {
        add_input(work, field, "", is_wrong);
    }
}

static void add_removal(const struct settings_page *work, const struct setting_field *field) {
    struct html *html = work->page->html;
    html_open(html, "label.box");
    html_open(html, "input");
    html_attribute(html, "type", "checkbox");
    html_attribute(html, "name", arena_printf(work->page->arena, "remove:%s", field->pointer));
    html_attribute(html, "value", "1");
    html_close(html);
    html_text(html, " Remove it");
    html_close(html);
}

static void add_control(const struct settings_page *work, const struct setting_field *field,
                        bool is_wrong) {
    switch (field->kind) {
    case SETTING_KIND_FLAG:
    case SETTING_KIND_CHOICE:
        add_choice(work, field, is_wrong);
        return;
    case SETTING_KIND_LIST:
        add_list(work, field, is_wrong);
        return;
    case SETTING_KIND_TEXT:
    case SETTING_KIND_NUMBER:
    case SETTING_KIND_SECRET:
    case SETTING_KIND_JSON:
        break;
    }
    add_input(work, field, shown_text(work, field), is_wrong);
}

static void add_refusals(const struct settings_page *work, const struct setting_field *field) {
    for (size_t i = 0; work->refusals && i < work->refusals->count; i++) {
        if (concerns(&work->refusals->items[i], field)) {
            html_element(work->page->html, "p.problem", work->refusals->items[i].message);
        }
    }
}

static bool is_refused(const struct settings_page *work, const struct setting_field *field) {
    for (size_t i = 0; work->refusals && i < work->refusals->count; i++) {
        if (concerns(&work->refusals->items[i], field)) {
            return true;
        }
    }
    return false;
}

static void add_field(const struct settings_page *work, const struct setting_field *field) {
    struct html *html = work->page->html;
    html_open(html, "div.setting");
    html_open(html, "label.field");
    html_open(html, "span");
    html_text(html, field->label);
    html_text(html, field->is_required ? " (required)" : NULL);
    html_text(html, field->kind == SETTING_KIND_SECRET ? " (secret)" : NULL);
    html_text(html, field->kind == SETTING_KIND_JSON ? " (JSON)" : NULL);
    html_close(html);
    add_control(work, field, is_refused(work, field));
    html_close(html);
    if (json_object_get(work->view.secrets, field->pointer)) {
        add_removal(work, field);
    }
    if (field->help) {
        html_element(html, "p.dim", field->help);
    }
    add_refusals(work, field);
    html_close(html);
}

// ---- the page ----

// What is refused and belongs to no field: a missing key, or another revision.
static void add_other_refusals(const struct settings_page *work) {
    struct html *html = work->page->html;
    for (size_t i = 0; work->refusals && i < work->refusals->count; i++) {
        const struct finding *finding = &work->refusals->items[i];
        bool is_shown = finding->severity != SEVERITY_ERROR;
        for (size_t j = 0; j < work->fields.count && !is_shown; j++) {
            is_shown = concerns(finding, &work->fields.items[j]);
        }
        if (!is_shown) {
            html_open(html, "div.banner.bad");
            html_element(html, "p", finding->message);
            html_close(html);
        }
    }
}

static void add_form(const struct settings_page *work) {
    struct page_context *page = work->page;
    bool may_change = page_may(page, ACCESS_ENVIRONMENT, work->place.environment) &&
                      !work->view.row.lock_id && !work->view.row.is_archived;
    if (!work->fields.count) {
        page_nothing(page->html, "No group of the package has a schema for its settings. Use "
                                 "\"registryctl environment settings\".");
        return;
    }
    if (!may_change) {
        page_nothing(page->html, "You can read these settings and not change them here.");
        return;
    }
    page_open_form(page, address_of(page->arena, &work->place));
    page_hidden(page->html, "revision",
                arena_printf(page->arena, "%lld", (long long)work->view.row.revision));
    html_open(page->html, "div.settings");
    for (size_t i = 0; i < work->fields.count; i++) {
        add_field(work, &work->fields.items[i]);
    }
    html_open(page->html, "p");
    html_element(page->html, "button.main", "Save");
    html_close(page->html);
    html_close(page->html);
    html_close(page->html);
}

static void write_page(const struct settings_page *work) {
    struct page_context *page = work->page;
    struct html *html = page->html;
    page_begin(page, PAGE_ENVIRONMENTS,
               arena_printf(page->arena, "Settings of %s", work->place.package));
    html_open(html, "p");
    html_text(html, "in the environment ");
    html_link(html, "a", address_make(page->arena, "/environments", work->place.environment),
              work->place.environment);
    html_text(html, ", package ");
    html_link(html, "a", address_make(page->arena, "/packages", work->place.package),
              work->place.package);
    html_close(html);
    add_other_refusals(work);
    add_form(work);
    const char *text = settings_view_text(page->arena, &work->view);
    page_open_section(html, "effective", "What a host gets");
    page_json(page, "Settings", text ? text : "{}");
    html_element(html, "p.dim", "Secrets are left out. An empty field stands for its default.");
    html_close(html);
    page_end(page);
}

static enum status make_page(struct page_context *page, struct error *err) {
    scoped(settings_page_done) struct settings_page work = {.page = page};
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = read_place(page->request, &work.place, err);
    if (status) {
        return status;
    }
    status = load(page->api, page->arena, &work, err);
    if (status) {
        return status;
    }
    write_page(&work);
    return STATUS_OK;
}

enum status page_settings(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    enum status status = page_answer(api, request, reply, make_page, err);
    reply->cache_control = "private, no-cache";
    return status;
}

// ---- saving ----

// The change under the revision that the form was made from.
static enum status save(struct api *api, const struct request *request, struct settings_page *work,
                        struct error *err) {
    const struct form *form = &work->form;
    struct findings *findings = work->refusals;
    struct request conditional = *request;
    const struct edit_context call = {api, &conditional, findings};
    struct environment_edited edited;
    const char *revision = form_find(form, "revision");
    conditional.if_match =
        arena_printf(request->arena, "\"%s\"", revision ? revision : "of no form");
    const struct setting_inputs inputs = {form->fields, form->count};
    json_t *patch = setting_fields_read(request->arena, &work->fields, &work->view, &inputs);
    if (!patch || !conditional.if_match) {
        return fail_no_memory(err);
    }
    enum status status = environment_patch_plugin(&call, work->place.package, patch, &edited, err);
    if (status == STATUS_INVALID) {
        environment_patch_strip("/settings", findings, err);
    }
    if (status == STATUS_PRECONDITION) {
        findings_add(findings, SEVERITY_ERROR, "changed-meanwhile", NULL, NULL,
                     "The environment was changed since you opened this page. Look at the values "
                     "and save again.");
    }
    return status;
}

static enum status read_and_save(struct api *api, const struct request *request,
                                 struct settings_page *work, struct error *err) {
    enum status status = form_decode(api, request, &work->form, err);
    if (status) {
        return status;
    }
    status = read_place(request, &work->place, err);
    if (status) {
        return status;
    }
    status = load(api, request->arena, work, err);
    return status ? status : save(api, request, work, err);
}

// A refused form is judged again for its page: nothing was stored, so the refusals are the same.
static enum status make_refused(struct page_context *page, struct error *err) {
    struct findings findings;
    scoped(settings_page_done) struct settings_page work = {.page = page, .refusals = &findings};
    findings_init(&findings, page->arena);
    enum status status = read_and_save(page->api, page->request, &work, err);
    if (status && status != STATUS_INVALID && status != STATUS_PRECONDITION) {
        return status;
    }
    work.sent = &work.form;
    page->http_status = status ? status_info(status)->http_status : 200;
    write_page(&work);
    return STATUS_OK;
}

enum status page_settings_save(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    scoped(settings_page_done) struct settings_page work = {.refusals = findings};
    struct error problem = {0};
    problem.status = read_and_save(api, request, &work, &problem);
    bool is_refused = findings->error_count &&
                      (problem.status == STATUS_INVALID || problem.status == STATUS_PRECONDITION);
    if (is_refused) {
        return page_answer(api, request, reply, make_refused, err);
    }
    const char *back = work.place.package ? address_of(request->arena, &work.place) : NULL;
    return form_answer(api, request, reply, back, &problem, err);
}
