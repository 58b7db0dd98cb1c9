// SPDX-License-Identifier: MIT
// registryctl sync: a directory that a host walks holds what an environment resolves to. The registry's list of
// releases and hashes is compared with what the directory holds (sync_plan.h); the new set is complete before the
// directory is touched, so that whatever fails leaves it as it was.
#include "client/cli/console/follow.h"
#include "client/cli/input/group_guess.h"
#include "client/cli/input/missing.h"
#include "client/cli/input/query.h"
#include "client/remote/api_call.h"
#include "client/snapshot/snapshot_pull.h"
#include "client/sync/sync_plan.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_DEFAULT = 3, KEEP_MAX = 100 };

// The texts are borrowed from the command line.
struct sync_options {
    struct facts_options facts;
    const char *into;
    const char *layout;
    const char *keep;
    struct words adopt;
    bool dry_run;
    bool rollback;
    bool watch;
    const char *exec;
};

static const struct option_row sync_rows[] = {
    {"--into", "DIR", offsetof(struct sync_options, into), "Directory that sync owns; required"},
    {"--dry-run", NULL, offsetof(struct sync_options, dry_run), "Print the plan, change nothing"},
    {"--rollback", NULL, offsetof(struct sync_options, rollback), "Go back to the earlier set"},
    {"--watch", NULL, offsetof(struct sync_options, watch),
     "Follow the registry and sync again after each change"},
    {"--exec", "COMMAND", offsetof(struct sync_options, exec),
     "Shell command to run after each new set ($REGISTRYD_DIRECTORY)"},
    {"--keep", "N", offsetof(struct sync_options, keep), "Earlier sets to keep; default 3"},
    {"--adopt", "NAME", offsetof(struct sync_options, adopt),
     "Keep this entry of the directory, which sync did not put there", .repeats = true},
    {"--layout", "LAYOUT", offsetof(struct sync_options, layout),
     "\"plugins\" (their folders) or \"site\" (as site-packages); default: \"auto\"",
     .choices = "auto|plugins|site"},
    FACTS_ROWS(struct sync_options, facts),
};

// One run of the command. The place and the answer are closed by sync_run_done, on every path.
struct sync_run {
    struct cli *cli;
    const struct sync_options *given;
    struct connection connection;
    struct sync_place place;
    struct sync_plan plan;
    enum sync_layout layout;
    int64_t keep;
    int64_t min_serial; // the state of the registry to ask for; 0: any
    int64_t min_epoch;  // number of the epoch of min_serial; 0: not known
    bool was_shown;     // an earlier round printed its answer
    bool is_replaced;   // this round put another set into the directory
    json_t *answer;     // of the registry; owned
};

// Ready for another round. The directory is unlocked, so that a person can roll back between two rounds.
static void sync_run_done(struct sync_run *run) {
    sync_place_close(&run->place);
    json_decref(run->answer);
    run->place = SYNC_PLACE_CLOSED;
    run->plan = (struct sync_plan){0};
    run->answer = NULL;
    run->is_replaced = false;
}

// GET /v1/requirements?format=json with the groups, the facts and the environment. The registry
// resolves; sync only compares the answer with the directory.
static enum status ask(struct sync_run *run, struct error *err) {
    struct words groups = query_arguments(run->cli);
    struct source_query query;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    enum status status = facts_query(run->cli, &run->given->facts, &groups, &query, err);
    if (status) {
        return status;
    }
    buffer_add_string(&path, "/v1/requirements?format=json");
    source_registry_add_query(&path, &run->connection, &query);
    if (run->min_serial) {
        const char *point = snapshot_write_point(run->cli->arena, run->min_epoch, run->min_serial);
        buffer_add_string(&path, point ? point : "");
    }
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = run->cli->arena, .connection = &run->connection};
    // A misspelt group has no plugins, and would empty the directory.
    status = group_guess_check(&call, groups.items, groups.count, err);
    return status ? status : api_call_json(&call, &request, &run->answer, err);
}

// ---- output ----

