// SPDX-License-Identifier: MIT
// Below both faces: no body is read and no reply is written here. All rules of a token are checked before
// the answer, so that every fault is reported at once. A token's text is made last, so that nothing random is drawn
// for a wish that is refused; only its hash goes to the store.
#include "registryd/api/admin/token_use_cases.h"

#include "registryd/access/access.h"
#include "registryd/access/rights.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// The prefix is readable on purpose. Secret scanners find "plga_..." in a commit, and a person sees
// from the text alone whether an administrator's token leaked.
struct token_kind {
    const char *name;
    const char *prefix; // of its text
};

static const struct token_kind kinds[] = {{"user", "plg_"}, {"ci", "plgc_"}, {"admin", "plga_"}};

// More scopes than this are a mistake of a script; each is compared on every request of the token.
enum { SCOPES_MAX = 100, IMPORT_DAYS_MAX = 30 };

// ---- creating ----

enum status token_check_name(const char *name, const char *where, struct error *err) {
    size_t len = strlen(name);
    bool is_sound = len && len <= LIMIT_NAME_BYTES && is_alnum(name[0]);
    for (size_t i = 0; i < len && is_sound; i++) {
        is_sound = is_alnum(name[i]) || strchr("._-@+", name[i]);
    }
    return is_sound
               ? STATUS_OK
               : fail(err, STATUS_INVALID, where,
                      "The name \"%s\" is not allowed. It must begin with a letter or a digit, "
                      "use only letters, digits and \"._-@+\", and have at most %d characters.",
                      name, LIMIT_NAME_BYTES);
}

// NULL with a finding when there is none.
// A fault is a finding and not an early return: check_wish goes on, so that a person who misspelt
// the kind and the team learns of both in one answer.
static const struct token_kind *find_kind(const char *name, struct findings *findings) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].name, name ? name : "user") == 0) {
            return &kinds[i];
        }
    }
    findings_add(findings, SEVERITY_ERROR, "kind-unknown", "/kind", NULL,
                 "\"%s\" is not a kind of token. Use user, ci or admin.", name);
    return NULL;
}

static void check_name(const char *name, const char *where, struct findings *findings) {
    struct error why;
    if (token_check_name(name, where, &why)) {
        findings_add_error(findings, "name-invalid", &why);
    }
}

// The texts are kept as they were asked for: right_parse only judges them here. They are parsed
// again when the token is used, so a later rule also holds for older tokens.
static void copy_scopes(const struct strings *scopes, struct new_token *token,
                        struct findings *findings) {
    struct arena *arena = findings->arena;
    if (scopes->count > SCOPES_MAX) {
        findings_add(findings, SEVERITY_ERROR, "too-many-items", "/scopes", NULL,
                     "A token has at most %d scopes", SCOPES_MAX);
        return;
    }
    struct text *copies = arena_array(arena, scopes->count + 1, sizeof *copies);
    if (!copies) {
        findings->no_memory = true;
        return;
    }
    for (size_t i = 0; i < scopes->count; i++) {
        struct right right;
        struct error why;
        copies[i] = text_from(scopes->items[i]);
        enum status status = right_parse(arena, copies[i], &right, &why);
        if (status == STATUS_NO_MEMORY) {
            findings->no_memory = true;
        } else if (status) {
            findings_add(findings, SEVERITY_ERROR, "scope-unknown",
                         json_pointer_index(arena, "/scopes", i), NULL, "%s", why.message);
        }
    }
    token->scopes = copies;
    token->scope_count = scopes->count;
}

// The grants that come with the token. Scopes that cannot be read have their findings already.
static void make_grants(struct new_token *token, struct findings *findings) {
    struct text *grants = arena_array(findings->arena, token->scope_count + 1, sizeof *grants);
    for (size_t i = 0; grants && i < token->scope_count; i++) {
        struct right right;
        if (right_parse(findings->arena, token->scopes[i], &right, NULL)) {
            continue;
        }
        const char *object = right_granted_object(&right, token->name_prefix);
        const char *line =
            object ? arena_printf(findings->arena, "%s %s", scope_name(right.scope), object) : NULL;
        findings->no_memory |= object && !line;
        if (line) {
            grants[token->grant_count++] = text_from(line);
        }
    }
    findings->no_memory |= !grants;
    token->grants = grants;
}

