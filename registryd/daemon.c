// SPDX-License-Identifier: MIT
// The steps of the daemon's life, in the order they are taken. What must come before the first thread (signals,
// privileges, the supervisor's fork) stands before server_start; what must be read as root (the extractor's
// program, the snapshot key) stands before take_data_dir, which becomes the other user.
//
// The server answers before the database does: a supervisor of services sees a process that listens, /healthz
// says 200, and what needs the database says 503 until bring_up has succeeded. The main thread then only waits, for a
// signal or for word from PostgreSQL's supervisor.
//
// Between the signal and the stop lies the lame-duck time: everything is served, but /readyz says no. Going down is
// the way up backwards: no new requests, then the threads that follow changes, then the store,
// then PostgreSQL, and LOCK last of all.
#include "registryd/daemon.h"

#include "registryd/admin_token.h"
#include "registryd/threads/daemon_threads.h"
#include "registryd/access/known_names.h"
#include "registryd/access/limits.h"
#include "registryd/access/session.h"
#include "registryd/access/reader_cache.h"
#include "registryd/config/image_hosts.h"
#include "registryd/config/database_settings.h"
#include "registryd/data_dir.h"
#include "registryd/file_settings.h"
#include "registryd/extract/viewer.h"
#include "registryd/http/civetweb_shim.h"
#include "registryd/http/head/forwarded.h"
#include "registryd/http/listen.h"
#include "registryd/http/server.h"
#include "registryd/memory_limit.h"
#include "registryd/snapshot_key.h"
#include "registryd/vault/vault.h"
#include "registryd/postgres/data_lock.h"
#include "registryd/postgres/private_postgres.h"
#include "registryd/service/watchdog.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

enum {
    STORE_TIMEOUT_MS = 5000, // of one call
    FIRST_RETRY_MS = 100,    // to reach the database at the start; doubles
    LAST_RETRY_MS = 3000,
    SPARE_FDS = 512,              // besides one for each thread
    WISHED_FDS = 16384,           // descriptors, when the system allows it
    EXTRACTOR_TIMEOUT_MS = 10000, // of one artifact
    EXTRACTORS_AT_ONCE = 4,
    VIEW_TIMEOUT_MS = 6000, // of one text or file for a page
    VIEWS_AT_ONCE = 2,
};

struct daemon {
    const struct config *config;
    const struct log_sink *log;
    char *data_dir;                    // absolute; owned
    int lock_fd;                       // of the data directory
    int signal_fd;                     // signals, read like a file
    struct private_postgres *postgres; // NULL with a database URL
    struct api api;
    char public_host[256];
    int64_t accepted_history;           // number of the epoch that may be left; 0 = none
    struct signature_pair snapshot_key; // zeros when there is none
    char secrets_path[PATH_MAX];        // of the file of keys
    struct server *server;
    struct forwarded proxies;
    struct notify notify; // of the supervisor of services
    struct watchdog *watchdog;
    bool follows; // the feed's thread runs
    struct file_settings files;
    struct daemon_threads threads;
};

// ---- up ----

// Before any thread starts: threads inherit the mask, and a signal must reach the descriptor alone.
static enum status take_signals(struct daemon *daemon, struct error *err) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); // a parent that ignores it would keep us from waiting for ours
    int error = pthread_sigmask(SIG_BLOCK, &wanted, NULL);
    if (error) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot block signals: %s", strerror(error));
    }
    daemon->signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    return daemon->signal_fd < 0
               ? fail(err, STATUS_INTERNAL, NULL, "Cannot wait for signals: %s", strerror(errno))
               : STATUS_OK;
}

