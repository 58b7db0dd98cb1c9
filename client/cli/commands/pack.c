// SPDX-License-Identifier: MIT
// registryctl pack: plugin directories, and with --build projects, as wheels in a folder. Each wheel is written
// beside its final name and renamed, so that a folder never holds half a wheel. A wheel of the same
// name is replaced in that step. One plugin that cannot be packed does not stop the others.
#include "client/cli/console/progress.h"
#include "client/cli/input/projects.h"
#include "client/pack/backend.h"
#include "client/pack/pack.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct pack_options {
    struct project_options project;
    const char *output;
    const char *python;
    bool build;
};

static const struct option_row pack_rows[] = {
    PROJECT_ROWS(struct pack_options, project),
    {"--output", "FOLDER", offsetof(struct pack_options, output),
     "Folder of the wheels; default \"dist\""},
    {"--build", NULL, offsetof(struct pack_options, build),
     "Run the build backend of a project that has one"},
    {"--python", "PROGRAM", offsetof(struct pack_options, python),
     "Interpreter that runs the build; default \"python3\""},
};

struct pack_run {
    struct cli *cli;
    const struct pack_options *given;
    const char *folder;
    struct outcomes outcomes;
    json_t *array;
    size_t packed;
    size_t failed;
};

// A wheel that was made: where it stands, and what a person wants to know of it.
struct made {
    const char *path;
    struct packed packed;
};

// ---- writing the wheel ----

static enum status fail_file(const char *path, struct error *err) {
    enum status status = errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO;
    return fail(err, status, path, "The wheel cannot be written: %s", strerror(errno));
}

static enum status write_wheel(struct pack_run *p, const char *filename, struct text bytes,
                               const char **ret_path, struct error *err) {
    const char *path = arena_printf(p->cli->arena, "%s/%s", p->folder, filename);
    char *draft = arena_printf(p->cli->arena, "%s/.%s.XXXXXX", p->folder, filename);
    if (!path || !draft) {
        return fail_no_memory(err);
    }
    scoped(cleanup_fd) int fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0) {
        return fail_file(path, err);
    }
    bool is_written = descriptor_write(fd, bytes.ptr, bytes.len) && fchmod(fd, 0644) == 0 &&
                      rename(draft, path) == 0;
    if (!is_written) {
        enum status status = fail_file(path, err);
        unlink(draft);
        return status;
    }
    *ret_path = path;
    return STATUS_OK;
}

static enum status make_folder(const char *folder, struct error *err) {
    if (mkdir(folder, 0777) && errno != EEXIST) {
        return fail(err, STATUS_IO, folder, "The folder cannot be made: %s", strerror(errno));
    }
    return STATUS_OK;
}

// ---- a project, by its backend ----

// A larger wheel than an upload may have is refused here: the registry would not accept it.
static enum status build_project(struct pack_run *p, const char *directory, struct made *made,
                                 struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    struct backend_query query = {.python = p->given->python ? p->given->python : "python3",
                                  .project = directory,
                                  .folder = p->folder};
    enum status status = backend_build(p->cli->arena, &query, &bytes, &made->packed, err);
    if (status || !made->packed.project.valid) {
        return status;
    }
    return write_wheel(p, made->packed.artifact.filename, (struct text){bytes.ptr, bytes.len},
                       &made->path, err);
}

// ---- one PATH ----

static enum status pack_plugin(struct pack_run *p, const struct project_query *query,
                               struct made *made, struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    enum status status = pack_directory(p->cli->arena, query, &bytes, &made->packed, err);
    if (status || !made->packed.project.valid) {
        return status;
    }
    return write_wheel(p, made->packed.artifact.filename, (struct text){bytes.ptr, bytes.len},
                       &made->path, err);
}

// Whether the directory is built: its backend is asked only with --build, and only where there is one.
static enum status pack_path(struct pack_run *p, const struct outcome *outcome, struct made *made,
                             struct error *err) {
    struct project_query query = projects_query(&p->outcomes, outcome);
    if (outcome->is_artifact) {
        return fail(
            err, STATUS_USAGE, outcome->project.path,
            "This is a file, and pack takes a directory. Publish a wheel or an sdist as it is, "
            "with \"registryctl publish\".");
    }
    if (!p->given->build) {
        return pack_plugin(p, &query, made, err);
    }
    enum status status = project_read(p->cli->arena, &query, &made->packed.project, err);
    if (status) {
        return status;
    }
    const char *directory = project_directory(p->cli->arena, made->packed.project.path);
    if (!directory) {
        return fail_no_memory(err);
    }
    return pack_maker_of(&made->packed.project) == PACK_BY_BACKEND
               ? build_project(p, directory, made, err)
               : pack_plugin(p, &query, made, err);
}

// ---- reporting ----

static json_t *encode(const struct outcome *outcome, const struct made *made) {
    scoped(cleanup_json) json_t *object = projects_encode(outcome);
    bool is_whole = object && json_object_set_new(object, "wheel", json_text(made->path)) == 0 &&
                    json_object_set_new(object, "module", json_text(made->packed.module)) == 0 &&
                    json_object_set_new(object, "files",
                                        json_integer((json_int_t)made->packed.file_count)) == 0 &&
                    json_object_set_new(object, "left_out",
                                        json_integer((json_int_t)made->packed.left_out)) == 0;
    return is_whole ? take(object) : NULL;
}

