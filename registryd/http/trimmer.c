// SPDX-License-Identifier: MIT
// malloc_trim walks the whole heap, so it is only called when the process has grown by some MiB since
// the last time, and at most every few seconds. What is still in use stays.
#include "registryd/http/trimmer.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURN_MS = 5000, GROWTH_BYTES = 8 * 1024 * 1024 };

struct trimmer {
    struct refusal_log *refusals;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    bool stop;
    size_t resident; // bytes, after the last trim
};

// Bytes of this process in memory; 0 when the system does not say.
static size_t resident_bytes(void) {
    char text[128] = "";
    scoped(cleanup_fd) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) {
        return 0;
    }
    const char *second = strchr(text, ' ');
    return second ? strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

// When memory has gone back by itself, that is the new base: growth is counted from the lowest point.
static void trim(struct trimmer *trimmer) {
    size_t now = resident_bytes();
    if (now < trimmer->resident) {
        trimmer->resident = now;
    }
    if (now > trimmer->resident + GROWTH_BYTES) {
        malloc_trim(0);
        trimmer->resident = resident_bytes();
    }
}

// The lock is held but while waiting: nothing but `stop` is shared, and only trimmer_stop wants it, at the end.
static void *run(void *context) {
    struct trimmer *trimmer = context;
    pthread_mutex_lock(&trimmer->lock);
    while (!trimmer->stop) {
        int64_t until_ms = monotonic_ms() + TURN_MS;
        while (!trimmer->stop && monotonic_wait(&trimmer->stopping, &trimmer->lock, until_ms)) {
        }
        trim(trimmer);
        refusal_log_flush(trimmer->refusals);
    }
    pthread_mutex_unlock(&trimmer->lock);
    return NULL;
}

enum status trimmer_start(struct refusal_log *refusals, struct trimmer **ret_trimmer,
                          struct error *err) {
    struct trimmer *trimmer = calloc(1, sizeof *trimmer);
    if (!trimmer) {
        return fail_no_memory(err);
    }
    trimmer->refusals = refusals;
    pthread_mutex_init(&trimmer->lock, NULL);
    pthread_cond_init(&trimmer->stopping, NULL);
    if (pthread_create(&trimmer->thread, NULL, run, trimmer)) {
        free(trimmer);
        return fail(err, STATUS_INTERNAL, NULL, "Cannot start the thread that trims the heap");
    }
    *ret_trimmer = trimmer;
    return STATUS_OK;
}

void trimmer_stop(struct trimmer *trimmer) {
    if (!trimmer) {
        return;
    }
    pthread_mutex_lock(&trimmer->lock);
    trimmer->stop = true;
    pthread_cond_signal(&trimmer->stopping);
    pthread_mutex_unlock(&trimmer->lock);
    pthread_join(trimmer->thread, NULL);
    pthread_cond_destroy(&trimmer->stopping);
    pthread_mutex_destroy(&trimmer->lock);
    free(trimmer);
}
