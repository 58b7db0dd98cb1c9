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

struct environment_edit {
    const struct edit_context *call;
    const char *name;    // of the environment
    const char *action;  // "replace", "change", "plugin", "rollback"
    const char *package; // of the action "plugin"
    json_t *body;        // the document or the patch; borrowed
    int64_t revision;    // of the action "rollback": to which
    bool may_create;     // a new environment is made of nothing
    bool is_unchecked;   // what was good once is taken as it is
    // Makes the next document of the present one ("{}" where there is none). *ret_document is owned.
    enum status (*apply)(const struct environment_edit *edit,
                         const struct environment_detail *present, json_t **ret_document,
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

// Fails with: NOT_FOUND, PRECONDITION (If-Match, If-None-Match), CONFLICT (others change it all the
// time), INVALID (findings), TOO_LARGE, and as the store.
enum status environment_edit_run(const struct environment_edit *edit,
                                 struct environment_edited *ret_edited, struct error *err);
