// SPDX-License-Identifier: MIT
// registryctl environment: the row of the command, its actions, and what they share. An environment is a
// document with revisions. Changes carry the revision they were made for (If-Match), so that two people
// cannot overwrite each other's changes; the registry applies a patch of a single plugin itself, and that
// needs no revision.
#include "client/cli/commands/environment.h"

#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static const struct option_row rows[] = {
    {"--facts-from", "PYTHON", offsetof(struct environment_options, facts_from),
     "create, set: Run this Python and use its facts"},
    {"--facts", "FILE", offsetof(struct environment_options, facts),
     "create, set: Facts in a JSON file; \"-\" is standard input", .is_input = true},
    {"--document", "FILE", offsetof(struct environment_options, document),
     "create, set: Start from the document in a JSON file; \"-\" is standard input",
     .is_input = true},
    {"--description", "TEXT", offsetof(struct environment_options, description),
     "create, set: Description, one line; \"-\" removes it"},
    {"--plugins", "WHICH", offsetof(struct environment_options, plugins),
     "create, set: \"all\" compatible plugins, or only those \"listed\" as enabled",
     .choices = "all|listed"},
    {"--prereleases", "YES", offsetof(struct environment_options, prereleases),
     "create, set: Allow pre-releases: \"yes\" or \"no\"", .choices = "yes|no"},
    {"--min-age", "TIME", offsetof(struct environment_options, min_age),
     "create, set: Minimum age of a release: 7d, 12h, 30m, 45s"},
    {"--max-snapshot-age", "TIME", offsetof(struct environment_options, max_snapshot_age),
     "create, set: Maximum age of a snapshot on hosts: 7d, 12h; or \"none\""},
    {"--permissions", "LIST", offsetof(struct environment_options, permissions),
     "create, set: Allowed permissions, with commas; or \"none\" or \"any\""},
    {"--pin", "SPECIFIERS", offsetof(struct environment_options, pin),
     "enable: Also pin the package, e.g. \"==1.2\""},
    {"--accept-unknown-permissions", NULL,
     offsetof(struct environment_options, accept_unknown_permissions),
     "enable, offer: Also accept manifests that cannot be read"},
    {"--code", "CODE", offsetof(struct environment_options, code),
     "allow, disallow: The rule, e.g. too-new"},
    {"--until", "MOMENT", offsetof(struct environment_options, until),
     "allow: When it ends: 2026-12-31, 2026-12-31T09:30Z, or in 7d, 12h"},
    {"--reason", "TEXT", offsetof(struct environment_options, reason),
     "allow, freeze, thaw, promote, archive, restore: Why, one line"},
    {"--allow-without-files", NULL, offsetof(struct environment_options, allow_without_files),
     "freeze: Also lock releases that have no file"},
    {"--ignore-quarantine", "PACKAGE==V", offsetof(struct environment_options, ignore_quarantine),
     "freeze: Keep this quarantined release; may be repeated", true},
    {"--group", "GROUP", offsetof(struct environment_options, groups),
     "export: Only this group; may be repeated; settings: Its defaults", true},
    {"--archived", NULL, offsetof(struct environment_options, archived),
     "list: Also list archived environments"},
    {"--file", "FILE", offsetof(struct environment_options, file),
     "settings: JSON object to merge; \"-\" is standard input"},
    {"--entry-point", "GROUP:NAME", offsetof(struct environment_options, entry_point),
     "enable, disable, pin, unpin, settings: One entry point of the package"},
    {"--secret-setting", "POINTER", offsetof(struct environment_options, secret_settings),
     "settings: Show this value nowhere, e.g. /api_key; may be repeated; \"none\"", true},
    {"--revision", "N", offsetof(struct environment_options, revision),
     "show: This revision; promote: of FROM", .min_number = 1},
    {"--if-revision", "N", offsetof(struct environment_options, if_revision),
     "Change the environment only if it is at revision N", .min_number = 1},
    {"--python", "PYTHON", offsetof(struct environment_options, python),
     "facts: The Python to run; default python3"},
    {"--have-all", NULL, offsetof(struct environment_options, have_all),
     "facts: Include PYTHONPATH and the user's site directory"},
    {"--kernel", NULL, offsetof(struct environment_options, kernel),
     "facts, create, set: Include the markers of the kernel's build"},
};

// Prints all findings of a refused document, not only the first. The error of a failed condition names an
// HTTP header that the user did not write: its location is removed.
static enum status print_refusal(struct cli *cli, const struct findings *findings,
                                 enum status status, struct error *err) {
    struct output errors = output_errors(&cli->output);
    if (status == STATUS_PRECONDITION) {
        err->where[0] = '\0';
    }
    if (!findings->count) {
        return status;
    }
    fflush(stdout);
    output_findings(&errors, findings);
    cli->output.no_memory |= errors.no_memory;
    return fail(err, status, NULL, "The request was refused. Nothing was changed.");
}

