// SPDX-License-Identifier: MIT
// One block of a tar header, and the extended (pax) headers that go before it: parsed as strictly as
// the formats allow, because readers differ in what they make of the rest. Internal to tar_framing.
#pragma once

#include "schema/readers/archive/archive_members.h"

enum { TAR_BLOCK_BYTES = 512 };

struct tar_header {
    char type;
    size_t size;      // of the data behind it
    struct text name; // as in the block: prefix and name are joined by the caller
    struct text prefix;
    struct text link;
};

// What extended headers say of the next member.
struct tar_extended {
    bool seen;        // there was one
    struct text name; // .ptr NULL: not said
    struct text link;
    struct text size; // decimal
};

// Parses a block that is not all zeros. False after a finding.
bool tar_header_parse(struct reader *reader, const char *block, struct tar_header *ret_header);

// Parses the records of a pax header; `global` ones may only comment. The texts point into `bytes`.
bool tar_extended_parse(struct reader *reader, struct text bytes, bool global,
                        struct tar_extended *ret_extended);
