// SPDX-License-Identifier: MIT
// registryctl groups and group: the entry-point groups of the registry and their contracts. "group set"
// reads the contract, changes the members that were given and sends the whole back, because PUT replaces
// it: what is not given stays as it is.
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/cli/input/administration.h"
#include "client/cli/input/schema_files.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// ---- groups ----

enum { PAGE_ITEMS = 1000, PAGES_MAX = 1000, PATH_BYTES = 64 * 1024 };

// Appends the items of one page to `items`. *cursor is NULL after the last page.
static enum status load_page(struct cli *cli, const struct connection *connection, json_t *items,
                             const char **cursor, struct error *err) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, PATH_BYTES);
    buffer_printf(&path, "/v1/groups?limit=%d", PAGE_ITEMS);
    api_call_add_query(&path, "cursor", *cursor);
    if (path.failed) {
        return fail_no_memory(err);
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    scoped(cleanup_json) json_t *page = NULL;
    struct api_call call = {.arena = cli->arena, .connection = connection};
    enum status status = api_call_json(&call, &request, &page, err);
    if (status) {
        return status;
    }
    json_t *more = json_object_get(page, "groups");
    const char *next = json_string_value(json_object_get(page, "next"));
    if (!json_is_array(more)) {
        return fail(err, STATUS_UNREACHABLE, "/groups",
                    "The registry sent an unexpected answer: the list is missing.");
    }
    *cursor = arena_strdup(cli->arena, next);
    return json_array_extend(items, more) || (next && !*cursor) ? fail_no_memory(err) : STATUS_OK;
}

// Page after page; bounded, so that a server whose cursors never end cannot hold the command.
// PAGES_MAX ends a loop with a server that always names a next page.
static enum status load_groups(struct cli *cli, json_t *items, struct error *err) {
    struct connection connection;
    const char *cursor = NULL;
    enum status status = command_connect(cli, &connection, err);
    for (size_t page = 0; !status && page < PAGES_MAX; page++) {
        status = load_page(cli, &connection, items, &cursor, err);
        if (!cursor) {
            break;
        }
    }
    return status;
}

static const char *number_text(struct cli *cli, const json_t *item, const char *key) {
    const json_t *number = json_object_get(item, key);
    return json_is_integer(number)
               ? arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(number))
               : NULL;
}

static const char *number_of(struct cli *cli, const json_t *list) {
    return arena_printf(cli->arena, "%zu", json_array_size(list));
}

static enum status print_groups(struct cli *cli, const json_t *items, struct error *err) {
    static const struct table_column columns[] = {{.title = "GROUP", .min_width = 20},
                                                  {.title = "PACKAGES", .min_width = 0},
                                                  {.title = "ENTRY POINTS", .min_width = 0}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        table_add(&table, COLOR_NONE, json_string_value(json_object_get(item, "name")));
        table_add(&table, COLOR_NONE, number_text(cli, item, "packages"));
        table_add(&table, COLOR_NONE, number_text(cli, item, "entry_points"));
    }
    if (!json_array_size(items)) {
        output_print(&cli->output, COLOR_NONE, "The registry has no groups yet.\n");
        output_print(&cli->output, COLOR_DIM,
                     "\"registryctl publish PATH\" publishes the first package.\n");
        return STATUS_OK;
    }
    return table_print(&table, &cli->output, err);
}

static enum status run_groups(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *items = json_array();
    if (!items) {
        return fail_no_memory(err);
    }
    enum status status = load_groups(cli, items, err);
    if (status) {
        return status;
    }
    return cli->output.json ? output_json(&cli->output, take(items), err)
                            : print_groups(cli, items, err);
}

const struct command command_groups = {
    .name = "groups",
    .arguments = "",
    .lines = "name packages entry_points",
    .summary = "List the entry-point groups of the registry",
    .description = "Shows the number of packages and entry points of each group.",
    .exit_codes = "0  Done, even if there are no groups\n",
    .example = "registryctl groups --format json",
    .run = run_groups,
};

// ---- group ----

enum { LABEL_WIDTH = 14 };

struct group_options {
    const char *owner;
    const char *description;
    const char *name_pattern;
    const char *kind;
    const char *conflict;
    struct words priority;
    const char *manifest_schema;
    const char *settings_schema;
    struct words checks;
    const char *deprecated;
    const char *successor;
    bool dry_run;
};

