// SPDX-License-Identifier: MIT
// A wheel: framing, the one .dist-info directory, METADATA, WHEEL, RECORD, entry_points.txt. The file
// name, the directory and the metadata must tell the same package and version. Only these members are
// inflated; for the rest RECORD and the directory of the zip must agree in names and sizes.
//
//     crm-1.0-py3-none-any.whl
//         crm/__init__.py                    not inflated
//         crm/plugin.yaml                    inflated when an entry point of a convention needs it
//         crm-1.0.dist-info/METADATA         name, version, requirements
//         crm-1.0.dist-info/WHEEL            Wheel-Version and the tags, as in the file name
//         crm-1.0.dist-info/RECORD           path, digest and size of every member
//         crm-1.0.dist-info/entry_points.txt
#include "schema/readers/artifact/artifact.h"
#include "schema/readers/artifact/artifact_kinds.h"
#include "schema/readers/artifact/metadata_release.h"
#include "schema/readers/artifact/wheel_entries.h"
#include "schema/readers/artifact/wheel_manifest.h"
#include "schema/readers/artifact/wheel_paths.h"
#include "schema/readers/artifact/wheel_record.h"
#include "schema/readers/archive/zip.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/packaging/wheel_name.h"

#include <string.h>

enum { GENERATOR_BYTES = 200 }; // more is no name of a program

enum { METADATA_FILE, WHEEL_FILE, RECORD_FILE, ENTRY_POINTS_FILE, FILE_COUNT };

struct wheel {
    struct reader *reader;
    const struct wheel_name *name; // of the file, taken apart
    struct archive_members members;
    const char *dist_info; // "crm-1.0.dist-info"
    struct archive_selection files[FILE_COUNT];
};

// The length of the first part of a path when it is a directory that ends in .dist-info.
static size_t dist_info_length(const char *path) {
    static const char ending[] = ".dist-info";
    size_t len = strcspn(path, "/");
    bool is_one = path[len] == '/' && len > sizeof ending - 1 &&
                  strncmp(path + len - (sizeof ending - 1), ending, sizeof ending - 1) == 0;
    return is_one ? len : 0;
}

// Exactly one: pip refuses a wheel with several, too.
static bool find_dist_info(struct wheel *wheel) {
    const char *found = NULL;
    size_t found_len = 0;
    for (size_t i = 0; i < wheel->members.count; i++) {
        const char *path = wheel->members.items[i].name;
        size_t len = dist_info_length(path);
        if (len && found && (len != found_len || strncmp(found, path, len) != 0)) {
            return reader_add_member(wheel->reader, "wheel-dist-info-several", path,
                                     "The wheel has more than one .dist-info directory");
        }
        found = len ? path : found;
        found_len = len ? len : found_len;
    }
    if (!found) {
        return reader_add_member(wheel->reader, "wheel-dist-info-missing", NULL,
                                 "The wheel has no .dist-info directory");
    }
    wheel->dist_info = arena_copy(wheel->reader->arena, found, found_len);
    wheel->reader->findings->no_memory |= !wheel->dist_info;
    return wheel->dist_info;
}

// The directory is called name-version.dist-info; other spellings of the same are taken.
static bool check_dist_info(struct wheel *wheel) {
    struct arena *arena = wheel->reader->arena;
    size_t len = strlen(wheel->dist_info) - strlen(".dist-info");
    const char *dash = memrchr(wheel->dist_info, '-', len);
    size_t name_len = dash ? (size_t)(dash - wheel->dist_info) : 0;
    struct text version_text = {dash ? dash + 1 : "", dash ? len - name_len - 1 : 0};
    const char *name;
    const struct version *version;
    bool good = dash &&
                !name_normalize(arena, (struct text){wheel->dist_info, name_len}, &name, NULL) &&
                !version_parse(arena, version_text, &version, NULL) &&
                strcmp(name, wheel->name->normalized_name) == 0 &&
                version_compare(version, wheel->name->version) == 0;
    return good || reader_add_member(
                       wheel->reader, "wheel-dist-info-mismatch", wheel->dist_info,
                       "The name and version of the directory differ from those of the file name");
}

// The members every wheel has are looked up before anything is inflated. Each has a limit of its own: WHEEL is
// a few lines, RECORD grows with the wheel.
static bool load_files(struct wheel *wheel) {
    static const struct {
        const char *name;
        size_t max_bytes;
        bool required;
    } files[FILE_COUNT] = {
        [METADATA_FILE] = {"METADATA", LIMIT_MEMBER_BYTES, true},
        [WHEEL_FILE] = {"WHEEL", LIMIT_PAX_BYTES, true},
        [RECORD_FILE] = {"RECORD", LIMIT_RECORD_BYTES, true},
        [ENTRY_POINTS_FILE] = {"entry_points.txt", LIMIT_MEMBER_BYTES, false},
    };
    for (size_t i = 0; i < FILE_COUNT; i++) {
        const char *path =
            arena_printf(wheel->reader->arena, "%s/%s", wheel->dist_info, files[i].name);
        if (!path) {
            wheel->reader->findings->no_memory = true;
            return false;
        }
        wheel->files[i] = (struct archive_selection){path, files[i].max_bytes, {NULL, 0}};
        const struct archive_member *member = archive_members_find(&wheel->members, path);
        if (files[i].required && (!member || !member->is_file)) {
            return reader_add_member(wheel->reader, "wheel-file-missing", path,
                                     "Every wheel has this file");
        }
    }
    return zip_load(wheel->reader, &wheel->members, wheel->files, FILE_COUNT);
}

