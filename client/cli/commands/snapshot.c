// SPDX-License-Identifier: MIT
// registryctl snapshot: what a walk or a registry answers as one file, for hosts that are to ask nobody.
// Here build, show, verify; snapshot_keep.c has the rest.
#include "client/cli/console/records.h"
#include "client/cli/input/roots.h"
#include "client/cli/commands/snapshot_actions.h"
#include "client/snapshot/snapshot_file.h"
#include "client/snapshot/snapshot_replace.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot_sign.h"
#include "schema/base/list.h"

#include <string.h>
#include <time.h>

static const struct option_row options[] = {
    {"--convention", "NAME", offsetof(struct options, convention),
     "of build: auto (default: by its mark), a name, or FILE.yaml"},
    {"--group", "GROUP", offsetof(struct options, groups),
     "of pull: only this group; without, every one", .repeats = true},
    FACTS_OPTIONS,
    {"--snapshot-key", "KEY", offsetof(struct options, snapshot_key),
     "use only snapshots signed with this public key (REGISTRYD_SNAPSHOT_KEY)"},
};

// The roots as one line: what the snapshot is an answer to.
static const char *query_string_of(struct cli *cli, const struct walk_query *query) {
    const char *text = "walk";
    for (size_t i = 0; text && i < query->root_count; i++) {
        const struct walk_root *root = &query->roots[i];
        text = arena_printf(cli->arena, "%s %s%s%s", text, root->label ? root->label : "",
                            root->label ? "=" : "", root->path);
    }
    return text;
}

enum status snapshot_build_action(struct cli *cli, struct error *err) {
    struct walk_query query;
    struct records records = {0};
    scoped(buffer_done) struct buffer bytes = {0};
    if (cli->argument_count < 3) {
        return fail(err, STATUS_USAGE, NULL, "snapshot build needs a FILE and a ROOT at least");
    }
    enum status failed = roots_parse(cli, 2, &query, err);
    failed = failed ? failed : source_walk(cli->arena, &query, &records, err);
    const char *query_string = failed ? NULL : query_string_of(cli, &query);
    struct snapshot_origin origin = {
        .epoch = "", .environment = "default", .query = query_string ? query_string : ""};
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
    bool all = cli->argument_count < 3;
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

// "2026-01-02T03:04:05Z". Arena.
static const char *write_time(struct cli *cli, int64_t at_seconds) {
    char text[32];
    struct tm time;
    time_t seconds = (time_t)at_seconds;
    bool known =
        gmtime_r(&seconds, &time) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time);
    return output_text(&cli->output, known ? text : "?");
}

static void print_origin(struct cli *cli, const struct snapshot_origin *origin) {
    struct output *output = &cli->output;
    output_print(output, COLOR_DIM, "made %s of %s", write_time(cli, origin->made_at_seconds),
                 output_text(output, origin->query));
    if (*origin->epoch) {
        output_print(output, COLOR_DIM, ", serial %lld of %s", (long long)origin->serial,
                     output_text(output, origin->epoch));
    }
    output_print(output, COLOR_DIM, "\n");
}

// Who signed, as far as it says; that it is true was checked only when a key was pinned.
static const char *signer_of(struct cli *cli, const struct snapshot *snapshot) {
    char hex[SIGNATURE_KEY_HEX];
    uint8_t key[SIGNATURE_KEY_BYTES];
    if (!snapshot_signer(snapshot, key)) {
        return NULL;
    }
    signature_write_key(key, hex);
    return output_text(&cli->output, hex);
}

