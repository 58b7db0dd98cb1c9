// SPDX-License-Identifier: MIT
// The type of a plain scalar. Callable from any thread.
#pragma once

#include "schema/readers/core/node.h"

// Types a plain scalar by the core rules into node->type and its value. A number that JSON cannot hold
// is NODE_OTHER. node->string is the text as written, whatever the type.
void yaml_type_scalar(struct node *node, const char *text);
