// SPDX-License-Identifier: MIT
// Decisions about walked records: what people read about them, and that every lack of memory is a failure. The
// rules themselves are held by tests/decisions.
#include "client/walk/decide.h"
#include "client/walk/decide_words.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const groups[] = {"g"};

static struct record *add_record(struct arena *arena, struct records *records, const char *package,
                                 const char *version) {
    struct record *record = records_add(arena, records);
    assert_non_null(record);
    record->group = "g";
    record->name = "crm";
    record->value = "m:crm";
    record->package = package;
    record->version = version;
    record->source = "walk";
    record->origin = "plugins/crm";
    return record;
}

// Applies one row to one record.
static void decide_one(struct arena *arena, const struct decision *row, enum enforce enforce,
                       struct records *walked, struct records *withheld) {
    struct decision copy = *row;
    struct decisions decisions = {.items = &copy, .count = 1};
    struct records none = {0};
    const struct decider *decider;
    struct decide_rules rules = {.records = &none,
                                 .decisions = &decisions,
                                 .groups = groups,
                                 .group_count = 1,
                                 .environment = "production",
                                 .enforce = enforce};
    assert_int_equal(decider_new(arena, &rules, &decider, NULL), STATUS_OK);
    assert_int_equal(decide_records(arena, decider, walked, withheld, NULL), STATUS_OK);
}

static const struct {
    struct decision row;
    const char *message;
    const char *hint;
} sentences[] = {
    {{.code = "quarantined",
      .message = "The package is quarantined: steals keys.",
      .by = "admin:ops",
      .since = "2026-11-30T12:00:00Z"},
     "The package is quarantined: steals keys. Decided by admin:ops at 2026-11-30T12:00:00Z.",
     "Lift the quarantine: registryctl quarantine acme-crm --undo"},
    {{.code = "quarantined", .message = "The release is quarantined", .version = "1.0"},
     "The release is quarantined",
     "Lift the quarantine: registryctl quarantine acme-crm==1.0 --undo"},
    {{.code = "disabled", .message = "It is disabled", .by = "token:7"},
     "It is disabled. Decided by token:7.",
     "Enable it: registryctl environment enable production acme-crm"},
    {{.code = "not-enabled"},
     "The registry decided it",
     "Enable it: registryctl environment enable production acme-crm"},
    {{.code = "unapproved", .message = "Nobody reviewed it", .since = "2026-11-30T12:00:00Z"},
     "Nobody reviewed it. Decided at 2026-11-30T12:00:00Z.",
     "Read what the registry knows: registryctl show acme-crm"},
};

static void a_withheld_record_says_who_when_and_what_helps(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        struct arena *arena = arena_new(0);
        struct records walked = {0};
        struct records withheld = {0};
        struct findings diagnostics;
        struct decision row = sentences[i].row;
        row.group = "g";
        row.package = "acme-crm";
        row.name = "crm";
        findings_init(&diagnostics, arena);
        struct record *record = add_record(arena, &walked, "acme-crm", "1.0");
        findings_add(&record->findings, SEVERITY_ERROR, "broken", NULL, NULL, "broken");
        decide_one(arena, &row, ENFORCE_ON, &walked, &withheld);
        assert_int_equal(walked.count, 0);
        assert_int_equal(withheld.count, 1);
        const struct findings *findings = &withheld.items[0].findings;
        assert_int_equal(findings->count, 2); // the decision first, then what was there
        assert_string_equal(findings->items[0].code, row.code);
        assert_string_equal(findings->items[0].where, "plugins/crm");
        assert_string_equal(findings->items[0].message, sentences[i].message);
        assert_string_equal(findings->items[0].hint, sentences[i].hint);
        decide_report(&withheld.items[0], &diagnostics);
        assert_string_equal(diagnostics.items[0].code, "withheld");
        assert_string_equal(diagnostics.items[0].message,
                            arena_printf(arena, "\"crm\" of acme-crm 1.0 is withheld (%s): %s",
                                         row.code, sentences[i].message));
        assert_string_equal(diagnostics.items[0].hint, sentences[i].hint);
        arena_free(arena);
    }
}

static void a_warning_comes_behind_those_that_are_there(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walked = {0};
    struct records withheld = {0};
    struct decision row = {.group = "g",
                           .package = "acme-crm",
                           .name = "crm",
                           .code = "outside-pin",
                           .message = "The environment pins acme-crm to >=2",
                           .pin = ">=2"};
    struct record *record = add_record(arena, &walked, "acme-crm", "1.0");
    findings_add(&record->findings, SEVERITY_WARNING, "old", NULL, NULL, "old");
    struct findings before = record->findings;
    decide_one(arena, &row, ENFORCE_ON, &walked, &withheld);
    const struct findings *findings = &walked.items[0].findings;
    assert_int_equal(before.count, 1);
    assert_int_equal(findings->count, 2);
    assert_string_equal(findings->items[1].code, "outside-pin");
    assert_string_equal(findings->items[1].hint,
                        "Install a version that the pin of production accepts: >=2");
    arena_free(arena);
}

