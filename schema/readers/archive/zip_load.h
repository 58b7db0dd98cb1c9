// SPDX-License-Identifier: MIT
// The bytes of members of a zip whose framing was checked: stored, or inflated by zlib to exactly the
// size and checksum the framing said, with nothing left over. Internal to the readers of artifacts.
#pragma once

#include "schema/readers/archive/archive_members.h"

// Loads the wishes. What is refused is a finding; then false.
bool zip_load(struct reader *reader, const struct archive_members *members,
              struct archive_wish *wishes, size_t wish_count);
