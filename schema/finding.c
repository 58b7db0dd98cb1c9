// SPDX-License-Identifier: MIT
// Lists of findings, in the arena of the reader of the input. Adding never fails for the caller:
// running out of memory is remembered in the list and reported by findings_fail at the end.
#include "schema/finding.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <string.h>

void findings_init(struct findings *findings, struct arena *arena) {
    *findings = (struct findings){.arena = arena};
}

// The old array stays in the arena; doubling keeps that below the size of the new one.
static bool reserve(struct findings *findings) {
    if (findings->count < findings->capacity) {
        return true;
    }
    size_t capacity = findings->capacity ? 2 * findings->capacity : 4;
    struct finding *grown = arena_array(findings->arena, capacity, sizeof *grown);
    if (!grown) {
        return false;
    }
    if (findings->count) {
        memcpy(grown, findings->items, findings->count * sizeof *grown);
    }
    findings->items = grown;
    findings->capacity = capacity;
    return true;
}

// A printable copy; NULL stays NULL.
// Findings quote what people sent. They are made printable here, once, for every place that shows
// them.
static const char *keep(struct findings *findings, const char *text) {
    char *copy = arena_strdup(findings->arena, text);
    if (copy) {
        text_make_printable(copy);
    } else if (text) {
        findings->no_memory = true;
    }
    return copy;
}

static void append(struct findings *findings, const struct finding *finding) {
    size_t kept = findings_count(findings, finding->severity);
    findings->error_count += finding->severity == SEVERITY_ERROR;
    // Counted as an error, but not kept: a document of a million faults must still be refused.
    if (kept >= LIMIT_FINDINGS) {
        return;
    }
    struct finding last = {.severity = finding->severity,
                           .code = "too-many-findings",
                           .where = finding->where,
                           .message = "More findings of this kind were left out"};
    const struct finding *given = kept == LIMIT_FINDINGS - 1 ? &last : finding;
    struct finding copy = {given->severity,
                           keep(findings, given->code),
                           keep(findings, given->where),
                           keep(findings, given->message),
                           keep(findings, given->hint),
                           keep(findings, given->group)};
    if (!copy.code || !copy.message || !reserve(findings)) {
        findings->no_memory = true;
        return;
    }
    findings->items[findings->count++] = copy;
}

void findings_add(struct findings *findings, enum severity severity, const char *code,
                  const char *where, const char *hint, const char *format, ...) {
    struct error text; // formats within bounds, without memory of its own
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    va_end(args);
    append(findings, &(struct finding){severity, code, where, text.message, hint});
}

// The limit counts for the list that is appended to.
void findings_append(struct findings *findings, const struct findings *others) {
    for (size_t i = 0; others && i < others->count; i++) {
        append(findings, &others->items[i]);
    }
}

static bool is_known(const struct findings *findings, const struct finding *item) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *known = &findings->items[i];
        if (strcmp(known->code, item->code) == 0 && strcmp(known->message, item->message) == 0) {
            return true;
        }
    }
    return false;
}

void findings_append_new(struct findings *findings, const struct findings *others) {
    for (size_t i = 0; i < others->count; i++) {
        if (!is_known(findings, &others->items[i])) {
            append(findings, &others->items[i]);
        }
    }
    findings->no_memory |= others->no_memory;
}

void findings_set_group(struct findings *findings, size_t first, const char *group) {
    for (size_t i = first; i < findings->count; i++) {
        findings->items[i].group = keep(findings, group);
    }
}

void findings_add_error(struct findings *findings, const char *code, const struct error *err) {
    append(findings, &(struct finding){SEVERITY_ERROR, code, err->where[0] ? err->where : NULL,
                                       err->message, NULL});
}

size_t findings_count(const struct findings *findings, enum severity severity) {
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        count += findings->items[i].severity == severity;
    }
    return count;
}

// Lists are shared between steps: only errors that came after `errors_before` fail this one. Its
// sentence is the first of them; the others are in the list.
enum status findings_fail(const struct findings *findings, size_t errors_before,
                          struct error *err) {
    if (findings->no_memory) {
        return fail_no_memory(err);
    }
    if (findings->error_count <= errors_before) {
        return STATUS_OK;
    }
    const struct finding *first = NULL;
    size_t seen = 0;
    for (size_t i = 0; i < findings->count && seen <= errors_before; i++) {
        if (findings->items[i].severity == SEVERITY_ERROR) {
            first = &findings->items[i];
            seen++;
        }
    }
    return fail(err, STATUS_INVALID, first->where, "%s", first->message);
}

json_t *findings_encode(const struct findings *findings, enum severity severity) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->severity != severity) {
            continue;
        }
        json_t *object =
            json_pack("{s:s, s:s?, s:s, s:s?}", "code", finding->code, "where", finding->where,
                      "message", finding->message, "hint", finding->hint);
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return take(array);
}

// From another program: the same limits and the same cleaning as for findings of our own.
bool findings_decode(struct findings *findings, const json_t *array, enum severity severity) {
    size_t index;
    json_t *object;
    if (!json_is_array(array)) {
        return false;
    }
    json_array_foreach(array, index, object) {
        struct finding finding = {
            .severity = severity,
            .code = json_string_value(json_object_get(object, "code")),
            .where = json_string_value(json_object_get(object, "where")),
            .message = json_string_value(json_object_get(object, "message")),
            .hint = json_string_value(json_object_get(object, "hint")),
        };
        if (!finding.code || !finding.message) {
            return false;
        }
        append(findings, &finding);
    }
    return true;
}
