// SPDX-License-Identifier: MIT
// registryctl yank, deprecate, archive, quarantine: the life of packages and releases, there and back.
#include "client/cli/input/administration.h"
#include "client/cli/input/release_name.h"
#include "client/remote/fetch.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

#define REASON_ROW(text)                                                                           \
    { "--reason", "TEXT", offsetof(struct options, reason), text, false }
#define UNDO_ROW(text)                                                                             \
    { "--undo", NULL, offsetof(struct options, undo), text, false }
#define SUCCESSOR_ROW                                                                              \
    {                                                                                              \
        "--replaced-by", "PACKAGE", offsetof(struct options, replaced_by),                         \
            "the package to use instead", false                                                    \
    }

// One step in the life of a package or release.
struct step {
    const char *status; // that it has afterwards; "yanked" is the word for a yank
    bool needs_reason;
};

// --reason goes there, --undo goes back, and only one of them can be meant.
static enum status check_options(const struct cli *cli, const struct step *step,
                                 struct error *err) {
    const struct options *given = &cli->options;
    if (given->undo && (given->reason || given->replaced_by)) {
        return fail(err, STATUS_USAGE, NULL, "--undo goes back to before: it takes nothing else");
    }
    if (!given->undo && step->needs_reason && (!given->reason || !*given->reason)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Say why with --reason TEXT: people who use it will read it");
    }
    return STATUS_OK;
}

static enum status print_change(struct cli *cli, const struct release_name *name,
                                const struct step *step, json_t *answer, struct error *err) {
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    const char *text = release_name_text(cli, name);
    const char *is = cli->options.undo ? (is_changed ? "is no longer" : "was not")
                                       : (is_changed ? "is now" : "was already");
    output_print(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "%s %s %s\n", text, is,
                 step->status);
    return STATUS_OK;
}

// Sends the change and tells what came of it.
static enum status send_change(struct cli *cli, const struct release_name *name,
                               const struct step *step, const struct fetch_request *request,
                               json_t *body, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed =
        administration_send(cli, request->method, request->path, body, &answer, err);
    return failed ? failed : print_change(cli, name, step, answer, err);
}

// ---- yank ----

static const struct step yank = {"yanked", true};

static enum status run_yank(struct cli *cli, struct error *err) {
    struct release_name name;
    enum status failed = release_name_parse(cli, &name, err);
    failed = failed ? failed : check_options(cli, &yank, err);
    if (failed) {
        return failed;
    }
    if (!name.version) {
        return fail(err, STATUS_USAGE, NULL, "Say which release: %s==VERSION", name.package);
    }
    struct fetch_request request = {.method = cli->options.undo ? "DELETE" : "POST",
                                    .path = release_name_path(cli, &name, "/yank")};
    json_t *body =
        cli->options.undo ? NULL : json_pack("{s:o}", "reason", json_text(cli->options.reason));
    return body || cli->options.undo ? send_change(cli, &name, &yank, &request, body, err)
                                     : fail_no_memory(err);
}

// ---- status ----

// Going back from one state must not lift another: an archived package is not brought back by
// `deprecate --undo`.
static enum status check_state(struct cli *cli, const struct release_name *name,
                               const struct step *step, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed =
        administration_send(cli, "GET", release_name_path(cli, name, ""), NULL, &answer, err);
    if (failed) {
        return failed;
    }
    const char *status = json_string_value(json_object_get(answer, "status"));
    const char *normal = name->version ? "live" : "active";
    bool is_known = status && (strcmp(status, step->status) == 0 || strcmp(status, normal) == 0);
    return is_known ? STATUS_OK
                    : fail(err, STATUS_CONFLICT, NULL, "%s is %s, not %s: nothing was changed",
                           release_name_text(cli, name), output_text(&cli->output, status),
                           step->status);
}

static enum status set_status(struct cli *cli, const struct release_name *name,
                              const struct step *step, struct error *err) {
    const struct options *given = &cli->options;
    enum status failed = check_options(cli, step, err);
    if (!failed && given->undo) {
        failed = check_state(cli, name, step, err);
    }
    if (failed) {
        return failed;
    }
    struct fetch_request request = {.method = "PUT",
                                    .path = release_name_path(cli, name, "/status")};
    const char *status = !given->undo ? step->status : name->version ? "live" : "active";
    json_t *body = json_pack("{s:s,s:s*,s:s*}", "status", status, "reason", given->reason,
                             "replaced_by", given->replaced_by);
    return body ? send_change(cli, name, step, &request, body, err)
                : fail(err, STATUS_USAGE, NULL, "A text of the command line is not UTF-8");
}

