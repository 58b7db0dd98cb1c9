// SPDX-License-Identifier: MIT
// Tables of packages: how they are built, and how a changed copy shares what did not change.
#include "registryd/tables/group_table_build.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct candidate_entry entries[] = {
    {"app.plugins", "admin", "crm.admin:plugin", NULL},
    {"app.plugins", "sales", "crm.sales:plugin", "{\"a\":1}"},
};

static struct package *make_package(const char *name, size_t release_count) {
    struct candidate_release releases[] = {
        {.version = "2.0", .entries = entries, .entry_count = 2},
        {.version = "1.0",
         .entries = entries,
         .entry_count = 2,
         .requires_dist = "[\"a\\\\b\", \"c; os_name == \\\"nt\\\"\"]"},
    };
    struct candidate_package from = {
        .name = name, .status = "active", .releases = releases, .release_count = release_count};
    struct package *package = NULL;
    assert_int_equal(package_new(&from, &package, NULL), STATUS_OK);
    return package;
}

static struct group_table *make_table(size_t count) {
    struct package **packages = calloc(count + 1, sizeof *packages);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%05zu", i);
        packages[i] = make_package(name, 2);
    }
    struct group_table *table = group_table_build("app.plugins", 7, packages, count);
    assert_non_null(table);
    for (size_t i = 0; i < count; i++) {
        package_unref(packages[i]);
    }
    free(packages);
    return table;
}

// That the table holds `count` packages in order, found one by one.
static void check_table(const struct group_table *table, size_t count) {
    assert_int_equal(table->count, count);
    struct group_cursor cursor = group_table_seek(table, "");
    const struct package *package = group_cursor_next(&cursor);
    const char *before = "";
    size_t found = 0;
    for (; package; package = group_cursor_next(&cursor)) {
        assert_true(strcmp(before, package->name) < 0);
        assert_ptr_equal(group_table_find(table, package->name), package);
        before = package->name;
        found++;
    }
    assert_int_equal(found, count);
}

static void a_package_says_what_the_store_gave(void **state) {
    (void)state;
    struct package *package = make_package("crm", 2);
    assert_string_equal(package->name, "crm");
    assert_int_equal(package->release_count, 2);
    const struct release_terms *terms = package->releases[1].terms;
    assert_int_equal(terms->requirement_count, 2);
    assert_string_equal(terms->requirements[0].text, "a\\b");
    assert_string_equal(terms->requirements[1].text, "c; os_name == \"nt\"");
    assert_int_equal(package->releases[0].terms->requirement_count, 0);
    assert_ptr_equal(package->releases[0].entries, package->releases[1].entries);
    assert_string_equal(package->releases[1].entries[1].manifest, "{\"a\":1}");
    assert_true(package_is_in(package, "app.plugins"));
    assert_true(package_is_in(package, ""));
    assert_false(package_is_in(package, "app"));
    struct package *same = make_package("crm", 2);
    struct package *other = make_package("crm", 1);
    assert_true(package_equals(package, same));
    assert_false(package_equals(package, other));
    package_unref(package);
    package_unref(same);
    package_unref(other);
}

static void tables_of_any_size_are_in_order(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 127, 128, 129, 1000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct group_table *table = make_table(sizes[i]);
        check_table(table, sizes[i]);
        assert_null(group_table_find(table, "a"));
        assert_null(group_table_find(table, "z"));
        assert_null(group_table_find(table, "p00000x"));
        group_table_unref(table);
    }
}

static void a_cursor_begins_at_a_name(void **state) {
    (void)state;
    struct group_table *table = make_table(300);
    static const struct {
        const char *name;
        const char *first;
    } rows[] = {
        {"", "p00000"},        {"p00000", "p00000"}, {"p00127", "p00127"}, {"p00127x", "p00128"},
        {"p00255x", "p00256"}, {"p00299", "p00299"}, {"p00299x", NULL},    {"z", NULL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct group_cursor cursor = group_table_seek(table, rows[i].name);
        const struct package *package = group_cursor_next(&cursor);
        assert_true(!package == !rows[i].first);
        if (package) {
            assert_string_equal(package->name, rows[i].first);
        }
    }
    group_table_unref(table);
}

static struct group_table *replace(struct group_table *table, const char *name, bool is_there) {
    struct package *package = is_there ? make_package(name, 1) : NULL;
    struct group_table *fresh = group_table_replace(table, name, package, 9);
    assert_non_null(fresh);
    package_unref(package);
    return fresh;
}

static void a_changed_copy_shares_the_rest(void **state) {
    (void)state;
    struct group_table *table = make_table(1000);
    struct group_table *fresh = replace(table, "p00500", true);
    assert_int_equal(fresh->serial, 9);
    assert_int_equal(table->serial, 7);
    assert_ptr_equal(group_table_find(fresh, "p00499"), group_table_find(table, "p00499"));
    assert_int_equal(group_table_find(fresh, "p00500")->release_count, 1);
    assert_int_equal(group_table_find(table, "p00500")->release_count, 2);
    size_t shared = 0;
    for (size_t i = 0; i < table->leaf_count; i++) {
        shared += fresh->leaves[i] == table->leaves[i];
    }
    assert_int_equal(shared, table->leaf_count - 1);
    group_table_unref(table); // what is shared lives on
    check_table(fresh, 1000);
    group_table_unref(fresh);
}

static void packages_come_and_go_in_order(void **state) {
    (void)state;
    static const char *const names[] = {"a", "p00000x", "p00127x", "p00128", "z"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct group_table *table = make_table(300);
        bool is_new = !group_table_find(table, names[i]);
        struct group_table *more = replace(table, names[i], true);
        check_table(more, 300 + is_new);
        struct group_table *less = replace(more, names[i], false);
        check_table(less, 299 + is_new);
        assert_null(group_table_find(less, names[i]));
        struct group_table *same = replace(less, "not-there", false);
        check_table(same, 299 + is_new);
        group_table_unref(same);
        group_table_unref(less);
        group_table_unref(more);
        group_table_unref(table);
    }
}

// One after the other, so that leaves fill up and are split, then empty and go.
static void a_table_grows_from_nothing_and_shrinks_to_it(void **state) {
    (void)state;
    enum { COUNT = 700 };
    struct group_table *table = group_table_new("app.plugins", 1);
    char name[32];
    for (int step = 0; step < 2 * COUNT; step++) {
        snprintf(name, sizeof name, "p%05d",
                 step * 37 % COUNT); // 37 and COUNT have no common factor
        struct group_table *fresh = replace(table, name, step < COUNT);
        group_table_unref(table);
        table = fresh;
        check_table(table, (size_t)(step < COUNT ? step + 1 : 2 * COUNT - step - 1));
    }
    assert_int_equal(table->leaf_count, 0);
    group_table_unref(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_package_says_what_the_store_gave),
        cmocka_unit_test(tables_of_any_size_are_in_order),
        cmocka_unit_test(a_cursor_begins_at_a_name),
        cmocka_unit_test(a_changed_copy_shares_the_rest),
        cmocka_unit_test(packages_come_and_go_in_order),
        cmocka_unit_test(a_table_grows_from_nothing_and_shrinks_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
