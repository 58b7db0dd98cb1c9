// SPDX-License-Identifier: MIT
// Findings with a place in a file. Lines are counted from 1, keys are written as a path from the root.
// A reader goes on after a finding, so that an author sees all faults of a file at once:
//
//     crm/plugin.yaml:3: nav[0].label   wrong-type   This is an integer; it must be a string
//
// Running out of memory is no finding: it is remembered in `no_memory`, and asked for once, at the end.
#include "schema/readers/core/reader_add.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"

#include <string.h>

// Counted only when there is something to tell, so that good files are not scanned for line ends.
static size_t line_of(const struct source_file *file, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++) {
        line += file->bytes[i] == '\n';
    }
    return line;
}

// The line in which UTF-8 breaks.
// Line by line, because one call over the whole file says only that it is broken.
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

// 240 bytes of a path leave room for the line: a `where` that lost its line number would be of no use.
enum status reader_fail(const struct source_file *file, size_t line, struct error *err,
                        const char *format, ...) {
    char where[300];
    snprintf(where, sizeof where, "%.240s:%zu", file->path, line);
    va_list args;
    va_start(args, format);
    fail_v(err, STATUS_MALFORMED, where, format, args);
    va_end(args);
    return STATUS_MALFORMED;
}

// Before any parser: libyaml converts UTF-16 by itself, and a NUL ends strings in our tree, so that both would
// let a file mean one thing to us and another to the host.
enum status reader_check_bytes(const struct source_file *file, size_t max_bytes,
                               struct error *err) {
    if (file->len > max_bytes) {
        return fail(err, STATUS_MALFORMED, file->path, "The file has %zu bytes; the limit is %zu",
                    file->len, max_bytes);
    }
    if (text_has_nul(file->bytes, file->len)) {
        const char *nul = memchr(file->bytes, 0, file->len);
        return reader_fail(file, line_of(file, (size_t)(nul - file->bytes)), err,
                           "The file contains a NUL byte");
    }
    if (!utf8_is_valid(file->bytes, file->len)) {
        return reader_fail(file, broken_line(file), err, "The file is not UTF-8");
    }
    return STATUS_OK;
}

// A key that is missing has no line of its own; the line of its table is where it is to be written.
const char *reader_where(struct reader *reader, const struct node *node, const char *key) {
    const char *path = node_path(reader->arena, node);
    const char *member = key ? key : "";
    const char *dot = *path && *member ? "." : "";
    const char *colon = *path || *member ? ": " : "";
    const char *where = arena_printf(reader->arena, "%s:%zu%s%s%s%s", reader->path,
                                     node ? node->line : 1, colon, path, dot, member);
    return where ? where : reader->path;
}

// `finding` without its message, which is formatted here.
__attribute__((format(printf, 3, 0))) static void
add_v(struct reader *reader, struct finding finding, const char *format, va_list args) {
    struct error text;
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    findings_add(reader->findings, finding.severity, finding.code, finding.where, finding.hint,
                 "%s", text.message);
}

void reader_add(struct reader *reader, const char *code, const struct node *node, const char *hint,
                const char *format, ...) {
    const char *where = reader_where(reader, node, NULL);
    va_list args;
    va_start(args, format);
    add_v(reader, (struct finding){SEVERITY_ERROR, code, where, .hint = hint}, format, args);
    va_end(args);
}

void reader_add_warning(struct reader *reader, const char *code, const struct node *node,
                        const char *hint, const char *format, ...) {
    const char *where = reader_where(reader, node, NULL);
    va_list args;
    va_start(args, format);
    add_v(reader, (struct finding){SEVERITY_WARNING, code, where, .hint = hint}, format, args);
    va_end(args);
}

bool reader_add_member(struct reader *reader, const char *code, const char *member,
                       const char *format, ...) {
    const char *where =
        member ? arena_printf(reader->arena, "%s: %s", reader->path, member) : reader->path;
    va_list args;
    va_start(args, format);
    add_v(reader, (struct finding){SEVERITY_ERROR, code, where}, format, args);
    va_end(args);
    return false;
}

void reader_add_missing(struct reader *reader, const char *code, const struct node *table,
                        const char *key, const char *hint) {
    findings_add(reader->findings, SEVERITY_ERROR, code, reader_where(reader, table, key), hint,
                 "\"%s\" is missing", key);
}

