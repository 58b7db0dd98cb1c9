// SPDX-License-Identifier: MIT
// The keys in memory are those of the file when it was last read. Every call that needs a key it does not have reads the
// file again, so a key that an operator or another daemon puts in is known without a restart. Keys and clear texts are
// wiped where this file holds them; the clear text that is opened belongs to the caller's arena.
#include "registryd/vault/vault.h"

#include "registryd/vault/vault_file.h"
#include "schema/base/cleanup.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

struct vault {
    const char *path;
    pthread_mutex_t lock; // over the keys and the file
    struct vault_keys keys;
};

struct vault *vault_new(const char *path) {
    struct vault *vault = sodium_init() < 0 ? NULL : calloc(1, sizeof *vault);
    if (vault) {
        vault->path = path;
        pthread_mutex_init(&vault->lock, NULL);
        sodium_mlock(&vault->keys, sizeof vault->keys); // a limit may forbid it
    }
    return vault;
}

void vault_free(struct vault *vault) {
    if (vault) {
        sodium_munlock(&vault->keys, sizeof vault->keys); // wipes
        sodium_memzero(&vault->keys, sizeof vault->keys);
        pthread_mutex_destroy(&vault->lock);
        free(vault);
    }
}

const char *vault_path(const struct vault *vault) {
    return vault->path;
}

// ---- keys; under the lock ----

static const struct vault_key *find_key(const struct vault *vault, const char *id) {
    for (size_t i = 0; i < vault->keys.count; i++) {
        if (strcmp(vault->keys.items[i].id, id) == 0) {
            return &vault->keys.items[i];
        }
    }
    return NULL;
}

static enum status refuse_missing(const struct vault *vault, const char *id, bool exists,
                                  struct error *err) {
    return exists ? fail(err, STATUS_UNAVAILABLE, NULL,
                         "The secrets key %s is not in %s: this is the file of another key. Put "
                         "the right file back from your backup. Secrets cannot be read or set; "
                         "everything else works.",
                         id, vault->path)
                  : fail(err, STATUS_UNAVAILABLE, NULL,
                         "The secrets key is lost: there is no file %s. Put it back from your "
                         "backup. Secrets cannot be read or set; everything else works.",
                         vault->path);
}

// The key of this id, from the file when it is not known yet.
static enum status need_key(struct vault *vault, const char *id, const struct vault_key **ret_key,
                            struct error *err) {
    bool exists = true;
    *ret_key = find_key(vault, id);
    if (*ret_key) {
        return STATUS_OK;
    }
    enum status status = vault_file_read(vault->path, &vault->keys, &exists, err);
    if (status) {
        return status;
    }
    *ret_key = find_key(vault, id);
    return *ret_key ? STATUS_OK : refuse_missing(vault, id, exists, err);
}

// The registry has no key yet: takes that of the file, or makes one.
static enum status make_first(struct vault *vault, char ret_id[VAULT_ID_SIZE], struct error *err) {
    bool exists = false;
    enum status status = vault_file_read(vault->path, &vault->keys, &exists, err);
    if (!status && !vault->keys.count) {
        struct vault_keys keys = {.count = 1};
        vault_key_make(&keys.items[0]);
        status = vault_file_write(vault->path, &keys, true, err);
        sodium_memzero(&keys, sizeof keys);
    }
    if (!status && !vault->keys.count) {
        status = vault_file_read(vault->path, &vault->keys, &exists, err);
    }
    if (status) {
        return status;
    }
    if (!vault->keys.count) {
        return refuse_missing(vault, "of the registry", exists, err);
    }
    memcpy(ret_id, vault->keys.items[0].id, VAULT_ID_SIZE);
    return STATUS_OK;
}

enum status vault_ready(struct vault *vault, const char *present, char ret_id[VAULT_ID_SIZE],
                        struct error *err) {
    const struct vault_key *key = NULL;
    pthread_mutex_lock(&vault->lock);
    enum status status =
        present ? need_key(vault, present, &key, err) : make_first(vault, ret_id, err);
    if (key) {
        memcpy(ret_id, key->id, VAULT_ID_SIZE);
    }
    pthread_mutex_unlock(&vault->lock);
    return status;
}

static enum status copy_key(struct vault *vault, const char *id, struct vault_key *ret_key,
                            struct error *err) {
    const struct vault_key *key = NULL;
    pthread_mutex_lock(&vault->lock);
    enum status status = need_key(vault, id, &key, err);
    if (key) {
        *ret_key = *key;
    }
    pthread_mutex_unlock(&vault->lock);
    return status;
}

