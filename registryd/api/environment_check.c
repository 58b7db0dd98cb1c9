// SPDX-License-Identifier: MIT
// Asks the store only about the plugins that a change concerns, all of them at once. The release that
// counts is the newest that pin, policy and Python admit, as in a resolution; what it requires of the
// host is not judged here. A release published later is judged when it is resolved.
#include "registryd/api/environment_check.h"

#include "registryd/store/store_environments.h"
#include "schema/json.h"
#include "schema/packaging/specifier.h"

#include <stdlib.h>
#include <string.h>

struct checking_step {
    struct api *api;
    struct arena *arena;
    const struct environment_step *step;
    struct findings *findings;
};

static const char *plugin_pointer(const struct checking_step *checking, const char *package) {
    return json_pointer(checking->arena, "/plugins", package);
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool holds(const struct strings *sorted, const char *name) {
    return sorted->count &&
           bsearch(&name, sorted->items, sorted->count, sizeof name, compare_names);
}

// ---- packages that are not there ----

static enum status check_known(const struct checking_step *checking, struct error *err) {
    const struct plugin_changes *changes = checking->step->changes;
    struct strings asked = {arena_array(checking->arena, changes->count + 1, sizeof *asked.items),
                            0};
    struct strings known = {0};
    if (!asked.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (!changes->items[i].before) {
            asked.items[asked.count++] = changes->items[i].package;
        }
    }
    enum status status = asked.count ? store_packages_known(checking->api->store, checking->arena,
                                                            &asked, &known, err)
                                     : STATUS_OK;
    for (size_t i = 0; !status && i < asked.count; i++) {
        if (!holds(&known, asked.items[i])) {
            findings_add(checking->findings, SEVERITY_ERROR, "package-unknown",
                         plugin_pointer(checking, asked.items[i]),
                         "Publish it first, or check its spelling", "There is no package %s",
                         asked.items[i]);
        }
    }
    return status;
}

// ---- the release that would be taken ----

struct admission {
    const struct specifier_set *pin; // NULL = none
    const struct version *python;    // NULL = any
    bool is_locked;                  // pinned to one version: takes yanked ones
    bool prereleases;
};

static enum status begin_admission(const struct checking_step *checking, const char *package,
                                   struct admission *ret_admission, struct error *err) {
    const struct environment *after = checking->step->after;
    const struct environment_plugin *plugin = environment_find_plugin(after, package);
    struct admission admission = {.prereleases = after->prereleases};
    enum status status = STATUS_OK;
    if (plugin && plugin->pin) {
        status = specifier_set_parse(checking->arena, text_from(plugin->pin), &admission.pin, err);
        admission.is_locked = strncmp(plugin->pin, "==", 2) == 0 && !strpbrk(plugin->pin, ",*");
    }
    if (!status && after->python) {
        status = version_parse(checking->arena, text_from(after->python), &admission.python, err);
    }
    if (!status) {
        admission.prereleases |= admission.pin && specifier_set_allows_prereleases(admission.pin);
        *ret_admission = admission;
    }
    return status;
}

// Whether a set takes a version; what cannot be read takes everything.
static enum status accepts(struct arena *arena, const char *specifiers,
                           const struct version *version, bool *ret_accepts, struct error *err) {
    const struct specifier_set *set = NULL;
    enum status status = specifier_set_parse(arena, text_from(specifiers), &set, err);
    if (status == STATUS_NO_MEMORY) {
        return status;
    }
    *ret_accepts = status || specifier_set_contains(set, version, PRERELEASES_ALLOW);
    return STATUS_OK;
}

static enum status admits(const struct checking_step *checking, const struct admission *admission,
                          const struct release_choice *release, bool *ret_admits,
                          struct error *err) {
    const struct version *version;
    bool fits = !release->yanked || admission->is_locked;
    enum status status = version_parse(checking->arena, text_from(release->version), &version, err);
    if (status) {
        return status;
    }
    fits = fits &&
           (!admission->pin || specifier_set_contains(admission->pin, version, PRERELEASES_ALLOW));
    if (fits && admission->python && release->requires_python) {
        status = accepts(checking->arena, release->requires_python, admission->python, &fits, err);
    }
    *ret_admits = fits;
    return status;
}

// The first of `count` releases that is admitted, a final one before pre-releases that are not asked for;
// NULL when none is.
static enum status choose(const struct checking_step *checking,
                          const struct release_choice *releases, size_t count,
                          const struct release_choice **ret_choice, struct error *err) {
    const struct release_choice *fallback = NULL;
    struct admission admission;
    enum status status = begin_admission(checking, releases->package, &admission, err);
    for (size_t i = 0; !status && i < count; i++) {
        bool fits = false;
        status = admits(checking, &admission, &releases[i], &fits, err);
        if (fits && (!releases[i].prerelease || admission.prereleases)) {
            *ret_choice = &releases[i];
            return status;
        }
        fallback = fits && !fallback ? &releases[i] : fallback;
    }
    *ret_choice = fallback;
    return status;
}

static enum status choose_all(const struct checking_step *checking,
                              const struct release_choices *all, struct release_choices *ret_chosen,
                              struct error *err) {
    struct release_choices chosen = {
        arena_array(checking->arena, all->count + 1, sizeof *chosen.items), 0};
    if (!chosen.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < all->count;) {
        size_t end = i;
        while (end < all->count && strcmp(all->items[end].package, all->items[i].package) == 0) {
            end++;
        }
        const struct release_choice *choice = NULL;
        enum status status = choose(checking, &all->items[i], end - i, &choice, err);
        if (status) {
            return status;
        }
        if (choice) {
            chosen.items[chosen.count++] = *choice;
        }
        i = end;
    }
    *ret_chosen = chosen;
    return STATUS_OK;
}

// ---- permissions ----

static bool knows_other_permissions(const struct environment_step *step) {
    const struct environment *before = step->before;
    const struct environment *after = step->after;
    if (!before->has_permissions || before->permission_count != after->permission_count) {
        return true;
    }
    for (size_t i = 0; i < after->permission_count; i++) {
        if (strcmp(before->permissions[i], after->permissions[i]) != 0) {
            return true;
        }
    }
    return false;
}

// The enabled packages whose permissions are to be looked at.
static enum status list_enabled(const struct checking_step *checking, struct strings *ret_packages,
                                struct error *err) {
    const struct environment_step *step = checking->step;
    const struct environment *after = step->after;
    bool all = knows_other_permissions(step);
    size_t room = all ? after->plugin_count : step->changes->count;
    struct strings packages = {arena_array(checking->arena, room + 1, sizeof *packages.items), 0};
    if (!packages.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < room; i++) {
        const struct environment_plugin *plugin =
            all ? &after->plugins[i] : step->changes->items[i].after;
        if (plugin && plugin->state == PLUGIN_ENABLED) {
            packages.items[packages.count++] = plugin->package;
        }
    }
    *ret_packages = packages;
    return STATUS_OK;
}

static void add_asks(const struct checking_step *checking, const struct permission_asks *asks) {
    for (size_t i = 0; i < asks->count; i++) {
        const struct permission_ask *ask = &asks->items[i];
        findings_add(
            checking->findings, SEVERITY_ERROR, "permission-unknown",
            json_pointer(checking->arena, plugin_pointer(checking, ask->package), "enabled"),
            "Add it to the environment's permissions if the host knows it, or pin the "
            "package to a release that does not ask for it",
            "%s %s asks for the permission \"%s\" in its manifest of %s in %s; the "
            "environment does not know it",
            ask->package, ask->version, ask->permission, ask->name, ask->group);
    }
}

static enum status check_permissions(const struct checking_step *checking, struct error *err) {
    const struct environment *after = checking->step->after;
    struct store *store = checking->api->store;
    struct strings packages = {0};
    struct release_choices all = {0};
    struct release_choices chosen = {0};
    struct permission_asks asks = {0};
    enum status status = list_enabled(checking, &packages, err);
    if (status || !packages.count) {
        return status;
    }
    status = store_release_choices_load(store, checking->arena, &packages, &all, err);
    if (!status) {
        status = choose_all(checking, &all, &chosen, err);
    }
    if (!status && chosen.count) {
        struct strings known = {after->permissions, after->permission_count};
        status = store_permission_asks_load(store, checking->arena, &chosen, &known, &asks, err);
    }
    if (!status) {
        add_asks(checking, &asks);
    }
    return status;
}

enum status environment_check_step(struct api *api, const struct request *request,
                                   const struct environment_step *step, struct findings *findings,
                                   struct error *err) {
    struct checking_step checking = {api, request->arena, step, findings};
    size_t errors_before = findings->error_count;
    enum status status = check_known(&checking, err);
    if (!status && step->after->has_permissions) {
        status = check_permissions(&checking, err);
    }
    return status ? status : findings_fail(findings, errors_before, err);
}