void reader_add_error(struct reader *reader, const char *code, const struct node *node,
                      const struct error *err) {
    if (err->status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
    } else {
        reader_add(reader, code, node, NULL, "%s", err->message);
    }
}

// The parser marks the root and leaves the line in its number: one warning a file is enough, because the
// file as a whole is what a build backend refuses.
void reader_warn_of_toml(struct reader *reader, const struct node *root) {
    if (root->odd) {
        const char *where =
            arena_printf(reader->arena, "%s:%lld", reader->path, (long long)root->integer);
        findings_add(
            reader->findings, SEVERITY_WARNING, "toml-1-1", where ? where : reader->path,
            "Write inline tables on one line without a comma at their end, \\e and \\x41 as "
            "\\u001B and \\u0041, and times with seconds",
            "The file uses TOML 1.1; build backends that read TOML 1.0 refuse it");
    }
}

bool reader_is_json(struct reader *reader, const struct node *root) {
    const struct node *other = node_find_other(root);
    if (other) {
        reader_add(reader, "not-json", other, NULL, "JSON cannot hold this value: %s",
                   other->string);
    }
    return !other;
}

// A scalar where a text is due has an easy cure, so the hint quotes it: version: 1.0 becomes "1.0".
bool reader_is(struct reader *reader, const struct node *node, enum node_type type) {
    if (node->type == type) {
        return true;
    }
    bool quotable = type == NODE_STRING && node->type < NODE_OTHER && node->string && *node->string;
    const char *hint =
        quotable ? arena_printf(reader->arena, "Put it in quotes: \"%s\"", node->string) : NULL;
    reader_add(reader, "wrong-type", node, hint, "This is %s; it must be %s",
               node_type_name(node->type), node_type_name(type));
    return false;
}

// All items are looked at, so that an author sees every wrong item at once.
bool reader_is_strings(struct reader *reader, const struct node *node) {
    bool good = reader_is(reader, node, NODE_LIST);
    for (const struct node *item = node->first; item && node->type == NODE_LIST;
         item = item->next) {
        good &= reader_is(reader, item, NODE_STRING);
    }
    return good;
}

// One line, because these texts are shown in tables, lists and terminals.
bool reader_is_line(struct reader *reader, const struct node *node) {
    if (!reader_is(reader, node, NODE_STRING)) {
        return false;
    }
    size_t len = strlen(node->string);
    if (len > LIMIT_SHORT_TEXT_BYTES) {
        reader_add(reader, "text-too-long", node, NULL, "%zu bytes; at most %d are allowed here",
                   len, LIMIT_SHORT_TEXT_BYTES);
        return false;
    }
    for (const char *c = node->string; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            reader_add(reader, "control-character", node, NULL,
                       "The text contains a line break or control character");
            return false;
        }
    }
    return true;
}

bool reader_is_short(struct reader *reader, const struct node *list) {
    if (list->count > LIMIT_LIST_ITEMS) {
        reader_add(reader, "too-many-items", list, NULL, "%zu items; at most %d are allowed here",
                   list->count, LIMIT_LIST_ITEMS);
    }
    return list->count <= LIMIT_LIST_ITEMS;
}

// Backslashes are refused on every system: a path that means two things on two systems belongs in neither.
bool reader_is_inside(struct reader *reader, const struct node *node) {
    struct text rest = text_from(node->string);
    struct text piece;
    bool inside = rest.len && rest.ptr[0] != '/' && !strchr(node->string, '\\');
    while (text_split(&rest, '/', &piece)) {
        inside = inside && !text_equals(piece, "..");
    }
    if (!inside) {
        reader_add(reader, "path-invalid", node, "Write a path relative to this file, with /",
                   "\"%s\" is not a path inside the directory", node->string);
    }
    return inside;
}

// Items of another type are left out; the rules that check the file report them.
struct strings reader_strings(struct reader *reader, const struct node *node) {
    struct strings strings = {reader_array(reader, node->count, sizeof *strings.items), 0};
    for (const struct node *item = node->first; strings.items && item; item = item->next) {
        if (item->type == NODE_STRING) {
            strings.items[strings.count++] = item->string;
        }
    }
    return strings;
}

void *reader_array(struct reader *reader, size_t count, size_t size) {
    void *array = arena_array(reader->arena, count, size);
    reader->findings->no_memory |= !array;
    return array;
}
