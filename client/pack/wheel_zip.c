// SPDX-License-Identifier: MIT
// The zip is written here and compressed by zlib: libarchive streams a zip and puts each size behind its data,
// which registries refuse (zip-descriptor). What would differ from one machine or day to the next is fixed: the
// time is the first that a zip can tell, 1980-01-01, and modes are 644 or 755. A file that does not get smaller is
// stored. The parts, all numbers little-endian (PKWARE APPNOTE 4.3):
//
//     local header, name, data    of each file
//     directory entry, name       of each file
//     end of the directory
#include "client/pack/wheel_zip.h"

#include "schema/base/limits.h"
#include "schema/digest.h"

#include <sodium.h>
#include <stdint.h>
#include <zlib.h>

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    ENTRY_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    VERSION_NEEDED = 20, // 2.0: deflate
    MADE_BY_UNIX = 3 << 8 | VERSION_NEEDED,
    NAMES_ARE_UTF8 = 1 << 11,
    FIRST_DATE = 1 << 5 | 1, // 1980-01-01
    FILE_MODE = 0100644,
    PROGRAM_MODE = 0100755,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
};

struct wheel_zip {
    struct buffer *bytes;    // borrowed
    struct buffer directory; // its entries so far
    struct buffer record;
    size_t count;
};

// What a local header and a directory entry both say of a file.
struct zip_part {
    const char *path;
    int method;
    uint32_t crc;
    uint32_t packed_size;
    uint32_t size;
    uint32_t mode;
    uint32_t offset;
};

static void add_u16(struct buffer *buffer, unsigned value) {
    const unsigned char bytes[] = {(unsigned char)value, (unsigned char)(value >> 8)};
    buffer_add(buffer, bytes, sizeof bytes);
}

static void add_u32(struct buffer *buffer, uint32_t value) {
    add_u16(buffer, value & 0xffff);
    add_u16(buffer, value >> 16);
}

enum status wheel_zip_new(struct buffer *bytes, struct wheel_zip **ret_zip, struct error *err) {
    struct wheel_zip *zip = calloc(1, sizeof *zip);
    if (!zip) {
        return fail_no_memory(err);
    }
    zip->bytes = bytes;
    buffer_init(&zip->directory, (size_t)2 * LIMIT_RECORD_BYTES);
    buffer_init(&zip->record, LIMIT_RECORD_BYTES);
    *ret_zip = zip;
    return STATUS_OK;
}

void wheel_zip_free(struct wheel_zip *zip) {
    buffer_done(&zip->directory);
    buffer_done(&zip->record);
    free(zip);
}

// Buffers remember their first failure, so that one check after many writes is enough.
static enum status check_written(const struct wheel_zip *zip, struct error *err) {
    const struct buffer *const buffers[] = {zip->bytes, &zip->directory, &zip->record};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        if (buffers[i]->failed == STATUS_TOO_LARGE) {
            return fail(
                err, STATUS_TOO_LARGE, NULL,
                "The wheel is too large: over %zu MiB, or its paths are too long. Leave out "
                "what is no code",
                zip->bytes->max_bytes >> 20);
        }
        if (buffers[i]->failed) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// The fields that both kinds of header share, from "version needed" to the length of the name.
static void add_shared(struct buffer *buffer, const struct zip_part *member) {
    add_u16(buffer, VERSION_NEEDED);
    add_u16(buffer, NAMES_ARE_UTF8);
    add_u16(buffer, (unsigned)member->method);
    add_u16(buffer, 0); // 00:00:00
    add_u16(buffer, FIRST_DATE);
    add_u32(buffer, member->crc);
    add_u32(buffer, member->packed_size);
    add_u32(buffer, member->size);
    add_u16(buffer, (unsigned)strlen(member->path));
    add_u16(buffer, 0); // no extra field
}

static void add_local_header(struct buffer *buffer, const struct zip_part *member) {
    add_u32(buffer, LOCAL_SIGNATURE);
    add_shared(buffer, member);
    buffer_add_string(buffer, member->path);
}

static void add_directory_entry(struct buffer *buffer, const struct zip_part *member) {
    add_u32(buffer, ENTRY_SIGNATURE);
    add_u16(buffer, MADE_BY_UNIX);
    add_shared(buffer, member);
    add_u16(buffer, 0); // no comment
    add_u16(buffer, 0); // the first disk
    add_u16(buffer, 0); // internal attributes
    add_u32(buffer, member->mode << 16);
    add_u32(buffer, member->offset);
    buffer_add_string(buffer, member->path);
}

// Compresses the bytes without zlib's own header. The result is owned, NULL when it would not be smaller;
// *ret_failed says that memory ran out.
static unsigned char *deflate_bytes(struct text bytes, uint32_t *ret_size, bool *ret_failed) {
    z_stream stream = {0};
    *ret_failed = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS,
                               MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY) != Z_OK;
    if (*ret_failed) {
        return NULL;
    }
    unsigned char *packed = malloc(bytes.len);
    stream.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = packed;
    stream.avail_out = (uInt)bytes.len;
    bool is_smaller = packed && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *ret_size = (uint32_t)stream.total_out;
    *ret_failed = !packed;
    deflateEnd(&stream);
    if (!is_smaller) {
        free(packed);
        return NULL;
    }
    return packed;
}

