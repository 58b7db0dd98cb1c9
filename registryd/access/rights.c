// SPDX-License-Identifier: MIT
// The table of scopes, and the one comparison behind every right: a right is a scope and an object, and it covers what
// the row of its scope says. Everything that is asked goes through covers(), so a new kind of object is one case
// there. What is not granted is refused; a line of a later version that cannot be read grants nothing.
#include "registryd/access/rights.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <assert.h>
#include <string.h>

enum object_kind { OBJECT_NONE, OBJECT_PACKAGE, OBJECT_GROUP, OBJECT_ENVIRONMENT, OBJECT_HOST };

struct scope_row {
    const char *name;        // as it is written
    enum object_kind object; // what kind of object it is held against
    bool is_for_teams;       // not for administrators: publishing, and reading secrets
};

// What a row's object looks like, as written in a grant or after the ":" of a scope:
//
//     OBJECT_PACKAGE      "acme"      acme and acme-crm, but not acmetools
//     OBJECT_GROUP        "crm"       crm and crm.importers, but not crmx
//     OBJECT_ENVIRONMENT  "prod"      prod alone
//     OBJECT_HOST         "web-*"     every host whose name begins with web-
//     all of them         "*"         everything
//
static const struct scope_row rows[] = {
    [SCOPE_READ] = {"read", OBJECT_NONE, false},
    [SCOPE_PUBLISH_NEW] = {"publish:new", OBJECT_PACKAGE, true},
    [SCOPE_PUBLISH_UPDATE] = {"publish:update", OBJECT_PACKAGE, true},
    [SCOPE_GROUP_PUBLISH] = {"group:publish", OBJECT_GROUP, true},
    [SCOPE_GROUP_CONTRACT] = {"group:contract", OBJECT_GROUP, false},
    [SCOPE_YANK] = {"yank", OBJECT_PACKAGE, false},
    [SCOPE_ENVIRONMENT] = {"environment", OBJECT_ENVIRONMENT, false},
    [SCOPE_ENVIRONMENT_READ] = {"environment:read", OBJECT_ENVIRONMENT, false},
    [SCOPE_ENVIRONMENT_SECRETS] = {"environment:secrets", OBJECT_ENVIRONMENT, true},
    [SCOPE_REPORT] = {"report", OBJECT_HOST, false},
    [SCOPE_IMPORT] = {"import", OBJECT_PACKAGE, true},
};
static_assert(COUNT_OF(rows) == SCOPE_COUNT, "a row for every scope");

static const char anything[] = "*";

const char *scope_name(enum scope scope) {
    return rows[scope].name;
}

static bool find_scope(struct text name, enum scope *ret_scope) {
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (text_equals(name, rows[i].name)) {
            *ret_scope = (enum scope)i;
            return true;
        }
    }
    return false;
}

// ---- reading ----

// Hosts name themselves freely in reports. A name with a space, or with a "*" within it, cannot be bound.
static bool is_host(const char *object) {
    size_t len = strlen(object);
    bool is_sound = len > 0 && len <= LIMIT_NAME_BYTES && utf8_is_valid(object, len);
    for (size_t i = 0; i < len && is_sound; i++) {
        is_sound = !is_control(object[i]) && object[i] != ' ' && (object[i] != '*' || i == len - 1);
    }
    return is_sound;
}

enum status right_check_object(enum scope scope, const char *object, struct error *err) {
    static const char *const wanted[] = {
        [OBJECT_NONE] = "only \"*\"",
        [OBJECT_PACKAGE] = "a prefix of package names",
        [OBJECT_GROUP] = "a prefix of group names",
        [OBJECT_ENVIRONMENT] = "the name of an environment",
        [OBJECT_HOST] = "a host name, or a prefix that ends in \"*\"",
    };
    enum object_kind kind = rows[scope].object;
    size_t len = strlen(object);
    bool is_sound = strcmp(object, anything) == 0;
    if (kind == OBJECT_HOST) {
        is_sound = is_host(object);
    } else if (!is_sound && kind != OBJECT_NONE) {
        size_t max_len = kind == OBJECT_GROUP ? LIMIT_GROUP_BYTES : LIMIT_NAME_BYTES;
        is_sound = len > 0 && len <= max_len && is_alnum(object[0]);
        for (size_t i = 0; i < len && is_sound; i++) {
            is_sound = is_alnum(object[i]) || strchr("._-:", object[i]);
        }
    }
    return is_sound
               ? STATUS_OK
               : fail(err, STATUS_INVALID, "/object", "The object of the scope %s is \"*\", or %s",
                      rows[scope].name, wanted[kind]);
}

static enum status no_such_scope(struct text text, struct error *err) {
    return fail(
        err, STATUS_INVALID, "/scopes",
        "\"%.*s\" is not a scope. Scopes are read, publish:new, publish:update, group:publish, "
        "group:contract, yank, environment (or environment:NAME), environment:read (or "
        "environment:read:NAME), environment:secrets (or environment:secrets:NAME), report (or "
        "report:HOST) and import",
        (int)(text.len < 100 ? text.len : 100), text.ptr);
}

