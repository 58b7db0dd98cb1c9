// SPDX-License-Identifier: MIT
// The file in a request that uploads one: the body itself with its name in ?filename=, or a file of a form. Its
// name is checked here, once: behind this it may stand in an address, a header, a log line and a command line.
// Its bytes go into an unnamed file on disk while they arrive, and never stand in memory whole; that file goes
// away with its descriptor, whatever happens to the daemon.
#pragma once

#include "registryd/request/api.h"
#include "registryd/request/multipart.h"

struct uploaded_file {
    const char *filename;
    int fd;                      // of the unnamed file; -1 = nothing was received
    int64_t size;                // at least 1 once it is received
    uint8_t sha256[32];          // filled in by who hashes it: after the rights are known
    const char *attestations;    // JSON, checked by who read it; NULL: none
    const char *uploaded_at;     // RFC 3339: when another registry got it; NULL: now
    const char *normalized_name; // of the package, as the file name has it
    const char *normalized_version;
    bool is_wheel;
    bool is_form; // then the name is known only once the body is read
};

// Closes the file. `scoped(uploaded_file_done) struct uploaded_file upload = {.fd = -1};`
void uploaded_file_done(struct uploaded_file *upload);

// Whether a body of this type is a file, for routes that take documents as well. NULL is no file.
bool upload_is_file(const char *content_type);

// What the head says of the file: all but its bytes, or only `is_form`.
// Fails with: UNSUPPORTED_MEDIA, USAGE (?filename), and as upload_check_name.
enum status upload_begin(const struct request *request, struct findings *findings,
                         struct uploaded_file *upload, struct error *err);

// Reads upload->filename. Arena. Fails with: INVALID (it is not the name of a wheel or sdist; a finding
// "artifact-name-invalid"), NO_MEMORY.
enum status upload_check_name(struct arena *arena, struct findings *findings,
                              struct uploaded_file *upload, struct error *err);

// Receives the bytes: the body, or the content of the form's part at hand.
// Fails with: TOO_LARGE, MALFORMED (the file is empty; the form), DISK_FULL, IO, and as the source.
enum status upload_receive_body(const struct api *api, const struct request *request,
                                struct uploaded_file *upload, struct error *err);
enum status upload_receive_part(const struct api *api, struct multipart *form,
                                struct uploaded_file *upload, struct error *err);
