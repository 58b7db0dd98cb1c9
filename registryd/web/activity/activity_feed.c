// SPDX-License-Identifier: MIT
// Atom feeds (RFC 4287) of changes. Ids are UUIDs made of what never changes: of an entry its serial, moment and kind;
// of a feed the moment of the registry's first change and the filter. So they are equal through every daemon, under
// every address, and after a failover. The tag is of the body: an unchanged feed is 304.
#include "registryd/api/activity/activity_filter.h"
#include "registryd/hash/etag.h"
#include "registryd/request/address.h"
#include "registryd/request/query.h"
#include "registryd/web/activity/activity_pages.h"
#include "registryd/web/activity/change_list.h"
#include "registryd/web/activity/change_words.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/digest.h"
#include "schema/packaging/name.h"

#include <string.h>

enum { FEED_BYTES_MAX = 1024 * 1024, UUID_SIZE = 46 };

struct feed {
    struct buffer *out;
    struct arena *arena;
    const char *url;                     // of this registry
    const struct changes_filter *filter; // which changes
    const char *self;                    // address of the feed, below url
    const char *page;                    // address of the page that it goes with
    const char *first_at;                // of the registry's first change; "" before it
};

// "urn:uuid:…" of a name: a version 8 UUID (RFC 9562) of its SHA-256.
static void make_uuid(const char *name, char ret_uuid[UUID_SIZE]) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(name, strlen(name), digest);
    digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
    digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
    digest_hex(digest, hex);
    snprintf(ret_uuid, UUID_SIZE, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
}

static void add_id(struct feed *feed, const char *name) {
    char uuid[UUID_SIZE];
    if (!name) {
        feed->out->failed = STATUS_NO_MEMORY;
        return;
    }
    make_uuid(name, uuid);
    buffer_printf(feed->out, "<id>%s</id>\n", uuid);
}

static void add_element(struct feed *feed, const char *name, const char *text) {
    buffer_printf(feed->out, "<%s>", name);
    buffer_add_markup(feed->out, text_from(text ? text : ""));
    buffer_printf(feed->out, "</%s>\n", name);
}

static void add_link(struct feed *feed, const char *attributes, const char *address) {
    buffer_printf(feed->out, "<link %s href=\"", attributes);
    buffer_add_markup(feed->out, text_from(feed->url));
    buffer_add_markup(feed->out, text_from(address ? address : "/"));
    buffer_add_string(feed->out, "\"/>\n");
}

// What is said beside the sentence: the reason, and where more stands.
static void add_entry(struct feed *feed, const struct change *change) {
    buffer_add_string(feed->out, "<entry>\n");
    add_id(feed, arena_printf(feed->arena, "change\n%lld\n%s\n%s", (long long)change->serial,
                              change->at, change->kind));
    add_element(feed, "title", change_text(feed->arena, change));
    add_element(feed, "updated", change->at);
    add_element(feed, "published", change->at);
    buffer_add_string(feed->out, "<author>");
    add_element(feed, "name", change->actor ? change->actor : "An administrator");
    buffer_add_string(feed->out, "</author>\n<category term=\"");
    buffer_add_markup(feed->out, text_from(change->kind));
    buffer_add_string(feed->out, "\"/>\n");
    add_link(feed, "rel=\"alternate\" type=\"text/html\"", change_address(feed->arena, change));
    if (change->reason) {
        add_element(feed, "summary", change->reason);
    }
    buffer_add_string(feed->out, "</entry>\n");
}

static const char *feed_title(const struct feed *feed) {
    const struct changes_filter *filter = feed->filter;
    const char *of[] = {filter->package, filter->group, filter->environment, filter->actor,
                        filter->kind};
    const char *title = NULL;
    for (size_t i = 0; i < COUNT_OF(of); i++) {
        title = of[i] ? arena_printf(feed->arena, "%s%s%s",
                                     title ? title : "Activity: ", title ? ", " : "", of[i])
                      : title;
    }
    return title ? title : "Activity of the registry";
}

