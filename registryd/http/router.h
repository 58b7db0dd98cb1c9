// SPDX-License-Identifier: MIT
// From a sound request to an answer: address → route → limits → access → handler. Everything that
// can be refused without the body is refused in router_admit, before the body is read and before
// any handler runs, so policy is a column of the route table and no habit of handlers. No sockets
// here; any thread, one exchange each.
#pragma once

#include "registryd/access/access.h"
#include "registryd/http/head/validate.h"

// For max_body_bytes: as large as a file may be (a setting), and the form around it.
#define ROUTE_BODY_ARTIFACT SIZE_MAX

// Answers who may not come in otherwise than with a problem document. Fails with: NO_MEMORY.
typedef enum status route_refusal(struct api *api, const struct request *request,
                                  struct reply *reply, const struct error *problem,
                                  struct error *err);

struct route {
    const char *method; // a GET route answers HEAD too
    const char
        *pattern; // "/v1/packages/{name}": a part in braces takes one segment, whatever it is
    enum access_level access;  // asked for before the handler runs
    size_t max_body_bytes;     // inclusive; 0 = takes no body; or ROUTE_BODY_ARTIFACT
    const char *cache_control; // of good answers, unless the handler says otherwise
    api_handler *handler;      // decodes, calls, encodes
    const char *description;   // for --print-routes and the list at /v1
    route_refusal *refuse;     // NULL = a problem document
    // What the head alone decides about the route's resource: asked after the access level and before the
    // body is read. It fills no reply. NULL = nothing more is asked.
    api_handler *admit;
    const char *challenge; // of 401; NULL = that of the API, which takes a bearer token
    bool dates_itself;     // the handler sets the serial of its reply
    bool takes_files;      // also: a body that upload_is_file is one, instead of max_body_bytes
};

struct router {
    struct api *api;
    const struct route *routes;
    size_t route_count;
    route_refusal *refuse; // tried before a problem document; NULL = nothing else
};

// One request and its reply, on their way.
struct exchange {
    struct request request;    // arena and request_id are set by the caller beforehand
    struct reply reply;        // filled by the handler
    struct error error;        // why the reply is a problem; its words may be for the log only
    struct findings findings;  // what the handler found
    const struct route *route; // NULL until found
    const char *allow;         // the Allow header of 204 and 405, or NULL
    bool is_refused;           // the reply holds the route's own refusal already
    bool is_head;              // the reply goes out without its body
    bool is_file;              // the body is a file, which the handler reads piece by piece
};

void exchange_init(struct exchange *exchange, struct arena *arena, const char *request_id);

// Finds the route and judges everything but the body. After OK the caller reads
// head->content_length bytes, if any, into exchange->request.body and calls router_answer; after
// anything else router_refuse. Texts of `raw` and `head` are borrowed until the reply is sent.
// Fails with: MALFORMED, HEADERS_TOO_LARGE, NOT_FOUND, METHOD_NOT_ALLOWED, LENGTH_REQUIRED,
// TOO_LARGE, UNAUTHORIZED, FORBIDDEN, UNAVAILABLE, NO_MEMORY.
enum status router_admit(const struct router *router, const struct raw_request *raw,
                         const struct request_head *head, struct exchange *exchange);

// Runs the handler; the reply is its answer or a problem.
void router_answer(const struct router *router, struct exchange *exchange);

// Makes the reply a problem out of exchange->error, or a page for a browser.
void router_refuse(const struct router *router, struct exchange *exchange);
