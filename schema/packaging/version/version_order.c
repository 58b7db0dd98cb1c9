// SPDX-License-Identifier: MIT
// The order of versions, twice: compared number by number, and as bytes. Both must agree for every pair:
// the index compares parsed versions and the database compares keys.
//
// The key: every number is its digit count plus one (in one byte, or 255 and a second byte) and its digits;
// zero has no digits. Every list is closed by a zero byte, which is less than the first byte of any
// continuation; ranks are single bytes in PEP 440 order. 1.10 is 02 31 03 31 30 00 …. A key is stored in
// databases: its form may not change without a migration.
#include "schema/packaging/version/version_parts.h"

#include "schema/base/limits.h"

#include <string.h>

// ---- comparing ----

static const struct text zero = {"0", 1};

struct text version_release_at(const struct version *version, size_t index) {
    return index < version->release_count ? version->release[index] : zero;
}

bool version_segment_is_number(struct text segment) {
    size_t digits = 0;
    while (digits < segment.len && is_digit(segment.ptr[digits])) {
        digits++;
    }
    return digits == segment.len;
}

// Without leading zeros the longer number is the greater one.
int version_compare_numbers(struct text a, struct text b) {
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return memcmp(a.ptr, b.ptr, a.len);
}

static int compare_sizes(size_t a, size_t b) {
    return a < b ? -1 : a > b;
}

// Trailing zeros were counted off when parsing, so 1.0 and 1.0.0 end at the same place.
int version_compare_base(const struct version *a, const struct version *b) {
    int order = version_compare_numbers(a->epoch, b->epoch);
    size_t count =
        a->release_stripped > b->release_stripped ? a->release_stripped : b->release_stripped;
    for (size_t i = 0; order == 0 && i < count; i++) {
        order = version_compare_numbers(version_release_at(a, i), version_release_at(b, i));
    }
    return order;
}

// `absent` is the order of a version without this part against one with it.
static int compare_optional(struct text a, struct text b, int absent) {
    if (!a.ptr || !b.ptr) {
        return a.ptr ? -absent : b.ptr ? absent : 0;
    }
    return version_compare_numbers(a, b);
}

// 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0a1.post1 < 1.0 < 1.0.post1.dev1 < 1.0.post1: without a post-release sorts
// before one, without a development release after one.
int version_compare_public(const struct version *a, const struct version *b) {
    int order = version_compare_base(a, b);
    if (order == 0) {
        order = (int)a->pre_rank - (int)b->pre_rank;
    }
    if (order == 0) {
        order = compare_optional(a->pre, b->pre, 0);
    }
    if (order == 0) {
        order = compare_optional(a->post, b->post, -1);
    }
    return order ? order : compare_optional(a->dev, b->dev, 1);
}

// Numbers are greater than text.
// The standard: numbers by value, words by their letters, 1.0+a before 1.0+1.
static int compare_local_segments(struct text a, struct text b) {
    bool a_number = version_segment_is_number(a);
    bool b_number = version_segment_is_number(b);
    if (a_number && b_number) {
        return version_compare_numbers(a, b);
    }
    if (a_number || b_number) {
        return a_number ? 1 : -1;
    }
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order ? order : compare_sizes(a.len, b.len);
}

// 1.0 < 1.0+a < 1.0+a.b: a local part that goes on is the greater one.
int version_compare(const struct version *a, const struct version *b) {
    int order = version_compare_public(a, b);
    size_t both = a->local_count < b->local_count ? a->local_count : b->local_count;
    for (size_t i = 0; order == 0 && i < both; i++) {
        order = compare_local_segments(a->local[i], b->local[i]);
    }
    return order ? order : compare_sizes(a->local_count, b->local_count);
}

const char *version_string(const struct version *version) {
    return version->string;
}

bool version_is_prerelease(const struct version *version) {
    return version->pre_rank != PRE_NONE || version->dev.ptr;
}

bool version_is_postrelease(const struct version *version) {
    return version->post.ptr != NULL;
}

bool version_has_local(const struct version *version) {
    return version->local_count > 0;
}

// ---- keys ----

enum {
    LIST_END = 0,     // closes a list; less than any beginning of an item
    LOCAL_TEXT = 1,   // words sort before numbers
    LOCAL_NUMBER = 2, // of a local part
    PART_LOW = 1,     // sorts before PART_HIGH
    PART_HIGH = 2,    // sorts after PART_LOW
    ESCAPE = 255,     // a second byte holds the rest of the length
    // Two bytes more for every number, of which a version of n bytes has at most n / 2 + 1; seven
    // for ranks and list ends.
    KEY_MAX_BYTES = 4 * LIMIT_VERSION_BYTES + 16,
};

// By length first, so that 9 sorts before 10 as bytes; lengths beyond 253 need the second byte.
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

// A word is closed by LIST_END, so that "a" sorts before "ab".
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

// A key that memcmp, and so the database, orders as PEP 440 does. A part that is absent sorts before
// or after all its values: 1.0.dev1 < 1.0a1 < 1.0 < 1.0.post1.
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
