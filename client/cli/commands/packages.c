// SPDX-License-Identifier: MIT
// registryctl search and show: packages and releases in the registry. "show --history" reads the
// registry's feed of changes, which comes in pages by serial; for a release, only the changes that name it
// are kept. Everything here is printed from the registry's JSON, without a struct between.
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/cli/input/administration.h"
#include "client/cli/input/release_name.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// ---- search ----

enum { PATH_BYTES = 64 * 1024, WORDS_MAX = 64 };

struct search_options {
    struct words groups;
    struct words classifiers;
    const char *status;
    const char *license;
    const char *python;
    const char *owner;
    const char *order;
    bool facets;
    const char *limit;
    bool require;
};

static const struct option_row search_rows[] = {
    {"--group", "NAME", offsetof(struct search_options, groups),
     "Only packages with entry points in this group", .repeats = true},
    {"--classifier", "TEXT", offsetof(struct search_options, classifiers),
     "Only packages with this classifier", .repeats = true},
    {"--status", "STATUS", offsetof(struct search_options, status),
     "Only packages that are active, deprecated, archived or quarantined",
     .choices = "active|deprecated|archived|quarantined"},
    {"--license", "EXPRESSION", offsetof(struct search_options, license),
     "Only packages with this license expression, e.g. MIT"},
    {"--python", "VERSION", offsetof(struct search_options, python),
     "Only packages that accept this Python version, e.g. 3.11"},
    {"--owner", "TEAM", offsetof(struct search_options, owner), "Only packages of this team"},
    {"--order", "ORDER", offsetof(struct search_options, order),
     "relevance (default), newest or name", .choices = "relevance|newest|name"},
    {"--facets", NULL, offsetof(struct search_options, facets),
     "Also count packages by group, classifier, license and so on"},
    {"--limit", "N", offsetof(struct search_options, limit), "At most N packages; default 100",
     .min_number = 1, .max_number = 1000},
    {"--require", NULL, offsetof(struct search_options, require), "Exit 1 if nothing matches"},
};

// The words are joined with spaces, so "search invoice crm" and "search 'invoice crm'" ask the
// same.
static void add_words(struct cli *cli, struct buffer *path) {
    const char *words = cli->argument_count ? cli->arguments[0] : NULL;
    for (size_t i = 1; i < cli->argument_count; i++) {
        words = arena_printf(cli->arena, "%s %s", words ? words : "", cli->arguments[i]);
    }
    api_call_add_query(path, "q", words);
}

// GET /v1/packages with every option as a parameter; the registry judges them.
static enum status load_matches(struct cli *cli, json_t **ret_page, struct error *err) {
    const struct search_options *given = cli->options;
    scoped(buffer_done) struct buffer path;
    struct connection connection;
    buffer_init(&path, PATH_BYTES);
    buffer_add_string(&path, "/v1/packages");
    add_words(cli, &path);
    for (size_t i = 0; i < given->groups.count; i++) {
        api_call_add_query(&path, "group", given->groups.items[i]);
    }
    for (size_t i = 0; i < given->classifiers.count; i++) {
        api_call_add_query(&path, "classifier", given->classifiers.items[i]);
    }
    api_call_add_query(&path, "status", given->status);
    api_call_add_query(&path, "license", given->license);
    api_call_add_query(&path, "python", given->python);
    api_call_add_query(&path, "owner", given->owner);
    api_call_add_query(&path, "order", given->order);
    api_call_add_query(&path, "facets", given->facets ? "1" : NULL);
    api_call_add_query(&path, "environment", cli->global.environment);
    api_call_add_query(&path, "limit", given->limit);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long.");
    }
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = cli->arena, .connection = &connection};
    scoped(cleanup_json) json_t *page = NULL;
    status = api_call_json(&call, &request, &page, err);
    if (status) {
        return status;
    }
    if (!json_is_array(json_object_get(page, "packages"))) {
        return fail(err, STATUS_UNREACHABLE, "/packages",
                    "The registry sent an unexpected answer: the list is missing.");
    }
    *ret_page = take(page);
    return STATUS_OK;
}

static void add_match(struct table *table, const json_t *item) {
    const char *status = json_string_value(json_object_get(item, "status"));
    bool is_active = status && strcmp(status, "active") == 0;
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "name")));
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "latest_version")));
    table_add(table, is_active ? COLOR_NONE : COLOR_YELLOW, status);
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "summary")));
}

