// SPDX-License-Identifier: MIT
// A request's cookie -> the hash of its number -> the row in the database, or for half a second what the row said.
// Each daemon keeps what it has read in a small table, indexed by the hash, which is as random as any hash could make
// it: a new entry replaces the one in its place. Only sessions that were there are kept, so a sign-in holds at once,
// and a sign-out within the life of an entry. One lock, held to copy a hundred bytes.
#include "registryd/access/session.h"

#include "registryd/store/store_access.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char cookie_name[] = "registryd_session=";

// What the hashes of a number are made with: one is kept in the database, the other stands in forms. A reader of
// the database therefore cannot make a form, and no form says which row it belongs to.
static const uint8_t id_key[] = "registryd: the row of a session";
static const uint8_t form_key[] = "registryd: the forms of a session";

enum {
    FORM_TOKEN_BYTES = 24, // before it is encoded
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    PLACES = 1024,
    KNOWN_MS = 500, // how long a sign-out at another daemon may go unnoticed here
};

struct known_session {
    uint8_t id_hash[SESSION_ID_SIZE];
    uint8_t token_hash[32];
    int64_t until_ms; // by the monotonic clock; 0 = free
};

struct sessions {
    pthread_mutex_t lock;
    uint64_t ended; // sessions that ended here: what was read before one ended is not kept
    struct known_session places[PLACES];
};

