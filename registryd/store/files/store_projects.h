// SPDX-License-Identifier: MIT
// Packages as the package index shows them: projects with files. Nothing here reads the bytes of a file.
#pragma once

#include "registryd/store/store.h"

struct index_file {
    const char *version; // of its release
    const char *filename;
    const char *kind; // "wheel", "sdist"
    int64_t size;
    const char *sha256;          // hex
    const char *metadata_sha256; // hex; of METADATA or PKG-INFO
    const char *uploaded_at;     // RFC 3339, UTC
    const char *requires_python; // NULL: it does not say
    bool yanked;
    const char *yanked_reason; // NULL: none given
};

struct index_project {
    const char *name; // normalised
    const char *status;
    const char *status_reason; // NULL: none given
    struct strings versions;   // that are not quarantined, the newest first
    const char *entry_points;  // JSON: {group: {name: value}} of the latest release
    int64_t last_serial;       // of its last change
    struct index_file *files;  // of releases that are not quarantined, the newest release last
    size_t file_count;         // 0 where the package is quarantined
};

// Fails with: NOT_FOUND.
enum status store_project_load(struct store *store, struct arena *arena, const char *package,
                               struct index_project *ret_project, struct error *err);

struct project_name {
    const char *name;
    int64_t last_serial;
};
struct project_names {
    struct project_name *items; // by name
    size_t count;
};
enum status store_projects_load(struct store *store, struct arena *arena,
                                struct project_names *ret_names, struct error *err);

// What is stated about the index, or about a package, as one line of JSON. Arena.
// The second fails with: NOT_FOUND.
enum status store_index_statement_load(struct store *store, struct arena *arena,
                                       const char **ret_line, struct error *err);
enum status store_package_statement_load(struct store *store, struct arena *arena,
                                         const char *package, const char **ret_line,
                                         struct error *err);

// The attestations that came with a file, as they were sent. Arena.
// Fails with: NOT_FOUND (none came), FORBIDDEN (its package or release is quarantined).
enum status store_attestations_load(struct store *store, struct arena *arena,
                                    const uint8_t sha256[32], const char *filename,
                                    const char **ret_body, struct error *err);

// The metadata that lies beside a wheel.
struct file_metadata {
    const char *text;
    const char *sha256; // hex
    bool quarantined;
};
// Fails with: NOT_FOUND, FORBIDDEN (its package or release is quarantined).
enum status store_file_metadata_load(struct store *store, struct arena *arena,
                                     const uint8_t sha256[32], const char *filename,
                                     struct file_metadata *ret_metadata, struct error *err);
