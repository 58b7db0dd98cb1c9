// SPDX-License-Identifier: MIT
// What packages and releases have in common: the path that names them, the release document in a
// request's body, and the members of a release in an answer.
#pragma once

#include "registryd/request/api.h"

struct release_path {
    const char *package; // normalised
    const char *version; // normalised
};

// Reads {name}; `refusal` is the status for a text that is no name. Arena.
// Fails with: `refusal`, NO_MEMORY.
enum status document_package_path(const struct request *request, enum status refusal,
                                  const char **ret_package, struct error *err);

// Reads {name} and {version} in the same way.
enum status document_release_path(const struct request *request, enum status refusal,
                                  struct release_path *ret_path, struct error *err);

// Whether the body is said to be JSON; `what` begins the sentence if not. Fails with:
// UNSUPPORTED_MEDIA.
enum status document_check_json(const struct request *request, const char *what, struct error *err);

// The same for a merge patch (RFC 7396), which may also come under its own media type.
enum status document_check_patch(const struct request *request, const char *what,
                                 struct error *err);

// Decodes the body. Fails with: UNSUPPORTED_MEDIA (a content type other than JSON), and as
// release_decode.
enum status document_decode(const struct request *request, struct findings *findings,
                            const struct release **ret_release, struct error *err);

// {"version","prerelease","yanked","yanked_reason","status","status_reason","requires_python",
//  "published_at","published_by","digest"}. Owned; NULL when out of memory.
json_t *document_encode_release(const struct release_row *row);

// {"name","display_name","status","status_reason","replaced_by","summary","latest_version",
//  "release_count","updated_at"}. Owned; NULL when out of memory.
json_t *document_encode_package(const struct package_row *row);
