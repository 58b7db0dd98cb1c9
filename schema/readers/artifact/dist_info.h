// SPDX-License-Identifier: MIT
// An installed distribution: the METADATA (or PKG-INFO) and entry_points.txt of a .dist-info or .egg-info
// directory -> release, with the entry points that the Python runtime would see.
#pragma once

#include "schema/readers/core/reader.h"

struct dist_info_files {
    const char *directory;           // "honeyframe_crm-0.4.0.dist-info"
    struct source_file metadata;     // .bytes NULL: there is none
    struct source_file entry_points; // .bytes NULL: there is none
};

// Reads what is there. The runtime does not look at METADATA to find entry points, so what is wrong with
// it is a warning; without it, name and version are those of the directory's name. A line of
// entry_points.txt that is no entry is a warning and costs that line. *ret_release is NULL when the file
// is unreadable as a whole, or when neither file is there: Python then finds a distribution without
// entry points, which hides another version of it.
// Fails with: INVALID (findings hold the errors), NO_MEMORY.
enum status dist_info_read(struct arena *arena, const struct dist_info_files *files,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err);
