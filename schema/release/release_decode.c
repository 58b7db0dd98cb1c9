// SPDX-License-Identifier: MIT
// Release document -> struct release. Only types are judged here; what the values mean is judged by
// the rules. Wrong types are collected, so that an author sees all of them at once.
#include "schema/release/release.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/release_fields.h"

struct decoding {
    struct arena *arena;
    struct findings *findings;
    struct release *release;
};

static void *array_of(struct decoding *decoding, size_t count, size_t size) {
    void *array = arena_array(decoding->arena, count, size);
    decoding->findings->no_memory |= !array;
    return array;
}

static const char *copy(struct decoding *decoding, const char *string) {
    const char *text = arena_strdup(decoding->arena, string);
    decoding->findings->no_memory |= !text;
    return text;
}

static void add_wrong_type(struct decoding *decoding, const char *where, const json_t *value,
                           const char *wanted) {
    findings_add(decoding->findings, SEVERITY_ERROR, "wrong-type", where, NULL,
                 "This is %s; it must be %s", json_type_name(value), wanted);
}

static void add_unknown_key(struct decoding *decoding, const char *where, const char *key) {
    findings_add(decoding->findings, SEVERITY_WARNING, "unknown-key",
                 json_pointer(decoding->arena, where, key), NULL,
                 "\"%s\" is not a known key here and is left out", key);
}

static bool is_object(struct decoding *decoding, const char *where, const json_t *value) {
    if (!json_is_object(value)) {
        add_wrong_type(decoding, where, value, "an object");
    }
    return json_is_object(value);
}

static bool is_array(struct decoding *decoding, const char *where, const json_t *value) {
    if (!json_is_array(value)) {
        add_wrong_type(decoding, where, value, "an array");
    }
    return json_is_array(value);
}

// A copy of the string, or NULL after a finding.
static const char *decode_string(struct decoding *decoding, const char *where,
                                 const json_t *value) {
    if (!json_is_string(value)) {
        add_wrong_type(decoding, where, value, "a string");
        return NULL;
    }
    return copy(decoding, json_string_value(value));
}

static void decode_text(struct decoding *decoding, const struct release_field *field,
                        const char *where, const json_t *value) {
    *release_field_text(field, decoding->release) = decode_string(decoding, where, value);
}

static void decode_strings(struct decoding *decoding, const struct release_field *field,
                           const char *where, const json_t *value) {
    struct strings strings = {0};
    size_t index;
    json_t *item;
    if (!is_array(decoding, where, value)) {
        return;
    }
    strings.items = array_of(decoding, json_array_size(value), sizeof *strings.items);
    if (!strings.items) {
        return;
    }
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(decoding->arena, where, index);
        const char *text = decode_string(decoding, at, item);
        if (text) {
            strings.items[strings.count++] = text;
        }
    }
    *(struct strings *)((char *)decoding->release + field->offset) = strings;
}

// The text members of an object into the struct at `base`.
static void decode_members(struct decoding *decoding, const struct release_field *fields,
                           size_t count, const char *where, const json_t *value, void *base) {
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member) {
        const struct release_field *field = release_field_find(fields, count, key);
        if (!field) {
            add_unknown_key(decoding, where, key);
        } else if (!json_is_null(member)) {
            *release_field_text(field, base) =
                decode_string(decoding, json_pointer(decoding->arena, where, key), member);
        }
    }
}

static void decode_people(struct decoding *decoding, const struct release_field *field,
                          const char *where, const json_t *value) {
    struct release *release = decoding->release;
    size_t index;
    json_t *item;
    (void)field;
    if (!is_array(decoding, where, value)) {
        return;
    }
    release->authors = array_of(decoding, json_array_size(value), sizeof *release->authors);
    if (!release->authors) {
        return;
    }
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(decoding->arena, where, index);
        if (is_object(decoding, at, item)) {
            decode_members(decoding, person_fields, PERSON_FIELD_COUNT, at, item,
                           &release->authors[release->author_count++]);
        }
    }
}

static void decode_urls(struct decoding *decoding, const struct release_field *field,
                        const char *where, const json_t *value) {
    struct release *release = decoding->release;
    const char *key;
    json_t *member;
    (void)field;
    if (!is_object(decoding, where, value)) {
        return;
    }
    release->project_urls =
        array_of(decoding, json_object_size(value), sizeof *release->project_urls);
    if (!release->project_urls) {
        return;
    }
    json_object_foreach((json_t *)value, key, member) {
        const char *at = json_pointer(decoding->arena, where, key);
        const char *url = decode_string(decoding, at, member);
        if (url) {
            release->project_urls[release->project_url_count++] =
                (struct project_url){copy(decoding, key), url};
        }
    }
}

