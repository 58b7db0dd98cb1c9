// SPDX-License-Identifier: MIT
// The layout of a parsed specifier set, shared by specifier_set.c and the markers and
// nobody else.
#pragma once

#include "schema/packaging/version/specifier.h"

enum specifier_operator {
    OPERATOR_ARBITRARY,     // ===
    OPERATOR_COMPATIBLE,    // ~=
    OPERATOR_EQUAL,         // ==, also with .* behind it
    OPERATOR_NOT_EQUAL,     // !=, also with .* behind it
    OPERATOR_LESS_EQUAL,    // <=
    OPERATOR_GREATER_EQUAL, // >=
    OPERATOR_LESS,          // <
    OPERATOR_GREATER,       // >
};

struct specifier_clause {
    enum specifier_operator kind;
    bool prefix;                   // "== 1.2.*"
    struct text version_text;      // as written
    const struct version *version; // NULL only for "===" with text that is no version
    struct text text;              // operator and version without white space
};

// All clauses must accept a version. Sorting makes ">=1,<2" and "<2, >=1" one text, so that two
// documents which differ only in that order have one digest.
struct specifier_set {
    const struct specifier_clause *clauses; // sorted by text
    size_t clause_count;
    bool names_prerelease; // a clause names one, so pre-releases may be chosen
    const char *string;    // the normal form
};

// One clause without commas ("~=" and "1.4"). Arena. Fails with: INVALID, TOO_LARGE, NO_MEMORY.
enum status specifier_clause_parse(struct arena *arena, struct text text,
                                   struct specifier_clause *ret_clause, struct error *err);

// A clause around a version that is parsed already; false when the operator does not take it.
bool specifier_clause_init(struct specifier_clause *clause, enum specifier_operator kind,
                           const struct version *version);

// Whether the clause takes the version, pre-release or not. Cannot fail.
bool specifier_clause_accepts(const struct specifier_clause *clause, const struct version *version);
