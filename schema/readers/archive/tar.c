// SPDX-License-Identifier: MIT
// The framing of a gzip'd tar. The file is streamed once, a block of 512 bytes at a time, and only the list
// of members is kept; nothing but extended headers is held in memory. A member with a long name takes
// several blocks:
//
//     'x' header   size 26                             pax (POSIX.1-2001): records of "LENGTH KEY=VALUE\n"
//     data         "26 path=crm-1.0/a/long…\n"
//     '0' header   name, mode, size, checksum, prefix  ustar (POSIX.1-1988)
//     data         padded to 512 bytes
//
// GNU tar writes 'L' and 'K' blocks in place of the pax header. Headers are parsed as strictly as the
// formats allow, because readers differ in what they make of the rest.
#include "schema/readers/archive/tar.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/readers/archive/archive.h"

#include <string.h>

// ---- one header ----

enum { TAR_BLOCK_BYTES = 512 };

struct tar_header {
    char type;          // '0' a file, '5' a directory, …
    size_t size;        // of the data behind it
    struct text name;   // as in the block: prefix and name are joined by the caller
    struct text prefix; // of ustar: the directories before the name
    struct text link;   // the target of a link
};

// What extended headers say of the next member.
struct tar_extended {
    bool seen;        // there was one
    struct text name; // .ptr NULL: not said
    struct text link; // instead of the header's
    struct text size; // decimal
};

// The layout of a header block (POSIX ustar; GNU differs behind the magic).
enum {
    NAME_AT = 0,
    NAME_SIZE = 100, // longer names need a prefix or an extension
    SIZE_AT = 124,
    SIZE_SIZE = 12, // octal digits
    CHECKSUM_AT = 148,
    CHECKSUM_SIZE = 8, // counted as blanks in its own sum
    TYPE_AT = 156,     // one letter
    LINK_AT = 157,
    MAGIC_AT = 257, // "ustar"
    PREFIX_AT = 345,
    PREFIX_SIZE = 155,
};

// A field up to its NUL or its end.
static struct text field(const char *block, size_t at, size_t size) {
    return (struct text){block + at, strnlen(block + at, size)};
}

// Octal digits with white space or NUL around them.
static bool parse_octal(struct text text, size_t *ret_value) {
    text = text_trim(text);
    size_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7' || value >> 40) {
            return false;
        }
        value = value * 8 + (size_t)(text.ptr[i] - '0');
    }
    *ret_value = value;
    return text.len > 0;
}

// POSIX ustar: the sum of all bytes of the header, with the checksum's own field as spaces.
static size_t sum_block(const char *block) {
    size_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++) {
        bool own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
        sum += own ? ' ' : (unsigned char)block[i];
    }
    return sum;
}

// Parses a block that is not all zeros. False after a finding.
static bool parse_header(struct reader *reader, const char *block, struct tar_header *ret_header) {
    size_t checksum;
    if (!parse_octal(field(block, CHECKSUM_AT, CHECKSUM_SIZE), &checksum) ||
        checksum != sum_block(block)) {
        return reader_add_member(reader, "tar-header-damaged", NULL,
                                 "A header of the archive has a wrong checksum");
    }
    struct tar_header header = {.type = block[TYPE_AT],
                                .name = field(block, NAME_AT, NAME_SIZE),
                                .prefix = field(block, PREFIX_AT, PREFIX_SIZE),
                                .link = field(block, LINK_AT, NAME_SIZE)};
    if (!parse_octal(field(block, SIZE_AT, SIZE_SIZE), &header.size)) {
        return reader_add_member(reader, "tar-size", NULL,
                                 "A header of the archive has a size that is not an octal number");
    }
    bool posix = memcmp(block + MAGIC_AT, "ustar\0", 6) == 0;
    bool gnu = memcmp(block + MAGIC_AT, "ustar  ", 8) == 0;
    if ((!posix && !gnu) || (gnu && header.prefix.len)) {
        return reader_add_member(reader, "tar-format", NULL,
                                 "A header of the archive is neither ustar nor plain GNU");
    }
    *ret_header = header;
    return true;
}

// Keys that say nothing of where and how large a member is.
static bool is_harmless(struct text key) {
    static const char *const keys[] = {"mtime", "atime", "ctime", "uid",
                                       "gid",   "uname", "gname", "comment"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (text_equals(key, keys[i])) {
            return true;
        }
    }
    // a vendor's own: "SCHILY.xattr.…", "LIBARCHIVE.creationtime"; GNU's describe sparse files
    return key.len > 4 && is_upper(key.ptr[0]) && memchr(key.ptr, '.', key.len) &&
           memcmp(key.ptr, "GNU.", 4) != 0;
}

