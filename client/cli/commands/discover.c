// SPDX-License-Identifier: MIT
// registryctl walk and discover: finding plugins as a host does. "walk" reads directories only; "discover"
// combines directories and registry by the rules of client/public/discover_sources.h and so answers what
// entry_points() of the Python package answers. A source that cannot answer is a warning on standard
// error, never a failure: the exit code of discover is 0 as long as the command line is right.
#include "client/cli/console/decisions.h"
#include "client/cli/console/records.h"
#include "client/cli/input/query.h"
#include "client/cli/input/schema_files.h"
#include "client/public/discover_sources.h"
#include "client/remote/group_contracts.h"

#include <string.h>

// ---- walk ----

struct walk_options {
    const char *convention;
    const char *against; // address of a registry, or "configured"; NULL: none is asked
    struct words schemas;
    bool require;
};

static const struct option_row walk_rows[] = {
    CONVENTION_ROW(struct walk_options, convention),
    {"--against", "URL", offsetof(struct walk_options, against),
     "Also check the contracts of this registry; \"configured\": the usual"},
    SCHEMA_ROW(struct walk_options, schemas),
    {"--require", NULL, offsetof(struct walk_options, require), "Exit 1 if no plugin was found"},
};

// What the registry's contracts say of the plugins: publishing them would be refused. A host that walks loads
// them all the same.
static enum status hold_against(struct cli *cli, const struct walk_query *query,
                                struct records *records, struct error *err) {
    const struct walk_options *given = cli->options;
    struct connection connection;
    struct asked_contracts contracts;
    if (!given->against) {
        return STATUS_OK;
    }
    if (strcmp(given->against, "configured") != 0) {
        cli->global.url = given->against;
    }
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    const struct api_call call = {.arena = cli->arena, .connection = &connection};
    status = group_contracts_load(&call, records, &contracts, err);
    return status ? status
                  : hold_contracts(cli->arena, &contracts, query, SEVERITY_ERROR, records, err);
}

// The schemas of the command line, which need no registry.
static enum status hold_schemas(struct cli *cli, const struct walk_query *query,
                                struct records *records, struct error *err) {
    const struct walk_options *given = cli->options;
    struct asked_contracts contracts;
    enum status status = schema_files_parse(cli, &given->schemas, &contracts, err);
    return status ? status
                  : hold_contracts(cli->arena, &contracts, query, SEVERITY_ERROR, records, err);
}

static enum status run_walk(struct cli *cli, struct error *err) {
    const struct walk_options *given = cli->options;
    struct walk_query query;
    struct records records = {0};
    enum status status = roots_parse_arguments(cli, 0, given->convention, &query, err);
    if (status) {
        return status;
    }
    status = source_walk(cli->arena, &query, &records, err);
    if (status) {
        return status;
    }
    status = hold_schemas(cli, &query, &records, err);
    if (status) {
        return status;
    }
    status = hold_against(cli, &query, &records, err);
    if (status) {
        return status;
    }
    cli->exit_code = given->require && !records.count;
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(&records), err);
    }
    if (!records.count) {
        output_print(&cli->output, COLOR_NONE, "No plugins found.\n");
        output_print(&cli->output, COLOR_DIM,
                     "\"registryctl walk --help\" lists the conventions for plugins.\n");
    }
    return records_print(cli, &records, err);
}

const struct command command_walk = {
    .name = "walk",
    .arguments = "ROOT...",
    .min_arguments = 1,
    .lines = RECORD_LINES,
    .summary = "Find plugins in directories, without running anything",
    .description =
        "Each ROOT is PATH or LABEL=PATH. Every directory under a root that matches a convention\n"
        "is a plugin. A broken plugin is listed with its errors beside the others. If two plugins\n"
        "have the same name, the first root wins and the other plugin is listed as shadowed.\n"
        "With --against or --manifest-schema, a breach of a group's contract or of the schema is\n"
        "an error of the plugin too, with file and line.\n"
        "Conventions: plugin-yaml, plugin-meta, mountaineer, dist-info, pyproject, microcoreos,\n"
        "or one of your own, declared in a FILE.yaml.",
    COMMAND_OPTIONS(walk_rows, struct walk_options),
    .exit_codes = "0  Done, even if some plugins are broken\n"
                  "1  No plugin was found (--require)\n"
                  "2  Unknown directory or convention\n"
                  "3  The registry refused the token (--against)\n"
                  "4  The registry cannot be reached (--against)\n",
    .example = "registryctl walk install=/opt/app/plugins data=/var/lib/app/plugins",
    .run = run_walk,
};

// ---- discover ----

struct discover_options {
    const char *mode;
    struct words roots;
    const char *convention;
    struct facts_options facts;
    const char *snapshot_key;
    const char *enforce;
    bool require;
};

static const struct option_row discover_rows[] = {
    {"--mode", "MODE", offsetof(struct discover_options, mode),
     "Sources to use (REGISTRYD_MODE); default walk-first",
     .choices = "walk-first|registry-first|registry|walk|compare"},
    {"--root", "ROOT", offsetof(struct discover_options, roots),
     "Directory to walk, PATH or LABEL=PATH, in order of precedence", .repeats = true},
    CONVENTION_ROW(struct discover_options, convention),
    FACTS_ROWS(struct discover_options, facts),
    {"--snapshot-key", "KEY", offsetof(struct discover_options, snapshot_key),
     "Accept only snapshots signed with this public key (REGISTRYD_SNAPSHOT_KEY)"},
    {"--enforce", "LEVEL", offsetof(struct discover_options, enforce),
     "Level of decisions: strict, on, warn or off (REGISTRYD_ENFORCE)",
     .choices = "strict|on|warn|off"},
    {"--require", NULL, offsetof(struct discover_options, require),
     "Exit 1 if no plugin was found"},
};

