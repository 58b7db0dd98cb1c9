// SPDX-License-Identifier: MIT
// Finding and reading a project's metadata (project.h), then the rules of a release over it.
#include "client/project.h"

#include "client/conventions/convention.h"
#include "client/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/reading/reading.h"

#include <string.h>

static const char pyproject_name[] = "pyproject.toml";

// PATH may be the file itself: its directory is the project.
static const char *directory_of(struct arena *arena, const char *path) {
    const char *const files[] = {pyproject_name, "plugin.yaml"};
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(last, files[i]) == 0) {
            size_t len = slash ? (size_t)(slash - path) : 0;
            return slash && !len ? "/" : slash ? arena_copy(arena, path, len) : ".";
        }
    }
    return path;
}

// Calls the reader; what it refuses is a finding.
static enum status read_toml(struct project *project, const struct source_file *file,
                             const struct source_file *readme, const char **ret_readme_path,
                             struct error *err) {
    struct error fault = {0};
    struct findings *findings = &project->findings;
    const char *readme_path = NULL;
    enum status failed =
        pyproject_read(file, readme, findings, &project->release, &readme_path, &fault);
    if (failed == STATUS_NO_MEMORY || failed == STATUS_INTERNAL) {
        *err = fault;
        return failed;
    }
    if (failed && !findings_count(findings, SEVERITY_ERROR)) {
        findings_add_error(findings, status_info(failed)->wire_name, &fault);
    }
    if (ret_readme_path) {
        *ret_readme_path = readme_path;
    }
    return STATUS_OK;
}

// Reads once more, now with the readme, or says why it cannot be had.
static enum status add_readme(const struct place *place, struct project *project,
                              const struct source_file *file, const char *readme_path,
                              struct error *err) {
    struct error fault = {0};
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_README_BYTES);
    enum status failed = place_load(place, readme_path, &bytes, &fault);
    if (failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (failed) {
        findings_add(&project->findings, SEVERITY_ERROR,
                     convention_code(place_find(place, readme_path), failed), fault.where,
                     "Correct [project] readme, or leave it out", "The readme: %s", fault.message);
        return STATUS_OK;
    }
    struct source_file readme = {.path = readme_path, .bytes = bytes.ptr, .len = bytes.len};
    findings_init(&project->findings, project->findings.arena);
    return read_toml(project, file, &readme, NULL, err);
}

static enum status read_pyproject(struct arena *arena, const struct place *place,
                                  struct project *project, struct error *err) {
    struct error fault = {0};
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_TOML_BYTES);
    const char *path = arena_printf(arena, "%s/%s", place->path, pyproject_name);
    enum status failed =
        path ? place_load(place, pyproject_name, &bytes, &fault) : fail_no_memory(&fault);
    if (failed == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (failed) {
        findings_add_error(&project->findings,
                           convention_code(place_find(place, pyproject_name), failed), &fault);
        return STATUS_OK;
    }
    struct source_file file = {.path = path, .bytes = bytes.ptr, .len = bytes.len};
    const char *readme_path = NULL;
    failed = read_toml(project, &file, NULL, &readme_path, err);
    return !failed && readme_path ? add_readme(place, project, &file, readme_path, err) : failed;
}

static enum status read_place(struct arena *arena, const struct place *place,
                              struct project *project, struct error *err) {
    if (place_find(place, pyproject_name) != PLACE_ABSENT) {
        return read_pyproject(arena, place, project, err);
    }
    const struct convention *convention = convention_recognize(place);
    if (convention) {
        return convention->read(arena, place, &project->findings, &project->release, err);
    }
    return fail(err, STATUS_USAGE, place->path,
                "There is nothing to publish here: neither a pyproject.toml nor a plugin.yaml; "
                "name the directory that holds one");
}

static bool says_no_version(const struct finding *finding) {
    return finding->severity == SEVERITY_ERROR && strcmp(finding->code, "version-missing") == 0;
}

// Fills in the version that the project does not declare, and drops the complaint about it.
static bool set_version(struct arena *arena, struct project *project, const char *version) {
    if (!project->release || project->release->version) {
        return true;
    }
    struct release *release = arena_alloc(arena, sizeof *release);
    if (!release) {
        return false;
    }
    *release = *project->release;
    release->version = arena_strdup(arena, version);
    project->release = release;
    struct findings *findings = &project->findings;
    size_t kept = 0;
    for (size_t i = 0; i < findings->count; i++) {
        if (!says_no_version(&findings->items[i])) {
            findings->items[kept++] = findings->items[i];
        }
    }
    findings->count = kept;
    return release->version;
}

// The rules, unless the reader found worse already: one fault told once.
static enum status apply_rules(struct arena *arena, struct project *project, struct error *err) {
    struct error fault = {0};
    if (!project->release || findings_count(&project->findings, SEVERITY_ERROR)) {
        return STATUS_OK;
    }
    enum status failed =
        release_check(arena, project->release, &project->findings, &project->valid, &fault);
    if (failed == STATUS_INVALID) {
        project->valid = NULL;
        return STATUS_OK;
    }
    if (failed && err) {
        *err = fault;
    }
    return failed;
}

enum status project_read(struct arena *arena, const char *path, const char *version,
                         struct project *ret_project, struct error *err) {
    struct error fault = {0};
    struct project project = {.path = path};
    findings_init(&project.findings, arena);
    scoped(place_close) struct place place = PLACE_CLOSED;
    const char *directory = directory_of(arena, path);
    enum status failed =
        directory ? place_open(arena, directory, &place, &fault) : fail_no_memory(&fault);
    failed = failed ? failed : read_place(arena, &place, &project, &fault);
    if (!failed && version && !set_version(arena, &project, version)) {
        failed = fail_no_memory(&fault);
    }
    failed = failed ? failed : apply_rules(arena, &project, &fault);
    if (!failed && project.findings.no_memory) {
        failed = fail_no_memory(&fault);
    }
    if (failed) {
        return fail(err, failed, fault.where, "%s", fault.message);
    }
    *ret_project = project;
    return STATUS_OK;
}
