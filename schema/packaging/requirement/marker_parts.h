// SPDX-License-Identifier: MIT
// The layout of a parsed marker, shared by the marker_*.c files alone. A marker is a chain
// of terms; a term that `or` stands before begins a new alternative, all others are joined by `and`.
#pragma once

#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/version/specifier_parts.h"

enum marker_operator {
    MARKER_IN, // the left text is part of the right one
    MARKER_NOT_IN,
    MARKER_ARBITRARY,  // ===: equal as texts
    MARKER_COMPATIBLE, // ~=: only of versions
    MARKER_EQUAL,
    MARKER_NOT_EQUAL,
    MARKER_LESS_EQUAL,
    MARKER_GREATER_EQUAL,
    MARKER_LESS,
    MARKER_GREATER,
    MARKER_OPERATOR_COUNT
};

// One side of a comparison: a variable, or text and what version it is, if any.
struct marker_operand {
    bool is_variable; // else a quoted text
    enum marker_variable variable;
    const char *text;              // of a quoted text
    const struct version *version; // what the text is as a version; NULL: it is none
};

// `a or b and (c or d)` is a chain of three terms, and the third holds a chain of its own:
//
//     a            begins_alternative
//     b            begins_alternative
//     (…)          nested: c, then d; both begin an alternative there
//
// A marker holds when all terms of one alternative hold.
struct marker_term {
    const struct marker_term *next;
    bool begins_alternative;          // an "or" stands before it, or nothing
    const struct marker_term *nested; // parentheses; NULL for a comparison
    enum marker_operator operation;
    struct marker_operand left;
    struct marker_operand right;
    const struct specifier_clause *clause; // operator and right text, when they make one
};

struct marker {
    const struct marker_term *terms; // in their order
    const char *string;              // the normal form
};

struct marker_operator_row {
    const char *word;                  // as it is written
    enum specifier_operator specifier; // not for `in` and `not in`
};

const struct marker_operator_row *marker_operator_row(enum marker_operator operation);

// The normal form, into marker->string.
enum status marker_make_string(struct arena *arena, struct marker *marker, struct error *err);

// True for the variables whose values are compared as versions when both sides are versions.
bool marker_variable_is_version(enum marker_variable variable);
