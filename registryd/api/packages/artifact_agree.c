// SPDX-License-Identifier: MIT
// One table of fields with their weights does the comparing: a field that hosts act on must be equal, a text may
// differ with a warning. Both sides are the JSON of release documents, encoded by the same code, so equal
// releases have equal values. An sdist is asked only for what it says.
#include "registryd/api/packages/artifact_agree.h"

#include "schema/json/json.h"
#include "schema/base/list.h"

#include <stdio.h>
#include <string.h>

enum weight {
    WEIGHT_TEXT, // may differ
    WEIGHT_ACTED_ON,
    WEIGHT_ACTED_ON_IF_SAID,
};

static const struct {
    const char *key;
    const char *what;
    enum weight weight;
} fields[] = {
    {"requires_python", "a different requires_python", WEIGHT_ACTED_ON},
    {"requires_dist", "different requirements", WEIGHT_ACTED_ON},
    {"entry_points", "different entry points", WEIGHT_ACTED_ON},
    {"manifests", "different manifests", WEIGHT_ACTED_ON_IF_SAID},
    {"name", NULL, WEIGHT_TEXT},
    {"summary", NULL, WEIGHT_TEXT},
    {"description", NULL, WEIGHT_TEXT},
    {"description_content_type", NULL, WEIGHT_TEXT},
    {"license_expression", NULL, WEIGHT_TEXT},
    {"keywords", NULL, WEIGHT_TEXT},
    {"classifiers", NULL, WEIGHT_TEXT},
    {"authors", NULL, WEIGHT_TEXT},
    {"project_urls", NULL, WEIGHT_TEXT},
};

static bool has_item(const json_t *array, const json_t *wanted) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (json_equal(json_array_get(array, i), wanted)) {
            return true;
        }
    }
    return false;
}

// Lists are sets here: build tools order them as they like.
static bool is_same(const json_t *one, const json_t *other) {
    if (!json_is_array(one) || !json_is_array(other)) {
        return (!one && !other) || json_equal(one, other);
    }
    for (size_t i = 0; i < json_array_size(one); i++) {
        if (!has_item(other, json_array_get(one, i))) {
            return false;
        }
    }
    for (size_t i = 0; i < json_array_size(other); i++) {
        if (!has_item(one, json_array_get(other, i))) {
            return false;
        }
    }
    return true;
}

static void refuse_field(const struct valid_release *release, bool is_wheel, size_t field,
                         struct findings *findings) {
    const char *hint = is_wheel
                           ? "Publish under a new version. Publish wheels before the sdist, which "
                             "has less metadata."
                           : "Publish under a new version.";
    char where[64];
    snprintf(where, sizeof where, "/%s", fields[field].key);
    findings_add(findings, SEVERITY_ERROR, "release-differs", where, hint,
                 "%s %s is already published with %s. A release never changes.",
                 release->normalized_name, release->normalized_version, fields[field].what);
}

static void compare(const json_t *there, const json_t *comes, const struct valid_release *release,
                    bool is_wheel, struct findings *findings) {
    struct buffer texts;
    buffer_init(&texts, 1024);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const json_t *said = json_object_get(comes, fields[i].key);
        // What a wheel does not say it has not: a wheel without entry points differs from a release
        // that has some. An sdist often cannot say, because its build computes the metadata.
        bool may_be_silent = !is_wheel || fields[i].weight == WEIGHT_ACTED_ON_IF_SAID;
        if ((!said && may_be_silent) || is_same(json_object_get(there, fields[i].key), said)) {
            continue;
        }
        if (fields[i].weight == WEIGHT_TEXT) {
            buffer_printf(&texts, "%s%s", texts.len ? ", " : "", fields[i].key);
        } else {
            refuse_field(release, is_wheel, i, findings);
        }
    }
    if (texts.len) {
        findings_add(
            findings, SEVERITY_WARNING, "release-text-differs", NULL, NULL,
            "The published release keeps its own texts. They differ from those of this file: %s",
            texts.ptr);
    }
    buffer_done(&texts);
}

enum status artifact_agree(const char *document, const struct valid_release *release, bool is_wheel,
                           struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *there = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    scoped(cleanup_json) json_t *comes =
        json_loads(release->document, JSON_REJECT_DUPLICATES, NULL);
    size_t errors_before = findings->error_count;
    if (!there || !comes) {
        return fail_no_memory(err); // both are canonical documents of ours
    }
    compare(there, comes, release, is_wheel, findings);
    enum status status = findings_fail(findings, errors_before, err);
    if (status == STATUS_INVALID) {
        // The findings are those of a rule, but the caller's way out is that of a conflict: a new
        // version.
        status = STATUS_CONFLICT;
        if (err) {
            err->status = status;
        }
    }
    return status;
}