// Of a pax header only path, linkpath and size are taken over. A key that is unknown is refused:
// it could change the member for a tool that knows it.
static bool take_record(struct reader *reader, struct text key, struct text value, bool global,
                        struct tar_extended *extended) {
    struct text *place = text_equals(key, "path")       ? &extended->name
                         : text_equals(key, "linkpath") ? &extended->link
                         : text_equals(key, "size")     ? &extended->size
                                                        : NULL;
    if (global && !text_equals(key, "comment")) {
        return reader_add_member(reader, "tar-pax-global", NULL,
                                 "A global header changes the members behind it");
    }
    if (key.len >= 10 && memcmp(key.ptr, "GNU.sparse", 10) == 0) {
        return reader_add_member(reader, "tar-sparse", NULL, "A member is sparse");
    }
    if (place && place->ptr) {
        return reader_add_member(reader, "tar-pax-damaged", NULL,
                                 "An extended header repeats a key");
    }
    if (place) {
        *place = value;
    } else if (!is_harmless(key)) {
        return reader_add_member(reader, "tar-pax-unknown", NULL,
                                 "An extended header has the unknown key \"%.*s\"",
                                 (int)(key.len > 100 ? 100 : key.len), key.ptr);
    }
    return true;
}

// The next record "LENGTH KEY=VALUE\n"; moves *rest past it.
static bool split_record(struct text *rest, struct text *ret_key, struct text *ret_value) {
    size_t length = 0;
    size_t at = 0;
    while (at < rest->len && at < 8 && is_digit(rest->ptr[at])) {
        length = length * 10 + (size_t)(rest->ptr[at++] - '0');
    }
    if (!at || rest->ptr[0] == '0' || at == rest->len || rest->ptr[at] != ' ' ||
        length > rest->len || length < at + 4 || rest->ptr[length - 1] != '\n') {
        return false;
    }
    struct text record = {rest->ptr + at + 1, length - at - 2};
    const char *equals = memchr(record.ptr, '=', record.len);
    if (!equals || equals == record.ptr) {
        return false;
    }
    *ret_key = (struct text){record.ptr, (size_t)(equals - record.ptr)};
    *ret_value = (struct text){equals + 1, record.len - ret_key->len - 1};
    *rest = (struct text){rest->ptr + length, rest->len - length};
    return true;
}

// Parses the records of a pax header; `global` ones may only comment. The texts point into `bytes`.
static bool parse_extended(struct reader *reader, struct text bytes, bool global,
                           struct tar_extended *ret_extended) {
    struct tar_extended extended = {.seen = true};
    struct text key;
    struct text value;
    while (bytes.len) {
        if (!split_record(&bytes, &key, &value)) {
            return reader_add_member(reader, "tar-pax-damaged", NULL,
                                     "An extended header is damaged");
        }
        if (!take_record(reader, key, value, global, &extended)) {
            return false;
        }
    }
    *ret_extended = extended;
    return true;
}

// ---- the stream ----

enum { GZIP_LEAST_BYTES = 18, GZIP_TRAILER_BYTES = 8, BUFFER_BYTES = 32 * 1024 };

struct stream {
    struct reader *reader;
    struct text bytes;         // the gzip
    struct archive_gzip *gzip; // inflates it
    char *buffer;              // BUFFER_BYTES, in the arena
    size_t have;               // bytes in the buffer
    size_t at;                 // of them taken
    size_t total;              // bytes inflated so far
    uint32_t crc;              // of them
    struct archive_members members;
    size_t capacity;              // of the members
    struct tar_extended extended; // for the next member
    struct text long_name;        // of GNU's own extension
    struct text long_link;        // likewise, of a link's target
};

// Against bombs: by the inflated size, and beyond the first MiB by the ratio too, so that a small file cannot
// make a reader inflate the whole limit.
static bool check_total(struct stream *stream) {
    enum { FREE_BYTES = 1024 * 1024 };
    if (stream->total > LIMIT_ARCHIVE_INFLATED_BYTES) {
        return reader_add_member(stream->reader, "archive-too-large", NULL,
                                 "The archive inflates to more than %d MiB",
                                 LIMIT_ARCHIVE_INFLATED_BYTES / 1024 / 1024);
    }
    if (stream->total > FREE_BYTES && stream->total / LIMIT_ARCHIVE_RATIO > stream->bytes.len) {
        return reader_add_member(stream->reader, "archive-ratio", NULL,
                                 "The archive inflates to more than %d times the file",
                                 LIMIT_ARCHIVE_RATIO);
    }
    return true;
}

