// SPDX-License-Identifier: MIT
// A zip in two steps. Framing first: the central directory is walked, every record is held against its local
// header, and then the local entries against each other. A good file is tiled without a gap:
//
//     [header name data] [header name data] … [record name] [record name] … [end record]
//       ^ local entries, from byte 0            ^ central directory           ^ the last 22 bytes
//
// Python's zipfile reads the central directory, streaming tools read the local headers. A file that shows
// different members to the two is refused, because a scanner and an installer would see different code.
// Then loading: nothing is left to parse, only to inflate. zlib does it and not libarchive, which would
// walk all members, convert their names to the locale's encoding, and look up the time zone of each.
#include "schema/readers/archive/zip.h"

#include "schema/base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// Offsets are those of PKWARE's APPNOTE; numbers are little-endian. Each structure begins with a signature.
enum {
    LOCAL_SIZE = 30,                // without name and extra field
    CENTRAL_SIZE = 46,              // without name, extra field and comment
    END_SIZE = 22,                  // without a comment
    LOCAL_SIGNATURE = 0x04034b50,   // "PK\3\4"
    CENTRAL_SIGNATURE = 0x02014b50, // "PK\1\2"
    END_SIGNATURE = 0x06054b50,     // "PK\5\6"
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_DESCRIPTOR = 1 << 3, // the sizes stand behind the bytes
    FLAG_STRONG_ENCRYPTION = 1 << 6,
    FLAG_UTF8 = 1 << 11,                       // else the name is in code page 437
    FLAG_MASKED = 1 << 13,                     // the directory is encrypted
    FLAGS_KNOWN = 1 << 1 | 1 << 2 | FLAG_UTF8, // the first two tell how hard deflate tried
    EXTRA_ZIP64 = 0x0001,                      // sizes of 64 bits
    EXTRA_UNICODE_COMMENT = 0x6375,
    EXTRA_UNICODE_PATH = 0x7075, // another name, in UTF-8
    EXTRA_AES = 0x9901,          // encryption of WinZip
    MODE_TYPE = 0170000,         // the bits of a Unix mode that say what it is
    MODE_OWNER_EXECUTES = 0100,
    MODE_DIRECTORY = 0040000,
    MODE_FILE = 0100000,
    MODE_LINK = 0120000,
    VERSION_LIMIT = 63, // of the format; Python reads no newer one
};

// What local header and central record must agree on.
struct zip_header {
    unsigned flags;
    unsigned method;      // stored or deflated
    uint32_t crc;         // of the inflated bytes
    uint32_t stored_size; // bytes in the archive
    uint32_t size;        // bytes inflated
    struct text name;
    struct text extra;
};

struct zip_entry {
    uint32_t start;                // of its local header
    uint32_t end;                  // behind its bytes
    const char *name;              // for messages
    struct archive_member *member; // what is filled from it
};

struct zip_scan {
    struct reader *reader;
    struct text bytes;    // the archive
    size_t central_start; // from the end record
    size_t central_size;  // from the end record
    size_t at;            // in the central directory
    bool is_partial;      // only the directory is there
    struct archive_members members;
    struct zip_entry *entries; // one a member
    uint64_t total_size;       // of all members, inflated
};

static unsigned read16(const char *p) {
    const uint8_t *b = (const uint8_t *)p;
    return b[0] | (unsigned)b[1] << 8;
}

static uint32_t read32(const char *p) {
    return read16(p) | (uint32_t)read16(p + 2) << 16;
}

// No end record at the end: is there one elsewhere?
static bool tell_no_end(struct zip_scan *scan) {
    enum { COMMENT_ROOM = 65535 };
    const struct text bytes = scan->bytes;
    size_t room = bytes.len < END_SIZE ? 0 : bytes.len - END_SIZE + 1;
    for (size_t back = 1; back < room && back <= COMMENT_ROOM; back++) {
        const char *at = bytes.ptr + bytes.len - END_SIZE - back;
        if (read32(at) != END_SIGNATURE) {
            continue;
        }
        return read16(at + 20) == back
                   ? reader_add_member(
                         scan->reader, "zip-comment", NULL,
                         "The archive has a comment, which could hide a second end record")
                   : reader_add_member(scan->reader, "zip-trailing-data", NULL,
                                       "%zu bytes follow the end of the archive", back);
    }
    return reader_add_member(scan->reader, "zip-no-end", NULL,
                             "The file has no zip end record: it is truncated or not a zip file");
}

