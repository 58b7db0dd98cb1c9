// SPDX-License-Identifier: MIT
// Written from the registry's statement and not copied from its pages, because an export may hold a part of a package,
// and a page that names what is not there would make installers fail. The forms are those of the registry; an
// installer cannot tell the two apart.
#include "client/mirror/export_pages.h"

#include "schema/json/json.h"

#include <inttypes.h>
#include <string.h>

#define API_VERSION "1.4" // the last one of the HTML form (PEP 833)

bool export_part_has(const struct export_part *part, const struct statement_release *release) {
    return release->file_count && (!part->version || strcmp(part->version, release->version) == 0);
}

// ---- HTML ----

static void add_attribute(struct buffer *page, const char *name, const char *value) {
    if (value) {
        buffer_printf(page, " %s=\"", name);
        buffer_add_markup(page, text_from(value));
        buffer_add_string(page, "\"");
    }
}

static void add_meta(struct buffer *page, const char *name, const char *content) {
    if (content) {
        buffer_printf(page, "<meta name=\"pypi:%s\"", name);
        add_attribute(page, "content", content);
        buffer_add_string(page, ">\n");
    }
}

static void begin_html(struct buffer *page, const char *title,
                       const struct statement_package *package) {
    buffer_add_string(page,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    add_meta(page, "repository-version", API_VERSION);
    if (package) {
        add_meta(page, "project-status", package->status);
        add_meta(page, "project-status-reason", package->status_reason);
    }
    buffer_printf(page, "<title>%s</title>\n</head>\n<body>\n", title);
}

// Both names of the attribute for metadata: pip before 23.1 knows the old one alone.
static void add_anchor(struct buffer *page, const struct statement_release *release,
                       const struct statement_file *file) {
    buffer_printf(page, "<a href=\"../../files/%s/%s#sha256=%s\"", file->sha256, file->filename,
                  file->sha256);
    add_attribute(page, "data-requires-python", file->requires_python);
    if (file->is_wheel) {
        buffer_printf(page, " data-core-metadata=\"sha256=%s\"", file->metadata_sha256);
        buffer_printf(page, " data-dist-info-metadata=\"sha256=%s\"", file->metadata_sha256);
    }
    if (release->is_yanked) {
        add_attribute(page, "data-yanked", release->yanked_reason ? release->yanked_reason : "");
    }
    buffer_printf(page, ">%s</a><br>\n", file->filename);
}

void export_page_html(const struct export_part *part, struct buffer *page) {
    const struct statement_package *package = part->package;
    begin_html(page, package->package, package);
    for (size_t i = 0; i < package->release_count; i++) {
        const struct statement_release *release = &package->releases[i];
        for (size_t j = 0; export_part_has(part, release) && j < release->file_count; j++) {
            add_anchor(page, release, &release->files[j]);
        }
    }
    buffer_add_string(page, "</body>\n</html>\n");
}

void export_list_html(const json_t *packages, struct buffer *page) {
    begin_html(page, "Simple index", NULL);
    void *at = json_object_iter((json_t *)packages);
    for (; at; at = json_object_iter_next((json_t *)packages, at)) {
        const char *name = json_object_iter_key(at);
        buffer_printf(page, "<a href=\"%s/\">%s</a><br>\n", name, name);
    }
    buffer_add_string(page, "</body>\n</html>\n");
}

// ---- JSON ----

static void add_member(struct buffer *page, const char *key, const char *text) {
    buffer_add_string(page, key);
    if (text) {
        json_write_string(page, text, strlen(text));
    } else {
        buffer_add_string(page, "null");
    }
}

static void add_yanked(struct buffer *page, const struct statement_release *release) {
    bool has_reason = release->is_yanked && release->yanked_reason && *release->yanked_reason;
    if (has_reason) {
        add_member(page, ",\"yanked\":", release->yanked_reason);
    } else {
        buffer_add_string(page, release->is_yanked ? ",\"yanked\":true" : ",\"yanked\":false");
    }
}

static void add_file(struct buffer *page, const struct statement_release *release,
                     const struct statement_file *file) {
    buffer_printf(page, "{\"filename\":\"%s\",\"url\":\"../../files/%s/%s\"", file->filename,
                  file->sha256, file->filename);
    buffer_printf(page, ",\"hashes\":{\"sha256\":\"%s\"},\"size\":%" PRId64, file->sha256,
                  file->size);
    add_member(page, ",\"upload-time\":", file->uploaded_at);
    add_member(page, ",\"requires-python\":", file->requires_python);
    if (file->is_wheel) {
        buffer_printf(page, ",\"core-metadata\":{\"sha256\":\"%s\"}", file->metadata_sha256);
    } else {
        buffer_add_string(page, ",\"core-metadata\":false");
    }
    add_yanked(page, release);
    buffer_add_string(page, "}");
}

static void add_versions(const struct export_part *part, struct buffer *page) {
    const struct statement_package *package = part->package;
    bool is_first = true;
    for (size_t i = package->release_count; i > 0; i--) {
        if (export_part_has(part, &package->releases[i - 1])) {
            add_member(page, is_first ? "" : ",", package->releases[i - 1].version);
            is_first = false;
        }
    }
}

static void add_files(const struct export_part *part, struct buffer *page) {
    const struct statement_package *package = part->package;
    bool is_first = true;
    for (size_t i = 0; i < package->release_count; i++) {
        const struct statement_release *release = &package->releases[i];
        for (size_t j = 0; export_part_has(part, release) && j < release->file_count; j++) {
            buffer_add_string(page, is_first ? "" : ",");
            add_file(page, release, &release->files[j]);
            is_first = false;
        }
    }
}

void export_page_json(const struct export_part *part, struct buffer *page) {
    const struct statement_package *package = part->package;
    buffer_add_string(page, "{\"meta\":{\"api-version\":\"" API_VERSION "\"}");
    add_member(page, ",\"name\":", package->package);
    add_member(page, ",\"project-status\":{\"status\":", package->status);
    if (package->status_reason) {
        add_member(page, ",\"reason\":", package->status_reason);
    }
    buffer_add_string(page, "},\"versions\":[");
    add_versions(part, page);
    buffer_add_string(page, "],\"files\":[");
    add_files(part, page);
    buffer_add_string(page, "]}\n");
}

void export_list_json(const json_t *packages, struct buffer *page) {
    const char *separator = "";
    buffer_add_string(page, "{\"meta\":{\"api-version\":\"" API_VERSION "\"},\"projects\":[");
    void *at = json_object_iter((json_t *)packages);
    for (; at; at = json_object_iter_next((json_t *)packages, at)) {
        buffer_printf(page, "%s{\"name\":\"%s\"}", separator, json_object_iter_key(at));
        separator = ",";
    }
    buffer_add_string(page, "]}\n");
}
