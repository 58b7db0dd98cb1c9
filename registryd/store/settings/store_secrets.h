// SPDX-License-Identifier: MIT
// The part of the store that keeps the secrets of environments, sealed: no value is ever here in clear. They are set and
// removed with a revision of their environment (store_environment_change). Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

struct secret_row {
    const char *environment; // of store_other_secrets_load alone
    const char *package;
    const char *group;   // "" = of the package
    const char *name;    // likewise
    const char *pointer; // into the settings
    const char *key_id;  // that sealed it
    const char *sealed;  // in hex
    const char *set_at;  // not of store_other_secrets_load
    const char *set_by;  // likewise
};
struct secret_rows {
    struct secret_row *items; // arena; by package, entry point and pointer
    size_t count;
};

enum status store_secrets_load(struct store *store, struct arena *arena, const char *environment,
                               struct secret_rows *ret_rows, struct error *err);

// The id of the key that seals new secrets; NULL: none was ever made. Arena.
enum status store_secrets_key_load(struct store *store, struct arena *arena,
                                   const char **ret_key_id, struct error *err);

// Makes a key that one, with an audit event. From then on no change stores what another key sealed. *ret_done is false when
// the present key is another than `before`.
struct secrets_key_change {
    const char *key_id;
    const char *before; // NULL = there is none
    const char *actor;
};
enum status store_secrets_key_set(struct store *store, const struct secrets_key_change *change,
                                  bool *ret_done, struct error *err);

// A page of those that other keys sealed, behind a row (NULL = from the first).
struct secrets_page {
    const char *key_id;
    const struct secret_row *after;
    int limit;
};
enum status store_other_secrets_load(struct store *store, struct arena *arena,
                                     const struct secrets_page *page, struct secret_rows *ret_rows,
                                     struct error *err);

// Stores a secret as another key sealed it; `sealed` NULL removes it. *ret_done is false when it was set anew meanwhile.
struct secret_resealed {
    const struct secret_row *before;
    const char *key_id;
    const char *sealed;
};
enum status store_secret_reseal(struct store *store, const struct secret_resealed *change,
                                bool *ret_done, struct error *err);
