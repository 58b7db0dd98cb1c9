// SPDX-License-Identifier: MIT
// One pass over the records. Each manifest is parsed once and each row of the table of kinds takes its member from it.
// What is merged over plugins (a permission that two of them declare) is found again by list, group and name; what can
// be in conflict is noted by code, group and subject, with the plugins that claim it. A manifest that does not have the
// shape of its host is no failure here: publish and walk report it, and the item is left out.
#include "schema/contributions/contributions.h"

#include "schema/contributions/contribution_kinds.h"
#include "schema/json/json.h"

#include <string.h>

struct contribution_merge {
    struct arena *arena;
    json_t *document; // owned by the caller
    json_t *rows;     // "permissions crm.plugins crm.read" -> the row, borrowed from the document
    json_t *claims;   // code -> "crm.plugins /crm" -> {"subject", "origins", …}
    json_t *origin;   // of the record at hand
    const char *group;
    bool no_memory;
};

static void note(struct contribution_merge *m, bool is_good) {
    m->no_memory |= !is_good;
}

static const char *key_of(struct contribution_merge *m, const char *list, const char *name) {
    const char *key = arena_printf(m->arena, "%s %s %s", list, m->group, name);
    note(m, key);
    return key ? key : "";
}

// The member of an object, made when it is not there. Borrowed; NULL when out of memory.
static json_t *member(struct contribution_merge *m, json_t *object, const char *name,
                      bool is_array) {
    json_t *found = json_object_get(object, name);
    if (!found) {
        found = is_array ? json_array() : json_object();
        note(m, json_object_set_new(object, name, found) == 0);
    }
    return m->no_memory ? NULL : found;
}

static void append_origin(struct contribution_merge *m, json_t *origins) {
    size_t count = json_array_size(origins);
    // a plugin's items come one after the other, so the last is the only one that can be this one
    if (!count || json_array_get(origins, count - 1) != m->origin) {
        note(m, json_array_append(origins, m->origin) == 0);
    }
}

// ---- items ----

// Each text once, in order. What is there is looked up, since a manifest may hold many thousands.
static void unite(struct contribution_merge *m, const char *row, json_t *into,
                  const json_t *texts) {
    for (size_t i = 0; i < json_array_size(texts) && !m->no_memory; i++) {
        json_t *text = json_array_get(texts, i);
        const char *key = json_is_string(text) ? arena_printf(m->arena, "%zu %s %s", strlen(row),
                                                              row, json_string_value(text))
                                               : NULL;
        note(m, key || !json_is_string(text));
        if (key && !json_object_get(m->rows, key)) {
            note(m, json_object_set(m->rows, key, text) == 0 && json_array_append(into, text) == 0);
        }
    }
}

// A row of the document, found again by its key. Borrowed.
static json_t *add_row(struct contribution_merge *m, const struct contribution_kind *kind,
                       const char *name, const char *key) {
    json_auto_t *row = json_pack("{s:s, s:s}", "group", m->group, kind->key, name);
    note(m, row && json_object_set(m->rows, key, row) == 0 &&
                json_array_append(json_object_get(m->document, kind->list), row) == 0);
    return row;
}

// The row that all plugins of the group share.
static void add_merged(struct contribution_merge *m, const struct contribution_kind *kind,
                       const char *name, const json_t *item) {
    const char *key = key_of(m, kind->list, name);
    json_t *row = json_object_get(m->rows, key);
    if (!row) {
        row = add_row(m, kind, name, key);
    }
    json_t *united = kind->united && !m->no_memory ? member(m, row, kind->united, true) : NULL;
    if (united) {
        unite(m, key, united, json_object_get(item, kind->united));
    }
    json_t *origins = m->no_memory ? NULL : member(m, row, kind->origins, true);
    if (origins) {
        append_origin(m, origins);
    }
}

static void add_own(struct contribution_merge *m, const struct contribution_kind *kind,
                    const char *name, const json_t *item) {
    json_t *row = json_pack("{s:s}", kind->key, name);
    for (size_t i = 0; i < kind->kept_count; i++) {
        json_t *kept = json_object_get(item, kind->kept[i]);
        note(m, !kept || (row && json_object_set(row, kind->kept[i], kept) == 0));
    }
    note(m, row && json_object_set(row, "origin", m->origin) == 0 &&
                json_array_append(json_object_get(m->document, kind->list), row) == 0);
    json_decref(row);
}

static void claim(struct contribution_merge *m, const struct contribution_kind *kind,
                  const char *subject) {
    json_t *claims = member(m, m->claims, kind->code, false);
    json_t *claimed = claims ? member(m, claims, key_of(m, "", subject), false) : NULL;
    if (!claimed) {
        return;
    }
    if (!json_object_size(claimed)) {
        note(m, json_object_set_new(claimed, "code", json_string(kind->code)) == 0 &&
                    json_object_set_new(claimed, "group", json_string(m->group)) == 0 &&
                    json_object_set_new(claimed, "subject", json_string(subject)) == 0 &&
                    json_object_set_new(claimed, "message", json_string(kind->words)) == 0);
    }
    json_t *origins = member(m, claimed, "origins", true);
    if (origins) {
        append_origin(m, origins);
    }
}

// `item` is the object of an item, or the text itself.
static void add_item(struct contribution_merge *m, const struct contribution_kind *kind,
                     const json_t *item) {
    const json_t *text = kind->shape == SHAPE_OBJECTS ? json_object_get(item, kind->key) : item;
    const char *name = json_string_value(text);
    if (!name || !*name || strlen(name) != json_string_length(text)) {
        return;
    }
    const char *subject = kind->subject(m->arena, item, name);
    note(m, subject);
    if (!subject || !*subject) {
        return;
    }
    if (kind->origins) {
        add_merged(m, kind, name, item);
    } else {
        add_own(m, kind, name, item);
    }
    if (kind->code && !m->no_memory) {
        claim(m, kind, subject);
    }
}

