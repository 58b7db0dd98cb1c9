// SPDX-License-Identifier: MIT
// The fields of a release from core metadata. Faults were told as lints with their line already; here the
// good values are taken, and what old tools write for "nothing" is nothing. Lists of authors and URLs are
// parsed by the functions that core metadata checks them with, so what is taken here is what was found good
// there. The metadata of an artifact is also held against its file name: two sources for one fact, and a
// tool that trusts the other one must not see another release.
#include "schema/readers/artifact/metadata_release.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/mailbox.h"
#include "schema/readers/core/reader_add.h"

#include <string.h>

// ---- people and addresses ----

// Absent texts stay NULL: a document does not mention them.
static const char *copy(struct reader *reader, struct text text) {
    const char *copied = text.len ? arena_copy(reader->arena, text.ptr, text.len) : NULL;
    reader->findings->no_memory |= text.len && !copied;
    return copied;
}

// Author: Ada            Author-email: ada@example.org            one person with both
// Author: Ada            Author-email: a@x.org, b@x.org           Ada, and two people without a name
// Author-email: Ada <ada@example.org>                             one person with both
static void add_authors(struct reader *reader, const char *author, const char *emails,
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

// The first URL of a label wins: Project-URL: Homepage before the old Home-page.
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

// Project-URL: Docs, https://docs.example.org   a label, a comma, an address. Home-page and Download-URL are
// how metadata before 1.2 spelled the two most common ones.
static void add_urls(struct reader *reader, const char *member,
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

// ---- release ----

// "crm-1.0-py3-none-any.whl: crm-1.0.dist-info/METADATA:7"
static const char *line_in(struct reader *reader, const char *member, size_t line) {
    const char *where = line ? arena_printf(reader->arena, "%s: %s:%zu", reader->path, member, line)
                             : arena_printf(reader->arena, "%s: %s", reader->path, member);
    return where ? where : reader->path;
}

// Lints know a line of the metadata, findings a place in the artifact.
void metadata_add_lints(struct reader *reader, const char *member, const struct lints *lints) {
    for (size_t i = 0; i < lints->count; i++) {
        const struct lint *lint = &lints->items[i];
        findings_add(reader->findings, lint->kind->is_error ? SEVERITY_ERROR : SEVERITY_WARNING,
                     lint->kind->code, line_in(reader, member, lint->line), NULL, "%s",
                     lint->message);
    }
    reader->findings->no_memory |= lints->no_memory;
}

const struct core_metadata *metadata_read(struct reader *reader, const char *member,
                                          struct text bytes) {
    const struct core_metadata *metadata;
    struct error err;
    enum status status = core_metadata_parse(reader->arena, bytes, &metadata, &err);
    if (status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
        return NULL;
    }
    if (status) {
        reader_add_member(reader, "metadata-unreadable", member, "%s", err.message);
        return NULL;
    }
    metadata_add_lints(reader, member, &metadata->lints);
    return metadata;
}

static bool is_layout(char c) {
    return c == '\n' || c == '\r' || c == '\t';
}

// A folded line as one line, and a README without the control characters that documents refuse: they
// become spaces. Other control characters stay, and are refused as in a document. Empty, or the UNKNOWN of old tools, is NULL.
static const char *clean(struct reader *reader, const char *text, bool many_lines) {
    if (!text || strcmp(text, "UNKNOWN") == 0) {
        return NULL;
    }
    char *copy = arena_strdup(reader->arena, text);
    reader->findings->no_memory |= !copy;
    for (char *c = copy; c && *c; c++) {
        if (many_lines ? is_control(*c) && !is_layout(*c) : is_layout(*c)) {
            *c = ' ';
        }
    }
    struct text trimmed = text_trim(text_from(copy));
    if (!trimmed.len || many_lines) {
        return trimmed.len ? copy : NULL;
    }
    copy[trimmed.ptr - copy + (ptrdiff_t)trimmed.len] = '\0';
    return trimmed.ptr;
}

static const char *line_of(struct reader *reader, const struct core_metadata *metadata,
                           enum core_metadata_field field) {
    return clean(reader, core_metadata_find(metadata, field), false);
}

// Values that are empty after cleaning are left out, so the count may be smaller than that of the
// fields.
static struct strings lines_of(struct reader *reader, const struct core_metadata_values *values) {
    struct strings strings = {reader_array(reader, values->count, sizeof *strings.items), 0};
    for (size_t i = 0; strings.items && i < values->count; i++) {
        const char *text = clean(reader, values->items[i].text, false);
        if (text) {
            strings.items[strings.count++] = text;
        }
    }
    return strings;
}

static struct strings requirements_of(struct reader *reader, const struct core_metadata *metadata) {
    struct strings strings = {
        reader_array(reader, metadata->requirement_count, sizeof *strings.items), 0};
    for (size_t i = 0; strings.items && i < metadata->requirement_count; i++) {
        strings.items[strings.count++] = metadata->requirements[i]->string;
    }
    return strings;
}

// One text in the metadata ("crm,sales"), a list in the document.
static struct strings keywords_of(struct reader *reader, const struct core_metadata *metadata) {
    const char *const *words;
    size_t count;
    struct strings strings = {0};
    if (core_metadata_keywords(reader->arena, metadata, &words, &count, NULL)) {
        reader->findings->no_memory = true;
        return strings;
    }
    strings.items = reader_array(reader, count, sizeof *strings.items);
    for (size_t i = 0; strings.items && i < count; i++) {
        const char *word = clean(reader, words[i], false);
        if (word) {
            strings.items[strings.count++] = word;
        }
    }
    return strings;
}

// Requirements are in their normal form, because that is what the resolver reads.
struct release *metadata_release(struct reader *reader, const char *member,
                                 const struct core_metadata *metadata) {
    struct release *release = reader_array(reader, 1, sizeof *release);
    if (!release) {
        return NULL;
    }
    release->name = line_of(reader, metadata, METADATA_NAME);
    release->version = line_of(reader, metadata, METADATA_VERSION);
    release->summary = line_of(reader, metadata, METADATA_SUMMARY);
    release->description = clean(reader, metadata->description, true);
    release->description_content_type =
        line_of(reader, metadata, METADATA_DESCRIPTION_CONTENT_TYPE);
    release->requires_python =
        metadata->requires_python ? specifier_set_string(metadata->requires_python) : NULL;
    release->license_expression = line_of(reader, metadata, METADATA_LICENSE_EXPRESSION);
    release->requires_dist = requirements_of(reader, metadata);
    release->keywords = keywords_of(reader, metadata);
    release->classifiers = lines_of(reader, &metadata->values[METADATA_CLASSIFIER]);
    add_authors(reader, line_of(reader, metadata, METADATA_AUTHOR),
                line_of(reader, metadata, METADATA_AUTHOR_EMAIL), release);
    add_urls(reader, member, metadata, release);
    return reader->findings->no_memory ? NULL : release;
}

static bool is_indexed(const struct entry_point *entry) {
    return entry_point_group_check(text_from(entry->group), NULL) == STATUS_OK;
}

// A pair of group and name counts once: the first one stays.
void metadata_add_entry_points(struct reader *reader, const char *member, struct text bytes,
                               enum entry_groups groups, struct release *release) {
    const struct entry_points_txt *file;
    struct error err;
    enum status status = entry_points_txt_parse(reader->arena, bytes, &file, &err);
    if (status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
        return;
    }
    if (status) {
        reader_add_member(reader, "entry-points-unreadable", member, "%s", err.message);
        return;
    }
    metadata_add_lints(reader, member, &file->lints);
    release->entry_points = reader_array(reader, file->count, sizeof *release->entry_points);
    for (size_t i = 0; release->entry_points && i < file->count; i++) {
        const struct entry_point *entry = &file->entries[i];
        bool is_there = release_find_entry_point(release, entry->group, entry->name);
        if (!is_there && (groups == EVERY_GROUP || is_indexed(entry))) {
            release->entry_points[release->entry_point_count++] = *entry;
        }
    }
}

// ---- agreement with the file name ----

// The file's name is what an installer selects by; the metadata is what it installs.
static bool agrees(struct reader *reader, const char *member, const struct core_metadata *metadata,
                   const char *normalized_name, const struct version *version) {
    size_t errors_before = reader->findings->error_count;
    if (metadata->normalized_name && strcmp(metadata->normalized_name, normalized_name) != 0) {
        reader_add_member(reader, "metadata-name-mismatch", member,
                          "The metadata names the package \"%s\", but the file name says \"%s\"",
                          metadata->normalized_name, normalized_name);
    }
    if (metadata->version && version_compare(metadata->version, version) != 0) {
        reader_add_member(reader, "metadata-version-mismatch", member,
                          "The metadata has version %s, but the file name says %s",
                          version_string(metadata->version), version_string(version));
    }
    return reader->findings->error_count == errors_before;
}

const struct core_metadata *artifact_metadata_read(struct reader *reader,
                                                   const struct archive_selection *file,
                                                   const char *normalized_name,
                                                   const struct version *version) {
    const struct core_metadata *metadata = metadata_read(reader, file->name, file->bytes);
    bool good = metadata && agrees(reader, file->name, metadata, normalized_name, version);
    return good ? metadata : NULL;
}
