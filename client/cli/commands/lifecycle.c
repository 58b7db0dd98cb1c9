// SPDX-License-Identifier: MIT
// registryctl yank, deprecate, archive and quarantine, and their --undo; hold and unhold. Each sets one status.
// The registry keeps one status a package, so --undo first checks that the status is the one it is to undo:
// "deprecate --undo" must not reactivate an archived package. All changes are idempotent.
#include "client/cli/input/administration.h"
#include "client/cli/input/entry_point.h"
#include "client/cli/input/release_name.h"
#include "client/remote/api_call.h"
#include "client/remote/fetch.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

struct lifecycle_options {
    const char *reason;
    const char *replaced_by;
    const char *entry_point; // "GROUP:NAME": deprecate this one alone
    bool undo;
};

#define STATUS_LINES "package version status status_reason replaced_by serial changed"
#define REASON_ROW                                                                                 \
    {                                                                                              \
        "--reason", "TEXT", offsetof(struct lifecycle_options, reason),                            \
            "Reason; all users can read it"                                                        \
    }
#define UNDO_ROW(text)                                                                             \
    { "--undo", NULL, offsetof(struct lifecycle_options, undo), text }
#define REPLACED_BY_ROW                                                                            \
    {                                                                                              \
        "--replaced-by", "PACKAGE", offsetof(struct lifecycle_options, replaced_by),               \
            "Package to use instead"                                                               \
    }

// A change of status.
struct step {
    const char *status; // the new one; "yanked" for a yank
    bool needs_reason;
};

// Before anything is sent, so that a usage error never depends on the registry.
static enum status check_options(const struct cli *cli, const struct step *step,
                                 struct error *err) {
    const struct lifecycle_options *given = cli->options;
    if (given->undo && (given->reason || given->replaced_by)) {
        return fail(err, STATUS_USAGE, NULL,
                    "--undo cannot be combined with --reason or --replaced-by.");
    }
    if (!given->undo && step->needs_reason && (!given->reason || !*given->reason)) {
        return fail(err, STATUS_USAGE, NULL,
                    "A reason is required. Add --reason TEXT; all users can read it.");
    }
    return STATUS_OK;
}

// Repeating a change is no error; the words say that nothing happened ("was already yanked").
static enum status print_change(struct cli *cli, const struct release_name *name,
                                const struct step *step, json_t *answer, struct error *err) {
    const struct lifecycle_options *given = cli->options;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    const char *text = release_name_text(cli, name);
    const char *is = given->undo ? (is_changed ? "is no longer" : "was not")
                                 : (is_changed ? "is now" : "was already");
    output_say(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "%s %s %s\n", text, is,
               step->status);
    return STATUS_OK;
}

// Sends the change and prints the result.
static enum status send_change(struct cli *cli, const struct release_name *name,
                               const struct step *step, const struct fetch_request *request,
                               json_t *body, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status =
        administration_send(cli, request->method, request->path, body, &answer, err);
    if (status) {
        return status;
    }
    return print_change(cli, name, step, answer, err);
}

// ---- yank ----

static const struct step yank = {"yanked", true};

static enum status run_yank(struct cli *cli, struct error *err) {
    const struct lifecycle_options *given = cli->options;
    struct release_name name;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    status = check_options(cli, &yank, err);
    if (status) {
        return status;
    }
    if (!name.version) {
        return fail(err, STATUS_USAGE, NULL, "A release is required. Use %s==VERSION.",
                    name.package);
    }
    struct fetch_request request = {.method = given->undo ? "DELETE" : "POST",
                                    .path = release_name_path(cli, &name, "/yank")};
    json_t *body = given->undo ? NULL : json_pack("{s:o}", "reason", json_text(given->reason));
    return body || given->undo ? send_change(cli, &name, &yank, &request, body, err)
                               : fail_no_memory(err);
}

// ---- deprecate, archive, quarantine ----

