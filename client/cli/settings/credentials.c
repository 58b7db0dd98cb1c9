// SPDX-License-Identifier: MIT
// The file is JSON: {"registries": [{"url": "https://…", "token": "plg_…"}]}. It is read for every request that has no
// other token, and replaced whole by login and logout. No message of this file holds a token or what a command printed.
#include "client/cli/settings/credentials.h"

#include "client/cli/settings/user_file.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { TOKEN_BYTES_MAX = 4096 };

const char *credentials_path(struct arena *arena) {
    return user_file_path(arena, "credentials.json");
}

const char *credentials_address(struct arena *arena, const char *url) {
    char *copy = arena_strdup(arena, url);
    char *host = copy ? strstr(copy, "://") : NULL;
    if (!host) {
        return copy;
    }
    size_t end = (size_t)(host - copy) + 3 + strcspn(host + 3, "/?#");
    for (size_t i = 0; i < end; i++) {
        copy[i] = to_lower(copy[i]);
    }
    const char *implied = strncmp(copy, "https:", 6) == 0 ? ":443" : ":80";
    size_t len = strlen(implied);
    if (end > len && strncmp(copy + end - len, implied, len) == 0) {
        memmove(copy + end - len, copy + end, strlen(copy + end) + 1);
    }
    for (size_t all = strlen(copy); all && copy[all - 1] == '/'; all--) {
        copy[all - 1] = '\0';
    }
    return copy;
}

// ---- the file ----

static enum status fail_damaged(const char *path, struct error *err) {
    return fail(
        err, STATUS_INVALID, path,
        "The file of the tokens is damaged. Remove it and run \"registryctl login\" again.");
}

