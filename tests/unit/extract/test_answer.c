// SPDX-License-Identifier: MIT
// registryd/extract/answer: what goes in at one end of the pipe comes out at the other, and nothing else
// is believed.
#include "registryd/extract/answer.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct ends {
    struct arena *arena;
    struct findings written;
    struct findings read;
};

static int set_up(void **state) {
    static struct ends ends;
    ends.arena = arena_new(0);
    findings_init(&ends.written, ends.arena);
    findings_init(&ends.read, ends.arena);
    *state = &ends;
    return 0;
}

static int tear_down(void **state) {
    arena_free(((struct ends *)*state)->arena);
    return 0;
}

static enum status pass(struct ends *ends, const struct extraction *extraction,
                        struct extraction *ret_extraction) {
    json_t *json = extraction_encode(extraction, &ends->written);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    enum status status = extraction_decode(text, strlen(text), &ends->read, ret_extraction, NULL);
    json_decref(json);
    free(text);
    return status;
}

static void a_good_artifact_passes(void **state) {
    struct ends *ends = *state;
    struct release release = {.name = "crm", .version = "1.0", .summary = "S"};
    const char *tags[] = {"py2-none-any", "py3-none-any"};
    struct wheel_folder folders[] = {{"crm.py", ""}, {"plugins/crm", "a.py\nb.py"}};
    struct extraction in = {.release = &release,
                            .artifact = {.kind = ARTIFACT_WHEEL,
                                         .tags = {tags, 2},
                                         .metadata = "Name: crm\n\nB\xc3\xa4r\n",
                                         .metadata_len = 16,
                                         .generator = "registryctl",
                                         .folders = {folders, 2}}};
    struct extraction out = {.error.status = STATUS_IO};
    findings_add(&ends->written, SEVERITY_WARNING, "some-code", "f: m", "hint", "text");
    findings_set_group(&ends->written, 0, "app.plugins");
    assert_int_equal(pass(ends, &in, &out), STATUS_OK);
    assert_int_equal(out.error.status, STATUS_OK);
    assert_string_equal(out.release->name, "crm");
    assert_string_equal(out.release->summary, "S");
    assert_int_equal(out.artifact.kind, ARTIFACT_WHEEL);
    assert_int_equal(out.artifact.tags.count, 2);
    assert_string_equal(out.artifact.tags.items[1], "py3-none-any");
    assert_int_equal(out.artifact.metadata_len, 16);
    assert_memory_equal(out.artifact.metadata, in.artifact.metadata, 16);
    assert_string_equal(out.artifact.generator, "registryctl");
    assert_int_equal(out.artifact.folders.count, 2);
    assert_string_equal(out.artifact.folders.items[0].names, "");
    assert_string_equal(out.artifact.folders.items[1].path, "plugins/crm");
    assert_string_equal(out.artifact.folders.items[1].names, "a.py\nb.py");
    assert_int_equal(ends->read.count, 1);
    assert_string_equal(ends->read.items[0].code, "some-code");
    assert_string_equal(ends->read.items[0].hint, "hint");
    assert_string_equal(ends->read.items[0].group, "app.plugins");
}

static void a_refusal_passes(void **state) {
    struct ends *ends = *state;
    struct extraction in = {0};
    struct extraction out = {0};
    (fail)(&in.error, STATUS_INVALID, "crm.whl", "It is \xff bad"); // not the macro of cmocka
    findings_add_error(&ends->written, "zip-bad", &in.error);
    assert_int_equal(pass(ends, &in, &out), STATUS_OK);
    assert_int_equal(out.error.status, STATUS_INVALID);
    assert_string_equal(out.error.where, "crm.whl");
    assert_string_equal(out.error.message, "It is ? bad");
    assert_null(out.release);
    assert_int_equal(ends->read.error_count, 1);
    assert_string_equal(ends->read.items[0].code, "zip-bad");
}

#define HEAD "\"where\":\"\",\"message\":\"\",\"errors\":[],\"warnings\":[],\"groups\":[]"
#define GOOD                                                                                       \
    "{\"status\":\"ok\"," HEAD ",\"release\":{\"name\":\"a\",\"version\":\"1\"},\"artifact\":"
#define REST "\"generator\":null,\"folders\":{}}"
#define FOLDERS(folders)                                                                           \
    GOOD "{\"wheel\":true,\"tags\":[],\"metadata\":\"\",\"generator\":null,\"folders\":" folders   \
         "}}"

static void nonsense_is_no_answer(void **state) {
    struct ends *ends = *state;
    static const char *const answers[] = {
        "",
        "[]",
        "{}",
        "nonsense",
        "{\"status\":\"ok\"," HEAD "}",
        "{\"status\":\"unauthorized\"," HEAD ",\"release\":null,\"artifact\":null}",
        "{\"status\":\"conflict\"," HEAD ",\"release\":null,\"artifact\":null}",
        "{\"status\":\"invalid\",\"where\":1,\"message\":\"\",\"errors\":[],\"warnings\":[],"
        "\"groups\":[]}",
        "{\"status\":\"invalid\",\"where\":\"\",\"message\":\"\",\"errors\":{},\"warnings\":[],"
        "\"groups\":[]}",
        "{\"status\":\"invalid\",\"where\":\"\",\"message\":\"\",\"errors\":[1],\"warnings\":[],"
        "\"groups\":[]}",
        GOOD "null}",
        "{\"status\":\"ok\",\"where\":\"\",\"message\":\"\",\"errors\":[],\"warnings\":[],"
        "\"groups\":{},"
        "\"release\":null,\"artifact\":null}",
        GOOD "{\"wheel\":1,\"tags\":[],\"metadata\":\"\"," REST "}",
        GOOD "{\"wheel\":true,\"tags\":{},\"metadata\":\"\"," REST "}",
        GOOD "{\"wheel\":true,\"tags\":[1],\"metadata\":\"\"," REST "}",
        GOOD "{\"wheel\":true,\"tags\":[],\"metadata\":\"\"," REST "} trailing",
        GOOD "{\"wheel\":true,\"tags\":[],\"metadata\":\"\"}}",
        FOLDERS("[]"),
        FOLDERS("{\"a\":1}"),
        FOLDERS("{\"\":\"a\"}"),
        FOLDERS("{\"a\\nb\":\"c\"}"),
        "{\"status\":\"ok\"," HEAD
        ",\"artifact\":{\"wheel\":true,\"tags\":[],\"metadata\":\"\"," REST "}",
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct extraction out = {0};
        struct error err = {0};
        assert_int_equal(extraction_decode(answers[i], strlen(answers[i]), &ends->read, &out, &err),
                         STATUS_INTERNAL);
        assert_null(out.release);
    }
}

static void a_release_is_checked_like_any_other(void **state) {
    struct ends *ends = *state;
    static const char answer[] =
        "{\"status\":\"ok\"," HEAD ",\"release\":{\"name\":1,\"version\":\"1\"},"
        "\"artifact\":{\"wheel\":true,\"tags\":[],\"metadata\":\"\"," REST "}";
    struct extraction out = {0};
    assert_int_equal(extraction_decode(answer, sizeof answer - 1, &ends->read, &out, NULL),
                     STATUS_INVALID);
    assert_int_equal(ends->read.error_count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_artifact_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nonsense_is_no_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_release_is_checked_like_any_other, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
