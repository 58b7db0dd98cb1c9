// SPDX-License-Identifier: MIT
// Below both faces: no HTTP and no JSON here. One table of states says what each needs and allows; the
// checks follow it. The rules are checked all together, so that a person hears of every fault at once.
#include "registryd/api/packages/lifecycle_use_cases.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/packaging/name.h"

#include <string.h>

enum { OWN_WRITE_WAIT_MS = 2000 };

struct lifecycle_state {
    const char *name; // of the state
    bool is_of_package;
    bool is_of_release;
    bool needs_reason; // it is refused without one
    bool takes_reason;
    bool takes_successor; // "replaced_by" may be given
};

//
//     package:  active   deprecated (reason)   archived   quarantined (reason)
//     release:  live     yanked (reason)                  quarantined (reason)
//
// Every state can follow every other one, so there is no table of transitions.
static const struct lifecycle_state states[] = {
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

static const struct lifecycle_state yanked = {
    .name = "yanked", .needs_reason = true, .takes_reason = true};

// ---- rules ----

static void add_error(struct findings *findings, const char *code, const char *where,
                      const char *message) {
    findings_add(findings, SEVERITY_ERROR, code, where, NULL, "%s", message);
}

// NULL with a finding when there is none.
static const struct lifecycle_state *find_state(const char *name, bool is_of_package,
                                                struct findings *findings) {
    if (!name) {
        add_error(findings, "key-missing", "/status", "\"status\" is required");
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        const struct lifecycle_state *state = &states[i];
        if ((is_of_package ? state->is_of_package : state->is_of_release) &&
            strcmp(state->name, name) == 0) {
            return state;
        }
    }
    findings_add(
        findings, SEVERITY_ERROR, "status-unknown", "/status", NULL,
        "\"%s\" is not a status of a %s. Use %s.", name, is_of_package ? "package" : "release",
        is_of_package ? "active, deprecated, archived or quarantined" : "live or quarantined");
    return NULL;
}

static void check_reason(const struct lifecycle_state *state, const char *reason,
                         struct findings *findings) {
    if (!reason && state->needs_reason) {
        findings_add(findings, SEVERITY_ERROR, "reason-missing", "/reason", NULL,
                     "Give a reason why it is %s. Its users will read it.", state->name);
    }
    // Refused rather than dropped: somebody wrote the reason for people to read.
    if (reason && !state->takes_reason) {
        findings_add(findings, SEVERITY_ERROR, "reason-unwanted", "/reason", NULL,
                     "The status \"%s\" takes no reason", state->name);
    }
    if (reason && strlen(reason) > LIMIT_SHORT_TEXT_BYTES) {
        findings_add(findings, SEVERITY_ERROR, "text-too-long", "/reason", NULL,
                     "The reason has %zu bytes. At most %d are allowed.", strlen(reason),
                     LIMIT_SHORT_TEXT_BYTES);
    }
}

// Fails with: NO_MEMORY; everything else is a finding.
static enum status check_successor(const struct lifecycle_state *state,
                                   const struct lifecycle_wish *wish, struct findings *findings,
                                   const char **ret_successor, struct error *err) {
    struct error why;
    if (!wish->replaced_by) {
        return STATUS_OK;
    }
    if (!state->takes_successor) {
        add_error(findings, "successor-invalid", "/replaced_by",
                  "Only a deprecated or archived package names its replacement");
        return STATUS_OK;
    }
    enum status status =
        name_normalize(findings->arena, text_from(wish->replaced_by), ret_successor, &why);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        add_error(findings, "successor-invalid", "/replaced_by", why.message);
    } else if (strcmp(*ret_successor, wish->package) == 0) {
        findings_add(findings, SEVERITY_ERROR, "successor-invalid", "/replaced_by", NULL,
                     "The package \"%s\" cannot replace itself", wish->package);
    }
    return STATUS_OK;
}

static enum status check(const struct lifecycle_state *state, const struct lifecycle_wish *wish,
                         struct findings *findings, struct lifecycle_result *ret_result,
                         struct error *err) {
    size_t errors_before = findings->error_count;
    struct lifecycle_result result = {.reason = wish->reason};
    if (!state) {
        state = find_state(wish->status, !wish->version, findings);
    }
    if (state) {
        result.status = state->name;
        check_reason(state, wish->reason, findings);
        enum status status = check_successor(state, wish, findings, &result.replaced_by, err);
        if (status) {
            return status;
        }
    }
    *ret_result = result;
    return findings_fail(findings, errors_before, err);
}

// ---- changes ----

// When the change does not come in time it is made all the same; the answer's serial lets a client insist
// with min_serial.
static enum status finish(struct api *api, const struct lifecycle_result *result,
                          struct lifecycle_result *ret_result) {
    index_wait_own(api->index, &result->outcome.point, OWN_WRITE_WAIT_MS);
    *ret_result = *result;
    return STATUS_OK;
}

enum status release_yank(struct api *api, const struct lifecycle_wish *wish,
                         struct findings *findings, struct lifecycle_result *ret_result,
                         struct error *err) {
    struct lifecycle_result result;
    enum status status = check(&yanked, wish, findings, &result, err);
    if (status) {
        return status;
    }
    const struct release_change change = {wish->package, wish->version, result.reason, wish->actor};
    status = store_release_yank(api->store, &change, &result.outcome, err);
    // A yank is beside the status: a quarantined release can be yanked as well.
    result.status = NULL;
    return status ? status : finish(api, &result, ret_result);
}

// No reason means not yanked; that is how the store keeps it.
enum status release_unyank(struct api *api, const struct lifecycle_wish *wish,
                           struct lifecycle_result *ret_result, struct error *err) {
    struct lifecycle_result result = {0};
    const struct release_change change = {wish->package, wish->version, NULL, wish->actor};
    enum status status = store_release_yank(api->store, &change, &result.outcome, err);
    return status ? status : finish(api, &result, ret_result);
}

enum status release_status_change(struct api *api, const struct lifecycle_wish *wish,
                                  struct findings *findings, struct lifecycle_result *ret_result,
                                  struct error *err) {
    struct lifecycle_result result;
    enum status status = check(NULL, wish, findings, &result, err);
    if (status) {
        return status;
    }
    const struct release_change change = {wish->package, wish->version, result.reason, wish->actor};
    status = store_release_quarantine(api->store, &change, &result.outcome, err);
    return status ? status : finish(api, &result, ret_result);
}

enum status package_status_change(struct api *api, const struct lifecycle_wish *wish,
                                  struct findings *findings, struct lifecycle_result *ret_result,
                                  struct error *err) {
    struct lifecycle_result result;
    enum status status = check(NULL, wish, findings, &result, err);
    if (status) {
        return status;
    }
    const struct package_change change = {wish->package, result.status, result.reason,
                                          result.replaced_by, wish->actor};
    status = store_package_status_set(api->store, &change, &result.outcome, err);
    return status ? status : finish(api, &result, ret_result);
}
