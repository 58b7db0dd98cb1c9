// SPDX-License-Identifier: MIT
// Filling a struct error: bounded copies that never split a UTF-8 sequence and never carry control
// characters or broken UTF-8 of the input they quote.
#include "schema/base/error.h"

#include "schema/base/text.h"

#include <stdio.h>
#include <string.h>

// Back to the first byte of a character, so that the ellipsis does not follow half of one.
static void cut_to_fit(char *text, size_t size) {
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t at = size - sizeof ellipsis;
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80) {
        at--;
    }
    memcpy(text + at, ellipsis, sizeof ellipsis);
}

static void copy_where(struct error *err, const char *prefix, const char *where) {
    int len = snprintf(err->where, sizeof err->where, "%s%s", prefix, where);
    if (len >= (int)sizeof err->where) {
        cut_to_fit(err->where, sizeof err->where);
    }
    text_make_printable(err->where);
}

enum status fail_v(struct error *err, enum status status, const char *where, const char *format,
                   va_list args) {
    if (!err) {
        return status;
    }
    err->status = status;
    copy_where(err, "", where ? where : "");
    int len = vsnprintf(err->message, sizeof err->message, format, args);
    if (len >= (int)sizeof err->message) {
        cut_to_fit(err->message, sizeof err->message);
    }
    text_make_printable(err->message);
    return status;
}

enum status fail(struct error *err, enum status status, const char *where, const char *format,
                 ...) {
    va_list args;
    va_start(args, format);
    fail_v(err, status, where, format, args);
    va_end(args);
    return status;
}

void error_set_no_memory(struct error *err) {
    fail(err, STATUS_NO_MEMORY, NULL, "%s", status_info(STATUS_NO_MEMORY)->default_text);
}

enum status error_within(struct error *err, const char *prefix) {
    if (!err) {
        return STATUS_INTERNAL;
    }
    // snprintf must not read from the array that it writes.
    char inner[sizeof err->where];
    memcpy(inner, err->where, sizeof inner);
    copy_where(err, prefix, inner);
    return err->status;
}
