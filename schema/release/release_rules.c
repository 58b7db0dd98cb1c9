// SPDX-License-Identifier: MIT
// The rules about a release's texts, names, versions and people; those about entry points and
// manifests are in release_rules_entries.c. A new rule is a function, a row, and an invalid folder
// under tests/data/release.
//
// A rule puts the normal form of what it judged into the copy that is stored: "v1.0-RC.1" becomes "1.0rc1",
// and " >= 3.9 , != 3.9.1" becomes "!=3.9.1,>=3.9". So two spellings of one release have one digest.
#include "schema/release/release_rules.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/metadata/content_type.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/metadata/mailbox.h"
#include "schema/packaging/name.h"
#include "schema/packaging/requirement/requirement.h"
#include "schema/packaging/shown_text.h"
#include "schema/packaging/version/specifier.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <string.h>

// The text is formatted by fail_v, which also cuts it to the length of an error message.
void checking_add(struct checking *checking, const char *code, const char *where,
                  const char *format, ...) {
    struct error text;
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    va_end(args);
    findings_add(checking->findings, SEVERITY_ERROR, code, where, NULL, "%s", text.message);
}

// What a callee said, under our code and place; running out of memory is no fault of the input.
static void checking_add_error(struct checking *checking, const char *code, const char *where,
                               const struct error *err) {
    if (err->status == STATUS_NO_MEMORY) {
        checking->findings->no_memory = true;
    } else {
        checking_add(checking, code, where, "%s", err->message);
    }
}

void *checking_array(struct checking *checking, size_t count, size_t size) {
    void *array = arena_array(checking->arena, count, size);
    checking->findings->no_memory |= !array;
    return array;
}

const struct release_field *checking_field(const char *key) {
    return release_field_find(release_fields, release_field_count, key);
}

// A text of many lines goes through a renderer, which knows what to do with all but control characters.
static bool has_no_control(struct checking *checking, const char *where, const char *text) {
    for (const char *c = text; *c; c++) {
        if (is_control(*c) && !strchr("\n\r\t", *c)) {
            checking_add(checking, "control-character", where,
                         "The text contains a control character (0x%02x)", (unsigned char)*c);
            return false;
        }
    }
    return true;
}

// Names and summaries are shown on pages and terminals as they are.
static bool is_shown(struct checking *checking, const char *where, const char *text) {
    switch (shown_text_find_fault(text_from(text))) {
    case SHOWN_CONTROL:
        checking_add(checking, "control-character", where,
                     "The text must be one line without control characters");
        return false;
    case SHOWN_INVISIBLE:
        checking_add(
            checking, "invisible-character", where,
            "The text contains an invisible character, or one that changes the writing direction");
        return false;
    case SHOWN_GOOD:
        break;
    }
    return true;
}

// In this order: length, UTF-8, characters; a long text is not looked through.
bool checking_text(struct checking *checking, const char *where, const struct release_field *field,
                   const char *text) {
    size_t len = strlen(text);
    if (len > field->max_bytes) {
        checking_add(checking, "text-too-long", where, "%zu bytes; at most %zu are allowed here",
                     len, field->max_bytes);
        return false;
    }
    if (!utf8_is_valid(text, len)) {
        checking_add(checking, "not-utf8", where, "The text is not UTF-8");
        return false;
    }
    return field->shape == TEXT_MANY_LINES ? has_no_control(checking, where, text)
                                           : is_shown(checking, where, text);
}

bool checking_count(struct checking *checking, const char *where, size_t count, size_t limit) {
    if (count > limit) {
        checking_add(checking, "too-many-items", where, "%zu items; at most %zu are allowed here",
                     count, limit);
    }
    return count <= limit;
}

// A list that is too long is reported once and not looked through, so that a document of a million
// bad items costs no more than one finding.
static void check_strings(struct checking *checking, const struct release_field *field,
                          const char *where) {
    const struct strings *strings =
        (const struct strings *)((const char *)checking->release + field->offset);
    if (!checking_count(checking, where, strings->count, LIMIT_LIST_ITEMS)) {
        return;
    }
    for (size_t i = 0; i < strings->count; i++) {
        const char *at = json_pointer_index(checking->arena, where, i);
        checking_text(checking, at, field, strings->items[i]);
    }
}

// By the table of fields: its limit, and whether it has one line or many.
static void check_texts(struct checking *checking) {
    for (size_t i = 0; i < release_field_count; i++) {
        const struct release_field *field = &release_fields[i];
        const char *where = json_pointer(checking->arena, "", field->key);
        if (field->type == RELEASE_STRINGS) {
            check_strings(checking, field, where);
        }
        const char *text = field->type == RELEASE_TEXT
                               ? *release_field_text(field, (void *)checking->release)
                               : NULL;
        if (text) {
            checking_text(checking, where, field, text);
        }
    }
}

