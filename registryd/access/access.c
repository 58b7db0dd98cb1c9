// SPDX-License-Identifier: MIT
// From the Authorization header to a verdict. Whatever was sent is hashed and looked up, and every
// test is made before any of them is judged: a caller learns nothing from the text of a refusal, nor
// from the time it takes, about which test a token failed.
// Rights are loaded for every request, because a revoked token must fail at once. The one exception
// is reading where reading is closed: check_reader asks the reader cache first. Runs in the thread
// of the request.
#include "registryd/access/access.h"

#include "registryd/access/limits.h"
#include "registryd/access/reader_cache.h"
#include "registryd/access/session.h"
#include "registryd/access/token.h"
#include "schema/digest.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct level_row {
    const char *wanted;    // a verb for the refusal
    const char *parameter; // of the path: the object; NULL = the level has none
    enum scope scope;
    bool has_scope;
};

// The way of a token:
//
//     Authorization: Bearer plg_...  --.                    a page's cookie
//     Authorization: Basic dTpwbGdf.. --+-> SHA-256             |
//                                       |                 the session's SHA-256
//                                       v                      v
//                   store: token row (kind, team, scopes, grants, usable)
//                                       v
//                   rights_make: scopes of the token, grants of the team
//                                       v
//         level and object of the route -> rights_allow, or rights_allow_own -> 403, or the handler
//
// A route names a level (http/routes.c); the row says which scope it needs and which parameter of
// its path is the object. ACCESS_UNDECLARED is 0, so a route that forgot to say is closed.
static const struct level_row levels[] = {
    [ACCESS_UNDECLARED] = {.wanted = "anything"},
    [ACCESS_NONE] = {.wanted = "nothing"},
    [ACCESS_READ] = {"read", NULL, SCOPE_READ, true},
    [ACCESS_ASK] = {.wanted = "nothing"},
    [ACCESS_TOKEN] = {.wanted = "nothing"},
    [ACCESS_REPORT] = {"report about", NULL, SCOPE_REPORT, true}, // the handler asks about the host
    [ACCESS_PUBLISH] = {"publish", "name", SCOPE_PUBLISH_UPDATE, true},
    [ACCESS_YANK] = {"yank or change the status of", "name", SCOPE_YANK, true},
    [ACCESS_SETTINGS] = {"read the settings of", "environment", SCOPE_ENVIRONMENT_READ, true},
    [ACCESS_ENVIRONMENT] = {"change", "environment", SCOPE_ENVIRONMENT, true},
    [ACCESS_GROUP] = {"change the contract of", "group", SCOPE_GROUP_CONTRACT, true},
    [ACCESS_ADMIN] = {.wanted = "administration"},
};
static_assert(COUNT_OF(levels) == ACCESS_LEVEL_COUNT, "a row for every level");

// ---- the token ----

// The text after "SCHEME ", or an empty view without a pointer when the scheme is another.
static struct text credentials_of(const char *authorization, const char *scheme) {
    size_t len = strlen(scheme);
    if (strncasecmp(authorization, scheme, len) != 0 || authorization[len] != ' ') {
        return (struct text){NULL, 0};
    }
    return text_trim(text_from(authorization + len));
}

// The password of "user:password" in base64: what package tools send.
static enum status basic_password(struct arena *arena, struct text credentials,
                                  struct text *ret_token, struct error *err) {
    unsigned char *plain = arena_alloc(arena, credentials.len + 1);
    if (!plain) {
        return fail_no_memory(err);
    }
    size_t len = 0;
    *ret_token = (struct text){"", 0};
    if (sodium_base642bin(plain, credentials.len, credentials.ptr, credentials.len, NULL, &len,
                          NULL, sodium_base64_VARIANT_ORIGINAL) == 0) {
        const char *colon = memchr(plain, ':', len);
        if (colon) {
            // The user name is ignored; tools usually send "__token__".
            size_t before = (size_t)(colon + 1 - (const char *)plain);
            *ret_token = (struct text){colon + 1, len - before};
        }
    }
    return STATUS_OK;
}

