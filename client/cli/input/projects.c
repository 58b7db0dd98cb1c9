// SPDX-License-Identifier: MIT
// Reading and reporting projects (projects.h). With --all the walk itself says which plugin directories
// are shadowed: it is run over the same roots, and a directory is left out when an earlier root shadows
// every record that came from it. So publish --all and a host that walks the roots agree.
#include "client/cli/input/projects.h"

#include "client/cli/input/query.h"
#include "client/import/artifact_folder.h"
#include "client/pack/backend.h"
#include "client/pack/built_files.h"
#include "client/pack/pack.h"
#include "client/remote/path_outcome.h"
#include "client/walk/artifact_file.h"
#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// ---- publish --all ----

static int compare_origins(const void *left, const void *right) {
    const struct record *const *a = left;
    const struct record *const *b = right;
    return strcmp((*a)->origin, (*b)->origin);
}

// The walk's records in the order of their origins. Arena; NULL when out of memory.
static const struct record **sort_by_origin(struct cli *cli, const struct records *records) {
    size_t count = records->count;
    const struct record **sorted = arena_array(cli->arena, count ? count : 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < count; i++) {
        sorted[i] = &records->items[i];
    }
    if (sorted) {
        qsort(sorted, count, sizeof *sorted, compare_origins);
    }
    return sorted;
}

// The first record whose origin is not before the path.
static size_t first_from(const struct record **sorted, size_t count, const char *path) {
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted[middle]->origin, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool lies_in(const char *origin, const char *path) {
    size_t len = strlen(path);
    return strncmp(origin, path, len) == 0 && (origin[len] == '/' || !origin[len]);
}

// The origin that shadows all records of the directory; NULL when one of them is not shadowed.
static const char *find_shadow(const struct record **sorted, size_t count, const char *path) {
    const char *shadow = NULL;
    for (size_t i = first_from(sorted, count, path);
         i < count && strncmp(sorted[i]->origin, path, strlen(path)) == 0; i++) {
        if (!lies_in(sorted[i]->origin, path)) {
            continue;
        }
        if (!sorted[i]->shadowed_by) {
            return NULL;
        }
        shadow = sorted[i]->shadowed_by;
    }
    return shadow;
}

// Asks the same walk that a host makes, so that "shadowed" means here what it means there.
static enum status mark_shadowed(struct cli *cli, const struct walk_query *query,
                                 struct outcomes *outcomes, struct error *err) {
    struct records records = {0};
    enum status status = source_walk(cli->arena, query, &records, err);
    if (status) {
        return status;
    }
    const struct record **sorted = sort_by_origin(cli, &records);
    if (!sorted) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < outcomes->count; i++) {
        struct outcome *outcome = &outcomes->items[i];
        outcome->shadowed_by = find_shadow(sorted, records.count, outcome->project.path);
    }
    return STATUS_OK;
}

static enum status list_plugins(struct cli *cli, struct outcomes *outcomes, struct error *err) {
    struct walk_query query;
    struct plugin_dirs dirs = {0};
    enum status status = roots_parse_arguments(cli, 0, outcomes->options->convention, &query, err);
    if (status) {
        return status;
    }
    status = source_walk_plugin_dirs(cli->arena, &query, &dirs, err);
    if (status) {
        return status;
    }
    outcomes->count = dirs.count;
    outcomes->items = arena_array(cli->arena, dirs.count ? dirs.count : 1, sizeof *outcomes->items);
    if (!outcomes->items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < dirs.count; i++) {
        outcomes->items[i].dir = &dirs.items[i];
        outcomes->items[i].project.path = dirs.items[i].path;
    }
    // also within one root: an installed distribution hides other copies of its project
    return mark_shadowed(cli, &query, outcomes, err);
}

// ---- paths ----

