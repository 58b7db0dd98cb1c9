// SPDX-License-Identifier: MIT
/* A host that looks single plugins up by name, as somebody outside would write it.
 * usage: looker URL GROUP NAME... */
#include <registryclient.h>

#include <stdio.h>

static void print_found(const char *where, const char *name, const struct registry_record *record,
                        const struct registry_decision *alias) {
    printf("%s %s %s %s\n", where, name, record->name, alias ? alias->code : "-");
}

static void look_up(struct registry *registry, const char *group, const char *name) {
    const struct registry_record *record = NULL;
    const struct registry_decision *alias = NULL;
    struct registry_error err = {0};
    int status = registry_find_named(registry, group, name, &record, &alias, &err);
    if (status) {
        printf("snapshot %s %s\n", name, registry_status_name(status));
    } else {
        print_found("snapshot", name, record, alias);
    }
}

static void find(const struct registry_result *result, const char *group, const char *name) {
    const struct registry_decision *alias = NULL;
    const struct registry_record *record = registry_result_find(result, group, name, &alias);
    if (record) {
        print_found("answer", name, record, alias);
    } else {
        printf("answer %s -\n", name);
    }
}

int main(int count, char **words) {
    struct registry_options options = {.url = words[1], .timeout_ms = 5000};
    struct registry *registry = NULL;
    struct registry_result *result = NULL;
    struct registry_error err = {0};
    const char *const groups[] = {words[2]};
    struct registry_query query = {.groups = groups, .group_count = 1};
    if (count < 4 || registry_open(&options, &registry, &err) ||
        registry_refresh(registry, 5000, NULL, &err) ||
        registry_resolve(registry, &query, &result, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 2;
    }
    for (int i = 3; i < count; i++) {
        look_up(registry, words[2], words[i]);
    }
    for (int i = 3; i < count; i++) {
        find(result, words[2], words[i]);
    }
    registry_result_free(result);
    registry_close(registry);
    return 0;
}
