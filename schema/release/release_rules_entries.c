// SPDX-License-Identifier: MIT
// The rules about entry points and manifests. Both are sorted first, so that duplicates are neighbours and
// the stored form has one order. The checks of single texts are those of schema/packaging/entry_point.h,
// which every reader uses: a name that passes here can be written into entry_points.txt and read back.
//
//     "entry_points": {"crm.plugins": {"mail": "crm_mail : Plugin"}}   is stored as "crm_mail:Plugin"
//     "manifests":    {"crm.plugins": {"mail": {…}}}                   needs the entry point of the same name
#include "schema/release/release_rules.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const char *group, const char *name, const char *other_group,
                        const char *other_name) {
    int order = strcmp(group, other_group);
    return order ? order : strcmp(name, other_name);
}

static int compare_entries(const void *left, const void *right) {
    const struct entry_point *a = left;
    const struct entry_point *b = right;
    return compare_keys(a->group, a->name, b->group, b->name);
}

static int compare_manifests(const void *left, const void *right) {
    const struct manifest *a = left;
    const struct manifest *b = right;
    return compare_keys(a->group, a->name, b->group, b->name);
}

// A sorted copy in the arena; NULL after out of memory or when there is nothing.
static void *sorted_copy(struct checking *checking, const void *items, size_t count, size_t size,
                         int (*compare)(const void *, const void *)) {
    void *copy = count ? checking_array(checking, count, size) : NULL;
    if (copy) {
        memcpy(copy, items, count * size);
        qsort(copy, count, size, compare);
    }
    return copy;
}

static const char *pointer_to(struct checking *checking, const char *field, const char *group,
                              const char *name) {
    return json_pointer(checking->arena, json_pointer(checking->arena, field, group), name);
}

static void check_group(struct checking *checking, const char *where, const char *group) {
    struct error err;
    if (entry_point_group_check(text_from(group), &err)) {
        checking_add(checking, "entry-point-group-invalid", where, "%s", err.message);
    }
}

static bool check_entry_name(struct checking *checking, const char *where,
                             const struct entry_point *entry) {
    struct text name = text_from(entry->name);
    struct error err;
    if (entry_point_name_check(name, &err)) {
        checking_add(checking, "entry-point-name-invalid", where, "%s", err.message);
        return false;
    }
    if (entry_point_group_is_scripts(text_from(entry->group)) && script_name_check(name, &err)) {
        checking_add(checking, "script-name-invalid", where, "%s", err.message);
        return false;
    }
    return true;
}

// The one spelling of an object reference: "module:attr [extras]".
static const char *normal_reference(struct checking *checking,
                                    const struct object_reference *reference) {
    const char *value = arena_printf(
        checking->arena, "%.*s%s%.*s%s%.*s%s", (int)reference->module.len, reference->module.ptr,
        reference->attr.len ? ":" : "", (int)reference->attr.len,
        reference->attr.len ? reference->attr.ptr : "", reference->extras.len ? " [" : "",
        (int)reference->extras.len, reference->extras.len ? reference->extras.ptr : "",
        reference->extras.len ? "]" : "");
    checking->findings->no_memory |= !value;
    return value;
}

// Stored in its normal form, without the blanks that the grammar allows.
static void check_value(struct checking *checking, const char *where, struct entry_point *entry) {
    struct object_reference reference;
    struct error err;
    if (object_reference_parse(text_from(entry->value), &reference, &err) ||
        (entry_point_group_is_scripts(text_from(entry->group)) &&
         script_reference_check(&reference, &err))) {
        checking_add(checking, "entry-point-value-invalid", where, "%s", err.message);
        return;
    }
    if (reference.extras.len) {
        findings_add(checking->findings, SEVERITY_WARNING, "entry-point-extras", where,
                     "Add the requirements of these extras to the requirements of the package",
                     "Readers of entry points ignore extras");
    }
    entry->value = normal_reference(checking, &reference);
}

