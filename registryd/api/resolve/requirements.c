// SPDX-License-Identifier: MIT
// The releases of a resolution with the hashes of their files. The selection comes from memory; the files
// are asked of the database, since only this needs them.
#include "registryd/api/resolve/handlers.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/resolver/etag.h"
#include "registryd/store/store_candidates.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/pip_requirements.h"

#include <stdlib.h>
#include <string.h>

struct requirements {
    struct release_name *releases; // by package
    struct pip_requirement *items; // of each release
    struct release_files files; // those that fit; the hashes of `items` are theirs, in this order
    size_t count;
};

static int compare_releases(const void *a, const void *b) {
    return strcmp(((const struct release_name *)a)->package,
                  ((const struct release_name *)b)->package);
}

// The releases that a host loads anything from, each once.
static enum status gather_releases(struct arena *arena, const struct records *records,
                                   struct requirements *requirements, struct error *err) {
    struct release_name *releases = arena_array(arena, records->count + 1, sizeof *releases);
    if (!releases) {
        return fail_no_memory(err);
    }
    size_t found = 0;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        // A host never loads a shadowed entry point, so its package need not be installed for it.
        if (!record->shadowed_by) {
            releases[found++] = (struct release_name){record->package, record->version};
        }
    }
    qsort(releases, found, sizeof *releases, compare_releases);
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        if (!kept || compare_releases(&releases[kept - 1], &releases[i]) != 0) {
            releases[kept++] = releases[i];
        }
    }
    requirements->releases = releases;
    requirements->count = kept;
    return STATUS_OK;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// An environment without tags takes every wheel; an sdist has no tags and fits everywhere.
static bool fits(const struct selection *selection, const struct release_file *file) {
    struct text rest = text_from(file->tags);
    struct text tag;
    bool is_wheel = strcmp(file->kind, "wheel") == 0;
    while (is_wheel && selection->tag_count && text_split(&rest, ' ', &tag)) {
        char name[LIMIT_FILE_NAME_BYTES + 1];
        snprintf(name, sizeof name, "%.*s", (int)tag.len, tag.ptr);
        const char *key = name;
        if (bsearch(&key, selection->tags, selection->tag_count, sizeof key, compare_texts)) {
            return true;
        }
    }
    return !is_wheel || !selection->tag_count;
}

// Hands the files that fit out to their releases.
static enum status fill_items(struct arena *arena, const struct selection *selection,
                              struct requirements *requirements, struct error *err) {
    struct release_files *files = &requirements->files;
    const char **hashes = arena_array(arena, files->count + 1, sizeof *hashes);
    requirements->items = arena_array(arena, requirements->count + 1, sizeof *requirements->items);
    if (!hashes || !requirements->items) {
        return fail_no_memory(err);
    }
    size_t used = 0;
    size_t at = 0;
    for (size_t i = 0; i < requirements->count; i++) {
        struct pip_requirement *item = &requirements->items[i];
        *item = (struct pip_requirement){requirements->releases[i].package,
                                         requirements->releases[i].version, hashes + used, 0};
        // Files come sorted by the position of their release in the list that was asked for, from
        // 1. Those that fit are moved to the front of the same array: `used` never passes `at`.
        for (; at < files->count && files->items[at].position == (int64_t)i + 1; at++) {
            if (fits(selection, &files->items[at])) {
                files->items[used] = files->items[at];
                hashes[used++] = files->items[at].sha256;
                item->sha256_count++;
            }
        }
    }
    files->count = used;
    return STATUS_OK;
}

static enum status load(struct api *api, const struct request *request,
                        const struct selection *selection, struct requirements *requirements,
                        struct error *err) {
    enum status status = gather_releases(request->arena, &selection->records, requirements, err);
    if (status) {
        return status;
    }
    status = store_release_files_load(api->store, request->arena, requirements->releases,
                                      requirements->count, &requirements->files, err);
    if (status) {
        return status;
    }
    return fill_items(request->arena, selection, requirements, err);
}

static enum status reply_text(const struct request *request, struct reply *reply,
                              const struct requirements *requirements, struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    // The list is the whole resolution, so pip must not resolve again (--no-deps), and must take
    // only files that the registry has (--require-hashes).
    buffer_add_string(&text, "# for pip install --no-deps --require-hashes -r\n");
    pip_requirements_write(&text, requirements->items, requirements->count);
    char *etag = arena_alloc(request->arena, ETAG_SIZE);
    char *body = text.failed ? NULL : arena_copy(request->arena, text.ptr, text.len);
    if (!body || !etag) {
        return text.failed == STATUS_TOO_LARGE
                   ? fail(err, STATUS_TOO_LARGE, NULL, "The list would exceed %d bytes",
                          LIMIT_ANSWER_BYTES)
                   : fail_no_memory(err);
    }
    hash_etag(body, text.len, etag);
    reply->etag = etag;
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = (struct text){body, text.len};
    return STATUS_OK;
}

static json_t *encode(const struct selection *selection, const struct requirements *requirements) {
    scoped(cleanup_json) json_t *array = json_array();
    size_t at = 0;
    for (size_t i = 0; array && i < requirements->count; i++) {
        const struct pip_requirement *item = &requirements->items[i];
        json_t *files = json_array();
        for (size_t j = 0; j < item->sha256_count; j++, at++) {
            const struct release_file *file = &requirements->files.items[at];
            json_array_append_new(
                files, json_pack("{s:s,s:s}", "filename", file->filename, "sha256", file->sha256));
        }
        json_t *object = json_pack("{s:s,s:s,s:o}", "package", item->package, "version",
                                   item->version, "files", files);
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return json_pack("{s:s,s:O}", "environment", selection->environment, "requirements", array);
}

static enum status read_format(const struct request *request, bool *ret_json, struct error *err) {
    const char *format = request_query(request, "format");
    bool is_json = format && strcmp(format, "json") == 0;
    if (format && !is_json && strcmp(format, "text") != 0) {
        return fail(err, STATUS_USAGE, "?format", "The parameter \"format\" must be text or json");
    }
    *ret_json = is_json;
    return STATUS_OK;
}

enum status requirements_show(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query;
    struct selection selection;
    struct requirements requirements = {0};
    bool is_json = false;
    enum status status = selection_query_decode_format(api, request, &query, err);
    if (status) {
        return status;
    }
    status = read_format(request, &is_json, err);
    if (status) {
        return status;
    }
    if (!query.group_count) {
        return fail(err, STATUS_USAGE, "?group", "Name 1 to %d groups, each as group=NAME",
                    LIMIT_QUERY_GROUPS);
    }
    // The answer has no room for explanations, so they are not made.
    query.explain = false;
    status = index_select(api->index, &query, request->arena, &selection, err);
    if (status) {
        return status;
    }
    status = load(api, request, &selection, &requirements, err);
    if (status) {
        return status;
    }
    return is_json ? reply_json(request, reply, encode(&selection, &requirements), err)
                   : reply_text(request, reply, &requirements, err);
}
