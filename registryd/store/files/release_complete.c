// SPDX-License-Identifier: MIT
// One statement. It names the digest of the release that the caller compared the file with, so that a release which
// another upload has completed meanwhile stays as it is, and the caller compares again. The trigger
// releases_completed_once holds the same rule in the database: after its first wheel a release never changes.
#include "registryd/store/files/release_complete.h"

#include "registryd/store/publish_write.h"
#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"
#include "schema/digest.h"

#include <sodium.h>
#include <string.h>

CLEANUP_DEFINE(struct arena *, free_arena, arena_free)

// The statement completes the release only if its digest is still the one the check read, so two
// files that complete it at once cannot both win: the second writes no row.
static enum status run(struct db *db, const struct artifact_upload *upload,
                       const struct publish_entries *entries, struct history_point *ret_point,
                       bool *ret_written, struct error *err) {
    const struct valid_release *release = upload->completed;
    uint8_t expected[DIGEST_SIZE];
    sodium_hex2bin(expected, sizeof expected, upload->there_digest, strlen(upload->there_digest),
                   NULL, NULL, NULL);
    struct db_call call = {
        SQL_RELEASE_COMPLETE,
        .values =
            {
                [RELEASE_COMPLETE_PACKAGE] = db_text(release->normalized_name),
                [RELEASE_COMPLETE_VERSION] = db_text(release->normalized_version),
                [RELEASE_COMPLETE_EXPECTED_DIGEST] = db_bytes(expected, sizeof expected),
                [RELEASE_COMPLETE_IS_WHEEL] = db_int64(upload->artifact->kind == ARTIFACT_WHEEL),
                [RELEASE_COMPLETE_DOCUMENT] = db_text_of(release->document, release->document_len),
                [RELEASE_COMPLETE_DIGEST] = db_bytes(release->digest, sizeof release->digest),
                [RELEASE_COMPLETE_REQUIRES_PYTHON] = db_text(release->release.requires_python),
                [RELEASE_COMPLETE_SUMMARY] = db_text(release->release.summary),
                [RELEASE_COMPLETE_ENTRY_GROUPS] = db_text_list(entries->groups, entries->count),
                [RELEASE_COMPLETE_ENTRY_NAMES] = db_text_list(entries->names, entries->count),
                [RELEASE_COMPLETE_ENTRY_VALUES] = db_text_list(entries->values, entries->count),
                [RELEASE_COMPLETE_ENTRY_MANIFESTS] =
                    db_text_list(entries->manifests, entries->count),
                [RELEASE_COMPLETE_ACTOR] = db_text(upload->publisher.actor),
            },
    };
    struct store_query query = {.call = &call, .columns = &store_point_columns};
    return store_run_one_on(db, &query, ret_point, ret_written, err);
}

enum status release_complete(struct db *db, const struct artifact_upload *upload,
                             struct history_point *ret_point, struct error *err) {
    scoped(free_arena) struct arena *arena = arena_new(0);
    struct publish_entries entries;
    bool is_written = false;
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = publish_entries_make(arena, &upload->completed->release, &entries, err);
    if (status) {
        return status;
    }
    status = run(db, upload, &entries, ret_point, &is_written, err);
    if (status) {
        return status;
    }
    return is_written ? STATUS_OK
                      : fail(err, STATUS_CONFLICT, NULL,
                             "Another file has completed the release meanwhile, or its state has "
                             "changed. Try again");
}
