// SPDX-License-Identifier: MIT
/* A host that answers from its last known snapshot, as somebody outside would write it. Commands from
 * standard input, one a line: find GROUP, all, state, refresh MS, offline.
 * usage: offline URL CACHE_DIR [GROUP] */
#include <registryclient.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_records(struct registry *registry, const char *group) {
    const struct registry_result *result = NULL;
    const struct registry_result *again = NULL;
    struct registry_error err;
    if (registry_find(registry, group, &result, &err)) {
        printf("find: %s: %s\n", err.code, err.message);
        return;
    }
    if (registry_find(registry, group, &again, NULL) || again != result) {
        printf("find: another result\n");
    }
    for (size_t i = 0; i < registry_result_count(result); i++) {
        const struct registry_record *record = registry_result_record(result, i);
        printf("%s %s = %s %s %s %zu\n", record->group, record->name, record->value,
               record->version, record->settings ? record->settings : "-", record->finding_count);
    }
    printf("json %s\n", registry_result_json(result));
}

static void print_state(const struct registry *registry) {
    struct registry_state state;
    registry_state(registry, &state);
    if (state.has_snapshot) {
        printf("state: serial %lld of %s, %s, %s, %zu groups, signed %d, made %lld, age %s\n",
               state.serial, state.epoch, state.environment, state.query, state.group_count,
               state.is_signed, state.made_at, state.age_seconds < 600 ? "young" : "old");
    } else {
        printf("state: none: %s\n", state.reason);
    }
    printf("path: %s\n", state.path ? state.path : "-");
}

static void refresh(struct registry *registry, int timeout_ms) {
    struct registry_error err;
    bool changed = true;
    if (registry_refresh(registry, timeout_ms, &changed, &err)) {
        printf("refresh: %s: %s\n", err.code, err.message);
    } else {
        printf("refresh: %s\n", changed ? "changed" : "same");
    }
}

int main(int argc, char **argv) {
    struct registry_pair have = {"honeyframe", "4.2"};
    const char *groups[] = {argc > 3 ? argv[3] : NULL};
    struct registry_options options = {.url = argv[1], .cache_dir = argv[2], .timeout_ms = 5000};
    struct registry *registry = NULL;
    struct registry_error err;
    char line[256];
    options.groups = groups;
    options.group_count = argc > 3;
    if (argc > 4) {
        options.facts.have = &have;
        options.facts.have_count = 1;
        options.facts.python = "3.11";
    }
    if (argc < 3 || registry_open(&options, &registry, &err)) {
        printf("open: %s: %s\n", argc < 3 ? "usage" : err.code, argc < 3 ? "" : err.message);
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "find ", 5) == 0) {
            print_records(registry, line + 5);
        } else if (strcmp(line, "all") == 0) {
            print_records(registry, NULL);
        } else if (strcmp(line, "state") == 0) {
            print_state(registry);
        } else if (strncmp(line, "refresh ", 8) == 0) {
            refresh(registry, atoi(line + 8));
        } else if (strcmp(line, "offline") == 0) {
            refresh(registry, REGISTRY_OFFLINE);
        }
        fflush(stdout);
    }
    registry_close(registry);
    return 0;
}
