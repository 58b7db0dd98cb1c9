// SPDX-License-Identifier: MIT
// What the parts of the pyproject reader share: the [project] table being read, and one function per
// key of it. Internal to pyproject*.c.
#pragma once

#include "schema/readers/core/reader_add.h"

// The state of one reading. `release` fills up while the keys are read, and is given back even when
// a key was wrong: the findings say what is missing in it.
struct pyproject {
    struct reader reader;             // takes the findings
    const struct node *table;         // [project]
    struct release *release;          // filled field by field
    const struct source_file *readme; // its bytes, or NULL
    const char *readme_path;          // as [project] names it
    bool for_record; // read for a walk: groups that cannot be indexed are listed, and advice
                     // for publishers alone is left out
    struct entry_point refused; // the first whose name or value is wrong; group NULL = none
};

// A row of the table of keys (pyproject.c).
struct project_field {
    const char *key; // in [project]
    void (*read)(struct pyproject *project, const struct node *node);
    bool extendable; // may stand in `dynamic` besides (PEP 808): back ends then only add to it
    const char *description; // for the documentation of the format
};

// pyproject_text.c
void project_read_name(struct pyproject *project, const struct node *node);
void project_read_version(struct pyproject *project, const struct node *node);
void project_read_description(struct pyproject *project, const struct node *node);
void project_read_readme(struct pyproject *project, const struct node *node);
void project_read_requires_python(struct pyproject *project, const struct node *node);
void project_read_license(struct pyproject *project, const struct node *node);
void project_read_license_files(struct pyproject *project, const struct node *node);
void project_read_keywords(struct pyproject *project, const struct node *node);
void project_read_classifiers(struct pyproject *project, const struct node *node);
void project_read_authors(struct pyproject *project, const struct node *node);
void project_read_maintainers(struct pyproject *project, const struct node *node);
void project_read_urls(struct pyproject *project, const struct node *node);

// pyproject_entries.c
void project_read_scripts(struct pyproject *project, const struct node *node);
void project_read_gui_scripts(struct pyproject *project, const struct node *node);
void project_read_entry_points(struct pyproject *project, const struct node *node);
void project_read_import_names(struct pyproject *project, const struct node *node);
void project_read_import_namespaces(struct pyproject *project, const struct node *node);

// For a walk, a project whose entry points are all wrong keeps one of them without a value, so that it
// is listed in its own group.
void project_keep_refused(struct pyproject *project);

// [tool.poetry] where there is no [project]: `table` is it, `root` the document.
void project_read_poetry(struct pyproject *project, const struct node *root,
                         const struct node *table);

// pyproject_requirements.c
void project_read_dependencies(struct pyproject *project, const struct node *node);
void project_read_optional_dependencies(struct pyproject *project, const struct node *node);

// Adds an error "unknown-key" for every member of the table that is not among `keys`.
void project_check_keys(struct pyproject *project, const struct node *table,
                        const char *const *keys, size_t count);
