// SPDX-License-Identifier: MIT
// The entry-point grammar, one scanner per rule. Letters outside ASCII are taken as they come once
// the text is valid UTF-8; which of them Python calls letters is left to Python.
#include "schema/packaging/entry_point.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/base/text.h"

static bool is_word(char c) {
    return is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

// What every part of an entry point must be: there, within its limit, UTF-8.
static enum status check_text(struct text text, const char *what, size_t limit, struct error *err) {
    if (text.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "the %s is empty", what);
    }
    if (text.len > limit) {
        return fail(err, STATUS_INVALID, NULL,
                    "the %s %s is %zu bytes long, at most %zu are allowed", what,
                    quote_text(text).text, text.len, limit);
    }
    if (!utf8_is_valid(text.ptr, text.len)) {
        return fail(err, STATUS_INVALID, NULL, "the %s %s is not valid UTF-8", what,
                    quote_text(text).text);
    }
    return STATUS_OK;
}

// Words joined by dots; `identifiers` also refuses a word that begins with a digit.
static bool is_dotted(struct text text, bool identifiers) {
    struct text rest = text;
    struct text word;
    while (text_split(&rest, '.', &word)) {
        if (word.len == 0 || (identifiers && is_digit(word.ptr[0]))) {
            return false;
        }
        for (size_t i = 0; i < word.len; i++) {
            if (!is_word(word.ptr[i])) {
                return false;
            }
        }
    }
    return text.len > 0;
}

enum status entry_point_group_check(struct text group, struct error *err) {
    enum status status = check_text(group, "entry-point group", LIMIT_GROUP_BYTES, err);
    if (status == STATUS_OK && !is_dotted(group, false)) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not an entry-point group: words of letters, digits and '_' joined by "
                    "single dots are wanted, such as 'my_app.plugins'",
                    quote_text(group).text);
    }
    return status;
}

enum status entry_point_name_check(struct text name, struct error *err) {
    enum status status = check_text(name, "entry-point name", LIMIT_ENTRY_NAME_BYTES, err);
    if (status != STATUS_OK) {
        return status;
    }
    const char *fault = NULL;
    if (name.ptr[0] == '[') {
        fault = "it may not begin with '['";
    } else if (is_space(name.ptr[0]) || is_space(name.ptr[name.len - 1])) {
        fault = "it may not begin or end with white space";
    }
    for (size_t i = 0; i < name.len && !fault; i++) {
        if (name.ptr[i] == '=') {
            fault = "'=' is not allowed in it";
        } else if (is_control(name.ptr[i])) {
            fault = "control characters and line breaks are not allowed in it";
        }
    }
    if (fault) {
        return fail(err, STATUS_INVALID, NULL, "%s is not an entry-point name: %s",
                    quote_text(name).text, fault);
    }
    return STATUS_OK;
}

// The brackets at the end, if there are any, cut off *text.
static bool cut_extras(struct text *text, struct text *ret_extras) {
    *ret_extras = (struct text){text->ptr + text->len, 0};
    if (text->len == 0 || text->ptr[text->len - 1] != ']') {
        return true;
    }
    size_t at = 0;
    while (at < text->len && text->ptr[at] != '[') {
        at++;
    }
    if (at == text->len) {
        return false;
    }
    *ret_extras = text_trim((struct text){text->ptr + at + 1, text->len - at - 2});
    text->len = at;
    *text = text_trim(*text);
    return true;
}

static bool is_extra_name(struct text name) {
    if (name.len == 0 || !is_alnum(name.ptr[0]) || !is_alnum(name.ptr[name.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return true;
}

static bool are_extras(struct text extras) {
    struct text rest = extras;
    struct text name;
    while (extras.len > 0 && text_split(&rest, ',', &name)) {
        if (!is_extra_name(text_trim(name))) {
            return false;
        }
    }
    return true;
}

static enum status refuse_reference(struct text value, const char *fault, struct error *err) {
    return fail(err, STATUS_INVALID, NULL,
                "%s is not an object reference: %s (wanted: 'package.module:attribute', "
                "optionally ' [extra]')",
                quote_text(value).text, fault);
}

enum status object_reference_parse(struct text value, struct object_reference *ret_reference,
                                   struct error *err) {
    struct text rest = text_trim(value);
    enum status status = check_text(rest, "object reference", LIMIT_ENTRY_VALUE_BYTES, err);
    if (status != STATUS_OK) {
        return status;
    }
    struct object_reference reference = {0};
    if (!cut_extras(&rest, &reference.extras)) {
        return refuse_reference(value, "']' has no '['", err);
    }
    bool has_attr = rest.len > 0 && text_split(&rest, ':', &reference.module) && rest.ptr;
    reference.module = text_trim(reference.module);
    if (has_attr) {
        reference.attr = text_trim(rest);
    }
    if (!is_dotted(reference.module, true)) {
        return refuse_reference(value, "the part before ':' is not a Python module name", err);
    }
    if (has_attr && !is_dotted(reference.attr, true)) {
        return refuse_reference(value, "the part after ':' is not a Python attribute name", err);
    }
    if (!are_extras(reference.extras)) {
        return refuse_reference(value, "the extras in brackets are not names joined by commas",
                                err);
    }
    *ret_reference = reference;
    return STATUS_OK;
}
