// SPDX-License-Identifier: MIT
// The releases of a resolution with the hashes of their files. The selection comes from memory; the files are asked of
// the database while the answer is made, once for all who ask the same. A file that is added later is a change of its
// package, which drops the answer. resolve_query.query holds the registry's address, which the answer repeats.
#include "registryd/api/resolve/handlers.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/request/address.h"
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

// Only files that fit the asked Python and tags get a hash: pip would take any file that has one.
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

static enum status load(struct store *store, struct arena *arena, const struct selection *selection,
                        struct requirements *requirements, struct error *err) {
    const struct selected_files_query query = {selection, false};
    struct selected_releases *releases = &requirements->releases;
    enum status status = selected_files_load(store, arena, &query, releases, err);
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

static enum status encode_text(const struct resolve_query *query, const struct selection *selection,
                               struct answer_draft *draft, struct error *err) {
    struct requirements requirements = {0};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    enum status status =
        arena ? load(query->store, arena, selection, &requirements, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    write_text(&draft->body, query->query, selection, &requirements);
    return STATUS_OK;
}

static const struct answer_form text_form = {.name = "requirements text", .encode = encode_text};

// ---- JSON, written as text: a tree of it would take twenty times as much ----

static bool add_string(struct buffer *body, const char *before, const char *text) {
    buffer_add_string(body, before);
    return json_write_string(body, text, strlen(text));
}

static bool add_release(struct buffer *body, const struct locked_release *release) {
    bool is_good = add_string(body, "{\"package\":", release->package) &&
                   add_string(body, ",\"version\":", release->version);
    buffer_add_string(body, ",\"files\":[");
    for (size_t i = 0; i < release->file_count && is_good; i++) {
        const struct locked_file *file = &release->files[i];
        is_good = add_string(body, i ? ",{\"filename\":" : "{\"filename\":", file->filename) &&
                  add_string(body, ",\"sha256\":", file->sha256);
        buffer_add_string(body, "}");
    }
    buffer_add_string(body, "]}");
    return is_good;
}

static bool add_missing(struct buffer *body, const struct missing_list *missing) {
    bool is_good = true;
    buffer_add_string(body, "],\"missing\":[");
    for (size_t i = 0; i < missing->count && is_good; i++) {
        const struct missing *item = &missing->items[i];
        is_good = add_string(body, i ? ",{\"package\":" : "{\"package\":", item->package) &&
                  add_string(body, ",\"code\":", item->code) &&
                  add_string(body, ",\"detail\":", item->detail);
        buffer_add_string(body, "}");
    }
    buffer_add_string(body, "]}");
    return is_good;
}

static bool write_json(struct buffer *body, const char *index, const struct selection *selection,
                       const struct requirements *requirements) {
    bool is_good = add_string(body, "{\"environment\":", selection->environment) &&
                   add_string(body, ",\"index\":", index);
    buffer_add_string(body, ",\"requirements\":[");
    for (size_t i = 0; i < requirements->releases.count && is_good; i++) {
        buffer_add_string(body, i ? "," : "");
        is_good = add_release(body, &requirements->releases.items[i]);
    }
    return is_good && add_missing(body, &selection->missing);
}

static enum status encode_json(const struct resolve_query *query, const struct selection *selection,
                               struct answer_draft *draft, struct error *err) {
    struct requirements requirements = {0};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    enum status status =
        arena ? load(query->store, arena, selection, &requirements, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    const char *index = arena_printf(arena, "%s/simple/", query->query);
    bool is_good = index && write_json(&draft->body, index, selection, &requirements);
    return is_good ? STATUS_OK : fail_no_memory(err);
}

static const struct answer_form json_form = {.name = "requirements json", .encode = encode_json};

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
    struct history_point point;
    const struct answer *answer = NULL;
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
    query.store = api->reading;
    query.query = registry_url(api, request);
    if (!query.query) {
        return fail_no_memory(err);
    }
    index_point(api->index, &point);
    status = index_answer(api->index, &query, is_json ? &json_form : &text_form, &answer, err);
    if (status) {
        return status;
    }
    selection_query_reply(reply, answer, &point);
    reply->content_type = is_json ? "application/json" : "text/plain; charset=utf-8";
    return STATUS_OK;
}
