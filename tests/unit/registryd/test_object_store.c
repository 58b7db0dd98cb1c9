// SPDX-License-Identifier: MIT
// registryd/object_store without a store: what the settings mean, what a refusal says, and what a file of keys holds.
#include "registryd/object_store/object_credentials.h"
#include "registryd/object_store/object_gate.h"
#include "registryd/object_store/object_place.h"
#include "registryd/object_store/object_problem.h"

#include "schema/base/clock.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    struct object_place_wish wish;
    const char *base;
    const char *host;
    const char *path;
} places[] = {
    {{"s3://bucket", NULL, "eu-central-1", false},
     "https://bucket.s3.eu-central-1.amazonaws.com",
     "bucket.s3.eu-central-1.amazonaws.com",
     "/"},
    {{"s3://bucket/a/b", NULL, "us-east-1", true},
     "https://s3.us-east-1.amazonaws.com",
     "s3.us-east-1.amazonaws.com",
     "/bucket/a/b/"},
    {{"s3://bucket/x", "http://127.0.0.1:9000/", "r", true},
     "http://127.0.0.1:9000",
     "127.0.0.1:9000",
     "/bucket/x/"},
    // curl sends no port that the scheme means
    {{"s3://bucket", "https://s3.example.com:443", "r", true},
     "https://s3.example.com",
     "s3.example.com",
     "/bucket/"},
    {{"s3://bucket", "http://s3.example.com:80", "r", false},
     "http://bucket.s3.example.com",
     "bucket.s3.example.com",
     "/"},
};

static void settings_of_a_place(void **state) {
    struct arena *arena = arena_new(0);
    struct object_place place;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_int_equal(object_place_parse(arena, &places[i].wish, &place, NULL), STATUS_OK);
        assert_string_equal(place.base, places[i].base);
        assert_string_equal(place.host, places[i].host);
        assert_string_equal(place.path, places[i].path);
    }
    arena_free(arena);
}

static void wrong_settings_name_themselves(void **state) {
    static const struct {
        struct object_place_wish wish;
        const char *where;
    } wrong[] = {
        {{"s3:/bucket", NULL, "r", true}, "files"},
        {{"s3://", NULL, "r", true}, "files"},
        {{"s3://ab", NULL, "r", true}, "files"},
        {{"s3://Bucket", NULL, "r", true}, "files"},
        {{"s3://bucket/a//b", NULL, "r", true}, "files"},
        {{"s3://bucket/../b", NULL, "r", true}, "files"},
        {{"s3://bucket/a/", NULL, "r", true}, "files"},
        {{"s3://bucket/a b", NULL, "r", true}, "files"},
        {{"https://bucket/", NULL, "r", true}, "files"},
        {{"s3://bucket", "s3.example.com", "r", true}, "files-endpoint"},
        {{"s3://bucket", "https://s3.example.com/path", "r", true}, "files-endpoint"},
        {{"s3://bucket", "https://user@s3.example.com", "r", true}, "files-endpoint"},
        {{"s3://bucket", "https://", "r", true}, "files-endpoint"},
        {{"s3://bucket", NULL, "", true}, "files-region"},
        {{"s3://bucket", NULL, "eu/west", true}, "files-region"},
    };
    struct arena *arena = arena_new(0);
    struct object_place place;
    struct error err;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(object_place_parse(arena, &wrong[i].wish, &place, &err), STATUS_USAGE);
        assert_string_equal(err.where, wrong[i].where);
    }
    arena_free(arena);
}

static void refusals_are_read(void **state) {
    struct object_problem problem;
    (void)state;
    object_problem_parse(text_from("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code>"
                                   "<Message>The key\ndoes not exist</Message></Error>"),
                         &problem);
    assert_string_equal(problem.code, "NoSuchKey");
    assert_string_equal(problem.message, "The key?does not exist");
    object_problem_parse(text_from("<Error><Code>Slow"), &problem);
    assert_string_equal(problem.code, "Slow");
    assert_string_equal(problem.message, "");
    object_problem_parse((struct text){"<Code>A\0B</Code>", 16}, &problem);
    assert_string_equal(problem.code, "");
    object_problem_parse((struct text){NULL, 0}, &problem);
    assert_string_equal(problem.code, "");
}

static void keys_of_a_file(void **state) {
    struct arena *arena = arena_new(0);
    struct object_credentials credentials;
    struct error err;
    (void)state;
    const struct text file = text_from("# mine\r\n[other]\naws_access_key_id = X\n\n[default]\r\n"
                                       "aws_access_key_id=AKIA\r\nregion = eu\n"
                                       "aws_secret_access_key = a/b+c==\n");
    assert_int_equal(object_credentials_parse(arena, "file", file, &credentials, &err), STATUS_OK);
    assert_string_equal(credentials.access_key, "AKIA");
    assert_string_equal(credentials.secret_key, "a/b+c==");
    assert_null(credentials.session_token);
    const char *lacking[] = {"", "[default]\naws_access_key_id = A\n", "aws_access_key_id\n",
                             "[x]\naws_access_key_id = A\naws_secret_access_key = B\n"};
    for (size_t i = 0; i < COUNT_OF(lacking); i++) {
        assert_int_equal(
            object_credentials_parse(arena, "file", text_from(lacking[i]), &credentials, &err),
            STATUS_USAGE);
        assert_string_equal(err.where, "file");
    }
    static const char with_nul[] = "aws_access_key_id = A\naws_secret_access_key = \0B\n";
    assert_int_equal(object_credentials_parse(arena, "file",
                                              (struct text){with_nul, sizeof with_nul - 1},
                                              &credentials, &err),
                     STATUS_USAGE);
    arena_free(arena);
}

// While the store fails, one call at a time finds out whether it is back; the others are refused at once.
static void a_failing_store_is_not_waited_for(void **state) {
    struct object_gate *gate = object_gate_new(2);
    struct object_gate_counts counts;
    (void)state;
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_OK);
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_OK);
    object_gate_leave(gate, false);
    int64_t begun_ms = monotonic_ms();
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_UNAVAILABLE); // the other one is there
    assert_true(monotonic_ms() - begun_ms < 500);
    object_gate_leave(gate, true);
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_OK);
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_OK);
    begun_ms = monotonic_ms();
    assert_int_equal(object_gate_enter(gate, NULL), STATUS_UNAVAILABLE); // waited for a place
    assert_true(monotonic_ms() - begun_ms >= 1500);
    object_gate_counts(gate, &counts);
    assert_int_equal(counts.calls, 6);
    assert_int_equal(counts.failures, 3);
    object_gate_free(gate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_of_a_place),
        cmocka_unit_test(wrong_settings_name_themselves),
        cmocka_unit_test(refusals_are_read),
        cmocka_unit_test(keys_of_a_file),
        cmocka_unit_test(a_failing_store_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
