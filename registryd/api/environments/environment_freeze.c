// SPDX-License-Identifier: MIT
// The states of an environment. A lock is made of the rules of one revision (the present one) and stored in the
// transaction that makes the next: when somebody changes the rules in between, environment_edit finds the base
// too old and comes here again. A lock that only ignores one more quarantine is a new lock too, with the same
// records: locks are never altered.
#include "registryd/api/environments/environment_freeze.h"

#include "registryd/api/environments/environments.h"
#include "registryd/tables/package_pack.h"
#include "registryd/tables/selected_paths.h"
#include "schema/base/clock.h"
#include "schema/json/json.h"

#include <string.h>
#include <time.h>

enum { CATCH_UP_MS = 5000, SUMMARY_NAMES = 3 };

static struct arena *arena_of(const struct environment_edit *edit) {
    return edit->call->request->arena;
}

// Now, as RFC 3339 in UTC. Arena; NULL when out of memory.
static const char *tell_now(struct arena *arena) {
    char text[32];
    struct tm parts;
    time_t now = time(NULL);
    gmtime_r(&now, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return arena_strdup(arena, text);
}

// ---- quarantines that are ignored ----

// To ignore what is not quarantined would switch off a quarantine that comes later.
static enum status check_quarantined(const struct environment_edit *edit,
                                     const struct release_name *name, struct error *err) {
    struct arena *arena = arena_of(edit);
    const struct candidate_query query = {.group = "", .package = name->package};
    struct candidates found = {0};
    enum status status = store_candidates_load(edit->call->api->store, arena, &query, &found, err);
    if (status) {
        return status;
    }
    const struct candidate_package *package = found.count ? &found.packages[0] : NULL;
    bool is_quarantined = package && strcmp(package->status, "quarantined") == 0;
    for (size_t i = 0; package && i < package->release_count && !is_quarantined; i++) {
        is_quarantined = package->releases[i].quarantined &&
                         strcmp(package->releases[i].version, name->version) == 0;
    }
    if (!is_quarantined) {
        findings_add(edit->call->findings, SEVERITY_ERROR, "quarantine-ignored",
                     json_pointer(arena, "/ignore_quarantine", name->package), NULL,
                     "%s %s is not quarantined", name->package, name->version);
    }
    return STATUS_OK;
}

// `ignored` is the reason, so a mark is never without one: environment_freeze refuses that first.
static void mark(const struct environment_edit *edit, const struct freeze_wish *wish,
                 struct locked_release *release) {
    const struct request *request = edit->call->request;
    release->ignored = wish->reason;
    release->ignored_by = request->actor ? request->actor : "unknown";
    release->ignored_at = tell_now(request->arena);
}

// Marks the releases whose quarantine is ignored from now on. *ret_marked counts those that were not before.
static enum status mark_ignored(const struct environment_edit *edit, struct lock *lock,
                                size_t *ret_marked, struct error *err) {
    const struct freeze_wish *wish = edit->wish;
    struct findings *findings = edit->call->findings;
    size_t errors_before = findings->error_count;
    *ret_marked = 0;
    for (size_t i = 0; i < wish->ignored_count; i++) {
        const struct release_name *name = &wish->ignored[i];
        // The lock is a fresh one of this request, so its releases may still be written to.
        struct locked_release *release = (struct locked_release *)lock_find(lock, name->package);
        if (!release || strcmp(release->version, name->version) != 0) {
            findings_add(findings, SEVERITY_ERROR, "quarantine-ignored",
                         json_pointer(arena_of(edit), "/ignore_quarantine", name->package),
                         "Name a release that the environment answers with",
                         "The environment \"%s\" does not select %s %s", edit->name, name->package,
                         name->version);
            continue;
        }
        enum status status = check_quarantined(edit, name, err);
        if (status) {
            return status;
        }
        *ret_marked += !release->ignored;
        if (!release->ignored) {
            mark(edit, wish, release);
        }
    }
    return findings_fail(findings, errors_before, err);
}

// "crm 1.0, mail 2.1 and 3 more". Arena; NULL when out of memory.
static const char *tell_ignored(struct arena *arena, const struct freeze_wish *wish) {
    const char *words = "";
    for (size_t i = 0; words && i < wish->ignored_count && i < SUMMARY_NAMES; i++) {
        words = arena_printf(arena, "%s%s%s %s", words, i ? ", " : "", wish->ignored[i].package,
                             wish->ignored[i].version);
    }
    return words && wish->ignored_count > SUMMARY_NAMES
               ? arena_printf(arena, "%s and %zu more", words, wish->ignored_count - SUMMARY_NAMES)
               : words;
}

// ---- freeze ----

// The index may be behind the database by a moment; a lock must not be.
static enum status select_present(const struct environment_edit *edit,
                                  const struct environment_detail *present,
                                  struct selection *ret_selection, struct error *err) {
    const struct freeze_wish *wish = edit->wish;
    const struct ignored_quarantines ignored = {wish->ignored, wish->ignored_count};
    struct index *index = edit->call->api->index;
    if (!index_wait_point(index, &present->point, CATCH_UP_MS)) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "This daemon has not applied change %lld yet. Retry the request.",
                    (long long)present->point.serial);
    }
    return index_select_by(index, &present->environment, &ignored, arena_of(edit), ret_selection,
                           err);
}

