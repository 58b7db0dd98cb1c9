// SPDX-License-Identifier: MIT
// A host asks again and again with one token, so the verdict is remembered like that of a reader, at a point
// of the history: a revoked token loses settings with the next change that this daemon sees. A verdict is
// kept under a hash of token, environment and answer, in the same kind of table. While the database is away
// the last verdict goes on: a host must not lose its settings because of that.
#include "registryd/access/settings_rights.h"

#include "registryd/access/access.h"
#include "registryd/access/reader_cache.h"
#include "registryd/store/store_environments.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/environment/environment.h"

#include <string.h>

enum { HASH_BYTES = 32 };

// What is asked about: reading settings, or secrets among them.
enum settings_kind { KIND_SETTINGS, KIND_SECRETS };

static void make_key(const uint8_t token[HASH_BYTES], const char *environment, uint8_t verdict,
                     uint8_t ret_key[HASH_BYTES]) {
    uint8_t text[HASH_BYTES + 1 + LIMIT_NAME_BYTES];
    size_t len = strlen(environment);
    memcpy(text, token, HASH_BYTES);
    text[HASH_BYTES] = verdict;
    memcpy(text + HASH_BYTES + 1, environment, len);
    digest_short(text, HASH_BYTES + 1 + len, ret_key, HASH_BYTES);
}

// A verdict on one token and environment; `keys` are those of "no" and "yes".
struct settings_verdict {
    enum settings_kind kind;
    const char *environment;
    uint8_t keys[2][HASH_BYTES];
    struct history_point point; // taken before the token is looked up
    bool is_following;
};

static bool recall(struct api *api, const struct settings_verdict *verdict, bool *ret_may) {
    for (int may = 0; may < 2 && verdict->is_following; may++) {
        if (reader_cache_has(api->settings_readers, verdict->keys[may], &verdict->point)) {
            *ret_may = may;
            return true;
        }
    }
    return false;
}

static bool recall_old(struct api *api, const struct settings_verdict *verdict, bool *ret_may) {
    bool may = reader_cache_had(api->settings_readers, verdict->keys[1]);
    *ret_may = may;
    return may || reader_cache_had(api->settings_readers, verdict->keys[0]);
}

static bool allows(const struct rights *rights, const struct settings_verdict *verdict) {
    return verdict->kind == KIND_SECRETS
               ? rights_allow(rights, SCOPE_ENVIRONMENT_SECRETS, verdict->environment)
               : rights_allow_settings(rights, verdict->environment);
}

static enum status ask_store(struct api *api, const struct request *request,
                             const struct settings_verdict *verdict, bool *ret_may,
                             struct error *err) {
    struct rights rights;
    enum status status = access_load_presented(api, request, &rights, err);
    if (status == STATUS_UNAVAILABLE && recall_old(api, verdict, ret_may)) {
        return STATUS_OK;
    }
    bool is_bad = status == STATUS_UNAUTHORIZED || status == STATUS_TOO_MANY;
    if (status && !is_bad) {
        return status;
    }
    bool may = !status && allows(&rights, verdict);
    if (!status && verdict->is_following) {
        reader_cache_add(api->settings_readers, verdict->keys[may], &verdict->point);
    }
    *ret_may = may;
    return STATUS_OK;
}

static enum status judge(struct api *api, const struct request *request,
                         struct settings_verdict *verdict, bool *ret_may, struct error *err) {
    uint8_t token[HASH_BYTES];
    *ret_may = false;
    if (environment_name_check(text_from(verdict->environment), NULL)) {
        return STATUS_OK; // there is none of this name
    }
    if (request->rights) {
        *ret_may = allows(request->rights, verdict);
        return STATUS_OK;
    }
    if (!access_find_presented(api, request, token)) {
        return STATUS_OK;
    }
    uint8_t first = (uint8_t)(2 * verdict->kind);
    make_key(token, verdict->environment, first, verdict->keys[0]);
    make_key(token, verdict->environment, first + 1, verdict->keys[1]);
    verdict->is_following = index_is_following(api->index);
    index_point(api->index, &verdict->point);
    return recall(api, verdict, ret_may) ? STATUS_OK
                                         : ask_store(api, request, verdict, ret_may, err);
}

enum status settings_may_read(struct api *api, const struct request *request,
                              const char *environment, bool *ret_may, struct error *err) {
    struct settings_verdict verdict = {
        .kind = KIND_SETTINGS, .environment = environment ? environment : ENVIRONMENT_DEFAULT};
    return judge(api, request, &verdict, ret_may, err);
}

enum status settings_may_read_secrets(struct api *api, const struct request *request,
                                      const char *environment, bool *ret_may, struct error *err) {
    struct settings_verdict verdict = {
        .kind = KIND_SECRETS, .environment = environment ? environment : ENVIRONMENT_DEFAULT};
    return judge(api, request, &verdict, ret_may, err);
}

void settings_mark_reply(struct reply *reply, bool has_settings) {
    reply->vary = "Authorization, Cookie";
    if (has_settings) {
        reply->cache_control = "private, no-cache";
    }
}
