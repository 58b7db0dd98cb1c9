// SPDX-License-Identifier: MIT
// registryctl requirements GROUP...
#include "client/cli/input/facts.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/pip_requirements.h"
#include "schema/base/list.h"

#include <string.h>

static const struct option_row options[] = {FACTS_OPTIONS};

static enum status fetch(struct cli *cli, json_t **ret_answer, struct error *err) {
    struct connection connection;
    struct source_query query;
    enum status failed = facts_query(cli, cli->arguments, cli->argument_count, &query, err);
    failed = failed ? failed : command_connect(cli, &connection, err);
    if (failed) {
        return failed;
    }
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, "/v1/requirements?format=json");
    source_registry_add_query(&path, &connection, &query);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = cli->arena, .connection = &connection};
    return api_call_json(&call, &request, ret_answer, err);
}

// The hashes of one release; NULL when they are not there or memory is out.
static const char *const *read_hashes(struct arena *arena, const json_t *files) {
    size_t count = json_array_size(files);
    const char **hashes = arena_array(arena, count + 1, sizeof *hashes);
    for (size_t i = 0; hashes && i < count; i++) {
        hashes[i] = json_string_value(json_object_get(json_array_get(files, i), "sha256"));
        if (!hashes[i]) {
            return NULL;
        }
    }
    return hashes;
}

static enum status decode(struct arena *arena, const json_t *array,
                          struct pip_requirement **ret_items, struct error *err) {
    size_t count = json_array_size(array);
    struct pip_requirement *items = arena_array(arena, count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(array, i);
        const json_t *files = json_object_get(object, "files");
        items[i] = (struct pip_requirement){
            json_string_value(json_object_get(object, "package")),
            json_string_value(json_object_get(object, "version")),
            read_hashes(arena, files),
            json_array_size(files),
        };
        if (!items[i].package || !items[i].version || !items[i].sha256) {
            return fail(err, STATUS_UNREACHABLE, "/requirements",
                        "The registry's answer cannot be understood");
        }
    }
    *ret_items = items;
    return STATUS_OK;
}

// Says on standard error what pip will not install; how many there are.
static size_t tell_missing(struct cli *cli, const struct pip_requirement *items, size_t count) {
    struct output errors = output_errors(&cli->output);
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].sha256_count) {
            output_print(&errors, COLOR_YELLOW, "%s %s has no file that fits\n",
                         output_text(&errors, items[i].package),
                         output_text(&errors, items[i].version));
            missing++;
        }
    }
    cli->output.no_memory |= errors.no_memory;
    return missing;
}

static enum status print(struct cli *cli, const struct pip_requirement *items, size_t count,
                         struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    pip_requirements_write(&text, items, count);
    if (text.failed) {
        return fail(err, text.failed, NULL, "The list is too long");
    }
    output_print(&cli->output, COLOR_NONE, "%s",
                 text.len ? text.ptr : "# No package has entry points there.\n");
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    const char *format = cli->options.format;
    bool json = format && strcmp(format, "json") == 0; // the list is for a file, so a pipe gets it
    scoped(cleanup_json) json_t *answer = NULL;
    struct pip_requirement *items = NULL;
    enum status failed = fetch(cli, &answer, err);
    json_t *array = json_object_get(answer, "requirements");
    size_t count = json_array_size(array);
    failed = failed ? failed : decode(cli->arena, array, &items, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = tell_missing(cli, items, count) > 0;
    return json ? output_json(&cli->output, json_incref(array), err)
                : print(cli, items, count, err);
}

const struct command command_requirements = {
    .name = "requirements",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .summary = "Print the packages of a resolution as requirements for pip",
    .description = "Each release that gives an entry point to the groups, pinned, with the hash of "
                   "every file\n"
                   "that fits: a file for pip install --no-deps --require-hashes -r, also in a "
                   "pipe. A release\n"
                   "without such a file becomes a comment, and is told.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  every release has a file that fits\n"
                  "1  some have none\n",
    .example = "registryctl requirements honeyframe.plugins > plugins.txt",
    .run = run,
};
