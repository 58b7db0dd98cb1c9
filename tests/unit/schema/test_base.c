// SPDX-License-Identifier: MIT
// schema/base: the ground everything stands on. Rows of input and expectation; the arena and the
// buffer are also driven to their caps.
#include "schema/base/arena.h"
#include "schema/base/descriptor.h"
#include "schema/base/error.h"
#include "schema/base/log.h"
#include "schema/base/status.h"
#include "schema/base/text.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#undef fail // cmocka's macro; ours is the function

static void every_status_has_a_row_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < STATUS_COUNT; i++) {
        const struct status_info *info = status_info((enum status)i);
        assert_int_equal(status_find(info->wire_name), i);
        assert_in_range(info->http_status, 200, 599);
        assert_in_range(info->exit_code, 0, 5);
        assert_int_not_equal(info->default_text[strlen(info->default_text) - 1], '.');
    }
    assert_string_equal(status_info((enum status)999)->wire_name, "internal");
    assert_int_equal(status_find("no such name"), STATUS_INTERNAL);
}

static void an_error_says_what_and_where(void **state) {
    (void)state;
    struct error err = {0};
    assert_int_equal(fail(&err, STATUS_INVALID, "/routers/0", "%s is no %s", "x", "router"),
                     STATUS_INVALID);
    assert_string_equal(err.where, "/routers/0");
    assert_string_equal(err.message, "x is no router");
    assert_int_equal(error_within(&err, "crm/plugin.yaml#"), STATUS_INVALID);
    assert_string_equal(err.where, "crm/plugin.yaml#/routers/0");
    assert_int_equal(fail(NULL, STATUS_IO, NULL, "nobody listens"), STATUS_IO);
}

static void a_long_error_is_cut_between_characters(void **state) {
    (void)state;
    char text[2000] = "x";
    for (size_t i = 1; i + 2 < sizeof text; i += 2) {
        memcpy(text + i, "\xc3\xa9", 3);
    }
    for (int shift = 0; shift < 2; shift++) {
        struct error err;
        fail(&err, STATUS_INVALID, text + shift, "%s", text + shift);
        assert_true(utf8_is_valid(err.message, strlen(err.message)));
        assert_true(utf8_is_valid(err.where, strlen(err.where)));
        assert_string_equal(err.message + strlen(err.message) - 3, "\xe2\x80\xa6");
    }
}

static void utf8_follows_the_table_of_well_formed_sequences(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},             // a continuation alone
        {"\xc0\x80", false},         // overlong NUL
        {"\xc1\xbf", false},         // overlong
        {"\xe0\x9f\xbf", false},     // overlong
        {"\xf0\x8f\xbf\xbf", false}, // overlong
        {"\xed\xa0\x80", false},     // surrogate
        {"\xed\xbf\xbf", false},     // surrogate
        {"\xf4\x90\x80\x80", false}, // over U+10FFFF
        {"\xf5\x80\x80\x80", false}, // no such lead
        {"\xff", false},             // never
        {"ab\xc3", false},           // cut
        {"\xe2\x82", false},         // cut
        {"\xf0\x9f\x98", false},     // cut
        {"\xe2\x28\xa1", false},     // second byte wrong
        {"\xe2\x82\x28", false},     // third byte wrong
        {"\xf0\x9f\x98\x28", false}, // fourth byte wrong
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool valid = utf8_is_valid(rows[i].bytes, strlen(rows[i].bytes));
        assert_int_equal(i * 2 + valid, i * 2 + rows[i].valid); // a failure names row i
    }
    assert_true(utf8_is_valid("a\0b", 3));
    assert_true(text_has_nul("a\0b", 3));
    assert_false(text_has_nul("ab", 2));
}

static void text_views_split_and_trim(void **state) {
    (void)state;
    struct text rest = text_from("a,,b,");
    static const char *const pieces[] = {"a", "", "b", ""};
    struct text piece;
    for (size_t i = 0; i < 4; i++) {
        assert_true(text_split(&rest, ',', &piece));
        assert_true(text_equals(piece, pieces[i]));
    }
    assert_false(text_split(&rest, ',', &piece));
    assert_true(text_equals(text_trim(text_from(" \t x y\n")), "x y"));
    assert_true(text_equals(text_trim(text_from(" \v ")), ""));
    assert_int_equal(text_from(NULL).len, 0);
}

static void an_arena_gives_zeroed_aligned_memory(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *bytes = arena_alloc(arena, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(bytes[i], 0);
        }
        memset(bytes, 0xaa, size);
    }
    assert_non_null(arena_alloc(arena, 5 * 1024 * 1024));
    assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_copy(arena, "a\0b", 1), "a");
    assert_null(arena_strdup(arena, NULL));
    assert_null(arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(arena, SIZE_MAX - 8));
    arena_free(arena);
    arena_free(NULL);
}

