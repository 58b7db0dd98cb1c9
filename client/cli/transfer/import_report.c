// SPDX-License-Identifier: MIT
// A first import has thousands of files, and a person wants to see what needs work: refused files at once, in the
// order of the import, and the counts of the rest at the end. JSON has every file, for a program that compares.
#include "client/cli/transfer/import_report.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

enum status import_report_begin(struct cli *cli, struct import_report *report, struct error *err) {
    report->cli = cli;
    enum status status = command_connect(cli, &report->connection, err);
    if (status) {
        return status;
    }
    progress_init(&report->progress, &cli->output, 0);
    report->patience = (struct patience){progress_wait, &report->progress};
    report->bytes = (struct fetch_progress){progress_bytes, &report->progress};
    report->importing.arena = cli->arena;
    report->importing.connection = &report->connection;
    report->importing.patience = cli->global.no_wait ? NULL : &report->patience;
    report->importing.progress = &report->bytes;
    return STATUS_OK;
}

void import_report_done(struct import_report *report) {
    importing_done(&report->importing);
}

void import_report_step(struct import_report *report, const char *what) {
    progress_step(&report->progress, what);
}

static void print_refused(struct output *output, const struct import_outcome *outcome) {
    output_print(output, COLOR_RED, "refused  ");
    output_print(output, COLOR_BOLD, "  %s\n", output_text(output, outcome->shown));
    output_print(output, COLOR_NONE, "    %s", output_text(output, outcome->message));
    output_print(output, COLOR_DIM, " (%s)\n", output_text(output, outcome->code));
}

void import_report_show(struct import_report *report) {
    const struct import_outcomes *all = &report->importing.outcomes;
    for (; report->printed < all->count; report->printed++) {
        const struct import_outcome *outcome = &all->items[report->printed];
        if (outcome->word == IMPORT_REFUSED && !report->cli->output.json) {
            progress_clear(&report->progress);
            print_refused(&report->cli->output, outcome);
        }
    }
}

// ---- the end ----

static json_t *encode_outcome(const struct import_outcome *outcome) {
    json_t *error = outcome->message ? json_pack("{s:o,s:o}", "code", json_text(outcome->code),
                                                 "message", json_text(outcome->message))
                                     : json_null();
    return json_pack("{s:o,s:s,s:o,s:o,s:o}", "file", json_text(outcome->shown), "outcome",
                     import_word_name(outcome->word), "package", json_text(outcome->package),
                     "version", json_text(outcome->version), "error", error);
}

static json_t *encode_outcomes(const struct import_outcomes *all) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < all->count; i++) {
        if (json_array_append_new(array, encode_outcome(&all->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

static enum status print_json(struct import_report *report, struct error *err) {
    const struct import_outcomes *all = &report->importing.outcomes;
    json_t *json =
        json_pack("{s:I,s:I,s:I,s:I,s:I,s:b,s:o}", "added", (json_int_t)all->counts[IMPORT_ADDED],
                  "unchanged", (json_int_t)all->counts[IMPORT_UNCHANGED], "refused",
                  (json_int_t)all->counts[IMPORT_REFUSED], "left_out",
                  (json_int_t)all->counts[IMPORT_LEFT_OUT], "not_sent",
                  (json_int_t)all->counts[IMPORT_NOT_SENT], "times_kept",
                  report->importing.keeps_times, "files", encode_outcomes(all));
    return output_json(&report->cli->output, json, err);
}

static void print_summary(struct import_report *report) {
    struct output *output = &report->cli->output;
    const size_t *counts = report->importing.outcomes.counts;
    output_print(output, COLOR_NONE, "%zu added, %zu unchanged", counts[IMPORT_ADDED],
                 counts[IMPORT_UNCHANGED]);
    if (counts[IMPORT_LEFT_OUT]) {
        output_print(output, COLOR_DIM, ", %zu left out", counts[IMPORT_LEFT_OUT]);
    }
    output_print(output, counts[IMPORT_REFUSED] ? COLOR_RED : COLOR_NONE, ", %zu refused",
                 counts[IMPORT_REFUSED]);
    if (counts[IMPORT_NOT_SENT]) {
        output_print(output, COLOR_YELLOW, ", %zu not sent: run the command again",
                     counts[IMPORT_NOT_SENT]);
    }
    output_print(output, COLOR_NONE, "\n");
}

enum status import_report_end(struct import_report *report, struct error *err) {
    struct cli *cli = report->cli;
    int code = report->importing.outcomes.exit_code;
    import_report_show(report);
    progress_clear(&report->progress);
    cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
    if (cli->output.json) {
        return print_json(report, err);
    }
    print_summary(report);
    return STATUS_OK;
}