static enum status check_files(const struct environment_edit *edit,
                               const struct selection *selection,
                               const struct selected_releases *releases, struct error *err) {
    const struct freeze_wish *wish = edit->wish;
    struct findings *findings = edit->call->findings;
    size_t errors_before = findings->error_count;
    for (size_t i = 0; !wish->allow_without_files && i < releases->count; i++) {
        const struct locked_release *release = &releases->items[i];
        if (!selected_files_fitting(selection, release)) {
            findings_add(findings, SEVERITY_ERROR, "file-missing",
                         json_pointer(arena_of(edit), "/releases", release->package),
                         "Publish a wheel or an sdist of it, or freeze with "
                         "\"allow_without_files\" (registryctl: "
                         "--allow-without-files)",
                         "%s %s has no file that fits, so it cannot be installed", release->package,
                         release->version);
        }
    }
    return findings_fail(findings, errors_before, err);
}

// The warnings that the environment itself makes are made again from its rules, which a promoted lock leaves behind.
static void drop_of_environment(struct decisions *decisions) {
    size_t kept = 0;
    for (size_t i = 0; i < decisions->count; i++) {
        if (!decisions->items[i].of_environment) {
            decisions->items[kept++] = decisions->items[i];
        }
    }
    decisions->count = kept;
}

// Of the present rules, through the same selection that a host would get at this moment.
static enum status make_lock(const struct environment_edit *edit,
                             const struct environment_detail *present, struct lock *ret_lock,
                             struct error *err) {
    struct selection selection;
    struct selected_releases releases;
    const struct selected_files_query query = {&selection, true};
    enum status status = select_present(edit, present, &selection, err);
    if (status) {
        return status;
    }
    status = selected_files_load(edit->call->api->store, arena_of(edit), &query, &releases, err);
    if (status) {
        return status;
    }
    status = check_files(edit, &selection, &releases, err);
    if (status) {
        return status;
    }
    status = selected_paths_check(edit->call->api->store, &releases, edit->call->findings, err);
    if (status) {
        return status;
    }
    drop_of_environment(&selection.decisions);
    *ret_lock = (struct lock){.environment = edit->name,
                              .revision = present->row.revision,
                              .point = selection.point,
                              .releases = releases.items,
                              .release_count = releases.count,
                              .records = selection.records,
                              .decisions = selection.decisions};
    return STATUS_OK;
}

static enum status load_lock(const struct environment_edit *edit, int64_t id, struct lock *ret_lock,
                             struct error *err) {
    struct environment_lock_row row;
    enum status status =
        store_environment_lock_load(edit->call->api->store, arena_of(edit), id, &row, err);
    return status ? status : lock_decode(arena_of(edit), &row, ret_lock, err);
}

