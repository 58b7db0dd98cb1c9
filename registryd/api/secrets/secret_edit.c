// SPDX-License-Identifier: MIT
// A value leaves the document before anything of the change is stored, logged or compared. It is sealed under the key that
// the registry names at this moment; when that changes before the change is stored, the store refuses, and the attempt
// is made again.
#include "registryd/api/secrets/secret_edit.h"

#include "registryd/vault/vault.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"
#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_secrets.h"

#include <sodium.h>
#include <string.h>

// One pass over the next document.
struct settling {
    struct secret_edit *edit;
    struct settings_schemas schemas; // of the packages whose settings change
    const char *key_id;              // that seals; NULL until the first value
    json_t *changes;                 // owned
    enum status status;
    struct error *err;
};

enum status secret_edit_begin(struct secret_edit *edit, const struct environment_detail *present,
                              struct error *err) {
    uint8_t random[16];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    snprintf(edit->seat, sizeof edit->seat, "registryd seat %s",
             sodium_bin2hex(hex, sizeof hex, random, sizeof random));
    edit->present = json_loads(present->document, JSON_REJECT_DUPLICATES, NULL);
    bool is_seated = edit->present && environment_seat_secrets(edit->present, edit->seat);
    edit->seated = is_seated ? json_encode_canonical(edit->request->arena, edit->present) : NULL;
    return edit->seated ? STATUS_OK : fail_no_memory(err);
}

void secret_edit_done(struct secret_edit *edit) {
    json_decref(edit->present);
}

// ---- the rows ----

static enum status need_rows(struct secret_edit *edit, struct error *err) {
    enum status status = edit->has_rows ? STATUS_OK
                                        : store_secrets_load(edit->api->store, edit->request->arena,
                                                             edit->environment, &edit->rows, err);
    edit->has_rows = !status;
    return status;
}

static const struct secret_row *find_row(const struct secret_edit *edit,
                                         const struct settings_holder *holder,
                                         const char *pointer) {
    for (size_t i = 0; i < edit->rows.count; i++) {
        const struct secret_row *row = &edit->rows.items[i];
        if (strcmp(row->package, holder->package) == 0 && strcmp(row->group, holder->group) == 0 &&
            strcmp(row->name, holder->name) == 0 && strcmp(row->pointer, pointer) == 0) {
            return row;
        }
    }
    return NULL;
}

// ---- which holders change ----

static bool is_equal(const json_t *a, const json_t *b) {
    return a == b || (a && b && json_equal(a, b));
}

static bool is_kept(const struct secret_edit *edit, const struct settings_holder *holder) {
    const json_t *before = environment_find_holder(edit->present, holder);
    return is_equal(json_object_get(holder->json, "settings"),
                    json_object_get(before, "settings")) &&
           is_equal(json_object_get(holder->json, "secrets"), json_object_get(before, "secrets"));
}

struct changed_packages {
    const struct secret_edit *edit;
    const char **items;
    size_t count;
    size_t capacity;
};

static bool list_changed(void *context, const struct settings_holder *holder) {
    struct changed_packages *list = context;
    bool is_listed = list->count && strcmp(list->items[list->count - 1], holder->package) == 0;
    if (is_listed || is_kept(list->edit, holder)) {
        return true;
    }
    struct arena *arena = list->edit->request->arena;
    const char **grown =
        list_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    const char *name = arena_strdup(arena, holder->package);
    if (!grown || !name) {
        return false;
    }
    list->items = grown;
    grown[list->count++] = name;
    return true;
}

static enum status load_schemas(struct settling *work, json_t *document) {
    struct secret_edit *edit = work->edit;
    struct changed_packages list = {.edit = edit};
    if (!environment_visit_holders(document, list_changed, &list)) {
        return fail_no_memory(work->err);
    }
    const struct strings packages = {list.items, list.count};
    return list.count ? store_settings_schemas_load(edit->api->store, edit->request->arena,
                                                    &packages, &work->schemas, work->err)
                      : STATUS_OK;
}

// ---- places ----

static bool add_pointers(struct arena *arena, struct strings *all, const struct strings *more) {
    const char **items = arena_array(arena, all->count + more->count + 1, sizeof *items);
    for (size_t i = 0; items && i < all->count; i++) {
        items[i] = all->items[i];
    }
    for (size_t i = 0; items && i < more->count; i++) {
        items[all->count + i] = more->items[i];
    }
    all->items = items;
    all->count += more->count;
    return items;
}

