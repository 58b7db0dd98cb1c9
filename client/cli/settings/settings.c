// SPDX-License-Identifier: MIT
// Reading the configuration file (settings.h), once, before any thread exists. Every profile is checked, also those that
// are not chosen: a mistake should show when the file is written, not on the day that the profile is needed.
#include "client/cli/settings/settings.h"

#include "schema/guess.h"
#include "client/cli/settings/user_file.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/readers/core/yaml.h"

#include <stdlib.h>
#include <string.h>

#define MODES "walk-first|registry-first|registry|walk|compare"

const struct client_setting client_settings[SETTING_COUNT] = {
    [SETTING_URL] = {"url", "REGISTRYD_URL", "--url", .standard = "http://127.0.0.1:7621"},
    [SETTING_ENVIRONMENT] = {"environment", "REGISTRYD_ENVIRONMENT", "--environment",
                             .standard = "default"},
    [SETTING_TOKEN_COMMAND] = {"token-command", "REGISTRYD_TOKEN_COMMAND"},
    [SETTING_CA_FILE] = {"ca-file", "REGISTRYD_CA_FILE", "--ca-file", SETTING_FILE},
    [SETTING_CLIENT_CERT] = {"client-cert", "REGISTRYD_CLIENT_CERT", "--client-cert", SETTING_FILE},
    [SETTING_CLIENT_KEY] = {"client-key", "REGISTRYD_CLIENT_KEY", "--client-key", SETTING_FILE},
    [SETTING_PROXY] = {"proxy", "REGISTRYD_PROXY", "--proxy"},
    [SETTING_INSECURE_PLAIN] = {"insecure-plain", "REGISTRYD_INSECURE_PLAIN", "--insecure-plain",
                                SETTING_FLAG},
    [SETTING_TIMEOUT] = {"timeout", "REGISTRYD_TIMEOUT", "--timeout", .standard = "10"},
    [SETTING_FORMAT] = {"format", "REGISTRYD_FORMAT", "--format", SETTING_CHOICE,
                        "table|json|lines", "table"},
    [SETTING_MODE] = {"mode", "REGISTRYD_MODE", NULL, SETTING_CHOICE, MODES, "walk-first"},
    [SETTING_ENFORCE] = {"enforce", "REGISTRYD_ENFORCE", NULL, SETTING_CHOICE, "strict|on|warn|off",
                         "on"},
    [SETTING_STRICT] = {"strict", "REGISTRYD_STRICT", NULL, SETTING_FLAG},
    [SETTING_SNAPSHOT] = {"snapshot", "REGISTRYD_SNAPSHOT", NULL, SETTING_FILE},
    [SETTING_SNAPSHOT_KEY] = {"snapshot-key", "REGISTRYD_SNAPSHOT_KEY"},
    [SETTING_CACHE_DIR] = {"cache-dir", "REGISTRYD_CACHE_DIR", NULL, SETTING_FILE},
};

// One reading of the file.
struct config_reading {
    struct arena *arena;
    const char *file;
    struct error *err;
};

static const char *place(const struct config_reading *reading, const struct node *node) {
    return arena_printf(reading->arena, "%s:%zu", reading->file, node->line);
}

// ---- values ----

static bool is_choice(const char *values, const char *word) {
    struct text rest = text_from(values);
    for (struct text value; text_split(&rest, '|', &value);) {
        if (text_equals(value, word)) {
            return true;
        }
    }
    return false;
}

// A scalar of any type is taken as it is written: "timeout: 20", "strict: true".
static enum status read_value(const struct config_reading *reading,
                              const struct client_setting *row, const struct node *node,
                              const char **ret_text) {
    struct error *err = reading->err;
    bool is_scalar = node->type != NODE_LIST && node->type != NODE_TABLE;
    const char *text = is_scalar ? node->string : NULL;
    if (!text || !*text) {
        return fail(err, STATUS_USAGE, place(reading, node), "\"%s\" must be a text, not %s",
                    row->key, text ? "an empty one" : node_type_name(node->type));
    }
    if (row->kind == SETTING_FLAG && node->type != NODE_BOOLEAN) {
        return fail(err, STATUS_USAGE, place(reading, node), "\"%s\" must be true or false",
                    row->key);
    }
    if (row->kind == SETTING_CHOICE && !is_choice(row->values, text)) {
        return fail(err, STATUS_USAGE, place(reading, node), "Unknown %s \"%s\". Use one of %s.",
                    row->key, text, row->values);
    }
    if (row->kind == SETTING_FLAG) {
        text = node->integer ? "1" : "0";
    } else if (row->kind == SETTING_FILE) {
        text = user_file_resolve(reading->arena, reading->file, text);
    }
    *ret_text = text;
    return text ? STATUS_OK : fail_no_memory(err);
}

