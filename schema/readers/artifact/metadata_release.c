// SPDX-License-Identifier: MIT
// The fields of a release from core metadata. Faults were told as lints with their line already; here
// the good values are taken, and what old tools write for "nothing" is nothing.
#include "schema/readers/artifact/metadata_release.h"

#include "schema/base/limits.h"
#include "schema/readers/artifact/metadata_people.h"

#include <string.h>

static const char *line_in(struct reader *reader, const char *member, size_t line) {
    const char *where = line ? arena_printf(reader->arena, "%s: %s:%zu", reader->path, member, line)
                             : arena_printf(reader->arena, "%s: %s", reader->path, member);
    return where ? where : reader->path;
}

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
    metadata_add_authors(reader, line_of(reader, metadata, METADATA_AUTHOR),
                         line_of(reader, metadata, METADATA_AUTHOR_EMAIL), release);
    metadata_add_urls(reader, member, metadata, release);
    return reader->findings->no_memory ? NULL : release;
}

static bool has_entry(const struct release *release, const struct entry_point *entry) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *other = &release->entry_points[i];
        if (strcmp(other->name, entry->name) == 0 && strcmp(other->group, entry->group) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_indexed(const struct entry_point *entry) {
    return entry_point_group_check(text_from(entry->group), NULL) == STATUS_OK;
}

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
        if (!has_entry(release, entry) && (groups == EVERY_GROUP || is_indexed(entry))) {
            release->entry_points[release->entry_point_count++] = *entry;
        }
    }
}
