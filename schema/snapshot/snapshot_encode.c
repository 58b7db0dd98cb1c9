// SPDX-License-Identifier: MIT
// Writing a snapshot: header and index first with room left for what is known later, then a block per
// group (its records, then their texts), the block of decisions, then the digests. Everything goes
// through one growing buffer, which remembers the first failure.
#include "schema/snapshot/snapshot.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot_bytes.h"
#include "schema/snapshot/snapshot_layout.h"

#include <stdlib.h>

void snapshot_add_zeros(struct buffer *buffer, size_t count) {
    static const char zeros[64];
    while (count && !buffer->failed) {
        size_t step = count < sizeof zeros ? count : sizeof zeros;
        buffer_add(buffer, zeros, step);
        count -= step;
    }
}

// Blocks begin at multiples of 8.
void snapshot_add_padding(struct buffer *buffer) {
    snapshot_add_zeros(buffer, (8 - buffer->len % 8) % 8);
}

// A reference is two u32: the offset from `base`, and the length without the NUL. No text leaves
// the zeros that are there; offset 0 is always a header or a row, and never a text.
void snapshot_add_text(struct buffer *buffer, size_t base, size_t reference, const char *text) {
    size_t offset = buffer->len - base;
    size_t len = text ? strlen(text) : 0;
    if (!text) {
        return;
    }
    buffer_add(buffer, text, len + 1);
    if (!buffer->failed) {
        store_u32(snapshot_at(buffer, reference), (uint32_t)offset);
        store_u32(snapshot_at(buffer, reference + 4), (uint32_t)len);
    }
}

static const char *encode_findings(const struct findings *findings, bool *ret_failed) {
    if (!findings->count) {
        return NULL;
    }
    scoped(cleanup_json) json_t *object =
        json_pack("{s:o, s:o}", "errors", findings_encode(findings, SEVERITY_ERROR), "warnings",
                  findings_encode(findings, SEVERITY_WARNING));
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    *ret_failed = *ret_failed || !text;
    return text;
}

static void add_record(struct buffer *buffer, size_t block, size_t index,
                       const struct record *record) {
    bool failed = false;
    scoped(cleanup_memory) const char *findings = encode_findings(&record->findings, &failed);
    const char *const texts[RECORD_TEXTS] = {
        [TEXT_NAME] = record->name,
        [TEXT_VALUE] = record->value,
        [TEXT_PACKAGE] = record->package,
        [TEXT_VERSION] = record->version,
        [TEXT_SOURCE] = record->source,
        [TEXT_LABEL] = record->label,
        [TEXT_ORIGIN] = record->origin,
        [TEXT_MANIFEST] = record->manifest,
        [TEXT_SHADOWED_BY] = record->shadowed_by,
        [TEXT_FINDINGS] = findings,
        [TEXT_SETTINGS] = record->settings,
        [TEXT_STATE] = record->state,
    };
    for (size_t i = 0; i < RECORD_TEXTS; i++) {
        snapshot_add_text(buffer, block, block + index * RECORD_BYTES + i * 8, texts[i]);
    }
    if (failed && !buffer->failed) {
        buffer->failed = STATUS_NO_MEMORY;
    }
}

// The records from `first` on that share its group; how many they are.
static size_t count_run(const struct record *const *sorted, size_t first, size_t count) {
    size_t end = first + 1;
    while (end < count && strcmp(sorted[end]->group, sorted[first]->group) == 0) {
        end++;
    }
    return end - first;
}

// Offsets in a block count from its start, so a block can be copied to another file as it is.
static void add_block(struct buffer *buffer, size_t entry, const struct record *const *records,
                      size_t count) {
    size_t block = buffer->len;
    snapshot_add_zeros(buffer, count * RECORD_BYTES);
    for (size_t i = 0; i < count && !buffer->failed; i++) {
        add_record(buffer, block, i, records[i]);
    }
    snapshot_add_padding(buffer);
    if (!buffer->failed) {
        store_u64(snapshot_at(buffer, entry + GROUP_BLOCK), block);
        store_u64(snapshot_at(buffer, entry + GROUP_SIZE), buffer->len - block);
        store_u32(snapshot_at(buffer, entry + GROUP_RECORDS), (uint32_t)count);
        digest_short(snapshot_at(buffer, block), buffer->len - block,
                     snapshot_at(buffer, entry + GROUP_DIGEST), SNAPSHOT_DIGEST_BYTES);
    }
}

// A name lies behind the entries, in the part that the header's digest covers; the records of the
// group are in its block.
// Returns how many groups there are.
static size_t add_index(struct buffer *buffer, const struct record *const *sorted, size_t count) {
    size_t groups = 0;
    for (size_t i = 0; i < count; i += count_run(sorted, i, count)) {
        groups++;
    }
    size_t index = buffer->len;
    snapshot_add_zeros(buffer, groups * GROUP_BYTES);
    size_t number = 0;
    for (size_t i = 0; i < count; i += count_run(sorted, i, count)) {
        snapshot_add_text(buffer, 0, index + number++ * GROUP_BYTES + GROUP_NAME, sorted[i]->group);
    }
    return groups;
}