static void add_feed(struct feed *feed, const struct changes *changes) {
    buffer_add_string(feed->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                 "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    add_id(feed, arena_printf(feed->arena, "feed\n%s\n%s", feed->first_at,
                              change_list_address(feed->arena, "", feed->filter, 0)));
    add_element(feed, "title", feed_title(feed));
    add_element(feed, "updated",
                changes->count    ? changes->items[0].at
                : *feed->first_at ? feed->first_at
                                  : "1970-01-01T00:00:00Z");
    add_link(feed, "rel=\"self\" type=\"application/atom+xml\"", feed->self);
    add_link(feed, "rel=\"alternate\" type=\"text/html\"", feed->page);
    buffer_add_string(feed->out, "<generator>registryd</generator>\n");
    for (size_t i = 0; i < changes->count; i++) {
        add_entry(feed, &changes->items[i]);
    }
    buffer_add_string(feed->out, "</feed>\n");
}

static enum status put_into_reply(const struct feed *feed, struct reply *reply, struct error *err) {
    const struct buffer *out = feed->out;
    char *body = out->failed ? NULL : arena_copy(feed->arena, out->ptr, out->len);
    char *etag = arena_alloc(feed->arena, ETAG_SIZE);
    if (!body || !etag) {
        return out->failed == STATUS_TOO_LARGE
                   ? fail(err, STATUS_TOO_LARGE, NULL, "The feed is too large")
                   : fail_no_memory(err);
    }
    hash_etag(body, out->len, etag);
    reply->content_type = "application/atom+xml; charset=utf-8";
    reply->body = (struct text){body, out->len};
    reply->etag = etag;
    return STATUS_OK;
}

// What a feed is of: its filter, its own address, and the page that shows the same.
struct feed_place {
    struct changes_filter filter;
    const char *self;
    const char *page;
    const char *missing; // what is not there when no change matches; NULL = an empty feed
};

static enum status write_feed(struct api *api, const struct request *request,
                              const struct feed_place *place, struct reply *reply,
                              struct error *err) {
    scoped(buffer_done) struct buffer out;
    struct activity_query query = {place->filter, INT64_MAX, CHANGES_ON_A_PAGE};
    struct changes changes;
    struct changes first;
    buffer_init(&out, FEED_BYTES_MAX);
    enum status status = store_changes_before(api->reading, request->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    status = store_changes_load(api->reading, request->arena, 0, 1, &first, err);
    if (status) {
        return status;
    }
    if (!changes.count && place->missing) {
        return fail(err, STATUS_NOT_FOUND, NULL, "%s has no changes", place->missing);
    }
    struct feed feed = {.out = &out,
                        .arena = request->arena,
                        .url = registry_url(api, request),
                        .filter = &place->filter,
                        .self = place->self,
                        .page = place->page,
                        .first_at = first.count ? first.items[0].at : ""};
    if (!feed.url) {
        return fail_no_memory(err);
    }
    add_feed(&feed, &changes);
    return put_into_reply(&feed, reply, err);
}

enum status activity_feed(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "package"},
                                              {.name = "group"},
                                              {.name = "environment"},
                                              {.name = "actor"},
                                              {.name = "kind"}};
    struct feed_place place = {.missing = NULL};
    (void)findings;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = activity_filter_decode(request, &place.filter, err);
    if (status) {
        return status;
    }
    place.self = change_list_address(request->arena, "/activity.atom", &place.filter, 0);
    place.page = change_list_address(request->arena, "/activity", &place.filter, 0);
    return write_feed(api, request, &place, reply, err);
}

static const char *below(struct arena *arena, const char *address, const char *tail) {
    return address ? arena_printf(arena, "%s/%s", address, tail) : NULL;
}

enum status activity_package(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    const char *name = request_path(request, "name");
    struct feed_place place = {.missing = name};
    (void)findings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = name_normalize(request->arena, text_from(name), &place.filter.package, err);
    if (status) {
        return status == STATUS_INVALID
                   ? fail(err, STATUS_NOT_FOUND, NULL, "The name of the package is invalid")
                   : status;
    }
    const char *page = address_make(request->arena, "/packages", place.filter.package);
    place.self = below(request->arena, page, "activity.atom");
    place.page = below(request->arena, page, "activity");
    return write_feed(api, request, &place, reply, err);
}

enum status activity_group(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    const char *group = request_path(request, "group");
    struct feed_place place = {.filter.group = group, .missing = group};
    (void)findings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    place.page = address_make(request->arena, "/groups", group);
    place.self = below(request->arena, place.page, "activity.atom");
    return write_feed(api, request, &place, reply, err);
}
