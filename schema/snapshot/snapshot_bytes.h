// SPDX-License-Identifier: MIT
// The bytes of a snapshot, for the files of this folder: following a reference within its bounds, and
// appending to a file that is being written. Every offset of a file goes through snapshot_text_at.
#pragma once

#include "schema/base/text.h"
#include "schema/decision.h"

#include <stdint.h>

// The text that a reference inside [base, base+len) names: within it, and with its NUL. NULL when not.
//     reference {offset, len} -> base + offset: len bytes and a NUL, all of them inside the block
const char *snapshot_text_at(const unsigned char *base, size_t len, const unsigned char *reference);

bool snapshot_digest_matches(const unsigned char *bytes, size_t len, const unsigned char *digest);

// ---- writing; the buffer remembers the first failure ----

// The address of an offset. Computed at each use: the buffer moves when it grows.
static inline unsigned char *snapshot_at(struct buffer *buffer, size_t offset) {
    return (unsigned char *)buffer->ptr + offset;
}

void snapshot_add_zeros(struct buffer *buffer, size_t count);

// Zeros up to the next multiple of 8: everything begins at one.
void snapshot_add_padding(struct buffer *buffer);

// Appends a text with its NUL and writes where it lies, counted from `base`, into the reference at
// `reference`. NULL leaves the reference as zeros.
void snapshot_add_text(struct buffer *buffer, size_t base, size_t reference, const char *text);

// Appends the block of decisions and describes it in the header.
void snapshot_add_decisions(struct buffer *buffer, const struct decisions *decisions);
