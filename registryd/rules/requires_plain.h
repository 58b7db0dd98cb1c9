// SPDX-License-Identifier: MIT
// Requirements of the most frequent form, "crm>=1.2,<3": judged from their text, without parsing. Any thread.
#pragma once

#include <stdbool.h>

enum plain_verdict { PLAIN_UNKNOWN, PLAIN_ACCEPTS, PLAIN_REFUSES };

// The clauses of a plain requirement, in its text; NULL when it is not plain. It is when a name and comparisons with
// plain versions, such as 1.2, are all of it: no extras, no marker, no address, no white space. Every such text can
// be parsed.
const char *plain_find_clauses(const char *requirement);

// What the clauses say to a version, as the specifiers would; unknown unless the version is plain too.
enum plain_verdict plain_judge(const char *clauses, const char *version);
