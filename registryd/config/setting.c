// SPDX-License-Identifier: MIT
// The table of settings, and one setting's text, from whatever source, into its member of struct config. A new
// setting is a row here, a member there, and a line in docs/CONFIG.md and the manual page. The help, the names of
// flags, the keys of the YAML file and --print-config all come from the rows.
//
// Every value is a text first, even a number in YAML: one parser then decides what is valid, and its message
// names the source ("registryd.yaml:3", "REGISTRYD_THREADS"). Numbers have bounds in their row; the bounds
// are what the machine can take, not what is wise. Where 0 means "unlimited" or "automatic", the doc says so.
#include "registryd/config/setting.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct config, field)

const struct setting settings_table[SETTING_COUNT] = {
    {.key = "config",
     .type = SETTING_TEXT,
     .offset = AT(config),
     .environment = "REGISTRYD_CONFIG",
     .value_name = "FILE",
     .doc = "YAML file with any of these settings, written without the leading dashes"},
    {.key = "data-dir",
     .type = SETTING_TEXT,
     .offset = AT(data_dir),
     .environment = "REGISTRYD_DATA_DIR",
     .value_name = "DIR",
     .doc = "Directory for everything that registryd keeps; by default /var/lib/registryd "
            "when started as root, else registryd in $XDG_DATA_HOME or ~/.local/share"},
    {.key = "listen",
     .type = SETTING_TEXT,
     .offset = AT(listen),
     .standard = "127.0.0.1:7621",
     .environment = "REGISTRYD_LISTEN",
     .value_name = "HOST:PORT",
     .doc = "IPv4 address and port to serve HTTP on; port 0 chooses a free port"},
    {.key = "public-url",
     .type = SETTING_TEXT,
     .offset = AT(public_url),
     .environment = "REGISTRYD_PUBLIC_URL",
     .value_name = "URL",
     .doc = "URL under which clients reach the registry, for example https://plugins.example.org; "
            "requests for another host are refused, except for localhost and monitoring"},
    {.key = "database-url",
     .type = SETTING_TEXT,
     .offset = AT(database_url),
     .is_secret = true,
     .environment = "REGISTRYD_DATABASE_URL",
     .value_name = "URL",
     .doc = "PostgreSQL 13 or newer to store everything in; by default registryd runs a "
            "private one in the data directory"},
    {.key = "database-owner-url",
     .type = SETTING_TEXT,
     .offset = AT(database_owner_url),
     .is_secret = true,
     .environment = "REGISTRYD_DATABASE_OWNER_URL",
     .value_name = "URL",
     .doc =
         "Connection to the same database as the role that owns the tables, for migrations only; "
         "the role in database-url then needs no right to change the audit log or the schema"},
    {.key = "read-database-url",
     .type = SETTING_TEXT,
     .offset = AT(read_database_url),
     .is_secret = true,
     .environment = "REGISTRYD_READ_DATABASE_URL",
     .value_name = "URL",
     .doc = "Hot standby of the same database that answers reads as soon as it has replayed what "
            "this registryd has shown; otherwise the primary answers"},
    {.key = "database-pool-mode",
     .type = SETTING_WORD,
     .offset = AT(database_pool_mode),
     .standard = "session",
     .words = "session transaction",
     .environment = "REGISTRYD_DATABASE_POOL_MODE",
     .value_name = "WORD",
     .doc = "transaction: a pooler in that mode (PgBouncer) stands in front of the database, so "
            "registryd uses no named statements and no session state; needs database-direct-url"},
    {.key = "database-direct-url",
     .type = SETTING_TEXT,
     .offset = AT(database_direct_url),
     .is_secret = true,
     .environment = "REGISTRYD_DATABASE_DIRECT_URL",
     .value_name = "URL",
     .doc = "Connection to the same database past the pooler, for LISTEN and migrations"},
    {.key = "accept-history",
     .type = SETTING_TEXT,
     .offset = AT(accept_history),
     .environment = "REGISTRYD_ACCEPT_HISTORY",
     .value_name = "NUMBER",
     .doc = "Use a database that is older than the epoch NUMBER, which registryd served last, and "
            "begin a new epoch there: for a restore that is meant"},
    {.key = "user",
     .type = SETTING_TEXT,
     .offset = AT(user),
     .environment = "REGISTRYD_USER",
     .value_name = "NAME",
     .doc = "User to become when started as root; by default registryd, or postgres when "
            "there is no user registryd"},
    {.key = "threads",
     .type = SETTING_NUMBER,
     .offset = AT(threads),
     .standard = "1024",
     .min = 4,
     .max = 16384,
     .environment = "REGISTRYD_THREADS",
     .value_name = "NUMBER",
     .doc =
         "Requests served at once; a connection takes a thread only while its request is served"},
    {.key = "connections-per-address",
     .type = SETTING_NUMBER,
     .offset = AT(connections_per_address),
     .standard = "512",
     .min = 0,
     .max = 16384,
     .environment = "REGISTRYD_CONNECTIONS_PER_ADDRESS",
     .value_name = "NUMBER",
     .doc = "Connections per client address; addresses in proxies are not limited. 0 = unlimited"},
    {.key = "head-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(head_seconds),
     .standard = "10",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_HEAD_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time limit for the request line and headers"},
    {.key = "idle-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(idle_seconds),
     .standard = "15",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_IDLE_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time limit for the next request on an open connection"},
    {.key = "body-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(body_seconds),
     .standard = "30",
     .min = 1,
     .max = 3600,
     .environment = "REGISTRYD_BODY_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time limit for a body or an answer, plus one second for each 64 KiB; a rate below 4 "
            "KiB per second for ten seconds ends it"},
    {.key = "bodies-at-once",
     .type = SETTING_NUMBER,
     .offset = AT(bodies_at_once),
     .standard = "32",
     .min = 1,
     .max = 16384,
     .environment = "REGISTRYD_BODIES_AT_ONCE",
     .value_name = "NUMBER",
     .doc = "Requests with a body over 64 KiB at once; one client may have a quarter of them"},
    {.key = "memory",
     .type = SETTING_NUMBER,
     .offset = AT(memory_mib),
     .standard = "0",
     .min = 0,
     .max = 1048576,
     .environment = "REGISTRYD_MEMORY",
     .value_name = "MIB",
     .doc =
         "Memory for bodies and answers in progress; 0 = a quarter of the memory of the machine or "
         "of the control group"},
    {.key = "cache-mib",
     .type = SETTING_NUMBER,
     .offset = AT(cache_mib),
     .standard = "64",
     .min = 1,
     .max = 65536,
     .environment = "REGISTRYD_CACHE_MIB",
     .value_name = "MIB",
     .doc = "Memory for cached answers"},
    {.key = "pool-size",
     .type = SETTING_NUMBER,
     .offset = AT(pool_size),
     .standard = "8",
     .min = 1,
     .max = 100,
     .environment = "REGISTRYD_POOL_SIZE",
     .value_name = "NUMBER",
     .doc = "Most connections to PostgreSQL, besides the one that follows changes"},
    {.key = "log-level",
     .type = SETTING_LOG_LEVEL,
     .offset = AT(log_level),
     .standard = "info",
     .environment = "REGISTRYD_LOG_LEVEL",
     .value_name = "LEVEL",
     .doc = "Amount of logging to standard error: error, warning, info, debug"},
    {.key = "lame-duck",
     .type = SETTING_NUMBER,
     .offset = AT(lame_duck_seconds),
     .standard = "0",
     .min = 0,
     .max = 3600,
     .environment = "REGISTRYD_LAME_DUCK",
     .value_name = "SECONDS",
     .doc =
         "Time between the signal to stop and the stop: requests are served, and /readyz says 503, "
         "so that a proxy uses other daemons; a second signal ends it"},
    {.key = "drain-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(drain_seconds),
     .standard = "20",
     .min = 0,
     .max = 3600,
     .environment = "REGISTRYD_DRAIN_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time that a stop waits for requests in progress"},
    {.key = "linger-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(linger_seconds),
     .standard = "60",
     .min = 0,
     .max = 3600,
     .environment = "REGISTRYD_LINGER_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time that the private PostgreSQL outlives a crashed registryd, so that the "
            "next one can adopt it"},
    {.key = "operator",
     .type = SETTING_TEXT,
     .offset = AT(operator_user),
     .standard = "root",
     .environment = "REGISTRYD_OPERATOR",
     .value_name = "NAME",
     .doc = "User of the operating system who may connect to the private PostgreSQL as its owner"},
    {.key = "postgres-bin",
     .type = SETTING_TEXT,
     .offset = AT(postgres_bin),
     .environment = "REGISTRYD_POSTGRES_BIN",
     .value_name = "DIR",
     .doc = "Directory with initdb and postgres; by default the newest under "
            "/usr/lib/postgresql, else the PATH"},
    {.key = "max-artifact",
     .type = SETTING_NUMBER,
     .offset = AT(max_artifact_mib),
     .standard = "64",
     .min = 1,
     .max = 512,
     .environment = "REGISTRYD_MAX_ARTIFACT",
     .value_name = "MIB",
     .doc = "Largest wheel or sdist, in MiB"},
    {.key = "files",
     .type = SETTING_TEXT,
     .offset = AT(files),
     .standard = "database",
     .environment = "REGISTRYD_FILES",
     .value_name = "PLACE",
     .doc =
         "Where wheels and sdists are stored: database, or s3://BUCKET/PREFIX of an object store"},
    {.key = "files-endpoint",
     .type = SETTING_TEXT,
     .offset = AT(files_endpoint),
     .environment = "REGISTRYD_FILES_ENDPOINT",
     .value_name = "URL",
     .doc = "Address of the object store; by default that of AWS S3 in the region"},
    {.key = "files-region",
     .type = SETTING_TEXT,
     .offset = AT(files_region),
     .standard = "us-east-1",
     .environment = "REGISTRYD_FILES_REGION",
     .value_name = "REGION",
     .doc = "Region of the object store, which is part of every signature"},
    {.key = "files-path-style",
     .type = SETTING_FLAG,
     .offset = AT(files_path_style),
     .standard = "no",
     .environment = "REGISTRYD_FILES_PATH_STYLE",
     .value_name = "FLAG",
     .doc =
         "Write the bucket into the path and not into the host name, as MinIO and others expect"},
    {.key = "files-credentials",
     .type = SETTING_TEXT,
     .offset = AT(files_credentials),
     .environment = "REGISTRYD_FILES_CREDENTIALS",
     .value_name = "FILE",
     .doc = "File with the keys of the object store, as the tools of AWS write it; by default the "
            "variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"},
    {.key = "files-ca-file",
     .type = SETTING_TEXT,
     .offset = AT(files_ca_file),
     .environment = "REGISTRYD_FILES_CA_FILE",
     .value_name = "FILE",
     .doc = "Certificate authorities of the object store in PEM form, in place of those of the "
            "machine"},
    {.key = "files-redirect",
     .type = SETTING_FLAG,
     .offset = AT(files_redirect),
     .standard = "no",
     .environment = "REGISTRYD_FILES_REDIRECT",
     .value_name = "FLAG",
     .doc = "Send downloads on to the object store, with an address that is valid for a minute"},
    {.key = "files-new",
     .type = SETTING_WORD,
     .offset = AT(files_new),
     .standard = "objects",
     .words = "objects database",
     .environment = "REGISTRYD_FILES_NEW",
     .value_name = "WORD",
     .doc = "Where new files go when there is an object store; database, to move back to it"},
    {.key = "files-grace-seconds",
     .type = SETTING_NUMBER,
     .offset = AT(files_grace_seconds),
     .standard = "3600",
     .min = 1,
     .max = 604800,
     .environment = "REGISTRYD_FILES_GRACE_SECONDS",
     .value_name = "SECONDS",
     .doc = "Time after which objects are removed that no file refers to"},
    {.key = "release-open-days",
     .type = SETTING_NUMBER,
     .offset = AT(release_open_days),
     .standard = "0",
     .min = 0,
     .max = 36500,
     .environment = "REGISTRYD_RELEASE_OPEN_DAYS",
     .value_name = "DAYS",
     .doc = "Days that a release accepts files after its first file; 0 = unlimited"},
    {.key = "extractor",
     .type = SETTING_TEXT,
     .offset = AT(extractor),
     .environment = "REGISTRYD_EXTRACTOR",
     .value_name = "FILE",
     .doc =
         "Program that reads wheels and sdists; by default registryd-extract beside registryd or "
         "in ../libexec/registryd"},
    {.key = "snapshot-key",
     .type = SETTING_TEXT,
     .offset = AT(snapshot_key),
     .environment = "REGISTRYD_SNAPSHOT_KEY_FILE",
     .value_name = "FILE",
     .doc = "Key that signs snapshots, created by `registryctl snapshot key FILE`; without "
            "a key they are not signed"},
    {.key = "secrets-key",
     .type = SETTING_TEXT,
     .offset = AT(secrets_key),
     .environment = "REGISTRYD_SECRETS_KEY_FILE",
     .value_name = "FILE",
     .doc = "Key that seals secrets of environments, created when the first one is set; by default "
            "secrets.key in the data directory. Keep a copy"},
    {.key = "reading",
     .type = SETTING_WORD,
     .offset = AT(reading),
     .standard = "open",
     .words = "open closed",
     .environment = "REGISTRYD_READING",
     .value_name = "WORD",
     .doc = "open: anyone who reaches the registry may read; closed: reading needs a token "
            "with the scope read"},
    {.key = "behind-tls-proxy",
     .type = SETTING_FLAG,
     .offset = AT(is_behind_tls_proxy),
     .standard = "no",
     .environment = "REGISTRYD_BEHIND_TLS_PROXY",
     .value_name = "",
     .doc = "A proxy with TLS stands in front of the address in --listen, which may then be "
            "reachable from other machines"},
    {.key = "insecure-plain",
     .type = SETTING_FLAG,
     .offset = AT(is_insecure_plain),
     .standard = "no",
     .environment = "REGISTRYD_INSECURE_PLAIN",
     .value_name = "",
     .doc = "Listen on an address that other machines can reach, without TLS: anyone on the "
            "network can read the tokens"},
    {.key = "image-hosts",
     .type = SETTING_TEXT,
     .offset = AT(image_hosts),
     .environment = "REGISTRYD_IMAGE_HOSTS",
     .value_name = "HOSTS",
     .doc =
         "Hosts whose pictures pages show in descriptions, over https (img.example.org), separated "
         "by commas; by default no picture is loaded and each is a link"},
    {.key = "proxies",
     .type = SETTING_TEXT,
     .offset = AT(proxies),
     .environment = "REGISTRYD_PROXIES",
     .value_name = "NETWORKS",
     .doc = "Networks of trusted proxies (10.0.0.0/8), separated by commas; X-Forwarded-For "
            "is believed only from them, and their connections are not limited"},
    {.key = "proxy-count",
     .type = SETTING_NUMBER,
     .offset = AT(proxy_count),
     .standard = "1",
     .min = 1,
     .max = 10,
     .environment = "REGISTRYD_PROXY_COUNT",
     .value_name = "NUMBER",
     .doc = "Number of proxies in a row: the client is that many places from the right in "
            "X-Forwarded-For"},
    {.key = "requests-per-second",
     .type = SETTING_NUMBER,
     .offset = AT(requests_per_second),
     .standard = "200",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_REQUESTS_PER_SECOND",
     .value_name = "NUMBER",
     .doc = "Requests per address and second, with bursts of twice as many. 0 = unlimited"},
    {.key = "publishes-per-minute",
     .type = SETTING_NUMBER,
     .offset = AT(publishes_per_minute),
     .standard = "60",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_PUBLISHES_PER_MINUTE",
     .value_name = "NUMBER",
     .doc = "Publishes per token and minute. 0 = unlimited"},
    {.key = "new-names-per-hour",
     .type = SETTING_NUMBER,
     .offset = AT(new_names_per_hour),
     .standard = "20",
     .min = 0,
     .max = 1000000,
     .environment = "REGISTRYD_NEW_NAMES_PER_HOUR",
     .value_name = "NUMBER",
     .doc = "New packages per token and hour, after the burst. 0 = unlimited"},
    {.key = "new-names-burst",
     .type = SETTING_NUMBER,
     .offset = AT(new_names_burst),
     .standard = "200",
     .min = 1,
     .max = 1000000,
     .environment = "REGISTRYD_NEW_NAMES_BURST",
     .value_name = "NUMBER",
     .doc = "New packages that a token may create at once. The scope import has no such limit"},
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

// By the name as it is written in files and behind "--": the same for both.
const struct setting *setting_find(const char *key, size_t len) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        if (strlen(row->key) == len && memcmp(row->key, key, len) == 0) {
            return row;
        }
    }
    return NULL;
}

// ---- values ----

// strtol forgives spaces and a sign in front; the bounds refuse "-1" where that matters. What stands behind the
// number is not forgiven: "10s" is no number of seconds.
static bool parse_number(const char *text, const struct setting *row, int *ret_number) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || *end || !is_digit(end[-1]) || number < row->min || number > row->max) {
        return false;
    }
    *ret_number = (int)number;
    return true;
}

