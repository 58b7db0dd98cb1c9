// SPDX-License-Identifier: MIT
// Who reports, from where, and the list of reports. What one report must be is report_parity.c.
#include "registryd/api/reports/report_document.h"

#include "registryd/request/report_fields.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { PATH_BYTES_MAX = 4096 };

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

static const char *read_mode(struct report_reading *reading, const json_t *object) {
    static const struct report_text member = {"mode", LIMIT_NAME_BYTES, false, true};
    const char *mode = report_member_text(reading, object, "", &member);
    if (mode && !is_known_mode(mode)) {
        report_add_error(reading, "mode-unknown", "/mode",
                         "\"%s\" is none of walk, walk-first, registry-first, registry and compare",
                         mode);
    }
    return mode;
}

// Whether it is there is for who can look into the store.
static const char *read_environment(struct report_reading *reading, const json_t *object) {
    static const struct report_text member = {"environment", LIMIT_NAME_BYTES, false, true};
    const char *name = report_member_text(reading, object, "", &member);
    return arena_strdup(reading->arena, name ? name : "default");
}

static json_t *read_root(struct report_reading *reading, const json_t *root, size_t index) {
    static const struct report_text label = {"label", LIMIT_SHORT_TEXT_BYTES, false, false};
    static const struct report_text path = {"path", PATH_BYTES_MAX, false, false};
    static const char *const known[] = {"label", "path"};
    const char *where = json_pointer_index(reading->arena, "/roots", index);
    if (!json_is_object(root)) {
        report_add_error(reading, "wrong-type", where, "A root is %s, not an object",
                         json_type_name(root));
        return json_null();
    }
    report_warn_unknown(reading, root, where, known, COUNT_OF(known));
    const char *its_label = report_member_text(reading, root, where, &label);
    const char *its_path = report_member_text(reading, root, where, &path);
    return json_pack("{s:s?,s:s?}", "label", its_label, "path", its_path);
}

// The roots as they are kept. Owned; NULL when out of memory.
static json_t *read_roots(struct report_reading *reading, const json_t *object) {
    static const struct report_text member = {"roots", 0, false, false};
    scoped(cleanup_json) json_t *kept = json_array();
    const json_t *roots = report_member(reading, object, "", &member, JSON_ARRAY);
    size_t count = json_array_size(roots);
    if (!report_count_fits(reading, "/roots", count, LIMIT_REPORT_ROOTS)) {
        return take(kept);
    }
    for (size_t i = 0; kept && i < count; i++) {
        if (json_array_append_new(kept, read_root(reading, json_array_get(roots, i), i))) {
            return NULL;
        }
    }
    return take(kept);
}

// {"convention","mode","roots"}: how the host walked. Owned; NULL when out of memory.
static json_t *read_origin(struct report_reading *reading, const json_t *object) {
    static const struct report_text member = {"convention", LIMIT_NAME_BYTES, false, true};
    const char *convention = report_member_text(reading, object, "", &member);
    const char *mode = read_mode(reading, object);
    return json_pack("{s:s?,s:s?,s:o}", "convention", convention, "mode", mode, "roots",
                     read_roots(reading, object));
}

static void check_repeated(struct report_reading *reading, const struct parity_report *items,
                           size_t at, const char *where) {
    for (size_t i = 0; items[at].group && i < at; i++) {
        if (items[i].group && strcmp(items[i].group, items[at].group) == 0) {
            report_add_error(reading, "report-duplicate", where,
                             "There is a report of \"%s\" already", items[at].group);
            return;
        }
    }
}

static enum status read_reports(struct report_reading *reading, const json_t *object,
                                json_t *origin, struct report_batch *batch, struct error *err) {
    static const struct report_text member = {"reports", 0, true, false};
    const json_t *reports = report_member(reading, object, "", &member, JSON_ARRAY);
    size_t count = json_array_size(reports);
    if (reports && !count) {
        report_add_error(reading, "key-missing", "/reports", "There is no report in the list");
    }
    if (!report_count_fits(reading, "/reports", count, LIMIT_QUERY_GROUPS)) {
        return STATUS_OK;
    }
    struct parity_report *items = arena_array(reading->arena, count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *where = json_pointer_index(reading->arena, "/reports", i);
        if (!report_parity_decode(reading, json_array_get(reports, i), where, origin, &items[i])) {
            return fail_no_memory(err);
        }
        check_repeated(reading, items, i, where);
    }
    batch->items = items;
    batch->count = count;
    return STATUS_OK;
}

static enum status read_batch(struct report_reading *reading, const json_t *object,
                              struct report_batch *batch, struct error *err) {
    static const char *const known[] = {"host", "environment", "convention",
                                        "mode", "roots",       "reports"};
    static const struct report_text host = {"host", LIMIT_NAME_BYTES, true, true};
    report_warn_unknown(reading, object, "", known, COUNT_OF(known));
    const char *name = report_member_text(reading, object, "", &host);
    batch->host = name ? arena_strdup(reading->arena, name) : "";
    batch->environment = read_environment(reading, object);
    scoped(cleanup_json) json_t *origin = read_origin(reading, object);
    batch->origin = origin ? json_encode_canonical(reading->arena, origin) : NULL;
    if (!batch->host || !batch->environment || !batch->origin) {
        return fail_no_memory(err);
    }
    return read_reports(reading, object, origin, batch, err);
}

enum status report_decode(const struct request *request, struct findings *findings,
                          struct report_batch *ret_batch, struct error *err) {
    struct report_reading reading = {request->arena, findings};
    struct report_batch batch = {0};
    size_t errors_before = findings->error_count;
    scoped(cleanup_json) json_t *object = NULL;
    enum status status = json_parse(request->body, LIMIT_REPORT_BYTES, &object, err);
    if (!status && !json_is_object(object)) {
        return fail(err, STATUS_MALFORMED, NULL, "A report is an object, not %s",
                    json_type_name(object));
    }
    if (!status) {
        status = read_batch(&reading, object, &batch, err);
    }
    if (!status) {
        status = findings_fail(findings, errors_before, err);
    }
    if (!status) {
        *ret_batch = batch;
    }
    return status;
}
