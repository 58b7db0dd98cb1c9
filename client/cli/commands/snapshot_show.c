// SPDX-License-Identifier: MIT
// registryctl snapshot show and verify: what a snapshot file says. They open it as the libraries do: with a pinned
// key, only a snapshot signed by that key opens. Both read the records and the decisions whole, because "verify" is
// about every byte; the groups after FILE narrow what "show" prints.
#include "client/cli/commands/snapshot.h"

#include "client/cli/console/decisions.h"
#include "client/cli/console/records.h"
#include "client/snapshot/snapshot_file.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot_sign.h"

#include <string.h>
#include <time.h>

// Opens FILE, or the cached snapshot of the options when `path` is NULL. *ret_path is arena.
static enum status open_named(struct cli *cli, const char *path, struct snapshot_file *ret_file,
                              const char **ret_path, struct error *err) {
    const struct snapshot_command_options *given = cli->options;
    struct connection connection;
    struct snapshot_selector selector;
    struct snapshot_path location;
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    status = snapshot_choose(cli, &given->snapshot, &connection, path, &selector, err);
    if (status) {
        return status;
    }
    status = snapshot_cache_find(cli->arena, &selector, &location, err);
    if (status) {
        return status;
    }
    selector.is_any = path;
    *ret_path = location.path;
    return snapshot_cache_open(&selector, &location, ret_file, err);
}

