// SPDX-License-Identifier: MIT
// Environment markers (PEP 508): `python_version >= "3.8" and os_name == "posix"`, evaluated with
// three values: a marker over an environment that does not say everything is true, false, or
// unknown because of a variable that is named. Parsed markers are immutable and live in the arena
// they were parsed into. Callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/packaging/version/version.h"

enum marker_variable {
    MARKER_OS_NAME,                        // "posix", "nt"
    MARKER_SYS_PLATFORM,                   // "linux", "darwin", "win32"
    MARKER_PLATFORM_MACHINE,               // "x86_64"
    MARKER_PLATFORM_PYTHON_IMPLEMENTATION, // "CPython"
    MARKER_PLATFORM_RELEASE,               // of the kernel: "5.15.0"
    MARKER_PLATFORM_SYSTEM,                // "Linux", "Windows"
    MARKER_PLATFORM_VERSION,               // of the kernel's build: "#1 SMP Debian …"
    MARKER_PYTHON_VERSION,                 // "3.12"
    MARKER_PYTHON_FULL_VERSION,            // "3.12.1"
    MARKER_IMPLEMENTATION_NAME,            // "cpython"
    MARKER_IMPLEMENTATION_VERSION,         // "3.12.1"
    MARKER_EXTRA,                          // a set: which extras are asked for
    MARKER_VARIABLE_COUNT
};

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

// The answer; `unknown` is the variable that decides, and stands only with TRUTH_UNKNOWN.
struct marker_result {
    enum truth truth;             // false, true or unknown
    enum marker_variable unknown; // the variable to blame; only with TRUTH_UNKNOWN
};

struct marker;

// What is known of an environment. Filled by the functions below; texts live in its arena.
// On a host with "python_version" 3.12 and no word about "os_name", these are the answers:
//
//     python_version >= "3.8"                                true
//     python_version < "3.8" and os_name == "posix"          false: one term decides
//     python_version >= "3.8" and os_name == "posix"         unknown, because of os_name
struct marker_environment {
    struct arena *arena;
    const char *values[MARKER_VARIABLE_COUNT];             // NULL: unknown
    const struct version *versions[MARKER_VARIABLE_COUNT]; // NULL: not a version
    const char **extras;                                   // normalised; always known, often none
    size_t extra_count;
};

// "python_version". Static.
const char *marker_variable_name(enum marker_variable variable);

// Finds a variable by its name or an old spelling of it ("os.name", "python_implementation").
bool marker_variable_find(struct text name, enum marker_variable *ret_variable);

// Nothing known, no extras.
void marker_environment_init(struct marker_environment *environment, struct arena *arena);

// Says the value of a variable; MARKER_EXTRA adds one extra to those there are. python_version,
// python_full_version and implementation_version must be versions: one that is not would decide
// markers in silence.
// Fails with: INVALID (not UTF-8, control characters, no version, no extra's name), TOO_LARGE,
// NO_MEMORY.
enum status marker_environment_set(struct marker_environment *environment,
                                   enum marker_variable variable, struct text value,
                                   struct error *err);

// Parses the version of a Python. A build without a tag calls itself "3.13.0+": that is read as
// "3.13.0+local", as packaging does.
// Fails with: INVALID (not a version), TOO_LARGE, NO_MEMORY.
enum status python_version_parse(struct arena *arena, struct text text,
                                 const struct version **ret_version, struct error *err);

// Says the Python version: "3.11" makes python_version known, "3.11.4" python_full_version too.
// Fails with: INVALID (not a version), TOO_LARGE, NO_MEMORY.
enum status marker_environment_set_python(struct marker_environment *environment, struct text text,
                                          struct error *err);

// Parses a marker. Arena. Fails with: INVALID (says where), TOO_LARGE (LIMIT_REQUIREMENT_BYTES,
// LIMIT_MARKER_DEPTH), NO_MEMORY.
enum status marker_parse(struct arena *arena, struct text text, const struct marker **ret_marker,
                         struct error *err);

// The normal form: modern names, double quotes, single spaces, no parentheses around one comparison
// or around the whole. Borrowed from the marker.
const char *marker_string(const struct marker *marker);

// Versions are compared as specifiers do, with pre-releases; text that is no version, only for
// equality. A comparison that has no meaning ("~=" on text) is unknown. Cannot fail.
struct marker_result marker_evaluate(const struct marker *marker,
                                     const struct marker_environment *environment);