// More bytes into the buffer; at the end of the stream `have` is 0.
// The checksum is kept of everything that comes out, because the trailer is checked against it at the end.
static bool fill(struct stream *stream) {
    long got = archive_gzip_read(stream->gzip, stream->buffer, BUFFER_BYTES);
    if (got < 0) {
        return reader_add_member(stream->reader, "gzip-damaged", NULL,
                                 "The file cannot be inflated");
    }
    stream->have = (size_t)got;
    stream->at = 0;
    stream->total += stream->have;
    stream->crc = archive_crc32(stream->crc, stream->buffer, stream->have);
    return check_total(stream);
}

// Copies `size` bytes, or with `into` NULL passes over them. *ret_got is less at the end.
static bool take_bytes(struct stream *stream, char *into, size_t size, size_t *ret_got) {
    size_t got = 0;
    while (got < size) {
        if (stream->at == stream->have && !fill(stream)) {
            return false;
        }
        size_t left = stream->have - stream->at;
        size_t step = left < size - got ? left : size - got;
        if (!step) {
            break;
        }
        if (into) {
            memcpy(into + got, stream->buffer + stream->at, step);
        }
        stream->at += step;
        got += step;
    }
    *ret_got = got;
    return true;
}

// Data is padded to whole blocks of 512 bytes.
static size_t padded(size_t size) {
    return (size + TAR_BLOCK_BYTES - 1) / TAR_BLOCK_BYTES * TAR_BLOCK_BYTES;
}

static bool tell_truncated(struct stream *stream) {
    return reader_add_member(stream->reader, "tar-truncated", NULL, "The archive is truncated");
}

// Inflating is the only way past the data: a gzip cannot be entered in the middle.
static bool skip_data(struct stream *stream, size_t size) {
    size_t got;
    return take_bytes(stream, NULL, padded(size), &got) &&
           (got == padded(size) || tell_truncated(stream));
}

// The data of a header that describes the next member, in the arena.
static bool load_data(struct stream *stream, size_t size, struct text *ret_data) {
    size_t got;
    if (size > LIMIT_PAX_BYTES) {
        return reader_add_member(stream->reader, "tar-pax-too-large", NULL,
                                 "An extended header has %zu bytes; the limit is %d", size,
                                 LIMIT_PAX_BYTES);
    }
    char *data = arena_alloc(stream->reader->arena, padded(size) + 1);
    if (!data) {
        stream->reader->findings->no_memory = true;
        return false;
    }
    *ret_data = (struct text){data, size};
    return take_bytes(stream, data, padded(size), &got) &&
           (got == padded(size) || tell_truncated(stream));
}

// 'x' describes the next member, 'g' all that follow. A 'g' may only hold comments: see take_record.
static bool take_extended(struct stream *stream, const struct tar_header *header) {
    struct tar_extended extended;
    struct text data;
    if (!load_data(stream, header->size, &data) ||
        !parse_extended(stream->reader, data, header->type == 'g', &extended)) {
        return false;
    }
    if (header->type == 'g') {
        return true;
    }
    if (stream->extended.seen) {
        return reader_add_member(stream->reader, "tar-pax-damaged", NULL,
                                 "One member has two extended headers");
    }
    stream->extended = extended;
    return true;
}

// GNU's way to name a member of more than 100 bytes: a header 'L' (name) or 'K' (link target) before it.
static bool take_long(struct stream *stream, const struct tar_header *header) {
    struct text *place = header->type == 'L' ? &stream->long_name : &stream->long_link;
    struct text data;
    if (place->ptr) {
        return reader_add_member(stream->reader, "tar-ambiguous-name", NULL,
                                 "A member has two names");
    }
    if (!load_data(stream, header->size, &data)) {
        return false;
    }
    data.len -= data.len && data.ptr[data.len - 1] == '\0';
    *place = data;
    return true;
}

