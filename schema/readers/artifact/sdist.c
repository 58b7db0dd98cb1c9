// SPDX-License-Identifier: MIT
// A source distribution: framing, the one top directory, PKG-INFO. Its entry points are what its own
// pyproject.toml declares, else what setuptools left in an .egg-info; a build could still change them,
// which is why a wheel is the better source.
//
// PKG-INFO is the truth since Metadata-Version 2.2 (PEP 643), except for fields that it lists as Dynamic: older
// back ends left requirements out, so those of pyproject.toml are taken then.
#include "schema/readers/archive/archive.h"
#include "schema/readers/artifact/artifact.h"
#include "schema/readers/artifact/artifact_kinds.h"
#include "schema/readers/artifact/metadata_release.h"
#include "schema/readers/archive/tar.h"
#include "schema/readers/archive/zip.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/packaging/wheel_name.h"
#include "schema/base/text.h"

#include <string.h>

enum { PKG_INFO_FILE, PYPROJECT_FILE, ENTRY_POINTS_FILE, FILE_COUNT };

struct sdist {
    struct reader *reader;
    const struct sdist_name *name; // of the file, taken apart
    struct archive_members members;
    bool is_zip;     // else a .tar.gz
    const char *top; // "crm-1.0"
    struct archive_selection files[FILE_COUNT];
};

// The one directory everything lies in, called like the file.
// crm-1.0.tar.gz holds crm-1.0/ and nothing beside it. The directory's name is parsed as a file name, so that
// crm_plug-1.0 and crm-plug-1.0 are the same.
static bool find_top(struct sdist *sdist) {
    struct reader *reader = sdist->reader;
    const char *first = sdist->members.count ? sdist->members.items[0].name : "";
    size_t len = strcspn(first, "/");
    bool one = first[len] == '/';
    for (size_t i = 0; i < sdist->members.count; i++) {
        one = one && strncmp(sdist->members.items[i].name, first, len + 1) == 0;
    }
    if (!one) {
        return reader_add_member(reader, "sdist-top-directory", NULL,
                                 "The archive has members outside its top directory");
    }
    sdist->top = arena_copy(reader->arena, first, len);
    const char *pretended = arena_printf(reader->arena, "%.*s.tar.gz", (int)len, first);
    if (!sdist->top || !pretended) {
        reader->findings->no_memory = true;
        return false;
    }
    const struct sdist_name *named;
    bool same = !sdist_name_parse(reader->arena, text_from(pretended), &named, NULL) &&
                strcmp(named->normalized_name, sdist->name->normalized_name) == 0 &&
                version_compare(named->version, sdist->name->version) == 0;
    return same ||
           reader_add_member(reader, "sdist-top-directory", sdist->top,
                             "The name of the top directory differs from the name of the file");
}

// TOP/[src/]NAME.egg-info/entry_points.txt, when there is exactly one. "" when not.
// Two .egg-info directories would say two things, and then neither counts.
static const char *find_egg_entry_points(const struct sdist *sdist) {
    const char *found = "";
    size_t count = 0;
    size_t top = strlen(sdist->top) + 1;
    for (size_t i = 0; i < sdist->members.count; i++) {
        const struct archive_member *member = &sdist->members.items[i];
        const char *inner = member->name + top;
        inner += strncmp(inner, "src/", 4) == 0 ? 4 : 0;
        const char *slash = strchr(inner, '/');
        if (member->is_file && slash &&
            text_ends_with(text_from(member->name), ".egg-info/entry_points.txt") &&
            !strchr(slash + 1, '/')) {
            found = member->name;
            count++;
        }
    }
    return count == 1 ? found : "";
}

// A zip is loaded by our own reader, a tar by libarchive; what is missing has no bytes.
static bool load_files(struct sdist *sdist, struct text bytes) {
    struct arena *arena = sdist->reader->arena;
    sdist->files[PKG_INFO_FILE].name = arena_printf(arena, "%s/PKG-INFO", sdist->top);
    sdist->files[PYPROJECT_FILE].name = arena_printf(arena, "%s/pyproject.toml", sdist->top);
    sdist->files[ENTRY_POINTS_FILE].name = find_egg_entry_points(sdist);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        sdist->files[i].max_bytes = LIMIT_MEMBER_BYTES;
        if (!sdist->files[i].name) {
            sdist->reader->findings->no_memory = true;
            return false;
        }
    }
    bool loaded = sdist->is_zip ? zip_load(sdist->reader, &sdist->members, sdist->files, FILE_COUNT)
                                : archive_load(sdist->reader, bytes, &sdist->members, sdist->files,
                                               FILE_COUNT);
    if (!loaded) {
        return false;
    }
    return sdist->files[PKG_INFO_FILE].bytes.ptr ||
           reader_add_member(sdist->reader, "sdist-metadata-missing",
                             sdist->files[PKG_INFO_FILE].name, "Every sdist has this file");
}

