// SPDX-License-Identifier: MIT
// One table of states says what each needs and allows; the rest follows it.
#include "registryd/api/packages/lifecycle_document.h"

#include "registryd/request/body.h"
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

// The members as they were sent.
struct sent {
    const char *status;
    const char *reason;
    const char *replaced_by;
};

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

// What a body is about.
struct subject {
    struct body_form form;
    const struct state *state; // NULL: it stands in the body
    bool is_package;
};

// NULL after a finding.
static const struct state *check_state(struct object_reader *reader, const char *name,
                                       bool is_package) {
    const struct state *state = name ? find_state(name, is_package) : NULL;
    if (name && !state) {
        object_add_error(
            reader, "status-unknown", "/status", "Unknown status \"%s\". Use %s.", name,
            is_package ? "active, deprecated, archived or quarantined" : "live or quarantined");
    }
    return state;
}

static void check_reason(struct object_reader *reader, const struct sent *sent,
                         const struct state *state) {
    if (!sent->reason && state->needs_reason) {
        object_add_error(reader, "reason-missing", "/reason",
                         "Give a reason: users of the package will read why it is %s", state->name);
    }
    if (sent->reason && !state->takes_reason) {
        object_add_error(reader, "reason-unwanted", "/reason", "The status \"%s\" takes no reason",
                         state->name);
    }
}

static const char *check_successor(struct object_reader *reader, const struct sent *sent,
                                   const struct state *state) {
    const char *successor = NULL;
    struct error why;
    if (!sent->replaced_by) {
        return NULL;
    }
    if (!state->takes_successor) {
        object_add_error(reader, "successor-invalid", "/replaced_by",
                         "Only a deprecated or archived package can name its replacement");
        return NULL;
    }
    if (name_normalize(reader->arena, text_from(sent->replaced_by), &successor, &why)) {
        object_add_cause(reader, "successor-invalid", "/replaced_by", &why);
        return NULL;
    }
    return successor;
}

static enum status decode(const struct request *request, const struct subject *subject,
                          struct findings *findings, struct lifecycle_request *ret_request,
                          struct error *err) {
    struct sent sent = {0};
    size_t errors_before = findings->error_count;
    enum status status = body_decode(request, &subject->form, findings, &sent, err);
    if (status) {
        return status;
    }
    struct object_reader reader = body_reader(request, &subject->form, findings);
    const struct state *state = subject->state;
    struct lifecycle_request read = {.reason = sent.reason};
    if (!state) {
        state = check_state(&reader, sent.status, subject->is_package);
    }
    if (state) {
        check_reason(&reader, &sent, state);
        read.status = state->name;
        read.replaced_by = check_successor(&reader, &sent, state);
    }
    status = findings_fail(findings, errors_before, err);
    if (!status) {
        *ret_request = read;
    }
    return status;
}

// The rows that the three forms share.
#define REASON_ROW                                                                                 \
    { "reason", MEMBER_LINE, offsetof(struct sent, reason), .max = LIMIT_SHORT_TEXT_BYTES }
#define STATUS_ROW                                                                                 \
    {                                                                                              \
        "status", MEMBER_LINE, offsetof(struct sent, status), .required = true,                    \
                                                              .max = LIMIT_NAME_BYTES              \
    }

enum status lifecycle_decode_yank(const struct request *request, struct findings *findings,
                                  struct lifecycle_request *ret_request, struct error *err) {
    static const struct object_member members[] = {REASON_ROW};
    static const struct subject subject = {
        {"A yank", members, COUNT_OF(members), LIMIT_SMALL_BODY_BYTES}, &yanked, false};
    return decode(request, &subject, findings, ret_request, err);
}

enum status lifecycle_decode_release(const struct request *request, struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err) {
    static const struct object_member members[] = {STATUS_ROW, REASON_ROW};
    static const struct subject subject = {
        {"The status of a release", members, COUNT_OF(members), LIMIT_SMALL_BODY_BYTES},
        NULL,
        false};
    return decode(request, &subject, findings, ret_request, err);
}

enum status lifecycle_decode_package(const struct request *request, const char *name,
                                     struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err) {
    static const struct object_member members[] = {
        STATUS_ROW,
        REASON_ROW,
        {"replaced_by", MEMBER_LINE, offsetof(struct sent, replaced_by), .max = LIMIT_NAME_BYTES}};
    static const struct subject subject = {
        {"The status of a package", members, COUNT_OF(members), LIMIT_SMALL_BODY_BYTES},
        NULL,
        true};
    struct lifecycle_request read;
    enum status status = decode(request, &subject, findings, &read, err);
    if (!status && read.replaced_by && strcmp(read.replaced_by, name) == 0) {
        struct error wrong;
        fail(&wrong, STATUS_INVALID, "/replaced_by", "The package %s cannot replace itself", name);
        findings_add_error(findings, "successor-invalid", &wrong);
        return fail(err, STATUS_INVALID, wrong.where, "%s", wrong.message);
    }
    if (!status) {
        *ret_request = read;
    }
    return status;
}
