// SPDX-License-Identifier: MIT
// On which line of a file a value of a manifest stands. The readers make the manifest and forget the lines;
// who has something to say about a value asks here, with the bytes once more. A manifest without a fault
// costs nothing.
#pragma once

#include "schema/readers/conventions/declared.h"

// How the manifest comes out of the file.
struct manifest_source {
    enum declared_format format;
    const char *take; // as `take` of a declaration; NULL: the whole file
    const char
        *class_name; // MicroCoreOS: the manifest is about this class of a Python file; else NULL
    bool declares;   // Mountaineer: "declares" are the names of the arguments of the call
};

// `pointer` is a JSON pointer within the manifest, "" the manifest itself. Where the file has no such value, the
// line of the nearest one above it that it has. 0: the manifest is not in this file.
size_t manifest_line(struct arena *arena, const struct source_file *file,
                     const struct manifest_source *source, const char *pointer);
