// SPDX-License-Identifier: MIT
// Two readers side by side: what counts is what importlib.metadata would yield (lines stripped, '#'
// comments, '[…]' lines, the rest split at the first '='); beside it runs just enough of configparser
// (indentation, headers, sections seen) to know where the two part ways.
//
//     [crm.plugins]             section: the group
//     mail = crm_mail:Plugin    name = value
//       sms = crm_sms:Plugin    configparser: more of the value above; importlib.metadata: an entry point
//
// Where the two differ the file gets a lint, because tools that install it and hosts that load it differ too.
#include "schema/packaging/entry_points_txt.h"

#include "schema/base/limits.h"
#include "schema/packaging/python_text.h"
#include "schema/base/quote.h"

#include <string.h>

enum lint_code {
    LINT_BOM,                // the first header is lost at run time
    LINT_BEFORE_FIRST_GROUP, // an entry without a group
    LINT_NO_EQUALS,          // the runtime fails on it
    LINT_NUL,                // the line is left out
    LINT_SEMICOLON,          // a comment for configparser, an entry at run time
    LINT_INDENTED,           // a continuation for configparser
    LINT_LINE_END,           // not a line feed
    LINT_HEADER,             // read differently by the two
    LINT_DEFAULT_GROUP,      // special for configparser
    LINT_DUPLICATE_GROUP,    // refused by configparser
    LINT_DUPLICATE_NAME,     // refused by configparser
    LINT_SCRIPT_CASE,        // one file on systems that ignore case
    LINT_PERCENT,            // an interpolation for configparser
    LINT_INLINE_COMMENT,     // a part of the value at run time
    LINT_GROUP,              // no group that can be indexed
    LINT_NAME,               // breaks the rule of names
    LINT_SCRIPT_NAME,        // breaks the rule of scripts
    LINT_REFERENCE,          // breaks the rule of values
};

// Errors are what loses an entry point at run time, or names something that cannot be installed; all else
// is a warning.
static const struct lint_kind kinds[] = {
    [LINT_BOM] = {.code = "entry-points-byte-order-mark", .is_error = true},
    [LINT_BEFORE_FIRST_GROUP] = {.code = "entry-points-before-first-group", .is_error = true},
    [LINT_NO_EQUALS] = {.code = "entry-points-no-equals-sign", .is_error = true},
    [LINT_NUL] = {.code = "entry-points-nul", .is_error = true},
    [LINT_SEMICOLON] = {.code = "entry-points-semicolon-comment", .is_error = false},
    [LINT_INDENTED] = {.code = "entry-points-indented-line", .is_error = false},
    [LINT_LINE_END] = {.code = "entry-points-unusual-line-end", .is_error = false},
    [LINT_HEADER] = {.code = "entry-points-group-header", .is_error = false},
    [LINT_DEFAULT_GROUP] = {.code = "entry-points-default-group", .is_error = false},
    [LINT_DUPLICATE_GROUP] = {.code = "entry-points-duplicate-group", .is_error = false},
    [LINT_DUPLICATE_NAME] = {.code = "entry-points-duplicate-name", .is_error = false},
    [LINT_SCRIPT_CASE] = {.code = "entry-points-script-case", .is_error = false},
    [LINT_PERCENT] = {.code = "entry-points-percent-sign", .is_error = false},
    [LINT_INLINE_COMMENT] = {.code = "entry-points-inline-comment", .is_error = true},
    [LINT_GROUP] = {.code = "group-not-indexed", .is_error = false},
    [LINT_NAME] = {.code = "entry-point-name-invalid", .is_error = true},
    [LINT_SCRIPT_NAME] = {.code = "script-name-invalid", .is_error = true},
    [LINT_REFERENCE] = {.code = "entry-point-value-invalid", .is_error = true},
};

