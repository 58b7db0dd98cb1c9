// SPDX-License-Identifier: MIT
// Asking for a snapshot: the entity tag of the cached file goes out, 304 confirms it, 200 is checked whole
// and replaces it. The tag is computed from the file, so nothing is stored beside it. Other processes may
// pull the same snapshot meanwhile; what counts is that the file never goes back.
#include "client/snapshot/snapshot_pull.h"

#include "client/remote/api_call.h"
#include "client/snapshot/snapshot_replace.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/snapshot/snapshot_sign.h"

#include <string.h>

static const char media_type[] = SNAPSHOT_MEDIA_TYPE;

struct pulling {
    struct arena *arena;
    const struct connection *connection;
    const struct snapshot_selector *selector;
    const struct snapshot_file *kept; // what was there when the registry was asked
    struct snapshot_pulled *pulled;
};

// Every group and the decisions are read once here, so that nothing broken is ever cached.
static enum status check_blocks(const struct snapshot *snapshot, size_t *ret_records,
                                struct error *err) {
    size_t records = 0;
    for (uint32_t i = 0; i < snapshot->group_count; i++) {
        struct snapshot_group group;
        enum status status = snapshot_group_at(snapshot, i, &group, err);
        if (status) {
            return status;
        }
        records += group.record_count;
    }
    *ret_records = records;
    struct snapshot_decisions decisions;
    return snapshot->has_decisions ? snapshot_check_decisions(snapshot, &decisions, err)
                                   : STATUS_OK;
}

// The epoch is copied, because the file that it points into may be replaced by another process.
static enum status note(const struct pulling *p, const struct snapshot_origin *origin,
                        struct error *err) {
    p->pulled->serial = origin->serial;
    p->pulled->epoch_number = origin->epoch_number;
    p->pulled->epoch = arena_strdup(p->arena, origin->epoch);
    return p->pulled->epoch ? STATUS_OK : fail_no_memory(err);
}

// What the header says, when it says a number that can be.
static int64_t registry_serial(const struct fetch_answer *answer, int64_t at_least) {
    char *end = NULL;
    long long serial = answer->serial ? strtoll(answer->serial, &end, 10) : 0;
    return end && !*end && serial > at_least ? serial : at_least;
}

// The header holds the digests of the rest, so equal headers and lengths mean equal files.
static bool is_same_file(const struct snapshot_file *a, const struct snapshot_file *b) {
    return a->bytes && b->bytes && a->snapshot.len == b->snapshot.len &&
           memcmp(a->snapshot.bytes, b->snapshot.bytes, SNAPSHOT_HEAD_BYTES) == 0;
}

// An answer that would go back, or cannot take its turn, is no failure when another process has put a
// newer one there since we asked: answers overtake each other, and what is kept went forward.
static enum status accept_quicker(const struct pulling *p, enum status status, struct error *fault,
                                  struct error *err) {
    scoped(snapshot_file_close) struct snapshot_file now = {0};
    bool is_late =
        status == STATUS_CONFLICT || status == STATUS_HISTORY_CONFLICT || status == STATUS_TIMEOUT;
    bool is_overtaken = is_late &&
                        !snapshot_cache_open(p->selector, &p->pulled->location, &now, NULL) &&
                        !is_same_file(&now, p->kept);
    if (!is_overtaken) {
        return fail(err, status, fault->where, "%s", fault->message);
    }
    p->pulled->record_count = 0;
    return note(p, &now.snapshot.origin, err);
}

// Everything is checked before the old file is touched: a broken answer must never replace a good file.
static enum status check_answer(const struct pulling *p, const struct text *body,
                                struct snapshot *ret_snapshot, struct error *err) {
    enum status status = snapshot_open(body->ptr, body->len, ret_snapshot, err);
    if (status) {
        return status;
    }
    status = check_blocks(ret_snapshot, &p->pulled->record_count, err);
    if (status) {
        return status;
    }
    return snapshot_cache_check(p->selector, ret_snapshot, err);
}