static enum status set_package_status(struct cli *cli, const struct step *step, struct error *err) {
    struct release_name name;
    enum status failed = release_name_parse(cli, &name, err);
    if (!failed && name.version) {
        return fail(err, STATUS_USAGE, NULL, "It is said of a package, not of one release of it");
    }
    return failed ? failed : set_status(cli, &name, step, err);
}

static enum status run_deprecate(struct cli *cli, struct error *err) {
    static const struct step step = {"deprecated", true};
    return set_package_status(cli, &step, err);
}

static enum status run_archive(struct cli *cli, struct error *err) {
    static const struct step step = {"archived", false};
    return set_package_status(cli, &step, err);
}

static enum status run_quarantine(struct cli *cli, struct error *err) {
    static const struct step step = {"quarantined", true};
    struct release_name name;
    enum status failed = release_name_parse(cli, &name, err);
    return failed ? failed : set_status(cli, &name, &step, err);
}

// ---- the rows ----

static const struct option_row yank_options[] = {
    REASON_ROW("why; everybody can read it"),
    UNDO_ROW("take the yank back"),
};
static const struct option_row deprecate_options[] = {
    REASON_ROW("why; everybody can read it"),
    SUCCESSOR_ROW,
    UNDO_ROW("the package is active again"),
};
static const struct option_row archive_options[] = {
    REASON_ROW("why"),
    SUCCESSOR_ROW,
    UNDO_ROW("the package is active again"),
};
static const struct option_row quarantine_options[] = {
    REASON_ROW("why; everybody can read it"),
    UNDO_ROW("give it out again"),
};

const struct command command_yank = {
    .name = "yank",
    .arguments = "PACKAGE==VERSION",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Take a release back: only who pins it still gets it",
    .description =
        "Its files stay, so that hosts which pin it with == go on working. A yank again with\n"
        "another reason changes the reason.",
    .options = yank_options,
    .option_count = COUNT_OF(yank_options),
    .exit_codes = "0  done, or it was so already\n1  there is no such release\n",
    .example = "registryctl yank crm==0.1.0 --reason \"loses deals on import\"",
    .run = run_yank,
};

const struct command command_deprecate = {
    .name = "deprecate",
    .arguments = "PACKAGE",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Warn everybody who uses a package",
    .description =
        "The package goes on; its records carry a warning with the reason, and the name of\n"
        "what replaces it.",
    .options = deprecate_options,
    .option_count = COUNT_OF(deprecate_options),
    .exit_codes = "0  done, or it was so already\n1  there is no such package\n3  --undo, and the "
                  "package is not deprecated but something else\n",
    .example = "registryctl deprecate crm --reason \"no longer maintained\" --replaced-by crm-next",
    .run = run_deprecate,
};

const struct command command_archive = {
    .name = "archive",
    .arguments = "PACKAGE",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Close a package to new releases",
    .description = "What is published goes on being given, with a warning.",
    .options = archive_options,
    .option_count = COUNT_OF(archive_options),
    .exit_codes = "0  done, or it was so already\n1  there is no such package\n3  --undo, and the "
                  "package is not archived but something else\n",
    .example = "registryctl archive crm --replaced-by crm-next",
    .run = run_archive,
};

const struct command command_quarantine = {
    .name = "quarantine",
    .arguments = "PACKAGE[==VERSION]",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Give a package or a release to nobody any more",
    .description =
        "Neither in resolutions, not even where it is pinned, nor its files. For what is\n"
        "dangerous; for what is only broken there is yank.",
    .options = quarantine_options,
    .option_count = COUNT_OF(quarantine_options),
    .exit_codes =
        "0  done, or it was so already\n1  there is no such package or release\n3  --undo, "
        "and it is not quarantined but something else\n",
    .example = "registryctl quarantine crm==0.1.0 --reason \"sends deals to a stranger\"",
    .run = run_quarantine,
};
