// SPDX-License-Identifier: MIT
// registryctl environment enable, disable, pin, unpin, settings, rollback: each one request. A patch is
// applied by the registry to what is there then, so nothing is read before.
#include "client/cli/input/administration.h"
#include "client/cli/commands/environment.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <stdint.h>
#include <string.h>

// Sends a change of an environment under --if-revision, and says what came of it.
static enum status change(struct cli *cli, struct environment_call call, struct error *err) {
    json_t *answer = NULL;
    enum status failed = environment_condition(cli, &call.if_match, err);
    if (failed) {
        json_decref(call.body);
        return failed;
    }
    failed = environment_send(cli, &call, &answer, err);
    return failed ? failed : environment_report(cli, answer, err);
}

// PATCH …/plugins/PACKAGE; steals `patch`.
static enum status patch_plugin(struct cli *cli, json_t *patch, struct error *err) {
    const char *address = environment_address(cli, cli->arguments[1], "/plugins");
    const char *path = address ? administration_path(cli, address, cli->arguments + 2, 1) : NULL;
    return patch ? change(cli, (struct environment_call){"PATCH", path, patch, NULL, NULL}, err)
                 : fail_no_memory(err);
}

static enum status switch_plugin(struct cli *cli, bool enabled, struct error *err) {
    json_t *patch = json_pack("{s:b}", "enabled", enabled);
    if (patch && cli->options.pin &&
        json_object_set_new(patch, "pin", json_text(cli->options.pin))) {
        json_decref(patch);
        patch = NULL;
    }
    return patch_plugin(cli, patch, err);
}

enum status environment_enable(struct cli *cli, struct error *err) {
    enum status failed =
        administration_arguments(cli, 2, 2, "enable NAME PACKAGE [--pin SPECIFIERS]", err);
    return failed ? failed : switch_plugin(cli, true, err);
}

enum status environment_disable(struct cli *cli, struct error *err) {
    enum status failed = administration_arguments(cli, 2, 2, "disable NAME PACKAGE", err);
    return failed ? failed : switch_plugin(cli, false, err);
}

enum status environment_pin(struct cli *cli, struct error *err) {
    enum status failed = administration_arguments(cli, 3, 3, "pin NAME PACKAGE SPECIFIERS", err);
    return failed ? failed
                  : patch_plugin(cli, json_pack("{s:o}", "pin", json_text(cli->arguments[3])), err);
}

enum status environment_unpin(struct cli *cli, struct error *err) {
    enum status failed = administration_arguments(cli, 2, 2, "unpin NAME PACKAGE", err);
    return failed ? failed : patch_plugin(cli, json_pack("{s:n}", "pin"), err);
}

// ---- settings ----

// KEY=VALUE into the patch. A VALUE that is not JSON is a text; none at all takes the key away.
static enum status add_setting(struct cli *cli, json_t *settings, const char *word,
                               struct error *err) {
    const char *equals = strchr(word, '=');
    scoped(cleanup_json) json_t *value = NULL;
    if (!equals || equals == word) {
        return fail(err, STATUS_USAGE, NULL, "\"%s\" is not KEY=VALUE; KEY= takes a key away",
                    word);
    }
    const char *key = arena_copy(cli->arena, word, (size_t)(equals - word));
    const char *text = equals + 1;
    if (!utf8_is_valid(word, strlen(word))) {
        return fail(err, STATUS_USAGE, NULL, "A setting is not UTF-8");
    }
    if (!*text) {
        value = json_null();
    } else if (json_parse(text_from(text), strlen(text), &value, NULL)) {
        value = json_string(text);
    }
    return key && value && json_object_set(settings, key, value) == 0 ? STATUS_OK
                                                                      : fail_no_memory(err);
}

static enum status read_settings(struct cli *cli, json_t **ret_settings, struct error *err) {
    scoped(cleanup_json) json_t *settings = NULL;
    enum status failed = STATUS_OK;
    if (cli->options.file) {
        failed = environment_read_file(cli, cli->options.file, &settings, err);
    } else {
        settings = json_object();
    }
    if (!failed && !json_is_object(settings)) {
        return settings ? fail(err, STATUS_INVALID, cli->options.file,
                               "Settings are an object, not %s", json_type_name(settings))
                        : fail_no_memory(err);
    }
    for (size_t i = 3; !failed && i < cli->argument_count; i++) {
        failed = add_setting(cli, settings, cli->arguments[i], err);
    }
    if (!failed) {
        *ret_settings = take(settings);
    }
    return failed;
}

static enum status print_settings(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct environment_call call = {.method = "GET",
                                    .path = environment_address(cli, cli->arguments[1], NULL)};
    enum status failed = environment_send(cli, &call, &answer, err);
    if (failed) {
        return failed;
    }
    const char *wanted = NULL;
    failed = name_normalize(cli->arena, text_from(cli->arguments[2]), &wanted, err);
    if (failed) {
        return failed;
    }
    const json_t *plugins = json_object_get(json_object_get(answer, "document"), "plugins");
    json_t *settings = json_object_get(json_object_get(plugins, wanted), "settings");
    return output_json(&cli->output, settings ? json_incref(settings) : json_object(), err);
}

enum status environment_settings(struct cli *cli, struct error *err) {
    json_t *settings = NULL;
    enum status failed =
        administration_arguments(cli, 2, SIZE_MAX, "settings NAME PACKAGE [KEY=VALUE...]", err);
    if (failed) {
        return failed;
    }
    if (cli->argument_count == 3 && !cli->options.file) {
        return print_settings(cli, err);
    }
    failed = read_settings(cli, &settings, err);
    return failed ? failed : patch_plugin(cli, json_pack("{s:o}", "settings", settings), err);
}

// ---- rollback ----

enum status environment_rollback(struct cli *cli, struct error *err) {
    const char *revision = NULL;
    enum status failed = administration_arguments(cli, 2, 2, "rollback NAME REVISION", err);
    if (!failed) {
        failed =
            environment_revision(cli->arguments[2], "What rollback goes back to", &revision, err);
    }
    if (failed) {
        return failed;
    }
    json_t *body = json_pack("{s:I}", "revision", (json_int_t)strtoll(revision, NULL, 10));
    const char *path = environment_address(cli, cli->arguments[1], "/rollback");
    return body ? change(cli, (struct environment_call){"POST", path, body, NULL, NULL}, err)
                : fail_no_memory(err);
}
