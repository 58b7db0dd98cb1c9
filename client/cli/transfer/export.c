// SPDX-License-Identifier: MIT
// registryctl export: the index, or what an environment gets of it, as files that any web server serves. The work is
// client/mirror/export.h; here are the options and what a person reads. The key that signs is wiped after use.
#include "client/cli/console/command.h"
#include "client/cli/console/progress.h"
#include "client/cli/input/key_file.h"
#include "client/mirror/export.h"
#include "schema/json/json.h"

#include <string.h>

struct export_options {
    struct words groups;
    const char *sign_with;
};

static const struct option_row export_rows[] = {
    {"--group", "GROUP", offsetof(struct export_options, groups),
     "Group of the snapshot; default: all groups", .repeats = true},
    {"--sign-with", "FILE", offsetof(struct export_options, sign_with),
     "Sign the manifest with this key (\"registryctl snapshot key FILE\")"},
};

static void tell(void *context, const char *package, size_t total) {
    struct progress *progress = context;
    progress->total = total;
    progress_step(progress, package);
}

static enum status print_json(struct cli *cli, const struct export_query *query,
                              const struct export_result *result, struct error *err) {
    json_t *json =
        json_pack("{s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "folder", json_text(query->folder),
                  "environment", json_text(query->environment), "serial",
                  (json_int_t)result->serial, "packages", (json_int_t)result->packages, "changed",
                  (json_int_t)result->changed, "files", (json_int_t)result->files, "bytes",
                  (json_int_t)result->bytes, "removed", (json_int_t)result->removed, "public_key",
                  json_text(result->public_key), "snapshot", json_text(result->snapshot));
    return output_json(&cli->output, json, err);
}

static enum status print_result(struct cli *cli, const struct export_query *query,
                                const struct export_result *result, struct error *err) {
    struct output *output = &cli->output;
    if (output->json) {
        return print_json(cli, query, result, err);
    }
    output_print(
        output, COLOR_NONE, "%s holds %s as of change %lld\n", output_text(output, query->folder),
        output_count(output, result->packages, "package", "packages"), (long long)result->serial);
    output_print(output, COLOR_DIM, "%zu changed, %s downloaded, %zu removed\n", result->changed,
                 output_count(output, result->files, "file", "files"), result->removed);
    return STATUS_OK;
}

static enum status run_query(struct cli *cli, const struct export_query *query,
                             struct progress *progress, struct error *err) {
    struct export_result result;
    enum status status = export_run(cli->arena, query, &result, err);
    progress_clear(progress);
    return status ? status : print_result(cli, query, &result, err);
}

static enum status run_export(struct cli *cli, struct error *err) {
    const struct export_options *given = cli->options;
    struct connection connection;
    struct progress progress;
    struct signature_pair pair;
    struct patience patience = {progress_wait, &progress};
    struct export_query query = {
        .folder = cli->arguments[0],
        .environment = cli->global.environment,
        .groups = {given->groups.items, given->groups.count},
        .pair = given->sign_with ? &pair : NULL,
        .connection = &connection,
        .patience = &patience,
        .tell = tell,
        .context = &progress,
    };
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    status = given->sign_with ? key_file_read(given->sign_with, &pair, err) : STATUS_OK;
    if (status) {
        return status;
    }
    progress_init(&progress, &cli->output, 0);
    status = run_query(cli, &query, &progress, err);
    explicit_bzero(&pair, sizeof pair);
    return status;
}

const struct command command_export = {
    .name = "export",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "Export the index as static files",
    .description =
        "DIR becomes a copy of the package index that any web server serves to pip and uv, "
        "without\n"
        "a registry: index pages, files with their metadata, signed statements of what the "
        "registry\n"
        "has, and a snapshot for offline hosts. With --environment, DIR holds only the releases\n"
        "that this environment resolves to. A second export asks only for what changed. What was\n"
        "quarantined goes from DIR. \"registryctl import DIR\" reads the copy into another "
        "registry.",
    COMMAND_OPTIONS(export_rows, struct export_options),
    .exit_codes = "0  The copy is complete\n"
                  "3  DIR has other content, or another export works in it\n"
                  "4  The registry cannot be reached; DIR holds the last complete copy\n",
    .example = "registryctl export /srv/www/plugins --sign-with export.key",
    .run = run_export,
};
