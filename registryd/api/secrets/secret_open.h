// SPDX-License-Identifier: MIT
// Opening the secrets of an environment for a reader who may have them. Its answer is made for this reader alone and kept
// nowhere.
#pragma once

#include "registryd/candidates/opened_secrets.h"
#include "registryd/request/api.h"

// All of the environment, or of one package (NULL = all). Arena. Fails with: UNAVAILABLE (the secrets key cannot be used), and as
// the store.
struct secrets_asked {
    const char *environment;
    const char *package;
};
enum status secrets_open(struct api *api, struct arena *arena, const struct secrets_asked *asked,
                         struct opened_secrets *ret_secrets, struct error *err);
