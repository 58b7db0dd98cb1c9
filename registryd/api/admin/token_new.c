// SPDX-License-Identifier: MIT
// A new token, from what was asked for to what is stored.
#include "registryd/api/admin/token_new.h"

#include "registryd/access/rights.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <string.h>

struct kind {
    const char *name;
    const char *prefix;
};

static const struct kind kinds[] = {{"user", "plg_"}, {"ci", "plgc_"}, {"admin", "plga_"}};

static const struct body_member members[] = {
    {"name", JSON_STRING, LIMIT_NAME_BYTES, true},
    {"team", JSON_STRING, LIMIT_NAME_BYTES, false},
    {"kind", JSON_STRING, LIMIT_NAME_BYTES, false},
    {"scopes", JSON_ARRAY, 0, false},
    {"prefix", JSON_STRING, LIMIT_NAME_BYTES, false},
    {"days", JSON_INTEGER, 0, false},
    {"grant", JSON_TRUE, 0, false},
};

enum { SCOPES_MAX = 100 };

enum status token_check_name(const char *name, const char *where, struct error *err) {
    size_t len = strlen(name);
    bool is_sound = len && len <= LIMIT_NAME_BYTES && is_alnum(name[0]);
    for (size_t i = 0; i < len && is_sound; i++) {
        is_sound = is_alnum(name[i]) || strchr("._-@+", name[i]);
    }
    return is_sound ? STATUS_OK
                    : fail(err, STATUS_INVALID, where,
                           "\"%s\" must begin with a letter or a digit and hold only these and "
                           "\"._-@+\", %d at the most",
                           name, LIMIT_NAME_BYTES);
}

static enum status read_kind(const json_t *body, const struct kind **ret_kind, struct error *err) {
    const char *name = body_text(body, "kind");
    *ret_kind = &kinds[0];
    for (size_t i = 0; name && i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = &kinds[i];
            return STATUS_OK;
        }
    }
    return name ? fail(err, STATUS_INVALID, "/kind",
                       "There are tokens of the kinds user, ci and admin, not \"%s\"", name)
                : STATUS_OK;
}

static enum status read_scopes(struct arena *arena, const json_t *list, struct new_token *token,
                               struct error *err) {
    size_t count = json_array_size(list);
    struct text *scopes = arena_array(arena, count + 1, sizeof *scopes);
    if (!scopes) {
        return fail_no_memory(err);
    }
    if (count > SCOPES_MAX) {
        return fail(err, STATUS_INVALID, "/scopes", "A token has at most %d scopes", SCOPES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        struct right right;
        enum status status = right_parse(arena, text_from(text), &right, err);
        if (status) {
            return status;
        }
        scopes[i].ptr = arena_strdup(arena, text);
        if (!scopes[i].ptr) {
            return fail_no_memory(err);
        }
        scopes[i].len = strlen(text);
    }
    token->scopes = scopes;
    token->scope_count = count;
    return STATUS_OK;
}

static enum status check_scopes(const struct new_token *token, struct error *err) {
    bool is_admin = strcmp(token->kind, "admin") == 0;
    if (is_admin && (token->scope_count || token->name_prefix || token->is_granting)) {
        return fail(err, STATUS_INVALID, "/scopes",
                    "An administrator's token has no scopes, prefix or grants");
    }
    if (!is_admin && !token->scope_count) {
        return fail(err, STATUS_INVALID, "/scopes", "Say in scopes what the token is for");
    }
    return STATUS_OK;
}

static enum status read_prefix(struct arena *arena, const json_t *body, struct new_token *token,
                               struct error *err) {
    const char *prefix = body_text(body, "prefix");
    if (!prefix) {
        return STATUS_OK;
    }
    struct error inner = {0};
    enum status status = name_normalize(arena, text_from(prefix), &token->name_prefix, &inner);
    return status == STATUS_INVALID ? fail(err, STATUS_INVALID, "/prefix", "%s", inner.message)
                                    : status;
}

static enum status read_days(const json_t *body, struct new_token *token, struct error *err) {
    const json_t *days = json_object_get(body, "days");
    json_int_t count = days ? json_integer_value(days) : TOKEN_DAYS;
    if (count < 1 || count > TOKEN_DAYS_MAX) {
        return fail(err, STATUS_INVALID, "/days", "A token lives 1 to %d days", TOKEN_DAYS_MAX);
    }
    token->days = (int)count;
    return STATUS_OK;
}

static enum status read_names(struct arena *arena, const json_t *body, struct new_token *token,
                              struct error *err) {
    const char *team = body_text(body, "team");
    token->name = arena_strdup(arena, body_text(body, "name"));
    token->team = team ? arena_strdup(arena, team) : token->name;
    if (!token->name || !token->team) {
        return fail_no_memory(err);
    }
    enum status status = token_check_name(token->name, "/name", err);
    return status ? status : token_check_name(token->team, "/team", err);
}

enum status token_new_decode(const struct request *request, struct new_token *ret_token,
                             char ret_text[TOKEN_TEXT_SIZE], struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    struct arena *arena = request->arena;
    struct new_token token = {.actor = request->actor};
    const struct kind *kind = NULL;
    enum status status = body_decode(request, members, COUNT_OF(members), &body, err);
    if (status || (status = read_names(arena, body, &token, err)) ||
        (status = read_kind(body, &kind, err)) ||
        (status = read_scopes(arena, json_object_get(body, "scopes"), &token, err)) ||
        (status = read_prefix(arena, body, &token, err)) ||
        (status = read_days(body, &token, err))) {
        return status;
    }
    token.kind = kind->name;
    token.is_granting = json_is_true(json_object_get(body, "grant"));
    if ((status = check_scopes(&token, err)) ||
        (status = token_generate(kind->prefix, ret_text, err))) {
        return status;
    }
    token_hash(text_from(ret_text), token.hash);
    *ret_token = token;
    return STATUS_OK;
}
