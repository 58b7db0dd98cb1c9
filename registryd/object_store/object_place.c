// SPDX-License-Identifier: MIT
// Called once, at the start: a wrong setting then ends the start with a sentence, and no request meets it later. Only
// plain characters are taken, so nothing of bucket, prefix and region needs an escape in an address or a signature.
#include "registryd/object_store/object_place.h"

#include "schema/base/text.h"

#include <string.h>

static bool is_made_of(struct text text, const char *others) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_digit(c) && !is_lower(c) && !strchr(others, c)) {
            return false;
        }
    }
    return true;
}

static bool is_prefix(const char *prefix) {
    for (const char *c = prefix; *c; c++) {
        if (!is_alnum(*c) && !strchr("-_./", *c)) {
            return false;
        }
    }
    size_t len = strlen(prefix);
    bool is_framed = len && (*prefix == '/' || prefix[len - 1] == '/');
    return !is_framed && !strstr(prefix, "//") && !strstr(prefix, "..");
}

// "s3://bucket/a/b": the bucket, and "a/b".
static enum status parse_url(const char *url, struct text *ret_bucket, const char **ret_prefix,
                             struct error *err) {
    static const char scheme[] = "s3://";
    enum { SCHEME_LEN = sizeof scheme - 1, BUCKET_MIN = 3, BUCKET_MAX = 63 };
    bool is_s3 = strncmp(url, scheme, SCHEME_LEN) == 0;
    const char *bucket = is_s3 ? url + SCHEME_LEN : "";
    size_t len = strcspn(bucket, "/");
    const char *prefix = bucket[len] ? bucket + len + 1 : "";
    bool is_sound = len >= BUCKET_MIN && len <= BUCKET_MAX && bucket[0] != '.' &&
                    is_made_of((struct text){bucket, len}, "-.") && is_prefix(prefix);
    if (!is_sound) {
        return fail(err, STATUS_USAGE, "files",
                    "\"%s\" names no place for files. Write \"database\", or a bucket and a prefix "
                    "like s3://bucket/registry",
                    url);
    }
    *ret_bucket = (struct text){bucket, len};
    *ret_prefix = prefix;
    return STATUS_OK;
}

// The port that the scheme means is not part of the header Host, so it must not be part of what is signed.
static struct text without_usual_port(struct text host, bool is_plain) {
    const char *usual = is_plain ? ":80" : ":443";
    return text_ends_with(host, usual) ? (struct text){host.ptr, host.len - strlen(usual)} : host;
}

static enum status parse_endpoint(const char *endpoint, struct text *ret_host, bool *ret_is_plain,
                                  struct error *err) {
    bool is_plain = strncmp(endpoint, "http://", 7) == 0;
    bool is_url = is_plain || strncmp(endpoint, "https://", 8) == 0;
    const char *host = is_url ? endpoint + (is_plain ? 7 : 8) : "";
    size_t len = strlen(host);
    len -= len && host[len - 1] == '/';
    if (!len || !is_made_of((struct text){host, len}, "-.:[]")) {
        return fail(err, STATUS_USAGE, "files-endpoint",
                    "\"%s\" is not the address of an object store. Write it like "
                    "https://s3.example.com, without a path",
                    endpoint);
    }
    *ret_host = without_usual_port((struct text){host, len}, is_plain);
    *ret_is_plain = is_plain;
    return STATUS_OK;
}

enum status object_place_parse(struct arena *arena, const struct object_place_wish *wish,
                               struct object_place *ret_place, struct error *err) {
    struct text bucket = {0};
    struct text host = {0};
    const char *prefix = "";
    struct object_place place = {0};
    if (!*wish->region || !is_made_of(text_from(wish->region), "-")) {
        return fail(err, STATUS_USAGE, "files-region", "\"%s\" is not a region", wish->region);
    }
    enum status status = parse_url(wish->url, &bucket, &prefix, err);
    if (status) {
        return status;
    }
    const char *endpoint = wish->endpoint
                               ? wish->endpoint
                               : arena_printf(arena, "https://s3.%s.amazonaws.com", wish->region);
    status = endpoint ? parse_endpoint(endpoint, &host, &place.is_plain, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    struct text label = wish->is_path_style ? (struct text){"", 0} : bucket;
    struct text first = wish->is_path_style ? bucket : (struct text){"", 0};
    place.host = arena_printf(arena, "%.*s%s%.*s", (int)label.len, label.ptr, label.len ? "." : "",
                              (int)host.len, host.ptr);
    place.path = arena_printf(arena, "/%.*s%s%s%s", (int)first.len, first.ptr, first.len ? "/" : "",
                              prefix, *prefix ? "/" : "");
    place.base = place.host
                     ? arena_printf(arena, "%s://%s", place.is_plain ? "http" : "https", place.host)
                     : NULL;
    if (!place.base || !place.path) {
        return fail_no_memory(err);
    }
    *ret_place = place;
    return STATUS_OK;
}
