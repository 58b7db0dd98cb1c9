// SPDX-License-Identifier: MIT
// What every handler works with. The handlers are in the folders of registryd/api, one for each
// kind of resource, and in registryd/web/pages. The route table (http/routes.c) lists them all.
#pragma once

#include "registryd/request/request.h"
#include "registryd/extract/viewer.h"
#include "registryd/index/index.h"
#include "registryd/store/store.h"

struct known_names;
struct limits;
struct metrics;
struct reader_cache;
struct sessions;
struct shares;
struct vault;

// There is one for the whole daemon, filled before the first request. What it points at outlives
// every request, so a handler borrows all of it.
struct api {
    struct store *store;   // everything that is kept
    struct store *reading; // the same for what only shows: a standby may answer (store_reading)
    struct index *index;   // answers from memory
    struct extractor *extractor; // reads artifacts; NULL where none are taken (tests)
    struct viewer *viewer;       // shows descriptions and files; likewise
    const char *upload_dir;      // where unnamed files of uploads lie; NULL = the system's
    int release_open_days;       // that a release takes files after its first one; 0 = for ever
    size_t max_artifact_bytes;   // of one upload
    bool redirects_files;        // downloads are sent on to the object store
    bool is_reading_closed;      // reading needs a token
    const char *image_hosts;     // whose pictures pages show; NULL = none
    bool is_behind_tls;          // browsers come by TLS, by way of a proxy
    struct vault *vault;         // the keys of secrets
    const struct signature_pair *snapshot_key; // who signs snapshots; NULL: nobody
    struct sessions *sessions;                 // of people on the pages; NULL: no signing in
    struct metrics *metrics;                   // NULL = nothing is counted
    struct reader_cache *settings_readers;     // verdicts on who may read settings; NULL = as below
    struct reader_cache *readers;              // NULL = every request asks the store
    struct limits *limits;                     // NULL = none
    struct known_names *known_names;           // NULL = every publish asks for the name first
    const char *public_host; // "HOST" or "HOST:PORT" of --public-url; NULL = any Host is fine
    const char *public_url;  // --public-url; NULL = what a client calls it
    struct shares *waiters;  // requests that wait for a change; NULL = unlimited
    size_t waiters_max;      // of all clients; one may have a quarter
    atomic_bool ready;       // migrations done, feed following
    atomic_bool leaving;     // about to stop: served, but not ready
    atomic_bool draining;    // stopping: nothing waits any longer
};

// Answers one request. On a status other than OK the router turns *err and *findings into a problem.
typedef enum status api_handler(struct api *api, const struct request *request, struct reply *reply,
                                struct findings *findings, struct error *err);
