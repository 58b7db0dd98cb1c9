// SPDX-License-Identifier: MIT
// What the holder of a token may do: its team's grants, cut down to the token's own scopes and name
// prefix. Made anew for each request from what the store says at that moment. Pure functions; rights
// live in the arena they were made in.
#pragma once

#include "registryd/store/store_access.h"

enum scope {
    SCOPE_READ,                // of a closed registry
    SCOPE_PUBLISH_NEW,         // packages that do not exist yet
    SCOPE_PUBLISH_UPDATE,      // new releases of the team's packages
    SCOPE_GROUP_PUBLISH,       // entry points in a group that another team owns
    SCOPE_GROUP_CONTRACT,      // change the contract of a group
    SCOPE_YANK,                // and the status of packages
    SCOPE_ENVIRONMENT,         // change an environment
    SCOPE_ENVIRONMENT_READ,    // its settings; SCOPE_ENVIRONMENT includes it
    SCOPE_ENVIRONMENT_SECRETS, // its secrets in clear, and its settings
    SCOPE_REPORT,              // send parity reports
    SCOPE_IMPORT,              // publish without a pace, and with the times of another registry
    SCOPE_COUNT
};

// A right on something. The object is "*" for anything; for packages and groups the beginning of a
// name that ends at a separator ("acme" is acme and acme-tools, not acmetools); for environments a
// name; for the hosts that reports are about a name, or a beginning and a "*".
struct right {
    enum scope scope; // what may be done
    const char *object;
};

// A team needs the grant and the token needs the scope. Example:
//   grant of the team crm    publish:new on "crm"
//   scope of the token       publish:new, with the name prefix "crm-tools"
//   may create               "crm-tools" and "crm-tools-x", but not "crm-sync"
struct rights {
    const char *actor; // who: "TEAM/TOKEN", or the name alone where the two are one; an
                       // administrator's begins with "admin:", which no team's can
    const char *team;
    int64_t token_id;        // for audit and rate limits
    bool is_admin;           // every scope, on everything
    const char *name_prefix; // NULL = any name
    struct right *scopes;    // the token's
    size_t scope_count;
    struct right *grants; // the team's
    size_t grant_count;
    int64_t loaded_ms; // by the monotonic clock
};

// "publish:new". Static.
const char *scope_name(enum scope scope);

// Reads "yank", "environment:NAME", "environment:read:NAME" or "report:HOST" (the object of every other scope
// is "*"). "environment:read" is the scope of that name, never the environment "read". The object
// is in the arena. Fails with: INVALID (names the scopes there are), NO_MEMORY.
enum status right_parse(struct arena *arena, struct text text, struct right *ret_right,
                        struct error *err);

// Whether an object of a grant for the scope can be: a name's beginning, a group's, an environment.
// Fails with: INVALID.
enum status right_check_object(enum scope scope, const char *object, struct error *err);

// On what a team is granted the scope of a token that is made with a grant: on the object of the scope, else on the name
// prefix of the token. A token with a prefix grants nothing on everything; NULL then. Groups have owners, so
// a prefix of packages says nothing of them.
const char *right_granted_object(const struct right *scope, const char *name_prefix);

// Fails with: NO_MEMORY. Lines that cannot be read (of a later version) grant nothing.
enum status rights_make(struct arena *arena, const struct token_row *token,
                        struct rights *ret_rights, struct error *err);

// Whether the scope is granted on this object; NULL asks for any object. Administrators may do all but
// publish.
bool rights_allow(const struct rights *rights, enum scope scope, const char *object);

// Whether the settings of an environment may be read: the scope for that or for secrets, or the one for changing it.
bool rights_allow_settings(const struct rights *rights, const char *environment);

// Whether the token alone would let its team do so: for what the team owns and needs no grant for.
bool rights_allow_own(const struct rights *rights, enum scope scope, const char *object,
                      const char *owner);

// What the holder may do in the end: the grants of the team, cut down to the scopes and the prefix of the token.
// The object of a right is NULL for what the team owns, which needs no grant. Arena. Fails with: NO_MEMORY.
enum status rights_effective(struct arena *arena, const struct rights *rights,
                             struct right **ret_list, size_t *ret_count, struct error *err);