// The end record says how many members there are and where the central directory lies. Its place is fixed: a
// comment behind it would allow a second, fake end record inside the comment, which some readers would find.
static bool read_end(struct zip_scan *scan) {
    const struct text bytes = scan->bytes;
    const char *end = bytes.ptr + bytes.len - END_SIZE;
    if (bytes.len < END_SIZE || read32(end) != END_SIGNATURE || read16(end + 20) != 0) {
        return tell_no_end(scan);
    }
    unsigned count = read16(end + 10);
    scan->central_size = read32(end + 12);
    scan->central_start = read32(end + 16);
    if (read16(end + 4) || read16(end + 6) || read16(end + 8) != count) {
        return reader_add_member(scan->reader, "zip-disks", NULL,
                                 "The archive claims to span several disks");
    }
    if (count == 0xffff || scan->central_size == 0xffffffff || scan->central_start == 0xffffffff ||
        (bytes.len >= END_SIZE + 20 && read32(end - 20) == 0x07064b50)) {
        return reader_add_member(scan->reader, "zip-zip64", NULL,
                                 "The archive uses zip64, which is not needed for this size");
    }
    if (count > LIMIT_ARCHIVE_MEMBERS) {
        return reader_add_member(scan->reader, "archive-too-many-members", NULL,
                                 "%u members; at most %d are allowed", count,
                                 LIMIT_ARCHIVE_MEMBERS);
    }
    if (scan->central_start + scan->central_size != bytes.len - END_SIZE) {
        return reader_add_member(scan->reader, "zip-central-misplaced", NULL,
                                 "The central directory does not end where the end record begins");
    }
    scan->members.count = count;
    return true;
}

// Extra fields are (kind, size, bytes) one after the other. Most carry times and user ids, which do not matter;
// those that change what a reader sees are refused by kind.
static bool check_extra(struct zip_scan *scan, const char *name, struct text extra) {
    while (extra.len) {
        size_t size = extra.len < 4 ? 0 : read16(extra.ptr + 2);
        if (size + 4 > extra.len) {
            return reader_add_member(scan->reader, "zip-extra-damaged", name,
                                     "An extra field is damaged");
        }
        unsigned kind = read16(extra.ptr);
        if (kind == EXTRA_ZIP64) {
            return reader_add_member(scan->reader, "zip-zip64", name,
                                     "The member uses zip64, which is not needed for this size");
        }
        if (kind == EXTRA_UNICODE_PATH || kind == EXTRA_UNICODE_COMMENT) {
            return reader_add_member(scan->reader, "zip-unicode-path", name,
                                     "An extra field gives the member another name");
        }
        if (kind == EXTRA_AES) {
            return reader_add_member(scan->reader, "zip-encrypted", name,
                                     "The member is encrypted");
        }
        extra.ptr += 4 + size;
        extra.len -= 4 + size;
    }
    return true;
}

// Streaming writers set the flag: the sizes stand behind the bytes, so the end of a member is a guess,
// and two readers may guess differently. PyPI refuses it, too.
static bool refuse_descriptor(struct zip_scan *scan, const char *name) {
    struct reader *reader = scan->reader;
    const char *where = arena_printf(reader->arena, "%s: %s", reader->path, name);
    findings_add(
        reader->findings, SEVERITY_ERROR, "zip-descriptor", where ? where : reader->path,
        "Rebuild the wheel with a tool that writes to a file, not to a stream; or repack it "
        "with \"wheel unpack\" and \"wheel pack\"",
        "The size of this member follows its data (a data descriptor)");
    return false;
}

// What two readers would show differently is refused by its name, so that the author reads what to change.
static bool check_flags(struct zip_scan *scan, const char *name, const struct zip_header *header) {
    if (header->flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED)) {
        return reader_add_member(scan->reader, "zip-encrypted", name, "The member is encrypted");
    }
    if (header->flags & FLAG_DESCRIPTOR) {
        return refuse_descriptor(scan, name);
    }
    if (header->flags & ~(unsigned)FLAGS_KNOWN) {
        return reader_add_member(scan->reader, "zip-flags", name,
                                 "The member has unsupported flags (0x%04x)", header->flags);
    }
    if (header->method != METHOD_STORED && header->method != METHOD_DEFLATED) {
        return reader_add_member(
            scan->reader, "zip-method", name,
            "The member uses compression method %u; only stored and deflated are supported",
            header->method);
    }
    return true;
}