// Changes are merge patches, whose content type is their own; a new document is plain JSON.
enum status environment_send(struct cli *cli, const struct environment_call *call,
                             json_t **ret_answer, struct error *err) {
    scoped(cleanup_json) json_t *body = call->body;
    const char *text = body ? json_encode_canonical(cli->arena, body) : NULL;
    if (!call->path || (body && !text)) {
        return fail_no_memory(err);
    }
    bool is_patch = strcmp(call->method, "PATCH") == 0;
    struct fetch_request request = {
        .method = call->method,
        .path = call->path,
        .body = text ? text_from(text) : (struct text){0},
        .content_type = is_patch ? "application/merge-patch+json" : NULL,
        .if_match = call->if_match,
        .if_none_match = call->if_none_match,
    };
    struct connection connection;
    struct findings findings;
    findings_init(&findings, cli->arena);
    const struct api_call api_call = {cli->arena, &connection, &findings};
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    status = api_call_json(&api_call, &request, ret_answer, err);
    if (status) {
        return print_refusal(cli, &findings, status, err);
    }
    return STATUS_OK;
}

const char *environment_address(struct cli *cli, const char *name, const char *rest) {
    const char *path = administration_path(cli, "/v1/environments", &name, 1);
    return path && rest ? arena_printf(cli->arena, "%s%s", path, rest) : path;
}

// As text, because it goes into an address; checked, so that it can be nothing but a number there.
enum status environment_revision(const char *text, const char *what, const char **ret_text,
                                 struct error *err) {
    enum { DIGITS_MAX = 18 };
    size_t len = strspn(text, "0123456789");
    if (!len || text[len] || len > DIGITS_MAX || text[0] == '0') {
        return fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use the number of a revision.",
                    what, text);
    }
    *ret_text = text;
    return STATUS_OK;
}

// --if-revision 7 becomes If-Match: "7": the registry refuses the change when the environment has moved on.
// The entity tag of a revision is its number in quotes, so --if-revision needs no request of its own.
enum status environment_condition(struct cli *cli, const char **ret_tag, struct error *err) {
    const struct environment_options *given = cli->options;
    const char *text = given->if_revision;
    *ret_tag = NULL;
    if (!text) {
        return STATUS_OK;
    }
    enum status status = environment_revision(text, "--if-revision", &text, err);
    if (status) {
        return status;
    }
    const char *tag = arena_printf(cli->arena, "\"%s\"", text);
    if (!tag) {
        return fail_no_memory(err);
    }
    *ret_tag = tag;
    return STATUS_OK;
}

// "changed" is false for a repeated change: it made no revision.
enum status environment_report(struct cli *cli, json_t *answer, struct error *err) {
    scoped(cleanup_json) json_t *owned = answer;
    struct output *output = &cli->output;
    if (output->json) {
        return output_json(output, take(owned), err);
    }
    bool changed = json_is_true(json_object_get(owned, "changed"));
    const char *name = output_text(output, administration_text(cli, owned, "environment"));
    const char *revision = administration_text(cli, owned, "revision");
    const char *summary = output_text(output, administration_text(cli, owned, "summary"));
    if (output->quiet) {
        return STATUS_OK;
    }
    if (changed) {
        output_print(output, COLOR_GREEN, "%s is at revision %s", name, revision);
        output_print(output, COLOR_NONE, ": ");
        output_wrapped(output, COLOR_NONE, 2, summary);
        output_print(output, COLOR_NONE, "\n");
    } else {
        output_print(output, COLOR_DIM, "%s is still at revision %s: no change was needed\n", name,
                     revision);
    }
    return STATUS_OK;
}

// The size limit is that of the registry, so that a larger file is refused before it is sent.
enum status environment_read_file(struct cli *cli, const char *path, json_t **ret_json,
                                  struct error *err) {
    bool is_input = strcmp(path, "-") == 0;
    scoped(cleanup_file) FILE *opened = is_input ? NULL : fopen(path, "rbe");
    FILE *file = is_input ? stdin : opened;
    if (!file) {
        return fail(err, STATUS_IO, path, "%s", strerror(errno));
    }
    char *bytes = arena_alloc(cli->arena, LIMIT_ENVIRONMENT_BYTES + 1);
    if (!bytes) {
        return fail_no_memory(err);
    }
    size_t len = fread(bytes, 1, LIMIT_ENVIRONMENT_BYTES + 1, file);
    if (ferror(file)) {
        return fail(err, STATUS_IO, path, "The file cannot be read.");
    }
    enum status status =
        json_parse((struct text){bytes, len}, LIMIT_ENVIRONMENT_BYTES, ret_json, err);
    if (status && err) {
        const char *where = arena_printf(cli->arena, "%s%s%s", is_input ? "standard input" : path,
                                         err->where[0] ? ": " : "", err->where);
        const char *message = arena_strdup(cli->arena, err->message);
        return where && message ? fail(err, status, where, "%s", message) : fail_no_memory(err);
    }
    return status;
}

