// SPDX-License-Identifier: MIT
// pyproject.toml -> release: the [project] table whole, as PEP 621 and its successors (639, 794, 808)
// say. A key that is wrong is reported with its line, and the rest is read all the same. What a build
// back end would compute (dynamic) is not guessed.
//
// The reader is a table: a key, its function, and whether PEP 808 lets it be in `dynamic` and have a value. It
// serves three callers. A walk wants records (`for_record`) and no advice, publish and check want every fault,
// and the sdist reader wants the entry points alone.
#include "schema/readers/core/reader.h"

#include "schema/digest.h"
#include "schema/readers/pyproject/pyproject_fields.h"
#include "schema/readers/core/toml.h"
#include "schema/base/list.h"

#include <string.h>

static const struct project_field fields[] = {
    {"name", project_read_name, false, "name of the package; never dynamic"},
    {"version", project_read_version, false, "PEP 440 version"},
    {"description", project_read_description, false, "summary, one line"},
    {"readme", project_read_readme, false, "file or text of the description"},
    {"requires-python", project_read_requires_python, false, "specifier set"},
    {"license", project_read_license, false, "SPDX expression"},
    {"license-files", project_read_license_files, true, "globs of licence files"},
    {"authors", project_read_authors, true, "name, email or both"},
    {"maintainers", project_read_maintainers, true, "as authors; checked, not kept"},
    {"keywords", project_read_keywords, true, "words"},
    {"classifiers", project_read_classifiers, true, "trove classifiers"},
    {"urls", project_read_urls, true, "label to URL"},
    {"scripts", project_read_scripts, true, "group console_scripts"},
    {"gui-scripts", project_read_gui_scripts, true, "group gui_scripts"},
    {"entry-points", project_read_entry_points, true, "group to name to object reference"},
    {"dependencies", project_read_dependencies, true, "requirements"},
    {"optional-dependencies", project_read_optional_dependencies, true, "extra to requirements"},
    {"import-names", project_read_import_names, true, "importable names; checked, not kept"},
    {"import-namespaces", project_read_import_namespaces, true,
     "importable namespaces; checked, not kept"},
};
enum { FIELD_COUNT = COUNT_OF(fields) };

static const struct project_field *find_field(const char *key) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

void project_check_keys(struct pyproject *project, const struct node *table,
                        const char *const *keys, size_t count) {
    for (const struct node *node = table->first; node; node = node->next) {
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known = known || strcmp(keys[i], node->key) == 0;
        }
        if (!known) {
            reader_add(&project->reader, "unknown-key", node, NULL, "\"%s\" is not a key here",
                       node->key);
        }
    }
}

// dynamic = ["version"]: the build computes these keys, so nothing is known of them here.
static bool is_dynamic(const struct pyproject *project, const char *key) {
    const struct node *dynamic = node_find(project->table, "dynamic");
    bool is_list = dynamic && dynamic->type == NODE_LIST;
    for (const struct node *item = is_list ? dynamic->first : NULL; item; item = item->next) {
        if (item->type == NODE_STRING && strcmp(item->string, key) == 0) {
            return true;
        }
    }
    return false;
}

// PEP 621: the name is never dynamic, and a key has a value or is dynamic. PEP 808 lifts the second
// rule for lists and tables, to which a back end may add.
static void check_dynamic_key(struct pyproject *project, const struct node *item) {
    const struct project_field *field = find_field(item->string);
    if (!field || strcmp(field->key, "name") == 0) {
        reader_add(&project->reader, "dynamic-invalid", item, NULL,
                   field ? "\"%s\" can never be dynamic"
                         : "\"%s\" is not a key that can be dynamic",
                   item->string);
    } else if (!field->extendable && node_find(project->table, field->key)) {
        reader_add(&project->reader, "dynamic-and-static", item,
                   "Remove the key from one of the two places",
                   "\"%s\" has a value and is also listed in dynamic", field->key);
    }
}

static void check_dynamic(struct pyproject *project) {
    static const char *const entry_keys[] = {"entry-points", "scripts", "gui-scripts"};
    const struct node *dynamic = node_find(project->table, "dynamic");
    if (!dynamic || !reader_is(&project->reader, dynamic, NODE_LIST)) {
        return;
    }
    for (const struct node *item = dynamic->first; item; item = item->next) {
        if (reader_is(&project->reader, item, NODE_STRING)) {
            check_dynamic_key(project, item);
        }
    }
    for (size_t i = 0; i < COUNT_OF(entry_keys); i++) {
        if (is_dynamic(project, entry_keys[i])) {
            project->release->provenance.confidence = "derived";
            reader_add_warning(
                &project->reader, "entry-points-dynamic", dynamic,
                "Publish the built wheel: its entry_points.txt lists all entry points",
                "\"%s\" is dynamic, so the entry points that the build adds are unknown",
                entry_keys[i]);
        }
    }
}

