// SPDX-License-Identifier: MIT
// Locks: what is written is read again, what a selection from one gives and leaves out, which decisions it has, and
// memory running out at every allocation of all of that.
#include "tests/unit/no_memory.h"

#include "registryd/resolver/selection_make.h"
#include "registryd/tables/group_table_build.h"
#include "registryd/tables/package_pack.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char GROUP[] = "app.plugins";

// Two packages with one name in one group: `crm` lost it to `base` when the lock was made.
static const char document[] =
    "{\"serial\":7,\"epoch\":\"e\",\"releases\":["
    "{\"package\":\"base\",\"version\":\"2.0\",\"requires_python\":\">=3.9\",\"files\":["
    "{\"filename\":\"base-2.0-py3-none-any.whl\",\"kind\":\"wheel\",\"sha256\":\"ab\",\"size\":5,"
    "\"tags\":\"py3-none-any\",\"uploaded_at\":\"2026-01-01T00:00:00.000Z\"}]},"
    "{\"package\":\"crm\",\"version\":\"1.0\",\"requires_python\":null,\"files\":[],"
    "\"ignored\":{\"reason\":\"no other way\",\"by\":\"admin\",\"at\":\"2026-01-01T00:00:00Z\"}}],"
    "\"records\":["
    "{\"group\":\"app.plugins\",\"name\":\"x\",\"value\":\"base:x\",\"package\":\"base\","
    "\"version\":\"2.0\",\"source\":\"registry\",\"label\":null,\"origin\":\"/"
    "b\",\"shadowed_by\":null,"
    "\"manifest\":{\"a\":1},\"warnings\":[{\"code\":\"deprecated\",\"where\":null,\"message\":"
    "\"old\","
    "\"hint\":null}],\"errors\":[]},"
    "{\"group\":\"app.plugins\",\"name\":\"x\",\"value\":\"crm:x\",\"package\":\"crm\","
    "\"version\":\"1.0\",\"source\":\"registry\",\"label\":null,\"origin\":\"/"
    "c\",\"shadowed_by\":\"/b\","
    "\"manifest\":null,\"warnings\":[],\"errors\":[]}],"
    "\"decisions\":[{\"package\":\"off\",\"group\":\"app.plugins\",\"name\":\"o\",\"version\":null,"
    "\"code\":\"yanked\",\"message\":\"m\",\"since\":null,\"by\":null,\"by_name\":false}],"
    "\"known\":[{\"group\":\"app.plugins\",\"package\":\"idle\"},"
    "{\"group\":\"app.plugins\",\"package\":\"off\"}],"
    "\"owners\":[{\"group\":\"app.plugins\",\"package\":\"*\"}]}";

static const struct environment_lock_row row = {
    .id = 3, .environment = "staging", .revision = 12, .made_by = "admin", .document = document};

// ---- a table of the present ----

static struct package *make_package(const char *name, const char *status, const char *quarantined) {
    struct candidate_entry entry = {.group = GROUP, .name = "x", .value = "m:x"};
    struct candidate_release releases[] = {
        {.version = "9.0", .entries = &entry, .entry_count = 1},
        {.version = strcmp(name, "base") == 0 ? "2.0" : "1.0",
         .quarantined = quarantined,
         .entries = &entry,
         .entry_count = 1},
    };
    const struct candidate_package from = {.name = name,
                                           .display_name = name,
                                           .status = status,
                                           .releases = releases,
                                           .release_count = COUNT_OF(releases)};
    struct package *package = NULL;
    return package_new(&from, &package, NULL) ? NULL : package;
}

// `base` as it is now, and `crm` of which the package is quarantined since.
static struct group_table *make_table(const char *base_quarantined) {
    struct package *packages[] = {make_package("base", "active", base_quarantined),
                                  make_package("crm", "quarantined", NULL)};
    struct group_table *table =
        packages[0] && packages[1] ? group_table_build(GROUP, 1, packages, 2) : NULL;
    for (size_t i = 0; i < COUNT_OF(packages); i++) {
        package_unref(packages[i]);
    }
    return table;
}

struct question {
    struct arena *arena;
    struct group_table *table;
    struct resolve_query query;
    struct environment environment;
};

