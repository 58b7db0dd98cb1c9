// SPDX-License-Identifier: MIT
// Selection: rows of a package's releases, a question, and what must be taken and left out and why.
// Then tables: how they are built, and how a changed copy shares what did not change.
#include "registryd/index/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_RELEASES = 6 };

struct selection_case {
    const char *title;
    const char *status;                              // of the package
    struct candidate_release releases[MAX_RELEASES]; // newest first, up to one without a version
    const char *python;
    bool prereleases;
    const char *taken;    // version, or "" for none
    const char *excluded; // "VERSION=CODE" for each, newest first
};

static const struct selection_case cases[] = {
    {.title = "the newest",
     .releases = {{.version = "2.0"}, {.version = "1.0"}},
     .taken = "2.0",
     .excluded = "1.0=superseded"},
    {.title = "nothing there", .taken = "", .excluded = ""},
    {.title = "a yanked release is passed over",
     .releases = {{.version = "2.0", .yanked = true}, {.version = "1.0"}},
     .taken = "1.0",
     .excluded = "2.0=yanked"},
    {.title = "all yanked",
     .releases = {{.version = "2.0", .yanked = true}, {.version = "1.0", .yanked = true}},
     .taken = "",
     .excluded = "2.0=yanked 1.0=yanked"},
    {.title = "a quarantined package gives nothing, whatever its releases",
     .status = "quarantined",
     .releases = {{.version = "2.0", .yanked = true}, {.version = "1.0"}},
     .taken = "",
     .excluded = "2.0=quarantined 1.0=quarantined"},
    {.title = "deprecated and archived packages are still there",
     .status = "archived",
     .releases = {{.version = "1.0"}},
     .taken = "1.0",
     .excluded = ""},
    {.title = "a pre-release is passed over",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .taken = "1.0",
     .excluded = "2.0b1=prerelease"},
    {.title = "a pre-release is taken when allowed",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .prereleases = true,
     .taken = "2.0b1",
     .excluded = "1.0=superseded"},
    {.title = "an older final release wins over newer pre-releases, with older ones named as such",
     .releases = {{.version = "2.0rc1", .prerelease = true},
                  {.version = "1.0"},
                  {.version = "1.0rc1", .prerelease = true}},
     .taken = "1.0",
     .excluded = "2.0rc1=prerelease 1.0rc1=prerelease"},
    {.title = "a pre-release alone is taken",
     .releases = {{.version = "1.0b2", .prerelease = true},
                  {.version = "1.0b1", .prerelease = true}},
     .taken = "1.0b2",
     .excluded = "1.0b1=superseded"},
    {.title = "a pre-release is alone, too, when no final release fits",
     .releases = {{.version = "2.0b1", .prerelease = true},
                  {.version = "1.1", .yanked = true},
                  {.version = "1.0", .requires_python = "<3.9"}},
     .python = "3.11.2",
     .taken = "2.0b1",
     .excluded = "1.1=yanked 1.0=requires-python"},
    {.title = "the newest that fits the Python",
     .releases = {{.version = "3.0", .requires_python = ">=3.12"},
                  {.version = "2.0", .requires_python = ">=3.9"},
                  {.version = "1.0"}},
     .python = "3.11.2",
     .taken = "2.0",
     .excluded = "3.0=requires-python 1.0=superseded"},
    {.title = "no Python named: any fits",
     .releases = {{.version = "3.0", .requires_python = ">=3.12"}, {.version = "2.0"}},
     .taken = "3.0",
     .excluded = "2.0=superseded"},
    {.title = "a pre-release of Python is a version like any other",
     .releases = {{.version = "2.0", .requires_python = ">=3.13"},
                  {.version = "1.0", .requires_python = ">=3.12"}},
     .python = "3.13.0rc1",
     .taken = "1.0",
     .excluded = "2.0=requires-python"},
    {.title = "a requirement that cannot be read is not fulfilled",
     .releases = {{.version = "2.0", .requires_python = "three"}, {.version = "1.0"}},
     .python = "3.11",
     .taken = "1.0",
     .excluded = "2.0=requires-python"},
    {.title = "what is wrong with a release is named before what is newer",
     .releases = {{.version = "2.0"},
                  {.version = "1.1", .yanked = true},
                  {.version = "1.0", .requires_python = ">=3.12"}},
     .python = "3.11",
     .taken = "2.0",
     .excluded = "1.1=yanked 1.0=requires-python"},
    {.title = "yanked is named before the Python",
     .releases = {{.version = "2.0", .yanked = true, .requires_python = ">=3.12"}},
     .python = "3.11",
     .taken = "",
     .excluded = "2.0=yanked"},
};

