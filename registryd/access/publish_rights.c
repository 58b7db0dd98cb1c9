// SPDX-License-Identifier: MIT
// One question to the store about everything around the name, then rules in the order in which a person
// would want to hear of them.
#include "registryd/access/publish_rights.h"

#include "registryd/access/known_names.h"
#include "registryd/access/limits.h"

#include <string.h>
#include <time.h>

enum { STALE_AFTER_MS = 500 }; // a body may be long on its way

// The rights as they are now.
// A body of 500 MB may take minutes. A token that was revoked while it came must not publish, so
// rights older than this are read again before anything is stored.
static enum status refresh_rights(struct api *api, const struct request *request,
                                  struct rights *ret_rights, struct error *err) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    *ret_rights = *request->rights;
    if (now_ms - ret_rights->loaded_ms < STALE_AFTER_MS) {
        return STATUS_OK;
    }
    // A copy, because access_check sets the rights of a request, and this one is const to its
    // handler.
    struct request again = *request;
    enum status status = access_check(api, ACCESS_PUBLISH, &again, err);
    if (status) {
        return status;
    }
    *ret_rights = *again.rights;
    return STATUS_OK;
}

static enum status make_groups(struct arena *arena, const struct release *release,
                               struct strings *ret_groups, struct error *err) {
    const char **items = arena_array(arena, release->entry_point_count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const char *group = release->entry_points[i].group; // they stand together
        if (!count || strcmp(items[count - 1], group) != 0) {
            items[count++] = group;
        }
    }
    *ret_groups = (struct strings){items, count};
    return STATUS_OK;
}

bool publish_rights_import(const struct rights *rights, const char *name) {
    return rights_allow(rights, SCOPE_IMPORT, name);
}

// The count is kept for each token, and not for an address: build machines often share one.
static enum status check_pace(struct api *api, const struct request *request, enum limit limit,
                              const char *name, struct error *err) {
    if (publish_rights_import(request->rights, name)) {
        return STATUS_OK;
    }
    uint64_t key = limits_key_number(api->limits, request->rights->token_id);
    int wait_s = request->is_dry_run ? limits_peek(api->limits, limit, key, limits_now_ns())
                                     : limits_take(api->limits, limit, key, limits_now_ns());
    if (!wait_s) {
        return STATUS_OK;
    }
    *request->retry_after_s = wait_s;
    return fail(
        err, STATUS_TOO_MANY, NULL,
        limit == LIMIT_ON_PUBLISHES
            ? "The token \"%s\" publishes too often. Retry in %d seconds. (The limit is the "
              "registry's setting publishes-per-minute.)"
            : "The token \"%s\" created too many new packages. Retry in %d seconds. (The limit "
              "is the registry's setting new-names-per-hour. For a first import, ask an "
              "administrator for the scope import.)",
        request->actor, wait_s);
}

// Rights first, so that a token without them learns nothing of reserved names.
static enum status check_new(const struct rights *rights, const char *name,
                             const struct name_status *standing, struct error *err) {
    if (!rights_allow(rights, SCOPE_PUBLISH_NEW, name)) {
        return fail(err, STATUS_FORBIDDEN, "/name",
                    "The package \"%s\" is new. To create it, the token \"%s\" and its team \"%s\" "
                    "need the scope publish:new for this name.",
                    name, rights->actor, rights->team);
    }
    if (standing->reserved_for && strcmp(standing->reserved_for, rights->team) == 0) {
        return STATUS_OK; // no name that looks like it keeps the owner of a reservation out
    }
    if (standing->reserved) {
        return fail(err, STATUS_FORBIDDEN, "/name",
                    "The name \"%s\" is reserved (as \"%s\"). Choose another name", name,
                    standing->reserved);
    }
    // After the reservation: the team that a name is reserved for may take it, however similar it
    // is.
    if (standing->confusable) {
        return fail(err, STATUS_CONFLICT, "/name",
                    "The name \"%s\" is too similar to the existing package \"%s\". Choose another "
                    "name",
                    name, standing->confusable);
    }
    return STATUS_OK;
}

static enum status check_update(const struct rights *rights, const char *name,
                                const struct name_status *standing, bool *ret_may_update,
                                struct error *err) {
    *ret_may_update = rights_allow(rights, SCOPE_PUBLISH_UPDATE, name);
    if (*ret_may_update || rights_allow_own(rights, SCOPE_PUBLISH_UPDATE, name, standing->owner)) {
        return STATUS_OK;
    }
    return fail(
        err, STATUS_FORBIDDEN, "/name",
        "The package \"%s\" belongs to %s. The token \"%s\" of the team \"%s\" is not allowed to "
        "publish its releases.",
        name, standing->owner ? standing->owner : "no team", rights->actor, rights->team);
}

