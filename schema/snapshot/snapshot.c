// SPDX-License-Identifier: MIT
// Reading a snapshot. Every offset that comes from the file is held against its size before it is
// followed: the digests keep accidents out, the bounds keep attackers out.
#include "schema/snapshot/snapshot.h"

#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot_bytes.h"
#include "schema/snapshot/snapshot_layout.h"

static enum status refuse(struct error *err, const char *why) {
    return fail(err, STATUS_MALFORMED, NULL, "The snapshot is damaged: %s", why);
}

// Both are shared with the reader of decisions (snapshot_decisions.c).
const char *snapshot_text_at(const unsigned char *base, size_t len,
                             const unsigned char *reference) {
    size_t offset = load_u32(reference);
    size_t text_len = load_u32(reference + 4);
    if (offset >= len || text_len >= len - offset || base[offset + text_len]) {
        return NULL;
    }
    return (const char *)base + offset;
}

// A digest tells damage and not forgery: whoever alters a file can compute it. Signatures are in
// snapshot_sign.h.
bool snapshot_digest_matches(const unsigned char *bytes, size_t len, const unsigned char *digest) {
    unsigned char found[SNAPSHOT_DIGEST_BYTES];
    digest_short(bytes, len, found, sizeof found);
    return memcmp(found, digest, sizeof found) == 0;
}

void snapshot_check_bytes(const unsigned char *header, unsigned char ret[SNAPSHOT_CHECK_BYTES]) {
    digest_short(header + HEADER_VERSION, HEADER_CONTENT - HEADER_VERSION, ret,
                 SNAPSHOT_CHECK_BYTES);
}

static bool check_matches(const unsigned char *header) {
    unsigned char found[SNAPSHOT_CHECK_BYTES];
    snapshot_check_bytes(header, found);
    return memcmp(found, header + HEADER_CHECK, sizeof found) == 0;
}

// Entries have a fixed size, so the one at an index is found without reading those before it.
static const unsigned char *entry_at(const struct snapshot *snapshot, uint32_t index) {
    return snapshot->bytes + load_u32(snapshot->bytes + HEADER_SIZE) + (size_t)index * GROUP_BYTES;
}

// Version 3 gave a record one text more. The distance between records follows from the version.
static uint32_t record_texts(const struct snapshot *snapshot) {
    uint32_t version = load_u32(snapshot->bytes + HEADER_VERSION);
    return version == SNAPSHOT_VERSION ? RECORD_TEXTS : RECORD_TEXTS_OLD;
}

static size_t header_bytes(const unsigned char *header) {
    return load_u32(header + HEADER_VERSION) == SNAPSHOT_VERSION ? HEADER_BYTES : HEADER_BYTES_OLD;
}

// What came with version 3. A file of version 2 keeps the zeros.
static void read_answer(const unsigned char *header, struct snapshot *snapshot) {
    if (load_u32(header + HEADER_VERSION) != SNAPSHOT_VERSION) {
        return;
    }
    uint32_t flags = load_u32(header + HEADER_ANSWER_FLAGS);
    snapshot->has_notes = flags & ANSWER_HAS_NOTES;
    snapshot->has_decisions = load_u64(header + HEADER_DECISIONS) > 0;
    snapshot->origin.max_age_seconds = (int64_t)load_u64(header + HEADER_MAX_AGE);
    snapshot->origin.epoch_number = (int64_t)load_u64(header + HEADER_EPOCH_NUMBER);
    snapshot->origin.is_listed_only = flags & ANSWER_LISTED_ONLY;
    snapshot->origin.settings_left_out = flags & ANSWER_SETTINGS_LEFT_OUT;
}

// What stands in the header, now that its digest is right.
static enum status read_header(const unsigned char *bytes, size_t len, size_t blocks,
                               struct snapshot *snapshot, struct error *err) {
    size_t index = load_u32(bytes + HEADER_SIZE);
    uint64_t groups = load_u32(bytes + HEADER_GROUP_COUNT);
    if (index < header_bytes(bytes) || index > blocks || groups * GROUP_BYTES > blocks - index) {
        return refuse(err, "the index lies outside the file");
    }
    *snapshot = (struct snapshot){
        .bytes = bytes,
        .len = len,
        .group_count = (uint32_t)groups,
        .is_signed = load_u32(bytes + HEADER_FLAGS) & SNAPSHOT_SIGNED,
        .origin = {.epoch = snapshot_text_at(bytes, blocks, bytes + HEADER_EPOCH),
                   .serial = (int64_t)load_u64(bytes + HEADER_SERIAL),
                   .made_at_seconds = (int64_t)load_u64(bytes + HEADER_MADE_AT),
                   .environment = snapshot_text_at(bytes, blocks, bytes + HEADER_ENVIRONMENT),
                   .query = snapshot_text_at(bytes, blocks, bytes + HEADER_QUESTION)}};
    read_answer(bytes, snapshot);
    const struct snapshot_origin *origin = &snapshot->origin;
    return origin->epoch && origin->environment && origin->query
               ? STATUS_OK
               : refuse(err, "a text of the header lies outside the file");
}