static void an_arena_starts_afresh_after_a_reset(void **state) {
    (void)state;
    struct arena *arena = arena_new(100 * 1000);
    arena_reset(arena);
    assert_int_equal(arena_size(arena), 0);
    for (int round = 0; round < 3; round++) {
        unsigned char *bytes = arena_alloc(arena, 1000);
        size_t size = arena_size(arena);
        for (size_t i = 0; i < 1000; i++) {
            assert_int_equal(bytes[i], 0);
        }
        memset(bytes, 0xaa, 1000);
        assert_non_null(arena_alloc(arena, 50 * 1000)); // fits once, so it must be given back
        assert_true(arena_size(arena) > size);
        arena_reset(arena);
        assert_int_equal(arena_size(arena), size);
    }
    arena_free(arena);
    arena = arena_new(0);
    assert_non_null(arena_alloc(arena, 50 * 1000)); // no first chunk to keep
    arena_reset(arena);
    assert_int_equal(arena_size(arena), 0);
    assert_non_null(arena_alloc(arena, 10));
    arena_free(arena);
}

static void an_arena_takes_over_another(void **state) {
    (void)state;
    for (int filled = 0; filled < 4; filled++) { // each of the two empty or not
        struct arena *arena = arena_new(0);
        struct arena *other = arena_new(0);
        const char *own = filled & 1 ? arena_strdup(arena, "own") : "own";
        const char *taken = filled & 2 ? arena_strdup(other, "taken") : "taken";
        size_t bytes = arena_size(arena) + arena_size(other);
        arena_adopt(arena, other);
        assert_int_equal(arena_size(arena), bytes);
        assert_non_null(arena_alloc(arena, 100000));
        assert_string_equal(own, "own");
        assert_string_equal(taken, "taken");
        arena_free(arena);
    }
}

static void an_arena_keeps_its_cap(void **state) {
    (void)state;
    struct arena *arena = arena_new(100 * 1000);
    assert_null(arena_alloc(arena, 200 * 1000));
    size_t given = 0;
    while (arena_alloc(arena, 1000)) {
        given += 1000;
        assert_true(given <= 100 * 1000);
    }
    assert_true(given > 40 * 1000);
    assert_true(arena_size(arena) <= 100 * 1000);
    arena_free(arena);
}

static void markup_shows_text_as_it_is(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *markup;
    } rows[] = {
        {"", ""},
        {"plain \xc3\xa9\n\t", "plain \xc3\xa9\n\t"},
        {"<a b=\"c\" d='e'>&`", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&#96;"},
        {"a\x01\r\x7f", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf.", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd."},
        {"\xef\xbc\x81", "\xef\xbc\x81"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scoped(buffer_done) struct buffer buffer;
        buffer_init(&buffer, 1000);
        buffer_add_markup(&buffer, text_from(rows[i].text));
        assert_string_equal(buffer.ptr ? buffer.ptr : "", rows[i].markup);
    }
}

static void characters_are_read_one_by_one(void **state) {
    (void)state;
    struct text rest = text_from("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb2");
    static const uint32_t characters[] = {'a', 0xe9, 0x20ac, 0x1f432};
    for (size_t i = 0; i < COUNT_OF(characters); i++) {
        assert_int_equal(utf8_next(&rest), characters[i]);
    }
    assert_int_equal(rest.len, 0);
}

static void a_buffer_grows_to_its_cap_and_then_says_so(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    for (int i = 0; i < 100; i++) {
        buffer_printf(&buffer, "%09d,", i);
    }
    assert_int_equal(buffer.failed, STATUS_OK);
    assert_int_equal(buffer.len, 1000);
    assert_int_equal(strlen(buffer.ptr), 1000);
    buffer_add(&buffer, "x", 1);
    assert_int_equal(buffer.failed, STATUS_TOO_LARGE);
    buffer_add_string(&buffer, "");
    assert_int_equal(buffer.len, 1000);
    buffer_done(&buffer);
    assert_null(buffer.ptr);
}

static void a_place_in_a_buffer_counts_as_written(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 600);
    buffer_add_string(&buffer, "ab");
    char *place = buffer_extend(&buffer, 300);
    assert_ptr_equal(place, buffer.ptr + 2);
    memset(place, 'c', 300);
    assert_int_equal(buffer.len, 302);
    assert_int_equal(strlen(buffer.ptr), 302);
    assert_memory_equal(buffer.ptr, "abccc", 5);
    assert_null(buffer_extend(&buffer, 299));
    assert_int_equal(buffer.failed, STATUS_TOO_LARGE);
    assert_null(buffer_extend(&buffer, 1));
    assert_int_equal(buffer.len, 302);
    buffer_done(&buffer);
}

struct caught {
    int count;
    enum log_level level;
    char line[4096];
};

