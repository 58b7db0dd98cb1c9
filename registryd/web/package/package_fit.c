// SPDX-License-Identifier: MIT
// Releases down, host versions and Pythons across. The host versions are those that environments say they have of what
// the package requires, so the matrix shows what the team runs. A cell that is not "yes" says what is required, and a
// release that fits no host stays in the table, in grey.
#include "registryd/web/package/package_parts.h"

#include "registryd/store/store_environments.h"
#include "schema/packaging/requirement/requirement.h"

#include <stdio.h>

// The table:
//
//                     crm-host 2.0    crm-host 3.1           Python 3.9    3.10   3.11  ...
//                     staging         production
//     1.2.0           yes             no: crm-host <3        no: >=3.10    yes    yes
//     1.0.0 – 1.1.0   yes             partly: crm-host <3…   yes           yes    yes
//
// Each release is a statement, and each column makes the page wider, hence the bounds.
enum {
    RELEASES_MAX = 24, // that are looked at; neighbours share a row
    PYTHON_FIRST = 9,  // minor version: 3.9
    PYTHON_LAST = 14,  // minor version: 3.14
    HOSTS_MAX = 8,
    ENVIRONMENTS_MAX = 20,
    NAMES_MAX = 4 // environments that a column names
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
    const char *environments[NAMES_MAX];
    size_t environment_count; // of those that have it, named or not
};

