// SPDX-License-Identifier: MIT
// What this program must know of the socket and civetweb 1.15 does not tell or do. Its threads wait
// with poll(2) and read with recv(2); receive.c defines both names, they take precedence over the C
// library's, do the same, and more for threads that asked for it:
//  - bodies and replies get a deadline: civetweb only measures the pause between two bytes, so a
//    client that sends or takes one now and then could hold a thread for ever;
//  - validate_layout gets to know where civetweb's buffer begins: civetweb skips white space before
//    a request, then counts its bytes wrongly and may read what an earlier client left there;
//  - a connection that is not wanted is closed without waiting for its first request;
//  - idle threads wake up when the server stops, instead of within two seconds.
// For every other thread, and while a handler runs, they are the plain calls. State is per thread.
#pragma once

#include "schema/base/text.h"

#include <stdint.h>

// Monotonic, for deadlines.
int64_t receive_clock_ms(void);

// What a thread that serves connections wants.
struct receive_watch {
    size_t buffer_bytes; // of civetweb's buffer for request line and headers
    int wake_fd;         // when it is readable, waiting ends as if the time were over
    bool (*admit)(void *context, int socket); // asked once for each connection: false = close it
    void *context;
};

// A new connection begins on this thread; its socket is known from the first wait on.
void receive_connection_begin(void);

// From now on this thread waits for a request. `watch` is borrowed until receive_head_end.
void receive_head_begin(const struct receive_watch *watch);

// From now on reads are not ours: the request is being answered.
void receive_head_end(void);

// The buffer the last head was read into. ptr is NULL before the first read.
struct text receive_buffer(void);

enum receive_fault {
    RECEIVE_MALFORMED,  // bytes that cannot be in a head
    RECEIVE_FULL,       // the head is longer than the buffer
    RECEIVE_INCOMPLETE, // too slow, or given up
};

// Why civetweb could not read the last head.
enum receive_fault receive_fault(void);

// Around mg_read and mg_write: waiting fails once the deadline has passed. A connection that was not
// read from by then is shut down.
void receive_deadline_begin(int64_t deadline_ms);
void receive_deadline_end(void);

// Whether the client closed its side since the deadline was set.
bool receive_is_closed(void);

// After the last bytes of an answer: says that no more will come, then reads and throws away what
// the client is still sending, up to `max_bytes` and `max_ms`. Closing with unread bytes would make
// the kernel reset the connection, and the client would never see the answer.
void receive_drain(size_t max_bytes, int max_ms);
