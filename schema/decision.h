// SPDX-License-Identifier: MIT
// A decision: what the registry knows about a package of a group besides its records. It says that a
// plugin must not run (withhold), that it may run with a warning (warn), or what the environment sets for
// it. Answers to resolve and snapshots carry decisions beside records, so they also hold offline.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>
#include <stdbool.h>

// The codes of this version. A reader keeps rows with other codes; a host ignores them.
// What each is about, in the order of precedence:
//
//     quarantined           a package, or one version, that is no longer served
//     disabled              a package that the environment disables
//     not-enabled           a package that an environment of listed packages does not list
//     unapproved            a package or a version that waits for approval
//     blocked-by-advisory   a version with a security advisory
//     unknown-permission    a version that asks for a permission the environment does not list
//     yanked                one version that was taken back
//     deprecated            a package that its owner asks hosts to leave
//     outside-pin           a package that the environment pins to other versions
//     advisory              a version with a less severe advisory
//     alias                 an old name of an entry point that has another one now
//     enabled               an entry point that the environment enables, whatever it decides about its package
//     group-deprecated      a group that its owner asks hosts to leave
//     settings              what the environment sets for a package
//     known                 nothing was decided: the registry merely has the package
//     owner                 nothing was decided: the package is of the team that owns the group
#define DECISION_CODE_QUARANTINED "quarantined"
#define DECISION_CODE_DISABLED "disabled"
#define DECISION_CODE_NOT_ENABLED "not-enabled"
#define DECISION_CODE_UNAPPROVED "unapproved"
#define DECISION_CODE_BLOCKED_BY_ADVISORY "blocked-by-advisory"
#define DECISION_CODE_UNKNOWN_PERMISSION "unknown-permission"
#define DECISION_CODE_YANKED "yanked"
#define DECISION_CODE_DEPRECATED "deprecated"
#define DECISION_CODE_OUTSIDE_PIN "outside-pin"
#define DECISION_CODE_ADVISORY "advisory"
#define DECISION_CODE_ALIAS "alias"
#define DECISION_CODE_ENABLED "enabled"
#define DECISION_CODE_GROUP_DEPRECATED "group-deprecated"
#define DECISION_CODE_SETTINGS "settings"
#define DECISION_CODE_KNOWN "known"
#define DECISION_CODE_OWNER "owner"

// In place of a package, with the code owner: all packages that the answer gives in the group; with the code
// group-deprecated: the group itself.
#define DECISION_ALL_PACKAGES "*"

// What a host does about a plugin that a decision matches.
enum decision_effect {
    DECISION_WITHHOLDS, // the plugin is not loaded
    DECISION_WARNS,     // it is loaded, with a warning
    DECISION_EXEMPTS,   // what the environment decided about its package does not withhold it
    DECISION_SETS,      // settings for the record
    DECISION_INFORMS,   // says what the registry knows of the package or group; about no plugin
    DECISION_UNKNOWN,   // a code of a later version
};

struct decision {
    const char *group;
    const char *package; // normalised
    const char
        *name; // of the entry point; with alias the old one; NULL with the codes known, owner and
               // group-deprecated, and with settings of a whole package
    const char *version;  // normalised; NULL = the whole package
    const char *code;     // DECISION_CODE_…
    const char *message;  // one sentence for people; NULL with the codes known and owner
    const char *since;    // RFC 3339, UTC; NULL = unknown
    const char *by;       // actor, as in the audit; NULL = unknown
    const char *pin;      // outside-pin: the specifier set; else NULL
    const char *settings; // settings: compact JSON of an object; else NULL
    // What to use instead; NULL = nothing. alias: the entry point's name, in the same group and package;
    // deprecated: "package" or "package:group:name"; group-deprecated: a group
    const char *successor;
    bool by_name;        // also matches a walked plugin of an unknown package by group and name
    bool entry_only;     // about the entry point with this name, and no other one of the package
    bool of_environment; // a warning that the environment made and not the registry; in no answer
};

struct decisions {
    struct decision *items;
    size_t count;
    size_t capacity;
};

// Appends a zeroed decision. Borrowed until the next call; NULL when out of memory.
struct decision *decisions_add(struct arena *arena, struct decisions *decisions);

// The order of every answer: group, package, name, code, version (byte-wise, NULL first); then rows about all of
// a package before those about the entry point alone.
void decisions_sort(struct decisions *decisions);

// What the code means; withholding codes have the ranks 0, 1, … in their order of precedence.
enum decision_effect decision_effect(const char *code);
size_t decision_rank(const char *code);

// Whether the row decides nothing (known, owner). Such rows have lists of their own in an answer, and the list
// "decisions" leaves them out.
bool decision_informs(const struct decision *decision);

// Whether the team that owns the group publishes the package. The rows are sorted.
bool decisions_have_owner(const struct decisions *decisions, const char *group,
                          const char *package);

// The first of the sorted rows that does not come before (group, package).
size_t decisions_seek(const struct decisions *decisions, const char *group, const char *package);

// {"package","group","name","version","code","message","since","by","by_name"}: every key always, null
// where there is nothing; "pin", "successor", "settings" and "entry_only" only where the row has them. Owned;
// NULL = no memory.
//
//     {"package": "crm", "group": "acme.plugins", "name": "mail", "version": "1.2",
//      "code": "yanked", "message": "…", "since": "2026-03-01T09:30:00Z", "by": null,
//      "by_name": false}
json_t *decision_encode(const struct decision *decision);

// The list of all rows that decide something. Owned; NULL = no memory.
json_t *decisions_encode(const struct decisions *decisions);

// The rows of one code that informs, as [{"group","package"}]. Owned; NULL = no memory.
json_t *decisions_encode_packages(const struct decisions *decisions, const char *code);

// Appends three members of an object as compact JSON, without making a tree, the first without a comma:
//
//     "decisions":[…],"known":[{"group","package"}…],"owners":[{"group","package"}…]
//
// False when a text is not UTF-8, or out of memory.
bool decisions_write(struct buffer *buffer, const struct decisions *decisions);

// Reads those members of an object, unknown keys ignored, and sorts the rows. "known" and "owners" may be absent.
// Fails with: MALFORMED, NO_MEMORY.
enum status decisions_decode(struct arena *arena, const json_t *document,
                             struct decisions *ret_decisions, struct error *err);
