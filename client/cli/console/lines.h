// SPDX-License-Identifier: MIT
// --format lines: a JSON answer as records of one line each, with a tab between two fields and no head. The
// fields of a command are a promise to scripts: a new one goes to the end.
//
// A command says its fields in one text, a "form":
//     "group name version"               of the answer, or of every object of an array
//     "packages: name version"           of every object of the list "packages"
//     "walk, registry: ^group name"      of two lists; the first field is then the name of the list
// "^group" is a member of the object that holds the list; "error.message" is a member of a member; "a|b" is
// the first of two members that is there. Several forms stand one behind another with ";" between: the
// first whose list is in the answer is taken.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <jansson.h>
#include <stdio.h>

// Prints the records. NULL and absent members are empty fields; a list has commas between its items; tabs,
// line breaks and control characters are escaped. Fails with: NO_MEMORY.
enum status lines_print(struct arena *arena, FILE *stream, const char *forms, const json_t *json,
                        struct error *err);

// The fields as a person reads them: "group name version"; for several lists with "list" in front. Arena;
// NULL when out of memory.
const char *lines_fields(struct arena *arena, const char *forms);
