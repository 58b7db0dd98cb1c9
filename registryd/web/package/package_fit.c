// SPDX-License-Identifier: MIT
// Releases down, Pythons and host versions across. The host versions are those that environments say
// they have of what the package requires, so the matrix shows what the team runs.
#include "registryd/web/package/package_parts.h"

#include "registryd/store/store_environments.h"
#include "registryd/web/pages/environment_parts.h"
#include "registryd/web/pages/records_table.h"
#include "schema/packaging/requirement/requirement.h"

#include <stdio.h>

// The table:
//
//                  Python 3.9   3.10   3.11  ...   crm-host 2.0   crm-host 3.1
//     1.2.0           no        yes    yes              yes            no
//     1.1.0           yes       yes    yes              yes            partly
//
// Each release is a statement, and each column makes the page wider, hence the bounds.
enum {
    RELEASES_MAX = 12, // rows of the matrix
    PYTHON_FIRST = 9,  // minor version: 3.9
    PYTHON_LAST = 14,  // minor version: 3.14
    HOSTS_MAX = 8,
    ENVIRONMENTS_MAX = 20
};

enum fit { FIT_NO, FIT_PARTLY, FIT_YES };

static const struct {
    const char *element;
    const char *text;
} fits[] = {[FIT_NO] = {"td.no", "no"},
            [FIT_PARTLY] = {"td.perhaps", "partly"},
            [FIT_YES] = {"td.yes", "yes"}};

// A host as an environment has it.
struct host {
    const char *name; // normalised
    const char *version;
    const struct version *parsed;
};

struct matrix {
    struct page_context *page;
    const struct release *releases[RELEASES_MAX];
    const struct release_row *rows[RELEASES_MAX];
    size_t count;
    struct host hosts[HOSTS_MAX];
    size_t host_count;
};

// Pre-releases are allowed: an environment that says it runs 3.0rc1 is asked about 3.0rc1.
static bool accepts(struct arena *arena, const struct specifier_set *set, const char *text) {
    const struct version *version = NULL;
    return !version_parse(arena, text_from(text), &version, NULL) &&
           specifier_set_contains(set, version, PRERELEASES_ALLOW);
}

// The first and a late release of a Python decide for all of it.
// A requirement that cannot be read excludes nothing.
static enum fit fit_python(struct arena *arena, const char *requires_python, int minor) {
    const struct specifier_set *set = NULL;
    char first[24];
    char last[24];
    if (!requires_python || specifier_set_parse(arena, text_from(requires_python), &set, NULL)) {
        return FIT_YES;
    }
    snprintf(first, sizeof first, "3.%d.0", minor);
    snprintf(last, sizeof last, "3.%d.99", minor);
    bool takes_first = accepts(arena, set, first);
    bool takes_last = accepts(arena, set, last);
    return takes_first && takes_last ? FIT_YES : takes_first || takes_last ? FIT_PARTLY : FIT_NO;
}

// A requirement under a marker may not apply at all.
static enum fit fit_host(struct arena *arena, const struct release *release,
                         const struct host *host) {
    enum fit fit = FIT_YES;
    for (size_t i = 0; i < release->requires_dist.count; i++) {
        const struct requirement *requirement = NULL;
        if (requirement_parse(arena, text_from(release->requires_dist.items[i]), &requirement,
                              NULL) ||
            strcmp(requirement->normalized_name, host->name) != 0 ||
            specifier_set_contains(requirement->specifiers, host->parsed, PRERELEASES_ALLOW)) {
            continue;
        }
        // "no" is never weakened by a later requirement that only may apply.
        fit = requirement->marker && fit != FIT_NO ? FIT_PARTLY : FIT_NO;
    }
    return fit;
}

