// SPDX-License-Identifier: MIT
// registryctl environment settings: what the environment sets for a plugin, over the defaults of the plugin's groups.
// Reading and changing use the address of the settings alone, so places in a refusal are those of the settings. Only
// a change of which values are secret goes to the plugin's part of the document.
#include "client/cli/commands/environment.h"

#include "client/cli/console/table.h"
#include "client/cli/input/entry_point.h"
#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// ---- reading ----

// Adds KEY=VALUE to the patch. A VALUE that is not JSON is a string; an empty one removes the key.
static enum status add_setting(struct cli *cli, json_t *settings, const char *word,
                               struct error *err) {
    const char *equals = strchr(word, '=');
    scoped(cleanup_json) json_t *value = NULL;
    if (!equals || equals == word) {
        return fail(err, STATUS_USAGE, NULL,
                    "Invalid setting \"%s\". Use KEY=VALUE, or KEY= to remove a key.", word);
    }
    const char *key = arena_copy(cli->arena, word, (size_t)(equals - word));
    const char *text = equals + 1;
    if (!utf8_is_valid(word, strlen(word))) {
        return fail(err, STATUS_USAGE, NULL, "A setting is not valid UTF-8.");
    }
    if (!*text) {
        value = json_null();
    } else if (json_parse(text_from(text), strlen(text), &value, NULL)) {
        value = json_string(text);
    }
    return key && value && json_object_set(settings, key, value) == 0 ? STATUS_OK
                                                                      : fail_no_memory(err);
}

// KEY=VALUE takes VALUE as JSON where it is some, else as a text: size=3 is a number, name=crm a text.
// KEY=VALUE arguments come after the file and win over it.
static enum status read_settings(struct cli *cli, json_t **ret_settings, struct error *err) {
    const struct environment_options *given = cli->options;
    scoped(cleanup_json) json_t *settings = NULL;
    if (given->file) {
        enum status status = environment_read_file(cli, given->file, &settings, err);
        if (status) {
            return status;
        }
    } else {
        settings = json_object();
    }
    if (!settings) {
        return fail_no_memory(err);
    }
    if (!json_is_object(settings)) {
        return fail(err, STATUS_INVALID, given->file, "Settings must be a JSON object, not %s.",
                    json_type_name(settings));
    }
    for (size_t i = 3; i < cli->argument_count; i++) {
        enum status status = add_setting(cli, settings, cli->arguments[i], err);
        if (status) {
            return status;
        }
    }
    *ret_settings = take(settings);
    return STATUS_OK;
}

// "/v1/environments/NAME/plugins/PACKAGE" with `rest` behind it. Arena; NULL when out of memory.
static const char *plugin_address(struct cli *cli, const char *rest) {
    const char *address = environment_address(cli, cli->arguments[1], "/plugins");
    const char *path = address ? administration_path(cli, address, cli->arguments + 2, 1) : NULL;
    return path ? arena_printf(cli->arena, "%s%s", path, rest) : NULL;
}

// Adds the group and the name of "GROUP:NAME". A group has no colon.
static enum status add_entry_point(struct cli *cli, struct buffer *path, const char *text,
                                   struct error *err) {
    struct entry_point_name entry;
    enum status status = entry_point_name_parse(cli, text, &entry, err);
    if (!status) {
        api_call_add_query(path, "group", entry.group);
        api_call_add_query(path, "name", entry.name);
    }
    return status;
}

// The address of the settings: of the package, of the group of --group alone, or of an entry point.
static enum status settings_address(struct cli *cli, const char **ret_address, struct error *err) {
    const struct environment_options *given = cli->options;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_QUERY_BYTES);
    const char *address = plugin_address(cli, "/settings");
    buffer_add_string(&path, address ? address : "");
    enum status status = STATUS_OK;
    if (given->entry_point) {
        status = add_entry_point(cli, &path, given->entry_point, err);
    } else if (given->groups.count) {
        api_call_add_query(&path, "group", given->groups.items[0]);
    }
    if (status) {
        return status;
    }
    *ret_address = address && !path.failed ? arena_copy(cli->arena, path.ptr, path.len) : NULL;
    return *ret_address ? STATUS_OK : fail_no_memory(err);
}

