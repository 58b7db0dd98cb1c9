// SPDX-License-Identifier: MIT
// A table that is searched from end to end: it is read once for a page, under one lock, and comparing
// 4,096 numbers takes less than writing the page. The numbers are compared as their keyed hashes, so the
// time that a comparison takes says nothing about a number.
#include "registryd/access/session.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char cookie_name[] = "registryd_session=";

enum {
    KEY_SIZE = crypto_generichash_KEYBYTES,
    FORM_TOKEN_BYTES = 24, // before it is encoded
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

struct sessions {
    pthread_mutex_t lock;
    uint8_t key[KEY_SIZE]; // of this process: form tokens and the table's hashes are made with it
    struct session items[SESSIONS_MAX]; // `id` holds the hash of the number
};

struct sessions *sessions_new(void) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions) {
        pthread_mutex_init(&sessions->lock, NULL);
        randombytes_buf(sessions->key, sizeof sessions->key);
    }
    return sessions;
}

void sessions_free(struct sessions *sessions) {
    if (sessions) {
        pthread_mutex_destroy(&sessions->lock);
        sodium_memzero(sessions, sizeof *sessions);
        free(sessions);
    }
}

static void hash_id(const struct sessions *sessions, const uint8_t id[SESSION_ID_SIZE],
                    uint8_t ret_hash[SESSION_ID_SIZE]) {
    crypto_generichash(ret_hash, SESSION_ID_SIZE, id, SESSION_ID_SIZE, sessions->key, KEY_SIZE);
}

// An entry with `begun_s` 0 is free.
static bool is_live(const struct session *session, int64_t now_s) {
    return session->begun_s && now_s - session->begun_s <= (int64_t)SESSION_HOURS * 3600;
}

// With the lock held. NULL when there is none.
static struct session *find_live(struct sessions *sessions, const uint8_t hash[SESSION_ID_SIZE]) {
    int64_t now_s = (int64_t)time(NULL);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->items[i];
        if (is_live(session, now_s) && memcmp(session->id, hash, SESSION_ID_SIZE) == 0) {
            return session;
        }
    }
    return NULL;
}

// With the lock held: the place for a new session of the token. A free one; the token's oldest when it has
// as many as it may; the oldest of all when the table is full.
// A free place has begun_s 0, which is older than every session, so one comparison finds it first.
static struct session *find_room(struct sessions *sessions, const uint8_t token_hash[32]) {
    int64_t now_s = (int64_t)time(NULL);
    struct session *room = NULL;
    struct session *oldest_own = NULL;
    size_t own = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->items[i];
        if (!is_live(session, now_s)) {
            session->begun_s = 0;
        } else if (memcmp(session->token_hash, token_hash, sizeof session->token_hash) == 0) {
            own++;
            oldest_own =
                !oldest_own || session->begun_s < oldest_own->begun_s ? session : oldest_own;
        }
        room = !room || session->begun_s < room->begun_s ? session : room;
    }
    return own >= SESSIONS_OF_TOKEN_MAX ? oldest_own : room;
}

// ---- the cookie ----

// The value of our cookie among those sent; empty when it is not there.
// The header is like "a=1; registryd_session=VALUE; b=2".
static struct text find_cookie(const char *header) {
    struct text rest = text_from(header);
    struct text piece;
    size_t len = sizeof cookie_name - 1;
    while (text_split(&rest, ';', &piece)) {
        struct text cookie = text_trim(piece);
        if (cookie.len > len && memcmp(cookie.ptr, cookie_name, len) == 0) {
            return (struct text){cookie.ptr + len, cookie.len - len};
        }
    }
    return (struct text){"", 0};
}

