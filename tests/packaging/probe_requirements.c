// SPDX-License-Identifier: MIT
// The probe's verbs on requirements and markers.
#include "tests/packaging/probe.h"

#include "schema/packaging/requirement/requirement.h"

// requirement TEXT: name, extras, specifiers, URL, marker, the whole normal form
static void answer_requirement(const struct query *q) {
    const struct requirement *requirement;
    enum status status = requirement_parse(q->arena, q->arguments[0], &requirement, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s\t", requirement->name);
    for (size_t i = 0; i < requirement->extra_count; i++) {
        printf("%s%s", i ? "," : "", requirement->extras[i]);
    }
    putchar('\t');
    put_text(text_from(specifier_set_string(requirement->specifiers)));
    putchar('\t');
    put_text(text_from(requirement->url));
    putchar('\t');
    put_text(text_from(requirement->marker ? marker_string(requirement->marker) : NULL));
    putchar('\t');
    put_text(text_from(requirement->string));
}

static enum status fill_environment(const struct query *q, struct marker_environment *out) {
    marker_environment_init(out, q->arena);
    for (size_t i = 1; i < q->count; i++) {
        enum marker_variable variable;
        struct text rest = q->arguments[i];
        struct text name;
        if (!text_split(&rest, '=', &name) || !marker_variable_find(name, &variable)) {
            return STATUS_USAGE;
        }
        enum status status = marker_environment_set(out, variable, rest, NULL);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

// marker TEXT VARIABLE=VALUE…: true, false, or unknown and the variable
static void answer_marker(const struct query *q) {
    const struct marker *marker;
    struct marker_environment environment;
    enum status status = marker_parse(q->arena, q->arguments[0], &marker, NULL);
    if (status == STATUS_OK) {
        status = fill_environment(q, &environment);
    }
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    struct marker_result result = marker_evaluate(marker, &environment);
    if (result.truth == TRUTH_UNKNOWN) {
        printf("unknown\t%s", marker_variable_name(result.unknown));
    } else {
        printf("%s", result.truth == TRUTH_TRUE ? "true" : "false");
    }
}

const struct verb requirement_verbs[] = {
    {"requirement", 1, answer_requirement},
    {"marker", 1, answer_marker},
    {0},
};
