// SPDX-License-Identifier: MIT
// The rule of core metadata for Description-Content-Type, used for every way in. Parameters are read as
// strictly as the two of them that mean something: a charset that is not UTF-8 would show other text than
// the author wrote.
#include "schema/packaging/metadata/content_type.h"

#include "schema/base/quote.h"

static enum status invalid(struct text value, struct error *err, const char *wanted) {
    return fail(err, STATUS_INVALID, NULL, "%s is not %s", quote_text(value).text, wanted);
}

// "charset=UTF-8; variant=GFM". Other parameters have no meaning and are let through.
static enum status check_parameter(struct text whole, struct text parameter, bool is_markdown,
                                   struct error *err) {
    struct text value = parameter;
    struct text name = {0};
    text_split(&value, '=', &name);
    name = text_trim(name);
    value = text_trim(value);
    if (value.len > 1 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"') {
        value = (struct text){value.ptr + 1, value.len - 2};
    }
    if (text_equals_nocase(name, "charset") && !text_equals_nocase(value, "UTF-8")) {
        return invalid(whole, err, "a content type with the charset UTF-8");
    }
    bool variant = text_equals_nocase(name, "variant") && is_markdown;
    if (variant && !text_equals(value, "GFM") && !text_equals(value, "CommonMark")) {
        return invalid(whole, err, "text/markdown of the variant GFM or CommonMark");
    }
    return STATUS_OK;
}

enum status content_type_check(struct text value, struct error *err) {
    struct text rest = value;
    struct text type = {0};
    struct text parameter;
    text_split(&rest, ';', &type);
    type = text_trim(type);
    bool is_markdown = text_equals_nocase(type, "text/markdown");
    if (!is_markdown && !text_equals_nocase(type, "text/plain") &&
        !text_equals_nocase(type, "text/x-rst")) {
        return invalid(value, err, "text/plain, text/x-rst or text/markdown");
    }
    while (text_split(&rest, ';', &parameter)) {
        enum status status = check_parameter(value, parameter, is_markdown, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
