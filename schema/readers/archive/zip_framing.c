// SPDX-License-Identifier: MIT
// Walks the central directory of a zip, holds every record against its local header, and then the
// local entries against each other. Nothing is inflated here.
#include "schema/readers/archive/zip_framing.h"

#include "schema/base/limits.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_DESCRIPTOR = 1 << 3,
    FLAG_STRONG_ENCRYPTION = 1 << 6,
    FLAG_UTF8 = 1 << 11,
    FLAG_MASKED = 1 << 13,
    FLAGS_KNOWN = 1 << 1 | 1 << 2 | FLAG_UTF8, // the first two tell how hard deflate tried
    EXTRA_ZIP64 = 0x0001,
    EXTRA_UNICODE_COMMENT = 0x6375,
    EXTRA_UNICODE_PATH = 0x7075,
    EXTRA_AES = 0x9901,
    MODE_TYPE = 0170000,
    MODE_DIRECTORY = 0040000,
    MODE_FILE = 0100000,
    MODE_LINK = 0120000,
    VERSION_LIMIT = 63, // of the format; Python reads no newer one
};

// What local header and central record must agree on.
struct header {
    unsigned flags;
    unsigned method;
    uint32_t crc;
    uint32_t stored_size;
    uint32_t size;
    struct text name;
    struct text extra;
};

struct entry {
    uint32_t start; // of its local header
    uint32_t end;   // behind its bytes
    const char *name;
    struct archive_member *member;
};

struct walk {
    struct reader *reader;
    struct text bytes;
    size_t central_start;
    size_t central_size;
    size_t at; // in the central directory
    struct archive_members members;
    struct entry *entries;
    uint64_t total_size;
};

static unsigned read16(const char *p) {
    const uint8_t *b = (const uint8_t *)p;
    return b[0] | (unsigned)b[1] << 8;
}

static uint32_t read32(const char *p) {
    return read16(p) | (uint32_t)read16(p + 2) << 16;
}

// No end record at the end: is there one elsewhere?
static bool tell_no_end(struct walk *walk) {
    enum { COMMENT_ROOM = 65535 };
    const struct text bytes = walk->bytes;
    size_t room = bytes.len < END_SIZE ? 0 : bytes.len - END_SIZE + 1;
    for (size_t back = 1; back < room && back <= COMMENT_ROOM; back++) {
        const char *at = bytes.ptr + bytes.len - END_SIZE - back;
        if (read32(at) != END_SIGNATURE) {
            continue;
        }
        return read16(at + 20) == back
                   ? reader_add_member(
                         walk->reader, "zip-comment", NULL,
                         "The archive has a comment, which could hide a second end record")
                   : reader_add_member(walk->reader, "zip-trailing-data", NULL,
                                       "%zu bytes stand behind the end of the archive", back);
    }
    return reader_add_member(walk->reader, "zip-no-end", NULL,
                             "The file has no zip end record: it is truncated or not a zip file");
}

static bool read_end(struct walk *walk) {
    const struct text bytes = walk->bytes;
    const char *end = bytes.ptr + bytes.len - END_SIZE;
    if (bytes.len < END_SIZE || read32(end) != END_SIGNATURE || read16(end + 20) != 0) {
        return tell_no_end(walk);
    }
    unsigned count = read16(end + 10);
    walk->central_size = read32(end + 12);
    walk->central_start = read32(end + 16);
    if (read16(end + 4) || read16(end + 6) || read16(end + 8) != count) {
        return reader_add_member(walk->reader, "zip-disks", NULL,
                                 "The archive claims to span several disks");
    }
    if (count == 0xffff || walk->central_size == 0xffffffff || walk->central_start == 0xffffffff ||
        (bytes.len >= END_SIZE + 20 && read32(end - 20) == 0x07064b50)) {
        return reader_add_member(walk->reader, "zip-zip64", NULL,
                                 "The archive uses zip64, which is not needed for this size");
    }
    if (count > LIMIT_ARCHIVE_MEMBERS) {
        return reader_add_member(walk->reader, "archive-too-many-members", NULL,
                                 "%u members; at most %d are taken", count, LIMIT_ARCHIVE_MEMBERS);
    }
    if (walk->central_start + walk->central_size != bytes.len - END_SIZE) {
        return reader_add_member(walk->reader, "zip-central-misplaced", NULL,
                                 "The central directory does not end where the end record begins");
    }
    walk->members.count = count;
    return true;
}

