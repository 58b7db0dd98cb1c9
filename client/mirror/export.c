// SPDX-License-Identifier: MIT
// The order of an export: the registry's list of packages with their last changes, the packages, the list pages, the
// snapshot, then the manifest, and only then what is not named any more goes. A package that changes while the export
// runs is one change further than the list says; the next export finds the difference and asks again.
#include "client/mirror/export.h"

#include "client/mirror/export_package.h"
#include "client/mirror/export_pages.h"
#include "client/mirror/manifest.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/limits.h"
#include "schema/base/utc.h"
#include "schema/json/json.h"
#include "schema/snapshot/snapshot.h"

#include <string.h>

enum { LIST_BYTES_MAX = 64 * 1024 * 1024 };

// ---- asking ----

static enum status ask_json(struct exporting *exporting, const char *path, json_t **ret_json,
                            struct error *err) {
    const struct export_query *query = exporting->query;
    struct api_call call = {
        .arena = exporting->arena, .connection = query->connection, .patience = query->patience};
    struct fetch_request request = {.method = "GET", .path = path};
    return path ? api_call_json(&call, &request, ret_json, err) : fail_no_memory(err);
}

static enum status ask_index(struct exporting *exporting, json_t **ret_json,
                             struct statement_index *ret_index, struct error *err) {
    struct text statement;
    struct text line;
    enum status status =
        exporting_get(exporting, exporting->arena, "/v1/statement", &statement, err);
    if (status) {
        return status;
    }
    status = signed_text_open(statement, NULL, &line, err);
    if (status) {
        return status;
    }
    *ret_json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    status = statement_read_index(exporting->arena, *ret_json, ret_index, err);
    return status;
}

// ---- what an environment gets ----

// The groups of the query, or all groups of the index.
static enum status choose_groups(struct exporting *exporting, struct strings *ret_groups,
                                 struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    *ret_groups = exporting->query->groups;
    if (ret_groups->count) {
        return STATUS_OK;
    }
    enum status status = ask_json(exporting, "/v1/groups?limit=1000", &answer, err);
    const json_t *groups = json_object_get(answer, "groups");
    size_t count = json_array_size(groups);
    if (status) {
        return status;
    }
    if (count > LIMIT_QUERY_GROUPS) {
        return fail(err, STATUS_USAGE, NULL,
                    "The index has more than %d groups. Name those of your hosts with --group",
                    LIMIT_QUERY_GROUPS);
    }
    ret_groups->items = arena_array(exporting->arena, count + 1, sizeof *ret_groups->items);
    for (size_t i = 0; ret_groups->items && i < count; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(groups, i), "name"));
        ret_groups->items[i] = arena_strdup(exporting->arena, name ? name : "");
    }
    ret_groups->count = count;
    return ret_groups->items ? STATUS_OK : fail_no_memory(err);
}

// "/v1/snapshot?group=…&environment=…". Arena; NULL when out of memory.
static const char *write_path(struct exporting *exporting, const char *path,
                              const struct strings *groups) {
    scoped(buffer_done) struct buffer address;
    buffer_init(&address, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&address, path);
    for (size_t i = 0; i < groups->count; i++) {
        api_call_add_query(&address, "group", groups->items[i]);
    }
    api_call_add_query(&address, "environment", exporting->query->connection->environment);
    return address.failed ? NULL : arena_copy(exporting->arena, address.ptr, address.len);
}

static enum status ask_requirements(struct exporting *exporting, const struct strings *groups,
                                    struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    const char *path = write_path(exporting, "/v1/requirements?format=json", groups);
    enum status status = ask_json(exporting, path, &answer, err);
    if (status) {
        return status;
    }
    const json_t *items = json_object_get(answer, "requirements");
    exporting->requirements = json_object();
    for (size_t i = 0; exporting->requirements && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *package = json_string_value(json_object_get(item, "package"));
        json_t *version = json_object_get(item, "version");
        if (!package || !json_is_string(version)) {
            return fail(err, STATUS_UNREACHABLE, NULL, "The answer is not that of a registry");
        }
        if (json_object_set(exporting->requirements, package, version)) {
            return fail_no_memory(err);
        }
    }
    return exporting->requirements ? STATUS_OK : fail_no_memory(err);
}

// ---- the snapshot ----

// Settings must not reach everybody who can read the export. An answer without a token has none, so the first request
// sends no token. A registry whose reading is closed refuses it, and the second request sends the token.
static enum status fetch_snapshot(struct exporting *exporting, const char *path,
                                  struct text *ret_bytes, struct error *err) {
    struct snapshot snapshot;
    struct error fault = {0};
    struct connection without_token = *exporting->query->connection;
    struct export_query query = *exporting->query;
    struct exporting asking = *exporting;
    without_token.token = NULL;
    query.connection = &without_token;
    asking.query = &query;
    enum status status = exporting_get(&asking, exporting->arena, path, ret_bytes, &fault);
    bool is_closed = status == STATUS_UNAUTHORIZED;
    if (is_closed) {
        status = exporting_get(exporting, exporting->arena, path, ret_bytes, &fault);
    }
    if (status) {
        return fail(err, status, fault.where, "%s", fault.message);
    }
    status = snapshot_open(ret_bytes->ptr, ret_bytes->len, &snapshot, err);
    if (status) {
        return status;
    }
    return is_closed && !snapshot.origin.settings_left_out
               ? fail(err, STATUS_FORBIDDEN, NULL,
                      "The token may read settings, and the snapshot of an export is for everybody "
                      "who "
                      "can read the export. Use a token without the scope environment:read")
               : STATUS_OK;
}

