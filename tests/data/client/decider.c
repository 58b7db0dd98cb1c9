// SPDX-License-Identifier: MIT
/* A host that obeys decisions, as somebody outside would write it.
 * usage: decider URL ROOT GROUP [LEVEL] */
#include <registryclient.h>

#include <stdio.h>

static void print_discovery(struct registry *registry, char **words, const char *level) {
    const char *const groups[] = {words[3]};
    struct registry_root root = {.path = words[2]};
    struct registry_discovery discovery = {.query = {.groups = groups, .group_count = 1},
                                           .walk = {.roots = &root, .root_count = 1},
                                           .enforce = level};
    struct registry_result *result = NULL;
    struct registry_error err = {0};
    int status = registry_discover(registry, &discovery, &result, &err);
    printf("discover %s\n", registry_status_name(status));
    if (status) {
        return;
    }
    for (size_t i = 0; i < registry_result_count(result); i++) {
        const struct registry_record *record = registry_result_record(result, i);
        printf("record %s %s\n", record->name, record->settings ? record->settings : "-");
    }
    size_t count;
    const struct registry_record *withheld = registry_result_withheld(result, &count);
    for (size_t i = 0; i < count; i++) {
        printf("withheld %s %s\n", withheld[i].name, withheld[i].findings[0].code);
    }
    const struct registry_decision *decisions = registry_result_decisions(result, &count);
    for (size_t i = 0; i < count; i++) {
        printf("decision %s %s\n", decisions[i].package, decisions[i].code);
    }
    const struct registry_finding *findings = registry_result_diagnostics(result, &count);
    for (size_t i = 0; i < count; i++) {
        printf("%s %s\n", findings[i].is_error ? "error" : "warning", findings[i].code);
    }
    registry_result_free(result);
}

static void print_kept(struct registry *registry, const char *group) {
    struct registry_state state;
    struct registry_error err = {0};
    const struct registry_decision *decisions = NULL;
    size_t count = 0;
    int status = registry_decisions(registry, group, &decisions, &count, &err);
    printf("kept %s\n", registry_status_name(status));
    for (size_t i = 0; i < count; i++) {
        printf("kept %s %s %d\n", decisions[i].package, decisions[i].code, decisions[i].by_name);
    }
    registry_state(registry, &state);
    printf("state %d %lld %d %zu %d %d\n", state.has_decisions, state.max_age_seconds,
           state.is_too_old, state.decision_count, state.is_listed_only, state.settings_left_out);
}

int main(int count, char **words) {
    struct registry_options options = {.url = words[1], .timeout_ms = 5000};
    struct registry *registry = NULL;
    struct registry_error err = {0};
    if (count < 4 || registry_open(&options, &registry, &err)) {
        return 2;
    }
    print_kept(registry, words[3]);
    print_discovery(registry, words, count > 4 ? words[4] : NULL);
    registry_close(registry);
    return 0;
}