static bool check_extra(struct walk *walk, const char *name, struct text extra) {
    while (extra.len) {
        size_t size = extra.len < 4 ? 0 : read16(extra.ptr + 2);
        if (size + 4 > extra.len) {
            return reader_add_member(walk->reader, "zip-extra-damaged", name,
                                     "An extra field is damaged");
        }
        unsigned kind = read16(extra.ptr);
        if (kind == EXTRA_ZIP64) {
            return reader_add_member(walk->reader, "zip-zip64", name,
                                     "The member uses zip64, which is not needed for this size");
        }
        if (kind == EXTRA_UNICODE_PATH || kind == EXTRA_UNICODE_COMMENT) {
            return reader_add_member(walk->reader, "zip-unicode-path", name,
                                     "An extra field gives the member another name");
        }
        if (kind == EXTRA_AES) {
            return reader_add_member(walk->reader, "zip-encrypted", name,
                                     "The member is encrypted");
        }
        extra.ptr += 4 + size;
        extra.len -= 4 + size;
    }
    return true;
}

// Streaming writers set the flag: the sizes stand behind the bytes, so the end of a member is a guess,
// and two readers may guess differently. PyPI refuses it, too.
static bool refuse_descriptor(struct walk *walk, const char *name) {
    struct reader *reader = walk->reader;
    const char *where = arena_printf(reader->arena, "%s: %s", reader->path, name);
    findings_add(
        reader->findings, SEVERITY_ERROR, "zip-descriptor", where ? where : reader->path,
        "Rebuild the wheel with a tool that writes to a file, not to a stream; or repack it "
        "with \"wheel unpack\" and \"wheel pack\"",
        "The size of this member follows its data (a data descriptor)");
    return false;
}

static bool check_flags(struct walk *walk, const char *name, const struct header *header) {
    if (header->flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED)) {
        return reader_add_member(walk->reader, "zip-encrypted", name, "The member is encrypted");
    }
    if (header->flags & FLAG_DESCRIPTOR) {
        return refuse_descriptor(walk, name);
    }
    if (header->flags & ~(unsigned)FLAGS_KNOWN) {
        return reader_add_member(walk->reader, "zip-flags", name,
                                 "The member has unsupported flags (0x%04x)", header->flags);
    }
    if (header->method != METHOD_STORED && header->method != METHOD_DEFLATED) {
        return reader_add_member(
            walk->reader, "zip-method", name,
            "The member uses compression method %u; only stored and deflated are supported",
            header->method);
    }
    return true;
}

static bool check_sizes(struct walk *walk, const char *name, const struct header *header) {
    if (header->stored_size == 0xffffffff || header->size == 0xffffffff) {
        return reader_add_member(walk->reader, "zip-zip64", name,
                                 "The member uses zip64, which is not needed for this size");
    }
    if (header->method == METHOD_STORED && header->stored_size != header->size) {
        return reader_add_member(walk->reader, "zip-size", name,
                                 "The member is stored, but its two sizes differ");
    }
    if (name[strlen(name) - 1] == '/' && header->size) {
        return reader_add_member(walk->reader, "zip-directory-data", name,
                                 "A directory has bytes of its own");
    }
    return true;
}

