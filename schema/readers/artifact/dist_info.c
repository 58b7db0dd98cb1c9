// SPDX-License-Identifier: MIT
// dist_info.h over the readers that wheels use, with the severity of an installed distribution: what
// does not keep Python from finding the entry points is doubtful, not wrong. Groups that cannot be indexed
// are kept here, with their warning: the host loads them, so a walk lists them.
#include "schema/readers/artifact/dist_info.h"

#include "schema/packaging/version/version.h"
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

// Without METADATA, or with one that cannot be read, there is still a release: its name and version come from
// the directory, and its entry points are what the host will load.
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

// ---- the directory's name ----

// Lower case, "_" for every run of separators: "my-plug-1.0" and "my_plug-1.0" are one.
static const char *squash(struct arena *arena, struct text text) {
    char *squashed = arena_alloc(arena, text.len + 1);
    char *out = squashed;
    for (size_t i = 0; squashed && i < text.len; i++) {
        char c = strchr("-_.+!", text.ptr[i]) ? '_' : to_lower(text.ptr[i]);
        if (c != '_' || out == squashed || out[-1] != '_') {
            *out++ = c;
        }
    }
    if (squashed) {
        *out = '\0';
    }
    return squashed;
}

static bool squash_equal(struct arena *arena, struct text a, const char *b) {
    const char *left = squash(arena, a);
    const char *right = b ? squash(arena, text_from(b)) : NULL;
    return left && right && strcmp(left, right) == 0;
}

static bool is_same_version(struct arena *arena, struct text a, const char *b) {
    const struct version *left;
    const struct version *right;
    return !version_parse(arena, a, &left, NULL) &&
           !version_parse(arena, text_from(b), &right, NULL) && version_compare(left, right) == 0;
}

// The stem of "name-1.0-py3.11.egg-info" without the tags of eggs, or of "name-1.0.dist-info".
// "crm-1.0.dist-info" and "crm-1.0-py3.11.egg-info" both give "crm-1.0".
static struct text stem_of(const char *directory) {
    const char *dot = strrchr(directory, '.');
    struct text stem = {directory, dot ? (size_t)(dot - directory) : strlen(directory)};
    for (size_t i = 0; i + 4 <= stem.len; i++) {
        if (memcmp(stem.ptr + i, "-py", 3) == 0 && is_digit(stem.ptr[i + 3])) {
            stem.len = i;
        }
    }
    return stem;
}

// Whether a directory is called after the release that its METADATA names; the version may be left out.
// "crm_plug-1.0.dist-info" after crm-plug 1.0; "crm_plug.egg-info" after any version; "crm_plug-1.0.0" too,
// because 1.0 and 1.0.0 are one version.
static bool is_named_after(struct arena *arena, const char *directory,
                           const struct release *release) {
    struct text stem = stem_of(directory);
    const char *whole = arena_printf(arena, "%s-%s", release->name, release->version);
    const char *dash = memrchr(stem.ptr, '-', stem.len);
    if (squash_equal(arena, stem, release->name) || squash_equal(arena, stem, whole)) {
        return true;
    }
    struct text name = {stem.ptr, dash ? (size_t)(dash - stem.ptr) : 0};
    struct text version = {dash ? dash + 1 : "", dash ? stem.len - name.len - 1 : 0};
    return squash_equal(arena, name, release->name) &&
           is_same_version(arena, version, release->version);
}

// METADATA is the truth; a directory that says otherwise was renamed, or its METADATA was replaced.
static void check_directory(struct arena *arena, const char *directory,
                            const struct release *release, struct findings *findings) {
    if (release->name && release->version && !is_named_after(arena, directory, release)) {
        findings_add(findings, SEVERITY_WARNING, "directory-differs", directory,
                     "Install the package again",
                     "METADATA says %s %s, but the directory has another name. METADATA is used",
                     release->name, release->version);
    }
}

// Name and version of "name-version.dist-info", as far as they are not known.
// "crm-1.0.dist-info" gives crm and 1.0, "crm.egg-info" only the name.
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

// A file that cannot be parsed hides its entry points from the host too: that is an error. Other faults of the
// file are warnings, as everywhere in an installed distribution.
static void read_entry_points(struct arena *arena, const struct dist_info_files *files,
                              struct findings *findings, struct release *release) {
    struct findings own;
    struct reader reader = {arena, &own, files->directory};
    struct text bytes = {files->entry_points.bytes, files->entry_points.len};
    findings_init(&own, arena);
    metadata_add_entry_points(&reader, "entry_points.txt", bytes, EVERY_GROUP, release);
    bool unreadable = own.count && strcmp(own.items[0].code, "entry-points-unreadable") == 0;
    if (unreadable) {
        const struct finding *item = &own.items[0];
        findings_add(findings, SEVERITY_ERROR, item->code, item->where, item->hint, "%s",
                     item->message);
    } else {
        add_as_warnings(findings, &own);
    }
}

// An empty directory is an error with a release: a walk lists it under its name, so that it can be removed.
enum status dist_info_read(struct arena *arena, const struct dist_info_files *files,
                           struct findings *findings, const struct release **ret_release,
                           struct error *err) {
    size_t errors_before = findings->error_count;
    struct release *release = read_metadata(arena, files, findings);
    if (!release) {
        return fail_no_memory(err);
    }
    check_directory(arena, files->directory, release, findings);
    take_from_directory(arena, files->directory, release);
    release->provenance = (struct provenance){.convention = "dist-info",
                                              .path = arena_strdup(arena, files->directory),
                                              .confidence = "artifact"};
    if (files->entry_points.bytes) {
        read_entry_points(arena, files, findings, release);
    } else if (!files->metadata.bytes) {
        findings_add(findings, SEVERITY_ERROR, "dist-info-empty", files->directory,
                     "Remove the directory, or install the package again",
                     "There is neither METADATA nor entry_points.txt: an uninstallation left this "
                     "directory behind, and Python still counts it as a distribution");
        *ret_release = release;
        return findings_fail(findings, errors_before, err);
    }
    enum status status = findings_fail(findings, errors_before, err);
    *ret_release = status ? NULL : release;
    return status;
}
