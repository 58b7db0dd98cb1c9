// SPDX-License-Identifier: MIT
// A text of a stranger as markup: the description of a package, or a file of an archive. Runs in the confined helper.
#pragma once

#include "registryd/readme/markup.h"

enum { README_BYTES_MAX = 64 * 1024 }; // more is cut, and said so

// `content_type` as in the release document; empty or unknown is plain text. Any bytes that are UTF-8.
void readme_add(struct markup *markup, struct text description, struct text content_type);

// A file of a package, in the colours of its language. Any bytes; what is no text is shown as a note alone.
void readme_add_file(struct markup *markup, struct text path, struct text bytes);