static enum status ask(const struct question *question, struct selection *ret_selection,
                       struct error *err) {
    static const struct contracts none;
    struct lock *lock = arena_alloc(question->arena, sizeof *lock);
    enum status status = lock ? lock_decode(question->arena, &row, lock, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    const struct selection_sources sources = {.query = &question->query,
                                              .tables = &question->table,
                                              .table_count = 1,
                                              .environment = &question->environment,
                                              .lock = lock,
                                              .contracts = &none};
    return selection_make(question->arena, &sources, ret_selection, err);
}

static struct question begin(struct arena *arena, const char *base_quarantined) {
    static const char *const groups[] = {GROUP};
    return (struct question){.arena = arena,
                             .table = make_table(base_quarantined),
                             .query = {.groups = groups, .group_count = 1},
                             .environment = {.name = "production", .python = "3.11.2"}};
}

// ---- tests ----

static void what_is_written_is_read_again(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct lock lock;
    const char *written = NULL;
    assert_int_equal(lock_decode(arena, &row, &lock, NULL), STATUS_OK);
    assert_int_equal(lock_encode(arena, &lock, &written, NULL), STATUS_OK);
    json_t *before = json_loads(document, 0, NULL);
    json_t *after = json_loads(written, 0, NULL);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    assert_string_equal(lock_find(&lock, "crm")->ignored, "no other way");
    assert_string_equal(lock_find(&lock, "base")->files[0].sha256, "ab");
    assert_null(lock_find(&lock, "bas"));
    const struct lock *copy = lock_copy(arena, &lock);
    assert_int_equal(copy->release_count, 2);
    assert_int_equal(copy->records.count, 0);
    arena_free(arena);
}

static void a_spoilt_lock_is_a_fault(void **state) {
    (void)state;
    static const char *const spoilt[] = {
        "",
        "[]",
        "{\"serial\":1}",
        "{\"serial\":1,\"epoch\":\"e\",\"releases\":[{\"package\":\"x\"}],\"records\":[]}",
        "{\"serial\":1,\"epoch\":\"e\",\"releases\":[],\"records\":[{\"name\":1}]}",
        "{\"serial\":1,\"epoch\":\"e\",\"releases\":[],\"records\":[],\"decisions\":[1]}"};
    for (size_t i = 0; i < COUNT_OF(spoilt); i++) {
        struct arena *arena = arena_new(0);
        struct environment_lock_row bad = row;
        struct lock lock;
        bad.document = spoilt[i];
        assert_int_equal(lock_decode(arena, &bad, &lock, NULL), STATUS_INTERNAL);
        arena_free(arena);
    }
}

static void files_fit_by_their_tags(void **state) {
    (void)state;
    const struct locked_file wheel = {.kind = "wheel", .tags = "cp311-cp311-win32 py3-none-any"};
    const struct locked_file sdist = {.kind = "sdist", .tags = ""};
    const char *const any[] = {"cp312-cp312-win32", "py3-none-any"};
    const char *const other[] = {"cp312-cp312-win32"};
    assert_true(locked_file_fits(&wheel, &(struct host_tags){any, 2}));
    assert_false(locked_file_fits(&wheel, &(struct host_tags){other, 1}));
    assert_true(locked_file_fits(&wheel, &(struct host_tags){NULL, 0}));
    assert_true(locked_file_fits(&sdist, &(struct host_tags){other, 1}));
}

static void only_a_quarantine_withholds(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct selection selection;
    struct question question = begin(arena, NULL);
    question.query.explain = true;
    assert_int_equal(ask(&question, &selection, NULL), STATUS_OK);
    // `crm` is kept, because the lock ignores its quarantine; the newer 9.0 of both is not taken.
    assert_int_equal(selection.records.count, 2);
    assert_string_equal(selection.records.items[0].version, "2.0");
    assert_int_equal(selection.records.items[0].findings.count, 1);
    assert_string_equal(selection.records.items[1].shadowed_by, "/b");
    assert_int_equal(selection.excluded.count, 2);
    assert_string_equal(selection.excluded.items[0].code, "frozen");
    group_table_unref(question.table);

    question = begin(arena, "worm");
    question.query.wants_missing = true;
    assert_int_equal(ask(&question, &selection, NULL), STATUS_OK);
    // The other record of the name stays shadowed: a quarantine brings no other code in.
    assert_int_equal(selection.records.count, 1);
    assert_string_equal(selection.records.items[0].package, "crm");
    assert_string_equal(selection.records.items[0].shadowed_by, "/b");
    assert_int_equal(selection.missing.count, 1);
    assert_string_equal(selection.missing.items[0].package, "base");
    assert_string_equal(selection.missing.items[0].code, "quarantined");
    group_table_unref(question.table);
    arena_free(arena);
}

static void settings_need_the_right_to_see_them(void **state) {
    (void)state;
    struct environment_plugin plugin = {.package = "base", .settings = "{\"size\":1}"};
    for (int shown = 0; shown < 2; shown++) {
        struct arena *arena = arena_new(0);
        struct selection selection;
        struct question question = begin(arena, NULL);
        question.environment.plugins = &plugin;
        question.environment.plugin_count = 1;
        question.query.with_settings = shown;
        assert_int_equal(ask(&question, &selection, NULL), STATUS_OK);
        assert_int_equal(selection.records.items[0].settings != NULL, shown);
        group_table_unref(question.table);
        arena_free(arena);
    }
}

static void a_question_may_only_repeat_the_facts(void **state) {
    (void)state;
    static const struct {
        const char *python;
        enum choice prereleases;
        enum status status;
    } cases[] = {{"3.11.2", CHOICE_NO, STATUS_OK},
                 {"v3.11.2", CHOICE_UNSET, STATUS_OK},
                 {"3.12", CHOICE_UNSET, STATUS_CONFLICT},
                 {NULL, CHOICE_YES, STATUS_CONFLICT},
                 {"x", CHOICE_UNSET, STATUS_INVALID}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new(0);
        struct selection selection;
        struct question question = begin(arena, NULL);
        question.query.python = cases[i].python;
        question.query.prereleases = cases[i].prereleases;
        assert_int_equal(ask(&question, &selection, NULL), cases[i].status);
        group_table_unref(question.table);
        arena_free(arena);
    }
}

static void decisions_are_of_the_lock(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct selection selection;
    struct question question = begin(arena, "worm");
    question.query.decides = true;
    assert_int_equal(ask(&question, &selection, NULL), STATUS_OK);
    const struct decisions *decisions = &selection.decisions;
    static const char *const expected[][3] = {
        {"*", "owner", NULL},    {"base", "quarantined", "2.0"}, {"crm", "quarantined", "9.0"},
        {"idle", "known", NULL}, {"off", "known", NULL},         {"off", "yanked", NULL}};
    assert_int_equal(decisions->count, COUNT_OF(expected));
    for (size_t i = 0; i < decisions->count; i++) {
        assert_string_equal(decisions->items[i].package, expected[i][0]);
        assert_string_equal(decisions->items[i].code, expected[i][1]);
        if (expected[i][2]) {
            assert_string_equal(decisions->items[i].version, expected[i][2]);
        } else {
            assert_null(decisions->items[i].version);
        }
    }
    group_table_unref(question.table);
    arena_free(arena);
}

// ---- without memory ----

static enum status do_everything(struct group_table *table) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    static const char *const groups[] = {GROUP};
    const struct question question = {.arena = arena,
                                      .table = table,
                                      .query = {.groups = groups,
                                                .group_count = 1,
                                                .explain = true,
                                                .wants_missing = true,
                                                .decides = true},
                                      .environment = {.name = "production", .python = "3.11.2"}};
    struct selection selection;
    const char *written = NULL;
    struct lock lock;
    if (!arena) {
        return STATUS_NO_MEMORY;
    }
    enum status status = ask(&question, &selection, NULL);
    if (status) {
        return status;
    }
    if (!selection_own(arena, &selection)) {
        return STATUS_NO_MEMORY;
    }
    status = lock_decode(arena, &row, &lock, NULL);
    return status ? status : lock_encode(arena, &lock, &written, NULL);
}

static void memory_runs_out_everywhere(void **state) {
    (void)state;
    struct group_table *table = make_table("worm");
    enum status status = STATUS_NO_MEMORY;
    size_t failures = 0;
    size_t misnamed = 0;
    for (long n = 0; status; n++) {
        allow(n);
        status = do_everything(table);
        allow(-1);
        // jansson's lexer calls a failed allocation inside a string an invalid token
        failures += status == STATUS_NO_MEMORY;
        misnamed += status == STATUS_INTERNAL;
        assert_true((long)(failures + misnamed) == n + (status ? 1 : 0));
    }
    assert_true(failures > 50 && failures > misnamed);
    group_table_unref(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_spoilt_lock_is_a_fault),
        cmocka_unit_test(files_fit_by_their_tags),
        cmocka_unit_test(only_a_quarantine_withholds),
        cmocka_unit_test(settings_need_the_right_to_see_them),
        cmocka_unit_test(a_question_may_only_repeat_the_facts),
        cmocka_unit_test(decisions_are_of_the_lock),
        cmocka_unit_test(memory_runs_out_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
