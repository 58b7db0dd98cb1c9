// SPDX-License-Identifier: MIT
// What doctor finds: a row for each check, with its state and, when something is wrong, what to do.
#pragma once

#include "client/cli/console/command.h"
#include "client/remote/connection.h"

#include <jansson.h>

enum check_state { CHECK_OK, CHECK_WARNING, CHECK_ERROR };

struct diagnosis {
    struct cli *cli;
    json_t *checks; // owned: {"check","state","message","hint"}
    size_t errors;
    bool no_memory;
};

// Adds a check. `hint` may be NULL; the message is formatted.
void diagnosis_add(struct diagnosis *diagnosis, enum check_state state, const char *check,
                   const char *hint, const char *message, ...)
    __attribute__((format(printf, 5, 6)));

// The checks of files, variables and settings, which need no registry.
void diagnosis_add_machine(struct diagnosis *diagnosis);

// The checks of the cached snapshot of this connection.
void diagnosis_add_snapshot(struct diagnosis *diagnosis, const struct connection *connection);

// The checks from the address to the rights of the token.
void diagnosis_add_registry(struct diagnosis *diagnosis, const struct connection *connection);
