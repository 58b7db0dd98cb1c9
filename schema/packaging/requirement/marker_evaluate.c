// SPDX-License-Identifier: MIT
// A parsed marker: its operators, its normal form, and its value over what is known of an environment, in
// Kleene's three-valued logic: false decides an `and`, true decides an `or`, and what is left undecided
// names the first variable to blame. Evaluation allocates nothing and cannot fail. In the normal form every
// group of several terms keeps its parentheses, unless it is the whole marker; so reading the form back
// gives the same marker.
#include "schema/packaging/requirement/marker_parts.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <string.h>

// ---- operators ----

static const struct marker_operator_row operators[MARKER_OPERATOR_COUNT] = {
    [MARKER_IN] = {.word = "in"},
    [MARKER_NOT_IN] = {.word = "not in"},
    [MARKER_ARBITRARY] = {"===", OPERATOR_ARBITRARY},
    [MARKER_COMPATIBLE] = {"~=", OPERATOR_COMPATIBLE},
    [MARKER_EQUAL] = {"==", OPERATOR_EQUAL},
    [MARKER_NOT_EQUAL] = {"!=", OPERATOR_NOT_EQUAL},
    [MARKER_LESS_EQUAL] = {"<=", OPERATOR_LESS_EQUAL},
    [MARKER_GREATER_EQUAL] = {">=", OPERATOR_GREATER_EQUAL},
    [MARKER_LESS] = {"<", OPERATOR_LESS},
    [MARKER_GREATER] = {">", OPERATOR_GREATER},
};

const struct marker_operator_row *marker_operator_row(enum marker_operator operation) {
    return &operators[operation];
}

// ---- normal form ----

// A value holds at most one kind of quote, since it was read between the other kind.
static void add_operand(struct buffer *out, const struct marker_operand *operand) {
    if (operand->is_variable) {
        buffer_add_string(out, marker_variable_name(operand->variable));
        return;
    }
    const char *quote = strchr(operand->text, '"') ? "'" : "\"";
    buffer_add_string(out, quote);
    buffer_add_string(out, operand->text);
    buffer_add_string(out, quote);
}

// `begins_alternative` splits the list at its "or"s: a and b or c is [a b] [c].
static void add_terms(struct buffer *out, const struct marker_term *terms) {
    for (const struct marker_term *term = terms; term; term = term->next) {
        if (term != terms) {
            buffer_add_string(out, term->begins_alternative ? " or " : " and ");
        }
        if (!term->nested) {
            add_operand(out, &term->left);
            buffer_printf(out, " %s ", marker_operator_row(term->operation)->word);
            add_operand(out, &term->right);
            continue;
        }
        bool alone = term == terms && !term->next;
        bool parentheses = term->nested->next && !alone;
        buffer_add_string(out, parentheses ? "(" : "");
        add_terms(out, term->nested);
        buffer_add_string(out, parentheses ? ")" : "");
    }
}

enum status marker_make_string(struct arena *arena, struct marker *marker, struct error *err) {
    struct buffer out;
    buffer_init(&out, LIMIT_REQUIREMENT_BYTES); // or it could not be read back
    add_terms(&out, marker->terms);
    enum status status = out.failed;
    marker->string = status == STATUS_OK ? arena_copy(arena, out.ptr, out.len) : NULL;
    buffer_done(&out);
    if (status == STATUS_TOO_LARGE) {
        return fail(err, status, NULL, "a marker is over %d bytes in its normal form",
                    LIMIT_REQUIREMENT_BYTES);
    }
    return marker->string ? STATUS_OK : fail_no_memory(err);
}

const char *marker_string(const struct marker *marker) {
    return marker->string;
}

// ---- evaluation ----

static const struct marker_result is_true = {.truth = TRUTH_TRUE};
static const struct marker_result is_false = {.truth = TRUTH_FALSE};

static struct marker_result known(bool value) {
    return value ? is_true : is_false;
}

static struct marker_result unknown(enum marker_variable variable) {
    return (struct marker_result){TRUTH_UNKNOWN, variable};
}

// NULL: the environment does not state the variable.
static const char *text_of(const struct marker_operand *operand,
                           const struct marker_environment *environment) {
    return operand->is_variable ? environment->values[operand->variable] : operand->text;
}

static const struct version *version_of(const struct marker_operand *operand,
                                        const struct marker_environment *environment) {
    return operand->is_variable ? environment->versions[operand->variable] : operand->version;
}

// The variable a comparison is about: the left one, else the right one.
static enum marker_variable subject_of(const struct marker_term *term) {
    return term->left.is_variable ? term->left.variable : term->right.variable;
}

// `'linux' in sys_platform` asks whether the left text is a part of the right one.
static struct marker_result compare_text(const struct marker_term *term, const char *left,
                                         const char *right) {
    switch (term->operation) {
    case MARKER_IN:
        return known(strstr(right, left));
    case MARKER_NOT_IN:
        return known(!strstr(right, left));
    case MARKER_NOT_EQUAL:
        return known(strcmp(left, right) != 0);
    case MARKER_ARBITRARY:
    case MARKER_EQUAL:
    case MARKER_LESS_EQUAL: // text has no order: only "or equal" can hold
    case MARKER_GREATER_EQUAL:
        return known(strcmp(left, right) == 0);
    case MARKER_LESS:
    case MARKER_GREATER:
        return is_false;
    case MARKER_COMPATIBLE:
    case MARKER_OPERATOR_COUNT:
        break;
    }
    return unknown(subject_of(term));
}

