// SPDX-License-Identifier: MIT
// The plugins of both sides are sorted, so one walk over both finds what differs. The words name few
// packages and count the rest: the difference has all of it.
#include "registryd/api/environments/environment_compare.h"

#include "schema/json/json.h"
#include "schema/base/list.h"
#include "schema/base/cleanup.h"

#include <string.h>
#include <stdlib.h>

enum { WORDS_BYTES_MAX = 1000, NAMES_TOLD = 3, TOLD_PIN_BYTES_MAX = 60 };

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static enum environment_plugin_state state_of(const struct environment_plugin *plugin) {
    return plugin ? plugin->state : PLUGIN_UNSET;
}

static const char *pin_of(const struct environment_plugin *plugin) {
    return plugin ? plugin->pin : NULL;
}

static const char *settings_of(const struct environment_plugin *plugin) {
    return plugin ? plugin->settings : NULL;
}

static bool same_texts(const char *const *a, const char *const *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(a[i], b[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool same_secrets(const struct environment_plugin *a, const struct environment_plugin *b) {
    static const struct strings none;
    const struct strings *old = a ? &a->secret_settings : &none;
    const struct strings *new = b ? &b->secret_settings : &none;
    return old->count == new->count &&same_texts(old->items, new->items, old->count);
}

static bool same_marks(const struct environment_plugin *a, const struct environment_plugin *b) {
    static const struct environment_secrets none;
    return environment_secrets_same(a ? &a->secrets : &none, b ? &b->secrets : &none);
}

static bool same_settings(const struct plugin_change *change) {
    return same_text(settings_of(change->before), settings_of(change->after)) &&
           same_secrets(change->before, change->after) && same_marks(change->before, change->after);
}

static size_t exception_count(const struct environment_plugin *plugin) {
    return plugin ? plugin->exceptions.count : 0;
}

// Whether `of` has an exception that `other` has not, in this form.
static bool has_further_exception(const struct environment_plugin *of,
                                  const struct environment_plugin *other) {
    for (size_t i = 0; i < exception_count(of); i++) {
        const struct environment_exception *exception = &of->exceptions.items[i];
        const struct environment_exception *known =
            environment_find_exception(other, exception->code);
        if (!known || known->until_ms != exception->until_ms ||
            !same_text(known->reason, exception->reason)) {
            return true;
        }
    }
    return false;
}

static bool accepts_unknown(const struct environment_plugin *plugin) {
    return plugin && plugin->accepts_unknown_permissions;
}

// An entry point with a rule on one side and another rule, or none, on the other.
static bool has_other_entries(const struct environment_plugin *of,
                              const struct environment_plugin *other) {
    static const struct environment_entries none;
    const struct environment_entries *entries = of ? &of->entries : &none;
    const struct environment_entries *others = other ? &other->entries : &none;
    for (size_t i = 0; i < entries->count; i++) {
        const struct environment_entry *entry = &entries->items[i];
        if (!environment_entry_same(entry,
                                    environment_entries_find(others, entry->group, entry->name))) {
            return true;
        }
    }
    return false;
}

static bool has_changed_entries(const struct plugin_change *change) {
    return has_other_entries(change->after, change->before) ||
           has_other_entries(change->before, change->after);
}

static bool is_changed(const struct plugin_change *change) {
    return has_changed_entries(change) || has_further_exception(change->after, change->before) ||
           has_further_exception(change->before, change->after) ||
           accepts_unknown(change->before) != accepts_unknown(change->after) ||
           state_of(change->before) != state_of(change->after) ||
           !same_text(pin_of(change->before), pin_of(change->after)) || !same_settings(change);
}

// The plugin at `at`, or NULL behind the last.
// Behind the end there is nothing, so next_package needs no case for the longer list.
static const struct environment_plugin *plugin_at(const struct environment *environment,
                                                  size_t at) {
    return at < environment->plugin_count ? &environment->plugins[at] : NULL;
}

// The next package of the two sorted lists; moves past it on the sides that have it.
static bool next_package(const struct environment *before, const struct environment *after,
                         size_t at[2], struct plugin_change *ret_change) {
    const struct environment_plugin *old = plugin_at(before, at[0]);
    const struct environment_plugin *new = plugin_at(after, at[1]);
    if (!old && !new) {
        return false;
    }
    int order = !old ? 1 : !new ? -1 : strcmp(old->package, new->package);
    *ret_change = (struct plugin_change){order <= 0 ? old->package : new->package,
                                         order <= 0 ? old : NULL, order >= 0 ? new : NULL};
    at[0] += order <= 0;
    at[1] += order >= 0;
    return true;
}

// Both lists are sorted by package, so that one pass over both finds every difference.
enum status environment_compare_plugins(struct arena *arena, const struct environment *before,
                                        const struct environment *after,
                                        struct plugin_changes *ret_changes, struct error *err) {
    size_t room = before->plugin_count + after->plugin_count;
    struct plugin_changes changes = {arena_array(arena, room + 1, sizeof *changes.items), 0};
    struct plugin_change change;
    size_t at[2] = {0, 0};
    if (!changes.items) {
        return fail_no_memory(err);
    }
    while (next_package(before, after, at, &change)) {
        if (is_changed(&change)) {
            changes.items[changes.count++] = change;
        }
    }
    *ret_changes = changes;
    return STATUS_OK;
}

//
// For the history of an environment, in one line:
//
//     enabled crm-tools, crm-mail; pinned crm-base to 2.1; facts.python
//     disabled a, b, c and 12 more; policy
//
// A row of plugin_words is one kind of event, a row of part_words one part of the document. A
// plugin can be in several rows: enabled and pinned in one step.
//
// ---- words ----

static bool is_enabled_now(const struct plugin_change *change) {
    return state_of(change->after) == PLUGIN_ENABLED && state_of(change->before) != PLUGIN_ENABLED;
}

static bool is_disabled_now(const struct plugin_change *change) {
    return state_of(change->after) == PLUGIN_DISABLED &&
           state_of(change->before) != PLUGIN_DISABLED;
}

static bool is_undecided_now(const struct plugin_change *change) {
    return state_of(change->after) == PLUGIN_UNSET && state_of(change->before) != PLUGIN_UNSET;
}

static bool is_pinned_now(const struct plugin_change *change) {
    return pin_of(change->after) && !same_text(pin_of(change->before), pin_of(change->after));
}

static bool is_unpinned_now(const struct plugin_change *change) {
    return pin_of(change->before) && !pin_of(change->after);
}

static bool is_set_now(const struct plugin_change *change) {
    return !same_settings(change);
}

static bool is_allowed_now(const struct plugin_change *change) {
    return state_of(change->after) == PLUGIN_ALLOWED && state_of(change->before) != PLUGIN_ALLOWED;
}

static bool is_excepted_now(const struct plugin_change *change) {
    return has_further_exception(change->after, change->before);
}

static bool has_fewer_exceptions_now(const struct plugin_change *change) {
    return exception_count(change->after) < exception_count(change->before);
}

static bool accepts_unknown_now(const struct plugin_change *change) {
    return accepts_unknown(change->after) && !accepts_unknown(change->before);
}

static bool refuses_unknown_now(const struct plugin_change *change) {
    return !accepts_unknown(change->after) && accepts_unknown(change->before);
}

static void tell_pin(struct buffer *words, const struct plugin_change *change) {
    if (strlen(change->after->pin) <= TOLD_PIN_BYTES_MAX) {
        buffer_printf(words, " to %s", change->after->pin);
    }
}

static void tell_exceptions(struct buffer *words, const struct plugin_change *change) {
    for (size_t i = 0; i < change->after->exceptions.count; i++) {
        const struct environment_exception *exception = &change->after->exceptions.items[i];
        buffer_printf(words, "%s%s until %s", i ? ", " : " (", exception->code, exception->until);
    }
    buffer_add_string(words, ")");
}

// What became of one entry point: the rule that counts most among those that changed.
static void tell_entry(struct buffer *words, const struct environment_entry *old,
                       const struct environment_entry *new) {
    static const struct environment_entry none;
    const struct environment_entry *was = old ? old : &none;
    bool is_pinned = new->pin && !same_text(was->pin, new->pin);
    const char *word = new->state != was->state &&new->state == PLUGIN_ENABLED    ? "enabled "
                       : new->state != was->state &&new->state == PLUGIN_DISABLED ? "disabled "
                       : is_pinned                                                ? "pinned "
                       : new->deprecated && !same_text(was->deprecated, new->deprecated)
                           ? "deprecated "
                           : "";
    buffer_printf(words, "%s%s:%s", word, new->group, new->name);
}

//     (disabled acme.plugins:mail, pinned acme.plugins:web to ==1.2, …)
static void tell_entries(struct buffer *words, const struct plugin_change *change) {
    static const struct environment_entries none;
    const struct environment_entries *olds = change->before ? &change->before->entries : &none;
    const struct environment_entries *news = change->after ? &change->after->entries : &none;
    size_t told = 0;
    for (size_t i = 0; i < news->count && told < NAMES_TOLD; i++) {
        const struct environment_entry *new = &news->items[i];
        const struct environment_entry *old = environment_entries_find(olds, new->group, new->name);
        if (!environment_entry_same(old, new)) {
            buffer_add_string(words, told++ ? ", " : " (");
            tell_entry(words, old, new);
        }
    }
    buffer_add_string(words, told ? ")" : "");
}

static const struct {
    const char *words;
    bool (*happened)(const struct plugin_change *change);
    void (*tell)(struct buffer *words, const struct plugin_change *change); // NULL: nothing more
} plugin_words[] = {
    {"enabled", is_enabled_now, NULL},
    {"disabled", is_disabled_now, NULL},
    {"left to the user:", is_allowed_now, NULL},
    {"by policy:", is_undecided_now, NULL},
    {"pinned", is_pinned_now, tell_pin},
    {"unpinned", is_unpinned_now, NULL},
    {"settings of", is_set_now, NULL},
    {"entry points of", has_changed_entries, tell_entries},
    {"exception for", is_excepted_now, tell_exceptions},
    {"exception ended for", has_fewer_exceptions_now, NULL},
    {"unknown permissions accepted for", accepts_unknown_now, NULL},
    {"unknown permissions refused for", refuses_unknown_now, NULL},
};

static void begin_part(struct buffer *words) {
    buffer_add_string(words, words->len ? "; " : "");
}

static void add_plugin_words(struct buffer *words, size_t row,
                             const struct plugin_changes *changes) {
    size_t count = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const struct plugin_change *change = &changes->items[i];
        // `count` goes on behind the last name that is shown: "and N more" needs it.
        if (!plugin_words[row].happened(change) || count++ >= NAMES_TOLD) {
            continue;
        }
        if (count == 1) {
            begin_part(words);
            buffer_printf(words, "%s ", plugin_words[row].words);
        }
        buffer_printf(words, "%s%s", count > 1 ? ", " : "", change->package);
        if (plugin_words[row].tell) {
            plugin_words[row].tell(words, change);
        }
    }
    if (count > NAMES_TOLD) {
        buffer_printf(words, " and %zu more", count - NAMES_TOLD);
    }
}

static bool same_pairs(const struct environment_pair *a, const struct environment_pair *b,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(a[i].name, b[i].name) != 0 || strcmp(a[i].value, b[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_described_alike(const struct environment *a, const struct environment *b) {
    return same_text(a->description, b->description);
}

static bool has_same_python(const struct environment *a, const struct environment *b) {
    return same_text(a->python, b->python);
}

static bool has_same_markers(const struct environment *a, const struct environment *b) {
    return a->marker_count == b->marker_count &&
           same_pairs(a->markers, b->markers, a->marker_count);
}

static bool has_same_packages(const struct environment *a, const struct environment *b) {
    return a->have_count == b->have_count && same_pairs(a->have, b->have, a->have_count);
}

static bool has_same_tags(const struct environment *a, const struct environment *b) {
    return a->tag_count == b->tag_count && same_texts(a->tags, b->tags, a->tag_count);
}

static bool has_same_policy(const struct environment *a, const struct environment *b) {
    return a->is_listed_only == b->is_listed_only && a->prereleases == b->prereleases &&
           a->min_age_seconds == b->min_age_seconds;
}

static bool knows_same_permissions(const struct environment *a, const struct environment *b) {
    return a->has_permissions == b->has_permissions && a->permission_count == b->permission_count &&
           same_texts(a->permissions, b->permissions, a->permission_count);
}

static const struct {
    const char *words;
    bool (*is_same)(const struct environment *a, const struct environment *b);
} part_words[] = {
    {"description", is_described_alike},     {"facts.python", has_same_python},
    {"facts.markers", has_same_markers},     {"facts.have", has_same_packages},
    {"facts.tags", has_same_tags},           {"policy", has_same_policy},
    {"permissions", knows_same_permissions},
};

// What the history shows of a revision, such as "enabled crm, sales, billing and 3 more".
const char *environment_compare_words(struct arena *arena, const struct environment *before,
                                      const struct environment *after,
                                      const struct plugin_changes *changes) {
    enum { ALL_WORDS_BYTES_MAX = 64 * 1024 };
    scoped(buffer_done) struct buffer words;
    buffer_init(&words, ALL_WORDS_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(plugin_words); i++) {
        add_plugin_words(&words, i, changes);
    }
    for (size_t i = 0; i < COUNT_OF(part_words); i++) {
        if (!part_words[i].is_same(before, after)) {
            begin_part(&words);
            buffer_add_string(&words, part_words[i].words);
        }
    }
    // For example when an empty environment is created.
    if (!words.len) {
        buffer_add_string(&words, "an empty document");
    }
    if (words.failed) {
        return NULL;
    }
    bool cut = words.len > WORDS_BYTES_MAX; // names and pins are ASCII: any place will do
    return arena_printf(arena, "%.*s%s", cut ? WORDS_BYTES_MAX - 4 : (int)words.len, words.ptr,
                        cut ? " ..." : "");
}

// ---- documents ----

// The difference of two documents. Objects are walked key by key, in byte order; anything else that
// differs is one entry. A list of tags would drown what matters, so lists of texts say what came and
// went.

struct differing {
    struct arena *arena;
    json_t *entries;
    bool no_memory;
};

// Steals `members`. A NULL from json_pack is a lack of memory, reported at the end: the walk has no
// status to return at every level.
static void add_entry(struct differing *differing, const char *where, json_t *members) {
    bool failed = !members || json_object_set_new(members, "where", json_string(where)) ||
                  json_array_append(differing->entries, members);
    json_decref(members);
    differing->no_memory |= failed;
}

static bool is_list_of_texts(const json_t *json) {
    size_t index;
    json_t *item;
    if (!json_is_array(json)) {
        return false;
    }
    json_array_foreach(json, index, item) {
        if (!json_is_string(item)) {
            return false;
        }
    }
    return true;
}

// The texts of `list` that are not in `other`. Owned; NULL when out of memory.
static json_t *texts_without(const json_t *list, const json_t *other) {
    // An object as a set: lists of tags have hundreds of items, and comparing each with each would
    // be slow.
    scoped(cleanup_json) json_t *names = json_object();
    scoped(cleanup_json) json_t *left = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(other, index, item) {
        if (json_object_set_new(names, json_string_value(item), json_true())) {
            return NULL;
        }
    }
    json_array_foreach(list, index, item) {
        if (!json_object_get(names, json_string_value(item)) && json_array_append(left, item)) {
            return NULL;
        }
    }
    return names ? take(left) : NULL;
}

// True when the entry says what came and went; lists in another order are shown as they are.
static bool add_texts(struct differing *differing, const char *where, const json_t *from,
                      const json_t *to) {
    scoped(cleanup_json) json_t *added = texts_without(to, from);
    scoped(cleanup_json) json_t *removed = texts_without(from, to);
    if (!added || !removed) {
        differing->no_memory = true;
        return true;
    }
    if (!json_array_size(added) && !json_array_size(removed)) {
        return false;
    }
    add_entry(differing, where, json_pack("{s:O,s:O}", "added", added, "removed", removed));
    return true;
}

static void compare_values(struct differing *differing, const char *where, json_t *from,
                           json_t *to);

static int compare_keys(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void compare_objects(struct differing *differing, const char *where, json_t *from,
                            json_t *to) {
    size_t count = 0;
    const char *key;
    json_t *value;
    const char **keys = arena_array(
        differing->arena, json_object_size(from) + json_object_size(to) + 1, sizeof *keys);
    if (!keys) {
        differing->no_memory = true;
        return;
    }
    json_object_foreach(from, key, value) {
        keys[count++] = key;
    }
    json_object_foreach(to, key, value) {
        if (!json_object_get(from, key)) {
            keys[count++] = key;
        }
    }
    // jansson keeps the order of insertion; the answer must not depend on it.
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++) {
        compare_values(differing, json_pointer(differing->arena, where, keys[i]),
                       json_object_get(from, keys[i]), json_object_get(to, keys[i]));
    }
}

static void compare_values(struct differing *differing, const char *where, json_t *from,
                           json_t *to) {
    if (from && to && json_equal(from, to)) {
        return;
    }
    if (json_is_object(from) && json_is_object(to)) {
        compare_objects(differing, where, from, to);
        return;
    }
    if (is_list_of_texts(from) && is_list_of_texts(to) && add_texts(differing, where, from, to)) {
        return;
    }
    json_t *members = json_object();
    bool failed = (from && json_object_set(members, "from", from)) ||
                  (to && json_object_set(members, "to", to));
    differing->no_memory |= failed;
    add_entry(differing, where, members);
}

json_t *environment_compare_documents(struct arena *arena, const json_t *from, const json_t *to) {
    scoped(cleanup_json) json_t *entries = json_array();
    struct differing differing = {arena, entries, !entries};
    if (entries) {
        compare_values(&differing, "", (json_t *)from, (json_t *)to);
    }
    return differing.no_memory ? NULL : take(entries);
}
