// SPDX-License-Identifier: MIT
// The steps of a change, and trying again. Everything that is stored goes through environment_decode
// and is written in its canonical form, whatever way it came.
//
//     load present -> conditions -> apply + decode, settle -> compare -> check -> store
//          ^                                                              |
//          +-------------- another revision came between -----------------+
//
// The store takes a revision only on top of the one it was made from (base_revision), so two
// concurrent changes never lose one. A change without a condition starts again on the new present;
// one with If-Match must not, because its author has not seen that present.
#include "registryd/api/environments/environment_edit.h"

#include "registryd/api/environments/environment_check.h"
#include "registryd/api/environments/environments.h"
#include "registryd/api/secrets/secret_edit.h"
#include "schema/base/limits.h"
#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"

#include <string.h>

// When the change is not here in time it is made all the same; the serial in the answer lets a client insist
// with min_serial.
enum { OWN_WRITE_WAIT_MS = 2000 };

// Twenty others would have to win in a row. Then the environment is being written by a loop, and an
// answer is better than a longer queue.
enum { ATTEMPTS = 20 };

// Whether a list of entity tags names this one; a weak tag is what a packed answer carried.
// If-Match: "7", W/"8", *
static bool names_tag(const char *list, const char *tag) {
    struct text rest = text_from(list);
    struct text piece;
    while (text_split(&rest, ',', &piece)) {
        struct text one = text_trim(piece);
        bool weak = one.len > 2 && one.ptr[0] == 'W' && one.ptr[1] == '/';
        one = weak ? (struct text){one.ptr + 2, one.len - 2} : one;
        if (text_equals(one, "*") || text_equals(one, tag)) {
            return true;
        }
    }
    return false;
}

static enum status check_conditions(const struct environment_edit *edit,
                                    const struct environment_detail *present, struct error *err) {
    const struct request *request = edit->call->request;
    int64_t revision = present->row.revision;
    const char *tag = environments_etag(request->arena, revision);
    if (!tag) {
        return fail_no_memory(err);
    }
    // If-Match on a thing that is not there fails, even for "*" (RFC 9110, 13.1.1). If-None-Match:
    // * is the way to create only.
    if (request->if_match && !revision) {
        return fail(err, STATUS_PRECONDITION, "If-Match", "There is no environment \"%s\"",
                    edit->name);
    }
    if (request->if_match && !names_tag(request->if_match, tag)) {
        return fail(err, STATUS_PRECONDITION, "If-Match",
                    "The environment \"%s\" is at revision %lld now, but If-Match names %s",
                    edit->name, (long long)revision, request->if_match);
    }
    if (request->if_none_match && revision && names_tag(request->if_none_match, tag)) {
        return fail(err, STATUS_PRECONDITION, "If-None-Match",
                    "The environment \"%s\" exists already, at revision %lld", edit->name,
                    (long long)revision);
    }
    return STATUS_OK;
}

// Where the edit may create, an absent environment is the empty document at revision 0: apply and
// compare need no case for it.
static enum status load_present(const struct environment_edit *edit,
                                struct environment_detail *ret_present, struct error *err) {
    struct environment_detail present = {.row.name = edit->name, .document = "{}"};
    struct error inner;
    enum status status = store_environment_load(edit->call->api->store, edit->call->request->arena,
                                                edit->name, 0, &present, &inner);
    if (status == STATUS_NOT_FOUND && edit->may_create) {
        status = STATUS_OK;
    }
    if (status) {
        return fail(err, status, inner.where, "%s", inner.message);
    }
    *ret_present = present;
    return STATUS_OK;
}

// Who made an exception is what the registry knows, not what a document says: an exception that was there
// keeps its maker, and any other is the actor's.
static void sign_exceptions(const struct environment_edit *edit, const struct environment *before,
                            struct environment *after) {
    for (size_t i = 0; i < after->plugin_count; i++) {
        struct environment_plugin *plugin = &after->plugins[i];
        const struct environment_plugin *old = environment_find_plugin(before, plugin->package);
        for (size_t j = 0; j < plugin->exceptions.count; j++) {
            struct environment_exception *exception = &plugin->exceptions.items[j];
            const struct environment_exception *known =
                environment_find_exception(old, exception->code);
            bool is_known = known && known->until_ms == exception->until_ms &&
                            strcmp(known->reason, exception->reason) == 0;
            exception->by = is_known ? known->by : edit->call->request->actor;
        }
    }
}

