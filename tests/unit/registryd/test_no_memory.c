// SPDX-License-Identifier: MIT
// Memory runs out at every possible place of every operation: each ends with its status, keeps what it
// had, and leaks nothing (the sanitizer looks at the end).
#include "tests/unit/no_memory.h"
#include "tests/unit/no_holds.h"

#include "registryd/api/packages/handlers.h"
#include "registryd/api/groups/contracts.h"
#include "registryd/request/cursor.h"
#include "registryd/api/groups/handlers.h"
#include "registryd/api/resolve/handlers.h"
#include "registryd/api/monitoring/handlers.h"
#include "registryd/index/index_state.h"
#include "tests/unit/registryd/fake_lock.h"
#include "schema/base/list.h"
#include "tests/unit/registryd/store_without_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_ALLOCATIONS = 5000 };

// ---- a store of two packages, whose own memory never runs out ----

struct store {
    struct candidate_entry entries[2];
    struct candidate_release releases[2];
    struct candidate_package packages[2]; // with the same names
};

static struct store store = {
    .entries = {{"app.plugins", "sales", "crm.sales:plugin", "{\"permissions\":[\"read\"]}"},
                {"app.plugins", "admin", "crm.admin:p", NULL}},
    .releases = {{.version = "2.0", .requires_python = ">=3.12"},
                 {.version = "1.0",
                  .requires_dist = "[\"host>=4; os_name == \\\"nt\\\"\", \"other\"]",
                  .wheel_tags = "py3-none-any"}},
};

enum status store_candidates_load(struct store *from, struct arena *arena,
                                  const struct candidate_query *query,
                                  struct candidates *ret_candidates, struct error *err) {
    (void)arena;
    (void)err;
    for (int i = 0; i < 2; i++) {
        from->releases[i].entries = from->entries;
        from->releases[i].entry_count = 2;
    }
    for (int i = 0; i < 2; i++) {
        from->packages[i] = (struct candidate_package){.name = i ? "erp" : "crm",
                                                       .status = "deprecated",
                                                       .replaced_by = "new",
                                                       .releases = from->releases,
                                                       .release_count = 2};
    }
    size_t count = query && query->package ? 1 : 2;
    *ret_candidates = (struct candidates){from->packages, count, 0, {"epoch", 7}};
    return STATUS_OK;
}

enum status store_conflicts_load(struct store *from, struct arena *arena,
                                 struct conflict_rows *ret_rows, struct error *err) {
    (void)from;
    (void)arena;
    (void)err;
    static struct group_contract contract = {.group = "app.plugins", .conflict = CONTRACT_PRIORITY};
    *ret_rows = (struct conflict_rows){&contract, 1};
    return STATUS_OK;
}

enum status store_environment_load(struct store *from, struct arena *arena, const char *name,
                                   int64_t revision, struct environment_detail *ret_detail,
                                   struct error *err) {
    (void)from;
    (void)arena;
    (void)name;
    (void)revision;
    (void)err;
    static const char *permissions[] = {"read"};
    static struct environment_plugin plugin = {.package = "erp", .pin = "==1.0", .settings = "{}"};
    *ret_detail = (struct environment_detail){.environment = {.name = ENVIRONMENT_DEFAULT,
                                                              .has_permissions = true,
                                                              .permissions = permissions,
                                                              .permission_count = 1,
                                                              .plugins = &plugin,
                                                              .plugin_count = 1}};
    return STATUS_OK;
}

enum status store_changes_load(struct store *from, struct arena *arena, int64_t since, int limit,
                               struct changes *ret_changes, struct error *err) {
    (void)from;
    (void)arena;
    (void)since;
    (void)limit;
    *ret_changes = (struct changes){.point = {"epoch", 7}};
    (void)err;
    return STATUS_OK;
}

enum status store_listener_open(struct store *from, struct listener **ret_listener,
                                struct error *err) {
    (void)from;
    (void)ret_listener;
    return (fail)(err, STATUS_UNAVAILABLE, NULL, "none");
}

enum status store_listener_wait(struct listener *listener, int timeout_ms, int wake_fd,
                                bool *ret_notified, struct error *err) {
    (void)listener;
    (void)timeout_ms;
    (void)wake_fd;
    (void)ret_notified;
    return (fail)(err, STATUS_UNAVAILABLE, NULL, "none");
}

void store_listener_close(struct listener *listener) {
    (void)listener;
}

// A check without a token asks what is there, and publishes nothing.
enum status store_publish_ask(struct store *from, const struct valid_release *release,
                              const struct publisher *publisher,
                              struct publish_outcome *ret_outcome, struct error *err) {
    (void)from;
    (void)release;
    (void)publisher;
    (void)err;
    *ret_outcome = (struct publish_outcome){.created = true};
    return STATUS_OK;
}

