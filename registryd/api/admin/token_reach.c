// SPDX-License-Identifier: MIT
// A token that is only wished for is put into the form of a stored one and judged by the functions that judge
// each request. So what people read before they create a token cannot differ from what it does later.
#include "registryd/api/admin/token_reach.h"

#include <string.h>

// "first\nitem\nitem": the form in which the store gives lists. NULL: out of memory.
static const char *join_lines(struct arena *arena, const char *first, const struct text *items,
                              size_t count) {
    const char *joined = first;
    for (size_t i = 0; joined && i < count; i++) {
        joined = arena_printf(arena, "%s%s%.*s", joined, *joined ? "\n" : "", (int)items[i].len,
                              items[i].ptr);
    }
    return joined;
}

// What a right without an object is worth: nothing when the team owns nothing of its kind.
static bool is_worth(const struct right *right, const struct token_reach *reach) {
    bool is_of_groups = right->scope == SCOPE_GROUP_PUBLISH || right->scope == SCOPE_GROUP_CONTRACT;
    return right->object || (is_of_groups ? reach->owns_group : reach->owns_package);
}

enum status token_reach_load(struct api *api, struct arena *arena, const struct new_token *token,
                             struct token_reach *ret_reach, struct error *err) {
    struct team_rights team;
    struct rights rights;
    enum status status = store_team_rights_load(api->store, arena, token->team, &team, err);
    if (status) {
        return status;
    }
    struct token_row row = {
        .name = token->name,
        .kind = token->kind,
        .team = token->team,
        .name_prefix = token->name_prefix,
        .scopes = join_lines(arena, "", token->scopes, token->scope_count),
        .grants = join_lines(arena, team.grants, token->grants, token->grant_count),
    };
    if (!row.scopes || !row.grants) {
        return fail_no_memory(err);
    }
    status = rights_make(arena, &row, &rights, err);
    if (status) {
        return status;
    }
    struct token_reach reach = {.grants = token->grants,
                                .grant_count = token->grant_count,
                                .owns_package = team.owns_package,
                                .owns_group = team.owns_group};
    status = rights_effective(arena, &rights, &reach.may, &reach.may_count, err);
    for (size_t i = 0; !status && i < reach.may_count; i++) {
        reach.can_act |= is_worth(&reach.may[i], &reach);
    }
    *ret_reach = reach;
    return status;
}
