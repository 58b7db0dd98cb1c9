// SPDX-License-Identifier: MIT
// Who may do what, as it is kept: tokens (their hashes), what teams are granted, reserved names, owners
// of packages. Every change is one transaction with its audit event and takes a serial, so that all
// daemons learn of it. Calls fail as those of store.h do.
#pragma once

#include "registryd/store/store.h"

// ---- tokens ----

// The database's clock decides `usable`. So daemons whose clocks differ agree about a token.
struct token_row {
    int64_t id;
    const char *name;        // for people
    const char *kind;        // "user", "ci", "admin"
    const char *team;        // whose it is; NULL of an administrator's
    const char *hash;        // hex
    bool usable;             // not expired (by the database's clock), not revoked
    bool unnoticed;          // store_token_used is due
    const char *scopes;      // one a line
    const char *name_prefix; // NULL = any name
    const char *grants;      // of the team: "SCOPE OBJECT", one a line
};
// Looks the SHA-256 of a token up. Fails with: NOT_FOUND.
enum status store_token_load(struct store *store, struct arena *arena, const uint8_t hash[32],
                             struct token_row *ret_token, struct error *err);
// Notes that it was used, to the minute.
enum status store_token_used(struct store *store, int64_t id, struct error *err);
// Makes the first administrator's token when the registry has none; *ret_created says whether.
enum status store_token_bootstrap(struct store *store, const char *name, const uint8_t hash[32],
                                  bool *ret_created, struct error *err);

// ---- sessions of the pages ----

// Only hashes come here: of the cookie's number, and of the token that signed in.
struct new_session {
    uint8_t id_hash[32];
    uint8_t token_hash[32];
    int life_hours;   // of every session
    int of_token_max; // a token's oldest ones make room
};
// Fails with: UNKNOWN_OUTCOME.
enum status store_session_add(struct store *store, const struct new_session *session,
                              struct error *err);
// The token's hash as hex digits with their NUL. Always from the primary. Fails with: NOT_FOUND (there is no such
// session, or it has ended).
enum { SESSION_HEX_SIZE = 65 };
enum status store_session_load(struct store *store, const uint8_t id_hash[32], int life_hours,
                               char ret_token_hash[SESSION_HEX_SIZE], struct error *err);
// Ending it twice is fine. Fails with: UNKNOWN_OUTCOME.
enum status store_session_end(struct store *store, const uint8_t id_hash[32], struct error *err);

// ---- rate limits in common ----

enum { STORE_LEASES_MAX = 64 };
struct store_lease {
    int64_t kind;     // of the limit
    int64_t key;      // a hash
    int64_t each_us;  // what one is worth
    int64_t burst_us; // what a full bucket is worth
    int64_t spent;    // counts in any case
    int64_t wanted;
    int64_t granted; // filled
    int64_t wait_us; // filled: until one would be granted
};
// Leases for up to STORE_LEASES_MAX keys, each at most once, in one statement.
enum status store_limits_lease(struct store *store, struct store_lease *leases, size_t count,
                               struct error *err);
enum status store_limits_seed_load(struct store *store, int64_t *ret_seed, struct error *err);

// ---- making and revoking tokens ----

struct new_token {
    const char *name;
    const char *kind;
    const char *team;
    uint8_t hash[32]; // SHA-256 of its text
    const struct text *scopes;
    size_t scope_count;
    const char *name_prefix;   // NULL = any name
    int days;                  // until it expires
    const struct text *grants; // that its team gets, too: "SCOPE OBJECT"
    size_t grant_count;
    const char *actor; // for the audit
};
struct token_receipt {
    int64_t id;
    const char *created_at; // RFC 3339, UTC
    const char *expires_at;
    int64_t serial; // of the change
};
// Fails with: UNKNOWN_OUTCOME.
enum status store_token_add(struct store *store, struct arena *arena, const struct new_token *token,
                            struct token_receipt *ret_receipt, struct error *err);

struct token_info {
    int64_t id;
    const char *name;
    const char *kind;
    const char *team;
    const char *state;  // "active", "expired", "revoked"
    const char *scopes; // one a line
    const char *name_prefix;
    const char *created_at;
    const char *created_by;
    const char *expires_at; // the rest may be NULL
    const char *last_used_at;
    const char *revoked_at;
    const char *revoked_by;
    const char *revoked_reason;
};
struct token_infos {
    struct token_info *items; // by id
    size_t count;
    bool more;
};
struct token_query {
    int64_t after;    // an id
    const char *team; // NULL = all
    int64_t id;       // 0 = all
    int limit;
};
enum status store_tokens_load(struct store *store, struct arena *arena,
                              const struct token_query *query, struct token_infos *ret_infos,
                              struct error *err);

