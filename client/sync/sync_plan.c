// SPDX-License-Identifier: MIT
// The registry's answer against the marker of the current set, package by package. A package is the same when its
// wheel has the same hash; its version says nothing, because a set may have been made from another registry. Nothing
// is written here, so a plan that is refused leaves everything as it was.
#include "client/sync/sync_plan.h"

#include "schema/base/text.h"

#include <string.h>

// NULL for a missing member and for one of another type. jansson's getters accept NULL, so a
// look-up in what may be missing needs no check of its own.
static const char *text_at(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// What the current set holds of a package; NULL when nothing.
static const json_t *find_held(const struct sync_plan *plan, const char *package) {
    const json_t *packages = json_object_get(plan->place->marker, "packages");
    for (size_t i = 0; i < json_array_size(packages); i++) {
        const json_t *held = json_array_get(packages, i);
        const char *name = text_at(held, "package");
        if (name && strcmp(name, package) == 0) {
            return held;
        }
    }
    return NULL;
}

static const json_t *find_wheel(const json_t *requirement) {
    const json_t *files = json_object_get(requirement, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = text_at(file, "filename");
        if (name && text_ends_with(text_from(name), ".whl") && text_at(file, "sha256")) {
            return file;
        }
    }
    return NULL;
}

// The action follows from the marker: no entry is "install", another hash "update", the same
// "keep". A kept package is unpacked again as well, because every set is built whole.
static enum status plan_item(struct sync_plan *plan, const json_t *requirement, struct error *err) {
    const json_t *wheel = find_wheel(requirement);
    struct sync_item *item = &plan->items[plan->count];
    *item = (struct sync_item){
        .package = text_at(requirement, "package"),
        .version = text_at(requirement, "version"),
        .filename = text_at(wheel, "filename"),
        .sha256 = text_at(wheel, "sha256"),
    };
    if (!item->package || !item->version) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The answer is not that of a registry");
    }
    if (!wheel) {
        return fail(err, STATUS_INVALID, item->package,
                    "%s %s has no wheel that fits, so it cannot be put into the directory. Publish "
                    "a wheel with \"registryctl publish\", or disable the package in the "
                    "environment.",
                    item->package, item->version);
    }
    const json_t *held = find_held(plan, item->package);
    const char *digest = text_at(held, "sha256");
    bool is_same = digest && strcmp(digest, item->sha256) == 0;
    item->action = is_same ? "keep" : held ? "update" : "install";
    plan->is_changed |= !is_same;
    plan->count++;
    return STATUS_OK;
}

static bool is_planned(const struct sync_plan *plan, const char *package) {
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->items[i].package, package) == 0) {
            return true;
        }
    }
    return false;
}

static enum status plan_removals(struct sync_plan *plan, struct error *err) {
    const json_t *packages = json_object_get(plan->place->marker, "packages");
    size_t count = json_array_size(packages);
    plan->removed.items = arena_array(plan->arena, count + 1, sizeof(char *));
    if (!plan->removed.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *package = text_at(json_array_get(packages, i), "package");
        if (!package || is_planned(plan, package)) {
            continue;
        }
        package = arena_strdup(plan->arena, package); // the marker is replaced before this is shown
        if (!package) {
            return fail_no_memory(err);
        }
        plan->removed.items[plan->removed.count++] = package;
        plan->is_changed = true;
    }
    return STATUS_OK;
}

static bool is_named(const struct strings *words, const char *name) {
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool was_adopted(const struct sync_plan *plan, const char *name) {
    const json_t *adopted = json_object_get(plan->place->marker, "adopted");
    for (size_t i = 0; i < json_array_size(adopted); i++) {
        const char *kept = json_string_value(json_array_get(adopted, i));
        if (kept && strcmp(kept, name) == 0) {
            return true;
        }
    }
    return false;
}

// What sync did not put there stays only when it is named; else sync refuses the directory.
static enum status plan_adoption(struct sync_plan *plan, struct error *err) {
    const struct sync_place *place = plan->place;
    plan->adopted.items = arena_array(plan->arena, place->foreign_count + 1, sizeof(char *));
    if (!plan->adopted.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < place->foreign_count; i++) {
        const char *name = place->foreign[i];
        bool is_new = !was_adopted(plan, name);
        if (is_new && !is_named(&plan->adopt, name)) {
            return fail(err, STATUS_CONFLICT, place->into,
                        "\"%s\" was not put here by sync, which replaces the whole directory. Keep "
                        "it with --adopt \"%s\", or move it away",
                        name, name);
        }
        plan->adopted.items[plan->adopted.count++] = name;
        plan->is_changed |= is_new;
    }
    return STATUS_OK;
}

enum status sync_plan_make(struct sync_plan *plan, const json_t *answer, struct error *err) {
    const json_t *requirements = json_object_get(answer, "requirements");
    size_t count = json_array_size(requirements);
    plan->answer = answer;
    plan->items = arena_array(plan->arena, count + 1, sizeof *plan->items);
    // The first run always makes a set: even an empty one needs its marker.
    plan->is_changed = !plan->place->marker;
    if (!plan->items) {
        return fail_no_memory(err);
    }
    enum status status = plan_adoption(plan, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        status = plan_item(plan, json_array_get(requirements, i), err);
        if (status) {
            return status;
        }
    }
    return plan_removals(plan, err);
}
