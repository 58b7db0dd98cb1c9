// SPDX-License-Identifier: MIT
// What an import says: a line for each refused file while it runs, and the summary at its end.
#pragma once

#include "client/cli/console/command.h"
#include "client/cli/console/progress.h"
#include "client/import/import_file.h"

// One run of an import. Set up by import_report_begin; `importing` refers to the rest, so it must stay where it is.
struct import_report {
    struct cli *cli;
    struct connection connection;
    struct patience patience;
    struct fetch_progress bytes;
    struct progress progress;
    struct importing importing;
    size_t printed; // outcomes that were looked at
};

// Connects. Fails with: USAGE, NO_MEMORY.
enum status import_report_begin(struct cli *cli, struct import_report *report, struct error *err);

// Gives back what the import holds.
void import_report_done(struct import_report *report);

// The next of `total` files begins.
void import_report_step(struct import_report *report, const char *what);

// Prints the outcomes that are new.
void import_report_show(struct import_report *report);

// Prints the summary, or the whole as JSON, and sets the exit code. Fails with: NO_MEMORY, IO.
enum status import_report_end(struct import_report *report, struct error *err);
