// SPDX-License-Identifier: MIT
// RECORD is CSV: path, digest, size. Members that are not read are held to their size alone; inflating
// a whole wheel to check its digests is left to who installs it.
//
//     crm/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
//     "crm/a,b.py",sha256=…,12                a quoted field; a quote in it is doubled
//     crm-1.0.dist-info/RECORD,,              RECORD cannot hold its own digest
//
// The digest is URL-safe base64 without padding ("Binary distribution format", The .dist-info directory).
#include "schema/readers/artifact/wheel_record.h"

#include "schema/digest.h"

#include <string.h>

enum { FIELDS = 3 };

struct record_line {
    const char *path;   // from the root of the wheel
    const char *digest; // "sha256=…"; empty for RECORD itself
    const char *size;   // in bytes, as text; may be empty
    size_t line;        // where the row begins
};

struct wheel_record {
    struct reader *reader;
    const char *name; // of RECORD itself
    struct text rest; // what was not read yet
    size_t line;
    const struct archive_members *members;
    bool *listed; // per member
    size_t next;  // the member behind the last one found: mostly the next row's
    const struct archive_selection *selections; // members that were loaded, whose digest is checked
    size_t selection_count;
};

// wheel.whl: crm-1.0.dist-info/RECORD:3   "crm/a.py" has another size than RECORD says
static bool reader_add_row(const struct wheel_record *record, const char *code, size_t line,
                           const char *path, const char *what) {
    const char *where =
        arena_printf(record->reader->arena, "%s: %s:%zu", record->reader->path, record->name, line);
    struct error text;
    fail(&text, STATUS_INVALID, where, "\"%s\" %s", path, what);
    findings_add_error(record->reader->findings, code, &text);
    return false;
}

// Of what stands up to a comma or the end of the line.
static size_t plain_length(struct text rest) {
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != ',' && rest.ptr[len] != '\n' &&
           rest.ptr[len] != '\r') {
        len++;
    }
    return len;
}

// One CSV field into `into` (large enough for the rest); moves past it and its comma. False when a
// quote is not closed. *ret_last is set at the end of the line.
static bool split_field(struct wheel_record *record, char *into, size_t *ret_len, bool *ret_last) {
    struct text *rest = &record->rest;
    bool quoted = rest->len && rest->ptr[0] == '"';
    size_t at = quoted ? 1 : plain_length(*rest);
    size_t len = quoted ? 0 : at;
    memcpy(into, rest->ptr, len);
    for (; at < rest->len; at++) {
        char c = rest->ptr[at];
        if (quoted && c == '"') {
            bool escaped = at + 1 < rest->len && rest->ptr[at + 1] == '"';
            quoted = escaped;
            at += escaped;
            if (!escaped) {
                continue;
            }
        } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
            break;
        }
        record->line += c == '\n';
        into[len++] = c;
    }
    into[len] = '\0';
    *ret_len = len;
    *ret_last = at == rest->len || rest->ptr[at] != ',';
    at += at < rest->len;
    at += at < rest->len && rest->ptr[at - 1] == '\r' && rest->ptr[at] == '\n';
    *rest = (struct text){rest->ptr + at, rest->len - at};
    return !quoted;
}

// The next row; false at the end, and after a finding.
// An empty line has one empty field; check_row passes over it.
static bool split_row(struct wheel_record *record, char *buffer, struct record_line *ret_row) {
    const char *fields[FIELDS] = {"", "", ""};
    bool last = false;
    size_t count = 0;
    if (!record->rest.len) {
        return false;
    }
    *ret_row = (struct record_line){.line = ++record->line};
    for (; !last; count++) {
        size_t len;
        if (!split_field(record, buffer, &len, &last) || memchr(buffer, 0, len)) {
            return reader_add_row(record, "record-damaged", ret_row->line, buffer, "is not CSV");
        }
        if (count < FIELDS) {
            fields[count] = buffer;
        }
        buffer += len + 1;
    }
    ret_row->path = fields[0];
    ret_row->digest = fields[1];
    ret_row->size = fields[2];
    if (count != FIELDS && (count != 1 || *fields[0])) {
        return reader_add_row(record, "record-damaged", ret_row->line, fields[0],
                              "does not have three fields: path, digest, size");
    }
    return true;
}

static const struct archive_selection *find_loaded(const struct wheel_record *record,
                                                   const char *path) {
    for (size_t i = 0; i < record->selection_count; i++) {
        if (record->selections[i].bytes.ptr && strcmp(record->selections[i].name, path) == 0) {
            return &record->selections[i];
        }
    }
    return NULL;
}

