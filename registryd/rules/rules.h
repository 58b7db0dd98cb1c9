// SPDX-License-Identifier: MIT
// The rules that speak against a release by itself, without looking at the others of its package: a
// table of code, test and sentence in the order in which they are asked. Used by one thread.
#pragma once

#include "registryd/rules/facts.h"
#include "registryd/candidates/package.h"

// A package under judgement: what the environment decided about it.
struct rule_subject {
    struct facts *facts;
    const struct package *package;
    const struct environment_plugin *plugin; // NULL = nothing is decided
    const struct specifier_set *pin;         // NULL = none
};

struct rule {
    const char *code;
    bool (*speaks_against)(const struct rule_subject *subject,
                           const struct package_release *release);
    // The sentence, in the arena of the facts; asked only when the rule speaks against the release.
    const char *(*describe)(const struct rule_subject *subject,
                            const struct package_release *release);
};

// Out of memory shows in facts->no_memory.
void rule_subject_init(struct rule_subject *subject, struct facts *facts,
                       const struct package *package);

// The first rule that speaks against the release; NULL = it fits. Static.
const struct rule *rules_find(const struct rule_subject *subject,
                              const struct package_release *release);

// Whether the environment sets the rule of a code aside for this package now. The answer then expires with
// the exception.
bool rules_except(const struct rule_subject *subject, const char *code);

// Why the environment does not know every permission that a release asks for; NULL when it does, or does not list
// permissions, or out of memory. In the arena of the facts.
const char *rules_tell_permission(struct facts *facts, const struct package *package,
                                  const struct package_release *release);

// When a release reaches the minimum age, as RFC 3339. In the arena of the facts; NULL when out of memory.
const char *rules_eligible_at(const struct facts *facts, const struct package_release *release);

// Why a release is quarantined, by itself or with its package. In the arena of the facts; NULL when out of memory.
const char *rules_tell_quarantined(struct facts *facts, const struct package *package,
                                   const struct package_release *release);

// The releases that no rule speaks against, in the order of preference: the newest first; when pre-releases
// are not taken, those come behind all final releases. Each has a place. Moves *place to the first of them from
// there on; NULL = there is none.
const struct package_release *rules_choose(const struct rule_subject *subject, size_t *place);

// Whether the host takes pre-releases of this package like final releases.
bool rules_take_prereleases(const struct rule_subject *subject);
