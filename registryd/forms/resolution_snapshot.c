// SPDX-License-Identifier: MIT
// Writing snapshots (resolution_snapshot.h).
#include "registryd/forms/resolution_snapshot.h"

#include "schema/snapshot/snapshot_sign.h"

#include <assert.h>

static_assert((int)SNAPSHOT_TAG_SIZE <= (int)ANSWER_ETAG_SIZE, "a tag of a snapshot is a tag");

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    struct snapshot_origin origin = {
        .epoch = selection->point.epoch,
        .epoch_number = selection->point.epoch_number,
        .serial = selection->point.serial,
        .made_at_seconds = selection->made_ms / 1000,
        .environment = selection->environment,
        .query = query->query,
        .max_age_seconds = selection->max_snapshot_age_seconds,
        .is_listed_only = selection->is_listed_only,
        .settings_left_out = !query->with_settings,
    };
    struct snapshot snapshot;
    struct buffer bytes;
    enum status status =
        snapshot_encode(&origin, &selection->records, &selection->decisions, &bytes, err);
    if (status) {
        return status;
    }
    // The encoder makes a buffer of its own, which takes the place of the draft's.
    buffer_done(&draft->body);
    draft->body = bytes;
    if (query->signer) {
        snapshot_sign(&draft->body, query->signer);
    }
    // Reading the finished file back yields its tag. It is also a test: a file that registryd
    // cannot read is never sent.
    status = snapshot_open(draft->body.ptr, draft->body.len, &snapshot, err);
    if (!status) {
        snapshot_tag(&snapshot, draft->etag);
    }
    return status;
}

const struct answer_form resolution_snapshot = {.name = "snapshot", .encode = encode};
