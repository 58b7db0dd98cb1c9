// SPDX-License-Identifier: MIT
// A package or a release as one JSON document, as tools of the old index read it: JupyterLab's extension manager,
// dependency checkers. Kept like the pages of the simple index; the addresses in it are absolute, so a page belongs
// to the name under which the registry was reached.
//
// A quarantined package or release is refused like its files, and not shown: a client that finds nothing would look
// for the name elsewhere.
#include "registryd/api/pypi/handlers.h"

#include "registryd/api/pypi/pypi_info.h"
#include "registryd/request/address.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/store/files/store_projects.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/wheel_name.h"

#include <inttypes.h>
#include <string.h>

struct pypi_query {
    const char *base;
    const char *version; // normalised; NULL = the latest
};

// What a document is written from.
struct pypi_sources {
    struct package_detail package;
    struct index_project project;
    const struct release_row *release;
    const char *document;
};

// ---- loading ----

static enum status refuse_quarantined(const char *package, const char *version, struct error *err) {
    return fail(err, STATUS_FORBIDDEN, NULL, "%s%s%s is quarantined", package, version ? " " : "",
                version ? version : "");
}

static const struct release_row *find_release(const struct package_detail *package,
                                              const char *version) {
    for (size_t i = 0; version && i < package->release_count; i++) {
        if (strcmp(package->releases[i].version, version) == 0) {
            return &package->releases[i];
        }
    }
    return NULL;
}

static enum status load_document(struct store *store, struct arena *arena, const char *version,
                                 struct pypi_sources *sources, struct error *err) {
    struct release_detail detail;
    if (!version) {
        sources->document = sources->package.document;
        return STATUS_OK;
    }
    enum status status =
        store_release_load(store, arena, sources->package.package.name, version, &detail, err);
    if (status) {
        return status;
    }
    sources->document = detail.document;
    return STATUS_OK;
}

// A quarantined package or release is refused here as on every index page, though its rows exist.
static enum status load(struct store *store, struct arena *arena, const char *name,
                        const char *version, struct pypi_sources *sources, struct error *err) {
    enum status status = store_package_load(store, arena, name, &sources->package, err);
    if (status) {
        return status;
    }
    const struct package_row *row = &sources->package.package;
    const char *wanted = version ? version : row->latest_version;
    if (strcmp(row->status, "quarantined") == 0 || !wanted) {
        return refuse_quarantined(name, NULL, err);
    }
    sources->release = find_release(&sources->package, wanted);
    if (!sources->release) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no release %s %s", name, wanted);
    }
    if (strcmp(sources->release->state, "live") != 0) {
        return refuse_quarantined(name, wanted, err);
    }
    status = load_document(store, arena, version, sources, err);
    if (status) {
        return status;
    }
    return store_project_load(store, arena, name, &sources->project, err);
}

// ---- writing ----

static void add_string(struct buffer *page, const char *key, const char *text) {
    buffer_add_string(page, key);
    if (text) {
        json_write_string(page, text, strlen(text));
    } else {
        buffer_add_string(page, "null");
    }
}

// "py3" or "py2.py3": the part of a wheel's name that says it.
static struct text python_of(const struct index_file *file) {
    struct text rest = text_from(file->filename);
    struct text piece = {"source", 6};
    struct text last[3] = {{"", 0}, {"", 0}, {"", 0}};
    if (strcmp(file->kind, "wheel") != 0) {
        return piece;
    }
    while (text_split(&rest, '-', &piece)) {
        last[0] = last[1];
        last[1] = last[2];
        last[2] = piece;
    }
    return last[0];
}

// Written as text and not as a tree: a package may have thousands of files. The names hold no
// character that JSON escapes; what publishers write goes through add_string.
static void add_file(struct buffer *page, const struct index_file *file, const char *base) {
    struct text python = python_of(file);
    bool is_wheel = strcmp(file->kind, "wheel") == 0;
    size_t seconds = strlen("2026-11-30T12:00:00");
    buffer_printf(
        page,
        "{\"comment_text\":\"\",\"digests\":{\"sha256\":\"%s\"},\"downloads\":-1,"
        "\"filename\":\"%s\",\"has_sig\":false,\"md5_digest\":null,\"packagetype\":\"%s\","
        "\"python_version\":\"%.*s\",\"size\":%" PRId64
        ",\"upload_time\":\"%.*s\",\"upload_time_iso_8601\":\"%s\",",
        file->sha256, file->filename, is_wheel ? "bdist_wheel" : "sdist", (int)python.len,
        python.ptr, file->size, (int)seconds, file->uploaded_at, file->uploaded_at);
    buffer_printf(page, "\"url\":\"%s/files/%s/%s\",\"yanked\":%s,", base, file->sha256,
                  file->filename, file->yanked ? "true" : "false");
    add_string(page, "\"yanked_reason\":", file->yanked ? file->yanked_reason : NULL);
    add_string(page, ",\"requires_python\":", file->requires_python);
    buffer_add_string(page, "}");
}

