// SPDX-License-Identifier: MIT
// registryd never serves as root. Started as root, it makes what only root can make (the data
// directory) and becomes another user for good, before anything else is opened and before any
// thread or process exists. It changes the owner only of what it made in this call.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct account {
    uid_t uid; // to become
    gid_t gid; // to become
    char name[256];
    bool change; // we are root and must become this one
};

// Whom to run as: when root, `user`, or the first default that exists (registryd, postgres);
// else the present user, and `user` must be NULL or the same.
// Fails with: USAGE (no such user, root itself, or another user without being root).
enum status account_find(const char *user, struct account *ret_account, struct error *err);

// Becomes the account for good and checks that there is no way back. Fails with: INTERNAL.
enum status account_become(const struct account *account, struct error *err);
