// SPDX-License-Identifier: MIT
// Archives were checked when they were published; here they are read again, because what is shown must come from the
// bytes that people install. Of a zip only the directory and one member are there, the rest of the file is a hole: so
// the local headers are not compared once more.
#include "registryd/extract/show.h"

#include "registryd/readme/readme.h"
#include "schema/base/list.h"
#include "schema/readers/archive/tar.h"
#include "schema/readers/archive/zip.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct showing_archive {
    struct findings findings;
    struct reader reader;
};

static void begin(struct showing_archive *archive, struct arena *arena) {
    findings_init(&archive->findings, arena);
    archive->reader =
        (struct reader){.arena = arena, .findings = &archive->findings, .path = "archive"};
}

static bool show_readme(struct arena *arena, const char *line, struct text bytes,
                        struct buffer *out) {
    struct markup markup = {.out = *out};
    (void)arena;
    readme_add(&markup, bytes, text_from(line));
    *out = markup.out;
    return true;
}

static bool show_file(const char *name, struct text bytes, struct buffer *out) {
    struct markup markup = {.out = *out};
    readme_add_file(&markup, text_from(name), bytes);
    *out = markup.out;
    return true;
}

static void add_members(const struct archive_members *members, struct buffer *out) {
    for (size_t i = 0; i < members->count; i++) {
        const struct archive_member *member = &members->items[i];
        if (member->is_file) {
            buffer_printf(out, "%zu %zu %d %" PRIu32 " %zu\t%s\n", member->start,
                          member->packed.len, member->deflated, member->crc, member->size,
                          member->name);
        }
    }
}

static bool list_zip(struct arena *arena, const char *line, struct text bytes, struct buffer *out) {
    struct showing_archive archive;
    struct archive_members members;
    size_t filled = strtoul(line, NULL, 10);
    begin(&archive, arena);
    size_t start = zip_directory_start(bytes);
    if (start < filled) {
        buffer_printf(out, "more %zu\n", start);
        return true;
    }
    if (!zip_directory_read(&archive.reader, bytes, &members)) {
        return false;
    }
    add_members(&members, out);
    return true;
}

static bool list_tar(struct arena *arena, const char *line, struct text bytes, struct buffer *out) {
    struct showing_archive archive;
    struct archive_members members;
    (void)line;
    begin(&archive, arena);
    if (!tar_framing_read(&archive.reader, bytes, &members)) {
        return false;
    }
    for (size_t i = 0; i < members.count; i++) {
        members.items[i].packed.len = 0;
    }
    add_members(&members, out);
    return true;
}

static bool show_zip_member(struct arena *arena, const char *line, struct text bytes,
                            struct buffer *out) {
    struct showing_archive archive;
    struct archive_member member = {.is_file = true};
    struct text content;
    int deflated = 0;
    int at = 0;
    begin(&archive, arena);
    if (sscanf(line, "%zu %zu %d %" SCNu32 " %zu %n", &member.start, &member.packed.len, &deflated,
               &member.crc, &member.size, &at) < 5 ||
        !at) {
        return false;
    }
    member.deflated = deflated;
    member.name = line + at;
    return zip_member_read(&archive.reader, bytes, &member, SHOW_MEMBER_BYTES_MAX, &content) &&
           show_file(member.name, content, out);
}

static bool show_tar_member(struct arena *arena, const char *line, struct text bytes,
                            struct buffer *out) {
    struct showing_archive archive;
    struct archive_members members;
    struct archive_selection selection = {.name = line, .max_bytes = SHOW_MEMBER_BYTES_MAX};
    begin(&archive, arena);
    return tar_framing_read(&archive.reader, bytes, &members) &&
           archive_load(&archive.reader, bytes, &members, &selection, 1) && selection.bytes.ptr &&
           show_file(line, selection.bytes, out);
}

static const struct {
    const char *word;
    show_maker *make;
} makers[] = {
    {"readme", show_readme},         {"list-zip", list_zip},          {"list-tar", list_tar},
    {"member-zip", show_zip_member}, {"member-tar", show_tar_member},
};

show_maker *show_find(const char *word) {
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        if (strcmp(makers[i].word, word) == 0) {
            return makers[i].make;
        }
    }
    return NULL;
}
