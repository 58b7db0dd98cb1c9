// SPDX-License-Identifier: MIT
// From the text of --convention to a convention: a row of the table, or a declaration of the team's own.
// A text with a slash, or one that ends in ".yaml", is the path of a declaration: "auto" and "plugin-meta" are
// rows, "./auto" and "ours.yaml" are files. A wrong declaration is a mistake in the command line, reported
// with its file and line.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <string.h>

static bool is_file_name(const char *name) {
    size_t len = strlen(name);
    return strchr(name, '/') || (len > 5 && strcmp(name + len - 5, ".yaml") == 0);
}

// The path is an argument of the command line, so a file that cannot be read is a usage error.
static enum status fail_declaration(const char *path, const struct error *fault,
                                    struct error *err) {
    if (fault->status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    return fail(err, STATUS_USAGE, path, "The declaration of the convention cannot be read: %s",
                fault->message);
}

// Opens the folder first, so that the file is read below it like every other file of a walk.
static enum status load(struct arena *arena, const char *path, struct buffer *bytes,
                        struct error *err) {
    struct error fault = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    const char *slash = strrchr(path, '/');
    const char *folder =
        slash ? arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
    if (!folder) {
        return fail_no_memory(err);
    }
    enum status status = rooted_dir_open(arena, folder, &dir, &fault);
    if (status) {
        return fail_declaration(path, &fault, err);
    }
    status = rooted_dir_load(&dir, slash ? slash + 1 : path, bytes, &fault);
    return status ? fail_declaration(path, &fault, err) : STATUS_OK;
}

// A convention that a host wrote down in YAML. Its faults are those of the command line, so they are
// USAGE and not findings of a plugin.
static enum status load_declared(struct arena *arena, const char *path,
                                 const struct convention **ret_convention, struct error *err) {
    struct error fault = {0};
    struct findings findings;
    const struct declared *declared = NULL;
    scoped(buffer_done) struct buffer bytes;
    findings_init(&findings, arena);
    buffer_init(&bytes, LIMIT_YAML_BYTES);
    enum status status = load(arena, path, &bytes, err);
    if (status) {
        return status;
    }
    struct source_file file = {path, bytes.ptr ? bytes.ptr : "", bytes.len};
    status = declared_parse(arena, &file, &findings, &declared, &fault);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, STATUS_USAGE, fault.where, "%s", fault.message);
    }
    *ret_convention = status ? NULL : convention_declare(arena, declared);
    return *ret_convention ? STATUS_OK : fail_no_memory(err);
}

static enum status fail_unknown(const char *name, struct error *err) {
    scoped(buffer_done) struct buffer known;
    buffer_init(&known, sizeof err->message);
    for (size_t i = 0; convention_at(i); i++) {
        buffer_printf(&known, ", %s", convention_at(i)->name);
    }
    return fail(
        err, STATUS_USAGE, NULL,
        "There is no convention \"%s\"; known are auto%s; a declaration's name ends in .yaml", name,
        known.ptr ? known.ptr : "");
}

enum status convention_choose(struct arena *arena, const char *name,
                              const struct convention **ret_convention, struct error *err) {
    *ret_convention = NULL;
    if (!name || strcmp(name, "auto") == 0) {
        return STATUS_OK;
    }
    if (is_file_name(name)) {
        return load_declared(arena, name, ret_convention, err);
    }
    *ret_convention = convention_find(name);
    return *ret_convention ? STATUS_OK : fail_unknown(name, err);
}
