// SPDX-License-Identifier: MIT
// Names of members, the list of them, and the only code that sees libarchive. The rules for names are
// strict: a name that two readers, or two file systems, could take for two different places is refused.
//
//     crm/../../etc/passwd   member-name-dots        crm\plugin.py   member-name-backslash
//     C:crm                  member-name-drive       crm and crm/a    member-duplicate
//
// Formats and filters of libarchive are named one by one, because most of its faults were in those that few people
// asked for.
#include "schema/readers/archive/archive.h"

#include "schema/base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

// ---- members ----

enum { MAX_SLASHES = 64 };

static int compare_members(const void *left, const void *right) {
    const struct archive_member *a = left;
    const struct archive_member *b = right;
    return strcmp(a->name, b->name);
}

// The list is sorted by archive_members_sort before anything is looked up.
const struct archive_member *archive_members_find(const struct archive_members *members,
                                                  const char *name) {
    const struct archive_member key = {.name = name};
    return members->count
               ? bsearch(&key, members->items, members->count, sizeof key, compare_members)
               : NULL;
}

// One byte more than the member has, for the NUL at the end. The stated size is checked before
// anything is inflated, so a bomb costs nothing.
char *archive_member_room(struct reader *reader, const struct archive_member *member,
                          size_t max_bytes) {
    if (member->size > max_bytes) {
        reader_add_member(reader, "member-too-large", member->name,
                          "The member has %zu bytes; the limit is %zu", member->size, max_bytes);
        return NULL;
    }
    return reader_array(reader, member->size + 1, 1);
}

// What a name contains; judged together, so that one pass suffices for all rules.
struct letters {
    bool high;    // anything but ASCII
    bool control; // below a blank, or DEL
    bool backslash;
    size_t slashes; // how deep the member lies
};

// One pass, without leaving early: names are short and almost all are good.
static struct letters scan_letters(struct text name) {
    struct letters letters = {0};
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        letters.high |= c >= 0x80;
        letters.control |= c < 0x20 || c == 0x7f;
        letters.backslash |= c == '\\';
        letters.slashes += c == '/';
    }
    return letters;
}

// Empty, "." or "..".
static bool is_odd_part(const char *part, size_t len) {
    return !len || (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')));
}

// A directory ends with '/', which is no empty part.
static bool has_odd_part(struct text name) {
    size_t end = name.len - (name.ptr[name.len - 1] == '/');
    size_t start = 0;
    for (size_t i = 0; i < end; i++) {
        if (name.ptr[i] == '/') {
            if (is_odd_part(name.ptr + start, i - start)) {
                return true;
            }
            start = i + 1;
        }
    }
    return is_odd_part(name.ptr + start, end - start);
}

// Every rule here is about a name that one tool reads differently from another, or that leaves
// the folder an archive is unpacked in: "../../etc/passwd", "/etc/passwd", "C:x", "a\0.py".
const char *archive_member_name(struct reader *reader, struct text name) {
    if (!name.len || name.len > LIMIT_ARCHIVE_NAME_BYTES) {
        reader_add_member(reader, "member-name-length", NULL,
                          "The member name has %zu bytes; allowed are 1 to %d", name.len,
                          LIMIT_ARCHIVE_NAME_BYTES);
        return NULL;
    }
    const char *copy = arena_copy(reader->arena, name.ptr, name.len);
    if (!copy) {
        reader->findings->no_memory = true;
        return NULL;
    }
    struct letters letters = scan_letters(name);
    if (letters.control && text_has_nul(name.ptr, name.len)) {
        reader_add_member(reader, "member-name-nul", copy, "The member name contains a NUL");
    } else if (letters.high && !utf8_is_valid(name.ptr, name.len)) {
        reader_add_member(reader, "member-name-not-utf8", copy, "The member name is not UTF-8");
    } else if (letters.control) {
        reader_add_member(reader, "member-name-control", copy,
                          "The member name contains a control character");
    } else if (name.ptr[0] == '/') {
        reader_add_member(reader, "member-name-absolute", copy,
                          "The member name is an absolute path");
    } else if (letters.backslash) {
        reader_add_member(reader, "member-name-backslash", copy,
                          "The member name contains a backslash");
    } else if (is_alpha(copy[0]) && copy[1] == ':') {
        reader_add_member(reader, "member-name-drive", copy,
                          "The member name starts with a drive letter");
    } else if (has_odd_part(name)) {
        reader_add_member(reader, "member-name-dots", copy,
                          "The member name has an empty part, \".\" or \"..\"");
    } else if (letters.slashes > MAX_SLASHES) {
        reader_add_member(reader, "member-name-deep", copy, "The member is nested too deeply");
    } else {
        return copy;
    }
    return NULL;
}

// How far two names agree, in bytes.
static size_t shared_length(const char *name, const char *other) {
    size_t len = 0;
    while (name[len] && name[len] == other[len]) {
        len++;
    }
    return len;
}

// Whether something that is no directory bears the name of a directory `name` lies in. The directories
// it shares with the name before it were looked up for that one.
static bool lies_in_a_file(const struct archive_members *members, const char *name,
                           const char *before) {
    char parent[LIMIT_ARCHIVE_NAME_BYTES + 1];
    const char *slash = strchr(name + shared_length(name, before), '/');
    for (; slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - name);
        memcpy(parent, name, len);
        parent[len] = '\0';
        if (archive_members_find(members, parent)) {
            return true;
        }
    }
    return false;
}