enum status environment_edit_keep(const struct environment_edit *edit,
                                  const struct environment_detail *present, json_t **ret_document,
                                  struct error *err) {
    (void)edit;
    *ret_document = json_loads(present->document, JSON_REJECT_DUPLICATES, NULL);
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

// What the edit makes of the present: decoded, and the text of its canonical form; and its state.
struct next {
    struct environment environment;
    struct environment full;        // with every setting: what the schemas are held against
    struct environment full_before; // likewise, of the present
    const char *secrets;            // that change, for the store
    const char *seat;               // a text of the request's
    const char *document;
    struct environment_state state;
};

static enum status check_archived(const struct environment_edit *edit,
                                  const struct environment_detail *present, struct error *err) {
    return present->row.is_archived && !edit->takes_archived
               ? fail(err, STATUS_GONE, NULL,
                      "The environment \"%s\" is archived. Restore it with \"registryctl "
                      "environment "
                      "restore %s\".",
                      edit->name, edit->name)
               : STATUS_OK;
}

static enum status check_frozen(const struct environment_edit *edit,
                                const struct environment_detail *present, struct error *err) {
    return present->row.lock_id && !edit->takes_frozen
               ? fail(err, STATUS_CONFLICT, NULL,
                      "The environment \"%s\" is frozen. Thaw it first with \"registryctl "
                      "environment "
                      "thaw %s\".",
                      edit->name, edit->name)
               : STATUS_OK;
}

// Both documents are canonical texts, so equal documents are equal bytes.
static bool is_same(const struct environment_detail *present, const struct next *next) {
    const struct environment_state *state = &next->state;
    return present->row.revision && strcmp(next->document, present->document) == 0 &&
           !state->new_lock && state->lock_id == present->row.lock_id &&
           state->is_archived == present->row.is_archived;
}

// The document that the edit makes, where a seat stands for each secret that stays.
static enum status apply(const struct environment_edit *edit, const struct secret_edit *secrets,
                         const struct environment_detail *present, json_t **ret_document,
                         struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    struct environment_detail seated = *present;
    seated.document = secrets->seated;
    enum status status = edit->apply(edit, &seated, &document, err);
    if (status || !edit->is_whole) {
        *ret_document = take(document);
        return status;
    }
    // The body is the caller's, and the next attempt needs it as it was.
    scoped(cleanup_json) json_t *copy = json_deep_copy(document);
    if (!copy || !environment_seat_secrets(copy, secrets->seat)) {
        return fail_no_memory(err);
    }
    *ret_document = take(copy);
    return STATUS_OK;
}

// Decodes the document as it is, for the schemas, and again without secrets, which is what is stored.
static enum status settle(const struct environment_edit *edit, struct secret_edit *secrets,
                          const json_t *document, struct next *next, struct error *err) {
    struct arena *arena = edit->call->request->arena;
    struct findings *findings = edit->call->findings;
    enum status status = environment_decode(arena, document, findings, &next->full, err);
    if (status) {
        return status;
    }
    status = environment_decode(arena, secrets->present, findings, &next->full_before, err);
    if (status) {
        return status;
    }
    if (!edit->is_unchecked) {
        sign_exceptions(edit, &next->full_before, &next->full);
    }
    scoped(cleanup_json) json_t *normal = environment_encode(&next->full);
    if (!normal) {
        return fail_no_memory(err);
    }
    status = edit->is_unchecked ? secret_edit_restore(secrets, normal, err)
                                : secret_edit_settle(secrets, normal, &next->secrets, err);
    if (status) {
        return status;
    }
    next->seat = arena_strdup(arena, secrets->seat);
    next->document = json_encode_canonical(arena, normal);
    return next->document ? environment_decode(arena, normal, findings, &next->environment, err)
                          : fail_no_memory(err);
}

// From the present revision to the next, without storing anything: the change is applied to the document,
// which is then read and written again, so that what is stored is always in normal form.
static enum status make_next(const struct environment_edit *edit, struct secret_edit *secrets,
                             const struct environment_detail *present, struct next *ret_next,
                             struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    struct next next = {0};
    enum status status = apply(edit, secrets, present, &document, err);
    if (status) {
        return status;
    }
    status = settle(edit, secrets, document, &next, err);
    if (status) {
        return status;
    }
    // Judged after the merge: many small patches can add up to a large document.
    if (strlen(next.document) > LIMIT_ENVIRONMENT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "The environment would have %zu bytes. At most %d are allowed.",
                    strlen(next.document), LIMIT_ENVIRONMENT_BYTES);
    }
    next.state = (struct environment_state){.is_archived = present->row.is_archived,
                                            .lock_id = present->row.lock_id};
    status = edit->settle ? edit->settle(edit, present, &next.state, err) : STATUS_OK;
    if (status) {
        return status;
    }
    *ret_next = next;
    return STATUS_OK;
}

