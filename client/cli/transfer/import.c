// SPDX-License-Identifier: MIT
// registryctl import: what lies elsewhere comes into the registry, file by file and unchanged. A folder is sent here;
// the other ways in are steps of client/mirror. Whatever ends an import, running it again sends what is missing: the
// registry knows every file by its bytes.
#include "client/cli/transfer/import_report.h"
#include "client/import/import_tree.h"
#include "schema/base/cleanup.h"
#include "schema/snapshot/signature.h"

struct import_options {
    struct words groups;
    const char *key;
};

static const struct option_row import_rows[] = {
    {"--group", "GROUP", offsetof(struct import_options, groups),
     "Only files with an entry point in this group", .repeats = true},
    {"--key", "KEY", offsetof(struct import_options, key),
     "Of an export: public key that must have signed it"},
};

// ---- a folder of wheels and sdists ----

static enum status send_folder(struct import_report *report, const struct artifact_paths *paths,
                               struct error *err) {
    report->progress.total = paths->count;
    for (size_t i = 0; i < paths->count; i++) {
        struct import_item item = {.path = paths->items[i].path};
        import_report_step(report, item.path);
        enum status status = importing_send(&report->importing, &item, err);
        if (status) {
            return status;
        }
        import_report_show(report);
    }
    return STATUS_OK;
}

static enum status import_folder(struct import_report *report, const char *folder,
                                 struct error *err) {
    struct artifact_paths paths;
    enum status status = artifact_folder_list(report->cli->arena, folder, &paths, err);
    if (status) {
        return status;
    }
    if (!paths.count) {
        return fail(err, STATUS_USAGE, folder, "There is no wheel or sdist below this folder");
    }
    return send_folder(report, &paths, err);
}

// ---- an export ----

static void tell(void *context, const char *package, size_t total) {
    struct import_report *report = context;
    report->progress.total = total;
    import_report_show(report);
    import_report_step(report, package);
}

static enum status import_tree(struct import_report *report, const char *folder, const char *key,
                               struct error *err) {
    uint8_t public_key[SIGNATURE_KEY_BYTES];
    struct import_tree_query query = {
        .folder = folder, .public_key = key ? public_key : NULL, .tell = tell, .context = report};
    if (key && !signature_parse_key(key, public_key)) {
        return fail(err, STATUS_USAGE, NULL, "--key wants a public key of 64 hexadecimal digits");
    }
    enum status status = importing_ask_times(&report->importing, err);
    return status ? status : import_tree_run(&report->importing, &query, err);
}

// ---- the command ----

static enum status import_path(struct import_report *report, const struct import_options *given,
                               const char *folder, struct error *err) {
    if (import_tree_is(report->cli->arena, folder)) {
        return import_tree(report, folder, given->key, err);
    }
    if (given->key) {
        return fail(err, STATUS_USAGE, folder, "--key is for an export, and this folder is none");
    }
    return import_folder(report, folder, err);
}

static enum status run_import(struct cli *cli, struct error *err) {
    const struct import_options *given = cli->options;
    scoped(import_report_done) struct import_report report = {0};
    enum status status = import_report_begin(cli, &report, err);
    if (status) {
        return status;
    }
    report.importing.groups = (struct strings){given->groups.items, given->groups.count};
    status = import_path(&report, given, cli->arguments[0], err);
    return status ? status : import_report_end(&report, err);
}

const struct command command_import = {
    .name = "import",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "Import wheels and sdists from a folder",
    .description =
        "Publishes every wheel and sdist below DIR, in the order of packages and versions. A "
        "refused\n"
        "file does not stop the others. An import that ended early is run again: the same file is\n"
        "\"unchanged\". When the registry's rate limit is met, the command waits as the registry\n"
        "asks; with the scope \"import\", which an administrator grants for a time, there is none.",
    COMMAND_OPTIONS(import_rows, struct import_options),
    .exit_codes = "0  Every file is in the registry\n"
                  "2  There is no wheel or sdist\n"
                  "3  A file was refused\n"
                  "4  The registry cannot be reached\n",
    .example = "registryctl import /srv/devpi/+files",
    .run = run_import,
};
