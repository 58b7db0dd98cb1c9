// SPDX-License-Identifier: MIT
// JUnit XML (junit.h). A parity report lists differences only. The test cases that pass are the walked records
// of the group that are in none of its lists, so those are marked first (count_pairs) and the rest is printed.
#include "client/cli/console/junit.h"

#include "schema/base/list.h"

#include <string.h>

struct suite {
    struct output *output;
    const struct parity *parity;
    const struct records *walked;
    bool *listed; // by index of `walked`
    bool strict;
};

struct kind {
    const char *type;
    const char *message;
    size_t offset;   // of its pairs in struct parity
    bool is_lenient; // shadowed, broken: differences only when strict
};

static const struct kind kinds[] = {
    {"only-walk", "only in the walk", offsetof(struct parity, only_walk), false},
    {"only-registry", "only in the registry", offsetof(struct parity, only_registry), false},
    {"other-value", "another value", offsetof(struct parity, value), false},
    {"other-version", "another version", offsetof(struct parity, version), false},
    {"other-manifest", "another manifest", offsetof(struct parity, manifest), false},
    {"shadowed", "shadowed", offsetof(struct parity, shadowed), true},
    {"broken", "broken", offsetof(struct parity, invalid), true},
};

enum { KIND_COUNT = COUNT_OF(kinds) };

static const struct parity_pairs *pairs_of(const struct parity *parity, const struct kind *kind) {
    return (const struct parity_pairs *)((const char *)parity + kind->offset);
}

// Text in an attribute: one line.
static void print_text(struct output *output, const char *text) {
    scoped(buffer_done) struct buffer markup;
    buffer_init(&markup, SIZE_MAX);
    buffer_add_markup(&markup, text_from(output_text(output, text ? text : "-")));
    output->no_memory |= markup.failed != STATUS_OK;
    fputs(markup.ptr && !markup.failed ? markup.ptr : "", output->stream);
}

static void print_case(const struct suite *suite, const char *name) {
    fputs("    <testcase classname=\"", suite->output->stream);
    print_text(suite->output, suite->parity->group);
    fputs("\" name=\"", suite->output->stream);
    print_text(suite->output, name);
    fputs("\"", suite->output->stream);
}

static void print_side(struct output *output, const char *side, const struct record *record) {
    if (record) {
        fprintf(output->stream, "; %s: ", side);
        print_text(output, record->value);
        fputs(" ", output->stream);
        print_text(output, record->version);
        fputs(" from ", output->stream);
        print_text(output, record->origin);
    }
}

static void print_findings(struct output *output, const struct record *record) {
    for (size_t i = 0; record && i < record->findings.count; i++) {
        const struct finding *item = &record->findings.items[i];
        if (item->severity == SEVERITY_ERROR) {
            fputs("; ", output->stream);
            print_text(output, item->where);
            fputs(": ", output->stream);
            print_text(output, item->message);
        }
    }
}

// A difference is a failed test case; a shadowed or broken plugin is a skipped one unless --strict is set.
static void print_pair(const struct suite *suite, const struct kind *kind,
                       const struct parity_pair *pair) {
    struct output *output = suite->output;
    const struct record *known = pair->walk ? pair->walk : pair->registry;
    bool fails = !kind->is_lenient || suite->strict;
    print_case(suite, known->name);
    fputs(fails ? ">\n      <failure type=\"" : ">\n      <skipped message=\"", output->stream);
    if (fails) {
        fprintf(output->stream, "%s\" message=\"", kind->type);
    }
    fputs(kind->message, output->stream);
    print_side(output, "walk", pair->walk);
    print_side(output, "registry", pair->registry);
    print_findings(output, pair->walk);
    fputs("\"/>\n    </testcase>\n", output->stream);
}

// A broken record that may be of any group is listed as a copy, which is in no list of the walk.
static void mark_listed(struct suite *suite, const struct record *record) {
    const struct record *first = suite->walked->items;
    if (record && record >= first && record < first + suite->walked->count) {
        suite->listed[record - first] = true;
    }
}

// Marks the listed records, and counts failures and skipped cases.
static void count_pairs(struct suite *suite, size_t *ret_failures, size_t *ret_skipped) {
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct parity_pairs *pairs = pairs_of(suite->parity, &kinds[k]);
        *(kinds[k].is_lenient && !suite->strict ? ret_skipped : ret_failures) += pairs->count;
        for (size_t i = 0; i < pairs->count; i++) {
            mark_listed(suite, pairs->items[i].walk);
        }
    }
}

// The entry points that are equal on both sides are in no list of the report, so they are found here: they
// are the walked records of the group that no list holds.
static void print_same(const struct suite *suite) {
    for (size_t i = 0; i < suite->walked->count; i++) {
        const struct record *record = &suite->walked->items[i];
        bool of_group = record->group && strcmp(record->group, suite->parity->group) == 0;
        if (of_group && !suite->listed[i]) {
            print_case(suite, record->name);
            fputs("/>\n", suite->output->stream);
        }
    }
}

static void print_suite(struct suite *suite) {
    FILE *stream = suite->output->stream;
    size_t failures = 0;
    size_t skipped = 0;
    count_pairs(suite, &failures, &skipped);
    fputs("  <testsuite name=\"", stream);
    print_text(suite->output, suite->parity->group);
    fprintf(stream, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
            suite->parity->same + failures + skipped, failures, skipped);
    print_same(suite);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct parity_pairs *pairs = pairs_of(suite->parity, &kinds[k]);
        for (size_t i = 0; i < pairs->count; i++) {
            print_pair(suite, &kinds[k], &pairs->items[i]);
        }
    }
    fputs("  </testsuite>\n", stream);
}

// A test suite for each group and a test for each entry point, as build servers show them.
void junit_print(struct output *output, const struct parity *parities, size_t count,
                 const struct records *walked, bool strict) {
    size_t most = walked->count ? walked->count : 1;
    bool *listed = arena_array(output->arena, most, sizeof *listed);
    if (!listed) {
        output->no_memory = true;
        return;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"registryctl compare\">\n",
          output->stream);
    for (size_t i = 0; i < count; i++) {
        struct suite suite = {output, &parities[i], walked, listed, strict};
        print_suite(&suite);
    }
    fputs("</testsuites>\n", output->stream);
}
