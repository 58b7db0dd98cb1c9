// SPDX-License-Identifier: MIT
// The actions of "registryctl environment" that change something.
// - create, set: the whole document is read, changed here and sent back for the revision that was read. If
//   the environment was changed in between, the registry refuses and "set" starts again. Facts are replaced,
//   not merged, so that packages that were uninstalled disappear.
// - enable, disable, offer, allow, disallow, pin, unpin, settings: a JSON merge patch of one plugin, which the registry applies to
//   the newest revision. Nothing is read before.
// - rollback: the registry makes the content of an old revision the newest one.
#include "client/cli/commands/environment.h"
#include "client/cli/input/administration.h"
#include "client/cli/input/duration.h"
#include "client/cli/input/entry_point.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

// ---- create, set ----

enum { ATTEMPTS = 8 };

// The changes that the options request. NULL leaves a member as it is; JSON null removes it.
struct environment_edit {
    json_t *document; // to start from; NULL: the present one
    json_t *facts;
    json_t *description;
    json_t *permissions;
    json_t *policy; // members to set
};

static void edit_done(struct environment_edit *edit) {
    json_decref(edit->document);
    json_decref(edit->facts);
    json_decref(edit->description);
    json_decref(edit->permissions);
    json_decref(edit->policy);
}

// Adds a time of the policy in seconds; nothing when the option was not given.
static enum status add_age(const char *option, const char *text, const char *key, json_t *policy,
                           struct error *err) {
    json_int_t seconds = 0;
    if (!text) {
        return STATUS_OK;
    }
    if (!duration_parse(text, &seconds)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Invalid %s \"%s\". Use a time such as 7d, 12h, 30m or 45s, up to ten years.",
                    option, text);
    }
    return json_object_set_new(policy, key, json_integer(seconds)) ? fail_no_memory(err)
                                                                   : STATUS_OK;
}

// "crm.read, crm.write" is a list of two; blanks around a name do not count.
// "network, files" and "network,files" are the same; "" gives an empty list, which allows none.
static json_t *split_permissions(const char *text) {
    scoped(cleanup_json) json_t *list = json_array();
    struct text rest = text_from(text);
    struct text piece;
    while (list && text_split(&rest, ',', &piece)) {
        struct text name = text_trim(piece);
        if (name.len && json_array_append_new(list, json_stringn(name.ptr, name.len))) {
            return NULL;
        }
    }
    return take(list);
}

// Only what was given stands in the edit: an option that is absent leaves its setting as it is.
static enum status read_policy(struct cli *cli, struct environment_edit *edit, struct error *err) {
    const struct environment_options *given = cli->options;
    const char *max_age = given->max_snapshot_age;
    bool yes = given->prereleases && strcmp(given->prereleases, "yes") == 0;
    if (given->prereleases && !yes && strcmp(given->prereleases, "no") != 0) {
        return fail(err, STATUS_USAGE, NULL, "Invalid --prereleases \"%s\". Use \"yes\" or \"no\".",
                    given->prereleases);
    }
    edit->policy = json_object();
    bool lost =
        !edit->policy ||
        (given->plugins &&
         json_object_set_new(edit->policy, "plugins", json_text(given->plugins))) ||
        (given->prereleases && json_object_set_new(edit->policy, "prereleases", json_boolean(yes)));
    if (lost) {
        return fail_no_memory(err);
    }
    enum status status = add_age("--min-age", given->min_age, "min_age_seconds", edit->policy, err);
    if (status) {
        return status;
    }
    bool is_never = max_age && strcmp(max_age, "none") == 0;
    return add_age("--max-snapshot-age", is_never ? "0" : max_age, "max_snapshot_age_seconds",
                   edit->policy, err);
}

// From a file or from a Python, never both: one of them would silently win.
// Standard input can be read only once.
static enum status read_facts(struct cli *cli, struct environment_edit *edit, struct error *err) {
    const struct environment_options *given = cli->options;
    if (given->facts && given->facts_from) {
        return fail(err, STATUS_USAGE, NULL, "--facts and --facts-from cannot be combined.");
    }
    if (given->facts && given->document && strcmp(given->facts, "-") == 0 &&
        strcmp(given->document, "-") == 0) {
        return fail(err, STATUS_USAGE, NULL, "Only one of --facts and --document can be \"-\".");
    }
    return given->facts        ? environment_read_file(cli, given->facts, &edit->facts, err)
           : given->facts_from ? environment_facts_load(cli, given->facts_from, &edit->facts, err)
                               : STATUS_OK;
}

// The description and the permissions. False when out of memory.
static bool read_texts(const struct environment_options *given, struct environment_edit *edit) {
    const char *permissions = given->permissions;
    if (given->description) {
        bool is_none = strcmp(given->description, "-") == 0;
        edit->description = is_none ? json_null() : json_text(given->description);
    }
    if (permissions) {
        edit->permissions = strcmp(permissions, "any") == 0    ? json_null()
                            : strcmp(permissions, "none") == 0 ? json_array()
                                                               : split_permissions(permissions);
    }
    return (!given->description || edit->description) && (!permissions || edit->permissions);
}