// Which of the three ways to name the next member was taken; two at once are refused.
static bool find_name(struct stream *stream, const struct tar_header *header,
                      struct text *ret_name) {
    if (stream->long_name.ptr && stream->extended.name.ptr) {
        return reader_add_member(stream->reader, "tar-ambiguous-name", NULL,
                                 "A member has two names");
    }
    *ret_name = header->name;
    if (stream->long_name.ptr || stream->extended.name.ptr) {
        *ret_name = stream->long_name.ptr ? stream->long_name : stream->extended.name;
    } else if (header->prefix.len) {
        const char *joined =
            arena_printf(stream->reader->arena, "%.*s/%.*s", (int)header->prefix.len,
                         header->prefix.ptr, (int)header->name.len, header->name.ptr);
        stream->reader->findings->no_memory |= !joined;
        *ret_name = text_from(joined);
    }
    return true;
}

// Whether the target, seen from `depth` directories below the top of the archive, stays below it.
static bool stays_inside(struct text target, size_t depth) {
    struct text part;
    if (!target.len || target.ptr[0] == '/' || memchr(target.ptr, '\\', target.len)) {
        return false;
    }
    while (text_split(&target, '/', &part)) {
        if (text_equals(part, "..")) {
            if (depth <= 1) {
                return false;
            }
            depth--;
        } else if (part.len && !text_equals(part, ".")) {
            depth++;
        }
    }
    return true;
}

// The target of a symbolic link ('2') is seen from the link's directory, that of a hard link ('1') from the
// root. Both must stay inside the top directory "crm-1.0/".
static bool check_link(struct stream *stream, const struct tar_header *header, const char *name) {
    struct text target = header->link;
    size_t depth = 0;
    if (stream->long_link.ptr || stream->extended.link.ptr) {
        target = stream->long_link.ptr ? stream->long_link : stream->extended.link;
    }
    for (const char *c = name; *c && header->type == '2'; c++) {
        depth += *c == '/';
    }
    bool outside = memchr(target.ptr, 0, target.len) || !stays_inside(target, depth);
    if (outside || (header->type == '1' && !memchr(target.ptr, '/', target.len))) {
        return reader_add_member(stream->reader, "tar-link-outside", name,
                                 "The member is a link that leads out of the archive");
    }
    return true;
}

// The letters are those of POSIX ustar: '0' a file ('\0' in old archives), '1' a hard link, '2' a symbolic
// link, '3' and '4' devices, '5' a directory, '6' a pipe; 'S' is GNU's sparse file.
static bool check_type(struct stream *stream, const struct tar_header *header, const char *name) {
    bool slash = name[strlen(name) - 1] == '/';
    switch (header->type) {
    case '0':
    case '\0':
        return !slash || reader_add_member(stream->reader, "tar-ambiguous-name", name,
                                           "A file name ends with \"/\"");
    case '1':
    case '2':
        return check_link(stream, header, name);
    case '5':
        return true;
    case 'S':
        return reader_add_member(stream->reader, "tar-sparse", name, "The member is sparse");
    case '3':
    case '4':
    case '6':
        return reader_add_member(stream->reader, "tar-special", name,
                                 "The member is a device or a pipe");
    default:
        return reader_add_member(stream->reader, "tar-type", name,
                                 "The member has an unsupported type (0x%02x)",
                                 (unsigned char)header->type);
    }
}

// A second size is how one archive shows two lists of members: each reader skips other bytes.
static bool check_size(struct stream *stream, const struct tar_header *header, const char *name) {
    const struct text said = stream->extended.size;
    char actual[24];
    snprintf(actual, sizeof actual, "%zu", header->size);
    if (said.ptr && !text_equals(said, actual)) {
        return reader_add_member(stream->reader, "tar-pax-size", name,
                                 "An extended header gives the member another size");
    }
    if (header->size && header->type != '0' && header->type != '\0') {
        return reader_add_member(stream->reader, "tar-size", name,
                                 "The member is not a file, but has a size");
    }
    return true;
}

// Grown in the arena; the old lists are garbage until it is freed, at most as much again as the list.
static bool reserve(struct stream *stream) {
    struct archive_members *members = &stream->members;
    if (members->count == LIMIT_ARCHIVE_MEMBERS) {
        return reader_add_member(stream->reader, "archive-too-many-members", NULL,
                                 "More than %d members", LIMIT_ARCHIVE_MEMBERS);
    }
    if (members->count < stream->capacity) {
        return true;
    }
    size_t capacity = stream->capacity ? 2 * stream->capacity : 64;
    struct archive_member *grown = reader_array(stream->reader, capacity, sizeof *grown);
    if (!grown) {
        return false;
    }
    if (members->count) {
        memcpy(grown, members->items, members->count * sizeof *grown);
    }
    members->items = grown;
    stream->capacity = capacity;
    return true;
}

