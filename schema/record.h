// SPDX-License-Identifier: MIT
// A record: an entry point with its package, version, source, origin, manifest, warnings and errors;
// the unit of discovery. Walk and registry both answer with records, and the same codec writes them
// for HTTP, the command line and Python.
#pragma once

#include "schema/base/text.h"
#include "schema/finding.h"

struct record {
    const char *group;
    const char *name;
    const char *value;    // object reference; NULL on a broken plugin that has none
    const char *package;  // normalised; NULL when unknown
    const char *version;  // normalised; NULL when the source does not know it
    const char *source;   // "walk" or "registry"
    const char *label;    // of the root ("install", "data"); NULL for the registry
    const char *origin;   // the path of the plugin, or the address of the release
    const char *manifest; // compact JSON text of an object, or NULL
    struct findings findings;
    const char *shadowed_by; // origin of the record that won, or NULL
    const char *settings;    // compact JSON text of an object: what the environment sets for the
                             // package; NULL when it sets nothing
    const char *state;       // "allowed": the host's user may choose; NULL in every other case

    // of the walk alone, in no answer
    bool is_installed; // read from an installed distribution
    bool is_barren;    // broken, and read far enough to know that it has no entry points
    bool is_unplaced;  // broken, and its entry points may be of any group besides its own
};

struct records {
    struct record *items;
    size_t count;
    size_t capacity;
};

// Appends a zeroed record (findings initialised with `arena`). Borrowed until the next call; NULL
// when out of memory.
struct record *records_add(struct arena *arena, struct records *records);

// The order of every answer: group, name, package, then origin (byte-wise).
void records_sort(struct records *records);

bool record_has_errors(const struct record *record);

// {"group","name","value","package","version","source","label","origin","manifest","warnings":[],
//  "errors":[],"shadowed_by"}: every key always, null where there is nothing; and "settings" and "state"
// only when there are some. Owned; NULL = no memory.
json_t *record_encode(const struct record *record);
json_t *records_encode(const struct records *records);

// Appends what record_encode gives, as compact JSON, without making it: large answers are written so.
// The texts of manifest and settings are taken as they are. False when a text is not UTF-8, or out of
// memory.
bool record_write(struct buffer *buffer, const struct record *record);

// Reads what records_encode wrote; unknown keys are ignored. Fails with: MALFORMED, NO_MEMORY.
enum status records_decode(struct arena *arena, const json_t *array, struct records *ret_records,
                           struct error *err);
