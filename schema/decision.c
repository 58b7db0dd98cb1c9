// SPDX-License-Identifier: MIT
// Decisions: the table of codes, their order, and the codec that HTTP, the command line and Python share.
// Rows of the codes "known" and "owner" decide nothing; in JSON each has a short list of its own, because a group of
// thousands of packages has thousands of them.
#include "schema/decision.h"

#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <stdlib.h>

// Withholding codes come first, the strongest at the top.
static const struct {
    const char *code;
    enum decision_effect effect;
} codes[] = {
    {DECISION_CODE_QUARANTINED, DECISION_WITHHOLDS},
    {DECISION_CODE_DISABLED, DECISION_WITHHOLDS},
    {DECISION_CODE_NOT_ENABLED, DECISION_WITHHOLDS},
    {DECISION_CODE_UNAPPROVED, DECISION_WITHHOLDS},
    {DECISION_CODE_BLOCKED_BY_ADVISORY, DECISION_WITHHOLDS},
    {DECISION_CODE_UNKNOWN_PERMISSION, DECISION_WITHHOLDS},
    {DECISION_CODE_YANKED, DECISION_WARNS},
    {DECISION_CODE_DEPRECATED, DECISION_WARNS},
    {DECISION_CODE_OUTSIDE_PIN, DECISION_WARNS},
    {DECISION_CODE_ADVISORY, DECISION_WARNS},
    {DECISION_CODE_ALIAS, DECISION_WARNS},
    {DECISION_CODE_ENABLED, DECISION_EXEMPTS},
    {DECISION_CODE_GROUP_DEPRECATED, DECISION_INFORMS},
    {DECISION_CODE_SETTINGS, DECISION_SETS},
    {DECISION_CODE_KNOWN, DECISION_INFORMS},
    {DECISION_CODE_OWNER, DECISION_INFORMS},
};

struct decision *decisions_add(struct arena *arena, struct decisions *decisions) {
    struct decision *grown =
        list_grow(arena, decisions->items, decisions->count, &decisions->capacity, sizeof *grown);
    if (!grown) {
        return NULL;
    }
    decisions->items = grown;
    struct decision *decision = &grown[decisions->count++];
    *decision = (struct decision){0};
    return decision;
}

size_t decision_rank(const char *code) {
    size_t rank = 0;
    while (rank < COUNT_OF(codes) && strcmp(codes[rank].code, code) != 0) {
        rank++;
    }
    return rank;
}

enum decision_effect decision_effect(const char *code) {
    size_t rank = decision_rank(code);
    return rank < COUNT_OF(codes) ? codes[rank].effect : DECISION_UNKNOWN;
}

static bool has_code(const struct decision *decision, const char *code) {
    return strcmp(decision->code, code) == 0;
}

bool decision_informs(const struct decision *decision) {
    return has_code(decision, DECISION_CODE_KNOWN) || has_code(decision, DECISION_CODE_OWNER);
}

// ---- order ----

// The members that identify a row, the most significant first. The rows of one group are
// neighbours, so a reader can search for the group and stop at the next one.
static const size_t sort_keys[] = {
    offsetof(struct decision, group),   offsetof(struct decision, package),
    offsetof(struct decision, name),    offsetof(struct decision, code),
    offsetof(struct decision, version),
};

// The tables below name a member by its offset, and every member that they name is a `const char
// *`.
static const char *text_at(const struct decision *decision, size_t offset) {
    return *(const char *const *)((const char *)decision + offset);
}

