// SPDX-License-Identifier: MIT
// Keys come from a file, or from the variables that all tools of AWS read; never from a flag, which other users of the
// machine can see. They stay in memory until the end: every request is signed with them.
#include "registryd/file_settings.h"

#include "registryd/object_store/object_credentials.h"
#include "registryd/private_file.h"
#include "schema/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum {
    CREDENTIALS_BYTES_MAX = 16 * 1024,
    CALLS_SHARE = 4, // of the threads, that may wait for the object store
};

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static enum status load_variables(struct object_credentials *ret_credentials, struct error *err) {
    *ret_credentials = (struct object_credentials){
        .access_key = variable("AWS_ACCESS_KEY_ID"),
        .secret_key = variable("AWS_SECRET_ACCESS_KEY"),
        .session_token = variable("AWS_SESSION_TOKEN"),
    };
    return ret_credentials->access_key && ret_credentials->secret_key
               ? STATUS_OK
               : fail(err, STATUS_USAGE, "files",
                      "The object store needs keys. Set --files-credentials, or the variables "
                      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

static enum status load_file(struct arena *arena, const char *path,
                             struct object_credentials *ret_credentials, struct error *err) {
    char *room = arena_alloc(arena, CREDENTIALS_BYTES_MAX);
    const struct private_file file = {path, "file of credentials", room, CREDENTIALS_BYTES_MAX};
    struct text bytes;
    enum status status = room ? private_file_read(&file, &bytes, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    status = object_credentials_parse(arena, path, bytes, ret_credentials, err);
    explicit_bzero(room, CREDENTIALS_BYTES_MAX);
    return status;
}

static enum status open_objects(const struct config *config, const struct log_sink *log,
                                struct file_settings *settings, struct error *err) {
    struct object_credentials credentials;
    enum status status =
        config->files_credentials
            ? load_file(settings->arena, config->files_credentials, &credentials, err)
            : load_variables(&credentials, err);
    if (status) {
        return status;
    }
    const struct object_store_settings of_store = {
        .url = config->files,
        .endpoint = config->files_endpoint,
        .region = config->files_region,
        .is_path_style = config->files_path_style,
        .access_key = credentials.access_key,
        .secret_key = credentials.secret_key,
        .session_token = credentials.session_token,
        .ca_file = config->files_ca_file,
        .calls_max = config->threads / CALLS_SHARE,
        .log = log,
    };
    return object_store_open(&of_store, &settings->objects, err);
}

enum status file_settings_open(const struct config *config, const struct log_sink *log,
                               struct file_settings *ret_settings, struct error *err) {
    struct file_settings settings = {0};
    if (strcmp(config->files, "database") == 0) {
        *ret_settings = settings;
        return STATUS_OK;
    }
    settings.arena = arena_new(0);
    enum status status =
        settings.arena ? open_objects(config, log, &settings, err) : fail_no_memory(err);
    if (status) {
        file_settings_close(&settings);
        return status;
    }
    *ret_settings = settings;
    return STATUS_OK;
}

void file_settings_close(struct file_settings *settings) {
    object_store_close(settings->objects);
    if (settings->arena) {
        arena_free(settings->arena);
    }
    *settings = (struct file_settings){0};
}