static struct package *make_package(const struct selection_case *row) {
    struct candidate_package from = {.name = "crm",
                                     .display_name = "CRM",
                                     .status = row->status ? row->status : "active",
                                     .releases = (struct candidate_release *)row->releases};
    while (from.release_count < MAX_RELEASES && row->releases[from.release_count].version) {
        from.release_count++;
    }
    struct package *package = NULL;
    assert_int_equal(package_new(&from, &package, NULL), STATUS_OK);
    return package;
}

static void write_exclusions(const struct exclusions *exclusions, char *text, size_t size) {
    text[0] = '\0';
    for (size_t i = 0; i < exclusions->count; i++) {
        const struct exclusion *item = &exclusions->items[i];
        size_t len = strlen(text);
        snprintf(text + len, size - len, "%s%s=%s", i ? " " : "", item->version, item->code);
        assert_string_equal(item->package, "crm");
        assert_true(strlen(item->detail) > 10);
    }
}

static void every_row_is_selected_as_written(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct selection_case *row = &cases[i];
        struct arena *arena = arena_new(0);
        struct package *package = make_package(row);
        struct select_query query = {.prereleases = row->prereleases};
        if (row->python) {
            assert_int_equal(version_parse(arena, text_from(row->python), &query.python, NULL), 0);
        }
        const struct package_release *taken = select_release(package, &query);
        struct exclusions exclusions = {0};
        assert_int_equal(select_exclusions(arena, package, &query, &exclusions, NULL), STATUS_OK);
        char text[256];
        write_exclusions(&exclusions, text, sizeof text);
        if (strcmp(taken ? taken->version : "", row->taken) != 0 ||
            strcmp(text, row->excluded) != 0) {
            fail_msg("%s: took \"%s\", left out \"%s\"", row->title, taken ? taken->version : "",
                     text);
        }
        package_unref(package);
        arena_free(arena);
    }
}

// ---- tables ----

static struct candidate_entry entries_one[] = {{"sales", "crm.sales:plugin", "{\"a\":1}"},
                                               {"admin", "crm.admin:plugin", NULL}};
static struct candidate_entry entries_two[] = {{"sales", "crm2.sales:plugin", NULL}};
static struct candidate_release crm_releases[] = {
    {.version = "2.0", .entries = entries_two, .entry_count = 1},
    {.version = "1.0", .entries = entries_one, .entry_count = 2},
};
static struct candidate_release blog_releases[] = {
    {.version = "1.0", .entries = entries_one, .entry_count = 2},
};
static struct candidate_release dropped_releases[] = {
    {.version = "2.0"}, // dropped the group
    {.version = "1.0", .entries = entries_one, .entry_count = 2},
};
static struct candidate_package blog = {"blog", "Blog", "active", blog_releases, 1};
static struct candidate_package crm = {"crm", "CRM", "active", crm_releases, 2};
static struct candidate_package wiki = {"wiki", "Wiki", "active", dropped_releases, 2};

static struct group_table *make_table(void) {
    struct candidate_package packages[] = {blog, crm, wiki};
    struct candidates candidates = {packages, 3, {"epoch", 7}};
    struct group_table *table = NULL;
    assert_int_equal(group_table_new("app.plugins", &candidates, &table, NULL), STATUS_OK);
    return table;
}

