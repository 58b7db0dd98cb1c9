// SPDX-License-Identifier: MIT
// The way into TOML. Nearly every project has the usual shape, which toml_scan.c reads in a tenth of the
// instructions that toml++ takes; whatever else a file holds, faults too, goes to toml_library.cpp.
#include "schema/readers/core/toml.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/toml_library.h"
#include "schema/readers/core/toml_scan.h"

enum status toml_parse(struct arena *arena, const struct source_file *file,
                       const struct node **ret_root, struct error *err) {
    enum status status = reader_check_bytes(file, LIMIT_TOML_BYTES, err);
    if (status) {
        return status;
    }
    if (toml_scan(arena, file, ret_root)) {
        return STATUS_OK;
    }
    return toml_parse_library(arena, file, ret_root, err);
}
