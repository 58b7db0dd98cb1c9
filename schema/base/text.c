// SPDX-License-Identifier: MIT
// Views, UTF-8 checks and the growing buffer of text.h.
// A view never owns its bytes and has no NUL; a buffer owns them and has one. Pure, any thread. A
// buffer remembers its first failure and ignores what follows, so a writer asks once, at the end.
#include "schema/base/text.h"

#include "schema/base/cleanup.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct text text_from(const char *string) {
    return (struct text){string, string ? strlen(string) : 0};
}

struct text text_trim(struct text view) {
    while (view.len && is_space(view.ptr[0])) {
        view.ptr++;
        view.len--;
    }
    while (view.len && is_space(view.ptr[view.len - 1])) {
        view.len--;
    }
    return view;
}

// "a,,b" gives "a", "" and "b"; "" gives one empty piece. A view without a pointer is used up.
bool text_split(struct text *rest, char separator, struct text *ret_piece) {
    if (!rest->ptr) {
        return false;
    }
    const char *end = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (!end) {
        *ret_piece = *rest;
        *rest = (struct text){NULL, 0};
        return true;
    }
    size_t len = (size_t)(end - rest->ptr);
    *ret_piece = (struct text){rest->ptr, len};
    *rest = (struct text){end + 1, rest->len - len - 1};
    return true;
}

// The length of the well-formed sequence at p, or 0.
// By the table of well-formed sequences in the Unicode standard (3-7): no overlong forms, no
// surrogates, nothing above U+10FFFF. The second byte's range depends on the first.
static size_t sequence_length(const unsigned char *p, size_t left) {
    if (p[0] < 0x80) {
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > left) {
        return 0;
    }
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool utf8_is_valid(const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    size_t at = 0;
    while (at < len) {
        uint64_t eight; // ASCII, as nearly all text is, goes by in steps of eight
        while (len - at >= sizeof eight &&
               (memcpy(&eight, p + at, sizeof eight), (eight & 0x8080808080808080U) == 0)) {
            at += sizeof eight;
        }
        size_t step = at < len ? sequence_length(p + at, len - at) : 0;
        if (!step && at < len) {
            return false;
        }
        at += step;
    }
    return true;
}

bool text_ends_with(struct text view, const char *ending) {
    size_t len = strlen(ending);
    return view.len >= len && memcmp(view.ptr + view.len - len, ending, len) == 0;
}

// The loop stops at a NUL of `string`, so a view that holds a NUL is never equal.
bool text_equals_nocase(struct text view, const char *string) {
    size_t i = 0;
    while (i < view.len && string[i] && to_lower(view.ptr[i]) == to_lower(string[i])) {
        i++;
    }
    return i == view.len && !string[i];
}

// The C locale is made anew each time: glibc has it ready and allocates nothing.
bool text_to_real(const char *string, double *ret_value) {
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) {
        return false;
    }
    char *end;
    double value = strtod_l(string, &end, c_locale);
    freelocale(c_locale);
    bool is_decimal = *string && string[strspn(string, "0123456789.eE+-")] == '\0';
    if (!is_decimal || *end || !isfinite(value)) {
        return false;
    }
    *ret_value = value;
    return true;
}

