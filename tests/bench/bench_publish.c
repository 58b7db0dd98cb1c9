// SPDX-License-Identifier: MIT
// Publishes releases straight into the store, without HTTP, and prints how fast:
// `bench_publish CONNINFO THREADS RELEASES` -> {"threads":8,"releases":2000,"per_second":...}.
// Every thread publishes into packages of its own, twenty releases each, two entry points a release.
#include "registryd/store/store.h"
#include "schema/base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, RELEASES_A_PACKAGE = 20 };

struct worker {
    struct store *store;
    int number;
    int releases;
    struct error err;
    enum status status;
};

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum status publish(struct worker *worker, int at) {
    char name[64];
    char version[16];
    char document[1024];
    int serial = at % RELEASES_A_PACKAGE;
    snprintf(name, sizeof name, "bench-%d-%d-%d", (int)getpid(), worker->number,
             at / RELEASES_A_PACKAGE);
    snprintf(version, sizeof version, "1.%d", serial);
    snprintf(document, sizeof document,
             "{\"entry_points\":{\"bench.plugins\":{\"a\":\"%s.a:plugin\",\"b\":\"%s.b:plugin\"}},"
             "\"name\":\"%s\",\"summary\":\"A plugin that measures\",\"version\":\"%s\"}",
             name, name, name, version);
    uint8_t key[] = {1, (uint8_t)serial};
    struct entry_point entries[] = {
        {"bench.plugins", "a", "bench.a:plugin"},
        {"bench.plugins", "b", "bench.b:plugin"},
    };
    struct valid_release valid = {
        .release = {.name = name,
                    .version = version,
                    .summary = "A plugin that measures",
                    .entry_points = entries,
                    .entry_point_count = 2},
        .normalized_name = name,
        .normalized_version = version,
        .version_key = key,
        .version_key_len = sizeof key,
        .document = document,
        .document_len = strlen(document),
    };
    struct publish_outcome outcome;
    const struct publisher publisher = {"bench", "bench", true, 0};
    return store_publish(worker->store, &valid, &publisher, &outcome, &worker->err);
}

static void *run(void *context) {
    struct worker *worker = context;
    for (int i = 0; i < worker->releases && !worker->status; i++) {
        worker->status = publish(worker, i);
    }
    return NULL;
}

static int measure(struct store *store, int threads, int releases) {
    pthread_t ids[THREADS_MAX];
    struct worker workers[THREADS_MAX] = {0};
    double started = now_seconds();
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.store = store, .number = i, .releases = releases / threads};
        pthread_create(&ids[i], NULL, run, &workers[i]);
    }
    int failed = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        if (workers[i].status) {
            fprintf(stderr, "bench_publish: %s\n", workers[i].err.message);
            failed = 1;
        }
    }
    double took = now_seconds() - started;
    printf("{\"threads\":%d,\"releases\":%d,\"per_second\":%.1f}\n", threads,
           releases / threads * threads, releases / threads * threads / took);
    return failed;
}

int main(int argc, char **argv) {
    int threads = argc > 3 ? atoi(argv[2]) : 0;
    if (threads < 1 || threads > THREADS_MAX) {
        fputs("usage: bench_publish CONNINFO THREADS RELEASES\n", stderr);
        return 2;
    }
    struct store_settings settings = {
        .conninfo = argv[1], .pool_size = threads + 2, .timeout_ms = 30000};
    struct store *store = NULL;
    struct error err = {0};
    if (store_open(&settings, &store, &err) || store_migrate(store, &err)) {
        fprintf(stderr, "bench_publish: %s\n", err.message);
        store_close(store);
        return 1;
    }
    int failed = measure(store, threads, atoi(argv[3]));
    store_close(store);
    return failed;
}
