// SPDX-License-Identifier: MIT
// The table of settings and the order of its sources. Sources are applied from the weakest to the
// strongest, so a later one simply overwrites; only the name of the YAML file is looked for first.
#include "registryd/config/config.h"

#include "registryd/config/config_file.h"

#include "schema/base/text.h"
#include "schema/base/list.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct config, field)

const struct setting settings_table[SETTING_COUNT] = {
    {.key = "config",
     .type = SETTING_TEXT,
     .offset = AT(config),
     .environment = "REGISTRYD_CONFIG",
     .value_name = "FILE",
     .doc = "YAML file with any of these settings, under their names without the dashes in front"},
    {.key = "data-dir",
     .type = SETTING_TEXT,
     .offset = AT(data_dir),
     .environment = "REGISTRYD_DATA_DIR",
     .value_name = "DIR",
     .doc = "Where everything lies; by default /var/lib/registryd when started as root, else "
            "registryd in $XDG_DATA_HOME or ~/.local/share"},
    {.key = "listen",
     .type = SETTING_TEXT,
     .offset = AT(listen),
     .standard = "127.0.0.1:7621",
     .environment = "REGISTRYD_LISTEN",
     .value_name = "HOST:PORT",
     .doc = "IPv4 address and port to serve HTTP on; port 0 takes a free one"},
    {.key = "database-url",
     .type = SETTING_TEXT,
     .offset = AT(database_url),
     .environment = "REGISTRYD_DATABASE_URL",
     .value_name = "URL",
     .doc = "PostgreSQL 13 or newer to keep everything in; by default registryd runs a private one "
            "in the data directory"},
    {.key = "database-owner-url",
     .type = SETTING_TEXT,
     .offset = AT(database_owner_url),
     .environment = "REGISTRYD_DATABASE_OWNER_URL",
     .value_name = "URL",
     .doc =
         "The same database as the role that owns the tables: used for migrations alone, so that "
         "the role in database-url can do without rights to change the audit or the schema"},
    {.key = "user",
     .type = SETTING_TEXT,
     .offset = AT(user),
     .environment = "REGISTRYD_USER",
     .value_name = "NAME",
     .doc = "User to become when started as root; by default registryd, or postgres where there is "
            "no registryd"},
    {.key = "threads",
     .type = SETTING_NUMBER,
     .offset = AT(threads),
     .standard = "1024",
     .min = 4,
     .max = 16384,
     .environment = "REGISTRYD_THREADS",
     .value_name = "NUMBER",
     .doc = "Connections served at once"},
    {.key = "connections-per-address",
     .type = SETTING_NUMBER,
     .offset = AT(connections_per_address),
     .standard = "0",
     .min = 0,
     .max = 16384,
     .environment = "REGISTRYD_CONNECTIONS_PER_ADDRESS",
     .value_name = "NUMBER",
     .doc = "Connections of one address at once; 0 is without a bound"},
    {.key = "head-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(head_seconds),
     .standard = "10",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_HEAD_SECONDS",
     .value_name = "SECONDS",
     .doc = "How long a request's line and headers may take"},
    {.key = "idle-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(idle_seconds),
     .standard = "15",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_IDLE_SECONDS",
     .value_name = "SECONDS",
     .doc = "How long an open connection may wait for its next request"},
    {.key = "body-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(body_seconds),
     .standard = "30",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_BODY_SECONDS",
     .value_name = "SECONDS",
     .doc = "How long a body or an answer may take, and a second more for each 64 KiB"},
    {.key = "bodies-at-once",
     .type = SETTING_NUMBER,
     .offset = AT(bodies_at_once),
     .standard = "32",
     .min = 1,
     .max = 16384,
     .environment = "REGISTRYD_BODIES_AT_ONCE",
     .value_name = "NUMBER",
     .doc = "Requests with a body under way at once"},
    {.key = "cache-mib",
     .type = SETTING_NUMBER,
     .offset = AT(cache_mib),
     .standard = "64",
     .min = 1,
     .max = 65536,
     .environment = "REGISTRYD_CACHE_MIB",
     .value_name = "MIB",
     .doc = "Memory for finished answers"},
    {.key = "pool-size",
     .type = SETTING_NUMBER,
     .offset = AT(pool_size),
     .standard = "8",
     .min = 1,
     .max = 100,
     .environment = "REGISTRYD_POOL_SIZE",
     .value_name = "NUMBER",
     .doc = "Connections to PostgreSQL at the most, besides the one that follows changes"},
    {.key = "log-level",
     .type = SETTING_LOG_LEVEL,
     .offset = AT(log_level),
     .standard = "info",
     .environment = "REGISTRYD_LOG_LEVEL",
     .value_name = "LEVEL",
     .doc = "How much is logged to standard error: error, warning, info, debug"},
    {.key = "drain-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(drain_seconds),
     .standard = "20",
     .min = 0,
     .max = 3600,
     .environment = "REGISTRYD_DRAIN_SECONDS",
     .value_name = "SECONDS",
     .doc = "How long a stop waits for requests under way"},
    {.key = "linger-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(linger_seconds),
     .standard = "60",
     .min = 0,
     .max = 3600,
     .environment = "REGISTRYD_LINGER_SECONDS",
     .value_name = "SECONDS",
     .doc = "How long the private PostgreSQL outlives a registryd that crashed, for the next one "
            "to take it over"},
    {.key = "postgres-bin",
     .type = SETTING_TEXT,
     .offset = AT(postgres_bin),
     .environment = "REGISTRYD_POSTGRES_BIN",
     .value_name = "DIR",
     .doc =
         "Folder with initdb and postgres; by default the newest under /usr/lib/postgresql, else "
         "the PATH"},
    {.key = "max-artifact",
     .type = SETTING_NUMBER,
     .offset = AT(max_artifact_mib),
     .standard = "64",
     .min = 1,
     .max = 512,
     .environment = "REGISTRYD_MAX_ARTIFACT",
     .value_name = "MIB",
     .doc = "Size of one wheel or sdist at the most, in MiB"},
    {.key = "extractor",
     .type = SETTING_TEXT,
     .offset = AT(extractor),
     .environment = "REGISTRYD_EXTRACTOR",
     .value_name = "FILE",
     .doc = "Program that reads wheels and sdists; by default registryd-extract beside registryd"},
    {.key = "snapshot-key",
     .type = SETTING_TEXT,
     .offset = AT(snapshot_key),
     .environment = "REGISTRYD_SNAPSHOT_KEY_FILE",
     .value_name = "FILE",
     .doc =
         "Key that signs snapshots, made by `registryctl snapshot key FILE`; without one they are "
         "not signed"},
    {.key = "reading",
     .type = SETTING_WORD,
     .offset = AT(reading),
     .standard = "open",
     .words = "open closed",
     .environment = "REGISTRYD_READING",
     .value_name = "WORD",
     .doc = "open: everybody who reaches the registry may read; closed: who has a token with the "
            "scope read"},
    {.key = "behind-tls-proxy",
     .type = SETTING_FLAG,
     .offset = AT(is_behind_tls_proxy),
     .standard = "no",
     .environment = "REGISTRYD_BEHIND_TLS_PROXY",
     .value_name = "",
     .doc = "A proxy that speaks TLS stands before the address in --listen, which may then be "
            "another than this machine's own"},
    {.key = "insecure-plain",
     .type = SETTING_FLAG,
     .offset = AT(is_insecure_plain),
     .standard = "no",
     .environment = "REGISTRYD_INSECURE_PLAIN",
     .value_name = "",
     .doc = "Listen on an address that others reach without TLS all the same: everybody on the way "
            "can read the tokens"},
    {.key = "proxies",
     .type = SETTING_TEXT,
     .offset = AT(proxies),
     .environment = "REGISTRYD_PROXIES",
     .value_name = "NETWORKS",
     .doc =
         "Networks (10.0.0.0/8) of proxies, with commas between them; only what comes from there "
         "may say in X-Forwarded-For for whom it asks"},
    {.key = "proxy-count",
     .type = SETTING_NUMBER,
     .offset = AT(proxy_count),
     .standard = "1",
     .min = 1,
     .max = 10,
     .environment = "REGISTRYD_PROXY_COUNT",
     .value_name = "NUMBER",
     .doc = "How many proxies stand one behind the other: the client is so many places from the "
            "right in X-Forwarded-For"},
    {.key = "requests-per-second",
     .type = SETTING_NUMBER,
     .offset = AT(requests_per_second),
     .standard = "200",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_REQUESTS_PER_SECOND",
     .value_name = "NUMBER",
     .doc = "Requests of one address a second, and twice as many at once; 0 is without a bound"},
    {.key = "publishes-per-minute",
     .type = SETTING_NUMBER,
     .offset = AT(publishes_per_minute),
     .standard = "60",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_PUBLISHES_PER_MINUTE",
     .value_name = "NUMBER",
     .doc = "Publishes with one token a minute; 0 is without a bound"},
    {.key = "new-names-per-hour",
     .type = SETTING_NUMBER,
     .offset = AT(new_names_per_hour),
     .standard = "20",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_NEW_NAMES_PER_HOUR",
     .value_name = "NUMBER",
     .doc =
         "Packages that are new with one token an hour; 0 is without a bound, right for bringing "
         "in many at once"},
    {.key = "bad-tokens",
     .type = SETTING_NUMBER,
     .offset = AT(bad_tokens),
     .standard = "10",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_BAD_TOKENS",
     .value_name = "NUMBER",
     .doc = "Failed authentications per address in five minutes before further invalid tokens get "
            "429. Valid tokens are never blocked. 0 = unlimited"},
    {.key = "log-format",
     .type = SETTING_WORD,
     .offset = AT(log_format),
     .standard = "text",
     .words = "text json",
     .environment = "REGISTRYD_LOG_FORMAT",
     .value_name = "WORD",
     .doc = "text: lines of key=value; json: one object a line"},
};

