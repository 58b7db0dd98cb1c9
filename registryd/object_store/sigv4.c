// SPDX-License-Identifier: MIT
// The signature is made in three steps, each a text that AWS publishes examples of:
//
//   canonical request   method, path, sorted query, sorted headers, their names, hash of the body; a line each
//   string to sign      "AWS4-HMAC-SHA256", the time, the scope (day/region/s3/aws4_request), hash of the above
//   signature           HMAC of it with a key that is derived from the secret for this day and region
//
// Both ends make the same texts, so one byte that differs (an escape in lower case, a header's second space) is a refusal
// that names no reason. tests/unit/registryd/test_sigv4.c holds every step to the published values.
#include "registryd/object_store/sigv4.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAIRS_MAX = 16,
    CANONICAL_BYTES_MAX = 16 * 1024,
    DAY_LEN = 8, // of "20130524T000000Z"
};
static const char algorithm[] = "AWS4-HMAC-SHA256";

void sigv4_date(int64_t unix_seconds, char ret_date[SIGV4_DATE_SIZE]) {
    time_t moment = (time_t)unix_seconds;
    struct tm utc;
    gmtime_r(&moment, &utc);
    strftime(ret_date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &utc);
}

void sigv4_encode(struct buffer *buffer, const char *text, bool is_path) {
    for (const char *c = text; *c; c++) {
        bool is_plain = is_alnum(*c) || strchr("-._~", *c) || (is_path && *c == '/');
        if (is_plain) {
            buffer_add(buffer, c, 1);
        } else {
            buffer_printf(buffer, "%%%02X", (unsigned char)*c);
        }
    }
}

static int compare_pairs(const void *one, const void *other) {
    const struct sigv4_pair *a = one;
    const struct sigv4_pair *b = other;
    int order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->value, b->value);
}

// In the order of their names, as both ends must write them.
static size_t sort(const struct sigv4_pair *pairs, size_t count,
                   struct sigv4_pair ret_sorted[PAIRS_MAX]) {
    count = count < PAIRS_MAX ? count : PAIRS_MAX;
    if (count) {
        memcpy(ret_sorted, pairs, count * sizeof *pairs);
        qsort(ret_sorted, count, sizeof *ret_sorted, compare_pairs);
    }
    return count;
}

static void add_query(struct buffer *buffer, const struct sigv4_request *request) {
    struct sigv4_pair sorted[PAIRS_MAX];
    size_t count = sort(request->query, request->query_count, sorted);
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(buffer, i ? "&" : "");
        sigv4_encode(buffer, sorted[i].name, false);
        buffer_add_string(buffer, "=");
        sigv4_encode(buffer, sorted[i].value, false);
    }
}

void sigv4_target(struct buffer *buffer, const struct sigv4_request *request) {
    sigv4_encode(buffer, request->path, true);
    if (request->query_count) {
        buffer_add_string(buffer, "?");
        add_query(buffer, request);
    }
}

// "host;range;x-amz-date"
static void add_signed_names(struct buffer *buffer, const struct sigv4_request *request) {
    struct sigv4_pair sorted[PAIRS_MAX];
    size_t count = sort(request->headers, request->header_count, sorted);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(buffer, "%s%s", i ? ";" : "", sorted[i].name);
    }
}

static void add_canonical(struct buffer *buffer, const struct sigv4_request *request) {
    struct sigv4_pair sorted[PAIRS_MAX];
    size_t count = sort(request->headers, request->header_count, sorted);
    buffer_printf(buffer, "%s\n", request->method);
    sigv4_encode(buffer, request->path, true);
    buffer_add_string(buffer, "\n");
    add_query(buffer, request);
    buffer_add_string(buffer, "\n");
    for (size_t i = 0; i < count; i++) {
        struct text value = text_trim(text_from(sorted[i].value));
        buffer_printf(buffer, "%s:%.*s\n", sorted[i].name, (int)value.len, value.ptr);
    }
    buffer_add_string(buffer, "\n");
    add_signed_names(buffer, request);
    buffer_printf(buffer, "\n%s", request->payload_sha256);
}

static const char *copy_out(struct arena *arena, const struct buffer *buffer) {
    return buffer->failed ? NULL : arena_strdup(arena, buffer->ptr ? buffer->ptr : "");
}

const char *sigv4_canonical(struct arena *arena, const struct sigv4_request *request) {
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, CANONICAL_BYTES_MAX);
    add_canonical(&buffer, request);
    return copy_out(arena, &buffer);
}

// "20130524/us-east-1/s3/aws4_request"
static const char *make_scope(struct arena *arena, const struct sigv4_identity *identity,
                              const char date[SIGV4_DATE_SIZE]) {
    return arena_printf(arena, "%.*s/%s/s3/aws4_request", DAY_LEN, date, identity->region);
}

