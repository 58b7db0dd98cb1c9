/* A host that answers from the cached snapshot, and refreshes it when the registry is reachable. */
#include <registryclient.h>
#include <stdio.h>

/* A record that lost its name to another one, or has an error, is listed but must not be loaded. */
static bool is_loadable(const struct registry_record *record) {
    for (size_t i = 0; i < record->finding_count; i++) {
        if (record->findings[i].is_error) {
            return false;
        }
    }
    return record->value && !record->shadowed_by;
}

int main(int count, char **words) {
    const char *group = count > 1 ? words[1] : "honeyframe.plugins";
    struct registry *registry;
    struct registry_error err;
    const struct registry_result *plugins;

    if (registry_open(NULL, &registry, &err)) { /* REGISTRYD_URL, REGISTRYD_ENVIRONMENT, … */
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    if (registry_refresh(registry, 2000, NULL, &err)) {
        fprintf(stderr, "using the cached snapshot: %s\n", err.message);
    }
    if (registry_find(registry, group, &plugins, &err)) {
        fprintf(stderr, "%s\n", err.message); /* no snapshot: walk, see registry_discover */
        registry_close(registry);
        return 1;
    }
    for (size_t i = 0; i < registry_result_count(plugins); i++) {
        const struct registry_record *record = registry_result_record(plugins, i);
        if (is_loadable(record)) {
            printf("%s %s %s\n", record->name, record->value, record->version);
        }
    }
    registry_close(registry);
    return 0;
}
