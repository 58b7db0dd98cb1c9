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

// Decodes the name of a token or a team. NULL after an error.
static const char *decode_name(struct object_reader *reader, const char *where,
                               const json_t *value) {
    struct error why;
    const char *name = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (name && token_check_name(name, where, &why)) {
        object_add_cause(reader, "name-invalid", where, &why);
        return NULL;
    }
    return name;
}

static void decode_token_name(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    struct token_wish *wish = target;
    wish->name = decode_name(reader, where, value);
}

static void decode_team(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct token_wish *wish = target;
    wish->team = decode_name(reader, where, value);
}

static void decode_kind(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct token_wish *wish = target;
    const char *name = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    for (size_t i = 0; name && i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            wish->kind = kinds[i].name;
            return;
        }
    }
    if (name) {
        object_add_error(reader, "kind-unknown", where,
                         "The kind of a token is user, ci or admin, not \"%s\"", name);
    }
}

static void decode_scopes(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    struct token_wish *wish = target;
    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, SCOPES_MAX)) {
        return;
    }
    struct text *scopes = object_array(reader, json_array_size(value), sizeof *scopes);
    size_t count = 0;
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(reader->arena, where, index);
        const char *text = object_text(reader, at, item, LIMIT_SHORT_TEXT_BYTES, true);
        struct right right;
        struct error why;
        if (text && right_parse(reader->arena, text_from(text), &right, &why)) {
            object_add_cause(reader, "scope-unknown", at, &why);
        } else if (text && scopes) {
            scopes[count++] = text_from(text);
        }
    }
    wish->scopes = scopes;
    wish->scope_count = count;
}

static void decode_prefix(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    struct token_wish *wish = target;
    struct error why;
    const char *text = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (text && name_normalize(reader->arena, text_from(text), &wish->prefix, &why)) {
        object_add_cause(reader, "name-invalid", where, &why);
    }
}

enum status token_wish_decode(const struct request *request, struct findings *findings,
                              struct token_wish *ret_wish, struct error *err) {
    static const struct object_member members[] = {
        {"name", MEMBER_CUSTOM, .required = true, .decode = decode_token_name},
        {"team", MEMBER_CUSTOM, .decode = decode_team},
        {"kind", MEMBER_CUSTOM, .decode = decode_kind},
        {"scopes", MEMBER_CUSTOM, .decode = decode_scopes},
        {"prefix", MEMBER_CUSTOM, .decode = decode_prefix},
        {"days", MEMBER_INTEGER, offsetof(struct token_wish, days), .min = 1,
         .max = TOKEN_DAYS_MAX},
        {"grant", MEMBER_FLAG, offsetof(struct token_wish, is_granting)},
    };
    static const struct body_form form = {"A token", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES};
    struct token_wish wish = {.kind = kinds[0].name, .days = TOKEN_DAYS};
    enum status status = body_decode(request, &form, findings, &wish, err);
    if (!status) {
        *ret_wish = wish;
    }
    return status;
}

static enum status check_scopes(const struct token_wish *wish, struct error *err) {
    bool is_admin = strcmp(wish->kind, "admin") == 0;
    if (is_admin && (wish->scope_count || wish->prefix || wish->is_granting)) {
        return fail(err, STATUS_INVALID, "/scopes",
                    "An administrator's token has no scopes, prefix or grants");
    }
    if (!is_admin && !wish->scope_count) {
        return fail(err, STATUS_INVALID, "/scopes", "Name at least one scope for the token");
    }
    return STATUS_OK;
}

static const char *prefix_of(const char *kind) {
    size_t i = 0;
    while (i + 1 < COUNT_OF(kinds) && strcmp(kinds[i].name, kind) != 0) {
        i++;
    }
    return kinds[i].prefix;
}

enum status token_new_generate(const struct token_wish *wish, const char *actor,
                               struct new_token *ret_token, char ret_text[TOKEN_TEXT_SIZE],
                               struct error *err) {
    enum status status = check_scopes(wish, err);
    if (status) {
        return status;
    }
    status = token_generate(prefix_of(wish->kind), ret_text, err);
    if (status) {
        return status;
    }
    *ret_token = (struct new_token){
        .name = wish->name,
        .kind = wish->kind,
        .team = wish->team ? wish->team : wish->name,
        .scopes = wish->scopes,
        .scope_count = wish->scope_count,
        .name_prefix = wish->prefix,
        .days = (int)wish->days,
        .is_granting = wish->is_granting,
        .actor = actor,
    };
    token_hash(text_from(ret_text), ret_token->hash);
    return STATUS_OK;
}
