// SPDX-License-Identifier: MIT
// A package, group, environment or actor that is nowhere matches nothing and is no fault: followers may ask before it
// is there. A misspelt kind is a fault, because kinds are a fixed list. The rows here are the kinds of docs/HTTP.md.
#include "registryd/api/activity/activity_filter.h"

#include "registryd/request/query.h"
#include "schema/packaging/name.h"

#include <string.h>

static const char *const kinds[] = {"activate",
                                    "alias",
                                    "archive",
                                    "artifact",
                                    "deprecate",
                                    "entry-deprecate",
                                    "entry-undeprecate",
                                    "environment",
                                    "grant-add",
                                    "grant-remove",
                                    "group",
                                    "hold",
                                    "owner",
                                    "publish",
                                    "quarantine",
                                    "release-completed",
                                    "reserve",
                                    "token-create",
                                    "token-revoke",
                                    "unalias",
                                    "unhold",
                                    "unreserve",
                                    "unyank",
                                    "yank",
                                    NULL};

const char *const *activity_kinds(void) {
    return kinds;
}

// A form sends every field, also those that were left empty.
static const char *given(const struct request *request, const char *name) {
    const char *text = request_query(request, name);
    return text && *text ? text : NULL;
}

static enum status decode_package(const struct request *request, const char **ret_package,
                                  struct error *err) {
    const char *text = given(request, "package");
    struct error why;
    if (!text) {
        return STATUS_OK;
    }
    enum status status = name_normalize(request->arena, text_from(text), ret_package, &why);
    return status ? fail(err, status, "?package", "%s", why.message) : STATUS_OK;
}

static enum status decode_group(const struct request *request, const char **ret_group,
                                struct error *err) {
    const char *const *groups = NULL;
    size_t count = 0;
    if (!given(request, "group")) {
        return STATUS_OK;
    }
    enum status status = query_groups(request, &groups, &count, err);
    *ret_group = status ? NULL : groups[0];
    return status;
}

static enum status decode_kind(const struct request *request, const char **ret_kind,
                               struct error *err) {
    const char *text = given(request, "kind");
    size_t at = 0;
    while (text && kinds[at] && strcmp(kinds[at], text) != 0) {
        at++;
    }
    if (text && !kinds[at]) {
        return fail(err, STATUS_INVALID, "?kind", "\"%s\" is not a kind of change", text);
    }
    *ret_kind = text;
    return STATUS_OK;
}

enum status activity_filter_decode(const struct request *request, struct changes_filter *ret_filter,
                                   struct error *err) {
    struct changes_filter filter = {.environment = given(request, "environment"),
                                    .actor = given(request, "actor")};
    enum status status = decode_package(request, &filter.package, err);
    if (status) {
        return status;
    }
    status = decode_group(request, &filter.group, err);
    if (status) {
        return status;
    }
    status = decode_kind(request, &filter.kind, err);
    if (status) {
        return status;
    }
    *ret_filter = filter;
    return STATUS_OK;
}
