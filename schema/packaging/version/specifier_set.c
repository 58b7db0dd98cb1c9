// SPDX-License-Identifier: MIT
// Text to a specifier set, and whether versions pass it. A set is split at commas, each clause is read by
// the row of its operator, clauses that say the same twice are dropped, and the rest is sorted. Empty
// clauses (a trailing comma) are allowed, as the reference implementation allows them. What matching needs
// is parsed here once, so that matching allocates nothing and cannot fail: resolving asks it a hundred
// thousand times a question.
//
//     ~=1.4.2     >=1.4.2, ==1.4.*          ==1.4.*   every version with that prefix
//     >1.0        not 1.0.post1, not 1.0+x  ===text   equal as text ("Version specifiers", Arbitrary equality)
#include "schema/packaging/version/specifier_parts.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/quote.h"
#include "schema/packaging/version/version_parts.h"

#include <string.h>

// ---- parsing ----

// What the standard allows behind an operator.
struct operator_row {
    const char *word;    // as it is written
    bool local_allowed;  // "+local" may stand in its version
    bool prefix_allowed; // ".*" may stand behind its version
    bool inclusive;      // a pre-release named here is wanted
};

static const struct operator_row operator_rows[] = {
    [OPERATOR_ARBITRARY] = {"===", true, false, true},
    [OPERATOR_COMPATIBLE] = {"~=", false, false, true},
    [OPERATOR_EQUAL] = {"==", true, true, true},
    [OPERATOR_NOT_EQUAL] = {"!=", true, true, false},
    [OPERATOR_LESS_EQUAL] = {"<=", false, false, true},
    [OPERATOR_GREATER_EQUAL] = {">=", false, false, true},
    [OPERATOR_LESS] = {"<", false, false, false},
    [OPERATOR_GREATER] = {">", false, false, false},
};
enum { OPERATOR_COUNT = COUNT_OF(operator_rows) };

static enum status refuse(struct text clause, const char *fault, struct error *err) {
    return fail(err, STATUS_INVALID, NULL, "%s is not a version specifier: %s",
                quote_text(clause).text, fault);
}

// The first operator the clause begins with; the rows are ordered so that the longest wins.
static bool read_operator(struct text clause, enum specifier_operator *ret_operator) {
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        size_t len = strlen(operator_rows[i].word);
        if (clause.len >= len && memcmp(clause.ptr, operator_rows[i].word, len) == 0) {
            *ret_operator = (enum specifier_operator)i;
            return true;
        }
    }
    return false;
}

static bool is_arbitrary_text(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_space(c) || c == ';' || c == ')' || c == '\0') {
            return false;
        }
    }
    return text.len > 0 && utf8_is_valid(text.ptr, text.len);
}

