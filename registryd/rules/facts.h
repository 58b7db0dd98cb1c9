// SPDX-License-Identifier: MIT
// What is known of a host while one question is answered: its environment with the question's facts
// over it, compiled, and the verdicts on requirements found so far. A hundred thousand packages share
// few requirements, so each text is read and judged once a question. Used by one thread.
#pragma once

#include "registryd/candidates/contracts.h"
#include "registryd/candidates/package.h"
#include "registryd/candidates/query.h"
#include "registryd/candidates/requirement_memo.h"
#include "registryd/store/store_candidates.h"
#include "schema/base/limits.h"
#include "schema/environment/environment.h"
#include "schema/packaging/requirement/requirement.h"

// Something the host has, with its version.
struct fact_version {
    const char *name; // normalised
    const struct version *version;
};

// Releases whose quarantine is ignored, because somebody freezes an environment with them.
struct ignored_quarantines {
    const struct release_name *items;
    size_t count;
};

struct facts {
    struct arena *arena;
    const struct environment *environment; // plugins, permissions
    const struct version *python;          // NULL = any
    const struct version *python_release; // what Requires-Python is held against: no rc1, no +local
    struct marker_environment markers;
    struct fact_version *have; // sorted by name
    size_t have_count;
    uint64_t have_mask; // a bit for each name: its hash modulo 64
    const char **tags;  // sorted
    size_t tag_count;   // 0 = any wheel fits
    bool prereleases;
    const struct contracts *contracts; // for their holds; NULL = none is known
    bool shows_settings;
    const struct opened_secrets *secrets; // NULL = none is shown
    int64_t min_age_ms;
    int64_t now_ms; // Unix time
    struct ignored_quarantines ignored;
    struct requirement_memo pythons;
    struct requirement_memo requirements;
    struct requirement_memo wheels;
    int64_t expires_ms; // when the first release that is too new comes of age; 0 = none met so far
    bool met_unknown;   // a requirement was judged whose marker cannot be evaluated
    bool no_memory;     // memory ran out; what was found since is worth nothing
};

// What a text says to this host.
enum verdict_kind {
    VERDICT_FITS,
    VERDICT_REFUSES, // `have` says whose version is refused, for a requirement
    VERDICT_UNKNOWN, // `variable` says what would have to be known
};
struct fact_verdict {
    enum verdict_kind kind;
    const struct fact_version *have;
    enum marker_variable variable;
};

// `facts` is used where it is: not copied. The texts of the environment and the query are borrowed.
// Fails with: INVALID (a fact cannot be read; `where` is "?PARAMETER"), NO_MEMORY.
enum status facts_init(struct facts *facts, struct arena *arena, const struct resolve_query *query,
                       const struct environment *environment, int64_t now_ms, struct error *err);

// What the host has under a name (normalised); NULL = nothing.
const struct fact_version *facts_find_version(const struct facts *facts, const char *name);

// False: the host has nothing that the requirement asks for. True: it may have.
static inline bool facts_may_have(const struct facts *facts,
                                  const struct release_requirement *requirement) {
    return facts->have_mask >> (requirement->name_hash & 63) & 1;
}

// These are judged once and looked up afterwards. Out of memory shows in `no_memory` alone. Borrowed
// from the facts.
const struct fact_verdict *facts_judge_python(struct facts *facts, const char *requires_python);
const struct fact_verdict *facts_judge_requirement(struct facts *facts,
                                                   const struct release_requirement *requirement);
const struct fact_verdict *facts_judge_wheels(struct facts *facts, const char *wheel_tags);

// Whether a host with these facts can install the files that have the terms, by their tags.
bool facts_fit_tags(struct facts *facts, const struct release_terms *terms);

// Whether nothing that the terms ask of a host speaks against it: Python, what it has, markers, tags.
bool facts_fit_terms(struct facts *facts, const struct release_terms *terms);

// The terms of the first file of a release that fits; of the first that fits by its tags when none does; else of the
// first.
const struct release_terms *facts_find_terms(struct facts *facts,
                                             const struct package_release *release);

// The terms by which this host gets the release. Almost always all its files have the same.
static inline const struct release_terms *facts_terms_of(struct facts *facts,
                                                         const struct package_release *release) {
    return release->terms_count > 1 ? facts_find_terms(facts, release) : release->terms;
}
