// SPDX-License-Identifier: MIT
// What a token may do at this moment, also one that is not stored yet.
#pragma once

#include "registryd/access/rights.h"
#include "registryd/request/api.h"
#include "registryd/store/store_access.h"

// A right without an object is one on what the team owns; those that say nothing,
// because the team owns nothing of the kind, count as none in can_act.
struct token_reach {
    struct right *may;
    size_t may_count;
    const struct text *grants; // that its team gets with it: "SCOPE OBJECT"
    size_t grant_count;
    bool owns_package; // the team
    bool owns_group;
    bool can_act; // there is at least one thing that it may do
};

// Of its scopes and its prefix, with the grants of its team and those that come with it. Fails with: UNAVAILABLE,
// NO_MEMORY.
enum status token_reach_load(struct api *api, struct arena *arena, const struct new_token *token,
                             struct token_reach *ret_reach, struct error *err);
