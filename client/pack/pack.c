// SPDX-License-Identifier: MIT
// The steps: read the project as `publish` does, find where its directory must lie, list its files, write them and
// the .dist-info directory in the order of their paths, and read the finished wheel with the reader that the
// registry uses. So what `pack` writes, a registry takes, and it gives the release that the directory has.
#include "client/pack/pack.h"

#include "client/pack/build_layout.h"
#include "client/pack/host_package.h"
#include "client/pack/metadata_text.h"
#include "client/pack/plugin_files.h"
#include "client/pack/wheel_zip.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <string.h>

// A project with a build backend must be built by it: the backend may generate code. A directory
// that is already installed has no sources to pack.
enum pack_maker pack_maker_of(const struct project *project) {
    static const struct {
        const char *convention;
        enum pack_maker maker;
    } others[] = {
        {"pyproject", PACK_BY_BACKEND},
        {"mountaineer", PACK_BY_BACKEND},
        {"dist-info", PACK_BY_NONE},
    };
    const char *convention = project->release ? project->release->provenance.convention : NULL;
    for (size_t i = 0; convention && i < COUNT_OF(others); i++) {
        if (strcmp(convention, others[i].convention) == 0) {
            return others[i].maker;
        }
    }
    return convention ? PACK_BY_LAYOUT : PACK_BY_NONE;
}

// ---- where the directory lies in the wheel ----

// The files must lie in the wheel where the entry points import them: for "shop.crm:Plugin" in the
// directory crm that is shop/crm. All entry points must agree on it.
static enum status find_module(struct arena *arena, const struct release *release,
                               const char *directory, const char **ret_module, struct error *err) {
    const char *found = NULL;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const char *value = release->entry_points[i].value;
        struct object_reference reference;
        enum status status = object_reference_parse(text_from(value), &reference, err);
        if (status) {
            return status;
        }
        size_t len = build_layout_length(reference.module, directory);
        if (!len || (found && !text_equals((struct text){reference.module.ptr, len}, found))) {
            return fail(err, STATUS_USAGE, release->provenance.path,
                        "The entry point \"%s\" imports %.*s, which does not lie in the directory "
                        "\"%s\"",
                        release->entry_points[i].name, (int)reference.module.len,
                        reference.module.ptr, directory);
        }
        found = arena_copy(arena, reference.module.ptr, len);
        if (!found) {
            return fail_no_memory(err);
        }
    }
    if (!found) {
        return fail(err, STATUS_USAGE, release->provenance.path,
                    "The plugin has no entry point, so that its place in a wheel is unknown");
    }
    *ret_module = found;
    return STATUS_OK;
}

// "plugins.my_crm" of the directory my-crm -> "plugins/my-crm": the host compares the name of the folder with that of
// the manifest. Arena; NULL when out of memory.
static char *path_of_module(struct arena *arena, const char *module, const char *directory) {
    size_t len = strlen(module) - strlen(directory);
    char *path = arena_printf(arena, "%.*s%s", (int)len, module, directory);
    for (char *c = path; c && *c; c++) {
        *c = *c == '.' ? '/' : *c;
    }
    return path;
}

// "honeyframe-crm" -> "honeyframe_crm": in a file name "-" separates the parts (PEP 427).
static char *escape_name(struct arena *arena, const char *name) {
    char *escaped = arena_strdup(arena, name);
    for (char *c = escaped; c && *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    return escaped;
}

// ---- writing ----

struct wheel_packing {
    struct arena *arena;
    const struct rooted_dir *dir;
    struct wheel_zip *zip;
    const struct valid_release *release;
    const char *folder;    // "plugins/crm"
    const char *dist_info; // "crm-1.0.dist-info"
    struct packed_files files;
};

static enum status add_plugin_file(struct wheel_packing *packing, const struct packed_file *file,
                                   struct error *err) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_UPLOAD_BYTES);
    const char *path = arena_printf(packing->arena, "%s/%s", packing->folder, file->path);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = rooted_dir_load(packing->dir, file->path, &bytes, err);
    if (status) {
        return status;
    }
    struct wheel_zip_file member = {
        path, {bytes.ptr ? bytes.ptr : "", bytes.len}, file->is_executable};
    return wheel_zip_add(packing->zip, &member, err);
}

static void write_wheel(struct buffer *text, const struct valid_release *release) {
    (void)release;
    wheel_text_write(text);
}

// The members of .dist-info; RECORD comes last, from the zip's own list.
static const struct {
    const char *name;
    void (*write)(struct buffer *text, const struct valid_release *release);
} dist_info_files[] = {
    {"METADATA", metadata_text_write},
    {"WHEEL", write_wheel},
    {"entry_points.txt", entry_points_text_write},
};