// NULL comes first: with one code, the row of the whole package precedes those of its versions.
static int compare_text(const char *a, const char *b) {
    if (!a || !b) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

static int compare_decisions(const void *left, const void *right) {
    int order = 0;
    for (size_t i = 0; i < COUNT_OF(sort_keys) && !order; i++) {
        order = compare_text(text_at(left, sort_keys[i]), text_at(right, sort_keys[i]));
    }
    const struct decision *a = left;
    const struct decision *b = right;
    return order ? order : (int)a->entry_only - (int)b->entry_only;
}

void decisions_sort(struct decisions *decisions) {
    if (decisions->count > 1) {
        qsort(decisions->items, decisions->count, sizeof *decisions->items, compare_decisions);
    }
}

// ---- look-up ----

static int compare_place(const struct decision *row, const char *group, const char *package) {
    int order = strcmp(row->group, group);
    return order ? order : strcmp(row->package, package);
}

size_t decisions_seek(const struct decisions *decisions, const char *group, const char *package) {
    size_t low = 0;
    for (size_t high = decisions->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        bool is_before = compare_place(&decisions->items[middle], group, package) < 0;
        *(is_before ? &low : &high) = is_before ? middle + 1 : middle;
    }
    return low;
}

static bool has_owner_row(const struct decisions *decisions, const char *group,
                          const char *package) {
    for (size_t i = decisions_seek(decisions, group, package); i < decisions->count; i++) {
        const struct decision *row = &decisions->items[i];
        if (compare_place(row, group, package) != 0) {
            return false;
        }
        if (has_code(row, DECISION_CODE_OWNER)) {
            return true;
        }
    }
    return false;
}

bool decisions_have_owner(const struct decisions *decisions, const char *group,
                          const char *package) {
    return has_owner_row(decisions, group, package) ||
           has_owner_row(decisions, group, DECISION_ALL_PACKAGES);
}

// ---- JSON ----

// One row serves the encoder, the writer and the decoder: a new text needs a row here and no code.
struct decision_text {
    const char *key;
    size_t offset;
    bool is_required;
    bool is_optional_key; // the key is there only with a text
};

static const struct decision_text text_members[] = {
    {"package", offsetof(struct decision, package), true, false},
    {"group", offsetof(struct decision, group), true, false},
    {"name", offsetof(struct decision, name), false, false},
    {"version", offsetof(struct decision, version), false, false},
    {"code", offsetof(struct decision, code), true, false},
    {"message", offsetof(struct decision, message), false, false},
    {"since", offsetof(struct decision, since), false, false},
    {"by", offsetof(struct decision, by), false, false},
    {"pin", offsetof(struct decision, pin), false, true},
    {"successor", offsetof(struct decision, successor), false, true},
};

json_t *decision_encode(const struct decision *decision) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < COUNT_OF(text_members); i++) {
        const char *text = text_at(decision, text_members[i].offset);
        bool is_left_out = text_members[i].is_optional_key && !text;
        if (!is_left_out && json_object_set_new(object, text_members[i].key, json_text(text))) {
            return NULL;
        }
    }
    if (!object || json_object_set_new(object, "by_name", json_boolean(decision->by_name)) ||
        (decision->entry_only && json_object_set_new(object, "entry_only", json_true())) ||
        (decision->settings &&
         json_object_set_new(object, "settings",
                             json_loads(decision->settings, JSON_REJECT_DUPLICATES, NULL)))) {
        return NULL;
    }
    return take(object);
}

static json_t *encode_package(const struct decision *decision) {
    return json_pack("{s:s, s:s}", "group", decision->group, "package", decision->package);
}

// Whether the row belongs to the list of a code that informs; without a code, to the list of decisions.
static bool is_in_list(const struct decision *decision, const char *code) {
    return code ? has_code(decision, code) : !decision_informs(decision);
}

json_t *decisions_encode_packages(const struct decisions *decisions, const char *code) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < decisions->count; i++) {
        const struct decision *decision = &decisions->items[i];
        if (is_in_list(decision, code) &&
            json_array_append_new(array,
                                  code ? encode_package(decision) : decision_encode(decision))) {
            return NULL;
        }
    }
    return take(array);
}

json_t *decisions_encode(const struct decisions *decisions) {
    return decisions_encode_packages(decisions, NULL);
}

// Writes straight into the answer: a snapshot may have thousands of rows, and a tree of JSON values
// would be built only to be printed and freed. The output must stay what decision_encode makes.
static bool write_member(struct buffer *buffer, const char *before, const char *key,
                         const char *text) {
    buffer_add_string(buffer, before);
    buffer_add(buffer, "\"", 1);
    buffer_add_string(buffer, key);
    buffer_add(buffer, "\":", 2);
    if (!text) {
        buffer_add(buffer, "null", 4);
        return true;
    }
    return json_write_string(buffer, text, strlen(text));
}

static bool write_decision(struct buffer *buffer, const struct decision *decision) {
    bool is_good = true;
    for (size_t i = 0; i < COUNT_OF(text_members) && is_good; i++) {
        const char *text = text_at(decision, text_members[i].offset);
        if (text || !text_members[i].is_optional_key) {
            is_good = write_member(buffer, i ? "," : "{", text_members[i].key, text);
        }
    }
    buffer_add_string(buffer, decision->by_name ? ",\"by_name\":true" : ",\"by_name\":false");
    buffer_add_string(buffer, decision->entry_only ? ",\"entry_only\":true" : "");
    if (decision->settings) {
        // The settings are JSON text already, so their bytes are copied and not escaped.
        buffer_add_string(buffer, ",\"settings\":");
        buffer_add_string(buffer, decision->settings);
    }
    buffer_add(buffer, "}", 1);
    return is_good;
}

static bool write_package(struct buffer *buffer, const struct decision *decision) {
    bool is_good = write_member(buffer, "{", "group", decision->group) &&
                   write_member(buffer, ",", "package", decision->package);
    buffer_add(buffer, "}", 1);
    return is_good;
}

// The lists of an answer, and which rows are in each.
static const struct {
    const char *key;
    const char *code; // NULL: all rows that decide
} lists[] = {
    {"decisions", NULL},
    {"known", DECISION_CODE_KNOWN},
    {"owners", DECISION_CODE_OWNER},
};

