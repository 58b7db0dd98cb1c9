// SPDX-License-Identifier: MIT
// A release: one version of a package, as authors publish it. Stages are types: the JSON codec and
// the readers make a `struct release` (what somebody claims), the rules make a `struct valid_release`
// (what may be stored), and only that can be published. docs/RELEASE.md describes the document.
// Everything hangs in the arena given; all strings are NUL-terminated UTF-8 without NUL.
#pragma once

#include "schema/finding.h"
#include "schema/packaging/entry_point.h"

#include <stdint.h>

struct person {
    const char *name; // one of the two may be NULL
    const char *email;
};

struct project_url {
    const char *label; // "Documentation"
    const char *url;   // http or https
};

// The host's own document for one entry point, kept whole, as compact JSON text (an object).
struct manifest {
    const char *group; // of its entry point
    const char *name;  // of its entry point
    const char *json;  // its text
};

// Where a release document came from.
struct provenance {
    const char *convention; // "pyproject", "plugin-yaml", "wheel", ... or NULL
    const char *path;       // where it was read from
    const char *sha256;     // of that file, hex; NULL: not known
    const char *confidence; // "artifact", "declared", "derived" or NULL
};

// What an author or a reader claims; nothing in it needs to be valid. The same release as a
// document:
//
//     {"name": "honeyframe-crm", "version": "1.2", "summary": "Deals and contacts",
//      "requires_python": ">=3.9", "requires_dist": ["honeyframe>=4"],
//      "entry_points": {"honeyframe.plugins": {"crm": "plugins.crm.main:Plugin"}}}
struct release {
    const char *name;                     // as its author writes it; required
    const char *version;                  // as its author writes it; required
    const char *summary;                  // every other member may be NULL or empty
    const char *description;              // the README
    const char *description_content_type; // "text/markdown"
    const char *requires_python;          // specifiers; NULL: any
    const char *license_expression;       // SPDX
    struct strings requires_dist;         // requirements (PEP 508)
    struct strings keywords;
    struct strings classifiers; // of the list at pypi.org, or private ones
    struct person *authors;
    size_t author_count;
    struct project_url *project_urls;
    size_t project_url_count;
    struct entry_point *entry_points; // any order
    size_t entry_point_count;
    struct manifest *manifests;
    size_t manifest_count;
    struct provenance provenance;
};

// The entry point or the manifest of that group and name; NULL when there is none. Group and name identify both.
// Borrowed.
const struct entry_point *release_find_entry_point(const struct release *release, const char *group,
                                                   const char *name);
const struct manifest *release_find_manifest(const struct release *release, const char *group,
                                             const char *name);

// What may be stored. Made by release_check alone.
struct valid_release {
    struct release release;         // what was checked
    const char *normalized_name;    // PEP 503
    const char *normalized_version; // PEP 440
    const uint8_t *version_key;     // order-preserving, see version_key()
    size_t version_key_len;
    bool prerelease;      // by its version
    const char *document; // canonical JSON: sorted keys, no white space, normalised values
    size_t document_len;
    uint8_t digest[32]; // SHA-256 of the document without "provenance": decides identity
};

// Decodes a release document (JSON text). Unknown keys are left out with a warning in `findings`;
// wrong types are errors there, all of them, not only the first.
// Fails with: TOO_LARGE, MALFORMED (with line and column), INVALID (findings hold the errors),
// NO_MEMORY.
enum status release_decode(struct arena *arena, const char *json, size_t len,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err);

// The release document of a release, as an object. Owned. NULL when out of memory.
json_t *release_encode(const struct release *release);

// Applies every rule; each breach is an error in `findings` with its JSON pointer.
// Fails with: INVALID (the first error is also *err), NO_MEMORY.
enum status release_check(struct arena *arena, const struct release *release,
                          struct findings *findings, const struct valid_release **ret_valid,
                          struct error *err);