struct line_reader {
    struct arena *arena;
    struct entry_points_txt *file;
    struct entry_point *entries; // those so far, in their order
    size_t *lines;               // of the entries
    size_t capacity;             // of both lists
    const char **groups;         // of the headers so far, each once
    size_t group_count;
    size_t group_capacity;
    const char *group;  // NULL before the first header
    size_t group_start; // the first entry after the last header
    size_t line;        // the present one, from 1
    size_t indent;      // as configparser keeps it: of the last line that was no continuation
    bool option_open;   // a deeper line would be its continuation there
};

static void add_lint(struct line_reader *r, enum lint_code code, const char *message) {
    lints_add(&r->file->lints, &kinds[code], r->line, "%s", message);
}

// The indentation of a line in characters, as configparser counts it.
static size_t indent_of(struct text line, struct text stripped) {
    size_t characters = 0;
    for (const char *c = line.ptr; c < stripped.ptr; c++) {
        characters += ((unsigned char)*c & 0xc0) != 0x80;
    }
    return characters;
}

static bool is_known_group(const struct line_reader *r, const char *group) {
    for (size_t i = 0; i < r->group_count; i++) {
        if (strcmp(r->groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

// An array twice as large with the old items, or NULL.
// Doubling in an arena leaves the old arrays behind: together they are no larger than the last.
static void *grow(struct arena *arena, const void *items, size_t count, size_t *capacity,
                  size_t size) {
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *grown = arena_array(arena, wanted, size);
    if (grown && count > 0) {
        memcpy(grown, items, count * size);
    }
    *capacity = grown ? wanted : *capacity;
    return grown;
}

// importlib.metadata joins two sections of one name, so the entries below the second header count too.
static enum status remember_group(struct line_reader *r, const char *group, struct error *err) {
    if (is_known_group(r, group)) {
        add_lint(r, LINT_DUPLICATE_GROUP,
                 "the group has a second header; configparser refuses the file");
        return STATUS_OK;
    }
    if (r->group_count == r->group_capacity) {
        const char **grown =
            grow(r->arena, r->groups, r->group_count, &r->group_capacity, sizeof *grown);
        if (!grown) {
            return fail_no_memory(err);
        }
        r->groups = grown;
    }
    r->groups[r->group_count++] = group;
    return STATUS_OK;
}

static bool is_bracket(char c) {
    return c == '[' || c == ']';
}

// The runtime strips all brackets at both ends: "[[crm]]" is the group "crm" there, "[crm" for configparser.
static enum status read_header(struct line_reader *r, struct text line, struct error *err) {
    struct text name = line;
    while (name.len > 0 && is_bracket(name.ptr[0])) {
        name.ptr++;
        name.len--;
    }
    while (name.len > 0 && is_bracket(name.ptr[name.len - 1])) {
        name.len--;
    }
    if (name.len + 2 != line.len) {
        add_lint(r, LINT_HEADER,
                 "the header has more brackets than two; configparser reads another "
                 "name from it");
    }
    const char *group = arena_copy(r->arena, name.ptr, name.len);
    if (!group) {
        return fail_no_memory(err);
    }
    struct error fault = {0};
    if (entry_point_group_check(name, &fault) != STATUS_OK) {
        add_lint(r, LINT_GROUP, fault.message);
    }
    if (strcmp(group, "DEFAULT") == 0) {
        add_lint(r, LINT_DEFAULT_GROUP,
                 "configparser would add the entries of this group to every other group");
    }
    r->group = group;
    r->group_start = r->file->count;
    r->option_open = false;
    return remember_group(r, group, err);
}

static bool equals_ignoring_case(const char *a, const char *b) {
    while (*a && to_lower(*a) == to_lower(*b)) {
        a++;
        b++;
    }
    return to_lower(*a) == to_lower(*b);
}

// Duplicates are rare and the count of entries is bounded, so a search through the group will do.
static void lint_duplicates(struct line_reader *r, const char *name) {
    for (size_t i = r->group_start; i < r->file->count; i++) {
        if (strcmp(r->entries[i].name, name) == 0) {
            add_lint(r, LINT_DUPLICATE_NAME,
                     "the group has another entry of this name; both are kept, but configparser "
                     "refuses the file");
            return;
        }
        if (entry_point_group_is_scripts(text_from(r->group)) &&
            equals_ignoring_case(r->entries[i].name, name)) {
            add_lint(r, LINT_SCRIPT_CASE,
                     "the name of another script differs only in case; on some systems both are "
                     "one file");
            return;
        }
    }
}

// "mail = crm:Plugin  # the mailer" has the value "crm:Plugin  # the mailer" at run time.
static void lint_value(struct line_reader *r, struct text value) {
    struct object_reference reference;
    struct error fault = {0};
    bool comment = false;
    for (size_t i = 0; i + 1 < value.len; i++) {
        comment |= is_space(value.ptr[i]) && (value.ptr[i + 1] == '#' || value.ptr[i + 1] == ';');
    }
    if (value.len > 0 && memchr(value.ptr, '%', value.len)) {
        add_lint(r, LINT_PERCENT, "configparser reads '%' in a value as an interpolation");
    }
    if (comment) {
        add_lint(r, LINT_INLINE_COMMENT,
                 "a comment behind a value is a part of the value; give it a line of its own");
    } else if (object_reference_parse(value, &reference, &fault) != STATUS_OK ||
               (entry_point_group_is_scripts(text_from(r->group)) &&
                script_reference_check(&reference, &fault) != STATUS_OK)) {
        add_lint(r, LINT_REFERENCE, fault.message);
    }
}

// The lines are kept beside the entries for those who report about them later (a release's own rules).
static enum status keep_entry(struct line_reader *r, struct text name, struct text value,
                              struct error *err) {
    if (r->file->count == LIMIT_ENTRY_POINTS) {
        return fail(err, STATUS_TOO_LARGE, NULL, "entry_points.txt has more than %d entries",
                    LIMIT_ENTRY_POINTS);
    }
    if (r->file->count == r->capacity) {
        size_t capacity = r->capacity;
        struct entry_point *entries =
            grow(r->arena, r->entries, r->file->count, &capacity, sizeof *entries);
        size_t *lines = grow(r->arena, r->lines, r->file->count, &r->capacity, sizeof *lines);
        if (!entries || !lines) {
            return fail_no_memory(err);
        }
        r->entries = entries;
        r->lines = lines;
    }
    struct entry_point entry = {r->group, arena_copy(r->arena, name.ptr, name.len),
                                arena_copy(r->arena, value.ptr, value.len)};
    if (!entry.name || !entry.value) {
        return fail_no_memory(err);
    }
    lint_duplicates(r, entry.name);
    r->entries[r->file->count] = entry;
    r->lines[r->file->count++] = r->line;
    return STATUS_OK;
}

// Everything wrong with an entry is a lint; the entry itself is kept, since the host will see it.
static enum status read_entry(struct line_reader *r, struct text line, const char *equals,
                              struct error *err) {
    struct text name = {line.ptr, (size_t)(equals - line.ptr)};
    struct text value = {equals + 1, line.len - name.len - 1};
    struct error fault = {0};
    name = python_text_strip(name);
    value = python_text_strip(value);
    r->option_open = true;
    if (line.ptr[0] == ';') {
        add_lint(r, LINT_SEMICOLON,
                 "at run time ';' does not begin a comment, so this line is an entry; begin "
                 "comments with '#'");
    } else if (line.ptr[0] == '[' && memchr(line.ptr + 1, ']', line.len - 1)) {
        add_lint(r, LINT_HEADER,
                 "this line is an entry at run time, but a header for configparser");
    }
    if (entry_point_name_check(name, &fault) != STATUS_OK) {
        add_lint(r, LINT_NAME, fault.message);
    } else if (entry_point_group_is_scripts(text_from(r->group)) &&
               script_name_check(name, &fault) != STATUS_OK) {
        add_lint(r, LINT_SCRIPT_NAME, fault.message);
    }
    lint_value(r, value);
    return keep_entry(r, name, value, err);
}

// A line with something on it, not a '#' comment.
static enum status read_line(struct line_reader *r, struct text line, struct error *err) {
    if (memchr(line.ptr, 0, line.len)) {
        add_lint(r, LINT_NUL, "the line has a NUL byte and is left out");
        return STATUS_OK;
    }
    if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
        return read_header(r, line, err);
    }
    const char *equals = memchr(line.ptr, '=', line.len);
    if (!r->group) {
        add_lint(r, LINT_BEFORE_FIRST_GROUP,
                 "the line stands before the first group header and is ignored");
    } else if (!equals) {
        add_lint(r, LINT_NO_EQUALS,
                 "the line has no '=' and is left out; the Python runtime fails on it, for every "
                 "package of the environment");
    } else {
        return read_entry(r, line, equals, err);
    }
    return STATUS_OK;
}

// What configparser makes of the indentation; a comment line leaves it as it is there.
// configparser compares with the line that began the option, not with the first column.
static void follow_indent(struct line_reader *r, size_t indent) {
    if (r->option_open && indent > r->indent) {
        add_lint(r, LINT_INDENTED,
                 "configparser reads an indented line as a continuation of the value above; at run "
                 "time it is a line of its own");
        return;
    }
    r->indent = indent;
}

// Lines are those of str.splitlines, which also ends them at form feeds and other control characters.
static enum status read_lines(struct line_reader *r, struct text rest, struct error *err) {
    static const char mark[] = "\xef\xbb\xbf";
    struct text line;
    bool unusual;
    bool next_is_new = true;
    if (rest.len >= 3 && memcmp(rest.ptr, mark, 3) == 0) {
        r->line = 1;
        add_lint(r, LINT_BOM,
                 "the file begins with a byte order mark: the runtime does not recognise the first "
                 "group header and loses its entries; save the file without it");
    }
    r->line = 0;
    while (python_text_split_line(&rest, &line, &unusual)) {
        r->line += next_is_new;
        next_is_new = !unusual;
        struct text stripped = python_text_strip(line);
        if (unusual) {
            add_lint(r, LINT_LINE_END,
                     "a control character ends the line at run time; use line feeds");
        }
        if (stripped.len == 0 || stripped.ptr[0] == '#') {
            continue;
        }
        if (stripped.ptr[0] != ';') {
            follow_indent(r, indent_of(line, stripped));
        }
        enum status status = read_line(r, stripped, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// What no line of the file can survive.
static enum status check_bytes(struct text bytes, struct error *err) {
    if (bytes.len > LIMIT_ENTRY_POINTS_TXT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "entry_points.txt is over %d bytes",
                    LIMIT_ENTRY_POINTS_TXT_BYTES);
    }
    if (!utf8_is_valid(bytes.ptr, bytes.len)) {
        return fail(
            err, STATUS_INVALID, NULL,
            "entry_points.txt is not valid UTF-8; the Python runtime fails on it, for every "
            "package of the environment");
    }
    return STATUS_OK;
}

enum status entry_points_txt_parse(struct arena *arena, struct text bytes,
                                   const struct entry_points_txt **ret_file, struct error *err) {
    enum status status = check_bytes(bytes, err);
    if (status) {
        return status;
    }
    struct entry_points_txt *file = arena_alloc(arena, sizeof *file);
    if (!file) {
        return fail_no_memory(err);
    }
    lints_init(&file->lints, arena);
    struct line_reader r = {.arena = arena, .file = file};
    status = read_lines(&r, bytes, err);
    if (status) {
        return status;
    }
    if (file->lints.no_memory) {
        return fail_no_memory(err);
    }
    file->entries = r.entries;
    file->lines = r.lines;
    *ret_file = file;
    return STATUS_OK;
}
