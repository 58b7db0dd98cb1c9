// SPDX-License-Identifier: MIT
// Specifier sets: PEP 440 ("~=", "==", "!=", "<=", ">=", "<", ">", "==="), comma = and. The two
// questions of the standard's reference implementation are kept apart: `contains` for one version,
// `filter` for a list with the pre-release rule. Immutable, callable from any thread.
#pragma once

#include "schema/packaging/version/version.h"

struct specifier_set;

// What the caller says about pre-releases: PRERELEASES_DEFAULT leaves it to the set.
// By the standard, ">=1" does not take 2.0rc1 unless nothing else matches, and ">=2.0rc1" does.
enum prereleases { PRERELEASES_DEFAULT, PRERELEASES_ALLOW, PRERELEASES_REFUSE };

// Parses a set; empty text is the set that accepts everything. Arena.
// Fails with: INVALID (names the clause), TOO_LARGE, NO_MEMORY.
enum status specifier_set_parse(struct arena *arena, struct text text,
                                const struct specifier_set **ret_set, struct error *err);

// The normal form: clauses sorted, without white space. Borrowed from the set.
const char *specifier_set_string(const struct specifier_set *set);

// Whether the set itself names a pre-release in a clause that allows one.
bool specifier_set_allows_prereleases(const struct specifier_set *set);

// Whether a clause names one version alone: "==" without ".*", or "===".
bool specifier_set_pins(const struct specifier_set *set);

// Whether `version` is accepted, as packaging's SpecifierSet.contains. Cannot fail.
bool specifier_set_contains(const struct specifier_set *set, const struct version *version,
                            enum prereleases prereleases);

// Sets ret_keep[i] for the versions that pass, as packaging's SpecifierSet.filter: pre-releases
// only when allowed, or when nothing else is accepted. Returns how many were kept.
size_t specifier_set_filter(const struct specifier_set *set, const struct version *const *versions,
                            size_t count, enum prereleases prereleases, bool *ret_keep);
