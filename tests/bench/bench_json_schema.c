// SPDX-License-Identifier: MIT
// Reads a schema and a value, one a line, checks the value over and over for a second, and prints how often a second.
// The schema is read once, as a group's is. schema_rates.py does the same with Python's jsonschema.
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_BYTES = 1024 * 1024 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static json_t *read_line(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t len = getline(&line, &room, stdin);
    json_t *json = NULL;
    if (len <= 0 || json_parse((struct text){line, (size_t)len}, MOST_BYTES, &json, NULL)) {
        exit(1);
    }
    free(line);
    return json;
}

int main(void) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *document = read_line();
    scoped(cleanup_json) json_t *value = read_line();
    struct findings findings;
    struct json_schema *schema = NULL;
    findings_init(&findings, arena);
    if (json_schema_read(arena, document, &findings, &schema, NULL)) {
        return 1;
    }
    double start = now();
    size_t done = 0;
    for (; done % 64 || now() - start < 1; done++) {
        if (json_schema_check(schema, value, "", &findings, NULL)) {
            return 1;
        }
    }
    printf("%.0f\n", (double)done / (now() - start));
    return 0;
}