// A document first, then what the options say over it.
static enum status read_edit(struct cli *cli, struct environment_edit *edit, struct error *err) {
    const struct environment_options *given = cli->options;
    enum status status = read_facts(cli, edit, err);
    if (status) {
        return status;
    }
    if (given->document) {
        status = environment_read_file(cli, given->document, &edit->document, err);
        if (status) {
            return status;
        }
    }
    status = read_policy(cli, edit, err);
    if (status) {
        return status;
    }
    return read_texts(given, edit) ? STATUS_OK : fail_no_memory(err);
}

// The document with the changes. Owned; NULL when out of memory.
static json_t *apply(const struct environment_edit *edit, json_t *present) {
    scoped(cleanup_json) json_t *document = json_copy(edit->document ? edit->document : present);
    scoped(cleanup_json) json_t *policy = NULL;
    if (!json_is_object(document)) {
        return take(document); // the registry reports that it must be an object
    }
    json_t *old = json_object_get(document, "policy");
    policy = json_is_object(old) ? json_copy(old) : json_object();
    bool lost =
        !policy || json_object_update(policy, edit->policy) ||
        (json_object_size(edit->policy) && json_object_set(document, "policy", policy)) ||
        (edit->facts && json_object_set(document, "facts", edit->facts)) ||
        (edit->description && json_object_set(document, "description", edit->description)) ||
        (edit->permissions && json_object_set(document, "permissions", edit->permissions));
    return lost ? NULL : take(document);
}

static enum status put(struct cli *cli, struct environment_call call, json_t **ret_answer,
                       struct error *err) {
    call.method = "PUT";
    call.path = environment_address(cli, cli->arguments[1], NULL);
    return call.body ? environment_send(cli, &call, ret_answer, err) : fail_no_memory(err);
}

// If-None-Match: * makes the registry refuse a name that exists already.
// If-None-Match: * makes the registry refuse if the environment exists, so that two who create it at
// once do not overwrite each other.
enum status environment_new(struct cli *cli, struct error *err) {
    scoped(edit_done) struct environment_edit edit = {0};
    json_t *answer = NULL;
    enum status status = read_edit(cli, &edit, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *nothing = json_object();
    struct environment_call call = {.body = nothing ? apply(&edit, nothing) : NULL,
                                    .if_none_match = "*"};
    status = put(cli, call, &answer, err);
    if (status == STATUS_PRECONDITION) {
        return fail(err, status, NULL,
                    "The environment \"%s\" exists already. Change it with \"registryctl "
                    "environment set\".",
                    cli->arguments[1]);
    }
    if (status) {
        return status;
    }
    return environment_report(cli, answer, err);
}

// Reads, changes, sends. Fails with PRECONDITION when the environment was changed in between.
static enum status set_once(struct cli *cli, const struct environment_edit *edit,
                            const char *condition, json_t **ret_answer, struct error *err) {
    scoped(cleanup_json) json_t *shown = NULL;
    struct environment_call ask = {.method = "GET",
                                   .path = environment_address(cli, cli->arguments[1], NULL)};
    enum status status = environment_send(cli, &ask, &shown, err);
    if (status) {
        return status;
    }
    const char *revision = administration_text(cli, shown, "revision");
    json_t *present = json_object_get(shown, "document");
    if (!revision || !json_is_object(present)) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry sent an unexpected answer: the document is missing.");
    }
    const char *tag = condition ? condition : arena_printf(cli->arena, "\"%s\"", revision);
    struct environment_call call = {.body = apply(edit, present), .if_match = tag};
    return put(cli, call, ret_answer, err);
}

// The document is read, changed and written back under its revision. If somebody was faster, the
// same change is made to the newer document; with --if-revision the user wants to know instead.
enum status environment_set(struct cli *cli, struct error *err) {
    scoped(edit_done) struct environment_edit edit = {0};
    const char *condition = NULL;
    json_t *answer = NULL;
    enum status status = environment_condition(cli, &condition, err);
    if (status) {
        return status;
    }
    status = read_edit(cli, &edit, err);
    if (status) {
        return status;
    }
    bool has_change = edit.document || edit.facts || edit.description || edit.permissions ||
                      json_object_size(edit.policy);
    if (!has_change) {
        return fail(err, STATUS_USAGE, NULL,
                    "Nothing to set. Add an option such as --description or --facts; "
                    "\"registryctl environment --help\" lists them.");
    }
    status = STATUS_PRECONDITION;
    for (int attempt = 0; status == STATUS_PRECONDITION && attempt < ATTEMPTS; attempt++) {
        status = set_once(cli, &edit, condition, &answer, err);
        if (condition) {
            break;
        }
    }
    if (status) {
        return status;
    }
    return environment_report(cli, answer, err);
}

// ---- enable, disable, offer ----

enum status environment_change(struct cli *cli, struct environment_call call, struct error *err) {
    json_t *answer = NULL;
    enum status status = environment_condition(cli, &call.if_match, err);
    if (status) {
        json_decref(call.body);
        return status;
    }
    status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    return environment_report(cli, answer, err);
}

