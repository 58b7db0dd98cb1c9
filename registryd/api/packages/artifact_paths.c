// SPDX-License-Identifier: MIT
// A fork or a bundle may hold the paths of another package on purpose, so a wheel of any tool is warned of. A wheel
// that `pack` made is different: its files lie where the entry points of its plugin say, and a plugin that another
// package holds as well has been published twice, under two names.
#include "registryd/api/packages/artifact_paths.h"

#include "registryd/store/files/store_paths.h"

#include <string.h>

enum { PACKAGES_SHOWN = 10 }; // of those with a path in common; the last finding counts the others

// The generator that client/pack writes, with or without a version behind it.
static bool is_packed(const struct artifact *artifact) {
    static const char name[] = "registryctl";
    size_t len = sizeof name - 1;
    return artifact->generator && strncmp(artifact->generator, name, len) == 0 &&
           (!artifact->generator[len] || artifact->generator[len] == ' ');
}

static void add_shared(struct findings *findings, const struct artifact *artifact, bool is_error,
                       const struct shared_path *shared) {
    const char *rest = "";
    if (shared->count > 1) {
        rest = arena_printf(findings->arena, " and %lld more %s", (long long)shared->count - 1,
                            shared->count == 2 ? "path" : "paths");
        findings->no_memory |= !rest;
    }
    const char *hint = arena_printf(
        findings->arena, "%s. If this package replaces %s, deprecate %s with it as the successor",
        is_error ? "Rename the directory of the plugin"
                 : "Move the files into a directory of the package's own",
        shared->other, shared->other);
    findings->no_memory |= !hint;
    findings_add(findings, is_error ? SEVERITY_ERROR : SEVERITY_WARNING, "path-shared",
                 artifact->filename, hint,
                 "The wheel holds \"%s\"%s, as %s %s does. Installed together, one overwrites the "
                 "other.",
                 shared->path, rest ? rest : "", shared->other, shared->other_version);
}

enum status artifact_paths_check(struct api *api, const char *package,
                                 const struct artifact *artifact, struct findings *findings,
                                 struct error *err) {
    struct shared_paths shared = {0};
    size_t errors_before = findings->error_count;
    if (!artifact->folders.count) {
        return STATUS_OK;
    }
    enum status status = store_paths_of_upload(api->store, findings->arena, package,
                                               &artifact->folders, &shared, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < shared.count && i < PACKAGES_SHOWN; i++) {
        add_shared(findings, artifact, is_packed(artifact), &shared.items[i]);
    }
    if (shared.count > PACKAGES_SHOWN) {
        findings_add(findings, SEVERITY_WARNING, "path-shared", artifact->filename, NULL,
                     "%zu more packages hold paths of the wheel", shared.count - PACKAGES_SHOWN);
    }
    status = findings_fail(findings, errors_before, err);
    if (status == STATUS_INVALID && err) {
        err->status = STATUS_CONFLICT; // nothing is wrong with the file: the path is taken
    }
    return status == STATUS_INVALID ? STATUS_CONFLICT : status;
}
