// SPDX-License-Identifier: MIT
// The addresses of a Mountaineer plugin's controllers: `url = "/notes"` in the body of a class. Read, not run.
#pragma once

#include "schema/readers/python/python_module.h"

#include <jansson.h>

// Adds the first part of each literal url of the module as a key of the object. False when out of memory.
bool mountaineer_urls_add(const struct python_module *module, json_t *prefixes);
