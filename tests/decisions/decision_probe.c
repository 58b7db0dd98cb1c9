// SPDX-License-Identifier: MIT
// Discovers without directories, network and files, so that a Python test can hold the library's decisions and
// merges against the reference: one case a line on stdin (support/decision_cases.py has the form), what a host
// gets a line on stdout.
#include "client/public/discover_decisions.h"
#include "client/walk/decide_words.h"
#include "client/walk/merge.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A probe may give up where a library may not.
static void *must(void *pointer) {
    if (!pointer) {
        abort();
    }
    return pointer;
}

static void must_be_ok(enum status status, const struct error *err) {
    if (status) {
        fprintf(stderr, "%s: %s\n", err->where, err->message);
        abort();
    }
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// ---- in ----

static void read_records(struct arena *arena, const json_t *array, struct records *records) {
    size_t index;
    json_t *object;
    json_array_foreach(array, index, object) {
        struct record *record = must(records_add(arena, records));
        struct findings findings = record->findings;
        *record = (struct record){
            .group = text_of(object, "group"),
            .name = text_of(object, "name"),
            .value = text_of(object, "value"),
            .package = text_of(object, "package"),
            .version = text_of(object, "version"),
            .source = text_of(object, "source"),
            .origin = text_of(object, "origin"),
            .findings = findings,
            .is_installed = json_is_true(json_object_get(object, "installed")),
        };
        for (size_t i = 0; i < json_array_size(json_object_get(object, "errors")); i++) {
            findings_add(&record->findings, SEVERITY_ERROR, "broken", NULL, NULL, "broken");
        }
    }
}

// False when the case has no such answer.
static bool read_answer(struct arena *arena, const json_t *object, struct resolution *answer) {
    struct error err = {0};
    const json_t *decisions = json_object_get(object, "decisions");
    if (!json_is_object(object)) {
        return false;
    }
    read_records(arena, json_object_get(object, "records"), &answer->records);
    answer->is_listed_only = json_is_true(json_object_get(object, "listed"));
    answer->has_decisions = json_is_array(decisions);
    if (answer->has_decisions) {
        must_be_ok(decisions_decode(arena, object, &answer->decisions, &err), &err);
    }
    return true;
}

// ---- the discovery, step by step as discover_sources.c takes them ----

struct discovering {
    struct arena *arena;
    const json_t *input;
    const char *group;
    enum discover_mode mode;
    enum enforce enforce;
    struct resolution registry;
    struct resolution kept;
    const struct resolution *answer; // NULL: none
    struct records walked;
    struct discovery discovery;
};

static void walk(struct discovering *d, const json_t *roots) {
    const struct decider *decider = NULL;
    struct error err = {0};
    struct records *lists = must(arena_array(d->arena, json_array_size(roots) + 1, sizeof *lists));
    struct merge_lists all = {.items = lists, .count = json_array_size(roots)};
    if (d->answer && d->answer->has_decisions) {
        struct decide_rules rules = {
            .records = &d->answer->records,
            .decisions = &d->answer->decisions,
            .groups = &d->group,
            .group_count = 1,
            .environment = "default",
            .is_listed = d->answer->is_listed_only,
            .enforce = d->enforce,
        };
        must_be_ok(decider_new(d->arena, &rules, &decider, &err), &err);
    }
    for (size_t i = 0; i < all.count; i++) {
        read_records(d->arena, json_array_get(roots, i), &lists[i]);
        if (decider) {
            must_be_ok(decide_records(d->arena, decider, &lists[i], &d->discovery.withheld, &err),
                       &err);
        }
    }
    must_be_ok(merge_records(d->arena, &all, &d->walked, &err), &err);
}

static void discover(struct discovering *d) {
    static const struct error away = {STATUS_UNREACHABLE, "", "out of reach"};
    bool is_up = read_answer(d->arena, json_object_get(d->input, "registry"), &d->registry);
    bool is_kept = read_answer(d->arena, json_object_get(d->input, "kept"), &d->kept);
    const json_t *roots = json_object_get(d->input, "roots");
    struct findings diagnostics;
    struct error err = {0};
    if (discover_asks_registry(d->mode)) {
        d->answer = is_up ? &d->registry : is_kept ? &d->kept : NULL;
    }
    struct discover_known known = {
        .mode = d->mode,
        .enforce = d->enforce,
        .answer = d->answer,
        .is_kept = d->answer == &d->kept,
        .is_too_old = json_is_true(json_object_get(d->input, "kept_is_old")),
        .age = "40 days",
    };
    findings_init(&diagnostics, d->arena);
    discover_report_decisions(&known, &diagnostics);
    bool walks = discover_always_walks(d->mode) || !d->answer;
    if (walks && json_is_array(roots)) {
        walk(d, roots);
    }
    struct discover_inputs inputs = {
        .group = d->group,
        .mode = d->mode,
        .walk = {&d->walked, walks && !json_is_array(roots) ? &away : NULL},
        .registry = {&d->registry.records, is_up ? NULL : &away},
        .kept = is_kept ? &d->kept.records : NULL,
        .kept_at = "2026-11-30T12:00:00Z",
        .decisions = d->answer ? &d->answer->decisions : &d->registry.decisions,
    };
    struct records withheld = d->discovery.withheld;
    for (size_t i = 0; i < withheld.count; i++) {
        decide_report(&withheld.items[i], &diagnostics);
    }
    must_be_ok(discover_merge(d->arena, &inputs, &d->discovery, &err), &err);
    records_sort(&withheld);
    d->discovery.withheld = withheld;
    d->discovery.diagnostics = diagnostics;
}

// ---- out ----

static json_t *write_codes(const struct findings *findings, enum severity severity) {
    json_t *codes = must(json_array());
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].severity == severity) {
            json_array_append_new(codes, must(json_string(findings->items[i].code)));
        }
    }
    return codes;
}

static json_t *write_records(const struct records *records) {
    json_t *array = must(json_array());
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        json_t *object = must(record_encode(record));
        json_object_set_new(object, "settings",
                            record->settings ? must(json_loads(record->settings, 0, NULL))
                                             : json_null());
        json_object_set_new(object, "warnings", write_codes(&record->findings, SEVERITY_WARNING));
        json_object_set_new(object, "errors", write_codes(&record->findings, SEVERITY_ERROR));
        json_array_append_new(array, object);
    }
    return array;
}

static void answer(const json_t *input) {
    struct discovering d = {.arena = must(arena_new(0)), .input = input};
    d.group = text_of(input, "group");
    if (!discover_mode_find(text_of(input, "mode"), &d.mode) ||
        !enforce_find(text_of(input, "enforce"), &d.enforce)) {
        abort();
    }
    discover(&d);
    json_t *diagnostics = must(json_array());
    for (size_t i = 0; i < d.discovery.diagnostics.count; i++) {
        const struct finding *finding = &d.discovery.diagnostics.items[i];
        json_array_append_new(diagnostics, must(json_string(finding->code)));
    }
    json_t *output = must(json_object());
    json_object_set_new(output, "records", write_records(&d.discovery.records));
    json_object_set_new(output, "withheld", write_records(&d.discovery.withheld));
    json_object_set_new(output, "diagnostics", diagnostics);
    char *text = must(json_dumps(output, JSON_COMPACT));
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(output);
    arena_free(d.arena);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        json_t *input = must(json_loads(line, 0, NULL));
        answer(input);
        json_decref(input);
    }
    free(line);
    return 0;
}
