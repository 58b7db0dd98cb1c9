// SPDX-License-Identifier: MIT
// The codec of answer.h, both ends of the pipe. Decoding checks every type and every status, because the writer
// may have been taken over: what it says may be wrong about its own artifact and about nothing else.
//
//     {"status": "ok", "where": "", "message": "", "errors": [], "warnings": [], "groups": [],
//      "release": {…}, "artifact": {"wheel": true, "tags": ["py3-none-any"], "metadata": "Name: …",
//                                  "generator": "registryctl", "folders": {"plugins/crm": "a.py\nb.py"}}}
//
// `release` and `artifact` are null unless the status is ok. The release is decoded from text again, by the same
// function that reads a body of PUT: a form that only this pipe could carry does not exist.
#include "registryd/extract/answer.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static json_t *tags_encode(const struct strings *tags) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < tags->count; i++) {
        if (json_array_append_new(array, json_text(tags->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

// Of the warnings, in their order: null where one is about no group.
static json_t *groups_encode(const struct findings *findings) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->severity == SEVERITY_WARNING &&
            json_array_append_new(array, json_text(finding->group))) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *folders_encode(const struct wheel_folders *folders) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < folders->count; i++) {
        if (json_object_set_new(object, folders->items[i].path,
                                json_text(folders->items[i].names))) {
            return NULL;
        }
    }
    return take(object);
}

static json_t *artifact_encode(const struct artifact *artifact) {
    return json_pack("{s:b, s:o, s:s%, s:s?, s:o}", "wheel", artifact->kind == ARTIFACT_WHEEL,
                     "tags", tags_encode(&artifact->tags), "metadata", artifact->metadata,
                     artifact->metadata_len, "generator", artifact->generator, "folders",
                     folders_encode(&artifact->folders));
}

json_t *extraction_encode(const struct extraction *extraction, const struct findings *findings) {
    const struct error *error = &extraction->error;
    bool good = error->status == STATUS_OK;
    // clang-format off
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "status", status_info(error->status)->wire_name,
                     "where", json_text(error->where),
                     "message", json_text(error->message),
                     "errors", findings_encode(findings, SEVERITY_ERROR),
                     "warnings", findings_encode(findings, SEVERITY_WARNING),
                     "groups", groups_encode(findings),
                     "release", good ? release_encode(extraction->release) : json_null(),
                     "artifact", good ? artifact_encode(&extraction->artifact) : json_null());
    // clang-format on
}

// A tag that is no text ends it; how many there may be is bounded by the length of the answer.
static bool decode_tags(struct arena *arena, const json_t *tags, struct strings *ret_tags) {
    size_t count = json_array_size(tags);
    const char **items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; items && i < count; i++) {
        items[i] = arena_strdup(arena, json_string_value(json_array_get(tags, i)));
        if (!items[i]) {
            return false;
        }
    }
    *ret_tags = (struct strings){items, count};
    return items && json_is_array(tags);
}

// The database indexes folders by their paths, and tells names apart by line.
static bool is_folder(const char *path, const json_t *names) {
    return path[0] && strlen(path) <= LIMIT_FOLDER_BYTES && json_is_string(names) &&
           !strchr(path, '\n');
}

static bool decode_folders(struct arena *arena, json_t *object, struct wheel_folders *ret_folders) {
    size_t count = json_object_size(object);
    struct wheel_folder *items = arena_array(arena, count + 1, sizeof *items);
    const char *path;
    json_t *names;
    struct wheel_folders folders = {items, 0};
    if (!items || !json_is_object(object) || count > LIMIT_ARCHIVE_MEMBERS) {
        return false;
    }
    json_object_foreach(object, path, names) {
        struct wheel_folder *folder = &items[folders.count++];
        if (!is_folder(path, names)) {
            return false;
        }
        folder->path = arena_strdup(arena, path);
        folder->names = arena_strdup(arena, json_string_value(names));
        if (!folder->path || !folder->names) {
            return false;
        }
    }
    *ret_folders = folders;
    return true;
}

