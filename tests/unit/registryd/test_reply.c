// SPDX-License-Identifier: MIT
// The two shapes of a reply, and the parameters of a request.
#include "registryd/request/request.h"
#include "schema/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#undef fail // cmocka's macro; ours is the function

CLEANUP_DEFINE(struct arena *, arena_done, arena_free)

static struct request request_of(struct arena *arena, const char *method) {
    return (struct request){.arena = arena, .method = method, .request_id = "r-1"};
}

static json_t *decode(struct text body) {
    json_t *json = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static void assert_member(const json_t *object, const char *key, const char *expected) {
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    if (expected) {
        assert_string_equal(json_string_value(value), expected);
    } else {
        assert_true(json_is_null(value));
    }
}

static void json_reply_is_compact_and_tagged(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "GET");
    struct reply reply = {0};
    struct error err;
    assert_int_equal(reply_json(&request, &reply, json_pack("{s:i,s:[]}", "a", 1, "b"), &err), 0);
    assert_string_equal(reply.body.ptr, "{\"a\":1,\"b\":[]}");
    assert_int_equal(reply.body.len, strlen(reply.body.ptr));
    assert_string_equal(reply.content_type, "application/json");
    assert_int_equal(strlen(reply.etag), 34);

    struct reply again = {0};
    assert_int_equal(reply_json(&request, &again, json_pack("{s:i,s:[]}", "a", 1, "b"), &err), 0);
    assert_string_equal(again.etag, reply.etag);
    struct reply other = {0};
    assert_int_equal(reply_json(&request, &other, json_pack("{s:i,s:[]}", "a", 2, "b"), &err), 0);
    assert_string_not_equal(other.etag, reply.etag);
}

static void only_gets_are_tagged(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "PUT");
    struct reply reply = {0};
    assert_int_equal(reply_json(&request, &reply, json_object(), NULL), 0);
    assert_null(reply.etag);
}

static void no_json_is_no_memory(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "GET");
    struct reply reply = {0};
    struct error err;
    assert_int_equal(reply_json(&request, &reply, NULL, &err), STATUS_NO_MEMORY);
    scoped(arena_done) struct arena *tiny = arena_new(16);
    request.arena = tiny;
    assert_int_equal(reply_json(&request, &reply, json_object(), &err), STATUS_NO_MEMORY);
}

static void problem_has_every_member(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "GET");
    struct reply reply = {.etag = "\"x\"", .location = "/v1"};
    struct error err;
    fail(&err, STATUS_NOT_FOUND, "/name", "There is no package \"%s\"", "crm");
    reply_problem(&request, &reply, &err, NULL);
    assert_int_equal(reply.http_status, 404);
    assert_string_equal(reply.content_type, "application/problem+json");
    assert_null(reply.etag);
    assert_null(reply.location);
    scoped(cleanup_json) json_t *problem = decode(reply.body);
    assert_int_equal(json_object_size(problem), 8);
    assert_member(problem, "type", "urn:registryd:problem:not-found");
    assert_member(problem, "title", status_info(STATUS_NOT_FOUND)->default_text);
    assert_member(problem, "detail", "There is no package \"crm\"");
    assert_member(problem, "code", "not-found");
    assert_member(problem, "where", "/name");
    assert_member(problem, "request_id", "r-1");
    assert_int_equal(json_integer_value(json_object_get(problem, "status")), 404);
    assert_int_equal(json_array_size(json_object_get(problem, "errors")), 0);
}

static void problem_lists_the_errors_and_not_the_warnings(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "PUT");
    struct reply reply = {0};
    struct findings findings;
    findings_init(&findings, arena);
    findings_add(&findings, SEVERITY_ERROR, "first", "/a", NULL, "One");
    findings_add(&findings, SEVERITY_WARNING, "doubt", "/b", NULL, "Two");
    findings_add(&findings, SEVERITY_ERROR, "second", "/c", "Do so", "Three");
    struct error err;
    fail(&err, STATUS_INVALID, "/a", "One");
    reply_problem(&request, &reply, &err, &findings);
    assert_int_equal(reply.http_status, 422);
    scoped(cleanup_json) json_t *problem = decode(reply.body);
    const json_t *errors = json_object_get(problem, "errors");
    assert_int_equal(json_array_size(errors), 2);
    assert_member(json_array_get(errors, 0), "code", "first");
    assert_member(json_array_get(errors, 1), "where", "/c");
}

static void faults_keep_their_words_from_the_caller(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "GET");
    struct reply reply = {0};
    struct error err;
    fail(&err, STATUS_INTERNAL, NULL, "relation \"secret\" does not exist");
    reply_problem(&request, &reply, &err, NULL);
    assert_int_equal(reply.http_status, 500);
    assert_null(strstr(reply.body.ptr, "secret"));
    scoped(cleanup_json) json_t *problem = decode(reply.body);
    assert_member(problem, "where", NULL);
}

static void problem_quotes_bad_text_and_survives_no_memory(void **state) {
    (void)state;
    scoped(arena_done) struct arena *arena = arena_new(0);
    struct request request = request_of(arena, "GET");
    struct reply reply = {0};
    struct error err = {.status = STATUS_USAGE, .where = "\xff", .message = "not \xc3( utf-8"};
    reply_problem(&request, &reply, &err, NULL);
    assert_int_equal(reply.http_status, 400);
    scoped(cleanup_json) json_t *problem = decode(reply.body);
    assert_member(problem, "detail", "not ?( utf-8");
    assert_member(problem, "where", "?");

    scoped(arena_done) struct arena *tiny = arena_new(16);
    request.arena = tiny;
    reply_problem(&request, &reply, &err, NULL);
    assert_int_equal(reply.http_status, 503);
    scoped(cleanup_json) json_t *fixed = decode(reply.body);
    assert_member(fixed, "code", "no-memory");
}

static void parameters_are_found_by_name(void **state) {
    (void)state;
    const struct parameter query[] = {{"a", "1"}, {"b", ""}, {"a", "2"}};
    const struct parameter path[] = {{"name", "crm"}};
    struct request request = {
        .query = query, .query_count = 3, .path_parameters = path, .path_parameter_count = 1};
    assert_string_equal(request_query(&request, "a"), "1");
    assert_string_equal(request_query(&request, "b"), "");
    assert_null(request_query(&request, "c"));
    assert_string_equal(request_path(&request, "name"), "crm");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_reply_is_compact_and_tagged),
        cmocka_unit_test(only_gets_are_tagged),
        cmocka_unit_test(no_json_is_no_memory),
        cmocka_unit_test(problem_has_every_member),
        cmocka_unit_test(problem_lists_the_errors_and_not_the_warnings),
        cmocka_unit_test(faults_keep_their_words_from_the_caller),
        cmocka_unit_test(problem_quotes_bad_text_and_survives_no_memory),
        cmocka_unit_test(parameters_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
