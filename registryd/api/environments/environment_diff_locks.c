// SPDX-License-Identifier: MIT
// Two revisions with the same document may answer differently: a lock of today has other releases than one of last
// week. Of one lock alone every release would be a difference, so it is described in one line instead.
#include "registryd/api/environments/environment_diff_locks.h"

#include "registryd/resolver/lock.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

static enum status load(struct api *api, struct arena *arena, const struct environment_row *row,
                        struct lock *ret_lock, struct error *err) {
    struct environment_lock_row stored;
    enum status status = store_environment_lock_load(api->store, arena, row->lock_id, &stored, err);
    return status ? status : lock_decode(arena, &stored, ret_lock, err);
}

// A file keeps its name and its bytes for ever, so its name is enough.
static json_t *encode_files(const struct locked_release *release) {
    scoped(cleanup_json) json_t *files = json_array();
    for (size_t i = 0; files && i < release->file_count; i++) {
        if (json_array_append_new(files, json_string(release->files[i].filename))) {
            return NULL;
        }
    }
    return take(files);
}

static json_t *encode_release(const struct locked_release *release) {
    scoped(cleanup_json) json_t *object =
        json_pack("{s:s,s:o}", "version", release->version, "files", encode_files(release));
    bool is_whole =
        object && (!release->ignored || json_object_set_new(object, "ignored_quarantine",
                                                            json_string(release->ignored)) == 0);
    return is_whole ? take(object) : NULL;
}

static json_t *encode_releases(const struct lock *lock) {
    scoped(cleanup_json) json_t *releases = json_object();
    for (size_t i = 0; releases && i < lock->release_count; i++) {
        const struct locked_release *release = &lock->releases[i];
        if (json_object_set_new(releases, release->package, encode_release(release))) {
            return NULL;
        }
    }
    return take(releases);
}

static json_t *describe(const struct lock *lock) {
    return json_pack("{s:I,s:s?,s:I,s:s?}", "releases", (json_int_t)lock->release_count,
                     "environment", lock->environment, "revision", (json_int_t)lock->revision,
                     "made_at", lock->made_at);
}

enum status environment_diff_locks(struct api *api, struct arena *arena,
                                   const struct lock_side sides[2], struct error *err) {
    bool are_both_frozen = sides[0].row->lock_id && sides[1].row->lock_id;
    for (size_t i = 0; sides[0].row->lock_id != sides[1].row->lock_id && i < 2; i++) {
        struct lock lock;
        if (!sides[i].row->lock_id) {
            continue;
        }
        enum status status = load(api, arena, sides[i].row, &lock, err);
        if (status) {
            return status;
        }
        json_t *member = are_both_frozen ? encode_releases(&lock) : describe(&lock);
        if (json_object_set_new(sides[i].document, "lock", member)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}
