// SPDX-License-Identifier: MIT
// A selection from a group in memory, without database and server: 10,000 packages of ten releases. Prints the
// milliseconds of one selection; under callgrind with --toggle-collect=selection_make, what it costs in
// instructions.
//
//     bench_selection plain      each release requires the host and a library that the registry does not have
//     bench_selection linked     each also requires three other packages of the group
//     bench_selection gives-way  as linked, and every tenth package gives releases up for what it requires
#include "registryd/resolver/selection_make.h"
#include "registryd/tables/contracts_load.h"
#include "registryd/tables/group_table_build.h"
#include "schema/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKAGES = 10000, RELEASES = 10, ROUNDS = 7 };
static const char GROUP[] = "bench.plugins";

static void *must(void *pointer) {
    if (!pointer) {
        abort();
    }
    return pointer;
}

// Three others for each package; the newest release of every tenth asks for what there is not.
static const char *requirements_of(struct arena *arena, int package, int release,
                                   const char *shape) {
    if (strcmp(shape, "plain") == 0) {
        return "[\"host>=4,<6\",\"requests>=2\"]";
    }
    bool gives_way = strcmp(shape, "gives-way") == 0 && package % 10 == 0 && release < 3;
    return must(arena_printf(
        arena, "[\"host>=4,<6\",\"requests>=2\",\"p%05d>=1.%d\",\"p%05d>=1\",\"p%05d>=1.2,<3\"]",
        (package + 1) % PACKAGES, gives_way ? 99 : 0, (package * 7 + 3) % PACKAGES,
        (package * 31 + 11) % PACKAGES));
}

static struct package *make_package(struct arena *arena, int number, const char *shape) {
    struct candidate_release releases[RELEASES];
    const char *name = must(arena_printf(arena, "p%05d", number));
    struct candidate_entry entry = {GROUP, name, "bench.plugin:manifest", NULL};
    for (int i = 0; i < RELEASES; i++) {
        releases[i] = (struct candidate_release){
            .version = must(arena_printf(arena, "1.%d", RELEASES - 1 - i)),
            .requires_python = ">=3.9",
            .requires_dist = requirements_of(arena, number, i, shape),
            .entries = &entry,
            .entry_count = 1,
        };
    }
    struct candidate_package from = {
        .name = name, .status = "active", .releases = releases, .release_count = RELEASES};
    struct package *package = NULL;
    if (package_new(&from, &package, NULL)) {
        abort();
    }
    return package;
}

static struct group_table *make_table(struct arena *arena, const char *shape) {
    struct package **packages = must(arena_array(arena, PACKAGES, sizeof(struct package *)));
    for (int i = 0; i < PACKAGES; i++) {
        packages[i] = make_package(arena, i, shape);
    }
    return must(group_table_build(GROUP, 1, packages, PACKAGES));
}

// What the index knows of the one name outside the group: there is no such package.
static struct group_table *make_further(void) {
    const struct candidate_package none = {.name = "requests", .status = "active"};
    struct package *package = NULL;
    if (package_new(&none, &package, NULL)) {
        abort();
    }
    return must(group_table_build("", 1, &package, 1));
}

int main(int argc, char **argv) {
    const char *shape = argc > 1 ? argv[1] : "plain";
    int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
    struct arena *arena = must(arena_new(0));
    struct group_table *table = make_table(arena, shape);
    const char *const groups[] = {GROUP};
    const struct resolve_fact have[] = {{"host", "4.2"}, {"requests", "2.31"}};
    const struct resolve_query query = {
        .groups = groups, .group_count = 1, .have = have, .have_count = 2};
    const struct environment environment = {.name = "default"};
    const struct hold_rows no_holds = {0};
    struct selection_sources sources = {
        .query = &query,
        .tables = &table,
        .table_count = 1,
        .further = make_further(),
        .environment = &environment,
        .contracts = must(contracts_new(NULL, 0, &no_holds, &(struct entry_states){0}))};
    int64_t best_ms = INT64_MAX;
    size_t records = 0;
    for (int i = 0; i < rounds; i++) {
        struct arena *own = must(arena_new(0));
        struct selection selection;
        int64_t begin_ms = monotonic_ms();
        if (selection_make(own, &sources, &selection, NULL) || selection.unloaded.count) {
            abort();
        }
        int64_t taken_ms = monotonic_ms() - begin_ms;
        best_ms = taken_ms < best_ms ? taken_ms : best_ms;
        records = selection.records.count;
        arena_free(own);
    }
    printf("{\"shape\": \"%s\", \"records\": %zu, \"ms\": %lld}\n", shape, records,
           (long long)best_ms);
    return 0;
}
