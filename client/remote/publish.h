// SPDX-License-Identifier: MIT
// Sending to a registry: a release that passed the rules, as a document or as the artifact it was read from; and
// the parity reports of a host.
#pragma once

#include "client/remote/api_call.h"
#include "client/walk/artifact_file.h"
#include "client/walk/source_walk.h"
#include "schema/parity.h"
#include "schema/release/release.h"

struct receipt {
    bool created; // false: the same release was there already, nothing changed
    const char *package;
    const char *version;
    long long serial;  // of the change that made it; -1 when the answer does not say
    const char *epoch; // may be NULL
    const char *url;   // of an artifact: where its bytes are served; may be NULL
};

// A wheel or sdist, to be sent as it is.
struct upload {
    const char *filename; // without its directory
    struct text bytes;
    const char *sha256;                    // in hexadecimal: what must arrive
    const char *uploaded_at;               // RFC 3339: when another registry got it; NULL: now
    const struct fetch_progress *progress; // may be NULL
};

// PUTs the release. Publishing the same again is no error, so it is safe to repeat after a failure.
// Warnings and errors of the registry go into call->findings, which must be there. Arena.
// Fails with: CONFLICT (other content under this name and version), UNAUTHORIZED, FORBIDDEN, INVALID,
// and what api_call_json fails with.
enum status publish_send(const struct api_call *call, const struct valid_release *valid,
                         struct receipt *ret_receipt, struct error *err);

// POSTs an artifact; the registry reads it again and makes the release. Sending the same again is no
// error. Findings and failures as publish_send; TOO_LARGE when the registry takes less.
enum status publish_upload(const struct api_call *call, const struct valid_release *valid,
                           const struct upload *upload, struct receipt *ret_receipt,
                           struct error *err);

// What was read at a path and may be sent: `project->valid` is there.
struct publish_item {
    struct project *project;
    const struct artifact *artifact;       // NULL: the document is sent
    struct text bytes;                     // of the artifact
    const struct fetch_progress *progress; // may be NULL
};

// Sends one or the other. What only the registry found is added to the project's findings: it applies the
// same rules again, and some of its own. Failures as publish_send and publish_upload.
enum status publish_item_send(const struct api_call *call, const struct publish_item *item,
                              struct receipt *ret_receipt, struct error *err);

// Asks what sending the same would answer (POST /v1/check); nothing is stored. *ret_is_new: it is not in the registry
// yet. Findings as publish_item_send; fails as it does, and with UNAUTHORIZED for a file without a token.
enum status publish_item_check(const struct api_call *call, const struct publish_item *item,
                               bool *ret_is_new, struct error *err);

// How a host's directories compare with the registry, so that the team sees in one place who still needs
// directory walking (registryctl transition).
struct host_report {
    const char *host;              // as it calls itself
    const struct walk_query *walk; // how the directories were walked
    const struct parity *parities; // of each group one
    size_t count;
    long long
        for_seconds; // how long reports must agree before a switch is safe; 0: the registry's default
};

// POSTs the report: of each list as much as the registry keeps, with the count of all; manifests stay
// here. Warnings of the registry go into call->findings, which must be there.
// Fails with: UNAUTHORIZED, FORBIDDEN, INVALID, and what api_call_json fails with.
enum status publish_report(const struct api_call *call, const struct host_report *report,
                           struct error *err);
