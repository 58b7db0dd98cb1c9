// SPDX-License-Identifier: MIT
// The probe's verbs on whole metadata files.
#include "tests/packaging/probe.h"

#include "schema/packaging/metadata/core_metadata.h"
#include "schema/packaging/entry_points_txt.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/metadata/labelled_url.h"

static void put_lints(const struct lints *lints) {
    for (size_t i = 0; i < lints->count; i++) {
        printf("\t%s:%zu", lints->items[i].kind->code, lints->items[i].line);
    }
}

static void put_field(const char *text) {
    putchar('\t');
    put_text(text_from(text));
}

// entry-points TEXT: group, name, value of each entry; "--"; code:line of each lint
static void answer_entry_points(const struct query *q) {
    const struct entry_points_txt *file;
    enum status status = entry_points_txt_parse(q->arena, q->arguments[0], &file, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    for (size_t i = 0; i < file->count; i++) {
        put_field(file->entries[i].group);
        put_field(file->entries[i].name);
        put_field(file->entries[i].value);
    }
    printf("\t--");
    put_lints(&file->lints);
}

// metadata TEXT: field and value, in the order of our table; "--"; code:line of each lint
static void answer_metadata(const struct query *q) {
    const struct core_metadata *metadata;
    enum status status = core_metadata_parse(q->arena, q->arguments[0], &metadata, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    for (size_t i = 0; i < METADATA_FIELD_COUNT; i++) {
        for (size_t j = 0; j < metadata->values[i].count; j++) {
            put_field(core_metadata_field_name((enum core_metadata_field)i));
            put_field(metadata->values[i].items[j].text);
        }
    }
    printf("\t--");
    put_lints(&metadata->lints);
}

// metadata-parsed TEXT: name, version, requires_python, description, keywords, extras, requirements
static void answer_metadata_parsed(const struct query *q) {
    const struct core_metadata *metadata;
    const char *const *keywords;
    size_t keyword_count;
    enum status status = core_metadata_parse(q->arena, q->arguments[0], &metadata, NULL);
    if (status == STATUS_OK) {
        status = core_metadata_keywords(q->arena, metadata, &keywords, &keyword_count, NULL);
    }
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    put_field(metadata->normalized_name);
    put_field(metadata->version ? version_string(metadata->version) : NULL);
    put_field(metadata->requires_python ? specifier_set_string(metadata->requires_python) : NULL);
    put_field(metadata->description);
    putchar('\t');
    for (size_t i = 0; i < keyword_count; i++) {
        printf("%s%s", i ? "|" : "", keywords[i]);
    }
    putchar('\t');
    for (size_t i = 0; i < metadata->extra_count; i++) {
        printf("%s%s", i ? "|" : "", metadata->extras[i]);
    }
    for (size_t i = 0; i < metadata->requirement_count; i++) {
        put_field(metadata->requirements[i]->string);
    }
}

// license TEXT: the normal form, and whether it names deprecated identifiers
static void answer_license(const struct query *q) {
    struct license license;
    enum status status = license_parse(q->arena, q->arguments[0], &license, NULL);
    if (status != STATUS_OK || license_check(q->arguments[0], NULL) != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s\t%d", license.expression, license.names_deprecated);
}

// project-url TEXT: label, URL, kind
static void answer_project_url(const struct query *q) {
    struct labelled_url url;
    enum status status = labelled_url_parse(q->arena, q->arguments[0], &url, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    put_field(url.label);
    put_field(url.url);
    put_field(url.kind);
}

const struct verb file_verbs[] = {
    {"entry-points", 1, answer_entry_points},       {"metadata", 1, answer_metadata},
    {"metadata-parsed", 1, answer_metadata_parsed}, {"license", 1, answer_license},
    {"project-url", 1, answer_project_url},         {0},
};
