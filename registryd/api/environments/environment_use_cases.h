// SPDX-License-Identifier: MIT
// Changing an environment: the JSON routes and the pages call the same functions. The request
// gives the actor, the arena and the conditions (If-Match); a form has none. Each waits until this daemon
// answers by the change.
#pragma once

#include "registryd/api/environments/environment_edit.h"

struct plugin_decision {
    const char *environment;
    const char *package;                 // in any spelling
    enum environment_plugin_state state; // unset: the policy decides
    bool decides_pin;
    const char *pin; // a version specifier; NULL takes the pin away
};

// Fails with: NOT_FOUND (the environment, the package), INVALID (findings), CONFLICT, PRECONDITION, and as
// the store.
enum status environment_decide_plugin(const struct edit_context *call,
                                      const struct plugin_decision *decision,
                                      struct environment_edited *ret_edited, struct error *err);

// An exception: one rule is set aside for a package. Texts are borrowed; NULL: not given.
struct plugin_exception {
    const char *package; // in any spelling
    const char *code;
    const char *until; // a date or a time in UTC
    const char *reason;
    bool ends; // the exception for this code ends now; `until` and `reason` do not matter
};

// Makes it, or ends it. Fails as environment_decide_plugin.
enum status environment_except_plugin(const struct edit_context *call,
                                      const struct plugin_exception *exception,
                                      struct environment_edited *ret_edited, struct error *err);

// The same from a merge patch of what is decided about the package (in any spelling). Steals `patch`.
enum status environment_patch_plugin(const struct edit_context *call, const char *package,
                                     json_t *patch, struct environment_edited *ret_edited,
                                     struct error *err);

// A merge patch of the document. Steals `patch`.
enum status environment_patch_document(const struct edit_context *call, json_t *patch,
                                       struct environment_edited *ret_edited, struct error *err);

// Creates the environment of the address, or replaces its document.
enum status environment_replace(const struct edit_context *call, json_t *document,
                                struct environment_edited *ret_edited, struct error *err);

// Makes a new revision with the document of an earlier one, of the environment in the address.
enum status environment_roll_back(const struct edit_context *call, int64_t revision,
                                  struct environment_edited *ret_edited, struct error *err);
