// SPDX-License-Identifier: MIT
// The table of fields and of lints, and what the table alone can say. A new version of the standard is
// rows here: the field with the version that brought it ("2.4" is 24), whether it may stand more than once,
// and the code of a bad value. A field that documents have too takes the document's code, so that one fault
// has one name whatever the release is read from.
#include "schema/packaging/metadata/core_metadata_parts.h"

#include <string.h>

// License-File is of 2.4, but setuptools wrote it under 2.1 for years; a finding would not help
// on nearly every distribution.
const struct core_metadata_row core_metadata_rows[METADATA_FIELD_COUNT] = {
    [METADATA_METADATA_VERSION] = {"Metadata-Version", 10, false, {NULL, true}},
    [METADATA_NAME] = {"Name", 10, false, {"name-invalid", true}},
    [METADATA_VERSION] = {"Version", 10, false, {"version-invalid", true}},
    [METADATA_DYNAMIC] = {"Dynamic", 22, true, {NULL, true}},
    [METADATA_PLATFORM] = {"Platform", 10, true, {NULL, true}},
    [METADATA_SUPPORTED_PLATFORM] = {"Supported-Platform", 11, true, {NULL, true}},
    [METADATA_SUMMARY] = {"Summary", 10, false, {"control-character", true}},
    [METADATA_DESCRIPTION] = {"Description", 10, false, {NULL, true}},
    [METADATA_DESCRIPTION_CONTENT_TYPE] = {"Description-Content-Type",
                                           21,
                                           false,
                                           {"content-type-invalid", true}},
    [METADATA_KEYWORDS] = {"Keywords", 10, false, {NULL, true}},
    [METADATA_HOME_PAGE] = {"Home-page", 10, false, {NULL, true}},
    [METADATA_DOWNLOAD_URL] = {"Download-URL", 11, false, {NULL, true}},
    [METADATA_AUTHOR] = {"Author", 10, false, {NULL, true}},
    [METADATA_AUTHOR_EMAIL] = {"Author-email", 10, false, {"author-invalid", true}},
    [METADATA_MAINTAINER] = {"Maintainer", 12, false, {NULL, true}},
    [METADATA_MAINTAINER_EMAIL] = {"Maintainer-email", 12, false, {"author-invalid", true}},
    [METADATA_LICENSE] = {"License", 10, false, {NULL, true}},
    [METADATA_LICENSE_EXPRESSION] = {"License-Expression", 24, false, {"license-invalid", true}},
    [METADATA_LICENSE_FILE] = {"License-File", 10, true, {NULL, true}},
    [METADATA_CLASSIFIER] = {"Classifier", 11, true, {NULL, true}},
    [METADATA_REQUIRES_DIST] = {"Requires-Dist", 12, true, {"requirement-invalid", true}},
    [METADATA_REQUIRES_PYTHON] = {"Requires-Python", 12, false, {"requires-python-invalid", true}},
    [METADATA_REQUIRES_EXTERNAL] = {"Requires-External", 12, true, {NULL, true}},
    [METADATA_PROJECT_URL] = {"Project-URL", 12, true, {"url-invalid", true}},
    [METADATA_PROVIDES_EXTRA] = {"Provides-Extra", 21, true, {"extra-invalid", true}},
    [METADATA_IMPORT_NAME] = {"Import-Name", 25, true, {"import-name-invalid", true}},
    [METADATA_IMPORT_NAMESPACE] = {"Import-Namespace", 25, true, {"import-name-invalid", true}},
    [METADATA_PROVIDES_DIST] = {"Provides-Dist", 12, true, {NULL, true}},
    [METADATA_OBSOLETES_DIST] = {"Obsoletes-Dist", 12, true, {NULL, true}},
    [METADATA_REQUIRES] = {"Requires", 11, true, {NULL, true}},
    [METADATA_PROVIDES] = {"Provides", 11, true, {NULL, true}},
    [METADATA_OBSOLETES] = {"Obsoletes", 11, true, {NULL, true}},
};

