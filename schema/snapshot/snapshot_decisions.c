// SPDX-License-Identifier: MIT
// The block of decisions: rows of fixed size in their order, then the texts. Neighbouring rows repeat
// most of their texts (group, package, reason, who and when), so a row that repeats the text of the row
// before it refers to the same bytes. A look-up of records never comes here.
#include "schema/digest.h"
#include "schema/snapshot/snapshot.h"
#include "schema/snapshot/snapshot_bytes.h"
#include "schema/snapshot/snapshot_layout.h"

// One place for two texts, because no row has both.
static bool is_pin(const char *code) {
    return code && strcmp(code, DECISION_CODE_OUTSIDE_PIN) == 0;
}

// ---- writing ----

static void list_texts(const struct decision *decision, const char *texts[DECISION_TEXTS]) {
    const char *const all[DECISION_TEXTS] = {
        [DECISION_GROUP] = decision->group,
        [DECISION_PACKAGE] = decision->package,
        [DECISION_NAME] = decision->name,
        [DECISION_VERSION] = decision->version,
        [DECISION_CODE] = decision->code,
        [DECISION_MESSAGE] = decision->message,
        [DECISION_SINCE] = decision->since,
        [DECISION_BY] = decision->by,
        [DECISION_TARGET] = is_pin(decision->code) ? decision->pin : decision->successor,
        [DECISION_SETTINGS] = decision->settings,
    };
    memcpy(texts, all, sizeof all);
}

static bool is_repeated(const char *text, const char *before) {
    return text && before && strcmp(text, before) == 0;
}

// `before` are the texts of the previous row; all NULL for the first one.
static void add_row(struct buffer *buffer, size_t block, size_t index,
                    const char *const texts[DECISION_TEXTS],
                    const char *const before[DECISION_TEXTS]) {
    size_t row = block + index * DECISION_BYTES;
    for (size_t i = 0; i < DECISION_TEXTS && !buffer->failed; i++) {
        size_t reference = row + i * 8;
        if (is_repeated(texts[i], before[i])) {
            memcpy(snapshot_at(buffer, reference), snapshot_at(buffer, reference - DECISION_BYTES),
                   8);
        } else {
            snapshot_add_text(buffer, block, reference, texts[i]);
        }
    }
}

static bool is_note(const char *code) {
    return code && (strcmp(code, DECISION_CODE_ALIAS) == 0 ||
                    strcmp(code, DECISION_CODE_GROUP_DEPRECATED) == 0);
}

static bool have_notes(const struct decisions *decisions) {
    bool has_note = false;
    for (size_t i = 0; i < decisions->count && !has_note; i++) {
        has_note = is_note(decisions->items[i].code);
    }
    return has_note;
}

static void describe(struct buffer *buffer, size_t block, const struct decisions *decisions) {
    size_t size = buffer->len - block;
    uint32_t flags = load_u32(snapshot_at(buffer, HEADER_ANSWER_FLAGS));
    store_u32(snapshot_at(buffer, HEADER_ANSWER_FLAGS),
              flags | (have_notes(decisions) ? ANSWER_HAS_NOTES : 0));
    store_u64(snapshot_at(buffer, HEADER_DECISIONS), block);
    store_u64(snapshot_at(buffer, HEADER_DECISIONS_SIZE), size);
    store_u32(snapshot_at(buffer, HEADER_DECISION_ROWS), (uint32_t)decisions->count);
    digest_short(snapshot_at(buffer, block), size, snapshot_at(buffer, HEADER_DECISIONS_DIGEST),
                 SNAPSHOT_DIGEST_BYTES);
}

// Two lists of texts take turns, because a text that equals that of the row before is not written again.
void snapshot_add_decisions(struct buffer *buffer, const struct decisions *decisions) {
    const char *texts[2][DECISION_TEXTS] = {{0}};
    size_t block = buffer->len;
    snapshot_add_zeros(buffer, decisions->count * DECISION_BYTES);
    for (size_t i = 0; i < decisions->count && !buffer->failed; i++) {
        const struct decision *decision = &decisions->items[i];
        list_texts(decision, texts[(i + 1) % 2]);
        add_row(buffer, block, i, texts[(i + 1) % 2], texts[i % 2]);
        if (!buffer->failed) {
            store_u32(snapshot_at(buffer, block + i * DECISION_BYTES + DECISION_FLAGS),
                      (decision->by_name ? DECISION_BY_NAME : 0) |
                          (decision->entry_only ? DECISION_ENTRY_ONLY : 0));
        }
    }
    snapshot_add_padding(buffer);
    if (!buffer->failed) {
        describe(buffer, block, decisions);
    }
}

// ---- reading ----

