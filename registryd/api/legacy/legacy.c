// SPDX-License-Identifier: MIT
// One upload of a package tool: the form, the checks, then the same use case as POST /v1/artifacts. The tools read
// answers in their own ways, so these differ from the rest of the API:
//
//     - The same file again is 200. A file name that is taken by other bytes is 400, and the text begins with
//       "File already exists", which twine and poetry look for under --skip-existing.
//     - 409 would also mean "skip it" to twine, so whatever else is wrong with the input is 400.
//     - The reason stands in the body, as plain text unless JSON is preferred (uv), and in the status line, where
//       twine and flit show it.
//
// What is no fault of the input (401, 403, 413, 429, 5xx) keeps its status.
#include "registryd/api/legacy/handlers.h"

#include "registryd/access/publish_rights.h"
#include "registryd/api/legacy/legacy_form.h"
#include "registryd/api/packages/artifact_use_case.h"
#include "registryd/request/accept.h"
#include "registryd/request/query.h"
#include "schema/base/list.h"
#include "schema/base/token_hide.h"

#include <string.h>

// ---- answers ----

enum { GONE = 410, BAD_REQUEST = 400 };

static bool prefers_json(const struct request *request) {
    static const struct accept_offer offers[] = {
        {"text/plain", true},
        {"application/problem+json", false},
        {"application/json", false},
    };
    return accept_choose(request->accept, offers, COUNT_OF(offers)) > 0;
}

static bool is_taken(const struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i].code, "file-exists") == 0) {
            return true;
        }
    }
    return false;
}

static int http_status_of(const struct error *error) {
    switch (error->status) {
    case STATUS_CONFLICT:
    case STATUS_INVALID:
    case STATUS_UNSUPPORTED_MEDIA:
        return BAD_REQUEST;
    default:
        return status_info(error->status)->http_status;
    }
}

// What all answers in text begin with, and lines for what was found.
static const char *write_text(struct arena *arena, const char *first,
                              const struct findings *findings, enum severity severity) {
    const char *text = arena_printf(arena, "%s\n", first);
    for (size_t i = 0; text && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->severity == severity && strcmp(finding->message, first) != 0) {
            text = arena_printf(arena, "%s%s: %s\n", text,
                                severity == SEVERITY_ERROR ? "Error" : "Warning", finding->message);
        }
    }
    return text;
}

// Good in a status line: one line of printable ASCII, not too long.
static const char *make_reason(struct arena *arena, const char *text) {
    enum { REASON_BYTES = 240 };
    size_t len = strlen(text);
    char *reason = arena_copy(arena, text, len < REASON_BYTES ? len : REASON_BYTES);
    for (char *c = reason; c && *c; c++) {
        *c = is_control(*c) || (unsigned char)*c >= 0x7f ? '?' : *c;
    }
    return reason;
}

static enum status reply_refusal(const struct request *request, struct reply *reply,
                                 const struct error *error, const struct findings *findings,
                                 int http_status) {
    struct error told = *error;
    if (is_taken(findings)) {
        fail(&told, error->status, error->where, "File already exists (%s)", error->message);
    }
    token_hide(told.message);
    if (prefers_json(request)) {
        reply_problem_as(request, reply, &told, findings, http_status);
    } else {
        const char *text = write_text(request->arena, told.message, findings, SEVERITY_ERROR);
        reply->http_status = http_status;
        reply->content_type = "text/plain; charset=utf-8";
        reply->body = text_from(text);
        reply->location = NULL;
        if (!text) {
            return STATUS_NO_MEMORY;
        }
    }
    reply->reason = make_reason(request->arena, told.message);
    return reply->reason ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status reply_done(const struct request *request, struct reply *reply,
                              const struct legacy_form *form,
                              const struct artifact_published *published,
                              const struct findings *findings) {
    const char *first =
        arena_printf(request->arena, "%s %s as %s %s", form->file.filename,
                     published->outcome.created ? "is published"
                                                : "was published before, with the same content,",
                     published->package, published->version);
    const char *text = first ? write_text(request->arena, first, findings, SEVERITY_WARNING) : NULL;
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = text_from(text);
    reply->serial = published->outcome.point.serial;
    reply->epoch = arena_strdup(request->arena, published->outcome.point.epoch);
    reply->epoch_number = published->outcome.point.epoch_number;
    return text && reply->epoch ? STATUS_OK : STATUS_NO_MEMORY;
}

// ---- the upload ----

// Other actions of the old protocol. *ret_status is what HTTP says of them.
static enum status check_action(const struct legacy_form *form, int *ret_status,
                                struct error *err) {
    static const char *const ended[] = {"submit", "verify", "doc_upload", "remove_pkg"};
    if (!form->action) {
        return fail(err, STATUS_MALFORMED, ":action", "The form has no field \":action\"");
    }
    for (size_t i = 0; i < COUNT_OF(ended); i++) {
        if (strcmp(form->action, ended[i]) == 0) {
            *ret_status = GONE;
            return fail(err, STATUS_MALFORMED, ":action",
                        "The action \"%s\" is not supported: releases come from their files alone. "
                        "Send \"file_upload\".",
                        form->action);
        }
    }
    return strcmp(form->action, "file_upload") == 0
               ? STATUS_OK
               : fail(err, STATUS_MALFORMED, ":action",
                      "The action \"%s\" is not known. Send \"file_upload\".", form->action);
}

// What an upload comes to.
struct legacy_outcome {
    struct legacy_form form;
    struct artifact_published published;
    int http_status; // that HTTP says in place of the status's own; 0 = none
};

static enum status take_upload(struct api *api, const struct request *request,
                               struct findings *findings, struct legacy_outcome *outcome,
                               struct error *err) {
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = legacy_form_read(api, request, findings, &outcome->form, err);
    if (status) {
        return status;
    }
    status = check_action(&outcome->form, &outcome->http_status, err);
    if (status) {
        return status;
    }
    status = legacy_form_check(&outcome->form, findings, err);
    if (status) {
        return status;
    }
    return artifact_publish(api, request, &outcome->form.file, findings, &outcome->published, err);
}

// Faults of this side and refusals under load go out as everywhere, so that they are logged and counted.
static bool is_of_the_input(enum status status) {
    int http_status = status_info(status)->http_status;
    return http_status < 500 && status != STATUS_TOO_MANY && status != STATUS_TIMEOUT;
}

enum status legacy_upload(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    struct legacy_outcome outcome = {.form.file.fd = -1};
    struct error error = {0};
    enum status status = take_upload(api, request, findings, &outcome, &error);
    uploaded_file_done(&outcome.form.file);
    if (status && !is_of_the_input(status)) {
        return fail(err, status, error.where, "%s", error.message);
    }
    if (status) {
        error.status = status;
        int http_status = outcome.http_status ? outcome.http_status : http_status_of(&error);
        status = reply_refusal(request, reply, &error, findings, http_status);
    } else {
        status = reply_done(request, reply, &outcome.form, &outcome.published, findings);
    }
    return status ? fail_no_memory(err) : STATUS_OK;
}

enum status legacy_admit(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)reply;
    (void)findings;
    return publish_rights_begin(api, request, NULL, err);
}
