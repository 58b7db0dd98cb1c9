// SPDX-License-Identifier: MIT
// What can be set: one table with a row for each setting, and the struct that its values go into.
// `--help`, `--print-config` and the check of docs/CONFIG.md are made from the same table.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/log.h"
#include "schema/base/text.h"

#include <stdbool.h>

struct config {
    const char *config; // file, NULL = none
    const char *data_dir;
    const char *listen;             // "HOST:PORT"
    const char *public_url;         // NULL = any Host is answered
    const char *database_url;       // NULL = the private PostgreSQL
    const char *database_owner_url; // NULL = the same
    const char *user;               // NULL = the default choice; only used when started as root
    const char *postgres_bin;       // folder of the programs, NULL = look for them
    const char *extractor;          // program that reads artifacts, NULL = beside this one
    const char *snapshot_key; // file of the key that signs snapshots, NULL = they are not signed
    int threads;
    int connections_per_address; // 0 = unlimited
    int head_seconds;
    int idle_seconds;
    int body_seconds;
    int bodies_at_once;
    int memory_mib; // 0 = a quarter of what there is
    int cache_mib;
    int pool_size;
    int drain_seconds;
    const char *operator_user; // of the private PostgreSQL
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
    bool is_secret;    // a connection string, which may hold a password
    const char *words; // of SETTING_WORD, with spaces between them
    const char *environment;
    const char *value_name; // "SECONDS", for --help
    const char *doc;
};

enum { SETTING_COUNT = 34 };
extern const struct setting settings_table[SETTING_COUNT];

struct config_result {
    struct config config;
    enum config_action action;
    enum config_origin origins[SETTING_COUNT]; // by row of settings_table
};

// The row of a key, or NULL.
const struct setting *setting_find(const char *key, size_t len);

struct config_source {
    enum config_origin origin;
    const char *where; // for errors: "REGISTRYD_THREADS", "/etc/registryd.yaml"; NULL for flags
};

// Checks `text` by the row and stores it; `text` is borrowed for the life of the result.
// Fails with: USAGE.
enum status setting_apply(struct config_result *result, const struct setting *row, const char *text,
                          const struct config_source *source, struct error *err);
