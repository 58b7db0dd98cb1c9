// SPDX-License-Identifier: MIT
// A wheel while it is written: a zip of files that the caller adds in the order of their paths, and at the
// end RECORD, which lists each with its digest. The same files give the same bytes: every file has one
// time, one owner and one of two modes. One thread.
#pragma once

#include "schema/base/cleanup.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct wheel_zip;

// A file of a wheel. Borrowed for the call.
struct wheel_zip_file {
    const char *path; // in the wheel, with '/'
    struct text bytes;
    bool is_executable;
};

// Begins a wheel, whose bytes go to `bytes`, which is empty; its max_bytes is the limit, below 4 GiB. Owned: wheel_zip_free.
// Fails with: NO_MEMORY.
enum status wheel_zip_new(struct buffer *bytes, struct wheel_zip **ret_zip, struct error *err);
void wheel_zip_free(struct wheel_zip *zip);
CLEANUP_DEFINE(struct wheel_zip *, cleanup_wheel_zip, wheel_zip_free)

// Fails with: TOO_LARGE (the wheel, or more files than a registry takes), NO_MEMORY, INTERNAL.
enum status wheel_zip_add(struct wheel_zip *zip, const struct wheel_zip_file *file,
                          struct error *err);

// Adds RECORD in the directory `dist_info` and ends the zip. Fails as wheel_zip_add.
enum status wheel_zip_end(struct wheel_zip *zip, const char *dist_info, struct error *err);