// PKG-INFO is the truth since metadata 2.2, but for what it calls dynamic.
static bool is_truth(const struct core_metadata *metadata) {
    const char *version = core_metadata_find(metadata, METADATA_METADATA_VERSION);
    bool since =
        version && (version[0] > '2' || (strncmp(version, "2.", 2) == 0 && version[2] >= '2'));
    return since && !metadata->values[METADATA_DYNAMIC].count;
}

// What is wrong with the entry points of its pyproject.toml is wrong with the release; the rest of that
// file is not what PKG-INFO was made from. A group that cannot be indexed is left out, as in a wheel.
static void take_faults(struct sdist *sdist, const struct findings *declared) {
    struct findings *findings = sdist->reader->findings;
    for (size_t i = 0; i < declared->count; i++) {
        const struct finding *item = &declared->items[i];
        bool is_group = strcmp(item->code, "entry-point-group-invalid") == 0;
        if (is_group || strncmp(item->code, "entry-point-", 12) == 0 ||
            strncmp(item->code, "script-", 7) == 0) {
            const char *where = arena_printf(sdist->reader->arena, "%s: %s", sdist->reader->path,
                                             item->where ? item->where : "");
            findings_add(findings, is_group ? SEVERITY_WARNING : item->severity,
                         is_group ? "group-not-indexed" : item->code, where, item->hint, "%s",
                         item->message);
        }
    }
    findings->no_memory |= declared->no_memory;
}

// The entry points its own pyproject.toml declares, and the requirements where PKG-INFO is not the
// truth: setuptools before 68 left them out. True when there are entry points.
static bool take_declared(struct sdist *sdist, struct release *release) {
    const struct archive_selection *file = &sdist->files[PYPROJECT_FILE];
    const struct source_file source = {file->name, file->bytes.ptr, file->bytes.len};
    const struct release *declared = NULL;
    const char *readme_path;
    struct findings findings;
    findings_init(&findings, sdist->reader->arena);
    if (!file->bytes.ptr) {
        return false;
    }
    pyproject_read(&source, NULL, &findings, &declared, &readme_path, NULL);
    take_faults(sdist, &findings);
    if (!declared || strcmp(declared->provenance.confidence, "declared") != 0) {
        return false;
    }
    if (!release->requires_dist.count && strcmp(release->provenance.confidence, "derived") == 0) {
        release->requires_dist = declared->requires_dist;
    }
    release->entry_points = declared->entry_points;
    release->entry_point_count = declared->entry_point_count;
    return declared->entry_point_count > 0;
}

// Declared entry points first, those of setuptools' directory only without them: the latter may be left over
// from an older build.
static struct release *make_release(struct sdist *sdist, struct artifact *artifact) {
    const struct archive_selection *file = &sdist->files[PKG_INFO_FILE];
    const struct archive_selection *entries = &sdist->files[ENTRY_POINTS_FILE];
    const struct core_metadata *metadata = artifact_metadata_read(
        sdist->reader, file, sdist->name->normalized_name, sdist->name->version);
    if (!metadata) {
        return NULL;
    }
    struct release *release = metadata_release(sdist->reader, file->name, metadata);
    if (!release) {
        return NULL;
    }
    release->provenance.confidence = is_truth(metadata) ? "artifact" : "derived";
    if (!take_declared(sdist, release) && entries->bytes.ptr) {
        metadata_add_entry_points(sdist->reader, entries->name, entries->bytes, INDEXED_GROUPS,
                                  release);
    }
    artifact->metadata = file->bytes.ptr;
    artifact->metadata_len = file->bytes.len;
    return release;
}

// PEP 625 names .tar.gz only; .zip was allowed before and old projects still upload it.
struct release *sdist_read(struct reader *reader, struct text bytes, const char *filename,
                           struct artifact *artifact) {
    struct sdist sdist = {.reader = reader, .is_zip = text_ends_with(text_from(filename), ".zip")};
    struct error err;
    enum status status = sdist_name_parse(reader->arena, text_from(filename), &sdist.name, &err);
    if (status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
        return NULL;
    }
    if (status) {
        reader_add_member(reader, "artifact-name-invalid", NULL, "%s", err.message);
        return NULL;
    }
    bool framed = sdist.is_zip ? zip_framing_read(reader, bytes, &sdist.members)
                               : tar_framing_read(reader, bytes, &sdist.members);
    if (!framed || !find_top(&sdist) || !load_files(&sdist, bytes)) {
        return NULL;
    }
    return make_release(&sdist, artifact);
}
