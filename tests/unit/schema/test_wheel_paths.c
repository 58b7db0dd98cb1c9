// SPDX-License-Identifier: MIT
// Where the files of a wheel lie once it is installed.
#include "schema/readers/artifact/wheel_paths.h"

#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NAMES_MAX = 12 };

struct listing_case {
    const char *names[NAMES_MAX]; // of the members, sorted
    struct {
        const char *path;
        const char *names;
    } folders[NAMES_MAX];
};

static const struct listing_case cases[] = {
    {{"crm-1.0.dist-info/METADATA", "crm-1.0.dist-info/licenses/LICENSE"}, {{NULL, NULL}}},
    {{"crm-1.0.dist-info/RECORD", "crm.py", "plugins/crm/__init__.py", "plugins/crm/dbt/a.sql",
      "plugins/crm/plugin.yaml"},
     {{"crm.py", ""}, {"plugins/crm", "__init__.py\nplugin.yaml"}, {"plugins/crm/dbt", "a.sql"}}},
    // a folder's files are together, whatever sorts between them
    {{"a/b-c/x", "a/b.py", "a/b/x", "a/c.py"}, {{"a", "b.py\nc.py"}, {"a/b", "x"}, {"a/b-c", "x"}}},
    // the schemes of .data; headers are kept apart by installers, and unknown schemes by no one
    {{"crm-1.0.data/data/etc/crm.conf", "crm-1.0.data/data/top.txt", "crm-1.0.data/headers/crm.h",
      "crm-1.0.data/platlib/crm/_fast.so", "crm-1.0.data/purelib/crm/a.py",
      "crm-1.0.data/purelib/top.py", "crm-1.0.data/scripts/crm", "crm-1.0.data/strange/x",
      "crm/a.py", "crm/b.py"},
     {{"crm", "_fast.so\na.py\nb.py"},
      {"top.py", ""},
      {"{data}/etc", "crm.conf"},
      {"{data}/top.txt", ""},
      {"{scripts}/crm", ""}}},
    // of another stem, these are folders like any other
    {{"crm-2.0.data/scripts/x", "other-1.0.dist-info/x"},
     {{"crm-2.0.data/scripts", "x"}, {"other-1.0.dist-info", "x"}}},
};

static void files_lie_where_installers_put_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scoped(cleanup_arena) struct arena *arena = arena_new(0);
        struct findings findings;
        findings_init(&findings, arena);
        struct reader reader = {arena, &findings, "crm.whl"};
        struct archive_member items[NAMES_MAX] = {0};
        struct archive_members members = {items, 0};
        while (members.count < NAMES_MAX && cases[i].names[members.count]) {
            items[members.count] =
                (struct archive_member){.name = cases[i].names[members.count], .is_file = true};
            members.count++;
        }
        struct wheel_folders folders = wheel_paths_list(&reader, &members, text_from("crm-1.0"));
        for (size_t j = 0; j < folders.count; j++) {
            assert_non_null(cases[i].folders[j].path);
            assert_string_equal(folders.items[j].path, cases[i].folders[j].path);
            assert_string_equal(folders.items[j].names, cases[i].folders[j].names);
        }
        assert_null(cases[i].folders[folders.count].path);
        assert_false(findings.no_memory);
    }
}

static void directories_and_links_are_no_files(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    struct reader reader = {arena, &findings, "crm.whl"};
    struct archive_member items[] = {{.name = "crm/", .is_file = false}};
    struct archive_members members = {items, 1};
    assert_int_equal(wheel_paths_list(&reader, &members, text_from("crm-1.0")).count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_lie_where_installers_put_them),
        cmocka_unit_test(directories_and_links_are_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
