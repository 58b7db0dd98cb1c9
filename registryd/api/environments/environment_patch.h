// SPDX-License-Identifier: MIT
// A merge patch of an environment's document, before it is applied: its keys are brought to the
// spelling that stands in documents, so that null takes away what was meant, and it is judged like a
// document, so that a key no document has is refused.
#pragma once

#include "schema/environment/environment.h"

// Judges *body, which may be replaced by its normal spelling. Fails with: INVALID (findings), NO_MEMORY.
enum status environment_patch_check(struct arena *arena, json_t **body, struct findings *findings,
                                    struct error *err);

// Takes a pointer off the beginning of the places of all findings and of the error: for addresses that name a part of
// the document.
void environment_patch_strip(const char *prefix, struct findings *findings, struct error *err);

// For the address of one plugin: findings in "/plugins/PACKAGE/…" are reported as "/…", and a package
// that is not there as NOT_FOUND. Returns the status to answer with; `status` and *err are what was
// found.
enum status environment_patch_localize(struct arena *arena, const char *package,
                                       struct findings *findings, enum status status,
                                       struct error *err);