// Checks that the present status is the one that --undo is to end.
static enum status check_state(struct cli *cli, const struct release_name *name,
                               const struct step *step, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status =
        administration_send(cli, "GET", release_name_path(cli, name, ""), NULL, &answer, err);
    if (status) {
        return status;
    }
    const char *present = json_string_value(json_object_get(answer, "status"));
    const char *normal = name->version ? "live" : "active";
    bool is_known = present && (strcmp(present, step->status) == 0 || strcmp(present, normal) == 0);
    return is_known ? STATUS_OK
                    : fail(err, STATUS_CONFLICT, NULL, "%s is %s, not %s. Nothing was changed.",
                           release_name_text(cli, name), output_text(&cli->output, present),
                           step->status);
}

// "live" is the normal status of a release, "active" that of a package.
static enum status set_status(struct cli *cli, const struct release_name *name,
                              const struct step *step, struct error *err) {
    const struct lifecycle_options *given = cli->options;
    enum status status = check_options(cli, step, err);
    if (status) {
        return status;
    }
    if (given->undo) {
        status = check_state(cli, name, step, err);
        if (status) {
            return status;
        }
    }
    struct fetch_request request = {.method = "PUT",
                                    .path = release_name_path(cli, name, "/status")};
    const char *wanted = !given->undo ? step->status : name->version ? "live" : "active";
    // "s*" leaves the member out when its text is NULL: without --reason there is no "reason" at
    // all.
    json_t *body = json_pack("{s:s,s:s*,s:s*}", "status", wanted, "reason", given->reason,
                             "replaced_by", given->replaced_by);
    return body ? send_change(cli, name, step, &request, body, err)
                : fail(err, STATUS_USAGE, NULL, "An argument is not valid UTF-8.");
}

// Deprecated and archived are states of a package: a version would be ignored, so it is refused.
static enum status set_package_status(struct cli *cli, const struct step *step, struct error *err) {
    struct release_name name;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    if (name.version) {
        return fail(err, STATUS_USAGE, NULL,
                    "This applies to a whole package. Use the name without a version.");
    }
    return set_status(cli, &name, step, err);
}

// The address of the deprecation; to end it, what the address does not say is in the query.
static const char *entry_address(struct cli *cli, const struct release_name *name,
                                 const struct entry_point_name *entry) {
    const struct lifecycle_options *given = cli->options;
    const char *base = release_name_path(cli, name, "/entry-points/deprecation");
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_QUERY_BYTES);
    buffer_add_string(&path, base ? base : "");
    if (given->undo) {
        api_call_add_query(&path, "group", entry->group);
        api_call_add_query(&path, "name", entry->name);
    }
    return base && !path.failed ? arena_copy(cli->arena, path.ptr, path.len) : NULL;
}

static enum status deprecate_entry(struct cli *cli, struct error *err) {
    static const struct step step = {"deprecated", true};
    const struct lifecycle_options *given = cli->options;
    struct release_name name;
    struct entry_point_name entry;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    status = check_options(cli, &step, err);
    if (status) {
        return status;
    }
    status = entry_point_name_parse(cli, given->entry_point, &entry, err);
    if (status) {
        return status;
    }
    struct fetch_request request = {.method = given->undo ? "DELETE" : "PUT",
                                    .path = entry_address(cli, &name, &entry)};
    json_t *body = given->undo
                       ? NULL
                       : json_pack("{s:s,s:s,s:s,s:s*}", "group", entry.group, "name", entry.name,
                                   "message", given->reason, "successor", given->replaced_by);
    return request.path && (body || given->undo)
               ? send_change(cli, &name, &step, &request, body, err)
               : fail_no_memory(err);
}

static enum status run_deprecate(struct cli *cli, struct error *err) {
    static const struct step step = {"deprecated", true};
    const struct lifecycle_options *given = cli->options;
    if (given->entry_point) {
        return deprecate_entry(cli, err);
    }
    return set_package_status(cli, &step, err);
}

static enum status run_archive(struct cli *cli, struct error *err) {
    static const struct step step = {"archived", false};
    return set_package_status(cli, &step, err);
}

