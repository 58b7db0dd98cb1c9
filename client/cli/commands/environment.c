// SPDX-License-Identifier: MIT
// registryctl environment ACTION …: the row, the table of actions, and what they share.
#include "client/cli/commands/environment.h"

#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <errno.h>
#include <string.h>

static const struct option_row options[] = {
    {"--facts-from", "PYTHON", offsetof(struct options, facts_from),
     "create, set: the facts of this Python, which is run to tell them"},
    {"--facts", "FILE", offsetof(struct options, facts),
     "create, set: the facts in this JSON file, \"-\" for standard input"},
    {"--document", "FILE", offsetof(struct options, document),
     "create, set: begin with the document in this JSON file, or \"-\""},
    {"--description", "TEXT", offsetof(struct options, description),
     "create, set: one line; \"-\" takes it away"},
    {"--plugins", "WHICH", offsetof(struct options, plugins),
     "create, set: \"all\" that fit, or only those \"listed\" as enabled"},
    {"--prereleases", "YES", offsetof(struct options, take_prereleases),
     "create, set: \"yes\" or \"no\""},
    {"--min-age", "TIME", offsetof(struct options, min_age),
     "create, set: how old a release must be: 7d, 12h, 30m, 45s"},
    {"--permissions", "LIST", offsetof(struct options, permissions),
     "create, set: those it knows, with commas; \"none\"; \"any\": unchecked"},
    {"--pin", "SPECIFIERS", offsetof(struct options, pin), "enable: also pin, as \"==1.2\""},
    {"--file", "FILE", offsetof(struct options, file),
     "settings: a JSON object to merge in, \"-\" for standard input"},
    {"--revision", "N", offsetof(struct options, revision), "show: this revision"},
    {"--if-revision", "N", offsetof(struct options, if_revision),
     "change only what is still at this revision"},
    {"--python", "PYTHON", offsetof(struct options, python),
     "facts: of this Python; default python3"},
    {"--have-all", NULL, offsetof(struct options, have_all),
     "facts: also those in PYTHONPATH and the user's site directory"},
};

static const struct {
    const char *name;
    environment_action *run;
} actions[] = {
    {"list", environment_list},         {"show", environment_show},
    {"create", environment_make},       {"set", environment_set},
    {"enable", environment_enable},     {"disable", environment_disable},
    {"pin", environment_pin},           {"unpin", environment_unpin},
    {"settings", environment_settings}, {"history", environment_history},
    {"diff", environment_diff},         {"rollback", environment_rollback},
    {"facts", environment_facts},
};

// What is wrong with a document is told fault by fault, with hints, in place of the first one alone; a
// condition is one of ours, so its header is not told.
static enum status print_refusal(struct cli *cli, const struct findings *findings,
                                 enum status failed, struct error *err) {
    struct output errors = output_errors(&cli->output);
    if (failed == STATUS_PRECONDITION) {
        err->where[0] = '\0';
    }
    if (!findings->count) {
        return failed;
    }
    fflush(stdout);
    output_findings(&errors, findings);
    cli->output.no_memory |= errors.no_memory;
    return fail(err, failed, NULL, "Nothing was changed");
}

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
    enum status failed = command_connect(cli, &connection, err);
    failed = failed ? failed : api_call_json(&api_call, &request, ret_answer, err);
    return failed ? print_refusal(cli, &findings, failed, err) : STATUS_OK;
}

const char *environment_address(struct cli *cli, const char *name, const char *rest) {
    const char *path = administration_path(cli, "/v1/environments", &name, 1);
    return path && rest ? arena_printf(cli->arena, "%s%s", path, rest) : path;
}

enum status environment_revision(const char *text, const char *what, const char **ret_text,
                                 struct error *err) {
    enum { DIGITS_MAX = 18 };
    size_t len = strspn(text, "0123456789");
    if (!len || text[len] || len > DIGITS_MAX || text[0] == '0') {
        return fail(err, STATUS_USAGE, NULL, "%s is the number of a revision, not \"%s\"", what,
                    text);
    }
    *ret_text = text;
    return STATUS_OK;
}

