// SPDX-License-Identifier: MIT
// Reading environments: the list, one revision, the history, the difference of two. Revisions never change, so an older
// one could be cached for ever, but its answer names the newest revision; only that of the newest has the
// revision as its entity tag, which If-Match of a change compares.
#include "registryd/api/environments/environments.h"
#include "registryd/api/environments/handlers.h"

#include "registryd/access/settings_rights.h"
#include "registryd/request/cursor.h"
#include "registryd/api/environments/environment_compare.h"
#include "registryd/api/environments/environment_diff_locks.h"
#include "registryd/request/query.h"
#include "registryd/store/store_environments.h"
#include "schema/environment/environment_settings.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// A wrong name is 404 where the environment must exist, and 422 where it would be created:
// `refusal`.
enum status environments_path(const struct request *request, enum status refusal,
                              const char **ret_name, struct error *err) {
    const char *name = request_path(request, "environment");
    struct error inner;
    if (environment_name_check(text_from(name), &inner)) {
        return fail(err, refusal, NULL, "%s", inner.message);
    }
    *ret_name = name;
    return STATUS_OK;
}

// The revision of an answer without settings: no If-Match accepts it, so such a document is never written
// back in the place of the whole one.
static const char *etag_without_settings(struct arena *arena, int64_t revision) {
    return arena_printf(arena, "\"%lld-without-settings\"", (long long)revision);
}

const char *environments_etag(struct arena *arena, int64_t revision) {
    return arena_printf(arena, "\"%lld\"", (long long)revision);
}

static json_t *encode_row(const struct environment_row *row) {
    // clang-format off
    return json_pack("{s:o,s:I,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:b}",
                     "name", json_text(row->name),
                     "revision", (json_int_t)row->revision,
                     "description", json_text(row->description),
                     "plugin_count", (json_int_t)row->plugin_count,
                     "action", json_text(row->action),
                     "summary", json_text(row->summary),
                     "package", json_text(row->package),
                     "changed_at", json_text(row->changed_at),
                     "changed_by", json_text(row->changed_by),
                     "reason", json_text(row->reason),
                     "frozen", row->lock_id != 0,
                     "archived", row->is_archived);
    // clang-format on
}