static void of_several_rows_the_one_of_the_own_name_is_told(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walked = {0};
    struct records withheld = {0};
    struct records none = {0};
    struct decision rows[] = {
        {.group = "g", .package = "acme-crm", .name = "bi", .code = "disabled", .message = "bi"},
        {.group = "g", .package = "acme-crm", .name = "crm", .code = "disabled", .message = "crm"},
        {.group = "g", .package = "acme-crm", .name = "hr", .code = "disabled", .message = "hr"},
    };
    struct decisions decisions = {.items = rows, .count = COUNT_OF(rows)};
    const struct decider *decider;
    struct decide_rules rules = {.records = &none,
                                 .decisions = &decisions,
                                 .groups = groups,
                                 .group_count = 1,
                                 .environment = "default"};
    add_record(arena, &walked, "acme-crm", NULL);
    assert_int_equal(decider_new(arena, &rules, &decider, NULL), STATUS_OK);
    assert_int_equal(decide_records(arena, decider, &walked, &withheld, NULL), STATUS_OK);
    assert_string_equal(withheld.items[0].findings.items[0].message, "crm");
    arena_free(arena);
}

static void a_group_that_was_not_asked_for_is_left_alone(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct records walked = {0};
    struct records withheld = {0};
    struct decision row = {
        .group = "other", .package = "acme-crm", .name = "crm", .code = "disabled"};
    add_record(arena, &walked, "acme-crm", "1.0")->group = "other";
    decide_one(arena, &row, ENFORCE_STRICT, &walked, &withheld);
    assert_int_equal(walked.count, 1);
    assert_int_equal(walked.items[0].findings.count, 0);
    arena_free(arena);
}

static void a_code_of_a_later_version_is_reported_once(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct findings diagnostics;
    struct decision rows[] = {
        {.group = "g", .package = "a", .code = "known"},
        {.group = "g", .package = "b", .code = "melted"},
        {.group = "g", .package = "c", .code = "frozen-over"},
        {.group = "g", .package = "d", .code = "melted"},
    };
    findings_init(&diagnostics, arena);
    decide_report_unknown(&(struct decisions){.items = rows, .count = COUNT_OF(rows)},
                          &diagnostics);
    assert_int_equal(diagnostics.count, 2);
    assert_string_equal(diagnostics.items[0].code, "decision-unknown");
    assert_non_null(strstr(diagnostics.items[0].message, "melted"));
    assert_non_null(strstr(diagnostics.items[1].message, "frozen-over"));
    arena_free(arena);
}

static void levels_have_names(void **state) {
    (void)state;
    enum enforce enforce;
    for (int i = ENFORCE_ON; i <= ENFORCE_OFF; i++) {
        assert_true(enforce_find(enforce_name((enum enforce)i), &enforce));
        assert_int_equal(enforce, i);
    }
    assert_false(enforce_find("On", &enforce));
}

// A decision must never be lost because memory ran out: then the call fails.
static void without_memory_nothing_is_decided(void **state) {
    (void)state;
    bool succeeded = false;
    for (size_t limit = 256; !succeeded && limit < 1 << 20; limit += 64) {
        struct arena *arena = arena_new(0);
        struct arena *small = arena_new(limit);
        struct records walked = {0};
        struct records withheld = {0};
        struct records none = {0};
        struct error err = {0};
        struct decision row = {.group = "g",
                               .package = "acme-crm",
                               .name = "crm",
                               .code = "quarantined",
                               .message = "steals keys"};
        struct decisions decisions = {.items = &row, .count = 1};
        const struct decider *decider = NULL;
        struct decide_rules rules = {.records = &none,
                                     .decisions = &decisions,
                                     .groups = groups,
                                     .group_count = 1,
                                     .environment = "default"};
        add_record(arena, &walked, "acme-crm", "1.0");
        enum status status = small ? decider_new(small, &rules, &decider, &err) : STATUS_NO_MEMORY;
        if (!status) {
            status = decide_records(small, decider, &walked, &withheld, &err);
        }
        succeeded = !status;
        assert_true(succeeded ? withheld.count == 1 && walked.count == 0
                              : status == STATUS_NO_MEMORY);
        arena_free(small);
        arena_free(arena);
    }
    assert_true(succeeded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withheld_record_says_who_when_and_what_helps),
        cmocka_unit_test(a_warning_comes_behind_those_that_are_there),
        cmocka_unit_test(of_several_rows_the_one_of_the_own_name_is_told),
        cmocka_unit_test(a_group_that_was_not_asked_for_is_left_alone),
        cmocka_unit_test(a_code_of_a_later_version_is_reported_once),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(without_memory_nothing_is_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
