// SPDX-License-Identifier: MIT
// bytes -> release: the readers. Each takes the bytes of one file (never a path: directory walking
// belongs to the client) and the name by which errors call it. Nothing is imported or executed.
// Faults of the content go into `findings` with file:line; what is good is kept.
#pragma once

#include "schema/release/release.h"

struct source_file {
    const char *path;  // how findings name it: "crm/plugin.yaml"
    const char *bytes; // borrowed
    size_t len;        // bytes
    bool for_record;   // read for a record: what only a publication needs (the digest) is left out
};

// pyproject.toml, PEP 621 (reading/pyproject.c). `readme` may be NULL; when [project] names a readme
// file, *ret_readme_path says which, and the caller may call again with its bytes. What is read lives
// in the arena of the findings.
// A dynamic version is NULL in the release and no finding: only who publishes must know it. A version
// that is missing and not dynamic is the error "version-missing". On INVALID, *ret_release is still set
// when there is a [project] table: what could be read of it.
// Fails with: MALFORMED (not TOML, or over a limit; file:line in *err), INVALID (findings hold the
// errors), NO_MEMORY.
enum status pyproject_read(const struct source_file *file, const struct source_file *readme,
                           struct findings *findings, const struct release **ret_release,
                           const char **ret_readme_path, struct error *err);

// A Honeyframe plugin.yaml (reading/plugin_yaml.c). `slug` is the directory's name, which the
// manifest's name must equal; NULL takes the manifest's name. The release has one entry point: group
// honeyframe.plugins, name = slug, value plugins.<slug>:manifest, and the whole document as its
// manifest. The package is the slug without '-', '_' and '.' at its ends ("_demo" -> "demo"). On
// INVALID, *ret_release is still set when the document is a mapping and the slug is known (a broken
// plugin is a record with errors).
// Fails with: MALFORMED (not YAML, or over a limit; file:line in *err), INVALID, NO_MEMORY.
enum status plugin_yaml_read(struct arena *arena, const struct source_file *file, const char *slug,
                             struct findings *findings, const struct release **ret_release,
                             struct error *err);