// With --entry-point a patch of the package becomes one of that entry point. Steals and replaces *patch.
static enum status narrow(struct cli *cli, json_t **patch, struct error *err) {
    const struct environment_options *given = cli->options;
    struct entry_point_name entry;
    if (!given->entry_point || !*patch) {
        return STATUS_OK;
    }
    enum status status = entry_point_name_parse(cli, given->entry_point, &entry, err);
    if (status) {
        json_decref(*patch);
        return status;
    }
    *patch = json_pack("{s:{s:{s:o}}}", "entry_points", entry.group, entry.name, *patch);
    return STATUS_OK;
}

// Sends PATCH …/plugins/PACKAGE; steals `patch`.
static enum status patch_plugin(struct cli *cli, json_t *patch, struct error *err) {
    enum status status = narrow(cli, &patch, err);
    if (status) {
        return status;
    }
    const char *address = environment_address(cli, cli->arguments[1], "/plugins");
    const char *path = address ? administration_path(cli, address, cli->arguments + 2, 1) : NULL;
    return patch ? environment_change(
                       cli, (struct environment_call){"PATCH", path, patch, NULL, NULL}, err)
                 : fail_no_memory(err);
}

// Sets the state of a plugin, and what else the options say of it. A disabled plugin's permissions do not
// matter, so the option is for the others.
static enum status switch_plugin(struct cli *cli, const char *state, struct error *err) {
    const struct environment_options *given = cli->options;
    json_t *patch = json_pack("{s:s}", "state", state);
    bool failed = !patch ||
                  (given->pin && json_object_set_new(patch, "pin", json_text(given->pin))) ||
                  (given->accept_unknown_permissions &&
                   json_object_set_new(patch, "accept_unknown_permissions", json_true()));
    if (failed) {
        json_decref(patch);
        patch = NULL;
    }
    return patch_plugin(cli, patch, err);
}

enum status environment_enable(struct cli *cli, struct error *err) {
    return switch_plugin(cli, "enabled", err);
}

enum status environment_disable(struct cli *cli, struct error *err) {
    return switch_plugin(cli, "disabled", err);
}

enum status environment_offer(struct cli *cli, struct error *err) {
    return switch_plugin(cli, "allowed", err);
}

// ---- allow, disallow ----

// A moment as the registry takes it, or a time from now on.
static enum status read_until(struct cli *cli, const char *text, const char **ret_until,
                              struct error *err) {
    int64_t moment_ms;
    json_int_t seconds;
    char until[UTC_SIZE];
    if (!utc_parse(text_from(text), &moment_ms)) {
        if (!duration_parse(text, &seconds)) {
            return fail(err, STATUS_USAGE, NULL,
                        "Invalid --until \"%s\". Use a date such as 2026-12-31, a time such as "
                        "2026-12-31T09:30Z, or a time from now on such as 7d.",
                        text);
        }
        moment_ms = ((int64_t)time(NULL) + seconds) * 1000;
    }
    utc_write(moment_ms, until);
    *ret_until = arena_strdup(cli->arena, until);
    return *ret_until ? STATUS_OK : fail_no_memory(err);
}

// An exception without an end or a reason would outlive the people who know why it was made.
enum status environment_allow(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    const char *until = NULL;
    if (!given->code || !given->until || !given->reason) {
        return fail(err, STATUS_USAGE, NULL,
                    "An exception needs --code, --until and --reason, e.g. --code too-new --until "
                    "7d --reason \"Fixes an outage\".");
    }
    enum status status = read_until(cli, given->until, &until, err);
    if (status) {
        return status;
    }
    json_t *patch = json_pack("{s:{s:{s:s,s:s}}}", "allow", given->code, "until", until, "reason",
                              given->reason);
    return patch_plugin(cli, patch, err);
}

enum status environment_disallow(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    if (!given->code) {
        return fail(err, STATUS_USAGE, NULL,
                    "Name the exception with --code, e.g. --code too-new.");
    }
    return patch_plugin(cli, json_pack("{s:{s:n}}", "allow", given->code), err);
}

// ---- pin, unpin ----

enum status environment_pin(struct cli *cli, struct error *err) {
    return patch_plugin(cli, json_pack("{s:o}", "pin", json_text(cli->arguments[3])), err);
}

enum status environment_unpin(struct cli *cli, struct error *err) {
    return patch_plugin(cli, json_pack("{s:n}", "pin"), err);
}

// ---- rollback ----

// A roll-back is a new revision with old content: history only grows.
enum status environment_rollback(struct cli *cli, struct error *err) {
    const char *revision = NULL;
    enum status status = environment_revision(cli->arguments[2], "revision", &revision, err);
    if (status) {
        return status;
    }
    json_t *body = json_pack("{s:I}", "revision", (json_int_t)strtoll(revision, NULL, 10));
    const char *path = environment_address(cli, cli->arguments[1], "/rollback");
    return body ? environment_change(cli, (struct environment_call){"POST", path, body, NULL, NULL},
                                     err)
                : fail_no_memory(err);
}
