// SPDX-License-Identifier: MIT
// The walk finds the distributions, as it does for a host; the convention dist-info reads each. Distributions without
// entry points are libraries, and are passed over: a registry of plugins is not a copy of an installation.
#include "client/import/import_site.h"

#include "client/remote/path_outcome.h"
#include "client/remote/publish.h"
#include "client/walk/project.h"
#include "client/walk/source_walk.h"
#include "schema/base/cleanup.h"

#include <string.h>

static const char convention[] = "dist-info";

static bool is_wanted(const struct release *release, const struct strings *groups) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        for (size_t j = 0; j < groups->count; j++) {
            if (strcmp(release->entry_points[i].group, groups->items[j]) == 0) {
                return true;
            }
        }
    }
    return release->entry_point_count && !groups->count;
}

static void explain(const struct project *project, const struct error *why,
                    struct import_outcome *outcome) {
    outcome->word = IMPORT_REFUSED;
    outcome->status = why->status;
    outcome->code = status_info(why->status)->wire_name;
    outcome->message = why->message;
    for (size_t i = 0; i < project->findings.count; i++) {
        if (project->findings.items[i].severity == SEVERITY_ERROR) {
            outcome->code = project->findings.items[i].code;
            outcome->message = project->findings.items[i].message;
            return;
        }
    }
}

static enum status send(struct importing *importing, struct arena *arena, struct project *project,
                        struct import_outcome *outcome, struct error *err) {
    struct receipt receipt;
    struct api_call call = {arena, importing->connection, &project->findings, importing->patience};
    if (!project->valid) {
        return fail(err, STATUS_INVALID, NULL, "The distribution is invalid");
    }
    enum status status = publish_send(&call, project->valid, &receipt, err);
    if (!status) {
        outcome->word = receipt.created ? IMPORT_ADDED : IMPORT_UNCHANGED;
    }
    return status;
}

static enum status import_dir(struct importing *importing, const struct plugin_dir *dir,
                              const struct convention *only, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct project_query query = {.path = dir->relative, .root = dir->root, .only = only};
    struct import_outcome outcome = {.shown = dir->path};
    struct project project = {0};
    struct error why = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = project_read(arena, &query, &project, &why);
    if (!status && (!project.release || !is_wanted(project.release, &importing->groups))) {
        return STATUS_OK;
    }
    outcome.package = path_outcome_package(&project);
    outcome.version = path_outcome_version(&project);
    if (!status && !importing->outcomes.final) {
        status = send(importing, arena, &project, &outcome, &why);
    }
    if (status == STATUS_NO_MEMORY || status == STATUS_INTERNAL) {
        return fail(err, status, why.where, "%s", why.message);
    }
    if (status) {
        explain(&project, &why, &outcome);
        importing_end_on(importing, status);
    }
    return importing_add(importing, &outcome, err);
}

enum status import_site_run(struct importing *importing, const char *folder,
                            void (*tell)(void *context, const char *what, size_t total),
                            void *context, struct error *err) {
    const struct walk_root root = {.path = folder};
    const struct walk_query query = {.roots = &root, .root_count = 1, .convention = convention};
    const struct convention *only = NULL;
    struct plugin_dirs dirs = {0};
    enum status status = convention_choose(importing->arena, convention, &only, err);
    if (status) {
        return status;
    }
    status = source_walk_plugin_dirs(importing->arena, &query, &dirs, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < dirs.count; i++) {
        tell(context, dirs.items[i].path, dirs.count);
        status = import_dir(importing, &dirs.items[i], only, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
