// SPDX-License-Identifier: MIT
// The form that upload tools send: what it says of its file, and the file itself. Tools differ in which fields
// they send and how they spell them, so only what matters is read; the truth about a release is in the file.
#pragma once

#include "registryd/request/upload.h"

struct legacy_form {
    const char *action; // NULL: not sent, as all below
    const char *protocol_version;
    const char *filetype;
    const char *metadata_version;
    const char *name;
    const char *version;
    const char *md5_digest;
    const char *sha256_digest;
    const char *blake2_256_digest;
    const char *attestations;  // JSON
    struct uploaded_file file; // .fd is -1 until it came
};

// Reads the whole form. Fields that are not known, and empty ones, are skipped. The right to publish the
// package is asked as soon as the file's name is known, before its bytes are received. The
// caller calls uploaded_file_done for `form->file` in every case.
// Fails with: MALFORMED, TOO_LARGE, INVALID (the file's name), FORBIDDEN, DISK_FULL, NO_MEMORY,
// and as the source.
enum status legacy_form_read(struct api *api, const struct request *request,
                             struct findings *findings, struct legacy_form *form,
                             struct error *err);

// Whether what it says is complete and true of its file, which is hashed for that: form->file.sha256.
// Fails with: MALFORMED, IO.
enum status legacy_form_check(struct legacy_form *form, struct findings *findings,
                              struct error *err);
