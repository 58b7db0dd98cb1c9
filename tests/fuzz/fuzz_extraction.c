// SPDX-License-Identifier: MIT
// What the extractor may answer. What must hold besides not crashing: a good answer has a release, and a
// bad one a verdict that is about the artifact.
#include "tests/fuzz/fuzz.h"

#include "registryd/extract/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct findings findings;
    struct extraction extraction = {0};
    findings_init(&findings, arena);
    if (!extraction_decode((const char *)bytes, len, &findings, &extraction, NULL)) {
        enum status status = extraction.error.status;
        if (status == STATUS_OK ? !extraction.release || !extraction.artifact.metadata
                                : status == STATUS_UNAUTHORIZED || status == STATUS_CONFLICT) {
            abort();
        }
    }
    arena_free(arena);
    return 0;
}