// Two scripts that differ in case alone are one file on some systems. entry_points.txt has told it with
// its line already.
static void check_script_case(struct checking *checking, const struct entry_point *entries,
                              size_t count) {
    static const char code[] = "entry-points-script-case";
    for (size_t i = 0; i < checking->findings->count; i++) {
        if (strcmp(checking->findings->items[i].code, code) == 0) {
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool is_script = entry_point_group_is_scripts(text_from(entries[i].group));
        for (size_t j = 0; is_script && j < i; j++) {
            if (strcmp(entries[i].group, entries[j].group) == 0 &&
                strcmp(entries[i].name, entries[j].name) != 0 &&
                strcasecmp(entries[i].name, entries[j].name) == 0) {
                findings_add(
                    checking->findings, SEVERITY_WARNING, code,
                    pointer_to(checking, "/entry_points", entries[i].group, entries[i].name),
                    "Rename one of them",
                    "The script \"%s\" differs from another only in case; on some systems both are "
                    "one file",
                    entries[i].name);
                return;
            }
        }
    }
}

// `before` is the entry in front of it, in the order of groups and names; NULL for the first.
static void check_entry(struct checking *checking, struct entry_point *entry,
                        const struct entry_point *before) {
    const char *group = json_pointer(checking->arena, "/entry_points", entry->group);
    const char *where = json_pointer(checking->arena, group, entry->name);
    if (!before || strcmp(entry->group, before->group) != 0) {
        check_group(checking, group, entry->group);
    } else if (strcmp(entry->name, before->name) == 0) {
        checking_add(checking, "entry-point-duplicate", where,
                     "The group has two entry points of this name");
    }
    if (check_entry_name(checking, where, entry)) {
        check_value(checking, where, entry);
    }
}

// On a sorted copy, so that duplicates are neighbours.
void check_entry_points(struct checking *checking) {
    const struct release *release = checking->release;
    size_t count = release->entry_point_count;
    if (!checking_count(checking, "/entry_points", count, LIMIT_ENTRY_POINTS)) {
        return;
    }
    struct entry_point *entries =
        sorted_copy(checking, release->entry_points, count, sizeof *entries, compare_entries);
    for (size_t i = 0; entries && i < count; i++) {
        check_entry(checking, &entries[i], i ? &entries[i - 1] : NULL);
    }
    if (entries) {
        check_script_case(checking, entries, count);
    }
    checking->valid->release.entry_points = entries;
}

// The manifest parsed and written again in canonical form.
static void check_manifest(struct checking *checking, const char *where,
                           struct manifest *manifest) {
    scoped(cleanup_json) json_t *json = NULL;
    struct error err;
    enum status status = json_parse(text_from(manifest->json), LIMIT_DOCUMENT_BYTES, &json, &err);
    if (status == STATUS_NO_MEMORY) {
        checking->findings->no_memory = true;
    } else if (status) {
        checking_add(checking, "manifest-invalid", where, "%s: %s", err.where, err.message);
    } else if (!json_is_object(json)) {
        checking_add(checking, "manifest-invalid", where, "A manifest is an object, not %s",
                     json_type_name(json));
    } else if (json_depth(json) > LIMIT_MANIFEST_DEPTH) {
        checking_add(checking, "manifest-too-deep", where,
                     "The manifest is nested deeper than %d levels", LIMIT_MANIFEST_DEPTH);
    } else {
        manifest->json = json_encode_canonical(checking->arena, json);
        checking->findings->no_memory |= !manifest->json;
    }
}

static bool has_entry_point(const struct checking *checking, const struct manifest *manifest) {
    const struct release *release = &checking->valid->release;
    const struct entry_point key = {manifest->group, manifest->name, NULL};
    return release->entry_points && bsearch(&key, release->entry_points, release->entry_point_count,
                                            sizeof key, compare_entries);
}

// Each belongs to an entry point of the same group and name.
void check_manifests(struct checking *checking) {
    const struct release *release = checking->release;
    size_t count = release->manifest_count;
    if (!checking_count(checking, "/manifests", count, LIMIT_ENTRY_POINTS)) {
        return;
    }
    struct manifest *manifests =
        sorted_copy(checking, release->manifests, count, sizeof *manifests, compare_manifests);
    for (size_t i = 0; manifests && i < count; i++) {
        struct manifest *manifest = &manifests[i];
        const char *where = pointer_to(checking, "/manifests", manifest->group, manifest->name);
        if (i && compare_manifests(manifest, &manifests[i - 1]) == 0) {
            checking_add(checking, "manifest-duplicate", where,
                         "The release has two manifests for this entry point");
        }
        if (!has_entry_point(checking, manifest)) {
            checking_add(checking, "manifest-without-entry-point", where,
                         "The group has no entry point for this manifest: \"%s\" in \"%s\"",
                         manifest->name, manifest->group);
        }
        check_manifest(checking, where, manifest);
    }
    checking->valid->release.manifests = manifests;
}
