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
    WEIGHT_TEXT,    // may differ
    WEIGHT_OF_FILE, // wheels may differ in it: hosts get the file that fits
    WEIGHT_ACTED_ON,
    WEIGHT_ACTED_ON_IF_SAID,
};

static const struct {
    const char *key;
    const char *what;
    enum weight weight;
} fields[] = {
    {"requires_python", "a different requires_python", WEIGHT_OF_FILE},
    {"requires_dist", "different requirements", WEIGHT_OF_FILE},
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

// Linear, as the lists of a release document are short and bounded.
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

// Gives whether the file keeps requirements or a Python of its own.
static bool compare(const json_t *there, const json_t *comes, const struct artifact_claim *claim,
                    struct findings *findings) {
    struct buffer texts;
    bool differs = false;
    buffer_init(&texts, 1024);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const json_t *said = json_object_get(comes, fields[i].key);
        // What a wheel does not say it has not: a wheel without entry points differs from a release
        // that has some. An sdist often cannot say, because its build computes the metadata.
        bool may_be_silent = !claim->is_wheel || fields[i].weight == WEIGHT_ACTED_ON_IF_SAID;
        if ((!said && may_be_silent) || is_same(json_object_get(there, fields[i].key), said)) {
            continue;
        }
        if (claim->is_wheel && fields[i].weight == WEIGHT_OF_FILE) {
            differs = true;
        } else if (fields[i].weight == WEIGHT_TEXT) {
            buffer_printf(&texts, "%s%s", texts.len ? ", " : "", fields[i].key);
        } else {
            refuse_field(claim->release, claim->is_wheel, i, findings);
        }
    }
    if (texts.len) {
        findings_add(
            findings, SEVERITY_WARNING, "release-text-differs", NULL, NULL,
            "The published release keeps its own texts. They differ from those of this file: %s",
            texts.ptr);
    }
    buffer_done(&texts);
    return differs;
}

// A conflict whose findings are those of a rule: the caller's way out is a new version.
static enum status as_conflict(enum status status, struct error *err) {
    if (status != STATUS_INVALID) {
        return status;
    }
    if (err) {
        err->status = STATUS_CONFLICT;
    }
    return STATUS_CONFLICT;
}

// {"requires_dist": […], "requires_python": "…"}, of what the file says.
static enum status write_own_terms(const json_t *comes, struct arena *arena,
                                   const char **ret_own_terms, struct error *err) {
    scoped(cleanup_json) json_t *terms = json_object();
    bool is_whole = terms;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        json_t *said =
            fields[i].weight == WEIGHT_OF_FILE ? json_object_get(comes, fields[i].key) : NULL;
        is_whole = is_whole && (!said || json_object_set(terms, fields[i].key, said) == 0);
    }
    const char *text = is_whole ? json_encode_canonical(arena, terms) : NULL;
    if (!text) {
        return fail_no_memory(err);
    }
    *ret_own_terms = text;
    return STATUS_OK;
}

enum status artifact_agree(const char *document, struct artifact_claim *claim,
                           struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *there = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    scoped(cleanup_json) json_t *comes =
        json_loads(claim->release->document, JSON_REJECT_DUPLICATES, NULL);
    size_t errors_before = findings->error_count;
    if (!there || !comes) {
        return fail_no_memory(err); // both are canonical documents of ours
    }
    bool differs = compare(there, comes, claim, findings);
    enum status status = as_conflict(findings_fail(findings, errors_before, err), err);
    if (status || !differs) {
        return status;
    }
    return write_own_terms(comes, findings->arena, &claim->own_terms, err);
}

// ---- completing ----

// "crm 1.0 was published with WHAT; the file ANSWER".
static void refuse_difference(struct findings *findings, const struct valid_release *release,
                              const char *where, const char *what, const char *answer) {
    findings_add(findings, SEVERITY_ERROR, "release-differs", where,
                 "Publish under a new version, or build the file from what was published",
                 "%s %s was published with %s; the file %s", release->normalized_name,
                 release->normalized_version, what, answer);
}

// A field that hosts act on: what one side says, the other must say too, unless it may be silent.
static void hold_field(const json_t *there, const json_t *comes, size_t field, bool may_be_silent,
                       const struct valid_release *release, struct findings *findings) {
    const json_t *was = json_object_get(there, fields[field].key);
    const json_t *said = json_object_get(comes, fields[field].key);
    char where[64];
    if (was && (said ? !is_same(was, said) : !may_be_silent)) {
        snprintf(where, sizeof where, "/%s", fields[field].key);
        refuse_difference(findings, release, where, fields[field].key,
                          said ? "says something else" : "has none");
    }
}