// The tags of the file's name, one by one.
static struct strings expand_tags(struct reader *reader, const struct wheel_name *name) {
    size_t room = name->pythons.count * name->abis.count * name->platforms.count;
    struct strings tags = {reader_array(reader, room, sizeof *tags.items), 0};
    for (size_t i = 0; tags.items && i < room; i++) {
        size_t rest = i / name->platforms.count;
        const char *tag =
            arena_printf(reader->arena, "%s-%s-%s", name->pythons.items[rest / name->abis.count],
                         name->abis.items[rest % name->abis.count],
                         name->platforms.items[i % name->platforms.count]);
        reader->findings->no_memory |= !tag;
        tags.items[tags.count++] = tag;
    }
    return tags;
}

// Tags are compared without regard to case, as file names are on some systems.
static bool has_tag(const struct strings *tags, struct text tag) {
    for (size_t i = 0; i < tags->count; i++) {
        size_t len = tags->items[i] ? strlen(tags->items[i]) : 0;
        if (len == tag.len && strncasecmp(tags->items[i], tag.ptr, len) == 0) {
            return true;
        }
    }
    return false;
}

// The standard: an installer fails at a greater major version and warns of a greater minor one. The warning is
// left to the installer.
static void check_wheel_version(struct wheel *wheel, struct text value) {
    const char *member = wheel->files[WHEEL_FILE].name;
    if (!value.len || !is_digit(value.ptr[0])) {
        reader_add_member(wheel->reader, "wheel-version-missing", member,
                          "WHEEL has no Wheel-Version");
    } else if (value.ptr[0] != '1' || (value.len > 1 && value.ptr[1] != '.')) {
        reader_add_member(wheel->reader, "wheel-version-unknown", member,
                          "Wheel-Version %.*s is not supported",
                          (int)(value.len > 20 ? 20 : value.len), value.ptr);
    }
}

static bool is_key(struct text key, const char *name) {
    return key.len == strlen(name) && strncasecmp(key.ptr, name, key.len) == 0;
}

// WHEEL: its version must be 1.x, its tags those of the file's name.
static void check_wheel_file(struct wheel *wheel, struct artifact *artifact) {
    const struct strings *tags = &artifact->tags;
    struct text rest = wheel->files[WHEEL_FILE].bytes;
    struct text line;
    struct text version = {"", 0};
    struct text generator = {"", 0};
    size_t agreeing = 0;
    size_t count = 0;
    while (text_split(&rest, '\n', &line)) {
        struct text key = {0};
        text_split(&line, ':', &key);
        struct text value = line.ptr ? text_trim(line) : (struct text){"", 0};
        if (is_key(key, "Wheel-Version")) {
            version = value;
        } else if (is_key(key, "Generator")) {
            generator = value;
        } else if (is_key(key, "Tag")) {
            count++;
            agreeing += has_tag(tags, value);
        }
    }
    if (generator.len && generator.len <= GENERATOR_BYTES &&
        utf8_is_valid(generator.ptr, generator.len)) {
        artifact->generator = arena_copy(wheel->reader->arena, generator.ptr, generator.len);
        wheel->reader->findings->no_memory |= !artifact->generator;
    }
    check_wheel_version(wheel, version);
    if (count != tags->count || agreeing != count) {
        findings_add(wheel->reader->findings, SEVERITY_WARNING, "wheel-tags-mismatch",
                     arena_printf(wheel->reader->arena, "%s: %s", wheel->reader->path,
                                  wheel->files[WHEEL_FILE].name),
                     "Rename the wheel with \"wheel tags\", which changes both",
                     "The tags in WHEEL differ from the tags in the file name");
    }
}

// The registry serves METADATA as it is (PEP 658), so the artifact keeps the bytes, not what was
// read of them.
static struct release *make_release(struct wheel *wheel, struct artifact *artifact) {
    const struct archive_selection *file = &wheel->files[METADATA_FILE];
    const struct archive_selection *entries = &wheel->files[ENTRY_POINTS_FILE];
    const struct core_metadata *metadata = artifact_metadata_read(
        wheel->reader, file, wheel->name->normalized_name, wheel->name->version);
    if (!metadata) {
        return NULL;
    }
    struct release *release = metadata_release(wheel->reader, file->name, metadata);
    if (release && entries->bytes.ptr) {
        metadata_add_entry_points(wheel->reader, entries->name, entries->bytes, INDEXED_GROUPS,
                                  release);
        wheel_manifest_add(wheel->reader, &wheel->members, release);
        wheel_entries_check(wheel->reader, &wheel->members, release);
    }
    artifact->metadata = file->bytes.ptr;
    artifact->metadata_len = file->bytes.len;
    artifact->folders = wheel_paths_list(
        wheel->reader, &wheel->members,
        (struct text){wheel->dist_info, strlen(wheel->dist_info) - strlen(".dist-info")});
    return release;
}

// From the outside in: the file's name, the framing of the archive, the one .dist-info folder,
// its files, and then what they say of each other.
struct release *wheel_read(struct reader *reader, struct text bytes, const char *filename,
                           struct artifact *artifact) {
    struct wheel wheel = {.reader = reader};
    struct error err;
    enum status status = wheel_name_parse(reader->arena, text_from(filename), &wheel.name, &err);
    if (status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
        return NULL;
    }
    if (status) {
        reader_add_member(reader, "artifact-name-invalid", NULL, "%s", err.message);
        return NULL;
    }
    artifact->tags = expand_tags(reader, wheel.name);
    if (!artifact->tags.items || !zip_framing_read(reader, bytes, &wheel.members) ||
        !find_dist_info(&wheel) || !check_dist_info(&wheel) || !load_files(&wheel)) {
        return NULL;
    }
    check_wheel_file(&wheel, artifact);
    wheel_record_check(reader, wheel.files[RECORD_FILE].name, wheel.files[RECORD_FILE].bytes,
                       &wheel.members, wheel.files, FILE_COUNT);
    return make_release(&wheel, artifact);
}
