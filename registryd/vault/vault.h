// SPDX-License-Identifier: MIT
// The keys that seal secrets, from the file of --secrets-key, and sealing with them: XChaCha20-Poly1305 with a random
// nonce, bound to the place of the secret. The file holds one key a line, in hex; the first one seals, all of them open:
//
//     # Keys of registryd's secrets, the newest first. Keep a copy: without it the secrets are lost.
//     3f0c…   (64 digits)
//
// It is made when the first secret is set, and read again when a key is asked for that is not known: another daemon may
// have changed it. All calls are safe from any thread.
#pragma once

#include "registryd/vault/vault_key.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdbool.h>

struct vault;

// `path` is borrowed. Nothing is read yet. Owned; NULL when out of memory.
struct vault *vault_new(const char *path);
void vault_free(struct vault *vault);

const char *vault_path(const struct vault *vault);

// The place of a secret: what is sealed for one place opens at no other.
struct vault_place {
    const char *environment;
    const char *package;
    const char *group;
    const char *name;
    const char *pointer;
};

// The id of the key that seals. `present` is the id of the registry's key (NULL = it has none yet). Where there is none,
// and no file or an empty one, a key is made. Fails with: UNAVAILABLE (the file is missing, cannot be used, or does not hold the
// present key; the sentence says what to do).
enum status vault_ready(struct vault *vault, const char *present, char ret_id[VAULT_ID_SIZE],
                        struct error *err);

// What is to be sealed.
struct vault_clear {
    struct vault_place place;
    const char *key_id; // of vault_ready
    const char *text;
};
// Hex in the arena. Fails with: UNAVAILABLE, NO_MEMORY.
enum status vault_seal(struct vault *vault, struct arena *arena, const struct vault_clear *clear,
                       const char **ret_sealed, struct error *err);

// What is to be opened.
struct vault_sealed {
    struct vault_place place;
    const char *key_id;
    const char *sealed; // in hex
};
// Arena. Fails with: UNAVAILABLE (the key is lost, or it is another one), NO_MEMORY.
enum status vault_open(struct vault *vault, struct arena *arena, const struct vault_sealed *sealed,
                       const char **ret_text, struct error *err);

// Puts a new key before those that are there, and writes the file. Fails with: UNAVAILABLE, IO.
enum status vault_add_key(struct vault *vault, char ret_id[VAULT_ID_SIZE], struct error *err);

// Takes all keys but this one out of the file. Fails with: UNAVAILABLE, IO.
enum status vault_keep_only(struct vault *vault, const char *key_id, struct error *err);
