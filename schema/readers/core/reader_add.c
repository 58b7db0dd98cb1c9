// SPDX-License-Identifier: MIT
// Findings with a place in a file. Lines are counted from 1, keys are written as a path from the root.
#include "schema/readers/core/reader_add.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"

#include <string.h>

static size_t line_of(const struct source_file *file, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++) {
        line += file->bytes[i] == '\n';
    }
    return line;
}

// The line in which UTF-8 breaks.
static size_t broken_line(const struct source_file *file) {
    size_t start = 0;
    while (start < file->len) {
        const char *end = memchr(file->bytes + start, '\n', file->len - start);
        size_t len = end ? (size_t)(end - file->bytes) - start + 1 : file->len - start;
        if (!utf8_is_valid(file->bytes + start, len)) {
            break;
        }
        start += len;
    }
    return line_of(file, start);
}

enum status reading_fail(const struct source_file *file, size_t line, struct error *err,
                         const char *format, ...) {
    char where[300];
    snprintf(where, sizeof where, "%.240s:%zu", file->path, line);
    va_list args;
    va_start(args, format);
    fail_v(err, STATUS_MALFORMED, where, format, args);
    va_end(args);
    return STATUS_MALFORMED;
}

enum status reading_check_bytes(const struct source_file *file, size_t max_bytes,
                                struct error *err) {
    if (file->len > max_bytes) {
        return fail(err, STATUS_MALFORMED, file->path,
                    "The file has %zu bytes; at most %zu are read", file->len, max_bytes);
    }
    if (text_has_nul(file->bytes, file->len)) {
        const char *nul = memchr(file->bytes, 0, file->len);
        return reading_fail(file, line_of(file, (size_t)(nul - file->bytes)), err,
                            "A NUL byte stands in the file");
    }
    if (!utf8_is_valid(file->bytes, file->len)) {
        return reading_fail(file, broken_line(file), err, "The file is not UTF-8");
    }
    return STATUS_OK;
}

const char *reading_where(struct reading *reading, const struct node *node, const char *key) {
    const char *path = node_path(reading->arena, node);
    const char *member = key ? key : "";
    const char *dot = *path && *member ? "." : "";
    const char *colon = *path || *member ? ": " : "";
    const char *where = arena_printf(reading->arena, "%s:%zu%s%s%s%s", reading->path,
                                     node ? node->line : 1, colon, path, dot, member);
    return where ? where : reading->path;
}

// `finding` without its message, which is formatted here.
__attribute__((format(printf, 3, 0))) static void
add_v(struct reading *reading, struct finding finding, const char *format, va_list args) {
    struct error text;
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    findings_add(reading->findings, finding.severity, finding.code, finding.where, finding.hint,
                 "%s", text.message);
}

void reading_add(struct reading *reading, const char *code, const struct node *node,
                 const char *hint, const char *format, ...) {
    const char *where = reading_where(reading, node, NULL);
    va_list args;
    va_start(args, format);
    add_v(reading, (struct finding){SEVERITY_ERROR, code, where, .hint = hint}, format, args);
    va_end(args);
}

void reading_add_warning(struct reading *reading, const char *code, const struct node *node,
                         const char *hint, const char *format, ...) {
    const char *where = reading_where(reading, node, NULL);
    va_list args;
    va_start(args, format);
    add_v(reading, (struct finding){SEVERITY_WARNING, code, where, .hint = hint}, format, args);
    va_end(args);
}

bool reading_add_member(struct reading *reading, const char *code, const char *member,
                        const char *format, ...) {
    const char *where =
        member ? arena_printf(reading->arena, "%s: %s", reading->path, member) : reading->path;
    va_list args;
    va_start(args, format);
    add_v(reading, (struct finding){SEVERITY_ERROR, code, where}, format, args);
    va_end(args);
    return false;
}

void reading_add_missing(struct reading *reading, const char *code, const struct node *table,
                         const char *key, const char *hint) {
    findings_add(reading->findings, SEVERITY_ERROR, code, reading_where(reading, table, key), hint,
                 "\"%s\" is missing", key);
}

void reading_add_error(struct reading *reading, const char *code, const struct node *node,
                       const struct error *err) {
    if (err->status == STATUS_NO_MEMORY) {
        reading->findings->no_memory = true;
    } else {
        reading_add(reading, code, node, NULL, "%s", err->message);
    }
}

bool reading_is(struct reading *reading, const struct node *node, enum node_type type) {
    if (node->type == type) {
        return true;
    }
    bool quotable = type == NODE_STRING && node->type < NODE_LIST && node->string && *node->string;
    const char *hint =
        quotable ? arena_printf(reading->arena, "Put it in quotes: \"%s\"", node->string) : NULL;
    reading_add(reading, "wrong-type", node, hint, "This is %s; it must be %s",
                node_type_name(node->type), node_type_name(type));
    return false;
}

bool reading_is_strings(struct reading *reading, const struct node *node) {
    bool good = reading_is(reading, node, NODE_LIST);
    for (const struct node *item = node->first; item && node->type == NODE_LIST;
         item = item->next) {
        good &= reading_is(reading, item, NODE_STRING);
    }
    return good;
}

bool reading_is_line(struct reading *reading, const struct node *node) {
    if (!reading_is(reading, node, NODE_STRING)) {
        return false;
    }
    size_t len = strlen(node->string);
    if (len > LIMIT_SHORT_TEXT_BYTES) {
        reading_add(reading, "text-too-long", node, NULL, "%zu bytes; at most %d are taken here",
                    len, LIMIT_SHORT_TEXT_BYTES);
        return false;
    }
    for (const char *c = node->string; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            reading_add(reading, "control-character", node, NULL,
                        "A line break or control character stands in the text");
            return false;
        }
    }
    return true;
}

bool reading_is_short(struct reading *reading, const struct node *list) {
    if (list->count > LIMIT_LIST_ITEMS) {
        reading_add(reading, "too-many-items", list, NULL, "%zu items; at most %d are taken here",
                    list->count, LIMIT_LIST_ITEMS);
    }
    return list->count <= LIMIT_LIST_ITEMS;
}

bool reading_is_inside(struct reading *reading, const struct node *node) {
    struct text rest = text_from(node->string);
    struct text piece;
    bool inside = rest.len && rest.ptr[0] != '/' && !strchr(node->string, '\\');
    while (text_split(&rest, '/', &piece)) {
        inside = inside && !text_equals(piece, "..");
    }
    if (!inside) {
        reading_add(reading, "path-invalid", node, "Name it relative to this file, with /",
                    "\"%s\" is not a path inside the directory", node->string);
    }
    return inside;
}

struct strings reading_strings(struct reading *reading, const struct node *node) {
    struct strings strings = {reading_array(reading, node->count, sizeof *strings.items), 0};
    for (const struct node *item = node->first; strings.items && item; item = item->next) {
        if (item->type == NODE_STRING) {
            strings.items[strings.count++] = item->string;
        }
    }
    return strings;
}

void *reading_array(struct reading *reading, size_t count, size_t size) {
    void *array = arena_array(reading->arena, count, size);
    reading->findings->no_memory |= !array;
    return array;
}