static enum status print_matches(struct cli *cli, const json_t *page, struct error *err) {
    static const struct table_column columns[] = {{.title = "PACKAGE", .min_width = 16},
                                                  {.title = "VERSION", .min_width = 0},
                                                  {.title = "STATUS", .min_width = 0},
                                                  {.title = "SUMMARY", .min_width = 20}};
    const json_t *items = json_object_get(page, "packages");
    const char *corrected = json_string_value(json_object_get(page, "corrected"));
    json_int_t total = json_integer_value(json_object_get(page, "total"));
    size_t count = json_array_size(items);
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < count; i++) {
        add_match(&table, json_array_get(items, i));
    }
    if (corrected) {
        output_print(&cli->output, COLOR_DIM, "No exact match. Results for: %s\n", corrected);
    }
    if (!count) {
        output_print(&cli->output, COLOR_NONE, "No packages match.\n");
        return STATUS_OK;
    }
    enum status status = table_print(&table, &cli->output, err);
    if (status) {
        return status;
    }
    if ((size_t)total > count) {
        output_print(&cli->output, COLOR_DIM,
                     "Showing %zu of %" JSON_INTEGER_FORMAT ". Use --limit N to see more.\n", count,
                     total);
    }
    return STATUS_OK;
}

// Nothing without --facets. A number of a part of the list is a lower bound.
static enum status print_facets(struct cli *cli, const json_t *facets, struct error *err) {
    static const struct table_column columns[] = {
        {.title = "FACET"}, {.title = "VALUE", .min_width = 20}, {.title = "PACKAGES"}};
    static const char *const kinds[] = {"group",  "classifier", "license",
                                        "python", "owner",      "status"};
    const char *more = json_is_true(json_object_get(facets, "is_part")) ? "+" : "";
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const json_t *list = json_object_get(facets, kinds[i]);
        for (size_t j = 0; j < json_array_size(list); j++) {
            const json_t *item = json_array_get(list, j);
            json_int_t count = json_integer_value(json_object_get(item, "packages"));
            table_add(&table, COLOR_NONE, kinds[i]);
            table_add(&table, COLOR_NONE, json_string_value(json_object_get(item, "value")));
            table_add(&table, COLOR_NONE,
                      arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT "%s", count, more));
        }
    }
    output_print(&cli->output, COLOR_NONE, "%s", facets ? "\n" : "");
    return facets ? table_print(&table, &cli->output, err) : STATUS_OK;
}

static enum status run_search(struct cli *cli, struct error *err) {
    const struct search_options *given = cli->options;
    scoped(cleanup_json) json_t *page = NULL;
    enum status status = load_matches(cli, &page, err);
    if (status) {
        return status;
    }
    bool is_empty = !json_array_size(json_object_get(page, "packages"));
    cli->exit_code = given->require && is_empty ? 1 : 0;
    if (cli->output.json) {
        return output_json(&cli->output, take(page), err);
    }
    status = print_matches(cli, page, err);
    return status ? status : print_facets(cli, json_object_get(page, "facets"), err);
}

const struct command command_search = {
    .name = "search",
    .arguments = "[TEXT...]",
    .max_arguments = WORDS_MAX,
    .lines = "packages: name latest_version status summary",
    .summary = "Search packages by words, group, classifier or status",
    .description =
        "Searches names, summaries, keywords, entry points with their values, groups, and "
        "manifests\n"
        "with their endpoints and events. A word may be incomplete or misspelt. The best matches\n"
        "come first. Without words, all packages are listed by name. With --environment, only\n"
        "packages with a release for that environment are listed.",
    COMMAND_OPTIONS(search_rows, struct search_options),
    .exit_codes = "0  Done, even if nothing matches\n"
                  "1  Nothing matches (--require)\n",
    .example = "registryctl search invoice --group honeyframe.plugins",
    .run = run_search,
};

// ---- show --history ----

enum { PAGE_ITEMS = 1000 };

// Loads one page. *since becomes its last serial; *more is whether there can be another page.
static enum status load_changes(struct cli *cli, const char *package, json_t *items,
                                json_int_t *since, bool *more, struct error *err) {
    scoped(buffer_done) struct buffer path;
    scoped(cleanup_json) json_t *page = NULL;
    buffer_init(&path, PATH_BYTES);
    buffer_printf(&path, "/v1/changes?limit=%d&since=%" JSON_INTEGER_FORMAT, PAGE_ITEMS, *since);
    api_call_add_query(&path, "package", package);
    enum status status =
        administration_send(cli, "GET", path.failed ? NULL : path.ptr, NULL, &page, err);
    if (status) {
        return status;
    }
    json_t *changes = json_object_get(page, "changes");
    size_t count = json_array_size(changes);
    const json_t *last = json_array_get(changes, count ? count - 1 : 0);
    json_int_t serial = json_integer_value(json_object_get(last, "serial"));
    // A serial that does not grow would make the caller ask for the same page for ever.
    if (!json_is_array(changes) || (count && serial <= *since)) {
        return fail(err, STATUS_UNREACHABLE, "/changes",
                    "The registry sent an unexpected answer: the changes are missing.");
    }
    *since = serial;
    *more = count >= PAGE_ITEMS;
    return json_array_extend(items, changes) ? fail_no_memory(err) : STATUS_OK;
}

