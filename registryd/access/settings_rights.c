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

static void make_key(const uint8_t token[HASH_BYTES], const char *environment, bool may,
                     uint8_t ret_key[HASH_BYTES]) {
    uint8_t text[HASH_BYTES + 1 + LIMIT_NAME_BYTES];
    size_t len = strlen(environment);
    memcpy(text, token, HASH_BYTES);
    text[HASH_BYTES] = may;
    memcpy(text + HASH_BYTES + 1, environment, len);
    digest_short(text, HASH_BYTES + 1 + len, ret_key, HASH_BYTES);
}

// A verdict on one token and environment; `keys` are those of "no" and "yes".
struct settings_verdict {
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

static enum status ask_store(struct api *api, const struct request *request,
                             const char *environment, const struct settings_verdict *verdict,
                             bool *ret_may, struct error *err) {
    struct rights rights;
    enum status status = access_load_presented(api, request, &rights, err);
    if (status == STATUS_UNAVAILABLE && recall_old(api, verdict, ret_may)) {
        return STATUS_OK;
    }
    bool is_bad = status == STATUS_UNAUTHORIZED || status == STATUS_TOO_MANY;
    if (status && !is_bad) {
        return status;
    }
    bool may = !status && rights_allow_settings(&rights, environment);
    if (!status && verdict->is_following) {
        reader_cache_add(api->settings_readers, verdict->keys[may], &verdict->point);
    }
    *ret_may = may;
    return STATUS_OK;
}

enum status settings_may_read(struct api *api, const struct request *request,
                              const char *environment, bool *ret_may, struct error *err) {
    uint8_t token[HASH_BYTES];
    struct settings_verdict verdict;
    environment = environment ? environment : ENVIRONMENT_DEFAULT;
    *ret_may = false;
    if (environment_name_check(text_from(environment), NULL)) {
        return STATUS_OK; // there is none of this name
    }
    if (request->rights) {
        *ret_may = rights_allow_settings(request->rights, environment);
        return STATUS_OK;
    }
    if (!access_find_presented(api, request, token)) {
        return STATUS_OK;
    }
    make_key(token, environment, false, verdict.keys[0]);
    make_key(token, environment, true, verdict.keys[1]);
    verdict.is_following = index_is_following(api->index);
    index_point(api->index, &verdict.point);
    return recall(api, &verdict, ret_may)
               ? STATUS_OK
               : ask_store(api, request, environment, &verdict, ret_may, err);
}

void settings_mark_reply(struct reply *reply, bool has_settings) {
    reply->vary = "Authorization, Cookie";
    if (has_settings) {
        reply->cache_control = "private, no-cache";
    }
}
