// SPDX-License-Identifier: MIT
// Which tool is there is asked of the interpreter itself, by importing it: a program of that name on PATH may
// belong to another Python. Both tools are told not to make an isolated environment, because that downloads
// packages. Their standard output is joined to standard error, since ours holds the answer.
#include "client/pack/backend.h"

#include "client/fs/rooted_dir.h"
#include "client/walk/artifact_file.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

// The child's standard output goes to our standard error. A probe is silent: both go to /dev/null.
static bool send_output_to(posix_spawn_file_actions_t *actions, bool is_silent) {
    if (is_silent) {
        return !posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", 1, 0) &&
               !posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
    }
    return !posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
}

// Runs a program of PATH. *ret_code is how it ended; a signal counts as 128 + its number.
// Fails with: USAGE (the program does not exist), IO, NO_MEMORY.
static enum status run(const char *const *argv, bool is_silent, int *ret_code, struct error *err) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    int state = 0;
    if (posix_spawn_file_actions_init(&actions)) {
        return fail_no_memory(err);
    }
    int fault = send_output_to(&actions, is_silent)
                    ? posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ)
                    : ENOMEM;
    posix_spawn_file_actions_destroy(&actions);
    if (fault == ENOENT) {
        return fail(err, STATUS_USAGE, argv[0],
                    "The Python interpreter does not exist. Name another one with --python");
    }
    if (fault) {
        return fail(err, STATUS_IO, argv[0], "The program cannot be started: %s", strerror(fault));
    }
    while (waitpid(child, &state, 0) < 0) {
        if (errno != EINTR) {
            return fail(err, STATUS_IO, argv[0], "The program was lost: %s", strerror(errno));
        }
    }
    *ret_code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return STATUS_OK;
}

// The tools, the better one first. The module is imported to see whether it is there; the folder and the
// project complete the command.
static const struct {
    const char *probe;
    const char *arguments[6];
    const char *folder;
} tools[] = {
    {"import build.__main__",
     {"-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check"},
     "--outdir"},
    {"import pip",
     {"-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"},
     "--wheel-dir"},
};

// The interpreter starts once for each tool that is tried, which costs little beside a build.
static enum status find_tool(const char *python, size_t *ret_tool, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        const char *const argv[] = {python, "-c", tools[i].probe, NULL};
        int code;
        enum status status = run(argv, true, &code, err);
        if (status) {
            return status;
        }
        if (code == 0) {
            *ret_tool = i;
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_USAGE, python,
                "This Python has neither \"build\" nor \"pip\". Install one of them (on Debian: "
                "python3-build or python3-pip)");
}

// python -m build --wheel … --outdir FOLDER PROJECT. No shell is involved, so no quoting is needed.
static enum status build(const struct backend_query *query, size_t tool, const char *folder,
                         struct error *err) {
    enum { WORDS = COUNT_OF(tools[0].arguments) };
    const char *argv[WORDS + 5] = {query->python};
    size_t count = 1;
    for (size_t i = 0; i < WORDS && tools[tool].arguments[i]; i++) {
        argv[count++] = tools[tool].arguments[i];
    }
    argv[count++] = tools[tool].folder;
    argv[count++] = folder;
    argv[count++] = query->project;
    argv[count] = NULL;
    int code;
    enum status status = run(argv, false, &code, err);
    if (status) {
        return status;
    }
    return code ? fail(err, STATUS_INVALID, query->project,
                       "The build of the project failed with exit code %d; its output stands above",
                       code)
                : STATUS_OK;
}

// The folder was empty before the build, so the one wheel in it is that of the build.
static enum status find_wheel(struct arena *arena, const char *path, const char **ret_path,
                              struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir folder = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_open(arena, path, &folder, err);
    if (status) {
        return status;
    }
    status = rooted_dir_entries(arena, &folder, &entries, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < entries.count; i++) {
        const char *name = entries.items[i].name;
        if (text_ends_with(text_from(name), ".whl")) {
            *ret_path = arena_printf(arena, "%s/%s", path, name);
            return *ret_path ? STATUS_OK : fail_no_memory(err);
        }
    }
    return fail(err, STATUS_INVALID, NULL, "The build made no wheel");
}

// Builds in a folder of its own and reads what is there afterwards.
static enum status build_in(struct arena *arena, const struct backend_query *query,
                            const char *folder, struct buffer *bytes, struct packed *packed,
                            struct error *err) {
    const char *wheel = NULL;
    size_t tool = 0;
    enum status status = find_tool(query->python, &tool, err);
    if (status) {
        return status;
    }
    status = build(query, tool, folder, err);
    if (status) {
        return status;
    }
    status = find_wheel(arena, folder, &wheel, err);
    if (status) {
        return status;
    }
    status = artifact_file_read(arena, wheel, bytes, &packed->project, &packed->artifact, err);
    unlink(wheel);
    return status;
}

// The tool writes into a new folder: a wheel that was beside the result before must not be taken
// for it.
enum status backend_build(struct arena *arena, const struct backend_query *query,
                          struct buffer *ret_bytes, struct packed *ret_packed, struct error *err) {
    struct packed packed = {0};
    char *folder = arena_printf(arena, "%s/.build.XXXXXX", query->folder);
    if (!folder) {
        return fail_no_memory(err);
    }
    if (!mkdtemp(folder)) {
        return fail(err, STATUS_IO, query->folder, "No folder can be made here: %s",
                    strerror(errno));
    }
    findings_init(&packed.project.findings, arena);
    enum status status = build_in(arena, query, folder, ret_bytes, &packed, err);
    rmdir(folder);
    if (status) {
        return status;
    }
    *ret_packed = packed;
    return STATUS_OK;
}
