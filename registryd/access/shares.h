// SPDX-License-Identifier: MIT
// Something there is a fixed amount of (places for bodies, waiting long polls, bytes of memory), taken by
// clients under a key each, so that one client cannot take it all. A key is an address or a token
// (limits_key_text, limits_key_number). Only what is taken now is remembered. Any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shares;

// `keys` is the most keys that hold something at once. Owned; NULL when out of memory.
struct shares *shares_new(size_t keys);
void shares_free(struct shares *shares);

// Example: of 32 places for bodies a key may hold 8. Then one client never has more than a quarter.
struct share_request {
    uint64_t key;   // of the client
    size_t amount;  // places or bytes
    size_t key_max; // what this key may hold in all
    size_t all_max; // what all keys together may hold
    int wait_ms;    // how long to wait for others to give back
};

// KEY_FULL: this client holds too much. ALL_FULL: all clients together do, or too many of them hold
// something.
enum share_outcome { SHARE_TAKEN, SHARE_KEY_FULL, SHARE_ALL_FULL };

// Takes `amount`, waiting when that helps. A key that holds nothing may go over its own bound, and when
// nothing is taken at all, over the common one: a single request is never refused for its size. NULL
// shares never refuse.
enum share_outcome shares_take(struct shares *shares, const struct share_request *request);

// Gives back a part of what the key holds.
void shares_give(struct shares *shares, uint64_t key, size_t amount);

// What is taken now.
size_t shares_used(struct shares *shares);
