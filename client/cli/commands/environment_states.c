// SPDX-License-Identifier: MIT
// The actions of "registryctl environment" that change what an environment is, not what its document says: freeze,
// thaw, promote, archive, restore; and export, which lists what it answers for an installer. An export is asked
// for as JSON and written here, because what is missing decides the exit code.
#include "client/cli/commands/environment.h"

#include "client/cli/input/administration.h"
#include "client/cli/input/missing.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/release_export.h"

#include <stdlib.h>
#include <string.h>

// ---- changes ----

// Sends a POST, under the condition of --if-revision, and prints the result. Steals `body`.
static enum status post(struct cli *cli, const char *name, const char *action, json_t *body,
                        struct error *err) {
    const struct environment_options *given = cli->options;
    json_t *answer = NULL;
    if (!body || (given->reason && json_object_set_new(body, "reason", json_text(given->reason)))) {
        json_decref(body);
        return fail_no_memory(err);
    }
    struct environment_call call = {
        .method = "POST", .path = environment_address(cli, name, action), .body = body};
    enum status status = environment_condition(cli, &call.if_match, err);
    if (status) {
        json_decref(body);
        return status;
    }
    status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    return environment_report(cli, answer, err);
}

// [{"package","version"}] of PACKAGE==VERSION each. Owned.
static enum status read_ignored(struct cli *cli, json_t **ret_list, struct error *err) {
    const struct words *words =
        &((const struct environment_options *)cli->options)->ignore_quarantine;
    scoped(cleanup_json) json_t *list = json_array();
    for (size_t i = 0; list && i < words->count; i++) {
        const char *word = words->items[i];
        const char *at = strstr(word, "==");
        if (!at || at == word || !at[2]) {
            return fail(err, STATUS_USAGE, NULL, "Invalid release \"%s\". Use PACKAGE==VERSION.",
                        word);
        }
        const char *package = arena_copy(cli->arena, word, (size_t)(at - word));
        json_t *item =
            json_pack("{s:o,s:o}", "package", json_text(package), "version", json_text(at + 2));
        if (!package || json_array_append_new(list, item)) {
            return fail_no_memory(err);
        }
    }
    if (!list) {
        return fail_no_memory(err);
    }
    *ret_list = take(list);
    return STATUS_OK;
}

// An ignored quarantine puts code in use that somebody has blocked, so it must say why.
enum status environment_freeze(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    json_t *ignored = NULL;
    if (given->ignore_quarantine.count && !given->reason) {
        return fail(err, STATUS_USAGE, NULL, "--ignore-quarantine requires --reason.");
    }
    enum status status = read_ignored(cli, &ignored, err);
    if (status) {
        return status;
    }
    json_t *body = json_pack("{s:b,s:o}", "allow_without_files", given->allow_without_files,
                             "ignore_quarantine", ignored);
    return post(cli, cli->arguments[1], "/freeze", body, err);
}

enum status environment_thaw(struct cli *cli, struct error *err) {
    return post(cli, cli->arguments[1], "/thaw", json_object(), err);
}

// "promote staging production" is a POST to the second name: FROM is only read.
enum status environment_promote(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    const char *revision = given->revision;
    if (revision) {
        enum status status = environment_revision(revision, "--revision", &revision, err);
        if (status) {
            return status;
        }
    }
    json_t *body = json_pack("{s:o}", "from", json_text(cli->arguments[1]));
    json_t *number = revision ? json_integer(strtoll(revision, NULL, 10)) : NULL;
    if (body && revision && json_object_set_new(body, "revision", number)) {
        json_decref(body);
        body = NULL;
    }
    return post(cli, cli->arguments[2], "/promote", body, err);
}

// Archiving stops every host of the environment, so the history must say why.
enum status environment_archive(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    if (!given->reason) {
        return fail(err, STATUS_USAGE, NULL, "A reason is required. Add --reason TEXT.");
    }
    return post(cli, cli->arguments[1], "/archive", json_object(), err);
}

enum status environment_restore(struct cli *cli, struct error *err) {
    return post(cli, cli->arguments[1], "/restore", json_object(), err);
}

// ---- export ----

static const struct {
    const char *name;
    void (*write)(struct buffer *text, const struct release_export *export);
} export_formats[] = {
    {"pylock", release_export_write_pylock},
    {"requirements", release_export_write_requirements},
};

// The index of the format in the table; its length for JSON and lines. A table of hashes would help no
// person, so --format table is the text for installers too.
static size_t export_format(const struct cli *cli) {
    const char *name = cli->global.format;
    for (size_t i = 0; i < COUNT_OF(export_formats); i++) {
        if (name && strcmp(export_formats[i].name, name) == 0) {
            return i;
        }
    }
    return cli->output.json ? COUNT_OF(export_formats) : 0;
}

// "/v1/environments/NAME/export?group=…". Arena; NULL: out of memory.
static const char *export_address(struct cli *cli) {
    const struct words *groups = &((const struct environment_options *)cli->options)->groups;
    const char *path = environment_address(cli, cli->arguments[1], "/export");
    scoped(buffer_done) struct buffer address;
    buffer_init(&address, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&address, path ? path : "");
    for (size_t i = 0; i < groups->count; i++) {
        api_call_add_query(&address, "group", groups->items[i]);
    }
    return path && !address.failed ? arena_copy(cli->arena, address.ptr, address.len) : NULL;
}

// Lists on standard error what an installer cannot get. Returns whether there is anything.
static bool report_absent(struct cli *cli, const json_t *answer,
                          const struct release_export *export) {
    struct output errors = output_errors(&cli->output);
    size_t absent = missing_report(cli, json_object_get(answer, "missing"));
    for (size_t i = 0; i < export->release_count; i++) {
        const struct export_release *release = &export->releases[i];
        if (!release->file_count) {
            output_print(&errors, COLOR_YELLOW, "%s %s has no compatible file.\n",
                         output_text(&errors, release->package),
                         output_text(&errors, release->version));
            absent++;
        }
    }
    cli->output.no_memory |= errors.no_memory;
    return absent;
}

// The text is complete before its first byte is printed: a cut list would install half a set.
static enum status print_export(struct cli *cli, size_t format, const struct release_export *export,
                                struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    export_formats[format].write(&text, export);
    if (text.failed) {
        return fail(err, text.failed, NULL, "The list is too long.");
    }
    output_print(&cli->output, COLOR_NONE, "%s", text.ptr);
    return STATUS_OK;
}

enum status environment_export(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct release_export export;
    size_t format = export_format(cli);
    struct environment_call call = {.method = "GET", .path = export_address(cli)};
    enum status status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    status = release_export_decode(cli->arena, answer, &export, err);
    if (status == STATUS_MALFORMED) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The registry sent an unexpected answer.");
    }
    if (status) {
        return status;
    }
    cli->exit_code = report_absent(cli, answer, &export);
    return format < COUNT_OF(export_formats) ? print_export(cli, format, &export, err)
                                             : output_json(&cli->output, take(answer), err);
}
