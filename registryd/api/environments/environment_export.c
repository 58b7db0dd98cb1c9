// SPDX-License-Identifier: MIT
// What an environment answers as a file: the releases and their files, of a lock or of the moment. The selection
// comes from memory, the files from the lock or the database. Nothing of it is kept, because its addresses
// are those that the client uses.
#include "registryd/api/environments/environments.h"
#include "registryd/api/environments/handlers.h"

#include "registryd/request/address.h"
#include "registryd/request/query.h"
#include "registryd/hash/etag.h"
#include "registryd/tables/selected_paths.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/version/version.h"
#include "schema/release/release_export.h"

#include <string.h>

enum export_format { EXPORT_JSON, EXPORT_PYLOCK, EXPORT_REQUIREMENTS, EXPORT_FORMATS };

static const struct {
    const char *name;
    const char *content_type;
    void (*write)(struct buffer *text, const struct release_export *export); // NULL: JSON
} formats[] = {
    [EXPORT_JSON] = {"json", "application/json", NULL},
    [EXPORT_PYLOCK] = {"pylock", "application/toml", release_export_write_pylock},
    [EXPORT_REQUIREMENTS] = {"requirements", "text/plain; charset=utf-8",
                             release_export_write_requirements},
};

struct export_maker {
    struct api *api;
    const struct request *request;
    struct findings *findings;
    const char *url; // of the registry
    struct selection selection;
    struct selected_releases releases;
    struct release_export export;
};

// ---- the facts ----

// What lets an installer refuse another host. Not every marker: a kernel's release changes with every update, and
// would make the file useless on the very host it was made for.
// Written into pylock.toml as environments, for example:
//   sys_platform == 'linux' and platform_machine == 'x86_64'
static bool is_lasting(const char *marker) {
    static const char *const names[] = {"implementation_name", "os_name", "platform_machine",
                                        "python_version", "sys_platform"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i], marker) == 0) {
            return true;
        }
    }
    return false;
}

// A value with a quote in it cannot be written, and is left out.
static enum status make_marker(struct arena *arena, const struct environment *environment,
                               const char **ret_marker, struct error *err) {
    const char *marker = NULL;
    for (size_t i = 0; i < environment->marker_count; i++) {
        const struct environment_pair *pair = &environment->markers[i];
        if (is_lasting(pair->name) && !strpbrk(pair->value, "'\"\\")) {
            marker = arena_printf(arena, "%s%s%s == '%s'", marker ? marker : "",
                                  marker ? " and " : "", pair->name, pair->value);
            if (!marker) {
                return fail_no_memory(err);
            }
        }
    }
    *ret_marker = marker;
    return STATUS_OK;
}

// The Python of the environment and later ones: "3.11.2" gives ">=3.11".
static enum status make_requires_python(struct arena *arena, const char *python,
                                        const char **ret_text, struct error *err) {
    const char *dot = python ? strchr(python, '.') : NULL;
    size_t len = dot ? (size_t)(dot - python) + 1 + strspn(dot + 1, "0123456789") : 0;
    if (!len) {
        return STATUS_OK;
    }
    *ret_text = arena_printf(arena, ">=%.*s", (int)len, python);
    return *ret_text ? STATUS_OK : fail_no_memory(err);
}

// ---- the releases ----

static const char *address_of(const struct export_maker *maker, const struct locked_file *file) {
    return arena_printf(maker->request->arena, "%s/files/%s/%s", maker->url, file->sha256,
                        file->filename);
}

// Only the files that fit the environment's facts: an installer must not choose among others.
static bool fill_release(const struct export_maker *maker, const struct locked_release *release,
                         struct export_release *ret_release) {
    struct export_file *files =
        arena_array(maker->request->arena, release->file_count + 1, sizeof *files);
    *ret_release = (struct export_release){.package = release->package,
                                           .version = release->version,
                                           .requires_python = release->requires_python,
                                           .files = files};
    for (size_t i = 0; files && i < release->file_count; i++) {
        const struct locked_file *file = &release->files[i];
        if (!selected_file_fits(&maker->selection, file)) {
            continue;
        }
        struct export_file *item = &files[ret_release->file_count++];
        *item = (struct export_file){.filename = file->filename,
                                     .kind = file->kind,
                                     .url = address_of(maker, file),
                                     .sha256 = file->sha256,
                                     .uploaded_at = file->uploaded_at,
                                     .size = file->size};
        if (!item->url) {
            return false;
        }
    }
    return files;
}