// As many descriptors as the system lets us have, within reason: waiting connections hold one each. Less
// than one for each thread is worth a word.
static void raise_limits(const struct daemon *daemon) {
    struct rlimit limit;
    rlim_t need = (rlim_t)daemon->config->threads + SPARE_FDS;
    rlim_t wish = need > WISHED_FDS ? need : WISHED_FDS;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wish) {
        return;
    }
    limit.rlim_cur = limit.rlim_max < wish ? limit.rlim_max : wish;
    if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < need) {
        log_event(daemon->log, LOG_LEVEL_WARNING,
                  "event=few-descriptors have=%llu want=%llu advice=\"raise ulimit -n\"",
                  (unsigned long long)limit.rlim_cur, (unsigned long long)need);
    }
}

// Both looks at the address come before what takes long or leaves traces: the first before anything at
// all is done, the second as the user who will bind.
static enum status read_address(struct daemon *daemon, struct error *err) {
    struct sockaddr_in address;
    enum status status = listen_parse(daemon->config->listen, &address, err);
    bool is_told = daemon->config->is_behind_tls_proxy || daemon->config->is_insecure_plain;
    if (!status && !listen_is_local(&address) && !is_told) {
        return fail(
            err, STATUS_USAGE, "listen",
            "Other machines can reach %s, and would send their tokens without encryption. Put "
            "a TLS proxy in front and set --behind-tls-proxy, or set --insecure-plain.",
            daemon->config->listen);
    }
    return status;
}

static enum status read_limits(struct daemon *daemon, struct error *err) {
    const struct config *config = daemon->config;
    const struct limit_settings settings = {
        .is_shared = config->database_url, // a private database has one daemon
        .requests_per_second = config->requests_per_second,
        .publishes_per_minute = config->publishes_per_minute,
        .new_names_per_hour = config->new_names_per_hour,
        .new_names_burst = config->new_names_burst,
        .bad_tokens = config->bad_tokens,
    };
    enum status status =
        forwarded_parse(config->proxies, config->proxy_count, &daemon->proxies, err);
    if (status) {
        return status;
    }
    status = image_hosts_check(config->image_hosts, err);
    if (status) {
        return status;
    }
    daemon->api.is_reading_closed = config->reading == READING_CLOSED;
    daemon->api.is_behind_tls = config->is_behind_tls_proxy;
    daemon->api.image_hosts = config->image_hosts;
    status = limits_new(&settings, &daemon->api.limits, err);
    if (status) {
        return status;
    }
    daemon->api.readers = reader_cache_new();
    daemon->api.settings_readers = reader_cache_new();
    daemon->api.known_names = calloc(1, sizeof(struct known_names));
    daemon->api.sessions = sessions_new();
    return daemon->api.readers && daemon->api.settings_readers && daemon->api.sessions &&
                   daemon->api.known_names
               ? STATUS_OK
               : fail_no_memory(err);
}

// "HOST" or "HOST:PORT" of a URL.
static enum status read_public_url(struct daemon *daemon, struct error *err) {
    const char *url = daemon->config->public_url;
    if (!url) {
        return STATUS_OK;
    }
    bool is_url = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    const char *host = is_url ? strstr(url, "://") + 3 : "";
    size_t len = strcspn(host, "/");
    if (!len || len >= sizeof daemon->public_host || strpbrk(host, "?#@ ")) {
        return fail(err, STATUS_USAGE, "public-url",
                    "\"%s\" is not a URL. Write it like https://plugins.example.org.", url);
    }
    memcpy(daemon->public_host, host, len);
    daemon->api.public_host = daemon->public_host;
    daemon->api.public_url = url;
    return STATUS_OK;
}

static enum status probe_address(struct daemon *daemon, struct error *err) {
    struct sockaddr_in address;
    return listen_probe(daemon->config->listen, &address, err);
}

