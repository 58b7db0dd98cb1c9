// SPDX-License-Identifier: MIT
// One row a thread: whether these settings want it, and how it starts. They are stopped in the order in which they
// were started, before the feed and the store that they use.
#include "registryd/threads/daemon_threads.h"

#include "registryd/threads/file_collector.h"
#include "registryd/threads/limit_sharer.h"
#include "registryd/threads/search_indexer.h"
#include "registryd/threads/standby_watcher.h"

static enum status start_indexer(struct daemon_threads *threads,
                                 const struct daemon_threads_settings *settings,
                                 struct error *err) {
    struct api *api = settings->api;
    return threads->search_indexer ? STATUS_OK
                                   : search_indexer_start(api->store, api->index, settings->log,
                                                          &threads->search_indexer, err);
}

static enum status start_watcher(struct daemon_threads *threads,
                                 const struct daemon_threads_settings *settings,
                                 struct error *err) {
    bool is_wanted = settings->config->read_database_url && !threads->standby_watcher;
    return is_wanted ? standby_watcher_start(settings->api->store, &threads->standby_watcher, err)
                     : STATUS_OK;
}

// A private database has one daemon, so nothing is shared.
static enum status start_sharer(struct daemon_threads *threads,
                                const struct daemon_threads_settings *settings, struct error *err) {
    bool is_wanted = settings->config->database_url && !threads->limit_sharer;
    return is_wanted ? limit_sharer_start(settings->api->store, settings->api->limits,
                                          settings->log, &threads->limit_sharer, err)
                     : STATUS_OK;
}

// Only an object store keeps what a failed upload has sent.
static enum status start_collector(struct daemon_threads *threads,
                                   const struct daemon_threads_settings *settings,
                                   struct error *err) {
    enum { TURN_SECONDS_MAX = 60 };
    int grace = settings->config->files_grace_seconds;
    int turn = grace < TURN_SECONDS_MAX ? grace : TURN_SECONDS_MAX;
    bool is_wanted = settings->has_objects && !threads->file_collector;
    return is_wanted ? file_collector_start(settings->api->store, turn, settings->log,
                                            &threads->file_collector, err)
                     : STATUS_OK;
}

enum status daemon_threads_start(struct daemon_threads *threads,
                                 const struct daemon_threads_settings *settings,
                                 struct error *err) {
    typedef enum status start(struct daemon_threads *, const struct daemon_threads_settings *,
                              struct error *);
    static start *const starts[] = {start_indexer, start_watcher, start_sharer, start_collector};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        enum status status = starts[i](threads, settings, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

void daemon_threads_stop(struct daemon_threads *threads) {
    search_indexer_stop(threads->search_indexer);
    standby_watcher_stop(threads->standby_watcher);
    limit_sharer_stop(threads->limit_sharer);
    file_collector_stop(threads->file_collector);
}
