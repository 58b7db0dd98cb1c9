// SPDX-License-Identifier: MIT
// Files of this user: ~/.config/registryd, what is in it, and who else may touch it.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <stdbool.h>

// Who else may do what with a file or folder.
struct user_file_rights {
    bool is_there;
    bool others_read;  // by its mode
    bool others_write; // by its mode, or because it belongs to somebody else but root
};

// "$XDG_CONFIG_HOME/registryd/NAME", else "~/.config/registryd/NAME". Arena; NULL when there is no home, or
// when out of memory.
const char *user_file_path(struct arena *arena, const char *name);

// What is written in the configuration file: "~/x" is in the home folder, another relative path beside `file`.
// Arena; NULL when out of memory.
const char *user_file_resolve(struct arena *arena, const char *file, const char *path);

// Never fails: what cannot be looked at is not there.
struct user_file_rights user_file_look(const char *path);

// Reads a whole text file; NULL in *ret_text when there is none. Arena. Fails with: IO, TOO_LARGE, NO_MEMORY.
enum status user_file_read(struct arena *arena, const char *path, const char **ret_text,
                           struct error *err);

// Replaces the file by one that only its owner may read; makes its folder (0700). A crash leaves the old file
// or the new one. Fails with: IO, DISK_FULL, NO_MEMORY.
enum status user_file_write(struct arena *arena, const char *path, const char *text,
                            struct error *err);
