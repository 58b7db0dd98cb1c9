// SPDX-License-Identifier: MIT
// The rules for single values of core metadata, one function a field.
#include "schema/packaging/metadata/core_metadata_parts.h"

#include "schema/packaging/entry_point.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/python_text.h"
#include "schema/base/quote.h"
#include "schema/base/list.h"

#include <string.h>

static enum status invalid(struct text value, struct error *err, const char *wanted) {
    return fail(err, STATUS_INVALID, NULL, "%s is not %s", quote_text(value).text, wanted);
}

static enum status check_dynamic(struct text value, struct error *err) {
    enum core_metadata_field field;
    if (!core_metadata_field_find(value, &field)) {
        return invalid(value, err, "a field of core metadata");
    }
    if (field == METADATA_METADATA_VERSION || field == METADATA_NAME || field == METADATA_VERSION) {
        return fail(err, STATUS_INVALID, NULL, "%s can never be dynamic", quote_text(value).text);
    }
    return STATUS_OK;
}

static enum status check_summary(struct text value, struct error *err) {
    struct text rest = value;
    struct text line;
    bool unusual;
    bool one_line = !python_text_split_line(&rest, &line, &unusual) || line.len == value.len;
    return one_line ? STATUS_OK : invalid(value, err, "one line");
}

static bool equals_ignoring_case(struct text text, const char *word) {
    size_t len = strlen(word);
    bool equal = text.len == len;
    for (size_t i = 0; equal && i < len; i++) {
        equal = to_lower(text.ptr[i]) == to_lower(word[i]);
    }
    return equal;
}

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
    if (equals_ignoring_case(name, "charset") && !equals_ignoring_case(value, "UTF-8")) {
        return invalid(whole, err, "a content type with the charset UTF-8");
    }
    bool variant = equals_ignoring_case(name, "variant") && is_markdown;
    if (variant && !text_equals(value, "GFM") && !text_equals(value, "CommonMark")) {
        return invalid(whole, err, "text/markdown of the variant GFM or CommonMark");
    }
    return STATUS_OK;
}

static enum status check_content_type(struct text value, struct error *err) {
    struct text rest = value;
    struct text type = {0};
    struct text parameter;
    text_split(&rest, ';', &type);
    type = text_trim(type);
    bool is_markdown = equals_ignoring_case(type, "text/markdown");
    if (!is_markdown && !equals_ignoring_case(type, "text/plain") &&
        !equals_ignoring_case(type, "text/x-rst")) {
        return invalid(value, err, "text/plain, text/x-rst or text/markdown");
    }
    while (text_split(&rest, ';', &parameter)) {
        enum status status = check_parameter(value, parameter, is_markdown, err);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status check_license_file(struct text value, struct error *err) {
    struct text rest = value;
    struct text part;
    bool good = value.len > 0 && value.ptr[0] != '/' && !memchr(value.ptr, '\\', value.len) &&
                !memchr(value.ptr, '*', value.len);
    good = good && !(value.len > 1 && is_alpha(value.ptr[0]) && value.ptr[1] == ':');
    while (good && text_split(&rest, '/', &part)) {
        good = !text_equals(part, "..");
    }
    return good ? STATUS_OK
                : invalid(value, err, "a relative path with '/', without '..', '*' and '\\'");
}

// "a.b" or "a.b; private".
static enum status check_dotted_name(struct text value, struct error *err) {
    static const char wanted[] = "an importable dotted name, optionally with '; private'";
    struct text rest = value;
    struct text name = {0};
    text_split(&rest, ';', &name);
    name = text_trim(name);
    if (rest.ptr && !text_equals(text_trim(rest), "private")) {
        return invalid(value, err, wanted);
    }
    struct object_reference reference;
    bool is_module = object_reference_parse(name, &reference, NULL) == STATUS_OK &&
                     reference.module.len == name.len;
    return is_module ? STATUS_OK : invalid(value, err, wanted);
}

// One empty Import-Name says that nothing can be imported.
static enum status check_import_name(struct text value, struct error *err) {
    return value.len == 0 ? STATUS_OK : check_dotted_name(value, err);
}

static enum status (*const rules[METADATA_FIELD_COUNT])(struct text value, struct error *err) = {
    [METADATA_DYNAMIC] = check_dynamic,
    [METADATA_SUMMARY] = check_summary,
    [METADATA_DESCRIPTION_CONTENT_TYPE] = check_content_type,
    [METADATA_LICENSE_EXPRESSION] = license_check,
    [METADATA_LICENSE_FILE] = check_license_file,
    [METADATA_IMPORT_NAME] = check_import_name,
    [METADATA_IMPORT_NAMESPACE] = check_dotted_name,
};

enum status core_metadata_value_check(enum core_metadata_field field, struct text value,
                                      struct error *err) {
    return rules[field] ? rules[field](value, err) : STATUS_OK;
}
