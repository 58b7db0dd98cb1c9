// SPDX-License-Identifier: MIT
// Query parameters, checked against what a route knows. An unknown parameter is refused by name: a
// silent typo in `pythn=` would be answered as if nothing had been asked. Errors name the parameter
// as "?name".
#pragma once

#include "registryd/request/api.h"

struct query_rule {
    const char *name; // of a parameter that the route knows
    bool repeats;     // it may be given several times
};

// How every reading handler begins: refuses unknown and repeated parameters, and waits (at most 5 s)
// until the daemon has applied `min_serial` of the epoch `min_epoch`, which every such route takes.
// Fails with: USAGE, UNAVAILABLE (the serial is not here in time).
enum status query_begin(struct api *api, const struct request *request,
                        const struct query_rule *rules, size_t count, struct error *err);

struct query_range {
    const char *name; // of the parameter
    int64_t min;      // smallest value
    int64_t max;      // largest value
    int64_t fallback; // when the parameter is absent
};

// Fails with: USAGE.
enum status query_integer(const struct request *request, const struct query_range *range,
                          int64_t *ret_value, struct error *err);

// "1" or "true", "0" or "false"; absent is false. Fails with: USAGE.
enum status query_flag(const struct request *request, const char *name, bool *ret_value,
                       struct error *err);

// The groups of a `group` parameter that repeats: checked, sorted, each once; none is no fault here.
// Arena. Fails with: INVALID (no group name), USAGE (over LIMIT_QUERY_GROUPS), NO_MEMORY.
enum status query_groups(const struct request *request, const char *const **ret_groups,
                         size_t *ret_count, struct error *err);

// Sorts the values of a parameter that repeats, each once: the same question in another order is the same question.
// Returns how many are left.
size_t query_sort_names(const char **names, size_t count);