// *ret_list is an array, also without a file. Owned.
static enum status load(struct arena *arena, json_t **ret_list, struct error *err) {
    const char *path = credentials_path(arena);
    const char *text = NULL;
    scoped(cleanup_json) json_t *document = NULL;
    if (path && user_file_look(path).others_read) {
        return fail(err, STATUS_FORBIDDEN, path,
                    "Other users may read the tokens in this file. Run \"chmod 600\" on it, and "
                    "revoke them if others have read it.");
    }
    enum status status = path ? user_file_read(arena, path, &text, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (!text) {
        *ret_list = json_array();
        return *ret_list ? STATUS_OK : fail_no_memory(err);
    }
    document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_t *list = json_object_get(document, "registries");
    if (!json_is_array(list)) {
        return fail_damaged(path, err);
    }
    *ret_list = json_incref(list);
    return STATUS_OK;
}

// The index of the entry; the length of the list when there is none.
static size_t find_entry(struct arena *arena, const json_t *list, const char *address) {
    size_t at;
    const json_t *entry;
    json_array_foreach(list, at, entry) {
        const char *url = json_string_value(json_object_get(entry, "url"));
        const char *known = url ? credentials_address(arena, url) : NULL;
        if (known && strcmp(known, address) == 0) {
            return at;
        }
    }
    return json_array_size(list);
}

enum status credentials_find(struct arena *arena, const char *url, struct credential *ret_found,
                             struct error *err) {
    scoped(cleanup_json) json_t *list = NULL;
    const char *address = credentials_address(arena, url);
    enum status status = load(arena, &list, err);
    if (status) {
        return status;
    }
    if (!address) {
        return fail_no_memory(err);
    }
    const json_t *entry = json_array_get(list, find_entry(arena, list, address));
    *ret_found = (struct credential){
        .url = address,
        .token = arena_strdup(arena, json_string_value(json_object_get(entry, "token"))),
        .command = arena_strdup(arena, json_string_value(json_object_get(entry, "command"))),
    };
    return STATUS_OK;
}

static enum status store(struct arena *arena, json_t *list, struct error *err) {
    const char *path = credentials_path(arena);
    scoped(cleanup_json) json_t *document = json_pack("{s:O}", "registries", list);
    scoped(cleanup_memory) char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
    if (!path) {
        return fail(err, STATUS_USAGE, NULL,
                    "There is no home folder to keep a token in. Set HOME or XDG_CONFIG_HOME.");
    }
    return text ? user_file_write(arena, path, text, err) : fail_no_memory(err);
}

enum status credentials_keep(struct arena *arena, const struct credential *kept,
                             struct error *err) {
    scoped(cleanup_json) json_t *list = NULL;
    const char *address = credentials_address(arena, kept->url);
    enum status status = load(arena, &list, err);
    if (status) {
        return status;
    }
    if (!address) {
        return fail_no_memory(err);
    }
    json_array_remove(list, find_entry(arena, list, address));
    if (kept->token || kept->command) {
        json_t *entry = json_pack("{s:s,s:s*,s:s*}", "url", address, "token", kept->token,
                                  "command", kept->command);
        if (json_array_append_new(list, entry)) {
            return fail_no_memory(err);
        }
    }
    return store(arena, list, err);
}

// ---- a token for a request ----

static enum status read_line(FILE *stream, struct arena *arena, const char **ret_line) {
    char line[TOKEN_BYTES_MAX + 2];
    bool is_read = fgets(line, sizeof line, stream);
    struct text text = text_trim(text_from(is_read ? line : ""));
    *ret_line = arena_copy(arena, text.ptr, text.len);
    while (fgets(line, sizeof line, stream)) {
        // the command may print more: it is read, so that it does not die of a closed pipe
    }
    explicit_bzero(line, sizeof line);
    return *ret_line ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status credentials_run(struct arena *arena, const char *command, const char **ret_token,
                            struct error *err) {
    const char *token = NULL;
    fflush(NULL);
    FILE *stream = popen(command, "re");
    if (!stream) {
        return fail(err, STATUS_USAGE, NULL, "The token command cannot be run: %s",
                    strerror(errno));
    }
    enum status status = read_line(stream, arena, &token);
    int code = pclose(stream);
    if (status) {
        return fail_no_memory(err);
    }
    if (code) {
        return fail(err, STATUS_USAGE, NULL, "The token command failed with exit code %d: %s",
                    WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code), command);
    }
    if (!*token) {
        return fail(err, STATUS_USAGE, NULL, "The token command printed nothing: %s", command);
    }
    *ret_token = token;
    return STATUS_OK;
}

// A profile's command is for the profile's registry. One of a variable is for any, as REGISTRYD_TOKEN is.
static bool is_for(struct arena *arena, const struct settings *settings, const char *url) {
    const char *own = settings->values[SETTING_URL].text;
    const char *known = own ? credentials_address(arena, own) : NULL;
    const char *asked = credentials_address(arena, url);
    bool is_profiles = settings->is_applied[SETTING_TOKEN_COMMAND];
    return !is_profiles || (known && asked && strcmp(known, asked) == 0);
}

// A file that others may write would let them run commands as this user.
static enum status check_command_file(const struct settings *settings, struct error *err) {
    if (!settings->is_applied[SETTING_TOKEN_COMMAND] ||
        !user_file_look(settings->file).others_write) {
        return STATUS_OK;
    }
    return fail(err, STATUS_FORBIDDEN, settings->file,
                "Other users may write this file, so its token-command is not run. Run \"chmod "
                "go-w\" on it.");
}

bool credentials_has_command(struct arena *arena, const struct settings *settings,
                             const char *url) {
    return settings_variable("REGISTRYD_TOKEN_COMMAND") && is_for(arena, settings, url);
}

enum status credentials_token(struct arena *arena, const struct settings *settings, const char *url,
                              const char **ret_token, struct error *err) {
    const char *command = settings_variable("REGISTRYD_TOKEN_COMMAND");
    struct credential kept = {0};
    if (credentials_has_command(arena, settings, url)) {
        enum status status = check_command_file(settings, err);
        return status ? status : credentials_run(arena, command, ret_token, err);
    }
    enum status status = credentials_find(arena, url, &kept, err);
    if (status) {
        return status;
    }
    if (kept.command) {
        return credentials_run(arena, kept.command, ret_token, err);
    }
    *ret_token = kept.token;
    return STATUS_OK;
}
