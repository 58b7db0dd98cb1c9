// SPDX-License-Identifier: MIT
// The body of a request that changes the registry: a JSON object whose every key is known. What it may
// hold is small, so an unknown key is refused, not left out: a typo would change something else than
// was meant.
#pragma once

#include "registryd/request/report_fields.h"

#include <jansson.h>

struct change_form {
    const char *what; // begins sentences: "A contract"
    const char *const *keys;
    size_t key_count;
};

// Reads the body as an object of known keys. *ret_object is owned.
// Fails with: UNSUPPORTED_MEDIA, MALFORMED, TOO_LARGE, INVALID (findings hold the unknown keys, and
// *ret_object is not set), NO_MEMORY.
enum status change_body_parse(const struct request *request, const struct change_form *form,
                              struct findings *findings, json_t **ret_object, struct error *err);

// A text of one line or more, copied into the request's arena; NULL when absent or empty. Faults are
// findings. False when out of memory.
bool change_body_text(struct report_reading *reading, const json_t *object,
                      const struct report_text *member, const char **ret_text);
