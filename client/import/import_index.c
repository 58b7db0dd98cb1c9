// SPDX-License-Identifier: MIT
// A package is its page and the files of it, in the order of versions. A page whose entity tag is the one that was
// imported whole is done with one request. A file is downloaded into a folder of its own, read and sent as any other,
// and removed; it is not downloaded when the registry has it by its hash, or when its groups were not asked for.
// What is yanked there is yanked here. The address of a file may be of any host, and so its hash must come with the
// page: a file without one is refused.
#include "client/import/import_index.h"

#include "client/import/import_changes.h"
#include "client/import/import_state.h"
#include "client/import/index_client.h"
#include "client/import/index_page.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char page_types[] = "application/vnd.pypi.simple.v1+json, "
                                 "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

struct index_import {
    struct importing *importing;
    const struct import_index_query *query;
    struct index_client client;
    struct import_state state;
    char folder[64]; // of downloads
};

// One package of it; everything dies with the arena.
struct page_import {
    struct index_import *index;
    struct arena *arena;
    const char *package; // normalised
    const char *url;     // of its page, after redirects
    struct index_links links;
    bool is_whole; // every file is settled
};

// A link with what its name says, for sorting.
struct page_file {
    struct artifact_path path; // the path is the name alone
    const struct index_link *link;
};

// ---- outcomes ----

static enum status add_refused(const struct page_import *p, const char *shown,
                               const struct error *why, struct error *err) {
    const struct import_outcome outcome = {.word = IMPORT_REFUSED,
                                           .shown = shown,
                                           .package = p->package,
                                           .status = why->status,
                                           .code = status_info(why->status)->wire_name,
                                           .message = why->message};
    return importing_add(p->index->importing, &outcome, err);
}

static enum status add_word(const struct page_import *p, const char *shown, enum import_word word,
                            struct error *err) {
    const struct import_outcome outcome = {.word = word, .shown = shown, .package = p->package};
    return importing_add(p->index->importing, &outcome, err);
}

// ---- a file ----

static enum status store_download(const char *path, struct text bytes, struct error *err) {
    scoped(cleanup_fd) int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd >= 0 && descriptor_write(fd, bytes.ptr, bytes.len)
               ? STATUS_OK
               : fail(err, STATUS_IO, path, "The download cannot be kept: %s", strerror(errno));
}

static enum status download(const struct page_import *p, const struct index_link *link,
                            const char *path, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct fetch_answer answer;
    const char *url;
    if (!scratch) {
        return fail_no_memory(err);
    }
    enum status status = fetch_resolve(scratch, p->url, link->url, &url, err);
    if (status) {
        return status;
    }
    const struct index_request request = {.url = url,
                                          .accept = "*/*",
                                          .max_bytes = LIMIT_UPLOAD_BYTES,
                                          .expected_bytes = LIMIT_UPLOAD_BYTES / 8};
    status = index_client_get(scratch, &p->index->client, &request, &answer, &url, err);
    return status ? status : store_download(path, answer.body, err);
}

static bool is_fatal(enum status status) {
    return status == STATUS_NO_MEMORY || status == STATUS_INTERNAL || status == STATUS_IO ||
           status == STATUS_DISK_FULL || status == STATUS_USAGE;
}

static enum import_word last_word(const struct importing *importing) {
    return importing->outcomes.items[importing->outcomes.count - 1].word;
}

static enum status send_download(struct page_import *p, const struct index_link *link,
                                 const char *path, struct error *err) {
    struct importing *importing = p->index->importing;
    const struct import_item item = {.path = path,
                                     .shown = link->filename,
                                     .package = p->package,
                                     .sha256 = link->sha256,
                                     .uploaded_at = link->uploaded_at};
    enum status status = importing_send(importing, &item, err);
    if (status) {
        return status;
    }
    enum import_word word = last_word(importing);
    p->is_whole &= word != IMPORT_REFUSED && word != IMPORT_NOT_SENT;
    return word != IMPORT_LEFT_OUT || import_state_leave_out(&p->index->state, link->sha256)
               ? STATUS_OK
               : fail_no_memory(err);
}

static enum status fetch_and_send(struct page_import *p, const struct index_link *link,
                                  struct error *err) {
    struct error why = {0};
    const char *path = arena_printf(p->arena, "%s/%s", p->index->folder, link->filename);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = download(p, link, path, &why);
    if (is_fatal(status)) {
        return fail(err, status, why.where, "%s", why.message);
    }
    if (status) {
        p->is_whole = false;
        return add_refused(p, link->filename, &why, err);
    }
    status = send_download(p, link, path, err);
    unlink(path);
    return status;
}

