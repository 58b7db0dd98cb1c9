// SPDX-License-Identifier: MIT
// A file of core metadata into fields: what no field can survive, line ends, then the lines as Python's
// email parser takes them (policy compat32): header lines, folded lines behind them, an empty line, the
// body. Whatever that parser steps over is stepped over here, and told. core_metadata_check.c then judges
// the fields.
//
//     Metadata-Version: 2.1
//     License: MIT
//             with a folded line        continues the field above; some tools put "|" before it
//                                       an empty line ends the header
//     The description.
#include "schema/packaging/metadata/core_metadata_parts.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/packaging/metadata/core_metadata.h"

#include <string.h>

// ---- splitting ----

// Lines are looked at once, in order; a field is kept only when the next one shows where it ended.
struct splitter {
    struct arena *arena;
    struct core_metadata *metadata;
    struct text rest; // what was not read yet
    size_t line;      // the present one, from 1
    // the field being read: its lines are joined when the next one begins
    bool open;
    struct text name;  // up to the colon
    struct text value; // from behind the colon to the end of the last folded line
    size_t first_line; // where the field begins
};

static struct text next_line(struct splitter *s) {
    const char *end = memchr(s->rest.ptr, '\n', s->rest.len);
    return (struct text){s->rest.ptr, end ? (size_t)(end - s->rest.ptr) : s->rest.len};
}

static void skip_line(struct splitter *s, struct text line) {
    size_t step = line.len + (line.len < s->rest.len);
    s->rest.ptr += step;
    s->rest.len -= step;
}

// The length of a field's name when the line is a header line, else SIZE_MAX.
// A field's name is printable ASCII without blanks, up to its colon (RFC 5322).
static size_t name_length(struct text line) {
    size_t len = 0;
    while (len < line.len && line.ptr[len] > ' ' && line.ptr[len] < 0x7f && line.ptr[len] != ':') {
        len++;
    }
    return len < line.len && line.ptr[len] == ':' ? len : SIZE_MAX;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Folded lines lose the margin they share, where the first line counts as indented by eight: what
// importlib.metadata shows.
static size_t shared_margin(struct text value) {
    static const char eight[] = "        ";
    const char *margin = NULL; // NULL: the eight spaces before the first line
    size_t len = sizeof eight - 1;
    struct text rest = value;
    struct text line;
    bool first = true;
    while (text_split(&rest, '\n', &line)) {
        size_t indent = 0;
        while (indent < line.len && is_blank(line.ptr[indent])) {
            indent++;
        }
        bool counts = indent < line.len;
        if (first) {
            len = counts ? len : SIZE_MAX;
        } else if (counts && len == SIZE_MAX) {
            margin = line.ptr;
            len = indent;
        } else if (counts) {
            const char *reference = margin ? margin : eight;
            size_t same = 0;
            while (same < len && same < indent && line.ptr[same] == reference[same]) {
                same++;
            }
            len = same;
        }
        first = false;
    }
    return len == SIZE_MAX ? 0 : len;
}

// The first line stands behind the colon, which counts as an indent of eight; the others lose what they share.
static const char *join_folded(struct arena *arena, struct text value) {
    if (value.len == 0 || !memchr(value.ptr, '\n', value.len)) {
        return arena_copy(arena, value.ptr, value.len);
    }
    size_t margin = shared_margin(value);
    char *joined = arena_alloc(arena, value.len + 16);
    char *out = joined;
    struct text rest = value;
    struct text line;
    bool first = true;
    while (joined && text_split(&rest, '\n', &line)) {
        bool empty = text_trim(line).len == 0;
        size_t indent = first ? 8 : 0;
        if (!first) {
            *out++ = '\n';
        }
        if (!empty && indent > margin) {
            memset(out, ' ', indent - margin);
            out += indent - margin;
        }
        size_t cut = first ? 0 : margin;
        if (!empty) {
            memcpy(out, line.ptr + cut, line.len - cut);
            out += line.len - cut;
        }
        first = false;
    }
    return joined;
}

static enum status keep_value(struct arena *arena, struct core_metadata_values *values,
                              const char *text, size_t line, struct error *err) {
    if (values->count == values->capacity) {
        size_t capacity = values->capacity ? 2 * values->capacity : 2;
        struct core_metadata_value *grown = arena_array(arena, capacity, sizeof *grown);
        if (!grown) {
            return fail_no_memory(err);
        }
        if (values->count > 0) {
            memcpy(grown, values->items, values->count * sizeof *grown);
        }
        values->items = grown;
        values->capacity = capacity;
    }
    if (!text) {
        return fail_no_memory(err);
    }
    values->items[values->count++] = (struct core_metadata_value){text, line};
    return STATUS_OK;
}

static void lint(struct splitter *s, enum core_metadata_lint code, size_t line, const char *text) {
    lints_add(&s->metadata->lints, &core_metadata_lints[code], line, "%s", text);
}

// Unknown fields are warnings: a newer tool may know them.
static enum status close_field(struct splitter *s, struct error *err) {
    if (!s->open) {
        return STATUS_OK;
    }
    s->open = false;
    enum core_metadata_field field;
    if (!core_metadata_field_find(s->name, &field)) {
        lints_add(&s->metadata->lints, &core_metadata_lints[METADATA_LINT_UNKNOWN_FIELD],
                  s->first_line, "%s is not a field of core metadata", quote_text(s->name).text);
        return STATUS_OK;
    }
    struct text value = s->value;
    while (value.len > 0 && is_blank(value.ptr[0])) {
        value.ptr++;
        value.len--;
    }
    return keep_value(s->arena, &s->metadata->values[field], join_folded(s->arena, value),
                      s->first_line, err);
}

// An indented line belongs to the field above, whatever it holds.
static enum status read_header_line(struct splitter *s, struct text line, size_t name_len,
                                    struct error *err) {
    if (is_blank(line.ptr[0])) {
        if (s->open) {
            s->value.len = (size_t)(line.ptr + line.len - s->value.ptr);
        } else {
            lint(s, METADATA_LINT_HEADER, s->line, "an indented line does not continue a field");
        }
        return STATUS_OK;
    }
    enum status status = close_field(s, err);
    if (status) {
        return status;
    }
    if (name_len == 0 || name_len == SIZE_MAX) {
        lint(s, METADATA_LINT_HEADER, s->line, "the line has no field's name and is left out");
        return STATUS_OK;
    }
    s->open = true;
    s->first_line = s->line;
    s->name = (struct text){line.ptr, name_len};
    s->value = (struct text){line.ptr + name_len + 1, line.len - name_len - 1};
    return STATUS_OK;
}

// The body is the description since metadata 2.1; an older Description field may stand above as well.
static enum status read_body(struct splitter *s, struct error *err) {
    if (s->rest.len == 0) {
        return STATUS_OK;
    }
    s->metadata->has_body = true;
    return keep_value(s->arena, &s->metadata->values[METADATA_DESCRIPTION],
                      arena_copy(s->arena, s->rest.ptr, s->rest.len), s->line, err);
}

// The text cut into fields and body; `text` has \n line ends only.
static enum status split_fields(struct arena *arena, struct text text,
                                struct core_metadata *metadata, struct error *err) {
    struct splitter s = {.arena = arena, .metadata = metadata, .rest = text, .line = 1};
    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0) {
        lint(&s, METADATA_LINT_BOM, 1,
             "the file begins with a byte order mark: Python reads the whole file as the body");
    }
    while (s.rest.len > 0) {
        struct text line = next_line(&s);
        size_t name_len = name_length(line);
        bool is_envelope = line.len >= 5 && memcmp(line.ptr, "From ", 5) == 0;
        if (line.len == 0) {
            skip_line(&s, line);
            s.line++;
            break;
        }
        if (name_len == SIZE_MAX && !is_envelope && !is_blank(line.ptr[0])) {
            lint(&s, METADATA_LINT_NO_BLANK_LINE, s.line,
                 "this line is not a field; the line and everything after it is read as the "
                 "description");
            break;
        }
        enum status status = read_header_line(&s, line, name_len, err);
        if (status) {
            return status;
        }
        skip_line(&s, line);
        s.line++;
    }
    enum status status = close_field(&s, err);
    if (status) {
        return status;
    }
    return read_body(&s, err);
}

