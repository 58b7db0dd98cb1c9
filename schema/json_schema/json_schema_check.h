// SPDX-License-Identifier: MIT
// One check of one value while it runs: what the keywords of json_schema_assert.c and json_schema_apply.c work with.
// For the files json_schema_*.c only.
#pragma once

#include "schema/json_schema/json_schema_node.h"

// A value on the way from the root of what is checked; the pointer is written only for a mistake.
struct schema_spot {
    const json_t *value;
    const struct schema_spot *parent; // NULL at the root
    const char *key;                  // in an object; NULL in an array
    size_t index;                     // in an array
    bool is_key; // the value is the name of a member, which stands at the parent
};

// Which items or members of one value some keyword has judged: what unevaluatedItems and unevaluatedProperties leave
// alone. Members are counted in the order in which jansson gives them.
struct schema_marks {
    bool *seen;
    size_t count;
};

// The resources on the way, from the outermost to the one at work; $dynamicRef asks them.
struct schema_scope {
    const struct schema_resource *resource;
    const struct schema_scope *outer;
};

// The mistake deepest in the value that an alternative met. The alternative that came furthest is reported.
struct schema_mistake {
    const char *where;   // NULL: none yet
    const char *message; // arena of the check
    size_t depth;
    bool is_ignored; // only yes or no is wanted
};

struct schema_check {
    const struct json_schema *schema;
    struct arena *arena;          // dies with the check
    struct regex_room *room;      // made when the first pattern needs it
    const char *where;            // stands before the pointers of the value
    struct findings *findings;    // where mistakes go
    struct schema_mistake *quiet; // or here, when it is not NULL
    const struct schema_scope *scope;
    size_t steps; // that are left; 0: the check is over
    size_t depth;
    bool is_too_deep;
    bool no_memory;
};

// Checks a value against a schema. Marks, when not NULL, are those of the same value.
bool schema_accepts(struct schema_check *check, const json_t *schema,
                    const struct schema_spot *spot, struct schema_marks *marks);

// As schema_accepts, but a mistake is only noted in *mistake.
bool schema_tries(struct schema_check *check, const json_t *schema, const struct schema_spot *spot,
                  struct schema_marks *marks, struct schema_mistake *mistake);

// Reports a mistake and returns false.
bool schema_refuses(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Takes steps; false when none are left.
bool schema_spend(struct schema_check *check, size_t count);

bool schema_pattern_matches(struct schema_check *check, const struct schema_pattern *pattern,
                            struct text text);

// The value of another keyword of the same schema; NULL when it is not there.
const json_t *schema_sibling(const struct schema_use *use, const char *keyword);

// A value as a message quotes it: JSON, cut when long. Arena of the check.
const char *schema_shown(struct schema_check *check, const json_t *value);