static bool is_ascii(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

// The member's Unix mode, when its archiver wrote one.
static bool check_mode(struct walk *walk, const char *name, const char *record) {
    unsigned type = read32(record + 38) >> 16 & MODE_TYPE;
    if (type == MODE_LINK) {
        return reader_add_member(walk->reader, "zip-symlink", name,
                                 "The member is a symbolic link");
    }
    if (type && type != MODE_FILE && type != MODE_DIRECTORY) {
        return reader_add_member(walk->reader, "zip-special", name,
                                 "The member is neither a file nor a directory");
    }
    if (type && (type == MODE_DIRECTORY) != (name[strlen(name) - 1] == '/')) {
        return reader_add_member(
            walk->reader, "zip-special", name,
            "The member's mode and name disagree on whether it is a directory");
    }
    return true;
}

static bool same_text(struct text a, struct text b) {
    return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

// The local header must say what the central record says; its end is where the next one begins.
static bool check_local(struct walk *walk, const char *name, const struct header *central,
                        struct entry *entry) {
    const struct text bytes = walk->bytes;
    const char *p = bytes.ptr + entry->start;
    if (entry->start + (size_t)LOCAL_SIZE > walk->central_start || read32(p) != LOCAL_SIGNATURE) {
        return reader_add_member(walk->reader, "zip-local-missing", name,
                                 "The central directory points to a place without a local header");
    }
    size_t name_size = read16(p + 26);
    size_t extra_size = read16(p + 28);
    size_t end = (size_t)entry->start + LOCAL_SIZE + name_size + extra_size + central->stored_size;
    if (end > walk->central_start) {
        return reader_add_member(walk->reader, "zip-overlap", name,
                                 "The member's data overlaps the central directory");
    }
    const struct header local = {.flags = read16(p + 6),
                                 .method = read16(p + 8),
                                 .crc = read32(p + 14),
                                 .stored_size = read32(p + 18),
                                 .size = read32(p + 22),
                                 .name = {p + LOCAL_SIZE, name_size},
                                 .extra = {p + LOCAL_SIZE + name_size, extra_size}};
    if (local.flags != central->flags || local.method != central->method ||
        local.crc != central->crc || local.stored_size != central->stored_size ||
        local.size != central->size || !same_text(local.name, central->name)) {
        return reader_add_member(walk->reader, "zip-local-central-mismatch", name,
                                 "Local header and central directory differ");
    }
    entry->end = (uint32_t)end;
    entry->member->packed =
        (struct text){bytes.ptr + end - central->stored_size, central->stored_size};
    return check_extra(walk, name, local.extra);
}

static bool check_record(struct walk *walk, const char *record, const struct header *header,
                         size_t index) {
    const char *name = archive_member_name(walk->reader, header->name);
    if (!name) {
        return false;
    }
    if (!(header->flags & FLAG_UTF8) && !is_ascii(header->name)) {
        return reader_add_member(walk->reader, "zip-name-encoding", name,
                                 "The member name is not marked as UTF-8");
    }
    if ((read16(record + 6) & 0xff) > VERSION_LIMIT) {
        return reader_add_member(walk->reader, "zip-version", name,
                                 "The member requires an unknown zip version");
    }
    if (read16(record + 34)) {
        return reader_add_member(walk->reader, "zip-disks", name, "The member is on another disk");
    }
    struct entry *entry = &walk->entries[index];
    struct archive_member *member = &walk->members.items[index];
    *entry = (struct entry){.start = read32(record + 42), .name = name, .member = member};
    *member = (struct archive_member){.name = name,
                                      .size = header->size,
                                      .is_file = name[strlen(name) - 1] != '/',
                                      .deflated = header->method == METHOD_DEFLATED,
                                      .crc = header->crc};
    walk->total_size += header->size;
    return check_flags(walk, name, header) && check_extra(walk, name, header->extra) &&
           check_sizes(walk, name, header) && check_mode(walk, name, record) &&
           check_local(walk, name, header, entry);
}

static bool read_record(struct walk *walk, size_t index) {
    const char *p = walk->bytes.ptr + walk->at;
    size_t left = walk->central_start + walk->central_size - walk->at;
    if (left < CENTRAL_SIZE || read32(p) != CENTRAL_SIGNATURE) {
        return reader_add_member(walk->reader, "zip-central-damaged", NULL,
                                 "Record %zu of the central directory is damaged", index + 1);
    }
    size_t name_size = read16(p + 28);
    size_t extra_size = read16(p + 30);
    size_t size = CENTRAL_SIZE + name_size + extra_size + read16(p + 32);
    if (size > left) {
        return reader_add_member(walk->reader, "zip-central-damaged", NULL,
                                 "Record %zu of the central directory is truncated", index + 1);
    }
    const struct header header = {.flags = read16(p + 8),
                                  .method = read16(p + 10),
                                  .crc = read32(p + 16),
                                  .stored_size = read32(p + 20),
                                  .size = read32(p + 24),
                                  .name = {p + CENTRAL_SIZE, name_size},
                                  .extra = {p + CENTRAL_SIZE + name_size, extra_size}};
    walk->at += size;
    return check_record(walk, p, &header, index);
}

static int compare_starts(const void *left, const void *right) {
    const struct entry *a = left;
    const struct entry *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

// Most central directories are in the order of the file.
static void sort_entries(struct walk *walk) {
    for (size_t i = 1; i < walk->members.count; i++) {
        if (walk->entries[i - 1].start > walk->entries[i].start) {
            qsort(walk->entries, walk->members.count, sizeof *walk->entries, compare_starts);
            return;
        }
    }
}

// The entries must tile the file from its first byte to the central directory.
static bool check_tiling(struct walk *walk) {
    size_t expected = 0;
    sort_entries(walk);
    for (size_t i = 0; i < walk->members.count; i++) {
        const struct entry *entry = &walk->entries[i];
        if (entry->start < expected) {
            return reader_add_member(walk->reader, "zip-overlap", entry->name,
                                     "The member overlaps another one");
        }
        size_t gap = entry->start - expected;
        if (gap && i == 0) {
            return reader_add_member(walk->reader, "zip-prefix", entry->name,
                                     "%zu bytes stand in front of the archive", gap);
        }
        if (gap) {
            return reader_add_member(walk->reader, "zip-gap", entry->name,
                                     "%zu bytes that belong to no member stand in front of it",
                                     gap);
        }
        expected = entry->end;
    }
    if (expected != walk->central_start) {
        return reader_add_member(walk->reader, "zip-gap", NULL,
                                 "%zu bytes that belong to no member stand before the directory",
                                 walk->central_start - expected);
    }
    return true;
}

static bool check_ratio(struct walk *walk) {
    enum { FREE_BYTES = 1024 * 1024 };
    if (walk->total_size > FREE_BYTES && walk->total_size / LIMIT_ARCHIVE_RATIO > walk->bytes.len) {
        return reader_add_member(walk->reader, "archive-ratio", NULL,
                                 "The members would inflate to more than %d times the file",
                                 LIMIT_ARCHIVE_RATIO);
    }
    return true;
}

bool zip_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members) {
    struct walk walk = {.reader = reader, .bytes = bytes};
    if (!read_end(&walk)) {
        return false;
    }
    size_t count = walk.members.count;
    walk.members.items = reader_array(reader, count, sizeof *walk.members.items);
    walk.entries = reader_array(reader, count, sizeof *walk.entries);
    walk.at = walk.central_start;
    if (!walk.members.items || !walk.entries) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_record(&walk, i)) {
            return false;
        }
    }
    if (walk.at != walk.central_start + walk.central_size) {
        return reader_add_member(reader, "zip-central-damaged", NULL,
                                 "The central directory holds more than its %zu records", count);
    }
    if (!check_tiling(&walk) || !check_ratio(&walk) ||
        !archive_members_sort(reader, &walk.members)) {
        return false;
    }
    *ret_members = walk.members;
    return true;
}