static enum status take_snapshot(const struct pulling *p, const struct text *body,
                                 struct error *err) {
    struct snapshot snapshot;
    struct error fault = {0};
    enum status status = check_answer(p, body, &snapshot, &fault);
    if (status) {
        return fail(err, status, NULL, "The snapshot from %s is not used: %s", p->connection->url,
                    fault.message);
    }
    status =
        snapshot_replace(p->selector, &p->pulled->location, body, &p->pulled->is_replaced, &fault);
    if (status) {
        return accept_quicker(p, status, &fault, err);
    }
    return note(p, &snapshot.origin, err);
}

// 304 confirms the file: its time is set to now, and its age counts from there.
static enum status take_answer(const struct pulling *p, const struct snapshot_file *kept,
                               const struct fetch_answer *answer, struct error *err) {
    struct api_call call = {.arena = p->arena, .connection = p->connection};
    const char *type = answer->content_type ? answer->content_type : "";
    if (answer->http_status == 304 && kept->bytes) {
        snapshot_confirm(kept);
        return note(p, &kept->snapshot.origin, err);
    }
    return answer->http_status == 200 && strcmp(type, media_type) == 0
               ? take_snapshot(p, &answer->body, err)
               : api_call_refuse(&call, answer, err);
}

// A registry that told the number of an epoch knows min_epoch; an earlier one would refuse it.
const char *snapshot_write_point(struct arena *arena, int64_t epoch_number, int64_t serial) {
    return epoch_number ? arena_printf(arena, "&min_serial=%lld&min_epoch=%lld", (long long)serial,
                                       (long long)epoch_number)
                        : arena_printf(arena, "&min_serial=%lld", (long long)serial);
}

// min_serial asks for a state that is at least as new as one the caller knows to exist.
static const char *write_path(struct arena *arena, const struct snapshot_selector *selector) {
    const char *secrets = selector->with_secrets ? "&secrets=1" : "";
    const char *point = selector->min_serial
                            ? snapshot_write_point(arena, selector->min_epoch, selector->min_serial)
                            : "";
    return point ? arena_printf(arena, "/v1/snapshot?%s%s%s", selector->query, secrets, point)
                 : NULL;
}

static enum status pull(struct arena *arena, const struct connection *connection,
                        const struct snapshot_selector *selector,
                        struct snapshot_pulled *ret_pulled, struct error *err) {
    struct snapshot_pulled pulled = {0};
    scoped(snapshot_file_close) struct snapshot_file kept = {0};
    struct pulling pulling = {arena, connection, selector, &kept, &pulled};
    struct fetch_answer answer = {0};
    char tag[SNAPSHOT_TAG_SIZE];
    enum status status = snapshot_cache_find(arena, selector, &pulled.location, err);
    if (status) {
        return status;
    }
    struct fetch_request request = {
        .method = "GET",
        .path = write_path(arena, selector),
        .accept = media_type,
        .max_bytes = LIMIT_SNAPSHOT_BYTES,
        .is_plain = true,
    };
    if (!request.path) {
        return fail_no_memory(err);
    }
    // A cached file that cannot be used is no failure: the request then goes out without a tag.
    if (!snapshot_cache_open(selector, &pulled.location, &kept, NULL)) {
        snapshot_tag(&kept.snapshot, tag);
        request.if_none_match = tag;
    }
    status = fetch_send(arena, connection, &request, &answer, err);
    if (status) {
        return status;
    }
    status = take_answer(&pulling, &kept, &answer, err);
    if (status) {
        return status;
    }
    pulled.registry_serial = registry_serial(&answer, pulled.serial);
    *ret_pulled = pulled;
    return STATUS_OK;
}

enum status snapshot_pull(struct arena *arena, const struct connection *connection,
                          const struct snapshot_selector *selector,
                          struct snapshot_pulled *ret_pulled, struct error *err) {
    struct snapshot_selector instead;
    struct snapshot_pulled ignored;
    struct error fault = {0};
    enum status status = pull(arena, connection, selector, ret_pulled, &fault);
    if (!status) {
        return STATUS_OK;
    }
    // the environment is unknown: offline, the decisions of "default" are better than none
    if (status == STATUS_NOT_FOUND && snapshot_cache_default(arena, selector, &instead)) {
        struct connection other = *connection;
        other.environment = instead.environment;
        (void)!pull(arena, &other, &instead, &ignored, NULL);
    }
    return fail(err, status, fault.where, "%s", fault.message);
}
