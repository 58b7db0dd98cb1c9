// SPDX-License-Identifier: MIT
// Answering a question. The usual case is a look-up of the canonical question in the cache under the
// lock, and a reference. Else the groups are selected from, and a form writes what was selected.
#include "registryd/index/index.h"

#include "registryd/index/group_load.h"
#include "registryd/index/resolution.h"
#include "registryd/index/selection_make.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <string.h>

enum { MAX_KEY_BYTES = 64 * 1024 };

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static void cleanup_buffer(struct buffer *buffer) {
    buffer_done(buffer);
}

static void write_line(struct buffer *key, const char *mark, const char *text) {
    if (text) {
        buffer_add_string(key, mark);
        buffer_add_string(key, text);
        buffer_add_string(key, "\n");
    }
}

static void write_facts(struct buffer *key, const char *mark, const struct resolve_fact *facts,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_line(key, mark, facts[i].name);
        write_line(key, "=", facts[i].value);
    }
}

// The canonical text of a question: a line for each thing said. What comes from outside holds no line
// feed.
static void write_key(const struct resolve_query *query, const struct answer_form *form,
                      struct buffer *key) {
    buffer_printf(key, "%s %d %d %d\n", form->name, query->prereleases, query->explain,
                  query->limit);
    for (size_t i = 0; i < query->group_count && !query->group_set; i++) {
        write_line(key, "g", query->groups[i]);
    }
    write_line(key, "G", query->group_set);
    write_line(key, "q", query->question);
    write_line(key, "e", query->environment);
    write_line(key, "p", query->python);
    write_facts(key, "h", query->have, query->have_count);
    write_facts(key, "m", query->markers, query->marker_count);
    for (size_t i = 0; i < query->tag_count; i++) {
        write_line(key, "t", query->tags[i]);
    }
    write_line(key, "c", query->cursor);
}

static const struct answer *find_answer(struct index *index, const struct buffer *key) {
    pthread_mutex_lock(&index->lock);
    const struct answer *answer = answer_cache_find(index->cache, key->ptr, key->len);
    pthread_mutex_unlock(&index->lock);
    return answer;
}

// What an answer is made from, and where it then hangs.
struct sources {
    struct history_point point; // taken before the tables: they are of this state or a later one
    struct group_table **tables;
    struct answer_links **links;
    size_t count; // of tables that are held
};

static void sources_done(struct sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        group_table_unref(sources->tables[i]);
    }
}

static enum status sources_load(struct sources *sources, struct index *index, struct arena *arena,
                                const struct resolve_query *query, struct error *err) {
    size_t room = query->group_count + 1;
    sources->tables = arena_array(arena, room, sizeof(struct group_table *));
    sources->links = arena_array(arena, room, sizeof(struct answer_links *));
    if (!sources->tables || !sources->links) {
        return fail_no_memory(err);
    }
    index_point(index, &sources->point);
    enum status status = group_load(index, query->groups, query->group_count, sources->tables, err);
    sources->count = status ? 0 : query->group_count;
    return status;
}

// Under the lock: finds the lists of the groups; false when a table has changed since.
static bool find_links(struct index *index, const struct sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        struct group *group = group_map_find(index->groups, sources->tables[i]->group);
        if (!group || group->table != sources->tables[i]) {
            return false;
        }
        sources->links[i] = &group->answers;
    }
    return true;
}

// Keeps an answer if what it was made from is still what the groups hold.
static void keep_answer(struct index *index, const struct buffer *key, const struct answer *answer,
                        const struct sources *sources) {
    pthread_mutex_lock(&index->lock);
    if (strcmp(index->point.epoch, answer->point.epoch) == 0 && find_links(index, sources)) {
        struct answer_cache_item item = {key->ptr, key->len, answer, sources->links,
                                         sources->count};
        answer_cache_add(index->cache, &item);
    }
    pthread_mutex_unlock(&index->lock);
}

static enum status write_answer(const struct resolve_query *query, const struct answer_form *form,
                                const struct selection *selection, struct answer **ret_answer,
                                struct error *err) {
    struct answer_draft draft = {0};
    buffer_init(&draft.body, LIMIT_ANSWER_BYTES);
    enum status status = form->encode(query, selection, &draft, err);
    scoped(cleanup_buffer) struct buffer body = draft.body;
    if (!status && body.failed == STATUS_TOO_LARGE) {
        return fail(
            err, STATUS_TOO_LARGE, NULL,
            "The answer is over %d bytes; ask for fewer groups at once, or in pages by limit",
            LIMIT_ANSWER_BYTES);
    }
    if (status) {
        return status;
    }
    struct answer *answer = body.failed ? NULL : answer_new(body.ptr, body.len, &selection->point);
    if (!answer) {
        return fail_no_memory(err);
    }
    if (draft.etag[0]) {
        memcpy(answer->etag, draft.etag, sizeof answer->etag);
    }
    answer->expires_ms = selection->expires_ms;
    *ret_answer = answer;
    return STATUS_OK;
}

static enum status make_answer(struct index *index, const struct resolve_query *query,
                               const struct answer_form *form, const struct buffer *key,
                               struct answer **ret_answer, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    scoped(sources_done) struct sources sources = {0};
    struct selection selection;
    enum status status = sources_load(&sources, index, arena, query, err);
    if (!status) {
        status = selection_make(arena, query, sources.tables, &selection, err);
    }
    if (!status) {
        selection.point = sources.point;
        status = write_answer(query, form, &selection, ret_answer, err);
    }
    if (!status) {
        keep_answer(index, key, *ret_answer, &sources);
    }
    return status;
}

enum status index_answer(struct index *index, const struct resolve_query *query,
                         const struct answer_form *form, const struct answer **ret_answer,
                         struct error *err) {
    scoped(cleanup_buffer) struct buffer key;
    buffer_init(&key, MAX_KEY_BYTES);
    write_key(query, form, &key);
    if (key.failed) {
        return key.failed == STATUS_TOO_LARGE ? fail(err, STATUS_TOO_LARGE, NULL,
                                                     "The question is over %d bytes", MAX_KEY_BYTES)
                                              : fail_no_memory(err);
    }
    const struct answer *kept = find_answer(index, &key);
    if (kept) {
        *ret_answer = kept;
        return STATUS_OK;
    }
    struct answer *answer = NULL;
    enum status status = make_answer(index, query, form, &key, &answer, err);
    if (!status) {
        *ret_answer = answer;
    }
    return status;
}

enum status index_resolve(struct index *index, const struct resolve_query *query,
                          const struct answer **ret_answer, struct error *err) {
    return index_answer(index, query, &resolution_form, ret_answer, err);
}

enum status index_select(struct index *index, const struct resolve_query *query,
                         struct arena *arena, struct selection *ret_selection, struct error *err) {
    scoped(sources_done) struct sources sources = {0};
    struct selection selection;
    enum status status = sources_load(&sources, index, arena, query, err);
    if (!status) {
        status = selection_make(arena, query, sources.tables, &selection, err);
    }
    if (!status && !selection_own(arena, &selection)) {
        return fail_no_memory(err);
    }
    if (!status) {
        selection.point = sources.point;
        *ret_selection = selection;
    }
    return status;
}
