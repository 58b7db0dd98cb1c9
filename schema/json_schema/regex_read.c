// SPDX-License-Identifier: MIT
// Reads an expression into a tree by recursive descent: a choice of sequences of atoms, each perhaps repeated.
// Recursion is bounded by the depth of groups. What ECMA-262 has and one pass cannot match is refused with a sentence
// that names it. The grammar is that of the flag `u`: a letter without a meaning behind `\` is a mistake.
#include "schema/json_schema/regex_program.h"

#include "schema/base/list.h"

#include <string.h>

enum { MOST_REPETITIONS = 1000 };

struct regex_reader {
    struct arena *arena;
    const char *start;
    const char *at;
    const char *end;
    size_t depth; // of open parentheses
    struct error *err;
};

// A set while it is read.
struct set_draft {
    struct regex_range *ranges;
    size_t count;
    size_t capacity;
};

static const struct regex_range digits[] = {{'0', '9'}};
static const struct regex_range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct regex_range space[] = {
    {'\t', '\r'},     {' ', ' '},       {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
    {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
};
static const struct regex_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

const struct character_set regex_word_characters = {word, COUNT_OF(word), false};

// The sets that have a letter; a capital means all other characters.
static const struct {
    char letter;
    struct character_set set;
} classes[] = {
    {'d', {digits, COUNT_OF(digits), false}}, {'D', {digits, COUNT_OF(digits), true}},
    {'w', {word, COUNT_OF(word), false}},     {'W', {word, COUNT_OF(word), true}},
    {'s', {space, COUNT_OF(space), false}},   {'S', {space, COUNT_OF(space), true}},
};

static enum status read_choice(struct regex_reader *reader, struct regex_tree **ret_tree);

static enum status refuse(const struct regex_reader *reader, const char *why) {
    struct text before = {reader->start, (size_t)(reader->at - reader->start)};
    return fail(reader->err, STATUS_INVALID, NULL,
                "The pattern cannot be read at character %zu: %s", count_characters(before) + 1,
                why);
}

static uint32_t next_character(struct regex_reader *reader) {
    struct text rest = {reader->at, (size_t)(reader->end - reader->at)};
    uint32_t character = utf8_next(&rest);
    reader->at = rest.ptr;
    return character;
}

static bool is_at(const struct regex_reader *reader, char c) {
    return reader->at < reader->end && *reader->at == c;
}

static bool skip(struct regex_reader *reader, char c) {
    bool there = is_at(reader, c);
    reader->at += there;
    return there;
}

static enum status tree_new(struct regex_reader *reader, enum regex_tree_kind kind,
                            struct regex_tree **ret_tree) {
    struct regex_tree *tree = arena_alloc(reader->arena, sizeof *tree);
    if (!tree) {
        return fail_no_memory(reader->err);
    }
    tree->kind = kind;
    *ret_tree = tree;
    return STATUS_OK;
}

static enum status add_range(struct regex_reader *reader, struct set_draft *draft, uint32_t first,
                             uint32_t last) {
    struct regex_range *grown =
        list_grow(reader->arena, draft->ranges, draft->count, &draft->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(reader->err);
    }
    draft->ranges = grown;
    draft->ranges[draft->count++] = (struct regex_range){first, last};
    return STATUS_OK;
}

// A class with a letter inside [ ]; of a capital one the gaps between its ranges.
static enum status add_class(struct regex_reader *reader, struct set_draft *draft,
                             const struct character_set *set) {
    uint32_t first = 0;
    for (size_t i = 0; i < set->range_count; i++) {
        const struct regex_range *range = &set->ranges[i];
        enum status status = STATUS_OK;
        if (!set->is_negated) {
            status = add_range(reader, draft, range->first, range->last);
        } else if (first < range->first) {
            status = add_range(reader, draft, first, range->first - 1);
        }
        if (status) {
            return status;
        }
        first = range->last + 1;
    }
    return set->is_negated ? add_range(reader, draft, first, UINT32_MAX) : STATUS_OK;
}

static const struct character_set *find_class(char letter) {
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (classes[i].letter == letter) {
            return &classes[i].set;
        }
    }
    return NULL;
}

// `count` hexadecimal digits, or with count 0 as many as stand there.
static enum status read_hex(struct regex_reader *reader, size_t count, uint32_t *ret_character) {
    uint32_t value = 0;
    size_t read = 0;
    for (; reader->at < reader->end && (!count || read < count) && value <= 0x10ffff; read++) {
        char c = to_lower(*reader->at);
        if (!is_digit(c) && (c < 'a' || c > 'f')) {
            break;
        }
        value = value * 16 + (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
        reader->at++;
    }
    if (!read || (count && read < count) || value > 0x10ffff) {
        return refuse(reader, "here stand not the hexadecimal digits of a character");
    }
    *ret_character = value;
    return STATUS_OK;
}

// Behind \u: four digits, {digits}, or a surrogate pair.
static enum status read_unicode(struct regex_reader *reader, uint32_t *ret_character) {
    if (skip(reader, '{')) {
        enum status status = read_hex(reader, 0, ret_character);
        if (status) {
            return status;
        }
        return skip(reader, '}') ? STATUS_OK : refuse(reader, "\\u{…} is not closed");
    }
    uint32_t low = 0;
    enum status status = read_hex(reader, 4, ret_character);
    if (status || *ret_character < 0xd800 || *ret_character > 0xdbff) {
        return status;
    }
    if (!skip(reader, '\\') || !skip(reader, 'u')) {
        return refuse(reader, "half a surrogate pair stands alone");
    }
    status = read_hex(reader, 4, &low);
    if (status) {
        return status;
    }
    if (low < 0xdc00 || low > 0xdfff) {
        return refuse(reader, "half a surrogate pair stands alone");
    }
    *ret_character = 0x10000 + ((*ret_character - 0xd800) << 10) + (low - 0xdc00);
    return STATUS_OK;
}

// What stands behind a backslash and means one character.
static enum status read_escape(struct regex_reader *reader, bool in_class,
                               uint32_t *ret_character) {
    static const char letters[] = "tnvfr";
    static const char controls[] = "\t\n\v\f\r";
    char c = reader->at < reader->end ? *reader->at : '\0';
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        reader->at++;
        *ret_character = (uint32_t)controls[letter - letters];
        return STATUS_OK;
    }
    if (c == 'x' || c == 'u') {
        reader->at++;
        return c == 'x' ? read_hex(reader, 2, ret_character) : read_unicode(reader, ret_character);
    }
    if (c == 'c' && reader->end - reader->at > 1 && is_alpha(reader->at[1])) {
        *ret_character = (uint32_t)reader->at[1] & 0x1f;
        reader->at += 2;
        return STATUS_OK;
    }
    if (c == '0' && !(reader->end - reader->at > 1 && is_digit(reader->at[1]))) {
        reader->at++;
        *ret_character = 0;
        return STATUS_OK;
    }
    if (c && (strchr("^$\\.*+?()[]{}|/", c) || (in_class && c == '-'))) {
        reader->at++;
        *ret_character = (uint32_t)c;
        return STATUS_OK;
    }
    if (is_digit(c) || c == 'k') {
        return refuse(reader, "back references are not supported");
    }
    if (c == 'p' || c == 'P') {
        return refuse(reader, "\\p is not supported; write a class such as [A-Za-z]");
    }
    return refuse(reader, "this character has no meaning behind \\");
}

// One character of a class, or a class with a letter in it.
static enum status read_class_atom(struct regex_reader *reader, uint32_t *ret_character,
                                   const struct character_set **ret_set) {
    *ret_set = NULL;
    if (!skip(reader, '\\')) {
        *ret_character = next_character(reader);
        return STATUS_OK;
    }
    *ret_set = reader->at < reader->end ? find_class(*reader->at) : NULL;
    if (*ret_set) {
        reader->at++;
        return STATUS_OK;
    }
    if (skip(reader, 'b')) {
        *ret_character = '\b';
        return STATUS_OK;
    }
    return read_escape(reader, true, ret_character);
}

static enum status read_class_item(struct regex_reader *reader, struct set_draft *draft) {
    const struct character_set *set = NULL;
    uint32_t first = 0;
    enum status status = read_class_atom(reader, &first, &set);
    if (status) {
        return status;
    }
    bool is_range = reader->end - reader->at > 1 && reader->at[0] == '-' && reader->at[1] != ']';
    if (set && is_range) {
        return refuse(reader, "a range cannot begin with a class; write - as \\-");
    }
    if (set) {
        return add_class(reader, draft, set);
    }
    uint32_t last = first;
    if (is_range) {
        reader->at++;
        status = read_class_atom(reader, &last, &set);
        if (status) {
            return status;
        }
        if (set || last < first) {
            return refuse(reader, set ? "a range cannot end with a class; write - as \\-"
                                      : "a range of the class goes backwards");
        }
    }
    return add_range(reader, draft, first, last);
}

static enum status read_class(struct regex_reader *reader, struct regex_tree **ret_tree) {
    struct set_draft draft = {0};
    enum status status = tree_new(reader, TREE_SET, ret_tree);
    if (status) {
        return status;
    }
    (*ret_tree)->set.is_negated = skip(reader, '^');
    while (!is_at(reader, ']')) {
        if (reader->at >= reader->end) {
            return refuse(reader, "the class is not closed with ]");
        }
        status = read_class_item(reader, &draft);
        if (status) {
            return status;
        }
    }
    reader->at++;
    (*ret_tree)->set.ranges = draft.ranges;
    (*ret_tree)->set.range_count = draft.count;
    return STATUS_OK;
}

static enum status make_set(struct regex_reader *reader, const struct character_set *set,
                            struct regex_tree **ret_tree) {
    enum status status = tree_new(reader, TREE_SET, ret_tree);
    if (status) {
        return status;
    }
    (*ret_tree)->set = *set;
    return STATUS_OK;
}

static enum status make_character(struct regex_reader *reader, uint32_t character,
                                  struct regex_tree **ret_tree) {
    struct set_draft draft = {0};
    enum status status = add_range(reader, &draft, character, character);
    if (status) {
        return status;
    }
    return make_set(reader, &(struct character_set){draft.ranges, 1, false}, ret_tree);
}

static enum status make_place(struct regex_reader *reader, enum regex_operation place,
                              struct regex_tree **ret_tree) {
    enum status status = tree_new(reader, TREE_PLACE, ret_tree);
    if (status) {
        return status;
    }
    (*ret_tree)->place = place;
    return STATUS_OK;
}

// Behind "(". Groups have no numbers here, since nothing refers back to them.
static enum status read_group(struct regex_reader *reader, struct regex_tree **ret_tree) {
    if (skip(reader, '?')) {
        bool is_named = reader->end - reader->at > 1 && reader->at[0] == '<' &&
                        reader->at[1] != '=' && reader->at[1] != '!';
        const char *close =
            is_named ? memchr(reader->at, '>', (size_t)(reader->end - reader->at)) : NULL;
        if (close) {
            reader->at = close + 1;
        } else if (!skip(reader, ':')) {
            return refuse(reader, "look-ahead and look-behind are not supported");
        }
    }
    if (++reader->depth > REGEX_GROUP_DEPTH) {
        return refuse(reader, "groups are nested too deeply");
    }
    enum status status = read_choice(reader, ret_tree);
    if (status) {
        return status;
    }
    reader->depth--;
    return skip(reader, ')') ? STATUS_OK : refuse(reader, "the group is not closed with )");
}

static enum status read_backslash(struct regex_reader *reader, struct regex_tree **ret_tree) {
    const struct character_set *set = reader->at < reader->end ? find_class(*reader->at) : NULL;
    if (set) {
        reader->at++;
        return make_set(reader, set, ret_tree);
    }
    if (skip(reader, 'b')) {
        return make_place(reader, REGEX_BOUNDARY, ret_tree);
    }
    if (skip(reader, 'B')) {
        return make_place(reader, REGEX_INSIDE, ret_tree);
    }
    uint32_t character = 0;
    enum status status = read_escape(reader, false, &character);
    if (status) {
        return status;
    }
    return make_character(reader, character, ret_tree);
}

// One thing that takes a character, a place, or a group.
static enum status read_atom(struct regex_reader *reader, struct regex_tree **ret_tree) {
    static const struct character_set any = {line_ends, COUNT_OF(line_ends), true};
    switch (*reader->at) {
    case '^':
    case '$':
        return make_place(reader, *reader->at++ == '^' ? REGEX_BEGIN : REGEX_END, ret_tree);
    case '(':
        reader->at++;
        return read_group(reader, ret_tree);
    case '[':
        reader->at++;
        return read_class(reader, ret_tree);
    case '.':
        reader->at++;
        return make_set(reader, &any, ret_tree);
    case '\\':
        reader->at++;
        return read_backslash(reader, ret_tree);
    case '*':
    case '+':
    case '?':
        return refuse(reader, "here is nothing to repeat");
    case '{':
    case '}':
    case ']':
        return refuse(reader, "this character has no meaning here; escape it with \\");
    default:
        return make_character(reader, next_character(reader), ret_tree);
    }
}

static enum status read_count(struct regex_reader *reader, uint16_t *ret_count) {
    uint32_t count = 0;
    if (reader->at >= reader->end || !is_digit(*reader->at)) {
        return refuse(reader, "{…} needs a number, as in {2,5}");
    }
    for (; reader->at < reader->end && is_digit(*reader->at); reader->at++) {
        count = count * 10 + (uint32_t)(*reader->at - '0');
        if (count > MOST_REPETITIONS) {
            return refuse(reader, "more than 1000 repetitions are not supported");
        }
    }
    *ret_count = (uint16_t)count;
    return STATUS_OK;
}

// Behind "{": n}  n,}  n,m}
static enum status read_bounds(struct regex_reader *reader, struct regex_tree *repeat) {
    enum status status = read_count(reader, &repeat->least);
    if (status) {
        return status;
    }
    repeat->most = repeat->least;
    if (skip(reader, ',')) {
        repeat->most = REGEX_UNBOUNDED;
        status = is_at(reader, '}') ? STATUS_OK : read_count(reader, &repeat->most);
        if (status) {
            return status;
        }
    }
    if (repeat->most < repeat->least) {
        return refuse(reader, "the bounds of {…} are in the wrong order");
    }
    return skip(reader, '}') ? STATUS_OK : refuse(reader, "{…} is not closed");
}

// What stands behind an atom: * + ? {…}, each perhaps with a ?, which changes nothing for a yes or no.
static enum status read_repeat(struct regex_reader *reader, struct regex_tree **tree) {
    char sign = reader->at < reader->end ? *reader->at : '\0';
    if (!sign || !strchr("*+?{", sign)) {
        return STATUS_OK;
    }
    if ((*tree)->kind == TREE_PLACE) {
        return refuse(reader, "a place cannot be repeated");
    }
    struct regex_tree *repeat = NULL;
    enum status status = tree_new(reader, TREE_REPEAT, &repeat);
    if (status) {
        return status;
    }
    reader->at++;
    repeat->items = *tree;
    repeat->least = sign == '+';
    repeat->most = sign == '?' ? 1 : REGEX_UNBOUNDED;
    status = sign == '{' ? read_bounds(reader, repeat) : STATUS_OK;
    if (status) {
        return status;
    }
    skip(reader, '?');
    *tree = repeat;
    return STATUS_OK;
}

static void prepend(struct regex_tree *list, struct regex_tree *item) {
    item->before = list->items;
    list->items = item;
}

static enum status read_sequence(struct regex_reader *reader, struct regex_tree **ret_tree) {
    enum status status = tree_new(reader, TREE_SEQUENCE, ret_tree);
    while (!status && reader->at < reader->end && *reader->at != '|' && *reader->at != ')') {
        struct regex_tree *item = NULL;
        status = read_atom(reader, &item);
        if (status) {
            return status;
        }
        status = read_repeat(reader, &item);
        if (status) {
            return status;
        }
        prepend(*ret_tree, item);
    }
    return status;
}

static enum status read_choice(struct regex_reader *reader, struct regex_tree **ret_tree) {
    enum status status = tree_new(reader, TREE_CHOICE, ret_tree);
    if (status) {
        return status;
    }
    do {
        struct regex_tree *sequence = NULL;
        status = read_sequence(reader, &sequence);
        if (status) {
            return status;
        }
        prepend(*ret_tree, sequence);
    } while (skip(reader, '|'));
    return STATUS_OK;
}

enum status regex_read(struct arena *arena, struct text source, struct regex **ret_regex,
                       struct error *err) {
    struct regex_reader reader = {arena, source.ptr, source.ptr, source.ptr + source.len, 0, err};
    struct regex_tree *tree = NULL;
    if (source.len > REGEX_BYTES) {
        return fail(err, STATUS_INVALID, NULL, "A pattern has at most %d bytes", REGEX_BYTES);
    }
    if (!utf8_is_valid(source.ptr, source.len)) {
        return fail(err, STATUS_INVALID, NULL, "The pattern is not UTF-8");
    }
    enum status status = read_choice(&reader, &tree);
    if (status) {
        return status;
    }
    if (reader.at < reader.end) {
        return refuse(&reader, "this ) closes nothing");
    }
    return regex_write(arena, tree, ret_regex, err);
}