static const char *tell_frozen(const struct environment_edit *edit, const struct lock *lock,
                               bool was_frozen) {
    const struct freeze_wish *wish = edit->wish;
    struct arena *arena = arena_of(edit);
    const char *ignored = wish->ignored_count ? tell_ignored(arena, wish) : NULL;
    if (wish->ignored_count && !ignored) {
        return NULL;
    }
    return was_frozen ? arena_printf(arena, "ignored the quarantine of %s", ignored)
                      : arena_printf(arena, "frozen with %zu %s%s%s", lock->release_count,
                                     lock->release_count == 1 ? "release" : "releases",
                                     ignored ? ", ignoring the quarantine of " : "",
                                     ignored ? ignored : "");
}

// Freezing what is frozen changes nothing, unless one more quarantine is ignored: then the old lock is
// copied with that mark.
static enum status settle_frozen(const struct environment_edit *edit,
                                 const struct environment_detail *present,
                                 struct environment_state *state, struct error *err) {
    struct lock lock;
    size_t marked = 0;
    bool was_frozen = present->row.lock_id;
    // Repeating a freeze is harmless: the state stays, and no revision is made.
    if (was_frozen && !((const struct freeze_wish *)edit->wish)->ignored_count) {
        return STATUS_OK;
    }
    enum status status = was_frozen ? load_lock(edit, present->row.lock_id, &lock, err)
                                    : make_lock(edit, present, &lock, err);
    if (status) {
        return status;
    }
    status = mark_ignored(edit, &lock, &marked, err);
    if (status || (was_frozen && !marked)) {
        return status;
    }
    status = lock_encode(arena_of(edit), &lock, &state->new_lock, err);
    if (status) {
        return status;
    }
    state->lock_id = 0;
    state->new_lock_releases = (int64_t)lock.release_count;
    state->summary = tell_frozen(edit, &lock, was_frozen);
    return state->summary ? STATUS_OK : fail_no_memory(err);
}

// An edit that keeps the document of the environment in the address.
// `is_unchecked`: the document is that of the present revision, which was checked when it was
// written.
static enum status begin(const struct edit_context *call, const char *action, const char *reason,
                         struct environment_edit *ret_edit, struct error *err) {
    *ret_edit = (struct environment_edit){.call = call,
                                          .action = action,
                                          .reason = reason,
                                          .is_unchecked = true,
                                          .takes_frozen = true,
                                          .apply = environment_edit_keep};
    return environments_path(call->request, STATUS_NOT_FOUND, &ret_edit->name, err);
}

enum status environment_freeze(const struct edit_context *call, const struct freeze_wish *wish,
                               struct environment_edited *ret_edited, struct error *err) {
    struct environment_edit edit;
    enum status status = begin(call, "freeze", wish->reason, &edit, err);
    if (status) {
        return status;
    }
    if (wish->ignored_count && !wish->reason) {
        return fail(err, STATUS_INVALID, "/reason",
                    "Give a reason for ignoring a quarantine. It is kept in the audit log.");
    }
    edit.wish = wish;
    edit.settle = settle_frozen;
    return environment_edit_run(&edit, ret_edited, err);
}

// ---- thaw ----

static enum status settle_thawed(const struct environment_edit *edit,
                                 const struct environment_detail *present,
                                 struct environment_state *state, struct error *err) {
    (void)edit;
    (void)present;
    (void)err;
    state->lock_id = 0;
    return STATUS_OK;
}

enum status environment_thaw(const struct edit_context *call, const char *reason,
                             struct environment_edited *ret_edited, struct error *err) {
    struct environment_edit edit;
    enum status status = begin(call, "thaw", reason, &edit, err);
    if (status) {
        return status;
    }
    edit.settle = settle_thawed;
    edit.summary = "thawed: the rules decide again";
    return environment_edit_run(&edit, ret_edited, err);
}

// ---- promote ----

