// SPDX-License-Identifier: MIT
// Groups to records (snapshot_records.h). A block holds offsets only, so a copy of it is as good as it.
#include "client/snapshot/snapshot_records.h"

enum status snapshot_add_records(struct arena *arena, const struct snapshot_group *group,
                                 struct records *records, struct error *err) {
    for (uint32_t i = 0; i < group->record_count; i++) {
        struct record *record = records_add(arena, records);
        if (!record) {
            return fail_no_memory(err);
        }
        struct findings findings = record->findings;
        enum status failed = snapshot_load_findings(group, i, &findings, err);
        if (failed) {
            return failed;
        }
        snapshot_record(group, i, record);
        record->findings = findings;
    }
    return STATUS_OK;
}

enum status snapshot_load_records(struct arena *arena, struct snapshot_file *file, uint32_t index,
                                  struct records *records, struct error *err) {
    struct snapshot_group group;
    enum status failed = snapshot_file_group(file, index, &group, err);
    if (failed) {
        return failed;
    }
    group.name = arena_strdup(arena, group.name);
    group.block = (const unsigned char *)arena_copy(arena, group.block, group.block_len);
    return group.name && group.block ? snapshot_add_records(arena, &group, records, err)
                                     : fail_no_memory(err);
}
