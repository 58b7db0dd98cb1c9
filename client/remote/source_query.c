// SPDX-License-Identifier: MIT
// The question of source_registry.h as text. Apart from source_registry.c, so that what only reads files
// can be linked without libcurl.
#include "client/remote/source_registry.h"

const char *source_query_string(struct arena *arena, const char *environment,
                                const struct source_query *query) {
    size_t count = query->group_count + query->fact_count + 3;
    struct query_parameter *parts = arena_array(arena, count, sizeof *parts);
    size_t at = 0;
    if (!parts) {
        return NULL;
    }
    parts[at++] = (struct query_parameter){"environment", environment};
    parts[at++] = (struct query_parameter){"python", query->python};
    parts[at++] = (struct query_parameter){"prereleases", query->prereleases ? "1" : NULL};
    for (size_t i = 0; i < query->group_count; i++) {
        parts[at++] = (struct query_parameter){"group", query->groups[i]};
    }
    for (size_t i = 0; i < query->fact_count; i++) {
        parts[at++] = query->facts[i];
    }
    return query_string_write(arena, parts, at);
}
