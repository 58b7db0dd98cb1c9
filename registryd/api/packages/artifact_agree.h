// SPDX-License-Identifier: MIT
// Whether an artifact is of the release that is there already. A release never changes: what hosts and
// installers act on (Python, requirements, entry points, manifests) must be the same in every file of
// it; texts for people may differ, and what was published first stays. An sdist says what its build
// will know only later by leaving it out, so only what it does say is compared; a release published
// with manifests takes files that have none. Pure.
#pragma once

#include "schema/release/release.h"

// `document` is that of the release that is there. Fails with: CONFLICT (one finding "release-differs"
// per field, and the first is *err), NO_MEMORY, INTERNAL (the document cannot be read). Differences in
// other fields are one warning "release-text-differs".
enum status artifact_agree(const char *document, const struct valid_release *release, bool is_wheel,
                           struct findings *findings, struct error *err);