// "root: /opt/app/plugins" or a list.
static enum status read_roots(const struct config_reading *reading, const struct node *node,
                              struct settings *into) {
    const struct node *first = node->type == NODE_LIST ? node->first : node;
    size_t count = node->type == NODE_LIST ? node->count : 1;
    into->roots = arena_array(reading->arena, count ? count : 1, sizeof *into->roots);
    into->root_count = 0;
    if (!into->roots) {
        return fail_no_memory(reading->err);
    }
    for (size_t i = 0; i < count; i++, first = first->next) {
        if (first->type != NODE_STRING || !*first->string) {
            return fail(reading->err, STATUS_USAGE, place(reading, first),
                        "\"root\" must be PATH, LABEL=PATH or a list of them");
        }
        into->roots[into->root_count++] = first->string;
    }
    return STATUS_OK;
}

// ---- keys ----

static enum status fail_unknown(const struct config_reading *reading, const struct node *node,
                                bool is_top) {
    struct guess guess = guess_begin(node->key, GUESS_TOO_FAR);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        guess_offer(&guess, client_settings[i].key);
    }
    guess_offer(&guess, "root");
    guess_offer(&guess, is_top ? "profile" : NULL);
    guess_offer(&guess, is_top ? "profiles" : NULL);
    if (strcmp(node->key, "token") == 0) {
        return fail(reading->err, STATUS_USAGE, place(reading, node),
                    "A token does not belong into this file. Use \"registryctl login\", or the key "
                    "\"token-command\".");
    }
    if (guess.nearest) {
        return fail(reading->err, STATUS_USAGE, place(reading, node),
                    "Unknown key \"%s\". Did you mean \"%s\"?", node->key, guess.nearest);
    }
    return fail(reading->err, STATUS_USAGE, place(reading, node),
                "Unknown key \"%s\". See registryctl(1) for the keys.", node->key);
}

static const struct client_setting *find_setting(const char *key) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(client_settings[i].key, key) == 0) {
            return &client_settings[i];
        }
    }
    return NULL;
}

// One key of a profile or of the file's top.
static enum status read_member(const struct config_reading *reading, const struct node *node,
                               bool is_top, struct settings *into) {
    const struct client_setting *row = find_setting(node->key);
    bool is_root = strcmp(node->key, "root") == 0;
    if (!row && !is_root) {
        return fail_unknown(reading, node, is_top);
    }
    if (node->type == NODE_NULL) {
        return STATUS_OK; // as if it were not there
    }
    if (is_root) {
        return read_roots(reading, node, into);
    }
    struct profile_value value = {.line = node->line};
    enum status status = read_value(reading, row, node, &value.text);
    if (status) {
        return status;
    }
    into->values[row - client_settings] = value;
    return STATUS_OK;
}