enum status environment_condition(struct cli *cli, const char **ret_tag, struct error *err) {
    const char *text = cli->options.if_revision;
    *ret_tag = NULL;
    if (!text) {
        return STATUS_OK;
    }
    enum status failed = environment_revision(text, "--if-revision", &text, err);
    if (!failed) {
        *ret_tag = arena_printf(cli->arena, "\"%s\"", text);
    }
    return failed || *ret_tag ? failed : fail_no_memory(err);
}

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
    if (changed) {
        output_print(output, COLOR_GREEN, "%s is at revision %s", name, revision);
        output_print(output, COLOR_NONE, ": ");
        output_wrapped(output, COLOR_NONE, 2, summary);
        output_print(output, COLOR_NONE, "\n");
    } else {
        output_print(output, COLOR_DIM, "%s stays at revision %s: it is so already\n", name,
                     revision);
    }
    return STATUS_OK;
}

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
        return fail(err, STATUS_IO, path, "It cannot be read");
    }
    enum status failed =
        json_parse((struct text){bytes, len}, LIMIT_ENVIRONMENT_BYTES, ret_json, err);
    if (failed && err) {
        const char *where = arena_printf(cli->arena, "%s%s%s", is_input ? "standard input" : path,
                                         err->where[0] ? ": " : "", err->where);
        const char *message = arena_strdup(cli->arena, err->message);
        return where && message ? fail(err, failed, where, "%s", message) : fail_no_memory(err);
    }
    return failed;
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

static enum status run(struct cli *cli, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(actions[i].name, cli->arguments[0]) == 0) {
            return actions[i].run(cli, err);
        }
    }
    return fail(err, STATUS_USAGE, NULL,
                "There is no environment %s; known are list, show, create, set, enable, disable, "
                "pin, unpin, settings, history, diff, rollback and facts",
                cli->arguments[0]);
}

const struct command command_environment = {
    .name = "environment",
    .arguments = "ACTION [NAME] [ARGUMENT...]",
    .min_arguments = 1,
    .max_arguments = 0,
    .summary = "Say what a deployment of a host gets, and see how that changed",
    .description =
        "An environment keeps facts about a host, a policy, and what is decided about each\n"
        "plugin. Every change makes a revision; each can be shown, compared and gone back to.",
    .options = options,
    .option_count = COUNT_OF(options),
    .actions = "list\tall environments\n"
               "show NAME\twhat is known and decided\n"
               "create NAME\ta new one, with the options of set\n"
               "set NAME\tfacts, policy, permissions, description, or the whole document\n"
               "enable NAME PACKAGE\ttake it, also where only listed ones are taken\n"
               "disable NAME PACKAGE\tdo not take it\n"
               "pin NAME PACKAGE SPECIFIERS\ttake only these releases: ==1.2, ~=1.2, <2\n"
               "unpin NAME PACKAGE\ttake any that fits\n"
               "settings NAME PACKAGE [KEY=VALUE...]\tshow, or set; VALUE is JSON, else "
               "a text; KEY= takes a key away\n"
               "history NAME\tthe revisions, the newest first\n"
               "diff NAME [FROM [TO]]\tof two revisions; without them, of the last change\n"
               "diff NAME[@N] OTHER[@N]\tof two environments\n"
               "rollback NAME N\tmake revision N the newest again\n"
               "facts\tof a Python, as JSON for set --facts\n",
    .exit_codes = "0  listed, shown, done, or it was so already\n"
                  "1  there is no such environment, revision or package; diff: they differ\n"
                  "3  refused: the document or the plugin is not right, or another changed it\n",
    .example = "registryctl environment create production --facts-from /srv/app/venv/bin/python",
    .run = run,
};
