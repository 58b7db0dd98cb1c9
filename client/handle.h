// SPDX-License-Identifier: MIT
// What the opaque types of registryclient.h are made of, for the three files of the public surface
// (registryclient.c, result.c, report.c). Each object is one arena that holds everything of it.
#pragma once

#include "client/include/registryclient.h"
#include "client/source_registry.h"
#include "client/source_walk.h"
#include "schema/parity.h"

struct registry {
    struct arena *arena;
    struct connection connection;
};

struct registry_result {
    struct registry_result *self; // to keep what is made late, also by those who may only look
    struct arena *arena;
    struct records records;
    struct registry_record *items; // the same, as the public header shows them
    struct registry_finding *diagnostics;
    size_t diagnostic_count;
    const char *json; // made when it is first asked for
};

struct registry_parity {
    struct arena *arena;
    struct parity parity;
    const char *json; // made when it is first asked for
};

// Takes the arena, in success and in failure. `diagnostics` may be NULL. Fails with: NO_MEMORY.
enum status result_new(struct arena *arena, const struct records *records,
                       const struct findings *diagnostics, struct registry_result **ret_result,
                       struct error *err);

// As result_new.
enum status report_new(struct arena *arena, const struct parity *parity,
                       struct registry_parity **ret_report, struct error *err);

// Fills the public error (which may be NULL). Returns the status as the public calls do.
int handle_error(struct registry_error *ret_err, enum status status, const struct error *err);
