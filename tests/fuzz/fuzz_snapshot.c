// SPDX-License-Identifier: MIT
// The reader of snapshot files, past its checksums: sizes and digests of the input are set right first,
// so that the fuzzer attacks the bounds and not the hash.
#include "tests/fuzz/fuzz.h"

#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/snapshot/query_string.h"
#include "schema/snapshot/snapshot_layout.h"
#include "schema/snapshot/snapshot_sign.h"

static void set_group_digests(unsigned char *file, size_t len, size_t blocks) {
    size_t index = load_u32(file + HEADER_SIZE);
    uint64_t count = load_u32(file + HEADER_GROUP_COUNT);
    for (uint64_t i = 0; i < count && index + (i + 1) * GROUP_BYTES <= blocks; i++) {
        unsigned char *entry = file + index + i * GROUP_BYTES;
        uint64_t offset = load_u64(entry + GROUP_BLOCK);
        uint64_t size = load_u64(entry + GROUP_SIZE);
        if (offset <= len && size <= len - offset) {
            digest_short(file + offset, size, entry + GROUP_DIGEST, SNAPSHOT_DIGEST_BYTES);
        }
    }
}

static void set_decisions_digest(unsigned char *file, size_t len) {
    uint64_t offset = load_u64(file + HEADER_DECISIONS);
    uint64_t size = load_u64(file + HEADER_DECISIONS_SIZE);
    if (offset >= HEADER_BYTES && offset <= len && size <= len - offset) {
        digest_short(file + offset, size, file + HEADER_DECISIONS_DIGEST, SNAPSHOT_DIGEST_BYTES);
    }
}

// Both versions: the input says which.
static void repair(unsigned char *file, size_t len) {
    uint64_t blocks = load_u64(file + HEADER_BLOCKS);
    bool is_old = load_u32(file + HEADER_VERSION) == SNAPSHOT_VERSION_OLD;
    memcpy(file, snapshot_magic, sizeof snapshot_magic);
    store_u32(file + HEADER_VERSION, is_old ? SNAPSHOT_VERSION_OLD : SNAPSHOT_VERSION);
    store_u64(file + HEADER_FILE_SIZE, len);
    if (blocks >= (is_old ? HEADER_BYTES_OLD : HEADER_BYTES) && blocks <= len) {
        set_group_digests(file, len, blocks);
        if (!is_old) {
            set_decisions_digest(file, len);
        }
        digest_short(file + HEADER_CONTENT, blocks - HEADER_CONTENT, file + HEADER_DIGEST,
                     SNAPSHOT_DIGEST_BYTES);
    }
    store_u32(file + HEADER_FLAGS, load_u32(file + HEADER_FLAGS) & SNAPSHOT_SIGNED);
    snapshot_check_bytes(file, file + HEADER_CHECK);
}

static void read_group(const struct snapshot_group *group, struct arena *arena) {
    for (uint32_t i = 0; i < group->record_count && i < 100; i++) {
        struct record record;
        struct findings findings;
        findings_init(&findings, arena);
        snapshot_record(group, i, &record);
        snapshot_read_findings(group, i, &findings, NULL);
        arena_strdup(arena, record.name);
        arena_strdup(arena, record.shadowed_by);
    }
}

static void read_decisions(const struct snapshot *snapshot, struct arena *arena) {
    struct snapshot_decisions block;
    uint32_t first;
    uint32_t count;
    if (snapshot_check_decisions(snapshot, &block, NULL)) {
        return;
    }
    for (uint32_t i = 0; i < snapshot_decision_count(&block) && i < 100; i++) {
        struct decision decision;
        snapshot_decision(&block, i, &decision);
        arena_strdup(arena, decision.package);
        arena_strdup(arena, decision.settings);
    }
    snapshot_decisions_of(&block, "honeyframe.plugins", &first, &count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct snapshot snapshot;
    char tag[SNAPSHOT_TAG_SIZE];
    scoped(cleanup_memory) unsigned char *file = malloc(len ? len : 1);
    memcpy(file, bytes, len);
    if (len >= HEADER_BYTES) {
        repair(file, len);
    }
    if (snapshot_open(file, len, &snapshot, NULL) == STATUS_OK) {
        struct arena *arena = arena_new(16 * 1024 * 1024);
        struct snapshot_group group;
        for (uint32_t i = 0; i < snapshot.group_count && i < 100; i++) {
            if (snapshot_group_at(&snapshot, i, &group, NULL) == STATUS_OK) {
                read_group(&group, arena);
            }
        }
        read_decisions(&snapshot, arena);
        snapshot_read_group(&snapshot, "honeyframe.plugins", &group, NULL);
        query_string_has_group(snapshot.origin.query, "honeyframe.plugins");
        snapshot_verify(&snapshot, file + HEADER_PUBLIC_KEY, NULL);
        snapshot_tag(&snapshot, tag);
        arena_free(arena);
    }
    return 0;
}
