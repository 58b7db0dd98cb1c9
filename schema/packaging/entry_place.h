// SPDX-License-Identifier: MIT
// Where a plugin is found: a package, or one entry point of it. Documents and commands write it as one text,
// "crm-tools" or "crm-tools:acme.plugins:mail". Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct entry_place {
    const char *package; // normalised
    const char *group;   // NULL = the whole package
    const char *name;    // NULL = the whole package; may hold colons
    const char *text;    // the normal form of the three
};

// Reads such a text. Arena. Fails with: INVALID (says what is wrong with which part), NO_MEMORY.
enum status entry_place_parse(struct arena *arena, struct text text, struct entry_place *ret_place,
                              struct error *err);
