// SPDX-License-Identifier: MIT
// registryctl group show|set: the contract of an entry-point group.
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <errno.h>
#include <string.h>

enum { LABEL_WIDTH = 14, SCHEMA_BYTES = 256 * 1024 };

static const struct option_row options[] = {
    {"--owner", "TEAM", offsetof(struct options, owner), "set: who answers for the group", false},
    {"--description", "TEXT", offsetof(struct options, description), "set: what it is for", false},
    {"--name-pattern", "PATTERN", offsetof(struct options, name_pattern),
     "set: what names must match, as [a-z][a-z0-9_]*", false},
    {"--kind", "KIND", offsetof(struct options, kind), "set: module, callable or any", false},
    {"--conflict", "POLICY", offsetof(struct options, conflict),
     "set: all, error, first or priority", false},
    {"--priority", "PACKAGE", offsetof(struct options, priority),
     "set: the strongest first; may be given several times", true},
    {"--manifest-schema", "FILE", offsetof(struct options, manifest_schema),
     "set: JSON Schema of the manifests", false},
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
        print_fact(cli, "contract", contract ? "none: everything is allowed" : "not known now");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        print_fact(cli, facts[i].label, administration_text(cli, contract, facts[i].key));
    }
    if (json_is_object(json_object_get(contract, "manifest_schema"))) {
        print_fact(cli, "manifests", "have a JSON Schema; --format json shows it");
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
        output_print(&cli->output, COLOR_DIM, "No package has an entry point here.\n");
        return STATUS_OK;
    }
    return table_print(&table, &cli->output, err);
}

static enum status show(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *group = NULL;
    enum status failed = administration_send(cli, "GET", group_path(cli), NULL, &group, err);
    if (failed) {
        return failed;
    }
    return cli->output.json ? output_json(&cli->output, take(group), err)
                            : print_group(cli, group, err);
}

// ---- set ----

static bool takes_away(const char *text) {
    return strcmp(text, "none") == 0;
}

static bool set_text(json_t *contract, const char *key, const char *text) {
    return !text ||
           !json_object_set_new(contract, key, takes_away(text) ? json_null() : json_string(text));
}

static bool set_priority(json_t *contract, const struct words *names) {
    if (!names->count) {
        return true;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++) {
        if (!takes_away(names->items[i]) &&
            json_array_append_new(list, json_string(names->items[i]))) {
            json_decref(list);
            return false;
        }
    }
    return !json_object_set_new(contract, "priority", list);
}

static enum status read_schema(struct cli *cli, const char *path, json_t **ret_schema,
                               struct error *err) {
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    char *bytes = arena_alloc(cli->arena, SCHEMA_BYTES + 1);
    if (!bytes) {
        return fail_no_memory(err);
    }
    if (!file) {
        return fail(err, STATUS_USAGE, NULL, "%s cannot be read: %s", path, strerror(errno));
    }
    size_t len = fread(bytes, 1, SCHEMA_BYTES + 1, file);
    enum status failed = json_parse((struct text){bytes, len}, SCHEMA_BYTES, ret_schema, err);
    if (failed) {
        error_within(err, arena_printf(cli->arena, "%s: ", path));
    }
    return failed;
}

static enum status set_schema(struct cli *cli, json_t *contract, struct error *err) {
    const char *path = cli->options.manifest_schema;
    json_t *schema = NULL;
    enum status failed =
        path && !takes_away(path) ? read_schema(cli, path, &schema, err) : STATUS_OK;
    if (failed || !path) {
        return failed;
    }
    schema = schema ? schema : json_null();
    return json_object_set_new(contract, "manifest_schema", schema) ? fail_no_memory(err)
                                                                    : STATUS_OK;
}

// The contract as it is, or an empty one. Owned.
static enum status load_contract(struct cli *cli, json_t **ret_contract, struct error *err) {
    scoped(cleanup_json) json_t *group = NULL;
    enum status failed = administration_send(cli, "GET", group_path(cli), NULL, &group, err);
    if (failed && failed != STATUS_NOT_FOUND) {
        return failed;
    }
    json_t *contract = json_object_get(group, "contract");
    if (group && !contract) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry cannot say what the contract is now; try again");
    }
    json_t *copy = json_is_object(contract) ? json_copy(contract) : json_object();
    if (!copy) {
        return fail_no_memory(err);
    }
    json_object_del(copy, "updated_at"); // what the registry adds
    json_object_del(copy, "updated_by");
    *ret_contract = copy;
    return STATUS_OK;
}

static enum status change_contract(struct cli *cli, json_t *contract, struct error *err) {
    const struct options *given = &cli->options;
    if (!set_text(contract, "owner", given->owner) ||
        !set_text(contract, "description", given->description) ||
        !set_text(contract, "name_pattern", given->name_pattern) ||
        !set_text(contract, "kind", given->kind) ||
        !set_text(contract, "conflict", given->conflict) ||
        !set_priority(contract, &given->priority)) {
        return fail(err, STATUS_USAGE, NULL, "A text of the command line is not UTF-8");
    }
    return set_schema(cli, contract, err);
}

static enum status print_set(struct cli *cli, json_t *answer, struct error *err) {
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    output_print(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "%s\n",
                 is_changed ? "The contract is set" : "The contract was so already");
    print_contract(cli, json_object_get(answer, "contract"));
    return STATUS_OK;
}

static enum status set(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *contract = NULL;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed = load_contract(cli, &contract, err);
    failed = failed ? failed : change_contract(cli, contract, err);
    if (!failed) {
        failed = administration_send(cli, "PUT", group_path(cli), take(contract), &answer, err);
    }
    return failed ? failed : print_set(cli, answer, err);
}

static enum status run(struct cli *cli, struct error *err) {
    const char *action = cli->arguments[0];
    if (strcmp(action, "show") == 0) {
        return show(cli, err);
    }
    if (strcmp(action, "set") == 0) {
        return set(cli, err);
    }
    return fail(err, STATUS_USAGE, NULL, "There is no group %s; known are show and set", action);
}

const struct command command_group = {
    .name = "group",
    .arguments = "ACTION GROUP",
    .actions = "show GROUP\tits contract and its entry points\n"
               "set GROUP\tthe contract; what is not told stays as it is",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "Show a group, or set its contract",
    .description =
        "The contract says what may be published into the group from now on, and what happens\n"
        "when two packages have one name there. What set is not told stays as it is; \"none\"\n"
        "as a value takes it away.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  shown, set, or it was so already\n1  show: nobody knows the group\n",
    .example = "registryctl group set honeyframe.plugins --owner platform --kind callable",
    .run = run,
};
