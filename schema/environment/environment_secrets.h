// SPDX-License-Identifier: MIT
// Secrets among settings. The document never holds their values: beside the settings of a package or an entry point it has
// the member "secrets", which says for the JSON pointer of each that it is set, when and by whom:
//
//     "settings": {"page_size": 50}, "secrets": {"/api_key": {"set_at": "2026-03-02T11:00:00.000Z", "set_by": "team/token"}}
//
// While a document is changed, a "seat" holds the place of each value: a text that nothing else can be. A change that moves,
// keeps or removes a setting then does the same to a secret. Pure; any thread.
#pragma once

#include "schema/object.h"

struct environment_secret {
    const char *pointer; // into the settings
    const char *set_at;  // RFC 3339, UTC
    const char *set_by;
};

struct environment_secrets {
    struct environment_secret *items; // sorted by pointer, each once
    size_t count;
};

// NULL = none. Borrowed.
const struct environment_secret *environment_secrets_find(const struct environment_secrets *secrets,
                                                          const char *pointer);

bool environment_secrets_same(const struct environment_secrets *a,
                              const struct environment_secrets *b);

// Decodes the member "secrets" into the struct environment_secrets at `target`.
member_decoder environment_secrets_decode;

// The member "secrets". Owned; NULL when out of memory.
json_t *environment_secrets_encode(const struct environment_secrets *secrets);

// ---- places in settings ----

// The value that a pointer names; NULL when there is none. Borrowed.
json_t *environment_pointer_get(const json_t *settings, const char *pointer);

// Puts a value there and makes the objects on the way; what is no object on the way stays, and nothing is put. Steals
// `value`. False when out of memory.
bool environment_pointer_put(json_t *settings, const char *pointer, json_t *value);

// Takes the value away; the objects on the way stay.
void environment_pointer_take(json_t *settings, const char *pointer);

// ---- documents ----

// What has settings and secrets in a document: a package, or one of its entry points.
struct settings_holder {
    const char *package;
    const char *group; // "" for a package
    const char *name;  // "" for a package
    json_t *json;      // borrowed from the document
};

// Calls `visit` for every package and entry point of a document, until it returns false. Whether all were visited.
typedef bool settings_visit(void *context, const struct settings_holder *holder);
bool environment_visit_holders(json_t *document, settings_visit *visit, void *context);

// The holder of the same name in another document; NULL = none.
json_t *environment_find_holder(const json_t *document, const struct settings_holder *holder);

// Puts the seat at the place of every secret of the document where no value is. False when out of memory.
bool environment_seat_secrets(json_t *document, const char *seat);
