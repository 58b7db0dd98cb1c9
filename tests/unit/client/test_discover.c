// SPDX-License-Identifier: MIT
// Every mode against every state of the two sources: who answers, who fills gaps, who is shadowed, and
// what is said about a source that does not answer.
#include "client/public/discover.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// A row of records: "name=value@version" each; "!" behind a name: with an error.
struct plugin {
    const char *name;
    const char *value;
    const char *version;
    bool is_broken;
};

static const struct plugin walked[] = {
    {"both", "m:both", "1.0", false},   {"broken", NULL, NULL, true},
    {"newer", "m:newer", "1.0", false}, {"moved", "m:old", "1.0", false},
    {"nover", "m:nover", NULL, false},  {"walked", "m:walked", "1.0", false},
};
static const struct plugin known[] = {
    {"both", "m:both", "1.0", false},   {"broken", "m:broken", "1.0", false},
    {"known", "m:known", "1.0", false}, {"moved", "m:new", "1.0", false},
    {"newer", "m:newer", "2.0", false}, {"nover", "m:nover", "3.0", false},
};

static void fill(struct arena *arena, const char *source, const struct plugin *plugins,
                 size_t count, struct records *ret_records) {
    *ret_records = (struct records){0};
    for (size_t i = 0; i < count; i++) {
        struct record *record = records_add(arena, ret_records);
        record->group = "g";
        record->name = plugins[i].name;
        record->value = plugins[i].value;
        record->version = plugins[i].version;
        record->source = source;
        record->origin = arena_printf(arena, "%s/%s", source, plugins[i].name);
        if (plugins[i].is_broken) {
            findings_add(&record->findings, SEVERITY_ERROR, "bad", NULL, NULL, "broken");
        }
    }
    struct record *other = records_add(arena, ret_records);
    other->group = "another group";
    other->name = "both";
    other->source = source;
}

// "name:source" of each record, a loser in brackets; behind a bar the codes of the diagnostics.
static const char *describe(struct arena *arena, const struct discovery *discovery) {
    const char *text = "";
    for (size_t i = 0; i < discovery->records.count; i++) {
        const struct record *record = &discovery->records.items[i];
        text = arena_printf(arena, record->shadowed_by ? "%s(%s:%c) " : "%s%s:%c ", text,
                            record->name, record->source[0]);
    }
    for (size_t i = 0; i < discovery->diagnostics.count; i++) {
        text = arena_printf(arena, "%s|%s", text, discovery->diagnostics.items[i].code);
    }
    return text;
}

#define WALKED "both:w broken:w moved:w newer:w nover:w walked:w "
#define KNOWN "both:r broken:r known:r moved:r newer:r nover:r "

static const struct {
    enum discover_mode mode;
    bool walk_fails;
    bool registry_fails;
    const char *expected;
} rows[] = {
    {DISCOVER_WALK, false, false, WALKED},
    {DISCOVER_WALK, false, true, WALKED},
    {DISCOVER_WALK, true, false, "|walk-fallback"},
    {DISCOVER_WALK_FIRST, false, false,
     "both:w (broken:r) broken:w known:r (moved:r) moved:w (newer:r) newer:w nover:w walked:w "},
    {DISCOVER_WALK_FIRST, false, true, WALKED "|registry-fallback"},
    {DISCOVER_WALK_FIRST, true, false, KNOWN "|walk-fallback"},
    {DISCOVER_REGISTRY_FIRST, false, false,
     "both:r broken:r known:r moved:r (moved:w) newer:r (newer:w) nover:r walked:w "},
    {DISCOVER_REGISTRY_FIRST, false, true, WALKED "|registry-fallback"},
    {DISCOVER_REGISTRY_FIRST, true, false, KNOWN "|walk-fallback"},
    {DISCOVER_REGISTRY, false, false, KNOWN},
    {DISCOVER_REGISTRY, false, true, WALKED "|registry-fallback"},
    {DISCOVER_REGISTRY, true, true, "|registry-fallback|walk-fallback"},
    {DISCOVER_COMPARE, false, false,
     WALKED "|only-walk|only-registry|only-registry|other-value|other-version"},
    {DISCOVER_COMPARE, false, true, WALKED "|registry-fallback"},
    {DISCOVER_COMPARE, true, false, KNOWN "|walk-fallback"},
};

static void every_mode_answers_in_every_state(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct records walk;
        struct records registry;
        struct discovery discovery;
        const struct error away = {STATUS_UNREACHABLE, "", "out of reach"};
        fill(arena, "walk", walked, COUNT_OF(walked), &walk);
        fill(arena, "registry", known, COUNT_OF(known), &registry);
        struct discover_inputs inputs = {
            .group = "g",
            .mode = rows[i].mode,
            .walk = {&walk, rows[i].walk_fails ? &away : NULL},
            .registry = {&registry, rows[i].registry_fails ? &away : NULL},
        };
        assert_int_equal(discover_merge(arena, &inputs, &discovery, NULL), STATUS_OK);
        assert_string_equal(arena_printf(arena, "%zu %s", i, describe(arena, &discovery)),
                            arena_printf(arena, "%zu %s", i, rows[i].expected));
        arena_free(arena);
    }
}

static void a_loser_says_by_whom(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walk;
    struct records registry;
    struct discovery discovery;
    fill(arena, "walk", walked, COUNT_OF(walked), &walk);
    fill(arena, "registry", known, COUNT_OF(known), &registry);
    struct discover_inputs inputs = {"g", DISCOVER_WALK_FIRST, {&walk, NULL}, {&registry, NULL}};
    assert_int_equal(discover_merge(arena, &inputs, &discovery, NULL), STATUS_OK);
    for (size_t i = 0; i < discovery.records.count; i++) {
        const struct record *record = &discovery.records.items[i];
        if (record->shadowed_by) {
            assert_string_equal(record->shadowed_by, arena_printf(arena, "walk/%s", record->name));
            assert_string_equal(record->findings.items[0].code, "shadowed");
        }
    }
    assert_int_equal(walk.items[1].findings.count, 1); // what came in is as it was
    assert_int_equal(registry.items[1].findings.count, 0);
    arena_free(arena);
}

static void modes_have_names(void **state) {
    (void)state;
    enum discover_mode mode;
    for (int i = DISCOVER_WALK; i <= DISCOVER_COMPARE; i++) {
        assert_true(discover_mode_find(discover_mode_name((enum discover_mode)i), &mode));
        assert_int_equal(mode, i);
    }
    assert_false(discover_mode_find("both", &mode));
    assert_false(discover_asks_registry(DISCOVER_WALK));
    assert_false(discover_always_walks(DISCOVER_REGISTRY));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_answers_in_every_state),
        cmocka_unit_test(a_loser_says_by_whom),
        cmocka_unit_test(modes_have_names),
    };
    return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
