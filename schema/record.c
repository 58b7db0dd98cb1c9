// SPDX-License-Identifier: MIT
// Lists of records, their one order, and their JSON in both directions from one table of text members:
// what HTTP, the command line and Python show. Every key is always present, null where there is nothing;
// but "settings" and "state" are present only when there are some. A record that cannot be
// decoded fails the whole list: it came from a registry, and a hole in it would be a plugin that is
// silently missing.
#include "schema/record.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stddef.h>
#include <string.h>

// A record moves when the list grows, so the pointer is good for filling it in and no longer.
struct record *records_add(struct arena *arena, struct records *records) {
    struct record *grown =
        list_grow(arena, records->items, records->count, &records->capacity, sizeof *grown);
    if (!grown) {
        return NULL;
    }
    records->items = grown;
    struct record *record = &records->items[records->count++];
    *record = (struct record){0};
    findings_init(&record->findings, arena);
    return record;
}

// NULL before everything else.
static int compare_text(const char *a, const char *b) {
    if (!a || !b) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

static int compare_records(const void *left, const void *right) {
    const struct record *a = left;
    const struct record *b = right;
    int order = compare_text(a->group, b->group);
    if (order) {
        return order;
    }
    order = compare_text(a->name, b->name);
    if (order) {
        return order;
    }
    order = compare_text(a->package, b->package);
    if (order) {
        return order;
    }
    return compare_text(a->origin, b->origin);
}

// Sorting moves every record about; a walk of one root is in order already.
static bool is_sorted(const struct records *records) {
    for (size_t i = 1; i < records->count; i++) {
        if (compare_records(&records->items[i - 1], &records->items[i]) > 0) {
            return false;
        }
    }
    return true;
}

void records_sort(struct records *records) {
    if (!is_sorted(records)) {
        qsort(records->items, records->count, sizeof *records->items, compare_records);
    }
}

bool record_has_errors(const struct record *record) {
    return findings_count(&record->findings, SEVERITY_ERROR) > 0;
}

// ---- JSON ----

// One row for both directions, so that no member can be written and not read.
struct text_member {
    const char *key;
    size_t offset;
    bool required;
    bool is_left_out; // the key is absent when there is no text
};

static const struct text_member text_members[] = {
    {"group", offsetof(struct record, group), true},
    {"name", offsetof(struct record, name), true},
    {"value", offsetof(struct record, value), false},
    {"package", offsetof(struct record, package), false},
    {"version", offsetof(struct record, version), false},
    {"source", offsetof(struct record, source), true},
    {"label", offsetof(struct record, label), false},
    {"origin", offsetof(struct record, origin), false},
    {"shadowed_by", offsetof(struct record, shadowed_by), false},
    {"state", offsetof(struct record, state), false, .is_left_out = true},
};
enum { TEXT_MEMBER_COUNT = COUNT_OF(text_members) };

static const char **text_of(struct record *record, const struct text_member *member) {
    return (const char **)((char *)record + member->offset);
}

// json_text writes NULL as null: every key is there, so that readers need no "has it" beside "what is it".
static bool set_texts(json_t *object, const struct record *record) {
    for (size_t i = 0; i < TEXT_MEMBER_COUNT; i++) {
        const char *text = *text_of((struct record *)record, &text_members[i]);
        bool is_absent = !text && text_members[i].is_left_out;
        if (!is_absent && json_object_set_new(object, text_members[i].key, json_text(text))) {
            return false;
        }
    }
    return true;
}

// Manifests and settings are kept as text, since most readers only pass them on.
static json_t *encode_document(const char *text) {
    return text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_null();
}

json_t *record_encode(const struct record *record) {
    scoped(cleanup_json) json_t *object = json_object();
    if (!object || !set_texts(object, record) ||
        (record->settings &&
         json_object_set_new(object, "settings", encode_document(record->settings))) ||
        json_object_set_new(object, "manifest", encode_document(record->manifest)) ||
        json_object_set_new(object, "warnings",
                            findings_encode(&record->findings, SEVERITY_WARNING)) ||
        json_object_set_new(object, "errors", findings_encode(&record->findings, SEVERITY_ERROR))) {
        return NULL;
    }
    return take(object);
}

// `before` is "{" for the first member, "," for the others.
static void write_key(struct buffer *buffer, const char *before, const char *key) {
    buffer_add_string(buffer, before);
    buffer_add(buffer, "\"", 1);
    buffer_add_string(buffer, key);
    buffer_add(buffer, "\":", 2);
}

static bool write_text(struct buffer *buffer, const char *text) {
    if (!text) {
        buffer_add(buffer, "null", 4);
        return true;
    }
    return json_write_string(buffer, text, strlen(text));
}

static bool write_findings(struct buffer *buffer, const char *key, const struct record *record,
                           enum severity severity) {
    write_key(buffer, ",", key);
    if (!findings_count(&record->findings, severity)) {
        buffer_add(buffer, "[]", 2);
        return true;
    }
    scoped(cleanup_json) json_t *array = findings_encode(&record->findings, severity);
    return array && json_write(buffer, array, false);
}

// The members of record_encode, in its order, without a tree in between: an answer has thousands of
// records. Manifest and settings are JSON text already.
bool record_write(struct buffer *buffer, const struct record *record) {
    bool is_good = true;
    for (size_t i = 0; i < TEXT_MEMBER_COUNT && is_good; i++) {
        const char *text = *text_of((struct record *)record, &text_members[i]);
        if (text || !text_members[i].is_left_out) {
            write_key(buffer, i ? "," : "{", text_members[i].key);
            is_good = write_text(buffer, text);
        }
    }
    if (record->settings) {
        write_key(buffer, ",", "settings");
        buffer_add_string(buffer, record->settings);
    }
    write_key(buffer, ",", "manifest");
    buffer_add_string(buffer, record->manifest ? record->manifest : "null");
    is_good = is_good && write_findings(buffer, "warnings", record, SEVERITY_WARNING) &&
              write_findings(buffer, "errors", record, SEVERITY_ERROR);
    buffer_add(buffer, "}", 1);
    return is_good;
}

json_t *records_encode(const struct records *records) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < records->count; i++) {
        if (json_array_append_new(array, record_encode(&records->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

// "value" and the like may be null; "group", "name" and "source" may not.
static enum status decode_texts(struct arena *arena, const json_t *object, struct record *record,
                                struct error *err) {
    for (size_t i = 0; i < TEXT_MEMBER_COUNT; i++) {
        const struct text_member *member = &text_members[i];
        const json_t *value = json_object_get(object, member->key);
        bool absent = !value || json_is_null(value);
        if (absent ? member->required : !json_is_string(value)) {
            return fail(err, STATUS_MALFORMED, NULL, "\"%s\" is %s, not a string", member->key,
                        json_type_name(value));
        }
        if (absent) {
            continue;
        }
        const char *copy = arena_strdup(arena, json_string_value(value));
        if (!copy) {
            return fail_no_memory(err);
        }
        *text_of(record, member) = copy;
    }
    return STATUS_OK;
}

// Written again in canonical form, so that a record from the registry and one from a walk compare
// by bytes.
static enum status decode_document(struct arena *arena, const json_t *object, const char *key,
                                   const char **text, struct error *err) {
    const json_t *document = json_object_get(object, key);
    if (!document || json_is_null(document)) {
        return STATUS_OK;
    }
    if (!json_is_object(document)) {
        return fail(err, STATUS_MALFORMED, NULL, "\"%s\" is %s, not an object", key,
                    json_type_name(document));
    }
    *text = json_encode_canonical(arena, document);
    return *text ? STATUS_OK : fail_no_memory(err);
}

// Both lists may be absent, because an older registry does not send them.
static enum status decode_findings(const json_t *object, struct record *record, struct error *err) {
    static const struct {
        const char *key;
        enum severity severity;
    } lists[] = {{"warnings", SEVERITY_WARNING}, {"errors", SEVERITY_ERROR}};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const json_t *array = json_object_get(object, lists[i].key);
        if (!array) {
            continue;
        }
        if (!findings_decode(&record->findings, array, lists[i].severity)) {
            return fail(err, STATUS_MALFORMED, NULL, "\"%s\" is not a list of findings",
                        lists[i].key);
        }
    }
    return record->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

static enum status decode_record(struct arena *arena, const json_t *object, struct record *record,
                                 struct error *err) {
    if (!json_is_object(object)) {
        return fail(err, STATUS_MALFORMED, NULL, "A record is %s, not an object",
                    json_type_name(object));
    }
    enum status status = decode_texts(arena, object, record, err);
    if (status) {
        return status;
    }
    status = decode_document(arena, object, "manifest", &record->manifest, err);
    if (status) {
        return status;
    }
    status = decode_document(arena, object, "settings", &record->settings, err);
    return status ? status : decode_findings(object, record, err);
}

enum status records_decode(struct arena *arena, const json_t *array, struct records *ret_records,
                           struct error *err) {
    struct records records = {0};
    size_t index;
    json_t *object;
    if (!json_is_array(array)) {
        return fail(err, STATUS_MALFORMED, NULL, "The records are %s, not a list",
                    json_type_name(array));
    }
    json_array_foreach(array, index, object) {
        struct record *record = records_add(arena, &records);
        if (!record) {
            return fail_no_memory(err);
        }
        enum status status = decode_record(arena, object, record, err);
        if (status) {
            char prefix[32];
            snprintf(prefix, sizeof prefix, "/%zu", index);
            error_within(err, prefix);
            return status;
        }
    }
    *ret_records = records;
    return STATUS_OK;
}
