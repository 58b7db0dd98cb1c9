// SPDX-License-Identifier: MIT
// Small JSON bodies: one object with a few members of known types. An unknown member is refused by
// name, as an unknown parameter is.
#pragma once

#include "registryd/request/api.h"

struct body_member {
    const char *name;
    json_type type;   // JSON_TRUE stands for both booleans
    size_t max_bytes; // of a text
    bool required;
};

// Parses the body and checks it against the members; null counts as absent. An empty body is an empty
// object. *ret_json is owned.
// Fails with: UNSUPPORTED_MEDIA, MALFORMED, INVALID (with the member as its place), TOO_LARGE,
// NO_MEMORY.
enum status body_decode(const struct request *request, const struct body_member *members,
                        size_t count, json_t **ret_json, struct error *err);

// The text of a member; NULL when absent. Borrowed from the JSON.
const char *body_text(const json_t *json, const char *name);