// The token that was sent; empty when the header holds none in a form we know.
static enum status presented_token(const struct request *request, struct text *ret_token,
                                   struct error *err) {
    struct text bearer = credentials_of(request->authorization, "Bearer");
    struct text basic = credentials_of(request->authorization, "Basic");
    if (basic.ptr) {
        return basic_password(request->arena, basic, ret_token, err);
    }
    *ret_token = bearer.ptr ? bearer : (struct text){"", 0};
    return STATUS_OK;
}

// Looks the hash up and judges; `is_well_formed` is judged with the rest.
static enum status load(struct api *api, struct arena *arena, const uint8_t hash[32],
                        bool is_well_formed, struct rights *ret_rights, struct error *err) {
    char hex[DIGEST_HEX_SIZE];
    char zeros[DIGEST_HEX_SIZE];
    digest_hex(hash, hex);
    memset(zeros, '0', sizeof zeros);
    struct token_row row = {.name = "", .kind = "", .hash = zeros};
    enum status status = store_token_load(api->store, arena, hash, &row, err);
    if (status && status != STATUS_NOT_FOUND) {
        return status;
    }
    bool is_same = sodium_memcmp(hex, row.hash, sizeof hex - 1) == 0;
    // A sum and not "&&": all four were computed before, and no branch depends on which one is
    // false.
    if ((int)is_well_formed + (int)!status + (int)row.usable + (int)is_same != 4) {
        return fail(
            err, STATUS_UNAUTHORIZED, NULL,
            "The token is not valid: it is unknown, expired or revoked. Create a new one with "
            "\"registryctl token create\".");
    }
    if (row.unnoticed) {
        store_token_used(api->store, row.id, NULL); // only for people to look at
    }
    status = rights_make(arena, &row, ret_rights, err);
    ret_rights->loaded_ms = monotonic_ms();
    return status;
}

enum status access_load_hash(struct api *api, struct arena *arena, const uint8_t hash[32],
                             struct rights *ret_rights, struct error *err) {
    return load(api, arena, hash, true, ret_rights, err);
}

enum status access_load_text(struct api *api, struct arena *arena, struct text token,
                             struct rights *ret_rights, struct error *err) {
    uint8_t hash[32];
    token_hash(token, hash);
    return load(api, arena, hash, token_is_well_formed(token), ret_rights, err);
}

// ---- the verdict ----

static enum status forbid(const struct rights *rights, const struct access_check_args *query,
                          struct error *err) {
    const struct level_row *level = &levels[query->level];
    if (rights->is_admin && query->level == ACCESS_PUBLISH) {
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "An administrator's token cannot publish. Create a token for a team with "
                    "\"registryctl token create NAME --team TEAM --grant\".");
    }
    if (!level->has_scope) {
        return fail(err, STATUS_FORBIDDEN, NULL, "The token \"%s\" is not allowed to do this. %s",
                    rights->actor,
                    query->level == ACCESS_ADMIN ? "Use an administrator's token."
                                                 : "This route is closed.");
    }
    return fail(err, STATUS_FORBIDDEN, NULL,
                "The token \"%s\" is not allowed to %s %s. Its team \"%s\" needs a grant of the "
                "scope %s, and "
                "the token needs that scope.",
                rights->actor, level->wanted, query->object ? query->object : "here", rights->team,
                scope_name(level->scope));
}

// What the team may do because it owns the object.
static enum status require_own(struct api *api, struct arena *arena, const struct rights *rights,
                               const struct access_check_args *query, struct error *err) {
    bool is_group = query->level == ACCESS_GROUP;
    struct owners owners;
    enum status status = store_owners_load(api->store, arena, is_group ? NULL : query->object,
                                           is_group ? query->object : NULL, &owners, err);
    if (status) {
        return status;
    }
    const char *owner = is_group ? owners.group_owner : owners.package_owner;
    return rights_allow_own(rights, levels[query->level].scope, query->object, owner)
               ? STATUS_OK
               : forbid(rights, query, err);
}

