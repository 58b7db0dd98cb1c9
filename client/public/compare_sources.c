// SPDX-License-Identifier: MIT
// The sources of compare_sources.h. The registry comes first, because its decisions hold before the roots of the walk
// are merged. They hold at the level "on", whatever REGISTRYD_ENFORCE says: the comparison is about the host
// after the switch, and there the registry decides.
#include "client/public/compare_sources.h"

#include "client/walk/decide.h"

enum status compare_sources(struct arena *arena, const struct connection *connection,
                            const struct source_query *query, struct walk_query walk,
                            struct compared_sources *ret_sources, struct error *err) {
    struct compared_sources sources = {0};
    struct error fault = {0};
    enum status status = source_registry(arena, connection, query, &sources.resolution, &fault);
    if (status) {
        // a wrong root is the caller's mistake, and worth more than the news that no registry answers
        bool is_wrong = source_walk(arena, &walk, &sources.walked, err) == STATUS_USAGE;
        return is_wrong ? STATUS_USAGE : fail(err, status, fault.where, "%s", fault.message);
    }
    struct decide_rules rules = {
        .records = &sources.resolution.records,
        .decisions = &sources.resolution.decisions,
        .groups = query->groups,
        .group_count = query->group_count,
        .environment = connection->environment,
        .is_listed = sources.resolution.is_listed_only,
        .enforce = ENFORCE_ON,
    };
    status = decider_new(arena, &rules, &walk.decider, err);
    if (status) {
        return status;
    }
    walk.withheld = &sources.withheld;
    status = source_walk(arena, &walk, &sources.walked, err);
    if (status) {
        return status;
    }
    records_sort(&sources.withheld);
    *ret_sources = sources;
    return STATUS_OK;
}

struct parity_sides compare_sides(const struct compared_sources *sources) {
    return (struct parity_sides){&sources->walked, &sources->resolution.records,
                                 &sources->withheld};
}
