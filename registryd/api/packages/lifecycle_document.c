// SPDX-License-Identifier: MIT
// One table of states says what each needs and allows; the rest follows it.
#include "registryd/api/packages/lifecycle_document.h"

#include "registryd/request/change_body.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <string.h>

struct state {
    const char *name;
    bool is_of_package;
    bool is_of_release;
    bool needs_reason;
    bool takes_reason;
    bool takes_successor;
};

static const struct state states[] = {
    {.name = "active", .is_of_package = true},
    {.name = "live", .is_of_release = true},
    {.name = "deprecated",
     .is_of_package = true,
     .needs_reason = true,
     .takes_reason = true,
     .takes_successor = true},
    {.name = "archived", .is_of_package = true, .takes_reason = true, .takes_successor = true},
    {.name = "quarantined",
     .is_of_package = true,
     .is_of_release = true,
     .needs_reason = true,
     .takes_reason = true},
};

static const struct state yanked = {.name = "yanked", .needs_reason = true, .takes_reason = true};

static const struct report_text status_member = {"status", LIMIT_NAME_BYTES, true, true};
static const struct report_text reason_member = {"reason", LIMIT_SHORT_TEXT_BYTES, false, true};
static const struct report_text successor_member = {"replaced_by", LIMIT_NAME_BYTES, false, true};

static const struct state *find_state(const char *name, bool is_of_package) {
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        const struct state *state = &states[i];
        if ((is_of_package ? state->is_of_package : state->is_of_release) &&
            strcmp(state->name, name) == 0) {
            return state;
        }
    }
    return NULL;
}

// NULL with a finding when there is none.
static const struct state *read_state(struct report_reading *reading, const json_t *object,
                                      bool is_of_package) {
    const char *name = report_member_text(reading, object, "", &status_member);
    const struct state *state = name ? find_state(name, is_of_package) : NULL;
    if (name && !state) {
        report_add_error(reading, "status-unknown", "/status", "\"%s\" is none of %s", name,
                         is_of_package ? "active, deprecated, archived and quarantined"
                                       : "live and quarantined");
    }
    return state;
}

static bool read_reason(struct report_reading *reading, const json_t *object,
                        const struct state *state, const char **ret_reason) {
    size_t errors_before = reading->findings->error_count;
    if (!change_body_text(reading, object, &reason_member, ret_reason)) {
        return false;
    }
    if (reading->findings->error_count != errors_before) {
        return true;
    }
    if (!*ret_reason && state->needs_reason) {
        report_add_error(reading, "reason-missing", "/reason",
                         "Say why it is %s: people who use it will read it", state->name);
    }
    if (*ret_reason && !state->takes_reason) {
        report_add_error(reading, "reason-unwanted", "/reason", "What is %s needs no reason",
                         state->name);
    }
    return true;
}

static bool read_successor(struct report_reading *reading, const json_t *object,
                           const struct state *state, const char **ret_successor) {
    const char *text = NULL;
    struct error why;
    if (!change_body_text(reading, object, &successor_member, &text) || !text) {
        return !text;
    }
    if (!state->takes_successor) {
        report_add_error(reading, "successor-invalid", "/replaced_by",
                         "Only a deprecated or archived package names what replaces it");
        return true;
    }
    enum status status = name_normalize(reading->arena, text_from(text), ret_successor, &why);
    if (status && status != STATUS_NO_MEMORY) {
        report_add_error(reading, "successor-invalid", "/replaced_by", "%s", why.message);
    }
    return status != STATUS_NO_MEMORY;
}

// What a body is about.
struct subject {
    struct change_form form;
    const struct state *state; // NULL: it stands in the body
    bool is_package;
};

static enum status decode(const struct request *request, const struct subject *subject,
                          struct findings *findings, struct lifecycle_request *ret_request,
                          struct error *err) {
    scoped(cleanup_json) json_t *object = NULL;
    enum status status = change_body_parse(request, &subject->form, findings, &object, err);
    if (status) {
        return status;
    }
    struct report_reading reading = {request->arena, findings};
    struct lifecycle_request read = {0};
    size_t errors_before = findings->error_count;
    const struct state *state =
        subject->state ? subject->state : read_state(&reading, object, subject->is_package);
    if (state && (!read_reason(&reading, object, state, &read.reason) ||
                  !read_successor(&reading, object, state, &read.replaced_by))) {
        return fail_no_memory(err);
    }
    status = findings_fail(findings, errors_before, err);
    if (!status) {
        read.status = state->name;
        *ret_request = read;
    }
    return status;
}

enum status lifecycle_decode_yank(const struct request *request, struct findings *findings,
                                  struct lifecycle_request *ret_request, struct error *err) {
    static const char *const keys[] = {"reason"};
    static const struct subject subject = {{"A yank", keys, 1}, &yanked, false};
    return decode(request, &subject, findings, ret_request, err);
}

enum status lifecycle_decode_release(const struct request *request, struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err) {
    static const char *const keys[] = {"status", "reason"};
    static const struct subject subject = {{"The status of a release", keys, 2}, NULL, false};
    return decode(request, &subject, findings, ret_request, err);
}

enum status lifecycle_decode_package(const struct request *request, const char *name,
                                     struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err) {
    static const char *const keys[] = {"status", "reason", "replaced_by"};
    static const struct subject subject = {{"The status of a package", keys, 3}, NULL, true};
    struct lifecycle_request read;
    enum status status = decode(request, &subject, findings, &read, err);
    if (!status && read.replaced_by && strcmp(read.replaced_by, name) == 0) {
        struct error wrong;
        fail(&wrong, STATUS_INVALID, "/replaced_by", "%s cannot replace itself", name);
        findings_add_error(findings, "successor-invalid", &wrong);
        return fail(err, STATUS_INVALID, wrong.where, "%s", wrong.message);
    }
    if (!status) {
        *ret_request = read;
    }
    return status;
}
