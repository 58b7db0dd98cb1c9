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
// entry_points.txt that is no entry is a warning and costs that line. A directory whose name contradicts
// METADATA is a warning. *ret_release is NULL when entry_points.txt is unreadable as a whole; when neither
// file is there, it has no entry points, and the error "dist-info-empty" is in the findings.
// Fails with: INVALID (findings hold the errors), NO_MEMORY.
enum status dist_info_read(struct arena *arena, const struct dist_info_files *files,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err);
