// SPDX-License-Identifier: MIT
// What an environment answers, as a list of releases and files for an installer: the daemon answers with it as
// JSON, and daemon and command line both write it as pylock.toml (PEP 751) and as requirements for pip. No
// settings are in it. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct export_file {
    const char *filename;
    const char *kind; // "wheel", "sdist"
    const char *url;  // absolute
    const char *sha256;
    const char *uploaded_at; // RFC 3339, UTC
    int64_t size;            // bytes
};

struct export_release {
    const char *package;             // normalised
    const char *version;             // normalised
    const char *requires_python;     // NULL = any
    const struct export_file *files; // that fit the environment, wheels first
    size_t file_count;
};

// A package that the environment enables, pins or has locked, and gets nothing for.
// When there is one, "registryctl environment export" exits with 1.
struct export_missing {
    const char *package;
    const char *code;
    const char *detail;
};

// Where the lock of a frozen environment is from.
struct export_lock {
    int64_t id; // 0 = the environment is not frozen, and the answer is that of the moment
    const char *environment;
    int64_t revision;
    const char *made_at; // RFC 3339, UTC
    const char *made_by;
};

struct release_export {
    const char *environment;
    int64_t revision;
    struct export_lock lock;
    const char *epoch; // of the state that was answered
    int64_t serial;
    const char *index;               // address of the package index, with a slash at its end
    const char *marker;              // of the environment's facts; NULL = none are stated
    const char *requires_python;     // NULL = any
    struct export_release *releases; // by package
    size_t release_count;
    struct export_missing *missing; // by package
    size_t missing_count;
};

// Owned; NULL when out of memory.
json_t *release_export_encode(const struct release_export *export);

// Reads what release_export_encode wrote; unknown keys are ignored. Arena. Fails with: MALFORMED, NO_MEMORY.
enum status release_export_decode(struct arena *arena, const json_t *object,
                                  struct release_export *ret_export, struct error *err);

// Appends a pylock.toml. A release without a file is a comment, and so is what is missing.
void release_export_write_pylock(struct buffer *text, const struct release_export *export);

// Appends requirements for pip: pinned, with hashes, and with the address of the index where there is a file.
void release_export_write_requirements(struct buffer *text, const struct release_export *export);
