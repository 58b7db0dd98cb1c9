// SPDX-License-Identifier: MIT
// Parity reports as JUnit XML, which every continuous integration shows: a test suite for each group,
// a test case for each entry point.
#pragma once

#include "client/cli/console/output.h"
#include "schema/parity.h"

// Prints the document. `walked` are the records that the parities were made from, sorted; with
// `strict`, shadowed and broken plugins fail, else they are skipped.
void junit_print(struct output *output, const struct parity *parities, size_t count,
                 const struct records *walked, bool strict);