static enum status put_snapshot(struct exporting *exporting, const struct strings *groups,
                                struct error *err) {
    struct text bytes;
    const char *environment = exporting->query->connection->environment;
    if (!groups->count) {
        return STATUS_OK;
    }
    const char *address = write_path(exporting, "/v1/snapshot", groups);
    const char *path = arena_printf(exporting->arena, "snapshots/%s.snapshot", environment);
    if (!address || !path || !statement_is_plain(environment)) {
        return fail(err, address && path ? STATUS_USAGE : STATUS_NO_MEMORY, NULL,
                    "\"%s\" cannot be the name of a file", environment);
    }
    enum status status = fetch_snapshot(exporting, address, &bytes, err);
    if (status) {
        return status;
    }
    exporting->result.snapshot = path;
    return exporting_put(exporting, NULL, path, bytes, err);
}

// ---- the run ----

static bool is_wanted(const struct exporting *exporting, const char *package) {
    return !exporting->requirements || json_object_get(exporting->requirements, package);
}

static size_t count_wanted(const struct exporting *exporting, const struct statement_index *index) {
    size_t count = 0;
    for (size_t i = 0; i < index->count; i++) {
        count += is_wanted(exporting, index->items[i].package);
    }
    return count;
}

static enum status export_packages(struct exporting *exporting, const struct statement_index *index,
                                   struct error *err) {
    const struct export_query *query = exporting->query;
    size_t total = count_wanted(exporting, index);
    for (size_t i = 0; i < index->count; i++) {
        const struct statement_entry *entry = &index->items[i];
        if (!is_wanted(exporting, entry->package)) {
            continue;
        }
        if (query->tell) {
            query->tell(query->context, entry->package, total);
        }
        enum status status = export_package(exporting, entry, err);
        if (status) {
            return status;
        }
    }
    exporting->result.packages = total;
    return STATUS_OK;
}

static enum status put_list(struct exporting *exporting, const char *path,
                            void (*write)(const json_t *packages, struct buffer *page),
                            struct error *err) {
    scoped(buffer_done) struct buffer page;
    buffer_init(&page, LIST_BYTES_MAX);
    write(exporting->packages, &page);
    return page.failed
               ? fail(err, page.failed, path, "The page is too large")
               : exporting_put(exporting, NULL, path, (struct text){page.ptr, page.len}, err);
}

// An export of another history, or of another part, has nothing that could be carried over.
static enum status load_old(struct exporting *exporting, const struct statement_index *index,
                            struct error *err) {
    struct error fault = {0};
    enum status status =
        manifest_load(exporting->arena, exporting->tree.path, NULL, &exporting->old, &fault);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status) {
        return fail(err, status, fault.where, "%s", fault.message);
    }
    const char *epoch = json_string_value(json_object_get(exporting->old, "epoch"));
    if (strcmp(epoch, index->epoch) != 0) {
        json_decref(exporting->old);
        exporting->old = NULL;
    }
    return STATUS_OK;
}

static enum status begin_manifest(struct exporting *exporting, const struct statement_index *index,
                                  struct error *err) {
    char now[UTC_SIZE];
    utc_write(unix_ms(), now);
    exporting->packages = json_object();
    exporting->files = json_object();
    exporting->manifest =
        json_pack("{s:s,s:i,s:o,s:s,s:I,s:o,s:s,s:o,s:o}", "kind", "registryd-export", "format",
                  MANIFEST_FORMAT, "registry", json_text(exporting->query->connection->url),
                  "epoch", index->epoch, "serial", (json_int_t)index->serial, "environment",
                  json_text(exporting->query->environment), "made_at", now, "packages",
                  exporting->packages, "files", exporting->files);
    exporting->result.serial = index->serial;
    return exporting->manifest ? STATUS_OK : fail_no_memory(err);
}

static enum status end_manifest(struct exporting *exporting, struct error *err) {
    const char *text =
        manifest_write(exporting->arena, exporting->manifest, exporting->query->pair);
    enum status status = text ? mirror_tree_flush(&exporting->tree, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    status = mirror_tree_put(&exporting->tree, MIRROR_MANIFEST, text_from(text), err);
    if (status) {
        return status;
    }
    return mirror_tree_prune(&exporting->tree, exporting->files, &exporting->result.removed, err);
}

static enum status export_all(struct exporting *exporting, const struct statement_index *index,
                              struct error *err) {
    struct strings groups;
    enum status status = choose_groups(exporting, &groups, err);
    if (status) {
        return status;
    }
    status = exporting->query->environment ? ask_requirements(exporting, &groups, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = export_packages(exporting, index, err);
    if (status) {
        return status;
    }
    status = put_list(exporting, "simple/index.html", export_list_html, err);
    if (status) {
        return status;
    }
    status = put_list(exporting, "simple/index.json", export_list_json, err);
    if (status) {
        return status;
    }
    status = put_snapshot(exporting, &groups, err);
    return status ? status : end_manifest(exporting, err);
}

enum status export_run(struct arena *arena, const struct export_query *query,
                       struct export_result *ret_result, struct error *err) {
    scoped(exporting_done) struct exporting exporting = {
        .arena = arena, .query = query, .tree = MIRROR_TREE_CLOSED};
    scoped(cleanup_json) json_t *json = NULL;
    struct statement_index index;
    enum status status = mirror_tree_open(arena, query->folder, &exporting.tree, err);
    if (status) {
        return status;
    }
    status = ask_index(&exporting, &json, &index, err);
    if (status) {
        return status;
    }
    status = load_old(&exporting, &index, err);
    if (status) {
        return status;
    }
    status = begin_manifest(&exporting, &index, err);
    if (status) {
        return status;
    }
    status = export_all(&exporting, &index, err);
    if (status) {
        return status;
    }
    *ret_result = exporting.result;
    return STATUS_OK;
}
