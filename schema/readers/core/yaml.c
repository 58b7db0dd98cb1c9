// SPDX-License-Identifier: MIT
// The way into YAML. Nearly every manifest has the usual shape, which yaml_scan.c reads in a tenth of the
// instructions that libyaml takes; whatever else a file holds, faults too, goes to yaml_events.c.
#include "schema/readers/core/yaml.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/yaml_events.h"
#include "schema/readers/core/yaml_scan.h"

enum status yaml_parse(struct arena *arena, const struct source_file *file,
                       const struct node **ret_root, struct error *err) {
    enum status status = reader_check_bytes(file, LIMIT_YAML_BYTES, err);
    if (status) {
        return status;
    }
    if (yaml_scan(arena, file, ret_root)) {
        return STATUS_OK;
    }
    return yaml_parse_events(arena, file, ret_root, err);
}