// The wheels and sdists below a folder that is no project and no plugin itself; none of any other path.
static enum status list_files(struct cli *cli, const struct outcomes *outcomes, const char *path,
                              struct artifact_paths *ret_paths, struct error *err) {
    struct project project = {0};
    struct error fault = {0};
    struct project_query query = {.path = path, .only = outcomes->only};
    *ret_paths = (struct artifact_paths){0};
    enum status status = project_read(cli->arena, &query, &project, &fault);
    if (status == STATUS_USAGE) {
        status = artifact_folder_list(cli->arena, path, ret_paths, &fault);
    }
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

static enum status add_path(struct cli *cli, struct outcomes *outcomes, size_t *capacity,
                            const char *path, struct error *err) {
    struct outcome *grown =
        list_grow(cli->arena, outcomes->items, outcomes->count, capacity, sizeof *outcomes->items);
    if (!grown) {
        return fail_no_memory(err);
    }
    outcomes->items = grown;
    outcomes->items[outcomes->count++] =
        (struct outcome){.project.path = path, .is_artifact = artifact_file_is(path)};
    return STATUS_OK;
}

// A path may be a wheel, an sdist, a project, or a folder of wheels and sdists; what a file is shows in its name.
static enum status list_paths(struct cli *cli, struct outcomes *outcomes, struct error *err) {
    size_t capacity = 0;
    for (size_t i = 0; i < cli->argument_count; i++) {
        const char *path = cli->arguments[i];
        struct artifact_paths files = {0};
        enum status status =
            artifact_file_is(path) ? STATUS_OK : list_files(cli, outcomes, path, &files, err);
        for (size_t j = 0; !status && (j < files.count || j == 0); j++) {
            status =
                add_path(cli, outcomes, &capacity, files.count ? files.items[j].path : path, err);
        }
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status projects_list(struct cli *cli, const struct project_options *options,
                          struct outcomes *ret_outcomes, struct error *err) {
    struct outcomes outcomes = {.options = options};
    enum status status = convention_choose(cli->arena, options->convention, &outcomes.only, err);
    if (status) {
        return status;
    }
    status = options->all ? list_plugins(cli, &outcomes, err) : list_paths(cli, &outcomes, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < outcomes.count; i++) {
        outcomes.items[i].receipt.serial = -1;
        outcomes.items[i].word = "not sent";
        findings_init(&outcomes.items[i].project.findings, cli->arena);
    }
    *ret_outcomes = outcomes;
    return STATUS_OK;
}

// ---- files of projects ----

struct project_query projects_query(const struct outcomes *outcomes,
                                    const struct outcome *outcome) {
    const struct plugin_dir *dir = outcome->dir;
    return (struct project_query){
        .path = dir ? dir->relative : outcome->project.path,
        .root = dir ? dir->root : NULL,
        .version = outcomes->options->version,
        .only = outcomes->only,
    };
}

static void outcome_init(struct cli *cli, struct outcome *outcome, const char *path) {
    *outcome = (struct outcome){.receipt = {.serial = -1}, .word = "not sent"};
    outcome->project.path = path;
    findings_init(&outcome->project.findings, cli->arena);
}

// The files of one path; none when it is no project with a build backend, or when it cannot be read, which is
// reported when it is read again.
static enum status list_built(struct cli *cli, const struct outcomes *outcomes,
                              const struct outcome *outcome, struct strings *ret_paths,
                              struct error *err) {
    struct project project = {0};
    struct error fault = {0};
    struct project_query query = projects_query(outcomes, outcome);
    *ret_paths = (struct strings){0};
    enum status status = outcome->is_artifact || outcome->dir
                             ? STATUS_NOT_FOUND
                             : project_read(cli->arena, &query, &project, &fault);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status || !project.valid || pack_maker_of(&project) != PACK_BY_BACKEND) {
        return STATUS_OK;
    }
    const char *directory = project_directory(cli->arena, project.path);
    status = directory ? built_files_list(cli->arena, directory, project.valid, ret_paths, &fault)
                       : STATUS_NO_MEMORY;
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

// A project with built files is replaced by them in the list; one without stays, and is published
// as metadata.
enum status projects_find_built(struct cli *cli, struct outcomes *outcomes, struct error *err) {
    struct outcome *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (size_t i = 0; i < outcomes->count; i++) {
        struct strings paths;
        enum status status = list_built(cli, outcomes, &outcomes->items[i], &paths, err);
        if (status) {
            return status;
        }
        for (size_t j = 0; j < paths.count || j == 0; j++) {
            items = list_grow(cli->arena, items, count, &capacity, sizeof *items);
            if (!items) {
                return fail_no_memory(err);
            }
            items[count] = outcomes->items[i];
            if (paths.count) {
                outcome_init(cli, &items[count], paths.items[j]);
                items[count].is_artifact = true;
            }
            count++;
        }
    }
    outcomes->items = count ? items : outcomes->items;
    outcomes->count = count;
    return STATUS_OK;
}

// ---- reading and reporting ----

enum { WORD_WIDTH = 9 };

// A directory found by --all that no convention recognises keeps the findings of the walk.
static enum status read_project(struct cli *cli, const struct outcomes *outcomes,
                                struct outcome *outcome) {
    const struct plugin_dir *dir = outcome->dir;
    struct project_query query = projects_query(outcomes, outcome);
    const char *path = outcome->project.path;
    if (dir && !dir->convention) {
        outcome->project.findings = dir->findings;
        return STATUS_OK;
    }
    enum status status = project_read(cli->arena, &query, &outcome->project, &outcome->error);
    outcome->project.path = path;
    return status;
}

// ---- directories as wheels ----

// Takes what was made of the directory, under the path that was given.
static void take_packed(struct outcome *outcome, const struct packed *packed) {
    const char *path = outcome->project.path;
    outcome->project = packed->project;
    outcome->project.path = path;
    outcome->artifact = packed->artifact;
    outcome->is_artifact = packed->artifact.filename;
}

// What the build makes is needed for as long as it is read.
static enum status build(struct cli *cli, const struct outcomes *outcomes, struct outcome *outcome,
                         struct buffer *bytes) {
    const char *folder = getenv("TMPDIR");
    struct packed packed = {0};
    struct backend_query query = {
        .python = outcomes->python,
        .project = project_directory(cli->arena, outcome->project.path),
        .folder = folder && *folder ? folder : "/tmp",
    };
    if (!query.project) {
        return fail_no_memory(&outcome->error);
    }
    enum status status = backend_build(cli->arena, &query, bytes, &packed, &outcome->error);
    if (status) {
        return status;
    }
    take_packed(outcome, &packed);
    return STATUS_OK;
}

// Makes the wheel of a directory that was read and is valid, when one is wanted and somebody can make it.
static enum status make_wheel(struct cli *cli, const struct outcomes *outcomes,
                              struct outcome *outcome, struct buffer *bytes) {
    struct project_query query = projects_query(outcomes, outcome);
    struct packed packed = {0};
    enum pack_maker maker = pack_maker_of(&outcome->project);
    if (maker == PACK_BY_BACKEND && outcomes->python) {
        return build(cli, outcomes, outcome, bytes);
    }
    if (maker != PACK_BY_LAYOUT || !outcomes->packs || !outcome->project.valid) {
        return STATUS_OK;
    }
    enum status status = pack_directory(cli->arena, &query, bytes, &packed, &outcome->error);
    if (status) {
        return status;
    }
    take_packed(outcome, &packed);
    return STATUS_OK;
}

// A directory, and the wheel that it becomes.
static enum status read_directory(struct cli *cli, const struct outcomes *outcomes,
                                  struct outcome *outcome, struct buffer *bytes) {
    enum status status = read_project(cli, outcomes, outcome);
    if (status) {
        return status;
    }
    return projects_is_empty(outcome) ? STATUS_OK : make_wheel(cli, outcomes, outcome, bytes);
}

// Whether the project's errors are only those of a project that publishes nothing: under a root there may
// be pyproject.toml files that only configure tools, and projects that need no version.
static bool only_lacks_identity(const struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        const char *code = findings->items[i].code;
        bool lacks = strcmp(code, "project-missing") == 0 || strcmp(code, "version-missing") == 0;
        if (findings->items[i].severity == SEVERITY_ERROR && !lacks) {
            return false;
        }
    }
    return true;
}

// A directory that the walk found may be no plugin at all: without entry points and without a name
// it is passed over in silence. A path that the user named is not.
bool projects_is_empty(const struct outcome *outcome) {
    const struct project *project = &outcome->project;
    bool has_entry_points = project->release && project->release->entry_point_count;
    bool has_errors = findings_count(&project->findings, SEVERITY_ERROR) > 0;
    if (outcome->status || outcome->is_artifact || outcome->shadowed_by) {
        return false;
    }
    return outcome->dir ? !has_entry_points && only_lacks_identity(&project->findings)
                        : !project->release && !has_errors;
}

// A fault of one project is kept in its outcome, so that the others are still read. Only lack of
// memory and faults of the program itself end the command.
enum status projects_read(struct cli *cli, const struct outcomes *outcomes, struct outcome *outcome,
                          struct buffer *bytes, struct error *err) {
    const char *path = outcome->project.path;
    if (outcome->shadowed_by) {
        outcome->word = "shadowed";
        return STATUS_OK;
    }
    outcome->status = outcome->is_artifact
                          ? artifact_file_read(cli->arena, path, bytes, &outcome->project,
                                               &outcome->artifact, &outcome->error)
                          : read_directory(cli, outcomes, outcome, bytes);
    if (outcome->status == STATUS_NO_MEMORY || outcome->status == STATUS_INTERNAL) {
        return fail(err, outcome->status, outcome->error.where, "%s", outcome->error.message);
    }
    if (!outcome->status && projects_is_empty(outcome)) {
        outcome->status =
            outcome->dir
                ? STATUS_OK
                : fail(&outcome->error, STATUS_USAGE, path,
                       "Nothing to publish: there is no artifact, project or plugin here.");
    } else if (!outcome->status && !outcome->project.valid) {
        outcome->status = fail(&outcome->error, STATUS_INVALID, path, "The project is invalid.");
    }
    outcome->word = outcome->status ? "failed" : "ok";
    return STATUS_OK;
}

// The path of an artifact that was given leads to no directory, and its findings keep their pointers.
enum status projects_locate(struct cli *cli, const struct outcomes *outcomes,
                            struct outcome *outcome, struct error *err) {
    struct project_query query = projects_query(outcomes, outcome);
    return outcome->status == STATUS_NO_MEMORY
               ? fail_no_memory(err)
               : project_locate(cli->arena, &query, &outcome->project.findings, err);
}

json_t *projects_encode(const struct outcome *outcome) {
    struct path_outcome shown = {
        .path = outcome->project.path,
        .word = outcome->word,
        .project = &outcome->project,
        .artifact = outcome->artifact.filename ? &outcome->artifact : NULL,
        .status = outcome->status,
        .error = &outcome->error,
    };
    return path_outcome_encode(&shown);
}

void projects_print(struct cli *cli, const struct outcome *outcome) {
    struct output *output = &cli->output;
    const char *package = output_text(output, path_outcome_package(&outcome->project));
    const char *version = output_text(output, path_outcome_version(&outcome->project));
    enum color color = outcome->status        ? COLOR_RED
                       : outcome->shadowed_by ? COLOR_YELLOW
                                              : COLOR_GREEN;
    output_print(output, color, "%-*s", WORD_WIDTH, outcome->word);
    output_print(output, COLOR_BOLD, "  %s%s%s", package, *package ? " " : "", version);
    output_print(output, COLOR_DIM, "%s%s", *package || *version ? "  " : "",
                 output_text(output, outcome->project.path));
    output_print(output, COLOR_DIM, "%s%s\n", outcome->shadowed_by ? ", by " : "",
                 output_text(output, outcome->shadowed_by));
    if (!outcome->status) {
        output->subject = outcome->project.path;
        output_findings(output, &outcome->project.findings);
        output->subject = NULL;
    }
}

// If nothing was found wrong with the project itself, the error is the registry's or the network's.
void projects_print_errors(struct output *output, const struct outcome *outcome) {
    const struct findings *findings = &outcome->project.findings;
    if (!findings_count(findings, SEVERITY_ERROR)) {
        const char *where = *outcome->error.where ? outcome->error.where : outcome->project.path;
        bool token = outcome->status == STATUS_UNAUTHORIZED;
        output_finding(
            output,
            &(struct finding){.severity = SEVERITY_ERROR,
                              .where = where,
                              .message = outcome->error.message,
                              .hint = token ? "Set REGISTRYD_TOKEN to a token that may publish. An "
                                              "administrator creates one with \"registryctl token "
                                              "create NAME --team TEAM --grant\"."
                                            : NULL});
    }
    output->subject = outcome->project.path;
    output_findings(output, findings);
    output->subject = NULL;
}
