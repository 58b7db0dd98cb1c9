// SPDX-License-Identifier: MIT
// JSON merge patches (RFC 7396): an object says what to set, null what to take away, anything else
// replaces the whole. Pure; callable from any thread.
#pragma once

#include <jansson.h>

// What `target` (NULL = nothing there) becomes under `patch`; neither is altered, and the result may
// share parts with both. As deep as the patch nests. Owned; NULL when out of memory.
json_t *merge_patch_apply(json_t *target, json_t *patch);
