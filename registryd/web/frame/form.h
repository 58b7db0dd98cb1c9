// SPDX-License-Identifier: MIT
// A form that was sent (application/x-www-form-urlencoded), and what it does: the same as the JSON route
// it stands for, by the same handler, with the rights of who signed in.
#pragma once

#include "registryd/request/api.h"

struct form {
    struct parameter *fields; // in the order sent
    size_t count;
};

// Decodes the body and checks that the form was made for the session of the request.
// Fails with: FORBIDDEN (sent by a page of another site), UNSUPPORTED_MEDIA, MALFORMED, INVALID (made for
// another session, or for none), NO_MEMORY.
enum status form_decode(const struct api *api, const struct request *request, struct form *ret_form,
                        struct error *err);

// The same without a session, for signing in. Fails with: FORBIDDEN, UNSUPPORTED_MEDIA, MALFORMED, NO_MEMORY.
enum status form_decode_unbound(const struct request *request, struct form *ret_form,
                                struct error *err);

// The first field of the name; NULL when absent or empty.
const char *form_find(const struct form *form, const char *name);

// What a form does.
struct form_action {
    api_handler *handler;         // of the JSON route
    const struct parameter *path; // its path parameters; NULL = the request's own
    size_t path_count;
    json_t *body;     // stolen; NULL when out of memory
    const char *back; // the page that is shown then
};

// What a handler says to a form.
struct form_answer {
    struct reply reply;
    struct findings *findings;
};

// Runs the handler. Fails as the handler does, and with: NO_MEMORY.
enum status form_run(struct api *api, const struct request *request,
                     const struct form_action *action, struct form_answer *ret_answer,
                     struct error *err);

// Runs the handler; then 303 to the page, or a page that says what went wrong. Fails with: NO_MEMORY.
enum status form_act(struct api *api, const struct request *request, struct reply *reply,
                     const struct form_action *action, struct findings *findings,
                     struct error *err);
