// SPDX-License-Identifier: MIT
// The parity report of one group (schema/parity.schema.json): its rules, the form that is kept, and its
// summary for the transition. Long lists are cut; their counts stay whole, also when the host has cut
// them already and says so in `counts`.
#include "registryd/request/report_fields.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/entry_point.h"
#include "schema/base/list.h"

struct list_row {
    const char *key;
    bool is_pair;     // walk and registry side by side, instead of one record
    bool is_missing;  // a host would gain or lose something: not equal
    bool is_optional; // earlier clients do not send it
};

static const struct list_row rows[] = {
    {"only_walk", false, true, false}, {"only_registry", false, true, false},
    {"value", true, true, false},      {"version", true, true, false},
    {"manifest", true, true, true},    {"unknown_version", true, false, true},
    {"shadowed", false, false, false}, {"invalid", false, false, false},
};
enum { LIST_COUNT = COUNT_OF(rows) };

struct group_report {
    const char *group;
    bool equal;
    json_int_t same;
    const json_t *lists[LIST_COUNT];
    json_int_t counts[LIST_COUNT];
};

// ---- reading ----

static void check_entry(struct report_reading *reading, const json_t *entry, const char *where,
                        const struct list_row *row, const char *group) {
    static const struct report_text name = {"name", LIMIT_SHORT_TEXT_BYTES, true, false};
    static const struct report_text of_group = {"group", LIMIT_SHORT_TEXT_BYTES, true, false};
    static const struct report_text sides[] = {{"walk", 0, true, false},
                                               {"registry", 0, true, false}};
    if (!json_is_object(entry)) {
        report_add_error(reading, "wrong-type", where, "An entry is %s, not an object",
                         json_type_name(entry));
        return;
    }
    report_member_text(reading, entry, where, &name);
    const char *own = report_member_text(reading, entry, where, &of_group);
    if (own && group && !text_equals(text_from(own), group)) {
        report_add_error(reading, "report-group-mismatch",
                         json_pointer(reading->arena, where, "group"),
                         "The entry is of \"%s\", the report of \"%s\"", own, group);
    }
    for (size_t i = 0; row->is_pair && i < COUNT_OF(sides); i++) {
        report_member(reading, entry, where, &sides[i], JSON_OBJECT);
    }
}

static void read_list(struct report_reading *reading, const json_t *object, const char *where,
                      size_t at, struct group_report *report) {
    const struct report_text member = {rows[at].key, 0, !rows[at].is_optional, false};
    const json_t *list = report_member(reading, object, where, &member, JSON_ARRAY);
    const char *here = json_pointer(reading->arena, where, rows[at].key);
    // What will be cut is not looked at: a finding about it could not be mended for anybody's good.
    for (size_t i = 0; i < json_array_size(list) && i < LIMIT_REPORT_ITEMS; i++) {
        check_entry(reading, json_array_get(list, i), json_pointer_index(reading->arena, here, i),
                    &rows[at], report->group);
    }
    report->lists[at] = list;
    report->counts[at] = (json_int_t)json_array_size(list);
}

// The whole lengths of lists that the host has cut.
static void read_counts(struct report_reading *reading, const json_t *object, const char *where,
                        struct group_report *report) {
    static const struct report_text own = {"counts", 0, false, false};
    const json_t *counts = report_member(reading, object, where, &own, JSON_OBJECT);
    const char *here = json_pointer(reading->arena, where, own.key);
    for (size_t i = 0; counts && i < LIST_COUNT; i++) {
        const struct report_text member = {rows[i].key, 0, false, false};
        const json_t *count = report_member(reading, counts, here, &member, JSON_INTEGER);
        if (!count) {
            continue;
        }
        if (json_integer_value(count) < report->counts[i]) {
            report_add_error(reading, "report-contradiction",
                             json_pointer(reading->arena, here, rows[i].key),
                             "The count is %lld, and the list has %lld entries",
                             (long long)json_integer_value(count), (long long)report->counts[i]);
        }
        report->counts[i] = json_integer_value(count);
    }
}

static json_int_t count_differences(const struct group_report *report) {
    json_int_t sum = 0;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        bool fits = rows[i].is_missing && report->counts[i] <= INT32_MAX;
        sum += fits ? report->counts[i] : rows[i].is_missing ? INT32_MAX : 0;
    }
    return sum;
}

