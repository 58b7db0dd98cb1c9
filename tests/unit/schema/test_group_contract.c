// SPDX-License-Identifier: MIT
// Contracts of groups: what a pattern matches and refuses, how long it may take, and which entry points
// break which clause.
#include "schema/release/group_contract.h"

#include "schema/base/cleanup.h"
#include "schema/release/name_pattern.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void patterns_match_whole_names(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        const char *name;
        bool matches;
    } cases[] = {
        {"[a-z][a-z0-9_]*", "crm_2", true},
        {"[a-z][a-z0-9_]*", "2crm", false},
        {"[a-z][a-z0-9_]*", "crm-2", false},
        {"[a-z]", "ab", false},
        {"^crm$", "crm", true},
        {"crm|erp", "erp", true},
        {"crm|erp", "crmerp", false},
        {"^crm$|^erp", "erp", true},
        {"crm|", "", true},
        {"a?b+c*", "abbb", true},
        {"a?b+c*", "bcc", true},
        {"a?b+c*", "acc", false},
        {"a+a+", "a", false},
        {"a+a+", "aa", true},
        {".", "\xc3\xa9", true},
        {"..", "\xc3\xa9", false},
        {"[\xc3\xa0-\xc3\xbf]+", "\xc3\xa9\xc3\xa8", true},
        {"[^a-c]x", "dx", true},
        {"[^a-c]x", "bx", false},
        {"a\\.b", "a.b", true},
        {"a\\.b", "axb", false},
        {"[a.\\]-]+", "a.]-", true},
        {"[a-]", "-", true},
        {"\\^", "^", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct name_pattern pattern;
        assert_int_equal(name_pattern_parse(cases[i].pattern, &pattern, NULL), STATUS_OK);
        if (name_pattern_matches(&pattern, cases[i].name) != cases[i].matches) {
            fail_msg("%s and %s", cases[i].pattern, cases[i].name);
        }
    }
}

static void what_is_no_pattern_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        const char *words;
    } cases[] = {
        {"", "1 to 199 bytes"}, {"a(b)", "character 2"}, {"a{2}", "character 2"},
        {"*a", "character 1"},  {"a**", "character 3"},  {"a|+", "character 3"},
        {"a^b", "character 2"}, {"$a", "character 1"},   {"[a", "not closed"},
        {"[]", "empty"},        {"[z-a]", "backwards"},  {"\\d", "[0-9]"},
        {"a\\", "follow"},      {"\xff", "UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct name_pattern pattern;
        struct error err = {0};
        enum status status = name_pattern_parse(cases[i].pattern, &pattern, &err);
        if (status != STATUS_INVALID || !strstr(err.message, cases[i].words)) {
            fail_msg("%s: %d %s", cases[i].pattern, (int)status, err.message);
        }
    }
    char longest[NAME_PATTERN_BYTES + 1];
    memset(longest, 'a', sizeof longest);
    struct name_pattern pattern;
    longest[NAME_PATTERN_BYTES] = '\0';
    assert_int_equal(name_pattern_parse(longest, &pattern, NULL), STATUS_INVALID);
    longest[NAME_PATTERN_BYTES - 1] = '\0';
    assert_int_equal(name_pattern_parse(longest, &pattern, NULL), STATUS_OK);
}

// What takes others time that doubles with every character.
static void no_pattern_takes_long(void **state) {
    (void)state;
    char text[NAME_PATTERN_BYTES] = "";
    char name[201];
    for (size_t i = 0; i < 99; i++) {
        strcat(text, i % 2 ? "a*" : "a?");
    }
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct name_pattern pattern;
    assert_int_equal(name_pattern_parse(text, &pattern, NULL), STATUS_OK);
    assert_true(name_pattern_matches(&pattern, name));
    name[sizeof name - 2] = 'b';
    assert_false(name_pattern_matches(&pattern, name));
}

static const struct entry_point entries[] = {
    {"a.plugins", "crm", "crm.plugin:plugin"},
    {"a.plugins", "CRM/2", "crm.plugin"},
    {"b.plugins", "CRM/3", "crm.plugin"},
};
static const struct release of_crm = {
    .name = "crm",
    .version = "1.0",
    .entry_points = (struct entry_point *)entries,
    .entry_point_count = 3,
};