static void check_required(struct pyproject *project) {
    if (!node_find(project->table, "name")) {
        reader_add_missing(&project->reader, "name-missing", project->table, "name", NULL);
    }
    // A dynamic version is known only to the build: unknown, and nothing wrong.
    if (!node_find(project->table, "version") && !is_dynamic(project, "version")) {
        reader_add_missing(&project->reader, "version-missing", project->table, "version",
                           "Add the key, or list it in dynamic");
    }
}

// Known keys are read in the order of the table above, unknown ones after them in that of the file.
static void read_table(struct pyproject *project) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct node *node = node_find(project->table, fields[i].key);
        if (node) {
            fields[i].read(project, node);
        }
    }
    for (const struct node *node = project->table->first; node; node = node->next) {
        if (!find_field(node->key) && strcmp(node->key, "dynamic") != 0) {
            reader_add(&project->reader, "unknown-key", node,
                       "Move keys of a tool to its own table [tool.…]",
                       "\"%s\" is not a key of [project]", node->key);
        }
    }
    check_dynamic(project);
    check_required(project);
    project_keep_refused(project);
}

// The table [tool.poetry] of a project that Poetry builds. One without a name, or with package-mode =
// false, only configures the tool.
static const struct node *find_poetry(const struct node *root) {
    const struct node *poetry = node_find(node_find(root, "tool"), "poetry");
    const struct node *mode = node_find(poetry, "package-mode");
    bool is_package = !mode || mode->type != NODE_BOOLEAN || mode->integer;
    return node_find(poetry, "name") && is_package ? poetry : NULL;
}

// Without [project]. Poetry's table says enough for a walk, but not for a publication: its requirements
// have a notation of their own, which only Poetry translates.
static bool read_poetry(struct pyproject *project, const struct node *root) {
    const struct node *poetry = find_poetry(root);
    if (poetry) {
        project_read_poetry(project, root, poetry);
        project_keep_refused(project);
    }
    if (!poetry || !project->for_record) {
        const struct node *tool = node_find(node_find(root, "tool"), "poetry");
        reader_add(
            &project->reader, "project-missing", tool ? tool : root,
            "Add a [project] table (PEP 621), or publish the built wheel",
            poetry ? "There is no [project] table, and [tool.poetry] gives the requirements in a "
                     "notation that only Poetry reads"
                   : "There is no [project] table, so the package is not described");
    }
    return poetry;
}

// A walk may read many files, and its records show no digest, so none is computed for it.
static bool set_provenance(struct arena *arena, const struct source_file *file,
                           struct release *release) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    if (!file->for_record) {
        digest_sha256(file->bytes, file->len, digest);
        digest_hex(digest, hex);
    }
    release->provenance =
        (struct provenance){.convention = "pyproject",
                            .path = arena_strdup(arena, file->path),
                            .sha256 = file->for_record ? NULL : arena_strdup(arena, hex),
                            .confidence = "declared"};
    return release->provenance.path && (file->for_record || release->provenance.sha256);
}

enum status pyproject_read(const struct source_file *file, const struct source_file *readme,
                           struct findings *findings, const struct release **ret_release,
                           const char **ret_readme_path, struct error *err) {
    struct arena *arena = findings->arena;
    size_t errors_before = findings->error_count;
    const struct node *root;
    enum status status = toml_parse(arena, file, &root, err);
    if (status) {
        return status;
    }
    struct pyproject project = {.reader = {arena, findings, file->path},
                                .table = node_find(root, "project"),
                                .release = arena_alloc(arena, sizeof *project.release),
                                .readme = readme,
                                .for_record = file->for_record};
    if (!project.release || !set_provenance(arena, file, project.release)) {
        return fail_no_memory(err);
    }
    reader_warn_of_toml(&project.reader, root);
    if (!project.table) {
        if (read_poetry(&project, root)) {
            *ret_release = project.release;
        }
        return findings_fail(findings, errors_before, err);
    }
    if (reader_is(&project.reader, project.table, NODE_TABLE)) {
        read_table(&project);
        *ret_release = project.release;
        *ret_readme_path = project.readme_path;
    }
    return findings_fail(findings, errors_before, err);
}