// Most archives are written in order.
static void sort_members(struct archive_members *members) {
    for (size_t i = 1; i < members->count; i++) {
        if (compare_members(&members->items[i - 1], &members->items[i]) > 0) {
            qsort(members->items, members->count, sizeof *members->items, compare_members);
            return;
        }
    }
}

// A directory that is listed twice does no harm; a file that is listed twice has two contents.
bool archive_members_sort(struct reader *reader, struct archive_members *members) {
    sort_members(members);
    for (size_t i = 1; i < members->count; i++) {
        const char *name = members->items[i].name;
        if (strcmp(name, members->items[i - 1].name) == 0 && name[strlen(name) - 1] != '/') {
            return reader_add_member(reader, "member-duplicate", name,
                                     "The archive contains the member twice");
        }
    }
    const char *before = "";
    for (size_t i = 0; i < members->count; i++) {
        const char *name = members->items[i].name;
        if (lies_in_a_file(members, name, before)) {
            return reader_add_member(reader, "member-duplicate", name,
                                     "A parent directory of the member is also a file");
        }
        before = name;
    }
    return true;
}

// ---- libarchive ----

CLEANUP_DEFINE(struct archive *, cleanup_archive, archive_read_free)

enum { BLOCK_BYTES = 64 * 1024 };

struct archive_gzip {
    struct archive *archive;
};

// libarchive reads from memory, never from a file name.
static bool open_bytes(struct archive *archive, struct text bytes) {
    return archive_read_open_memory(archive, bytes.ptr, bytes.len) == ARCHIVE_OK;
}

// "raw" is the format of a plain stream: libarchive only inflates, and we parse the tar.
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

// A handful of files is wanted from each archive, so a scan will do.
static struct archive_selection *find_selection(struct archive_selection *selections, size_t count,
                                                const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(selections[i].name, name) == 0) {
            return &selections[i];
        }
    }
    return NULL;
}

// The member's bytes, exactly as many as it says.
static bool load_member(struct reader *reader, struct archive *archive,
                        const struct archive_member *member, struct archive_selection *selection) {
    char *bytes = archive_member_room(reader, member, selection->max_bytes);
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
    selection->bytes = (struct text){bytes, len};
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

// The second reader: libarchive must see the members that our own framing saw, with the same sizes.
static bool take_entry(struct reader *reader, struct archive *archive, struct archive_entry *entry,
                       const struct archive_members *members, struct archive_selection *selections,
                       size_t selection_count) {
    const char *path = path_of(entry);
    const struct archive_member *member = path ? find_member(reader, members, path) : NULL;
    if (!member || (member->is_file && archive_entry_size(entry) != (la_int64_t)member->size)) {
        return reader_add_member(reader, "archive-readers-disagree", path,
                                 "Two archive readers see different members");
    }
    struct archive_selection *selection = find_selection(selections, selection_count, member->name);
    return !selection || !member->is_file || load_member(reader, archive, member, selection);
}

// Also counts: a member that libarchive passes over is as bad as one that it sees besides.
bool archive_load(struct reader *reader, struct text bytes, const struct archive_members *members,
                  struct archive_selection *selections, size_t selection_count) {
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
        if (!take_entry(reader, archive, entry, members, selections, selection_count)) {
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
