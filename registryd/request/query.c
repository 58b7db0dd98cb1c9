// SPDX-License-Identifier: MIT
// Checking and reading query parameters.
// Every route declares its parameters as a table of query_rule; query_begin refuses all others
// before the handler reads any. A typo is thus an error with the parameter's name and never a
// default that was not meant.
#include "registryd/request/query.h"

#include "schema/base/limits.h"
#include "schema/packaging/entry_point.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_SERIAL_WAIT_MS = 5000 };

// Every route takes min_serial and min_epoch: a client that has just written can insist that the daemon it
// asks has seen the change, even behind a load balancer. A serial alone may be one of another epoch.
static const struct query_range everywhere[] = {
    {.name = "min_epoch", .min = 0, .max = INT64_MAX},
    {.name = "min_serial", .min = 0, .max = INT64_MAX},
};

static bool is_everywhere(const char *name) {
    return strcmp(name, everywhere[0].name) == 0 || strcmp(name, everywhere[1].name) == 0;
}

static const struct query_rule *find_rule(const struct query_rule *rules, size_t count,
                                          const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    static const struct query_rule once = {.name = "", .repeats = false};
    return is_everywhere(name) ? &once : NULL;
}

static enum status refuse(struct error *err, const char *name, const char *what) {
    char where[256];
    snprintf(where, sizeof where, "?%s", name);
    return fail(err, STATUS_USAGE, where, "The parameter \"%s\" %s", name, what);
}

// Quadratic, as the number of parameters is bounded by the length of a request line.
static bool is_repeated(const struct request *request, size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (strcmp(request->query[i].name, request->query[at].name) == 0) {
            return true;
        }
    }
    return false;
}

static enum status check_names(const struct request *request, const struct query_rule *rules,
                               size_t count, struct error *err) {
    for (size_t i = 0; i < request->query_count; i++) {
        const char *name = request->query[i].name;
        const struct query_rule *rule = find_rule(rules, count, name);
        if (!rule) {
            return refuse(err, name, "is not known here");
        }
        if (!rule->repeats && is_repeated(request, i)) {
            return refuse(err, name, "may be given only once");
        }
    }
    return STATUS_OK;
}

// What is read after this shows at least this state, so the reply may say so.
static enum status date_reply(struct api *api, const struct request *request, struct error *err) {
    struct history_point point;
    index_database_point(api->index, &point);
    const char *epoch = arena_strdup(request->arena, point.epoch);
    if (!epoch) {
        return fail_no_memory(err);
    }
    request->dated->serial = point.serial;
    request->dated->epoch = epoch;
    request->dated->epoch_number = point.epoch_number;
    return STATUS_OK;
}

enum status query_begin(struct api *api, const struct request *request,
                        const struct query_rule *rules, size_t count, struct error *err) {
    struct history_point wanted = {0};
    enum status status = check_names(request, rules, count, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &everywhere[0], &wanted.epoch_number, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &everywhere[1], &wanted.serial, err);
    if (status) {
        return status;
    }
    // 503 and not an older answer: the caller said that it would be wrong.
    bool is_asked = wanted.serial || wanted.epoch_number;
    if (is_asked && !index_wait_point(api->index, &wanted, MIN_SERIAL_WAIT_MS)) {
        return fail(err, STATUS_UNAVAILABLE, "?min_serial",
                    "This daemon has not seen change %lld yet. Retry the request.",
                    (long long)wanted.serial);
    }
    return request->dated ? date_reply(api, request, err) : STATUS_OK;
}

enum status query_integer(const struct request *request, const struct query_range *range,
                          int64_t *ret_value, struct error *err) {
    const char *text = request_query(request, range->name);
    if (!text) {
        *ret_value = range->fallback;
        return STATUS_OK;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!is_digit(text[0]) || *end || errno || value < range->min || value > range->max) {
        char what[128];
        snprintf(what, sizeof what, "must be a whole number from %lld to %lld",
                 (long long)range->min, (long long)range->max);
        return refuse(err, range->name, what);
    }
    *ret_value = value;
    return STATUS_OK;
}

enum status query_flag(const struct request *request, const char *name, bool *ret_value,
                       struct error *err) {
    const char *text = request_query(request, name);
    bool is_set = text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
    bool is_clear = !text || strcmp(text, "0") == 0 || strcmp(text, "false") == 0;
    if (!is_set && !is_clear) {
        return refuse(err, name, "must be 1 or 0");
    }
    *ret_value = is_set;
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t query_sort_names(const char **names, size_t count) {
    qsort(names, count, sizeof *names, compare_names);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept || strcmp(names[kept - 1], names[i]) != 0) {
            names[kept++] = names[i];
        }
    }
    return kept;
}

static enum status check_group(const char *group, struct error *err) {
    struct error inner = {0};
    if (!entry_point_group_may_be_stored(text_from(group)) &&
        entry_point_group_check(text_from(group), &inner)) {
        return fail(err, STATUS_INVALID, "?group", "%s", inner.message);
    }
    return STATUS_OK;
}

enum status query_groups(const struct request *request, const char *const **ret_groups,
                         size_t *ret_count, struct error *err) {
    const char **groups = arena_array(request->arena, request->query_count + 1, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, "group") != 0) {
            continue;
        }
        // The array has room for every parameter; the limit is judged afterwards, so that its
        // message is the same however many were sent.
        groups[count++] = request->query[i].value;
        enum status status = check_group(request->query[i].value, err);
        if (status) {
            return status;
        }
    }
    if (count > LIMIT_QUERY_GROUPS) {
        return fail(err, STATUS_USAGE, "?group", "A request may name at most %d groups",
                    LIMIT_QUERY_GROUPS);
    }
    *ret_count = query_sort_names(groups, count);
    *ret_groups = groups;
    return STATUS_OK;
}
