// SPDX-License-Identifier: MIT
// The setting `listen`: what address it means, and whether it can be had. Asked at the start, before
// anything costly is done, and once more when the server binds.
#pragma once

#include "schema/base/error.h"

#include <netinet/in.h>
#include <stdbool.h>

// "HOST:PORT" to an IPv4 address: Debian's civetweb listens on nothing else. Binds nothing.
// Fails with: USAGE (not HOST:PORT, or a name without an IPv4 address).
enum status listen_parse(const char *listen, struct sockaddr_in *ret_address, struct error *err);

// Whether only this machine reaches the address.
bool listen_is_local(const struct sockaddr_in *address);

// The same, and binds once, to say in one clear sentence what stands in the way.
// Fails with: USAGE, IO (the port is taken, the address is not ours, a port of root's).
enum status listen_probe(const char *listen, struct sockaddr_in *ret_address, struct error *err);

// From now on the system drops the first packet of new connections; those that are being made are finished. Without
// this, a connection that is made between the last accept and listen_end would be reset, perhaps with a request
// in it. A client sends that packet again after a second and is then refused, which is safe to retry. A system that
// cannot do this leaves that small risk.
void listen_ignore_newcomers(int fd);

// The port is closed; `fd` stays a descriptor, of a socket that accepts nothing.
void listen_end(int fd);