struct sessions *sessions_new(void) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions) {
        pthread_mutex_init(&sessions->lock, NULL);
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

static void hash_id(const uint8_t id[SESSION_ID_SIZE], uint8_t ret_hash[SESSION_ID_SIZE]) {
    crypto_generichash(ret_hash, SESSION_ID_SIZE, id, SESSION_ID_SIZE, id_key, sizeof id_key - 1);
}

// ---- what was read a moment ago ----

static struct known_session *place_of(struct sessions *sessions, const uint8_t hash[32]) {
    return &sessions->places[(hash[0] | hash[1] << 8) % PLACES];
}

static bool recall(struct sessions *sessions, const uint8_t hash[32], uint8_t ret_token_hash[32]) {
    pthread_mutex_lock(&sessions->lock);
    const struct known_session *place = place_of(sessions, hash);
    bool is_known = place->until_ms > monotonic_ms() &&
                    memcmp(place->id_hash, hash, sizeof place->id_hash) == 0;
    if (is_known) {
        // Copied under the lock; the place may be given to another session as soon as it is released.
        memcpy(ret_token_hash, place->token_hash, sizeof place->token_hash);
    }
    pthread_mutex_unlock(&sessions->lock);
    return is_known;
}

static uint64_t count_ended(struct sessions *sessions) {
    pthread_mutex_lock(&sessions->lock);
    uint64_t ended = sessions->ended;
    pthread_mutex_unlock(&sessions->lock);
    return ended;
}

// `ended` and `known` are from before the database was asked: the half second begins there.
static void remember(struct sessions *sessions, const struct known_session *known, uint64_t ended) {
    pthread_mutex_lock(&sessions->lock);
    if (sessions->ended == ended) {
        *place_of(sessions, known->id_hash) = *known;
    }
    pthread_mutex_unlock(&sessions->lock);
}

static void forget(struct sessions *sessions, const uint8_t hash[32]) {
    pthread_mutex_lock(&sessions->lock);
    struct known_session *place = place_of(sessions, hash);
    sessions->ended++;
    if (memcmp(place->id_hash, hash, sizeof place->id_hash) == 0) {
        *place = (struct known_session){0};
    }
    pthread_mutex_unlock(&sessions->lock);
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

static enum status no_session(struct error *err) {
    return fail(err, STATUS_NOT_FOUND, NULL, "You are not signed in, or the session has ended");
}

static enum status load(const struct api *api, const uint8_t hash[SESSION_ID_SIZE],
                        uint8_t ret_token_hash[32], struct error *err) {
    char hex[SESSION_HEX_SIZE];
    size_t len = 0;
    struct known_session known = {.until_ms = monotonic_ms() + KNOWN_MS};
    uint64_t ended = count_ended(api->sessions);
    enum status status = store_session_load(api->store, hash, SESSION_HOURS, hex, err);
    if (status) {
        return status;
    }
    if (sodium_hex2bin(known.token_hash, sizeof known.token_hash, hex, strlen(hex), NULL, &len,
                       NULL) ||
        len != sizeof known.token_hash) {
        return fail(err, STATUS_INTERNAL, NULL, "The row of a session cannot be read");
    }
    memcpy(known.id_hash, hash, sizeof known.id_hash);
    memcpy(ret_token_hash, known.token_hash, sizeof known.token_hash);
    remember(api->sessions, &known, ended);
    return STATUS_OK;
}

enum status session_find(const struct api *api, const struct request *request,
                         struct session *ret_session, struct error *err) {
    if (!api->sessions || !api->store || !request->cookie) {
        return no_session(err);
    }
    struct text value = find_cookie(request->cookie);
    struct session session;
    uint8_t hash[SESSION_ID_SIZE];
    size_t len = 0;
    if (sodium_base642bin(session.id, sizeof session.id, value.ptr, value.len, NULL, &len, NULL,
                          VARIANT) ||
        len != sizeof session.id) {
        return no_session(err);
    }
    hash_id(session.id, hash);
    enum status status = recall(api->sessions, hash, session.token_hash)
                             ? STATUS_OK
                             : load(api, hash, session.token_hash, err);
    if (!status) {
        *ret_session = session;
    }
    return status;
}

enum status session_begin(const struct api *api, struct arena *arena, const uint8_t token_hash[32],
                          const char **ret_cookie, struct error *err) {
    uint8_t id[SESSION_ID_SIZE];
    char text[sodium_base64_ENCODED_LEN(SESSION_ID_SIZE, VARIANT)];
    if (!api->sessions) {
        return fail(err, STATUS_UNAVAILABLE, NULL, "Signing in is not available on this server");
    }
    // The random number goes to the browser alone. The database keeps its hash.
    randombytes_buf(id, sizeof id);
    sodium_bin2base64(text, sizeof text, id, sizeof id, VARIANT);
    const char *cookie =
        arena_printf(arena, "%s%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", cookie_name,
                     text, SESSION_HOURS * 3600, api->is_behind_tls ? "; Secure" : "");
    if (!cookie) {
        return fail_no_memory(err);
    }
    struct new_session session = {.life_hours = SESSION_HOURS,
                                  .of_token_max = SESSIONS_OF_TOKEN_MAX};
    hash_id(id, session.id_hash);
    memcpy(session.token_hash, token_hash, sizeof session.token_hash);
    enum status status = store_session_add(api->store, &session, err);
    if (status) {
        return status;
    }
    *ret_cookie = cookie;
    return STATUS_OK;
}

// The row goes first: a daemon that read it just before knows it for half a second more, this one no longer.
enum status session_end(const struct api *api, const struct session *session,
                        const char **ret_cookie, struct error *err) {
    uint8_t hash[SESSION_ID_SIZE];
    hash_id(session->id, hash);
    enum status status = store_session_end(api->store, hash, err);
    forget(api->sessions, hash);
    if (status) {
        return status;
    }
    *ret_cookie = "registryd_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
    return STATUS_OK;
}

// ---- forms ----

static void make_form_token(const struct session *session,
                            char ret_text[2 * FORM_TOKEN_BYTES + 1]) {
    uint8_t hash[FORM_TOKEN_BYTES];
    crypto_generichash(hash, sizeof hash, session->id, sizeof session->id, form_key,
                       sizeof form_key - 1);
    sodium_bin2hex(ret_text, 2 * FORM_TOKEN_BYTES + 1, hash, sizeof hash);
}

const char *session_form_token(struct arena *arena, const struct session *session) {
    char text[2 * FORM_TOKEN_BYTES + 1];
    make_form_token(session, text);
    return arena_strdup(arena, text);
}

bool session_owns_form(const struct session *session, const char *form_token) {
    char text[2 * FORM_TOKEN_BYTES + 1];
    make_form_token(session, text);
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
