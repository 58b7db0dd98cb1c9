// SPDX-License-Identifier: MIT
// The one JSON object that the extractor writes and the daemon reads:
// {"status","where","message","errors":[],"warnings":[],"groups":[],"release":{…}|null,
//  "artifact":{"wheel","tags":[],"metadata","generator","folders":{}}|null}
// Both ends of the pipe share this codec, so they cannot drift apart. The daemon trusts none of it:
// the release is decoded and checked like one that came over HTTP, and what the daemon can know by
// itself (file name, size, digest) does not travel at all.
#pragma once

#include "schema/readers/artifact/artifact.h"

struct extraction {
    struct error error;            // status OK when the artifact is good
    const struct release *release; // NULL when it is not
    struct artifact artifact;      // of a decoded one name, size and digest are not set
};

// Owned; NULL when out of memory.
json_t *extraction_encode(const struct extraction *extraction, const struct findings *findings);

// Fails with: INTERNAL (not what extraction_encode writes), NO_MEMORY. The release and the texts are
// in the arena of the findings.
enum status extraction_decode(const char *json, size_t len, struct findings *findings,
                              struct extraction *ret_extraction, struct error *err);