// The text need not be a version. When it is one, it is kept: a pre-release named here is wanted.
static enum status parse_arbitrary(struct arena *arena, struct text clause,
                                   struct specifier_clause *out, struct error *err) {
    if (!is_arbitrary_text(out->version_text)) {
        return refuse(clause, "'===' needs text without white space, ';' or ')'", err);
    }
    enum status status = version_parse(arena, out->version_text, &out->version, NULL);
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

// What the operator demands of the version beyond being one.
static const char *find_fault(const struct specifier_clause *clause) {
    const struct operator_row *row = &operator_rows[clause->kind];
    const struct version *version = clause->version;
    bool release_only =
        version->pre_rank == PRE_NONE && !version->post.ptr && version->local_count == 0;
    if (clause->prefix && !row->prefix_allowed) {
        return "only '==' and '!=' take a version that ends in '.*'";
    }
    if (clause->prefix && !release_only) {
        return "only a release number can stand before '.*'";
    }
    if (version->local_count && !row->local_allowed) {
        return "only '==', '!=' and '===' take a local version ('+…')";
    }
    if (clause->kind == OPERATOR_COMPATIBLE && version->release_count < 2) {
        return "'~=' needs at least two release numbers, such as '~=1.4'";
    }
    return NULL;
}

// ".*" is cut off before the version is read; which operators may have it, find_fault says.
static enum status parse_version(struct arena *arena, struct text clause,
                                 struct specifier_clause *out, struct error *err) {
    struct text text = out->version_text;
    out->prefix = text.len > 2 && memcmp(text.ptr + text.len - 2, ".*", 2) == 0;
    if (out->prefix) {
        text.len -= 2;
    }
    if (text.len && is_space(text.ptr[text.len - 1])) {
        return refuse(clause, "white space stands inside the version", err);
    }
    struct error inner = {0};
    enum status status = version_parse(arena, text, &out->version, &inner);
    if (status == STATUS_INVALID) {
        return refuse(clause, inner.message, err);
    }
    if (status) {
        return fail(err, status, NULL, "%s", inner.message);
    }
    const char *fault = find_fault(out);
    return fault ? refuse(clause, fault, err) : STATUS_OK;
}

bool specifier_clause_init(struct specifier_clause *clause, enum specifier_operator kind,
                           const struct version *version) {
    *clause = (struct specifier_clause){
        .kind = kind,
        .version = version,
        .version_text = text_from(version_string(version)),
    };
    return !find_fault(clause);
}

// The clause is kept without the blanks around its version: "== 1.0" becomes "==1.0".
static enum status read_clause(struct arena *arena, struct text clause,
                               struct specifier_clause *out, struct error *err) {
    if (clause.len > LIMIT_VERSION_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "the version specifier %s is %zu bytes long, at most %d are allowed",
                    quote_text(clause).text, clause.len, LIMIT_VERSION_BYTES);
    }
    if (!read_operator(clause, &out->kind)) {
        return refuse(clause, "it must begin with one of ~= == != <= >= < > ===", err);
    }
    size_t len = strlen(operator_rows[out->kind].word);
    out->version_text = text_trim((struct text){clause.ptr + len, clause.len - len});
    char *text = arena_alloc(arena, len + out->version_text.len + 1);
    if (!text) {
        return fail_no_memory(err);
    }
    memcpy(text, clause.ptr, len);
    if (out->version_text.len > 0) {
        memcpy(text + len, out->version_text.ptr, out->version_text.len);
    }
    out->text = (struct text){text, len + out->version_text.len};
    out->version_text = (struct text){text + len, out->version_text.len};
    return out->kind == OPERATOR_ARBITRARY ? parse_arbitrary(arena, clause, out, err)
                                           : parse_version(arena, clause, out, err);
}

enum status specifier_clause_parse(struct arena *arena, struct text text,
                                   struct specifier_clause *ret_clause, struct error *err) {
    struct specifier_clause clause = {0};
    enum status status = read_clause(arena, text_trim(text), &clause, err);
    if (status) {
        return status;
    }
    *ret_clause = clause;
    return STATUS_OK;
}

static int compare_clauses(const struct specifier_clause *a, const struct specifier_clause *b) {
    size_t both = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = memcmp(a->text.ptr, b->text.ptr, both);
    return order ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

// Whether two clauses say the same. "~=1.4" and "~=1.4.0" do not: the count of numbers matters.
static bool same_clause(const struct specifier_clause *a, const struct specifier_clause *b) {
    if (a->kind != b->kind || a->prefix != b->prefix) {
        return false;
    }
    if (a->kind == OPERATOR_ARBITRARY || a->prefix) {
        return compare_clauses(a, b) == 0;
    }
    bool same_depth = a->version->release_count == b->version->release_count;
    return version_compare(a->version, b->version) == 0 &&
           (same_depth || a->kind != OPERATOR_COMPATIBLE);
}

// Puts the clause at items[*count] into its place among those before it, unless it is there
// already.
static void insert_clause(struct specifier_clause *items, size_t *count) {
    struct specifier_clause fresh = items[*count];
    for (size_t i = 0; i < *count; i++) {
        if (same_clause(&items[i], &fresh)) {
            return;
        }
    }
    size_t at = *count;
    while (at > 0 && compare_clauses(&items[at - 1], &fresh) > 0) {
        items[at] = items[at - 1];
        at--;
    }
    items[at] = fresh;
    (*count)++;
}

// The normal form: clauses sorted by their bytes, joined by commas, nothing between.
static enum status make_string(struct arena *arena, struct specifier_set *set, struct error *err) {
    size_t len = 0;
    for (size_t i = 0; i < set->clause_count; i++) {
        len += set->clauses[i].text.len + 1;
    }
    char *string = arena_alloc(arena, len + 1);
    if (!string) {
        return fail_no_memory(err);
    }
    set->string = string;
    for (size_t i = 0; i < set->clause_count; i++) {
        if (i) {
            *string++ = ',';
        }
        memcpy(string, set->clauses[i].text.ptr, set->clauses[i].text.len);
        string += set->clauses[i].text.len;
    }
    return STATUS_OK;
}

static size_t count_pieces(struct text text) {
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == ',';
    }
    return count;
}

