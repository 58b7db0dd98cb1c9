// SPDX-License-Identifier: MIT
// The only file that sees libarchive. Formats and filters are named one by one, because most of its
// faults were in those nobody asked for.
#include "schema/reading/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

CLEANUP_DEFINE(struct archive *, cleanup_archive, archive_read_free)

enum { BLOCK_BYTES = 64 * 1024 };

struct archive_gzip {
    struct archive *archive;
};

static bool open_bytes(struct archive *archive, struct text bytes) {
    return archive_read_open_memory(archive, bytes.ptr, bytes.len) == ARCHIVE_OK;
}

static bool set_format(struct archive *archive, enum archive_format format) {
    if (format == ARCHIVE_ZIP) {
        return archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK;
    }
    return archive_read_append_filter(archive, ARCHIVE_FILTER_GZIP) == ARCHIVE_OK &&
           archive_read_support_format_tar(archive) == ARCHIVE_OK;
}

struct archive_gzip *archive_gzip_open(struct text bytes, bool *ret_damaged) {
    scoped(cleanup_archive) struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    *ret_damaged = false;
    if (!archive || archive_read_append_filter(archive, ARCHIVE_FILTER_GZIP) != ARCHIVE_OK ||
        archive_read_support_format_raw(archive) != ARCHIVE_OK) {
        return NULL;
    }
    *ret_damaged =
        !open_bytes(archive, bytes) || archive_read_next_header(archive, &entry) != ARCHIVE_OK;
    struct archive_gzip *gzip = *ret_damaged ? NULL : malloc(sizeof *gzip);
    if (gzip) {
        gzip->archive = take(archive);
    }
    return gzip;
}

void archive_gzip_close(struct archive_gzip *gzip) {
    archive_read_free(gzip->archive);
    free(gzip);
}

long archive_gzip_read(struct archive_gzip *gzip, void *buffer, size_t size) {
    la_ssize_t got = archive_read_data(gzip->archive, buffer, size);
    return got < 0 ? -1 : (long)got;
}

static const char *path_of(struct archive_entry *entry) {
    const char *path = archive_entry_pathname_utf8(entry);
    return path ? path : archive_entry_pathname(entry);
}

static struct archive_wish *find_wish(struct archive_wish *wishes, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(wishes[i].name, name) == 0) {
            return &wishes[i];
        }
    }
    return NULL;
}

// The member's bytes, exactly as many as it says.
static bool load_member(struct reading *reading, struct archive *archive,
                        const struct archive_member *member, struct archive_wish *wish) {
    if (member->size > wish->max_bytes) {
        return reading_add_member(reading, "member-too-large", member->name,
                                  "The member has %zu bytes; at most %zu are read", member->size,
                                  wish->max_bytes);
    }
    char *bytes = arena_alloc(reading->arena, member->size + 1);
    if (!bytes) {
        reading->findings->no_memory = true;
        return false;
    }
    size_t len = 0;
    la_ssize_t got = 1;
    while (got > 0 && len <= member->size) {
        got = archive_read_data(archive, bytes + len, member->size + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0 || len != member->size) {
        return reading_add_member(reading, "member-damaged", member->name,
                                  "The member cannot be inflated to the size it says");
    }
    bytes[len] = '\0';
    wish->bytes = (struct text){bytes, len};
    return true;
}

static bool check_crc(struct reading *reading, const struct archive_member *member,
                      const struct archive_wish *wish) {
    if (archive_crc32(0, wish->bytes.ptr, wish->bytes.len) != member->crc) {
        return reading_add_member(reading, "member-damaged", member->name,
                                  "The member's bytes do not have the checksum it says");
    }
    return true;
}

// What libarchive calls a member, without the '/' a directory may have.
static const struct archive_member *
find_member(struct reading *reading, const struct archive_members *members, const char *path) {
    const struct archive_member *member = archive_members_find(members, path);
    if (!member) {
        const char *directory = arena_printf(reading->arena, "%s/", path);
        member = directory ? archive_members_find(members, directory) : NULL;
    }
    return member;
}

static bool is_ascii(const char *text) {
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

// libarchive turns names into the locale's encoding, and a process that never sets one can read only
// ASCII: such a member is passed over, as long as the framing has one that is not ASCII in its stead.
static bool has_unnamed(const struct archive_members *members, size_t unnamed) {
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++) {
        count += !is_ascii(members->items[i].name);
    }
    return unnamed <= count;
}

static bool take_entry(struct reading *reading, struct archive *archive,
                       struct archive_entry *entry, const struct archive_members *members,
                       struct archive_wish *wishes, size_t wish_count) {
    const char *path = path_of(entry);
    const struct archive_member *member = find_member(reading, members, path);
    if (!member || (member->is_file && archive_entry_size(entry) != (la_int64_t)member->size)) {
        return reading_add_member(reading, "archive-readers-disagree", path,
                                  "Two readers of the archive see different members");
    }
    struct archive_wish *wish = find_wish(wishes, wish_count, member->name);
    if (!wish || !member->is_file) {
        return true;
    }
    return load_member(reading, archive, member, wish) &&
           (archive_format(archive) != ARCHIVE_FORMAT_ZIP || check_crc(reading, member, wish));
}

bool archive_load(struct reading *reading, struct text bytes, enum archive_format format,
                  const struct archive_members *members, struct archive_wish *wishes,
                  size_t wish_count) {
    scoped(cleanup_archive) struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    size_t count = 0;
    size_t unnamed = 0;
    if (!archive) {
        reading->findings->no_memory = true;
        return false;
    }
    int result =
        set_format(archive, format) && open_bytes(archive, bytes) ? ARCHIVE_OK : ARCHIVE_FATAL;
    while (result == ARCHIVE_OK &&
           (result = archive_read_next_header(archive, &entry)) <= ARCHIVE_OK &&
           result >= ARCHIVE_WARN) {
        count++;
        unnamed += !path_of(entry);
        if (path_of(entry) && !take_entry(reading, archive, entry, members, wishes, wish_count)) {
            return false;
        }
        result = ARCHIVE_OK;
    }
    if (result != ARCHIVE_EOF || count != members->count || !has_unnamed(members, unnamed)) {
        return reading_add_member(reading, "archive-readers-disagree", NULL,
                                  "Two readers of the archive see different members");
    }
    return true;
}
