// SPDX-License-Identifier: MIT
// What is in a wheel or sdist, and its text files. The daemon fetches no more than is looked at: the end of a zip, with its
// directory, then the bytes of one member, by ranges from wherever the file is kept. It parses nothing: the confined
// process lists and inflates, and its answers are kept. A gzip'd tar has no directory, so small ones are read whole.
//
// The list is the process's word. A wrong place in it leads to other bytes of the same file, and no further.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/frame/markup_show.h"
#include "schema/base/cleanup.h"
#include "schema/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TAIL_BYTES = 64 * 1024, // of a zip: most directories are smaller
    DIRECTORY_BYTES_MAX = 4 * 1024 * 1024,
    HEADER_BYTES = 8 * 1024, // before a member's bytes, with its name and extra fields
    MEMBER_BYTES_MAX = 1024 * 1024,
    TAR_BYTES_MAX = 16 * 1024 * 1024, // of an sdist, which must be read from its beginning
    LIST_BYTES_MAX = 64 * 1024,       // of the page
};

// A file that is looked at, and which part of it is fetched.
struct viewed_file {
    struct store *store;
    struct file_location location;
    const struct artifact_row *row;
    int64_t begin;
    int64_t end;
};

struct viewed_member {
    size_t start;
    size_t packed;
    int deflated;
    uint32_t crc;
    size_t size;
    const char *name; // arena
};

// ---- bytes ----

static enum status fetch_span(struct viewed_file *file, int64_t at, const struct file_span *span,
                              int fd, size_t *ret_len, struct error *err) {
    enum status status = store_file_read(file->store, &file->location, span, ret_len, err);
    if (status) {
        return status;
    }
    return pwrite(fd, span->room, *ret_len, (off_t)at) == (ssize_t)*ret_len
               ? STATUS_OK
               : fail(err, STATUS_INTERNAL, NULL, "Cannot hold a part of a file: %s",
                      strerror(errno));
}

// As viewer_filler: the wanted range of the file, at its place.
static enum status fetch(void *context, int fd, struct error *err) {
    struct viewed_file *file = context;
    size_t room_bytes = store_file_span_bytes(&file->location);
    scoped(cleanup_memory) char *room = malloc(room_bytes ? room_bytes : 1);
    if (!room) {
        return fail_no_memory(err);
    }
    for (int64_t at = file->begin; at < file->end;) {
        int64_t left = file->end - at;
        const struct file_span span = {at, room,
                                       left < (int64_t)room_bytes ? (size_t)left : room_bytes};
        size_t len;
        enum status status = fetch_span(file, at, &span, fd, &len, err);
        if (status) {
            return status;
        }
        at += (int64_t)len;
    }
    return STATUS_OK;
}

static bool is_zip(const struct viewed_file *file) {
    return !text_ends_with(text_from(file->row->filename), ".tar.gz");
}

static enum status ask(struct page_context *page, struct viewed_file *file, const char *word,
                       const char *line, struct text *ret_answer, struct error *err) {
    const struct viewer_task task = {.word = word,
                                     .line = line,
                                     .sha256 = file->location.sha256,
                                     .size = (size_t)file->location.size,
                                     .fill = fetch,
                                     .context = file};
    if (!page->api->viewer) {
        return fail(err, STATUS_INVALID, NULL, "This registry shows no files");
    }
    return viewer_ask(page->api->viewer, page->arena, &task, ret_answer, err);
}

// ---- the list ----

static enum status too_large(struct error *err) {
    return fail(err, STATUS_INVALID, NULL,
                "This archive is too large to be looked into. Download it.");
}

// The end of the zip, and once more from where its directory begins when that is earlier.
static enum status list_zip(struct page_context *page, struct viewed_file *file,
                            struct text *ret_list, struct error *err) {
    file->end = file->location.size;
    file->begin = file->end > TAIL_BYTES ? file->end - TAIL_BYTES : 0;
    const char *line = arena_printf(page->arena, "%" PRId64, file->begin);
    enum status status = ask(page, file, "list-zip", line ? line : "0", ret_list, err);
    if (status || ret_list->len < 5 || memcmp(ret_list->ptr, "more ", 5) != 0) {
        return status;
    }
    file->begin = strtoll(ret_list->ptr + 5, NULL, 10);
    if (file->begin < 0 || file->begin > file->end ||
        file->end - file->begin > DIRECTORY_BYTES_MAX) {
        return too_large(err);
    }
    line = arena_printf(page->arena, "%" PRId64, file->begin);
    return ask(page, file, "list-zip", line ? line : "0", ret_list, err);
}

static enum status list(struct page_context *page, struct viewed_file *file, struct text *ret_list,
                        struct error *err) {
    if (is_zip(file)) {
        return list_zip(page, file, ret_list, err);
    }
    if (file->location.size > TAR_BYTES_MAX) {
        return too_large(err);
    }
    file->begin = 0;
    file->end = file->location.size;
    return ask(page, file, "list-tar", "-", ret_list, err);
}

// "START PACKED METHOD CRC SIZE\tNAME"; false at the end and at anything else.
static bool next_member(struct arena *arena, struct text *rest, struct viewed_member *ret_member) {
    struct text line;
    int at = 0;
    if (!text_split(rest, '\n', &line)) {
        return false;
    }
    const char *copy = arena_copy(arena, line.ptr, line.len);
    if (!copy || !utf8_is_valid(line.ptr, line.len) ||
        sscanf(copy, "%zu %zu %d %" SCNu32 " %zu\t%n", &ret_member->start, &ret_member->packed,
               &ret_member->deflated, &ret_member->crc, &ret_member->size, &at) < 5 ||
        !at) {
        return false;
    }
    ret_member->name = copy + at;
    return true;
}

