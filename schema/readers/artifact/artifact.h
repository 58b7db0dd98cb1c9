// SPDX-License-Identifier: MIT
// Artifacts: the bytes of a wheel or an sdist -> release. What the file says of itself is the truth:
// core metadata, and for a wheel its entry_points.txt. Nothing is unpacked to disk and only the named
// metadata members are inflated (limits.h). The file's framing is checked before any library sees it.
#pragma once

#include "schema/readers/core/reader.h"

enum artifact_kind { ARTIFACT_WHEEL, ARTIFACT_SDIST };

// The files that a wheel puts into one folder of an installation. A file at the top of site-packages, where all
// packages meet, is a folder of its own: path "crm.py" with the one name "".
struct wheel_folder {
    const char *path;  // "plugins/crm"; "{scripts}/crm" and "{data}/etc" lie outside site-packages
    const char *names; // of its files, one a line, sorted
};
struct wheel_folders {
    struct wheel_folder *items; // sorted by path, byte-wise
    size_t count;
};

// What is kept beside the release: one row per file in the registry.
struct artifact {
    enum artifact_kind kind;
    const char *filename; // without its directory
    struct strings tags;  // a wheel's "py3-none-any", expanded, in the order of its name; else none
    const char *metadata; // METADATA or PKG-INFO as it stands in the file
    size_t metadata_len;
    const char *generator;        // the program that made a wheel, as WHEEL says; NULL: it does not
    struct wheel_folders folders; // of a wheel, as it is installed
    uint8_t sha256[32];           // of the whole file
    size_t size;                  // bytes
};

// Reads a wheel (.whl) or an sdist (.tar.gz, .zip), told apart by the last part of file->path, which
// must be a valid artifact file name that agrees with the metadata. Arena.
// Fails with: INVALID (file name, metadata or a member breaks a rule; findings hold the errors, each
// attack on the framing with its own code), MALFORMED (no archive at all), TOO_LARGE, NO_MEMORY.
enum status artifact_read(struct arena *arena, const struct source_file *file,
                          struct findings *findings, const struct release **ret_release,
                          struct artifact *ret_artifact, struct error *err);