// 0xffffffff is how a member says that its size stands in a zip64 field.
static bool check_sizes(struct zip_scan *scan, const char *name, const struct zip_header *header) {
    if (header->stored_size == 0xffffffff || header->size == 0xffffffff) {
        return reader_add_member(scan->reader, "zip-zip64", name,
                                 "The member uses zip64, which is not needed for this size");
    }
    if (header->method == METHOD_STORED && header->stored_size != header->size) {
        return reader_add_member(scan->reader, "zip-size", name,
                                 "The member is stored, but its two sizes differ");
    }
    if (name[strlen(name) - 1] == '/' && header->size) {
        return reader_add_member(scan->reader, "zip-directory-data", name,
                                 "The member is a directory, but has data");
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

// The member's Unix mode is in the high half of the external attributes; 0 when the archive was made on Windows, or by
// a plain writer.
static bool check_mode(struct zip_scan *scan, const char *name, const char *record) {
    unsigned type = read32(record + 38) >> 16 & MODE_TYPE;
    if (type == MODE_LINK) {
        return reader_add_member(scan->reader, "zip-symlink", name,
                                 "The member is a symbolic link");
    }
    if (type && type != MODE_FILE && type != MODE_DIRECTORY) {
        return reader_add_member(scan->reader, "zip-special", name,
                                 "The member is neither a file nor a directory");
    }
    if (type && (type == MODE_DIRECTORY) != (name[strlen(name) - 1] == '/')) {
        return reader_add_member(
            scan->reader, "zip-special", name,
            "The member's mode and name disagree on whether it is a directory");
    }
    return true;
}

static bool same_text(struct text a, struct text b) {
    return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

// The local header must say what the central record says; its end is where the next one begins.
static bool check_local(struct zip_scan *scan, const char *name, const struct zip_header *central,
                        struct zip_entry *entry) {
    const struct text bytes = scan->bytes;
    const char *p = bytes.ptr + entry->start;
    if (entry->start + (size_t)LOCAL_SIZE > scan->central_start || read32(p) != LOCAL_SIGNATURE) {
        return reader_add_member(scan->reader, "zip-local-missing", name,
                                 "The central directory points to a place without a local header");
    }
    size_t name_size = read16(p + 26);
    size_t extra_size = read16(p + 28);
    size_t end = (size_t)entry->start + LOCAL_SIZE + name_size + extra_size + central->stored_size;
    if (end > scan->central_start) {
        return reader_add_member(scan->reader, "zip-overlap", name,
                                 "The member's data overlaps the central directory");
    }
    const struct zip_header local = {.flags = read16(p + 6),
                                     .method = read16(p + 8),
                                     .crc = read32(p + 14),
                                     .stored_size = read32(p + 18),
                                     .size = read32(p + 22),
                                     .name = {p + LOCAL_SIZE, name_size},
                                     .extra = {p + LOCAL_SIZE + name_size, extra_size}};
    if (local.flags != central->flags || local.method != central->method ||
        local.crc != central->crc || local.stored_size != central->stored_size ||
        local.size != central->size || !same_text(local.name, central->name)) {
        return reader_add_member(scan->reader, "zip-local-central-mismatch", name,
                                 "Local header and central directory differ");
    }
    entry->end = (uint32_t)end;
    entry->member->packed =
        (struct text){bytes.ptr + end - central->stored_size, central->stored_size};
    return check_extra(scan, name, local.extra);
}

// Names without the UTF-8 flag are in code page 437; beyond ASCII two readers decode them differently.
static bool check_record(struct zip_scan *scan, const char *record, const struct zip_header *header,
                         size_t index) {
    const char *name = archive_member_name(scan->reader, header->name);
    if (!name) {
        return false;
    }
    if (!(header->flags & FLAG_UTF8) && !is_ascii(header->name)) {
        return reader_add_member(scan->reader, "zip-name-encoding", name,
                                 "The member name is not marked as UTF-8");
    }
    if ((read16(record + 6) & 0xff) > VERSION_LIMIT) {
        return reader_add_member(scan->reader, "zip-version", name,
                                 "The member requires an unknown zip version");
    }
    if (read16(record + 34)) {
        return reader_add_member(scan->reader, "zip-disks", name, "The member is on another disk");
    }
    struct zip_entry *entry = &scan->entries[index];
    struct archive_member *member = &scan->members.items[index];
    *entry = (struct zip_entry){.start = read32(record + 42), .name = name, .member = member};
    *member = (struct archive_member){.name = name,
                                      .size = header->size,
                                      .is_file = name[strlen(name) - 1] != '/',
                                      .is_program = read32(record + 38) >> 16 & MODE_OWNER_EXECUTES,
                                      .packed = {NULL, header->stored_size},
                                      .deflated = header->method == METHOD_DEFLATED,
                                      .crc = header->crc,
                                      .start = entry->start};
    scan->total_size += header->size;
    return check_flags(scan, name, header) && check_extra(scan, name, header->extra) &&
           check_sizes(scan, name, header) && check_mode(scan, name, record) &&
           (scan->is_partial || check_local(scan, name, header, entry));
}

// One record of the central directory: 46 fixed bytes, then name, extra field and comment.
static bool read_record(struct zip_scan *scan, size_t index) {
    const char *p = scan->bytes.ptr + scan->at;
    size_t left = scan->central_start + scan->central_size - scan->at;
    if (left < CENTRAL_SIZE || read32(p) != CENTRAL_SIGNATURE) {
        return reader_add_member(scan->reader, "zip-central-damaged", NULL,
                                 "Record %zu of the central directory is damaged", index + 1);
    }
    size_t name_size = read16(p + 28);
    size_t extra_size = read16(p + 30);
    size_t size = CENTRAL_SIZE + name_size + extra_size + read16(p + 32);
    if (size > left) {
        return reader_add_member(scan->reader, "zip-central-damaged", NULL,
                                 "Record %zu of the central directory is truncated", index + 1);
    }
    const struct zip_header header = {.flags = read16(p + 8),
                                      .method = read16(p + 10),
                                      .crc = read32(p + 16),
                                      .stored_size = read32(p + 20),
                                      .size = read32(p + 24),
                                      .name = {p + CENTRAL_SIZE, name_size},
                                      .extra = {p + CENTRAL_SIZE + name_size, extra_size}};
    scan->at += size;
    return check_record(scan, p, &header, index);
}

// Starts are unsigned and up to 4 GiB: a difference would overflow an int.
static int compare_starts(const void *left, const void *right) {
    const struct zip_entry *a = left;
    const struct zip_entry *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

// Most central directories are in the order of the file.
static void sort_entries(struct zip_scan *scan) {
    for (size_t i = 1; i < scan->members.count; i++) {
        if (scan->entries[i - 1].start > scan->entries[i].start) {
            qsort(scan->entries, scan->members.count, sizeof *scan->entries, compare_starts);
            return;
        }
    }
}

// The entries must tile the file from its first byte to the central directory.
static bool check_tiling(struct zip_scan *scan) {
    size_t expected = 0;
    sort_entries(scan);
    for (size_t i = 0; i < scan->members.count; i++) {
        const struct zip_entry *entry = &scan->entries[i];
        if (entry->start < expected) {
            return reader_add_member(scan->reader, "zip-overlap", entry->name,
                                     "The member overlaps another one");
        }
        size_t gap = entry->start - expected;
        if (gap && i == 0) {
            return reader_add_member(scan->reader, "zip-prefix", entry->name,
                                     "The archive starts after %zu other bytes", gap);
        }
        if (gap) {
            return reader_add_member(scan->reader, "zip-gap", entry->name,
                                     "%zu bytes before the member belong to no member", gap);
        }
        expected = entry->end;
    }
    if (expected != scan->central_start) {
        return reader_add_member(scan->reader, "zip-gap", NULL,
                                 "%zu bytes before the central directory belong to no member",
                                 scan->central_start - expected);
    }
    return true;
}

// Small archives may inflate as they like: a megabyte of zeros is no attack.
static bool check_ratio(struct zip_scan *scan) {
    enum { FREE_BYTES = 1024 * 1024 };
    if (scan->total_size > FREE_BYTES && scan->total_size / LIMIT_ARCHIVE_RATIO > scan->bytes.len) {
        return reader_add_member(scan->reader, "archive-ratio", NULL,
                                 "The members would inflate to more than %d times the file",
                                 LIMIT_ARCHIVE_RATIO);
    }
    return true;
}

static bool read_directory(struct zip_scan *scan) {
    if (!read_end(scan)) {
        return false;
    }
    size_t count = scan->members.count;
    scan->members.items = reader_array(scan->reader, count, sizeof *scan->members.items);
    scan->entries = reader_array(scan->reader, count, sizeof *scan->entries);
    scan->at = scan->central_start;
    if (!scan->members.items || !scan->entries) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_record(scan, i)) {
            return false;
        }
    }
    if (scan->at != scan->central_start + scan->central_size) {
        return reader_add_member(scan->reader, "zip-central-damaged", NULL,
                                 "The central directory holds more than its %zu records", count);
    }
    return true;
}

// Everything is judged from the directory and the headers; not one byte is inflated here.
bool zip_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members) {
    struct zip_scan scan = {.reader = reader, .bytes = bytes};
    if (!read_directory(&scan)) {
        return false;
    }
    if (!check_tiling(&scan) || !check_ratio(&scan) ||
        !archive_members_sort(reader, &scan.members)) {
        return false;
    }
    *ret_members = scan.members;
    return true;
}

size_t zip_directory_start(struct text bytes) {
    const char *end = bytes.ptr + bytes.len - END_SIZE;
    return bytes.len < END_SIZE || read32(end) != END_SIGNATURE ? SIZE_MAX : read32(end + 16);
}

bool zip_directory_read(struct reader *reader, struct text bytes,
                        struct archive_members *ret_members) {
    struct zip_scan scan = {.reader = reader, .bytes = bytes, .is_partial = true};
    if (!read_directory(&scan) || !archive_members_sort(reader, &scan.members)) {
        return false;
    }
    *ret_members = scan.members;
    return true;
}

// ---- loading ----

// Also asked for the trailer of a gzip, which libarchive leaves unchecked.
uint32_t archive_crc32(uint32_t crc, const void *bytes, size_t len) {
    return (uint32_t)crc32_z(crc, bytes, len);
}

// Inflates raw deflate data to exactly `size` bytes. Z_OK, or why not.
static int inflate_exactly(struct text packed, char *bytes, size_t size) {
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.ptr,
                       .avail_in = (uInt)packed.len,
                       .next_out = (Bytef *)bytes,
                       .avail_out = (uInt)size + 1};
    int result = inflateInit2(&stream, -MAX_WBITS);
    if (result != Z_OK) {
        return result;
    }
    result = inflate(&stream, Z_FINISH);
    bool exact = result == Z_STREAM_END && stream.total_out == size && !stream.avail_in;
    inflateEnd(&stream);
    return exact ? Z_OK : result == Z_MEM_ERROR ? Z_MEM_ERROR : Z_DATA_ERROR;
}

