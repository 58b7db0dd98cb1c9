// SPDX-License-Identifier: MIT
// How a handler becomes a page, and a failure one too.
#pragma once

#include "registryd/web/frame/component.h"

// Loads what the page shows, then writes it between page_begin and page_end.
typedef enum status page_maker(struct page_context *page, struct error *err);

// Runs the maker and puts its page into the reply; a failure of the maker becomes a page that says so,
// with the status of the failure. Fails with: NO_MEMORY.
enum status page_answer(struct api *api, const struct request *request, struct reply *reply,
                        page_maker *maker, struct error *err);

// A page that says what went wrong, with its status. Fails with: NO_MEMORY.
enum status page_answer_problem(struct api *api, const struct request *request, struct reply *reply,
                                const struct error *problem, struct error *err);

// The same of any failure, also one of the server itself, whose words are for the log alone.
// Fails with: NO_MEMORY.
enum status page_answer_refusal(struct api *api, const struct request *request, struct reply *reply,
                                const struct error *problem, struct error *err);