const struct setting *setting_find(const char *key, size_t len) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        if (strlen(row->key) == len && memcmp(row->key, key, len) == 0) {
            return row;
        }
    }
    return NULL;
}

static const char *find_variable(const char *const *environment, const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; environment[i]; i++) {
        if (strncmp(environment[i], name, len) == 0 && environment[i][len] == '=') {
            return environment[i][len + 1] ? environment[i] + len + 1 : NULL; // empty is unset
        }
    }
    return NULL;
}

static enum status apply_defaults(struct config_result *result, struct error *err) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        const struct config_source source = {CONFIG_DEFAULT, row->key};
        enum status status =
            row->standard ? config_set(result, row, row->standard, &source, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status apply_environment(struct config_result *result, const char *const *environment,
                                     struct error *err) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        const char *value = find_variable(environment, row->environment);
        const struct config_source source = {CONFIG_ENVIRONMENT, row->environment};
        enum status status = value ? config_set(result, row, value, &source, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static bool find_action(const char *word, enum config_action *ret_action) {
    static const struct {
        const char *word;
        enum config_action action;
    } actions[] = {
        {"--help", CONFIG_HELP},
        {"-h", CONFIG_HELP},
        {"--version", CONFIG_VERSION},
        {"--print-config", CONFIG_PRINT},
        {"--print-routes", CONFIG_PRINT_ROUTES},
    };
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(word, actions[i].word) == 0) {
            *ret_action = actions[i].action;
            return true;
        }
    }
    return false;
}