static void add_manifest(struct contribution_merge *m, const json_t *manifest) {
    const struct contribution_kind *kind;
    for (size_t i = 0; (kind = contribution_kind_at(i)) && !m->no_memory; i++) {
        const json_t *value = json_object_get(manifest, kind->member);
        if (kind->shape == SHAPE_TEXT && value) {
            add_item(m, kind, value);
        }
        size_t count = kind->shape == SHAPE_TEXT ? 0 : json_array_size(value);
        for (size_t j = 0; j < count && !m->no_memory; j++) {
            add_item(m, kind, json_array_get(value, j));
        }
    }
}

// ---- records ----

static void add_plugin(struct contribution_merge *m, const char *list, const char *member_name,
                       const json_t *value) {
    json_t *plugin = json_object(); // json_copy does not tell when memory runs out
    note(m, plugin && json_object_update(plugin, m->origin) == 0 &&
                (!value || json_object_set(plugin, member_name, (json_t *)value) == 0) &&
                json_array_append(json_object_get(m->document, list), plugin) == 0);
    json_decref(plugin);
}

static void add_unknown(struct contribution_merge *m, const char *reason) {
    json_auto_t *text = json_string(reason);
    note(m, text);
    add_plugin(m, "unknown", "reason", text);
}

static void add_record(struct contribution_merge *m, const struct record *record) {
    json_auto_t *origin =
        json_pack("{s:s, s:s, s:o, s:o}", "group", record->group, "name", record->name, "package",
                  json_text(record->package), "version", json_text(record->version));
    json_auto_t *manifest =
        record->manifest ? json_loads(record->manifest, JSON_ALLOW_NUL, NULL) : NULL;
    m->origin = origin;
    m->group = record->group;
    note(m, origin && (manifest || !record->manifest)); // the text of a record is always JSON
    if (m->no_memory) {
        return;
    }
    if (record_has_errors(record) || !json_is_object(manifest)) {
        add_unknown(m, record_has_errors(record) ? "broken" : "no-manifest");
        return;
    }
    const json_t *kind = json_object_get(manifest, "kind");
    add_plugin(m, "plugins", "kind", json_is_string(kind) ? kind : NULL);
    add_manifest(m, manifest);
}

// ---- conflicts ----

// "2 plugins contribute the endpoint "POST /products": "a.Create" of a, "b.Create" of b". Owned.
static json_t *message_of(const char *words, const char *subject, const json_t *origins) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, SIZE_MAX / 4);
    buffer_printf(&text, "%zu plugins contribute %s \"%s\": ", json_array_size(origins), words,
                  subject);
    for (size_t i = 0; i < json_array_size(origins); i++) {
        const json_t *origin = json_array_get(origins, i);
        const char *package = json_string_value(json_object_get(origin, "package"));
        buffer_printf(&text, "%s\"%s\"%s%s", i ? ", " : "",
                      json_string_value(json_object_get(origin, "name")), package ? " of " : "",
                      package ? package : "");
    }
    return text.failed ? NULL : json_stringn(text.ptr, text.len);
}

// What only one plugin claims is no conflict.
static void add_conflicts(struct contribution_merge *m) {
    const char *code;
    json_t *claims;
    json_object_foreach(m->claims, code, claims) {
        const char *key;
        json_t *claimed;
        json_object_foreach(claims, key, claimed) {
            const json_t *origins = json_object_get(claimed, "origins");
            if (json_array_size(origins) < 2) {
                continue;
            }
            json_t *message =
                message_of(json_string_value(json_object_get(claimed, "message")),
                           json_string_value(json_object_get(claimed, "subject")), origins);
            note(m, json_object_set_new(claimed, "message", message) == 0 &&
                        json_array_append(json_object_get(m->document, "conflicts"), claimed) == 0);
        }
    }
}

// Every list is there, also when it is empty; and every event has both its sides.
static void begin_document(struct contribution_merge *m) {
    static const char *const rest[] = {"plugins", "unknown", "conflicts"};
    const struct contribution_kind *kind;
    m->document = json_object();
    m->rows = json_object();
    m->claims = json_object();
    note(m, m->document && m->rows && m->claims);
    for (size_t i = 0; (kind = contribution_kind_at(i)) && !m->no_memory; i++) {
        member(m, m->document, kind->list, true);
        if (kind->code && !m->no_memory) {
            member(m, m->claims, kind->code, false); // in the order of the table
        }
    }
    for (size_t i = 0; i < sizeof rest / sizeof *rest && !m->no_memory; i++) {
        member(m, m->document, rest[i], true);
    }
}

static void end_document(struct contribution_merge *m) {
    const json_t *events = json_object_get(m->document, "events");
    for (size_t i = 0; i < json_array_size(events) && !m->no_memory; i++) {
        member(m, json_array_get(events, i), "publishers", true);
        member(m, json_array_get(events, i), "subscribers", true);
    }
    if (!m->no_memory) {
        add_conflicts(m);
    }
}

enum status contributions_merge(const struct records *records, json_t **ret_document,
                                struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct contribution_merge m = {.arena = arena, .no_memory = !arena};
    if (arena) {
        begin_document(&m);
    }
    for (size_t i = 0; i < records->count && !m.no_memory; i++) {
        if (!records->items[i].shadowed_by) {
            add_record(&m, &records->items[i]);
        }
    }
    if (!m.no_memory) {
        end_document(&m);
    }
    json_decref(m.rows);
    json_decref(m.claims);
    if (m.no_memory) {
        json_decref(m.document);
        return fail_no_memory(err);
    }
    *ret_document = m.document;
    return STATUS_OK;
}
