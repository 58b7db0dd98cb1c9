// SPDX-License-Identifier: MIT
// The probe's verbs on versions, specifiers, names and entry points.
#include "tests/packaging/probe.h"

#include "schema/packaging/entry_point.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/specifier.h"
#include "schema/packaging/version/version.h"

#include <string.h>

static void answer_version(const struct query *q) {
    const struct version *version;
    enum status status = version_parse(q->arena, q->arguments[0], &version, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s\t%d%d%d", version_string(version), version_is_prerelease(version),
           version_is_postrelease(version), version_has_local(version));
}

static int sign(int number) {
    return (number > 0) - (number < 0);
}

static int compare_keys(struct arena *arena, const struct version *a, const struct version *b) {
    const uint8_t *key_a, *key_b;
    size_t len_a, len_b;
    if (version_key(arena, a, &key_a, &len_a, NULL) ||
        version_key(arena, b, &key_b, &len_b, NULL)) {
        return 99;
    }
    int order = memcmp(key_a, key_b, len_a < len_b ? len_a : len_b);
    return order ? sign(order) : (len_a > len_b) - (len_a < len_b);
}

static void answer_compare(const struct query *q) {
    const struct version *a, *b;
    enum status status = version_parse(q->arena, q->arguments[0], &a, NULL);
    if (status == STATUS_OK) {
        status = version_parse(q->arena, q->arguments[1], &b, NULL);
    }
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("%d\t%d", sign(version_compare(a, b)), compare_keys(q->arena, a, b));
}

static void answer_specifier(const struct query *q) {
    const struct specifier_set *set;
    enum status status = specifier_set_parse(q->arena, q->arguments[0], &set, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t");
    put_text(text_from(specifier_set_string(set)));
    printf("\t%d", specifier_set_allows_prereleases(set));
}

static enum prereleases mode_of(struct text text) {
    return text_equals(text, "allow")    ? PRERELEASES_ALLOW
           : text_equals(text, "refuse") ? PRERELEASES_REFUSE
                                         : PRERELEASES_DEFAULT;
}

// filter SPECIFIER MODE VERSION…: one digit a version, what filter keeps; then, after a tab, what
// contains says of each.
static void answer_filter(const struct query *q) {
    const struct specifier_set *set;
    const struct version *versions[MAX_ARGUMENTS];
    bool keep[MAX_ARGUMENTS];
    size_t count = q->count - 2;
    enum status status = specifier_set_parse(q->arena, q->arguments[0], &set, NULL);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = version_parse(q->arena, q->arguments[i + 2], &versions[i], NULL);
    }
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    enum prereleases mode = mode_of(q->arguments[1]);
    specifier_set_filter(set, versions, count, mode, keep);
    for (size_t i = 0; i < count; i++) {
        putchar(keep[i] ? '1' : '0');
    }
    putchar('\t');
    for (size_t i = 0; i < count; i++) {
        putchar(specifier_set_contains(set, versions[i], mode) ? '1' : '0');
    }
}

static void answer_name(const struct query *q) {
    const char *normalized;
    enum status status = name_normalize(q->arena, q->arguments[0], &normalized, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s", normalized);
}

static void answer_reference(const struct query *q) {
    struct object_reference reference;
    enum status status = object_reference_parse(q->arguments[0], &reference, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t");
    put_text(reference.module);
    putchar('\t');
    put_text(reference.attr);
    putchar('\t');
    put_text(reference.extras);
}

static void answer_group(const struct query *q) {
    enum status status = entry_point_group_check(q->arguments[0], NULL);
    printf("%s", status_info(status)->wire_name);
}

static void answer_entry_name(const struct query *q) {
    enum status status = entry_point_name_check(q->arguments[0], NULL);
    printf("%s", status_info(status)->wire_name);
}

static void answer_script_name(const struct query *q) {
    enum status status = script_name_check(q->arguments[0], NULL);
    printf("%s", status_info(status)->wire_name);
}

const struct verb version_verbs[] = {
    {"version", 1, answer_version},
    {"compare", 2, answer_compare},
    {"specifier", 1, answer_specifier},
    {"filter", 2, answer_filter},
    {"name", 1, answer_name},
    {"reference", 1, answer_reference},
    {"group", 1, answer_group},
    {"entry-name", 1, answer_entry_name},
    {"script-name", 1, answer_script_name},
    {0},
};
