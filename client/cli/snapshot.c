// SPDX-License-Identifier: MIT
// registryctl snapshot build|show|verify: a walk as a file, for hosts that have no daemon or are frozen.
#include "client/cli/records.h"
#include "client/cli/roots.h"
#include "client/snapshot_records.h"
#include "client/snapshot_store.h"
#include "schema/base/cleanup.h"

#include <string.h>
#include <time.h>

static const struct option_row options[] = {
    {"--convention", "NAME", offsetof(struct options, convention),
     "of build: auto (default: by its mark), a name, or FILE.yaml"},
};

// The roots as one line: what the snapshot is an answer to.
static const char *question_of(struct cli *cli, const struct walk_query *query) {
    const char *text = "walk";
    for (size_t i = 0; text && i < query->root_count; i++) {
        const struct walk_root *root = &query->roots[i];
        text = arena_printf(cli->arena, "%s %s%s%s", text, root->label ? root->label : "",
                            root->label ? "=" : "", root->path);
    }
    return text;
}

static enum status build(struct cli *cli, struct error *err) {
    struct walk_query query;
    struct records records = {0};
    scoped(buffer_done) struct buffer bytes = {0};
    if (cli->argument_count < 3) {
        return fail(err, STATUS_USAGE, NULL, "snapshot build needs a FILE and a ROOT at least");
    }
    enum status failed = roots_parse(cli, 2, &query, err);
    failed = failed ? failed : source_walk(cli->arena, &query, &records, err);
    const char *question = failed ? NULL : question_of(cli, &query);
    struct snapshot_origin origin = {
        .epoch = "", .environment = "default", .question = question ? question : ""};
    origin.made_at_seconds = (int64_t)time(NULL);
    failed = failed ? failed : snapshot_encode(&origin, &records, &bytes, err);
    failed = failed ? failed : snapshot_file_store(cli->arguments[1], &bytes, err);
    if (!failed && !cli->output.json) {
        output_print(&cli->output, COLOR_NONE, "%s: %s, %zu bytes\n",
                     output_text(&cli->output, cli->arguments[1]),
                     output_count(&cli->output, records.count, "record", "records"), bytes.len);
    } else if (!failed) {
        failed = output_json(&cli->output,
                             json_pack("{s:s, s:I, s:I}", "file", cli->arguments[1], "records",
                                       (json_int_t)records.count, "bytes", (json_int_t)bytes.len),
                             err);
    }
    return failed;
}

// All groups, or those that are named behind the file.
static enum status load_records(struct cli *cli, struct snapshot_file *file,
                                struct records *records, struct error *err) {
    bool all = cli->argument_count == 2;
    size_t count = all ? file->snapshot.group_count : cli->argument_count - 2;
    enum status failed = STATUS_OK;
    for (size_t i = 0; i < count && !failed; i++) {
        uint32_t index = (uint32_t)i;
        failed = all ? STATUS_OK
                     : snapshot_find_index(&file->snapshot, cli->arguments[i + 2], &index, err);
        failed = failed ? failed : snapshot_load_records(cli->arena, file, index, records, err);
    }
    return failed;
}

static void print_origin(struct cli *cli, const struct snapshot_origin *origin) {
    char made_at[32];
    struct tm time;
    time_t seconds = (time_t)origin->made_at_seconds;
    bool known =
        gmtime_r(&seconds, &time) && strftime(made_at, sizeof made_at, "%Y-%m-%dT%H:%M:%SZ", &time);
    struct output *output = &cli->output;
    output_print(output, COLOR_DIM, "made %s of %s", known ? made_at : "?",
                 output_text(output, origin->question));
    if (*origin->epoch) {
        output_print(output, COLOR_DIM, ", serial %lld of %s", (long long)origin->serial,
                     output_text(output, origin->epoch));
    }
    output_print(output, COLOR_DIM, "\n");
}

static enum status show(struct cli *cli, bool only_verify, struct error *err) {
    scoped(snapshot_file_close) struct snapshot_file file = {0};
    struct records records = {0};
    if (cli->argument_count < 2) {
        return fail(err, STATUS_USAGE, NULL, "snapshot %s needs a FILE", cli->arguments[0]);
    }
    const char *path = cli->arguments[1];
    enum status failed = snapshot_file_open(path, &file, err);
    if (!failed && (failed = load_records(cli, &file, &records, err))) {
        error_within(err, arena_printf(cli->arena, "%s: ", path));
    }
    if (failed) {
        return failed;
    }
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(&records), err);
    }
    print_origin(cli, &file.snapshot.origin);
    if (only_verify) {
        output_print(&cli->output, COLOR_GREEN, "sound");
        output_print(&cli->output, COLOR_NONE, ": %u groups, %zu records\n",
                     file.snapshot.group_count, records.count);
        return STATUS_OK;
    }
    return records_print(cli, &records, err);
}

static enum status run(struct cli *cli, struct error *err) {
    const char *action = cli->arguments[0];
    if (strcmp(action, "build") == 0) {
        return build(cli, err);
    }
    if (strcmp(action, "show") == 0 || strcmp(action, "verify") == 0) {
        return show(cli, strcmp(action, "verify") == 0, err);
    }
    return fail(err, STATUS_USAGE, NULL,
                "There is no snapshot %s; known are build, show and verify", action);
}

const struct command command_snapshot = {
    .name = "snapshot",
    .arguments = "build FILE ROOT... | show FILE [GROUP...] | verify FILE",
    .min_arguments = 1,
    .summary = "Keep what a walk found as one file that is mapped and read",
    .description =
        "build walks the roots and replaces FILE at once; show prints its records, verify\n"
        "checks every byte. docs/SNAPSHOT.md describes the file.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .exit_codes = "0  built, shown, sound\n"
                  "1  no such file or group\n"
                  "3  the file is no sound snapshot\n",
    .example = "registryctl snapshot build plugins.snapshot install=/opt/app/plugins",
    .run = run,
};
