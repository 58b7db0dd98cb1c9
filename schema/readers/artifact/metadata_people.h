// SPDX-License-Identifier: MIT
// Authors and addresses of core metadata, which are texts with a form of their own. Internal to
// metadata_release.
#pragma once

#include "schema/packaging/metadata/core_metadata.h"
#include "schema/readers/core/reader_add.h"

// Adds the authors of Author and Author-email (each may be NULL): a list of mailboxes
// ("Name <a@b>, c@d"); a lone Author and a lone bare address are one person.
void metadata_add_authors(struct reader *reader, const char *author, const char *emails,
                          struct release *release);

// Adds Project-URL ("label, URL"), Home-page and Download-URL. What is no web address, or has a label
// a document cannot carry, is left out with a warning.
void metadata_add_urls(struct reader *reader, const char *member,
                       const struct core_metadata *metadata, struct release *release);
