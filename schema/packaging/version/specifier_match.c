// SPDX-License-Identifier: MIT
// Whether versions pass a specifier set. Works on parsed versions only, allocates nothing and
// cannot fail.
#include "schema/packaging/version/specifier_parts.h"
#include "schema/packaging/version/version_parts.h"

// Epoch and the first `count` release numbers are equal; missing numbers are zeros.
static bool has_prefix(const struct version *version, const struct version *prefix, size_t count) {
    bool same = version_compare_numbers(version->epoch, prefix->epoch) == 0;
    for (size_t i = 0; same && i < count; i++) {
        same = version_compare_numbers(version_release_at(version, i),
                                       version_release_at(prefix, i)) == 0;
    }
    return same;
}

static bool is_equal(const struct specifier_clause *clause, const struct version *version) {
    if (clause->prefix) {
        return has_prefix(version, clause->version, clause->version->release_count);
    }
    return version_has_local(clause->version)
               ? version_compare(version, clause->version) == 0
               : version_compare_public(version, clause->version) == 0;
}

static bool is_compatible(const struct specifier_clause *clause, const struct version *version) {
    return version_compare_public(version, clause->version) >= 0 &&
           has_prefix(version, clause->version, clause->version->release_count - 1);
}

// Whether a version below `bound` is one of its pre-releases: those of 3.1 are 3.1.dev0 to 3.1rc9, those
// of 3.1.post2 only 3.1.post2.devN.
static bool is_prerelease_of(const struct version *bound, const struct version *version) {
    if (!version_is_prerelease(version) || version_compare_base(version, bound) != 0) {
        return false;
    }
    bool same_post = version->pre_rank == PRE_NONE && version->post.ptr &&
                     version_compare_numbers(version->post, bound->post) == 0;
    return !bound->post.ptr || same_post;
}

// "<3.1" takes none of the pre-releases of 3.1, unless it names a pre-release itself.
static bool is_less(const struct version *bound, const struct version *version) {
    return version_compare(version, bound) < 0 &&
           (version_is_prerelease(bound) || !is_prerelease_of(bound, version));
}

// Whether a version above `bound` is one of its post-releases. A development release has none: what
// comes after 1.0.dev1 is 1.0.dev2, and 1.0.post1 is a post-release of 1.0.
static bool is_postrelease_of(const struct version *bound, const struct version *version) {
    bool same_pre = version->pre_rank == bound->pre_rank &&
                    (!bound->pre.ptr || version_compare_numbers(version->pre, bound->pre) == 0);
    return version_is_postrelease(version) && !bound->dev.ptr && same_pre &&
           version_compare_base(version, bound) == 0;
}

// ">1.7" takes neither 1.7.post1, unless it names a post-release itself, nor 1.7+local.
static bool is_greater(const struct version *bound, const struct version *version) {
    return version_compare(version, bound) > 0 && version_compare_public(version, bound) != 0 &&
           (version_is_postrelease(bound) || !is_postrelease_of(bound, version));
}

static bool is_same_text(struct text wanted, struct text string) {
    bool same = wanted.len == string.len;
    for (size_t i = 0; same && i < wanted.len; i++) {
        same = to_lower(wanted.ptr[i]) == to_lower(string.ptr[i]);
    }
    return same;
}

bool specifier_clause_accepts(const struct specifier_clause *clause,
                              const struct version *version) {
    switch (clause->kind) {
    case OPERATOR_ARBITRARY:
        return is_same_text(clause->version_text, text_from(version->string));
    case OPERATOR_COMPATIBLE:
        return is_compatible(clause, version);
    case OPERATOR_EQUAL:
        return is_equal(clause, version);
    case OPERATOR_NOT_EQUAL:
        return !is_equal(clause, version);
    case OPERATOR_LESS_EQUAL:
        return version_compare_public(version, clause->version) <= 0;
    case OPERATOR_GREATER_EQUAL:
        return version_compare_public(version, clause->version) >= 0;
    case OPERATOR_LESS:
        return is_less(clause->version, version);
    case OPERATOR_GREATER:
        return is_greater(clause->version, version);
    }
    return false;
}

static bool all_accept(const struct specifier_set *set, const struct version *version) {
    for (size_t i = 0; i < set->clause_count; i++) {
        if (!specifier_clause_accepts(&set->clauses[i], version)) {
            return false;
        }
    }
    return true;
}

bool specifier_set_allows_prereleases(const struct specifier_set *set) {
    return set->names_prerelease;
}

bool specifier_set_pins(const struct specifier_set *set) {
    for (size_t i = 0; i < set->clause_count; i++) {
        const struct specifier_clause *clause = &set->clauses[i];
        if (clause->kind == OPERATOR_ARBITRARY ||
            (clause->kind == OPERATOR_EQUAL && !clause->prefix)) {
            return true;
        }
    }
    return false;
}

static bool are_allowed(const struct specifier_set *set, enum prereleases prereleases) {
    return prereleases == PRERELEASES_ALLOW ||
           (prereleases == PRERELEASES_DEFAULT && set->names_prerelease);
}

bool specifier_set_contains(const struct specifier_set *set, const struct version *version,
                            enum prereleases prereleases) {
    if (version_is_prerelease(version) && !are_allowed(set, prereleases)) {
        return false;
    }
    return all_accept(set, version);
}

size_t specifier_set_filter(const struct specifier_set *set, const struct version *const *versions,
                            size_t count, enum prereleases prereleases, bool *ret_keep) {
    bool allowed = are_allowed(set, prereleases);
    size_t finals = 0;
    size_t others = 0; // pre-releases that only the last resort would take
    for (size_t i = 0; i < count; i++) {
        bool held_back = version_is_prerelease(versions[i]) && !allowed;
        ret_keep[i] = all_accept(set, versions[i]);
        finals += ret_keep[i] && !held_back;
        others += ret_keep[i] && held_back;
    }
    if (finals == 0 && prereleases == PRERELEASES_DEFAULT) {
        return others;
    }
    for (size_t i = 0; i < count && others > 0; i++) {
        ret_keep[i] = ret_keep[i] && !version_is_prerelease(versions[i]);
    }
    return finals;
}