static json_t *encode_rows(const struct environment_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        if (json_array_append_new(array, encode_row(&rows->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

enum status environments_list(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {
        {.name = "limit"}, {.name = "cursor"}, {.name = "archived"}};
    struct environments_query query = {0};
    struct environment_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &query.page, err);
    if (status) {
        return status;
    }
    status = query_flag(request, "archived", &query.with_archived, err);
    if (status) {
        return status;
    }
    status = store_environments_load(api->reading, request->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    const char *last = rows.count ? rows.items[rows.count - 1].name : "";
    struct cursor_page answer = {"environments", encode_rows(&rows), rows.more, last};
    return cursor_reply(request, reply, &answer, err);
}

static const struct query_range any_revision = {"revision", 1, INT64_MAX, 0};

enum status environments_show(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {{.name = "revision"}};
    const char *name = NULL;
    int64_t revision = 0;
    struct environment_detail detail;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(request, &any_revision, &revision, err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = store_environment_load(api->reading, request->arena, name, revision, &detail, err);
    if (status) {
        return status;
    }
    struct environment_lock_row lock;
    if (detail.row.lock_id) {
        status = store_environment_lock_describe(api->reading, request->arena, detail.row.lock_id,
                                                 &lock, err);
        if (status) {
            return status;
        }
    }
    bool may_read = false;
    status = settings_may_read(api, request, name, &may_read, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = encode_row(&detail.row);
    json_t *encoded = detail.row.lock_id ? environments_encode_lock(&lock) : json_null();
    json_t *document = json_loads(detail.document, JSON_REJECT_DUPLICATES, NULL);
    json_t *newest = json_integer(detail.row.newest_revision);
    bool is_whole = may_read || !environment_leave_out_settings(document);
    bool failed = json_object_set_new(json, "newest_revision", newest);
    failed = json_object_set_new(json, "document", document) || failed;
    failed = json_object_set_new(json, "lock", encoded) || failed;
    failed =
        json_object_set_new(json, "settings", json_string(may_read ? "included" : "left-out")) ||
        failed;
    const char *etag = is_whole ? environments_etag(request->arena, detail.row.revision)
                                : etag_without_settings(request->arena, detail.row.revision);
    if (failed || !etag) {
        return fail_no_memory(err);
    }
    status = reply_json(request, reply, take(json), err);
    // An older revision says which is the newest: its answer changes when the tag does not.
    bool is_newest = detail.row.revision == detail.row.newest_revision;
    reply->etag = is_newest ? etag : reply->etag;
    settings_mark_reply(reply, may_read);
    return status;
}

enum status environments_history(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    const char *name = NULL;
    struct page page;
    struct environment_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    char *end = NULL;
    // The history goes from the newest to the oldest, so the cursor is the oldest revision that was
    // shown.
    int64_t before = page.after ? strtoll(page.after, &end, 10) : 0;
    if (page.after && (*end || before < 1)) {
        return fail(err, STATUS_USAGE, "?cursor", "The cursor is invalid. Start again without it.");
    }
    struct environment_history query = {name, page.limit, before};
    status = store_environment_history_load(api->reading, request->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    int64_t oldest = rows.count ? rows.items[rows.count - 1].revision : 1;
    const char *last = arena_printf(request->arena, "%lld", (long long)oldest);
    struct cursor_page answer = {"revisions", encode_rows(&rows), rows.more, last};
    return cursor_reply(request, reply, &answer, err);
}

// ---- differences ----

struct diff_side {
    const char *name;
    int64_t revision; // 0 = the newest
    struct environment_detail detail;
};

// `from` is of the address; `to` of `with`, or of the address. Without revisions the newest of two
// environments are compared; of one, its newest and the one before.
static enum status read_sides(const struct request *request, struct diff_side sides[2],
                              struct error *err) {
    static const struct query_range from = {"from", 1, INT64_MAX, 0};
    static const struct query_range to = {"to", 1, INT64_MAX, 0};
    const char *with = request_query(request, "with");
    enum status status = environments_path(request, STATUS_NOT_FOUND, &sides[0].name, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &from, &sides[0].revision, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &to, &sides[1].revision, err);
    if (status) {
        return status;
    }
    sides[1].name = with ? with : sides[0].name;
    status = with ? environment_name_check(text_from(with), err) : STATUS_OK;
    return status == STATUS_INVALID
               ? fail(err, STATUS_NOT_FOUND, "?with", "There is no environment \"%s\".", with)
               : status;
}

static enum status load_sides(struct api *api, const struct request *request,
                              struct diff_side sides[2], struct error *err) {
    enum status status = store_environment_load(api->reading, request->arena, sides[1].name,
                                                sides[1].revision, &sides[1].detail, err);
    if (status) {
        return status;
    }
    if (!sides[0].revision && strcmp(sides[0].name, sides[1].name) == 0) {
        // The first revision has none before it and is compared with itself: no differences.
        int64_t revision = sides[1].detail.row.revision;
        sides[0].revision = revision > 1 ? revision - 1 : 1;
    }
    return store_environment_load(api->reading, request->arena, sides[0].name, sides[0].revision,
                                  &sides[0].detail, err);
}

// A token that may read the settings of both sides sees which changed. No token sees a secret.
static enum status mask_sides(struct api *api, const struct request *request,
                              const struct diff_side sides[2], json_t *from, json_t *to,
                              struct error *err) {
    bool may_read[2] = {false, false};
    for (size_t i = 0; i < 2; i++) {
        enum status status = settings_may_read(api, request, sides[i].name, &may_read[i], err);
        if (status) {
            return status;
        }
    }
    return environment_mask_both(from, to, may_read[0] && may_read[1]) ? STATUS_OK
                                                                       : fail_no_memory(err);
}

static json_t *encode_side(const struct diff_side *side) {
    return encode_row(&side->detail.row);
}

// Both documents are loaded as text and compared as JSON; they are canonical, so the order of
// members never differs.
enum status environments_diff(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {{.name = "from"}, {.name = "to"}, {.name = "with"}};
    struct diff_side sides[2] = {0};
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = read_sides(request, sides, err);
    if (status) {
        return status;
    }
    status = load_sides(api, request, sides, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *from =
        json_loads(sides[0].detail.document, JSON_REJECT_DUPLICATES, NULL);
    scoped(cleanup_json) json_t *to =
        json_loads(sides[1].detail.document, JSON_REJECT_DUPLICATES, NULL);
    if (!from || !to) {
        return fail_no_memory(err);
    }
    status = mask_sides(api, request, sides, from, to, err);
    if (status) {
        return status;
    }
    const struct lock_side locks[2] = {{&sides[0].detail.row, from}, {&sides[1].detail.row, to}};
    status = environment_diff_locks(api, request->arena, locks, err);
    if (status) {
        return status;
    }
    settings_mark_reply(reply, true);
    json_t *json =
        json_pack("{s:o,s:o,s:o}", "from", encode_side(&sides[0]), "to", encode_side(&sides[1]),
                  "differences", environment_compare_documents(request->arena, from, to));
    return reply_json(request, reply, json, err);
}
