// SPDX-License-Identifier: MIT
// Whether an artifact is of the release that is there already. A release never changes: what hosts act on (entry
// points, manifests) must be the same in every file of it. Python and requirements belong to the file: a further wheel
// may ask for others, as wheels for several platforms do; texts for people may differ, and what was published first stays. An sdist says what its build
// will know only later by leaving it out, so only what it does say is compared; a release published
// with manifests takes files that have none. Pure.
#pragma once

#include "schema/release/release.h"

// `document` is that of the release that is there. Fails with: CONFLICT (one finding "release-differs"
// per field, and the first is *err), NO_MEMORY, INTERNAL (the document cannot be read). Differences in
// other fields are one warning "release-text-differs".
struct artifact_claim {
    const struct valid_release *release; // as the file says it
    bool is_wheel;
    const char *
        own_terms; // set when a wheel asks for another Python or other requirements; arena of the findings
};
enum status artifact_agree(const char *document, struct artifact_claim *claim,
                           struct findings *findings, struct error *err);

// The release of `document`, which has no wheel yet, completed by a file: what the file says and the document left
// out is added, and of texts the file's are taken. The first difference in what hosts act on refuses the file; each
// is a finding "release-differs". The result is checked by the rules of a release; where nothing is added, it is
// the release that is there. Arena of the findings.
// Fails with: CONFLICT, INVALID (together the two break a rule), NO_MEMORY, INTERNAL (the document cannot be read).
enum status artifact_complete(const char *document, const struct valid_release *release,
                              bool is_wheel, struct findings *findings,
                              const struct valid_release **ret_completed, struct error *err);

// Whether a document says nothing that the release with `document` does not say: publishing it again after a file
// has completed the release changes nothing. Texts may differ: the release keeps those of its file.
// Fails with: CONFLICT as artifact_agree, NO_MEMORY, INTERNAL.
enum status document_agree(const char *document, const struct valid_release *release,
                           struct findings *findings, struct error *err);
