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

// A domain of MicroCoreOS is read from two directories further up, where its version may stand.
static bool is_domain(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    static const char folder[] = "domains";
    size_t folder_len = sizeof folder - 1;
    return len >= folder_len && slash[1] && memcmp(slash - folder_len, folder, folder_len) == 0 &&
           (len == folder_len || slash[-(long)folder_len - 1] == '/');
}

// PATH may be the file itself: its directory is the project.
static const char *directory_of(struct arena *arena, const char *given) {
    size_t given_len = strlen(given);
    while (given_len > 1 && given[given_len - 1] == '/') {
        given_len--;
    }
    const char *path = arena_copy(arena, given, given_len);
    if (!path) {
        return NULL;
    }
    const char *const files[] = {pyproject_name, "plugin.yaml", "__init__.py"};
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

static const struct entry_point *find_entry(const struct release *release,
                                            const struct entry_point *wanted) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (strcmp(entry->group, wanted->group) == 0 && strcmp(entry->name, wanted->name) == 0) {
            return entry;
        }
    }
    return NULL;
}

static bool has_manifest(const struct release *release, const struct manifest *wanted) {
    for (size_t i = 0; i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        if (strcmp(manifest->group, wanted->group) == 0 &&
            strcmp(manifest->name, wanted->name) == 0) {
            return true;
        }
    }
    return false;
}

// The release with the entry points and manifests of another that it lacks. NULL = out of memory.
static const struct release *join(struct arena *arena, const struct release *release,
                                  const struct release *more) {
    struct release *joined = arena_alloc(arena, sizeof *joined);
    struct entry_point *entries = arena_array(
        arena, release->entry_point_count + more->entry_point_count + 1, sizeof *entries);
    struct manifest *manifests =
        arena_array(arena, release->manifest_count + more->manifest_count + 1, sizeof *manifests);
    if (!joined || !entries || !manifests) {
        return NULL;
    }
    *joined = *release;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        entries[i] = release->entry_points[i];
    }
    for (size_t i = 0; i < release->manifest_count; i++) {
        manifests[i] = release->manifests[i];
    }
    for (size_t i = 0; i < more->entry_point_count; i++) {
        if (!find_entry(release, &more->entry_points[i])) {
            entries[joined->entry_point_count++] = more->entry_points[i];
        }
    }
    for (size_t i = 0; i < more->manifest_count; i++) {
        if (!has_manifest(release, &more->manifests[i])) {
            manifests[joined->manifest_count++] = more->manifests[i];
        }
    }
    joined->entry_points = entries;
    joined->manifests = manifests;
    return joined;
}

static bool is_known(const struct findings *findings, const struct finding *item) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *known = &findings->items[i];
        if (strcmp(known->code, item->code) == 0 && strcmp(known->message, item->message) == 0) {
            return true;
        }
    }
    return false;
}

// Adds what a convention read to the project: one release of all its plugins, all their findings.
static enum status add_plugins(struct arena *arena, const struct convention_plugins *plugins,
                               struct project *project, struct error *err) {
    for (size_t i = 0; i < plugins->count; i++) {
        const struct convention_plugin *plugin = &plugins->items[i];
        for (size_t j = 0; j < plugin->findings.count; j++) {
            const struct finding *item = &plugin->findings.items[j];
            if (!is_known(&project->findings, item)) {
                findings_add(&project->findings, item->severity, item->code, item->where,
                             item->hint, "%s", item->message);
            }
        }
        if (plugin->release && project->release) {
            project->release = join(arena, project->release, plugin->release);
        } else if (plugin->release) {
            project->release = plugin->release;
        }
        if (plugin->findings.no_memory || (plugin->release && !project->release)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// A pyproject.toml says what the package is; a convention's plugin beside it adds its entry point and
// its manifest.
static enum status read_place(struct arena *arena, const struct place *place,
                              struct project *project, struct error *err) {
    bool has_pyproject = place_find(place, pyproject_name) != PLACE_ABSENT;
    const struct convention *convention = convention_recognize(NULL, place);
    enum status failed = has_pyproject ? read_pyproject(arena, place, project, err) : STATUS_OK;
    if (failed || convention == &convention_pyproject) {
        return failed;
    }
    if (!convention && !has_pyproject) {
        convention = convention_microcoreos.recognizes(&convention_microcoreos, place, false)
                         ? &convention_microcoreos
                         : NULL;
    }
    if (!convention && !has_pyproject) {
        return fail(err, STATUS_USAGE, place->path,
                    "There is nothing to publish here: neither a pyproject.toml nor the mark of a "
                    "convention; name the directory that holds one");
    }
    struct convention_plugins plugins = {0};
    if (convention) {
        failed = convention->read(convention, arena, place, &plugins, err);
    }
    return failed ? failed : add_plugins(arena, &plugins, project, err);
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

// The place of a project; `above` are those it hangs in, to be closed after it.
static enum status open_project(struct arena *arena, const char *directory, struct place above[2],
                                struct place *ret_place, struct error *err) {
    if (!is_domain(directory)) {
        return place_open(arena, directory, ret_place, err);
    }
    const char *name = strrchr(directory, '/') + 1;
    size_t len = (size_t)(name - directory) - sizeof "domains";
    const char *root = len > 1 ? arena_copy(arena, directory, len - 1) : len ? "/" : ".";
    enum status failed = root ? place_open(arena, root, &above[0], err) : fail_no_memory(err);
    failed = failed ? failed : place_enter(arena, &above[0], "domains", &above[1], err);
    return failed ? failed : place_enter(arena, &above[1], name, ret_place, err);
}

enum status project_read(struct arena *arena, const char *path, const char *version,
                         struct project *ret_project, struct error *err) {
    struct error fault = {0};
    struct project project = {.path = path};
    findings_init(&project.findings, arena);
    struct place above[2] = {PLACE_CLOSED, PLACE_CLOSED};
    scoped(place_close) struct place place = PLACE_CLOSED;
    const char *directory = directory_of(arena, path);
    enum status failed =
        directory ? open_project(arena, directory, above, &place, &fault) : fail_no_memory(&fault);
    failed = failed ? failed : read_place(arena, &place, &project, &fault);
    if (!failed && version && !set_version(arena, &project, version)) {
        failed = fail_no_memory(&fault);
    }
    place_close(&above[1]);
    place_close(&above[0]);
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
