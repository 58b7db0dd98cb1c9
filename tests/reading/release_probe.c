// SPDX-License-Identifier: MIT
// Answers questions of Python tests about documents. Each line of standard input is "KIND<tab>FILE" or
// "KIND<tab>FILE<tab>ARGUMENT"; the answer is one line of JSON. Kinds: release, pyproject, manifest
// (the argument is the slug), artifact, parity (the file holds {"group","walk","registry"}), toml and
// yaml (the bare tree).
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/parity.h"
#include "schema/readers/artifact/artifact.h"
#include "schema/readers/core/toml.h"
#include "schema/readers/core/yaml.h"

#include <stdio.h>
#include <string.h>

struct query {
    struct arena *arena;
    struct source_file file;
    const char *argument;
    struct findings findings;
    struct error err;
    struct artifact artifact;
};

static struct source_file load(struct arena *arena, const char *path) {
    scoped(cleanup_file) FILE *file = fopen(path, "rb");
    long size = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    char *bytes = size >= 0 ? arena_alloc(arena, (size_t)size + 1) : NULL;
    if (file) {
        rewind(file);
    }
    size_t len = file && bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    return (struct source_file){path, bytes, len};
}

static enum status read_release(struct query *query, const char *kind,
                                const struct release **ret_release) {
    const char *readme_path = NULL;
    if (strcmp(kind, "pyproject") == 0) {
        return pyproject_read(&query->file, NULL, &query->findings, ret_release, &readme_path,
                              &query->err);
    }
    if (strcmp(kind, "artifact") == 0) {
        return artifact_read(query->arena, &query->file, &query->findings, ret_release,
                             &query->artifact, &query->err);
    }
    if (strcmp(kind, "manifest") == 0) {
        return plugin_yaml_read(query->arena, &query->file, query->argument, &query->findings,
                                ret_release, &query->err);
    }
    return release_decode(query->arena, query->file.bytes, query->file.len, &query->findings,
                          ret_release, &query->err);
}

static json_t *encode_tags(const struct artifact *artifact) {
    json_t *tags = json_array();
    for (size_t i = 0; i < artifact->tags.count; i++) {
        json_array_append_new(tags, json_string(artifact->tags.items[i]));
    }
    return tags;
}

static json_t *answer_release(struct query *query, const char *kind) {
    const struct release *release = NULL;
    const struct valid_release *valid = NULL;
    enum status status = read_release(query, kind, &release);
    if (!status) {
        status = release_check(query->arena, release, &query->findings, &valid, &query->err);
    }
    json_t *document = valid ? json_loads(valid->document, 0, NULL) : json_null();
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "status", status_info(status)->wire_name, "where",
        query->err.where, "message", query->err.message, "document", document, "errors",
        findings_encode(&query->findings, SEVERITY_ERROR), "warnings",
        findings_encode(&query->findings, SEVERITY_WARNING), "tags", encode_tags(&query->artifact));
}

static json_t *answer_parity(struct query *query) {
    scoped(cleanup_json) json_t *asked = json_loadb(query->file.bytes, query->file.len, 0, NULL);
    struct records walk = {0};
    struct records registry = {0};
    struct parity parity;
    const char *group = json_string_value(json_object_get(asked, "group"));
    if (records_decode(query->arena, json_object_get(asked, "walk"), &walk, &query->err) ||
        records_decode(query->arena, json_object_get(asked, "registry"), &registry, &query->err) ||
        parity_compare(query->arena, group, &(struct parity_sides){&walk, &registry, NULL}, &parity,
                       &query->err)) {
        return json_pack("{s:s}", "message", query->err.message);
    }
    return parity_encode(&parity, false);
}

// The tree of a file as JSON: [document, whether it is TOML 1.1], or [] when it cannot be read or said.
static json_t *answer_tree(struct query *query, bool is_toml) {
    const struct node *root;
    enum status status = is_toml ? toml_parse(query->arena, &query->file, &root, &query->err)
                                 : yaml_parse(query->arena, &query->file, &root, &query->err);
    if (status || node_find_other(root)) {
        return json_array();
    }
    return json_pack("[o, b]", node_encode(root), is_toml && root->odd);
}

static json_t *answer_kind(struct query *query, const char *kind) {
    if (strcmp(kind, "parity") == 0) {
        return answer_parity(query);
    }
    bool is_toml = strcmp(kind, "toml") == 0;
    return is_toml || strcmp(kind, "yaml") == 0 ? answer_tree(query, is_toml)
                                                : answer_release(query, kind);
}

static void answer(char *line) {
    struct text rest = text_from(line);
    struct text part[3] = {0};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < 3; i++) {
        text_split(&rest, '\t', &part[i]);
    }
    const char *kind = arena_copy(arena, part[0].ptr, part[0].len);
    const char *path = arena_copy(arena, part[1].ptr, part[1].len);
    struct query query = {.arena = arena, .file = load(arena, path)};
    query.argument = part[2].ptr ? arena_copy(arena, part[2].ptr, part[2].len) : NULL;
    findings_init(&query.findings, arena);
    scoped(cleanup_json) json_t *json = answer_kind(&query, kind);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    arena_free(arena);
}

int main(void) {
    char line[8192];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        answer(line);
    }
    return 0;
}
