// SPDX-License-Identifier: MIT
// Guarded use of jansson. The depth is checked on the bytes before parsing, because jansson's own
// limit (2,048) is far above ours and recursive. Duplicate keys are refused, because two readers could
// otherwise see two documents in one text. Writing goes byte for byte as jansson does it, but straight
// into a buffer: jansson calls back for every piece. Any thread; nothing is kept between calls.
#include "schema/json/json.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdint.h>
#include <string.h>

struct position {
    size_t line;
    size_t column;
};

// Only for errors, so counting from the start of the text is fast enough.
static struct position find_position(struct text text, size_t at) {
    struct position position = {1, 1};
    for (size_t i = 0; i < at && i < text.len; i++) {
        bool newline = text.ptr[i] == '\n';
        position.line += newline;
        position.column = newline ? 1 : position.column + 1;
    }
    return position;
}

static enum status fail_at(struct error *err, struct text text, size_t at, const char *what) {
    struct position position = find_position(text, at);
    char where[64];
    snprintf(where, sizeof where, "line %zu, column %zu", position.line, position.column);
    return fail(err, STATUS_MALFORMED, where, "%s", what);
}

// The index just past the string that starts at `at`.
// An escaped quote does not end the string; a string that is not closed ends past the text.
static size_t skip_string(struct text text, size_t at) {
    for (at++; at < text.len && text.ptr[at] != '"'; at++) {
        at += text.ptr[at] == '\\';
    }
    return at + 1;
}

// The text may be no JSON at all: closing brackets without an opening one do not count, and the
// parser refuses them afterwards.
static enum status check_depth(struct text text, struct error *err) {
    size_t depth = 0;
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        depth += c == '[' || c == '{';
        depth -= depth && (c == ']' || c == '}');
        if (depth > LIMIT_JSON_DEPTH) {
            return fail_at(err, text, at, "Arrays and objects are nested too deeply");
        }
        at++;
    }
    return STATUS_OK;
}

// jansson's own words are kept: they name the token that was not expected.
static enum status fail_json(struct error *err, const json_error_t *error) {
    // where an allocation failed while parsing, jansson leaves the text empty and the code unset
    if (!error->text[0] || json_error_code(error) == json_error_out_of_memory) {
        return fail_no_memory(err);
    }
    char where[64];
    snprintf(where, sizeof where, "line %d, column %d", error->line, error->column);
    enum json_error_code code = json_error_code(error);
    if (code == json_error_null_character || code == json_error_null_byte_in_key) {
        return fail(err, STATUS_MALFORMED, where,
                    "A string contains a NUL character (\\u0000)"); // jansson names a flag
    }
    return fail(err, STATUS_MALFORMED, where, "This is not JSON: %s", error->text);
}

// What jansson takes from the heap for these signs, measured with glibc: an empty object has a table of
// eight buckets, an empty list room for eight values.
enum { OBJECT_BYTES = 256, LIST_BYTES = 160, MEMBER_BYTES = 112, VALUE_BYTES = 56 };

struct json_count {
    size_t values; // that the text has
    size_t bytes;  // that jansson will take
};

// By signs, without parsing: what parsing would cost must be known before it is done.
static struct json_count count(struct text text) {
    struct json_count count = {1, VALUE_BYTES + text.len};
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        count.values += c == ',' || c == '[' || c == '{';
        count.bytes += c == ','   ? VALUE_BYTES
                       : c == '{' ? OBJECT_BYTES
                       : c == '[' ? LIST_BYTES
                       : c == ':' ? MEMBER_BYTES
                                  : 0;
        at++;
    }
    return count;
}

size_t json_parsed_bytes(struct text text) {
    return count(text).bytes;
}

// Everything that can be refused cheaply is refused before jansson sees the text: size, NUL, depth, count.
enum status json_parse(struct text text, size_t max_bytes, json_t **ret_json, struct error *err) {
    if (text.len > max_bytes) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The JSON text has %zu bytes; the limit is %zu",
                    text.len, max_bytes);
    }
    if (text.len == 0) {
        return fail(err, STATUS_MALFORMED, NULL, "The body is empty; JSON is expected");
    }
    if (text_has_nul(text.ptr, text.len)) {
        const char *nul = memchr(text.ptr, 0, text.len);
        return fail_at(err, text, (size_t)(nul - text.ptr), "The JSON text contains a NUL byte");
    }
    enum status status = check_depth(text, err);
    if (status) {
        return status;
    }
    if (text.len > LIMIT_JSON_VALUES && count(text).values > LIMIT_JSON_VALUES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "The JSON text has more than %d values. Send fewer.", LIMIT_JSON_VALUES);
    }
    json_error_t error;
    json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!json) {
        return fail_json(err, &error);
    }
    *ret_json = json;
    return STATUS_OK;
}

