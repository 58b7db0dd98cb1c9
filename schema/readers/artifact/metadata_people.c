// SPDX-License-Identifier: MIT
// Mailbox lists and labelled addresses, as tools write them into metadata.
#include "schema/readers/artifact/metadata_people.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"

#include <string.h>

static const char *copy(struct reader *reader, struct text text) {
    text = text_trim(text);
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"') {
        text = (struct text){text.ptr + 1, text.len - 2};
    }
    const char *copied = text.len ? arena_copy(reader->arena, text.ptr, text.len) : NULL;
    reader->findings->no_memory |= text.len && !copied;
    return copied;
}

// The next mailbox; commas inside quotes and angle brackets do not end it.
static bool split_mailbox(struct text *rest, struct text *ret_mailbox) {
    bool quoted = false;
    bool bracketed = false;
    size_t at = 0;
    if (!rest->len) {
        return false;
    }
    for (; at < rest->len; at++) {
        char c = rest->ptr[at];
        quoted ^= c == '"';
        bracketed = !quoted && (c == '<' || (bracketed && c != '>'));
        if (c == ',' && !quoted && !bracketed) {
            break;
        }
    }
    *ret_mailbox = (struct text){rest->ptr, at};
    size_t step = at < rest->len ? at + 1 : at;
    *rest = (struct text){rest->ptr + step, rest->len - step};
    return true;
}

static struct person read_mailbox(struct reader *reader, struct text mailbox) {
    const char *open = memchr(mailbox.ptr, '<', mailbox.len);
    if (!open) {
        return (struct person){.email = copy(reader, mailbox)};
    }
    size_t before = (size_t)(open - mailbox.ptr);
    struct text rest = {open + 1, mailbox.len - before - 1};
    const char *close = memchr(rest.ptr, '>', rest.len);
    struct text email = {rest.ptr, close ? (size_t)(close - rest.ptr) : rest.len};
    return (struct person){copy(reader, (struct text){mailbox.ptr, before}), copy(reader, email)};
}

void metadata_add_authors(struct reader *reader, const char *author, const char *emails,
                          struct release *release) {
    size_t room = 2;
    for (const char *c = emails ? emails : ""; *c; c++) {
        room += *c == ',';
    }
    struct person *people = reader_array(reader, room, sizeof *people);
    struct text rest = text_from(emails);
    struct text mailbox;
    size_t count = 0;
    while (people && split_mailbox(&rest, &mailbox)) {
        people[count] = read_mailbox(reader, mailbox);
        count += people[count].name || people[count].email;
    }
    if (people && author && count == 1 && !people[0].name) {
        people[0].name = author;
    } else if (people && author) {
        memmove(people + 1, people, count++ * sizeof *people);
        people[0] = (struct person){.name = author};
    }
    release->authors = people;
    release->author_count = count;
}

static bool has_control(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool is_good(struct text label, struct text url) {
    enum { LABEL_CHARACTERS = 32 };
    bool web = (url.len > 7 && strncasecmp(url.ptr, "http://", 7) == 0) ||
               (url.len > 8 && strncasecmp(url.ptr, "https://", 8) == 0);
    return web && url.len <= LIMIT_SHORT_TEXT_BYTES && label.len &&
           count_characters(label) <= LABEL_CHARACTERS && !has_control(label) && !has_control(url);
}

static bool has_label(const struct release *release, struct text label) {
    for (size_t i = 0; i < release->project_url_count; i++) {
        if (text_equals(label, release->project_urls[i].label)) {
            return true;
        }
    }
    return false;
}

static void add_url(struct reader *reader, const char *member, struct text label, struct text url,
                    struct release *release) {
    label = text_trim(label);
    url = text_trim(url);
    if (!url.len || text_equals(url, "UNKNOWN") || has_label(release, label)) {
        return;
    }
    if (!is_good(label, url)) {
        const char *where = arena_printf(reader->arena, "%s: %s", reader->path, member);
        findings_add(reader->findings, SEVERITY_WARNING, "url-left-out", where, NULL,
                     "The project URL \"%.*s\" is no web address with a label of at most 32 "
                     "characters, and is left out",
                     (int)(url.len > 200 ? 200 : url.len), url.ptr);
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
        add_url(reader, member, (struct text){text, comma}, text_from(url), release);
    }
    add_url(reader, member, text_from("Homepage"), text_from(home), release);
    add_url(reader, member, text_from("Download"), text_from(download), release);
}