// Only what one of the shown releases requires becomes a column.
static bool requires_host(const struct matrix *matrix, const char *name) {
    struct arena *arena = matrix->page->arena;
    for (size_t i = 0; i < matrix->count; i++) {
        const struct strings *list = &matrix->releases[i]->requires_dist;
        for (size_t j = 0; j < list->count; j++) {
            const struct requirement *requirement = NULL;
            if (!requirement_parse(arena, text_from(list->items[j]), &requirement, NULL) &&
                strcmp(requirement->normalized_name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

// Two environments with the same version of a host share a column.
static void add_host(struct matrix *matrix, const struct environment_pair *have) {
    struct arena *arena = matrix->page->arena;
    const struct version *version = NULL;
    for (size_t i = 0; i < matrix->host_count; i++) {
        if (strcmp(matrix->hosts[i].name, have->name) == 0 &&
            strcmp(matrix->hosts[i].version, have->value) == 0) {
            return;
        }
    }
    if (matrix->host_count < HOSTS_MAX && requires_host(matrix, have->name) &&
        !version_parse(arena, text_from(have->value), &version, NULL)) {
        matrix->hosts[matrix->host_count++] = (struct host){have->name, have->value, version};
    }
}

// The newest revision of each environment, in the order of their names, until the columns are full.
static enum status find_hosts(struct matrix *matrix, struct error *err) {
    struct page_context *page = matrix->page;
    const struct environments_query first = {.page.limit = ENVIRONMENTS_MAX};
    struct environment_rows rows;
    enum status status =
        store_environments_load(page->api->reading, page->arena, &first, &rows, err);
    for (size_t i = 0; !status && i < rows.count; i++) {
        struct environment_detail detail;
        status = store_environment_load(page->api->reading, page->arena, rows.items[i].name, 0,
                                        &detail, err);
        for (size_t j = 0; !status && j < detail.environment.have_count; j++) {
            add_host(matrix, &detail.environment.have[j]);
        }
    }
    return status;
}

// The newest ones; each costs a statement, so their number is bounded.
static enum status find_releases(struct matrix *matrix, const struct package_view *view,
                                 struct error *err) {
    struct page_context *page = matrix->page;
    for (size_t i = 0; i < view->detail->release_count && matrix->count < RELEASES_MAX; i++) {
        const struct release_row *row = &view->detail->releases[i];
        struct release_detail detail;
        struct findings findings;
        findings_init(&findings, page->arena);
        enum status status =
            store_release_load(page->api->reading, page->arena, view->detail->package.name,
                               row->version, &detail, err);
        if (status) {
            return status;
        }
        status = release_decode(page->arena, detail.document, strlen(detail.document), &findings,
                                &matrix->releases[matrix->count], err);
        if (status) {
            return status;
        }
        matrix->rows[matrix->count++] = row;
    }
    return STATUS_OK;
}

static void add_fit(struct html *html, enum fit fit) {
    html_element(html, fits[fit].element, fits[fit].text);
}

// "Python" stands before the first version only, to keep the columns narrow.
static void add_heads(const struct matrix *matrix) {
    struct html *html = matrix->page->html;
    html_open(html, "thead");
    html_open(html, "tr");
    html_open(html, "th");
    html_attribute(html, "scope", "col");
    html_text(html, "Release");
    html_close(html);
    for (int minor = PYTHON_FIRST; minor <= PYTHON_LAST; minor++) {
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        html_printf(html, "%s3.%d", minor == PYTHON_FIRST ? "Python " : "", minor);
        html_close(html);
    }
    for (size_t i = 0; i < matrix->host_count; i++) {
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        html_printf(html, "%s %s", matrix->hosts[i].name, matrix->hosts[i].version);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

// A release against every Python, then against every version of a host that environments state.
static void add_row(const struct matrix *matrix, size_t at) {
    struct html *html = matrix->page->html;
    struct arena *arena = matrix->page->arena;
    html_open(html, "tr");
    html_open(html, "th");
    html_attribute(html, "scope", "row");
    html_text(html, matrix->rows[at]->version);
    html_close(html);
    for (int minor = PYTHON_FIRST; minor <= PYTHON_LAST; minor++) {
        add_fit(html, fit_python(arena, matrix->rows[at]->requires_python, minor));
    }
    for (size_t i = 0; i < matrix->host_count; i++) {
        add_fit(html, fit_host(arena, matrix->releases[at], &matrix->hosts[i]));
    }
    html_close(html);
}

// Loads everything before it writes anything: an error leaves no half table.
enum status package_add_matrix(struct page_context *page, const struct package_view *view,
                               struct error *err) {
    struct matrix matrix = {.page = page};
    enum status status = find_releases(&matrix, view, err);
    if (status) {
        return status;
    }
    status = find_hosts(&matrix, err);
    if (status) {
        return status;
    }
    struct html *html = page->html;
    page_open_section(html, "compatibility", "Compatibility");
    html_open(html, "div.scroll");
    html_attribute(html, "tabindex", "0");
    html_attribute(html, "role", "region");
    html_attribute(html, "aria-label", "Compatibility");
    html_open(html, "table.matrix");
    html_element(html, "caption.hidden", "Python and host versions that each release supports");
    add_heads(&matrix);
    html_open(html, "tbody");
    for (size_t i = 0; i < matrix.count; i++) {
        add_row(&matrix, i);
    }
    html_close(html);
    html_close(html);
    html_close(html);
    html_open(html, "p.dim");
    html_text(html, matrix.host_count ? "Host versions are the ones that environments state."
                                      : "No environment states a version of this package's "
                                        "requirements, so only Python versions are shown.");
    html_close(html);
    html_close(html);
    return STATUS_OK;
}

// ---- one environment ----

// The answer to "why is it not there?": the package in one environment, release by release.

enum { ENVIRONMENTS_OFFERED = 100 };

// A form with GET: the choice is in the address, so the page can be sent to a colleague.
static enum status add_choice(struct page_context *page, const char *chosen, struct error *err) {
    const struct environments_query first = {.page.limit = ENVIRONMENTS_OFFERED};
    struct environment_rows rows;
    enum status status =
        store_environments_load(page->api->reading, page->arena, &first, &rows, err);
    if (status) {
        return status;
    }
    struct html *html = page->html;
    html_open(html, "form.filters");
    // The page is loaded again with ?environment= and shown from this section on.
    html_attribute(html, "action", "#standing");
    html_open(html, "label.field");
    html_element(html, "span", "Environment");
    html_open(html, "select");
    html_attribute(html, "name", "environment");
    for (size_t i = 0; i < rows.count; i++) {
        html_open(html, "option");
        html_attribute(html, "selected", strcmp(rows.items[i].name, chosen) == 0 ? "" : NULL);
        html_text(html, rows.items[i].name);
        html_close(html);
    }
    html_close(html);
    html_close(html);
    html_element(html, "button", "Show");
    html_close(html);
    return STATUS_OK;
}

// A resolution takes one release of a package, so any of its records will do.
static const char *find_taken(const struct selection *selection, const char *package) {
    for (size_t i = 0; i < selection->records.count; i++) {
        const struct record *record = &selection->records.items[i];
        if (record->package && strcmp(record->package, package) == 0) {
            return record->version;
        }
    }
    return NULL;
}

static void add_reasons(struct page_context *page, const struct selection *selection,
                        const char *package) {
    static const char *const columns[] = {"Release", "Reason", NULL};
    struct html *html = page->html;
    page_open_table(html, "Excluded releases", columns);
    for (size_t i = 0; i < selection->excluded.count; i++) {
        const struct exclusion *one = &selection->excluded.items[i];
        if (strcmp(one->package, package) == 0) {
            html_open(html, "tr");
            page_cell(html, one->version);
            records_table_add_reason(html, one);
            html_close(html);
        }
    }
    page_close_table(html);
}

static bool has_reasons(const struct selection *selection, const char *package) {
    for (size_t i = 0; i < selection->excluded.count; i++) {
        if (strcmp(selection->excluded.items[i].package, package) == 0) {
            return true;
        }
    }
    return false;
}

// What the page shows of the package in one environment.
struct standing {
    const struct environment_detail *environment;
    const struct environment_plugin *plugin; // NULL = nothing is decided
    const char *package;
    const char *taken; // version; NULL = none
};

// The one sentence most visitors come for: which release does this environment get?
static void add_verdict(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const char *environment = standing->environment->row.name;
    bool is_allowed = standing->plugin && standing->plugin->state == PLUGIN_ALLOWED;
    html_open(html, standing->taken ? "div.banner.good" : "div.banner.warn");
    html_open(html, "p");
    if (standing->taken) {
        html_printf(html, "Release %s is served to ", standing->taken);
    } else {
        html_text(html, "No release fits ");
    }
    html_link(html, "a", address_make(page->arena, "/environments", environment), environment);
    html_text(html, ".");
    html_text(html, standing->taken && is_allowed
                        ? " The user of each host chooses whether it runs."
                        : NULL);
    html_close(html);
    html_close(html);
}

// Hosts obey these two for what they find in their own directories, too. A frozen environment withholds nothing by
// its rules.
static bool is_withheld(const struct standing *standing) {
    enum environment_plugin_state state = standing->plugin ? standing->plugin->state : PLUGIN_UNSET;
    bool is_out = state == PLUGIN_DISABLED ||
                  (state == PLUGIN_UNSET && standing->environment->environment.is_listed_only);
    return is_out && !standing->environment->row.lock_id;
}

static void add_decided(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const struct environment_plugin *plugin = standing->plugin;
    if (is_withheld(standing)) {
        html_element(html, "p",
                     "Hosts of this environment withhold the package: they do not load "
                     "it from their own directories either.");
    }
    if (!plugin) {
        return;
    }
    html_open(html, "dl");
    html_element(html, "dt", "State");
    html_open(html, "dd");
    environment_plugin_badge(html, plugin);
    html_close(html);
    if (plugin->pin) {
        html_element(html, "dt", "Pin");
        html_element(html, "dd", plugin->pin);
    }
    if (plugin->exceptions.count) {
        html_element(html, "dt", "Exceptions");
        html_open(html, "dd");
        environment_exceptions_add(html, &plugin->exceptions);
        html_close(html);
    }
    html_close(html);
}

static void add_switch(struct html *html, const char *state, const char *text,
                       const char *environment) {
    html_open(html, "button");
    html_attribute(html, "name", "state");
    html_attribute(html, "value", state);
    html_printf(html, "%s in %s", text, environment);
    html_close(html);
}

// One form, with a button for each state that the package is not in: the button pressed is the one that is sent. A
// frozen environment refuses changes, so it has none.
static void add_switches(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const struct environment_row *row = &standing->environment->row;
    enum environment_plugin_state state = standing->plugin ? standing->plugin->state : PLUGIN_UNSET;
    if (row->lock_id || !page_may(page, ACCESS_ENVIRONMENT, row->name)) {
        return;
    }
    const char *path = address_make(page->arena, "/environments", row->name);
    page_open_form(page, path ? arena_printf(page->arena, "%s/plugins", path) : NULL);
    page_hidden(html, "package", standing->package);
    if (!standing->taken || state == PLUGIN_ALLOWED) {
        add_switch(html, "enabled", "Enable", row->name);
    }
    if (standing->taken) {
        add_switch(html, "disabled", "Disable", row->name);
    }
    if (state != PLUGIN_ALLOWED) {
        add_switch(html, "allowed", "Offer", row->name);
    }
    html_close(html);
}

// Asks the index as hosts do, with reasons.
enum status package_add_standing(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    const char *package = view->detail->package.name;
    const char *chosen = request_query(page->request, "environment");
    const char *name = chosen ? chosen : ENVIRONMENT_DEFAULT;
    struct resolve_query query = {.environment = name, .explain = true};
    struct selection selection = {0};
    struct environment_detail environment;
    // A release without entry points is in no resolution.
    if (!view->release->entry_point_count) {
        return STATUS_OK;
    }
    enum status status =
        index_select_package(page->api->index, &query, package, page->arena, &selection, err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, 0, &environment, err);
    if (status) {
        return status;
    }
    const struct standing standing = {
        .environment = &environment,
        .plugin = environment_find_plugin(&environment.environment, package),
        .package = package,
        .taken = find_taken(&selection, package)};
    page_open_section(page->html, "standing", "In environments");
    status = add_choice(page, name, err);
    add_verdict(page, &standing);
    add_decided(page, &standing);
    add_switches(page, &standing);
    if (has_reasons(&selection, package)) {
        add_reasons(page, &selection, package);
    }
    html_close(page->html);
    return status;
}