const struct lint_kind core_metadata_lints[METADATA_LINT_COUNT] = {
    [METADATA_LINT_BOM] = {.code = "metadata-byte-order-mark", .is_error = true},
    [METADATA_LINT_HEADER] = {.code = "metadata-line-malformed", .is_error = false},
    [METADATA_LINT_NO_BLANK_LINE] = {.code = "metadata-no-blank-line", .is_error = false},
    [METADATA_LINT_UNKNOWN_FIELD] = {.code = "metadata-unknown-field", .is_error = false},
    [METADATA_LINT_DUPLICATE_FIELD] = {.code = "metadata-duplicate-field", .is_error = true},
    [METADATA_LINT_MISSING_FIELD] = {.code = "metadata-missing-field", .is_error = true},
    [METADATA_LINT_VERSION_NEWER] = {.code = "metadata-version-newer", .is_error = false},
    [METADATA_LINT_VERSION_NEVER] = {.code = "metadata-version-nonexistent", .is_error = false},
    [METADATA_LINT_VERSION_UNKNOWN] = {.code = "metadata-version-unknown", .is_error = true},
    [METADATA_LINT_FIELD_NEWER] = {.code = "metadata-field-newer", .is_error = false},
    [METADATA_LINT_FIELD_INVALID] = {.code = "metadata-field-invalid", .is_error = true},
    [METADATA_LINT_LICENSE_TWICE] = {.code = "metadata-license-twice", .is_error = true},
    [METADATA_LINT_URL_LABEL] = {.code = "url-label-invalid", .is_error = true},
    [METADATA_LINT_URL_LABEL_TWICE] = {.code = "url-label-duplicate", .is_error = true},
    [METADATA_LINT_DESCRIPTION_TWICE] = {.code = "metadata-description-twice", .is_error = true},
    [METADATA_LINT_EXTRA_CLASH] = {.code = "metadata-extra-clash", .is_error = true},
};

const char *core_metadata_field_name(enum core_metadata_field field) {
    return core_metadata_rows[field].name;
}

static bool equals_ignoring_case(struct text text, const char *word) {
    if (text.len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (to_lower(text.ptr[i]) != to_lower(word[i])) {
            return false;
        }
    }
    return true;
}

// Header names are matched in any case, as in e-mail: "requires-dist" is Requires-Dist.
bool core_metadata_field_find(struct text name, enum core_metadata_field *ret_field) {
    for (size_t i = 0; i < METADATA_FIELD_COUNT; i++) {
        if (equals_ignoring_case(name, core_metadata_rows[i].name)) {
            *ret_field = (enum core_metadata_field)i;
            return true;
        }
    }
    return false;
}

const char *core_metadata_find(const struct core_metadata *metadata,
                               enum core_metadata_field field) {
    const struct core_metadata_values *values = &metadata->values[field];
    return values->count > 0 ? values->items[0].text : NULL;
}

// "crm, , sales" gives two keywords.
enum status core_metadata_keywords(struct arena *arena, const struct core_metadata *metadata,
                                   const char *const **ret_keywords, size_t *ret_count,
                                   struct error *err) {
    struct text rest = text_from(core_metadata_find(metadata, METADATA_KEYWORDS));
    size_t pieces = 1;
    for (size_t i = 0; i < rest.len; i++) {
        pieces += rest.ptr[i] == ',';
    }
    const char **keywords = arena_array(arena, pieces, sizeof *keywords);
    size_t count = 0;
    struct text piece;
    while (keywords && text_split(&rest, ',', &piece)) {
        piece = text_trim(piece);
        if (piece.len == 0) {
            continue;
        }
        keywords[count] = arena_copy(arena, piece.ptr, piece.len);
        if (!keywords[count++]) {
            return fail_no_memory(err);
        }
    }
    if (!keywords) {
        return fail_no_memory(err);
    }
    *ret_keywords = keywords;
    *ret_count = count;
    return STATUS_OK;
}
