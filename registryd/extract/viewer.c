// SPDX-License-Identifier: MIT
// An answer has one place, by its key: the hash of the task and of what is looked at. Another answer with this place
// takes it over; when all together are too large, places are emptied in turn. So nothing grows, and what many
// people read is made once. The lock is held for copies alone, never while a process runs.
//
// A failure is not kept: the next reader may have more luck with a busy machine. What it costs is bounded by the turns.
#include "registryd/extract/viewer.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/digest.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PLACES = 1024 };

struct kept_answer {
    uint8_t key[DIGEST_SIZE];
    char *bytes; // owned; NULL: empty
    size_t len;
};

struct viewer {
    struct extractor *extractor;
    pthread_mutex_t lock;
    struct kept_answer kept[PLACES]; // under the lock
    size_t total;                    // bytes of all
    size_t next;                     // the place that is emptied next
};

// ---- life ----

enum status viewer_open(const struct extractor_settings *settings, struct viewer **ret_viewer,
                        struct error *err) {
    struct viewer *viewer = calloc(1, sizeof *viewer);
    if (!viewer || pthread_mutex_init(&viewer->lock, NULL)) {
        free(viewer);
        return fail_no_memory(err);
    }
    enum status status = extractor_open(settings, &viewer->extractor, err);
    if (status) {
        viewer_close(viewer);
        return status;
    }
    *ret_viewer = viewer;
    return STATUS_OK;
}

void viewer_close(struct viewer *viewer) {
    if (!viewer) {
        return;
    }
    extractor_close(viewer->extractor);
    for (size_t i = 0; i < PLACES; i++) {
        free(viewer->kept[i].bytes);
    }
    pthread_mutex_destroy(&viewer->lock);
    free(viewer);
}

// ---- keeping ----

static void make_key(const struct viewer_task *task, uint8_t key[DIGEST_SIZE]) {
    struct buffer text;
    buffer_init(&text, VIEWER_ANSWER_BYTES);
    buffer_add_string(&text, task->word);
    buffer_add(&text, "\n", 1);
    buffer_add_string(&text, task->line);
    buffer_add(&text, "\n", 1);
    buffer_add(&text, task->sha256, DIGEST_SIZE);
    digest_sha256(text.ptr ? text.ptr : "", text.len, key);
    buffer_done(&text);
}

static struct kept_answer *place_of(struct viewer *viewer, const uint8_t key[DIGEST_SIZE]) {
    return &viewer->kept[(key[0] | (size_t)key[1] << 8) % PLACES];
}

static bool find_kept(struct viewer *viewer, const uint8_t key[DIGEST_SIZE], struct arena *arena,
                      struct text *ret_answer) {
    pthread_mutex_lock(&viewer->lock);
    const struct kept_answer *kept = place_of(viewer, key);
    bool is_there = kept->bytes && memcmp(kept->key, key, DIGEST_SIZE) == 0;
    const char *copy = is_there ? arena_copy(arena, kept->bytes, kept->len) : NULL;
    *ret_answer = (struct text){copy, is_there ? kept->len : 0};
    pthread_mutex_unlock(&viewer->lock);
    return copy;
}

static void empty_place(struct viewer *viewer, struct kept_answer *kept) {
    viewer->total -= kept->len;
    free(kept->bytes);
    *kept = (struct kept_answer){0};
}

// Without memory it is not kept.
static void keep(struct viewer *viewer, const uint8_t key[DIGEST_SIZE], struct text answer) {
    char *bytes = malloc(answer.len + 1);
    if (!bytes) {
        return;
    }
    memcpy(bytes, answer.ptr, answer.len);
    pthread_mutex_lock(&viewer->lock);
    struct kept_answer *kept = place_of(viewer, key);
    empty_place(viewer, kept);
    while (viewer->total + answer.len > VIEWER_KEPT_BYTES) {
        empty_place(viewer, &viewer->kept[viewer->next++ % PLACES]);
    }
    *kept = (struct kept_answer){.bytes = bytes, .len = answer.len};
    memcpy(kept->key, key, DIGEST_SIZE);
    viewer->total += answer.len;
    pthread_mutex_unlock(&viewer->lock);
}

// ---- asking ----

// The file has holes where nothing was filled in; they cost no memory.
static enum status make(struct viewer *viewer, const struct viewer_task *task,
                        struct buffer *answer, struct error *err) {
    scoped(cleanup_fd) int fd = memfd_create("viewed", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)task->size)) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot make room for a file to show: %s",
                    strerror(errno));
    }
    enum status status = task->fill(task->context, fd, err);
    if (status) {
        return status;
    }
    const struct extractor_input input = {.task = task->word,
                                          .filename = task->line,
                                          .fd = fd,
                                          .size = task->size,
                                          .sha256 = task->sha256};
    return extractor_show(viewer->extractor, &input, answer, err);
}

enum status viewer_ask(struct viewer *viewer, struct arena *arena, const struct viewer_task *task,
                       struct text *ret_answer, struct error *err) {
    uint8_t key[DIGEST_SIZE];
    make_key(task, key);
    if (find_kept(viewer, key, arena, ret_answer)) {
        return STATUS_OK;
    }
    scoped(buffer_done) struct buffer answer;
    buffer_init(&answer, VIEWER_ANSWER_BYTES);
    enum status status = make(viewer, task, &answer, err);
    if (status) {
        return status;
    }
    const struct text made = {answer.ptr ? answer.ptr : "", answer.len};
    const char *copy = arena_copy(arena, made.ptr, made.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    keep(viewer, key, made);
    *ret_answer = (struct text){copy, made.len};
    return STATUS_OK;
}

static enum status fill_text(void *context, int fd, struct error *err) {
    const struct text *text = context;
    return descriptor_write(fd, text->ptr, text->len)
               ? STATUS_OK
               : fail(err, STATUS_INTERNAL, NULL, "Cannot hand over a description: %s",
                      strerror(errno));
}

enum status viewer_ask_readme(struct viewer *viewer, struct arena *arena, const char *description,
                              const char *content_type, struct text *ret_markup,
                              struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    struct text text = text_from(description);
    bool is_line = content_type && strcspn(content_type, "\r\n") == strlen(content_type);
    digest_sha256(text.ptr, text.len, digest);
    return viewer_ask(viewer, arena,
                      &(struct viewer_task){.word = "readme",
                                            .line = is_line ? content_type : "text/plain",
                                            .sha256 = digest,
                                            .size = text.len,
                                            .fill = fill_text,
                                            .context = &text},
                      ret_markup, err);
}
