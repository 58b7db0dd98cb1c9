// SPDX-License-Identifier: MIT
// The file in a request that uploads one: the body itself with its name in ?filename=, or the one file
// of a form. Its name is checked here, once: behind this it may stand in an address, a header, a log
// line and a command line.
#pragma once

#include "registryd/request/api.h"

struct uploaded_file {
    const char *filename;
    struct text bytes;           // borrowed from the body; at least one
    const char *normalized_name; // of the package, as the file name has it
    const char *normalized_version;
    bool is_wheel;
    bool is_form; // then the name is known only once the body is read
};

// What the head says of the file: all but its bytes, or only `is_form`. Fails as upload_decode.
enum status upload_begin(const struct request *request, struct findings *findings,
                         struct uploaded_file *ret_upload, struct error *err);

// Arena. Fails with: UNSUPPORTED_MEDIA, MALFORMED (the form), USAGE (?filename), INVALID (the file
// name is not one of a wheel or sdist; a finding "artifact-name-invalid"), TOO_LARGE, NO_MEMORY.
enum status upload_decode(const struct api *api, const struct request *request,
                          struct findings *findings, struct uploaded_file *ret_upload,
                          struct error *err);