// A cell: whether it fits, and what is required where it does not.
struct cell {
    enum fit fit;
    const char *why; // NULL: nothing to say
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
static struct cell fit_python(struct arena *arena, const char *requires_python, int minor) {
    const struct specifier_set *set = NULL;
    char first[24];
    char last[24];
    if (!requires_python || specifier_set_parse(arena, text_from(requires_python), &set, NULL)) {
        return (struct cell){FIT_YES, NULL};
    }
    snprintf(first, sizeof first, "3.%d.0", minor);
    snprintf(last, sizeof last, "3.%d.99", minor);
    bool takes_first = accepts(arena, set, first);
    bool takes_last = accepts(arena, set, last);
    enum fit fit = takes_first && takes_last   ? FIT_YES
                   : takes_first || takes_last ? FIT_PARTLY
                                               : FIT_NO;
    return (struct cell){fit, fit == FIT_YES ? NULL : specifier_set_string(set)};
}

// A requirement under a marker may not apply at all. "No" is never weakened by a later requirement that only may
// apply.
static struct cell fit_host(struct arena *arena, const struct release *release,
                            const struct host *host) {
    struct cell cell = {FIT_YES, NULL};
    for (size_t i = 0; i < release->requires_dist.count; i++) {
        const char *text = release->requires_dist.items[i];
        const struct requirement *requirement = NULL;
        if (requirement_parse(arena, text_from(text), &requirement, NULL) ||
            strcmp(requirement->normalized_name, host->name) != 0 ||
            specifier_set_contains(requirement->specifiers, host->parsed, PRERELEASES_ALLOW)) {
            continue;
        }
        if (cell.fit == FIT_YES || (cell.fit == FIT_PARTLY && !requirement->marker)) {
            cell = (struct cell){requirement->marker ? FIT_PARTLY : FIT_NO, text};
        }
    }
    return cell;
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

static void name_environment(struct host *host, const char *environment) {
    if (host->environment_count < NAMES_MAX) {
        host->environments[host->environment_count] = environment;
    }
    host->environment_count++;
}

// Two environments with the same version of a host share a column.
static void add_host(struct matrix *matrix, const struct environment_pair *have,
                     const char *environment) {
    struct arena *arena = matrix->page->arena;
    const struct version *version = NULL;
    for (size_t i = 0; i < matrix->host_count; i++) {
        if (strcmp(matrix->hosts[i].name, have->name) == 0 &&
            strcmp(matrix->hosts[i].version, have->value) == 0) {
            name_environment(&matrix->hosts[i], environment);
            return;
        }
    }
    if (matrix->host_count < HOSTS_MAX && requires_host(matrix, have->name) &&
        !version_parse(arena, text_from(have->value), &version, NULL)) {
        struct host *host = &matrix->hosts[matrix->host_count++];
        *host = (struct host){.name = have->name, .version = have->value, .parsed = version};
        name_environment(host, environment);
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
            add_host(matrix, &detail.environment.have[j], rows.items[i].name);
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

static void add_cell(struct html *html, const struct cell *cell) {
    html_open(html, fits[cell->fit].element);
    html_text(html, fits[cell->fit].text);
    if (cell->why) {
        html_text(html, ": ");
        html_element(html, "span.why", cell->why);
    }
    html_close(html);
}

// One click to what an environment gets of the package, and why.
static void add_environments(struct page_context *page, const struct host *host) {
    struct html *html = page->html;
    size_t shown = host->environment_count < NAMES_MAX ? host->environment_count : NAMES_MAX;
    for (size_t i = 0; i < shown; i++) {
        struct address address;
        address_begin(&address, page->arena, "");
        address_add_query(&address, "environment", host->environments[i]);
        const char *path = address_end(&address);
        html_text(html, i ? ", " : NULL);
        html_link(html, "a", path ? arena_printf(page->arena, "%s#standing", path) : NULL,
                  host->environments[i]);
    }
    if (host->environment_count > shown) {
        html_printf(html, " and %zu more", host->environment_count - shown);
    }
}

static void add_host_head(const struct matrix *matrix, const struct host *host) {
    struct html *html = matrix->page->html;
    html_open(html, "th");
    html_attribute(html, "scope", "col");
    html_printf(html, "%s %s", host->name, host->version);
    html_open(html, "span.why");
    html_text(html, " ");
    add_environments(matrix->page, host);
    html_close(html);
    html_close(html);
}

// What the team runs comes first. "Python" stands before the first version only, to keep the columns narrow.
static void add_heads(const struct matrix *matrix) {
    struct html *html = matrix->page->html;
    html_open(html, "thead");
    html_open(html, "tr");
    html_open(html, "th");
    html_attribute(html, "scope", "col");
    html_text(html, "Releases");
    html_close(html);
    for (size_t i = 0; i < matrix->host_count; i++) {
        add_host_head(matrix, &matrix->hosts[i]);
    }
    for (int minor = PYTHON_FIRST; minor <= PYTHON_LAST; minor++) {
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        html_printf(html, "%s3.%d", minor == PYTHON_FIRST ? "Python " : "", minor);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

// A release against every version of a host that environments state, then against every Python.
struct fits_row {
    struct cell cells[PYTHON_LAST - PYTHON_FIRST + 1 + HOSTS_MAX];
    size_t count;
    bool is_unfit; // for every host that is here
};

static void find_fits(const struct matrix *matrix, size_t at, struct fits_row *row) {
    struct arena *arena = matrix->page->arena;
    *row = (struct fits_row){.is_unfit = matrix->host_count};
    for (size_t i = 0; i < matrix->host_count; i++) {
        row->cells[row->count] = fit_host(arena, matrix->releases[at], &matrix->hosts[i]);
        row->is_unfit = row->is_unfit && row->cells[row->count].fit == FIT_NO;
        row->count++;
    }
    for (int minor = PYTHON_FIRST; minor <= PYTHON_LAST; minor++) {
        row->cells[row->count++] = fit_python(arena, matrix->rows[at]->requires_python, minor);
    }
}

static bool is_alike(const struct fits_row *a, const struct fits_row *b) {
    for (size_t i = 0; i < a->count; i++) {
        const char *of_a = a->cells[i].why;
        const char *of_b = b->cells[i].why;
        bool is_same = of_a == of_b || (of_a && of_b && strcmp(of_a, of_b) == 0);
        if (a->cells[i].fit != b->cells[i].fit || !is_same) {
            return false;
        }
    }
    return true;
}

static void add_row(const struct matrix *matrix, size_t newest, size_t oldest,
                    const struct fits_row *row) {
    struct html *html = matrix->page->html;
    html_open(html, row->is_unfit ? "tr.unfit" : "tr");
    html_open(html, "th");
    html_attribute(html, "scope", "row");
    html_text(html, matrix->rows[oldest]->version);
    if (oldest != newest) {
        html_printf(html, " – %s", matrix->rows[newest]->version);
    }
    html_close(html);
    for (size_t i = 0; i < row->count; i++) {
        add_cell(html, &row->cells[i]);
    }
    html_close(html);
}

// Neighbours that fit the same are one row: what differs is what a visitor looks for.
static void add_rows(const struct matrix *matrix) {
    struct fits_row row;
    struct fits_row next;
    for (size_t i = 0; i < matrix->count;) {
        size_t end = i;
        find_fits(matrix, i, &row);
        do {
            end++;
            if (end < matrix->count) {
                find_fits(matrix, end, &next);
            }
        } while (end < matrix->count && is_alike(&row, &next));
        add_row(matrix, i, end - 1, &row);
        i = end;
    }
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
    html_element(html, "caption.hidden", "Host versions and Pythons that each release supports");
    add_heads(&matrix);
    html_open(html, "tbody");
    add_rows(&matrix);
    html_close(html);
    html_close(html);
    html_close(html);
    html_open(html, "p.dim");
    if (view->detail->release_count > matrix.count) {
        html_printf(html, "The newest %zu releases are shown. ", matrix.count);
    }
    html_text(html, matrix.host_count ? "Host versions are the ones that environments state."
                                      : "No environment states a version of this package's "
                                        "requirements, so only Python versions are shown.");
    html_close(html);
    html_close(html);
    return STATUS_OK;
}
