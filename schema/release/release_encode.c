// SPDX-License-Identifier: MIT
// struct release -> release document. What is absent or empty is left out, so that one release has one
// document, however it was told. Its canonical text is what is stored and what the digest of identity is
// made of: a change here would make every stored release another one.
//
//     {"name":"crm","requires_dist":["x>=1"],"version":"1.0"}     keys sorted by bytes, no white space
#include "schema/release/release.h"

#include "schema/json/json.h"
#include "schema/release/release_fields.h"

// 0 or -1, as jansson's setters.
static int set_text(json_t *object, const char *key, const char *text) {
    return text && *text ? json_object_set_new(object, key, json_string(text)) : 0;
}

static int set_unless_empty(json_t *object, const char *key, json_t *value) {
    scoped(cleanup_json) json_t *owned = value;
    if (!owned) {
        return -1;
    }
    bool empty = json_is_array(owned) ? !json_array_size(owned) : !json_object_size(owned);
    return empty ? 0 : json_object_set(object, key, owned);
}

// The object at `key`, made when it is not there. Borrowed; NULL when out of memory.
static json_t *inner_object(json_t *object, const char *key) {
    json_t *inner = json_object_get(object, key);
    if (!inner && json_object_set_new(object, key, json_object()) == 0) {
        inner = json_object_get(object, key);
    }
    return inner;
}

static json_t *encode_members(const struct release_field *fields, size_t count, void *base) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < count; i++) {
        if (set_text(object, fields[i].key, *release_field_text(&fields[i], base))) {
            return NULL;
        }
    }
    return take(object);
}

static int encode_text(json_t *document, const struct release_field *field,
                       const struct release *release) {
    return set_text(document, field->key, *release_field_text(field, (void *)release));
}

static int encode_strings(json_t *document, const struct release_field *field,
                          const struct release *release) {
    const struct strings *strings = (const struct strings *)((const char *)release + field->offset);
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++) {
        if (json_array_append_new(array, json_string(strings->items[i]))) {
            return -1;
        }
    }
    return set_unless_empty(document, field->key, take(array));
}

// Name or email alone is enough, so absent ones are left out.
static int encode_people(json_t *document, const struct release_field *field,
                         const struct release *release) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; i < release->author_count; i++) {
        json_t *person = encode_members(person_fields, PERSON_FIELD_COUNT, &release->authors[i]);
        if (json_array_append_new(array, person)) {
            return -1;
        }
    }
    return set_unless_empty(document, field->key, take(array));
}

static int encode_urls(json_t *document, const struct release_field *field,
                       const struct release *release) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; i < release->project_url_count; i++) {
        const struct project_url *url = &release->project_urls[i];
        if (json_object_set_new(object, url->label, json_string(url->url))) {
            return -1;
        }
    }
    return set_unless_empty(document, field->key, take(object));
}

// Grouped again: in memory entry points are one flat list.
static int encode_entry_points(json_t *document, const struct release_field *field,
                               const struct release *release) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        json_t *group = inner_object(object, entry->group);
        if (json_object_set_new(group, entry->name, json_string(entry->value))) {
            return -1;
        }
    }
    return set_unless_empty(document, field->key, take(object));
}

// The texts are parsed again; json_encode_canonical then writes them with the rest.
static int encode_manifests(json_t *document, const struct release_field *field,
                            const struct release *release) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        json_t *group = inner_object(object, manifest->group);
        json_t *value = json_loads(manifest->json, JSON_REJECT_DUPLICATES, NULL);
        if (json_object_set_new(group, manifest->name, value)) {
            return -1;
        }
    }
    return set_unless_empty(document, field->key, take(object));
}

static int encode_provenance(json_t *document, const struct release_field *field,
                             const struct release *release) {
    return set_unless_empty(
        document, field->key,
        encode_members(provenance_fields, PROVENANCE_FIELD_COUNT, (void *)&release->provenance));
}

typedef int field_encoder(json_t *document, const struct release_field *field,
                          const struct release *release);

static field_encoder *const encoders[RELEASE_FIELD_TYPES] = {
    [RELEASE_TEXT] = encode_text,
    [RELEASE_STRINGS] = encode_strings,
    [RELEASE_PEOPLE] = encode_people,
    [RELEASE_URLS] = encode_urls,
    [RELEASE_ENTRY_POINTS] = encode_entry_points,
    [RELEASE_MANIFESTS] = encode_manifests,
    [RELEASE_PROVENANCE] = encode_provenance,
};

json_t *release_encode(const struct release *release) {
    scoped(cleanup_json) json_t *document = json_object();
    for (size_t i = 0; document && i < release_field_count; i++) {
        const struct release_field *field = &release_fields[i];
        if (encoders[field->type](document, field, release)) {
            return NULL;
        }
    }
    return take(document);
}
