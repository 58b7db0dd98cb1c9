// SPDX-License-Identifier: MIT
// The parity report of one group (schema/parity.schema.json): its rules, the form that is kept, and its
// summary for the transition. Long lists are cut; their counts stay whole, also when the host has cut
// them already and says so in `counts`.
#include "registryd/api/reports/report_parity.h"

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

// `counts` has the same keys. A new kind of difference is one row here and in schema/parity.c.
static const struct list_row rows[] = {
    {"only_walk", false, true, false}, {"only_registry", false, true, false},
    {"value", true, true, false},      {"version", true, true, false},
    {"manifest", true, true, true},    {"unknown_version", true, false, true},
    {"shadowed", false, false, false}, {"invalid", false, false, false},
    {"withheld", false, false, true},
};
enum { LIST_COUNT = COUNT_OF(rows) };

struct group_report {
    const char *group;
    bool equal;
    int64_t same;
    const json_t *sent_counts; // of lists that the host has cut; NULL when it cut none
    const json_t *lists[LIST_COUNT];
    int64_t counts[LIST_COUNT];
};

// ---- reading ----

// What is read of an entry; the rest is kept as it is.
struct report_entry {
    const char *name;
    const char *group;
    const json_t *walk;
    const json_t *registry;
};

static void check_entry(struct object_reader *reader, const json_t *value, const char *where,
                        const struct list_row *row, const char *group) {
    const struct object_member members[] = {
        {"name", MEMBER_TEXT, offsetof(struct report_entry, name), .required = true,
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"group", MEMBER_TEXT, offsetof(struct report_entry, group), .required = true,
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"walk", MEMBER_OBJECT, offsetof(struct report_entry, walk), .required = row->is_pair},
        {"registry", MEMBER_OBJECT, offsetof(struct report_entry, registry),
         .required = row->is_pair},
    };
    struct report_entry entry = {0};
    struct object_reader quiet = *reader;
    quiet.ignores_unknown_keys = true; // an entry is a record, with all its members
    object_decode(&quiet, where, value, members, row->is_pair ? COUNT_OF(members) : 2, &entry);
    if (entry.group && group && strcmp(entry.group, group) != 0) {
        object_add_error(
            reader, "report-group-mismatch", json_pointer(reader->arena, where, "group"),
            "The entry belongs to the group \"%s\", the report to \"%s\"", entry.group, group);
    }
}

// What will be cut is not checked: nothing of it is kept.
static void check_list(struct object_reader *reader, const char *where, size_t at,
                       struct group_report *report) {
    const json_t *list = report->lists[at];
    const char *here = json_pointer(reader->arena, where, rows[at].key);
    for (size_t i = 0; i < json_array_size(list) && i < LIMIT_REPORT_ITEMS; i++) {
        check_entry(reader, json_array_get(list, i), json_pointer_index(reader->arena, here, i),
                    &rows[at], report->group);
    }
    report->counts[at] = (int64_t)json_array_size(list);
}

// The whole lengths of lists that the host has cut.
static void read_counts(struct object_reader *reader, const char *where,
                        struct group_report *report) {
    struct object_member members[LIST_COUNT];
    int64_t counts[LIST_COUNT];
    const char *here = json_pointer(reader->arena, where, "counts");
    if (!report->sent_counts) {
        return;
    }
    for (size_t i = 0; i < LIST_COUNT; i++) {
        // The table is made at run time because its keys are those of `rows`; offsets count in
        // `counts`.
        members[i] = (struct object_member){rows[i].key, MEMBER_INTEGER, i * sizeof counts[0],
                                            .min = INT64_MIN};
        counts[i] = report->counts[i];
    }
    object_decode(reader, here, report->sent_counts, members, LIST_COUNT, counts);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (counts[i] < report->counts[i]) {
            object_add_error(reader, "report-contradiction",
                             json_pointer(reader->arena, here, rows[i].key),
                             "The count is %lld, but the list has %lld entries",
                             (long long)counts[i], (long long)report->counts[i]);
        }
        report->counts[i] = counts[i];
    }
}

static int64_t count_differences(const struct group_report *report) {
    int64_t sum = 0;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        // A client may send any count. Each is capped before the addition, so the sum cannot
        // overflow.
        bool fits = rows[i].is_missing && report->counts[i] <= INT32_MAX;
        sum += fits ? report->counts[i] : rows[i].is_missing ? INT32_MAX : 0;
    }
    return sum;
}

