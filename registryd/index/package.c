// SPDX-License-Identifier: MIT
// Copying a package out of the store's arena into one of its own.
#include "registryd/index/package.h"

#include "schema/base/cleanup.h"

#include <string.h>

CLEANUP_DEFINE(struct package *, cleanup_package, package_unref)

static enum status copy_entries(struct arena *arena, const struct candidate_release *from,
                                struct package_release *release, struct error *err) {
    struct candidate_entry *entries =
        arena_array(arena, from->entry_count, sizeof *release->entries);
    if (!entries) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < from->entry_count; i++) {
        const struct candidate_entry *entry = &from->entries[i];
        entries[i].name = arena_strdup(arena, entry->name);
        entries[i].value = arena_strdup(arena, entry->value);
        entries[i].manifest = arena_strdup(arena, entry->manifest);
        if (!entries[i].name || !entries[i].value || (entry->manifest && !entries[i].manifest)) {
            return fail_no_memory(err);
        }
    }
    release->entries = entries;
    release->entry_count = from->entry_count;
    return STATUS_OK;
}

// A set that cannot be read stays NULL beside its text: selection then treats it as not fulfilled.
static enum status copy_requires_python(struct arena *arena, const char *from,
                                        struct package_release *release, struct error *err) {
    if (!from) {
        return STATUS_OK;
    }
    release->requires_python_text = arena_strdup(arena, from);
    if (!release->requires_python_text) {
        return fail_no_memory(err);
    }
    enum status status =
        specifier_set_parse(arena, text_from(from), &release->requires_python, err);
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

static enum status copy_release(struct arena *arena, const char *package,
                                const struct candidate_release *from,
                                struct package_release *release, struct error *err) {
    release->version = arena_strdup(arena, from->version);
    release->origin = arena_printf(arena, "/v1/packages/%s/releases/%s", package, from->version);
    if (!release->version || !release->origin) {
        return fail_no_memory(err);
    }
    release->prerelease = from->prerelease;
    release->yanked = from->yanked;
    enum status status = copy_requires_python(arena, from->requires_python, release, err);
    return status ? status : copy_entries(arena, from, release, err);
}

enum status package_new(const struct candidate_package *from, struct package **ret_package,
                        struct error *err) {
    struct arena *arena = arena_new(0);
    scoped(cleanup_package) struct package *package =
        arena ? arena_alloc(arena, sizeof *package) : NULL;
    if (!package) {
        arena_free(arena);
        return fail_no_memory(err);
    }
    atomic_init(&package->references, 1);
    package->arena = arena;
    package->name = arena_strdup(arena, from->name);
    package->quarantined = strcmp(from->status, "quarantined") == 0;
    package->releases = arena_array(arena, from->release_count, sizeof *package->releases);
    if (!package->name || !package->releases) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < from->release_count; i++) {
        enum status status =
            copy_release(arena, from->name, &from->releases[i], &package->releases[i], err);
        if (status) {
            return status;
        }
    }
    package->release_count = from->release_count;
    *ret_package = take(package);
    return STATUS_OK;
}

struct package *package_ref(struct package *package) {
    atomic_fetch_add_explicit(&package->references, 1, memory_order_relaxed);
    return package;
}

void package_unref(struct package *package) {
    if (package && atomic_fetch_sub_explicit(&package->references, 1, memory_order_acq_rel) == 1) {
        arena_free(package->arena);
    }
}