// From the least to the most; the order of the enum is the order of loudness.
static bool parse_log_level(const char *text, int *ret_level) {
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        if (strcmp(text, log_level_name((enum log_level)level)) == 0) {
            *ret_level = level;
            return true;
        }
    }
    return false;
}

// The place of a word among those there are.
static bool parse_word(const char *text, const char *words, int *ret_place) {
    struct text rest = text_from(words);
    struct text word;
    for (int place = 0; text_split(&rest, ' ', &word); place++) {
        if (text_equals(word, text)) {
            *ret_place = place;
            return true;
        }
    }
    return false;
}

// The words stand in pairs, no before yes, so the place's last bit is the answer.
static bool parse_flag(const char *text, int *ret_flag) {
    int place = 0;
    if (!parse_word(text, "no yes false true 0 1", &place)) {
        return false;
    }
    *ret_flag = place % 2;
    return true;
}

// The type of the row says what `offset` points at; a row and its member in config.h must agree.
// Example: `--threads 64`, `threads: 64` in the file and REGISTRYD_THREADS=64 all arrive here as
// the text "64".
enum status setting_apply(struct config_result *result, const struct setting *row, const char *text,
                          const struct config_source *source, struct error *err) {
    void *field = (char *)&result->config + row->offset;
    if (!*text) {
        return fail(err, STATUS_USAGE, source->where, "%s needs a value (%s)", row->key,
                    row->value_name);
    }
    switch (row->type) {
    case SETTING_TEXT:
        *(const char **)field = text;
        break;
    case SETTING_NUMBER:
        if (!parse_number(text, row, field)) {
            return fail(err, STATUS_USAGE, source->where,
                        "%s must be a whole number from %d to %d, not \"%s\"", row->key, row->min,
                        row->max, text);
        }
        break;
    case SETTING_WORD:
        if (!parse_word(text, row->words, field)) {
            return fail(err, STATUS_USAGE, source->where, "%s must be one of: %s; not \"%s\"",
                        row->key, row->words, text);
        }
        break;
    case SETTING_FLAG:
        if (!parse_flag(text, field)) {
            return fail(err, STATUS_USAGE, source->where, "%s must be yes or no, not \"%s\"",
                        row->key, text);
        }
        break;
    case SETTING_LOG_LEVEL:
        if (!parse_log_level(text, field)) {
            return fail(err, STATUS_USAGE, source->where,
                        "%s must be error, warning, info or debug, not \"%s\"", row->key, text);
        }
        break;
    }
    // --print-config writes the origin behind each value.
    result->origins[row - settings_table] = source->origin;
    return STATUS_OK;
}
