// SPDX-License-Identifier: MIT
// What the server_*.c files share: the server, one request under way, and the steps of it that stand in
// files of their own. Called on civetweb's worker threads.
#pragma once

#include "registryd/api/monitoring/metrics.h"
#include "registryd/http/acceptor.h"
#include "registryd/http/civetweb_shim.h"
#include "registryd/http/server_settings.h"
#include "registryd/request/byte_source.h"

struct mg_connection;
struct mg_context;
struct mg_request_info;

struct server {
    struct server_settings settings;      // with the defaults filled in
    struct router router;                 // finds the row of a request
    struct mg_context *civetweb;          // its own threads; owned
    struct acceptor *acceptor;            // owned
    struct receive_source source;         // the acceptor, as the shim sees it
    struct receive_watch watch;           // wake_fd is readable once the server stops
    struct refusal_log *refusals;         // owned
    struct shares *bodies;                // places for bodies; owned
    struct shares *memory;                // bytes of bodies and answers under way; owned
    struct shares *waiters;               // long polls; owned
    struct shares *slow;                  // threads that wait for their clients; owned
    struct metrics_route *metrics_routes; // owned
    struct metrics *metrics;              // owned; NULL = nothing is counted
    struct trimmer *trimmer;              // owned
    char address[64];                     // "127.0.0.1:7621", as it listens
    uint32_t id_prefix;                   // so that the request ids of two runs differ
    atomic_uint id_counter;               // of request ids
    atomic_bool is_leaving;               // connections are closed after their answer
};

enum { HALF_ID_DIGITS = 8, REQUEST_ID_SIZE = 2 * HALF_ID_DIGITS + 2 };

// One request under way.
struct transaction {
    struct server *server;
    struct mg_connection *connection;   // civetweb's
    const struct mg_request_info *info; // civetweb's view of the request
    struct exchange exchange;           // request and reply, as handlers see them
    struct request_head head;           // after validation
    char request_id[REQUEST_ID_SIZE];   // in the log and in problems
    char client[CLIENT_ADDRESS_SIZE];   // its address, behind trusted proxies
    int64_t began_ns;                   // monotonic, for the time it took
    int64_t began_ms;                   // monotonic, for deadlines
    bool is_unreadable;                 // civetweb's split of it means nothing
    bool must_close;                    // the connection cannot serve another request
    bool has_unread_bytes;              // of a body that was refused
    bool is_shed;                       // refused because of the load, not because of a fault
    uint64_t key;                       // of the client, or of its token, among the shares
    bool holds_body_place;              // give it back at the end
    size_t held_bytes;                  // of the memory budget
    size_t heap_bytes; // of them, those that malloc gets back: not the mapping of a large body
    void *large_body;  // a mapping of its own, of as many bytes as the head says and a NUL; or NULL
    struct byte_source source;       // of a body that the handler reads
    struct receive_pace source_pace; // of that
    size_t source_bytes;             // read so far
    size_t sent_bytes;               // of the answer
};

// ---- server_exchange.c ----

// Answers a request civetweb could read. Returns the status code sent.
int server_exchange(struct server *server, struct mg_connection *connection);

// Answers one it could not read; `code` is the status civetweb would have sent.
void server_exchange_unreadable(struct server *server, struct mg_connection *connection, int code);

// Frees what the calling thread kept for its next request.
void server_exchange_thread_done(void);

// ---- server_body.c ----

// For whom this thread waits when its client is slow: an address, or a token as soon as it is known.
void transaction_set_key(uint64_t key);

// A worker that waits for its client for more than a quarter of a second needs one of these places: a
// quarter of the threads, and a sixteenth for one client. `context` is the server.
bool transaction_begin_slow(void *context);
void transaction_end_slow(void *context);

// How fast so many bytes must come or go: within `body_timeout_ms` and a second for each of
// `body_bytes_per_second`, and in every ten seconds at least a sixteenth of that rate.
struct receive_pace transaction_pace(const struct transaction *transaction, size_t len);

// Takes `bytes` from the memory budget for this transaction, waiting up to `wait_ms`.
// Fails with: TOO_MANY (this client holds too much), NO_MEMORY (all do).
enum status transaction_take_memory(struct transaction *transaction, size_t bytes, int wait_ms,
                                    struct error *err);

// Reads the body, if there is one, into the request; on a route that takes files, only prepares its reading by
// the handler. Bodies over 64 KiB need a place and memory from
// the budget, and get a mapping of their own, which goes back to the system at its end.
// Fails with: TOO_MANY, UNAVAILABLE, MALFORMED (it ended early), TIMEOUT, NO_MEMORY.
enum status transaction_body_begin(struct transaction *transaction);

// Gives back what transaction_body_begin took: the body is gone.
void transaction_body_end(struct transaction *transaction);