enum status access_require(struct api *api, struct arena *arena, const struct rights *rights,
                           const struct access_check_args *query, struct error *err) {
    const struct level_row *level = &levels[query->level];
    if (query->level == ACCESS_NONE || query->level == ACCESS_TOKEN || query->level == ACCESS_ASK) {
        return STATUS_OK;
    }
    if (!level->has_scope) {
        bool is_allowed = query->level == ACCESS_ADMIN && rights->is_admin;
        return is_allowed ? STATUS_OK : forbid(rights, query, err);
    }
    if (rights_allow(rights, level->scope, query->object) ||
        (query->level == ACCESS_PUBLISH &&
         rights_allow(rights, SCOPE_PUBLISH_NEW, query->object)) ||
        (query->level == ACCESS_SETTINGS && rights_allow_settings(rights, query->object))) {
        return STATUS_OK;
    }
    // Asked last, as it costs a look-up: what a grant allows already needs no owner.
    bool can_be_own = query->object && level->parameter && query->level != ACCESS_ENVIRONMENT &&
                      query->level != ACCESS_SETTINGS;
    if (can_be_own) {
        return require_own(api, arena, rights, query, err);
    }
    // Which package it is stands in the body: its owner needs no grant.
    bool is_open = query->level == ACCESS_PUBLISH &&
                   rights_allow_own(rights, level->scope, NULL, rights->team);
    return is_open ? STATUS_OK : forbid(rights, query, err);
}

// The object that the route's path names; NULL when it names none.
static enum status find_object(const struct request *request, enum access_level level,
                               const char **ret_object, struct error *err) {
    const char *parameter = levels[level].parameter;
    const char *value = parameter ? request_path(request, parameter) : "";
    *ret_object = *value ? value : NULL;
    if (!*value || strcmp(parameter, "name") != 0) {
        return STATUS_OK;
    }
    enum status status = name_normalize(request->arena, text_from(value), ret_object, err);
    return status == STATUS_INVALID ? STATUS_OK : status; // the handler says what is wrong with it
}

static enum status refuse_failing(const struct request *request, int wait_s, struct error *err) {
    *request->retry_after_s = wait_s;
    return fail(err, STATUS_TOO_MANY, NULL,
                "Too many failed authentications from %s. Retry in %d seconds, or send a valid "
                "token.",
                request->client, wait_s);
}

// A valid token is never refused for the failures of others behind the same address: the token is
// looked up first, and only failures are counted. An address that fails too often gets no look-up for
// a text that has not even the form of a token.
enum status access_authenticate(struct api *api, const struct request *request, struct text token,
                                struct rights *ret_rights, struct error *err) {
    uint64_t key = api->limits ? limits_key_text(api->limits, request->client) : 0;
    int64_t now_ns = limits_now_ns();
    int wait_s = limits_peek(api->limits, LIMIT_ON_BAD_TOKENS, key, now_ns);
    if (wait_s && !token_is_well_formed(token)) {
        return refuse_failing(request, wait_s, err);
    }
    enum status status = access_load_text(api, request->arena, token, ret_rights, err);
    if (status != STATUS_UNAUTHORIZED) {
        return status;
    }
    // Taken after the look-up failed. The answer is the same 401 until the bucket is empty, then
    // 429.
    wait_s = limits_take(api->limits, LIMIT_ON_BAD_TOKENS, key, now_ns);
    return wait_s ? refuse_failing(request, wait_s, err) : status;
}

// A session stands for its token where nothing is changed, and on the pages, whose forms are checked for
// being its own. Nothing else that changes the registry takes a cookie.
static bool takes_session(const struct request *request) {
    static const char *const pages[] = {"/packages/", "/groups/", "/environments/", "/tokens/",
                                        "/admin/"};
    bool takes = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0 ||
                 strcmp(request->path, "/tokens") == 0;
    for (size_t i = 0; i < COUNT_OF(pages) && !takes; i++) {
        takes = strncmp(request->path, pages[i], strlen(pages[i])) == 0;
    }
    return takes;
}

