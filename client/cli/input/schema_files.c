// SPDX-License-Identifier: MIT
// Schemas from files (schema_files.h). A schema is checked when it is read: one that is none would judge nothing, and
// a build would pass that nothing has looked at.
#include "client/cli/input/schema_files.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"

#include <errno.h>
#include <string.h>

enum { SCHEMA_BYTES = 256 * 1024 };

// Read as bytes and parsed under the limits, like any JSON from outside.
// One byte more than is allowed is read, so that a file that is too long is noticed.
enum status schema_file_read(struct cli *cli, const char *path, json_t **ret_schema,
                             struct error *err) {
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    char *bytes = arena_alloc(cli->arena, SCHEMA_BYTES + 1);
    if (!bytes) {
        return fail_no_memory(err);
    }
    if (!file) {
        return fail(err, STATUS_USAGE, NULL, "Cannot read %s: %s", path, strerror(errno));
    }
    size_t len = fread(bytes, 1, SCHEMA_BYTES + 1, file);
    enum status status = json_parse((struct text){bytes, len}, SCHEMA_BYTES, ret_schema, err);
    if (status) {
        error_within(err, arena_printf(cli->arena, "%s: ", path));
    }
    return status;
}

static enum status check_schema(struct cli *cli, const char *path, const json_t *json,
                                struct error *err) {
    struct json_schema *schema = NULL;
    struct error fault = {0};
    struct findings found;
    findings_init(&found, cli->arena);
    enum status status = json_schema_read(cli->arena, json, &found, &schema, &fault);
    if (status != STATUS_INVALID) {
        return status ? fail(err, status, path, "%s", fault.message) : STATUS_OK;
    }
    const char *where =
        arena_printf(cli->arena, "%s%s%s", path, *fault.where ? ": " : "", fault.where);
    return fail(err, STATUS_INVALID, where, "%s", fault.message);
}

// "acme.plugins=schema.json"
static enum status parse_one(struct cli *cli, const char *word, struct group_contract *ret_contract,
                             struct error *err) {
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || !equals[1]) {
        return fail(err, STATUS_USAGE, NULL, "Give --manifest-schema as GROUP=FILE, not \"%s\"",
                    word);
    }
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = schema_file_read(cli, equals + 1, &json, err);
    if (status) {
        return status;
    }
    status = check_schema(cli, equals + 1, json, err);
    if (status) {
        return status;
    }
    struct group_contract contract =
        group_contract_default(arena_copy(cli->arena, word, (size_t)(equals - word)));
    contract.manifest_schema = json_encode_canonical(cli->arena, json);
    *ret_contract = contract;
    return contract.group && contract.manifest_schema ? STATUS_OK : fail_no_memory(err);
}

enum status schema_files_parse(struct cli *cli, const struct words *words,
                               struct asked_contracts *ret_contracts, struct error *err) {
    struct asked_contracts contracts = {
        .items = arena_array(cli->arena, words->count + 1, sizeof *contracts.items)};
    if (!contracts.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < words->count; i++) {
        enum status status = parse_one(cli, words->items[i], &contracts.items[i], err);
        if (status) {
            return status;
        }
        contracts.count++;
    }
    *ret_contracts = contracts;
    return STATUS_OK;
}
