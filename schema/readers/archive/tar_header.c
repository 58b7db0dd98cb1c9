// SPDX-License-Identifier: MIT
// Blocks and pax records of a tar.
#include "schema/readers/archive/tar_header.h"

#include "schema/base/list.h"

#include <string.h>

// The layout of a header block (POSIX ustar; GNU differs behind the magic).
enum {
    NAME_AT = 0,
    NAME_SIZE = 100,
    SIZE_AT = 124,
    SIZE_SIZE = 12,
    CHECKSUM_AT = 148,
    CHECKSUM_SIZE = 8,
    TYPE_AT = 156,
    LINK_AT = 157,
    MAGIC_AT = 257,
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

static size_t sum_block(const char *block) {
    size_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++) {
        bool own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
        sum += own ? ' ' : (unsigned char)block[i];
    }
    return sum;
}

bool tar_header_parse(struct reader *reader, const char *block, struct tar_header *ret_header) {
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
                                 "A header of the archive has a size that is no octal number");
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
                                 "An extended header has the key \"%.*s\", which nobody defined",
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

bool tar_extended_parse(struct reader *reader, struct text bytes, bool global,
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