// Keys sorted by their bytes, no white space: equal documents are equal bytes, as digests and
// entity tags need.
const char *json_encode_canonical(struct arena *arena, const json_t *json) {
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, SIZE_MAX / 4);
    bool written = json_write(&buffer, json, true);
    return written && !buffer.failed ? arena_copy(arena, buffer.ptr, buffer.len) : NULL;
}

// Texts from a database or a file system may be no UTF-8; JSON cannot hold them, and the answer
// must not fail for one name.
json_t *json_text(const char *string) {
    if (!string) {
        return json_null();
    }
    size_t len = strlen(string);
    if (utf8_is_valid(string, len)) {
        return json_string(string);
    }
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, len);
    buffer_add(&buffer, string, len);
    if (buffer.failed) {
        return NULL;
    }
    text_make_printable(buffer.ptr);
    return json_string(buffer.ptr);
}

size_t json_depth(const json_t *json) {
    size_t deepest = 0;
    size_t index;
    const char *key;
    json_t *value;
    if (json_is_array(json)) {
        json_array_foreach(json, index, value) {
            size_t depth = json_depth(value);
            deepest = depth > deepest ? depth : deepest;
        }
        return deepest + 1;
    }
    if (json_is_object(json)) {
        json_object_foreach((json_t *)json, key, value) {
            size_t depth = json_depth(value);
            deepest = depth > deepest ? depth : deepest;
        }
        return deepest + 1;
    }
    return 0;
}

// RFC 6901: "~" is written "~0" and "/" is written "~1", so {"a/b": 1} is at /a~1b.
const char *json_pointer(struct arena *arena, const char *parent, const char *key) {
    size_t room = strlen(parent) + 2 * strlen(key) + 2;
    // Without memory a pointer to the parent is better than none.
    char *pointer = arena_alloc(arena, room);
    if (!pointer) {
        return parent;
    }
    char *end = stpcpy(stpcpy(pointer, parent), "/");
    for (const char *c = key; *c; c++) {
        if (*c == '~' || *c == '/') {
            *end++ = '~';
            *end++ = *c == '~' ? '0' : '1';
        } else {
            *end++ = *c;
        }
    }
    return pointer;
}

const char *json_pointer_index(struct arena *arena, const char *parent, size_t index) {
    const char *pointer = arena_printf(arena, "%s/%zu", parent, index);
    return pointer ? pointer : parent;
}

const char *json_pointer_key(struct arena *arena, struct text part) {
    char *key = arena_copy(arena, part.ptr, part.len);
    char *to = key;
    for (const char *from = key; from && *from; from++) {
        bool is_escape = from[0] == '~' && (from[1] == '0' || from[1] == '1');
        *to++ = !is_escape ? *from : from[1] == '0' ? '~' : '/';
        from += is_escape;
    }
    if (key) {
        *to = '\0';
    }
    return key;
}

bool json_pointer_next(const char **pointer, char *ret_key) {
    const char *c = *pointer;
    if (*c != '/') {
        return false;
    }
    for (c++; *c && *c != '/'; c++) {
        bool is_escape = *c == '~' && (c[1] == '0' || c[1] == '1');
        c += is_escape;
        *ret_key++ = is_escape ? (*c == '1' ? '/' : '~') : *c;
    }
    *ret_key = '\0';
    *pointer = c;
    return true;
}

bool json_pointer_names(struct text part, const char *key) {
    size_t at = 0;
    for (; at < part.len && *key; at++, key++) {
        char c = part.ptr[at];
        if (c == '~' && at + 1 < part.len) {
            c = part.ptr[++at] == '1' ? '/' : '~';
        }
        if (c != *key) {
            return false;
        }
    }
    return at == part.len && !*key;
}

size_t json_pointer_item(struct text part) {
    size_t index = 0;
    if (!part.len || part.len > 9) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < part.len; i++) {
        if (!is_digit(part.ptr[i])) {
            return SIZE_MAX;
        }
        index = index * 10 + (size_t)(part.ptr[i] - '0');
    }
    return index;
}

const char *json_type_name(const json_t *json) {
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return json ? names[json_typeof(json)] : "nothing";
}

