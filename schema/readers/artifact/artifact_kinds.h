// SPDX-License-Identifier: MIT
// The two kinds of artifacts, each read into a release; artifact.c tells them apart. Internal to the
// readers of artifacts.
#pragma once

#include "schema/readers/core/reader_add.h"

struct artifact; // artifact.h

// A wheel. Fills tags and metadata of *artifact. NULL after findings, or when out of memory.
struct release *wheel_read(struct reader *reader, struct text bytes, const char *filename,
                           struct artifact *artifact);

// A source distribution, .tar.gz or .zip. Fills metadata of *artifact. NULL as above.
struct release *sdist_read(struct reader *reader, struct text bytes, const char *filename,
                           struct artifact *artifact);
