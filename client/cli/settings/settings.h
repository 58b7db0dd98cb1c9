// SPDX-License-Identifier: MIT
// The configuration file of people, ~/.config/registryd/config.yaml, with its profiles:
//
//     profile: work                  # unless --profile or REGISTRYD_PROFILE names another
//     timeout: 20                    # a key here holds for every profile that does not set it
//     profiles:
//       work:
//         url: https://plugins.example.org
//         ca-file: internal-ca.pem
//
// Each key stands for a variable of the environment. An option is stronger than a variable, a variable than a
// profile, and a profile than the default. settings_apply() sets the variables that are not set, so everything
// below the command line reads one source.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum setting_kind { SETTING_TEXT, SETTING_FILE, SETTING_FLAG, SETTING_CHOICE };

struct client_setting {
    const char *key;      // in the file: "ca-file"
    const char *variable; // "REGISTRYD_CA_FILE"
    const char *option;   // "--ca-file"; NULL: there is none for every command
    enum setting_kind kind;
    const char *values;   // of a choice, with a bar between
    const char *standard; // what doctor shows when nothing is set; NULL: none
};

enum {
    SETTING_URL,
    SETTING_ENVIRONMENT,
    SETTING_TOKEN_COMMAND,
    SETTING_CA_FILE,
    SETTING_CLIENT_CERT,
    SETTING_CLIENT_KEY,
    SETTING_PROXY,
    SETTING_INSECURE_PLAIN,
    SETTING_TIMEOUT,
    SETTING_FORMAT,
    SETTING_MODE,
    SETTING_ENFORCE,
    SETTING_STRICT,
    SETTING_SNAPSHOT,
    SETTING_SNAPSHOT_KEY,
    SETTING_CACHE_DIR,
    SETTING_COUNT
};

extern const struct client_setting client_settings[SETTING_COUNT];

// A value of the file and where it stands there.
struct profile_value {
    const char *text; // NULL: not set
    size_t line;
};

struct settings {
    const char *file;    // its path, also when it is not there; NULL: no home folder
    bool is_there;       // the file
    const char *profile; // the chosen one; NULL: none
    struct profile_value
        values[SETTING_COUNT];      // of the profile, and of the file's top for the rest
    bool is_applied[SETTING_COUNT]; // the variable was not set: it has this value now
    const char **roots;             // of `root`, as --root takes them
    size_t root_count;
};

// Reads the file and chooses a profile: `profile`, else REGISTRYD_PROFILE, else the file's own. No file is an
// empty one. Arena. On failure *ret_settings has at least the path of the file.
// Fails with: USAGE (file, line and key), IO, NO_MEMORY.
enum status settings_load(struct arena *arena, const char *profile, struct settings *ret_settings,
                          struct error *err);

// Sets the variables of the process. Fails with: NO_MEMORY.
enum status settings_apply(struct settings *settings, struct error *err);

// The value of the variable; NULL when it is not set or empty.
const char *settings_variable(const char *name);