bool session_find(const struct api *api, const struct request *request,
                  struct session *ret_session) {
    struct sessions *sessions = api->sessions;
    if (!sessions || !request->cookie) {
        return false;
    }
    struct text value = find_cookie(request->cookie);
    struct session session;
    uint8_t hash[SESSION_ID_SIZE];
    size_t len = 0;
    if (sodium_base642bin(session.id, sizeof session.id, value.ptr, value.len, NULL, &len, NULL,
                          VARIANT) ||
        len != sizeof session.id) {
        return false;
    }
    hash_id(sessions, session.id, hash);
    pthread_mutex_lock(&sessions->lock);
    const struct session *found = find_live(sessions, hash);
    if (found) {
        // Copied under the lock; the entry may be given to somebody else as soon as it is released.
        memcpy(session.token_hash, found->token_hash, sizeof session.token_hash);
        session.begun_s = found->begun_s;
    }
    pthread_mutex_unlock(&sessions->lock);
    if (found) {
        *ret_session = session;
    }
    return found;
}

enum status session_begin(const struct api *api, struct arena *arena, const uint8_t token_hash[32],
                          const char **ret_cookie, struct error *err) {
    struct sessions *sessions = api->sessions;
    uint8_t id[SESSION_ID_SIZE];
    char text[sodium_base64_ENCODED_LEN(SESSION_ID_SIZE, VARIANT)];
    if (!sessions) {
        return fail(err, STATUS_UNAVAILABLE, NULL, "Signing in is not available on this server");
    }
    // The random number goes to the browser alone. The table keeps its hash.
    randombytes_buf(id, sizeof id);
    sodium_bin2base64(text, sizeof text, id, sizeof id, VARIANT);
    const char *cookie =
        arena_printf(arena, "%s%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", cookie_name,
                     text, SESSION_HOURS * 3600, api->is_behind_tls ? "; Secure" : "");
    if (!cookie) {
        return fail_no_memory(err);
    }
    pthread_mutex_lock(&sessions->lock);
    struct session *session = find_room(sessions, token_hash);
    session->begun_s = (int64_t)time(NULL);
    memcpy(session->token_hash, token_hash, sizeof session->token_hash);
    hash_id(sessions, id, session->id);
    pthread_mutex_unlock(&sessions->lock);
    *ret_cookie = cookie;
    return STATUS_OK;
}

const char *session_end(const struct api *api, const struct session *session) {
    struct sessions *sessions = api->sessions;
    uint8_t hash[SESSION_ID_SIZE];
    hash_id(sessions, session->id, hash);
    pthread_mutex_lock(&sessions->lock);
    struct session *found = find_live(sessions, hash);
    if (found) {
        *found = (struct session){0};
    }
    pthread_mutex_unlock(&sessions->lock);
    return "registryd_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
}

// ---- forms ----

static void make_form_token(const struct api *api, const struct session *session,
                            char ret_text[2 * FORM_TOKEN_BYTES + 1]) {
    uint8_t
        hash[FORM_TOKEN_BYTES]; // of another length than the table's hashes, so never equal to one
    crypto_generichash(hash, sizeof hash, session->id, sizeof session->id, api->sessions->key,
                       KEY_SIZE);
    sodium_bin2hex(ret_text, 2 * FORM_TOKEN_BYTES + 1, hash, sizeof hash);
}

const char *session_form_token(const struct api *api, struct arena *arena,
                               const struct session *session) {
    char text[2 * FORM_TOKEN_BYTES + 1];
    make_form_token(api, session, text);
    return arena_strdup(arena, text);
}

bool session_owns_form(const struct api *api, const struct session *session,
                       const char *form_token) {
    char text[2 * FORM_TOKEN_BYTES + 1];
    make_form_token(api, session, text);
    return form_token && strlen(form_token) == sizeof text - 1 &&
           sodium_memcmp(text, form_token, sizeof text - 1) == 0;
}

// Browsers send Sec-Fetch-Site and Origin with a form. A program that sends neither is no browser
// that another site could steer.
bool session_is_own_origin(const struct request *request) {
    const char *site = request->fetch_site;
    const char *origin = request->origin;
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return false;
    }
    if (!origin) {
        return true;
    }
    const char *authority = strstr(origin, "://");
    return authority && request->host && strcasecmp(authority + 3, request->host) == 0;
}
