// SPDX-License-Identifier: MIT
// Which values of a document a schema calls "writeOnly": they may be set, and are not shown. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>

// JSON pointers into `value`, an object, sorted, none below another. A schema counts where it may apply: under "anyOf" or
// "if", too, because a value that was shown cannot be taken back. Items of an array have no places that last, so an
// array with a secret in it is secret as a whole. Arena. Fails with: INVALID (the schema is too costly to search), NO_MEMORY.
enum status json_schema_write_only(struct arena *arena, const json_t *document, const json_t *value,
                                   struct strings *ret_pointers, struct error *err);

// The same for several schemas of one value: takes doubles and what is below another out of a list, and sorts it.
void json_schema_join_pointers(struct strings *pointers);
