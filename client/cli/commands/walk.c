// SPDX-License-Identifier: MIT
// registryctl walk ROOT...
#include "client/cli/console/records.h"
#include "client/cli/input/roots.h"
#include "schema/base/list.h"

static const struct option_row options[] = {
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (default: by its mark), a name, or FILE.yaml"},
    {"--require", NULL, offsetof(struct options, require), "exit 1 when nothing was found"},
};

static enum status run(struct cli *cli, struct error *err) {
    struct walk_query query;
    struct records records = {0};
    enum status failed = roots_parse(cli, 0, &query, err);
    failed = failed ? failed : source_walk(cli->arena, &query, &records, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = cli->options.require && !records.count;
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(&records), err);
    }
    if (!records.count) {
        output_print(&cli->output, COLOR_NONE, "No plugins were found in %s.\n",
                     query.root_count == 1 ? "that directory" : "those directories");
        output_print(&cli->output, COLOR_DIM,
                     "registryctl walk --help says what marks a plugin.\n");
    }
    return records_print(cli, &records, err);
}

const struct command command_walk = {
    .name = "walk",
    .arguments = "ROOT...",
    .min_arguments = 1,
    .summary = "Find plugins in directories, without running anything",
    .description =
        "Each ROOT is PATH or LABEL=PATH. Every directory under it that bears the mark of a\n"
        "convention is a plugin. A broken plugin is listed with its errors beside the good ones.\n"
        "On the same name the first root wins; the other is listed as shadowed.\n"
        "Conventions: plugin-yaml, plugin-meta, mountaineer, dist-info, pyproject,\n"
        "microcoreos, or one that the team declares itself in a FILE.yaml.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  walked, broken plugins included\n"
                  "1  nothing was found, with --require\n"
                  "2  no such directory, or no such convention\n",
    .example = "registryctl walk install=/opt/app/plugins data=/var/lib/app/plugins",
    .run = run,
};