const char *environment_date(struct cli *cli, const json_t *row) {
    enum { DATE_LENGTH = 16, LETTER_AT = 10 };
    const char *time = json_string_value(json_object_get(row, "changed_at"));
    char *date = time ? arena_copy(cli->arena, time, strnlen(time, DATE_LENGTH)) : NULL;
    if (date && strlen(date) == DATE_LENGTH) {
        date[LETTER_AT] = ' ';
    }
    cli->output.no_memory |= time && !date;
    return date ? output_text(&cli->output, date) : "";
}

const char *environment_value(struct cli *cli, const json_t *value) {
    return json_is_string(value) ? json_string_value(value)
                                 : json_encode_canonical(cli->arena, value);
}

#define NO_LINES ""
#define REVISION_LINES                                                                             \
    "name revision frozen archived action package summary changed_at changed_by reason"
#define DIFFERENCE_LINES "differences: where from to"

static const struct action actions[] = {
    {"list", "", 0, 0, "List all environments", environment_list, REVISION_LINES},
    {"show", "NAME", 1, 1, "Show facts, policy and plugins", environment_show, REVISION_LINES},
    {"create", "NAME", 1, 1, "Create an environment, with the options of set", environment_new},
    {"set", "NAME", 1, 1, "Set facts, policy, permissions, description or the whole document",
     environment_set},
    {"enable", "NAME PACKAGE", 2, 2, "Enable a plugin, or with --entry-point one entry point",
     environment_enable},
    {"disable", "NAME PACKAGE", 2, 2, "Disable a plugin, or with --entry-point one entry point",
     environment_disable},
    {"offer", "NAME PACKAGE", 2, 2, "Let the host's user choose whether the plugin runs",
     environment_offer},
    {"allow", "NAME PACKAGE", 2, 2, "Set one rule aside for a package, for a time",
     environment_allow},
    {"disallow", "NAME PACKAGE", 2, 2, "End an exception", environment_disallow},
    {"pin", "NAME PACKAGE SPECIFIERS", 3, 3, "Allow only these releases: ==1.2, ~=1.2, <2",
     environment_pin},
    {"unpin", "NAME PACKAGE", 2, 2, "Allow all compatible releases", environment_unpin},
    {"settings", "NAME PACKAGE [KEY=VALUE...]", 2, SIZE_MAX,
     "Show or set settings; \"KEY=\" removes one", environment_settings, NO_LINES},
    {"history", "NAME", 1, 1, "List the revisions, the newest first", environment_history,
     REVISION_LINES},
    {"diff", "NAME [FROM [TO]]", 1, 3, "Compare two revisions; default: the last change",
     environment_diff, DIFFERENCE_LINES},
    {"diff", "NAME[@N] OTHER[@N]", 1, 3, "Compare two environments", environment_diff,
     DIFFERENCE_LINES},
    {"rollback", "NAME N", 2, 2, "Make the content of revision N a new revision",
     environment_rollback},
    {"freeze", "NAME", 1, 1, "Lock what the environment answers now", environment_freeze},
    {"thaw", "NAME", 1, 1, "Let the rules decide again", environment_thaw},
    {"promote", "FROM TO", 2, 2, "Give TO the lock of FROM", environment_promote},
    {"export", "NAME", 1, 1, "Print its releases with files and hashes, for an installer",
     environment_export, "releases: package version requires_python", "pylock|requirements"},
    {"archive", "NAME", 1, 1, "Put an environment away: hosts get nothing", environment_archive},
    {"restore", "NAME", 1, 1, "Bring an archived environment back", environment_restore},
    {"facts", "", 0, 0, "Print the facts of a Python as JSON, for \"set --facts\"",
     environment_facts, NO_LINES},
};

const struct command command_environment = {
    .name = "environment",
    .arguments = "ACTION [NAME] [ARGUMENT...]",
    .min_arguments = 1,
    COMMAND_ACTIONS(actions),
    .lines = "environment revision changed summary serial",
    .summary = "Manage environments: which plugins a deployment of a host gets",
    .description =
        "An environment holds facts about a host, a policy, and the choices for each plugin.\n"
        "Every change creates a revision. Revisions can be shown, compared and rolled back to.",
    COMMAND_OPTIONS(rows, struct environment_options),
    .exit_codes = "0  Done, or no change was needed\n"
                  "1  Unknown environment, revision or package; diff: there are differences;\n"
                  "   export: a package is missing or has no file\n"
                  "3  The change was refused, or somebody else changed the environment\n",
    .example = "registryctl environment create production --facts-from /srv/app/venv/bin/python",
};