// From the end, because removing an item shifts all that follow it.
static void keep_version(json_t *items, const char *version) {
    for (size_t i = json_array_size(items); i > 0; i--) {
        const json_t *item = json_array_get(items, i - 1);
        const char *its = json_string_value(json_object_get(item, "version"));
        if (!its || strcmp(its, version) != 0) {
            json_array_remove(items, i - 1);
        }
    }
}

// The changes name a version in its normal form, so the registry is asked for it.
static enum status normal_version(struct cli *cli, const struct release_name *name,
                                  const char **ret_version, struct error *err) {
    scoped(cleanup_json) json_t *release = NULL;
    const char *path = release_name_path(cli, name, "");
    enum status status = administration_send(cli, "GET", path, NULL, &release, err);
    if (status) {
        return status;
    }
    const char *version = json_string_value(json_object_get(release, "version"));
    *ret_version = arena_strdup(cli->arena, version ? version : name->version);
    return *ret_version ? STATUS_OK : fail_no_memory(err);
}

// The registry lists the changes of a package; those of one version are chosen here. An unknown package
// has no changes, since publishing is one.
static enum status load_history(struct cli *cli, const struct release_name *name, json_t *items,
                                struct error *err) {
    const char *version = NULL;
    json_int_t since = 0;
    bool more = true;
    if (name->version) {
        enum status status = normal_version(cli, name, &version, err);
        if (status) {
            return status;
        }
    }
    while (more) {
        enum status status = load_changes(cli, name->package, items, &since, &more, err);
        if (status) {
            return status;
        }
    }
    if (version) {
        keep_version(items, version);
    }
    if (!json_array_size(items)) {
        return fail(err, STATUS_NOT_FOUND, NULL, "Unknown package \"%s\".", name->package);
    }
    return STATUS_OK;
}

static enum status print_history(struct cli *cli, const struct release_name *name,
                                 struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "CHANGE"}, "serial"},
        {{.title = "AT", .min_width = 10}, "at"},
        {{.title = "EVENT"}, "kind"},
        {{.title = "VERSION", .min_width = 8}, "version"},
        {{.title = "ENVIRONMENT", .min_width = 8, .optional = true}, "environment"},
        {{.title = "REASON", .min_width = 12}, "reason"},
    };
    scoped(cleanup_json) json_t *items = json_array();
    if (!items) {
        return fail_no_memory(err);
    }
    enum status status = load_history(cli, name, items, err);
    if (status) {
        return status;
    }
    return administration_print(cli, take(items), columns, COUNT_OF(columns), "", err);
}

// ---- show ----

struct show_options {
    bool history;
};

static const struct option_row show_rows[] = {
    {"--history", NULL, offsetof(struct show_options, history),
     "List the changes of the package or release, the oldest first"},
};

enum { LABEL_WIDTH = 14 };

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// A fact that the registry does not state gets no line. The label is empty in a list's later lines.
static void print_fact(struct cli *cli, const char *label, const char *text) {
    if (text && *text) {
        output_print(&cli->output, COLOR_DIM, "  %-*s", LABEL_WIDTH, label);
        output_print(&cli->output, COLOR_NONE, "%s\n", output_text(&cli->output, text));
    }
}

