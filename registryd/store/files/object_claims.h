// SPDX-License-Identifier: MIT
// Claims on objects: what decides that an object is never removed while a file refers to it (migration object_files says
// how). An object is written under a claim; the claim is used up by the transaction that refers to the object, or
// condemned by the remover. Internal to the store.
#pragma once

#include "registryd/store/store_handle.h"

// A key that no attempt has had before: "ab/ab12…-f00d…", from the digest and chance, with a claim on it.
enum status object_claim_begin(struct store *store, const uint8_t sha256[32],
                               char ret_key[FILE_KEY_SIZE], struct error *err);

// In the transaction that adds the blob. Fails with: UNAVAILABLE (the claim was condemned: try again).
enum status object_claim_use(struct db *db, const uint8_t sha256[32], const char *key,
                             struct error *err);

// Removes the object, unless a file refers to it. Only after a transaction that has surely ended. What fails is tried
// again by store_objects_collect. `is_written`: the store has said so; else the object may still appear.
void object_claim_give_up(struct store *store, const char *key, bool is_written);
