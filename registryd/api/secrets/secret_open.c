// SPDX-License-Identifier: MIT
// One secret that does not open fails the whole: a host that gets half of its settings would run with the wrong half.
#include "registryd/api/secrets/secret_open.h"

#include "registryd/store/settings/store_secrets.h"
#include "registryd/vault/vault.h"

#include <string.h>

static enum status open_one(struct vault *vault, struct arena *arena, const struct secret_row *row,
                            struct opened_secret *ret_secret, struct error *err) {
    const struct vault_sealed sealed = {
        {row->environment, row->package, row->group, row->name, row->pointer},
        row->key_id,
        row->sealed};
    *ret_secret = (struct opened_secret){row->package, row->group, row->name, row->pointer, NULL};
    return vault_open(vault, arena, &sealed, &ret_secret->value, err);
}

enum status secrets_open(struct api *api, struct arena *arena, const struct secrets_asked *asked,
                         struct opened_secrets *ret_secrets, struct error *err) {
    struct secret_rows rows;
    enum status status = store_secrets_load(api->store, arena, asked->environment, &rows, err);
    if (status) {
        return status;
    }
    struct opened_secrets secrets = {arena_array(arena, rows.count + 1, sizeof *secrets.items), 0};
    if (!secrets.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < rows.count; i++) {
        rows.items[i].environment = asked->environment;
        bool is_asked = !asked->package || strcmp(asked->package, rows.items[i].package) == 0;
        status = is_asked ? open_one(api->vault, arena, &rows.items[i],
                                     &secrets.items[secrets.count], err)
                          : STATUS_OK;
        if (status) {
            return status;
        }
        secrets.count += is_asked;
    }
    *ret_secrets = secrets;
    return STATUS_OK;
}