static enum status add_dist_info(struct wheel_packing *packing, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(dist_info_files); i++) {
        scoped(buffer_done) struct buffer text;
        buffer_init(&text, LIMIT_MEMBER_BYTES);
        dist_info_files[i].write(&text, packing->release);
        const char *path =
            arena_printf(packing->arena, "%s/%s", packing->dist_info, dist_info_files[i].name);
        if (!path || text.failed == STATUS_NO_MEMORY) {
            return fail_no_memory(err);
        }
        if (text.failed) {
            return fail(err, STATUS_TOO_LARGE, path, "The metadata is over %d KiB",
                        LIMIT_MEMBER_BYTES >> 10);
        }
        struct wheel_zip_file member = {path, {text.ptr, text.len}, false};
        enum status status = wheel_zip_add(packing->zip, &member, err);
        if (status) {
            return status;
        }
    }
    return wheel_zip_end(packing->zip, packing->dist_info, err);
}

static enum status write_wheel_file(struct wheel_packing *packing, struct buffer *bytes,
                                    struct error *err) {
    scoped(cleanup_wheel_zip) struct wheel_zip *zip = NULL;
    enum status status = wheel_zip_new(bytes, &zip, err);
    if (status) {
        return status;
    }
    packing->zip = zip;
    for (size_t i = 0; i < packing->files.count; i++) {
        status = add_plugin_file(packing, &packing->files.items[i], err);
        if (status) {
            return status;
        }
    }
    return add_dist_info(packing, err);
}

// ---- the whole ----

// Reads and checks the wheel as a registry does. Findings go to `findings`.
static enum status judge(struct arena *arena, const struct source_file *file,
                         struct findings *findings, struct packed *packed, struct error *err) {
    const struct release *release;
    enum status status = artifact_read(arena, file, findings, &release, &packed->artifact, err);
    if (status) {
        return status;
    }
    return release_check(arena, release, findings, &packed->project.valid, err);
}

// What the registry's reader says of the wheel. A fault that it finds is ours or the plugin's; both must be seen.
static enum status read_back(struct arena *arena, const char *filename, const struct buffer *bytes,
                             struct packed *packed, struct error *err) {
    struct source_file file = {.path = filename, .bytes = bytes->ptr, .len = bytes->len};
    struct error fault = {0};
    struct findings own;
    findings_init(&own, arena);
    enum status status = judge(arena, &file, &own, packed, &fault);
    // The wheel's reader finds again what was found in the directory, whose lines are kept.
    findings_append_new(&packed->project.findings, &own);
    if (status == STATUS_NO_MEMORY || packed->project.findings.no_memory) {
        return fail_no_memory(err);
    }
    if (status) {
        packed->project.valid = NULL;
    }
    if (status && !findings_count(&packed->project.findings, SEVERITY_ERROR)) {
        findings_add_error(&packed->project.findings, "wheel-unreadable", &fault);
    }
    return STATUS_OK;
}

// The wheel is read back as the registry would read it, so that a wheel that would be refused is
// found here.
static enum status pack_opened(struct arena *arena, const struct rooted_dir *dir,
                               struct buffer *bytes, struct packed *packed, struct error *err) {
    const struct valid_release *release = packed->project.valid;
    const char *name = escape_name(arena, release->normalized_name);
    struct wheel_packing packing = {.arena = arena, .dir = dir, .release = release};
    enum status status = find_module(arena, &release->release, dir->name, &packed->module, err);
    if (status) {
        return status;
    }
    status = host_package_check(arena, dir, packed->module, &packed->project.findings, err);
    if (status) {
        return status;
    }
    status = plugin_files_list(arena, dir, &packing.files, err);
    if (status) {
        error_within(err, arena_printf(arena, "%s/", dir->path)); // else it is a path from nowhere
        return status;
    }
    const char *stem =
        name ? arena_printf(arena, "%s-%s", name, release->normalized_version) : NULL;
    const char *filename = stem ? arena_printf(arena, "%s-py3-none-any.whl", stem) : NULL;
    packing.dist_info = stem ? arena_printf(arena, "%s.dist-info", stem) : NULL;
    packing.folder = path_of_module(arena, packed->module, dir->name);
    if (!filename || !packing.dist_info || !packing.folder) {
        return fail_no_memory(err);
    }
    status = write_wheel_file(&packing, bytes, err);
    if (status) {
        return status;
    }
    packed->file_count = packing.files.count;
    packed->left_out = packing.files.left_out;
    return read_back(arena, filename, bytes, packed, err);
}

enum status pack_directory(struct arena *arena, const struct project_query *query,
                           struct buffer *ret_bytes, struct packed *ret_packed, struct error *err) {
    struct packed packed = {0};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    enum status status = project_read(arena, query, &packed.project, err);
    if (status) {
        return status;
    }
    if (pack_maker_of(&packed.project) == PACK_BY_BACKEND) {
        return fail(err, STATUS_USAGE, packed.project.path,
                    "The project has a build backend of its own, which makes its wheel. Build it "
                    "with \"registryctl pack --build\" or \"python3 -m build\"");
    }
    if (packed.project.valid) {
        const char *path = project_directory(arena, packed.project.path);
        status = path ? rooted_dir_open(arena, path, &dir, err) : fail_no_memory(err);
        if (status) {
            return status;
        }
        status = pack_opened(arena, &dir, ret_bytes, &packed, err);
        if (status) {
            return status;
        }
    }
    *ret_packed = packed;
    return STATUS_OK;
}
