// SPDX-License-Identifier: MIT
// registryd/api/multipart: what senders of forms send, and each way to be not quite a form.
#include "registryd/request/multipart.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=x"
#define DISPOSITION "Content-Disposition: form-data; "

// Gives a body in pieces of at most `step` bytes, as a network would.
struct dripping {
    struct text rest;
    size_t step;
};

static enum status drip(void *context, char *room, size_t size, size_t *ret_len,
                        struct error *err) {
    struct dripping *dripping = context;
    size_t len = dripping->rest.len < dripping->step ? dripping->rest.len : dripping->step;
    (void)err;
    len = len < size ? len : size;
    memcpy(room, dripping->rest.ptr, len);
    dripping->rest.ptr += len;
    dripping->rest.len -= len;
    *ret_len = len;
    return STATUS_OK;
}

static enum status read_content(struct arena *arena, struct multipart *form, char **told,
                                struct error *err) {
    struct text piece = {"", 1};
    enum status status = STATUS_OK;
    while (!status && piece.len) {
        status = multipart_read(form, &piece, err);
        if (!status) {
            *told = arena_printf(arena, "%s%.*s", *told, (int)piece.len, piece.ptr);
        }
    }
    return status;
}

// All parts as "name|filename|type|content" lines, or the status as its name.
static char *read_pieces(struct arena *arena, const char *content_type, struct text body,
                         size_t step) {
    struct multipart *form;
    struct multipart_part part;
    struct error err = {0};
    bool found = true;
    char *told = arena_strdup(arena, "");
    struct dripping dripping = {body, step};
    const struct byte_source source = {&dripping, (int64_t)body.len, drip};
    if (!multipart_is(content_type)) {
        return arena_strdup(arena, "no form");
    }
    enum status status = multipart_begin(arena, content_type, &source, &form, &err);
    while (!status && !(status = multipart_next(form, &part, &found, &err)) && found) {
        told =
            arena_printf(arena, "%s%s|%s|%s|", told, part.name, part.filename ? part.filename : "-",
                         part.content_type ? part.content_type : "-");
        status = read_content(arena, form, &told, &err);
        told = arena_printf(arena, "%s;", told);
    }
    assert_true(!status || err.message[0]);
    return status ? arena_strdup(arena, status_info(status)->wire_name) : told;
}

// The answer must not depend on where the pieces of a body end.
static char *read_form(struct arena *arena, const char *content_type, struct text body) {
    char *told = read_pieces(arena, content_type, body, SIZE_MAX);
    for (size_t step = 1; step < 8; step++) {
        assert_string_equal(read_pieces(arena, content_type, body, step), told);
    }
    return told;
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
    {TYPE, "\r\n--x--", ""}, // as old distutils begins
    {TYPE, "\r\n\r\n--x--", "malformed"},
    {TYPE, "\n--x--", "malformed"},
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
    struct text rest = {body, sizeof body - 1};
    const struct byte_source source = byte_source_of(&rest);
    struct multipart *form;
    struct multipart_part part;
    struct text piece;
    char content[16];
    size_t len = 0;
    bool found = false;
    assert_int_equal(multipart_begin(arena, TYPE, &source, &form, NULL), STATUS_OK);
    assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
    assert_true(found);
    do {
        assert_int_equal(multipart_read(form, &piece, NULL), STATUS_OK);
        memcpy(content + len, piece.ptr, piece.len);
        len += piece.len;
    } while (piece.len);
    assert_int_equal(len, 10);
    assert_memory_equal(content, "\0\r\n--\0--x\xff", 10);
    assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
    assert_false(found);
    arena_free(arena);
}

// Larger than the window, with what could be the beginning of a delimiter all over it.
static void contents_may_be_large(void **state) {
    (void)state;
    enum { LARGE = 300 * 1024 };
    struct arena *arena = arena_new(0);
    struct buffer body;
    buffer_init(&body, 1024 * 1024);
    buffer_add_string(&body, "--x\r\n" DISPOSITION "name=a\r\n\r\n");
    size_t start = body.len;
    while (body.len - start < LARGE) {
        buffer_add_string(&body, body.len % 3 ? "\r\n--" : "\r\n-\r");
    }
    size_t len = body.len - start;
    buffer_add_string(&body, "\r\n--x\r\n" DISPOSITION "name=b\r\n\r\nlast\r\n--x--");
    for (size_t step = 1000; step < 200000; step = step * 7 + 1) {
        struct dripping dripping = {{body.ptr, body.len}, step};
        const struct byte_source source = {&dripping, (int64_t)body.len, drip};
        struct multipart *form;
        struct multipart_part part;
        const char *text;
        bool found;
        assert_int_equal(multipart_begin(arena, TYPE, &source, &form, NULL), STATUS_OK);
        assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
        assert_int_equal(multipart_read_text(form, LARGE * 2, &text, NULL), STATUS_OK);
        assert_int_equal(strlen(text), len);
        assert_memory_equal(text, body.ptr + start, len);
        assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
        assert_int_equal(multipart_read_text(form, 4, &text, NULL), STATUS_OK);
        assert_string_equal(text, "last");
        assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
        assert_false(found);
    }
    buffer_done(&body);
    arena_free(arena);
}

static void texts_are_bounded_and_utf8(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t len;
        enum status expected;
    } rows[] = {{"1234", 4, STATUS_OK},
                {"12345", 5, STATUS_TOO_LARGE},
                {"a\0b", 3, STATUS_MALFORMED},
                {"\xff", 1, STATUS_MALFORMED},
                {"", 0, STATUS_OK}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct buffer body;
        buffer_init(&body, 1024);
        buffer_add_string(&body, "--x\r\n" DISPOSITION "name=a\r\n\r\n");
        buffer_add(&body, rows[i].content, rows[i].len);
        buffer_add_string(&body, "\r\n--x--");
        struct text rest = {body.ptr, body.len};
        const struct byte_source source = byte_source_of(&rest);
        struct multipart *form;
        struct multipart_part part;
        const char *text;
        bool found;
        assert_int_equal(multipart_begin(arena, TYPE, &source, &form, NULL), STATUS_OK);
        assert_int_equal(multipart_next(form, &part, &found, NULL), STATUS_OK);
        assert_int_equal(multipart_read_text(form, 4, &text, NULL), rows[i].expected);
        buffer_done(&body);
        arena_free(arena);
    }
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
        char *told = read_pieces(arena, TYPE, (struct text){body.ptr, body.len}, SIZE_MAX);
        assert_int_equal(strcmp(told, "too-large") == 0, extra);
        buffer_done(&body);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(contents_may_be_any_bytes),
        cmocka_unit_test(contents_may_be_large),
        cmocka_unit_test(texts_are_bounded_and_utf8),
        cmocka_unit_test(no_byte_behind_the_body_is_read),
        cmocka_unit_test(the_number_of_parts_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