// Lines two by two: owner, group.
static enum status check_groups(const struct rights *rights, const struct name_status *standing,
                                struct arena *arena, struct error *err) {
    struct text rest = text_from(standing->owned_groups);
    struct text owner;
    struct text name;
    while (text_split(&rest, '\n', &owner) && text_split(&rest, '\n', &name)) {
        const char *group = arena_copy(arena, name.ptr, name.len);
        const char *team = arena_copy(arena, owner.ptr, owner.len);
        if (!group || !team) {
            return fail_no_memory(err);
        }
        if (!rights_allow(rights, SCOPE_GROUP_PUBLISH, group) &&
            !rights_allow_own(rights, SCOPE_GROUP_PUBLISH, group, team)) {
            return fail(
                err, STATUS_FORBIDDEN, "/entry_points",
                "The group \"%s\" belongs to %s, which decides what is published in it. The "
                "token \"%s\" and its team \"%s\" need the scope group:publish for it.",
                group, team, rights->actor, rights->team);
        }
    }
    return STATUS_OK;
}

enum status publish_rights_on(struct api *api, const struct request *request, const char *name,
                              struct error *err) {
    const struct access_check_args query = {ACCESS_PUBLISH, name};
    return access_require(api, request->arena, request->rights, &query, err);
}

// The access level was asked already, and admits a token that may publish what its team owns.
static enum status check_anything(struct api *api, const struct rights *rights, struct error *err) {
    bool owns = false;
    if (rights_allow(rights, SCOPE_PUBLISH_NEW, NULL) ||
        rights_allow(rights, SCOPE_PUBLISH_UPDATE, NULL)) {
        return STATUS_OK;
    }
    enum status status = store_team_owns(api->store, rights->team, &owns, err);
    if (status) {
        return status;
    }
    return owns
               ? STATUS_OK
               : fail(
                     err, STATUS_FORBIDDEN, NULL,
                     "The token \"%s\" is not allowed to publish anything: its team \"%s\" owns no "
                     "package, and needs a grant of the scope publish:new or publish:update.",
                     rights->actor, rights->team);
}

enum status publish_rights_begin(struct api *api, const struct request *request, const char *name,
                                 struct error *err) {
    enum status status = check_pace(api, request, LIMIT_ON_PUBLISHES, name, err);
    if (status) {
        return status;
    }
    return name ? publish_rights_on(api, request, name, err)
                : check_anything(api, request->rights, err);
}

enum status publish_rights_check(struct api *api, const struct request *request,
                                 const struct valid_release *valid, struct publisher *ret_publisher,
                                 struct error *err) {
    struct rights rights;
    struct strings groups;
    struct name_status standing;
    bool may_update = false;
    const char *name = valid->normalized_name;
    enum status status = refresh_rights(api, request, &rights, err);
    if (status) {
        return status;
    }
    status = make_groups(request->arena, &valid->release, &groups, err);
    if (status) {
        return status;
    }
    status = store_name_load(api->store, request->arena, name, &groups, &standing, err);
    if (status) {
        return status;
    }
    status = standing.is_there ? check_update(&rights, name, &standing, &may_update, err)
                               : check_new(&rights, name, &standing, err);
    if (status) {
        return status;
    }
    status = check_groups(&rights, &standing, request->arena, err);
    if (status) {
        return status;
    }
    // Counted when everything else is allowed: a refused name must not use up the pace.
    if (!standing.is_there) {
        status = check_pace(api, request, LIMIT_ON_NEW_NAMES, name, err);
    }
    if (status) {
        return status;
    }
    // group_revision lets the store see that a group changed its owner or contract after these
    // checks.
    *ret_publisher = (struct publisher){.actor = rights.actor,
                                        .team = rights.team,
                                        .may_update = may_update,
                                        .is_dry_run = request->is_dry_run,
                                        .group_revision = standing.group_revision};
    return STATUS_OK;
}

void publish_rights_remember(struct api *api, const char *name, const struct publisher *publisher) {
    if (api->known_names && !publisher->is_dry_run && !publisher->group_revision) {
        known_names_add(api->known_names, name);
    }
}

// The rights alone decide here. What they allow of a package of the token's own team holds by the store's condition
// that the team owns it; and in groups with a contract, which may have an owner, the store writes nothing.
enum status publish_rights_assume(struct api *api, const struct request *request, const char *name,
                                  struct publisher *ret_publisher, bool *ret_assumed,
                                  struct error *err) {
    struct rights rights;
    *ret_assumed = false;
    if (!api->known_names || request->is_dry_run || !known_names_have(api->known_names, name)) {
        return STATUS_OK;
    }
    enum status status = refresh_rights(api, request, &rights, err);
    if (status) {
        return status;
    }
    bool may_update = rights_allow(&rights, SCOPE_PUBLISH_UPDATE, name);
    *ret_assumed = may_update || rights_allow_own(&rights, SCOPE_PUBLISH_UPDATE, name, rights.team);
    *ret_publisher = (struct publisher){.actor = rights.actor,
                                        .team = rights.team,
                                        .may_update = may_update,
                                        .may_not_create = true};
    return STATUS_OK;
}