static bool add_keys(struct arena *arena, struct strings *all, const json_t *marks) {
    struct strings keys = {arena_array(arena, json_object_size(marks) + 1, sizeof *keys.items), 0};
    const char *pointer;
    json_t *mark;
    json_object_foreach((json_t *)marks, pointer, mark) {
        const char *kept = keys.items ? arena_strdup(arena, pointer) : NULL;
        if (!kept) {
            return false;
        }
        keys.items[keys.count++] = kept;
    }
    return keys.items && add_pointers(arena, all, &keys);
}

static enum status add_of_schema(struct settling *work, const struct settings_schema *row,
                                 const json_t *settings, struct strings *all) {
    struct arena *arena = work->edit->request->arena;
    scoped(cleanup_json) json_t *document = json_loads(row->text, JSON_DECODE_ANY, NULL);
    struct strings found = {0};
    if (!document) {
        return fail_no_memory(work->err);
    }
    enum status status = json_schema_write_only(arena, document, settings, &found, work->err);
    if (status) {
        return status;
    }
    return add_pointers(arena, all, &found) ? STATUS_OK : fail_no_memory(work->err);
}

// Where secrets are set or may be set. A secret that is set stays one, whatever a schema says later.
static enum status find_places(struct settling *work, const struct settings_holder *holder,
                               struct strings *ret_places) {
    struct arena *arena = work->edit->request->arena;
    const json_t *before = environment_find_holder(work->edit->present, holder);
    const json_t *settings = json_object_get(holder->json, "settings");
    if (!add_keys(arena, ret_places, json_object_get(holder->json, "secrets")) ||
        !add_keys(arena, ret_places, json_object_get(before, "secrets"))) {
        return fail_no_memory(work->err);
    }
    for (size_t i = 0; settings && i < work->schemas.count; i++) {
        const struct settings_schema *row = &work->schemas.items[i];
        bool concerns = strcmp(row->package, holder->package) == 0;
        enum status status = concerns ? add_of_schema(work, row, settings, ret_places) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    json_schema_join_pointers(ret_places);
    return STATUS_OK;
}

// ---- one secret ----

struct settled_place {
    const struct settings_holder *holder;
    const char *pointer;
    json_t *marks; // the new ones, borrowed
};

static struct vault_place place_of(const struct secret_edit *edit,
                                   const struct settled_place *spot) {
    return (struct vault_place){edit->environment, spot->holder->package, spot->holder->group,
                                spot->holder->name, spot->pointer};
}

static enum status add_change(struct settling *work, const struct settled_place *spot,
                              const char *sealed, const char *set_at) {
    const struct settings_holder *holder = spot->holder;
    json_t *change =
        json_pack("{s:s,s:s,s:s,s:s,s:s?,s:s?,s:s?}", "package", holder->package, "group_name",
                  holder->group, "name", holder->name, "pointer", spot->pointer, "key_id",
                  work->key_id, "sealed", sealed, "set_at", set_at);
    return json_array_append_new(work->changes, change) ? fail_no_memory(work->err) : STATUS_OK;
}

// The key that seals, made when there is none. Two daemons may make the first one at once: one of them wins.
static enum status need_key(struct settling *work) {
    struct secret_edit *edit = work->edit;
    struct arena *arena = edit->request->arena;
    const char *present = NULL;
    char id[VAULT_ID_SIZE];
    bool done = false;
    if (work->key_id) {
        return STATUS_OK;
    }
    enum status status = store_secrets_key_load(edit->api->store, arena, &present, work->err);
    if (status) {
        return status;
    }
    status = vault_ready(edit->api->vault, present, id, work->err);
    if (status) {
        return status;
    }
    const struct secrets_key_change first = {id, NULL, edit->request->actor};
    if (!present) {
        status = store_secrets_key_set(edit->api->store, &first, &done, work->err);
    }
    if (status) {
        return status;
    }
    work->key_id = arena_strdup(arena, id);
    return work->key_id ? STATUS_OK : fail_no_memory(work->err);
}

// Setting what is set already is no change. What cannot be opened counts as another value.
static enum status is_same_value(struct settling *work, const struct settled_place *spot,
                                 const char *text, bool *ret_same) {
    struct secret_edit *edit = work->edit;
    const char *known = NULL;
    *ret_same = false;
    enum status status = need_rows(edit, work->err);
    if (status) {
        return status;
    }
    const struct secret_row *row = find_row(edit, spot->holder, spot->pointer);
    if (row) {
        const struct vault_sealed sealed = {place_of(edit, spot), row->key_id, row->sealed};
        struct error ignored;
        status = vault_open(edit->api->vault, edit->request->arena, &sealed, &known, &ignored);
        *ret_same = !status && strcmp(known, text) == 0;
    }
    return status == STATUS_NO_MEMORY ? fail_no_memory(work->err) : STATUS_OK;
}

// The moment as a mark says it, to the millisecond, and never that of the mark before: a change must show.
static const char *write_moment(struct arena *arena, const char *before) {
    int64_t now_ms = unix_ms();
    char seconds[UTC_SIZE];
    const char *text = NULL;
    do {
        utc_write(now_ms, seconds);
        text = arena_printf(arena, "%.19s.%03dZ", seconds, (int)(now_ms % 1000));
        now_ms++;
    } while (text && before && strcmp(text, before) == 0);
    return text;
}

static enum status seal(struct settling *work, const struct settled_place *spot, const char *text,
                        const json_t *before) {
    struct secret_edit *edit = work->edit;
    struct arena *arena = edit->request->arena;
    const char *sealed = NULL;
    const char *actor = edit->request->actor ? edit->request->actor : "unknown";
    const char *set_at = write_moment(arena, json_string_value(json_object_get(before, "set_at")));
    enum status status = need_key(work);
    if (status) {
        return status;
    }
    const struct vault_clear clear = {place_of(edit, spot), work->key_id, text};
    status = vault_seal(edit->api->vault, arena, &clear, &sealed, work->err);
    if (status) {
        return status;
    }
    json_t *mark = set_at ? json_pack("{s:s,s:s}", "set_at", set_at, "set_by", actor) : NULL;
    if (json_object_set_new(spot->marks, spot->pointer, mark)) {
        return fail_no_memory(work->err);
    }
    return add_change(work, spot, sealed, set_at);
}

static enum status keep_mark(struct settling *work, const struct settled_place *spot,
                             json_t *before) {
    return json_object_set(spot->marks, spot->pointer, before) ? fail_no_memory(work->err)
                                                               : STATUS_OK;
}

static enum status settle_value(struct settling *work, const struct settled_place *spot,
                                const json_t *value, json_t *before) {
    const char *text = json_encode_canonical(work->edit->request->arena, value);
    bool is_same = false;
    if (!text) {
        return fail_no_memory(work->err);
    }
    enum status status = before ? is_same_value(work, spot, text, &is_same) : STATUS_OK;
    if (status) {
        return status;
    }
    return is_same ? keep_mark(work, spot, before) : seal(work, spot, text, before);
}

static void refuse_unset(struct settling *work, const struct settled_place *spot) {
    const struct settings_holder *holder = spot->holder;
    struct arena *arena = work->edit->request->arena;
    const char *where = json_pointer(arena, "/plugins", holder->package);
    if (*holder->name) {
        where = json_pointer(arena, json_pointer(arena, where, "entry_points"), holder->group);
        where = json_pointer(arena, where, holder->name);
    }
    where = json_pointer(arena, json_pointer(arena, where, "secrets"), spot->pointer);
    findings_add(work->edit->findings, SEVERITY_ERROR, "secret-not-set", where,
                 "Leave it out, or set the value in the settings", "The secret %s is not set here",
                 spot->pointer);
}

static enum status settle_place(struct settling *work, const struct settled_place *spot) {
    const struct settings_holder *holder = spot->holder;
    json_t *settings = json_object_get(holder->json, "settings");
    const json_t *known = environment_find_holder(work->edit->present, holder);
    json_t *before = json_object_get(json_object_get(known, "secrets"), spot->pointer);
    bool is_marked = json_object_get(json_object_get(holder->json, "secrets"), spot->pointer);
    scoped(cleanup_json) json_t *value =
        json_incref(environment_pointer_get(settings, spot->pointer));
    const char *text = json_string_value(value);
    bool is_seat = text && strcmp(text, work->edit->seat) == 0;
    environment_pointer_take(settings, spot->pointer);
    if (value && !is_seat) {
        return settle_value(work, spot, value, before);
    }
    if (is_marked && !before) {
        refuse_unset(work, spot);
        return STATUS_OK;
    }
    return is_seat && is_marked ? keep_mark(work, spot, before) : STATUS_OK;
}

// ---- one holder ----

static enum status settle_places(struct settling *work, const struct settings_holder *holder) {
    struct strings places = {0};
    scoped(cleanup_json) json_t *marks = json_object();
    enum status status = marks ? find_places(work, holder, &places) : fail_no_memory(work->err);
    for (size_t i = 0; !status && i < places.count; i++) {
        const struct settled_place spot = {holder, places.items[i], marks};
        status = settle_place(work, &spot);
    }
    if (status) {
        return status;
    }
    json_object_del(holder->json, "secrets");
    if (json_object_size(marks) && json_object_set(holder->json, "secrets", marks)) {
        return fail_no_memory(work->err);
    }
    return STATUS_OK;
}

static void take_seats(const struct secret_edit *edit, const struct settings_holder *holder) {
    json_t *settings = json_object_get(holder->json, "settings");
    const char *pointer;
    json_t *mark;
    json_object_foreach(json_object_get(holder->json, "secrets"), pointer, mark) {
        const char *text = json_string_value(environment_pointer_get(settings, pointer));
        if (text && strcmp(text, edit->seat) == 0) {
            environment_pointer_take(settings, pointer);
        }
    }
}

static bool settle_holder(void *context, const struct settings_holder *holder) {
    struct settling *work = context;
    if (is_kept(work->edit, holder)) {
        take_seats(work->edit, holder);
    } else {
        work->status = settle_places(work, holder);
    }
    const json_t *settings = json_object_get(holder->json, "settings");
    if (settings && !json_object_size(settings)) {
        json_object_del(holder->json, "settings");
    }
    return !work->status;
}

// ---- the whole ----

struct removing {
    struct settling *work;
    const json_t *document;
};

// Secrets that are there, and have no mark in the next document.
static bool remove_unmarked(void *context, const struct settings_holder *holder) {
    const struct removing *removing = context;
    const json_t *after = environment_find_holder(removing->document, holder);
    const char *pointer;
    json_t *mark;
    json_object_foreach(json_object_get(holder->json, "secrets"), pointer, mark) {
        const struct settled_place spot = {holder, pointer, NULL};
        bool is_there = json_object_get(json_object_get(after, "secrets"), pointer);
        if (!is_there) {
            removing->work->status = add_change(removing->work, &spot, NULL, NULL);
        }
        if (removing->work->status) {
            return false;
        }
    }
    return true;
}

enum status secret_edit_settle(struct secret_edit *edit, json_t *document, const char **ret_changes,
                               struct error *err) {
    struct settling work = {.edit = edit, .changes = json_array(), .err = err};
    scoped(cleanup_json) json_t *changes = work.changes;
    const struct removing removing = {&work, document};
    size_t errors_before = edit->findings->error_count;
    if (!changes) {
        return fail_no_memory(err);
    }
    enum status status = load_schemas(&work, document);
    if (status) {
        return status;
    }
    if (!environment_visit_holders(document, settle_holder, &work) ||
        !environment_visit_holders(edit->present, remove_unmarked, (void *)&removing)) {
        return work.status;
    }
    status = findings_fail(edit->findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_changes =
        json_array_size(changes) ? json_encode_canonical(edit->request->arena, changes) : NULL;
    return json_array_size(changes) && !*ret_changes ? fail_no_memory(err) : STATUS_OK;
}

// ---- an earlier document ----

static bool restore_holder(void *context, const struct settings_holder *holder) {
    const struct secret_edit *edit = context;
    const json_t *marks = json_object_get(holder->json, "secrets");
    scoped(cleanup_json) json_t *kept = json_object();
    const char *pointer;
    json_t *mark;
    json_object_foreach((json_t *)marks, pointer, mark) {
        const struct secret_row *row = find_row(edit, holder, pointer);
        if (row && json_object_set_new(
                       kept, pointer,
                       json_pack("{s:s,s:s}", "set_at", row->set_at, "set_by", row->set_by))) {
            return false;
        }
    }
    json_object_del(holder->json, "secrets");
    return kept && (!json_object_size(kept) || json_object_set(holder->json, "secrets", kept) == 0);
}

enum status secret_edit_restore(struct secret_edit *edit, json_t *document, struct error *err) {
    enum status status = need_rows(edit, err);
    if (status) {
        return status;
    }
    return environment_visit_holders(document, restore_holder, edit) ? STATUS_OK
                                                                     : fail_no_memory(err);
}