enum status vault_add_key(struct vault *vault, char ret_id[VAULT_ID_SIZE], struct error *err) {
    struct vault_keys keys = {.count = 1};
    bool exists = false;
    pthread_mutex_lock(&vault->lock);
    enum status status = vault_file_read(vault->path, &vault->keys, &exists, err);
    if (!status && vault->keys.count == VAULT_KEYS_MAX) {
        status =
            fail(err, STATUS_UNAVAILABLE, NULL, "%s holds %d keys already, the most there can be",
                 vault->path, VAULT_KEYS_MAX);
    }
    if (!status) {
        vault_key_make(&keys.items[0]);
        memcpy(&keys.items[1], vault->keys.items, vault->keys.count * sizeof keys.items[0]);
        keys.count += vault->keys.count;
        status = vault_file_write(vault->path, &keys, false, err);
    }
    if (!status) {
        vault->keys = keys;
        memcpy(ret_id, keys.items[0].id, VAULT_ID_SIZE);
    }
    sodium_memzero(&keys, sizeof keys);
    pthread_mutex_unlock(&vault->lock);
    return status;
}

enum status vault_keep_only(struct vault *vault, const char *key_id, struct error *err) {
    struct vault_keys keys = {.count = 1};
    const struct vault_key *key = NULL;
    pthread_mutex_lock(&vault->lock);
    enum status status = need_key(vault, key_id, &key, err);
    if (!status) {
        keys.items[0] = *key;
        status = vault_file_write(vault->path, &keys, false, err);
    }
    if (!status) {
        vault->keys = keys;
    }
    sodium_memzero(&keys, sizeof keys);
    pthread_mutex_unlock(&vault->lock);
    return status;
}

// ---- sealing ----

// None of the names holds a line feed, and the pointer stands last, so two places never give one text.
static const char *bind_place(struct arena *arena, const struct vault_place *place) {
    return arena_printf(arena, "registryd secret 1\n%s\n%s\n%s\n%s\n%s", place->environment,
                        place->package, place->group, place->name, place->pointer);
}

enum status vault_seal(struct vault *vault, struct arena *arena, const struct vault_clear *clear,
                       const char **ret_sealed, struct error *err) {
    struct vault_key key;
    size_t len = strlen(clear->text);
    size_t size = NONCE_BYTES + len + TAG_BYTES;
    const char *bound = bind_place(arena, &clear->place);
    uint8_t *bytes = arena_alloc(arena, size);
    char *hex = arena_alloc(arena, 2 * size + 1);
    if (!bound || !bytes || !hex) {
        return fail_no_memory(err);
    }
    enum status status = copy_key(vault, clear->key_id, &key, err);
    if (status) {
        return status;
    }
    randombytes_buf(bytes, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes + NONCE_BYTES, NULL, (const uint8_t *)clear->text, len, (const uint8_t *)bound,
        strlen(bound), NULL, bytes, key.bytes);
    sodium_memzero(&key, sizeof key);
    *ret_sealed = sodium_bin2hex(hex, 2 * size + 1, bytes, size);
    return STATUS_OK;
}

static enum status refuse_altered(const struct vault_sealed *sealed, struct error *err) {
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The secret %s of %s in the environment \"%s\" does not open with its key: it was "
                "altered in the database. Set it again.",
                sealed->place.pointer, sealed->place.package, sealed->place.environment);
}

enum status vault_open(struct vault *vault, struct arena *arena, const struct vault_sealed *sealed,
                       const char **ret_text, struct error *err) {
    struct vault_key key;
    size_t size = strlen(sealed->sealed) / 2;
    const char *bound = bind_place(arena, &sealed->place);
    uint8_t *bytes = arena_alloc(arena, size + 1);
    char *text = arena_alloc(arena, size + 1);
    size_t len = 0;
    if (!bound || !bytes || !text) {
        return fail_no_memory(err);
    }
    enum status status = copy_key(vault, sealed->key_id, &key, err);
    if (status) {
        return status;
    }
    bool is_good = sodium_hex2bin(bytes, size, sealed->sealed, 2 * size, NULL, &len, NULL) == 0 &&
                   len == size && size >= NONCE_BYTES + TAG_BYTES &&
                   crypto_aead_xchacha20poly1305_ietf_decrypt(
                       (uint8_t *)text, NULL, NULL, bytes + NONCE_BYTES, size - NONCE_BYTES,
                       (const uint8_t *)bound, strlen(bound), bytes, key.bytes) == 0;
    sodium_memzero(&key, sizeof key);
    if (!is_good) {
        return refuse_altered(sealed, err);
    }
    *ret_text = text;
    return STATUS_OK;
}
