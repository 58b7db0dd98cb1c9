// SPDX-License-Identifier: MIT
// A new key, while secrets are set and read:
//
//     1. the file gets the new key before the old ones, so that all daemons that read it can open everything
//     2. the registry names the new key; a change that sealed with the old one is refused by the store and made again
//     3. each secret of another key is opened and sealed again, unless it was set anew meanwhile
//     4. when none is left, the old keys leave the file
//
// A crash at any point leaves a file with both keys; the next rotation ends what this one began.
#include "registryd/api/secrets/handlers.h"

#include "registryd/request/body.h"
#include "registryd/request/query.h"
#include "registryd/store/settings/store_secrets.h"
#include "registryd/vault/vault.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

enum { PAGE_SECRETS = 100 };

struct rotate_wish {
    bool forget_lost; // remove what no key opens
};

struct rotation {
    struct api *api;
    const struct rotate_wish *wish;
    char key_id[VAULT_ID_SIZE];
    json_int_t sealed;  // again
    json_int_t removed; // because they were lost
    json_int_t lost;    // and stay
};

// Opens a secret and seals it under the new key. *ret_sealed is NULL when no key opens it.
static enum status reseal(const struct rotation *rotation, struct arena *arena,
                          const struct secret_row *row, const char **ret_sealed,
                          struct error *err) {
    const struct vault_place place = {row->environment, row->package, row->group, row->name,
                                      row->pointer};
    const struct vault_sealed sealed = {place, row->key_id, row->sealed};
    struct vault_clear clear = {place, rotation->key_id, NULL};
    struct error lost;
    *ret_sealed = NULL;
    enum status status = vault_open(rotation->api->vault, arena, &sealed, &clear.text, &lost);
    if (status == STATUS_UNAVAILABLE) {
        return STATUS_OK;
    }
    return status ? fail_no_memory(err)
                  : vault_seal(rotation->api->vault, arena, &clear, ret_sealed, err);
}

static enum status rotate_one(struct rotation *rotation, struct arena *arena,
                              const struct secret_row *row, struct error *err) {
    struct secret_resealed change = {row, rotation->key_id, NULL};
    bool done = false;
    enum status status = reseal(rotation, arena, row, &change.sealed, err);
    if (status) {
        return status;
    }
    if (!change.sealed && !rotation->wish->forget_lost) {
        rotation->lost++;
        return STATUS_OK;
    }
    status = store_secret_reseal(rotation->api->store, &change, &done, err);
    rotation->sealed += done && change.sealed;
    rotation->removed += done && !change.sealed;
    return status;
}

// The place of the last row outlives the arena of its page.
static enum status rotate_page(struct rotation *rotation, struct arena *kept,
                               struct secret_row *after, bool *ret_more, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct secrets_page page = {rotation->key_id, after->environment ? after : NULL,
                                      PAGE_SECRETS};
    struct secret_rows rows = {0};
    enum status status =
        arena ? store_other_secrets_load(rotation->api->store, arena, &page, &rows, err)
              : fail_no_memory(err);
    for (size_t i = 0; !status && i < rows.count; i++) {
        status = rotate_one(rotation, arena, &rows.items[i], err);
    }
    *ret_more = !status && rows.count == PAGE_SECRETS;
    if (!*ret_more) {
        return status;
    }
    const struct secret_row *last = &rows.items[rows.count - 1];
    *after = (struct secret_row){arena_strdup(kept, last->environment),
                                 arena_strdup(kept, last->package), arena_strdup(kept, last->group),
                                 arena_strdup(kept, last->name), arena_strdup(kept, last->pointer)};
    bool is_kept =
        after->environment && after->package && after->group && after->name && after->pointer;
    return is_kept ? STATUS_OK : fail_no_memory(err);
}

static enum status rotate_all(struct rotation *rotation, struct error *err) {
    scoped(cleanup_arena) struct arena *kept = arena_new(0);
    struct secret_row after = {0};
    bool more = true;
    enum status status = kept ? STATUS_OK : fail_no_memory(err);
    while (!status && more) {
        status = rotate_page(rotation, kept, &after, &more, err);
    }
    return status;
}

// A lost key stops the rotation before anything is done, unless what it sealed is given up.
static enum status begin(struct rotation *rotation, const struct request *request,
                         const char *present, struct error *err) {
    char present_id[VAULT_ID_SIZE];
    bool done = false;
    enum status status = rotation->wish->forget_lost
                             ? STATUS_OK
                             : vault_ready(rotation->api->vault, present, present_id, err);
    if (status) {
        return status;
    }
    status = vault_add_key(rotation->api->vault, rotation->key_id, err);
    if (status) {
        return status;
    }
    const struct secrets_key_change change = {rotation->key_id, present, request->actor};
    status = store_secrets_key_set(rotation->api->store, &change, &done, err);
    return status || done ? status
                          : fail(err, STATUS_CONFLICT, NULL,
                                 "Another rotation changed the key at the same moment.");
}

static enum status rotate(struct rotation *rotation, const struct request *request,
                          const char *present, struct error *err) {
    enum status status = begin(rotation, request, present, err);
    if (status) {
        return status;
    }
    status = rotate_all(rotation, err);
    if (status || rotation->lost) {
        return status;
    }
    return vault_keep_only(rotation->api->vault, rotation->key_id, err);
}

enum status secrets_rotate(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    static const struct object_member members[] = {
        {"forget_lost", MEMBER_FLAG, offsetof(struct rotate_wish, forget_lost)},
    };
    static const struct body_form form = {"A rotation", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES, .may_be_empty = true};
    struct rotate_wish wish = {0};
    struct rotation rotation = {.api = api, .wish = &wish};
    const char *present = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &wish, err);
    if (status) {
        return status;
    }
    status = store_secrets_key_load(api->store, request->arena, &present, err);
    if (status) {
        return status;
    }
    status = present ? rotate(&rotation, request, present, err) : STATUS_OK;
    if (status) {
        return status;
    }
    return reply_json(request, reply,
                      json_pack("{s:b,s:o,s:I,s:I,s:I}", "changed", present != NULL, "key_id",
                                json_text(present ? rotation.key_id : NULL), "sealed",
                                rotation.sealed, "removed", rotation.removed, "lost",
                                rotation.lost),
                      err);
}