static const char *viewed_address(struct page_context *page, const struct package_view *view,
                                  const char *filename, const char *path) {
    struct address address;
    address_begin(&address, page->arena, "/packages");
    address_add_segment(&address, view->detail->package.name);
    buffer_add_string(&address.out, "/releases");
    address_add_segment(&address, view->shown->version);
    buffer_add_string(&address.out, "/files");
    address_add_query(&address, "file", filename);
    address_add_query(&address, "path", path);
    return address_end(&address);
}

void package_add_browse_link(struct page_context *page, const struct package_view *view,
                             const struct artifact_row *row) {
    html_link(page->html, "a", viewed_address(page, view, row->filename, NULL), "Browse");
}

static void add_member(struct page_context *page, const struct package_view *view,
                       const struct viewed_file *file, const struct viewed_member *member) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", viewed_address(page, view, file->row->filename, member->name),
              member->name);
    html_close(html);
    page_cell(html, package_size(page->arena, (int64_t)member->size));
    html_close(html);
}

// As many as the page takes: names may be long.
static void add_members(struct page_context *page, const struct package_view *view,
                        const struct viewed_file *file, struct text rest) {
    static const char *const columns[] = {"File", "Size", NULL};
    struct html *html = page->html;
    size_t limit = html->out.len + LIST_BYTES_MAX;
    struct viewed_member member;
    size_t count = 0;
    size_t shown = 0;
    page_open_table(html, "Files in the archive", columns);
    for (; next_member(page->arena, &rest, &member); count++) {
        if (html->out.len < limit) {
            add_member(page, view, file, &member);
            shown++;
        }
    }
    page_close_table(html);
    if (count > shown) {
        html_open(html, "p.dim");
        html_printf(html, "The first %zu of %zu files are listed.", shown, count);
        html_close(html);
    }
}

// ---- one of its files ----

static enum status ask_member(struct page_context *page, struct viewed_file *file,
                              const struct viewed_member *member, struct text *ret_markup,
                              struct error *err) {
    const char *line = member->name;
    if (member->packed > MEMBER_BYTES_MAX || member->size > MEMBER_BYTES_MAX) {
        return fail(err, STATUS_INVALID, NULL,
                    "This file is too large to be shown. Download the archive.");
    }
    if (is_zip(file)) {
        int64_t size = file->location.size;
        int64_t end = (int64_t)(member->start + member->packed + HEADER_BYTES);
        file->begin = (int64_t)member->start < size ? (int64_t)member->start : size;
        file->end = end > file->begin && end < size ? end : size;
        line = arena_printf(page->arena, "%zu %zu %d %" PRIu32 " %zu %s", member->start,
                            member->packed, member->deflated != 0, member->crc, member->size,
                            member->name);
    }
    return line ? ask(page, file, is_zip(file) ? "member-zip" : "member-tar", line, ret_markup, err)
                : fail_no_memory(err);
}

static enum status show_member(struct page_context *page, struct viewed_file *file,
                               struct text rest, const char *path, struct error *err) {
    struct viewed_member member;
    struct text markup;
    while (next_member(page->arena, &rest, &member)) {
        if (strcmp(member.name, path) == 0) {
            enum status status = ask_member(page, file, &member, &markup, err);
            if (!status) {
                markup_show(page->html, markup, NULL);
            }
            return status;
        }
    }
    return fail(err, STATUS_NOT_FOUND, NULL, "There is no file of this path in the archive");
}

// ---- the page ----

static enum status find_file(struct page_context *page, const struct package_view *view,
                             const char *filename, struct viewed_file *ret_file,
                             struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    for (size_t i = 0; i < view->files.count; i++) {
        const struct artifact_row *row = &view->files.items[i];
        if (strcmp(row->filename, filename) == 0 && digest_parse(row->sha256, digest)) {
            *ret_file = (struct viewed_file){.store = page->api->reading, .row = row};
            return store_file_find(ret_file->store, digest, filename, &ret_file->location, err);
        }
    }
    return fail(err, STATUS_NOT_FOUND, NULL, "This release has no file of this name");
}

static void add_trail(struct page_context *page, const struct package_view *view,
                      const struct viewed_file *file, const char *path) {
    struct html *html = page->html;
    html_open(html, "p.trail");
    html_link(html, "a", package_tab_address(page, view, package_tab_find("files"), NULL), "Files");
    html_text(html, " / ");
    html_link(html, "a", viewed_address(page, view, file->row->filename, NULL),
              file->row->filename);
    if (path) {
        html_text(html, " / ");
        html_element(html, "strong", path);
    }
    html_close(html);
}

static enum status add_content(struct page_context *page, const struct package_view *view,
                               struct viewed_file *file, const char *path, struct error *err) {
    struct text members;
    enum status status = list(page, file, &members, err);
    if (status) {
        return status;
    }
    if (path) {
        return show_member(page, file, members, path, err);
    }
    add_members(page, view, file, members);
    return STATUS_OK;
}

// What cannot be shown is said on the page; a wrong address and a database that is away are answers of their own.
enum status package_add_viewed(struct page_context *page, const struct package_view *view,
                               const char *filename, struct error *err) {
    struct error reason = {0};
    struct viewed_file file;
    const char *path = request_query(page->request, "path");
    enum status status = find_file(page, view, filename, &file, err);
    if (status) {
        return status;
    }
    page_open_section(page->html, "viewer", "Files");
    add_trail(page, view, &file, path);
    status = add_content(page, view, &file, path, &reason);
    if (status == STATUS_INVALID || status == STATUS_TOO_MANY) {
        page_nothing(page->html, reason.message);
        status = STATUS_OK;
    }
    html_close(page->html);
    return status ? fail(err, status, reason.where, "%s", reason.message) : STATUS_OK;
}
