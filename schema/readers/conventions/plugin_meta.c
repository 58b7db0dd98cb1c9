// SPDX-License-Identifier: MIT
// PLUGIN_META -> release: one table of its keys, then the checks that the host makes at start (the
// dict is there and literal, its required keys are texts, `register` exists).
//
//     PLUGIN_META = {"id": "mail", "name": "Mail", "version": "1.0"}
//     def register(ctx) -> None: …
#include "schema/readers/conventions/plugin_meta.h"

#include "schema/json/json.h"
#include "schema/readers/python/python_source.h"
#include "schema/base/list.h"

#include <string.h>

#define META_GROUP "fastcms.plugins"

struct meta_key {
    const char *name;
    bool required;
    size_t offset; // of a const char * in struct meta
};

struct meta {
    const char *id;      // the entry point's name, and the package's
    const char *name;    // for people
    const char *version; // of the plugin
    const char *author;
    const char *description;
};

static const struct meta_key meta_keys[] = {
    {"id", true, offsetof(struct meta, id)},
    {"name", true, offsetof(struct meta, name)},
    {"version", true, offsetof(struct meta, version)},
    {"author", false, offsetof(struct meta, author)},
    {"description", false, offsetof(struct meta, description)},
};

static const char *at_line(struct arena *arena, const struct source_file *file, int line) {
    return arena_printf(arena, "%s:%d", file->path, line);
}

// An empty text counts as missing, and so does a text with a NUL, which would be cut.
static void read_key(const struct meta_key *key, const json_t *document, struct arena *arena,
                     struct findings *findings, const char *where, struct meta *meta) {
    const json_t *value = json_object_get(document, key->name);
    const char *text = json_string_value(value);
    if (text && *text && strlen(text) == json_string_length(value)) {
        *(const char **)((char *)meta + key->offset) = arena_strdup(arena, text);
    } else if (value && !text) {
        findings_add(findings, SEVERITY_ERROR, "plugin-meta-type", where, NULL,
                     "PLUGIN_META[\"%s\"] must be a string, not %s", key->name,
                     json_type_name(value));
    } else if (key->required) {
        findings_add(findings, SEVERITY_ERROR, "plugin-meta-required", where,
                     "Add the keys id, name and version, which the host requires",
                     "PLUGIN_META has no \"%s\"", key->name);
    }
}

// The literal PLUGIN_META as a JSON object, or NULL with a finding. Owned.
// Literal means: the value can be read from the source, without running it. dict(id="mail") is not.
static json_t *find_document(const struct python_value *meta, const struct source_file *file,
                             struct arena *arena, struct findings *findings,
                             const char **ret_where) {
    if (!meta->line) {
        findings_add(findings, SEVERITY_ERROR, "plugin-meta-missing", file->path,
                     "Define PLUGIN_META = {\"id\": …, \"name\": …, \"version\": …}",
                     "There is no PLUGIN_META at the top level");
        return NULL;
    }
    *ret_where = at_line(arena, file, meta->line);
    json_t *document =
        meta->json ? json_loads(meta->json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    if (json_is_object(document)) {
        return document;
    }
    findings_add(findings, SEVERITY_ERROR, "plugin-meta-not-literal", *ret_where,
                 "Write a literal dict, so that the values can be read without running the plugin",
                 "PLUGIN_META must be a literal dict: %s",
                 meta->json ? "this is another value" : meta->why_not);
    json_decref(document);
    return NULL;
}

// The host imports plugins.DIRECTORY and calls register(ctx), so that is the entry point's value.
static const struct release *make_release(struct arena *arena, const struct meta *meta,
                                          const char *directory, const json_t *document) {
    struct release *release = arena_alloc(arena, sizeof *release);
    struct entry_point *entry = arena_alloc(arena, sizeof *entry);
    struct manifest *manifest = arena_alloc(arena, sizeof *manifest);
    struct person *author = arena_alloc(arena, sizeof *author);
    if (!release || !entry || !manifest || !author) {
        return NULL;
    }
    *entry = (struct entry_point){META_GROUP, meta->id,
                                  arena_printf(arena, "plugins.%s:register", directory)};
    *manifest = (struct manifest){META_GROUP, meta->id, json_encode_canonical(arena, document)};
    *author = (struct person){.name = meta->author};
    *release = (struct release){.name = meta->id,
                                .version = meta->version,
                                .summary = meta->description,
                                .authors = meta->author ? author : NULL,
                                .author_count = meta->author ? 1 : 0,
                                .entry_points = entry,
                                .entry_point_count = 1,
                                .manifests = manifest,
                                .manifest_count = 1,
                                .provenance = {.convention = "plugin-meta",
                                               .path = arena_strdup(arena, directory),
                                               .confidence = "declared"}};
    return entry->value && manifest->json ? release : NULL;
}

enum status plugin_meta_read(struct arena *arena, const struct source_file *file,
                             const char *directory, struct findings *findings,
                             const struct release **ret_release, struct error *err) {
    struct python_module module;
    struct python_value value;
    struct meta meta = {0};
    const char *where = file->path;
    size_t errors_before = findings->error_count;
    *ret_release = NULL;
    enum status status = python_source_read(arena, file, NULL, &module, err);
    if (status) {
        return status;
    }
    status = python_value_read(&module, "PLUGIN_META", &value, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *document = find_document(&value, file, arena, findings, &where);
    for (size_t i = 0; document && i < COUNT_OF(meta_keys); i++) {
        read_key(&meta_keys[i], document, arena, findings, where, &meta);
    }
    if (!python_binds(&module, "register")) {
        findings_add(findings, SEVERITY_ERROR, "plugin-register-missing", file->path,
                     "Define: def register(ctx) -> None: …", "There is no function \"register\"");
    }
    if (meta.id) {
        *ret_release = make_release(arena, &meta, directory, document);
        if (!*ret_release) {
            return fail_no_memory(err);
        }
    }
    return findings_fail(findings, errors_before, err);
}
