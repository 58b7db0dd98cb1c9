// SPDX-License-Identifier: MIT
// registryd/api/multipart: what senders of forms send, and each way to be not quite a form.
#include "registryd/request/multipart.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=x"
#define DISPOSITION "Content-Disposition: form-data; "

// All parts as "name|filename|type|content" lines, or the status as its name.
static char *read_form(struct arena *arena, const char *content_type, struct text body) {
    struct multipart form;
    struct multipart_part part;
    struct error err = {0};
    bool found = true;
    char *told = arena_strdup(arena, "");
    if (!multipart_is(content_type)) {
        return arena_strdup(arena, "no form");
    }
    enum status status = multipart_begin(arena, content_type, body, &form, &err);
    while (!status && !(status = multipart_next(&form, &part, &found, &err)) && found) {
        told = arena_printf(
            arena, "%s%s|%s|%s|%.*s;", told, part.name, part.filename ? part.filename : "-",
            part.content_type ? part.content_type : "-", (int)part.content.len, part.content.ptr);
    }
    assert_true(!status || err.message[0]);
    return status ? arena_strdup(arena, status_info(status)->wire_name) : told;
}

static const struct {
    const char *content_type;
    const char *body;
    const char *told;
} cases[] = {
    // good
    {TYPE, "--x\r\n" DISPOSITION "name=\"a\"\r\n\r\n1\r\n--x--\r\n", "a|-|-|1;"},
    {TYPE, "--x\r\n" DISPOSITION "name=\"a\"\r\n\r\n1\r\n--x--", "a|-|-|1;"},
    {TYPE, "--x\r\n" DISPOSITION "name=a; filename=\"f.whl\"\r\nContent-Type: t/t\r\n\r\n\r\n--x--",
     "a|f.whl|t/t|;"},
    {"Multipart/Form-Data ; Boundary=\"a b\"; charset=utf-8",
     "--a b\r\ncontent-disposition:FORM-DATA;NAME=\"\xc3\xa4\"\r\n\r\n\r\n\r\n\r\n--a b--",
     "\xc3\xa4|-|-|\r\n\r\n"
     ";"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n\r\n--x\n--x\r\n--y\r\n--x--",
     "a|-|-|--x\n--x\r\n--y;"},
    {TYPE,
     "--x\r\n" DISPOSITION "name=a\r\n\r\n1\r\n--x\r\n" DISPOSITION
     "name=b\r\nContent-Length: 1\r\nContent-Transfer-Encoding: binary\r\n\r\n2\r\n--x--",
     "a|-|-|1;b|-|-|2;"},
    {TYPE, "--x--", ""},
    // the boundary
    {"multipart/form-data", "--x--", "malformed"},
    {"multipart/form-data; boundary=", "----", "malformed"},
    {"multipart/form-data; boundary=\"\"", "----", "malformed"},
    {"multipart/form-data; boundary=\"x", "--x--", "malformed"},
    {"multipart/form-data; boundary=\"x \"", "--x --", "malformed"},
    {"multipart/form-data; boundary=x; boundary=y", "--x--", "malformed"},
    {"multipart/form-data; boundary=x y", "--x--", "malformed"},
    {"multipart/form-data; boundary=\"x{\"", "--x{--", "malformed"},
    {"multipart/form-data; boundary="
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "--x--", "malformed"},
    {"multipart/form-datax; boundary=x", "--x--", "no form"},
    {"multipart/mixed; boundary=x", "--x--", "no form"},
    {NULL, "--x--", "no form"},
    // what stands around the parts
    {TYPE, "", "malformed"},
    {TYPE, "\r\n--x--", "malformed"},
    {TYPE, "preamble\r\n--x--", "malformed"},
    {TYPE, "--x", "malformed"},
    {TYPE, "--x-", "malformed"},
    {TYPE, "--x--epilogue", "malformed"},
    {TYPE, "--x--\r\n\r\n", "malformed"},
    {TYPE, "--x\n" DISPOSITION "name=a\n\n1\n--x--", "malformed"},
    {TYPE, "--x \r\n" DISPOSITION "name=a\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n\r\n1\r\n--xy\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n\r\n1", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n\r\n1\r\n--x", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n\r\n1\r\n--x\r\n", "malformed"},
    // headers
    {TYPE, "--x\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a", "malformed"},
    {TYPE, "--x\r\nContent-Type: t/t\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "filename=f\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a; name=b\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n" DISPOSITION "name=a\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a; filename*=utf-8''f\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=\"a\\\"b\"\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=\"a\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=\"a\tb\"\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=\"\xff\"\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\n folded\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\nX-Other: 1\r\n\r\n1\r\n--x--", "malformed"},
    {TYPE, "--x\r\n" DISPOSITION "name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--x--",
     "malformed"},
};

static void forms(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new(0);
        char *told = read_form(arena, cases[i].content_type, text_from(cases[i].body));
        assert_string_equal(told, cases[i].told);
        arena_free(arena);
    }
}

static void contents_may_be_any_bytes(void **state) {
    (void)state;
    static const char body[] = "--x\r\n" DISPOSITION "name=a\r\n\r\n\0\r\n--\0--x\xff\r\n--x--";
    struct arena *arena = arena_new(0);
    struct multipart form;
    struct multipart_part part;
    bool found = false;
    assert_int_equal(
        multipart_begin(arena, TYPE, (struct text){body, sizeof body - 1}, &form, NULL), STATUS_OK);
    assert_int_equal(multipart_next(&form, &part, &found, NULL), STATUS_OK);
    assert_true(found);
    assert_int_equal(part.content.len, 10);
    assert_memory_equal(part.content.ptr, "\0\r\n--\0--x\xff", 10);
    arena_free(arena);
}

static void no_byte_behind_the_body_is_read(void **state) {
    (void)state;
    static const char whole[] = "--x\r\n" DISPOSITION "name=a; filename=f\r\n\r\n1\r\n--x--\r\n";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct arena *arena = arena_new(0);
        char *copy = malloc(len + !len); // the sanitizer guards its end
        memcpy(copy, whole, len);
        char *told = read_form(arena, TYPE, (struct text){copy, len});
        bool is_whole = len == sizeof whole - 3;
        assert_string_equal(told, is_whole ? "a|f|-|1;" : "malformed");
        free(copy);
        arena_free(arena);
    }
}

static void the_number_of_parts_is_bounded(void **state) {
    (void)state;
    static const char part[] = "\r\n" DISPOSITION "name=a\r\n\r\n\r\n--x";
    for (int extra = 0; extra < 2; extra++) {
        struct arena *arena = arena_new(0);
        struct buffer body;
        buffer_init(&body, 1024 * 1024);
        buffer_add_string(&body, "--x");
        for (int i = 0; i < MULTIPART_PARTS_MAX + extra; i++) {
            buffer_add_string(&body, part);
        }
        buffer_add_string(&body, "--");
        char *told = read_form(arena, TYPE, (struct text){body.ptr, body.len});
        assert_int_equal(strcmp(told, "too-large") == 0, extra);
        buffer_done(&body);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(contents_may_be_any_bytes),
        cmocka_unit_test(no_byte_behind_the_body_is_read),
        cmocka_unit_test(the_number_of_parts_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
