// SPDX-License-Identifier: MIT
/* A host application as somebody outside would write it: nothing but the installed header.
 * usage: host ROOT URL GROUP */
#include <registryclient.h>

#include <stdio.h>
#include <string.h>

static void print_walk(const char *path) {
    struct registry_root root = {path, "install"};
    struct registry_walk_options options = {&root, 1, NULL};
    struct registry_result *result = NULL;
    struct registry_error err;
    if (registry_walk(NULL, &options, &result, &err)) {
        printf("walk: %s: %s: %s\n", err.code, err.where, err.message);
        return;
    }
    for (size_t i = 0; i < registry_result_count(result); i++) {
        const struct registry_record *record = registry_result_record(result, i);
        printf("%s = %s (%s %s from %s)\n", record->name, record->value ? record->value : "-",
               record->package ? record->package : "-", record->version ? record->version : "-",
               record->label);
        for (size_t k = 0; k < record->finding_count; k++) {
            const struct registry_finding *finding = &record->findings[k];
            printf("  %s %s\n", finding->is_error ? "error" : "warning", finding->code);
        }
    }
    if (registry_result_record(result, registry_result_count(result))) {
        printf("a record past the end\n");
    }
    printf("%s\n", registry_result_json(result));
    registry_result_free(result);
}

static void print_registry(const char *path, const char *url, const char *group) {
    struct registry_options options = {.url = url, .timeout_ms = 5000};
    struct registry_root root = {path, "install"};
    struct registry_walk_options walk = {&root, 1, "plugin-yaml"};
    struct registry_query query = {&group, 1, NULL, false};
    struct registry *registry = NULL;
    struct registry_result *result = NULL;
    struct registry_parity *parity = NULL;
    struct registry_error err;
    if (registry_open(&options, &registry, &err)) {
        printf("open: %s: %s\n", err.code, err.message);
        return;
    }
    int failed = registry_resolve(registry, &query, &result, &err);
    printf("resolve: %s\n", failed ? err.code : registry_status_name(failed));
    const char *crm = "crm";
    struct registry_part part = {&crm, 1, &crm, 1};
    registry_result_free(result);
    result = NULL;
    if (registry_resolve_part(registry, &query, &part, &result, &err) != failed) {
        printf("resolve_part: %s\n", err.code);
    }
    failed = registry_compare(registry, &query, &walk, &parity, &err);
    printf("compare: %s\n", failed ? err.code : registry_status_name(failed));
    if (parity) {
        printf("equal: %d %d\n", registry_parity_is_equal(parity, false),
               registry_parity_is_equal(parity, true));
        printf("%s\n", registry_parity_json(parity));
    }
    registry_result_free(result);
    registry_parity_free(parity);
    registry_close(registry);
}

static void print_discovery(const char *path, const char *url, const char *group) {
    struct registry_options options = {.url = url};
    struct registry_root roots[] = {{"/nowhere/at/all", "data"}, {path, "install"}};
    struct registry_discovery discovery = {
        .query = {&group, 1, NULL, false}, .walk = {roots, 2, NULL}, .mode = "registry-first"};
    struct registry *registry = NULL;
    struct registry_result *result = NULL;
    struct registry_error err;
    size_t count = 0;
    registry_open(&options, &registry, NULL); /* a wrong address: no registry, go on without */
    if (registry_discover(registry, &discovery, &result, &err)) {
        printf("discover: %s: %s\n", err.code, err.message);
        return;
    }
    printf("discovered %zu\n", registry_result_count(result));
    const struct registry_finding *told = registry_result_diagnostics(result, &count);
    for (size_t i = 0; i < count; i++) {
        printf("  %s %s\n", told[i].is_error ? "error" : "warning", told[i].code);
    }
    registry_result_free(result);
    discovery.mode = "sideways";
    printf("discover: %s\n",
           registry_discover(registry, &discovery, &result, &err) ? err.code : "ok");
    registry_close(registry);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        return 2;
    }
    printf("%s\n", registry_version());
    print_walk(argv[1]);
    print_registry(argv[1], argv[2], argv[3]);
    print_discovery(argv[1], argv[2], argv[3]);
    return 0;
}