static bool is_empty(const char *text) {
    return !text || !*text;
}

// PEP 503: "My.Plug_in" becomes "my-plug-in", the name that two packages cannot share. The release
// keeps the author's spelling beside it, for people.
static void check_name(struct checking *checking) {
    const char *name = checking->release->name;
    struct error err;
    if (is_empty(name)) {
        checking_add(checking, "name-missing", "/name", "A release needs the name of its package");
        return;
    }
    if (name_normalize(checking->arena, text_from(name), &checking->valid->normalized_name, &err)) {
        checking_add_error(checking, "name-invalid", "/name", &err);
    }
}

// Also makes the key that databases sort by.
static void check_version(struct checking *checking) {
    struct valid_release *valid = checking->valid;
    const char *text = checking->release->version;
    const struct version *version;
    struct error err;
    if (is_empty(text)) {
        checking_add(checking, "version-missing", "/version", "A release needs a version");
        return;
    }
    if (version_parse(checking->arena, text_from(text), &version, &err) ||
        version_key(checking->arena, version, &valid->version_key, &valid->version_key_len, &err)) {
        checking_add_error(checking, "version-invalid", "/version", &err);
        return;
    }
    valid->normalized_version = version_string(version);
    valid->prerelease = version_is_prerelease(version);
    valid->release.version = valid->normalized_version;
}

// Absent means any Python. Only the grammar is checked: no version of Python is known here.
static void check_requires_python(struct checking *checking) {
    const char *text = checking->release->requires_python;
    const struct specifier_set *set;
    struct error err;
    if (is_empty(text)) {
        return;
    }
    if (specifier_set_parse(checking->arena, text_from(text), &set, &err)) {
        checking_add_error(checking, "requires-python-invalid", "/requires_python", &err);
        return;
    }
    checking->valid->release.requires_python = specifier_set_string(set);
}

// Stored in their normal form, so that equal requirements are equal texts for the resolver.
static void check_requirements(struct checking *checking) {
    const struct strings *list = &checking->release->requires_dist;
    size_t count = list->count > LIMIT_LIST_ITEMS ? 0 : list->count;
    struct strings normal = {checking_array(checking, count, sizeof *normal.items), 0};
    for (size_t i = 0; normal.items && i < count; i++) {
        const char *where = json_pointer_index(checking->arena, "/requires_dist", i);
        const struct requirement *requirement;
        struct error err;
        if (requirement_parse(checking->arena, text_from(list->items[i]), &requirement, &err)) {
            checking_add_error(checking, "requirement-invalid", where, &err);
        } else {
            normal.items[normal.count++] = requirement->string;
        }
    }
    checking->valid->release.requires_dist = normal;
}

// PEP 639: the expression says it all, and two statements may differ.
static void check_license_classifiers(struct checking *checking) {
    const struct strings *classifiers = &checking->release->classifiers;
    for (size_t i = 0; i < classifiers->count; i++) {
        if (strncmp(classifiers->items[i], "License ::", 10) == 0) {
            findings_add(checking->findings, SEVERITY_WARNING, "license-classifier-deprecated",
                         json_pointer_index(checking->arena, "/classifiers", i),
                         "Remove the classifier: the licence expression says the same",
                         "The classifier \"%s\" is combined with a licence expression, which is "
                         "deprecated (PEP 639)",
                         classifiers->items[i]);
            return;
        }
    }
}

// Stored in its normal form: "mit or apache-2.0" becomes "MIT OR Apache-2.0".
static void check_license(struct checking *checking) {
    const char *text = checking->release->license_expression;
    struct license license;
    struct error err;
    if (is_empty(text)) {
        return;
    }
    if (license_parse(checking->arena, text_from(text), &license, &err)) {
        checking_add_error(checking, "license-invalid", "/license_expression", &err);
        return;
    }
    if (license.names_deprecated) {
        findings_add(checking->findings, SEVERITY_WARNING, "license-deprecated",
                     "/license_expression", "Write GPL-2.0-only or GPL-2.0-or-later for GPL-2.0",
                     "\"%s\" names a licence by an identifier that SPDX has deprecated", text);
    }
    checking->valid->release.license_expression = license.expression;
    check_license_classifiers(checking);
}

static void check_content_type(struct checking *checking) {
    const char *text = checking->release->description_content_type;
    struct error err;
    if (!is_empty(text) && content_type_check(text_from(text), &err)) {
        checking_add(checking, "content-type-invalid", "/description_content_type", "%s",
                     err.message);
    }
}

