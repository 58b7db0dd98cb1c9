// SPDX-License-Identifier: MIT
// Somebody signed in on a page: a cookie that holds the SHA-256 of a token, sealed with a key that this
// process made and nobody else has. The token's text is never kept; what it may do is asked of the
// store at every use, so a token that is revoked ends its sessions. A session also ends after some hours,
// and with the process. Forms carry a token of their own, made from the session, which another site cannot know.
#pragma once

#include "registryd/request/api.h"

enum { SESSION_KEY_SIZE = 32, SESSION_ID_SIZE = 16, SESSION_HOURS = 12 };

struct session {
    uint8_t token_hash[32];
    uint8_t id[SESSION_ID_SIZE];
    int64_t begun_s; // Unix time
};

void session_key_make(uint8_t ret_key[SESSION_KEY_SIZE]);

// The session of a request's cookie. False when there is none, or it is not ours, or it is over.
bool session_find(const struct api *api, const struct request *request,
                  struct session *ret_session);

// Begins one for a token. The value of Set-Cookie in *ret_cookie; arena.
// Fails with: UNAVAILABLE (nobody can sign in here), NO_MEMORY.
enum status session_begin(const struct api *api, struct arena *arena, const uint8_t token_hash[32],
                          const char **ret_cookie, struct error *err);

// The value of Set-Cookie that ends it. Static.
const char *session_end(void);

// What its forms carry. Arena; NULL when out of memory.
const char *session_form_token(const struct api *api, struct arena *arena,
                               const struct session *session);

// Whether a form was made for this session.
bool session_owns_form(const struct api *api, const struct session *session,
                       const char *form_token);
