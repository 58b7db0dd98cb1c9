// SPDX-License-Identifier: MIT
// The JSON form (PEP 691, 700, 714, 740, 792). Written straight into the buffer: a project may have tens of
// thousands of files, and a JSON value of each would cost more than reading them from the database.
//
// The key dist-info-metadata, which PEP 714 replaced by core-metadata, is left out on purpose: pip 22.3 to 23.0
// reads it, and fails when it is an object.
//
// Keys of ours begin with an underscore, which the standard leaves to servers:
//     _serial        of the last change of a project
//     _entry-points  {group: {name: value}} of the latest release
#include "registryd/api/simple/simple_page.h"

#include "schema/json/json.h"

#include <inttypes.h>
#include <string.h>

static void add_string(struct buffer *page, const char *text) {
    if (text) {
        json_write_string(page, text, strlen(text));
    } else {
        buffer_add_string(page, "null");
    }
}

static void add_member(struct buffer *page, const char *key, const char *text) {
    buffer_add_string(page, key);
    add_string(page, text);
}

static void begin_page(struct buffer *page) {
    buffer_add_string(page, "{\"meta\":{\"api-version\":\"" SIMPLE_API_VERSION "\"}");
}

void simple_json_projects(const struct project_names *names, struct buffer *page) {
    begin_page(page);
    buffer_add_string(page, ",\"projects\":[");
    for (size_t i = 0; i < names->count; i++) {
        buffer_printf(page, "%s{\"name\":\"%s\",\"_serial\":%" PRId64 "}", i ? "," : "",
                      names->items[i].name, names->items[i].last_serial);
    }
    buffer_add_string(page, "]}\n");
}

static void add_yanked(struct buffer *page, const struct index_file *file) {
    buffer_add_string(page, ",\"yanked\":");
    if (file->yanked && file->yanked_reason && *file->yanked_reason) {
        add_string(page, file->yanked_reason);
    } else {
        buffer_add_string(page, file->yanked ? "true" : "false");
    }
}

// The address is relative to the page, so it holds behind any proxy and prefix. Digests, sizes and file names
// (see request/upload.c) need no escapes.
static void add_file(struct buffer *page, const struct index_file *file) {
    bool is_wheel = strcmp(file->kind, "wheel") == 0;
    buffer_add_string(page, "{\"filename\":\"");
    buffer_add_string(page, file->filename);
    buffer_add_string(page, "\",\"url\":\"../../files/");
    buffer_add_string(page, file->sha256);
    buffer_add_string(page, "/");
    buffer_add_string(page, file->filename);
    buffer_add_string(page, "\",\"hashes\":{\"sha256\":\"");
    buffer_add_string(page, file->sha256);
    buffer_printf(page, "\"},\"size\":%" PRId64, file->size);
    add_member(page, ",\"upload-time\":", file->uploaded_at);
    add_member(page, ",\"requires-python\":", file->requires_python);
    buffer_add_string(page, ",\"core-metadata\":");
    if (is_wheel) {
        buffer_add_string(page, "{\"sha256\":\"");
        buffer_add_string(page, file->metadata_sha256);
        buffer_add_string(page, "\"}");
    } else {
        buffer_add_string(page, "false");
    }
    add_yanked(page, file);
    buffer_add_string(page, ",\"provenance\":null}");
}

// A quarantined project keeps its page and its status, but offers nothing (PEP 792).
void simple_json_project(const struct index_project *project, struct buffer *page) {
    bool is_offered = strcmp(project->status, "quarantined") != 0;
    size_t version_count = is_offered ? project->versions.count : 0;
    begin_page(page);
    add_member(page, ",\"name\":", project->name);
    add_member(page, ",\"project-status\":{\"status\":", project->status);
    if (project->status_reason) {
        add_member(page, ",\"reason\":", project->status_reason);
    }
    buffer_add_string(page, "},\"versions\":[");
    for (size_t i = 0; i < version_count; i++) {
        add_member(page, i ? "," : "", project->versions.items[i]);
    }
    buffer_add_string(page, "],\"files\":[");
    for (size_t i = 0; i < project->file_count; i++) {
        buffer_add_string(page, i ? "," : "");
        add_file(page, &project->files[i]);
    }
    buffer_printf(page, "],\"_serial\":%" PRId64 ",\"_entry-points\":", project->last_serial);
    buffer_add_string(page, is_offered ? project->entry_points : "{}");
    buffer_add_string(page, "}\n");
}
