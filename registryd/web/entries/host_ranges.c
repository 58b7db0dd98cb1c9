// SPDX-License-Identifier: MIT
// The range of the host is what a release requires of the host's distribution (Requires-Dist). Which one that is, no
// document says: a group is named after its host, and an environment names what its hosts have.
#include "registryd/web/entries/entries.h"

#include "registryd/store/store_environments.h"
#include "schema/packaging/name.h"
#include "schema/packaging/requirement/requirement.h"

#include <string.h>

enum { RANGES_SHOWN = 5 }; // of one package

// "mountaineer" of "mountaineer.plugins"; NULL when it is no name.
static const char *host_of_group(struct arena *arena, const char *group) {
    const struct text label = {group, strcspn(group, ".")};
    const char *name = NULL;
    return name_normalize(arena, label, &name, NULL) ? NULL : name;
}

static enum status collect_hosts(struct page_context *page, const char *group,
                                 const char *environment, struct strings *ret_hosts,
                                 struct error *err) {
    struct environment_detail detail;
    enum status status =
        store_environment_load(page->api->reading, page->arena, environment, 0, &detail, err);
    if (status) {
        return status;
    }
    const struct environment *facts = &detail.environment;
    const char **hosts = arena_array(page->arena, facts->have_count + 1, sizeof *hosts);
    size_t count = 0;
    if (!hosts) {
        return fail_no_memory(err);
    }
    hosts[count] = host_of_group(page->arena, group);
    count += hosts[count] ? 1 : 0;
    for (size_t i = 0; i < facts->have_count; i++) {
        hosts[count++] = facts->have[i].name;
    }
    *ret_hosts = (struct strings){hosts, count};
    return STATUS_OK;
}

// Each package once: all its records are of one release.
static bool is_new(const struct release_name *releases, size_t count, const char *package) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(releases[i].package, package) == 0) {
            return false;
        }
    }
    return true;
}

enum status host_ranges_load(struct page_context *page, const char *environment,
                             const struct records *records,
                             struct host_requirements *ret_requirements, struct error *err) {
    struct host_query query = {0};
    struct release_name *releases = arena_array(page->arena, records->count + 1, sizeof *releases);
    if (!records->count) {
        return STATUS_OK;
    }
    if (!releases) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (record->package && record->version && is_new(releases, query.count, record->package)) {
            releases[query.count++] = (struct release_name){record->package, record->version};
        }
    }
    query.releases = releases;
    enum status status =
        collect_hosts(page, records->items[0].group, environment, &query.hosts, err);
    if (status) {
        return status;
    }
    return store_host_requirements_load(page->api->reading, page->arena, &query, ret_requirements,
                                        err);
}

// "mountaineer >=0.5", and the marker under which it counts.
static void add_range(struct page_context *page, const char *text) {
    struct html *html = page->html;
    const struct requirement *requirement = NULL;
    const char *marker = strchr(text, ';');
    html_open(html, "li");
    if (requirement_parse(page->arena, text_from(text), &requirement, NULL) || requirement->url) {
        html_text(html, text);
        html_close(html);
        return;
    }
    const char *versions = specifier_set_string(requirement->specifiers);
    html_printf(html, "%s %s", requirement->name,
                versions && versions[0] ? versions : "(any version)");
    if (marker) {
        html_open(html, "span.dim");
        html_printf(html, " if %s", marker + 1 + strspn(marker + 1, " "));
        html_close(html);
    }
    html_close(html);
}

void host_ranges_add(struct page_context *page, const struct host_requirements *requirements,
                     const char *package) {
    struct html *html = page->html;
    size_t shown = 0;
    html_open(html, "td");
    for (size_t i = 0; package && i < requirements->count && shown < RANGES_SHOWN; i++) {
        if (strcmp(requirements->items[i].package, package) != 0) {
            continue;
        }
        if (!shown++) {
            html_open(html, "ul.plain-list");
        }
        add_range(page, requirements->items[i].requirement);
    }
    if (shown) {
        html_close(html);
    } else {
        html_text(html, "any");
    }
    html_close(html);
}