static void catch_line(void *context, enum log_level level, const char *line) {
    struct caught *caught = context;
    caught->count++;
    caught->level = level;
    snprintf(caught->line, sizeof caught->line, "%s", line);
}

static void a_log_line_is_one_line_whatever_is_in_it(void **state) {
    (void)state;
    struct caught caught = {0};
    struct log_sink sink = {catch_line, &caught, LOG_LEVEL_INFO};
    log_event(&sink, LOG_LEVEL_WARNING, "event=x user=%s", "a\nevent=forged\x1b[31m");
    assert_string_equal(caught.line, "event=x user=\"a?event=forged?[31m\"");
    assert_int_equal(caught.level, LOG_LEVEL_WARNING);
    log_event(&sink, LOG_LEVEL_INFO, "event=%s say=\"%s: %s\" n=%d %ld %lld %zu %u%%", "y",
              "a \"b\" c\\", "", -1, 2L, 3LL, (size_t)4, 5U);
    assert_string_equal(caught.line, "event=y say=\"a \\\"b\\\" c\\\\: \" n=-1 2 3 4 5%");
    log_event(&sink, LOG_LEVEL_INFO, "none=%s", "");
    assert_string_equal(caught.line, "none=\"\"");
    char many[4000];
    memset(many, 'm', sizeof many);
    many[sizeof many - 1] = '\0';
    log_event(&sink, LOG_LEVEL_INFO, "many=%s", many);
    assert_int_equal(strlen(caught.line), 2047);
    log_event(&sink, LOG_LEVEL_DEBUG, "event=dropped");
    log_event(NULL, LOG_LEVEL_ERROR, "event=nobody");
    assert_int_equal(caught.count, 4);
    assert_string_equal(log_level_name(LOG_LEVEL_DEBUG), "debug");
}

struct drain {
    int fd;
    size_t read_bytes;
};

static void *drain_slowly(void *argument) {
    struct drain *drain = argument;
    char piece[1000];
    ssize_t got;
    while ((got = read(drain->fd, piece, sizeof piece)) > 0) {
        drain->read_bytes += (size_t)got;
    }
    return NULL;
}

static void a_descriptor_takes_everything_or_says_why_not(void **state) {
    (void)state;
    static char bytes[300 * 1000]; // more than a pipe holds
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct drain drain = {ends[0], 0};
    pthread_t reader;
    assert_int_equal(pthread_create(&reader, NULL, drain_slowly, &drain), 0);
    assert_true(descriptor_write(ends[1], bytes, sizeof bytes));
    close(ends[1]);
    pthread_join(reader, NULL);
    close(ends[0]);
    assert_int_equal(drain.read_bytes, sizeof bytes);

    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_true(descriptor_write(full, bytes, 0));
    assert_false(descriptor_write(full, bytes, 1));
    assert_int_equal(errno, ENOSPC);
    close(full);
}

static void check_reals(void) {
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1.5", 1.5},  {".5", 0.5},        {"5.", 5},
                {"1e3", 1000}, {"-2.5E-1", -0.25}, {"+007.25", 7.25}};
    static const char *const bad[] = {"",    "1,5", "1.5 ",  " 1.5",  "0x1p3",
                                      "inf", "nan", "1e999", "1.5.5", "e"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        double value = 0;
        assert_true(text_to_real(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        double value = 42;
        assert_false(text_to_real(bad[i], &value));
        assert_true(value == 42);
    }
}

// Once as the process starts, and once where the decimal point is a comma, if there is such a locale.
static void a_real_number_is_read_alike_in_every_locale(void **state) {
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "pl_PL.UTF-8"};
    check_reals();
    for (size_t i = 0; i < COUNT_OF(commas); i++) {
        if (setlocale(LC_NUMERIC, commas[i])) {
            assert_string_equal(localeconv()->decimal_point, ",");
            check_reals();
        }
    }
    setlocale(LC_NUMERIC, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_row_of_its_own),
        cmocka_unit_test(an_error_says_what_and_where),
        cmocka_unit_test(a_long_error_is_cut_between_characters),
        cmocka_unit_test(utf8_follows_the_table_of_well_formed_sequences),
        cmocka_unit_test(text_views_split_and_trim),
        cmocka_unit_test(a_real_number_is_read_alike_in_every_locale),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(an_arena_starts_afresh_after_a_reset),
        cmocka_unit_test(an_arena_takes_over_another),
        cmocka_unit_test(an_arena_keeps_its_cap),
        cmocka_unit_test(markup_shows_text_as_it_is),
        cmocka_unit_test(characters_are_read_one_by_one),
        cmocka_unit_test(a_buffer_grows_to_its_cap_and_then_says_so),
        cmocka_unit_test(a_place_in_a_buffer_counts_as_written),
        cmocka_unit_test(a_log_line_is_one_line_whatever_is_in_it),
        cmocka_unit_test(a_descriptor_takes_everything_or_says_why_not),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