// Name, type and size are judged before the data is passed over; what described the member is forgotten.
static bool take_member(struct stream *stream, const struct tar_header *header) {
    struct text text;
    if (!reserve(stream) || !find_name(stream, header, &text)) {
        return false;
    }
    const char *name = archive_member_name(stream->reader, text);
    if (!name || !check_type(stream, header, name) || !check_size(stream, header, name)) {
        return false;
    }
    bool is_directory = header->type == '5';
    if (is_directory && name[strlen(name) - 1] != '/') {
        name = arena_printf(stream->reader->arena, "%s/", name);
        stream->reader->findings->no_memory |= !name;
    }
    stream->members.items[stream->members.count++] = (struct archive_member){
        .name = name,
        .size = header->size,
        .is_file = header->type == '0' || header->type == '\0',
    };
    stream->extended = (struct tar_extended){0};
    stream->long_name = (struct text){0};
    stream->long_link = (struct text){0};
    return name && skip_data(stream, header->size);
}

static bool is_zero(const char *block, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (block[i]) {
            return false;
        }
    }
    return true;
}

// Behind the first block of zeros there may be nothing but zeros, to the end of the gzip.
static bool check_end(struct stream *stream) {
    char block[TAR_BLOCK_BYTES];
    size_t got;
    do {
        if (!take_bytes(stream, block, sizeof block, &got)) {
            return false;
        }
        if (!is_zero(block, got)) {
            return reader_add_member(stream->reader, "tar-trailing-data", NULL,
                                     "The archive has trailing data");
        }
    } while (got);
    return true;
}

// True with *ret_end at the end of the archive.
// One header block. A block of zeros ends the archive; a second one should follow, but not all writers do that.
static bool step(struct stream *stream, bool *ret_end) {
    char block[TAR_BLOCK_BYTES];
    struct tar_header header = {0};
    size_t got;
    if (!take_bytes(stream, block, sizeof block, &got)) {
        return false;
    }
    if (got < sizeof block) {
        return tell_truncated(stream);
    }
    if (is_zero(block, sizeof block)) {
        *ret_end = true;
        return check_end(stream);
    }
    if (!parse_header(stream->reader, block, &header)) {
        return false;
    }
    if (header.type == 'x' || header.type == 'g') {
        return take_extended(stream, &header);
    }
    if (header.type == 'L' || header.type == 'K') {
        return take_long(stream, &header);
    }
    return take_member(stream, &header);
}

static uint32_t read32(const char *bytes) {
    const uint8_t *p = (const uint8_t *)bytes;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// One gzip and nothing behind it: then its last eight bytes are the checksum and size of the whole.
static bool check_trailer(struct stream *stream) {
    const char *trailer = stream->bytes.ptr + stream->bytes.len - GZIP_TRAILER_BYTES;
    if (read32(trailer) != stream->crc || read32(trailer + 4) != (uint32_t)stream->total) {
        return reader_add_member(stream->reader, "gzip-trailer", NULL,
                                 "The checksum at the end of the file is wrong: the file is "
                                 "damaged, or data was appended");
    }
    return true;
}

// Reads the whole stream once and lists the members; archive_load then holds libarchive's list against it.
bool tar_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members) {
    bool damaged = bytes.len < GZIP_LEAST_BYTES;
    bool end = false;
    struct stream stream = {.reader = reader, .bytes = bytes};
    scoped(archive_gzip_cleanup) struct archive_gzip *gzip =
        damaged ? NULL : archive_gzip_open(bytes, &damaged);
    stream.gzip = gzip;
    stream.buffer = gzip ? reader_array(reader, BUFFER_BYTES, 1) : NULL;
    if (damaged) {
        return reader_add_member(reader, "gzip-damaged", NULL, "The file is not a gzip");
    }
    reader->findings->no_memory |= !gzip;
    bool good = stream.buffer != NULL;
    while (good && !end) {
        good = step(&stream, &end);
    }
    if (!good || !check_trailer(&stream) || !archive_members_sort(reader, &stream.members)) {
        return false;
    }
    *ret_members = stream.members;
    return true;
}