struct revocation {
    int64_t id;          // 0: the one with the hash
    const uint8_t *hash; // 32 bytes, or NULL
    const char *actor;   // for the audit
    const char *reason;  // NULL: none given
};
struct revoked_token {
    int64_t id;
    const char *name;
    const char *team;
    const char *revoked_at;
    bool revoked_now; // false: it was before
    int64_t serial;
};
// Fails with: NOT_FOUND, UNKNOWN_OUTCOME (revoking again is safe).
enum status store_token_revoke(struct store *store, struct arena *arena,
                               const struct revocation *revocation, struct revoked_token *ret_token,
                               struct error *err);

// ---- grants ----

// Examples, as scope and object:
//   publish:new   *        any new package
//   publish:new   crm      the new packages "crm" and "crm-tools", but not "crmx"
//   report        web-*    reports of hosts whose names begin with "web-"
struct grant_row {
    const char *team;   // who gets it
    const char *scope;  // "publish:new"
    const char *object; // "*", the beginning of a name, an environment
    const char *created_at;
    const char *created_by; // of a change: who makes it
    const char *expires_at; // from then on it grants nothing; NULL: never
    int64_t seconds;        // of a change: how long it lasts; 0: until it is revoked
};
struct grant_rows {
    struct grant_row *items; // by team, scope, object
    size_t count;
    bool more;
};
// `page->after` is team, scope and object, one a line; `team` NULL = all.
enum status store_grants_load(struct store *store, struct arena *arena, const struct page *page,
                              const char *team, struct grant_rows *ret_rows, struct error *err);
struct grant_outcome {
    int64_t serial;         // 0: there was nothing to do
    const char *expires_at; // of one that was added; NULL: never
};
// Adds or removes one. Arena. Fails with: UNKNOWN_OUTCOME.
enum status store_grant_add(struct store *store, struct arena *arena, const struct grant_row *grant,
                            struct grant_outcome *ret_outcome, struct error *err);
enum status store_grant_remove(struct store *store, const struct grant_row *grant,
                               int64_t *ret_serial, struct error *err);

// ---- names ----

// Example: the name "acme" as a prefix for the team acme keeps "acme-tools" free for that team.
struct reserved_row {
    const char *name;   // normalised
    bool is_prefix;     // also names that begin with it
    const char *team;   // that may take it; NULL = none
    const char *reason; // NULL: none given
    const char *created_at;
    const char *created_by; // of a change: who makes it
};
struct reserved_rows {
    struct reserved_row *items; // by name
    size_t count;
    bool more;
};
enum status store_reserved_load(struct store *store, struct arena *arena, const struct page *page,
                                struct reserved_rows *ret_rows, struct error *err);
enum status store_reserve(struct store *store, const struct reserved_row *row, int64_t *ret_serial,
                          struct error *err);
// Fails with: NOT_FOUND.
enum status store_unreserve(struct store *store, const char *name, const char *actor,
                            int64_t *ret_serial, struct error *err);

// What stands around a name that somebody wants to publish.
struct name_status {
    bool is_there;            // the package
    const char *owner;        // NULL = none
    const char *confusable;   // another package whose name looks like this one; or NULL
    const char *reserved;     // the reservation that the name falls under; or NULL
    const char *reserved_for; // NULL = for no team
    const char *owned_groups; // of those asked about, that it is not in: owner, group, one a line
    int64_t group_revision;   // for struct publisher
};
enum status store_name_load(struct store *store, struct arena *arena, const char *package,
                            const struct strings *groups, struct name_status *ret_standing,
                            struct error *err);

// Packages whose names look like one another's. A new one can come only from the owner of a reserved prefix;
// the others were published before the rule.
struct lookalike_row {
    const char *package; // normalised
    const char *owner;   // NULL = no team
    const char *others;  // the names it looks like, one a line
};
struct lookalike_rows {
    struct lookalike_row *items; // by package
    size_t count;
    bool more;
};
// Reads all names: for operators.
enum status store_lookalikes_load(struct store *store, struct arena *arena, const struct page *page,
                                  struct lookalike_rows *ret_rows, struct error *err);

// Whether a team owns a package.
enum status store_team_owns(struct store *store, const char *team, bool *ret_owns,
                            struct error *err);

// What a team brings to a token.
struct team_rights {
    const char *grants; // "SCOPE OBJECT", one a line
    bool owns_package;
    bool owns_group;
};
// A team that no token names has nothing.
enum status store_team_rights_load(struct store *store, struct arena *arena, const char *team,
                                   struct team_rights *ret_team, struct error *err);

struct owners {
    const char *package_owner; // NULL = none
    const char *group_owner;
};
// Of a package, of a group; either may be NULL.
enum status store_owners_load(struct store *store, struct arena *arena, const char *package,
                              const char *group, struct owners *ret_owners, struct error *err);
// *ret_serial is 0 when the team has it already. Fails with: NOT_FOUND, UNKNOWN_OUTCOME.
enum status store_owner_set(struct store *store, const char *package, const char *team,
                            const char *actor, int64_t *ret_serial, struct error *err);
