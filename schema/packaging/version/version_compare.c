// SPDX-License-Identifier: MIT
// PEP 440 order and the questions a version answers about itself. Nothing here can fail.
#include "schema/packaging/version/version_parts.h"

#include <string.h>

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

int version_compare_numbers(struct text a, struct text b) {
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return memcmp(a.ptr, b.ptr, a.len);
}

static int compare_sizes(size_t a, size_t b) {
    return a < b ? -1 : a > b;
}

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
