// SPDX-License-Identifier: MIT
// Declared conventions: a team says in a YAML file where its plugins lie, what to read there, and how
// group, name and value are made, instead of writing C. docs/CONVENTIONS.md describes the language.
// A declaration is immutable once parsed; reading a plugin by it is a pure function of bytes.
#pragma once

#include "schema/readers/core/reader.h"

enum declared_format { DECLARED_PYTHON, DECLARED_YAML, DECLARED_TOML, DECLARED_JSON };

enum { DECLARED_CAPTURES_MAX = 9 };

struct declared {
    const char *name;            // of --convention
    const char *description;     // or NULL
    const char *look;            // "*/__init__.py": "*" is one path segment
    enum declared_format format; // how the file is parsed
    const char *take; // where in the file the document is: a top-level name, a dotted key; or NULL
    const char *call; // Python: the value is a call of this name, its keywords the document
    bool project;     // the nearest pyproject.toml gives package, version and requirements
    struct strings defines; // Python: names the module must bind
    struct strings require; // keys that must be texts
    struct strings same;    // templates, two by two, that must give the same text
    const char *group;      // templates of the record
    const char *entry_name;
    const char *value;
    const char *package; // or NULL: the project's, else the entry point's name
    const char *version; // or NULL: the project's, else unknown
    const char *summary; // or NULL
};

// Parses a declaration. Everything wrong with it is a finding with file and line.
// Fails with: MALFORMED (no YAML), INVALID, NO_MEMORY.
enum status declared_parse(struct arena *arena, const struct source_file *file,
                           struct findings *findings, const struct declared **ret_declared,
                           struct error *err);

// A file that `look` matched.
struct declared_match {
    const struct source_file *file; // its bytes and its path
    struct strings captures;        // what each "*" stood for
    const struct release *project;  // of the nearest pyproject.toml, or NULL
};

// Reads the file by the declaration: a release with one entry point and the document as its manifest.
// *ret_release is NULL when no group, name and value could be made.
// Fails with: MALFORMED (the file is not what `read` says), INVALID (findings hold the errors),
// TOO_LARGE, NO_MEMORY.
enum status declared_read(struct arena *arena, const struct declared *declared,
                          const struct declared_match *match, struct findings *findings,
                          const struct release **ret_release, struct error *err);
