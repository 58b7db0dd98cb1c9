// SPDX-License-Identifier: MIT
// The rules for single values of core metadata, one function a field.
#include "schema/packaging/metadata/core_metadata_parts.h"

#include "schema/packaging/entry_point.h"
#include "schema/packaging/metadata/content_type.h"
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
    [METADATA_DESCRIPTION_CONTENT_TYPE] = content_type_check,
    [METADATA_LICENSE_EXPRESSION] = license_check,
    [METADATA_LICENSE_FILE] = check_license_file,
    [METADATA_IMPORT_NAME] = check_import_name,
    [METADATA_IMPORT_NAMESPACE] = check_dotted_name,
};

enum status core_metadata_value_check(enum core_metadata_field field, struct text value,
                                      struct error *err) {
    return rules[field] ? rules[field](value, err) : STATUS_OK;
}
