// SPDX-License-Identifier: MIT
// From the Authorization header to a verdict. Whatever was sent is hashed and looked up, and every
// test is made before any of them is judged: a caller learns nothing from the text of a refusal, nor
// from the time it takes, about which test a token failed.
#include "registryd/api/access.h"

#include "registryd/api/token.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

struct token_kind {
    const char *name; // as the store has it
    enum access_level level;
    const char *doc;
};

static const struct token_kind kinds[] = {
    {.name = "admin", .level = ACCESS_ADMIN, .doc = "may do everything"},
    {.name = "publish", .level = ACCESS_PUBLISH, .doc = "may publish releases, and report"},
    {.name = "report", .level = ACCESS_REPORT, .doc = "may report how a host compares"},
};

// The text after "SCHEME ", or an empty view without a pointer when the scheme is another.
static struct text credentials_of(const char *authorization, const char *scheme) {
    size_t len = strlen(scheme);
    if (strncasecmp(authorization, scheme, len) != 0 || authorization[len] != ' ') {
        return (struct text){NULL, 0};
    }
    return text_trim(text_from(authorization + len));
}

// The password of "user:password" in base64: what package tools send.
static enum status basic_password(struct arena *arena, struct text credentials,
                                  struct text *ret_token, struct error *err) {
    unsigned char *plain = arena_alloc(arena, credentials.len + 1);
    if (!plain) {
        return fail_no_memory(err);
    }
    size_t len = 0;
    *ret_token = (struct text){"", 0};
    if (sodium_base642bin(plain, credentials.len, credentials.ptr, credentials.len, NULL, &len,
                          NULL, sodium_base64_VARIANT_ORIGINAL) == 0) {
        const char *colon = memchr(plain, ':', len);
        if (colon) {
            size_t before = (size_t)(colon + 1 - (const char *)plain);
            *ret_token = (struct text){colon + 1, len - before};
        }
    }
    return STATUS_OK;
}

// The token that was sent; empty when the header holds none in a form we know.
static enum status presented_token(const struct request *request, struct text *ret_token,
                                   struct error *err) {
    struct text bearer = credentials_of(request->authorization, "Bearer");
    struct text basic = credentials_of(request->authorization, "Basic");
    if (basic.ptr) {
        return basic_password(request->arena, basic, ret_token, err);
    }
    *ret_token = bearer.ptr ? bearer : (struct text){"", 0};
    return STATUS_OK;
}

static enum access_level level_of(const char *kind) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, kind) == 0) {
            return kinds[i].level;
        }
    }
    return ACCESS_NONE;
}

enum status access_check(struct api *api, enum access_level level, struct request *request,
                         struct error *err) {
    if (level == ACCESS_NONE || level == ACCESS_READ) {
        return STATUS_OK;
    }
    if (!request->authorization) {
        return fail(err, STATUS_UNAUTHORIZED, NULL,
                    "A token is needed: send it as \"Authorization: Bearer TOKEN\"");
    }
    struct text token;
    enum status status = presented_token(request, &token, err);
    if (status) {
        return status;
    }
    bool well_formed = token_is_well_formed(token);
    uint8_t hash[32];
    token_hash(token, hash);
    struct token_row row = {.name = "", .kind = "", .usable = false};
    status = store_token_load(api->store, request->arena, hash, &row, err);
    if (status && status != STATUS_NOT_FOUND) {
        return status;
    }
    if ((int)well_formed + (int)!status + (int)row.usable != 3) {
        return fail(err, STATUS_UNAUTHORIZED, NULL, "The token is not valid");
    }
    if (level_of(row.kind) < level) {
        return fail(err, STATUS_FORBIDDEN, NULL, "The token \"%s\" does not allow this", row.name);
    }
    request->actor = row.name;
    return STATUS_OK;
}