// Entry points and manifests are objects by group and name. What was published must be in a wheel again, with
// the same value; a source distribution, and a wheel about manifests, may be silent.
static void hold_members(const json_t *there, const json_t *comes, const char *key,
                         bool may_be_silent, const struct valid_release *release,
                         struct findings *findings) {
    const char *group;
    const char *name;
    json_t *members;
    json_t *was;
    json_object_foreach(json_object_get(there, key), group, members) {
        const json_t *of_file = json_object_get(json_object_get(comes, key), group);
        json_object_foreach(members, name, was) {
            const json_t *said = json_object_get(of_file, name);
            if ((!said && may_be_silent) || json_equal(was, said)) {
                continue;
            }
            const char *where = arena_printf(findings->arena, "/%s/%s/%s", key, group, name);
            const char *what = arena_printf(
                findings->arena, "%s \"%s\" of %s",
                strcmp(key, "manifests") == 0 ? "a manifest of" : "the entry point", name, group);
            findings->no_memory |= !where || !what;
            refuse_difference(findings, release, where, what ? what : "",
                              said ? "says something else" : "has none");
        }
    }
}

// Adds the members of the file to those of the document, group by group.
static bool add_members(json_t *whole, const json_t *comes, const char *key) {
    const char *group;
    json_t *members;
    json_t *all = json_object_get(whole, key);
    if (!json_object_get(comes, key)) {
        return true;
    }
    if (!all) {
        all = json_object();
        if (json_object_set_new(whole, key, all)) {
            return false;
        }
    }
    json_object_foreach(json_object_get(comes, key), group, members) {
        json_t *there = json_object_get(all, group);
        if (there ? json_object_update(there, members)
                  : json_object_set_new(all, group, json_deep_copy(members))) {
            return false;
        }
    }
    return true;
}

// What both say, the file's words last.
// Texts of the file win, since the file is what hosts install.
static json_t *unite(const json_t *there, const json_t *comes) {
    scoped(cleanup_json) json_t *whole = json_deep_copy(there);
    const char *key;
    json_t *value;
    bool is_whole = whole && add_members(whole, comes, "entry_points") &&
                    add_members(whole, comes, "manifests");
    json_object_foreach((json_t *)(uintptr_t)comes, key, value) {
        bool is_united = strcmp(key, "entry_points") == 0 || strcmp(key, "manifests") == 0;
        is_whole = is_whole && (is_united || json_object_set(whole, key, value) == 0);
    }
    return is_whole ? take(whole) : NULL;
}

static enum status check_whole(const json_t *whole, struct findings *findings,
                               const struct valid_release **ret_completed, struct error *err) {
    const struct release *release = NULL;
    const char *document = json_encode_canonical(findings->arena, whole);
    if (!document) {
        return fail_no_memory(err);
    }
    enum status status =
        release_decode(findings->arena, document, strlen(document), findings, &release, err);
    if (status) {
        return status;
    }
    return release_check(findings->arena, release, findings, ret_completed, err);
}

static bool is_acted_on(size_t field) {
    return fields[field].weight != WEIGHT_TEXT && strcmp(fields[field].key, "entry_points") != 0 &&
           strcmp(fields[field].key, "manifests") != 0;
}

enum status artifact_complete(const char *document, const struct valid_release *release,
                              bool is_wheel, struct findings *findings,
                              const struct valid_release **ret_completed, struct error *err) {
    scoped(cleanup_json) json_t *there = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    scoped(cleanup_json) json_t *comes =
        json_loads(release->document, JSON_REJECT_DUPLICATES, NULL);
    size_t errors_before = findings->error_count;
    if (!there || !comes) {
        return fail_no_memory(err); // both are canonical documents of ours
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (is_acted_on(i)) {
            hold_field(there, comes, i, !is_wheel, release, findings);
        }
    }
    hold_members(there, comes, "entry_points", !is_wheel, release, findings);
    hold_members(there, comes, "manifests", true, release, findings);
    enum status status = as_conflict(findings_fail(findings, errors_before, err), err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *whole = unite(there, comes);
    return whole ? check_whole(whole, findings, ret_completed, err) : fail_no_memory(err);
}

enum status document_agree(const char *document, const struct valid_release *release,
                           struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *there = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    scoped(cleanup_json) json_t *comes =
        json_loads(release->document, JSON_REJECT_DUPLICATES, NULL);
    size_t errors_before = findings->error_count;
    if (!there || !comes) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (is_acted_on(i)) {
            hold_field(comes, there, i, false, release, findings);
        }
    }
    hold_members(comes, there, "entry_points", false, release, findings);
    hold_members(comes, there, "manifests", false, release, findings);
    return as_conflict(findings_fail(findings, errors_before, err), err);
}
