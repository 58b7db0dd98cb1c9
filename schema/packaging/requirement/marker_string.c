// SPDX-License-Identifier: MIT
// The normal form of a marker. Every group of several terms keeps its parentheses, unless it is the
// whole marker; so reading the form back gives the same marker.
#include "schema/packaging/requirement/marker_parts.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <string.h>

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
