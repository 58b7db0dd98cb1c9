// SPDX-License-Identifier: MIT
// Tokens that "registryctl login" keeps: one for each registry, in ~/.config/registryd/credentials.json, which only
// its owner may read. An entry holds the token, or a command that prints it. A token is given for the address it was
// kept for, and for no other.
#pragma once

#include "client/cli/settings/settings.h"

struct credential {
    const char *url;
    const char *token;   // NULL: `command` prints it
    const char *command; // NULL: `token` is it
};

// The path of the file. Arena; NULL when there is no home folder.
const char *credentials_path(struct arena *arena);

// One spelling of an address: small letters in scheme and host, no port that the scheme implies, no slash at the
// end. Arena; NULL when out of memory.
const char *credentials_address(struct arena *arena, const char *url);

// What is kept for the address. Members are NULL when nothing is. Arena.
// Fails with: FORBIDDEN (others may read the file), INVALID (it is damaged), IO, NO_MEMORY.
enum status credentials_find(struct arena *arena, const char *url, struct credential *ret_found,
                             struct error *err);

// Keeps it in place of what was kept for its address; with neither token nor command, forgets the address.
// Fails with: as credentials_find, and as user_file_write.
enum status credentials_keep(struct arena *arena, const struct credential *kept, struct error *err);

// Where a token comes from when no option and no variable has one: the profile's command, then what is kept.
// *ret_token is NULL when there is none. Arena. Fails with: USAGE (the command failed), and as credentials_find.
enum status credentials_token(struct arena *arena, const struct settings *settings, const char *url,
                              const char **ret_token, struct error *err);

// Whether credentials_token() would run the command of the profile or of REGISTRYD_TOKEN_COMMAND for this address.
bool credentials_has_command(struct arena *arena, const struct settings *settings, const char *url);

// Runs a command in a shell and takes the first line that it prints. Arena. Fails with: USAGE, NO_MEMORY.
enum status credentials_run(struct arena *arena, const char *command, const char **ret_token,
                            struct error *err);