// Takes one flag and, when it stands apart, its value; moves *words past them.
static enum status apply_flag(struct config_result *result, const char *const **words,
                              struct error *err) {
    const char *word = *(*words)++;
    if (find_action(word, &result->action)) {
        return STATUS_OK;
    }
    if (strncmp(word, "--", 2) != 0) {
        return fail(err, STATUS_USAGE, NULL,
                    "\"%s\" is not a flag; registryd --help lists what there is", word);
    }
    size_t len = strcspn(word + 2, "=");
    const struct setting *row = setting_find(word + 2, len);
    if (!row) {
        return fail(err, STATUS_USAGE, NULL,
                    "There is no flag --%.*s; registryd --help lists what there is", (int)len,
                    word + 2);
    }
    bool stands_alone = row->type == SETTING_FLAG && word[2 + len] != '=';
    const char *value = stands_alone           ? "yes"
                        : word[2 + len] == '=' ? word + 2 + len + 1
                        : **words              ? *(*words)++
                                               : "";
    const struct config_source source = {CONFIG_FLAG, NULL};
    return config_set(result, row, value, &source, err);
}

static enum status apply_flags(struct config_result *result, const char *const *argv,
                               struct error *err) {
    const char *const *words = argv + (argv[0] != NULL);
    while (*words) {
        enum status status = apply_flag(result, &words, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Environment and flags, in their order.
static enum status apply_stronger(struct config_result *result, const char *const *argv,
                                  const char *const *environment, struct error *err) {
    enum status status = apply_environment(result, environment, err);
    return status ? status : apply_flags(result, argv, err);
}

static enum status default_data_dir(struct arena *arena, const char *const *environment,
                                    struct config *config, struct error *err) {
    const char *data_home = find_variable(environment, "XDG_DATA_HOME");
    const char *home = find_variable(environment, "HOME");
    if (geteuid() == 0) {
        config->data_dir = "/var/lib/registryd";
        return STATUS_OK;
    }
    if (data_home && data_home[0] == '/') {
        config->data_dir = arena_printf(arena, "%s/registryd", data_home);
    } else if (home && home[0] == '/') {
        config->data_dir = arena_printf(arena, "%s/.local/share/registryd", home);
    } else {
        return fail(err, STATUS_USAGE, NULL, "There is no HOME to keep data in; give --data-dir");
    }
    return config->data_dir ? STATUS_OK : fail_no_memory(err);
}

enum status config_load(struct arena *arena, const char *const *argv,
                        const char *const *environment, struct config_result *ret_result,
                        struct error *err) {
    struct config_result result = {0};
    enum status status = apply_defaults(&result, err);
    if (!status) {
        status = apply_stronger(&result, argv, environment, err);
    }
    if (!status && result.config.config && result.action != CONFIG_HELP) {
        // The file is weaker than what named it: read it, then put the stronger ones on top again.
        status = config_file_apply(arena, result.config.config, &result, err);
        if (!status) {
            status = apply_stronger(&result, argv, environment, err);
        }
    }
    if (!status && !result.config.data_dir) {
        status = default_data_dir(arena, environment, &result.config, err);
    }
    if (!status) {
        *ret_result = result;
    }
    return status;
}
