// SPDX-License-Identifier: MIT
// JSON bodies of requests: one form says what a body may hold, and every route answers the same mistake
// in the same words (schema/object.h).
#pragma once

#include "registryd/request/api.h"
#include "schema/object.h"

#include <jansson.h>

struct body_form {
    const char *what; // begins sentences: "A contract"
    const struct object_member *members;
    size_t member_count;
    size_t max_bytes;     // of the body
    bool may_be_empty;    // no body at all is an empty object
    bool ignores_unknown; // an unknown key is a warning, not an error
};

// Reads the body as JSON of any type; object_decode refuses what is not an object. *ret_json is owned.
// Fails with: UNSUPPORTED_MEDIA, MALFORMED, TOO_LARGE, NO_MEMORY.
enum status body_parse(const struct request *request, const struct body_form *form,
                       json_t **ret_json, struct error *err);

// A reader of the members of this form, into the request's arena.
struct object_reader body_reader(const struct request *request, const struct body_form *form,
                                 struct findings *findings);

// Reads the body and decodes its members into `target`; texts live in the request's arena. Nothing that
// a row borrows from the JSON may be kept: use body_parse for such forms.
// Fails with: as body_parse; INVALID (findings hold every fault).
enum status body_decode(const struct request *request, const struct body_form *form,
                        struct findings *findings, void *target, struct error *err);
