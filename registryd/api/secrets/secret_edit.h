// SPDX-License-Identifier: MIT
// What a change of an environment does to its secrets. The change itself knows nothing of them: it works on a document in
// which seats stand for the values (environment_secrets.h). Afterwards each seat and each new value is settled here:
//
//     a seat, and its mark is there        -> the secret stays
//     no seat, or its mark was taken out   -> the secret is removed
//     another value at a secret place      -> it is sealed, and leaves the document
//     a mark that no secret is behind      -> "secret-not-set"
//
// A place is secret when a schema of the package's groups says "writeOnly" there, or when a secret is set there.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/settings/store_secrets.h"
#include "registryd/store/store_environments.h"

enum { SECRET_SEAT_SIZE = 64 };

// One attempt of one change. `present` is owned; the rest is in the arena of the request.
struct secret_edit {
    struct api *api;
    const struct request *request;
    const char *environment;
    struct findings *findings;
    char seat[SECRET_SEAT_SIZE];
    json_t *present;         // the document that is there, with seats
    const char *seated;      // the same as text
    struct secret_rows rows; // loaded when first asked for
    bool has_rows;
};

// `edit` has its first four members set. Fails with: NO_MEMORY.
enum status secret_edit_begin(struct secret_edit *edit, const struct environment_detail *present,
                              struct error *err);
void secret_edit_done(struct secret_edit *edit);

// Takes seats and secret values out of the next document, which is in its normal form, and writes its marks. *ret_changes is
// for struct environment_change; NULL: no secret changes. Fails with: INVALID (findings), UNAVAILABLE (the secrets key cannot be
// used), and as the store.
enum status secret_edit_settle(struct secret_edit *edit, json_t *document, const char **ret_changes,
                               struct error *err);

// For an earlier document: of its marks those stay that a secret is behind, as it is now. Fails as the store.
enum status secret_edit_restore(struct secret_edit *edit, json_t *document, struct error *err);
