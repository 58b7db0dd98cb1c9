// SPDX-License-Identifier: MIT
// Who made a snapshot, and which answer it is. What is signed is the digest of header and index, which
// hold the digests of all the rest: one signature covers serial, epoch, made-at, environment, question
// and every record, and checking it costs the same whatever the size.
#pragma once

#include "schema/snapshot/signature.h"
#include "schema/snapshot/snapshot.h"

// Signs what snapshot_encode wrote, in place.
void snapshot_sign(struct buffer *bytes, const struct signature_pair *pair);

// Whether the owner of `public_key` signed the snapshot. Fails with: FORBIDDEN (says what is wrong).
enum status snapshot_verify(const struct snapshot *snapshot,
                            const uint8_t public_key[SIGNATURE_KEY_BYTES], struct error *err);

// The key that it says it is signed with. False when it is not signed.
bool snapshot_signer(const struct snapshot *snapshot, uint8_t ret_key[SIGNATURE_KEY_BYTES]);

// The entity tag, with quotes: the same for the same answer, signed by the same key, whenever and by
// whichever daemon it was made.
enum { SNAPSHOT_TAG_SIZE = 35 };
void snapshot_tag(const struct snapshot *snapshot, char ret_tag[SNAPSHOT_TAG_SIZE]);
