// SPDX-License-Identifier: MIT
// Requirements of the most frequent form, "crm>=1.2,<3": judged from their text, without parsing. Any thread.
#pragma once

#include <stdbool.h>

enum plain_verdict { PLAIN_UNKNOWN, PLAIN_ACCEPTS, PLAIN_REFUSES };

// Whether a requirement is a name and comparisons with plain versions, such as 1.2: no extras, no marker, no
// address, no white space. Every such text can be parsed.
bool plain_is_requirement(const char *requirement);

// What a plain requirement says to a version, as its specifiers would; unknown unless the version is plain too.
enum plain_verdict plain_judge(const char *requirement, const char *version);
