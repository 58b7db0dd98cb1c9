// SPDX-License-Identifier: MIT
// What the files that decode environment documents share. Internal to this folder.
#pragma once

#include "schema/environment/environment.h"
#include "schema/object.h"

// Decodes the member "facts" into the struct environment at `target` (environment_facts.c).
member_decoder environment_decode_facts;

// Takes the neighbours that are equal out of a sorted list of texts.
size_t environment_drop_equal(const char **items, size_t count);