enum status store_publish(struct store *from, const struct valid_release *release,
                          const struct publisher *publisher, struct publish_outcome *ret_outcome,
                          struct error *err) {
    (void)from;
    (void)release;
    (void)publisher;
    (void)ret_outcome;
    return (fail)(err, STATUS_INTERNAL, NULL, "none");
}

enum status store_publish_at_once(struct store *from, const struct valid_release *release,
                                  const struct publisher *publisher,
                                  struct publish_outcome *ret_outcome, struct error *err) {
    return store_publish(from, release, publisher, ret_outcome, err);
}

enum status store_contracts_load(struct store *from, struct arena *arena, const char *const *groups,
                                 size_t group_count, struct contract_rows *ret_rows,
                                 struct error *err) {
    (void)from;
    (void)arena;
    (void)err;
    static struct contract_row row;
    row.contract = group_contract_default(group_count ? groups[0] : "");
    row.contract.name_pattern = "[a-z]+";
    row.contract.manifest_schema = "{\"type\":\"object\"}";
    *ret_rows = (struct contract_rows){&row, group_count ? 1 : 0};
    return STATUS_OK;
}

static enum status so_already(struct lifecycle_outcome *ret_outcome) {
    *ret_outcome = (struct lifecycle_outcome){.point = {"epoch", 0}};
    return STATUS_OK;
}

enum status store_contract_set(struct store *from, const struct group_contract *contract,
                               const char *actor, struct lifecycle_outcome *ret_outcome,
                               struct error *err) {
    (void)from;
    (void)contract;
    (void)actor;
    (void)err;
    return so_already(ret_outcome);
}

enum status store_release_yank(struct store *from, const struct release_change *change,
                               struct lifecycle_outcome *ret_outcome, struct error *err) {
    (void)from;
    (void)change;
    (void)err;
    return so_already(ret_outcome);
}

enum status store_release_quarantine(struct store *from, const struct release_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    (void)from;
    (void)change;
    (void)err;
    return so_already(ret_outcome);
}

enum status store_package_status_set(struct store *from, const struct package_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    (void)from;
    (void)change;
    (void)err;
    return so_already(ret_outcome);
}

// ---- the operations ----

static struct index *make_index(void) {
    struct index_settings settings = {.store = &store, .cache_bytes = 1 << 20};
    struct index *index = NULL;
    assert_int_equal(index_new(&settings, &index, NULL), STATUS_OK);
    return index;
}

static void an_index_is_made_or_not(void **state) {
    (void)state;
    struct index_settings settings = {.store = &store, .cache_bytes = 1 << 20};
    bool met_failure = true;
    for (long n = 0; n < MOST_ALLOCATIONS && met_failure; n++) {
        struct index *index = NULL;
        allow(n);
        enum status status = index_new(&settings, &index, NULL);
        met_failure = has_failed;
        allow(-1);
        assert_int_equal(status, met_failure ? STATUS_NO_MEMORY : STATUS_OK);
        assert_true(!index == met_failure);
        index_free(index);
    }
    assert_false(met_failure);
}

// A handler under test with its request.
struct handler_case {
    const char *title;
    api_handler *handler;
    struct parameter query[6];
    size_t query_count;
    struct parameter path[2];
    const char *body;
};

static const struct handler_case handlers[] = {
    {.title = "service", .handler = service_show},
    {.title = "resolve",
     .handler = resolve_answer,
     .query = {{"group", "app.plugins"}, {"python", "3.11"}, {"explain", "1"}},
     .query_count = 3},
    {.title = "resolve with facts",
     .handler = resolve_answer,
     .query = {{"group", "app.plugins"},
               {"have", "host==4.2"},
               {"marker", "os_name=nt"},
               {"tag", "py3-none-any"},
               {"explain", "1"},
               {"python", "3.11"}},
     .query_count = 6},
    {.title = "page",
     .handler = resolve_answer,
     .query = {{"group", "app.plugins"}, {"limit", "1"}, {"explain", "1"}},
     .query_count = 3},
    {.title = "group", .handler = groups_show, .path = {{"group", "app.plugins"}}},
    {.title = "check",
     .handler = check_release,
     .body = "{\"name\":\"crm\",\"version\":\"1.0\",\"colour\":1,\"summary\":\"s\","
             "\"requires_python\":\">=3.9,<4\",\"keywords\":[\"a\",\"b\"],"
             "\"entry_points\":{\"app.plugins\":{\"a\":\"m:a\",\"b\":\"m:b [x]\"}},"
             "\"manifests\":{\"app.plugins\":{\"a\":{\"k\":[1,{\"l\":null}]}}}}"},
    {.title = "contract",
     .handler = contracts_set,
     .path = {{"group", "app.plugins"}},
     .body = "{\"owner\":\"o\",\"description\":\"d\",\"name_pattern\":\"[a-z]+\","
             "\"kind\":\"module\",\"conflict\":\"priority\",\"priority\":[\"A_b\",\"c\"],"
             "\"manifest_schema\":{\"type\":\"object\"}}"},
    {.title = "yank",
     .handler = lifecycle_yank,
     .path = {{"name", "crm"}, {"version", "1.0"}},
     .body = "{\"reason\":\"loses deals\"}"},
    {.title = "status",
     .handler = lifecycle_package_status,
     .path = {{"name", "crm"}},
     .body = "{\"status\":\"deprecated\",\"reason\":\"old\",\"replaced_by\":\"ERP\"}"},
    {.title = "check of a bad one",
     .handler = check_release,
     .body = "{\"name\":\"-\",\"version\":\"one\",\"entry_points\":{\"g\":{\"a\":\"1\"}}}"},
};

