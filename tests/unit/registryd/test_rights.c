// SPDX-License-Identifier: MIT
// Rights: what a token and its team's grants give together, and nothing more.
#include "registryd/access/rights.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int make_arena(void **state) {
    *state = arena_new(0);
    return *state ? 0 : -1;
}

static int free_arena(void **state) {
    arena_free(*state);
    return 0;
}

static struct rights make(struct arena *arena, const char *scopes, const char *grants,
                          const char *prefix) {
    const struct token_row row = {.name = "t",
                                  .team = "crew",
                                  .kind = "user",
                                  .scopes = scopes,
                                  .grants = grants,
                                  .name_prefix = prefix};
    struct rights rights;
    assert_int_equal(rights_make(arena, &row, &rights, NULL), STATUS_OK);
    return rights;
}

static void grants_and_scopes_together(void **state) {
    static const struct {
        const char *scopes;
        const char *grants;
        const char *prefix;
        enum scope scope;
        const char *object;
        bool is_allowed;
    } cases[] = {
        {"read", "read *", NULL, SCOPE_READ, NULL, true},
        {"read", "", NULL, SCOPE_READ, NULL, false},
        {"", "read *", NULL, SCOPE_READ, NULL, false},
        {"publish:new", "publish:new *", NULL, SCOPE_PUBLISH_NEW, "crm", true},
        {"publish:new", "publish:new crm", NULL, SCOPE_PUBLISH_NEW, "crm", true},
        {"publish:new", "publish:new crm", NULL, SCOPE_PUBLISH_NEW, "crm-tools", true},
        {"publish:new", "publish:new crm", NULL, SCOPE_PUBLISH_NEW, "crmx", false},
        {"publish:new", "publish:new crm", NULL, SCOPE_PUBLISH_NEW, "cr", false},
        {"publish:new", "publish:new crm", NULL, SCOPE_PUBLISH_NEW, "my-crm", false},
        {"publish:new", "publish:new crm-tools", NULL, SCOPE_PUBLISH_NEW, "crm", false},
        {"publish:new", "publish:update *", NULL, SCOPE_PUBLISH_NEW, "crm", false},
        {"publish:update", "publish:new *", NULL, SCOPE_PUBLISH_UPDATE, "crm", false},
        {"publish:new", "publish:new *", "crm", SCOPE_PUBLISH_NEW, "crm-tools", true},
        {"publish:new", "publish:new *", "crm", SCOPE_PUBLISH_NEW, "crmx", false},
        {"publish:new", "publish:new *", "crm", SCOPE_PUBLISH_NEW, "erp", false},
        {"publish:new", "publish:new *", "crm", SCOPE_PUBLISH_NEW, NULL, true},
        {"publish:new", "publish:new erp\npublish:new crm", "crm", SCOPE_PUBLISH_NEW, "crm", true},
        {"yank", "yank crm", "erp", SCOPE_YANK, "crm", false},
        {"group:publish", "group:publish crm", NULL, SCOPE_GROUP_PUBLISH, "crm.plugins", true},
        {"group:publish", "group:publish crm", NULL, SCOPE_GROUP_PUBLISH, "crm_plugins", true},
        {"group:publish", "group:publish crm", NULL, SCOPE_GROUP_PUBLISH, "crms.plugins", false},
        {"group:publish", "group:publish crm", "erp", SCOPE_GROUP_PUBLISH, "crm.plugins", true},
        {"environment", "environment prod", NULL, SCOPE_ENVIRONMENT, "prod", true},
        {"environment", "environment prod", NULL, SCOPE_ENVIRONMENT, "prod-eu", false},
        {"environment:prod", "environment *", NULL, SCOPE_ENVIRONMENT, "prod", true},
        {"environment:prod", "environment *", NULL, SCOPE_ENVIRONMENT, "stage", false},
        {"environment:prod", "environment stage", NULL, SCOPE_ENVIRONMENT, "prod", false},
        {"environment:prod", "environment stage", NULL, SCOPE_ENVIRONMENT, "stage", false},
        {"environment:read", "environment:read *", NULL, SCOPE_ENVIRONMENT_READ, "prod", true},
        {"import", "import *", "crm", SCOPE_IMPORT, "crm-tools", true},
        {"import", "import *", "crm", SCOPE_IMPORT, "hr", false},
        {"import", "import crm", NULL, SCOPE_IMPORT, "hr", false},
        {"publish:new", "import *", NULL, SCOPE_IMPORT, "crm", false},
        {"environment:read", "environment:read prod", NULL, SCOPE_ENVIRONMENT_READ, "stage", false},
        {"environment:read", "environment:read *", NULL, SCOPE_ENVIRONMENT, "read", false},
        {"environment:read:prod", "environment:read *", NULL, SCOPE_ENVIRONMENT_READ, "prod", true},
        {"environment:read:prod", "environment:read *", NULL, SCOPE_ENVIRONMENT_READ, "x", false},
        {"environment:read:prod", "environment *", NULL, SCOPE_ENVIRONMENT, "read:prod", false},
        {"environment:prod", "environment:read *", NULL, SCOPE_ENVIRONMENT_READ, "prod", false},
        {"report", "report *", NULL, SCOPE_REPORT, NULL, true},
        {"fly\nreport", "report *", NULL, SCOPE_REPORT, NULL, true},
        {"report", "fly *\nreport", NULL, SCOPE_REPORT, "x", false},
        {"report\nread\nyank", "report *", NULL, SCOPE_READ, NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rights rights = make(*state, cases[i].scopes, cases[i].grants, cases[i].prefix);
        if (rights_allow(&rights, cases[i].scope, cases[i].object) != cases[i].is_allowed) {
            print_error("case %zu\n", i);
            fail();
        }
    }
}

static void owners_need_no_grant_but_the_scope(void **state) {
    struct rights rights = make(*state, "publish:update", "", "crm");
    assert_true(rights_allow_own(&rights, SCOPE_PUBLISH_UPDATE, "crm", "crew"));
    assert_false(rights_allow_own(&rights, SCOPE_PUBLISH_UPDATE, "erp", "crew")); // the prefix
    assert_false(rights_allow_own(&rights, SCOPE_PUBLISH_UPDATE, "crm", "others"));
    assert_false(rights_allow_own(&rights, SCOPE_PUBLISH_UPDATE, "crm", NULL));
    assert_false(rights_allow_own(&rights, SCOPE_YANK, "crm", "crew"));
    assert_string_equal(rights.actor, "crew/t");
}

static const char *actor_of(struct arena *arena, const char *kind, const char *team,
                            const char *name) {
    const struct token_row row = {
        .name = name, .team = team, .kind = kind, .scopes = "", .grants = ""};
    struct rights rights;
    assert_int_equal(rights_make(arena, &row, &rights, NULL), STATUS_OK);
    return rights.actor;
}

static void a_team_is_never_recorded_as_an_administrator(void **state) {
    assert_string_equal(actor_of(*state, "user", "admin", "admin"), "admin");
    assert_string_equal(actor_of(*state, "ci", "admin", "alice"), "admin/alice");
    assert_string_equal(actor_of(*state, "admin", "alice", "alice"), "admin:alice");
    assert_string_equal(actor_of(*state, "admin", "ops", "alice"), "admin:ops/alice");
}

static void administrators_neither_publish_nor_read_secrets(void **state) {
    const struct token_row row = {.name = "admin",
                                  .team = "admin",
                                  .kind = "admin",
                                  .scopes = "publish:new\npublish:update\ngroup:publish",
                                  .grants = "publish:new *\npublish:update *\ngroup:publish *"};
    struct rights rights;
    assert_int_equal(rights_make(*state, &row, &rights, NULL), STATUS_OK);
    assert_string_equal(rights.actor, "admin:admin");
    for (int i = 0; i < SCOPE_COUNT; i++) {
        bool is_for_teams = i == SCOPE_PUBLISH_NEW || i == SCOPE_PUBLISH_UPDATE ||
                            i == SCOPE_GROUP_PUBLISH || i == SCOPE_IMPORT ||
                            i == SCOPE_ENVIRONMENT_SECRETS;
        assert_int_equal(rights_allow(&rights, (enum scope)i, "x"), !is_for_teams);
    }
}

static void scopes_are_read(void **state) {
    static const char *const bad[] = {"",
                                      "Read",
                                      "publish",
                                      "environment:",
                                      "yank:crm",
                                      "environment:a b",
                                      "environment:-a",
                                      "publish:new "};
    struct right right;
    for (int i = 0; i < SCOPE_COUNT; i++) {
        assert_int_equal(right_parse(*state, text_from(scope_name((enum scope)i)), &right, NULL),
                         STATUS_OK);
        assert_int_equal(right.scope, i);
    }
    assert_int_equal(right_parse(*state, text_from("environment:prod"), &right, NULL), STATUS_OK);
    assert_string_equal(right.object, "prod");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(right_parse(*state, text_from(bad[i]), &right, NULL), STATUS_INVALID);
    }
}

