// SPDX-License-Identifier: MIT
// registryd/http/head/validate: headers in rows; and whole request texts, split in place as leniently as
// the server's library splits them, of which only the strict ones may pass.
#include "registryd/http/head/validate.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 80 };

// Splits "Name: value\n" lines given for a case; no line breaks are checked here.
static size_t split_lines(char *lines, struct header headers[MANY]) {
    size_t count = 0;
    for (char *line = strtok(lines, "\n"); line && count < MANY; line = strtok(NULL, "\n")) {
        char *colon = strchr(line, ':');
        *colon = '\0';
        headers[count++] = (struct header){line, colon[1] == ' ' ? colon + 2 : colon + 1};
    }
    return count;
}

static enum status check(const char *version, const char *lines, struct request_head *ret_head) {
    static char copy[20000];
    static struct header headers[MANY];
    snprintf(copy, sizeof copy, "%s", lines);
    struct raw_request raw = {"GET", "/", NULL, version, headers, 0};
    raw.header_count = split_lines(copy, headers);
    struct error err = {0};
    enum status status = validate_headers(&raw, ret_head, &err);
    assert_int_equal(err.status, status);
    assert_int_equal(!status, !err.message[0]);
    return status;
}

static void headers_are_judged(void **state) {
    (void)state;
    static const struct {
        const char *version;
        const char *lines;
        enum status expected;
    } rows[] = {
        {"1.1", "Host: x", STATUS_OK},
        {"1.1", "host: 127.0.0.1:7621", STATUS_OK},
        {"1.1", "Host: [::1]:80", STATUS_OK},
        {"1.1", "Host:", STATUS_OK},
        {"1.0", "Accept: */*", STATUS_OK},
        {"1.1", "Accept: */*", STATUS_MALFORMED},
        {"1.1", "Host: a\nHost: a", STATUS_MALFORMED},
        {"1.0", "Host: a\nhOST: b", STATUS_MALFORMED},
        {"1.1", "Host: a/b", STATUS_MALFORMED},
        {"1.1", "Host: a b", STATUS_MALFORMED},
        {"1.1", "Host: user@a", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 0", STATUS_OK},
        {"1.1", "Host: x\nContent-Length: 9999999999", STATUS_OK},
        {"1.1", "Host: x\nContent-Length: 10000000000", STATUS_TOO_LARGE},
        {"1.1", "Host: x\nContent-Length: 99999999999999999999999", STATUS_TOO_LARGE},
        {"1.1", "Host: x\nContent-Length:", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: +5", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: -5", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 5 ", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 5,5", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 0x5", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 5\nContent-Length: 5", STATUS_MALFORMED},
        {"1.1", "Host: x\nTransfer-Encoding: chunked", STATUS_LENGTH_REQUIRED},
        {"1.1", "Host: x\nTransfer-Encoding: gzip, chunked", STATUS_NOT_IMPLEMENTED},
        {"1.1", "Host: x\nTransfer-Encoding: identity", STATUS_NOT_IMPLEMENTED},
        {"1.1", "Host: x\nTransfer-Encoding:", STATUS_NOT_IMPLEMENTED},
        {"1.1", "Host: x\nTransfer-Encoding: chunked\nTransfer-Encoding: x", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Length: 5\nTransfer-Encoding: chunked", STATUS_MALFORMED},
        {"1.1", "Host: x\nTransfer-Encoding: x\nContent-Length: 5", STATUS_MALFORMED},
        {"1.1", "Host: x\nAuthorization: a\nAuthorization: b", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Type: a\nContent-Type: a", STATUS_MALFORMED},
        {"1.1", "Host: x\nContent-Encoding: gzip", STATUS_UNSUPPORTED_MEDIA},
        {"1.1", "Host: x\nContent-Encoding: identity", STATUS_OK},
        {"1.1", "Host: x\nAccept: a\nAccept: b", STATUS_OK},
        {"1.1", "Host: x\nExpect: 100-continue", STATUS_OK},
        {"1.1", "Host: x\nExpect: 100-Continue", STATUS_OK},
        {"1.1", "Host: x\nExpect: 200-ok", STATUS_EXPECTATION_FAILED},
        {"1.1", "Host: x\nExpect: 100-continue\nExpect: 100-continue", STATUS_MALFORMED},
        {"1.1", "Host: x\nConnection: Upgrade\nUpgrade: WebSocket", STATUS_MALFORMED},
        {"1.1", "Host: x\nConnection: Upgrade\nUpgrade: h2c, websocket", STATUS_MALFORMED},
        {"1.1", "Host: x\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c", STATUS_OK},
        {"1.1", "Host: x\nX-Name: caf\xc3\xa9", STATUS_MALFORMED},
        {"1.1", "Host: x\nX-Name: a\x01", STATUS_MALFORMED},
        {"1.1", "Host: x\nX-Name: a\tb", STATUS_MALFORMED},
        {"1.1", "Host: x\nX-Name: a\rb", STATUS_MALFORMED},
        {"1.1", "Host: x\nX-Name: a\x7f", STATUS_MALFORMED},
        {"1.1", "Host: x\nX Name: a", STATUS_MALFORMED},
        {"1.1", "Host: x\nX(Name): a", STATUS_MALFORMED},
        {"1.1", "Host: x\n\"X\": a", STATUS_MALFORMED},
        {"1.1", "Host: x\nX_Name-1.2~: a", STATUS_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct request_head head = {.content_length = 77};
        enum status got = check(rows[i].version, rows[i].lines, &head);
        if (got != rows[i].expected) {
            fail_msg("%s: \"%s\" gives %s", rows[i].version, rows[i].lines,
                     status_info(got)->wire_name);
        }
        assert_int_equal(got != STATUS_OK, head.content_length == 77);
    }
}

static void a_sound_head_is_read(void **state) {
    (void)state;
    struct request_head head;
    check("1.1",
          "Host: x\ncontent-length: 0012\nAUTHORIZATION: Bearer t\nContent-Type: a/b\n"
          "If-None-Match: \"e\"\nExpect: 100-continue",
          &head);
    assert_int_equal(head.content_length, 12);
    assert_string_equal(head.authorization, "Bearer t");
    assert_string_equal(head.content_type, "a/b");
    assert_string_equal(head.if_none_match, "\"e\"");
    assert_true(head.expects_continue);
    check("1.0", "Expect: 100-continue", &head);
    assert_int_equal(head.content_length, -1);
    assert_false(head.expects_continue);
    assert_null(head.authorization);
}

static void connections_stay_open_as_the_client_wishes(void **state) {
    (void)state;
    static const struct {
        const char *version;
        const char *lines;
        bool expected;
    } rows[] = {
        {"1.1", "Host: x", true},
        {"1.0", "Host: x", false},
        {"1.1", "Host: x\nConnection: close", false},
        {"1.1", "Host: x\nConnection: Keep-Alive", true},
        {"1.0", "Host: x\nConnection: keep-alive", true},
        {"1.1", "Host: x\nConnection: keep-alive, close", false},
        {"1.1", "Host: x\nConnection: TE", false},
        {"1.1", "Host: x\nConnection: keep-alive, Upgrade\nUpgrade: h2c", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct request_head head;
        assert_int_equal(check(rows[i].version, rows[i].lines, &head), STATUS_OK);
        assert_int_equal(head.keep_alive, rows[i].expected);
    }
}

static void gzip_is_used_when_asked_for(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        bool expected;
    } rows[] = {
        {"Host: x", false},
        {"Host: x\nAccept-Encoding: gzip", true},
        {"Host: x\nAccept-Encoding: gzip, deflate, br", true},
        {"Host: x\nAccept-Encoding: br;q=1.0, GZIP;q=0.8", true},
        {"Host: x\nAccept-Encoding: deflate, gzip;q=0", false},
        {"Host: x\nAccept-Encoding: gzip; q=0.000", false},
        {"Host: x\nAccept-Encoding: gzip;q=0.001", true},
        {"Host: x\nAccept-Encoding: x-gzip, gzipped", false},
        {"Host: x\nAccept-Encoding: identity", false},
        {"Host: x\nAccept-Encoding:", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct request_head head;
        assert_int_equal(check("1.1", rows[i].lines, &head), STATUS_OK);
        assert_int_equal(head.accepts_gzip, rows[i].expected);
    }
}

// ---- layout ----

// Ends the word at `text` at the first of `ends`, forgiving what follows; the next word.
static char *end_word(char *text, const char *ends, const char *forgiven) {
    text += strcspn(text, ends);
    while (*text && strchr(forgiven, *text)) {
        *text++ = '\0';
    }
    return text;
}

static bool line_is_header(const char *line) {
    return *line > ' ' && *line < 0x7f && *line != ':';
}

// Splits as leniently as civetweb 1.15 was observed to do: white space before and between the
// words, bare line feeds, a silent stop at 64 headers, a folded line, a name that is not ASCII.
static void split_request(char *text, struct header headers[], struct raw_request *raw) {
    size_t len = strlen(text);
    text[len - 1] = '\0';
    text += strspn(text, " \r\n");
    raw->method = text;
    raw->target = text = end_word(text, " ", " ");
    raw->version = text = end_word(text, " ", " ");
    raw->version += strlen("HTTP/");
    char *mark = strchr(raw->target, '?');
    if (mark) {
        *mark = '\0';
        raw->query = mark + 1;
    }
    text = end_word(text, "\r\n", "\r\n ");
    while (line_is_header(text) && raw->header_count < LIMIT_HEADERS) {
        struct header *header = &headers[raw->header_count++];
        header->name = text;
        text += strcspn(text, " :");
        while (*text == ' ') {
            *text++ = '\0';
        }
        *text++ = '\0';
        text += strspn(text, " \t");
        header->value = text;
        text += strcspn(text, "\r\n");
        if (*text == '\r') {
            *text++ = '\0';
        }
        if (*text == '\n') {
            *text++ = '\0';
        }
    }
}

static enum status check_layout(const char *sent) {
    static char copy[20000];
    struct header headers[LIMIT_HEADERS];
    size_t len = strlen(sent);
    memset(copy, 0x55, sizeof copy);
    memcpy(copy, sent, len + 1);
    struct raw_request raw = {.headers = headers};
    split_request(copy, headers, &raw);
    struct error err = {0};
    size_t head_len = 0;
    enum status status = validate_layout((struct text){copy, len}, &raw, &head_len, &err);
    if (!status) {
        assert_true(head_len >= 4 && head_len <= len);
        assert_memory_equal(sent + head_len - 4, "\r\n\r\n", 4);
    }
    return status;
}

#define LINE "GET / HTTP/1.1\r\n"
#define HOST "Host: x\r\n"
#define END "\r\n"

static void only_a_strict_layout_passes(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        enum status expected;
    } rows[] = {
        {LINE HOST END, STATUS_OK},
        {LINE "Host:x" END END, STATUS_OK},
        {LINE "Host:" END END, STATUS_OK},
        {LINE "Host:   x" END END, STATUS_OK},
        {LINE HOST "A:" END "B: b" END END, STATUS_OK},
        {"GET /?a=1 HTTP/1.1" END HOST END, STATUS_OK},
        {"GET /? HTTP/1.1" END HOST END, STATUS_OK},
        {LINE END, STATUS_MALFORMED},
        {END LINE HOST END, STATUS_MALFORMED},
        {"\n" LINE HOST END, STATUS_MALFORMED},
        {" " LINE HOST END, STATUS_MALFORMED},
        {END END LINE HOST END, STATUS_MALFORMED},
        {"GET  / HTTP/1.1" END HOST END, STATUS_MALFORMED},
        {"GET /  HTTP/1.1" END HOST END, STATUS_MALFORMED},
        {"GET /?a=1  HTTP/1.1" END HOST END, STATUS_MALFORMED},
        {"GET / HTTP/1.1\n" HOST END, STATUS_MALFORMED},
        {"GET / HTTP/1.1" END END HOST END, STATUS_MALFORMED},
        {LINE " " HOST END, STATUS_MALFORMED},
        {LINE "Host: x\n\n", STATUS_MALFORMED},
        {LINE "Host: x\nA: b" END END, STATUS_MALFORMED},
        {LINE HOST "A: b\n" END, STATUS_MALFORMED},
        {LINE HOST "A : b" END END, STATUS_MALFORMED},
        {LINE HOST "A  : b" END END, STATUS_MALFORMED},
        {LINE HOST "A: b" END " folded" END END, STATUS_MALFORMED},
        {LINE HOST "A: b" END "\xc3\xa9: c" END END, STATUS_MALFORMED},
        {LINE HOST "A: b" END ": c" END END, STATUS_MALFORMED},
        {LINE HOST "A: b" END "\tfolded: x" END END, STATUS_MALFORMED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum status got = check_layout(rows[i].sent);
        if (got != rows[i].expected) {
            fail_msg("row %zu gives %s: %s", i, status_info(got)->wire_name, rows[i].sent);
        }
    }
}

static void headers_are_counted(void **state) {
    (void)state;
    static const struct {
        int headers;
        enum status expected;
    } rows[] = {
        {1, STATUS_OK},
        {63, STATUS_OK},
        {LIMIT_HEADERS, STATUS_OK},
        {LIMIT_HEADERS + 1, STATUS_HEADERS_TOO_LARGE},
        {LIMIT_HEADERS + 20, STATUS_HEADERS_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char sent[4000] = LINE;
        for (int h = 0; h < rows[i].headers; h++) {
            strcat(sent, "X-Header: value" END);
        }
        strcat(sent, END);
        assert_int_equal(check_layout(sent), rows[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_judged),
        cmocka_unit_test(a_sound_head_is_read),
        cmocka_unit_test(connections_stay_open_as_the_client_wishes),
        cmocka_unit_test(gzip_is_used_when_asked_for),
        cmocka_unit_test(only_a_strict_layout_passes),
        cmocka_unit_test(headers_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
