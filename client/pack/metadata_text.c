// SPDX-License-Identifier: MIT
// Core metadata is written in the oldest version that has all its fields, because uploaders and installers
// refuse versions that they do not know: 2.4 (PEP 639) when the release names a licence expression, else 2.1.
// The rules of a release have been applied before: no field but the description has more than one line.
//
//     Metadata-Version: 2.1
//     Name: crm
//     Version: 1.0
//     Author-email: Ada Roe <ada@example.org>
//
//     the README
#include "client/pack/metadata_text.h"

static void add_field(struct buffer *text, const char *name, const char *value) {
    if (value) {
        buffer_printf(text, "%s: %s\n", name, value);
    }
}

static void add_fields(struct buffer *text, const char *name, const struct strings *values) {
    for (size_t i = 0; i < values->count; i++) {
        add_field(text, name, values->items[i]);
    }
}

// A display name with a character that has a meaning in a list of addresses stands in quotes (RFC 5322).
static void add_mailbox(struct buffer *text, const struct person *person) {
    bool is_quoted = person->name && strpbrk(person->name, "()<>[]:;@\\,.\"");
    for (const char *c = person->name; c && *c; c++) {
        if (c == person->name && is_quoted) {
            buffer_add(text, "\"", 1);
        }
        if (*c == '"' || *c == '\\') {
            buffer_add(text, "\\", 1);
        }
        buffer_add(text, c, 1);
    }
    buffer_add_string(text, is_quoted ? "\"" : "");
    buffer_printf(text, person->name ? " <%s>" : "%s", person->email);
}

// People with an address share one field, and people without share another.
static void add_authors(struct buffer *text, const struct release *release) {
    size_t count = 0;
    for (size_t i = 0; i < release->author_count; i++) {
        if (!release->authors[i].email && release->authors[i].name) {
            buffer_printf(text, "%s%s", count++ ? ", " : "Author: ", release->authors[i].name);
        }
    }
    buffer_add_string(text, count ? "\n" : "");
    count = 0;
    for (size_t i = 0; i < release->author_count; i++) {
        if (release->authors[i].email) {
            buffer_add_string(text, count++ ? ", " : "Author-email: ");
            add_mailbox(text, &release->authors[i]);
        }
    }
    buffer_add_string(text, count ? "\n" : "");
}

static void add_keywords(struct buffer *text, const struct strings *keywords) {
    for (size_t i = 0; i < keywords->count; i++) {
        buffer_printf(text, "%s%s", i ? "," : "Keywords: ", keywords->items[i]);
    }
    buffer_add_string(text, keywords->count ? "\n" : "");
}

// License-Expression is known since Metadata 2.4 (PEP 639). Without it 2.1 is named, which older
// pips read too.
void metadata_text_write(struct buffer *text, const struct valid_release *valid) {
    const struct release *release = &valid->release;
    add_field(text, "Metadata-Version", release->license_expression ? "2.4" : "2.1");
    add_field(text, "Name", release->name);
    add_field(text, "Version", valid->normalized_version);
    add_field(text, "Summary", release->summary);
    add_keywords(text, &release->keywords);
    add_authors(text, release);
    add_field(text, "License-Expression", release->license_expression);
    add_fields(text, "Classifier", &release->classifiers);
    for (size_t i = 0; i < release->project_url_count; i++) {
        const struct project_url *url = &release->project_urls[i];
        buffer_printf(text, "Project-URL: %s, %s\n", url->label, url->url);
    }
    add_field(text, "Requires-Python", release->requires_python);
    add_fields(text, "Requires-Dist", &release->requires_dist);
    add_field(text, "Description-Content-Type", release->description_content_type);
    if (release->description) {
        buffer_printf(text, "\n%s", release->description);
    }
}

static bool has_earlier(const struct release *release, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(release->entry_points[i].group, release->entry_points[index].group) == 0) {
            return true;
        }
    }
    return false;
}

// A section may stand only once in the file, so the entries of one group are gathered under the
// first.
void entry_points_text_write(struct buffer *text, const struct valid_release *valid) {
    const struct release *release = &valid->release;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const char *group = release->entry_points[i].group;
        if (has_earlier(release, i)) {
            continue;
        }
        buffer_printf(text, "%s[%s]\n", i ? "\n" : "", group);
        for (size_t j = i; j < release->entry_point_count; j++) {
            const struct entry_point *entry = &release->entry_points[j];
            if (strcmp(entry->group, group) == 0) {
                buffer_printf(text, "%s = %s\n", entry->name, entry->value);
            }
        }
    }
}

void wheel_text_write(struct buffer *text) {
    buffer_add_string(text, "Wheel-Version: 1.0\nGenerator: registryctl\n"
                            "Root-Is-Purelib: true\nTag: py3-none-any\n");
}
