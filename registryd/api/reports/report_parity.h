// SPDX-License-Identifier: MIT
// One group's parity report inside the body of POST /v1/reports.
#pragma once

#include "registryd/request/body.h"

// Decodes the report of one group at `where`; `origin` is the object that its summary begins with.
// Faults are findings, and *ret_report is then as it was. False when out of memory.
bool report_parity_decode(struct object_reader *reader, const json_t *object, const char *where,
                          json_t *origin, struct parity_report *ret_report);
