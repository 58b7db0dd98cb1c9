// SPDX-License-Identifier: MIT
// The body of POST /v1/reports: who reports, from where, and the list of reports; one report of a group is decoded in
// report_parity.c. Reports come from many versions of clients, so an unknown member is a warning here. What is
// kept of a report is encoded anew from what was decoded; no byte of the body reaches the database unread.
#include "registryd/api/reports/report_document.h"

#include "registryd/api/reports/report_parity.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { PATH_BYTES_MAX = 4096, DAY_SECONDS = 86400 };

static bool is_known_mode(const char *mode) {
    static const char *const modes[] = {"walk", "walk-first", "registry-first", "registry",
                                        "compare"};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        if (strcmp(modes[i], mode) == 0) {
            return true;
        }
    }
    return false;
}

// The members of a report as they were sent. Arrays are borrowed from the JSON.
struct sent {
    const char *host;
    const char *environment;
    const char *convention;
    const char *mode;
    int64_t for_seconds; // how long its reports must agree until a switch is safe
    bool allow_empty;    // an empty group is meant to be empty
    const json_t *roots;
    const json_t *reports;
};

static void decode_mode(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct sent *sent = target;
    const char *mode = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (mode && !is_known_mode(mode)) {
        object_add_error(reader, "mode-unknown", where,
                         "Unknown mode \"%s\". Use walk, walk-first, registry-first, registry or "
                         "compare.",
                         mode);
    }
    sent->mode = mode;
}

struct root {
    const char *label;
    const char *path;
};

// Copied member by member: what else a client sends of a root is dropped with a warning.
static json_t *read_root(struct object_reader *reader, const json_t *value, size_t index) {
    static const struct object_member members[] = {
        {"label", MEMBER_TEXT, offsetof(struct root, label), .max = LIMIT_SHORT_TEXT_BYTES},
        {"path", MEMBER_TEXT, offsetof(struct root, path), .max = PATH_BYTES_MAX},
    };
    struct root root = {0};
    object_decode(reader, json_pointer_index(reader->arena, "/roots", index), value, members,
                  COUNT_OF(members), &root);
    return json_pack("{s:s?,s:s?}", "label", root.label, "path", root.path);
}

// {"convention","mode","for_seconds","roots"}: how the host walked, and how long it wants to agree. Owned; NULL when out of memory.
static json_t *read_origin(struct object_reader *reader, const struct sent *sent) {
    scoped(cleanup_json) json_t *roots = json_array();
    for (size_t i = 0; roots && i < json_array_size(sent->roots); i++) {
        if (json_array_append_new(roots, read_root(reader, json_array_get(sent->roots, i), i))) {
            return NULL;
        }
    }
    return json_pack("{s:s?,s:s?,s:I,s:o}", "convention", sent->convention, "mode", sent->mode,
                     "for_seconds", (json_int_t)sent->for_seconds, "roots", take(roots));
}

// Linear, as a request has few groups. Two reports of one group in one request contradict each
// other.
static void check_repeated(struct object_reader *reader, const struct parity_report *items,
                           size_t at, const char *where) {
    for (size_t i = 0; items[at].group && i < at; i++) {
        if (items[i].group && strcmp(items[i].group, items[at].group) == 0) {
            object_add_error(reader, "report-duplicate", where,
                             "The request already holds a report of the group \"%s\"",
                             items[at].group);
            return;
        }
    }
}

static enum status read_reports(struct object_reader *reader, const struct sent *sent,
                                json_t *origin, struct report_batch *batch, struct error *err) {
    size_t count = json_array_size(sent->reports);
    if (sent->reports && !count) {
        object_add_error(reader, "key-missing", "/reports", "The list holds no report");
    }
    struct parity_report *items = object_array(reader, count, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *where = json_pointer_index(reader->arena, "/reports", i);
        const json_t *report = json_array_get(sent->reports, i);
        if (!report_parity_decode(reader, report, where, origin, &items[i])) {
            return fail_no_memory(err);
        }
        check_repeated(reader, items, i, where);
    }
    batch->items = items;
    batch->count = count;
    return STATUS_OK;
}

static const struct object_member members[] = {
    {"host", MEMBER_LINE, offsetof(struct sent, host), .required = true, .max = LIMIT_NAME_BYTES},
    {"environment", MEMBER_LINE, offsetof(struct sent, environment), .max = LIMIT_NAME_BYTES},
    {"convention", MEMBER_LINE, offsetof(struct sent, convention), .max = LIMIT_NAME_BYTES},
    {"mode", MEMBER_CUSTOM, .decode = decode_mode},
    {"for_seconds", MEMBER_INTEGER, offsetof(struct sent, for_seconds), .min = 1,
     .max = LIMIT_AGE_SECONDS},
    {"allow_empty", MEMBER_FLAG, offsetof(struct sent, allow_empty)},
    {"roots", MEMBER_ARRAY, offsetof(struct sent, roots), .max = LIMIT_REPORT_ROOTS},
    {"reports", MEMBER_ARRAY, offsetof(struct sent, reports), .required = true,
     .max = LIMIT_QUERY_GROUPS},
};
static const struct body_form form = {"A report", members, COUNT_OF(members), LIMIT_REPORT_BYTES,
                                      .ignores_unknown = true};

// Whether the environment is there is for who can look into the store.
enum status report_decode(const struct request *request, struct findings *findings,
                          struct report_batch *ret_batch, struct error *err) {
    scoped(cleanup_json) json_t *object = NULL;
    size_t errors_before = findings->error_count;
    enum status status = body_parse(request, &form, &object, err);
    if (status) {
        return status;
    }
    struct object_reader reader = body_reader(request, &form, findings);
    // Hosts that know no environment use the registry's "default" one, as resolutions do.
    struct sent sent = {.environment = "default", .for_seconds = DAY_SECONDS};
    object_decode(&reader, "", object, members, COUNT_OF(members), &sent);
    scoped(cleanup_json) json_t *origin = read_origin(&reader, &sent);
    struct report_batch batch = {
        .host = sent.host,
        .environment = sent.environment,
        .allow_empty = sent.allow_empty,
        .origin = origin ? json_encode_canonical(request->arena, origin) : NULL,
    };
    if (!batch.origin) {
        return fail_no_memory(err);
    }
    status = read_reports(&reader, &sent, origin, &batch, err);
    if (status) {
        return status;
    }
    status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_batch = batch;
    return STATUS_OK;
}
