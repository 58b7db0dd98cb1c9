// SPDX-License-Identifier: MIT
// A pattern becomes a row of items; matching keeps the set of items that may come next and moves it on
// character by character. Nothing is ever tried twice.
//
// The work is the pattern's length times the name's, whatever a team wrote; a backtracking matcher would need
// exponential time for a few hostile bytes.
#include "schema/release/name_pattern.h"

#include "schema/base/text.h"

#include <string.h>

// The way through the text of a pattern.
struct pattern_reader {
    const char *at;   // what is read next
    const char *text; // the whole pattern, for places in messages
    struct name_pattern *pattern;
    struct error *err;
};

static enum status refuse(const struct pattern_reader *reader, const char *why) {
    return fail(reader->err, STATUS_INVALID, NULL,
                "The pattern cannot be read at character %zu: %s",
                (size_t)(reader->at - reader->text) + 1, why);
}

// The next character, and moves on. The text is well-formed UTF-8.
static uint32_t next_character(const char **at) {
    struct text rest = {*at, 4}; // no character is longer
    uint32_t character = utf8_next(&rest);
    *at = rest.ptr;
    return character;
}

// A character that stands for itself, with its `\` if it has one.
static enum status read_character(struct pattern_reader *reader, uint32_t *ret_character) {
    if (*reader->at == '\\') {
        reader->at++;
        if (!*reader->at || is_alnum(*reader->at)) {
            return refuse(reader, "only punctuation may follow \\; write \\d as [0-9]");
        }
    }
    *ret_character = next_character(&reader->at);
    return STATUS_OK;
}

static void add_range(struct pattern_reader *reader, struct pattern_item *item, uint32_t first,
                      uint32_t last) {
    struct name_pattern *pattern = reader->pattern;
    item->range_count++;
    pattern->ranges[pattern->range_count++] = (struct pattern_range){first, last};
}

// "[a-z_]" becomes ranges: a to z, and _ to _. "]" and "-" stand for themselves behind a backslash.
static enum status read_class(struct pattern_reader *reader, struct pattern_item *item) {
    reader->at++;
    item->is_negated = *reader->at == '^';
    reader->at += item->is_negated;
    while (*reader->at != ']') {
        uint32_t first = 0;
        if (!*reader->at) {
            return refuse(reader, "the class is not closed with ]");
        }
        if (read_character(reader, &first)) {
            return STATUS_INVALID;
        }
        uint32_t last = first;
        if (reader->at[0] == '-' && reader->at[1] && reader->at[1] != ']') {
            reader->at++;
            if (read_character(reader, &last)) {
                return STATUS_INVALID;
            }
        }
        if (last < first) {
            return refuse(reader, "a range of the class goes backwards");
        }
        add_range(reader, item, first, last);
    }
    if (!item->range_count) {
        return refuse(reader, "the class is empty; write ] in a class as \\]");
    }
    reader->at++;
    return STATUS_OK;
}

// One character, a class, or "." for any; what repeats it is read by the caller.
static enum status read_item(struct pattern_reader *reader, struct pattern_item *item) {
    *item = (struct pattern_item){.range = (uint16_t)reader->pattern->range_count};
    if (*reader->at == '[') {
        return read_class(reader, item);
    }
    if (*reader->at == '.') {
        reader->at++;
        item->is_negated = true; // of nothing
        return STATUS_OK;
    }
    if (strchr("(){}]^$?*+", *reader->at)) {
        return refuse(reader, "this character has no meaning here; escape it with \\");
    }
    uint32_t character = 0;
    enum status status = read_character(reader, &character);
    if (status) {
        return status;
    }
    add_range(reader, item, character, character);
    return STATUS_OK;
}

static void add_item(struct name_pattern *pattern, const struct pattern_item *item) {
    pattern->items[pattern->item_count++] = *item;
}

