// SPDX-License-Identifier: MIT
// A finding about a value of a manifest has a pointer, which a program follows; a person wants the file and the
// line. Inner header of the walk.
#pragma once

#include "client/conventions/convention.h"

// Whether a finding is about a value of a manifest: its place begins with "/manifests/".
bool manifest_places_wanted(const struct findings *findings);

// Puts "FILE:LINE: /pointer" in the place of "/manifests/GROUP/NAME/pointer" of each finding whose manifest the
// convention finds in the directory. Running out of memory shows in `no_memory`.
void manifest_places_add(const struct convention *convention, const struct rooted_dir *dir,
                         struct findings *findings);
