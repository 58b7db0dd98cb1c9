// SPDX-License-Identifier: MIT
// The only file that sees libarchive. Formats and filters are named one by one, because most of its
// faults were in those nobody asked for.
#include "schema/readers/archive/archive.h"

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
static bool load_member(struct reader *reader, struct archive *archive,
                        const struct archive_member *member, struct archive_wish *wish) {
    char *bytes = archive_member_room(reader, member, wish->max_bytes);
    if (!bytes) {
        return false;
    }
    size_t len = 0;
    la_ssize_t got = 1;
    while (got > 0 && len <= member->size) {
        got = archive_read_data(archive, bytes + len, member->size + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0 || len != member->size) {
        return reader_add_member(reader, "member-damaged", member->name,
                                 "The member does not inflate to its stated size");
    }
    bytes[len] = '\0';
    wish->bytes = (struct text){bytes, len};
    return true;
}

// What libarchive calls a member, without the '/' a directory may have.
static const struct archive_member *
find_member(struct reader *reader, const struct archive_members *members, const char *path) {
    const struct archive_member *member = archive_members_find(members, path);
    if (!member) {
        const char *directory = arena_printf(reader->arena, "%s/", path);
        member = directory ? archive_members_find(members, directory) : NULL;
    }
    return member;
}

static bool take_entry(struct reader *reader, struct archive *archive, struct archive_entry *entry,
                       const struct archive_members *members, struct archive_wish *wishes,
                       size_t wish_count) {
    const char *path = path_of(entry);
    const struct archive_member *member = path ? find_member(reader, members, path) : NULL;
    if (!member || (member->is_file && archive_entry_size(entry) != (la_int64_t)member->size)) {
        return reader_add_member(reader, "archive-readers-disagree", path,
                                 "Two archive readers see different members");
    }
    struct archive_wish *wish = find_wish(wishes, wish_count, member->name);
    return !wish || !member->is_file || load_member(reader, archive, member, wish);
}

bool archive_load(struct reader *reader, struct text bytes, const struct archive_members *members,
                  struct archive_wish *wishes, size_t wish_count) {
    scoped(cleanup_archive) struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    size_t count = 0;
    if (!archive) {
        reader->findings->no_memory = true;
        return false;
    }
    bool opened = archive_read_append_filter(archive, ARCHIVE_FILTER_GZIP) == ARCHIVE_OK &&
                  archive_read_support_format_tar(archive) == ARCHIVE_OK &&
                  open_bytes(archive, bytes);
    int result = opened ? archive_read_next_header(archive, &entry) : ARCHIVE_FATAL;
    while (result == ARCHIVE_OK || result == ARCHIVE_WARN) {
        count++;
        if (!take_entry(reader, archive, entry, members, wishes, wish_count)) {
            return false;
        }
        result = archive_read_next_header(archive, &entry);
    }
    if (result != ARCHIVE_EOF || count != members->count) {
        return reader_add_member(reader, "archive-readers-disagree", NULL,
                                 "Two archive readers see different members");
    }
    return true;
}
