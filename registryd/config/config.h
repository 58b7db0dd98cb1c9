// SPDX-License-Identifier: MIT
// What can be set, in one table: flags over environment over YAML file over defaults. `--help`,
// `--print-config` and the check of docs/CONFIG.md are made from the same table. Read once, at
// start, by one thread; afterwards a struct config is only passed as a const pointer.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/log.h"

#include <stdbool.h>

struct config {
    const char *config; // file, NULL = none
    const char *data_dir;
    const char *listen;             // "HOST:PORT"
    const char *database_url;       // NULL = the private PostgreSQL
    const char *database_owner_url; // NULL = the same
    const char *user;               // NULL = the default choice; only used when started as root
    const char *postgres_bin;       // folder of the programs, NULL = look for them
    const char *extractor;          // program that reads artifacts, NULL = beside this one
    const char *snapshot_key; // file of the key that signs snapshots, NULL = they are not signed
    int threads;
    int connections_per_address; // 0 = no bound
    int head_seconds;
    int idle_seconds;
    int body_seconds;
    int bodies_at_once;
    int cache_mib;
    int pool_size;
    int drain_seconds;
    int linger_seconds;
    int max_artifact_mib;
    int log_level;           // enum log_level
    int log_format;          // enum log_format
    int reading;             // enum reading
    int is_behind_tls_proxy; // flags
    int is_insecure_plain;
    const char *proxies; // networks with commas between them, NULL = none
    int proxy_count;
    int requests_per_second; // limits; 0 = none
    int publishes_per_minute;
    int new_names_per_hour;
    int bad_tokens;
};

// In the order of their words in the table.
enum reading { READING_OPEN, READING_CLOSED };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

// What the command line asks for.
enum config_action { CONFIG_RUN, CONFIG_HELP, CONFIG_VERSION, CONFIG_PRINT, CONFIG_PRINT_ROUTES };

// Where a value came from; a later one wins.
enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_FLAG };

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_WORD, SETTING_FLAG, SETTING_LOG_LEVEL };

struct setting {
    const char *key; // in the YAML file; the flag is "--" and the key
    enum setting_type type;
    size_t offset;        // in struct config
    const char *standard; // the default as text; NULL = none, or worked out (see the doc line)
    int min;
    int max;
    const char *words; // of SETTING_WORD, with spaces between them
    const char *environment;
    const char *value_name; // "SECONDS", for --help
    const char *doc;
};

enum { SETTING_COUNT = 31 };
extern const struct setting settings_table[SETTING_COUNT];

struct config_result {
    struct config config;
    enum config_action action;
    enum config_origin origins[SETTING_COUNT]; // by row of settings_table
};

// Reads all sources. `environment` is like environ. Strings live in the arena, argv or the
// environment. Fails with: USAGE (an unknown flag or key, a bad value, an unreadable file; one
// sentence that names it), NO_MEMORY.
enum status config_load(struct arena *arena, const char *const *argv,
                        const char *const *environment, struct config_result *ret_result,
                        struct error *err);

// The text of --help and of --print-config (a YAML file that can be read back; passwords are
// hidden). Arena; NULL when out of memory.
const char *config_help(struct arena *arena);
const char *config_print(struct arena *arena, const struct config_result *result);
