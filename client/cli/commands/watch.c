// SPDX-License-Identifier: MIT
// registryctl watch: keeps the cached snapshot up to date. A round pulls the snapshot and prints what changed; follow.h
// waits for the next change and repeats what failed.
#include "client/cli/commands/snapshot.h"
#include "client/cli/console/follow.h"
#include "client/fs/printable.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

struct watch_options {
    bool once;
    const char *exec;
    struct snapshot_options snapshot;
};

static const struct option_row rows[] = {
    {"--once", NULL, offsetof(struct watch_options, once), "Pull once, then exit"},
    {"--exec", "COMMAND", offsetof(struct watch_options, exec),
     "Shell command to run after each new snapshot ($REGISTRYD_SNAPSHOT)"},
    SNAPSHOT_ROWS(struct watch_options, snapshot),
};

// ---- output ----

static enum status print_change(struct cli *cli, const struct change *change, struct error *err) {
    struct output *output = &cli->output;
    if (output->json) {
        // clang-format off
        return output_json_line(output, json_pack("{s:s,s:I,s:s,s:o,s:o,s:o,s:s}",
                                         "event", "change",
                                         "serial", (json_int_t)change->serial,
                                         "kind", change->kind,
                                         "package", json_text(change->package),
                                         "version", json_text(change->version),
                                         "at", json_text(change->at),
                                         "groups", change->groups), err);
        // clang-format on
    }
    output_print(output, COLOR_DIM, "%s  ", output_text(output, change->at));
    output_print(output, COLOR_NONE, "serial %lld  %s", (long long)change->serial,
                 output_text(output, change->kind));
    const char *const more[] = {change->package, change->version, change->groups};
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        output_print(output, COLOR_NONE, "%s%s", more[i] && *more[i] ? " " : "",
                     output_text(output, more[i]));
    }
    output_print(output, COLOR_NONE, "\n");
    return output_done(output, err);
}

static enum status print_snapshot(struct cli *cli, const struct snapshot_pulled *pulled,
                                  struct error *err) {
    struct output *output = &cli->output;
    const char *path = pulled->location.path;
    enum status status;
    if (output->json) {
        // clang-format off
        status = output_json_line(output, json_pack("{s:s,s:s,s:I,s:s,s:I,s:I}",
                                           "event", "snapshot",
                                           "file", path,
                                           "serial", (json_int_t)pulled->serial,
                                           "epoch", pulled->epoch,
                                           "epoch_number", (json_int_t)pulled->epoch_number,
                                           "records", (json_int_t)pulled->record_count), err);
        // clang-format on
    } else {
        output_print(output, COLOR_GREEN, "snapshot");
        output_print(output, COLOR_NONE, "  serial %lld  %s  %s\n", (long long)pulled->serial,
                     output_count(output, pulled->record_count, "record", "records"),
                     output_text(output, path));
        status = output_done(output, err);
    }
    const struct watch_options *given = cli->options;
    follow_exec(cli, given->exec, "REGISTRYD_SNAPSHOT", path);
    return status;
}

// ---- rounds ----

struct watch {
    struct connection connection;
    struct snapshot_selector selector; // which snapshot is kept up to date
};

// The first pull tells from which serial on changes are printed.
static enum status pull(struct follow *follow, struct error *err) {
    struct watch *watch = follow->context;
    struct snapshot_pulled pulled;
    watch->selector.min_serial = follow->min_serial;
    watch->selector.min_epoch = follow->epoch_number;
    enum status status =
        snapshot_pull(follow->cli->arena, &watch->connection, &watch->selector, &pulled, err);
    if (status) {
        return status;
    }
    if (follow->since < 0) {
        follow->since = pulled.registry_serial;
        follow_note_epoch(follow, pulled.epoch, pulled.epoch_number);
    }
    return pulled.is_replaced ? print_snapshot(follow->cli, &pulled, err) : STATUS_OK;
}

static enum status show(struct follow *follow, const struct change *change, struct error *err) {
    return print_change(follow->cli, change, err);
}

static enum status run(struct cli *cli, struct error *err) {
    const struct watch_options *given = cli->options;
    struct watch watch = {0};
    struct follow follow = {.cli = cli,
                            .connection = &watch.connection,
                            .context = &watch,
                            .work = pull,
                            .show = show,
                            .sets_since = true,
                            .once = given->once};
    const char *path = cli->argument_count ? cli->arguments[0] : NULL;
    enum status status = command_connect(cli, &watch.connection, err);
    if (status) {
        return status;
    }
    status = snapshot_choose(cli, &given->snapshot, &watch.connection, path, &watch.selector, err);
    return status ? status : follow_run(&follow, err);
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "[FILE]",
    .max_arguments = 1,
    .lines = "event serial kind package version at groups file records",
    .summary = "Keep the snapshot of this host up to date",
    .description =
        "Downloads the snapshot as \"registryctl snapshot pull\" does, waits for the next change "
        "in\n"
        "the registry, and downloads it again. Prints a line for each change and each new\n"
        "snapshot. If the registry cannot be reached, the download is retried with growing pauses\n"
        "and the present snapshot is kept. Exits on SIGINT and SIGTERM.",
    COMMAND_OPTIONS(rows, struct watch_options),
    .exit_codes = "0  Ended by a signal; with --once, the snapshot is up to date\n",
    .example = "registryctl watch --environment production",
    .run = run,
};
