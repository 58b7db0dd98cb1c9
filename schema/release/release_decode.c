// SPDX-License-Identifier: MIT
// Release document -> struct release. Only types are judged here; what the values mean is judged by
// the rules (release_rules.c), which see a release in the same form whatever it was read from. Every
// wrong type is collected, so that an author sees all of them at once. Any thread.
#include "schema/release/release.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/object.h"
#include "schema/release/release_fields.h"

// A copy of a text of any length: the rules judge lengths, for documents and for files alike.
static const char *copy(struct object_reader *reader, const char *string) {
    const char *text = arena_strdup(reader->arena, string);
    reader->findings->no_memory |= !text;
    return text;
}

static const char *decode_string(struct object_reader *reader, const char *where,
                                 const json_t *value) {
    return object_text(reader, where, value, 0, false);
}

static bool is_object(struct object_reader *reader, const char *where, const json_t *value) {
    return object_is(reader, where, value, JSON_OBJECT, 0);
}

static bool is_array(struct object_reader *reader, const char *where, const json_t *value) {
    return object_is(reader, where, value, JSON_ARRAY, 0);
}

// The text members of an object into the struct at `base`; the rows have the same form as a release's.
static void decode_members(struct object_reader *reader, const struct release_field *fields,
                           size_t count, const char *where, const json_t *value, void *base) {
    enum { MEMBERS_MAX = 8 };
    struct object_member members[MEMBERS_MAX];
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        members[i] = (struct object_member){fields[i].key, MEMBER_STRING, fields[i].offset};
    }
    object_decode(reader, where, value, members, count, base);
}

// [{"name": "Ada", "email": "ada@example.org"}]
static void decode_people(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    struct release *release = target;
    size_t index;
    json_t *item;
    if (!is_array(reader, where, value)) {
        return;
    }
    release->authors = object_array(reader, json_array_size(value), sizeof *release->authors);
    if (!release->authors) {
        return;
    }
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(reader->arena, where, index);
        if (is_object(reader, at, item)) {
            struct person *person = &release->authors[release->author_count++];
            decode_members(reader, person_fields, PERSON_FIELD_COUNT, at, item, person);
        }
    }
}

// {"Documentation": "https://docs.example.org"}: the order of the document is kept.
static void decode_urls(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct release *release = target;
    const char *key;
    json_t *member;
    if (!is_object(reader, where, value)) {
        return;
    }
    release->project_urls =
        object_array(reader, json_object_size(value), sizeof *release->project_urls);
    if (!release->project_urls) {
        return;
    }
    json_object_foreach((json_t *)value, key, member) {
        const char *at = json_pointer(reader->arena, where, key);
        const char *url = decode_string(reader, at, member);
        if (url) {
            release->project_urls[release->project_url_count++] =
                (struct project_url){copy(reader, key), url};
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

// {"mail": "crm.mail:Plugin"}: name to object reference.
static void decode_group(struct object_reader *reader, const char *group, const char *where,
                         const json_t *value, struct release *release) {
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        const char *at = json_pointer(reader->arena, where, name);
        const char *reference = decode_string(reader, at, member);
        if (reference) {
            release->entry_points[release->entry_point_count++] =
                (struct entry_point){group, copy(reader, name), reference};
        }
    }
}

// Room for what the groups in `value` hold; NULL when it holds no groups, or for want of memory.
static void *array_for_groups(struct object_reader *reader, const char *where, const json_t *value,
                              size_t size) {
    return is_object(reader, where, value) ? object_array(reader, count_grandchildren(value), size)
                                           : NULL;
}

typedef void group_decoder(struct object_reader *reader, const char *group, const char *where,
                           const json_t *value, struct release *release);

// {"crm.plugins": {…}}: entry points and manifests have the same two levels.
static void decode_groups(struct object_reader *reader, const char *where, const json_t *value,
                          group_decoder *decode, struct release *release) {
    const char *group;
    json_t *member;
    json_object_foreach((json_t *)value, group, member) {
        const char *at = json_pointer(reader->arena, where, group);
        if (is_object(reader, at, member)) {
            decode(reader, copy(reader, group), at, member, release);
        }
    }
}

static void decode_entry_points(struct object_reader *reader, const char *where,
                                const json_t *value, void *target) {
    struct release *release = target;
    release->entry_points = array_for_groups(reader, where, value, sizeof *release->entry_points);
    if (release->entry_points) {
        decode_groups(reader, where, value, decode_group, release);
    }
}

// Manifests are any JSON object; they are kept as canonical text.
static void decode_group_manifests(struct object_reader *reader, const char *group,
                                   const char *where, const json_t *value,
                                   struct release *release) {
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        if (!is_object(reader, json_pointer(reader->arena, where, name), member)) {
            continue;
        }
        const char *json = json_encode_canonical(reader->arena, member);
        reader->findings->no_memory |= !json;
        release->manifests[release->manifest_count++] =
            (struct manifest){group, copy(reader, name), json};
    }
}

static void decode_manifests(struct object_reader *reader, const char *where, const json_t *value,
                             void *target) {
    struct release *release = target;
    release->manifests = array_for_groups(reader, where, value, sizeof *release->manifests);
    if (release->manifests) {
        decode_groups(reader, where, value, decode_group_manifests, release);
    }
}

static void decode_provenance(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    struct release *release = target;
    decode_members(reader, provenance_fields, PROVENANCE_FIELD_COUNT, where, value,
                   &release->provenance);
}

// How a field of each type is decoded. The rules judge lengths and contents, so no row has a limit.
static const struct {
    enum member_type type;
    member_decoder *decode;
} decoders[RELEASE_FIELD_TYPES] = {
    [RELEASE_TEXT] = {MEMBER_STRING, NULL},
    [RELEASE_STRINGS] = {MEMBER_STRINGS, NULL},
    [RELEASE_PEOPLE] = {MEMBER_CUSTOM, decode_people},
    [RELEASE_URLS] = {MEMBER_CUSTOM, decode_urls},
    [RELEASE_ENTRY_POINTS] = {MEMBER_CUSTOM, decode_entry_points},
    [RELEASE_MANIFESTS] = {MEMBER_CUSTOM, decode_manifests},
    [RELEASE_PROVENANCE] = {MEMBER_CUSTOM, decode_provenance},
};

// The limit of the document is applied to its text, before anything is parsed.
enum status release_decode(struct arena *arena, const char *json, size_t len,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    size_t errors_before = findings->error_count;
    enum status status = json_parse((struct text){json, len}, LIMIT_DOCUMENT_BYTES, &document, err);
    if (status) {
        return status;
    }
    struct object_member *members = arena_array(arena, release_field_count, sizeof *members);
    struct release *release = arena_alloc(arena, sizeof *release);
    if (!release || !members) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < release_field_count; i++) {
        const struct release_field *field = &release_fields[i];
        members[i] = (struct object_member){field->key, decoders[field->type].type, field->offset,
                                            .decode = decoders[field->type].decode};
    }
    struct object_reader reader = {arena, findings, .unknown_key = SEVERITY_WARNING};
    object_decode(&reader, "", document, members, release_field_count, release);
    status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_release = release;
    return STATUS_OK;
}
