// SPDX-License-Identifier: MIT
// A host's report as it comes (schema/report.schema.json): reading it, judging it, and bringing it to
// what the store keeps. Every fault is a finding with its place; nothing is stored of a report with an
// error. Pure, but for the arena.
#pragma once

#include "registryd/request/api.h"

// Reads the body of a request; the result is in its arena. `actor` of the batch is left NULL.
// Fails with: TOO_LARGE, MALFORMED, INVALID (errors are among the findings), NO_MEMORY.
enum status report_decode(const struct request *request, struct findings *findings,
                          struct report_batch *ret_batch, struct error *err);