// ---- reading ----

// A copy with \n for \r\n and \r, as Python opens a text file.
static bool copy_lines(struct arena *arena, struct text bytes, struct text *ret_text) {
    char *copy = arena_copy(arena, bytes.ptr, bytes.len);
    size_t len = bytes.len;
    if (copy && bytes.len && memchr(bytes.ptr, '\r', bytes.len)) {
        len = 0;
        for (size_t i = 0; i < bytes.len; i++) {
            if (bytes.ptr[i] != '\r') {
                copy[len++] = bytes.ptr[i];
            } else if (i + 1 == bytes.len || bytes.ptr[i + 1] != '\n') {
                copy[len++] = '\n';
            }
        }
    }
    *ret_text = (struct text){copy, len};
    return copy;
}

enum status core_metadata_parse(struct arena *arena, struct text bytes,
                                const struct core_metadata **ret_metadata, struct error *err) {
    if (bytes.len > LIMIT_METADATA_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "the core metadata is over %d bytes",
                    LIMIT_METADATA_BYTES);
    }
    if (!utf8_is_valid(bytes.ptr, bytes.len) || text_has_nul(bytes.ptr, bytes.len)) {
        return fail(err, STATUS_INVALID, NULL,
                    "the core metadata is not UTF-8 text, or has a NUL byte");
    }
    struct core_metadata *metadata = arena_alloc(arena, sizeof *metadata);
    struct text text;
    if (!metadata || !copy_lines(arena, bytes, &text)) {
        return fail_no_memory(err);
    }
    lints_init(&metadata->lints, arena);
    enum status status = split_fields(arena, text, metadata, err);
    if (status) {
        return status;
    }
    status = core_metadata_check(arena, metadata, err);
    if (status) {
        return status;
    }
    *ret_metadata = metadata;
    return STATUS_OK;
}
