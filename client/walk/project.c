// SPDX-License-Identifier: MIT
// Finding and reading a project's metadata (project.h), then the rules of a release over it. `publish` and
// `check` come here, one project at a time; the walk does not, because it makes records and needs no rules.
// What is wrong with the project becomes a finding; only what is wrong with the machine fails the call.
#include "client/walk/project.h"

#include "client/conventions/convention.h"
#include "client/fs/printable.h"
#include "client/walk/manifest_places.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/core/reader.h"
#include "schema/base/list.h"

#include <stdint.h>
#include <string.h>

static const char pyproject_name[] = "pyproject.toml";

// "crm/pyproject.toml", "crm/" and "crm" all mean the directory "crm"; "plugin.yaml" means ".".
const char *project_directory(struct arena *arena, const char *given) {
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
    for (size_t i = 0; i < COUNT_OF(files); i++) {
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
    enum status status =
        pyproject_read(file, readme, findings, &project->release, &readme_path, &fault);
    if (status == STATUS_NO_MEMORY || status == STATUS_INTERNAL) {
        *err = fault;
        return status;
    }
    if (status && !findings_count(findings, SEVERITY_ERROR)) {
        findings_add_error(findings, status_info(status)->wire_name, &fault);
    }
    if (ret_readme_path) {
        *ret_readme_path = readme_path;
    }
    return STATUS_OK;
}

// Reads once more, now with the readme, or says why it cannot be had.
static enum status add_readme(const struct rooted_dir *dir, struct project *project,
                              const struct source_file *file, const char *readme_path,
                              struct error *err) {
    struct error fault = {0};
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_README_BYTES);
    enum status status = rooted_dir_load(dir, readme_path, &bytes, &fault);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        findings_add(&project->findings, SEVERITY_ERROR,
                     convention_code(rooted_dir_find(dir, readme_path), status), fault.where,
                     "Correct [project] readme, or leave it out", "The readme: %s", fault.message);
        return STATUS_OK;
    }
    struct source_file readme = {.path = readme_path, .bytes = bytes.ptr, .len = bytes.len};
    findings_init(&project->findings, project->findings.arena);
    return read_toml(project, file, &readme, NULL, err);
}

static enum status read_pyproject(struct arena *arena, const struct rooted_dir *dir,
                                  struct project *project, struct error *err) {
    struct error fault = {0};
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_TOML_BYTES);
    const char *path = arena_printf(arena, "%s/%s", dir->path, pyproject_name);
    enum status status =
        path ? rooted_dir_load(dir, pyproject_name, &bytes, &fault) : STATUS_NO_MEMORY;
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        findings_add_error(&project->findings,
                           convention_code(rooted_dir_find(dir, pyproject_name), status), &fault);
        return STATUS_OK;
    }
    struct source_file file = {.path = path, .bytes = bytes.ptr, .len = bytes.len};
    const char *readme_path = NULL;
    status = read_toml(project, &file, NULL, &readme_path, err);
    if (status || !readme_path) {
        return status;
    }
    return add_readme(dir, project, &file, readme_path, err);
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
        const struct entry_point *entry = &more->entry_points[i];
        if (!release_find_entry_point(release, entry->group, entry->name)) {
            entries[joined->entry_point_count++] = *entry;
        }
    }
    for (size_t i = 0; i < more->manifest_count; i++) {
        const struct manifest *manifest = &more->manifests[i];
        if (!release_find_manifest(release, manifest->group, manifest->name)) {
            manifests[joined->manifest_count++] = *manifest;
        }
    }
    joined->entry_points = entries;
    joined->manifests = manifests;
    return joined;
}

