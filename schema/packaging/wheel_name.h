// SPDX-License-Identifier: MIT
// File names of wheels and source distributions (PEP 427, 625): what they say without being opened.
// Parsed names are immutable and live in the arena they were parsed into. Callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/packaging/version/version.h"

// One of the three parts of a compressed tag set ("py2.py3"), lower-case.
struct wheel_tags {
    const char *const *items;
    size_t count;
};

// "honeyframe_crm-1.2-1abc-py2.py3-none-any.whl" has the normalised name "honeyframe-crm", the
// version 1.2, the build "1abc", the Pythons "py2" and "py3", the ABI "none" and the platform
// "any". It stands for the tags py2-none-any and py3-none-any: every combination of its parts.
struct wheel_name {
    const char *normalized_name; // PEP 503
    const struct version *version;
    const char *build;           // "1abc"; empty when there is none
    struct wheel_tags pythons;   // "py3", "cp313"
    struct wheel_tags abis;      // "none", "abi3"
    struct wheel_tags platforms; // "any", "manylinux_2_17_x86_64"
};

struct sdist_name {
    const char *normalized_name;
    const struct version *version;
};

// Parses "name-version(-build)?-python-abi-platform.whl". Arena.
// Fails with: INVALID (says which part), TOO_LARGE (LIMIT_FILE_NAME_BYTES), NO_MEMORY.
enum status wheel_name_parse(struct arena *arena, struct text file_name,
                             const struct wheel_name **ret_name, struct error *err);

// Parses "name-version.tar.gz" or ".zip"; the version begins after the last '-'. Arena.
// Fails with: INVALID (says which part), TOO_LARGE, NO_MEMORY.
enum status sdist_name_parse(struct arena *arena, struct text file_name,
                             const struct sdist_name **ret_name, struct error *err);
