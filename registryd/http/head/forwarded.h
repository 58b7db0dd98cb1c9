// SPDX-License-Identifier: MIT
// For whom a proxy asks. X-Forwarded-For is believed only when it comes from a proxy we were told of,
// and there only its n-th address from the right: whatever stands further left, a client may have made
// up. Read-only once made; any thread.
#pragma once

#include "registryd/http/head/validate.h"

#include <netinet/in.h>

enum { FORWARDED_NETWORKS_MAX = 32, CLIENT_ADDRESS_SIZE = 64 };

// Example with two hops, where our own proxies are 10.0.0.1 (the peer) and 10.0.0.2:
//   X-Forwarded-For: 9.9.9.9, 1.2.3.4, 10.0.0.2
// The client is 1.2.3.4, the second from the right. It may have made 9.9.9.9 up.
struct forwarded {
    struct {
        uint32_t address; // host byte order, cut to the mask
        uint32_t mask;
    } networks[FORWARDED_NETWORKS_MAX];
    size_t count;
    int hops; // proxies one behind the other
};

// "10.0.0.0/8,127.0.0.1"; NULL is no proxy. Fails with: USAGE (names the part that is wrong).
enum status forwarded_parse(const char *networks, int hops, struct forwarded *ret_forwarded,
                            struct error *err);

// Whether the address, in host byte order, is a proxy's. NULL has none.
bool forwarded_is_proxy(const struct forwarded *forwarded, uint32_t address);

// Writes the client's address: the peer's, or the one the header names for a proxy. Of an IPv6 address
// the first 64 bits count: the rest is the client's to choose.
void forwarded_client(const struct forwarded *forwarded, const char *peer,
                      const struct raw_request *raw, char ret_client[CLIENT_ADDRESS_SIZE]);
