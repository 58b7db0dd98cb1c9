// SPDX-License-Identifier: MIT
// The life of an object, and who may end it:
//
//   claimed ── written ── used up (a file refers to it; it stays)
//      │           │
//      └───────────┴───── condemned (committed) ── removed ── the claim is deleted
//
// Using up and condemning change the same row, so one of them waits for the other and then finds that it came too late.
// Between condemning and the last step the daemon may die: the claim comes up again, and removing twice is harmless,
// because no other attempt ever has the same key. A write that got no answer may still be on its way to the store, so
// such a claim is kept for the time of grace, and its object is removed once more at its end. Called by the threads of
// requests and by the collector.
#include "registryd/store/files/object_claims.h"

#include "registryd/object_store/object_store.h"
#include "schema/base/arena.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { COLLECTED_AT_ONCE = 100, AGAIN_SECONDS_MAX = 60 };

static const struct db_column key_column = {"key", DB_COLUMN_CHARS, 0, FILE_KEY_SIZE};
static const struct db_columns key_columns = {&key_column, 1, 0, NULL};

// When an object that could not be removed comes up again.
static int64_t again_seconds(const struct store *store) {
    return store->grace_seconds < AGAIN_SECONDS_MAX ? store->grace_seconds : AGAIN_SECONDS_MAX;
}

// Two letters in front spread the objects for people and tools that list folders.
static enum status make_key(const uint8_t sha256[32], char ret_key[FILE_KEY_SIZE],
                            struct error *err) {
    char hex[DIGEST_HEX_SIZE];
    uint64_t chance;
    digest_hex(sha256, hex);
    if (getrandom(&chance, sizeof chance, 0) != sizeof chance) {
        return fail(err, STATUS_INTERNAL, NULL, "The system has no random numbers");
    }
    snprintf(ret_key, FILE_KEY_SIZE, "%.2s/%s-%016" PRIx64, hex, hex, chance);
    return STATUS_OK;
}

enum status object_claim_begin(struct store *store, const uint8_t sha256[32],
                               char ret_key[FILE_KEY_SIZE], struct error *err) {
    char key[FILE_KEY_SIZE];
    enum status status = make_key(sha256, key, err);
    if (status) {
        return status;
    }
    struct db_call call = {SQL_OBJECT_CLAIM_ADD,
                           .values = {[OBJECT_CLAIM_ADD_KEY] = db_text(key),
                                      [OBJECT_CLAIM_ADD_SECONDS] = db_int64(store->grace_seconds)}};
    status = store_run_one(store, &(struct store_query){.call = &call}, NULL, NULL, err);
    if (status == STATUS_UNKNOWN_OUTCOME) {
        // A claim without an object costs nothing: the collector ends it.
        return fail(err, STATUS_UNAVAILABLE, NULL, "The connection to the database was lost");
    }
    if (status) {
        return status;
    }
    memcpy(ret_key, key, sizeof key);
    return STATUS_OK;
}

enum status object_claim_use(struct db *db, const uint8_t sha256[32], const char *key,
                             struct error *err) {
    struct db_call call = {SQL_OBJECT_CLAIM_USE,
                           .values = {[OBJECT_CLAIM_USE_SHA256] = db_bytes(sha256, DIGEST_SIZE),
                                      [OBJECT_CLAIM_USE_KEY] = db_text(key)}};
    struct store_query query = {.call = &call, .columns = &key_columns};
    char used[FILE_KEY_SIZE];
    bool is_used = false;
    enum status status = store_run_one_on(db, &query, used, &is_used, err);
    if (status) {
        return status;
    }
    return is_used ? STATUS_OK
                   : fail(err, STATUS_UNAVAILABLE, NULL,
                          "The upload took longer than --files-grace-seconds. Retry the request");
}

// ---- the end of an object ----

// `seconds`: how long ago the claim must have been condemned before it ends.
static enum status end_object(struct store *store, const char *key, int64_t seconds,
                              struct error *err) {
    struct db_call call = {
        SQL_OBJECT_CLAIM_END,
        .values = {
            [OBJECT_CLAIM_END_KEY] = db_text(key), [OBJECT_CLAIM_END_SECONDS] = db_int64(seconds)}};
    enum status status = object_remove(store->objects, key, err);
    return status ? status
                  : store_run_one(store, &(struct store_query){.call = &call}, NULL, NULL, err);
}

void object_claim_give_up(struct store *store, const char *key, bool is_written) {
    struct db_call call = {
        SQL_OBJECT_CLAIM_CONDEMN,
        .values = {[OBJECT_CLAIM_CONDEMN_KEY] = db_text(key),
                   [OBJECT_CLAIM_CONDEMN_SECONDS] = db_int64(again_seconds(store))}};
    struct store_query query = {.call = &call, .columns = &key_columns};
    char condemned[FILE_KEY_SIZE];
    struct error later; // whatever fails here, the collector does again
    bool is_ours = false;
    if (!store_run_one(store, &query, condemned, &is_ours, &later) && is_ours) {
        end_object(store, key, is_written ? 0 : store->grace_seconds, &later);
    }
}

static enum status condemn_expired(struct store *store, struct arena *arena,
                                   struct store_list *list, struct error *err) {
    struct db_call call = {
        SQL_OBJECT_CLAIMS_CONDEMN,
        .values = {[OBJECT_CLAIMS_CONDEMN_LIMIT] = db_int64(COLLECTED_AT_ONCE),
                   [OBJECT_CLAIMS_CONDEMN_SECONDS] = db_int64(again_seconds(store))}};
    struct store_query query = {.call = &call, .columns = &key_columns, .arena = arena};
    return store_run_many(store, &query, list, err);
}

enum status store_objects_collect(struct store *store, int *ret_removed, struct error *err) {
    struct store_list list = {.item_size = FILE_KEY_SIZE};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    int removed = 0;
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = store->objects ? condemn_expired(store, arena, &list, err) : STATUS_OK;
    for (size_t i = 0; !status && i < list.count; i++) {
        status = end_object(store, (const char *)list.items + i * FILE_KEY_SIZE,
                            store->grace_seconds, err);
        removed += !status;
    }
    if (status) {
        return status;
    }
    *ret_removed = removed;
    return STATUS_OK;
}
