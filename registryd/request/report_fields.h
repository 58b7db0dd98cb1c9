// SPDX-License-Identifier: MIT
// What the two files that read reports share: members with their types and bounds, and the findings
// that are made when one is not kept. `where` is the JSON pointer of the object that holds the member.
#pragma once

#include "registryd/request/api.h"

struct report_reading {
    struct arena *arena;
    struct findings *findings;
};

struct report_text {
    const char *key;
    size_t max_bytes;
    bool required;
    bool one_line; // shown in lines and tables: no control characters
};

// Adds an error.
void report_add_error(struct report_reading *reading, const char *code, const char *where,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

// A member of that type, or NULL: absent (null counts as absent), or, with a finding, of another type.
// Absent with `required` is a finding too.
const json_t *report_member(struct report_reading *reading, const json_t *object, const char *where,
                            const struct report_text *member, json_type type);

// The text of a member; NULL when absent or not as the row wants it. Borrowed from the JSON.
const char *report_member_text(struct report_reading *reading, const json_t *object,
                               const char *where, const struct report_text *member);

// A warning for every key that is none of these.
void report_warn_unknown(struct report_reading *reading, const json_t *object, const char *where,
                         const char *const *keys, size_t count);

// Whether a list keeps its limit; a finding if not.
bool report_count_fits(struct report_reading *reading, const char *where, size_t count,
                       size_t limit);

// The report of one group (report_parity.c), at `where`; `origin` is the object that its summary begins
// with. Faults are findings; false when out of memory.
bool report_parity_decode(struct report_reading *reading, const json_t *object, const char *where,
                          json_t *origin, struct parity_report *ret_report);