// Inflates to exactly the stated size: less or more is damage, never a reason to grow the room.
static bool load_member(struct reader *reader, const struct archive_member *member,
                        struct archive_selection *selection) {
    char *bytes = archive_member_room(reader, member, selection->max_bytes);
    if (!bytes) {
        return false;
    }
    int result = Z_OK;
    if (member->deflated) {
        result = inflate_exactly(member->packed, bytes, member->size);
    } else {
        memcpy(bytes, member->packed.ptr, member->size);
    }
    if (result == Z_MEM_ERROR) {
        reader->findings->no_memory = true;
        return false;
    }
    if (result != Z_OK || archive_crc32(0, bytes, member->size) != member->crc) {
        return reader_add_member(reader, "member-damaged", member->name,
                                 "The member does not inflate to its stated size and checksum");
    }
    bytes[member->size] = '\0';
    selection->bytes = (struct text){bytes, member->size};
    return true;
}

bool zip_load(struct reader *reader, const struct archive_members *members,
              struct archive_selection *selections, size_t selection_count) {
    for (size_t i = 0; i < selection_count; i++) {
        const struct archive_member *member = archive_members_find(members, selections[i].name);
        if (member && member->is_file && !load_member(reader, member, &selections[i])) {
            return false;
        }
    }
    return true;
}

bool zip_member_read(struct reader *reader, struct text bytes, const struct archive_member *member,
                     size_t max_bytes, struct text *ret_content) {
    struct archive_selection selection = {.name = member->name, .max_bytes = max_bytes};
    struct archive_member found = *member;
    const char *header = bytes.ptr + member->start;
    if (bytes.len < LOCAL_SIZE || member->start > bytes.len - LOCAL_SIZE ||
        read32(header) != LOCAL_SIGNATURE) {
        return reader_add_member(reader, "zip-local-missing", member->name,
                                 "There is no local header");
    }
    size_t begin = member->start + LOCAL_SIZE + read16(header + 26) + read16(header + 28);
    if (begin > bytes.len || member->packed.len > bytes.len - begin ||
        (!member->deflated && member->packed.len != member->size)) {
        return reader_add_member(reader, "zip-overlap", member->name, "The member is truncated");
    }
    found.packed.ptr = bytes.ptr + begin;
    if (!load_member(reader, &found, &selection)) {
        return false;
    }
    *ret_content = selection.bytes;
    return true;
}
