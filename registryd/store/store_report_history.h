// SPDX-License-Identifier: MIT
// The part of the store that tells how a host's reports went over time. Everything store.h says of its
// calls holds here.
#pragma once

#include "registryd/store/store.h"

// One report, in counts of entry points.
struct report_point {
    int64_t at_ms; // Unix time
    bool equal;
    int64_t same;
    int64_t only_walk;
    int64_t only_registry;
    int64_t changed; // other value or version
};
struct report_points {
    struct report_point *items; // the oldest first
    size_t count;
};
// The reports that are kept of one host and group.
enum status store_report_history_load(struct store *store, struct arena *arena,
                                      const struct transition_row *row,
                                      struct report_points *ret_points, struct error *err);