// The number of members of the objects in an object.
static size_t count_grandchildren(const json_t *value) {
    size_t count = 0;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member) {
        count += json_object_size(member);
    }
    return count;
}

static void decode_group(struct decoding *decoding, const char *group, const char *where,
                         const json_t *value) {
    struct release *release = decoding->release;
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        const char *at = json_pointer(decoding->arena, where, name);
        const char *reference = decode_string(decoding, at, member);
        if (reference) {
            release->entry_points[release->entry_point_count++] =
                (struct entry_point){group, copy(decoding, name), reference};
        }
    }
}

// Room for what the groups in `value` hold; NULL when it holds no groups, or for want of memory.
static void *array_for_groups(struct decoding *decoding, const char *where, const json_t *value,
                              size_t size) {
    return is_object(decoding, where, value) ? array_of(decoding, count_grandchildren(value), size)
                                             : NULL;
}

typedef void group_decoder(struct decoding *decoding, const char *group, const char *where,
                           const json_t *value);

static void decode_groups(struct decoding *decoding, const char *where, const json_t *value,
                          group_decoder *decode) {
    const char *group;
    json_t *member;
    json_object_foreach((json_t *)value, group, member) {
        const char *at = json_pointer(decoding->arena, where, group);
        if (is_object(decoding, at, member)) {
            decode(decoding, copy(decoding, group), at, member);
        }
    }
}

static void decode_entry_points(struct decoding *decoding, const struct release_field *field,
                                const char *where, const json_t *value) {
    struct release *release = decoding->release;
    (void)field;
    release->entry_points = array_for_groups(decoding, where, value, sizeof *release->entry_points);
    if (release->entry_points) {
        decode_groups(decoding, where, value, decode_group);
    }
}

static void decode_group_manifests(struct decoding *decoding, const char *group, const char *where,
                                   const json_t *value) {
    struct release *release = decoding->release;
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        if (!is_object(decoding, json_pointer(decoding->arena, where, name), member)) {
            continue;
        }
        const char *json = json_encode_canonical(decoding->arena, member);
        decoding->findings->no_memory |= !json;
        release->manifests[release->manifest_count++] =
            (struct manifest){group, copy(decoding, name), json};
    }
}

static void decode_manifests(struct decoding *decoding, const struct release_field *field,
                             const char *where, const json_t *value) {
    struct release *release = decoding->release;
    (void)field;
    release->manifests = array_for_groups(decoding, where, value, sizeof *release->manifests);
    if (release->manifests) {
        decode_groups(decoding, where, value, decode_group_manifests);
    }
}

static void decode_provenance(struct decoding *decoding, const struct release_field *field,
                              const char *where, const json_t *value) {
    (void)field;
    if (is_object(decoding, where, value)) {
        decode_members(decoding, provenance_fields, PROVENANCE_FIELD_COUNT, where, value,
                       &decoding->release->provenance);
    }
}

typedef void field_decoder(struct decoding *decoding, const struct release_field *field,
                           const char *where, const json_t *value);

static field_decoder *const decoders[RELEASE_FIELD_TYPES] = {
    [RELEASE_TEXT] = decode_text,
    [RELEASE_STRINGS] = decode_strings,
    [RELEASE_PEOPLE] = decode_people,
    [RELEASE_URLS] = decode_urls,
    [RELEASE_ENTRY_POINTS] = decode_entry_points,
    [RELEASE_MANIFESTS] = decode_manifests,
    [RELEASE_PROVENANCE] = decode_provenance,
};

enum status release_decode(struct arena *arena, const char *json, size_t len,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    size_t errors_before = findings->error_count;
    enum status status = json_parse((struct text){json, len}, LIMIT_DOCUMENT_BYTES, &document, err);
    if (status) {
        return status;
    }
    struct decoding decoding = {arena, findings, arena_alloc(arena, sizeof(struct release))};
    if (!decoding.release) {
        return fail_no_memory(err);
    }
    if (is_object(&decoding, "", document)) {
        const char *key;
        json_t *value;
        json_object_foreach(document, key, value) {
            const struct release_field *field =
                release_field_find(release_fields, release_field_count, key);
            if (!field) {
                add_unknown_key(&decoding, "", key);
            } else if (!json_is_null(value)) {
                decoders[field->type](&decoding, field, json_pointer(arena, "", key), value);
            }
        }
    }
    status = findings_fail(findings, errors_before, err);
    if (!status) {
        *ret_release = decoding.release;
    }
    return status;
}