static enum status print_verified(struct cli *cli, const char *path,
                                  const struct snapshot_file *file, size_t record_count,
                                  struct error *err) {
    const struct snapshot *snapshot = &file->snapshot;
    const struct snapshot_origin *origin = &snapshot->origin;
    const char *signer = signer_of(cli, snapshot);
    struct snapshot_selector pinned = {0};
    bool is_checked = !snapshot_cache_pin(cli->options.snapshot_key, &pinned, NULL) &&
                      pinned.is_pinned; // else it would not have been opened
    if (cli->output.json) {
        // clang-format off
        json_t *json = json_pack("{s:o,s:b,s:o,s:I,s:o,s:o,s:o,s:I,s:I,s:o,s:b}",
                                 "file", json_text(path),
                                 "sound", 1,
                                 "epoch", json_text(origin->epoch),
                                 "serial", (json_int_t)origin->serial,
                                 "made_at", json_text(write_time(cli, origin->made_at_seconds)),
                                 "environment", json_text(origin->environment),
                                 "question", json_text(origin->query),
                                 "groups", (json_int_t)snapshot->group_count,
                                 "records", (json_int_t)record_count,
                                 "public_key", json_text(signer),
                                 "signature_checked", is_checked);
        // clang-format on
        return output_json(&cli->output, json, err);
    }
    print_origin(cli, origin);
    output_print(&cli->output, COLOR_GREEN, "sound");
    output_print(&cli->output, COLOR_NONE, ": %u groups, %zu records\n", snapshot->group_count,
                 record_count);
    if (signer) {
        output_print(&cli->output, COLOR_NONE, "signed with %s%s\n", signer,
                     is_checked ? "" : " (not checked: give it with --snapshot-key)");
    }
    return STATUS_OK;
}

enum status snapshot_show_action(struct cli *cli, struct error *err) {
    bool only_verify = strcmp(cli->arguments[0], "verify") == 0;
    scoped(snapshot_file_close) struct snapshot_file file = {0};
    struct records records = {0};
    const char *path = cli->argument_count > 1 ? cli->arguments[1] : NULL;
    enum status failed = snapshot_open_named(cli, path, &file, &path, err);
    if (!failed && (failed = load_records(cli, &file, &records, err))) {
        error_within(err, arena_printf(cli->arena, "%s: ", path));
    }
    if (failed) {
        return failed;
    }
    if (only_verify) {
        return print_verified(cli, path, &file, records.count, err);
    }
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(&records), err);
    }
    print_origin(cli, &file.snapshot.origin);
    return records_print(cli, &records, err);
}

static enum status run(struct cli *cli, struct error *err) {
    static const struct {
        const char *name;
        enum status (*run)(struct cli *cli, struct error *err);
    } actions[] = {
        {"build", snapshot_build_action}, {"show", snapshot_show_action},
        {"verify", snapshot_show_action}, {"pull", snapshot_pull_action},
        {"key", snapshot_key_action},
    };
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(cli->arguments[0], actions[i].name) == 0) {
            return actions[i].run(cli, err);
        }
    }
    return fail(err, STATUS_USAGE, NULL,
                "There is no snapshot %s; known are build, pull, show, verify and key",
                cli->arguments[0]);
}

const struct command command_snapshot = {
    .name = "snapshot",
    .arguments = "pull|build|show|verify|key [FILE [ROOT...|GROUP...]]",
    .min_arguments = 1,
    .summary = "Keep what a registry or a walk answers as one file that is read offline",
    .description =
        "pull [FILE] asks the registry for the snapshot of this environment and these facts and\n"
        "keeps it, never going back; the library and discover use it when the registry is away.\n"
        "build FILE ROOT... walks the roots and replaces FILE at once. show [FILE [GROUP...]]\n"
        "prints the records, verify [FILE] checks every byte, of FILE or of what is kept.\n"
        "key FILE makes the key that a registry signs with, and prints its public half.\n"
        "docs/SNAPSHOT.md describes the file.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  pulled, built, shown, sound\n"
                  "1  no such file or group\n"
                  "3  the file is no sound snapshot, or not signed by the key; the registry\n"
                  "   refused, or would have gone back\n",
    .example = "registryctl snapshot pull --environment production",
    .run = run,
};
