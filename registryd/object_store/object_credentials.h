// SPDX-License-Identifier: MIT
// The keys of an object store, as the tools of AWS keep them: variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN, or a file with the section [default]. Pure.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct object_credentials {
    const char *access_key;
    const char *secret_key;
    const char *session_token; // NULL: none
};

// `where` names the file in errors. Arena. Fails with: USAGE (it lacks a key), NO_MEMORY.
enum status object_credentials_parse(struct arena *arena, const char *where, struct text file,
                                     struct object_credentials *ret_credentials, struct error *err);
