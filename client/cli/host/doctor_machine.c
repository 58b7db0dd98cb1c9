// SPDX-License-Identifier: MIT
// The checks of doctor on this side of the network: files, variables, settings and where each value comes from, the
// snapshot. Nothing here is sent anywhere, and no value of a secret is shown.
#include "client/cli/host/diagnosis.h"
#include "client/cli/input/query.h"
#include "client/cli/settings/credentials.h"
#include "client/cli/settings/user_file.h"
#include "client/snapshot/snapshot_cache.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/guess.h"

#include <stdlib.h>
#include <string.h>

// ---- files ----

static void add_file(struct diagnosis *diagnosis) {
    const struct cli *cli = diagnosis->cli;
    const struct settings *settings = cli->settings;
    const char *profile = settings->profile ? settings->profile : "none";
    if (cli->settings_error) {
        diagnosis_add(diagnosis, CHECK_ERROR, "configuration", "Correct the file; it is not used",
                      "%s: %s", cli->settings_error->where, cli->settings_error->message);
        return;
    }
    if (!settings->is_there) {
        diagnosis_add(diagnosis, CHECK_OK, "configuration", NULL, "no file %s",
                      settings->file ? settings->file : "(there is no home folder)");
        return;
    }
    if (user_file_look(settings->file).others_write) {
        diagnosis_add(diagnosis, CHECK_ERROR, "configuration",
                      "Run \"chmod go-w\" on it, and check what it says",
                      "Other users may write %s", settings->file);
        return;
    }
    diagnosis_add(diagnosis, CHECK_OK, "configuration", NULL, "%s, profile %s", settings->file,
                  profile);
}

static void add_credentials(struct diagnosis *diagnosis) {
    const char *path = credentials_path(diagnosis->cli->arena);
    struct user_file_rights rights = path ? user_file_look(path) : (struct user_file_rights){0};
    if (rights.others_read || rights.others_write) {
        diagnosis_add(diagnosis, CHECK_ERROR, "tokens",
                      "Run \"chmod 600\" on it, and revoke its tokens if others have read it",
                      "Other users may read or write %s", path);
    } else {
        diagnosis_add(diagnosis, CHECK_OK, "tokens", NULL, "%s%s",
                      rights.is_there ? path : "no token is kept",
                      rights.is_there ? ", readable by its owner alone" : "");
    }
}

// ---- settings ----

// The value of an option of every command; NULL: it was not given.
static const char *option_value(const struct cli *cli, size_t setting) {
    const struct global_options *given = &cli->global;
    switch (setting) {
    case SETTING_URL:
        return given->url;
    case SETTING_ENVIRONMENT:
        return given->environment;
    case SETTING_CA_FILE:
        return given->ca_file;
    case SETTING_CLIENT_CERT:
        return given->client_cert;
    case SETTING_CLIENT_KEY:
        return given->client_key;
    case SETTING_PROXY:
        return given->proxy;
    case SETTING_TIMEOUT:
        return given->timeout;
    case SETTING_FORMAT:
        return given->format;
    case SETTING_INSECURE_PLAIN:
        return given->insecure_plain ? "1" : NULL;
    default:
        return NULL;
    }
}

// The address of a proxy may hold a password.
static const char *shown_value(struct diagnosis *diagnosis, size_t setting, const char *value) {
    const char *at = strrchr(value, '@');
    if (setting != SETTING_PROXY || !at) {
        return value;
    }
    const char *shown = arena_printf(diagnosis->cli->arena, "…%s", at);
    diagnosis->no_memory |= !shown;
    return shown ? shown : "…";
}

static void add_setting(struct diagnosis *diagnosis, size_t setting) {
    const struct cli *cli = diagnosis->cli;
    const struct client_setting *row = &client_settings[setting];
    const struct settings *settings = cli->settings;
    const char *given = option_value(cli, setting);
    const char *variable = settings_variable(row->variable);
    const char *value = given ? given : variable ? variable : row->standard;
    if (!value) {
        return;
    }
    value = shown_value(diagnosis, setting, value);
    if (given) {
        diagnosis_add(diagnosis, CHECK_OK, "setting", NULL, "%s: %s (option %s)", row->key, value,
                      row->option);
    } else if (settings->is_applied[setting]) {
        diagnosis_add(diagnosis, CHECK_OK, "setting", NULL, "%s: %s (%s:%zu)", row->key, value,
                      settings->file, settings->values[setting].line);
    } else {
        diagnosis_add(diagnosis, CHECK_OK, "setting", NULL, "%s: %s (%s)", row->key, value,
                      variable ? row->variable : "default");
    }
}

// A mode or a level that is none is ignored by hosts, with a warning that a person may never see.
static void add_choice(struct diagnosis *diagnosis, size_t setting) {
    const struct client_setting *row = &client_settings[setting];
    const char *value = settings_variable(row->variable);
    struct text rest = text_from(row->values);
    for (struct text choice; value && text_split(&rest, '|', &choice);) {
        value = text_equals(choice, value) ? NULL : value;
    }
    if (value) {
        const char *hint = arena_printf(diagnosis->cli->arena, "Use one of %s", row->values);
        diagnosis_add(diagnosis, CHECK_ERROR, row->key, hint, "%s is \"%s\", which hosts ignore",
                      row->variable, value);
    }
}