bool access_find_presented(const struct api *api, const struct request *request,
                           uint8_t ret_hash[32]) {
    struct session session;
    struct text token;
    if (!request->authorization && takes_session(request) &&
        !session_find(api, request, &session, NULL)) {
        memcpy(ret_hash, session.token_hash, sizeof session.token_hash);
        return true;
    }
    if (!request->authorization || presented_token(request, &token, NULL)) {
        return false;
    }
    token_hash(token, ret_hash);
    return true;
}

// A header always wins over the cookie of a session: a request with both comes from a program.
enum status access_load_presented(struct api *api, const struct request *request,
                                  struct rights *ret_rights, struct error *err) {
    struct session session;
    enum status status = STATUS_NOT_FOUND;
    if (!request->authorization && takes_session(request)) {
        status = session_find(api, request, &session, err);
    }
    if (!status) {
        return access_load_hash(api, request->arena, session.token_hash, ret_rights, err);
    }
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    if (!request->authorization) {
        return fail(err, STATUS_UNAUTHORIZED, NULL,
                    "This route needs a token. Send it as \"Authorization: Bearer TOKEN\".");
    }
    struct text token;
    status = presented_token(request, &token, err);
    if (status) {
        return status;
    }
    return access_authenticate(api, request, token, ret_rights, err);
}

// Everything that is asked of the store.
static enum status check_with_store(struct api *api, enum access_level level,
                                    struct request *request, struct error *err) {
    struct rights *rights = arena_alloc(request->arena, sizeof *rights);
    struct access_check_args query = {.level = level};
    if (!rights) {
        return fail_no_memory(err);
    }
    enum status status = access_load_presented(api, request, rights, err);
    if (status) {
        return status;
    }
    status = find_object(request, level, &query.object, err);
    if (status) {
        return status;
    }
    status = access_require(api, request->arena, rights, &query, err);
    if (status) {
        return status;
    }
    request->rights = rights;
    request->actor = rights->actor;
    return STATUS_OK;
}

// Reading, where it is closed. The point is taken first: a token that is revoked while it is looked up
// comes with a later one.
static enum status check_reader(struct api *api, struct request *request, struct error *err) {
    struct history_point point = {.serial = -1};
    struct text token = {"", 0};
    uint8_t hash[32];
    enum status status = STATUS_OK;
    bool is_known = request->authorization && api->readers && index_is_following(api->index);
    if (is_known) {
        index_point(api->index, &point);
        status = presented_token(request, &token, err);
        token_hash(token, hash);
    }
    // request->rights stays NULL then.
    if (status || (is_known && reader_cache_has(api->readers, hash, &point))) {
        return status;
    }
    status = check_with_store(api, ACCESS_READ, request, err);
    if (status) {
        return status;
    }
    if (is_known) {
        reader_cache_add(api->readers, hash, &point);
    }
    return STATUS_OK;
}

void access_forget(struct api *api, int64_t serial) {
    enum { FORGET_WAIT_MS = 2000 };
    // Readers are remembered at a point of the history.
    struct history_point point;
    index_point(api->index, &point);
    point.serial = serial;
    index_wait_own(api->index, &point, FORGET_WAIT_MS);
}

enum status access_check(struct api *api, enum access_level level, struct request *request,
                         struct error *err) {
    bool is_open = !api->is_reading_closed;
    if (level == ACCESS_NONE || (level == ACCESS_READ && is_open) ||
        (level == ACCESS_ASK && is_open && !request->authorization)) {
        return STATUS_OK;
    }
    if (level <= ACCESS_UNDECLARED || level >= ACCESS_LEVEL_COUNT) {
        return fail(err, STATUS_FORBIDDEN, NULL, "This route is closed");
    }
    return level == ACCESS_READ ? check_reader(api, request, err)
                                : check_with_store(api, level, request, err);
}
