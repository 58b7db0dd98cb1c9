// SPDX-License-Identifier: MIT
// Requirements (PEP 508): `name [extras] specifiers ; marker` or `name [extras] @ URL ; marker`. A
// parsed requirement is immutable and lives in the arena it was parsed into. Callable from any
// thread.
#pragma once

#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/version/specifier.h"

// `Honeyframe.CRM[Mail] >=1, <2 ; os_name == "posix"` has the normalised name "honeyframe-crm", the
// extra "mail", two specifiers and a marker. A requirement has a URL or specifiers, never both.
struct requirement {
    const char *name;            // as written
    const char *normalized_name; // PEP 503
    const char *const *extras;   // normalised, sorted, each once
    size_t extra_count;
    const struct specifier_set *specifiers; // never NULL; empty when none are given
    const char *url;                        // NULL when there is none
    const char *string; // the normal form: `name[a,b]<2,>=1; os_name == "posix"`, `name @ URL ; …`
    const struct marker *marker; // NULL when there is none
};

// Parses one requirement. Arena. Fails with: INVALID (says which part), TOO_LARGE, NO_MEMORY.
enum status requirement_parse(struct arena *arena, struct text text,
                              const struct requirement **ret_requirement, struct error *err);

// Whether the marker holds; a requirement without a marker always applies. Cannot fail.
struct marker_result requirement_applies(const struct requirement *requirement,
                                         const struct marker_environment *environment);
