// SPDX-License-Identifier: MIT
// A name that is no package is remembered as an empty one, so that it is not looked up for every question; when it
// is published, the feed finds it here and puts the package in its place.
#include "registryd/tables/required_table.h"

const char REQUIRED_GROUP[] = "\n"; // names of groups have no line feed

struct group_table *required_table_replace(const struct group_table *table, const char *name,
                                           struct package *package, int64_t serial) {
    scoped(cleanup_package) struct package *nothing = NULL;
    const struct candidate_package none = {.name = name, .status = "active"};
    if (!package && package_new(&none, &nothing, NULL)) {
        return NULL;
    }
    return group_table_replace(table, name, package ? package : nothing, serial);
}
