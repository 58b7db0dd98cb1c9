// SPDX-License-Identifier: MIT
// A wheel's RECORD against what the wheel holds: every file listed once with its size, nothing listed
// that is not there, and the digests of the members that were loaded. Internal to the wheel reader.
#pragma once

#include "schema/readers/archive/archive.h"

// Each fault is a finding "record-…".
void wheel_record_check(struct reader *reader, const char *record_name, struct text record,
                        const struct archive_members *members,
                        const struct archive_selection *selections, size_t selection_count);