static void print_made(struct output *output, const struct made *made) {
    output_print(output, COLOR_NONE, "           %s\n", output_text(output, made->path));
    if (made->packed.module) {
        output_print(output, COLOR_DIM, "           %s, imported as %s",
                     output_count(output, made->packed.file_count, "file", "files"),
                     output_text(output, made->packed.module));
        output_print(output, COLOR_DIM, made->packed.left_out ? "; %zu left out\n" : "\n",
                     made->packed.left_out);
    }
}

// The exit code of several projects is the worst of theirs.
static enum status report(struct pack_run *p, const struct outcome *outcome,
                          const struct made *made, struct error *err) {
    struct cli *cli = p->cli;
    p->packed += made->path != NULL;
    p->failed += outcome->status != STATUS_OK;
    // A plugin that breaks a rule is the answer of the command (1), not a failure to run it.
    int code = outcome->status == STATUS_INVALID || outcome->status == STATUS_TOO_LARGE
                   ? 1
                   : status_info(outcome->status)->exit_code;
    cli->exit_code = code > cli->exit_code ? code : cli->exit_code;
    if (cli->output.json) {
        return json_array_append_new(p->array, encode(outcome, made)) ? fail_no_memory(err)
                                                                      : STATUS_OK;
    }
    projects_print(cli, outcome);
    if (made->path) {
        print_made(&cli->output, made);
    }
    if (outcome->status) {
        projects_print_errors(&cli->output, outcome);
    }
    return STATUS_OK;
}

// A fault of the plugin is its outcome's; a fault of the machine ends the command.
static enum status pack_one(struct pack_run *p, struct outcome *outcome, struct error *err) {
    struct made made = {0};
    if (outcome->shadowed_by) {
        outcome->word = "shadowed";
        return report(p, outcome, &made, err);
    }
    outcome->status = pack_path(p, outcome, &made, &outcome->error);
    if (outcome->status == STATUS_NO_MEMORY || outcome->status == STATUS_INTERNAL ||
        outcome->status == STATUS_DISK_FULL) {
        return fail(err, outcome->status, outcome->error.where, "%s", outcome->error.message);
    }
    const char *path = outcome->project.path;
    if (!outcome->status) {
        outcome->project = made.packed.project;
        outcome->project.path = path;
        outcome->artifact = made.packed.artifact;
        outcome->status = outcome->project.valid
                              ? STATUS_OK
                              : fail(&outcome->error, STATUS_INVALID, path,
                                     "The plugin cannot be packed, because it is invalid");
    }
    outcome->word = outcome->status ? "failed" : "packed";
    return report(p, outcome, &made, err);
}

static enum status pack_all(struct pack_run *p, struct error *err) {
    struct progress progress;
    enum status status = STATUS_OK;
    progress_init(&progress, &p->cli->output, p->outcomes.count);
    for (size_t i = 0; i < p->outcomes.count && !status; i++) {
        progress_step(&progress, p->outcomes.items[i].project.path);
        progress_clear(&progress);
        status = pack_one(p, &p->outcomes.items[i], err);
    }
    progress_clear(&progress);
    return status;
}

static enum status run_pack(struct cli *cli, struct error *err) {
    const struct pack_options *given = cli->options;
    scoped(cleanup_json) json_t *array = json_array();
    struct pack_run packing = {.cli = cli,
                               .given = given,
                               .folder = given->output ? given->output : "dist",
                               .array = array};
    if (!array) {
        return fail_no_memory(err);
    }
    enum status status = projects_list(cli, &given->project, &packing.outcomes, err);
    if (status) {
        return status;
    }
    status = make_folder(packing.folder, err);
    if (status) {
        return status;
    }
    status = pack_all(&packing, err);
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(array), err);
    }
    if (packing.outcomes.count != 1) {
        output_print(&cli->output, COLOR_NONE, "%zu packed", packing.packed);
        output_print(&cli->output, packing.failed ? COLOR_RED : COLOR_NONE, ", %zu failed\n",
                     packing.failed);
    }
    return STATUS_OK;
}

const struct command command_pack = {
    .name = "pack",
    .arguments = "PATH...",
    .min_arguments = 1,
    .lines = "outcome package version path wheel error.message|error",
    .summary = "Make wheels of plugin directories",
    .description =
        "Each PATH is a plugin directory. Its wheel holds the directory where its entry points\n"
        "import it, so that pip can install it. The same directory always gives the same bytes.\n"
        "Nothing of the plugin is run. Hidden files, Python's caches and node_modules are left "
        "out.\n"
        "A project with a pyproject.toml has a build backend of its own: --build runs it, with\n"
        "\"python3 -m build\" or \"pip wheel\". Nothing is downloaded.",
    COMMAND_OPTIONS(pack_rows, struct pack_options),
    .exit_codes = "0  Every plugin was packed\n"
                  "1  A plugin is invalid, or its build failed\n"
                  "2  Nothing to pack at a PATH, or no build tool\n",
    .example = "registryctl pack --output dist plugins/crm plugins/helpdesk",
    .run = run_pack,
};
