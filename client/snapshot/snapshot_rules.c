// SPDX-License-Identifier: MIT
// The rules of snapshot_rules.h.
#include "client/snapshot/snapshot_rules.h"

#include <string.h>

static bool was_left(const struct snapshot_receipt *receipt, const char *epoch) {
    for (size_t i = 0; i < receipt->epoch_count; i++) {
        if (strcmp(receipt->epochs[i], epoch) == 0) {
            return true;
        }
    }
    return false;
}

enum status snapshot_rules_check(const struct snapshot_file *old,
                                 const struct snapshot_origin *next, struct error *err) {
    const struct snapshot_origin *origin = &old->snapshot.origin;
    if (strcmp(origin->epoch, next->epoch) == 0) {
        return next->serial >= origin->serial
                   ? STATUS_OK
                   : fail(err, STATUS_CONFLICT, NULL,
                          "The registry answered with serial %lld, which is before %lld that is "
                          "kept; the kept one stays",
                          (long long)next->serial, (long long)origin->serial);
    }
    if (was_left(&old->receipt, next->epoch)) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The registry went back to the history %s, which was replaced by another one "
                    "before; if that is meant, remove the kept file",
                    next->epoch);
    }
    if (next->made_at_seconds < origin->made_at_seconds) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The registry answered with another history (%s) from before what is kept; if "
                    "that is meant, remove the kept file",
                    next->epoch);
    }
    return STATUS_OK;
}

void snapshot_rules_receipt(const struct snapshot_file *old, const struct snapshot_origin *next,
                            const char *url, struct snapshot_receipt *ret_receipt) {
    struct snapshot_receipt receipt = {.url = url};
    if (old) {
        const struct snapshot_receipt *before = &old->receipt;
        const char *left = old->snapshot.origin.epoch;
        bool leaves = strcmp(left, next->epoch) != 0;
        size_t room = RECEIPT_EPOCHS_MAX - leaves; // the oldest ones go first
        size_t first = before->epoch_count > room ? before->epoch_count - room : 0;
        for (size_t i = first; i < before->epoch_count; i++) {
            receipt.epochs[receipt.epoch_count++] = before->epochs[i];
        }
        if (leaves) {
            receipt.epochs[receipt.epoch_count++] = left;
        }
    }
    *ret_receipt = receipt;
}
