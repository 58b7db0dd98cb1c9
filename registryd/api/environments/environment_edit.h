// SPDX-License-Identifier: MIT
// One change of an environment, from what is there now to a stored revision: load, apply, decode, check,
// store. Somebody else may have changed it meanwhile: a writer who named the revision with If-Match is
// told, for the others the change is applied anew to what is there then, so nothing is lost.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_environments.h"

// Whose change it is, and where its findings go.
struct edit_context {
    struct api *api;
    const struct request *request; // gives the actor, the arena, If-Match and If-None-Match
    struct findings *findings;
};

// What a revision is beside its document.
struct environment_state {
    bool is_archived;
    int64_t lock_id;      // of a lock that is there; 0 = none
    const char *new_lock; // the document of a lock that is made with the revision; NULL = none
    int64_t new_lock_releases;
    const char *summary; // says what was done; NULL: as the edit says
};

// `apply` and `settle` may run more than once: when somebody else was faster, the edit is made anew
// from what is there then. So they must keep nothing between two runs.
struct environment_edit {
    const struct edit_context *call;
    const char *name;    // of the environment
    const char *action;  // as in struct environment_row
    const char *package; // of the action "plugin"
    json_t *body;        // the document or the patch; borrowed
    int64_t revision;    // of the action "rollback": to which
    bool may_create;     // a new environment is made of nothing
    bool is_whole;       // `body` is a document: secrets that it marks stay
    bool is_unchecked;   // what was good once is taken as it is
    bool takes_frozen;   // may change what a frozen environment answers
    bool takes_archived; // may change an archived environment
    const char *reason;  // NULL = none
    const void *wish;    // of `settle`
    // Makes the next document of the present one ("{}" where there is none). *ret_document is owned.
    enum status (*apply)(const struct environment_edit *edit,
                         const struct environment_detail *present, json_t **ret_document,
                         struct error *err);
    // Makes the state of the next revision of the present one. NULL: it stays as it is.
    enum status (*settle)(const struct environment_edit *edit,
                          const struct environment_detail *present, struct environment_state *state,
                          struct error *err);
    // Says what was done; NULL: in the words of the difference.
    const char *summary;
};

struct environment_edited {
    const char *summary; // one line for the history
    bool created;        // the environment
    bool changed;        // false: it was so already, and no revision was made
    int64_t revision;    // the new one, or the one that was so already
    struct history_point point;
};

// For `apply`: the document stays as it is.
enum status environment_edit_keep(const struct environment_edit *edit,
                                  const struct environment_detail *present, json_t **ret_document,
                                  struct error *err);

// Waits until this daemon answers by the change.
// Fails with: NOT_FOUND, PRECONDITION (If-Match, If-None-Match), GONE (it is archived), CONFLICT (it is frozen;
// others change it all the time), INVALID (findings), TOO_LARGE, and as the store.
enum status environment_edit_run(const struct environment_edit *edit,
                                 struct environment_edited *ret_edited, struct error *err);
