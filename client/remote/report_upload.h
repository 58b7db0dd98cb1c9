// SPDX-License-Identifier: MIT
// Telling the registry how a host's directories compare with it, so that the team sees in one place
// who still needs directory walking.
#pragma once

#include "client/remote/api_call.h"
#include "client/walk/source_walk.h"
#include "schema/parity.h"

struct host_report {
    const char *host;
    const struct walk_query *walk; // how the directories were walked
    const struct parity *parities; // of each group one
    size_t count;
};

// POSTs the report: of each list as much as the registry keeps, with the count of all; manifests stay
// here. Warnings of the registry go into exchange->findings, which must be there.
// Fails with: UNAUTHORIZED, FORBIDDEN, INVALID, and what api_call_json fails with.
enum status report_upload_send(const struct api_call *call, const struct host_report *report,
                               struct error *err);