// `before` stays "[" until a row was written. An empty list therefore still needs both brackets.
static bool write_list(struct buffer *buffer, const struct decisions *decisions, const char *code) {
    bool is_good = true;
    const char *before = "[";
    for (size_t i = 0; i < decisions->count && is_good; i++) {
        const struct decision *decision = &decisions->items[i];
        if (!is_in_list(decision, code)) {
            continue;
        }
        buffer_add_string(buffer, before);
        before = ",";
        is_good = code ? write_package(buffer, decision) : write_decision(buffer, decision);
    }
    buffer_add_string(buffer, *before == '[' ? "[]" : "]");
    return is_good;
}

bool decisions_write(struct buffer *buffer, const struct decisions *decisions) {
    bool is_good = true;
    for (size_t i = 0; i < COUNT_OF(lists) && is_good; i++) {
        buffer_printf(buffer, "%s\"%s\":", i ? "," : "", lists[i].key);
        is_good = write_list(buffer, decisions, lists[i].code);
    }
    return is_good;
}

// ---- reading ----

// A value of a wrong type is refused, even in an optional member: an answer that is wrong in one
// place is not trusted in the others. Absent and null mean the same.
static enum status decode_texts(struct arena *arena, const json_t *object,
                                struct decision *decision, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(text_members); i++) {
        const struct decision_text *member = &text_members[i];
        const json_t *value = json_object_get(object, member->key);
        bool absent = !value || json_is_null(value);
        if (absent ? member->is_required : !json_is_string(value)) {
            return fail(err, STATUS_MALFORMED, NULL, "\"%s\" is %s, not a string", member->key,
                        json_type_name(value));
        }
        const char *copy = absent ? NULL : arena_strdup(arena, json_string_value(value));
        if (!absent && !copy) {
            return fail_no_memory(err);
        }
        memcpy((char *)decision + member->offset, &copy, sizeof copy);
    }
    return STATUS_OK;
}

static enum status decode_decision(struct arena *arena, const json_t *object,
                                   struct decision *decision, struct error *err) {
    if (!json_is_object(object)) {
        return fail(err, STATUS_MALFORMED, NULL, "A decision is %s, not an object",
                    json_type_name(object));
    }
    const json_t *settings = json_object_get(object, "settings");
    enum status status = decode_texts(arena, object, decision, err);
    if (status) {
        return status;
    }
    decision->by_name = json_is_true(json_object_get(object, "by_name"));
    decision->entry_only = json_is_true(json_object_get(object, "entry_only"));
    if (!settings || json_is_null(settings)) {
        return STATUS_OK;
    }
    if (!json_is_object(settings)) {
        return fail(err, STATUS_MALFORMED, NULL, "\"settings\" is %s, not an object",
                    json_type_name(settings));
    }
    decision->settings = json_encode_canonical(arena, settings);
    return decision->settings ? STATUS_OK : fail_no_memory(err);
}

// The row itself carries no code: that is the code of its list.
static enum status decode_package(struct arena *arena, const json_t *object, const char *code,
                                  struct decision *decision, struct error *err) {
    const char *group = json_string_value(json_object_get(object, "group"));
    const char *package = json_string_value(json_object_get(object, "package"));
    if (!group || !package) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "A package needs the strings \"group\" and \"package\"");
    }
    *decision = (struct decision){
        .group = arena_strdup(arena, group), .package = arena_strdup(arena, package), .code = code};
    return decision->group && decision->package ? STATUS_OK : fail_no_memory(err);
}

static enum status decode_list(struct arena *arena, const json_t *array, const char *code,
                               struct decisions *decisions, struct error *err) {
    size_t index;
    json_t *object;
    if (!json_is_array(array)) {
        return fail(err, STATUS_MALFORMED, NULL, "The decisions are %s, not a list",
                    json_type_name(array));
    }
    json_array_foreach(array, index, object) {
        struct decision *decision = decisions_add(arena, decisions);
        if (!decision) {
            return fail_no_memory(err);
        }
        enum status status = code ? decode_package(arena, object, code, decision, err)
                                  : decode_decision(arena, object, decision, err);
        if (status) {
            // The error names the row with a JSON pointer: "/3" is the fourth.
            char prefix[32];
            snprintf(prefix, sizeof prefix, "/%zu", index);
            error_within(err, prefix);
            return status;
        }
    }
    return STATUS_OK;
}

enum status decisions_decode(struct arena *arena, const json_t *document,
                             struct decisions *ret_decisions, struct error *err) {
    struct decisions decisions = {0};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const json_t *array = json_object_get(document, lists[i].key);
        enum status status = array || !lists[i].code
                                 ? decode_list(arena, array, lists[i].code, &decisions, err)
                                 : STATUS_OK;
        if (status) {
            return status;
        }
    }
    decisions_sort(&decisions);
    *ret_decisions = decisions;
    return STATUS_OK;
}
