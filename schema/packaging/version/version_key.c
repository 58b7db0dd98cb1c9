// SPDX-License-Identifier: MIT
// The order-preserving key of a version. A number is its digit count plus one (in one byte, or 255
// and a second byte) and its digits; zero has no digits. Every list is closed by a zero byte, which
// is less than the first byte of any continuation; ranks are single bytes in PEP 440 order. A key
// is stored in databases: its form may not change without a migration.
#include "schema/packaging/version/version_parts.h"

#include "schema/base/limits.h"

#include <string.h>

enum {
    LIST_END = 0,
    LOCAL_TEXT = 1,
    LOCAL_NUMBER = 2,
    PART_LOW = 1,
    PART_HIGH = 2,
    ESCAPE = 255,
    // Two bytes more for every number, of which a version of n bytes has at most n / 2 + 1; seven
    // for ranks and list ends.
    KEY_MAX_BYTES = 4 * LIMIT_VERSION_BYTES + 16,
};

static uint8_t *put_number(uint8_t *out, struct text number) {
    size_t digits = text_equals(number, "0") ? 0 : number.len;
    if (digits + 1 < ESCAPE) {
        *out++ = (uint8_t)(digits + 1);
    } else {
        *out++ = ESCAPE;
        *out++ = (uint8_t)(digits + 1 - ESCAPE);
    }
    memcpy(out, number.ptr, digits);
    return out + digits;
}

// A part that may be absent: `absent` and `present` are its ranks.
static uint8_t *put_optional(uint8_t *out, struct text number, uint8_t absent, uint8_t present) {
    *out++ = number.ptr ? present : absent;
    return number.ptr ? put_number(out, number) : out;
}

static uint8_t *put_local(uint8_t *out, const struct version *version) {
    for (size_t i = 0; i < version->local_count; i++) {
        struct text segment = version->local[i];
        if (version_segment_is_number(segment)) {
            *out++ = LOCAL_NUMBER;
            out = put_number(out, segment);
            continue;
        }
        *out++ = LOCAL_TEXT;
        memcpy(out, segment.ptr, segment.len);
        out += segment.len;
        *out++ = LIST_END;
    }
    *out++ = LIST_END;
    return out;
}

enum status version_key(struct arena *arena, const struct version *version, const uint8_t **ret_key,
                        size_t *ret_len, struct error *err) {
    uint8_t key[KEY_MAX_BYTES];
    uint8_t *out = put_number(key, version->epoch);
    for (size_t i = 0; i < version->release_stripped; i++) {
        out = put_number(out, version->release[i]);
    }
    *out++ = LIST_END;
    *out++ = (uint8_t)version->pre_rank;
    if (version->pre.ptr) {
        out = put_number(out, version->pre);
    }
    out = put_optional(out, version->post, PART_LOW, PART_HIGH);
    out = put_optional(out, version->dev, PART_HIGH, PART_LOW);
    out = put_local(out, version);
    const char *copy = arena_copy(arena, key, (size_t)(out - key));
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_key = (const uint8_t *)copy;
    *ret_len = (size_t)(out - key);
    return STATUS_OK;
}
