// SPDX-License-Identifier: MIT
// Below both faces. Every change, whatever asked for it, is one environment_edit: what it does to the present
// document is its `apply`, and everything that must hold of the next document is checked there. A patch is
// judged by itself first: a key that no document has, even with null, would otherwise be ignored silently.
#include "registryd/api/environments/environment_use_cases.h"

#include "registryd/api/environments/environment_patch.h"
#include "registryd/api/environments/environments.h"
#include "schema/environment/merge_patch.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

// ---- the whole document ----

// PUT: the present does not matter, only its revision does, which environment_edit compares.
static enum status replace(const struct environment_edit *edit,
                           const struct environment_detail *present, json_t **ret_document,
                           struct error *err) {
    (void)present;
    (void)err;
    *ret_document = json_incref(edit->body);
    return STATUS_OK;
}

enum status environment_replace(const struct edit_context *call, json_t *document,
                                struct environment_edited *ret_edited, struct error *err) {
    struct environment_edit edit = {.call = call,
                                    .action = "replace",
                                    .body = document,
                                    .is_whole = true,
                                    .may_create = true,
                                    .apply = replace};
    enum status status = environments_path(call->request, STATUS_INVALID, &edit.name, err);
    return status ? status : environment_edit_run(&edit, ret_edited, err);
}

// ---- merge patches ----

// The merge runs again on every attempt, on the present of that attempt: two patches of different
// keys both succeed.
static enum status patch_present(const struct environment_edit *edit,
                                 const struct environment_detail *present, json_t **ret_document,
                                 struct error *err) {
    scoped(cleanup_json) json_t *document = json_loads(present->document, 0, NULL);
    // `edit->body` is not changed by the merge; the next attempt needs it as it was.
    *ret_document = document ? merge_patch_apply(document, edit->body) : NULL;
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

enum status environment_patch_document(const struct edit_context *call, json_t *patch,
                                       struct environment_edited *ret_edited, struct error *err) {
    scoped(cleanup_json) json_t *body = patch;
    struct environment_edit edit = {.call = call, .action = "change", .apply = patch_present};
    enum status status = environments_path(call->request, STATUS_NOT_FOUND, &edit.name, err);
    if (status) {
        return status;
    }
    status = environment_patch_check(call->request->arena, &body, call->findings, err);
    if (status) {
        return status;
    }
    edit.body = body;
    return environment_edit_run(&edit, ret_edited, err);
}

static enum status read_package(struct arena *arena, const char *text, const char **ret_package,
                                struct error *err) {
    enum status status = name_normalize(arena, text_from(text), ret_package, err);
    return status && status != STATUS_NO_MEMORY
               ? fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" is not the name of a package.", text)
               : status;
}

// The patch of one package is the patch of the document, two levels further in.
static enum status patch_plugin(struct environment_edit *edit, json_t *patch,
                                struct environment_edited *ret_edited, struct error *err) {
    scoped(cleanup_json) json_t *body = json_pack("{s:{s:O}}", "plugins", edit->package, patch);
    if (!body) {
        return fail_no_memory(err);
    }
    enum status status =
        environment_patch_check(edit->call->request->arena, &body, edit->call->findings, err);
    edit->body = body;
    return status ? status : environment_edit_run(edit, ret_edited, err);
}

enum status environment_patch_plugin(const struct edit_context *call, const char *package,
                                     json_t *patch, struct environment_edited *ret_edited,
                                     struct error *err) {
    scoped(cleanup_json) json_t *inner = patch;
    struct environment_edit edit = {.call = call, .action = "plugin", .apply = patch_present};
    enum status status = environments_path(call->request, STATUS_NOT_FOUND, &edit.name, err);
    if (status) {
        return status;
    }
    status = read_package(call->request->arena, package, &edit.package, err);
    if (status) {
        return status;
    }
    status = patch_plugin(&edit, inner, ret_edited, err);
    // Called also after success, where it does nothing.
    return environment_patch_localize(call->request->arena, edit.package, call->findings, status,
                                      err);
}

