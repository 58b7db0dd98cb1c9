// SPDX-License-Identifier: MIT
// The releases of a resolution with the hashes of their files. The selection comes from memory; the files
// are asked of the database, since only this needs them.
#include "registryd/api/resolve/handlers.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/request/address.h"
#include "registryd/hash/etag.h"
#include "registryd/tables/selected_files.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/pip_requirements.h"

#include <string.h>

// What is answered: each release with the files that fit.
struct requirements {
    struct selected_releases releases;
    struct pip_requirement *items; // of each release
};

static bool fill_item(struct arena *arena, const struct selection *selection,
                      struct locked_release *release, struct pip_requirement *item) {
    struct locked_file *files = arena_array(arena, release->file_count + 1, sizeof *files);
    const char **hashes = arena_array(arena, release->file_count + 1, sizeof *hashes);
    size_t count = 0;
    for (size_t i = 0; files && hashes && i < release->file_count; i++) {
        if (selected_file_fits(selection, &release->files[i])) {
            files[count] = release->files[i];
            hashes[count++] = release->files[i].sha256;
        }
    }
    release->files = files;
    release->file_count = count;
    *item = (struct pip_requirement){release->package, release->version, hashes, count};
    return files && hashes;
}

static enum status load(struct api *api, const struct request *request,
                        const struct selection *selection, struct requirements *requirements,
                        struct error *err) {
    struct arena *arena = request->arena;
    const struct selected_files_query query = {selection, false};
    struct selected_releases *releases = &requirements->releases;
    enum status status = selected_files_load(api->store, arena, &query, releases, err);
    if (status) {
        return status;
    }
    requirements->items = arena_array(arena, releases->count + 1, sizeof *requirements->items);
    if (!requirements->items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < releases->count; i++) {
        if (!fill_item(arena, selection, &releases->items[i], &requirements->items[i])) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// A reason may have any characters; the comment must stay on its line.
static void write_missing(struct buffer *text, const struct missing_list *missing) {
    for (size_t i = 0; i < missing->count; i++) {
        const struct missing *item = &missing->items[i];
        buffer_printf(text, "# missing: %s: %s: ", item->package, item->code);
        for (const char *c = item->detail; *c; c++) {
            buffer_add(text, is_control(*c) ? " " : c, 1);
        }
        buffer_add_string(text, "\n");
    }
}

static bool has_files(const struct requirements *requirements) {
    for (size_t i = 0; i < requirements->releases.count; i++) {
        if (requirements->items[i].sha256_count) {
            return true;
        }
    }
    return false;
}

static void write_text(struct buffer *text, const char *url, const struct selection *selection,
                       const struct requirements *requirements) {
    // The list is the whole resolution, so pip must not resolve again (--no-deps), and must take
    // only files that the registry has (--require-hashes).
    buffer_add_string(text, "# for pip install --no-deps --require-hashes -r\n");
    write_missing(text, &selection->missing);
    if (has_files(requirements)) {
        buffer_printf(text, "--index-url %s/simple/\n", url);
    }
    pip_requirements_write(text, requirements->items, requirements->releases.count);
}

static enum status reply_text(const struct request *request, struct reply *reply,
                              const struct buffer *written, struct error *err) {
    const struct buffer text = *written;
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

static json_t *encode_files(const struct locked_release *release) {
    scoped(cleanup_json) json_t *files = json_array();
    for (size_t i = 0; files && i < release->file_count; i++) {
        const struct locked_file *file = &release->files[i];
        json_t *item = json_pack("{s:s,s:s}", "filename", file->filename, "sha256", file->sha256);
        if (json_array_append_new(files, item)) {
            return NULL;
        }
    }
    return take(files);
}

static json_t *encode_missing(const struct missing_list *missing) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < missing->count; i++) {
        const struct missing *item = &missing->items[i];
        json_t *object = json_pack("{s:s,s:s,s:s}", "package", item->package, "code", item->code,
                                   "detail", item->detail);
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode(const struct selection *selection, const char *url,
                      const struct requirements *requirements) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < requirements->releases.count; i++) {
        const struct locked_release *release = &requirements->releases.items[i];
        json_t *object = json_pack("{s:s,s:s,s:o}", "package", release->package, "version",
                                   release->version, "files", encode_files(release));
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return json_pack("{s:s,s:s+,s:O,s:o}", "environment", selection->environment, "index", url,
                     "/simple/", "requirements", array, "missing",
                     encode_missing(&selection->missing));
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
    query.wants_missing = true;
    status = index_select(api->index, &query, request->arena, &selection, err);
    if (status) {
        return status;
    }
    status = load(api, request, &selection, &requirements, err);
    if (status) {
        return status;
    }
    const char *url = registry_url(api, request);
    if (!url) {
        return fail_no_memory(err);
    }
    if (is_json) {
        return reply_json(request, reply, encode(&selection, url, &requirements), err);
    }
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    write_text(&text, url, &selection, &requirements);
    return reply_text(request, reply, &text, err);
}