// `base` is the struct that the fields belong to: a person or a provenance. The fields' table holds
// offsets into it.
static void check_member_texts(struct checking *checking, const char *where,
                               const struct release_field *fields, size_t count, void *base) {
    for (size_t i = 0; i < count; i++) {
        const char *text = *release_field_text(&fields[i], base);
        if (text) {
            checking_text(checking, json_pointer(checking->arena, where, fields[i].key), &fields[i],
                          text);
        }
    }
}

static void check_authors(struct checking *checking) {
    const struct release *release = checking->release;
    if (!checking_count(checking, "/authors", release->author_count, LIMIT_LIST_ITEMS)) {
        return;
    }
    for (size_t i = 0; i < release->author_count; i++) {
        struct person *person = &release->authors[i];
        const char *where = json_pointer_index(checking->arena, "/authors", i);
        if (is_empty(person->name) && is_empty(person->email)) {
            checking_add(checking, "author-empty", where, "An author needs a name or an email");
        }
        check_member_texts(checking, where, person_fields, PERSON_FIELD_COUNT, person);
        struct error err;
        if (!is_empty(person->email) && email_check(text_from(person->email), &err)) {
            checking_add(checking, "author-invalid", json_pointer(checking->arena, where, "email"),
                         "%s", err.message);
        }
    }
}

static void check_url(struct checking *checking, const char *where, const struct project_url *url) {
    const struct release_field *field = checking_field("project_urls");
    struct error err;
    if (url_label_check(text_from(url->label), &err)) {
        checking_add(checking, "url-label-invalid", where, "%s", err.message);
    }
    if (checking_text(checking, where, field, url->label) &&
        checking_text(checking, where, field, url->url) &&
        web_url_check(text_from(url->url), &err)) {
        checking_add(checking, "url-invalid", where, "%s", err.message);
    }
}

// Labels are compared in pairs; the list is bounded by LIMIT_LIST_ITEMS. Readers would see two
// addresses under one label and could not tell them apart.
static void check_urls(struct checking *checking) {
    const struct release *release = checking->release;
    if (!checking_count(checking, "/project_urls", release->project_url_count, LIMIT_LIST_ITEMS)) {
        return;
    }
    for (size_t i = 0; i < release->project_url_count; i++) {
        const struct project_url *url = &release->project_urls[i];
        const char *where = json_pointer(checking->arena, "/project_urls", url->label);
        check_url(checking, where, url);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(release->project_urls[j].label, url->label) == 0) {
                checking_add(checking, "url-label-duplicate", where, "The label is given twice");
            }
        }
    }
}

// It says where the document came from and decides nothing; only its form is checked.
static void check_provenance(struct checking *checking) {
    static const char *const confidences[] = {"artifact", "declared", "derived"};
    struct provenance provenance = checking->release->provenance;
    check_member_texts(checking, "/provenance", provenance_fields, PROVENANCE_FIELD_COUNT,
                       &provenance);
    const char *hex = provenance.sha256;
    if (hex && (strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)) {
        checking_add(checking, "provenance-invalid", "/provenance/sha256",
                     "A SHA-256 is 64 lower-case hexadecimal digits");
    }
    bool known = !provenance.confidence;
    for (size_t i = 0; i < COUNT_OF(confidences); i++) {
        known = known || strcmp(provenance.confidence, confidences[i]) == 0;
    }
    if (!known) {
        checking_add(checking, "provenance-invalid", "/provenance/confidence",
                     "\"%s\" is not artifact, declared or derived", provenance.confidence);
    }
}

// In this order the findings are listed. Every rule runs, also after a breach, so that an author
// sees all faults of a release at once.
const struct release_rule release_rules[] = {
    {check_texts, "texts are UTF-8 within their limits, without control characters"},
    {check_name, "the name is there and valid (PEP 503)"},
    {check_version, "the version is there and valid (PEP 440)"},
    {check_requires_python, "requires_python is a specifier set (PEP 440)"},
    {check_requirements, "requirements are requirements (PEP 508)"},
    {check_license, "the licence is an SPDX expression (PEP 639)"},
    {check_content_type, "the description has a media type that can be shown"},
    {check_authors, "authors have a name or an email, which is an address"},
    {check_urls, "project URLs have a label of their own and are web addresses"},
    {check_entry_points, "entry points keep the grammar and stand once"},
    {check_manifests, "manifests are objects that belong to an entry point"},
    {check_provenance, "the provenance is one we know"},
};
const size_t release_rule_count = COUNT_OF(release_rules);