static const struct option_row group_rows[] = {
    {"--owner", "TEAM", offsetof(struct group_options, owner), "set: Team that owns the group"},
    {"--description", "TEXT", offsetof(struct group_options, description),
     "set: Purpose of the group"},
    {"--name-pattern", "PATTERN", offsetof(struct group_options, name_pattern),
     "set: Pattern for entry-point names, e.g. [a-z][a-z0-9_]*"},
    {"--kind", "KIND", offsetof(struct group_options, kind),
     "set: Kind of object: module, callable or any", .choices = "any|module|callable|none"},
    {"--conflict", "POLICY", offsetof(struct group_options, conflict),
     "set: Policy for name conflicts: warn, all, error, first or priority",
     .choices = "warn|all|error|first|priority|none"},
    {"--priority", "PACKAGE", offsetof(struct group_options, priority),
     "set: Packages by priority, the highest first", .repeats = true},
    {"--manifest-schema", "FILE", offsetof(struct group_options, manifest_schema),
     "set: JSON Schema that every published manifest must satisfy", .is_input = true},
    {"--settings-schema", "FILE", offsetof(struct group_options, settings_schema),
     "set: JSON Schema for the settings in environments, with defaults", .is_input = true},
    {"--check", "CODE=SEVERITY", offsetof(struct group_options, checks),
     "set: Make a warning about wheels an \"error\" or a \"warning\"", .repeats = true},
    {"--deprecated", "TEXT", offsetof(struct group_options, deprecated),
     "set: Ask hosts to leave the group, and why; \"none\" ends it"},
    {"--successor", "GROUP", offsetof(struct group_options, successor),
     "set: Group to use instead, with --deprecated"},
    {"--dry-run", NULL, offsetof(struct group_options, dry_run),
     "set: Change nothing; list the releases and settings that would fail"},
};

static const char *group_path(struct cli *cli) {
    return administration_path(cli, "/v1/groups", cli->arguments + 1, 1);
}

// ---- show ----

static void print_fact(struct cli *cli, const char *label, const char *text) {
    if (text && *text) {
        output_print(&cli->output, COLOR_DIM, "  %-*s", LABEL_WIDTH, label);
        output_print(&cli->output, COLOR_NONE, "%s\n", output_text(&cli->output, text));
    }
}

// "contract" is null for a group without a contract, and missing when the store could not be asked.
static void print_contract(struct cli *cli, const json_t *contract) {
    static const struct {
        const char *label;
        const char *key;
    } facts[] = {
        {"owner", "owner"},        {"description", "description"}, {"names", "name_pattern"},
        {"kind", "kind"},          {"conflict", "conflict"},       {"priority", "priority"},
        {"updated", "updated_at"}, {"by", "updated_by"},
    };
    if (!json_is_object(contract)) {
        print_fact(cli, "contract",
                   contract ? "none: all entry points are allowed" : "unavailable, try again");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        print_fact(cli, facts[i].label, administration_text(cli, contract, facts[i].key));
    }
    const json_t *schema = json_object_get(contract, "manifest_schema");
    if (schema && !json_is_null(schema)) {
        print_fact(cli, "manifests", "JSON Schema; use --format json to see it");
    }
    schema = json_object_get(contract, "settings_schema");
    if (schema && !json_is_null(schema)) {
        print_fact(cli, "settings", "JSON Schema; use --format json to see it");
    }
    const json_t *deprecated = json_object_get(contract, "deprecated");
    print_fact(cli, "deprecated", json_string_value(json_object_get(deprecated, "message")));
    print_fact(cli, "successor", json_string_value(json_object_get(deprecated, "successor")));
    const char *code;
    json_t *severity;
    json_object_foreach(json_object_get(contract, "checks"), code, severity) {
        print_fact(cli, "check",
                   arena_printf(cli->arena, "%s: %s", code, json_string_value(severity)));
    }
}

static enum status print_group(struct cli *cli, const json_t *group, struct error *err) {
    static const struct table_column columns[] = {{.title = "ENTRY POINT", .min_width = 12},
                                                  {.title = "VALUE", .min_width = 16},
                                                  {.title = "PACKAGE", .min_width = 8},
                                                  {.title = "VERSION", .min_width = 0}};
    static const char *const keys[] = {"name", "value", "package", "version"};
    const json_t *entries = json_object_get(group, "entry_points");
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t row = 0; row < json_array_size(entries); row++) {
        for (size_t i = 0; i < COUNT_OF(keys); i++) {
            table_add(&table, COLOR_NONE,
                      administration_text(cli, json_array_get(entries, row), keys[i]));
        }
    }
    print_fact(cli, "group", administration_text(cli, group, "name"));
    print_contract(cli, json_object_get(group, "contract"));
    output_print(&cli->output, COLOR_NONE, "\n");
    if (!json_array_size(entries)) {
        output_print(&cli->output, COLOR_DIM, "No package has entry points in this group.\n");
        return STATUS_OK;
    }
    return table_print(&table, &cli->output, err);
}

