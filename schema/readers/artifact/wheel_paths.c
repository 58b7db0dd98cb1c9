// SPDX-License-Identifier: MIT
// Installing moves what lies in the wheel's .data directory (PEP 427), and leaves the rest where it is:
//
//     crm/__init__.py                    -> crm/__init__.py
//     crm-1.0.data/purelib/crm/a.py      -> crm/a.py           platlib likewise
//     crm-1.0.data/scripts/crm           -> {scripts}/crm
//     crm-1.0.data/data/etc/crm.conf     -> {data}/etc/crm.conf
//
// The list is by folder, because that is a tenth of its size by file. Only where packages of any kind meet, at the top
// of site-packages, of scripts and of data, does each file count as a folder: else all of them would share one.
#include "schema/readers/artifact/wheel_paths.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// One file as it is installed.
struct installed_file {
    const char *path; // the whole of it
    size_t folder;    // length of the folder's path in it
};

static const struct {
    const char *key; // of the .data directory
    const char *top; // where its files go
} schemes[] = {
    {"purelib/", ""},
    {"platlib/", ""},
    {"scripts/", "{scripts}/"},
    {"data/", "{data}/"},
};

// The rest of the text behind a beginning; NULL when it begins otherwise.
static const char *behind(const char *text, struct text beginning) {
    return strncmp(text, beginning.ptr, beginning.len) == 0 ? text + beginning.len : NULL;
}

// "crm-1.0.data/scripts/crm" -> "{scripts}/crm". NULL: installers keep it apart, or out of memory.
static const char *place(struct reader *reader, const char *name, struct text stem) {
    const char *rest = behind(name, stem);
    if (rest && strncmp(rest, ".dist-info/", 11) == 0) {
        return NULL;
    }
    if (!rest || strncmp(rest, ".data/", 6) != 0) {
        return name;
    }
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        const char *file = behind(rest + 6, text_from(schemes[i].key));
        if (file) {
            const char *path = arena_printf(reader->arena, "%s%s", schemes[i].top, file);
            reader->findings->no_memory |= !path;
            return path;
        }
    }
    return NULL;
}

// "crm/a.py": 3; "crm.py" and "{scripts}/crm": all of it.
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    bool is_top = !len || (path[0] == '{' && path[len - 1] == '}' && !memchr(path, '/', len));
    return is_top ? strlen(path) : len;
}

// By folder first: "a/b/c" and "a-b" would else stand between "a/x" and "a/y".
static int compare_files(const void *left, const void *right) {
    const struct installed_file *one = left;
    const struct installed_file *other = right;
    size_t shorter = one->folder < other->folder ? one->folder : other->folder;
    int order = memcmp(one->path, other->path, shorter);
    if (!order) {
        order = (one->folder > other->folder) - (one->folder < other->folder);
    }
    return order ? order : strcmp(one->path + one->folder, other->path + other->folder);
}

static bool is_same_folder(const struct installed_file *one, const struct installed_file *other) {
    return one->folder == other->folder && memcmp(one->path, other->path, one->folder) == 0;
}

static const char *file_name(const struct installed_file *file) {
    const char *rest = file->path + file->folder;
    return *rest ? rest + 1 : rest; // behind the slash
}

// The names of the files from `first` on that share its folder, one a line; *ret_next is the first of another one.
static const char *join_names(struct reader *reader, const struct installed_file *files,
                              size_t count, size_t first, size_t *ret_next) {
    scoped(buffer_done) struct buffer names;
    buffer_init(&names, LIMIT_RECORD_BYTES);
    size_t i = first;
    for (; i < count && is_same_folder(&files[first], &files[i]); i++) {
        // a file may lie in purelib and in platlib
        if (i == first || strcmp(files[i - 1].path, files[i].path) != 0) {
            buffer_add_string(&names, i == first ? "" : "\n");
            buffer_add_string(&names, file_name(&files[i]));
        }
    }
    *ret_next = i;
    const char *text =
        names.failed ? NULL : arena_copy(reader->arena, names.ptr ? names.ptr : "", names.len);
    reader->findings->no_memory |= !text;
    return text;
}

static struct wheel_folders gather(struct reader *reader, const struct installed_file *files,
                                   size_t count) {
    struct wheel_folders folders = {reader_array(reader, count + 1, sizeof *folders.items), 0};
    for (size_t i = 0; folders.items && i < count;) {
        const char *path = arena_copy(reader->arena, files[i].path, files[i].folder);
        reader->findings->no_memory |= !path;
        const char *names = join_names(reader, files, count, i, &i);
        folders.items[folders.count++] = (struct wheel_folder){path, names};
    }
    return folders;
}

struct wheel_folders wheel_paths_list(struct reader *reader, const struct archive_members *members,
                                      struct text stem) {
    struct installed_file *files = reader_array(reader, members->count + 1, sizeof *files);
    size_t count = 0;
    for (size_t i = 0; files && i < members->count; i++) {
        const struct archive_member *member = &members->items[i];
        const char *path = member->is_file ? place(reader, member->name, stem) : NULL;
        if (path) {
            files[count++] = (struct installed_file){path, folder_length(path)};
        }
    }
    if (!files || reader->findings->no_memory) {
        return (struct wheel_folders){0};
    }
    qsort(files, count, sizeof *files, compare_files);
    return gather(reader, files, count);
}