// An import lifts limits that protect the registry, so a token for one does not live for long.
static void check_import(const struct token_wish *wish, struct findings *findings) {
    for (size_t i = 0; i < wish->scopes.count; i++) {
        if (strcmp(wish->scopes.items[i], scope_name(SCOPE_IMPORT)) == 0 &&
            wish->days > IMPORT_DAYS_MAX) {
            findings_add(findings, SEVERITY_ERROR, "number-out-of-range", "/days", NULL,
                         "A token with the scope import is valid for 1 to %d days",
                         IMPORT_DAYS_MAX);
        }
    }
}

static void check_scopes(const struct token_wish *wish, const struct token_kind *kind,
                         struct findings *findings) {
    bool is_admin = strcmp(kind->name, "admin") == 0;
    // An administrator's token may do everything but publish. Scopes on it would look like a limit
    // that is not enforced.
    if (is_admin && (wish->scopes.count || wish->prefix || wish->is_granting)) {
        findings_add(findings, SEVERITY_ERROR, "scopes-unwanted", "/scopes", NULL,
                     "An administrator's token has no scopes, no prefix and no grants");
    }
    if (!is_admin && !wish->scopes.count) {
        findings_add(findings, SEVERITY_ERROR, "scopes-missing", "/scopes", NULL,
                     "The token has no scopes. Name at least one, for example \"read\".");
    }
}

static void read_prefix(const char *prefix, struct new_token *token, struct findings *findings) {
    struct error why;
    if (!prefix) {
        return;
    }
    enum status status =
        name_normalize(findings->arena, text_from(prefix), &token->name_prefix, &why);
    if (status == STATUS_NO_MEMORY) {
        findings->no_memory = true;
    } else if (status) {
        findings_add(findings, SEVERITY_ERROR, "name-invalid", "/prefix", NULL, "%s", why.message);
    }
}

// Everything but the text.
static enum status check_wish(const struct token_wish *wish, struct findings *findings,
                              struct new_token *ret_token, const struct token_kind **ret_kind,
                              struct error *err) {
    size_t errors_before = findings->error_count;
    struct new_token token = {.name = wish->name,
                              .team = wish->team ? wish->team : wish->name,
                              .days = (int)wish->days,
                              .actor = wish->actor};
    const struct token_kind *kind = find_kind(wish->kind, findings);
    check_name(token.name, "/name", findings);
    if (wish->team) {
        check_name(token.team, "/team", findings);
    }
    copy_scopes(&wish->scopes, &token, findings);
    read_prefix(wish->prefix, &token, findings);
    if (wish->is_granting) {
        make_grants(&token, findings);
    }
    if (wish->days < 1 || wish->days > TOKEN_DAYS_MAX) {
        findings_add(findings, SEVERITY_ERROR, "number-out-of-range", "/days", NULL,
                     "A token is valid for 1 to %d days", TOKEN_DAYS_MAX);
    }
    if (kind) {
        token.kind = kind->name;
        check_scopes(wish, kind, findings);
        check_import(wish, findings);
    }
    *ret_token = token;
    *ret_kind = kind;
    return findings_fail(findings, errors_before, err);
}

// A token that can do nothing is a trap: it is found out only when a job fails with it.
static enum status check_reach(const struct token_wish *wish, const struct token_reach *reach,
                               struct findings *findings, struct error *err) {
    size_t errors_before = findings->error_count;
    if (wish->needs_right && !reach->can_act) {
        findings_add(findings, SEVERITY_ERROR, "right-missing", "/scopes", NULL,
                     "The token could do nothing: its team \"%s\" %s",
                     wish->team ? wish->team : wish->name,
                     wish->is_granting
                         ? "would get no grant. With a prefix only scopes on packages are granted."
                         : "has no grant for its scopes. Grant them with the token, or grant "
                           "them to the team first.");
    }
    return findings_fail(findings, errors_before, err);
}

// A wish that passed every rule.
struct prepared_token {
    struct new_token token;
    const struct token_kind *kind;
    struct token_reach reach;
};

