// SPDX-License-Identifier: MIT
// The index pages of an export (PEP 503, 592, 629, 658, 691, 700, 714, 792), which any web server can serve: relative
// addresses, no negotiation. Pure.
#pragma once

#include "client/mirror/statement.h"

// Which of the package's releases the export holds: all, or one.
struct export_part {
    const struct statement_package *package;
    const char *version; // normalised; NULL: all
};

// Whether the export holds the release.
bool export_part_has(const struct export_part *part, const struct statement_release *release);

// The pages of a package. A buffer that fails says so itself.
void export_page_html(const struct export_part *part, struct buffer *page);
void export_page_json(const struct export_part *part, struct buffer *page);

// The list of packages; `packages` is an object with a member for each name.
void export_list_html(const json_t *packages, struct buffer *page);
void export_list_json(const json_t *packages, struct buffer *page);
