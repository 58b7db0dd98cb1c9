// SPDX-License-Identifier: MIT
// Plain scalars of YAML, type by type: what a text means by the core rules, whether YAML 1.1 means something
// else by it, and that the text as written stays known whatever its type is.
#include "schema/readers/core/yaml.h"
#include "schema/readers/core/yaml_scalar.h"

#include "schema/base/list.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
static const char *const booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};

struct number {
    const char *text;
    const char *json;
};

static const struct number integers[] = {
    {"0", "0"},
    {"-0", "0"},
    {"+0", "0"},
    {"1", "1"},
    {"-1", "-1"},
    {"+1", "1"},
    {"12345", "12345"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775807", "-9223372036854775807"},
    {"0x0", "0"},
    {"0xff", "255"},
    {"0xFF", "255"},
    {"0xaB", "171"},
    {"0x7fffffffffffffff", "9223372036854775807"},
    {"00", "0"},
    {"007", "7"},
    {"-010", "-10"},
    {"99", "99"},
    {"20240115", "20240115"},
    {"0000000000000000000000001", "1"},
};

static const struct number reals[] = {
    {"0.0", "0.0"},         {"1.0", "1.0"},      {"1.", "1.0"},     {".5", "0.5"},
    {"-.5", "-0.5"},        {"+.5", "0.5"},      {"-1.5", "-1.5"},  {"+1.5", "1.5"},
    {"1.10", "1.1"},        {"1e3", "1000.0"},   {"1E3", "1000.0"}, {"1e+3", "1000.0"},
    {"1e-3", "0.001"},      {"1.5e3", "1500.0"}, {"0.1", "0.1"},    {"00.5", "0.5"},
    {"007.5", "7.5"},       {"-0.0", "-0.0"},    {"1.e1", "10.0"},  {"12.25", "12.25"},
    {"123.456", "123.456"}, {"0e0", "0.0"},
};

static const char *const strings[] = {
    "a",      "a b", "1.0.0",  "1.2.3", "v1",    "1a",       "0xg",  "0x",   "1e",
    "e1",     ".",   "-",      "+",     "--1",   "1-1",      "nul",  "tRue", "nULL",
    "~~",     "1,5", "1_000a", "inf",   "nan",   "Infinity", "0o17", ".e1",  "1.0.dev1",
    "2.0rc1", "+-1", "-.",     "0b",    "True1", "1.2e3.4",  "-inf", "٣",    "1e1e1",
};

static const char *const others[] = {
    ".inf",
    ".Inf",
    ".INF",
    "-.inf",
    "-.Inf",
    "-.INF",
    "+.inf",
    "+.Inf",
    "+.INF",
    ".nan",
    ".NaN",
    ".NAN",
    "1e999",
    "-1e999",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999",
    "0x8000000000000000",
    "0xffffffffffffffffff",
    "1e400",
    "123456789e500",
};

// Strings and numbers to us; PyYAML reads booleans, dates, octal, sexagesimal and grouped numbers.
static const char *const odd_ones[] = {
    "yes",          "Yes",
    "YES",          "no",
    "No",           "NO",
    "on",           "On",
    "ON",           "off",
    "Off",          "OFF",
    "010",          "-010",
    "007",          "1:30",
    "12:30",        "1:30:45",
    "1_000",        "0b101",
    "2024-01-15",   "2001-12-14 21:59:43.10",
    "190:20:30.15", "1_0.5",
};

static struct node scalar(const char *text) {
    struct node node = {0};
    yaml_type_scalar(&node, text);
    if (strcmp(node.string, text) != 0) {
        fail_msg("%s is kept as %s", text, node.string);
    }
    return node;
}

static void check_types(const char *const *texts, size_t count, enum node_type type) {
    for (size_t i = 0; i < count; i++) {
        struct node node = scalar(texts[i]);
        if (node.type != type) {
            fail_msg("\"%s\" is %s", texts[i], node_type_name(node.type));
        }
    }
}

static void check_numbers(const struct number *numbers, size_t count, enum node_type type) {
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < count; i++) {
        struct node node = scalar(numbers[i].text);
        const char *json = node_encode_canonical(arena, &node);
        bool same = type == NODE_REAL ? node.real == strtod(numbers[i].json, NULL)
                                      : strcmp(json, numbers[i].json) == 0;
        if (node.type != type || !same) {
            fail_msg("\"%s\" is %s %s, not %s", numbers[i].text, node_type_name(node.type), json,
                     numbers[i].json);
        }
    }
    arena_free(arena);
}

static void every_type_has_its_texts(void **state) {
    (void)state;
    check_types(nulls, COUNT_OF(nulls), NODE_NULL);
    check_types(booleans, COUNT_OF(booleans), NODE_BOOLEAN);
    check_types(strings, COUNT_OF(strings), NODE_STRING);
    check_types(others, COUNT_OF(others), NODE_OTHER);
    check_numbers(integers, COUNT_OF(integers), NODE_INTEGER);
    check_numbers(reals, COUNT_OF(reals), NODE_REAL);
    assert_int_equal(scalar("true").integer, 1);
    assert_int_equal(scalar("FALSE").integer, 0);
}

static void what_yaml_1_1_reads_otherwise_is_odd(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(odd_ones); i++) {
        if (!scalar(odd_ones[i]).odd) {
            fail_msg("\"%s\" is not odd", odd_ones[i]);
        }
    }
    static const char *const same[] = {"",  "~",     "true", "1", "-1",  "1.5", "0x1f",
                                       "a", "1.0.0", "y",    "n", "a:1", "0"};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        if (scalar(same[i]).odd) {
            fail_msg("\"%s\" is odd", same[i]);
        }
    }
}

static const struct node *parse(struct arena *arena, const char *text) {
    const struct node *root;
    struct error err;
    struct source_file file = {.path = "a.yaml", .bytes = text, .len = strlen(text)};
    if (yaml_parse(arena, &file, &root, &err) != STATUS_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return root;
}

static void quotes_make_a_string_of_anything(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    const struct node *root = parse(
        arena,
        "a: \"1.0\"\nb: 'true'\nc: |\n  12\nd: \"~\"\ne: '.inf'\nf: >-\n  2024-01-15\ng: ''\n");
    for (const struct node *child = root->first; child; child = child->next) {
        assert_int_equal(child->type, NODE_STRING);
        assert_false(child->odd);
    }
    assert_string_equal(node_find(root, "c")->string, "12\n");
    assert_string_equal(node_find(root, "f")->string, "2024-01-15");
    arena_free(arena);
}

static void the_first_value_without_a_form_in_json_is_found(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    const struct node *root = parse(arena, "a: 1\nb:\n  - x\n  - c: .nan\nd: .inf\n");
    assert_string_equal(node_path(arena, node_find_other(root)), "b[1].c");
    assert_int_equal(node_find_other(root)->line, 4);
    assert_null(node_find_other(parse(arena, "a: [1, {b: c}]\n")));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_its_texts),
        cmocka_unit_test(what_yaml_1_1_reads_otherwise_is_odd),
        cmocka_unit_test(quotes_make_a_string_of_anything),
        cmocka_unit_test(the_first_value_without_a_form_in_json_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