// A revision may be named: promoting takes what was tested, even if the source has moved on.
static enum status load_source(const struct environment_edit *edit,
                               struct environment_detail *ret_from, struct error *err) {
    const struct promote_wish *wish = edit->wish;
    struct error inner = {0};
    enum status status = environment_name_check(text_from(wish->from), &inner);
    status = status ? STATUS_NOT_FOUND
                    : store_environment_load(edit->call->api->store, arena_of(edit), wish->from,
                                             wish->revision, ret_from, &inner);
    if (status) {
        return fail(err, status, "/from", "%s", inner.message);
    }
    if (ret_from->row.is_archived) {
        return fail(err, STATUS_CONFLICT, "/from", "The environment \"%s\" is archived",
                    wish->from);
    }
    if (!ret_from->row.lock_id) {
        return fail(err, STATUS_CONFLICT, "/from",
                    "The environment \"%s\" is not frozen at revision %lld. Freeze it first with "
                    "\"registryctl environment freeze %s\".",
                    wish->from, (long long)ret_from->row.revision, wish->from);
    }
    return STATUS_OK;
}

// The lock itself is shared, not copied: both environments then name the same number. It is checked against
// the rules of the target first.
static enum status settle_promoted(const struct environment_edit *edit,
                                   const struct environment_detail *present,
                                   struct environment_state *state, struct error *err) {
    struct environment_detail from;
    struct lock lock;
    size_t errors_before = edit->call->findings->error_count;
    enum status status = load_source(edit, &from, err);
    // An environment that has this lock already needs no change.
    if (status || from.row.lock_id == present->row.lock_id) {
        return status;
    }
    status = load_lock(edit, from.row.lock_id, &lock, err);
    if (status) {
        return status;
    }
    const struct lock_check check = {&present->environment, &lock};
    status =
        index_check_lock(edit->call->api->index, &check, arena_of(edit), edit->call->findings, err);
    if (status) {
        return status;
    }
    status = findings_fail(edit->call->findings, errors_before, err);
    if (status) {
        return status;
    }
    state->lock_id = from.row.lock_id;
    state->summary = arena_printf(arena_of(edit), "took the lock of %s, revision %lld, with %zu %s",
                                  from.row.name, (long long)from.row.revision, lock.release_count,
                                  lock.release_count == 1 ? "release" : "releases");
    return state->summary ? STATUS_OK : fail_no_memory(err);
}

enum status environment_promote(const struct edit_context *call, const struct promote_wish *wish,
                                struct environment_edited *ret_edited, struct error *err) {
    struct environment_edit edit;
    enum status status = begin(call, "promote", wish->reason, &edit, err);
    if (status) {
        return status;
    }
    edit.wish = wish;
    edit.settle = settle_promoted;
    return environment_edit_run(&edit, ret_edited, err);
}

// ---- archive and restore ----

static enum status settle_archived(const struct environment_edit *edit,
                                   const struct environment_detail *present,
                                   struct environment_state *state, struct error *err) {
    (void)present;
    (void)err;
    state->is_archived = strcmp(edit->action, "archive") == 0;
    return STATUS_OK;
}

static enum status set_archived(const struct edit_context *call, const char *action,
                                const char *reason, struct environment_edited *ret_edited,
                                struct error *err) {
    struct environment_edit edit;
    enum status status = begin(call, action, reason, &edit, err);
    if (status) {
        return status;
    }
    edit.takes_archived = true;
    edit.settle = settle_archived;
    edit.summary = strcmp(action, "archive") == 0 ? "archived: hosts get nothing" : "restored";
    return environment_edit_run(&edit, ret_edited, err);
}

enum status environment_archive(const struct edit_context *call, const char *reason,
                                struct environment_edited *ret_edited, struct error *err) {
    const char *name = NULL;
    enum status status = environments_path(call->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    if (strcmp(name, ENVIRONMENT_DEFAULT) == 0) {
        return fail(
            err, STATUS_CONFLICT, NULL,
            "The environment \"%s\" cannot be archived: hosts that name no environment use it",
            name);
    }
    return set_archived(call, "archive", reason, ret_edited, err);
}

enum status environment_restore(const struct edit_context *call, const char *reason,
                                struct environment_edited *ret_edited, struct error *err) {
    return set_archived(call, "restore", reason, ret_edited, err);
}
