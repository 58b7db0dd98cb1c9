// SPDX-License-Identifier: MIT
// A bucket of an S3-compatible object store: objects are written whole, read in spans and removed. Requests are signed,
// bounded in time, and repeated with growing pauses when the store fails or asks to be asked later. Any thread may call.
//
// Every call fails with: UNAVAILABLE (the store does not answer, or refuses; the log has the reason), NO_MEMORY, besides
// what its own comment says.
#pragma once

#include "registryd/object_store/object_gate.h"
#include "registryd/object_store/object_http.h"
#include "schema/base/arena.h"
#include "schema/base/log.h"

struct object_store;

// Texts are borrowed for the life of the store.
struct object_store_settings {
    const char *url;      // "s3://bucket/prefix"
    const char *endpoint; // "https://s3.example.com"; NULL: that of AWS in the region
    const char *region;
    bool is_path_style; // the bucket is part of the path, not of the host name
    const char *access_key;
    const char *secret_key;
    const char *session_token; // NULL: none
    const char *ca_file;       // NULL: the authorities of the machine
    int calls_max;             // at once; more wait a moment, and are refused while the store fails
    const struct log_sink *log;
};

// Connects lazily. *ret_store is owned. Fails with: USAGE (a setting is not valid), NO_MEMORY.
enum status object_store_open(const struct object_store_settings *settings,
                              struct object_store **ret_store, struct error *err);
void object_store_close(struct object_store *store);

// What is written, and the digest that the store checks it against.
struct object_bytes {
    struct object_source source;
    const uint8_t *sha256; // 32 bytes
};
// Fails as the source does, too.
enum status object_write(struct object_store *store, const char *key,
                         const struct object_bytes *bytes, struct error *err);

struct object_span {
    int64_t offset;
    char *room;
    size_t size; // of the span; all of it is read
};
// Fails with: NOT_FOUND.
enum status object_read(struct object_store *store, const char *key, const struct object_span *span,
                        struct error *err);

// One that is not there is removed already.
enum status object_remove(struct object_store *store, const char *key, struct error *err);

struct object_address {
    const char *key;
    const char *disposition; // the Content-Disposition of the answer
    int seconds;             // that it can be used
};
// An address that anybody can GET the object at. No request is sent. Arena; NULL when out of memory.
const char *object_presign(const struct object_store *store, struct arena *arena,
                           const struct object_address *address);

void object_store_counts(struct object_store *store, struct object_gate_counts *ret_counts);
