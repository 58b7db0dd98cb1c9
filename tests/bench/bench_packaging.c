// SPDX-License-Identifier: MIT
// Rates of the packaging room: reads lines (two versions, or a marker, with a tab), does what is asked
// over and over for a second, and prints how often a second. bench.py does the same with Python's
// packaging.
#include "schema/base/cleanup.h"
#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/version/version.h"
#include "schema/base/list.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_CASES = 1000, BATCH = 32 };

struct bench {
    struct arena *arena; // of the parsed cases
    struct text lefts[MAX_CASES];
    struct text rights[MAX_CASES];
    const struct version *left_versions[MAX_CASES];
    const struct version *right_versions[MAX_CASES];
    const struct marker *markers[MAX_CASES];
    struct marker_environment environment;
    size_t count;
    size_t hits; // so that no work can be left out
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// A lifetime holds what a request would hold: a few dozen versions, a few markers.
static void compare_texts(struct bench *bench) {
    for (size_t start = 0; start < bench->count; start += BATCH) {
        scoped(cleanup_arena) struct arena *arena = arena_new(0);
        for (size_t i = start; i < start + BATCH && i < bench->count; i++) {
            const struct version *left;
            const struct version *right;
            if (!version_parse(arena, bench->lefts[i], &left, NULL) &&
                !version_parse(arena, bench->rights[i], &right, NULL)) {
                bench->hits += version_compare(left, right) < 0;
            }
        }
    }
}

static void compare_versions(struct bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        bench->hits += version_compare(bench->left_versions[i], bench->right_versions[i]) < 0;
    }
}

static void evaluate_markers(struct bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        bench->hits += marker_evaluate(bench->markers[i], &bench->environment).truth == TRUTH_TRUE;
    }
}

static void parse_markers(struct bench *bench) {
    for (size_t start = 0; start < bench->count; start += BATCH) {
        scoped(cleanup_arena) struct arena *arena = arena_new(0);
        for (size_t i = start; i < start + BATCH && i < bench->count; i++) {
            const struct marker *marker;
            if (!marker_parse(arena, bench->lefts[i], &marker, NULL)) {
                bench->hits += marker_evaluate(marker, &bench->environment).truth == TRUTH_TRUE;
            }
        }
    }
}

static bool prepare_cases(struct bench *bench, bool markers) {
    for (size_t i = 0; i < bench->count; i++) {
        enum status status =
            markers ? marker_parse(bench->arena, bench->lefts[i], &bench->markers[i], NULL)
                    : version_parse(bench->arena, bench->lefts[i], &bench->left_versions[i], NULL);
        if (status == STATUS_OK && !markers) {
            status = version_parse(bench->arena, bench->rights[i], &bench->right_versions[i], NULL);
        }
        if (status != STATUS_OK) {
            return false;
        }
    }
    return true;
}

static bool read_cases(struct bench *bench) {
    scoped(cleanup_memory) char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    while (bench->count < MAX_CASES && (len = getline(&line, &capacity, stdin)) > 0) {
        len -= line[len - 1] == '\n';
        struct text rest = {arena_copy(bench->arena, line, (size_t)len), (size_t)len};
        if (!text_split(&rest, '\t', &bench->lefts[bench->count])) {
            return false;
        }
        bench->rights[bench->count++] = rest;
    }
    return bench->count > 0;
}

// The facts of bench.py's environment.
static bool fill_environment(struct bench *bench) {
    static const struct {
        enum marker_variable variable;
        const char *value;
    } facts[] = {
        {MARKER_OS_NAME, "posix"},           {MARKER_SYS_PLATFORM, "linux"},
        {MARKER_PLATFORM_MACHINE, "x86_64"}, {MARKER_PLATFORM_PYTHON_IMPLEMENTATION, "CPython"},
        {MARKER_PYTHON_VERSION, "3.11"},     {MARKER_PYTHON_FULL_VERSION, "3.11.2"},
    };
    marker_environment_init(&bench->environment, bench->arena);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (marker_environment_set(&bench->environment, facts[i].variable,
                                   text_from(facts[i].value), NULL)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        bool markers;
        void (*work)(struct bench *bench);
    } works[] = {
        {"compare-texts", false, compare_texts},
        {"compare-versions", false, compare_versions},
        {"evaluate-markers", true, evaluate_markers},
        {"parse-markers", true, parse_markers},
    };
    static struct bench bench;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    bench.arena = arena;
    for (size_t i = 0; argc == 2 && i < COUNT_OF(works); i++) {
        if (strcmp(works[i].name, argv[1]) != 0 || !read_cases(&bench) ||
            !prepare_cases(&bench, works[i].markers) || !fill_environment(&bench)) {
            continue;
        }
        size_t done = 0;
        double start = now();
        while (now() - start < 0.5) {
            works[i].work(&bench);
            done += bench.count;
        }
        printf("%.0f\n", (double)done / (now() - start));
        return bench.hits == SIZE_MAX;
    }
    fprintf(
        stderr,
        "usage: bench_packaging compare-texts|compare-versions|evaluate-markers|parse-markers\n");
    return 2;
}
