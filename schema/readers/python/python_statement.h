// SPDX-License-Identifier: MIT
// Simple statements of the Python parser. Inner header of python_source.
#pragma once

#include "schema/readers/python/python_parse.h"

// The simple statements of one logical line, with its NEWLINE. Assignments at module level are
// kept.
enum status python_simple_statements(struct python_parser *p);

// "[T, *Ts, **P]" of def, class and type, when it stands there.
enum status python_type_parameters(struct python_parser *p);