// "report:web-1" is the scope before a ":" and its object. Of two scopes that fit the longer one is meant:
// "environment:read:prod" binds environment:read. Moves *rest to the object.
static bool find_bound_scope(struct text *rest, enum scope *ret_scope) {
    size_t longest = 0;
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        size_t len = strlen(rows[i].name);
        bool is_bindable = rows[i].object == OBJECT_ENVIRONMENT || rows[i].object == OBJECT_HOST;
        if (is_bindable && len > longest && rest->len > len + 1 && rest->ptr[len] == ':' &&
            memcmp(rest->ptr, rows[i].name, len) == 0) {
            longest = len;
            *ret_scope = (enum scope)i;
        }
    }
    if (!longest) {
        return false;
    }
    *rest = (struct text){rest->ptr + longest + 1, rest->len - longest - 1};
    return true;
}

enum status right_parse(struct arena *arena, struct text text, struct right *ret_right,
                        struct error *err) {
    enum scope scope;
    if (find_scope(text, &scope)) {
        *ret_right = (struct right){scope, anything};
        return STATUS_OK;
    }
    struct text rest = text;
    if (!find_bound_scope(&rest, &scope)) {
        return no_such_scope(text, err);
    }
    const char *object = arena_copy(arena, rest.ptr, rest.len);
    if (!object) {
        return fail_no_memory(err);
    }
    *ret_right = (struct right){scope, object};
    return right_check_object(scope, object, err);
}

const char *right_granted_object(const struct right *scope, const char *name_prefix) {
    if (!name_prefix || strcmp(scope->object, anything) != 0) {
        return scope->object;
    }
    return rows[scope->scope].object == OBJECT_PACKAGE ? name_prefix : NULL;
}

static size_t count_lines(const char *lines) {
    size_t count = *lines != '\0';
    for (const char *c = lines; *c; c++) {
        count += *c == '\n';
    }
    return count;
}

// Lines of the token: "read\nenvironment:prod".
static enum status read_scopes(struct arena *arena, const char *lines, struct rights *rights,
                               struct error *err) {
    rights->scopes = arena_array(arena, count_lines(lines) + 1, sizeof *rights->scopes);
    if (!rights->scopes) {
        return fail_no_memory(err);
    }
    struct text rest = text_from(lines);
    struct text line;
    while (text_split(&rest, '\n', &line)) {
        struct right right;
        enum status status = right_parse(arena, line, &right, NULL);
        if (status == STATUS_NO_MEMORY) {
            return fail_no_memory(err);
        }
        // A scope that this version does not know is left out: it grants nothing.
        if (!status) {
            rights->scopes[rights->scope_count++] = right;
        }
    }
    return STATUS_OK;
}

// Lines of the team: "publish:new acme\nyank *".
static enum status read_grants(struct arena *arena, const char *lines, struct rights *rights,
                               struct error *err) {
    rights->grants = arena_array(arena, count_lines(lines) + 1, sizeof *rights->grants);
    if (!rights->grants) {
        return fail_no_memory(err);
    }
    struct text rest = text_from(lines);
    struct text line;
    while (text_split(&rest, '\n', &line)) {
        struct text name;
        struct right right = {0};
        if (!text_split(&line, ' ', &name) || !find_scope(name, &right.scope)) {
            continue;
        }
        right.object = arena_copy(arena, line.ptr, line.len);
        if (!right.object) {
            return fail_no_memory(err);
        }
        rights->grants[rights->grant_count++] = right;
    }
    return STATUS_OK;
}

// Only an administrator's actor has a colon: names of teams and tokens cannot hold one, so a team that is
// called "admin" is never taken for an administrator.
static const char *make_actor(struct arena *arena, const struct token_row *token, bool is_admin) {
    const char *role = is_admin ? "admin:" : "";
    return strcmp(token->team, token->name) == 0
               ? arena_printf(arena, "%s%s", role, token->name)
               : arena_printf(arena, "%s%s/%s", role, token->team, token->name);
}

enum status rights_make(struct arena *arena, const struct token_row *token,
                        struct rights *ret_rights, struct error *err) {
    struct rights rights = {
        .team = token->team,
        .token_id = token->id,
        .is_admin = strcmp(token->kind, "admin") == 0,
        .name_prefix = token->name_prefix,
    };
    rights.actor = make_actor(arena, token, rights.is_admin);
    if (!rights.actor) {
        return fail_no_memory(err);
    }
    enum status status = read_scopes(arena, token->scopes, &rights, err);
    if (status) {
        return status;
    }
    status = read_grants(arena, token->grants, &rights, err);
    if (status) {
        return status;
    }
    *ret_rights = rights;
    return STATUS_OK;
}

// ---- judging ----

static bool begins(const char *prefix, const char *name, const char *separators) {
    size_t len = strlen(prefix);
    return strncmp(prefix, name, len) == 0 && (!name[len] || strchr(separators, name[len]));
}

// "web-1", or "web-*" for all hosts whose names begin so.
static bool covers_host(const char *granted, const char *host) {
    size_t len = strlen(granted);
    return len && granted[len - 1] == '*' ? strncmp(granted, host, len - 1) == 0
                                          : strcmp(granted, host) == 0;
}

