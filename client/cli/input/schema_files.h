// SPDX-License-Identifier: MIT
// JSON Schemas that the command line names: a file for the contract of a group.
#pragma once

#include "client/cli/console/command.h"
#include "client/walk/hold_contracts.h"

#include <jansson.h>

#define SCHEMA_ROW(type, member)                                                                   \
    {                                                                                              \
        "--manifest-schema", "GROUP=FILE", offsetof(type, member),                                 \
            "JSON Schema for the manifests of a group; no registry is asked", .repeats = true      \
    }

// Reads the JSON of a file. Owned. Fails with: USAGE (cannot be read), MALFORMED, NO_MEMORY.
enum status schema_file_read(struct cli *cli, const char *path, json_t **ret_schema,
                             struct error *err);

// The contracts that the words (each GROUP=FILE) stand for, each with a manifest schema alone. Arena.
// Fails with: USAGE (no GROUP=FILE, cannot be read), MALFORMED, INVALID (no JSON Schema), NO_MEMORY.
enum status schema_files_parse(struct cli *cli, const struct words *words,
                               struct asked_contracts *ret_contracts, struct error *err);
