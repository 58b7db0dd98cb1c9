// SPDX-License-Identifier: MIT
// Loading, reading and checking a wheel or sdist (artifact_file.h). The path comes from the command line,
// so links are followed. The whole file is held in memory, because the same bytes are sent afterwards: what
// was checked is what is published.
#include "client/walk/artifact_file.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *ending) {
    size_t len = strlen(text);
    size_t tail = strlen(ending);
    return len > tail && strcasecmp(text + len - tail, ending) == 0;
}

// A file whose name marks a project or a plugin stands for its directory.
static bool is_mark(const char *path) {
    static const char *const marks[] = {"pyproject.toml", "plugin.yaml", "__init__.py"};
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(slash ? slash + 1 : path, marks[i]) == 0) {
            return true;
        }
    }
    return false;
}

// Every other file is read as an artifact, so that "crm-1.0.tar.bz2" gets a message with the endings that are accepted.
bool artifact_file_is(const char *path) {
    struct stat st;
    bool named = ends_with(path, ".whl") || ends_with(path, ".tar.gz") || ends_with(path, ".zip");
    bool exists = stat(path, &st) == 0;
    return exists ? !S_ISDIR(st.st_mode) && !is_mark(path) : named;
}

// A wrong path is a mistake in the command line (2); a file that cannot be read is the machine's
// (5).
static enum status fail_errno(const char *path, struct error *err) {
    bool absent = errno == ENOENT || errno == ENOTDIR;
    return absent ? fail(err, STATUS_USAGE, path, "The file does not exist")
                  : fail(err, STATUS_IO, path, "The file cannot be read: %s", strerror(errno));
}

// Looks before it reads: a pipe would wait, and what is too large need not be read to be refused.
static enum status check_file(int fd, const char *path, size_t max_bytes, struct error *err) {
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return fail_errno(path, err);
    }
    if (!S_ISREG(st.st_mode)) {
        return fail(err, STATUS_USAGE, path, "This is not a regular file");
    }
    return (uintmax_t)st.st_size > max_bytes
               ? fail(err, STATUS_TOO_LARGE, path,
                      "The file has %jd MiB; at most %zu MiB are sent. Registries accept less by "
                      "default. Leave out files that are not code",
                      (intmax_t)st.st_size >> 20, max_bytes >> 20)
               : STATUS_OK;
}

// O_NONBLOCK: a pipe under the name of a wheel must not hold the command.
static enum status load(const char *path, struct buffer *bytes, struct error *err) {
    enum { PIECE_BYTES = 256 * 1024 };
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    scoped(cleanup_memory) char *piece = malloc(PIECE_BYTES);
    if (fd < 0) {
        return fail_errno(path, err);
    }
    if (!piece) {
        return fail_no_memory(err);
    }
    enum status status = check_file(fd, path, bytes->max_bytes, err);
    for (ssize_t got = 1; !status && got;) {
        got = read(fd, piece, PIECE_BYTES);
        if (got < 0 && errno != EINTR) {
            return fail_errno(path, err);
        }
        if (got > 0) {
            buffer_add(bytes, piece, (size_t)got);
        }
        status = bytes->failed ? fail(err, bytes->failed, path, "The file grew while it was read")
                               : STATUS_OK;
    }
    return status;
}

// What the reader refuses is a finding; what is ours goes up.
static enum status keep_fault(struct findings *findings, const struct error *fault,
                              struct error *err) {
    if (fault->status == STATUS_NO_MEMORY || fault->status == STATUS_INTERNAL) {
        return fail(err, fault->status, fault->where, "%s", fault->message);
    }
    if (fault->status && !findings_count(findings, SEVERITY_ERROR)) {
        findings_add_error(findings, status_info(fault->status)->wire_name, fault);
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}

enum status artifact_file_read(struct arena *arena, const char *path, struct buffer *ret_bytes,
                               struct project *ret_project, struct artifact *ret_artifact,
                               struct error *err) {
    struct error fault = {0};
    struct artifact artifact = {0};
    struct project project = {.path = printable_utf8(arena, path)};
    findings_init(&project.findings, arena);
    if (!project.path) {
        return fail_no_memory(err);
    }
    enum status status = load(path, ret_bytes, err);
    if (status) {
        return status;
    }
    struct source_file file = {project.path, ret_bytes->ptr ? ret_bytes->ptr : "", ret_bytes->len};
    if (!artifact_read(arena, &file, &project.findings, &project.release, &artifact, &fault)) {
        release_check(arena, project.release, &project.findings, &project.valid, &fault);
    }
    status = keep_fault(&project.findings, &fault, err);
    if (status) {
        return status;
    }
    project.valid = fault.status ? NULL : project.valid;
    *ret_project = project;
    *ret_artifact = artifact;
    return STATUS_OK;
}