// Every byte that does not continue a sequence begins a character.
size_t count_characters(struct text view) {
    size_t count = 0;
    for (size_t i = 0; i < view.len; i++) {
        count += ((unsigned char)view.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

bool text_has_nul(const void *bytes, size_t len) {
    return len && memchr(bytes, 0, len);
}

// C0, DEL, and C1 as UTF-8: what can move a terminal's cursor or break a line.
static bool begins_control(const unsigned char *p) {
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

void text_make_printable(char *string) {
    unsigned char *p = (unsigned char *)string;
    size_t left = strlen(string);
    while (left) {
        size_t step = sequence_length(p, left);
        if (!step || begins_control(p)) {
            if (!step) {
                step = 1; // a byte that begins no sequence
            }
            memset(p, '?', step);
        }
        p += step;
        left -= step;
    }
}

void buffer_init(struct buffer *buffer, size_t max_bytes) {
    *buffer = (struct buffer){.max_bytes = max_bytes};
}

void buffer_done(struct buffer *buffer) {
    free(buffer->ptr);
    *buffer = (struct buffer){0};
}

// The capacity doubles, so that adding n bytes one by one copies fewer than 2n of them.
static bool reserve(struct buffer *buffer, size_t more) {
    if (buffer->failed) {
        return false;
    }
    if (more > buffer->max_bytes - buffer->len) {
        buffer->failed = STATUS_TOO_LARGE;
        return false;
    }
    // One more for the NUL, which is always there and never counted.
    size_t need = buffer->len + more + 1;
    if (need <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < need) {
        capacity *= 2;
    }
    char *grown = realloc(buffer->ptr, capacity);
    if (!grown) {
        buffer->failed = STATUS_NO_MEMORY;
        return false;
    }
    buffer->ptr = grown;
    buffer->capacity = capacity;
    return true;
}

char *buffer_extend(struct buffer *buffer, size_t len) {
    if (!reserve(buffer, len)) {
        return NULL;
    }
    char *place = buffer->ptr + buffer->len;
    buffer->len += len;
    buffer->ptr[buffer->len] = '\0';
    return place;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t len) {
    char *place = buffer_extend(buffer, len);
    if (place && len) {
        memcpy(place, bytes, len);
    }
}

void buffer_add_string(struct buffer *buffer, const char *string) {
    buffer_add(buffer, string, strlen(string));
}

// Formatted twice: first to know the length.
void buffer_printf(struct buffer *buffer, const char *format, ...) {
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len >= 0 && reserve(buffer, (size_t)len)) {
        vsnprintf(buffer->ptr + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

uint32_t utf8_next(struct text *rest) {
    const unsigned char *bytes = (const unsigned char *)rest->ptr;
    size_t more = bytes[0] >= 0xf0 ? 3 : bytes[0] >= 0xe0 ? 2 : bytes[0] >= 0xc0 ? 1 : 0;
    uint32_t character = more ? bytes[0] & (0x3fU >> more) : bytes[0];
    for (size_t i = 1; i <= more; i++) {
        character = character << 6 | (bytes[i] & 0x3fU);
    }
    rest->ptr += more + 1;
    rest->len -= more + 1;
    return character;
}

// How many bytes at `at` are no text of HTML and XML as they stand, and what stands for them. 0: text.
// The backtick is among them because old browsers took it for a quote around attribute values.
static size_t find_markup(struct text text, size_t at, const char **ret_escape) {
    static const char special[] = "&<>\"'`";
    static const char *const escapes[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"};
    unsigned char c = (unsigned char)text.ptr[at];
    const char *found = c ? strchr(special, c) : NULL;
    if (found) {
        *ret_escape = escapes[found - special];
        return 1;
    }
    *ret_escape = "\xef\xbf\xbd";
    if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
        return 1;
    }
    bool is_noncharacter = c == 0xef && text.len - at > 2 && text.ptr[at + 1] == '\xbf' &&
                           (unsigned char)text.ptr[at + 2] >= 0xbe;
    return is_noncharacter ? 3 : 0;
}

// Runs without a special character are copied whole.
void buffer_add_markup(struct buffer *buffer, struct text text) {
    const char *escape;
    size_t from = 0;
    for (size_t i = 0; i < text.len;) {
        size_t len = find_markup(text, i, &escape);
        if (len) {
            buffer_add(buffer, text.ptr + from, i - from);
            buffer_add_string(buffer, escape);
            from = i + len;
        }
        i += len ? len : 1;
    }
    if (from < text.len) {
        buffer_add(buffer, text.ptr + from, text.len - from);
    }
}
