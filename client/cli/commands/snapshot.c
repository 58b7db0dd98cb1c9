// SPDX-License-Identifier: MIT
// registryctl snapshot: the answer of a registry ("pull") or of a walk ("build") as a file that a process
// reads without a registry. A file is replaced by rename, so that a reader sees the old or the new one,
// and "pull" never replaces a newer serial by an older one. "show" and "verify" are in snapshot_show.c.
#include "client/cli/commands/snapshot.h"

#include "client/cli/console/records.h"
#include "client/cli/input/key_file.h"
#include "client/snapshot/snapshot_file.h"
#include "client/snapshot/snapshot_replace.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

// ---- pull, key ----

enum status snapshot_choose(struct cli *cli, const struct snapshot_options *options,
                            const struct connection *connection, const char *path,
                            struct snapshot_selector *ret_selector, struct error *err) {
    struct source_query query;
    enum status status = facts_query(cli, &options->facts, &options->groups, &query, err);
    if (status) {
        return status;
    }
    status = facts_selector(cli, options->key, connection, &query, ret_selector, err);
    if (status) {
        return status;
    }
    ret_selector->path = path;
    return STATUS_OK;
}

static enum status print_pulled(struct cli *cli, const struct snapshot_pulled *pulled,
                                struct error *err) {
    struct output *output = &cli->output;
    if (output->json) {
        // clang-format off
        return output_json(output, json_pack("{s:s, s:b, s:I, s:s, s:I}",
                                             "file", pulled->location.path,
                                             "replaced", pulled->is_replaced,
                                             "serial", (json_int_t)pulled->serial,
                                             "epoch", pulled->epoch,
                                             "epoch_number", (json_int_t)pulled->epoch_number), err);
        // clang-format on
    }
    output_print(output, COLOR_NONE, "%s: %s, serial %lld of %s\n",
                 output_text(output, pulled->location.path),
                 pulled->is_replaced
                     ? output_count(output, pulled->record_count, "record", "records")
                     : "up to date",
                 (long long)pulled->serial, output_text(output, pulled->epoch));
    return STATUS_OK;
}

// Hosts use the same code when they refresh, and watch after every change.
static enum status run_pull(struct cli *cli, struct error *err) {
    const struct snapshot_command_options *given = cli->options;
    struct connection connection;
    struct snapshot_selector selector;
    struct snapshot_pulled pulled;
    const char *path = cli->argument_count > 1 ? cli->arguments[1] : NULL;
    // In the cache directory the next refresh would replace it by a file without secrets.
    if (given->secrets && !path) {
        return fail(err, STATUS_USAGE, NULL,
                    "Name the file: registryctl snapshot pull FILE --secrets");
    }
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    status = snapshot_choose(cli, &given->snapshot, &connection, path, &selector, err);
    if (status) {
        return status;
    }
    selector.with_secrets = given->secrets;
    status = snapshot_pull(cli->arena, &connection, &selector, &pulled, err);
    if (status) {
        return status;
    }
    return print_pulled(cli, &pulled, err);
}

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    return fail(err, STATUS_IO, path, "The key file cannot be %s: %s", what, strerror(errno));
}

// Creates a file that is complete or does not exist. *ret_made is false when it existed already.
// O_EXCL: two processes that start at once cannot both make a key. Mode 600 is set by open, so the
// key is at no moment readable for others.
static enum status make_key(const char *path, bool *ret_made, struct error *err) {
    uint8_t seed[SIGNATURE_KEY_BYTES];
    char text[SIGNATURE_KEY_HEX + 1];
    scoped(cleanup_fd) int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    *ret_made = fd >= 0;
    if (fd < 0) {
        return errno == EEXIST ? STATUS_OK : fail_errno(err, path, "created");
    }
    signature_make_seed(seed);
    signature_write_key(seed, text);
    text[SIGNATURE_KEY_HEX - 1] = '\n';
    bool is_written = descriptor_write(fd, text, SIGNATURE_KEY_HEX) && fsync(fd) == 0;
    explicit_bzero(seed, sizeof seed);
    explicit_bzero(text, sizeof text);
    if (!is_written) {
        enum status status = fail_errno(err, path, "written");
        unlink(path);
        return status;
    }
    return STATUS_OK;
}

// A key that exists is kept: making it anew would make every host refuse the registry's snapshots.
// Prints the public half, which hosts pin. The private half is wiped from memory after use.
static enum status run_key(struct cli *cli, struct error *err) {
    bool is_made = false;
    struct signature_pair pair;
    char hex[SIGNATURE_KEY_HEX];
    const char *path = cli->arguments[1];
    enum status status = make_key(path, &is_made, err);
    if (status) {
        return status;
    }
    status = key_file_read(path, &pair, err);
    if (status) {
        return status;
    }
    signature_write_key(pair.public_key, hex);
    explicit_bzero(&pair, sizeof pair);
    if (cli->output.json) {
        return output_json(
            &cli->output,
            json_pack("{s:s, s:s, s:b}", "file", path, "public_key", hex, "made", is_made), err);
    }
    output_print(&cli->output, COLOR_NONE, "%s\n", hex);
    return STATUS_OK;
}

