// SPDX-License-Identifier: MIT
// Reads lines {"schema": S, "values": [V, …]} on standard input and prints for each one line: {"schema": the findings
// about S, "values": one list of findings for each V}, where the list of a value that fits is empty. "values" is null
// when S is no schema.
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 64 * 1024 * 1024 };

static json_t *all_findings(const struct findings *findings) {
    json_t *all = findings_encode(findings, SEVERITY_ERROR);
    scoped(cleanup_json) json_t *warnings = findings_encode(findings, SEVERITY_WARNING);
    json_array_extend(all, warnings);
    return all;
}

static json_t *check_value(const struct json_schema *schema, const json_t *value) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings findings;
    findings_init(&findings, arena);
    enum status status = json_schema_check(schema, value, "", &findings, NULL);
    if ((status == STATUS_OK) != (findings.error_count == 0)) {
        abort();
    }
    return all_findings(&findings);
}

static json_t *answer(const json_t *question) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings findings;
    struct json_schema *schema = NULL;
    json_t *values = json_null();
    json_t *value;
    size_t i;
    findings_init(&findings, arena);
    if (json_schema_read(arena, json_object_get(question, "schema"), &findings, &schema, NULL) ==
        STATUS_OK) {
        values = json_array();
        json_array_foreach(json_object_get(question, "values"), i, value) {
            json_array_append_new(values, check_value(schema, value));
        }
    }
    return json_pack("{s: o, s: o}", "schema", all_findings(&findings), "values", values);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0) {
        scoped(cleanup_json) json_t *question = NULL;
        struct error err = {0};
        if (json_parse((struct text){line, (size_t)len}, MOST_BYTES, &question, &err)) {
            printf("{\"error\": \"%s\"}\n", err.where);
        } else {
            scoped(cleanup_json) json_t *reply = answer(question);
            json_dumpf(reply, stdout, JSON_COMPACT);
            putchar('\n');
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}