// The sizes come from the file. Each is compared before it is used, so that no sum can wrap.
enum status snapshot_decisions_extent(const struct snapshot *snapshot, size_t *ret_offset,
                                      size_t *ret_len, struct error *err) {
    if (!snapshot->has_decisions) {
        return fail(err, STATUS_NOT_FOUND, NULL, "The snapshot holds no decisions");
    }
    uint64_t offset = load_u64(snapshot->bytes + HEADER_DECISIONS);
    uint64_t size = load_u64(snapshot->bytes + HEADER_DECISIONS_SIZE);
    uint64_t rows = load_u32(snapshot->bytes + HEADER_DECISION_ROWS);
    uint64_t blocks = load_u64(snapshot->bytes + HEADER_BLOCKS);
    if (offset < blocks || offset > snapshot->len || size > snapshot->len - offset ||
        rows * DECISION_BYTES > size) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is damaged: the decisions lie outside the file");
    }
    *ret_offset = offset;
    *ret_len = size;
    return STATUS_OK;
}

static bool row_is_sound(const struct snapshot_decisions *block, const unsigned char *row) {
    for (size_t t = 0; t < DECISION_TEXTS; t++) {
        const unsigned char *reference = row + t * 8;
        bool is_there = load_u32(reference);
        bool is_needed = t == DECISION_GROUP || t == DECISION_PACKAGE || t == DECISION_CODE;
        if (is_there ? !snapshot_text_at(block->block, block->block_len, reference) : is_needed) {
            return false;
        }
    }
    return true;
}

static bool rows_are_sound(const struct snapshot_decisions *block) {
    for (size_t i = 0; i < block->count; i++) {
        if (!row_is_sound(block, block->block + i * DECISION_BYTES)) {
            return false;
        }
    }
    return true;
}

// The rows are looked through as well as the digest: a registry with a fault could sign rows that point
// outside the block.
enum status snapshot_check_decisions(const struct snapshot *snapshot,
                                     struct snapshot_decisions *ret_block, struct error *err) {
    size_t offset;
    size_t size;
    enum status status = snapshot_decisions_extent(snapshot, &offset, &size, err);
    if (status) {
        return status;
    }
    struct snapshot_decisions block = {.count = load_u32(snapshot->bytes + HEADER_DECISION_ROWS),
                                       .block = snapshot->bytes + offset,
                                       .block_len = size};
    if (!snapshot_digest_matches(block.block, size, snapshot->bytes + HEADER_DECISIONS_DIGEST) ||
        !rows_are_sound(&block)) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is damaged: the decisions were altered");
    }
    *ret_block = block;
    return STATUS_OK;
}

uint32_t snapshot_decision_count(const struct snapshot_decisions *block) {
    return block->count;
}

// Without looking: snapshot_check_decisions has held every reference against the block.
static const char *row_text(const struct snapshot_decisions *block, uint32_t index, size_t text) {
    uint32_t offset = load_u32(block->block + (size_t)index * DECISION_BYTES + text * 8);
    return offset ? (const char *)block->block + offset : NULL;
}

void snapshot_decision(const struct snapshot_decisions *block, uint32_t index,
                       struct decision *ret_decision) {
    const unsigned char *row = block->block + (size_t)index * DECISION_BYTES;
    const char *code = row_text(block, index, DECISION_CODE);
    const char *target = row_text(block, index, DECISION_TARGET);
    *ret_decision = (struct decision){
        .group = row_text(block, index, DECISION_GROUP),
        .package = row_text(block, index, DECISION_PACKAGE),
        .name = row_text(block, index, DECISION_NAME),
        .version = row_text(block, index, DECISION_VERSION),
        .code = code,
        .message = row_text(block, index, DECISION_MESSAGE),
        .since = row_text(block, index, DECISION_SINCE),
        .by = row_text(block, index, DECISION_BY),
        .pin = is_pin(code) ? target : NULL,
        .successor = is_pin(code) ? NULL : target,
        .settings = row_text(block, index, DECISION_SETTINGS),
        .by_name = load_u32(row + DECISION_FLAGS) & DECISION_BY_NAME,
        .entry_only = load_u32(row + DECISION_FLAGS) & DECISION_ENTRY_ONLY,
    };
}

// The first row whose group comes after `group`, or is it when `or_equal`.
// A binary search: the rows are sorted by group, in the order of strcmp.
static uint32_t bound(const struct snapshot_decisions *block, const char *group, bool or_equal) {
    uint32_t low = 0;
    uint32_t high = block->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(row_text(block, middle, DECISION_GROUP), group);
        bool is_found = order > 0 || (order == 0 && or_equal);
        low = is_found ? low : middle + 1;
        high = is_found ? middle : high;
    }
    return low;
}

void snapshot_decisions_of(const struct snapshot_decisions *block, const char *group,
                           uint32_t *ret_first, uint32_t *ret_count) {
    uint32_t first = bound(block, group, true);
    *ret_first = first;
    *ret_count = bound(block, group, false) - first;
}