static enum status fill_releases(struct export_maker *maker, struct error *err) {
    struct arena *arena = maker->request->arena;
    struct release_export *export = &maker->export;
    const struct missing_list *missing = &maker->selection.missing;
    export->releases = arena_array(arena, maker->releases.count + 1, sizeof *export->releases);
    export->missing = arena_array(arena, missing->count + 1, sizeof *export->missing);
    if (!export->releases || !export->missing) {
        return fail_no_memory(err);
    }
    for (; export->release_count < maker->releases.count; export->release_count++) {
        const struct locked_release *release = &maker->releases.items[export->release_count];
        if (!fill_release(maker, release, &export->releases[export->release_count])) {
            return fail_no_memory(err);
        }
    }
    for (; export->missing_count < missing->count; export->missing_count++) {
        const struct missing *item = &missing->items[export->missing_count];
        export->missing[export->missing_count] =
            (struct export_missing){item->package, item->code, item->detail};
    }
    return STATUS_OK;
}

// ---- the whole ----

// The same selection that hosts get, so that an export installs exactly what they discover.
static enum status select_releases(struct export_maker *maker, const char *name,
                                   struct error *err) {
    struct api *api = maker->api;
    struct arena *arena = maker->request->arena;
    struct resolve_query query = {.environment = name, .wants_missing = true};
    const struct selected_files_query files = {&maker->selection, false};
    enum status status = query_groups(maker->request, &query.groups, &query.group_count, err);
    if (status) {
        return status;
    }
    status = index_select(api->index, &query, arena, &maker->selection, err);
    if (status) {
        return status;
    }
    status = selected_files_load(api->store, arena, &files, &maker->releases, err);
    return status ? status
                  : selected_paths_check(api->store, &maker->releases, maker->findings, err);
}

// The document is that of the revision which was selected by, even when there is a newer one now.
static enum status fill_facts(struct export_maker *maker, const char *name, struct error *err) {
    struct arena *arena = maker->request->arena;
    struct release_export *export = &maker->export;
    struct environment_detail detail;
    enum status status = store_environment_load(maker->api->store, arena, name,
                                                maker->selection.revision, &detail, err);
    if (status) {
        return status;
    }
    status = make_requires_python(arena, detail.environment.python, &export->requires_python, err);
    if (status) {
        return status;
    }
    return make_marker(arena, &detail.environment, &export->marker, err);
}

static enum status make_export(struct export_maker *maker, const char *name, struct error *err) {
    const struct selection *selection = &maker->selection;
    enum status status = select_releases(maker, name, err);
    if (status) {
        return status;
    }
    maker->url = registry_url(maker->api, maker->request);
    const char *index =
        maker->url ? arena_printf(maker->request->arena, "%s/simple/", maker->url) : NULL;
    if (!index) {
        return fail_no_memory(err);
    }
    const struct lock *lock = selection->lock;
    maker->export = (struct release_export){.environment = name,
                                            .revision = selection->revision,
                                            .epoch = selection->point.epoch,
                                            .serial = selection->point.serial,
                                            .index = index};
    if (lock) {
        maker->export.lock = (struct export_lock){lock->id, lock->environment, lock->revision,
                                                  lock->made_at, lock->made_by};
    }
    status = fill_facts(maker, name, err);
    return status ? status : fill_releases(maker, err);
}

static enum status reply_text(const struct export_maker *maker, enum export_format format,
                              struct reply *reply, struct error *err) {
    struct arena *arena = maker->request->arena;
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    formats[format].write(&text, &maker->export);
    if (text.failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The export would exceed %d bytes",
                    LIMIT_ANSWER_BYTES);
    }
    char *etag = arena_alloc(arena, ETAG_SIZE);
    char *body = text.failed ? NULL : arena_copy(arena, text.ptr, text.len);
    if (!body || !etag) {
        return fail_no_memory(err);
    }
    hash_etag(body, text.len, etag);
    reply->etag = etag;
    reply->content_type = formats[format].content_type;
    reply->body = (struct text){body, text.len};
    return STATUS_OK;
}

static enum status read_format(const struct request *request, enum export_format *ret_format,
                               struct error *err) {
    const char *name = request_query(request, "format");
    // Without the parameter the first row is taken, which is JSON.
    for (int i = 0; i < EXPORT_FORMATS; i++) {
        if (!name || strcmp(formats[i].name, name) == 0) {
            *ret_format = (enum export_format)i;
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_USAGE, "?format",
                "The parameter \"format\" must be json, pylock or requirements");
}

enum status environments_export(struct api *api, const struct request *request, struct reply *reply,
                                struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "format"},
                                              {.name = "group", .repeats = true}};
    struct export_maker maker = {.api = api, .request = request, .findings = findings};
    enum export_format format = EXPORT_JSON;
    const char *name = NULL;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = read_format(request, &format, err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = make_export(&maker, name, err);
    if (status) {
        return status;
    }
    return format == EXPORT_JSON
               ? reply_json(request, reply, release_export_encode(&maker.export), err)
               : reply_text(&maker, format, reply, err);
}