// An item with what stands behind it.
static enum status read_step(struct pattern_reader *reader) {
    struct pattern_item item;
    enum status status = read_item(reader, &item);
    if (status) {
        return status;
    }
    char sign = *reader->at;
    if (sign == '+') {
        add_item(reader->pattern, &item);
    }
    item.is_optional = sign == '?' || sign == '*' || sign == '+';
    item.repeats = sign == '*' || sign == '+';
    reader->at += item.is_optional;
    add_item(reader->pattern, &item);
    return STATUS_OK;
}

// "^" and "$" may stand at the ends, since a pattern matches whole names anyway.
static enum status read_alternative(struct pattern_reader *reader) {
    reader->at += *reader->at == '^';
    while (*reader->at && *reader->at != '|') {
        if (*reader->at == '$' && (!reader->at[1] || reader->at[1] == '|')) {
            reader->at++;
            break;
        }
        enum status status = read_step(reader);
        if (status) {
            return status;
        }
    }
    add_item(reader->pattern, &(struct pattern_item){.is_end = true});
    return STATUS_OK;
}

// Filled on the stack and copied out whole: a pattern has no pointers.
enum status name_pattern_parse(const char *text, struct name_pattern *ret_pattern,
                               struct error *err) {
    size_t len = strlen(text);
    struct name_pattern pattern = {.item_count = 0};
    struct pattern_reader reader = {text, text, &pattern, err};
    if (!len || len >= NAME_PATTERN_BYTES) {
        return fail(err, STATUS_INVALID, NULL, "A pattern has 1 to %d bytes",
                    NAME_PATTERN_BYTES - 1);
    }
    if (!utf8_is_valid(text, len)) {
        return fail(err, STATUS_INVALID, NULL, "The pattern is not UTF-8");
    }
    for (;;) {
        enum status status = read_alternative(&reader);
        if (status) {
            return status;
        }
        if (!*reader.at) {
            *ret_pattern = pattern;
            return STATUS_OK;
        }
        reader.at++;
    }
}

// The items that may come next. A name can end where an end is among them.
struct front {
    bool has[NAME_PATTERN_ITEMS]; // items that may come next
    bool has_end;                 // the name may end here
};

// Puts an item into the front, and those behind it as long as they can be left out.
static void reach(const struct name_pattern *pattern, struct front *front, size_t at) {
    for (;; at++) {
        front->has[at] = true;
        if (!pattern->items[at].is_optional) {
            break;
        }
    }
    front->has_end = front->has_end || pattern->items[at].is_end;
}

static bool takes(const struct name_pattern *pattern, const struct pattern_item *item,
                  uint32_t character) {
    for (size_t i = 0; i < item->range_count; i++) {
        const struct pattern_range *range = &pattern->ranges[item->range + i];
        if (range->first <= character && character <= range->last) {
            return !item->is_negated;
        }
    }
    return item->is_negated;
}

static void step(const struct name_pattern *pattern, const struct front *from, uint32_t character,
                 struct front *to) {
    *to = (struct front){.has_end = false};
    for (size_t i = 0; i < pattern->item_count; i++) {
        const struct pattern_item *item = &pattern->items[i];
        if (from->has[i] && !item->is_end && takes(pattern, item, character)) {
            reach(pattern, to, item->repeats ? i : i + 1);
        }
    }
}

// Two fronts: the items that may take this character, and those that may take the next one. a|ab over "ab":
//     start {a, a}      after a {end, b}      after b {end}      the second alternative matches
bool name_pattern_matches(const struct name_pattern *pattern, const char *name) {
    struct front fronts[2] = {{.has_end = false}};
    for (size_t i = 0; i < pattern->item_count; i++) {
        if (!i || pattern->items[i - 1].is_end) {
            reach(pattern, &fronts[0], i);
        }
    }
    int now = 0;
    while (*name) {
        uint32_t character = next_character(&name);
        step(pattern, &fronts[now], character, &fronts[1 - now]);
        now = 1 - now;
    }
    return fronts[now].has_end;
}