// An unknown convention on the command line is a usage error, not a reason to fall back.
static enum status check_convention(struct cli *cli, struct error *err) {
    const struct discover_options *given = cli->options;
    const struct convention *convention = NULL;
    return convention_choose(cli->arena, given->convention, &convention, err);
}

// Usage errors are found here, before a source is asked: from then on nothing fails the command.
static enum status fill_request(struct cli *cli, struct connection *connection,
                                struct findings *diagnostics, struct discover_request *request,
                                struct error *err) {
    const struct discover_options *given = cli->options;
    const struct words roots = roots_choose(cli, &given->roots);
    enum status status = discover_choose_mode(given->mode, diagnostics, &request->mode, err);
    if (status) {
        return status;
    }
    status = discover_choose_enforce(given->enforce, diagnostics, &request->enforce, err);
    if (status) {
        return status;
    }
    request->is_strict = discover_is_strict(false);
    status = check_convention(cli, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, connection, err);
    if (status) {
        return status;
    }
    status = roots_parse(cli, &roots, given->convention, &request->walk, err);
    if (status) {
        return status;
    }
    if (!roots.count && request->mode != DISCOVER_REGISTRY) {
        return fail(err, STATUS_USAGE, NULL,
                    "The mode \"%s\" walks directories. Add --root ROOT, or use --mode registry.",
                    discover_mode_name(request->mode));
    }
    // 0 lets discover_sources choose: it gives the registry less time when a snapshot can answer.
    request->timeout_ms = cli->global.timeout ? connection->timeout_ms : 0;
    request->connection = connection;
    struct words groups = query_arguments(cli);
    return facts_query(cli, &given->facts, &groups, &request->query, err);
}

// The cached snapshot holds all groups of the environment, not only the requested ones.
static enum status fill_kept(struct cli *cli, struct discover_request *request,
                             struct snapshot_selector *selector, struct error *err) {
    const struct discover_options *given = cli->options;
    struct source_query all = request->query;
    all.group_count = 0;
    request->kept = selector;
    return facts_selector(cli, given->snapshot_key, request->connection, &all, selector, err);
}

// On standard error, so that a pipe gets the records alone.
static void print_diagnostics(struct cli *cli, const struct findings *diagnostics) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    if (output_has_new(&errors, diagnostics)) {
        output_print(&errors, COLOR_NONE, "registryctl: problems with the sources\n");
        output_findings(&errors, diagnostics);
    }
    cli->output.no_memory |= errors.no_memory;
}

// Records on standard output, what is wrong with the sources on standard error: a pipe gets the records alone.
static enum status print(struct cli *cli, const struct discovery *discovery, struct error *err) {
    const struct records *records = &discovery->records;
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(records), err);
    }
    if (!records->count) {
        output_print(&cli->output, COLOR_NONE, "No plugins found.\n");
    }
    enum status status = records_print(cli, records, err);
    return status ? status : decisions_print_withheld(cli, &discovery->withheld, err);
}

// The same call that hosts make through the library, so what it prints is what a host would load.
// What went wrong with a source is shown after the records and on standard error: the records stand.
static enum status run_discover(struct cli *cli, struct error *err) {
    const struct discover_options *given = cli->options;
    struct connection connection;
    struct findings diagnostics;
    struct discover_request request = {0};
    struct snapshot_selector selector;
    struct discovery discovery = {0};
    findings_init(&diagnostics, cli->arena);
    enum status status = fill_request(cli, &connection, &diagnostics, &request, err);
    if (status) {
        return status;
    }
    status = fill_kept(cli, &request, &selector, err);
    if (status) {
        return status;
    }
    status = discover_sources(cli->arena, &request, &diagnostics, &discovery, err);
    if (status) {
        return status;
    }
    cli->exit_code = given->require && !discovery.records.count;
    status = print(cli, &discovery, err);
    print_diagnostics(cli, &discovery.diagnostics);
    return status;
}

const struct command command_discover = {
    .name = "discover",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .lines = RECORD_LINES,
    .summary = "Find the plugins of a group in directories and registry, as a host does",
    .description =
        "Modes: walk (directories only), walk-first (the registry adds what the directories\n"
        "lack), registry-first (the directories add what the registry lacks), registry, and\n"
        "compare (as walk, with a warning for every difference). If a source cannot answer, the\n"
        "other one is used and a warning is printed on standard error. If the registry cannot be\n"
        "reached, its cached snapshot is used (see \"registryctl snapshot pull\"). The registry "
        "has\n"
        "2 seconds to answer, or 0.3 seconds if a snapshot is cached, unless --timeout is set.\n"
        "In every mode but walk the decisions of the registry hold: plugins that are quarantined,\n"
        "disabled or not enabled are withheld and listed apart, with the reason.",
    COMMAND_OPTIONS(discover_rows, struct discover_options),
    .exit_codes = "0  Done, even if a source could not answer\n"
                  "1  No plugin was found (--require), or the environment is unknown\n"
                  "   (REGISTRYD_STRICT=1)\n"
                  "2  Unknown mode, level or convention, or --root is missing\n",
    .example = "registryctl discover honeyframe.plugins --mode registry-first --root plugins",
    .run = run_discover,
};