// Whether the registry has it: asked by its statement about the package.
static enum status is_there(const struct page_import *p, const struct index_link *link,
                            bool *ret_is_there, struct error *err) {
    struct importing *importing = p->index->importing;
    const struct api_call call = {.connection = importing->connection,
                                  .patience = importing->patience};
    enum status status = import_known_load(&importing->known, &call, p->package, err);
    *ret_is_there = !status && import_known_has(&importing->known, link->filename, link->sha256);
    return status;
}

static enum status import_link(struct page_import *p, const struct index_link *link,
                               struct error *err) {
    bool is_known = false;
    struct error why = {0};
    if (p->index->importing->outcomes.final) {
        p->is_whole = false;
        return add_word(p, link->filename, IMPORT_NOT_SENT, err);
    }
    if (!link->sha256) {
        p->is_whole = false;
        fail(&why, STATUS_INVALID, NULL, "The index gives no SHA-256 of this file");
        return add_refused(p, link->filename, &why, err);
    }
    if (import_state_is_left_out(&p->index->state, link->sha256)) {
        return add_word(p, link->filename, IMPORT_LEFT_OUT, err);
    }
    enum status status = is_there(p, link, &is_known, err);
    if (status) {
        return status;
    }
    return is_known ? add_word(p, link->filename, IMPORT_UNCHANGED, err)
                    : fetch_and_send(p, link, err);
}

// ---- a page ----

static int compare_files(const void *left, const void *right) {
    const struct page_file *a = left;
    const struct page_file *b = right;
    int order = version_compare(a->path.version, b->path.version);
    if (!order) {
        order = b->path.is_wheel - a->path.is_wheel;
    }
    return order ? order : strcmp(a->path.filename, b->path.filename);
}

// The wheels and sdists of the page; what else it lists (eggs, installers) is no file of a release.
static enum status sort_links(const struct page_import *p, struct page_file **ret_files,
                              size_t *ret_count, struct error *err) {
    struct page_file *files = arena_array(p->arena, p->links.count + 1, sizeof *files);
    size_t count = 0;
    bool no_memory = !files;
    for (size_t i = 0; i < p->links.count && !no_memory; i++) {
        struct page_file file = {.link = &p->links.items[i]};
        bool is_one = artifact_path_read(p->arena, file.link->filename, &file.path, &no_memory);
        if (is_one && file.path.version) {
            files[count++] = file;
        }
    }
    if (no_memory) {
        return fail_no_memory(err);
    }
    qsort(files, count, sizeof *files, compare_files);
    *ret_files = files;
    *ret_count = count;
    return STATUS_OK;
}

static enum status yank(const struct page_import *p, const struct page_file *file, bool is_there,
                        struct error *err) {
    const struct statement_package package = {.package = p->package};
    const struct statement_release release = {.version = version_string(file->path.version),
                                              .is_yanked = true,
                                              .yanked_reason = file->link->yanked_reason};
    return is_there && file->link->is_yanked
               ? import_change_yank(p->index->importing, &package, &release, err)
               : STATUS_OK;
}

// A release is yanked once, after its last file.
static enum status import_files(struct page_import *p, const struct page_file *files, size_t count,
                                struct error *err) {
    bool is_there = false;
    for (size_t i = 0; i < count; i++) {
        enum status status = import_link(p, files[i].link, err);
        if (status) {
            return status;
        }
        enum import_word word = last_word(p->index->importing);
        is_there |= word == IMPORT_ADDED || word == IMPORT_UNCHANGED;
        bool is_last = i + 1 == count ||
                       version_compare(files[i].path.version, files[i + 1].path.version) != 0;
        status = is_last ? yank(p, &files[i], is_there, err) : STATUS_OK;
        if (status) {
            return status;
        }
        is_there &= !is_last;
    }
    return STATUS_OK;
}

static enum status ask_page(struct page_import *p, struct fetch_answer *ret_answer,
                            struct error *err) {
    const char *url = arena_printf(p->arena, "%s%s/", p->index->client.url, p->package);
    if (!url) {
        return fail_no_memory(err);
    }
    const struct index_request request = {.url = url,
                                          .accept = page_types,
                                          .if_none_match =
                                              import_state_tag(&p->index->state, p->package),
                                          .max_bytes = INDEX_PAGE_BYTES_MAX};
    return index_client_get(p->arena, &p->index->client, &request, ret_answer, &p->url, err);
}