static void store_answer(struct buffer *buffer, const struct snapshot_origin *origin) {
    uint32_t flags = (origin->is_listed_only ? ANSWER_LISTED_ONLY : 0) |
                     (origin->settings_left_out ? ANSWER_SETTINGS_LEFT_OUT : 0);
    store_u32(snapshot_at(buffer, HEADER_ANSWER_FLAGS), flags);
    store_u64(snapshot_at(buffer, HEADER_MAX_AGE), (uint64_t)origin->max_age_seconds);
    store_u64(snapshot_at(buffer, HEADER_EPOCH_NUMBER), (uint64_t)origin->epoch_number);
}

static void add_header(struct buffer *buffer, const struct snapshot_origin *origin) {
    snapshot_add_zeros(buffer, HEADER_BYTES);
    if (!buffer->failed) {
        memcpy(snapshot_at(buffer, HEADER_MAGIC), snapshot_magic, sizeof snapshot_magic);
        store_u32(snapshot_at(buffer, HEADER_VERSION), SNAPSHOT_VERSION);
        store_u64(snapshot_at(buffer, HEADER_SERIAL), (uint64_t)origin->serial);
        store_u64(snapshot_at(buffer, HEADER_MADE_AT), (uint64_t)origin->made_at_seconds);
        store_answer(buffer, origin);
    }
    snapshot_add_text(buffer, 0, HEADER_EPOCH, origin->epoch);
    snapshot_add_text(buffer, 0, HEADER_ENVIRONMENT, origin->environment);
    snapshot_add_text(buffer, 0, HEADER_QUESTION, origin->query);
    snapshot_add_padding(buffer);
}

// Sizes first, then the digest that covers them, then the check that covers the digest.
static void finish(struct buffer *buffer, size_t index, size_t groups, size_t blocks) {
    store_u32(snapshot_at(buffer, HEADER_SIZE), (uint32_t)index);
    store_u32(snapshot_at(buffer, HEADER_GROUP_COUNT), (uint32_t)groups);
    store_u64(snapshot_at(buffer, HEADER_FILE_SIZE), buffer->len);
    store_u64(snapshot_at(buffer, HEADER_BLOCKS), blocks);
    digest_short(snapshot_at(buffer, HEADER_CONTENT), blocks - HEADER_CONTENT,
                 snapshot_at(buffer, HEADER_DIGEST), SNAPSHOT_DIGEST_BYTES);
    snapshot_check_bytes(snapshot_at(buffer, 0), snapshot_at(buffer, HEADER_CHECK));
}

// Header, index, one block for each group, decisions; the sizes and digests are filled in last, when all is
// known.
static void encode(struct buffer *buffer, const struct snapshot_origin *origin,
                   const struct record *const *sorted, size_t count,
                   const struct decisions *decisions) {
    add_header(buffer, origin);
    size_t index = buffer->len;
    size_t groups = add_index(buffer, sorted, count);
    snapshot_add_padding(buffer);
    size_t blocks = buffer->len;
    size_t entry = index;
    for (size_t i = 0; i < count && !buffer->failed; entry += GROUP_BYTES) {
        size_t run = count_run(sorted, i, count);
        add_block(buffer, entry, sorted + i, run);
        i += run;
    }
    if (decisions) {
        snapshot_add_decisions(buffer, decisions);
    }
    if (!buffer->failed) {
        finish(buffer, index, groups, blocks);
    }
}

// By group; within a group in the order given (the addresses are in one array).
// qsort is not stable; comparing the addresses makes it so.
static int compare_groups(const void *left, const void *right) {
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    int order = strcmp(a->group, b->group);
    return order ? order : (a > b) - (a < b);
}

// A record without a group cannot be looked up and is left out: it is a directory that could not be read.
enum status snapshot_encode(const struct snapshot_origin *origin, const struct records *records,
                            const struct decisions *decisions, struct buffer *ret_bytes,
                            struct error *err) {
    scoped(cleanup_memory) const struct record **sorted =
        calloc(records->count + 1, sizeof *sorted);
    size_t count = 0;
    if (!sorted) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        if (records->items[i].group) {
            sorted[count++] = &records->items[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, compare_groups);
    buffer_init(ret_bytes, LIMIT_SNAPSHOT_BYTES);
    encode(ret_bytes, origin, sorted, count, decisions);
    if (ret_bytes->failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "A snapshot may have at most %d bytes",
                    LIMIT_SNAPSHOT_BYTES);
    }
    return ret_bytes->failed ? fail_no_memory(err) : STATUS_OK;
}
