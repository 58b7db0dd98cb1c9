// SPDX-License-Identifier: MIT
// Attestations of a file (PEP 740), as they are uploaded: their structure, and that they are about this file. Who
// signed is not verified here; they are kept as they came, for those who verify. Pure; any thread.
#pragma once

#include "registryd/request/upload.h"

enum { ATTESTATIONS_BYTES_MAX = 512 * 1024, ATTESTATIONS_MAX = 16 };

// `text` is a JSON array; `file` has been hashed.
// Fails with: MALFORMED (`where` says which member), NO_MEMORY.
enum status attestations_check(const char *text, const struct uploaded_file *file,
                               struct error *err);