// The bytes come from a process that may have been taken over by the file it read: nothing in them
// is believed before it is checked.
static bool decode_artifact(struct arena *arena, json_t *json, struct artifact *ret_artifact) {
    int wheel;
    const char *metadata;
    size_t metadata_len;
    json_t *generator;
    json_t *tags;
    json_t *folders;
    if (json_unpack(json, "{s:b, s:o, s:s%, s:o, s:o}", "wheel", &wheel, "tags", &tags, "metadata",
                    &metadata, &metadata_len, "generator", &generator, "folders", &folders)) {
        return false;
    }
    struct artifact artifact = {
        .kind = wheel ? ARTIFACT_WHEEL : ARTIFACT_SDIST,
        .metadata = arena_copy(arena, metadata, metadata_len),
        .metadata_len = metadata_len,
    };
    artifact.generator = arena_strdup(arena, json_string_value(generator));
    if (!artifact.metadata || (json_is_string(generator) && !artifact.generator) ||
        !decode_tags(arena, tags, &artifact.tags) ||
        !decode_folders(arena, folders, &artifact.folders)) {
        return false;
    }
    *ret_artifact = artifact;
    return true;
}

static enum status decode_good(json_t *json, struct findings *findings,
                               struct extraction *extraction, struct error *err) {
    const json_t *release = json_object_get(json, "release");
    if (!decode_artifact(findings->arena, json_object_get(json, "artifact"),
                         &extraction->artifact)) {
        return fail(err, STATUS_INTERNAL, NULL, "the answer holds no valid artifact");
    }
    scoped(cleanup_memory) char *text = json_dumps(release, JSON_COMPACT);
    return text ? release_decode(findings->arena, text, strlen(text), findings,
                                 &extraction->release, err)
                : fail(err, STATUS_INTERNAL, NULL, "the answer has no release");
}

// The warnings, and the groups that they are about. Of two lists of another length, the shorter one counts.
static bool decode_warnings(struct findings *findings, const json_t *warnings,
                            const json_t *groups) {
    size_t first = findings->count;
    size_t index;
    json_t *group;
    if (!json_is_array(groups) || !findings_decode(findings, warnings, SEVERITY_WARNING)) {
        return false;
    }
    json_array_foreach(groups, index, group) {
        if (json_is_string(group) && first + index < findings->count) {
            findings->items[first + index].group =
                arena_strdup(findings->arena, json_string_value(group));
        }
    }
    return true;
}

// The ways in which an artifact, or the extractor itself, may fail; no other word is believed.
static bool is_verdict(enum status status) {
    return status == STATUS_INVALID || status == STATUS_MALFORMED || status == STATUS_TOO_LARGE ||
           status == STATUS_NO_MEMORY || status == STATUS_IO || status == STATUS_INTERNAL;
}

enum status extraction_decode(const char *json, size_t len, struct findings *findings,
                              struct extraction *ret_extraction, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    const char *name;
    const char *where;
    const char *message;
    json_t *errors;
    json_t *warnings;
    json_t *groups;
    enum status status = json_parse((struct text){json, len}, LIMIT_EXTRACTION_BYTES, &answer, err);
    if (status == STATUS_NO_MEMORY) {
        return status;
    }
    if (status || json_unpack(answer, "{s:s, s:s, s:s, s:o, s:o, s:o}", "status", &name, "where",
                              &where, "message", &message, "errors", &errors, "warnings", &warnings,
                              "groups", &groups)) {
        return fail(err, STATUS_INTERNAL, NULL, "the answer is not what the extractor writes");
    }
    struct extraction extraction = {0};
    bool good = strcmp(name, status_info(STATUS_OK)->wire_name) == 0;
    if ((!good && !is_verdict(status_find(name))) ||
        !findings_decode(findings, errors, SEVERITY_ERROR) ||
        !decode_warnings(findings, warnings, groups)) {
        return fail(err, STATUS_INTERNAL, NULL, "the answer holds no valid verdict");
    }
    if (good) {
        status = decode_good(answer, findings, &extraction, err);
    } else {
        fail(&extraction.error, status_find(name), where, "%s", message);
    }
    if (!status) {
        *ret_extraction = extraction;
    }
    return status;
}