const char *sigv4_to_sign(struct arena *arena, const struct sigv4_identity *identity,
                          const struct sigv4_request *request) {
    char date[SIGV4_DATE_SIZE];
    char hex[DIGEST_HEX_SIZE];
    uint8_t digest[DIGEST_SIZE];
    const char *canonical = sigv4_canonical(arena, request);
    sigv4_date(request->unix_seconds, date);
    const char *scope = make_scope(arena, identity, date);
    if (!canonical || !scope) {
        return NULL;
    }
    digest_sha256(canonical, strlen(canonical), digest);
    digest_hex(digest, hex);
    return arena_printf(arena, "%s\n%s\n%s\n%s", algorithm, date, scope, hex);
}

// crypto_auth_hmacsha256() takes keys of 32 bytes alone; the first key is as long as the secret.
static void hmac(struct text key, struct text message,
                 uint8_t ret_mac[crypto_auth_hmacsha256_BYTES]) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)message.ptr, message.len);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    sodium_memzero(&state, sizeof state);
}

void sigv4_signature(const struct sigv4_identity *identity, int64_t unix_seconds,
                     const char *to_sign, char ret_signature[SIGV4_SIGNATURE_SIZE]) {
    char date[SIGV4_DATE_SIZE];
    char secret[256];
    uint8_t key[crypto_auth_hmacsha256_BYTES];
    sigv4_date(unix_seconds, date);
    int len = snprintf(secret, sizeof secret, "AWS4%s", identity->secret_key);
    size_t secret_len = (size_t)len < sizeof secret ? (size_t)len : sizeof secret - 1;
    const struct text steps[] = {{date, DAY_LEN},
                                 text_from(identity->region),
                                 text_from("s3"),
                                 text_from("aws4_request"),
                                 text_from(to_sign)};
    hmac((struct text){secret, secret_len}, steps[0], key);
    for (size_t i = 1; i < COUNT_OF(steps); i++) {
        hmac((struct text){(const char *)key, sizeof key}, steps[i], key);
    }
    digest_hex(key, ret_signature);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(key, sizeof key);
}

const char *sigv4_authorization(struct arena *arena, const struct sigv4_identity *identity,
                                const struct sigv4_request *request) {
    char date[SIGV4_DATE_SIZE];
    char signature[SIGV4_SIGNATURE_SIZE];
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, CANONICAL_BYTES_MAX);
    sigv4_date(request->unix_seconds, date);
    const char *scope = make_scope(arena, identity, date);
    const char *to_sign = sigv4_to_sign(arena, identity, request);
    if (!scope || !to_sign) {
        return NULL;
    }
    sigv4_signature(identity, request->unix_seconds, to_sign, signature);
    buffer_printf(&buffer, "%s Credential=%s/%s,SignedHeaders=", algorithm, identity->access_key,
                  scope);
    add_signed_names(&buffer, request);
    buffer_printf(&buffer, ",Signature=%s", signature);
    return copy_out(arena, &buffer);
}

// The parameters that say who signs, and for how long. Gives their number.
static size_t add_signer(struct arena *arena, const struct sigv4_identity *identity,
                         const char date[SIGV4_DATE_SIZE], int seconds, struct sigv4_pair *pairs) {
    const char *scope = make_scope(arena, identity, date);
    const struct sigv4_pair own[] = {
        {"X-Amz-Algorithm", algorithm},
        {"X-Amz-Credential",
         scope ? arena_printf(arena, "%s/%s", identity->access_key, scope) : NULL},
        {"X-Amz-Date", arena_strdup(arena, date)},
        {"X-Amz-Expires", arena_printf(arena, "%d", seconds)},
        {"X-Amz-SignedHeaders", "host"},
        {"X-Amz-Security-Token", identity->session_token},
    };
    size_t count = COUNT_OF(own) - !identity->session_token;
    memcpy(pairs, own, count * sizeof *own);
    return count;
}

const char *sigv4_presign(struct arena *arena, const struct sigv4_identity *identity,
                          const struct sigv4_request *request, int seconds) {
    char date[SIGV4_DATE_SIZE];
    char signature[SIGV4_SIGNATURE_SIZE];
    struct sigv4_pair query[PAIRS_MAX];
    struct sigv4_request whole = *request;
    sigv4_date(request->unix_seconds, date);
    whole.query = query;
    whole.query_count = add_signer(arena, identity, date, seconds, query);
    for (size_t i = 0; i < request->query_count && whole.query_count < PAIRS_MAX; i++) {
        query[whole.query_count++] = request->query[i];
    }
    for (size_t i = 0; i < whole.query_count; i++) {
        if (!query[i].value) {
            return NULL;
        }
    }
    const char *to_sign = sigv4_to_sign(arena, identity, &whole);
    if (!to_sign) {
        return NULL;
    }
    sigv4_signature(identity, request->unix_seconds, to_sign, signature);
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, CANONICAL_BYTES_MAX);
    sigv4_target(&buffer, &whole);
    buffer_printf(&buffer, "&X-Amz-Signature=%s", signature);
    return copy_out(arena, &buffer);
}
