// SPDX-License-Identifier: MIT
// What can be set: one table with a row for each setting, and the struct that its values go into.
// `--help`, `--print-config` and the check of docs/CONFIG.md are made from the same table.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/log.h"
#include "schema/base/text.h"

#include <stdbool.h>

// Texts are borrowed for the life of the result. Numbers, words, flags and levels are all int,
// because setting_apply writes them through a pointer to int. A member of another type would be
// damaged.
struct config {
    const char *config;              // file, NULL = none
    const char *data_dir;            // everything that registryd keeps
    const char *listen;              // "HOST:PORT"
    const char *public_url;          // NULL = any Host is answered
    const char *database_url;        // NULL = the private PostgreSQL
    const char *database_owner_url;  // NULL = the same
    const char *read_database_url;   // of a hot standby, NULL = none
    const char *database_direct_url; // past a pooler, NULL = none
    int database_pool_mode;          // enum pool_mode
    const char *accept_history;      // number of an epoch; NULL = none
    const char *user;                // NULL = the default choice; only used when started as root
    const char *postgres_bin;        // folder of the programs, NULL = look for them
    const char *extractor;           // program that reads artifacts, NULL = beside this one
    const char *secrets_key;    // file of the keys that seal secrets; NULL = in the data directory
    const char *snapshot_key;   // file of the key that signs snapshots, NULL = they are not signed
    const char *files;          // "database", or "s3://BUCKET/PREFIX"
    const char *files_endpoint; // URL of the object store, NULL = that of AWS in the region
    const char *files_region;   // of the object store
    const char *files_credentials; // file with its keys, NULL = the environment has them
    const char *files_ca_file;     // NULL = the authorities of the machine
    int files_path_style;          // flag: the bucket is part of the path
    int files_redirect;            // flag: downloads are sent on to the object store
    int files_new;                 // enum files_new: where new files go
    int files_grace_seconds;       // after which what an upload left in the object store is removed
    int threads;                   // requests served at once
    int connections_per_address;   // 0 = unlimited
    int head_seconds;              // for the request line and headers
    int idle_seconds;              // for the next request of a connection
    int body_seconds;              // for a body or an answer, plus its length
    int bodies_at_once;            // larger than 64 KiB
    int memory_mib;                // 0 = a quarter of what there is
    int cache_mib;                 // of finished answers
    int pool_size;                 // connections to PostgreSQL
    int lame_duck_seconds;         // that a stop is announced before it begins
    int drain_seconds;             // that a stop waits for requests in progress
    const char *operator_user;     // of the private PostgreSQL
    int linger_seconds;            // that the private PostgreSQL outlives a crash
    int release_open_days;         // that a release takes files after its first one
    int max_artifact_mib;          // the largest wheel or sdist
    int log_level;                 // enum log_level
    int log_format;                // enum log_format
    int reading;                   // enum reading
    int is_behind_tls_proxy;       // flags
    int is_insecure_plain;         // without it only local addresses are served without TLS
    const char *proxies;           // networks with commas between them, NULL = none
    const char *image_hosts;       // of pictures in descriptions, likewise
    int proxy_count;               // in a row, from the right of X-Forwarded-For
    int requests_per_second;       // limits; 0 = none
    int publishes_per_minute;      // of one token
    int new_names_per_hour;        // of one token
    int new_names_burst;           // the same at once
    int bad_tokens;                // from one address in five minutes
};

// In the order of their words in the table.
enum pool_mode { POOL_MODE_SESSION, POOL_MODE_TRANSACTION };
enum reading { READING_OPEN, READING_CLOSED };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum files_new { FILES_NEW_OBJECTS, FILES_NEW_DATABASE };

// What the command line asks for.
enum config_action { CONFIG_RUN, CONFIG_HELP, CONFIG_VERSION, CONFIG_PRINT, CONFIG_PRINT_ROUTES };

// Where a value came from; a later one wins.
enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_FLAG };

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_WORD, SETTING_FLAG, SETTING_LOG_LEVEL };

// A row gives a setting its three spellings. For the key "threads" they are:
//   command line   --threads 64
//   YAML file      threads: 64
//   environment    REGISTRYD_THREADS=64
struct setting {
    const char *key;         // in the YAML file; the flag is "--" and the key
    enum setting_type type;  // what `offset` points at
    size_t offset;           // in struct config
    const char *standard;    // the default as text; NULL = none, or worked out (see the doc line)
    int min;                 // of SETTING_NUMBER
    int max;                 // of SETTING_NUMBER
    bool is_secret;          // a connection string, which may hold a password
    const char *words;       // of SETTING_WORD, with spaces between them
    const char *environment; // the variable: "REGISTRYD_…"
    const char *value_name;  // "SECONDS", for --help
    const char *doc;         // a sentence for --help
};

// Change it with the table. One row too many does not compile, and one too few leaves a row without
// a key.
enum { SETTING_COUNT = 52 };
extern const struct setting settings_table[SETTING_COUNT];

struct config_result {
    struct config config;                      // every member has its value
    enum config_action action;                 // what the command line asks for
    enum config_origin origins[SETTING_COUNT]; // by row of settings_table
};

// The row of a key, or NULL.
const struct setting *setting_find(const char *key, size_t len);

struct config_source {
    enum config_origin origin; // default, file, environment or flag
    const char *where; // for errors: "REGISTRYD_THREADS", "/etc/registryd.yaml"; NULL for flags
};

// Checks `text` by the row and stores it; `text` is borrowed for the life of the result.
// Fails with: USAGE.
enum status setting_apply(struct config_result *result, const struct setting *row, const char *text,
                          const struct config_source *source, struct error *err);