// ---- writing ----

// \n and its like have letters of their own; all other control characters are \u00XX, as jansson writes them.
static void write_control(struct buffer *buffer, unsigned char c) {
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    static const char digits[] = "0123456789ABCDEF";
    char letter = c < sizeof letters ? letters[c] : '\0';
    if (c == '"' || c == '\\') {
        letter = (char)c;
    }
    const char escape[] = {'\\', letter ? letter : 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    buffer_add(buffer, escape, letter ? 2 : sizeof escape);
}

static const bool needs_escape[256] = {[0 ... 0x1f] = true, ['"'] = true, ['\\'] = true};

// The first byte that needs an escape, or `end`.
static const char *find_escape(const char *at, const char *end) {
    while (at < end && !needs_escape[(unsigned char)*at]) {
        at++;
    }
    return at;
}

// Most strings need no escape and are written in one piece.
static void write_plain(struct buffer *buffer, const char *string, size_t len) {
    char *place = buffer_extend(buffer, len + 2);
    if (place) {
        place[0] = '"';
        memcpy(place + 1, string, len);
        place[len + 1] = '"';
    }
}

bool json_write_string(struct buffer *buffer, const char *string, size_t len) {
    const char *end = string + len;
    if (!utf8_is_valid(string, len)) {
        return false;
    }
    if (find_escape(string, end) == end) {
        write_plain(buffer, string, len);
        return true;
    }
    buffer_add(buffer, "\"", 1);
    // Runs of plain bytes are added in one piece; a byte that needs an escape ends the run.
    while (string < end) {
        const char *at = find_escape(string, end);
        buffer_add(buffer, string, (size_t)(at - string));
        if (at < end) {
            write_control(buffer, (unsigned char)*at++);
        }
        string = at;
    }
    buffer_add(buffer, "\"", 1);
    return true;
}

// jansson writes numbers without regard to the locale.
static bool write_number(struct buffer *buffer, const json_t *json) {
    char digits[64];
    size_t len = json_dumpb(json, digits, sizeof digits, JSON_ENCODE_ANY);
    buffer_add(buffer, digits, len);
    return len && len < sizeof digits;
}

static bool write_array(struct buffer *buffer, const json_t *array, bool sorted) {
    size_t index;
    json_t *value;
    buffer_add(buffer, "[", 1);
    json_array_foreach(array, index, value) {
        buffer_add(buffer, ",", index > 0);
        if (!json_write(buffer, value, sorted)) {
            return false;
        }
    }
    buffer_add(buffer, "]", 1);
    return true;
}

// jansson keeps its members in order of insertion; sorting needs an array of them.
struct member {
    const char *key;
    const json_t *value;
};

static int compare_members(const void *a, const void *b) {
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static bool write_members(struct buffer *buffer, const struct member *members, size_t count,
                          bool sorted) {
    buffer_add(buffer, "{", 1);
    for (size_t i = 0; i < count; i++) {
        buffer_add(buffer, ",", i > 0);
        if (!json_write_string(buffer, members[i].key, strlen(members[i].key))) {
            return false;
        }
        buffer_add(buffer, ":", 1);
        if (!json_write(buffer, members[i].value, sorted)) {
            return false;
        }
    }
    buffer_add(buffer, "}", 1);
    return true;
}

static bool write_object(struct buffer *buffer, const json_t *object, bool sorted) {
    // Most objects fit; a release document has thousands of small ones.
    struct member few[16];
    size_t count = json_object_size(object);
    scoped(cleanup_memory) struct member *many = NULL;
    if (count > COUNT_OF(few) && !(many = malloc(count * sizeof *many))) {
        return false;
    }
    struct member *members = many ? many : few;
    size_t i = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        members[i++] = (struct member){key, value};
    }
    if (sorted && count) {
        qsort(members, count, sizeof *members, compare_members);
    }
    return write_members(buffer, members, count, sorted);
}

bool json_write(struct buffer *buffer, const json_t *json, bool sorted) {
    static const char *const words[] = {
        [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null"};
    if (!json) {
        return false;
    }
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return write_object(buffer, json, sorted);
    case JSON_ARRAY:
        return write_array(buffer, json, sorted);
    case JSON_STRING:
        return json_write_string(buffer, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
    case JSON_REAL:
        return write_number(buffer, json);
    default:
        buffer_add_string(buffer, words[json_typeof(json)]);
        return true;
    }
}