// ---- showing ----

// What stands at a pointer: "/mail/port".
static const json_t *find_value(struct cli *cli, const json_t *settings, const char *pointer) {
    const json_t *value = settings;
    const char *rest = pointer;
    while (value && *rest == '/') {
        size_t len = strcspn(rest + 1, "/");
        const char *key = arena_copy(cli->arena, rest + 1, len);
        const char *found = NULL;
        json_t *member;
        json_object_foreach((json_t *)value, found, member) {
            if (key && strcmp(json_pointer(cli->arena, "", found) + 1, key) == 0) {
                break;
            }
        }
        value = found ? member : NULL;
        rest += 1 + len;
    }
    return value;
}

static enum status print_table(struct cli *cli, const json_t *answer, struct error *err) {
    static const struct table_column columns[] = {{.title = "SETTING", .min_width = 12},
                                                  {.title = "VALUE", .min_width = 16},
                                                  {.title = "FROM"}};
    const json_t *settings = json_object_get(answer, "settings");
    struct table table;
    const char *pointer;
    json_t *origin;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    json_object_foreach(json_object_get(answer, "origins"), pointer, origin) {
        bool is_default = strcmp(json_string_value(origin), "default") == 0;
        enum color color = is_default ? COLOR_DIM : COLOR_NONE;
        table_add(&table, color, pointer);
        table_add(&table, color, environment_value(cli, find_value(cli, settings, pointer)));
        table_add(&table, color, json_string_value(origin));
    }
    if (!json_object_size(json_object_get(answer, "origins"))) {
        output_print(&cli->output, COLOR_DIM, "No settings are set, and there are no defaults.\n");
        return STATUS_OK;
    }
    return table_print(&table, &cli->output, err);
}

static enum status print_settings(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct environment_call call = {.method = "GET"};
    enum status status = settings_address(cli, &call.path, err);
    if (status) {
        return status;
    }
    status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    return cli->output.json ? output_json(&cli->output, take(answer), err)
                            : print_table(cli, answer, err);
}

// ---- changing ----

// The pointers that the options name, in place of those before; null for "none". Owned; NULL = no memory.
static json_t *secret_pointers(const struct words *words) {
    if (words->count == 1 && strcmp(words->items[0], "none") == 0) {
        return json_null();
    }
    scoped(cleanup_json) json_t *pointers = json_array();
    for (size_t i = 0; pointers && i < words->count; i++) {
        if (json_array_append_new(pointers, json_string(words->items[i]))) {
            return NULL;
        }
    }
    return take(pointers);
}

// Values and what is secret among them are one change: no revision shows a secret in between.
static enum status mark_secret(struct cli *cli, json_t *settings, struct error *err) {
    const struct environment_options *given = cli->options;
    scoped(cleanup_json) json_t *patch = json_pack("{s:o*}", "settings", settings);
    if (!patch ||
        json_object_set_new(patch, "secret_settings", secret_pointers(&given->secret_settings))) {
        return fail_no_memory(err);
    }
    return environment_change(
        cli, (struct environment_call){"PATCH", plugin_address(cli, ""), take(patch), NULL, NULL},
        err);
}

enum status environment_settings(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    bool sets_values = cli->argument_count > 3 || given->file;
    json_t *settings = NULL;
    if (!sets_values && !given->secret_settings.count) {
        return print_settings(cli, err);
    }
    enum status status = sets_values ? read_settings(cli, &settings, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (given->secret_settings.count && given->entry_point) {
        json_decref(settings);
        return fail(err, STATUS_USAGE, NULL, "--secret-setting is for the settings of a package.");
    }
    if (given->secret_settings.count) {
        return mark_secret(cli, settings, err);
    }
    struct environment_call call = {.method = "PATCH", .body = settings};
    status = settings_address(cli, &call.path, err);
    if (status) {
        json_decref(settings);
        return status;
    }
    return environment_change(cli, call, err);
}
