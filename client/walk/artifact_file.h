// SPDX-License-Identifier: MIT
// A wheel or sdist on disk, on its way to the registry: read and checked here by the reader and the
// rules that the registry applies again. Nothing is unpacked.
#pragma once

#include "client/walk/project.h"
#include "schema/readers/artifact/artifact.h"

// Whether the path is named as an artifact (.whl, .tar.gz, .zip) and is no directory.
bool artifact_file_is(const char *path);

// Reads and checks the file. Its bytes go to `ret_bytes`, whose max_bytes is the limit, for sending.
// What is wrong with it is in ret_project->findings, with member and line; ret_artifact is set when
// ret_project->valid is. Arena.
// Fails with: USAGE (no such file, no regular file), TOO_LARGE, IO, NO_MEMORY.
enum status artifact_file_read(struct arena *arena, const char *path, struct buffer *ret_bytes,
                               struct project *ret_project, struct artifact *ret_artifact,
                               struct error *err);