static void records_come_from_the_taken_release_alone(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct group_table *table = make_table();
    struct select_query query = {0};
    struct records records = {0};
    assert_int_equal(select_records(arena, table, &query, &records, NULL), STATUS_OK);
    records_sort(&records);
    static const char *const expected[][4] = {
        {"admin", "blog", "1.0", "/v1/packages/blog/releases/1.0"},
        {"sales", "blog", "1.0", "/v1/packages/blog/releases/1.0"},
        {"sales", "crm", "2.0", "/v1/packages/crm/releases/2.0"},
    };
    assert_int_equal(records.count, 3);
    for (size_t i = 0; i < records.count; i++) {
        assert_string_equal(records.items[i].group, "app.plugins");
        assert_string_equal(records.items[i].source, "registry");
        assert_string_equal(records.items[i].name, expected[i][0]);
        assert_string_equal(records.items[i].package, expected[i][1]);
        assert_string_equal(records.items[i].version, expected[i][2]);
        assert_string_equal(records.items[i].origin, expected[i][3]);
        assert_null(records.items[i].label);
    }
    assert_string_equal(records.items[1].manifest, "{\"a\":1}");
    assert_null(records.items[2].manifest);
    group_table_unref(table);
    arena_free(arena);
}

static struct group_table *replace(const struct group_table *table, const char *name,
                                   const struct candidate_package *package) {
    struct candidate_package copy = package ? *package : (struct candidate_package){0};
    struct candidates candidates = {&copy, package ? 1 : 0, {"epoch", 9}};
    struct group_table *fresh = NULL;
    assert_int_equal(group_table_replace(table, name, &candidates, &fresh, NULL), STATUS_OK);
    return fresh;
}

static void a_changed_copy_shares_the_rest(void **state) {
    (void)state;
    struct group_table *table = make_table();
    struct candidate_package fixed = crm;
    fixed.release_count = 1;
    struct group_table *fresh = replace(table, "crm", &fixed);
    assert_int_equal(fresh->count, 3);
    assert_int_equal(fresh->serial, 9);
    assert_int_equal(table->serial, 7);
    assert_ptr_equal(group_table_find(fresh, "blog"), group_table_find(table, "blog"));
    assert_ptr_equal(group_table_find(fresh, "wiki"), group_table_find(table, "wiki"));
    assert_int_equal(group_table_find(fresh, "crm")->release_count, 1);
    assert_int_equal(group_table_find(table, "crm")->release_count, 2);
    group_table_unref(table); // what is shared lives on
    assert_string_equal(group_table_find(fresh, "blog")->releases[0].version, "1.0");
    group_table_unref(fresh);
}

static void packages_come_and_go_in_order(void **state) {
    (void)state;
    static const char *const names[] = {"aaa", "crm-2", "zzz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct group_table *table = make_table();
        struct candidate_package added = blog;
        added.name = names[i];
        struct group_table *more = replace(table, names[i], &added);
        assert_int_equal(more->count, 4);
        for (size_t at = 1; at < more->count; at++) {
            assert_true(strcmp(more->packages[at - 1]->name, more->packages[at]->name) < 0);
        }
        struct group_table *less = replace(more, names[i], NULL);
        assert_int_equal(less->count, 3);
        assert_null(group_table_find(less, names[i]));
        struct group_table *same = replace(less, "not-there", NULL);
        assert_int_equal(same->count, 3);
        group_table_unref(same);
        group_table_unref(less);
        group_table_unref(more);
        group_table_unref(table);
    }
}

static void an_empty_table_is_a_table(void **state) {
    (void)state;
    struct candidates none = {NULL, 0, {"epoch", 1}};
    struct group_table *table = NULL;
    assert_int_equal(group_table_new("app.plugins", &none, &table, NULL), STATUS_OK);
    assert_null(group_table_find(table, "crm"));
    struct group_table *fresh = replace(table, "crm", &crm);
    assert_int_equal(fresh->count, 1);
    group_table_unref(fresh);
    group_table_unref(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_selected_as_written),
        cmocka_unit_test(records_come_from_the_taken_release_alone),
        cmocka_unit_test(a_changed_copy_shares_the_rest),
        cmocka_unit_test(packages_come_and_go_in_order),
        cmocka_unit_test(an_empty_table_is_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