static enum status show(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *group = NULL;
    enum status status = administration_send(cli, "GET", group_path(cli), NULL, &group, err);
    if (status) {
        return status;
    }
    return cli->output.json ? output_json(&cli->output, take(group), err)
                            : print_group(cli, group, err);
}

// ---- set ----

static bool is_none(const char *text) {
    return strcmp(text, "none") == 0;
}

// An option that was not given changes nothing; "none" removes the member.
static bool set_text(json_t *contract, const char *key, const char *text) {
    return !text ||
           !json_object_set_new(contract, key, is_none(text) ? json_null() : json_string(text));
}

static bool set_deprecated(json_t *contract, const struct group_options *given) {
    if (!given->deprecated) {
        return !given->successor;
    }
    json_t *deprecated =
        is_none(given->deprecated)
            ? json_null()
            : json_pack("{s:s,s:s*}", "message", given->deprecated, "successor", given->successor);
    return deprecated && !json_object_set_new(contract, "deprecated", deprecated);
}

// "none" empties the list; no option leaves it as it is.
static bool set_priority(json_t *contract, const struct words *names) {
    if (!names->count) {
        return true;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++) {
        if (!is_none(names->items[i]) &&
            json_array_append_new(list, json_string(names->items[i]))) {
            json_decref(list);
            return false;
        }
    }
    return !json_object_set_new(contract, "priority", list);
}

// "manifest-missing=error" changes one check; "none" makes all of them warnings again.
static enum status set_checks(json_t *contract, const struct words *words, struct error *err) {
    json_t *checks = json_object_get(contract, "checks");
    if (words->count && !json_is_object(checks)) {
        checks = json_object();
        if (json_object_set_new(contract, "checks", checks)) {
            return fail_no_memory(err);
        }
    }
    for (size_t i = 0; i < words->count; i++) {
        const char *equals = strchr(words->items[i], '=');
        if (is_none(words->items[i])) {
            json_object_clear(checks);
        } else if (!equals) {
            return fail(err, STATUS_USAGE, NULL,
                        "Give --check as CODE=error or CODE=warning, not \"%s\"", words->items[i]);
        } else if (json_object_setn_new(checks, words->items[i], (size_t)(equals - words->items[i]),
                                        json_string(equals + 1))) {
            return fail(err, STATUS_USAGE, NULL, "An argument is not valid UTF-8.");
        }
    }
    return STATUS_OK;
}

static enum status set_schema(struct cli *cli, json_t *contract, const char *key, const char *path,
                              struct error *err) {
    if (!path) {
        return STATUS_OK;
    }
    json_t *schema = json_null(); // "none" removes the schema
    if (!is_none(path)) {
        enum status status = schema_file_read(cli, path, &schema, err);
        if (status) {
            return status;
        }
    }
    return json_object_set_new(contract, key, schema) ? fail_no_memory(err) : STATUS_OK;
}

// The current contract, or an empty one. Owned.
static enum status load_contract(struct cli *cli, json_t **ret_contract, struct error *err) {
    scoped(cleanup_json) json_t *group = NULL;
    enum status status = administration_send(cli, "GET", group_path(cli), NULL, &group, err);
    if (status && status != STATUS_NOT_FOUND) {
        return status;
    }
    json_t *contract = json_object_get(group, "contract");
    if (group && !contract) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry cannot load the contract now. Try again.");
    }
    json_t *copy = json_is_object(contract) ? json_copy(contract) : json_object();
    if (!copy) {
        return fail_no_memory(err);
    }
    json_object_del(copy, "updated_at"); // added by the registry
    json_object_del(copy, "updated_by");
    *ret_contract = copy;
    return STATUS_OK;
}

// Only options that were given change their part; the registry gets the whole contract.
static enum status change_contract(struct cli *cli, json_t *contract, struct error *err) {
    const struct group_options *given = cli->options;
    if (!set_text(contract, "owner", given->owner) ||
        !set_text(contract, "description", given->description) ||
        !set_text(contract, "name_pattern", given->name_pattern) ||
        !set_text(contract, "kind", given->kind) ||
        !set_text(contract, "conflict", given->conflict) ||
        !set_priority(contract, &given->priority)) {
        return fail(err, STATUS_USAGE, NULL, "An argument is not valid UTF-8.");
    }
    if (!set_deprecated(contract, given)) {
        return fail(err, STATUS_USAGE, NULL,
                    "--successor needs --deprecated, and both must be valid UTF-8.");
    }
    enum status status = set_checks(contract, &given->checks, err);
    if (status) {
        return status;
    }
    status = set_schema(cli, contract, "manifest_schema", given->manifest_schema, err);
    if (status) {
        return status;
    }
    return set_schema(cli, contract, "settings_schema", given->settings_schema, err);
}