static enum status read_page(struct page_import *p, const struct fetch_answer *answer,
                             struct error *err) {
    struct page_file *files = NULL;
    size_t count = 0;
    struct error why = {0};
    enum status status =
        index_page_read(p->arena, answer->content_type, answer->body, &p->links, &why);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        return add_refused(p, p->url, &why, err);
    }
    status = sort_links(p, &files, &count, err);
    if (status) {
        return status;
    }
    p->is_whole = true;
    status = import_files(p, files, count, err);
    if (status) {
        return status;
    }
    return import_state_set_tag(&p->index->state, p->package, p->is_whole ? answer->etag : NULL)
               ? STATUS_OK
               : fail_no_memory(err);
}

static enum status import_page(struct index_import *index, const char *package, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct page_import p = {.index = index, .arena = arena, .package = package};
    struct fetch_answer answer = {0};
    struct error why = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    if (index->importing->outcomes.final) {
        return add_word(&p, package, IMPORT_NOT_SENT, err);
    }
    enum status status = ask_page(&p, &answer, &why);
    if (is_fatal(status)) {
        return fail(err, status, why.where, "%s", why.message);
    }
    if (status) {
        return add_refused(&p, package, &why, err);
    }
    status = answer.http_status == 304 ? add_word(&p, package, IMPORT_UNCHANGED, err)
                                       : read_page(&p, &answer, err);
    return status ? status : import_state_store(arena, &index->state, err);
}

// ---- the run ----

static enum status list_packages(struct index_import *index, struct strings *ret_names,
                                 struct error *err) {
    struct arena *arena = index->importing->arena;
    struct fetch_answer answer;
    const char *url;
    *ret_names = index->query->packages;
    if (!index->query->is_all) {
        return STATUS_OK;
    }
    const struct index_request request = {
        .url = index->client.url, .accept = page_types, .max_bytes = INDEX_PAGE_BYTES_MAX};
    enum status status = index_client_get(arena, &index->client, &request, &answer, &url, err);
    if (status) {
        return status;
    }
    return index_page_read_names(arena, answer.content_type, answer.body, ret_names, err);
}

static enum status import_packages(struct index_import *index, struct error *err) {
    struct arena *arena = index->importing->arena;
    struct strings names;
    enum status status = list_packages(index, &names, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < names.count; i++) {
        const char *package = NULL;
        index->query->tell(index->query->context, names.items[i], names.count);
        status = name_normalize(arena, text_from(names.items[i]), &package, err);
        if (status) {
            return status == STATUS_INVALID
                       ? fail(err, STATUS_USAGE, NULL, "\"%s\" is not the name of a package",
                              names.items[i])
                       : status;
        }
        status = import_page(index, package, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status begin(struct index_import *index, struct error *err) {
    const struct import_index_query *query = index->query;
    struct arena *arena = index->importing->arena;
    const char *temporary = getenv("TMPDIR");
    const char *url;
    enum status status = fetch_resolve(arena, query->url, query->url, &url, err);
    if (status) {
        return fail(err, STATUS_USAGE, NULL, "\"%s\" is not the address of a package index",
                    query->url);
    }
    if (strpbrk(url, "@?#")) {
        return fail(
            err, STATUS_USAGE, NULL,
            "The address of the index must not hold a password, a query or a fragment; give a "
            "password as REGISTRYD_INDEX_USER=USER:PASSWORD");
    }
    bool has_slash = text_ends_with(text_from(url), "/");
    index->client.url = has_slash ? url : arena_printf(arena, "%s/", url);
    snprintf(index->folder, sizeof index->folder, "%.40s/registryctl-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!index->client.url) {
        return fail_no_memory(err);
    }
    return mkdtemp(index->folder)
               ? STATUS_OK
               : fail(err, STATUS_IO, index->folder, "The folder for downloads cannot be made: %s",
                      strerror(errno));
}

static enum status import_with_state(struct index_import *index, struct error *err) {
    const struct importing *importing = index->importing;
    const struct import_state_about about = {index->client.url, importing->connection->url,
                                             importing->groups};
    enum status status = import_state_load(index->query->state, &about, &index->state, err);
    if (status) {
        return status;
    }
    status = import_packages(index, err);
    import_state_done(&index->state);
    return status;
}

enum status import_index_run(struct importing *importing, const struct import_index_query *query,
                             struct error *err) {
    struct index_import index = {.importing = importing,
                                 .query = query,
                                 .client = {.base = importing->connection,
                                            .user = query->user,
                                            .patience = importing->patience}};
    enum status status = begin(&index, err);
    if (status) {
        return status;
    }
    status = import_with_state(&index, err);
    rmdir(index.folder);
    return status;
}
