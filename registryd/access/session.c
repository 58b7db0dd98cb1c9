// SPDX-License-Identifier: MIT
// libsodium's secret box around the session, in base64url.
#include "registryd/access/session.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

static const char cookie_name[] = "registryd_session=";

enum {
    PLAIN_SIZE = sizeof(struct session),
    SEALED_SIZE = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + PLAIN_SIZE,
    FORM_TOKEN_BYTES = 24,
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

static_assert(SESSION_KEY_SIZE == crypto_secretbox_KEYBYTES, "one key for both");

void session_key_make(uint8_t ret_key[SESSION_KEY_SIZE]) {
    randombytes_buf(ret_key, SESSION_KEY_SIZE);
}

// The value of our cookie among those sent; empty when it is not there.
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
    if (!api->session_key || !request->cookie) {
        return false;
    }
    struct text value = find_cookie(request->cookie);
    uint8_t sealed[SEALED_SIZE];
    size_t len = 0;
    struct session session;
    if (sodium_base642bin(sealed, sizeof sealed, value.ptr, value.len, NULL, &len, NULL, VARIANT) ||
        len != sizeof sealed ||
        crypto_secretbox_open_easy((uint8_t *)&session, sealed + crypto_secretbox_NONCEBYTES,
                                   sizeof sealed - crypto_secretbox_NONCEBYTES, sealed,
                                   api->session_key)) {
        return false;
    }
    if ((int64_t)time(NULL) - session.begun_s > (int64_t)SESSION_HOURS * 3600) {
        return false;
    }
    *ret_session = session;
    return true;
}

enum status session_begin(const struct api *api, struct arena *arena, const uint8_t token_hash[32],
                          const char **ret_cookie, struct error *err) {
    struct session session = {.begun_s = (int64_t)time(NULL)};
    uint8_t sealed[SEALED_SIZE];
    char text[sodium_base64_ENCODED_LEN(SEALED_SIZE, VARIANT)];
    if (!api->session_key) {
        return fail(err, STATUS_UNAVAILABLE, NULL, "Nobody can sign in here");
    }
    memcpy(session.token_hash, token_hash, sizeof session.token_hash);
    randombytes_buf(session.id, sizeof session.id);
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const uint8_t *)&session,
                          sizeof session, sealed, api->session_key);
    sodium_bin2base64(text, sizeof text, sealed, sizeof sealed, VARIANT);
    const char *cookie =
        arena_printf(arena, "%s%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", cookie_name,
                     text, SESSION_HOURS * 3600, api->is_behind_tls ? "; Secure" : "");
    *ret_cookie = cookie;
    return cookie ? STATUS_OK : fail_no_memory(err);
}

const char *session_end(void) {
    return "registryd_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
}

static void make_form_token(const struct api *api, const struct session *session,
                            char ret_text[2 * FORM_TOKEN_BYTES + 1]) {
    uint8_t hash[FORM_TOKEN_BYTES];
    crypto_generichash(hash, sizeof hash, session->id, sizeof session->id, api->session_key,
                       SESSION_KEY_SIZE);
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