static enum status print_set(struct cli *cli, json_t *answer, struct error *err) {
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    output_say(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "%s\n",
               is_changed ? "Contract updated." : "Contract unchanged.");
    print_contract(cli, json_object_get(answer, "contract"));
    return STATUS_OK;
}

// One release or package that would fail, and why.
static void print_failure(struct cli *cli, const json_t *item, const char *of, const char *at) {
    struct findings errors;
    findings_init(&errors, cli->arena);
    output_print(&cli->output, COLOR_BOLD, "%s %s\n",
                 output_text(&cli->output, administration_text(cli, item, of)),
                 output_text(&cli->output, administration_text(cli, item, at)));
    findings_decode(&errors, json_object_get(item, "errors"), SEVERITY_ERROR);
    output_findings(&cli->output, &errors);
}

static void print_failures(struct cli *cli, const json_t *list, const char *of, const char *at) {
    const json_t *failing = json_object_get(list, "failing");
    for (size_t i = 0; i < json_array_size(failing); i++) {
        print_failure(cli, json_array_get(failing, i), of, at);
    }
}

// What the contract would refuse of what is there. The exit code is 1 when there is anything.
static enum status print_trial(struct cli *cli, json_t *answer, struct error *err) {
    const json_t *releases = json_object_get(answer, "releases");
    const json_t *environments = json_object_get(answer, "environments");
    size_t failing = json_array_size(json_object_get(releases, "failing")) +
                     json_array_size(json_object_get(environments, "failing"));
    cli->exit_code = failing > 0;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    print_failures(cli, releases, "package", "version");
    print_failures(cli, environments, "environment", "package");
    output_print(&cli->output, failing ? COLOR_YELLOW : COLOR_GREEN,
                 "%s of %s releases and %s of %s settings of environments would fail.\n",
                 number_of(cli, json_object_get(releases, "failing")),
                 number_text(cli, releases, "checked"),
                 number_of(cli, json_object_get(environments, "failing")),
                 number_text(cli, environments, "checked"));
    if (!json_is_true(json_object_get(answer, "complete"))) {
        output_print(&cli->output, COLOR_YELLOW,
                     "The check reached its limit of failures or time; there may be more.\n");
    }
    output_say(&cli->output, COLOR_DIM, "Nothing was changed.\n");
    return STATUS_OK;
}

// A mistake in a schema is at a pointer in the request. The person who wrote the schema knows it by its file.
static void place_in_file(struct error *err, const char *member, const char *path) {
    size_t len = strlen(member);
    char prefix[sizeof err->where];
    if (path && strncmp(err->where, member, len) == 0) {
        memmove(err->where, err->where + len, strlen(err->where + len) + 1);
        snprintf(prefix, sizeof prefix, "%s: ", path);
        error_within(err, prefix);
    }
}

// A contract is replaced as a whole, so the present one is read first and only the options that were
// given change it.
static enum status set(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *contract = NULL;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = load_contract(cli, &contract, err);
    if (status) {
        return status;
    }
    status = change_contract(cli, contract, err);
    if (status) {
        return status;
    }
    const struct group_options *given = cli->options;
    const char *path = group_path(cli);
    if (given->dry_run && path) {
        path = arena_printf(cli->arena, "%s?dry_run=1", path);
    }
    status = administration_send(cli, "PUT", path, take(contract), &answer, err);
    if (status) {
        place_in_file(err, "/manifest_schema", given->manifest_schema);
        place_in_file(err, "/settings_schema", given->settings_schema);
        return status;
    }
    return given->dry_run ? print_trial(cli, answer, err) : print_set(cli, answer, err);
}

static const struct action group_actions[] = {
    {"show", "GROUP", 1, 1, "Show the contract and the entry points", show},
    {"set", "GROUP", 1, 1, "Change the contract", set},
};

const struct command command_group = {
    .name = "group",
    .arguments = "ACTION GROUP",
    .min_arguments = 1,
    COMMAND_ACTIONS(group_actions),
    .lines = "entry_points: name value package version origin; name",
    .summary = "Show an entry-point group or set its contract",
    .description =
        "The contract says what may be published into the group, and what happens when two\n"
        "packages use one name. It applies to new releases. Options that are not given leave\n"
        "their part of the contract unchanged; the value \"none\" removes it.",
    COMMAND_OPTIONS(group_rows, struct group_options),
    .exit_codes = "0  Done\n1  Unknown group; of a dry run: something would fail\n",
    .example = "registryctl group set honeyframe.plugins --owner platform --kind callable",
};