// One request with `count` allocations allowed. True when one failed.
static bool ask(const struct handler_case *row, struct api *api, long count) {
    allow(count);
    struct arena *arena = arena_new(0);
    struct request request = {.arena = arena,
                              .method = row->body ? "POST" : "GET",
                              .path = "",
                              .request_id = "r-1",
                              .query = row->query,
                              .query_count = row->query_count,
                              .path_parameters = row->path,
                              .path_parameter_count = !!row->path[0].name + !!row->path[1].name,
                              .body = text_from(row->body)};
    struct reply reply = {.http_status = 200, .serial = -1};
    struct findings findings;
    struct error err = {0};
    enum status status = STATUS_NO_MEMORY;
    if (arena) {
        findings_init(&findings, arena);
        status = row->handler(api, &request, &reply, &findings, &err);
    }
    bool met_failure = has_failed;
    // jansson's lexer reports a failed allocation of a string as a syntax error
    bool is_expected = status == STATUS_NO_MEMORY || (row->body && status == STATUS_MALFORMED);
    if (status && !is_expected) {
        allow(-1);
        fail_msg("%s, %ld: %s", row->title, count, err.message);
    }
    if (status) {
        assert_null(reply.answer);
        (fail)(&err, STATUS_NO_MEMORY, NULL, "none");
    }
    if (status && arena) {
        reply_problem(&request, &reply, &err, NULL); // still without memory
        assert_int_equal(reply.http_status, 503);
    }
    allow(-1);
    if (status || !arena) {
        assert_true(met_failure);
    } else {
        json_t *json = json_loadb(reply.body.ptr, reply.body.len, 0, NULL);
        assert_non_null(json);
        json_decref(json);
        answer_unref(reply.answer);
    }
    arena_free(arena);
    return met_failure;
}

static void every_handler_answers_or_says_so(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(handlers); i++) {
        for (int warm = 0; warm < 2; warm++) { // with nothing in memory, and with the answer there
            long n = 0;
            bool met_failure = true;
            while (met_failure && n < MOST_ALLOCATIONS) {
                struct api api = {.store = &store, .reading = &store, .index = make_index()};
                if (warm) {
                    ask(&handlers[i], &api, -1);
                }
                met_failure = ask(&handlers[i], &api, n++);
                assert_false(ask(&handlers[i], &api, -1)); // and recovers
                index_free(api.index);
            }
            assert_false(met_failure);
            assert_true(n > 1);
        }
    }
}

static void a_table_is_changed_or_not(void **state) {
    (void)state;
    struct candidates candidates;
    store_candidates_load(&store, NULL, NULL, &candidates, NULL);
    struct package *package = NULL;
    assert_int_equal(package_new(&candidates.packages[0], &package, NULL), STATUS_OK);
    struct group_table *table = group_table_build("g", 7, &package, 1);
    assert_non_null(table);
    bool met_failure = true;
    for (long n = 0; n < MOST_ALLOCATIONS && met_failure; n++) {
        allow(n);
        struct group_table *fresh = group_table_replace(table, "crm", package, 8);
        met_failure = has_failed;
        allow(-1);
        assert_true(!fresh == met_failure);
        group_table_unref(fresh);
    }
    assert_false(met_failure);
    group_table_unref(table);
    package_unref(package);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_is_made_or_not),
        cmocka_unit_test(every_handler_answers_or_says_so),
        cmocka_unit_test(a_table_is_changed_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
