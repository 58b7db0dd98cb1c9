// SPDX-License-Identifier: MIT
// An environment: a named deployment of a host. Its document says what is known of it (facts), what it
// takes (policy), which permissions the host knows, and what is decided plugin by plugin: enabled or
// not, a pin, settings. The store keeps every revision as a whole document; the index selects by it.
// docs/ENVIRONMENTS.md describes the document. Everything hangs in the arena given; a decoded
// environment is not written again, so any thread may read it.
#pragma once

#include "schema/base/text.h"
#include "schema/environment/environment_entries.h"
#include "schema/environment/environment_exceptions.h"
#include "schema/environment/environment_secrets.h"
#include "schema/finding.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEFAULT_SNAPSHOT_AGE_SECONDS = 30 * 24 * 3600 };

struct environment_pair {
    const char *name;  // of a distribution or a marker variable
    const char *value; // its version or its value
};

// What is decided about one package.
struct environment_plugin {
    const char *package;                 // normalised
    enum environment_plugin_state state; // what somebody decided; unset: the policy applies
    const char *pin;                     // the normal form of a specifier set; NULL = none
    const char *held_to;  // that pin together with those of single entry points; NULL = none
    const char *settings; // canonical JSON of an object with members; NULL = none
    struct strings secret_settings;     // JSON pointers into settings, sorted, each once
    struct environment_secrets secrets; // that are set; their values are kept elsewhere
    struct environment_exceptions exceptions;
    struct environment_entries entries; // what is decided about single entry points
    bool accepts_unknown_permissions;   // manifests that cannot be read are no hindrance
};

// A decoded document, all values in their normal form:
//
//     {"facts": {…}, "policy": {"plugins": "listed", "min_age_seconds": 604800},
//      "permissions": ["net"], "plugins": {"crm": {"state": "enabled", "pin": "==1.2"}}}
struct environment {
    const char *name;        // NULL until the caller says it: the document does not hold it
    const char *description; // NULL = none
    const char *python;      // normalised version; NULL = any
    struct environment_pair *markers; // modern names, in the order of enum marker_variable
    size_t marker_count;
    struct environment_pair *have; // names and versions normalised, sorted by name
    size_t have_count;
    const char **tags;       // "cp311-cp311-linux_x86_64", lower-case, best first, each once
    size_t tag_count;        // 0 = not given
    bool is_listed_only;     // only packages that are enabled by name
    bool prereleases;        // pre-releases may be chosen
    int64_t min_age_seconds; // of a release
    int64_t max_snapshot_age_seconds; // after which hosts report an error; 0 = no limit
    bool has_permissions;             // false: the host does not say which permissions it knows
    const char **permissions;         // sorted, each once
    size_t permission_count;
    struct environment_plugin *plugins; // sorted by package
    size_t plugin_count;
    bool has_entry_rules; // a plugin of them has rules about single entry points
    int64_t revision;     // 0 until the caller says it
};

// Whether `name` may name an environment: lower-case ASCII letters and digits, inside also '-', '_' and
// '.', at most LIMIT_NAME_BYTES. Fails with: INVALID (says what a name may hold).
enum status environment_name_check(struct text name, struct error *err);

// Reads a document. Every value is checked and brought to its normal form: the Python version, the names
// and values of markers, names and versions of what the environment has, tags, pins, settings; null
// counts as absent. Unknown keys are refused: a decision with a slip in its name is none. All faults are
// errors in `findings`, each with its JSON pointer. Arena; `document` is only read.
// Fails with: INVALID (findings hold the errors), NO_MEMORY.
enum status environment_decode(struct arena *arena, const json_t *document,
                               struct findings *findings, struct environment *ret_environment,
                               struct error *err);

// As environment_decode, of JSON text. Fails with: TOO_LARGE (LIMIT_ENVIRONMENT_BYTES), MALFORMED too.
enum status environment_parse(struct arena *arena, struct text text, struct findings *findings,
                              struct environment *ret_environment, struct error *err);

// The document of an environment. What is absent, empty or the default is left out, so that equal
// environments have equal documents. Owned; NULL when out of memory.
json_t *environment_encode(const struct environment *environment);

// What is decided about a package (normalised name); NULL = nothing.
const struct environment_plugin *environment_find_plugin(const struct environment *environment,
                                                         const char *package);

// The exception of a package for a code, also one that is over; NULL = none. `plugin` may be NULL.
const struct environment_exception *
environment_find_exception(const struct environment_plugin *plugin, const char *code);

// The version that the environment has of a package (normalised name); NULL = it is not there.
const char *environment_find_version(const struct environment *environment, const char *package);

// Whether the host knows a permission; true for all when it does not say.
bool environment_knows_permission(const struct environment *environment, const char *permission);