// Before another user is taken on, who might not reach the program's folder.
static enum status open_extractor(struct daemon *daemon, struct error *err) {
    struct extractor_settings settings = {
        .program = daemon->config->extractor,
        .timeout_ms = EXTRACTOR_TIMEOUT_MS,
        .at_once = EXTRACTORS_AT_ONCE,
        .log = daemon->log,
    };
    daemon->api.release_open_days = daemon->config->release_open_days;
    daemon->api.max_artifact_bytes = (size_t)daemon->config->max_artifact_mib * 1024 * 1024;
    enum status status = extractor_open(&settings, &daemon->api.extractor, err);
    if (status) {
        return status;
    }
    settings.timeout_ms = VIEW_TIMEOUT_MS;
    settings.at_once = VIEWS_AT_ONCE;
    return viewer_open(&settings, &daemon->api.viewer, err);
}

// Likewise: the key may be root's.
static enum status load_snapshot_key(struct daemon *daemon, struct error *err) {
    char hex[SIGNATURE_KEY_HEX];
    if (!daemon->config->snapshot_key) {
        return STATUS_OK;
    }
    enum status status =
        snapshot_key_load(daemon->config->snapshot_key, &daemon->snapshot_key, err);
    if (status) {
        return status;
    }
    daemon->api.snapshot_key = &daemon->snapshot_key;
    signature_write_key(daemon->snapshot_key.public_key, hex);
    log_event(daemon->log, LOG_LEVEL_INFO, "event=snapshots-signed public_key=%s", hex);
    return STATUS_OK;
}

// Likewise: the keys of the object store.
static enum status open_files(struct daemon *daemon, struct error *err) {
    enum status status = file_settings_open(daemon->config, daemon->log, &daemon->files, err);
    if (!status && daemon->files.objects) {
        log_event(daemon->log, LOG_LEVEL_INFO, "event=files-in-objects url=%s",
                  daemon->config->files);
    }
    daemon->api.redirects_files = daemon->config->files_redirect;
    return status;
}

// The directory is made while we are root, if we are, and entered as the user that serves, which shows at once
// whether that user may use it.
static enum status take_data_dir(struct daemon *daemon, struct error *err) {
    struct account account;
    umask(0077);
    enum status status = account_find(daemon->config->user, &account, err);
    if (status) {
        return status;
    }
    status = data_dir_make(daemon->config->data_dir, &account, err);
    if (status) {
        return status;
    }
    status = account_become(&account, err);
    if (status) {
        return status;
    }
    status = data_dir_enter(daemon->config->data_dir, &account, &daemon->data_dir, err);
    if (status) {
        return status;
    }
    daemon->api.upload_dir = daemon->data_dir;
    return data_lock_take(daemon->data_dir, &daemon->lock_fd, err);
}

// The file is read when a secret is: a registry without secrets needs none, and a lost one stops nothing else.
static enum status make_vault(struct daemon *daemon, struct error *err) {
    const char *path = daemon->config->secrets_key;
    snprintf(daemon->secrets_path, sizeof daemon->secrets_path, "%s%s",
             path ? path : daemon->data_dir, path ? "" : "/secrets.key");
    daemon->api.vault = vault_new(daemon->secrets_path);
    return daemon->api.vault ? STATUS_OK : fail_no_memory(err);
}

// With a database URL there is no private PostgreSQL, and `postgres` stays NULL.
static enum status start_postgres(struct daemon *daemon, struct error *err) {
    const struct private_postgres_settings settings = {
        .data_dir = daemon->data_dir,
        .postgres_bin = daemon->config->postgres_bin,
        .operator_user = daemon->config->operator_user,
        .linger_seconds = daemon->config->linger_seconds,
        .log = daemon->log,
    };
    return daemon->config->database_url ? STATUS_OK
                                        : private_postgres_start(&settings, &daemon->postgres, err);
}

static enum status check_database(struct daemon *daemon, struct error *err) {
    return database_settings_check(daemon->config, &daemon->accepted_history, err);
}

