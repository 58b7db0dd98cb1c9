// SPDX-License-Identifier: MIT
// registryctl discover GROUP...
#include "client/cli/input/facts.h"
#include "client/cli/console/records.h"
#include "client/cli/input/roots.h"
#include "client/public/discover_sources.h"
#include "schema/base/list.h"

static const struct option_row options[] = {
    {"--mode", "MODE", offsetof(struct options, mode),
     "who answers (REGISTRYD_MODE); default walk-first"},
    {"--root", "ROOT", offsetof(struct options, roots),
     "a directory to walk: PATH or LABEL=PATH, in order of precedence", .repeats = true},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (each plugin by its mark), one convention, or a declaration's file"},
    FACTS_OPTIONS,
    {"--snapshot-key", "KEY", offsetof(struct options, snapshot_key),
     "use only snapshots signed with this key (REGISTRYD_SNAPSHOT_KEY)"},
    {"--require", NULL, offsetof(struct options, require), "exit 1 when nothing was found"},
};

// The convention is a person's word here: one that is none is no reason to fall back.
static enum status check_convention(struct cli *cli, struct error *err) {
    const struct convention *convention = NULL;
    return convention_choose(cli->arena, cli->options.convention, &convention, err);
}

static enum status fill_request(struct cli *cli, struct connection *connection,
                                struct findings *diagnostics, struct discover_request *request,
                                struct error *err) {
    const struct words *roots = &cli->options.roots;
    enum status failed = discover_choose_mode(cli->options.mode, diagnostics, &request->mode, err);
    failed = failed ? failed : check_convention(cli, err);
    failed = failed ? failed : command_connect(cli, connection, err);
    failed =
        failed ? failed : roots_parse_words(cli, roots->items, roots->count, &request->walk, err);
    if (failed) {
        return failed;
    }
    if (!roots->count && request->mode != DISCOVER_REGISTRY) {
        return fail(err, STATUS_USAGE, NULL,
                    "The mode %s walks directories: name them with --root, or give --mode registry",
                    discover_mode_name(request->mode));
    }
    request->timeout_ms = cli->options.timeout ? connection->timeout_ms : 0;
    request->connection = connection;
    return facts_query(cli, cli->arguments, cli->argument_count, &request->query, err);
}

// What is kept holds all groups of the environment, whichever are asked for.
static enum status fill_kept(struct cli *cli, struct discover_request *request,
                             struct snapshot_selector *selector, struct error *err) {
    struct source_query all = request->query;
    all.group_count = 0;
    request->kept = selector;
    return facts_selector(cli, request->connection, &all, selector, err);
}

static void print_diagnostics(struct cli *cli, const struct findings *diagnostics) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    if (diagnostics->count) {
        output_print(&errors, COLOR_NONE, "registryctl: about the sources\n");
        output_findings(&errors, diagnostics);
    }
    cli->output.no_memory |= errors.no_memory;
}

static enum status print(struct cli *cli, const struct records *records, struct error *err) {
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(records), err);
    }
    if (!records->count) {
        output_print(&cli->output, COLOR_NONE, "No plugins were found.\n");
    }
    return records_print(cli, records, err);
}

static enum status run(struct cli *cli, struct error *err) {
    struct connection connection;
    struct findings diagnostics;
    struct discover_request request = {0};
    struct snapshot_selector selector;
    struct discovery discovery = {0};
    findings_init(&diagnostics, cli->arena);
    enum status failed = fill_request(cli, &connection, &diagnostics, &request, err);
    failed = failed ? failed : fill_kept(cli, &request, &selector, err);
    failed =
        failed ? failed : discover_sources(cli->arena, &request, &diagnostics, &discovery, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = cli->options.require && !discovery.records.count;
    failed = print(cli, &discovery.records, err);
    print_diagnostics(cli, &discovery.diagnostics);
    return failed;
}

const struct command command_discover = {
    .name = "discover",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .summary = "Find the plugins of a group as a host does, in directories and registry",
    .description =
        "The mode says who answers: walk; walk-first (the registry adds what the directories\n"
        "lack); registry-first (the directories fill gaps); registry; compare (as walk, and every\n"
        "difference is a warning). When a source cannot answer, the other does, and a warning on\n"
        "standard error says so: the registry's last known answer (registryctl snapshot pull) "
        "stands in\n"
        "for it, else the directories do. The registry may take 2 seconds, 0.3 when an answer is\n"
        "kept, or what --timeout says.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  answered, also with less than was asked for\n"
                  "1  nothing was found, with --require\n"
                  "2  no such mode or convention, or no --root\n",
    .example = "registryctl discover honeyframe.plugins --mode registry-first --root plugins",
    .run = run,
};