// From the release document, in the order of its groups.
static enum status print_entry_points(struct cli *cli, const json_t *document, struct error *err) {
    static const struct table_column columns[] = {{.title = "GROUP", .min_width = 16},
                                                  {.title = "ENTRY POINT", .min_width = 12},
                                                  {.title = "VALUE", .min_width = 16}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    const char *group = NULL;
    json_t *entries = NULL;
    json_object_foreach(json_object_get(document, "entry_points"), group, entries) {
        const char *name = NULL;
        json_t *value = NULL;
        json_object_foreach(entries, name, value) {
            table_add(&table, COLOR_NONE, group);
            table_add(&table, COLOR_NONE, name);
            table_add(&table, COLOR_NONE, json_string_value(value));
        }
    }
    if (!table.cell_count && !table.no_memory) {
        return STATUS_OK;
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

// A quarantine hides a yank, and a yank hides that the release is a pre-release: the strongest state is shown.
static const char *state_of(const json_t *release) {
    const char *status = text_of(release, "status");
    if (status && strcmp(status, "quarantined") == 0) {
        return status;
    }
    bool yanked = json_is_true(json_object_get(release, "yanked"));
    bool prerelease = json_is_true(json_object_get(release, "prerelease"));
    return yanked ? "yanked" : prerelease ? "pre-release" : "live";
}

// Why a release is yanked or quarantined; NULL for others.
static const char *reason_of(const json_t *release) {
    const char *reason = text_of(release, "status_reason");
    return reason ? reason : text_of(release, "yanked_reason");
}

static enum color color_of(const char *state) {
    return strcmp(state, "live") == 0          ? COLOR_GREEN
           : strcmp(state, "quarantined") == 0 ? COLOR_RED
                                               : COLOR_YELLOW;
}

// The column of reasons is left out if no release has one.
static enum status print_releases(struct cli *cli, const json_t *releases, struct error *err) {
    bool has_reason = false;
    for (size_t i = 0; i < json_array_size(releases); i++) {
        has_reason = has_reason || reason_of(json_array_get(releases, i));
    }
    const struct table_column columns[] = {
        {.title = "VERSION", .min_width = 8},
        {.title = "STATE", .min_width = 0},
        {.title = "PYTHON", .min_width = 8},
        {.title = "PUBLISHED", .min_width = 10},
        {.title = "BY", .min_width = 6},
        {.title = "REASON", .min_width = 10, .hidden = !has_reason}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(releases); i++) {
        const json_t *release = json_array_get(releases, i);
        const char *state = state_of(release);
        table_add(&table, COLOR_NONE, text_of(release, "version"));
        table_add(&table, color_of(state), state);
        table_add(&table, COLOR_NONE, text_of(release, "requires_python"));
        table_add(&table, COLOR_NONE, text_of(release, "published_at"));
        table_add(&table, COLOR_NONE, text_of(release, "published_by"));
        table_add(&table, COLOR_NONE, reason_of(release));
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

static enum status print_package(struct cli *cli, const json_t *package, struct error *err) {
    const char *name = text_of(package, "name");
    const char *display_name = text_of(package, "display_name");
    bool same = name && display_name && strcmp(name, display_name) == 0;
    print_fact(cli, "package", name);
    print_fact(cli, "display name", same ? NULL : display_name);
    print_fact(cli, "summary", text_of(package, "summary"));
    print_fact(cli, "latest", text_of(package, "latest_version"));
    print_fact(cli, "status", text_of(package, "status"));
    print_fact(cli, "reason", text_of(package, "status_reason"));
    print_fact(cli, "replaced by", text_of(package, "replaced_by"));
    print_fact(cli, "updated", text_of(package, "updated_at"));
    enum status status = print_entry_points(cli, json_object_get(package, "document"), err);
    if (status) {
        return status;
    }
    return print_releases(cli, json_object_get(package, "releases"), err);
}

static enum status print_release(struct cli *cli, const json_t *release, struct error *err) {
    const json_t *document = json_object_get(release, "document");
    print_fact(cli, "package", text_of(release, "package"));
    print_fact(cli, "version", text_of(release, "version"));
    print_fact(cli, "state", state_of(release));
    print_fact(cli, "reason", reason_of(release));
    print_fact(cli, "summary", text_of(document, "summary"));
    print_fact(cli, "python", text_of(release, "requires_python"));
    print_fact(cli, "license", text_of(document, "license_expression"));
    print_fact(cli, "published", text_of(release, "published_at"));
    print_fact(cli, "by", text_of(release, "published_by"));
    print_fact(cli, "sha256", text_of(release, "digest"));
    const json_t *requires = json_object_get(document, "requires_dist");
    for (size_t i = 0; i < json_array_size(requires); i++) {
        print_fact(cli, i ? "" : "requires", json_string_value(json_array_get(requires, i)));
    }
    const json_t *files = json_object_get(release, "artifacts");
    for (size_t i = 0; i < json_array_size(files); i++) {
        print_fact(cli, i ? "" : "files", text_of(json_array_get(files, i), "filename"));
    }
    return print_entry_points(cli, document, err);
}

// A package, or with ==VERSION one release of it.
static enum status run_show(struct cli *cli, struct error *err) {
    const struct show_options *given = cli->options;
    struct release_name name;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    if (given->history) {
        return print_history(cli, &name, err);
    }
    const char *path = release_name_path(cli, &name, "");
    status = administration_send(cli, "GET", path, NULL, &answer, err);
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    return name.version ? print_release(cli, answer, err) : print_package(cli, answer, err);
}

const struct command command_show = {
    .name = "show",
    .arguments = "PACKAGE[==VERSION]",
    .min_arguments = 1,
    .max_arguments = 2,
    .lines = "releases: ^name version status yanked prerelease requires_python published_at "
             "published_by; "
             "serial kind package version environment reason at groups",
    .summary = "Show a package with its releases, or one release",
    .description = "\"PACKAGE VERSION\" is the same as \"PACKAGE==VERSION\".",
    COMMAND_OPTIONS(show_rows, struct show_options),
    .exit_codes = "0  Done\n1  Unknown package or release\n",
    .example = "registryctl show crm==0.1.0",
    .run = run_show,
};