// The page's buttons speak through the same patch as the API, so both have the same checks and the
// same history. "By policy" is null, which removes the decision.
static json_t *encode_decision(const struct plugin_decision *decision) {
    static const char *const words[] = {
        [PLUGIN_ENABLED] = "enabled", [PLUGIN_DISABLED] = "disabled", [PLUGIN_ALLOWED] = "allowed"};
    json_t *patch = json_pack("{s:o}", "state", json_text(words[decision->state]));
    json_t *pin = decision->pin ? json_string(decision->pin) : json_null();
    if (decision->decides_pin && json_object_set_new(patch, "pin", pin)) {
        json_decref(patch);
        return NULL;
    }
    return patch;
}

enum status environment_decide_plugin(const struct edit_context *call,
                                      const struct plugin_decision *decision,
                                      struct environment_edited *ret_edited, struct error *err) {
    json_t *patch = encode_decision(decision);
    if (!patch) {
        return fail_no_memory(err);
    }
    return environment_patch_plugin(call, decision->package, patch, ret_edited, err);
}

// In the patch null ends an exception; what is missing is refused by the rules of the document.
enum status environment_except_plugin(const struct edit_context *call,
                                      const struct plugin_exception *exception,
                                      struct environment_edited *ret_edited, struct error *err) {
    json_t *made = exception->ends ? json_null()
                                   : json_pack("{s:s*,s:s*}", "until", exception->until, "reason",
                                               exception->reason);
    json_t *patch = json_pack("{s:{s:o}}", "allow", exception->code, made);
    if (!patch) {
        return fail_no_memory(err);
    }
    return environment_patch_plugin(call, exception->package, patch, ret_edited, err);
}

// ---- an earlier revision ----

// A rollback makes a new revision with an old document; revisions are never removed.
static enum status take_earlier(const struct environment_edit *edit,
                                const struct environment_detail *present, json_t **ret_document,
                                struct error *err) {
    (void)present;
    struct environment_detail old;
    enum status status = store_environment_load(edit->call->api->store, edit->call->request->arena,
                                                edit->name, edit->revision, &old, err);
    if (status) {
        return status;
    }
    *ret_document = json_loads(old.document, JSON_REJECT_DUPLICATES, NULL);
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

// The answer comes back with the rules: a revision that was frozen is frozen again, with the same lock. Hosts of a
// frozen environment must not get another answer unasked, so from there the way leads only to locks.
static enum status settle_earlier(const struct environment_edit *edit,
                                  const struct environment_detail *present,
                                  struct environment_state *state, struct error *err) {
    struct environment_detail old;
    enum status status = store_environment_load(edit->call->api->store, edit->call->request->arena,
                                                edit->name, edit->revision, &old, err);
    if (status) {
        return status;
    }
    if (present->row.lock_id && !old.row.lock_id) {
        return fail(
            err, STATUS_CONFLICT, "/revision",
            "The environment \"%s\" is frozen, and revision %lld was not. Thaw it first with "
            "\"registryctl environment thaw %s\".",
            edit->name, (long long)edit->revision, edit->name);
    }
    state->lock_id = old.row.lock_id;
    return STATUS_OK;
}

// Also out of a lock: a rollback takes back the state of the revision with its document.
enum status environment_roll_back(const struct edit_context *call, int64_t revision,
                                  struct environment_edited *ret_edited, struct error *err) {
    struct environment_edit edit = {.call = call,
                                    .action = "rollback",
                                    .revision = revision,
                                    .is_unchecked = true,
                                    .takes_frozen = true,
                                    .apply = take_earlier,
                                    .settle = settle_earlier};
    enum status status = environments_path(call->request, STATUS_NOT_FOUND, &edit.name, err);
    if (status) {
        return status;
    }
    edit.summary =
        arena_printf(call->request->arena, "back to revision %lld", (long long)edit.revision);
    return edit.summary ? environment_edit_run(&edit, ret_edited, err) : fail_no_memory(err);
}