// Needs the header alone: a reader learns how much more to read before it reads it.
enum status snapshot_measure(const void *bytes, size_t len, struct snapshot_size *ret_size,
                             struct error *err) {
    const unsigned char *file = bytes;
    if (len < SNAPSHOT_HEAD_BYTES || memcmp(file, snapshot_magic, sizeof snapshot_magic) != 0) {
        return refuse(err, "the file does not begin with the mark of a snapshot");
    }
    uint32_t version = load_u32(file + HEADER_VERSION);
    if (version != SNAPSHOT_VERSION && version != SNAPSHOT_VERSION_OLD) {
        return fail(err, STATUS_INVALID, NULL,
                    "The snapshot has format %u; this program reads the formats %d and %d", version,
                    SNAPSHOT_VERSION_OLD, SNAPSHOT_VERSION);
    }
    uint64_t blocks = load_u64(file + HEADER_BLOCKS);
    uint64_t whole = load_u64(file + HEADER_FILE_SIZE);
    if (!check_matches(file) || load_u32(file + HEADER_FLAGS) > SNAPSHOT_SIGNED) {
        return refuse(err, "the header was altered");
    }
    if (blocks < header_bytes(file) || blocks > whole || whole > LIMIT_SNAPSHOT_BYTES) {
        return refuse(err, "the sizes in the header contradict each other");
    }
    *ret_size = (struct snapshot_size){.index = blocks, .whole = whole};
    return STATUS_OK;
}

enum status snapshot_open(const void *bytes, size_t len, struct snapshot *ret_snapshot,
                          struct error *err) {
    const unsigned char *file = bytes;
    struct snapshot snapshot;
    struct snapshot_size size;
    enum status status = snapshot_measure(bytes, len, &size, err);
    if (status) {
        return status;
    }
    // Before any digest: a truncated download is the usual damage, and gets its own message.
    if (size.whole != len) {
        return refuse(err, "the file is truncated, or something was appended");
    }
    if (!snapshot_digest_matches(file + HEADER_CONTENT, size.index - HEADER_CONTENT,
                                 file + HEADER_DIGEST)) {
        return refuse(err, "the header or the index was altered");
    }
    status = read_header(file, len, size.index, &snapshot, err);
    if (status) {
        return status;
    }
    *ret_snapshot = snapshot;
    return STATUS_OK;
}

static const char *group_name(const struct snapshot *snapshot, const unsigned char *entry) {
    size_t blocks = load_u64(snapshot->bytes + HEADER_BLOCKS);
    // A damaged name compares as "", so that the search ends without finding it.
    const char *name = snapshot_text_at(snapshot->bytes, blocks, entry + GROUP_NAME);
    return name ? name : "";
}

// Whether every text of a record lies in the block, and those that every record has are there: nobody
// who reads them looks for NULL.
static bool record_is_sound(const struct snapshot_group *group, const unsigned char *record) {
    for (size_t t = 0; t < group->record_texts; t++) {
        const unsigned char *reference = record + t * 8;
        bool is_there = load_u32(reference);
        bool is_needed = t == TEXT_NAME || t == TEXT_SOURCE;
        if (is_there ? !snapshot_text_at(group->block, group->block_len, reference) : is_needed) {
            return false;
        }
    }
    return true;
}

// All of them, once: snapshot_record follows references without looking.
static bool records_are_sound(const struct snapshot_group *group) {
    for (size_t i = 0; i < group->record_count; i++) {
        if (!record_is_sound(group, group->block + i * group->record_texts * 8)) {
            return false;
        }
    }
    return true;
}

