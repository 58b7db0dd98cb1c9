// SPDX-License-Identifier: MIT
// Asks the store only about the plugins that a change concerns, all of them at once. The release that
// counts is the one a resolution would take if every permission were known. A release published later
// is judged when it is resolved.
#include "registryd/api/environments/environment_check.h"

#include "registryd/api/environments/settings_check.h"
#include "registryd/resolver/select.h"
#include "registryd/store/store_environments.h"
#include "registryd/tables/package_pack.h"
#include "schema/base/clock.h"
#include "schema/json/json.h"

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

//
// The two checks of a step have one shape: list what the step touches, ask the store once for all of
// it, judge the rows. Only a package of which some release asks for a further permission is then
// loaded alone, because the release that would be served has to be known.
//
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
        // A package that the environment had before is not asked for: it was there then, and
        // packages are never deleted.
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
                         "Publish the package first, or check the spelling",
                         "There is no package \"%s\"", asked.items[i]);
        }
    }
    return status;
}

// ---- permissions ----

// True when the set of permissions is another one than before, or was not stated before.
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
    // Fewer permissions can break any enabled plugin, not only those that this step touches.
    bool all = knows_other_permissions(step);
    size_t room = all ? after->plugin_count : step->changes->count;
    struct strings packages = {arena_array(checking->arena, room + 1, sizeof *packages.items), 0};
    if (!packages.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < room; i++) {
        const struct environment_plugin *plugin =
            all ? &after->plugins[i] : step->changes->items[i].after;
        if (plugin && (plugin->state == PLUGIN_ENABLED || plugin->state == PLUGIN_ALLOWED ||
                       environment_entries_have(&plugin->entries, PLUGIN_ENABLED))) {
            packages.items[packages.count++] = plugin->package;
        }
    }
    *ret_packages = packages;
    return STATUS_OK;
}

// The version of a package that the environment would take if it knew every permission; NULL = none.
static enum status choose(const struct checking_step *checking, const char *package,
                          const char **ret_version, struct error *err) {
    struct environment trusting = *checking->step->after;
    const struct resolve_query resolve_query = {.environment = trusting.name};
    const struct candidate_query query = {.group = "", .package = package};
    struct candidates candidates = {0};
    struct facts facts;
    scoped(cleanup_package) struct package *candidate = NULL;
    // An environment without permissions refuses no release for one. The release that it would take
    // is the one whose requests must be granted; otherwise the resolution would quietly take an
    // older one.
    trusting.has_permissions = false;
    enum status status =
        store_candidates_load(checking->api->store, checking->arena, &query, &candidates, err);
    *ret_version = NULL;
    if (status || !candidates.count) {
        return status;
    }
    status = package_new(&candidates.packages[0], &candidate, err);
    if (status) {
        return status;
    }
    status = facts_init(&facts, checking->arena, &resolve_query, &trusting, unix_ms(), err);
    if (status) {
        return status;
    }
    const struct package_release *release = select_release(&facts, candidate);
    *ret_version = release ? arena_strdup(checking->arena, release->version) : NULL;
    return facts.no_memory || (release && !*ret_version) ? fail_no_memory(err) : STATUS_OK;
}

static void add_unknown(const struct checking_step *checking, const struct permission_ask *ask) {
    const struct environment_plugin *plugin =
        environment_find_plugin(checking->step->after, ask->package);
    if (plugin && plugin->accepts_unknown_permissions) {
        return;
    }
    findings_add(checking->findings, SEVERITY_ERROR, "permission-unknown",
                 json_pointer(checking->arena, plugin_pointer(checking, ask->package), "enabled"),
                 "Publish the manifest with the release, or enable the package with "
                 "accept_unknown_permissions",
                 "The manifest of %s in %s of %s %s cannot be read, so its permissions are unknown",
                 ask->name, ask->group, ask->package, ask->version);
}

static void add_ask(const struct checking_step *checking, const struct permission_ask *ask) {
    if (!ask->permission) {
        add_unknown(checking, ask);
        return;
    }
    findings_add(
        checking->findings, SEVERITY_ERROR, "permission-unknown",
        json_pointer(checking->arena, plugin_pointer(checking, ask->package), "enabled"),
        "Add the permission to the environment if its hosts support it, or pin the package to a "
        "release that does not ask for it",
        "%s %s asks for the permission \"%s\" in its manifest of %s in %s, which the environment "
        "does not have",
        ask->package, ask->version, ask->permission, ask->name, ask->group);
}

// Only packages of which any release asks for more are looked at as a resolution would.
static enum status judge_asks(const struct checking_step *checking,
                              const struct permission_asks *asks, struct error *err) {
    const char *version = NULL;
    for (size_t i = 0; i < asks->count; i++) {
        const struct permission_ask *ask = &asks->items[i];
        // The rows are sorted by package, so the choice is made once for each.
        bool is_next = !i || strcmp(asks->items[i - 1].package, ask->package) != 0;
        enum status status = is_next ? choose(checking, ask->package, &version, err) : STATUS_OK;
        if (status) {
            return status;
        }
        if (version && strcmp(version, ask->version) == 0) {
            add_ask(checking, ask);
        }
    }
    return STATUS_OK;
}

// All enabled packages are asked about, not only the changed ones: taking a permission away from the
// environment concerns those that stay.
static enum status check_permissions(const struct checking_step *checking, struct error *err) {
    const struct environment *after = checking->step->after;
    const struct strings known = {after->permissions, after->permission_count};
    struct strings packages = {0};
    struct permission_asks asks = {0};
    enum status status = list_enabled(checking, &packages, err);
    if (status) {
        return status;
    }
    if (packages.count) {
        status = store_permission_asks_load(checking->api->store, checking->arena, &packages,
                                            &known, &asks, err);
    }
    if (status) {
        return status;
    }
    return judge_asks(checking, &asks, err);
}

// ---- exceptions ----

// An exception that was over before it began is a slip of the pen. One that ended later stays in the document
// as it is.
static void check_exceptions(const struct checking_step *checking) {
    const struct plugin_changes *changes = checking->step->changes;
    int64_t now = unix_ms();
    for (size_t i = 0; i < changes->count; i++) {
        const struct environment_plugin *after = changes->items[i].after;
        for (size_t j = 0; after && j < after->exceptions.count; j++) {
            const struct environment_exception *exception = &after->exceptions.items[j];
            const struct environment_exception *known =
                environment_find_exception(changes->items[i].before, exception->code);
            bool is_known = known && known->until_ms == exception->until_ms;
            if (is_known || exception->until_ms > now) {
                continue;
            }
            const char *where =
                json_pointer(checking->arena, plugin_pointer(checking, after->package), "allow");
            findings_add(checking->findings, SEVERITY_ERROR, "exception-over",
                         json_pointer(checking->arena, where, exception->code),
                         "Name a moment in the future", "The exception ended at %s",
                         exception->until);
        }
    }
}

enum status environment_check_step(struct api *api, const struct request *request,
                                   const struct environment_step *step, struct findings *findings,
                                   struct error *err) {
    struct checking_step checking = {api, request->arena, step, findings};
    size_t errors_before = findings->error_count;
    check_exceptions(&checking);
    enum status status = check_known(&checking, err);
    if (status) {
        return status;
    }
    status = settings_check(api, step, findings, err);
    if (status) {
        return status;
    }
    // An environment that states no permissions grants all of them: there is nothing to refuse.
    if (step->after->has_permissions) {
        status = check_permissions(&checking, err);
    }
    if (status) {
        return status;
    }
    return findings_fail(findings, errors_before, err);
}