static void read_verdict(struct report_reading *reading, const json_t *object, const char *where,
                         struct group_report *report) {
    static const struct report_text equal = {"equal", 0, true, false};
    static const struct report_text same = {"same", 0, true, false};
    const json_t *verdict = report_member(reading, object, where, &equal, JSON_TRUE);
    const json_t *number = report_member(reading, object, where, &same, JSON_INTEGER);
    report->equal = json_is_true(verdict);
    report->same = json_integer_value(number);
    if (report->same < 0) {
        report_add_error(
            reading, "report-contradiction", json_pointer(reading->arena, where, same.key),
            "There cannot be %lld entry points that are the same", (long long)report->same);
    }
    if (report->equal && count_differences(report)) {
        report_add_error(reading, "report-contradiction",
                         json_pointer(reading->arena, where, equal.key),
                         "It says that both sides are equal, and lists %lld differences",
                         (long long)count_differences(report));
    }
}

static void read_group(struct report_reading *reading, const json_t *object, const char *where,
                       struct group_report *report) {
    static const struct report_text member = {"group", LIMIT_GROUP_BYTES, true, true};
    struct error inner;
    const char *group = report_member_text(reading, object, where, &member);
    if (group && entry_point_group_check(text_from(group), &inner)) {
        report_add_error(reading, "entry-point-group-invalid",
                         json_pointer(reading->arena, where, member.key), "%s", inner.message);
    }
    report->group = group;
}

// ---- what is kept ----

static json_t *cut_list(const json_t *list) {
    scoped(cleanup_json) json_t *kept = json_array();
    for (size_t i = 0; kept && i < json_array_size(list) && i < LIMIT_REPORT_ITEMS; i++) {
        if (json_array_append(kept, json_array_get(list, i))) {
            return NULL;
        }
    }
    return take(kept);
}

static json_t *names_of(const json_t *list) {
    scoped(cleanup_json) json_t *names = json_array();
    for (size_t i = 0; names && i < json_array_size(list) && i < LIMIT_REPORT_NAMES; i++) {
        const json_t *name = json_object_get(json_array_get(list, i), "name");
        if (json_array_append(names, (json_t *)name)) {
            return NULL;
        }
    }
    return take(names);
}

static bool set_counts(json_t *object, const struct group_report *report) {
    bool done = object != NULL;
    for (size_t i = 0; done && i < LIST_COUNT; i++) {
        done = !json_object_set_new(object, rows[i].key, json_integer(report->counts[i]));
    }
    return done;
}

// The report with its lists cut, and the counts of all of them. Arena; NULL when out of memory.
static const char *encode_kept(struct report_reading *reading, const struct group_report *report) {
    json_t *counts = json_object();
    scoped(cleanup_json) json_t *object =
        json_pack("{s:s,s:b,s:I,s:o}", "group", report->group, "equal", report->equal, "same",
                  report->same, "counts", counts);
    bool done = object && set_counts(counts, report);
    for (size_t i = 0; done && i < LIST_COUNT; i++) {
        done = !json_object_set_new(object, rows[i].key, cut_list(report->lists[i]));
    }
    return done ? json_encode_canonical(reading->arena, object) : NULL;
}

// What GET /v1/transition says of the host: how it walked, counts, some names.
static const char *encode_summary(struct report_reading *reading, const struct group_report *report,
                                  json_t *origin) {
    json_t *names = json_object();
    scoped(cleanup_json) json_t *object =
        json_pack("{s:I,s:I,s:o}", "same", report->same, "differences", count_differences(report),
                  "names", names);
    bool done = object && set_counts(object, report) && !json_object_update(object, origin);
    for (size_t i = 0; done && i < LIST_COUNT; i++) {
        done = !json_object_set_new(names, rows[i].key, names_of(report->lists[i]));
    }
    return done ? json_encode_canonical(reading->arena, object) : NULL;
}

bool report_parity_decode(struct report_reading *reading, const json_t *object, const char *where,
                          json_t *origin, struct parity_report *ret_report) {
    static const char *const known[] = {
        "group", "equal",   "same",     "counts",          "only_walk", "only_registry",
        "value", "version", "manifest", "unknown_version", "shadowed",  "invalid",
    };
    size_t errors_before = reading->findings->error_count;
    struct group_report report = {0};
    if (!json_is_object(object)) {
        report_add_error(reading, "wrong-type", where, "A report is %s, not an object",
                         json_type_name(object));
        return true;
    }
    report_warn_unknown(reading, object, where, known, COUNT_OF(known));
    read_group(reading, object, where, &report);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        read_list(reading, object, where, i, &report);
    }
    read_counts(reading, object, where, &report);
    read_verdict(reading, object, where, &report);
    if (reading->findings->error_count > errors_before) {
        return true;
    }
    *ret_report = (struct parity_report){
        .group = arena_strdup(reading->arena, report.group),
        .equal = report.equal,
        .summary = encode_summary(reading, &report, origin),
        .report = encode_kept(reading, &report),
    };
    return ret_report->group && ret_report->summary && ret_report->report;
}
