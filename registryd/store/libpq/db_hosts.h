// SPDX-License-Identifier: MIT
// The hosts that a connection string names (host, hostaddr and port may be lists), and what each answered
// last. libpq would try them itself, but it counts time only in calls that block: a silent first host would
// use up the whole deadline of db_open. Any thread.
#pragma once

#include "schema/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { DB_HOSTS_MAX = 64 };

// What a host did when it was tried last, the best first.
enum db_host_answer {
    DB_HOST_GOOD,    // a connection was made; at most one host is this
    DB_HOST_UNTRIED, // or it refused: down, a standby, a wrong password
    DB_HOST_SILENT,  // it did not answer in its time
};

struct db_hosts;

// Asks libpq how it reads the string, with its services, variables and defaults. Does not connect. Owned.
// Fails with: USAGE (more than DB_HOSTS_MAX hosts, or libpq cannot read it), NO_MEMORY.
enum status db_hosts_new(const char *conninfo, struct db_hosts **ret_hosts, struct error *err);
void db_hosts_free(struct db_hosts *hosts);

// An option as libpq understood it; "" when it has no value. Borrowed.
const char *db_hosts_option(const struct db_hosts *hosts, const char *keyword);

// The order in which to try them: the last good one, then those that answer, then the silent ones.
// *ret_order has room for DB_HOSTS_MAX indices. Returns their number, at least 1.
size_t db_hosts_order(struct db_hosts *hosts, size_t *ret_order);
void db_hosts_note(struct db_hosts *hosts, size_t index, enum db_host_answer answer);

// How long one of them may take: its part of the time that is left for `untried` hosts, itself included.
// A host that was silent gets no more than its part of the whole. A connect_timeout of the string holds too.
int64_t db_hosts_share_ms(struct db_hosts *hosts, size_t index, size_t untried, int64_t left_ms,
                          int64_t whole_ms);

// Where a host is. The texts are borrowed; "" is libpq's default.
struct db_place {
    const char *name;
    const char *address;
    const char *port;
};
struct db_place db_hosts_place(const struct db_hosts *hosts, size_t index);

// The addresses of a host that has a name and several of them, the last good one first: `count` is 0 for
// every other host, which libpq finds by itself.
struct db_addresses {
    char texts[16][64];
    size_t count;
};
void db_hosts_resolve(struct db_hosts *hosts, size_t index, struct db_addresses *ret_addresses);
void db_hosts_note_address(struct db_hosts *hosts, size_t index, const char *address);

// What to give libpq for one place: every option of the string except host, hostaddr and port, then those of
// `place`, then what `fixed` names (pairs that hold in every case; NULL ends them). The arrays are owned
// (db_parameters_done), their texts are borrowed.
struct db_parameters {
    const char **keywords;
    const char **values;
};
enum status db_hosts_parameters(const struct db_hosts *hosts, const struct db_place *place,
                                const char *const (*fixed)[2], struct db_parameters *ret_parameters,
                                struct error *err);
void db_parameters_done(struct db_parameters *parameters);
