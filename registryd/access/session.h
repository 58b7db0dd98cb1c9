// SPDX-License-Identifier: MIT
// The sessions of people who signed in on the pages. A session is a row in the database, and the browser's cookie is
// its random number; the row holds a hash of the number and the SHA-256 of the token. So a session holds at every
// daemon and over restarts, and signing out removes the row: a copied cookie is dead as well, at this daemon at once
// and at all others within half a second. What the session may do is read from the store at every use, so revoking
// the token ends its sessions. A session also ends after twelve hours, and when newer ones of its token need its
// room. Any thread.
//
// Another site cannot act in somebody's session: the cookie is SameSite=Strict, each form carries a token
// made from the session, and the Origin header of a form must be this server's.
#pragma once

#include "registryd/request/api.h"

enum {
    SESSION_ID_SIZE = 32,       // random bytes: the cookie
    SESSION_HOURS = 12,         // after which the user signs in again
    SESSIONS_OF_TOKEN_MAX = 16, // so that one user cannot fill the table
};

struct sessions;

struct session {
    uint8_t id[SESSION_ID_SIZE]; // what the cookie holds
    uint8_t token_hash[32];      // SHA-256 of the token that signed in
};

// What this daemon has read of sessions. Owned; NULL when out of memory.
struct sessions *sessions_new(void);
void sessions_free(struct sessions *sessions);

// The session of a request's cookie. Fails with: NOT_FOUND (there is none, or it has ended), UNAVAILABLE (the store is
// away), NO_MEMORY.
enum status session_find(const struct api *api, const struct request *request,
                         struct session *ret_session, struct error *err);

// Begins a session for a token. The value of Set-Cookie in *ret_cookie; arena.
// Fails with: UNAVAILABLE (signing in is switched off, or the store is away), UNKNOWN_OUTCOME, NO_MEMORY.
enum status session_begin(const struct api *api, struct arena *arena, const uint8_t token_hash[32],
                          const char **ret_cookie, struct error *err);

// Ends the session. *ret_cookie is the value of Set-Cookie that makes the browser forget it; static.
// Fails with: UNAVAILABLE, UNKNOWN_OUTCOME: the session may go on, so the page must say so.
enum status session_end(const struct api *api, const struct session *session,
                        const char **ret_cookie, struct error *err);

// The token of the session's forms, the same at every daemon. Arena; NULL when out of memory.
const char *session_form_token(struct arena *arena, const struct session *session);

// Whether a form was made for this session.
bool session_owns_form(const struct session *session, const char *form_token);

// Whether a form was sent by a page of this server, as far as the browser says: by Sec-Fetch-Site and by
// Origin, which must name the Host that was asked. A client that says neither is no browser.
bool session_is_own_origin(const struct request *request);