static enum status open_store(struct daemon *daemon, struct error *err) {
    char history[PATH_MAX];
    if (snprintf(history, sizeof history, "%s/history", daemon->data_dir) >= (int)sizeof history) {
        return fail(err, STATUS_USAGE, "data-dir", "The path of the data directory is too long");
    }
    const struct store_settings settings = {
        .disk = daemon->postgres ? daemon->data_dir : NULL,
        .history_path = history,
        .accepted_history = daemon->accepted_history,
        .conninfo = daemon->postgres ? private_postgres_conninfo(daemon->postgres)
                                     : daemon->config->database_url,
        .owner_conninfo = daemon->postgres ? private_postgres_owner_conninfo(daemon->postgres)
                                           : daemon->config->database_owner_url,
        .read_conninfo = daemon->config->read_database_url,
        .direct_conninfo = daemon->config->database_direct_url,
        .is_pooled = daemon->config->database_pool_mode == POOL_MODE_TRANSACTION,
        .backup_role = daemon->postgres ? "registryd_backup" : NULL,
        .pool_size = daemon->config->pool_size,
        .timeout_ms = STORE_TIMEOUT_MS,
        .log = daemon->log,
        .objects = daemon->files.objects,
        .new_files = daemon->files.objects && daemon->config->files_new == FILES_NEW_OBJECTS
                         ? FILE_IN_OBJECTS
                         : FILE_IN_DATABASE,
        .grace_seconds = daemon->config->files_grace_seconds,
    };
    enum status status = store_open(&settings, &daemon->api.store, err);
    daemon->api.reading = status ? NULL : store_reading(daemon->api.store);
    return status;
}

static enum status make_index(struct daemon *daemon, struct error *err) {
    const struct index_settings settings = {
        .store = daemon->api.store,
        .reading = daemon->api.reading,
        .cache_bytes = (size_t)daemon->config->cache_mib * 1024 * 1024,
        .log = daemon->log,
    };
    return index_new(&settings, &daemon->api.index, err);
}

static enum status serve(struct daemon *daemon, struct error *err) {
    const struct config *config = daemon->config;
    const struct server_settings settings = {
        .listen = config->listen,
        .threads = config->threads,
        .connections_per_address = config->connections_per_address,
        .head_timeout_ms = config->head_seconds * 1000,
        .idle_timeout_ms = config->idle_seconds * 1000,
        .body_timeout_ms = config->body_seconds * 1000,
        .bodies_at_once = config->bodies_at_once,
        .memory_bytes = memory_limit_budget((size_t)config->memory_mib * 1024 * 1024),
        .api = &daemon->api,
        .log = daemon->log,
        .proxies = &daemon->proxies,
    };
    enum status status = server_start(&settings, &daemon->server, err);
    if (status) {
        return status;
    }
    log_event(daemon->log, LOG_LEVEL_INFO, "event=listening address=%s",
              server_address(daemon->server));
    return STATUS_OK;
}

static enum status watch(struct daemon *daemon, struct error *err) {
    struct sockaddr_in port;
    enum status status = listen_parse(server_address(daemon->server), &port, err);
    if (status) {
        return status;
    }
    notify_send(&daemon->notify, "STATUS=Listening on %s; preparing the database",
                server_address(daemon->server));
    return watchdog_start(&daemon->notify, &port, &daemon->watchdog, err);
}

CLEANUP_DEFINE(struct daemon *, stop_unless_taken, daemon_stop)

// The order matters: what needs root comes before account_become, what may fail on a wrong setting before
// the cluster starts, and the server last.
enum status daemon_start(const struct config *config, const struct log_sink *log,
                         struct daemon **ret_daemon, struct error *err) {
    typedef enum status step(struct daemon * daemon, struct error * err);
    static step *const steps[] = {
        check_database, read_address,      read_public_url, read_limits,   take_signals,
        open_extractor, load_snapshot_key, open_files,      take_data_dir, make_vault,
        probe_address,  start_postgres,    open_store,      make_index,    serve,
        watch};
    scoped(stop_unless_taken) struct daemon *daemon = calloc(1, sizeof *daemon);
    if (!daemon) {
        return fail_no_memory(err);
    }
    *daemon = (struct daemon){.config = config, .log = log, .lock_fd = -1, .signal_fd = -1};
    notify_init(&daemon->notify, log);
    raise_limits(daemon);
    memory_limit_tune();
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        enum status status = steps[i](daemon, err);
        if (status) {
            return status;
        }
    }
    *ret_daemon = take(daemon);
    return STATUS_OK;
}

