// SPDX-License-Identifier: MIT
// The threads that work beside the requests and the feed: each does one thing over and over, and none is needed for an
// answer. Started once the database is usable; used by the daemon's main thread alone.
#pragma once

#include "registryd/config/config.h"
#include "registryd/request/api.h"

struct daemon_threads {
    struct search_indexer *search_indexer;
    struct standby_watcher *standby_watcher; // NULL without a standby
    struct limit_sharer *limit_sharer;       // NULL with a private database
    struct file_collector *file_collector;   // NULL without an object store
};

struct daemon_threads_settings {
    const struct config *config;
    struct api *api;
    bool has_objects; // files are in an object store
    const struct log_sink *log;
};

// Starts those that do not run yet, so it may be repeated after a failure. Fails with: NO_MEMORY, INTERNAL.
enum status daemon_threads_start(struct daemon_threads *threads,
                                 const struct daemon_threads_settings *settings, struct error *err);

// Waits for each to end what it is doing.
void daemon_threads_stop(struct daemon_threads *threads);