static enum status run_quarantine(struct cli *cli, struct error *err) {
    static const struct step step = {"quarantined", true};
    struct release_name name;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    return set_status(cli, &name, &step, err);
}

// ---- the rows ----

static const struct option_row yank_rows[] = {
    REASON_ROW,
    UNDO_ROW("Undo the yank"),
};
static const struct option_row deprecate_rows[] = {
    REASON_ROW,
    REPLACED_BY_ROW,
    {"--entry-point", "GROUP:NAME", offsetof(struct lifecycle_options, entry_point),
     "Deprecate this entry point alone"},
    UNDO_ROW("Make the package, or the entry point, active again"),
};
static const struct option_row archive_rows[] = {
    REASON_ROW,
    REPLACED_BY_ROW,
    UNDO_ROW("Make the package active again"),
};
static const struct option_row quarantine_rows[] = {
    REASON_ROW,
    UNDO_ROW("Serve the package or release again"),
};

const struct command command_yank = {
    .name = "yank",
    .arguments = "PACKAGE==VERSION",
    .min_arguments = 1,
    .max_arguments = 2,
    .lines = "package version yanked yanked_reason serial changed",
    .summary = "Yank a release: only environments that pin it still get it",
    .description =
        "The files stay available, so that hosts which pin this exact version keep working. Yank\n"
        "a release again with another reason to change the reason.",
    COMMAND_OPTIONS(yank_rows, struct lifecycle_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown release\n",
    .example = "registryctl yank crm==0.1.0 --reason \"loses deals on import\"",
    .run = run_yank,
};

const struct command command_deprecate = {
    .name = "deprecate",
    .arguments = "PACKAGE",
    .min_arguments = 1,
    .max_arguments = 2,
    .lines = STATUS_LINES,
    .summary = "Deprecate a package: its users get a warning",
    .description =
        "The package is still served. Its records carry a warning with the reason and the name\n"
        "of the replacement. With --entry-point the warning is on that entry point alone, and its\n"
        "replacement may be PACKAGE:GROUP:NAME.",
    COMMAND_OPTIONS(deprecate_rows, struct lifecycle_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package\n"
                  "3  The package has another status (--undo)\n",
    .example = "registryctl deprecate crm --reason \"no longer maintained\" --replaced-by crm-next",
    .run = run_deprecate,
};

const struct command command_archive = {
    .name = "archive",
    .arguments = "PACKAGE",
    .min_arguments = 1,
    .max_arguments = 2,
    .lines = STATUS_LINES,
    .summary = "Archive a package: no new releases are accepted",
    .description = "Existing releases are still served, with a warning.",
    COMMAND_OPTIONS(archive_rows, struct lifecycle_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package\n"
                  "3  The package has another status (--undo)\n",
    .example = "registryctl archive crm --replaced-by crm-next",
    .run = run_archive,
};

const struct command command_quarantine = {
    .name = "quarantine",
    .arguments = "PACKAGE[==VERSION]",
    .min_arguments = 1,
    .max_arguments = 2,
    .lines = STATUS_LINES,
    .summary = "Quarantine a package or release: registryd stops serving it",
    .description =
        "A quarantined release is in no resolution, even where it is pinned, and its files\n"
        "cannot be downloaded. Use it for dangerous releases; use yank for broken ones.",
    COMMAND_OPTIONS(quarantine_rows, struct lifecycle_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package or release\n"
                  "3  The package or release has another status (--undo)\n",
    .example = "registryctl quarantine crm==0.1.0 --reason \"sends deals to a third party\"",
    .run = run_quarantine,
};

// ---- hold, unhold ----

// A hold is beside the status, so that a deprecated package can be held too, and ending it restores no status.
struct hold_options {
    const char *group;
    const char *reason;
};

// "/v1/packages/crm/hold" or "/v1/groups/acme.plugins/hold", and how people call it.
struct hold_target {
    const char *path;
    const char *text;
};

static enum status read_held_package(struct cli *cli, struct hold_target *ret_target,
                                     struct error *err) {
    struct release_name name;
    enum status status = release_name_parse(cli, &name, err);
    if (status) {
        return status;
    }
    if (name.version) {
        return fail(err, STATUS_USAGE, NULL,
                    "This applies to a whole package. Use the name without a version.");
    }
    *ret_target =
        (struct hold_target){release_name_path(cli, &name, "/hold"), release_name_text(cli, &name)};
    return STATUS_OK;
}

// Exactly one of the two is given: a package as the argument, or a group as the option.
static enum status read_target(struct cli *cli, struct hold_target *ret_target, struct error *err) {
    const struct hold_options *given = cli->options;
    if (cli->argument_count == (given->group != NULL)) {
        return fail(err, STATUS_USAGE, NULL, "Name either a package or, with --group, a group.");
    }
    if (!given->group) {
        return read_held_package(cli, ret_target, err);
    }
    const char *address = administration_path(cli, "/v1/groups", &given->group, 1);
    const char *path = address ? arena_printf(cli->arena, "%s/hold", address) : NULL;
    *ret_target = (struct hold_target){path, output_text(&cli->output, given->group)};
    return path ? STATUS_OK : fail_no_memory(err);
}

static enum status send_hold(struct cli *cli, const char *method, json_t *body,
                             const char *words[2], struct error *err) {
    scoped(cleanup_json) json_t *owned = body;
    scoped(cleanup_json) json_t *answer = NULL;
    struct hold_target target = {0};
    enum status status = read_target(cli, &target, err);
    if (status) {
        return status;
    }
    status = administration_send(cli, method, target.path, take(owned), &answer, err);
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    output_say(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "New releases of %s %s held\n",
               target.text, words[is_changed ? 0 : 1]);
    return STATUS_OK;
}

static enum status run_hold(struct cli *cli, struct error *err) {
    const struct hold_options *given = cli->options;
    const char *words[] = {"are now", "were already"};
    if (!given->reason || !*given->reason) {
        return fail(err, STATUS_USAGE, NULL,
                    "A reason is required. Add --reason TEXT; all users can read it.");
    }
    json_t *body = json_pack("{s:o}", "reason", json_text(given->reason));
    return body ? send_hold(cli, "PUT", body, words, err)
                : fail(err, STATUS_USAGE, NULL, "An argument is not valid UTF-8.");
}

static enum status run_unhold(struct cli *cli, struct error *err) {
    const char *words[] = {"are no longer", "were not"};
    return send_hold(cli, "DELETE", NULL, words, err);
}

#define GROUP_ROW(text)                                                                            \
    { "--group", "GROUP", offsetof(struct hold_options, group), text }
#define HOLD_LINES "package|group held reason serial changed"
static const struct option_row hold_rows[] = {
    GROUP_ROW("Hold all packages in this group"),
    {"--reason", "TEXT", offsetof(struct hold_options, reason), "Reason; all users can read it"},
};
static const struct option_row unhold_rows[] = {GROUP_ROW("End the hold of this group")};

const struct command command_hold = {
    .name = "hold",
    .arguments = "[PACKAGE]",
    .min_arguments = 0,
    .max_arguments = 1,
    .lines = HOLD_LINES,
    .summary = "Hold a package or a group: new releases are not served, existing ones are",
    .description =
        "Releases that are published from now on are in no resolution, even where they are\n"
        "pinned. Everything that was there stays.",
    COMMAND_OPTIONS(hold_rows, struct hold_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package\n",
    .example = "registryctl hold crm --reason \"the maintainer's account was taken over\"",
    .run = run_hold,
};

const struct command command_unhold = {
    .name = "unhold",
    .arguments = "[PACKAGE]",
    .min_arguments = 0,
    .max_arguments = 1,
    .lines = HOLD_LINES,
    .summary = "End a hold: the newest releases are served again",
    .description = "Releases that were published during the hold are resolved like any others.",
    COMMAND_OPTIONS(unhold_rows, struct hold_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package\n",
    .example = "registryctl unhold --group honeyframe.plugins",
    .run = run_unhold,
};