// ---- build, show, verify ----

// The roots as one line: the query that the snapshot answers.
static const char *query_string_of(struct cli *cli, const struct walk_query *query) {
    const char *text = "walk";
    for (size_t i = 0; text && i < query->root_count; i++) {
        const struct walk_root *root = &query->roots[i];
        text = arena_printf(cli->arena, "%s %s%s%s", text, root->label ? root->label : "",
                            root->label ? "=" : "", root->path);
    }
    return text;
}

static enum status print_built(struct cli *cli, size_t record_count, size_t bytes,
                               struct error *err) {
    const char *path = cli->arguments[1];
    if (cli->output.json) {
        return output_json(&cli->output,
                           json_pack("{s:s, s:I, s:I}", "file", path, "records",
                                     (json_int_t)record_count, "bytes", (json_int_t)bytes),
                           err);
    }
    output_print(&cli->output, COLOR_NONE, "%s: %s, %zu bytes\n", output_text(&cli->output, path),
                 output_count(&cli->output, record_count, "record", "records"), bytes);
    return STATUS_OK;
}

// Writes the records to FILE; `bytes` gets what was written.
static enum status store_records(struct cli *cli, const struct walk_query *query,
                                 const struct records *records, struct buffer *bytes,
                                 struct error *err) {
    const char *query_string = query_string_of(cli, query);
    if (!query_string) {
        return fail_no_memory(err);
    }
    struct snapshot_origin origin = {.epoch = "", .environment = "default", .query = query_string};
    origin.made_at_seconds = (int64_t)time(NULL);
    enum status status = snapshot_encode(&origin, records, NULL, bytes, err);
    if (status) {
        return status;
    }
    return snapshot_file_store(cli->arguments[1], bytes, err);
}

// Without a registry: the records of a walk, in the form of a snapshot, for hosts that only read files.
static enum status run_build(struct cli *cli, struct error *err) {
    const struct snapshot_command_options *given = cli->options;
    struct walk_query query;
    struct records records = {0};
    scoped(buffer_done) struct buffer bytes = {0};
    enum status status = roots_parse_arguments(cli, 2, given->convention, &query, err);
    if (status) {
        return status;
    }
    status = source_walk(cli->arena, &query, &records, err);
    if (status) {
        return status;
    }
    status = store_records(cli, &query, &records, &bytes, err);
    if (status) {
        return status;
    }
    return print_built(cli, records.count, bytes.len, err);
}

static const struct option_row rows[] = {
    {"--convention", "NAME", offsetof(struct snapshot_command_options, convention),
     "build: \"auto\" (the default), a convention, or a declaration FILE.yaml"},
    {"--secrets", NULL, offsetof(struct snapshot_command_options, secrets),
     "pull: With the secrets of the environment, in a private FILE"},
    SNAPSHOT_ROWS(struct snapshot_command_options, snapshot),
};

static const struct action actions[] = {
    {"pull", "[FILE]", 0, 1, "Download the snapshot for this host", run_pull,
     "file replaced serial epoch epoch_number"},
    {"build", "FILE ROOT...", 2, SIZE_MAX, "Write the plugins of directories to FILE", run_build,
     "file records bytes"},
    {"show", "[FILE [GROUP...]]", 0, SIZE_MAX, "Print the records", snapshot_show},
    {"verify", "[FILE]", 0, 1, "Check every byte, and the signature", snapshot_show,
     "file sound epoch epoch_number serial made_at environment records decisions"},
    {"key", "FILE", 1, 1, "Create a signing key in FILE and print its public key", run_key,
     "file public_key made"},
};

const struct command command_snapshot = {
    .name = "snapshot",
    .arguments = "ACTION [FILE [ROOT...|GROUP...]]",
    .min_arguments = 1,
    COMMAND_ACTIONS(actions),
    .lines = RECORD_LINES,
    .summary = "Manage snapshots: files that hosts read without a registry",
    .description =
        "A snapshot holds the registry's answer for an environment and the facts of a host. Hosts\n"
        "use it when the registry cannot be reached. Without FILE, the snapshot in the cache\n"
        "directory is used. A newer snapshot is never replaced by an older one. docs/SNAPSHOT.md\n"
        "describes the file.",
    COMMAND_OPTIONS(rows, struct snapshot_command_options),
    .exit_codes =
        "0  Done\n"
        "1  Unknown file or group\n"
        "3  The snapshot is damaged, not signed with the key, or older than the present one\n",
    .example = "registryctl snapshot pull --environment production",
};
