// SPDX-License-Identifier: MIT
// A Honeyframe plugin.yaml -> a release with one entry point and the whole document as its manifest.
// The directory's name is the plugin's name; the record is made from it, so that a manifest with
// faults is still told under the right name.
#include "schema/readers/core/reader.h"

#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/readers/conventions/plugin_yaml_fields.h"
#include "schema/readers/core/yaml.h"

#include <string.h>

static const char group[] = "honeyframe.plugins";

// A value of another type was told by manifest_check already.
static const char *text_of(const struct node *table, const char *key) {
    const struct node *node = node_find(table, key);
    return node && node->type == NODE_STRING ? node->string : NULL;
}

// A host that uses PyYAML reads `icon: no` as false and `order: 010` as 8.
static void warn_of_odd_scalars(struct reader *reader, const struct node *node) {
    if (node->odd) {
        reader_add_warning(reader, "yaml-old-value", node, "Put it in quotes",
                           "Python hosts read YAML 1.1, in which %s has another value",
                           node->string);
    }
    for (const struct node *child = node->first; child; child = child->next) {
        warn_of_odd_scalars(reader, child);
    }
}

// The slug is the name of the directory: "plugins/crm/plugin.yaml" describes the plugin "crm".
static void check_slug(struct reader *reader, const struct node *root, const char *slug) {
    const struct node *name = node_find(root, "name");
    const struct node *place = name ? name : root;
    if (name && name->type == NODE_STRING && strcmp(name->string, slug) != 0) {
        reader_add(reader, "name-mismatch", name, "Rename the directory or change the name",
                   "The name \"%s\" differs from the directory's name \"%s\"", name->string, slug);
    }
    size_t good = strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (slug[good] || !*slug) {
        reader_add(reader, "slug-invalid", place, NULL,
                   "The directory name \"%s\" may contain only lower-case letters, digits, - and _",
                   slug);
    }
}

// The slug as a package name: PEP 503 wants a letter or digit at both ends.
static const char *package_of(struct arena *arena, const char *slug) {
    size_t start = strspn(slug, "-_.");
    size_t end = strlen(slug);
    while (end > start && strchr("-_.", slug[end - 1])) {
        end--;
    }
    return arena_copy(arena, slug + start, end - start);
}

// A module cannot be called crm-next: its import name has an underscore there.
static const char *value_of(struct arena *arena, const char *slug) {
    char *value = arena_printf(arena, "plugins.%s:manifest", slug);
    for (char *c = value; c && *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    return value;
}

// The document is kept whole, as canonical JSON: the host reads its own keys from it.
static const char *manifest_of(struct reader *reader, const struct node *root) {
    if (node_depth(root) > LIMIT_MANIFEST_DEPTH) {
        reader_add(reader, "manifest-too-deep", root, NULL,
                   "The manifest is nested deeper than %d levels", LIMIT_MANIFEST_DEPTH);
    }
    reader_is_json(reader, root);
    return node_encode_canonical(reader->arena, root);
}

// Of the bytes as they stand, so that a later reader can tell whether the file has changed.
static const char *digest_of(struct arena *arena, const struct source_file *file) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(file->bytes, file->len, digest);
    digest_hex(digest, hex);
    return arena_strdup(arena, hex);
}

// The record is made from the directory, not from the manifest's name: the host imports the directory.
static struct release *make_release(struct reader *reader, const struct source_file *file,
                                    const struct node *root, const char *slug) {
    struct arena *arena = reader->arena;
    const char *sha256 = NULL;
    if (!file->for_record && !(sha256 = digest_of(arena, file))) {
        return NULL;
    }
    struct release *release = arena_alloc(arena, sizeof *release);
    struct entry_point *entry = arena_alloc(arena, sizeof *entry);
    struct manifest *manifest = arena_alloc(arena, sizeof *manifest);
    if (!release || !entry || !manifest) {
        return NULL;
    }
    *entry = (struct entry_point){group, arena_strdup(arena, slug), value_of(arena, slug)};
    *manifest = (struct manifest){group, entry->name, manifest_of(reader, root)};
    *release = (struct release){
        .name = package_of(arena, slug),
        .version = text_of(root, "version"),
        .summary = text_of(root, "display_name"),
        .entry_points = entry,
        .entry_point_count = 1,
        .manifests = manifest,
        .manifest_count = 1,
        .provenance = {.convention = "plugin-yaml",
                       .path = arena_strdup(arena, file->path),
                       .sha256 = sha256,
                       .confidence = "declared"},
    };
    bool whole =
        entry->name && entry->value && manifest->json && release->name && release->provenance.path;
    return whole ? release : NULL;
}

// The message names the directory, since the package name was derived from it.
static void check_package(struct reader *reader, const struct node *root,
                          const struct release *release) {
    if (!name_is_valid(text_from(release->name))) {
        reader_add(reader, "name-invalid", root, NULL,
                   "The directory name \"%s\" cannot become a package name of at most %d letters, "
                   "digits, - and _",
                   release->entry_points[0].name, LIMIT_NAME_BYTES);
    }
}

enum status plugin_yaml_read(struct arena *arena, const struct source_file *file, const char *slug,
                             struct findings *findings, const struct release **ret_release,
                             struct error *err) {
    struct reader reader = {arena, findings, file->path};
    size_t errors_before = findings->error_count;
    const struct node *root;
    enum status status = yaml_parse(arena, file, &root, err);
    if (status) {
        return status;
    }
    if (root->type != NODE_TABLE) {
        reader_add(&reader, "not-a-mapping", root, NULL,
                   "The document is %s; a manifest is a mapping of keys",
                   node_type_name(root->type));
        return findings_fail(findings, errors_before, err);
    }
    manifest_check(&reader, root, &plugin_yaml_fields);
    warn_of_odd_scalars(&reader, root);
    if (!slug) {
        slug = text_of(root, "name");
    }
    if (slug) {
        check_slug(&reader, root, slug);
        const struct release *release = make_release(&reader, file, root, slug);
        if (!release) {
            return fail_no_memory(err);
        }
        check_package(&reader, root, release);
        *ret_release = release;
    }
    return findings_fail(findings, errors_before, err);
}