// In json_pack, "O" keeps the caller's reference and "o" hands over a new one. The answer stays the
// run's, so its members are packed with "O". NULL in an "o" makes the whole result NULL.
static enum status print_json(struct sync_run *run, struct error *err) {
    json_t *json = json_pack(
        "{s:s,s:O,s:b,s:b,s:I,s:o,s:o,s:o,s:O}", "into", run->place.into, "environment",
        json_object_get(run->answer, "environment"), "changed", run->plan.is_changed, "dry_run",
        run->given->dry_run, "set", (json_int_t)sync_place_number(&run->place), "packages",
        sync_plan_encode_items(&run->plan), "removed", sync_plan_encode_strings(&run->plan.removed),
        "adopted", sync_plan_encode_strings(&run->plan.adopted), "missing",
        json_object_get(run->answer, "missing"));
    return run->given->watch ? output_json_line(&run->cli->output, json, err)
                             : output_json(&run->cli->output, json, err);
}

// Nothing of the answer reaches the terminal unescaped: output_text replaces control characters.
static void print_table(struct sync_run *run) {
    struct output *output = &run->cli->output;
    for (size_t i = 0; i < run->plan.count; i++) {
        const struct sync_item *item = &run->plan.items[i];
        output_print(output, strcmp(item->action, "keep") == 0 ? COLOR_DIM : COLOR_GREEN,
                     "%-8s  %s %s\n", item->action, output_text(output, item->package),
                     output_text(output, item->version));
        if (item->unpacked.left_out) {
            output_print(
                output, COLOR_YELLOW,
                "          %zu of its files lie outside the plugin's folder and are left out\n",
                item->unpacked.left_out);
        }
        for (size_t j = 0; j < item->unpacked.requirements.count; j++) {
            output_print(output, COLOR_DIM, "          needs %s, which sync does not install\n",
                         output_text(output, item->unpacked.requirements.items[j]));
        }
    }
    for (size_t i = 0; i < run->plan.removed.count; i++) {
        output_print(output, COLOR_YELLOW, "remove    %s\n",
                     output_text(output, run->plan.removed.items[i]));
    }
    const char *into = output_text(output, run->place.into);
    if (run->given->dry_run) {
        output_print(output, COLOR_NONE, "%s would %s\n", into,
                     run->plan.is_changed ? "change" : "stay as it is");
    } else {
        output_print(output, COLOR_NONE,
                     run->plan.is_changed ? "%s holds set %lld\n" : "%s is unchanged\n", into,
                     (long long)sync_place_number(&run->place));
    }
}

static enum status print_answer(struct sync_run *run, struct error *err) {
    size_t missing = missing_report(run->cli, json_object_get(run->answer, "missing"));
    run->cli->exit_code = missing ? 1 : 0;
    if (run->cli->output.json) {
        return print_json(run, err);
    }
    print_table(run);
    return output_done(&run->cli->output, err);
}

// ---- the command ----

static enum status go_back(struct sync_run *run, struct error *err) {
    int64_t number = 0;
    enum status status = sync_place_rollback(run->cli->arena, &run->place, &number, err);
    if (status) {
        return status;
    }
    if (run->cli->output.json) {
        return output_json(&run->cli->output,
                           json_pack("{s:s,s:b,s:I}", "into", run->place.into, "changed", 1, "set",
                                     (json_int_t)number),
                           err);
    }
    output_print(&run->cli->output, COLOR_NONE, "%s is back at set %lld\n",
                 output_text(&run->cli->output, run->place.into), (long long)number);
    return STATUS_OK;
}

// `end` stays NULL with the default. Otherwise it points behind the number, where the text must
// end.
static enum status read_options(struct sync_run *run, struct error *err) {
    const struct sync_options *given = run->given;
    char *end = NULL;
    run->keep = given->keep ? strtoll(given->keep, &end, 10) : KEEP_DEFAULT;
    if (!given->rollback && !run->cli->argument_count) {
        return fail(err, STATUS_USAGE, NULL,
                    "Name the groups of the host, for example myapp.plugins");
    }
    if (!given->into) {
        return fail(err, STATUS_USAGE, NULL, "Name the directory with --into DIR");
    }
    if ((end && *end) || run->keep < 0 || run->keep > KEEP_MAX) {
        return fail(err, STATUS_USAGE, NULL, "--keep wants a number from 0 to %d", KEEP_MAX);
    }
    if (given->watch && (given->dry_run || given->rollback)) {
        return fail(err, STATUS_USAGE, NULL, "Use --watch without %s",
                    given->dry_run ? "--dry-run" : "--rollback");
    }
    if (given->layout && !sync_layout_find(given->layout, &run->layout)) {
        return fail(err, STATUS_USAGE, NULL,
                    "\"%s\" is not a layout. The layouts are plugins, site and auto",
                    given->layout);
    }
    return STATUS_OK;
}