static enum status read_table(const struct config_reading *reading, const struct node *table,
                              bool is_top, struct settings *into) {
    if (table->type != NODE_TABLE && table->type != NODE_NULL) {
        return fail(reading->err, STATUS_USAGE, place(reading, table), "%s must be a table, not %s",
                    is_top ? "The configuration" : "A profile", node_type_name(table->type));
    }
    for (const struct node *node = table->first; node; node = node->next) {
        bool is_own =
            is_top && (strcmp(node->key, "profile") == 0 || strcmp(node->key, "profiles") == 0);
        enum status status = is_own ? STATUS_OK : read_member(reading, node, is_top, into);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// ---- profiles ----

static enum status fail_no_profile(const struct config_reading *reading,
                                   const struct node *profiles, const char *wanted) {
    struct guess guess = guess_begin(wanted, GUESS_TOO_FAR);
    for (const struct node *node = profiles ? profiles->first : NULL; node; node = node->next) {
        guess_offer(&guess, node->key);
    }
    return guess.nearest
               ? fail(reading->err, STATUS_USAGE, reading->file,
                      "The file has no profile \"%s\". Did you mean \"%s\"?", wanted, guess.nearest)
               : fail(reading->err, STATUS_USAGE, reading->file,
                      "The file has no profile \"%s\". Add it under \"profiles\".", wanted);
}

// Checks every profile; the chosen one is laid over the keys of the top.
static enum status read_profiles(const struct config_reading *reading, const struct node *root,
                                 struct settings *into) {
    const struct node *profiles = node_find(root, "profiles");
    const struct node *chosen = NULL;
    if (profiles && profiles->type != NODE_TABLE && profiles->type != NODE_NULL) {
        return fail(reading->err, STATUS_USAGE, place(reading, profiles),
                    "\"profiles\" must be a table, not %s", node_type_name(profiles->type));
    }
    for (const struct node *node = profiles ? profiles->first : NULL; node; node = node->next) {
        struct settings checked = {0};
        bool is_wanted = into->profile && strcmp(node->key, into->profile) == 0;
        enum status status = read_table(reading, node, false, is_wanted ? into : &checked);
        if (status) {
            return status;
        }
        chosen = is_wanted ? node : chosen;
    }
    return into->profile && !chosen ? fail_no_profile(reading, profiles, into->profile) : STATUS_OK;
}

// The file's own choice counts when nothing else names a profile.
static enum status choose_profile(const struct config_reading *reading, const struct node *root,
                                  struct settings *into) {
    const struct node *named = node_find(root, "profile");
    if (!named || named->type == NODE_NULL || into->profile) {
        return STATUS_OK;
    }
    if (named->type != NODE_STRING) {
        return fail(reading->err, STATUS_USAGE, place(reading, named),
                    "\"profile\" must be the name of a profile");
    }
    into->profile = named->string;
    return STATUS_OK;
}

static enum status read_file(const struct config_reading *reading, const char *text,
                             struct settings *into) {
    const struct source_file file = {.path = reading->file, .bytes = text, .len = strlen(text)};
    const struct node *root = NULL;
    enum status status = yaml_parse(reading->arena, &file, &root, reading->err);
    if (status == STATUS_MALFORMED && reading->err) {
        return reading->err->status = STATUS_USAGE; // a mistake of the user, not of a project
    }
    if (status) {
        return status;
    }
    status = read_table(reading, root, true, into);
    if (status) {
        return status;
    }
    status = choose_profile(reading, root, into);
    if (status) {
        return status;
    }
    return read_profiles(reading, root, into);
}

enum status settings_load(struct arena *arena, const char *profile, struct settings *ret_settings,
                          struct error *err) {
    const char *text = NULL;
    const char *wanted = profile ? profile : settings_variable("REGISTRYD_PROFILE");
    *ret_settings =
        (struct settings){.file = user_file_path(arena, "config.yaml"), .profile = wanted};
    const struct config_reading reading = {arena, ret_settings->file, err};
    enum status status = reading.file ? user_file_read(arena, reading.file, &text, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (!text) {
        return wanted
                   ? fail(err, STATUS_USAGE, reading.file,
                          "There is no configuration file, so there is no profile \"%s\"", wanted)
                   : STATUS_OK;
    }
    ret_settings->is_there = true;
    return read_file(&reading, text, ret_settings);
}

// ---- variables ----

const char *settings_variable(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

// SSL_CERT_FILE is the machine's: a profile of this registry is stronger than it, and REGISTRYD_CA_FILE is ours.
enum status settings_apply(struct settings *settings, struct error *err) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *text = settings->values[i].text;
        const char *variable = client_settings[i].variable;
        if (!text || settings_variable(variable)) {
            continue;
        }
        if (setenv(variable, text, 1)) {
            return fail_no_memory(err);
        }
        settings->is_applied[i] = true;
    }
    return STATUS_OK;
}
