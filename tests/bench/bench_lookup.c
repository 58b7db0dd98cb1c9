// SPDX-License-Identifier: MIT
// A host that looks one group up in a snapshot and reads every record of it, with the library that hosts
// link; and the same program doing nothing, to compare with.
// usage: bench_lookup nothing | look FILE GROUP | clock FILE GROUP | repeat FILE GROUP TIMES |
//        processes FILE GROUP TIMES
#include <registryclient.h>

#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t text_len(const char *text) {
    return text ? strlen(text) : 0;
}

// Touches every text of every record.
static size_t read_all(const struct registry_result *result) {
    size_t bytes = 0;
    for (size_t i = 0; i < registry_result_count(result); i++) {
        const struct registry_record *record = registry_result_record(result, i);
        bytes += text_len(record->group) + text_len(record->name) + text_len(record->value) +
                 text_len(record->package) + text_len(record->version) + text_len(record->origin) +
                 text_len(record->manifest) + record->finding_count;
    }
    return bytes;
}

static struct registry *open_file(const char *file) {
    struct registry_options options = {.snapshot = file};
    struct registry *registry = NULL;
    struct registry_error err;
    if (registry_open(&options, &registry, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return registry;
}

static const struct registry_result *find(struct registry *registry, const char *group) {
    const struct registry_result *result = NULL;
    struct registry_error err;
    if (registry_find(registry, group, &result, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return result;
}

static int look(const char *file, const char *group, int tells) {
    double begun = now_us();
    struct registry *registry = open_file(file);
    const struct registry_result *result = find(registry, group);
    size_t bytes = read_all(result);
    double took = now_us() - begun;
    if (tells) {
        printf("%.3f\n", took);
    }
    return bytes == 0 || registry_result_count(result) == 0;
}

static int repeat(const char *file, const char *group, long times) {
    struct registry *registry = open_file(file);
    size_t bytes = 0;
    double begun = now_us();
    for (long i = 0; i < times; i++) {
        bytes += registry_result_count(find(registry, group));
    }
    double found = now_us();
    for (long i = 0; i < times; i++) {
        bytes += read_all(find(registry, group));
    }
    double read = now_us();
    printf("%.4f %.4f\n", (found - begun) / (double)times, (read - found) / (double)times);
    registry_close(registry);
    return bytes == 0;
}

// From the start of a process to its end; the number it tells goes to *ret_told.
static double run(char *const *arguments, double *ret_told) {
    posix_spawn_file_actions_t actions;
    char text[64] = "";
    int ends[2];
    int result = 0;
    pid_t child;
    if (pipe(ends) != 0) {
        exit(1);
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    double begun = now_us();
    if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ) != 0 ||
        waitpid(child, &result, 0) != child || result != 0) {
        fprintf(stderr, "a process failed\n");
        exit(1);
    }
    double took = now_us() - begun;
    close(ends[1]);
    *ret_told = read(ends[0], text, sizeof text - 1) > 0 ? strtod(text, NULL) : 0;
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    return took;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

// A quarter of the runs are faster: what a busy machine adds to some runs is no property of ours.
static double first_quartile(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
    return values[count / 4];
}

// In turns: a process that does nothing, one that looks, one that also tells its own clock.
static int compare_processes(char *file, char *group, size_t times) {
    char name[] = "bench_lookup", nothing[] = "nothing", looks[] = "look", clocks[] = "clock";
    char *const commands[3][5] = {
        {name, nothing, NULL}, {name, looks, file, group, NULL}, {name, clocks, file, group, NULL}};
    double *values[4];
    for (size_t i = 0; i < 4; i++) {
        values[i] = calloc(times, sizeof(double));
    }
    for (size_t i = 0; i < times; i++) {
        double told;
        values[0][i] = run(commands[0], &told);
        values[1][i] = run(commands[1], &told);
        values[2][i] = run(commands[2], &values[3][i]);
    }
    printf("%.1f %.1f %.1f\n", first_quartile(values[0], times), first_quartile(values[1], times),
           first_quartile(values[3], times));
    for (size_t i = 0; i < 4; i++) {
        free(values[i]);
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "nothing") == 0) {
        return 0;
    }
    if (argc == 4 && (strcmp(what, "look") == 0 || strcmp(what, "clock") == 0)) {
        return look(argv[2], argv[3], strcmp(what, "clock") == 0);
    }
    if (argc == 5 && strcmp(what, "repeat") == 0) {
        return repeat(argv[2], argv[3], strtol(argv[4], NULL, 10));
    }
    if (argc == 5 && strcmp(what, "processes") == 0) {
        return compare_processes(argv[2], argv[3], (size_t)strtol(argv[4], NULL, 10));
    }
    fprintf(stderr, "see the top of bench_lookup.c\n");
    return 2;
}