// Without an object the question is "on anything at all?": the handler asks again when it knows
// more.
static bool covers(enum object_kind kind, const char *granted, const char *object) {
    if (!object || strcmp(granted, anything) == 0) {
        return true;
    }
    switch (kind) {
    case OBJECT_NONE:
        return false;
    case OBJECT_PACKAGE:
        return begins(granted, object, "-");
    case OBJECT_GROUP:
        return begins(granted, object, ".-_:");
    case OBJECT_ENVIRONMENT:
        return strcmp(granted, object) == 0;
    case OBJECT_HOST:
        return covers_host(granted, object);
    }
    return false;
}

// Rights without an object are passed over: no name says what the team owns.
static bool find(const struct right *items, size_t count, enum scope scope, const char *object) {
    for (size_t i = 0; i < count; i++) {
        if (items[i].scope == scope && items[i].object &&
            covers(rows[scope].object, items[i].object, object)) {
            return true;
        }
    }
    return false;
}

// The token's own bounds.
static bool token_allows(const struct rights *rights, enum scope scope, const char *object) {
    bool is_named = rows[scope].object == OBJECT_PACKAGE && object && rights->name_prefix;
    return find(rights->scopes, rights->scope_count, scope, object) &&
           (!is_named || covers(OBJECT_PACKAGE, rights->name_prefix, object));
}

// Both must say yes: the token bounds itself, the team's grants bound the token.
bool rights_allow(const struct rights *rights, enum scope scope, const char *object) {
    if (rights->is_admin) {
        return !rows[scope].is_for_teams;
    }
    return token_allows(rights, scope, object) &&
           find(rights->grants, rights->grant_count, scope, object);
}

bool rights_allow_settings(const struct rights *rights, const char *environment) {
    return rights_allow(rights, SCOPE_ENVIRONMENT_READ, environment) ||
           rights_allow(rights, SCOPE_ENVIRONMENT_SECRETS, environment) ||
           rights_allow(rights, SCOPE_ENVIRONMENT, environment);
}

// Ownership stands in for the team's grant, never for the token's own scope.
bool rights_allow_own(const struct rights *rights, enum scope scope, const char *object,
                      const char *owner) {
    return owner && strcmp(owner, rights->team) == 0 && token_allows(rights, scope, object);
}

// ---- what is left of scopes and grants ----

struct right_list {
    struct right *items; // with room for every pair of a scope and a grant
    size_t count;
};

static void add_right(struct right_list *list, enum scope scope, const char *object) {
    for (size_t i = 0; i < list->count; i++) {
        const char *known = list->items[i].object;
        bool is_same = known && object ? strcmp(known, object) == 0 : known == object;
        if (list->items[i].scope == scope && is_same) {
            return;
        }
    }
    list->items[list->count++] = (struct right){scope, object};
}

// The smaller of two objects when it lies in the other, else NULL: nothing is in both.
static const char *intersect(enum object_kind kind, const char *one, const char *other) {
    return covers(kind, one, other) ? other : covers(kind, other, one) ? one : NULL;
}

// A token that owns nothing loses nothing by the line: it says "of what the team owns".
static bool is_ownable(enum scope scope) {
    return scope == SCOPE_PUBLISH_UPDATE || scope == SCOPE_YANK || scope == SCOPE_GROUP_PUBLISH ||
           scope == SCOPE_GROUP_CONTRACT;
}

static void add_rights_of(struct right_list *list, const struct rights *rights,
                          const struct right *own) {
    enum object_kind kind = rows[own->scope].object;
    bool has_prefix = kind == OBJECT_PACKAGE && rights->name_prefix;
    for (size_t i = 0; i < rights->grant_count; i++) {
        const struct right *grant = &rights->grants[i];
        const char *object =
            grant->scope == own->scope ? intersect(kind, own->object, grant->object) : NULL;
        if (object && has_prefix) {
            object = intersect(kind, rights->name_prefix, object);
        }
        if (object) {
            add_right(list, own->scope, object);
        }
    }
    const char *most = has_prefix ? rights->name_prefix : anything;
    bool has_all = find(list->items, list->count, own->scope, most);
    if (is_ownable(own->scope) && !has_all) {
        add_right(list, own->scope, NULL);
    }
}

enum status rights_effective(struct arena *arena, const struct rights *rights,
                             struct right **ret_list, size_t *ret_count, struct error *err) {
    size_t most = SCOPE_COUNT + rights->scope_count * (rights->grant_count + 1);
    struct right_list list = {.items = arena_array(arena, most, sizeof *list.items)};
    if (!list.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; rights->is_admin && i < SCOPE_COUNT; i++) {
        if (!rows[i].is_for_teams) {
            add_right(&list, (enum scope)i, anything);
        }
    }
    for (size_t i = 0; !rights->is_admin && i < rights->scope_count; i++) {
        add_rights_of(&list, rights, &rights->scopes[i]);
    }
    *ret_list = list.items;
    *ret_count = list.count;
    return STATUS_OK;
}