static enum status put(struct wheel_zip *zip, const struct wheel_zip_file *file,
                       struct error *err) {
    struct zip_part member = {
        .path = file->path,
        .crc = (uint32_t)crc32(0, (const Bytef *)file->bytes.ptr, (uInt)file->bytes.len),
        .size = (uint32_t)file->bytes.len,
        .mode = file->is_executable ? PROGRAM_MODE : FILE_MODE,
        .offset = (uint32_t)zip->bytes->len,
    };
    bool has_failed = false;
    scoped(cleanup_memory) unsigned char *packed =
        file->bytes.len ? deflate_bytes(file->bytes, &member.packed_size, &has_failed) : NULL;
    if (has_failed) {
        return fail_no_memory(err);
    }
    member.method = packed ? METHOD_DEFLATED : METHOD_STORED;
    member.packed_size = packed ? member.packed_size : member.size;
    add_local_header(zip->bytes, &member);
    buffer_add(zip->bytes, packed ? (const void *)packed : file->bytes.ptr, member.packed_size);
    add_directory_entry(&zip->directory, &member);
    return check_written(zip, err);
}

// RECORD is a CSV file (PEP 427): a path, the SHA-256 in unpadded base64 for addresses, and a size; its own line
// has neither.
//
//     plugins/crm/plugin.yaml,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,120
//     crm-1.0.dist-info/RECORD,,

// A path with a comma or a quote stands in quotes, as in every CSV file.
static void add_path(struct buffer *record, const char *path) {
    if (!strpbrk(path, ",\"\r\n")) {
        buffer_add_string(record, path);
        return;
    }
    buffer_add(record, "\"", 1);
    for (const char *c = path; *c; c++) {
        buffer_add(record, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    buffer_add(record, "\"", 1);
}

static void add_line(struct buffer *record, const struct wheel_zip_file *file) {
    enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
    uint8_t digest[DIGEST_SIZE];
    char text[sodium_base64_ENCODED_LEN(DIGEST_SIZE, VARIANT)];
    digest_sha256(file->bytes.ptr, file->bytes.len, digest);
    sodium_bin2base64(text, sizeof text, digest, sizeof digest, VARIANT);
    add_path(record, file->path);
    buffer_printf(record, ",sha256=%s,%zu\n", text, file->bytes.len);
}

enum status wheel_zip_add(struct wheel_zip *zip, const struct wheel_zip_file *file,
                          struct error *err) {
    if (++zip->count >= LIMIT_ARCHIVE_MEMBERS) { // one is left for RECORD
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "The wheel has more than %d files. Leave out what is no code",
                    LIMIT_ARCHIVE_MEMBERS);
    }
    add_line(&zip->record, file);
    return put(zip, file, err);
}

static void add_end(struct wheel_zip *zip) {
    uint32_t offset = (uint32_t)zip->bytes->len;
    buffer_add(zip->bytes, zip->directory.ptr, zip->directory.len);
    add_u32(zip->bytes, END_SIGNATURE);
    add_u16(zip->bytes, 0); // this disk
    add_u16(zip->bytes, 0); // the disk of the directory
    add_u16(zip->bytes, (unsigned)zip->count);
    add_u16(zip->bytes, (unsigned)zip->count);
    add_u32(zip->bytes, (uint32_t)zip->directory.len);
    add_u32(zip->bytes, offset);
    add_u16(zip->bytes, 0); // no comment
}

enum status wheel_zip_end(struct wheel_zip *zip, const char *dist_info, struct error *err) {
    char path[LIMIT_ARCHIVE_NAME_BYTES];
    if ((size_t)snprintf(path, sizeof path, "%s/RECORD", dist_info) >= sizeof path) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The name of the wheel is too long");
    }
    add_path(&zip->record, path);
    buffer_add_string(&zip->record, ",,\n");
    enum status status = check_written(zip, err);
    if (status) {
        return status;
    }
    struct wheel_zip_file file = {.path = path, .bytes = {zip->record.ptr, zip->record.len}};
    status = put(zip, &file, err);
    if (status) {
        return status;
    }
    zip->count++;
    add_end(zip);
    return check_written(zip, err);
}
