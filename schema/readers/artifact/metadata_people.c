// SPDX-License-Identifier: MIT
// Authors and project URLs of a release from core metadata. The lists are parsed by the functions that
// core metadata checks them with, so what is taken here is what was found good there.
#include "schema/readers/artifact/metadata_people.h"

#include "schema/base/limits.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/mailbox.h"
#include "schema/base/text.h"

#include <string.h>

static const char *copy(struct reader *reader, struct text text) {
    const char *copied = text.len ? arena_copy(reader->arena, text.ptr, text.len) : NULL;
    reader->findings->no_memory |= text.len && !copied;
    return copied;
}

void metadata_add_authors(struct reader *reader, const char *author, const char *emails,
                          struct release *release) {
    const struct mailbox *mailboxes = NULL;
    size_t count = 0;
    // What is wrong with the addresses is a finding of core metadata already.
    if (mailboxes_parse(reader->arena, text_from(emails), &mailboxes, &count, NULL) ==
        STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
    }
    struct person *people = reader_array(reader, count + 1, sizeof *people);
    if (!people) {
        return;
    }
    bool is_named = author && count == 1 && !mailboxes[0].name;
    size_t first = author && !is_named; // an author of whom no address is known comes first
    if (first) {
        people[0] = (struct person){.name = author};
    }
    for (size_t i = 0; i < count; i++) {
        people[first + i] =
            (struct person){is_named ? author : mailboxes[i].name, mailboxes[i].email};
    }
    release->authors = people;
    release->author_count = first + count;
}

static bool is_good(struct text label, struct text url) {
    return !url_label_check(label, NULL) && !web_url_check(url, NULL) &&
           url.len <= LIMIT_SHORT_TEXT_BYTES;
}

static bool has_label(const struct release *release, struct text label) {
    for (size_t i = 0; i < release->project_url_count; i++) {
        if (text_equals(label, release->project_urls[i].label)) {
            return true;
        }
    }
    return false;
}

// A Project-URL that is wrong is a finding of core metadata already (`is_checked`); an old Home-page or
// Download-URL is free text, and the document goes without it.
static void add_url(struct reader *reader, const char *member, struct text label, struct text url,
                    bool is_checked, struct release *release) {
    label = text_trim(label);
    url = text_trim(url);
    if (!url.len || text_equals(url, "UNKNOWN") || has_label(release, label)) {
        return;
    }
    if (!is_good(label, url) && !is_checked) {
        const char *where = arena_printf(reader->arena, "%s: %s", reader->path, member);
        findings_add(reader->findings, SEVERITY_WARNING, "url-left-out", where,
                     "Begin it with https:// or http://",
                     "%.*s \"%.*s\" is not a web address and is left out", (int)label.len,
                     label.ptr, (int)(url.len > 200 ? 200 : url.len), url.ptr);
    }
    if (!is_good(label, url)) {
        return;
    }
    release->project_urls[release->project_url_count++] =
        (struct project_url){copy(reader, label), copy(reader, url)};
}

void metadata_add_urls(struct reader *reader, const char *member,
                       const struct core_metadata *metadata, struct release *release) {
    const struct core_metadata_values *urls = &metadata->values[METADATA_PROJECT_URL];
    const char *home = core_metadata_find(metadata, METADATA_HOME_PAGE);
    const char *download = core_metadata_find(metadata, METADATA_DOWNLOAD_URL);
    size_t count = urls->count > LIMIT_LIST_ITEMS ? LIMIT_LIST_ITEMS : urls->count;
    release->project_urls = reader_array(reader, count + 2, sizeof *release->project_urls);
    if (!release->project_urls) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = urls->items[i].text;
        size_t comma = strcspn(text, ",");
        const char *url = text[comma] ? text + comma + 1 : text + comma;
        add_url(reader, member, (struct text){text, comma}, text_from(url), true, release);
    }
    add_url(reader, member, text_from("Homepage"), text_from(home), false, release);
    add_url(reader, member, text_from("Download"), text_from(download), false, release);
}