// Loads all groups, or those that are named after FILE.
static enum status load_records(struct cli *cli, struct snapshot_file *file,
                                struct records *records, struct error *err) {
    bool all = cli->argument_count < 3;
    size_t count = all ? file->snapshot.group_count : cli->argument_count - 2;
    for (size_t i = 0; i < count; i++) {
        uint32_t index = (uint32_t)i;
        if (!all) {
            enum status status =
                snapshot_read_index(&file->snapshot, cli->arguments[i + 2], &index, err);
            if (status) {
                return status;
            }
        }
        enum status status = snapshot_load_records(cli->arena, file, index, records, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
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

// What a host should know of the answer besides its records.
static void print_terms(struct cli *cli, const struct snapshot_file *file) {
    enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600 };
    struct output *output = &cli->output;
    const struct snapshot_origin *origin = &file->snapshot.origin;
    int64_t limit = origin->max_age_seconds;
    if (origin->is_listed_only) {
        output_print(output, COLOR_DIM, "The environment takes only the packages that it lists.\n");
    }
    if (origin->settings_left_out) {
        output_print(output, COLOR_DIM,
                     "Settings are left out: the token may not read them (environment:read).\n");
    }
    if (!file->snapshot.has_decisions) {
        output_print(output, COLOR_YELLOW, "It has no decisions: nothing is withheld by it.\n");
    } else if (limit > 0) {
        bool is_days = limit % DAY_SECONDS == 0;
        output_print(output, COLOR_DIM, "Hosts report an error when it is older than %lld %s.\n",
                     (long long)(limit / (is_days ? DAY_SECONDS : HOUR_SECONDS)),
                     is_days ? "days" : "hours");
    }
}

// The decisions about the groups whose records are shown.
static enum status print_decisions(struct cli *cli, struct snapshot_file *file, struct error *err) {
    struct decisions decisions = {0};
    enum status status = STATUS_OK;
    if (!file->snapshot.has_decisions) {
        return STATUS_OK;
    }
    if (cli->argument_count < 3) {
        status = snapshot_load_decisions(cli->arena, file, NULL, &decisions, err);
    }
    for (size_t i = 2; i < cli->argument_count && !status; i++) {
        status = snapshot_load_decisions(cli->arena, file, cli->arguments[i], &decisions, err);
    }
    return status ? status : decisions_print(cli, &decisions, err);
}

static void print_origin(struct cli *cli, const struct snapshot_origin *origin) {
    struct output *output = &cli->output;
    output_print(output, COLOR_DIM, "created %s from %s", write_time(cli, origin->made_at_seconds),
                 output_text(output, origin->query));
    if (*origin->epoch) {
        output_print(output, COLOR_DIM, ", serial %lld of %s", (long long)origin->serial,
                     output_text(output, origin->epoch));
    }
    output_print(output, COLOR_DIM, "\n");
}

// The public key that the snapshot names. The signature was checked only if a key is pinned.
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
    const struct snapshot_command_options *given = cli->options;
    const struct snapshot *snapshot = &file->snapshot;
    const struct snapshot_origin *origin = &snapshot->origin;
    const char *signer = signer_of(cli, snapshot);
    struct snapshot_selector pinned = {0};
    bool is_checked = !snapshot_cache_pin(given->snapshot.key, &pinned, NULL) &&
                      pinned.is_pinned; // otherwise the file would not have opened
    size_t decision_count = snapshot_file_decision_count(file);
    if (cli->output.json) {
        json_t *decisions =
            snapshot->has_decisions ? json_integer((json_int_t)decision_count) : json_null();
        // clang-format off
        json_t *json = json_pack("{s:o,s:b,s:o,s:I,s:I,s:o,s:o,s:o,s:I,s:I,s:o,s:I,s:b,s:b,s:o,s:b}",
                                 "file", json_text(path),
                                 "sound", 1,
                                 "epoch", json_text(origin->epoch),
                                 "epoch_number", (json_int_t)origin->epoch_number,
                                 "serial", (json_int_t)origin->serial,
                                 "made_at", json_text(write_time(cli, origin->made_at_seconds)),
                                 "environment", json_text(origin->environment),
                                 "question", json_text(origin->query),
                                 "groups", (json_int_t)snapshot->group_count,
                                 "records", (json_int_t)record_count,
                                 "decisions", decisions,
                                 "max_age_seconds", (json_int_t)origin->max_age_seconds,
                                 "listed_only", origin->is_listed_only,
                                 "settings_left_out", origin->settings_left_out,
                                 "public_key", json_text(signer),
                                 "signature_checked", is_checked);
        // clang-format on
        return output_json(&cli->output, json, err);
    }
    print_origin(cli, origin);
    output_print(&cli->output, COLOR_GREEN, "valid");
    output_print(&cli->output, COLOR_NONE, ": %u groups, %zu records, %zu decisions\n",
                 snapshot->group_count, record_count, decision_count);
    print_terms(cli, file);
    if (signer) {
        output_print(&cli->output, COLOR_NONE, "signed with %s%s\n", signer,
                     is_checked ? "" : " (not checked; use --snapshot-key)");
    }
    return STATUS_OK;
}

// "show" and "verify" read the file in the same way, so that neither finds a fault the other misses.
enum status snapshot_show(struct cli *cli, struct error *err) {
    bool only_verify = strcmp(cli->arguments[0], "verify") == 0;
    scoped(snapshot_file_close) struct snapshot_file file = {0};
    struct records records = {0};
    const char *path = cli->argument_count > 1 ? cli->arguments[1] : NULL;
    enum status status = open_named(cli, path, &file, &path, err);
    if (status) {
        return status;
    }
    status = load_records(cli, &file, &records, err);
    if (!status && file.snapshot.has_decisions) { // verify checks every byte, and show needs them
        struct decisions decisions = {0};
        status = snapshot_load_decisions(cli->arena, &file, NULL, &decisions, err);
    }
    if (status) {
        error_within(err, arena_printf(cli->arena, "%s: ", path));
        return status;
    }
    if (only_verify) {
        return print_verified(cli, path, &file, records.count, err);
    }
    if (cli->output.json) {
        return output_json(&cli->output, records_encode(&records), err);
    }
    print_origin(cli, &file.snapshot.origin);
    print_terms(cli, &file);
    status = records_print(cli, &records, err);
    return status ? status : print_decisions(cli, &file, err);
}
