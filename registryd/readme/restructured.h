// SPDX-License-Identifier: MIT
// reStructuredText as text: its headings, paragraphs, points and code stand apart, its directives are left as they are.
#pragma once

#include "registryd/readme/markup.h"

// Any UTF-8 without NUL.
void restructured_add(struct markup *markup, struct text text);
