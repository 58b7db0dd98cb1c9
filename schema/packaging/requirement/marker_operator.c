// SPDX-License-Identifier: MIT
// The operators of a comparison in a marker, in the order in which the parser tries them: a word that
// another one begins with stands behind it.
#include "schema/packaging/requirement/marker_parts.h"

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
