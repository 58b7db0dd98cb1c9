// SPDX-License-Identifier: MIT
// The HTML form (PEP 503, 592, 658, 714, 792), for pip before 22.2 and for people. The standard froze it at
// version 1.4 (PEP 833). Both spellings of the metadata attribute are given: pip before 23.1 knows only the old
// one.
#include "registryd/api/simple/simple_page.h"

#include <inttypes.h>
#include <string.h>

static void add_meta(struct buffer *page, const char *name, const char *content) {
    if (content) {
        buffer_printf(page, "  <meta name=\"pypi:%s\" content=\"", name);
        buffer_add_markup(page, text_from(content));
        buffer_add_string(page, "\">\n");
    }
}

static void begin_page(struct buffer *page, const char *title,
                       const struct index_project *project) {
    buffer_add_string(page,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n");
    add_meta(page, "repository-version", SIMPLE_API_VERSION);
    if (project) {
        add_meta(page, "project-status", project->status);
        add_meta(page, "project-status-reason", project->status_reason);
    }
    buffer_printf(page, "  <title>%s</title>\n</head>\n<body>\n<h1>%s</h1>\n", title, title);
}

// The comment repeats the header X-PyPI-Last-Serial, so that a page on disk still has it.
static void end_page(struct buffer *page, int64_t serial) {
    buffer_printf(page, "</body>\n</html>\n<!--SERIAL %" PRId64 "-->\n", serial);
}

void simple_html_projects(const struct project_names *names, struct buffer *page) {
    int64_t serial = 0;
    begin_page(page, "Simple index", NULL);
    for (size_t i = 0; i < names->count; i++) {
        const struct project_name *item = &names->items[i];
        buffer_printf(page, "<a href=\"%s/\">%s</a><br>\n", item->name, item->name);
        serial = item->last_serial > serial ? item->last_serial : serial;
    }
    end_page(page, serial);
}

// The address is relative, so that the page may be kept whatever name the registry is asked by. Older
// pips read data-dist-info-metadata only (PEP 714).
static void add_file(struct buffer *page, const struct index_file *file) {
    buffer_printf(page, "<a href=\"../../files/%s/%s#sha256=%s\"", file->sha256, file->filename,
                  file->sha256);
    if (file->requires_python) {
        buffer_add_string(page, " data-requires-python=\"");
        buffer_add_markup(page, text_from(file->requires_python));
        buffer_add_string(page, "\"");
    }
    if (strcmp(file->kind, "wheel") == 0) {
        buffer_printf(page,
                      " data-core-metadata=\"sha256=%s\" data-dist-info-metadata=\"sha256=%s\"",
                      file->metadata_sha256, file->metadata_sha256);
    }
    if (file->yanked) {
        buffer_add_string(page, " data-yanked=\"");
        buffer_add_markup(page, text_from(file->yanked_reason ? file->yanked_reason : ""));
        buffer_add_string(page, "\"");
    }
    buffer_printf(page, ">%s</a><br>\n", file->filename);
}

void simple_html_project(const struct index_project *project, struct buffer *page) {
    char title[128 + sizeof "Links for "];
    snprintf(title, sizeof title, "Links for %s", project->name);
    begin_page(page, title, project);
    for (size_t i = 0; i < project->file_count; i++) {
        add_file(page, &project->files[i]);
    }
    end_page(page, project->last_serial);
}