// Extras are a set: "equal" asks whether the set holds the name. No extra at all is the empty text.
static struct marker_result compare_extras(const struct marker_term *term,
                                           const struct marker_environment *environment) {
    bool negative = term->operation == MARKER_NOT_EQUAL || term->operation == MARKER_NOT_IN;
    size_t count = environment->extra_count > 0 ? environment->extra_count : 1;
    for (size_t i = 0; i < count; i++) {
        const char *extra = environment->extra_count > 0 ? environment->extras[i] : "";
        bool on_left = term->left.is_variable && term->left.variable == MARKER_EXTRA;
        const char *other = text_of(on_left ? &term->right : &term->left, environment);
        if (!other) {
            return unknown(on_left ? term->right.variable : term->left.variable);
        }
        struct marker_result result =
            compare_text(term, on_left ? extra : other, on_left ? other : extra);
        if (result.truth == TRUTH_UNKNOWN || (result.truth == TRUTH_FALSE) == negative) {
            return result;
        }
    }
    return known(negative);
}

// Of the texts of "===": without regard to case, as in specifiers.
static bool is_same_text(const char *left, const char *right) {
    while (*left && to_lower(*left) == to_lower(*right)) {
        left++;
        right++;
    }
    return *left == *right;
}

// True when both sides are versions and the operator takes them; then *ret_accepted is the answer.
// The clause of a constant was compiled when the marker was parsed; only variable against variable, which
// is rare, compiles one now.
static bool compare_versions(const struct marker_term *term,
                             const struct marker_environment *environment, bool *ret_accepted) {
    bool membership = term->operation == MARKER_IN || term->operation == MARKER_NOT_IN;
    const struct version *left = version_of(&term->left, environment);
    if (!left || membership || !marker_variable_is_version(subject_of(term))) {
        return false;
    }
    if (!term->right.is_variable) {
        *ret_accepted = term->clause && specifier_clause_accepts(term->clause, left);
        return term->clause != NULL;
    }
    struct specifier_clause clause;
    const struct version *right = version_of(&term->right, environment);
    enum specifier_operator kind = marker_operator_row(term->operation)->specifier;
    if (!right || !specifier_clause_init(&clause, kind, right)) {
        return false;
    }
    *ret_accepted = specifier_clause_accepts(&clause, left);
    return true;
}

static bool is_extra(const struct marker_operand *operand) {
    return operand->is_variable && operand->variable == MARKER_EXTRA;
}

// In this order: extras are a set; an unknown variable leaves the comparison open; "===" never looks at
// versions; versions where both sides are some; text in all other cases.
static struct marker_result compare(const struct marker_term *term,
                                    const struct marker_environment *environment) {
    if (is_extra(&term->left) || is_extra(&term->right)) {
        return compare_extras(term, environment);
    }
    const char *left = text_of(&term->left, environment);
    const char *right = text_of(&term->right, environment);
    if (!left || !right) {
        return unknown(left ? term->right.variable : term->left.variable);
    }
    bool is_about_variable = term->left.is_variable || term->right.is_variable;
    bool accepted;
    if (term->operation == MARKER_ARBITRARY && marker_variable_is_version(subject_of(term))) {
        return known(is_same_text(left, right)); // the texts as they are, whatever they mean
    }
    if (is_about_variable && compare_versions(term, environment, &accepted)) {
        return known(accepted);
    }
    return compare_text(term, left, right);
}

// Kleene's "and": false with unknown is false, true with unknown is unknown.
static struct marker_result both(struct marker_result a, struct marker_result b) {
    if (a.truth == TRUTH_FALSE || b.truth == TRUTH_FALSE) {
        return is_false;
    }
    return a.truth == TRUTH_UNKNOWN ? a : b;
}

static struct marker_result either(struct marker_result a, struct marker_result b) {
    if (a.truth == TRUTH_TRUE || b.truth == TRUTH_TRUE) {
        return is_true;
    }
    return a.truth == TRUTH_UNKNOWN ? a : b;
}

// "and" binds more strongly than "or": the terms are alternatives, each a run of terms that must all
// hold.
static struct marker_result evaluate_terms(const struct marker_term *terms,
                                           const struct marker_environment *environment) {
    struct marker_result all = is_false;         // of the alternatives closed so far
    struct marker_result alternative = is_false; // the one being read
    for (const struct marker_term *term = terms; term; term = term->next) {
        if (term->begins_alternative) {
            all = either(all, alternative);
            alternative = is_true;
        }
        alternative = both(alternative, term->nested ? evaluate_terms(term->nested, environment)
                                                     : compare(term, environment));
    }
    return either(all, alternative);
}

struct marker_result marker_evaluate(const struct marker *marker,
                                     const struct marker_environment *environment) {
    return evaluate_terms(marker->terms, environment);
}
