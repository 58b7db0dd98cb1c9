// SPDX-License-Identifier: MIT
// Keeping and making pages about packages. The order matters: the slot's count of changes is read before the
// database is asked, and compared under the lock before the page is kept. A change that is applied while a page
// is written therefore either shows in it or keeps it from being kept. Called by the threads of requests; the
// feed's thread calls only what drops.
#include "registryd/index/package_pages.h"

#include "registryd/index/making.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 1024 };

static size_t slot_number(const char *package) {
    uint32_t hash = 2166136261u; // FNV-1a: colliding names only drop pages
    for (const char *c = package; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    }
    return hash % PAGE_SLOTS;
}

// ---- dropping ----

static void empty(struct page_slot *slot, struct answer_cache *cache) {
    answer_cache_forget(cache, &slot->answers);
    slot->changes++;
}

void page_marks_add(struct page_marks *marks, const char *package) {
    marks->any = true;
    marks->items[slot_number(package)] = true;
}

// No marks at all means another history: every page goes. Under `lock`.
void package_pages_forget(struct page_slots *slots, struct answer_cache *cache,
                          const struct page_marks *marks) {
    if (marks && !marks->any) {
        return;
    }
    empty(&slots->all, cache);
    for (size_t i = 0; i < PAGE_SLOTS; i++) {
        if (!marks || marks->items[i]) {
            empty(&slots->items[i], cache);
        }
    }
}

void package_pages_forget_one(struct page_slots *slots, struct answer_cache *cache,
                              const char *package) {
    empty(&slots->all, cache);
    empty(&slots->items[slot_number(package)], cache);
}

// ---- making ----

// One asking for a page.
struct page_request {
    struct index *index;
    const struct package_page *page;
    struct page_slot *slot;
    struct text key;
};

static const struct answer *find_page(const struct page_request *request) {
    struct index *index = request->index;
    pthread_mutex_lock(&index->lock);
    const struct answer *answer =
        answer_cache_find(index->cache, request->key.ptr, request->key.len);
    pthread_mutex_unlock(&index->lock);
    return answer;
}

static void keep_page(const struct page_request *request, const struct answer *answer,
                      uint64_t changes) {
    struct index *index = request->index;
    struct answer_links *links = &request->slot->answers;
    const struct answer_cache_item item = {request->key.ptr, request->key.len, answer, &links, 1};
    pthread_mutex_lock(&index->lock);
    bool is_current = strcmp(index->point.epoch, answer->point.epoch) == 0;
    if (is_current && request->slot->changes == changes && index->following) {
        answer_cache_add(index->cache, &item);
    }
    pthread_mutex_unlock(&index->lock);
}

static void cleanup_draft(struct page_draft *draft) {
    buffer_done(&draft->body);
}

static enum status write_page(const struct page_request *request, struct answer **ret_answer,
                              struct error *err) {
    struct index *index = request->index;
    const struct package_page *page = request->page;
    scoped(cleanup_draft) struct page_draft draft = {0};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    buffer_init(&draft.body, LIMIT_ANSWER_BYTES);
    pthread_mutex_lock(&index->lock);
    uint64_t changes = request->slot->changes;
    struct history_point point;
    index_database_point_locked(index, &point);
    pthread_mutex_unlock(&index->lock);
    enum status status = page->write(page, index->reading, arena, &draft, err);
    if (status) {
        return status;
    }
    if (draft.body.failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The page is over %d bytes", LIMIT_ANSWER_BYTES);
    }
    struct answer *answer =
        draft.body.failed ? NULL : answer_new(draft.body.ptr, draft.body.len, &point);
    if (!answer) {
        return fail_no_memory(err);
    }
    answer->subject_serial = draft.last_serial;
    keep_page(request, answer, changes);
    *ret_answer = answer;
    return STATUS_OK;
}

static enum status make_for_all(const struct page_request *request, struct making *making,
                                const struct answer **ret_answer, struct error *err) {
    struct error why = {0};
    struct answer *answer = NULL;
    // Another maker may have ended between our look among the kept pages and our turn.
    const struct answer *kept = find_page(request);
    if (kept) {
        making_end(request->index, making, STATUS_OK, NULL, kept);
        *ret_answer = kept;
        return STATUS_OK;
    }
    enum status status = write_page(request, &answer, &why);
    making_end(request->index, making, status, &why, answer);
    if (status) {
        return fail(err, status, why.where, "%s", why.message);
    }
    *ret_answer = answer;
    return STATUS_OK;
}

// The pages of many packages share a slot; a change of one of them drops them all, which is cheaper than a
// list for each package.
enum status index_package_page(struct index *index, const struct package_page *page,
                               const struct answer **ret_answer, struct error *err) {
    char key[KEY_BYTES];
    int len =
        snprintf(key, sizeof key, "page %s %s", page->form, page->package ? page->package : "");
    if (len < 0 || (size_t)len >= sizeof key) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The name of the package is too long");
    }
    struct page_slots *slots = index->pages;
    const struct page_request request = {
        .index = index,
        .page = page,
        .slot = page->package ? &slots->items[slot_number(page->package)] : &slots->all,
        .key = {key, (size_t)len},
    };
    struct asked asked = {.key = key, .key_len = (size_t)len};
    const struct answer *answer = find_page(&request);
    if (!answer) {
        index_point(index, &asked.known);
    }
    while (!answer) {
        struct making *making = NULL;
        enum status status = making_begin(index, &asked, &making, &answer, err);
        if (status) {
            return status;
        }
        if (making) {
            return make_for_all(&request, making, ret_answer, err);
        }
        if (!answer) {
            answer = find_page(&request);
        }
    }
    *ret_answer = answer;
    return STATUS_OK;
}