static bool is_empty(const struct group_report *report) {
    bool found = report->same > 0;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        found = found || report->counts[i] > 0;
    }
    return !found;
}

static void check_verdict(struct object_reader *reader, const char *where,
                          const struct group_report *report) {
    int64_t differences = count_differences(report);
    if (report->same < 0) {
        object_add_error(reader, "report-contradiction", json_pointer(reader->arena, where, "same"),
                         "The number of equal entry points cannot be %lld",
                         (long long)report->same);
    }
    if (report->equal && differences) {
        object_add_error(reader, "report-contradiction",
                         json_pointer(reader->arena, where, "equal"),
                         "The report says that both sides are equal, and lists %lld differences",
                         (long long)differences);
    }
}

static void decode_group(struct object_reader *reader, const char *where, const json_t *value,
                         void *target) {
    struct group_report *report = target;
    struct error why;
    const char *group = object_text(reader, where, value, LIMIT_GROUP_BYTES, true);
    if (group && !entry_point_group_may_be_stored(text_from(group)) &&
        entry_point_group_check(text_from(group), &why)) {
        object_add_cause(reader, "entry-point-group-invalid", where, &why);
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
static const char *encode_kept(struct object_reader *reader, const struct group_report *report) {
    // `counts` is owned by `object` as soon as json_pack has taken it, and filled afterwards.
    json_t *counts = json_object();
    scoped(cleanup_json) json_t *object =
        json_pack("{s:s,s:b,s:I,s:o}", "group", report->group, "equal", report->equal, "same",
                  (json_int_t)report->same, "counts", counts);
    bool done = object && set_counts(counts, report);
    for (size_t i = 0; done && i < LIST_COUNT; i++) {
        done = !json_object_set_new(object, rows[i].key, cut_list(report->lists[i]));
    }
    return done ? json_encode_canonical(reader->arena, object) : NULL;
}

// What GET /v1/transition says of the host: how it walked, counts, some names.
static const char *encode_summary(struct object_reader *reader, const struct group_report *report,
                                  json_t *origin) {
    json_t *names = json_object();
    scoped(cleanup_json) json_t *object =
        json_pack("{s:I,s:I,s:o}", "same", (json_int_t)report->same, "differences",
                  (json_int_t)count_differences(report), "names", names);
    bool done = object && set_counts(object, report) && !json_object_update(object, origin);
    for (size_t i = 0; done && i < LIST_COUNT; i++) {
        done = !json_object_set_new(names, rows[i].key, names_of(report->lists[i]));
    }
    return done ? json_encode_canonical(reader->arena, object) : NULL;
}

bool report_parity_decode(struct object_reader *reader, const json_t *object, const char *where,
                          json_t *origin, struct parity_report *ret_report) {
    struct object_member members[LIST_COUNT + 4] = {
        {"group", MEMBER_CUSTOM, .required = true, .decode = decode_group},
        {"equal", MEMBER_FLAG, offsetof(struct group_report, equal), .required = true},
        {"same", MEMBER_INTEGER, offsetof(struct group_report, same), .required = true,
         .min = INT64_MIN},
        {"counts", MEMBER_OBJECT, offsetof(struct group_report, sent_counts)},
    };
    struct group_report report = {0};
    size_t errors_before = reader->findings->error_count;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        size_t offset = offsetof(struct group_report, lists) + i * sizeof report.lists[0];
        members[4 + i] = (struct object_member){rows[i].key, MEMBER_ARRAY, offset,
                                                .required = !rows[i].is_optional};
    }
    object_decode(reader, where, object, members, COUNT_OF(members), &report);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        check_list(reader, where, i, &report);
    }
    read_counts(reader, where, &report);
    check_verdict(reader, where, &report);
    if (reader->findings->error_count > errors_before) {
        return true;
    }
    *ret_report = (struct parity_report){
        .group = report.group,
        .equal = report.equal,
        .is_empty = is_empty(&report),
        .summary = encode_summary(reader, &report, origin),
        .report = encode_kept(reader, &report),
    };
    return ret_report->summary && ret_report->report;
}
