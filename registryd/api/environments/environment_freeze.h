// SPDX-License-Identifier: MIT
// Freezing, thawing and promoting an environment, archiving and restoring it: changes of its state, not of its
// document. Each is a revision, so history, rollback and If-Match are those of every change. The JSON routes and
// the pages call the same functions; each acts on the environment of the address.
#pragma once

#include "registryd/api/environments/environment_edit.h"
#include "registryd/store/store_candidates.h"

struct freeze_wish {
    bool allow_without_files;           // a release may have no file that fits
    const struct release_name *ignored; // whose quarantine is ignored; normalised
    size_t ignored_count;
    const char *reason; // needed for these
};

// Locks what the environment answers now. Of a frozen one the lock stays, and the quarantines are ignored from now
// on. Fails with: NOT_FOUND, GONE, INVALID (findings: "file-missing", "quarantine-ignored"), CONFLICT,
// PRECONDITION, UNAVAILABLE, TOO_LARGE, and as the store.
enum status environment_freeze(const struct edit_context *call, const struct freeze_wish *wish,
                               struct environment_edited *ret_edited, struct error *err);

// Lets the rules decide again. Fails as above.
enum status environment_thaw(const struct edit_context *call, const char *reason,
                             struct environment_edited *ret_edited, struct error *err);

struct promote_wish {
    const char *from; // an environment that is frozen
    int64_t revision; // of it; 0 = the newest
    const char *reason;
};

// Gives the environment the lock of another. Its own rules must not speak against a locked release.
// Fails with: INVALID (findings: "lock-refused"), CONFLICT (the other is not frozen), and as above.
enum status environment_promote(const struct edit_context *call, const struct promote_wish *wish,
                                struct environment_edited *ret_edited, struct error *err);

// Puts the environment away, or brings it back. The environment "default" stays. Fails as above.
enum status environment_archive(const struct edit_context *call, const char *reason,
                                struct environment_edited *ret_edited, struct error *err);
enum status environment_restore(const struct edit_context *call, const char *reason,
                                struct environment_edited *ret_edited, struct error *err);
