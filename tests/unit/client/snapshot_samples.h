// SPDX-License-Identifier: MIT
// Small snapshots and a folder to keep them in, for the tests of the last-known-good file.
#pragma once

#include "client/snapshot/snapshot_replace.h"
#include "schema/snapshot/snapshot_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char sample_url[] = "http://127.0.0.1:7621";
static const char sample_query[] = "environment=default";
static const char epoch_one[] = "11111111-1111-1111-1111-111111111111";
static const char epoch_two[] = "22222222-2222-2222-2222-222222222222";

// A new folder, in memory where there is such a place: syncing costs nothing there.
static inline void sample_folder(char ret_folder[64]) {
    strcpy(ret_folder, "/dev/shm/registryd-test.XXXXXX");
    if (!mkdtemp(ret_folder)) {
        strcpy(ret_folder, "/tmp/registryd-test.XXXXXX");
        assert_non_null(mkdtemp(ret_folder));
    }
}

// Encodes two groups whose version is the serial; signed when `pair` is given. Done by buffer_done.
static inline void sample_encode(const struct snapshot_origin *origin,
                                 const struct signature_pair *pair, struct buffer *ret_bytes) {
    struct arena *arena = arena_new(0);
    struct records records = {0};
    static const char *const groups[] = {"a.plugins", "b.plugins"};
    for (size_t i = 0; i < 2; i++) {
        struct record *record = records_add(arena, &records);
        record->group = groups[i];
        record->name = "crm";
        record->value = "crm:plugin";
        record->package = "crm";
        record->source = "registry";
        record->version = arena_printf(arena, "%lld", (long long)origin->serial);
        record->settings = "{\"colour\":\"blue\"}";
    }
    assert_int_equal(snapshot_encode(origin, &records, NULL, ret_bytes, NULL), STATUS_OK);
    if (pair) {
        snapshot_sign(ret_bytes, pair);
    }
    arena_free(arena);
}

static inline struct snapshot_origin sample_origin(const char *epoch, int64_t serial) {
    return (struct snapshot_origin){.epoch = epoch,
                                    .serial = serial,
                                    .made_at_seconds = 1000000 + serial,
                                    .environment = "default",
                                    .query = sample_query};
}

static inline struct snapshot_selector sample_selector(const char *path) {
    return (struct snapshot_selector){
        .url = sample_url, .environment = "default", .query = sample_query, .path = path};
}

// Puts a snapshot of this origin where the wish wants it.
static inline enum status sample_put(const struct snapshot_selector *selector,
                                     const struct snapshot_origin *origin,
                                     const struct signature_pair *pair, struct error *err) {
    struct buffer bytes;
    struct arena *arena = arena_new(0);
    struct snapshot_path location;
    bool is_replaced;
    sample_encode(origin, pair, &bytes);
    struct text text = {bytes.ptr, bytes.len};
    enum status failed = snapshot_cache_find(arena, selector, &location, err);
    failed = failed ? failed : snapshot_replace(selector, &location, &text, &is_replaced, err);
    buffer_done(&bytes);
    arena_free(arena);
    return failed;
}

// The serial of what is kept, with both groups read and checked; 0 when nothing usable is there.
static inline int64_t sample_serial(const struct snapshot_selector *selector,
                                    enum status *ret_status) {
    struct arena *arena = arena_new(0);
    struct snapshot_file file = {0};
    struct snapshot_group group;
    enum status status = snapshot_cache_load(arena, selector, &file, NULL);
    status = status ? status : snapshot_file_find(&file, "a.plugins", &group, NULL);
    status = status ? status : snapshot_file_find(&file, "b.plugins", &group, NULL);
    int64_t serial = status ? 0 : file.snapshot.origin.serial;
    snapshot_file_close(&file);
    arena_free(arena);
    *ret_status = status;
    return serial;
}
