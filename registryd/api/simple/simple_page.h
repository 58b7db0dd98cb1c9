// SPDX-License-Identifier: MIT
// The two forms of the index pages, from the same rows. Pure; any thread. A buffer that fails says so itself.
#pragma once

#include "registryd/store/files/store_projects.h"
#include "schema/base/text.h"

// Version 1.4 added the status of a project and its reason (PEP 792).
#define SIMPLE_API_VERSION "1.4"

// The list of projects.
void simple_json_projects(const struct project_names *names, struct buffer *page);
void simple_html_projects(const struct project_names *names, struct buffer *page);

// One project with its files.
void simple_json_project(const struct index_project *project, struct buffer *page);
void simple_html_project(const struct index_project *project, struct buffer *page);