// Adds what a convention read to the project: one release of all its plugins, all their findings.
static enum status add_plugins(struct arena *arena, const struct convention_plugins *plugins,
                               struct project *project, struct error *err) {
    for (size_t i = 0; i < plugins->count; i++) {
        const struct convention_plugin *plugin = &plugins->items[i];
        // Several plugins of one directory may repeat a finding about the directory.
        findings_append_new(&project->findings, &plugin->findings);
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

// Whether the convention is one of projects: then pyproject.toml says what the package is, readme and
// all, and the plugin beside it adds its entry point and its manifest.
static bool is_of_projects(const struct convention *convention) {
    return convention == &convention_pyproject || convention == &convention_mountaineer;
}

static bool lies_in(const struct rooted_dir *dir, const char *folder) {
    size_t len = strlen(folder);
    return strncmp(dir->relative, folder, len) == 0 && dir->relative[len] == '/';
}

// A plain project in the folder of a convention may hold its plugins as well: a domain of MicroCoreOS
// with a pyproject.toml of its own.
static const struct convention *recognize(const struct project_query *query,
                                          const struct rooted_dir *dir, bool has_pyproject) {
    const struct convention *only = query->only;
    if (only) {
        return only->recognizes(only, dir, true) ? only : NULL;
    }
    const struct convention *found = convention_recognize(NULL, dir);
    bool is_plain = !found || found == &convention_pyproject;
    for (size_t i = 0; is_plain && convention_at(i); i++) {
        const char *within = convention_at(i)->within;
        bool possible = within && (!has_pyproject || lies_in(dir, within));
        const struct convention *deeper = possible ? convention_recognize(within, dir) : NULL;
        found = deeper ? deeper : found;
    }
    return found;
}

static enum status fail_nothing(const struct project_query *query, const struct rooted_dir *dir,
                                struct error *err) {
    return query->only ? fail(err, STATUS_USAGE, dir->path,
                              "Nothing to publish here by the convention %s: it needs %s",
                              query->only->name, query->only->mark)
                       : fail(err, STATUS_USAGE, dir->path,
                              "Nothing to publish here: the directory has no pyproject.toml and "
                              "matches no convention. Name the directory of the project or plugin");
}

// Two readers may have a say: the project describes the package, the convention its plugins.
static enum status read_directory(struct arena *arena, const struct project_query *query,
                                  const struct rooted_dir *dir, struct project *project,
                                  struct error *err) {
    bool has_pyproject = (!query->only || is_of_projects(query->only)) &&
                         rooted_dir_find(dir, pyproject_name) != ROOTED_DIR_ABSENT;
    const struct convention *convention = recognize(query, dir, has_pyproject);
    if (!convention && (query->only || !has_pyproject)) {
        return fail_nothing(query, dir, err);
    }
    enum status status = has_pyproject ? read_pyproject(arena, dir, project, err) : STATUS_OK;
    if (status || !convention || convention == &convention_pyproject) {
        return status;
    }
    struct convention_plugins plugins = {0};
    status = convention->read(convention, arena, dir, &plugins, err);
    if (status) {
        return status;
    }
    return add_plugins(arena, &plugins, project, err);
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

// A version that only the build knows is no fault of the project, but nothing can be published
// without one.
static void require_version(struct project *project) {
    const struct release *release = project->release;
    if (release && !release->version && !findings_count(&project->findings, SEVERITY_ERROR)) {
        findings_add(&project->findings, SEVERITY_ERROR, "version-missing",
                     release->provenance.path, "Give the version with --version",
                     "The version is dynamic: only the build knows it, and publishing needs it");
    }
}

// The rules, unless the reader found worse already: one fault told once.
static enum status apply_rules(struct arena *arena, struct project *project, struct error *err) {
    struct error fault = {0};
    if (!project->release || findings_count(&project->findings, SEVERITY_ERROR)) {
        return STATUS_OK;
    }
    enum status status =
        release_check(arena, project->release, &project->findings, &project->valid, &fault);
    if (status == STATUS_INVALID) {
        project->valid = NULL;
        return STATUS_OK;
    }
    if (status && err) {
        *err = fault;
    }
    return status;
}

// How much of the path comes before "<within>/<name>", slash included; SIZE_MAX when it does not end so.
static size_t length_before(const char *path, const char *within) {
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    size_t within_len = strlen(within);
    bool ends =
        len >= within_len && slash[1] && memcmp(slash - within_len, within, within_len) == 0;
    bool whole = ends && (len == within_len || path[len - within_len - 1] == '/');
    return whole ? len - within_len : SIZE_MAX;
}

// A directory of a convention whose plugins lie deeper is read from its root, above which nothing counts
// and under which a version may be declared. Arena; false when out of memory.
static bool split_root(struct arena *arena, struct project_query *query) {
    size_t before = SIZE_MAX;
    for (size_t i = 0; before == SIZE_MAX && !query->only && convention_at(i); i++) {
        const char *within = convention_at(i)->within;
        before = within ? length_before(query->path, within) : before;
    }
    if (query->only && query->only->within) {
        before = length_before(query->path, query->only->within);
    }
    if (before != SIZE_MAX) {
        query->root = before > 1 ? arena_copy(arena, query->path, before - 1) : before ? "/" : ".";
        query->path += before;
    }
    return before == SIZE_MAX || query->root;
}

// Opens the directory of the query; `root` must be closed after it.
static enum status open_project(struct arena *arena, struct project_query query,
                                struct rooted_dir *ret_root, struct rooted_dir *ret_dir,
                                struct error *err) {
    if (!query.root) {
        query.path = project_directory(arena, query.path);
        if (!query.path || !split_root(arena, &query)) {
            return fail_no_memory(err);
        }
    }
    if (!query.root) {
        return rooted_dir_open(arena, query.path, ret_dir, err);
    }
    enum status status = rooted_dir_open(arena, query.root, ret_root, err);
    if (status) {
        return status;
    }
    return rooted_dir_enter(arena, ret_root, query.path, ret_dir, err);
}

// A directory that does not exist, or is a link out of its root, is a mistake in the command line.
static enum status fail_directory(const struct error *fault, struct error *err) {
    bool wrong = fault->status == STATUS_NOT_FOUND || fault->status == STATUS_INVALID;
    return fail(err, wrong ? STATUS_USAGE : fault->status, fault->where, "%s", fault->message);
}

// Reads what lies in the directory, fills in the version that was given, and applies the rules.
static enum status read_opened(struct arena *arena, const struct project_query *query,
                               const struct rooted_dir *dir, struct project *project,
                               struct error *err) {
    enum status status = read_directory(arena, query, dir, project, err);
    if (status) {
        return status;
    }
    if (query->version && !set_version(arena, project, query->version)) {
        return fail_no_memory(err);
    }
    require_version(project);
    status = apply_rules(arena, project, err);
    if (status) {
        return status;
    }
    return project->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

enum status project_read(struct arena *arena, const struct project_query *query,
                         struct project *ret_project, struct error *err) {
    struct error fault = {0};
    struct project project = {0};
    findings_init(&project.findings, arena);
    scoped(rooted_dir_close) struct rooted_dir root = ROOTED_DIR_CLOSED;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    project.path = query->root ? arena_printf(arena, "%s/%s", query->root, query->path)
                               : arena_strdup(arena, query->path);
    if (!project.path) {
        return fail_no_memory(err);
    }
    if (open_project(arena, *query, &root, &dir, &fault)) {
        return fail_directory(&fault, err);
    }
    enum status status = read_opened(arena, query, &dir, &project, err);
    if (status) {
        return status;
    }
    *ret_project = project;
    return STATUS_OK;
}

enum status project_locate(struct arena *arena, const struct project_query *query,
                           struct findings *findings, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir root = ROOTED_DIR_CLOSED;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    if (!manifest_places_wanted(findings) || open_project(arena, *query, &root, &dir, NULL)) {
        return STATUS_OK; // a file, for example: it has no directory to look in
    }
    bool has_pyproject = rooted_dir_find(&dir, pyproject_name) != ROOTED_DIR_ABSENT;
    const struct convention *convention = recognize(query, &dir, has_pyproject);
    if (convention) {
        manifest_places_add(convention, &dir, findings);
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}
