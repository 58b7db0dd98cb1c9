// SPDX-License-Identifier: MIT
// A form that was sent (application/x-www-form-urlencoded), and its answer. A page reads the fields, calls
// the use case that the JSON route of the same meaning calls too, and answers with form_answer.
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

// Answers a form: 303 to the page `back` when `problem` holds no failure, else a page that says what went
// wrong. Fails with: NO_MEMORY.
enum status form_answer(struct api *api, const struct request *request, struct reply *reply,
                        const char *back, const struct error *problem, struct error *err);
