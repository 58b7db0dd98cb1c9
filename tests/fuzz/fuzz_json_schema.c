// SPDX-License-Identifier: MIT
// JSON Schema. Input: a schema, and on the next lines a value. What must hold besides not crashing: a verdict and its
// findings agree; a schema and the same schema within "allOf" say the same; "not" of a schema says the opposite, unless
// the work was ended.
#include "tests/fuzz/fuzz.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"

#include <stdlib.h>
#include <string.h>

enum verdict { REFUSED, ACCEPTED, UNDECIDED };

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static enum verdict verdict_of(const json_t *document, const json_t *value) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings findings;
    struct json_schema *schema = NULL;
    findings_init(&findings, arena);
    if (json_schema_read(arena, document, &findings, &schema, NULL)) {
        must(findings.error_count > 0);
        return UNDECIDED;
    }
    enum status status = json_schema_check(schema, value, "", &findings, NULL);
    must((status == STATUS_OK) == (findings.error_count == 0));
    for (size_t i = 0; i < findings.count; i++) {
        if (strcmp(findings.items[i].code, "schema-too-costly") == 0) {
            return UNDECIDED;
        }
    }
    return status == STATUS_OK ? ACCEPTED : REFUSED;
}

// References of a schema that is moved mean something else.
static bool is_movable(struct text source) {
    return !memmem(source.ptr, source.len, "\"$", 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct text rest = {(const char *)bytes, len};
    struct text line = {0};
    scoped(cleanup_json) json_t *document = NULL;
    scoped(cleanup_json) json_t *value = NULL;
    if (!text_split(&rest, '\n', &line) || json_parse(line, len + 1, &document, NULL) ||
        json_parse(rest, len + 1, &value, NULL)) {
        return 0;
    }
    enum verdict plain = verdict_of(document, value);
    if (plain == UNDECIDED || !is_movable(line)) {
        return 0;
    }
    scoped(cleanup_json) json_t *all = json_pack("{s: [O, O]}", "allOf", document, document);
    scoped(cleanup_json) json_t *opposite = json_pack("{s: O}", "not", document);
    enum verdict twice = verdict_of(all, value);
    enum verdict inverse = verdict_of(opposite, value);
    must(twice == plain || twice == UNDECIDED);
    must(inverse != plain || inverse == UNDECIDED);
    return 0;
}