static void add_files(struct buffer *page, const struct index_project *project, const char *version,
                      const char *base) {
    bool is_first = true;
    for (size_t i = 0; i < project->file_count; i++) {
        if (strcmp(project->files[i].version, version) == 0) {
            buffer_add_string(page, is_first ? "" : ",");
            add_file(page, &project->files[i], base);
            is_first = false;
        }
    }
}

// Files stand by release, the newest last; a release without files is an empty list.
static void add_releases(struct buffer *page, const struct index_project *project,
                         const char *base) {
    size_t at = 0;
    for (size_t i = project->versions.count; i > 0; i--) {
        const char *version = project->versions.items[i - 1];
        add_string(page, i == project->versions.count ? "" : ",", version);
        buffer_add_string(page, ":[");
        for (size_t first = at;
             at < project->file_count && strcmp(project->files[at].version, version) == 0; at++) {
            buffer_add_string(page, at == first ? "" : ",");
            add_file(page, &project->files[at], base);
        }
        buffer_add_string(page, "]");
    }
}

static enum status write_page(const struct package_page *asked, struct store *store,
                              struct arena *arena, struct page_draft *draft, struct error *err) {
    const struct pypi_query *query = asked->context;
    struct buffer *page = &draft->body;
    struct pypi_sources sources = {0};
    enum status status = load(store, arena, asked->package, query->version, &sources, err);
    if (status) {
        return status;
    }
    const struct pypi_info info = {query->base, &sources.package, sources.release,
                                   sources.document};
    scoped(cleanup_json) json_t *encoded = pypi_info_encode(&info);
    if (!encoded) {
        return fail_no_memory(err);
    }
    draft->last_serial = sources.project.last_serial;
    buffer_add_string(page, "{\"info\":");
    json_write(page, encoded, false);
    buffer_printf(page, ",\"last_serial\":%" PRId64, sources.project.last_serial);
    if (!query->version) {
        buffer_add_string(page, ",\"releases\":{");
        add_releases(page, &sources.project, query->base);
        buffer_add_string(page, "}");
    }
    buffer_add_string(page, ",\"urls\":[");
    add_files(page, &sources.project, sources.release->version, query->base);
    buffer_add_string(page, "],\"vulnerabilities\":[],"
                            "\"ownership\":{\"roles\":[],\"organization\":null}}\n");
    return STATUS_OK;
}

// ---- handlers ----

// The page holds full addresses, so the address of the registry is part of the key of a kept page.
static enum status reply_page(struct api *api, const struct request *request, struct reply *reply,
                              const char *package, const char *version, struct error *err) {
    const struct pypi_query query = {registry_url(api, request), version};
    const char *form =
        query.base ? arena_printf(request->arena, "pypi %s %s", query.base, version ? version : "-")
                   : NULL;
    const struct package_page page = {package, form, &query, write_page};
    const struct answer *answer;
    if (!form) {
        return fail_no_memory(err);
    }
    enum status status = index_package_page(api->index, &page, &answer, err);
    if (status) {
        return status;
    }
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    reply->serial = answer->point.serial;
    reply->epoch = answer->point.epoch[0] ? answer->point.epoch : NULL;
    reply->epoch_number = answer->point.epoch_number;
    reply->pypi_serial = answer->subject_serial;
    return STATUS_OK;
}

enum status pypi_project(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    const char *package;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &package, err);
    if (status) {
        return status;
    }
    return reply_page(api, request, reply, package, NULL, err);
}

enum status pypi_release(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    struct release_path path;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_release_path(request, STATUS_NOT_FOUND, &path, err);
    if (status) {
        return status;
    }
    return reply_page(api, request, reply, path.package, path.version, err);
}
