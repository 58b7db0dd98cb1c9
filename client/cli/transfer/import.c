// SPDX-License-Identifier: MIT
// registryctl import: what lies elsewhere comes into the registry, file by file and unchanged. A folder is sent here;
// the other ways in are steps of client/mirror. Whatever ends an import, running it again sends what is missing: the
// registry knows every file by its bytes.
#include "client/cli/transfer/import_report.h"
#include "client/import/import_index.h"
#include "client/import/import_site.h"
#include "client/import/import_tree.h"
#include "schema/base/cleanup.h"
#include "schema/snapshot/signature.h"

#include <stdlib.h>

struct import_options {
    struct words groups;
    const char *key;
    const char *from_index;
    struct words packages;
    const char *state;
    bool all;
    bool from_site;
};

static const struct option_row import_rows[] = {
    {"--group", "GROUP", offsetof(struct import_options, groups),
     "Only files with an entry point in this group", .repeats = true},
    {"--key", "KEY", offsetof(struct import_options, key),
     "Of an export: public key that must have signed it"},
    {"--from-index", "URL", offsetof(struct import_options, from_index),
     "Import from another package index, for example https://host/simple/"},
    {"--from-site-packages", NULL, offsetof(struct import_options, from_site),
     "DIR is a site-packages folder: publish the metadata of what is installed"},
    {"--package", "NAME", offsetof(struct import_options, packages),
     "With --from-index: import this package", .repeats = true},
    {"--all", NULL, offsetof(struct import_options, all),
     "With --from-index: import every package of the index"},
    {"--state", "FILE", offsetof(struct import_options, state),
     "With --from-index: file that remembers what is done"},
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

// ---- another index ----

static enum status check_index(const struct import_options *given, size_t argument_count,
                               struct error *err) {
    bool has_detail = given->packages.count || given->all || given->state;
    if (!given->from_index) {
        return has_detail || !argument_count
                   ? fail(err, STATUS_USAGE, NULL,
                          has_detail ? "--package, --all and --state need --from-index URL"
                                     : "Name a folder, or another index with --from-index URL")
                   : STATUS_OK;
    }
    if (argument_count || given->key || given->from_site) {
        return fail(err, STATUS_USAGE, NULL, "With --from-index, there is no folder and no --key");
    }
    return !given->packages.count == !given->all
               ? fail(err, STATUS_USAGE, NULL, "Name packages with --package NAME, or use --all")
               : STATUS_OK;
}

static enum status import_index(struct import_report *report, const struct import_options *given,
                                struct error *err) {
    const struct import_index_query query = {
        .url = given->from_index,
        .user = getenv("REGISTRYD_INDEX_USER"),
        .packages = {given->packages.items, given->packages.count},
        .is_all = given->all,
        .state = given->state,
        .tell = tell,
        .context = report,
    };
    enum status status = importing_ask_times(&report->importing, err);
    return status ? status : import_index_run(&report->importing, &query, err);
}

// ---- the command ----

static enum status import_path(struct import_report *report, const struct import_options *given,
                               const char *folder, struct error *err) {
    if (!given->from_site && import_tree_is(report->cli->arena, folder)) {
        return import_tree(report, folder, given->key, err);
    }
    if (given->from_site && !given->key) {
        return import_site_run(&report->importing, folder, tell, report, err);
    }
    if (given->key) {
        return fail(err, STATUS_USAGE, folder, "--key is for an export, and this folder is none");
    }
    return import_folder(report, folder, err);
}

// A release without a file can be resolved, and not installed.
static void print_provisional(struct import_report *report) {
    progress_clear(&report->progress);
    output_print(
        &report->cli->output, COLOR_YELLOW,
        "The releases have no files. Publish their wheels, so that they can be installed.\n");
}

static enum status run_import(struct cli *cli, struct error *err) {
    const struct import_options *given = cli->options;
    scoped(import_report_done) struct import_report report = {0};
    enum status status = check_index(given, cli->argument_count, err);
    if (status) {
        return status;
    }
    status = import_report_begin(cli, &report, err);
    if (status) {
        return status;
    }
    report.importing.groups = (struct strings){given->groups.items, given->groups.count};
    status = given->from_index ? import_index(&report, given, err)
                               : import_path(&report, given, cli->arguments[0], err);
    if (status) {
        return status;
    }
    if (given->from_site && !cli->output.json) {
        print_provisional(&report);
    }
    return import_report_end(&report, err);
}

const struct command command_import = {
    .name = "import",
    .arguments = "[DIR]",
    .max_arguments = 1,
    .summary = "Import packages from a folder, a copy or another index",
    .description =
        "Of a folder, every wheel and sdist below DIR is published, in the order of packages and\n"
        "versions. A DIR that \"registryctl export\" made is read back whole, with yanks and "
        "statuses.\n"
        "With --from-index, the files of another index come over; their hashes are verified. A\n"
        "password for it is read from REGISTRYD_INDEX_USER (USER:PASSWORD). A refused file does "
        "not\n"
        "stop the others. An import that ended early is run again: the same file is "
        "\"unchanged\".\n"
        "With --from-site-packages, only metadata is published: such releases have no file, and "
        "can\n"
        "be resolved but not installed, until their wheels are published.\n"
        "When the registry's rate limit is met, the command waits as the registry asks; with the\n"
        "scope \"import\", which an administrator grants for a time, there is none, and files "
        "keep\n"
        "their upload times.",
    COMMAND_OPTIONS(import_rows, struct import_options),
    .exit_codes = "0  Every file is in the registry\n"
                  "2  There is no wheel or sdist\n"
                  "3  A file was refused\n"
                  "4  The registry cannot be reached\n",
    .example = "registryctl import --from-index https://devpi.example/root/prod/+simple/ --all",
    .run = run_import,
};
