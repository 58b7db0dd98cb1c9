// SPDX-License-Identifier: MIT
// Core metadata has one field for authors where the release document has a list of people, and one text for keywords;
// they are joined as the build tools join them. Fields that registryd does not keep (downloads, maintainers, the old
// licence text) are there with the value that means "not known", because clients index them without asking.
#include "registryd/api/pypi/pypi_info.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

enum { JOINED_BYTES = 64 * 1024 };

static json_t *member(const json_t *document, const char *key) {
    json_t *value = json_object_get(document, key);
    return value ? json_incref(value) : json_null();
}

// A list, or null for an empty one.
static json_t *list_or_null(const json_t *document, const char *key) {
    const json_t *value = json_object_get(document, key);
    bool is_empty = !json_array_size(value) && !json_object_size(value);
    return is_empty ? json_null() : member(document, key);
}

static json_t *text_of(struct buffer *buffer) {
    json_t *text = buffer->len ? json_stringn(buffer->ptr, buffer->len) : json_null();
    buffer_done(buffer);
    return text;
}

// PyPI has one text with commas where the release document has a list.
static json_t *join_keywords(const json_t *document) {
    const json_t *keywords = json_object_get(document, "keywords");
    struct buffer text;
    size_t i;
    json_t *keyword;
    buffer_init(&text, LIMIT_DOCUMENT_BYTES);
    json_array_foreach(keywords, i, keyword) {
        buffer_add_string(&text, i ? "," : "");
        buffer_add_string(&text, json_string_value(keyword));
    }
    return text_of(&text);
}

// The names of those without an address, or the addresses of those with one: "A <a@example.org>".
static json_t *join_people(const json_t *document, bool with_email) {
    const json_t *authors = json_object_get(document, "authors");
    struct buffer text;
    size_t i;
    json_t *author;
    buffer_init(&text, LIMIT_DOCUMENT_BYTES);
    json_array_foreach(authors, i, author) {
        const char *name = json_string_value(json_object_get(author, "name"));
        const char *email = json_string_value(json_object_get(author, "email"));
        if ((email != NULL) != with_email) {
            continue;
        }
        buffer_add_string(&text, text.len ? ", " : "");
        buffer_add_string(&text, name ? name : email);
        if (name && email) {
            buffer_printf(&text, " <%s>", email);
        }
    }
    return text_of(&text);
}

// PyPI still has home_page and download_url of their own; metadata has them among the URLs now.
static json_t *find_url(const json_t *document, const char *label) {
    const json_t *urls = json_object_get(document, "project_urls");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)urls, key, value) {
        if (text_equals_nocase(text_from(key), label)) {
            return json_incref(value);
        }
    }
    return json_null();
}

// Members that stand for nothing here.
static int add_unknown(json_t *info) {
    static const char *const keys[] = {"license",          "license_files",  "maintainer",
                                       "maintainer_email", "platform",       "docs_url",
                                       "bugtrack_url",     "provides_extra", "dynamic"};
    int failures = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        failures |= json_object_set_new(info, keys[i], json_null());
    }
    return failures | json_object_set_new(info, "downloads",
                                          json_pack("{s:i,s:i,s:i}", "last_day", -1, "last_week",
                                                    -1, "last_month", -1));
}

static int add_addresses(json_t *info, const struct pypi_info *of) {
    const char *name = of->package->package.name;
    json_t *package = json_pack("s++", of->base, "/packages/", name);
    json_t *release =
        json_sprintf("%s/packages/%s/releases/%s", of->base, name, of->release->version);
    int failures = json_object_set_new(info, "package_url", package);
    failures |= json_object_set(info, "project_url", package);
    return failures | json_object_set_new(info, "release_url", release);
}

json_t *pypi_info_encode(const struct pypi_info *of) {
    scoped(cleanup_json) json_t *document = NULL;
    if (json_parse(text_from(of->document), LIMIT_DOCUMENT_BYTES, &document, NULL)) {
        return NULL;
    }
    const struct release_row *row = of->release;
    // clang-format off
    scoped(cleanup_json) json_t *info = json_pack(
        "{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o}",
        "name", of->package->package.display_name,
        "version", row->version,
        "summary", member(document, "summary"),
        "description", member(document, "description"),
        "description_content_type", member(document, "description_content_type"),
        "keywords", join_keywords(document),
        "license_expression", member(document, "license_expression"),
        "classifiers", member(document, "classifiers"),
        "author", join_people(document, false),
        "author_email", join_people(document, true),
        "requires_python", member(document, "requires_python"),
        "project_urls", list_or_null(document, "project_urls"),
        "requires_dist", list_or_null(document, "requires_dist"),
        "home_page", find_url(document, "homepage"),
        "download_url", find_url(document, "download"),
        "yanked", row->yanked,
        "yanked_reason", json_text(row->yanked ? row->yanked_reason : NULL));
    // clang-format on
    if (!info || add_unknown(info) || add_addresses(info, of)) {
        return NULL;
    }
    // An empty list and no list are the same for classifiers alone.
    if (!json_is_array(json_object_get(info, "classifiers")) &&
        json_object_set_new(info, "classifiers", json_array())) {
        return NULL;
    }
    return take(info);
}