// Asks, plans, and does what was planned.
static enum status change(struct sync_run *run, struct error *err) {
    run->plan.arena = run->cli->arena;
    run->plan.layout = run->layout;
    run->plan.place = &run->place;
    run->plan.connection = &run->connection;
    run->plan.adopt = (struct strings){run->given->adopt.items, run->given->adopt.count};
    enum status status = ask(run, err);
    if (status) {
        return status;
    }
    status = sync_plan_make(&run->plan, run->answer, err);
    if (status || !run->plan.is_changed || run->given->dry_run) {
        return status;
    }
    return sync_plan_apply(&run->plan, run->keep, err);
}

static enum status sync_open(struct sync_run *run, struct error *err) {
    return sync_place_open(run->cli->arena, run->given->into, &run->place, err);
}

// The directory is opened, and so locked, before the registry is asked. Two runs therefore never
// plan against the same set.
static enum status sync_once(struct sync_run *run, struct error *err) {
    enum status status = sync_open(run, err);
    if (status) {
        return status;
    }
    int64_t before = sync_place_number(&run->place);
    status = change(run, err);
    run->is_replaced =
        sync_place_number(&run->place) != before; // also when old sets cannot be removed
    if (status) {
        return status;
    }
    bool is_shown = run->was_shown && !run->is_replaced;
    run->was_shown = true;
    return is_shown ? STATUS_OK : print_answer(run, err);
}

static enum status roll_back(struct sync_run *run, struct error *err) {
    enum status status = sync_open(run, err);
    if (status) {
        return status;
    }
    status = go_back(run, err);
    run->is_replaced = !status;
    return status;
}

// The directory is unlocked before the command of the user runs, which may check the host and roll back.
static void finish(struct sync_run *run) {
    bool is_replaced = run->is_replaced;
    sync_run_done(run);
    if (is_replaced) {
        follow_exec(run->cli, run->given->exec, "REGISTRYD_DIRECTORY", run->given->into);
    }
}

static enum status sync_round(struct follow *follow, struct error *err) {
    struct sync_run *run = follow->context;
    run->min_serial = follow->min_serial;
    run->min_epoch = follow->epoch_number;
    enum status status = sync_once(run, err);
    finish(run);
    return status;
}

static enum status run_sync(struct cli *cli, struct error *err) {
    scoped(sync_run_done) struct sync_run run = {
        .cli = cli, .given = cli->options, .place = SYNC_PLACE_CLOSED};
    struct follow follow = {
        .cli = cli, .connection = &run.connection, .context = &run, .work = sync_round};
    enum status status = read_options(&run, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, &run.connection, err);
    if (status) {
        return status;
    }
    if (run.given->watch) {
        return follow_run(&follow, err);
    }
    status = run.given->rollback ? roll_back(&run, err) : sync_once(&run, err);
    finish(&run);
    return status;
}

const struct command command_sync = {
    .name = "sync",
    .arguments = "[GROUP...]",
    .max_arguments = LIMIT_QUERY_GROUPS,
    .lines = "packages: action package version filename",
    .summary = "Make a directory hold the plugins of an environment",
    .description =
        "For a host that walks a directory. Its content becomes what the environment resolves\n"
        "to: each wheel is verified by its hash and unpacked in the layout of the host. The new\n"
        "set is complete before the directory is exchanged with it in one step. Sync owns the\n"
        "directory: it refuses one with other content, unless --adopt names it. Earlier sets are\n"
        "kept beside it for --rollback. The requirements of the packages are listed and not\n"
        "installed. With --watch it waits for the next change in the registry and syncs again,\n"
        "until SIGINT or SIGTERM; what fails is reported and retried.",
    COMMAND_OPTIONS(sync_rows, struct sync_options),
    .exit_codes = "0  The directory holds the plugins; --watch was ended by a signal\n"
                  "1  A package that the environment enables or pins is missing, or there is\n"
                  "   no earlier set\n"
                  "3  A package has no wheel, two packages have one folder, or the directory has\n"
                  "   content that sync did not put there\n",
    .example =
        "registryctl --environment production sync honeyframe.plugins --into /srv/app/plugins",
    .run = run_sync,
};
