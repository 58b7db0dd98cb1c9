// SPDX-License-Identifier: MIT
// Declared conventions: the examples of docs/examples/conventions say what the built-in readers do, so
// both must give the same records; and each wrong declaration or plugin is named.
#include "schema/base/cleanup.h"
#include "schema/readers/conventions/declared.h"
#include "schema/readers/conventions/mountaineer.h"
#include "schema/readers/conventions/plugin_meta.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct findings findings;

static int begin(void **state) {
    (void)state;
    arena = arena_new(0);
    findings_init(&findings, arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static struct source_file source(const char *path, const char *text) {
    return (struct source_file){path, text, strlen(text)};
}

static const struct declared *load(const char *name) {
    char bytes[4096];
    const char *path = arena_printf(arena, "docs/examples/conventions/%s.yaml", name);
    scoped(cleanup_file) FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    size_t len = fread(bytes, 1, sizeof bytes, stream);
    struct source_file file = {path, bytes, len};
    const struct declared *declared = NULL;
    assert_int_equal(declared_parse(arena, &file, &findings, &declared, NULL), STATUS_OK);
    return declared;
}

static const char *first_finding(void) {
    const struct finding *first = findings.count ? &findings.items[0] : NULL;
    return first ? arena_printf(arena, "%s %s", first->code, first->where) : "none";
}

static void assert_same_record(const struct release *one, const struct release *other) {
    const struct entry_point *a = &one->entry_points[one->entry_point_count - 1];
    const struct entry_point *b = &other->entry_points[other->entry_point_count - 1];
    assert_string_equal(a->group, b->group);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->value, b->value);
    assert_string_equal(one->name, other->name);
    assert_string_equal(one->version, other->version);
}

static const char hello[] =
    "PLUGIN_META = {'id': 'hello-world', 'name': 'Hello', 'version': '1.0',\n"
    "  'description': 'Says hello'}\n"
    "def register(ctx): pass\n";

static void plugin_meta_can_be_said(void **state) {
    (void)state;
    const char *captures[] = {"hello_world"};
    struct source_file file = source("hello_world/__init__.py", hello);
    struct declared_match match = {&file, {captures, 1}, NULL};
    const struct release *declared;
    const struct release *built_in;
    assert_int_equal(declared_read(arena, load("plugin-meta"), &match, &findings, &declared, NULL),
                     STATUS_OK);
    assert_int_equal(plugin_meta_read(arena, &file, "hello_world", &findings, &built_in, NULL),
                     STATUS_OK);
    assert_same_record(declared, built_in);
    assert_string_equal(declared->summary, built_in->summary);
    assert_string_equal(declared->manifests[0].json, built_in->manifests[0].json);
}

static void plugin_yaml_can_be_said(void **state) {
    (void)state;
    const char *captures[] = {"crm"};
    struct source_file file = source("crm/plugin.yaml", "name: crm\nversion: 0.1.0\n");
    struct declared_match match = {&file, {captures, 1}, NULL};
    const struct release *declared;
    const struct release *built_in;
    assert_int_equal(declared_read(arena, load("plugin-yaml"), &match, &findings, &declared, NULL),
                     STATUS_OK);
    assert_int_equal(plugin_yaml_read(arena, &file, "crm", &findings, &built_in, NULL), STATUS_OK);
    assert_same_record(declared, built_in);
    assert_null(declared->summary);
}

static void mountaineer_can_be_said(void **state) {
    (void)state;
    const char *captures[] = {"my-awesome-plugin", "my_awesome_plugin"};
    struct source_file file =
        source("plugin.py", "plugin = MountaineerPlugin(name='awesome', router=router)\n");
    const struct release project = {.name = "my-awesome-plugin", .version = "2.1"};
    struct declared_match match = {&file, {captures, 2}, &project};
    const struct release *declared;
    const struct release *built_in;
    assert_int_equal(declared_read(arena, load("mountaineer"), &match, &findings, &declared, NULL),
                     STATUS_OK);
    assert_int_equal(
        mountaineer_read(arena, &(struct mountaineer_source){&file, "my_awesome_plugin", &project},
                         &findings, &built_in, NULL),
        STATUS_OK);
    assert_same_record(declared, built_in);
}

static const struct {
    const char *what;
    const char *text;
    const char *finding;
} wrong_plugins[] = {
    {"another name", "name: finance\nversion: '1'\n", "declared-differs crm/plugin.yaml"},
    {"no version", "name: crm\n", "declared-key crm/plugin.yaml"},
    {"a version that is a number", "name: crm\nversion: 1.0\n", "declared-key crm/plugin.yaml"},
    {"a list", "- name\n", "declared-document crm/plugin.yaml"},
    {"nothing", "", "declared-document crm/plugin.yaml"},
};

static void a_wrong_plugin_is_named(void **state) {
    (void)state;
    const char *captures[] = {"crm"};
    const struct declared *declared = load("plugin-yaml");
    for (size_t i = 0; i < COUNT_OF(wrong_plugins); i++) {
        struct source_file file = source("crm/plugin.yaml", wrong_plugins[i].text);
        struct declared_match match = {&file, {captures, 1}, NULL};
        const struct release *release;
        findings_init(&findings, arena);
        assert_int_equal(declared_read(arena, declared, &match, &findings, &release, NULL),
                         STATUS_INVALID);
        assert_string_equal(first_finding(), wrong_plugins[i].finding);
    }
}

#define RECORD "record: {group: g, name: n, value: 'm:a'}\n"

static const struct {
    const char *what;
    const char *text;
    const char *finding;
} wrong_declarations[] = {
    {"no name", "look: '*/x'\nread: json\n" RECORD, "declared-required c.yaml:1: name"},
    {"no record", "name: c\nlook: '*/x'\nread: json\n", "declared-required c.yaml:1: record"},
    {"no value", "name: c\nlook: '*/x'\nread: json\nrecord: {group: g, name: n}\n",
     "declared-required c.yaml:4: record.value"},
    {"a key nobody reads", "name: c\nlook: '*/x'\nread: json\nlok: 1\n" RECORD,
     "declared-unknown-key c.yaml:4: lok"},
    {"another format", "name: c\nlook: '*/x'\nread: xml\n" RECORD,
     "declared-format c.yaml:3: read"},
    {"out of the root", "name: c\nlook: '../*/x'\nread: json\n" RECORD,
     "declared-look c.yaml:2: look"},
    {"half a segment", "name: c\nlook: '*.d/x'\nread: json\n" RECORD,
     "declared-look c.yaml:2: look"},
    {"no file at the end", "name: c\nlook: 'a/*'\nread: json\n" RECORD,
     "declared-look c.yaml:2: look"},
    {"absolute", "name: c\nlook: '/etc/x'\nread: json\n" RECORD, "declared-look c.yaml:2: look"},
    {"Python without a name", "name: c\nlook: '*/x'\nread: python\n" RECORD,
     "declared-required c.yaml:1: take"},
    {"a call in JSON", "name: c\nlook: '*/x'\nread: json\ncall: X\n" RECORD,
     "declared-python-only c.yaml:4: call"},
    {"an odd list", "name: c\nlook: '*/x'\nread: json\nsame: [a]\n" RECORD,
     "declared-same c.yaml:4: same"},
};

static void a_wrong_declaration_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong_declarations); i++) {
        struct source_file file = source("c.yaml", wrong_declarations[i].text);
        const struct declared *declared = NULL;
        findings_init(&findings, arena);
        assert_int_equal(declared_parse(arena, &file, &findings, &declared, NULL), STATUS_INVALID);
        assert_string_equal(first_finding(), wrong_declarations[i].finding);
        assert_null(declared);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plugin_meta_can_be_said, begin, end),
        cmocka_unit_test_setup_teardown(plugin_yaml_can_be_said, begin, end),
        cmocka_unit_test_setup_teardown(mountaineer_can_be_said, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_plugin_is_named, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_declaration_is_named, begin, end),
    };
    return cmocka_run_group_tests_name("declared conventions", tests, NULL, NULL);
}