// Any clause that names a pre-release lets pre-releases in, for the whole set.
static enum status parse_clauses(struct arena *arena, struct text text, struct specifier_set *set,
                                 struct error *err) {
    struct specifier_clause *items = arena_array(arena, count_pieces(text), sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    struct text piece;
    while (text_split(&text, ',', &piece)) {
        piece = text_trim(piece);
        if (piece.len == 0) {
            continue;
        }
        struct specifier_clause *clause = &items[set->clause_count];
        enum status status = specifier_clause_parse(arena, piece, clause, err);
        if (status) {
            return status;
        }
        insert_clause(items, &set->clause_count);
    }
    for (size_t i = 0; i < set->clause_count; i++) {
        set->names_prerelease |= operator_rows[items[i].kind].inclusive && items[i].version &&
                                 version_is_prerelease(items[i].version);
    }
    set->clauses = items;
    return STATUS_OK;
}

enum status specifier_set_parse(struct arena *arena, struct text text,
                                const struct specifier_set **ret_set, struct error *err) {
    if (text.len > LIMIT_SPECIFIER_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "the version specifiers %s are %zu bytes long, at most %d are allowed",
                    quote_text(text).text, text.len, LIMIT_SPECIFIER_BYTES);
    }
    struct specifier_set *set = arena_alloc(arena, sizeof *set);
    if (!set) {
        return fail_no_memory(err);
    }
    enum status status = parse_clauses(arena, text, set, err);
    if (status) {
        return status;
    }
    status = make_string(arena, set, err);
    if (status) {
        return status;
    }
    *ret_set = set;
    return STATUS_OK;
}

const char *specifier_set_string(const struct specifier_set *set) {
    return set->string;
}

// ---- matching ----

// Epoch and the first `count` release numbers are equal; missing numbers are zeros.
static bool has_prefix(const struct version *version, const struct version *prefix, size_t count) {
    bool same = version_compare_numbers(version->epoch, prefix->epoch) == 0;
    for (size_t i = 0; same && i < count; i++) {
        same = version_compare_numbers(version_release_at(version, i),
                                       version_release_at(prefix, i)) == 0;
    }
    return same;
}

// "==1.0" takes 1.0+local, because a clause without a local part does not ask for one.
static bool is_equal(const struct specifier_clause *clause, const struct version *version) {
    if (clause->prefix) {
        return has_prefix(version, clause->version, clause->version->release_count);
    }
    return version_has_local(clause->version)
               ? version_compare(version, clause->version) == 0
               : version_compare_public(version, clause->version) == 0;
}

// "~=1.4.2" is >=1.4.2 and ==1.4.*: the last number may grow, those before it may not.
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

// Against the normal form of the version: "===1.0" accepts what was published as v1.0.
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

// "==1.2" and "===1.2" leave one version; "==1.*" does not.
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

// PEP 440: pre-releases are taken only if the set names one, if they are allowed, or if nothing else
// satisfies it.
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