// ---- running ----

// One attempt to make the database usable; each step may be repeated.
static enum status bring_up(struct daemon *daemon, struct error *err) {
    bool made = false;
    enum status status =
        daemon->postgres ? private_postgres_lend_owner(daemon->postgres, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = store_migrate(daemon->api.store, err);
    if (status) {
        return status;
    }
    if (daemon->postgres) {
        status = private_postgres_withdraw_owner(daemon->postgres, err);
    }
    if (status) {
        return status;
    }
    status = admin_token_ensure(daemon->data_dir, daemon->api.store, &made, err);
    if (status) {
        return status;
    }
    if (made) {
        log_event(daemon->log, LOG_LEVEL_INFO, "event=admin-token-created file=%s/admin.token",
                  daemon->data_dir);
    }
    if (!daemon->follows) {
        status = index_feed_start(daemon->api.index, err);
        daemon->follows = !status;
    }
    if (status) {
        return status;
    }
    const struct daemon_threads_settings threads = {
        .config = daemon->config,
        .api = &daemon->api,
        .has_objects = daemon->files.objects,
        .log = daemon->log,
    };
    status = daemon_threads_start(&daemon->threads, &threads, err);
    if (status) {
        return status;
    }
    atomic_store(&daemon->api.ready, true);
    log_event(daemon->log, LOG_LEVEL_INFO, "event=ready url=http://%s data_dir=\"%s\"",
              server_address(daemon->server), daemon->data_dir);
    return STATUS_OK;
}

// Whether trying again may help.
static bool passes(enum status status) {
    return status == STATUS_UNAVAILABLE || status == STATUS_UNKNOWN_OUTCOME ||
           status == STATUS_DISK_FULL || status == STATUS_NO_MEMORY || status == STATUS_TIMEOUT;
}

// Waits for a signal to stop, meanwhile looking after the supervisor. Its number, or 0; `timeout_ms` -1 = for ever.
static int wait_for_signal(struct daemon *daemon, int timeout_ms) {
    struct signalfd_siginfo info;
    struct pollfd waits[] = {
        {.fd = daemon->signal_fd, .events = POLLIN},
        {.fd = daemon->postgres ? private_postgres_fd(daemon->postgres) : -1, .events = POLLIN},
    };
    if (poll(waits, COUNT_OF(waits), timeout_ms) <= 0) {
        return 0;
    }
    if (waits[1].revents) {
        private_postgres_tend(daemon->postgres);
    }
    return read(daemon->signal_fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

// The first time, the start is over for the supervisor of services: also when the database is away, because
// registryd then serves what it can, and who waits for the start would wait for ever.
static void report_state(const struct daemon *daemon, bool is_first, const char *problem) {
    const char *ready = is_first ? "READY=1\n" : "";
    if (problem) {
        notify_send(&daemon->notify, "%sSTATUS=Waiting for the database: %.*s", ready,
                    (int)strcspn(problem, "\n"), problem);
    } else {
        notify_send(&daemon->notify, "%sSTATUS=Serving http://%s", ready,
                    server_address(daemon->server));
    }
}

// Proxies need this time to see that the daemon leaves, and to give up the connections that they keep. The supervisor
// of services is asked for as much patience.
static void serve_as_lame_duck(struct daemon *daemon) {
    enum { STOP_SECONDS = 60, USEC_PER_SECOND = 1000000 };
    const struct config *config = daemon->config;
    int64_t end_ms = receive_clock_ms() + (int64_t)config->lame_duck_seconds * 1000;
    int64_t left_ms = end_ms - receive_clock_ms();
    if (left_ms <= 0) {
        return;
    }
    server_leave(daemon->server);
    log_event(daemon->log, LOG_LEVEL_INFO, "event=lame-duck seconds=%d", config->lame_duck_seconds);
    notify_send(&daemon->notify,
                "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=Serving for %d more seconds before the stop",
                ((long long)config->lame_duck_seconds + config->drain_seconds + STOP_SECONDS) *
                    USEC_PER_SECOND,
                config->lame_duck_seconds);
    while (left_ms > 0 && !wait_for_signal(daemon, (int)left_ms)) {
        left_ms = end_ms - receive_clock_ms();
    }
}

static void leave(struct daemon *daemon, int signal_number) {
    log_event(daemon->log, LOG_LEVEL_INFO, "event=stopping signal=%s", sigabbrev_np(signal_number));
    serve_as_lame_duck(daemon);
}

// A database that is away at the start is waited for, with growing pauses; the server answers 503 meanwhile.
// Anything else ends the daemon, so that a supervisor sees it.
enum status daemon_run(struct daemon *daemon, struct error *err) {
    int retry_ms = FIRST_RETRY_MS;
    bool up = false;
    for (bool is_first = true;; is_first = false) {
        bool was_up = up;
        enum status status = up ? STATUS_OK : bring_up(daemon, err);
        if (status && !passes(status)) {
            return status;
        }
        if (status) {
            log_event(daemon->log, LOG_LEVEL_WARNING, "event=not-ready error=\"%s\" again_in_ms=%d",
                      err->message, retry_ms);
        }
        up = !status;
        if (!was_up) {
            report_state(daemon, is_first, status ? err->message : NULL);
        }
        int signal_number = wait_for_signal(daemon, up ? -1 : retry_ms);
        if (signal_number) {
            leave(daemon, signal_number);
            return STATUS_OK;
        }
        // 100, 200, 400 and so on, up to 3000 ms.
        retry_ms = retry_ms * 2 < LAST_RETRY_MS ? retry_ms * 2 : LAST_RETRY_MS;
    }
}

// ---- down ----

// In the reverse order of the start. Draining comes first: the requests under way are finished.
void daemon_stop(struct daemon *daemon) {
    if (!daemon) {
        return;
    }
    watchdog_stop(daemon->watchdog);
    notify_send(&daemon->notify, "STOPPING=1\nSTATUS=Finishing the requests in progress");
    if (daemon->server) {
        server_stop(daemon->server, daemon->config->drain_seconds * 1000);
    }
    daemon_threads_stop(&daemon->threads);
    if (daemon->follows) {
        index_feed_stop(daemon->api.index);
    }
    if (daemon->api.index) {
        index_free(daemon->api.index);
    }
    if (daemon->api.store) {
        store_close(daemon->api.store);
        file_settings_close(&daemon->files);
    }
    if (daemon->postgres) {
        private_postgres_stop(daemon->postgres);
    }
    reader_cache_free(daemon->api.readers);
    reader_cache_free(daemon->api.settings_readers);
    free(daemon->api.known_names);
    sessions_free(daemon->api.sessions);
    limits_free(daemon->api.limits);
    extractor_close(daemon->api.extractor);
    viewer_close(daemon->api.viewer);
    vault_free(daemon->api.vault);
    if (daemon->lock_fd >= 0) {
        close(daemon->lock_fd);
    }
    if (daemon->signal_fd >= 0) {
        close(daemon->signal_fd);
    }
    if (daemon->server) {
        log_event(daemon->log, LOG_LEVEL_INFO, "event=stopped");
    }
    free(daemon->data_dir);
    explicit_bzero(&daemon->snapshot_key, sizeof daemon->snapshot_key);
    free(daemon);
}
