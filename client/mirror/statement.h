// SPDX-License-Identifier: MIT
// What a registry states about a package and about its index (GET …/statement), read and checked: every name in it may
// become a path on this disk, so one that could lead anywhere else is refused.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>
#include <stdint.h>

struct statement_file {
    const char *filename;
    const char *sha256;          // hex
    const char *metadata_sha256; // hex; of METADATA or PKG-INFO
    const char *uploaded_at;     // RFC 3339
    const char *requires_python; // NULL: it does not say
    int64_t size;
    bool is_wheel;
};

struct statement_release {
    const char *version; // normalised
    bool is_yanked;
    const char *yanked_reason; // NULL: none given
    const json_t *document;    // of a release without files, else NULL; borrowed from the JSON
    struct statement_file *files;
    size_t file_count;
};

struct statement_package {
    const char *package;       // normalised
    const char *status;        // "active", "deprecated", …
    const char *status_reason; // the rest may be NULL
    const char *replaced_by;
    const char *epoch;
    int64_t serial;                     // of its last change
    struct statement_release *releases; // the newest last
    size_t release_count;
};

// Reads the document of a package. Texts are borrowed from `json`, which must live as long. Arena.
// Fails with: MALFORMED, NO_MEMORY.
enum status statement_read_package(struct arena *arena, const json_t *json,
                                   struct statement_package *ret_package, struct error *err);

struct statement_entry {
    const char *package; // normalised
    int64_t serial;
};

struct statement_index {
    const char *epoch;
    int64_t serial;
    struct statement_entry *items; // by package
    size_t count;
};

// The same of the index.
enum status statement_read_index(struct arena *arena, const json_t *json,
                                 struct statement_index *ret_index, struct error *err);

// "crm-tools": a package name in normal form, which is a safe part of a path.
bool statement_is_package(const char *name);

// Whether a version, which can hold a "!" and a "+", is a safe part of a path.
bool statement_is_plain(const char *text);