static enum status prepare(struct api *api, const struct token_wish *wish,
                           struct findings *findings, struct prepared_token *ret_prepared,
                           struct error *err) {
    struct prepared_token prepared;
    enum status status = check_wish(wish, findings, &prepared.token, &prepared.kind, err);
    if (status) {
        return status;
    }
    status = token_reach_load(api, findings->arena, &prepared.token, &prepared.reach, err);
    if (status) {
        return status;
    }
    *ret_prepared = prepared;
    return check_reach(wish, &prepared.reach, findings, err);
}

enum status token_foresee(struct api *api, const struct token_wish *wish, struct findings *findings,
                          struct issued_token *ret_token, struct error *err) {
    struct prepared_token prepared;
    enum status status = prepare(api, wish, findings, &prepared, err);
    if (status) {
        return status;
    }
    *ret_token = (struct issued_token){.info = {.name = prepared.token.name,
                                                .kind = prepared.token.kind,
                                                .team = prepared.token.team,
                                                .name_prefix = prepared.token.name_prefix},
                                       .reach = prepared.reach};
    return STATUS_OK;
}

enum status token_issue(struct api *api, const struct token_wish *wish, struct findings *findings,
                        struct issued_token *ret_token, struct error *err) {
    struct arena *arena = findings->arena;
    struct prepared_token prepared;
    struct issued_token issued;
    struct token_receipt receipt;
    enum status status = prepare(api, wish, findings, &prepared, err);
    if (status) {
        return status;
    }
    status = token_generate(prepared.kind->prefix, issued.text, err);
    if (status) {
        return status;
    }
    // Only the hash goes to the store. The text stays in this struct and becomes part of one
    // answer.
    token_hash(text_from(issued.text), prepared.token.hash);
    status = store_token_add(api->store, arena, &prepared.token, &receipt, err);
    if (status) {
        return status;
    }
    // Read back, because the database made the dates and the state: the answer then equals what GET
    // /v1/tokens/ID says a moment later.
    status = token_load(api, arena, receipt.id, &issued.info, err);
    if (status) {
        return status;
    }
    issued.reach = prepared.reach;
    issued.serial = receipt.serial;
    *ret_token = issued;
    return STATUS_OK;
}

// ---- finding and revoking ----

enum status token_read_id(const struct request *request, int64_t *ret_id, struct error *err) {
    const char *text = request_path(request, "id");
    char *end = NULL;
    errno = 0;
    // strtoll would take "+1" and " 1"; one token must have one address, so the first byte must be
    // a digit.
    long long id = strtoll(text, &end, 10);
    if (!is_digit(text[0]) || *end || errno || id <= 0) {
        return fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" is not the number of a token", text);
    }
    *ret_id = id;
    return STATUS_OK;
}

enum status token_load(struct api *api, struct arena *arena, int64_t id,
                       struct token_info *ret_info, struct error *err) {
    struct token_query query = {.id = id, .limit = 1};
    struct token_infos infos;
    enum status status = store_tokens_load(api->store, arena, &query, &infos, err);
    if (status) {
        return status;
    }
    if (!infos.count) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no token %" PRId64, id);
    }
    *ret_info = infos.items[0];
    return STATUS_OK;
}

enum status token_revoke(struct api *api, struct arena *arena, const struct revocation *revocation,
                         struct revoked_token *ret_token, struct error *err) {
    struct revocation asked = *revocation;
    struct revoked_token token;
    asked.reason = asked.reason ? asked.reason : "no reason given";
    if (strlen(asked.reason) > LIMIT_SHORT_TEXT_BYTES) {
        return fail(err, STATUS_INVALID, "/reason", "The reason has more than %d bytes",
                    LIMIT_SHORT_TEXT_BYTES);
    }
    enum status status = store_token_revoke(api->store, arena, &asked, &token, err);
    if (status) {
        return status;
    }
    // Revoking a revoked token is no change. The first time, the answer waits until no reader is
    // let in by memory any more.
    if (token.revoked_now) {
        access_forget(api, token.serial);
    }
    *ret_token = token;
    return STATUS_OK;
}
