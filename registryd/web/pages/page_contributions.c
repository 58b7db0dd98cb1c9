// SPDX-License-Identifier: MIT
// What the plugins of an environment contribute to their host: navigation, permissions, endpoints, events. Plugins
// of two groups belong to two hosts, so a group can be chosen; without one, all are shown.
#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/store/store_environments.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/contributions_part.h"
#include "registryd/web/pages/pages.h"
#include "schema/json/json.h"

static void add_filters(struct page_context *page, const char *group, const char *words) {
    struct html *html = page->html;
    html_open(html, "form.filters");
    page_field(html, &(struct page_field){
                         .label = "Group", .name = "group", .value = group, .placeholder = "all"});
    page_field(html, &(struct page_field){.label = "Name or plugin",
                                          .name = "q",
                                          .value = words,
                                          .placeholder = "POST /products"});
    html_element(html, "button", "Show");
    html_close(html);
}

static void add_links(struct page_context *page, const char *name, const char *group) {
    struct html *html = page->html;
    html_open(html, "p.dim");
    html_link(html, "a", address_make(page->arena, "/environments", name), name);
    if (group) {
        struct address address;
        address_begin(&address, page->arena, "/v1/environments");
        address_add_segment(&address, name);
        address_add_segment(&address, "contributions");
        address_add_query(&address, "group", group);
        html_text(html, " · ");
        html_link(html, "a", address_end(&address), "All of it as JSON");
    }
    html_close(html);
}

static enum status make_contributions(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "group"}, {.name = "q"}};
    const char *name = NULL;
    scoped(cleanup_json) json_t *document = NULL;
    enum status status = query_begin(page->api, page->request, rules, 2, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    const char *group = request_query(page->request, "group");
    const char *words = request_query(page->request, "q");
    struct resolve_query query = {.environment = name, .decides = true};
    if (group) { // else all of them
        query.groups = &group;
        query.group_count = 1;
    }
    status = contributions_part_load(page, &query, &document, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Contributions in %s", name));
    html_element(page->html, "p",
                 "What plugins contribute to their host, as their manifests state it.");
    add_filters(page, group, words);
    contributions_part_add(page, document, words);
    add_links(page, name, group);
    page_end(page);
    return STATUS_OK;
}

enum status page_contributions(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_contributions, err);
}
