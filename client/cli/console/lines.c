// SPDX-License-Identifier: MIT
// Forms of lines.h, read anew for every answer: they are short, and an answer is printed once. All output of a
// command in this format passes through here, because output_json() hands every document over.
#include "client/cli/console/lines.h"

#include "client/fs/printable.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <string.h>

struct printer {
    struct arena *arena;
    FILE *stream;
    bool no_memory; // asked for once, at the end
};

// A record and where it came from.
struct item {
    const json_t *holder; // of the list; NULL: the record is the answer itself
    const json_t *record;
    const char *list; // its name; NULL: not shown
};

static struct text skip(struct text text, size_t count) {
    return (struct text){text.ptr + count, text.len - count};
}

// The member of a member: "error.message".
static const json_t *find_member(const struct item *item, struct text path) {
    bool of_holder = path.len && *path.ptr == '^';
    const json_t *value = of_holder ? item->holder : item->record;
    struct text rest = of_holder ? skip(path, 1) : path;
    for (struct text key; value && text_split(&rest, '.', &key);) {
        value = json_object_getn(value, key.ptr, key.len);
    }
    return value;
}

static const char *field_text(struct printer *printer, const json_t *value);

static const char *join(struct printer *printer, const json_t *list) {
    const char *joined = "";
    for (size_t i = 0; joined && i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        const json_t *code = json_object_get(value, "code"); // of a finding
        const char *text = field_text(printer, code ? code : value);
        joined = text ? arena_printf(printer->arena, "%s%s%s", joined, i ? "," : "", text) : NULL;
    }
    return joined;
}

// NULL: out of memory.
static const char *field_text(struct printer *printer, const json_t *value) {
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        return arena_printf(printer->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_ARRAY:
        return join(printer, value);
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "";
    default:
        return json_encode_canonical(printer->arena, value);
    }
}

// "a|b": the first member that is there.
static void print_field(struct printer *printer, const struct item *item, struct text names) {
    const json_t *value = NULL;
    for (struct text name; !value && text_split(&names, '|', &name);) {
        value = find_member(item, name);
        value = json_is_null(value) ? NULL : value;
    }
    const char *text = field_text(printer, value);
    const char *line = text ? printable_line(printer->arena, text) : NULL;
    printer->no_memory |= !line;
    fputs(line ? line : "", printer->stream);
}

static void print_item(struct printer *printer, const struct item *item, struct text members) {
    const char *gap = item->list ? "\t" : "";
    fputs(item->list ? item->list : "", printer->stream);
    for (struct text name; text_split(&members, ' ', &name);) {
        fputs(gap, printer->stream);
        print_field(printer, item, name);
        gap = "\t";
    }
    fputc('\n', printer->stream);
}

// All records of one object of the answer.
static void print_lists(struct printer *printer, const json_t *holder, struct text lists,
                        struct text members) {
    bool is_named = memchr(lists.ptr, ',', lists.len);
    for (struct text word; text_split(&lists, ',', &word);) {
        struct text name = text_trim(word);
        const json_t *list = json_object_getn(holder, name.ptr, name.len);
        const char *shown = is_named ? arena_copy(printer->arena, name.ptr, name.len) : NULL;
        printer->no_memory |= is_named && !shown;
        for (size_t i = 0; i < json_array_size(list); i++) {
            print_item(printer, &(struct item){holder, json_array_get(list, i), shown}, members);
        }
    }
}

// Splits "LISTS: MEMBERS". Without lists, ret_lists->len is 0.
static void split_form(struct text form, struct text *ret_lists, struct text *ret_members) {
    const char *colon = memchr(form.ptr, ':', form.len);
    size_t len = colon ? (size_t)(colon - form.ptr) : 0;
    *ret_lists = text_trim((struct text){form.ptr, len});
    *ret_members = text_trim(colon ? skip(form, len + 1) : form);
}

// Whether the answer, or the first of its objects, has the first of the lists or of the members.
static bool is_form_of(const json_t *json, struct text lists, struct text members) {
    struct text first = {0};
    const json_t *object = json_is_array(json) ? json_array_get(json, 0) : json;
    if (lists.len && text_split(&lists, ',', &first)) {
        return json_is_array(json_object_getn(object, first.ptr, first.len));
    }
    return text_split(&members, ' ', &first) && text_split(&first, '|', &lists) &&
           json_object_getn(object, lists.ptr, lists.len);
}

static void print_form(struct printer *printer, const json_t *json, struct text lists,
                       struct text members) {
    size_t count = json_is_array(json) ? json_array_size(json) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_is_array(json) ? json_array_get(json, i) : json;
        if (lists.len) {
            print_lists(printer, object, lists, members);
        } else {
            print_item(printer, &(struct item){NULL, object, NULL}, members);
        }
    }
}

enum status lines_print(struct arena *arena, FILE *stream, const char *forms, const json_t *json,
                        struct error *err) {
    struct printer printer = {arena, stream, false};
    struct text rest = text_from(forms);
    struct text lists = {0};
    struct text members = {0};
    for (struct text form; text_split(&rest, ';', &form);) {
        split_form(text_trim(form), &lists, &members);
        if (is_form_of(json, lists, members)) {
            print_form(&printer, json, lists, members);
            break;
        }
    }
    return printer.no_memory ? fail_no_memory(err) : STATUS_OK;
}

// "^group" is shown as "group", "name|walk.name" as "name".
static const char *add_fields(struct arena *arena, const char *before, struct text members,
                              bool has_list) {
    const char *text = has_list ? arena_printf(arena, "%slist", before) : before;
    const char *gap = has_list ? " " : "";
    struct text name = {0};
    for (struct text word; text && text_split(&members, ' ', &word);) {
        struct text shown = word.len && *word.ptr == '^' ? skip(word, 1) : word;
        text_split(&shown, '|', &name);
        text = arena_printf(arena, "%s%s%.*s", text, gap, (int)name.len, name.ptr);
        gap = " ";
    }
    return text;
}

const char *lines_fields(struct arena *arena, const char *forms) {
    const char *text = "";
    struct text rest = text_from(forms);
    struct text lists = {0};
    struct text members = {"", 0};
    for (struct text form; text && text_split(&rest, ';', &form);) {
        struct text before = members;
        split_form(text_trim(form), &lists, &members);
        if (before.len == members.len && memcmp(before.ptr, members.ptr, before.len) == 0) {
            continue; // the same records at another place
        }
        bool has_list = lists.len && memchr(lists.ptr, ',', lists.len);
        text = *text ? arena_printf(arena, "%s, or: ", text) : text;
        text = text ? add_fields(arena, text, members, has_list) : NULL;
    }
    return text;
}
