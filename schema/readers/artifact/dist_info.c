// SPDX-License-Identifier: MIT
// dist_info.h over the readers that wheels use, with the severity of an installed distribution: what
// does not keep Python from finding the entry points is doubtful, not wrong.
#include "schema/readers/artifact/dist_info.h"

#include "schema/readers/artifact/metadata_release.h"

#include <string.h>

// Findings of a reader that were errors there become warnings here.
static void add_as_warnings(struct findings *findings, const struct findings *read) {
    for (size_t i = 0; i < read->count; i++) {
        const struct finding *item = &read->items[i];
        findings_add(findings, SEVERITY_WARNING, item->code, item->where, item->hint, "%s",
                     item->message);
    }
    findings->no_memory |= read->no_memory;
}

static struct release *read_metadata(struct arena *arena, const struct dist_info_files *files,
                                     struct findings *findings) {
    struct findings own;
    struct reader reader = {arena, &own, files->directory};
    const struct core_metadata *metadata = NULL;
    const char *path = files->metadata.path;
    findings_init(&own, arena);
    if (files->metadata.bytes) {
        struct text bytes = {files->metadata.bytes, files->metadata.len};
        const char *slash = strrchr(path, '/');
        metadata = metadata_read(&reader, slash ? slash + 1 : path, bytes);
    }
    struct release *release =
        metadata ? metadata_release(&reader, path, metadata) : arena_alloc(arena, sizeof *release);
    add_as_warnings(findings, &own);
    return release;
}

// Name and version of "name-version.dist-info", as far as they are not known.
static void take_from_directory(struct arena *arena, const char *directory,
                                struct release *release) {
    const char *dot = strrchr(directory, '.');
    struct text rest = {directory, dot ? (size_t)(dot - directory) : strlen(directory)};
    struct text part;
    for (int i = 0; i < 2 && text_split(&rest, '-', &part); i++) {
        const char **member = i ? &release->version : &release->name;
        if (!*member && part.len) {
            *member = arena_copy(arena, part.ptr, part.len);
        }
    }
}

static void read_entry_points(struct arena *arena, const struct dist_info_files *files,
                              struct findings *findings, struct release *release) {
    struct findings own;
    struct reader reader = {arena, &own, files->directory};
    struct text bytes = {files->entry_points.bytes, files->entry_points.len};
    findings_init(&own, arena);
    metadata_add_entry_points(&reader, "entry_points.txt", bytes, release);
    bool unreadable = own.count && strcmp(own.items[0].code, "entry-points-unreadable") == 0;
    if (unreadable) {
        const struct finding *item = &own.items[0];
        findings_add(findings, SEVERITY_ERROR, item->code, item->where, item->hint, "%s",
                     item->message);
    } else {
        add_as_warnings(findings, &own);
    }
}

enum status dist_info_read(struct arena *arena, const struct dist_info_files *files,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err) {
    size_t errors_before = findings->error_count;
    struct release *release = read_metadata(arena, files, findings);
    if (!release) {
        return fail_no_memory(err);
    }
    take_from_directory(arena, files->directory, release);
    release->provenance = (struct provenance){.convention = "dist-info",
                                              .path = arena_strdup(arena, files->directory),
                                              .confidence = "artifact"};
    if (files->entry_points.bytes) {
        read_entry_points(arena, files, findings, release);
    } else if (!files->metadata.bytes) {
        findings_add(findings, SEVERITY_ERROR, "dist-info-empty", files->directory,
                     "Remove the directory, or install the package again",
                     "There is neither METADATA nor entry_points.txt; Python finds a distribution "
                     "without entry points here, and it may hide another version of the package");
    }
    enum status status = findings_fail(findings, errors_before, err);
    *ret_release = status ? NULL : release;
    return status;
}