static void add_levels(struct diagnosis *diagnosis) {
    const char *enforce = settings_variable("REGISTRYD_ENFORCE");
    add_choice(diagnosis, SETTING_MODE);
    add_choice(diagnosis, SETTING_ENFORCE);
    add_choice(diagnosis, SETTING_FORMAT);
    if (enforce && (strcmp(enforce, "off") == 0 || strcmp(enforce, "warn") == 0)) {
        diagnosis_add(diagnosis, CHECK_WARNING, "enforce", "Unset it when the emergency is over",
                      "REGISTRYD_ENFORCE is %s: hosts load plugins that the registry withholds",
                      enforce);
    }
    if (settings_variable("REGISTRYD_DISABLE")) {
        diagnosis_add(diagnosis, CHECK_WARNING, "mode", "Unset it to ask the registry again",
                      "REGISTRYD_DISABLE is set: Python hosts find plugins by walking only");
    }
}

// ---- names of variables ----

// Also registryd's, the library's and Python's; others may use the prefix, too, so only a name that is nearly one of
// these is a mistake.
static const char *const other_variables[] = {
    "REGISTRYD_TOKEN",   "REGISTRYD_PROFILE", "REGISTRYD_DISABLE", "REGISTRYD_PYTHON_ENGINE",
    "REGISTRYD_CONFIG",  "REGISTRYD_LISTEN",  "REGISTRYD_USER",    "REGISTRYD_THREADS",
    "REGISTRYD_PROXIES", "REGISTRYD_MEMORY",  "REGISTRYD_DATA_DIR"};

static const char *nearest_variable(const char *name) {
    enum { TOO_FAR = 3 };
    struct guess guess = guess_begin(name, TOO_FAR);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(client_settings[i].variable, name) == 0) {
            return NULL;
        }
        guess_offer(&guess, client_settings[i].variable);
    }
    for (size_t i = 0; i < COUNT_OF(other_variables); i++) {
        if (strcmp(other_variables[i], name) == 0) {
            return NULL;
        }
        guess_offer(&guess, other_variables[i]);
    }
    return guess.nearest;
}

static void add_variables(struct diagnosis *diagnosis) {
    extern char **environ;
    for (char **at = environ; *at; at++) {
        size_t len = strcspn(*at, "=");
        bool is_ours = strncmp(*at, "REGISTRYD", strlen("REGISTRYD")) == 0;
        const char *name = is_ours ? arena_copy(diagnosis->cli->arena, *at, len) : NULL;
        const char *nearest = name ? nearest_variable(name) : NULL;
        diagnosis->no_memory |= is_ours && !name;
        if (nearest) {
            const char *hint = arena_printf(diagnosis->cli->arena, "Rename it to %s", nearest);
            diagnosis_add(diagnosis, CHECK_WARNING, "variable", hint,
                          "%s is set, and nothing reads it", name);
        }
    }
}

void diagnosis_add_machine(struct diagnosis *diagnosis) {
    add_file(diagnosis);
    add_credentials(diagnosis);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        add_setting(diagnosis, i);
    }
    add_levels(diagnosis);
    add_variables(diagnosis);
}

// ---- the snapshot ----

static const char *age_text(struct arena *arena, int64_t seconds) {
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        int64_t count = seconds / units[i].seconds;
        if (count) {
            return arena_printf(arena, "%lld %s%s", (long long)count, units[i].name,
                                count == 1 ? "" : "s");
        }
    }
    return "0 seconds";
}

static void add_open_snapshot(struct diagnosis *diagnosis, const char *path,
                              const struct snapshot_file *file, bool is_copy) {
    const struct snapshot_origin *origin = &file->snapshot.origin;
    struct arena *arena = diagnosis->cli->arena;
    const char *age = age_text(arena, snapshot_file_age_seconds(file, is_copy));
    bool is_old = snapshot_file_is_too_old(file, is_copy);
    const char *hint = is_old ? "Run \"registryctl snapshot pull\", or keep \"registryctl watch\" "
                                "running on this host"
                              : NULL;
    diagnosis_add(diagnosis, is_old ? CHECK_ERROR : CHECK_OK, "snapshot", hint,
                  "%s: serial %lld, %u groups, %s %s ago%s", path, (long long)origin->serial,
                  file->snapshot.group_count, is_copy ? "made" : "confirmed", age ? age : "?",
                  is_old ? ", which is longer than its environment allows" : "");
}

// The file that hosts without facts read, or the one that REGISTRYD_SNAPSHOT names. *ret_path is arena.
static enum status open_snapshot(struct cli *cli, const struct connection *connection,
                                 const char *named, struct snapshot_file *ret_file,
                                 const char **ret_path, struct error *err) {
    struct source_query query = {0};
    struct snapshot_selector selector;
    struct snapshot_path location;
    enum status status = facts_selector(cli, NULL, connection, &query, &selector, err);
    if (status) {
        return status;
    }
    selector.path = named;
    selector.is_any = named;
    status = snapshot_cache_find(cli->arena, &selector, &location, err);
    if (status) {
        return status;
    }
    *ret_path = location.path;
    return snapshot_cache_open(&selector, &location, ret_file, err);
}

void diagnosis_add_snapshot(struct diagnosis *diagnosis, const struct connection *connection) {
    const char *named = settings_variable("REGISTRYD_SNAPSHOT");
    const char *path = NULL;
    struct snapshot_file file = {0};
    struct error wrong = {0};
    enum status status = open_snapshot(diagnosis->cli, connection, named, &file, &path, &wrong);
    if (status == STATUS_NOT_FOUND && !named) {
        diagnosis_add(diagnosis, CHECK_WARNING, "snapshot",
                      "Run \"registryctl snapshot pull\", so that hosts have an answer while the "
                      "registry is away",
                      "No snapshot of this registry and environment is cached");
    } else if (status) {
        diagnosis_add(diagnosis, CHECK_ERROR, "snapshot",
                      "Remove the file or correct its rights, and pull it again", "%s%s%s",
                      wrong.where, wrong.where[0] ? ": " : "", wrong.message);
    } else {
        add_open_snapshot(diagnosis, path, &file, named);
        snapshot_file_close(&file);
    }
}