// The numbers come from the file: each is compared in 64 bits before it is used, so that no sum can wrap.
enum status snapshot_extent(const struct snapshot *snapshot, uint32_t index, size_t *ret_offset,
                            size_t *ret_len, struct error *err) {
    if (index >= snapshot->group_count) {
        return fail(err, STATUS_NOT_FOUND, NULL, "The snapshot does not hold this group");
    }
    const unsigned char *entry = entry_at(snapshot, index);
    uint64_t offset = load_u64(entry + GROUP_BLOCK);
    uint64_t size = load_u64(entry + GROUP_SIZE);
    uint64_t blocks = load_u64(snapshot->bytes + HEADER_BLOCKS);
    if (offset < blocks || offset > snapshot->len || size > snapshot->len - offset ||
        (uint64_t)load_u32(entry + GROUP_RECORDS) * record_texts(snapshot) * 8 > size) {
        return fail(err, STATUS_MALFORMED, group_name(snapshot, entry),
                    "The snapshot is damaged: a group lies outside the file");
    }
    *ret_offset = offset;
    *ret_len = size;
    return STATUS_OK;
}

enum status snapshot_group_at(const struct snapshot *snapshot, uint32_t index,
                              struct snapshot_group *ret_group, struct error *err) {
    size_t offset;
    size_t size;
    enum status status = snapshot_extent(snapshot, index, &offset, &size, err);
    if (status) {
        return status;
    }
    const unsigned char *entry = entry_at(snapshot, index);
    struct snapshot_group group = {.name = group_name(snapshot, entry),
                                   .record_count = load_u32(entry + GROUP_RECORDS),
                                   .record_texts = record_texts(snapshot),
                                   .block = snapshot->bytes + offset,
                                   .block_len = size};
    // A group is checked when it is asked for. Opening a large file therefore costs its index only.
    if (!snapshot_digest_matches(group.block, size, entry + GROUP_DIGEST) ||
        !records_are_sound(&group)) {
        return fail(err, STATUS_MALFORMED, group.name,
                    "The snapshot is damaged: this group was altered");
    }
    *ret_group = group;
    return STATUS_OK;
}

// The index is sorted by the bytes of the names, as strcmp orders them.
enum status snapshot_read_index(const struct snapshot *snapshot, const char *group,
                                uint32_t *ret_index, struct error *err) {
    uint32_t low = 0;
    uint32_t high = snapshot->group_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(group_name(snapshot, entry_at(snapshot, middle)), group);
        if (order == 0) {
            *ret_index = middle;
            return STATUS_OK;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return fail(err, STATUS_NOT_FOUND, group, "The snapshot does not hold this group");
}

enum status snapshot_read_group(const struct snapshot *snapshot, const char *group,
                                struct snapshot_group *ret_group, struct error *err) {
    uint32_t index;
    enum status status = snapshot_read_index(snapshot, group, &index, err);
    return status ? status : snapshot_group_at(snapshot, index, ret_group, err);
}

static const char *record_text(const struct snapshot_group *group, uint32_t index, size_t text) {
    size_t reference_at = (size_t)index * group->record_texts * 8 + text * 8;
    const unsigned char *reference = group->block + reference_at;
    return text < group->record_texts && load_u32(reference)
               ? (const char *)group->block + load_u32(reference)
               : NULL;
}

// Pointers into the file: a record costs no allocation, and dies with the bytes.
void snapshot_record(const struct snapshot_group *group, uint32_t index,
                     struct record *ret_record) {
    *ret_record = (struct record){
        .group = group->name,
        .name = record_text(group, index, TEXT_NAME),
        .value = record_text(group, index, TEXT_VALUE),
        .package = record_text(group, index, TEXT_PACKAGE),
        .version = record_text(group, index, TEXT_VERSION),
        .source = record_text(group, index, TEXT_SOURCE),
        .label = record_text(group, index, TEXT_LABEL),
        .origin = record_text(group, index, TEXT_ORIGIN),
        .manifest = record_text(group, index, TEXT_MANIFEST),
        .shadowed_by = record_text(group, index, TEXT_SHADOWED_BY),
        .settings = record_text(group, index, TEXT_SETTINGS),
        .state = record_text(group, index, TEXT_STATE),
    };
}

// Parsed on demand: few records have findings, and few callers look at them.
enum status snapshot_read_findings(const struct snapshot_group *group, uint32_t index,
                                   struct findings *findings, struct error *err) {
    const char *text = record_text(group, index, TEXT_FINDINGS);
    scoped(cleanup_json) json_t *object = NULL;
    if (!text) {
        return STATUS_OK;
    }
    enum status status = json_parse(text_from(text), group->block_len, &object, err);
    if (status) {
        return status;
    }
    if (!findings_decode(findings, json_object_get(object, "errors"), SEVERITY_ERROR) ||
        !findings_decode(findings, json_object_get(object, "warnings"), SEVERITY_WARNING)) {
        return refuse(err, "the findings of a record cannot be read");
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}
