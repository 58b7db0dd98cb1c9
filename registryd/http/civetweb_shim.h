// SPDX-License-Identifier: MIT
// What this program must do at the socket and civetweb 1.15 does not. civetweb calls poll, recv, accept
// and shutdown; the program's definitions take precedence over the C library's, and do more for threads
// that asked for it: the thread that accepts gets connections whose request has arrived (acceptor.h);
// a worker gives an idle connection back; bodies and replies get a deadline and a minimum rate (civetweb
// only measures the pause between two bytes); validate_layout gets to know where civetweb's buffer
// begins (civetweb skips white space before a request, then counts its bytes wrongly); and idle threads
// wake up when the server stops. For every other thread, and while a handler runs, they are the plain
// calls. State is per thread. The alternatives, a changed copy of civetweb or a server of our own, would
// have to be maintained in place of what Debian maintains.
#pragma once

#include "registryd/http/head/head_peek.h"
#include "registryd/http/pace.h"

#include <stdint.h>
#include <sys/socket.h>

// Monotonic, for deadlines.
int64_t receive_clock_ms(void);

// shutdown(socket, SHUT_WR), for every thread.
void receive_shutdown(int socket);

// ---- the thread that accepts ----

struct receive_source {
    // Waits until a connection may be served; false when the time is over.
    bool (*wait)(void *context, int listening, int timeout_ms);
    // The connection that was found: its socket; -1 when there is none.
    int (*take)(void *context, struct sockaddr *ret_peer, socklen_t *size);
    void *context;
};

// From now on this thread waits for `source` in place of the listening socket. Borrowed for ever.
void receive_accept_begin(const struct receive_source *source);

// ---- threads that serve ----

struct receive_watch {
    size_t buffer_bytes; // of civetweb's buffer for request line and headers
    int wake_fd;         // when it is readable, waiting ends as if the time were over
    // Called once for each connection, when its socket is known; true when what has not arrived by now
    // is not to be waited for.
    bool (*begin)(void *context, int socket);
    bool (*is_crowded)(void *context); // other requests wait for this thread
    // A thread that waits for its client for long needs a place among those that may; false = it may not.
    bool (*begin_slow)(void *context);
    void (*end_slow)(void *context);
    void *context;
};

// A new connection begins on this thread; its socket is known from the first wait on.
void receive_connection_begin(void);

// The connection has been closed. A duplicate of its socket when it is to be kept open, else -1.
int receive_connection_end(void);

// From now on this thread waits for a request. `watch` is borrowed until receive_head_end.
void receive_head_begin(const struct receive_watch *watch);

// From now on reads are not ours: the request is being answered.
void receive_head_end(void);

// So many received bytes belong to the request that is being served. When all have been counted,
// nothing of the next request is in civetweb's buffer, and the connection can be given back.
void receive_count(size_t bytes);

// The buffer the last head was read into. ptr is NULL before the first read.
struct text receive_buffer(void);

// Why civetweb could not read the last head.
enum head_state receive_fault(void);

// A wait for the client of more than a quarter of a second needs a place (begin_slow).
//
// Around mg_read and mg_write: waiting fails once the deadline has passed or the client is too slow. A
// connection that was not read from by then is shut down. What civetweb had received before counts as
// part of the first window.
void receive_deadline_begin(const struct receive_pace *pace);
void receive_deadline_end(void);

// Whether the client closed its side since the deadline was set.
bool receive_is_closed(void);

// Whether the wait ended because too many threads wait for slow clients.
bool receive_is_refused(void);

// After the last bytes of an answer: says that no more will come, then reads and throws away what
// the client is still sending, up to `max_bytes` and `max_ms`. Closing with unread bytes would make
// the kernel reset the connection, and the client would never see the answer.
void receive_drain(size_t max_bytes, int max_ms);