// "scope object, …" as people would say it; "-" for what the team owns.
static const char *effective(struct arena *arena, struct rights rights) {
    struct right *list = NULL;
    size_t count = 0;
    const char *text = "";
    assert_int_equal(rights_effective(arena, &rights, &list, &count, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        text = arena_printf(arena, "%s%s%s %s", text, i ? ", " : "", scope_name(list[i].scope),
                            list[i].object ? list[i].object : "-");
    }
    return text;
}

static void what_is_left_of_scopes_and_grants(void **state) {
    static const struct {
        const char *scopes;
        const char *grants;
        const char *prefix;
        const char *may;
    } cases[] = {
        {"read", "read *", NULL, "read *"},
        {"read", "", NULL, ""},
        {"", "read *", NULL, ""},
        {"publish:new", "publish:new crm\npublish:new erp", NULL,
         "publish:new crm, publish:new erp"},
        {"publish:new", "publish:new *", "crm", "publish:new crm"},
        {"publish:new", "publish:new crm", "crm-tools", "publish:new crm-tools"},
        {"publish:new", "publish:new crm-tools", "crm", "publish:new crm-tools"},
        {"publish:new", "publish:new crm", "erp", ""},
        {"yank", "", NULL, "yank -"},
        {"yank", "yank *", NULL, "yank *"},
        {"yank", "yank *", "crm", "yank crm"},
        {"yank", "yank crm-x", "crm", "yank crm-x, yank -"},
        {"yank\nyank", "", NULL, "yank -"},
        {"yank\nyank", "yank crm", "crm", "yank crm"},
        {"environment:prod", "environment *", NULL, "environment prod"},
        {"environment", "environment prod", NULL, "environment prod"},
        {"environment:prod", "environment stage", NULL, ""},
        {"environment:prod\nenvironment", "environment prod", NULL, "environment prod"},
        {"report:web-1", "report web-*", NULL, "report web-1"},
        {"group:publish", "group:publish crm", "erp", "group:publish crm, group:publish -"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(
            effective(*state, make(*state, cases[i].scopes, cases[i].grants, cases[i].prefix)),
            cases[i].may);
    }
    struct rights admin = {.is_admin = true};
    const char *may = effective(*state, admin);
    assert_non_null(strstr(may, "yank *"));
    assert_null(strstr(may, "publish"));
}

static void a_prefix_is_the_end_of_what_is_granted(void **state) {
    static const struct {
        const char *scope;
        const char *prefix;
        const char *object; // NULL: nothing is granted
    } cases[] = {
        {"publish:new", NULL, "*"},
        {"publish:new", "crm", "crm"},
        {"publish:update", "crm", "crm"},
        {"yank", "crm", "crm"},
        {"import", "crm", "crm"},
        {"read", NULL, "*"},
        {"read", "crm", NULL},
        {"group:publish", "crm", NULL},
        {"group:contract", "crm", NULL},
        {"environment", "crm", NULL},
        {"environment:*", "crm", NULL},
        {"environment:prod", "crm", "prod"},
        {"environment:prod", NULL, "prod"},
        {"environment:read", "crm", NULL},
        {"environment:read:x", "crm", "x"},
        {"report", "crm", NULL},
        {"report:web-*", "crm", "web-*"},
        {"report:*", "crm", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct right right;
        assert_int_equal(right_parse(*state, text_from(cases[i].scope), &right, NULL), STATUS_OK);
        const char *object = right_granted_object(&right, cases[i].prefix);
        assert_int_equal(!object, !cases[i].object);
        assert_string_equal(object ? object : "", cases[i].object ? cases[i].object : "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants_and_scopes_together, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_prefix_is_the_end_of_what_is_granted, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(owners_need_no_grant_but_the_scope, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(administrators_neither_publish_nor_read_secrets, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(a_team_is_never_recorded_as_an_administrator, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(what_is_left_of_scopes_and_grants, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(scopes_are_read, make_arena, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