static void each_breach_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        enum contract_kind kind;
        const char *found; // code and place of each
    } cases[] = {
        {NULL, CONTRACT_ANY, ""},
        {"[a-zA-Z/0-9]+", CONTRACT_ANY, ""},
        {"[a-z]+", CONTRACT_ANY, "contract-name /entry_points/a.plugins/CRM~12;"},
        {NULL, CONTRACT_MODULE, "contract-kind /entry_points/a.plugins/crm;"},
        {NULL, CONTRACT_CALLABLE, "contract-kind /entry_points/a.plugins/CRM~12;"},
        {"[A-Z]+/.", CONTRACT_MODULE,
         "contract-name /entry_points/a.plugins/crm;contract-kind /entry_points/a.plugins/crm;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scoped(cleanup_arena) struct arena *arena = arena_new(0);
        struct findings findings;
        findings_init(&findings, arena);
        struct group_contract contract = group_contract_default("a.plugins");
        contract.name_pattern = cases[i].pattern;
        contract.kind = cases[i].kind;
        struct error err = {0};
        enum status status = contract_check(&contract, &of_crm, &findings, &err);
        char found[512] = "";
        for (size_t j = 0; j < findings.count; j++) {
            const struct finding *finding = &findings.items[j];
            size_t len = strlen(found);
            snprintf(found + len, sizeof found - len, "%s %s;", finding->code, finding->where);
        }
        assert_string_equal(found, cases[i].found);
        assert_int_equal(status, *cases[i].found ? STATUS_INVALID : STATUS_OK);
    }
}

static void names_of_kinds_and_conflicts_go_both_ways(void **state) {
    (void)state;
    for (int i = CONTRACT_ANY; i <= CONTRACT_CALLABLE; i++) {
        enum contract_kind kind;
        assert_true(contract_kind_find(contract_kind_name((enum contract_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    for (int i = CONTRACT_ALL; i <= CONTRACT_PRIORITY; i++) {
        enum contract_conflict conflict;
        assert_true(
            contract_conflict_find(contract_conflict_name((enum contract_conflict)i), &conflict));
        assert_int_equal(conflict, i);
    }
    enum contract_kind kind = CONTRACT_MODULE;
    assert_false(contract_kind_find("none", &kind));
    assert_int_equal(kind, CONTRACT_MODULE);
    enum contract_conflict conflict;
    assert_false(contract_conflict_find("", &conflict));
}

static void a_contract_makes_warnings_of_its_group_errors(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    static const char *const codes[] = {"manifest-missing"};
    struct group_contract contract = group_contract_default("a.plugins");
    struct findings findings;
    struct error err;
    findings_init(&findings, arena);
    contract.errors = (struct strings){(const char **)codes, 1};
    for (size_t i = 0; i < 3; i++) { // of another group, another code, and one that is meant
        findings_add(&findings, SEVERITY_WARNING,
                     i == 1 ? "entry-point-module-missing" : "manifest-missing", "w", "h",
                     "the text");
        findings_set_group(&findings, i, i == 0 ? "b.plugins" : "a.plugins");
    }
    findings_add(&findings, SEVERITY_WARNING, "manifest-missing", NULL, NULL, "of no group");
    assert_int_equal(contract_judge(&contract, &findings, &err), STATUS_INVALID);
    assert_int_equal(findings_count(&findings, SEVERITY_ERROR), 1);
    assert_int_equal(findings.items[2].severity, SEVERITY_ERROR);
    assert_string_equal(findings.items[2].message,
                        "the text. The contract of the group a.plugins makes this an error.");
    assert_string_equal(err.message, findings.items[2].message);
    assert_int_equal(contract_judge(&contract, &findings, &err), STATUS_OK); // nothing is left
    assert_true(contract_may_judge("declared-file-missing"));
    assert_false(contract_may_judge("record-damaged"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_contract_makes_warnings_of_its_group_errors),
        cmocka_unit_test(patterns_match_whole_names),
        cmocka_unit_test(what_is_no_pattern_is_refused),
        cmocka_unit_test(no_pattern_takes_long),
        cmocka_unit_test(each_breach_is_told_with_its_place),
        cmocka_unit_test(names_of_kinds_and_conflicts_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