// The digest as RECORD writes it: base64 with '-' and '_', without padding.
// 256 bits are 42 letters of 6 bits and one of 4; the byte behind the digest is 0, so the last letter is padded.
static void encode_digest(const struct archive_selection *selection, char ret_text[48]) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t digest[DIGEST_SIZE + 1] = {0};
    digest_sha256(selection->bytes.ptr, selection->bytes.len, digest);
    for (size_t i = 0; i < 43; i++) {
        size_t bit = i * 6;
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        ret_text[i] = letters[pair >> (10 - bit % 8) & 63];
    }
    ret_text[43] = '\0';
}

// Only the files that were loaded anyway are hashed. Padding at the end is tolerated: some tools write it.
static bool check_digest(struct wheel_record *record, const struct record_line *row) {
    static const char prefix[] = "sha256=";
    const struct archive_selection *loaded = find_loaded(record, row->path);
    bool is_sha256 = strncmp(row->digest, prefix, sizeof prefix - 1) == 0;
    bool strong = is_sha256 || strncmp(row->digest, "sha384=", 7) == 0 ||
                  strncmp(row->digest, "sha512=", 7) == 0;
    if (!strong) {
        return reader_add_row(record, "record-digest-weak", row->line, row->path,
                              "has no digest by SHA-256 or better");
    }
    char actual[48];
    if (!loaded || !is_sha256) {
        return true;
    }
    encode_digest(loaded, actual);
    const char *said = row->digest + sizeof prefix - 1;
    size_t padding = strspn(said + strcspn(said, "="), "=");
    if (strlen(said) - padding != strlen(actual) || strncmp(said, actual, strlen(actual)) != 0) {
        return reader_add_row(record, "record-digest", row->line, row->path,
                              "has another digest than RECORD says");
    }
    return true;
}

// Whether the text is the number as it is usually written. (snprintf was a tenth of reading a wheel.)
static bool is_number(const char *text, size_t number) {
    size_t at = strlen(text);
    do {
        if (!at || text[--at] != (char)('0' + number % 10)) {
            return false;
        }
        number /= 10;
    } while (number);
    return at == 0;
}

static bool check_size(const struct wheel_record *record, const struct record_line *row,
                       const struct archive_member *member) {
    if (*row->size && !is_number(row->size, member->size)) {
        return reader_add_row(record, "record-size", row->line, row->path,
                              "has another size than RECORD says");
    }
    return true;
}

// RECORD and its old signatures cannot list their own digest.
static bool is_own(const struct wheel_record *record, const char *path) {
    size_t len = strlen(record->name);
    return strncmp(path, record->name, len) == 0 &&
           (!path[len] || strcmp(path + len, ".jws") == 0 || strcmp(path + len, ".p7s") == 0);
}

// Rows mostly come in the order of the members, which saves a search a row.
static const struct archive_member *find_member(struct wheel_record *record, const char *path) {
    const struct archive_members *members = record->members;
    const struct archive_member *member = &members->items[record->next];
    if (record->next >= members->count || strcmp(member->name, path) != 0) {
        member = archive_members_find(members, path);
    }
    record->next = member ? (size_t)(member - members->items) + 1 : record->next;
    return member;
}

static void check_row(struct wheel_record *record, const struct record_line *row) {
    const struct archive_member *member = find_member(record, row->path);
    if (!*row->path) {
        return;
    }
    if (!member || !member->is_file) {
        reader_add_row(record, "record-absent", row->line, row->path,
                       "is listed, but not in the wheel");
        return;
    }
    bool *listed = &record->listed[member - record->members->items];
    if (*listed) {
        reader_add_row(record, "record-duplicate", row->line, row->path, "is listed twice");
        return;
    }
    *listed = true;
    if (!is_own(record, row->path) && check_size(record, row, member)) {
        check_digest(record, row);
    }
}

// The standard: "installation will fail if any file in the archive is not both mentioned and correctly hashed
// in RECORD". check_row looks from RECORD to the archive, this looks the other way.
static void check_unlisted(struct wheel_record *record) {
    for (size_t i = 0; i < record->members->count; i++) {
        const struct archive_member *member = &record->members->items[i];
        if (member->is_file && !record->listed[i] && !is_own(record, member->name)) {
            reader_add_member(record->reader, "record-unlisted", member->name,
                              "The file is in the wheel, but not in RECORD");
        }
    }
}

void wheel_record_check(struct reader *reader, const char *record_name, struct text bytes,
                        const struct archive_members *members,
                        const struct archive_selection *selections, size_t selection_count) {
    struct wheel_record record = {.reader = reader,
                                  .name = record_name,
                                  .rest = bytes,
                                  .members = members,
                                  .listed = reader_array(reader, members->count, sizeof(bool)),
                                  .selections = selections,
                                  .selection_count = selection_count};
    char *buffer = reader_array(reader, bytes.len + 4, 1);
    size_t errors_before = reader->findings->error_count;
    struct record_line row;
    while (buffer && record.listed && split_row(&record, buffer, &row)) {
        check_row(&record, &row);
    }
    if (buffer && record.listed && reader->findings->error_count == errors_before) {
        check_unlisted(&record);
    }
}
