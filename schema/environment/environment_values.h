// SPDX-License-Identifier: MIT
// Values that packages and single entry points have alike. Internal to this folder.
#pragma once

#include "schema/object.h"

// Reads a pin into its normal form. NULL for the empty pin, and after an error.
const char *environment_read_pin(struct object_reader *reader, const char *where,
                                 const json_t *value);

// RFC 6901: "/a/b", with "~0" for "~" and "~1" for "/".
bool environment_is_pointer(const char *text);

// Reads settings as canonical JSON. NULL for an object without members, and after an error.
const char *environment_read_settings(struct object_reader *reader, const char *where,
                                      const json_t *value);