static const char *words_of(const struct environment_edit *edit, const struct next *next,
                            const struct environment_step *step) {
    const char *said = next->state.summary ? next->state.summary : edit->summary;
    return said ? said
                : environment_compare_words(edit->call->request->arena, step->before, step->after,
                                            step->changes);
}

static enum status store_next(const struct environment_edit *edit,
                              const struct environment_detail *present, const struct next *next,
                              struct environment_edited *ret_edited, struct error *err) {
    const char *seat = next->seat;
    struct arena *arena = edit->call->request->arena;
    struct plugin_changes changes = {0};
    struct plugin_changes full = {0};
    struct environment_step step = {&present->environment, &next->environment, &changes, &full,
                                    seat};
    enum status status = environment_compare_plugins(arena, step.before, step.after, &changes, err);
    if (status) {
        return status;
    }
    status = environment_compare_plugins(arena, &next->full_before, &next->full, &full, err);
    if (status) {
        return status;
    }
    // A rollback is not checked again: it was when it was new, and it must work in an emergency.
    if (!edit->is_unchecked) {
        status = environment_check_step(edit->call->api, edit->call->request, &step,
                                        edit->call->findings, err);
    }
    if (status) {
        return status;
    }
    bool creates = !present->row.revision;
    const char *summary = words_of(edit, next, &step);
    // A creation is recorded as "create", whichever route made it.
    struct environment_change change = {
        .name = edit->name,
        .base_revision = present->row.revision,
        .document = next->document,
        .action = creates ? "create" : edit->action,
        .summary = summary,
        .package = creates ? NULL : edit->package,
        .actor = edit->call->request->actor ? edit->call->request->actor : "unknown",
        .reason = edit->reason,
        .lock_id = next->state.lock_id,
        .new_lock = next->state.new_lock,
        .new_lock_releases = next->state.new_lock_releases,
        .is_archived = next->state.is_archived,
        .secrets = next->secrets,
    };
    struct environment_outcome outcome;
    status = summary ? store_environment_change(edit->call->api->store, &change, &outcome, err)
                     : fail_no_memory(err);
    if (status) {
        return status;
    }
    *ret_edited =
        (struct environment_edited){summary, creates, true, outcome.revision, outcome.point};
    return STATUS_OK;
}

// *ret_late says that somebody else stored a revision after this one was read.
static enum status try_once(const struct environment_edit *edit,
                            struct environment_edited *ret_edited, bool *ret_late,
                            struct error *err) {
    struct environment_detail present;
    struct next next;
    scoped(secret_edit_done) struct secret_edit secrets = {edit->call->api, edit->call->request,
                                                           edit->name, edit->call->findings};
    enum status status = load_present(edit, &present, err);
    if (status) {
        return status;
    }
    status = check_conditions(edit, &present, err);
    if (status) {
        return status;
    }
    status = check_archived(edit, &present, err);
    if (status) {
        return status;
    }
    status = secret_edit_begin(&secrets, &present, err);
    if (status) {
        return status;
    }
    status = make_next(edit, &secrets, &present, &next, err);
    if (status) {
        return status;
    }
    // Nothing is stored: repeating a change makes no revision and no event, in a frozen environment too.
    if (is_same(&present, &next)) {
        *ret_edited = (struct environment_edited){"nothing", false, false, present.row.revision,
                                                  present.point};
        return STATUS_OK;
    }
    status = check_frozen(edit, &present, err);
    if (status) {
        return status;
    }
    status = store_next(edit, &present, &next, ret_edited, err);
    // Conditions of the request were judged above, so here PRECONDITION can only be the store's:
    // the base revision is not the newest any more.
    *ret_late = status == STATUS_PRECONDITION;
    return status;
}

// A change without a condition is made again on the newer revision. The answer waits until this daemon
// knows the change, so that a client that asks at once sees its own write.
enum status environment_edit_run(const struct environment_edit *edit,
                                 struct environment_edited *ret_edited, struct error *err) {
    bool late = true;
    enum status status = STATUS_OK;
    for (int attempt = 0; attempt < ATTEMPTS && late; attempt++) {
        late = false;
        status = try_once(edit, ret_edited, &late, err);
        if (late && (edit->call->request->if_match || edit->call->request->if_none_match)) {
            return status; // the next try would only find the condition unmet
        }
    }
    if (!status) {
        index_wait_own(edit->call->api->index, &ret_edited->point, OWN_WRITE_WAIT_MS);
    }
    return late
               ? fail(err, STATUS_CONFLICT, NULL,
                      "Others keep changing the environment \"%s\". Retry the request.", edit->name)
               : status;
}
