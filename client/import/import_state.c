// SPDX-License-Identifier: MIT
// One small JSON file, read at the start and written after each package, beside its place and renamed to it. Losing it
// costs time alone: every file is then compared with the registry again.
#include "client/import/import_state.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { FORMAT = 1 };

static enum status fail_errno(const char *path, const char *what, struct error *err) {
    enum status status = errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO;
    return fail(err, status, path, "The state file cannot be %s: %s", what, strerror(errno));
}

static json_t *encode_groups(const struct strings *groups) {
    json_t *array = json_array();
    for (size_t i = 0; array && i < groups->count; i++) {
        json_array_append_new(array, json_text(groups->items[i]));
    }
    return array;
}

static json_t *make_state(const struct import_state_about *about) {
    return json_pack("{s:s,s:i,s:o,s:o,s:o,s:{},s:{}}", "kind", "registryctl-import", "format",
                     FORMAT, "index", json_text(about->index), "registry",
                     json_text(about->registry), "groups", encode_groups(&about->groups), "pages",
                     "files");
}

static bool is_about(const json_t *json, const json_t *fresh) {
    static const char *const members[] = {"kind", "format", "index", "registry", "groups"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!json_equal(json_object_get(json, members[i]), json_object_get(fresh, members[i]))) {
            return false;
        }
    }
    return json_is_object(json_object_get(json, "pages")) &&
           json_is_object(json_object_get(json, "files"));
}

enum status import_state_load(const char *path, const struct import_state_about *about,
                              struct import_state *ret_state, struct error *err) {
    scoped(cleanup_json) json_t *fresh = make_state(about);
    if (!fresh) {
        return fail_no_memory(err);
    }
    if (!path || (access(path, F_OK) && errno == ENOENT)) {
        *ret_state = (struct import_state){path, take(fresh)};
        return STATUS_OK;
    }
    scoped(cleanup_json) json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (!json || !is_about(json, fresh)) {
        return fail(
            err, STATUS_USAGE, path,
            "The state file is of another import: its index, registry or groups are others. Name "
            "another file, or remove it");
    }
    *ret_state = (struct import_state){path, take(json)};
    return STATUS_OK;
}

void import_state_done(struct import_state *state) {
    json_decref(state->json);
    *state = (struct import_state){0};
}

enum status import_state_store(struct arena *arena, const struct import_state *state,
                               struct error *err) {
    if (!state->path) {
        return STATUS_OK;
    }
    const char *text = json_encode_canonical(arena, state->json);
    const char *temporary = arena_printf(arena, "%s.new", state->path);
    if (!text || !temporary) {
        return fail_no_memory(err);
    }
    scoped(cleanup_fd) int fd =
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool is_written = fd >= 0 && descriptor_write(fd, text, strlen(text)) && fsync(fd) == 0 &&
                      rename(temporary, state->path) == 0;
    return is_written ? STATUS_OK : fail_errno(state->path, "written", err);
}

const char *import_state_tag(const struct import_state *state, const char *package) {
    return json_string_value(json_object_get(json_object_get(state->json, "pages"), package));
}

bool import_state_set_tag(struct import_state *state, const char *package, const char *tag) {
    json_t *pages = json_object_get(state->json, "pages");
    return tag ? json_object_set_new(pages, package, json_text(tag)) == 0
               : (json_object_del(pages, package), true);
}

bool import_state_is_left_out(const struct import_state *state, const char *sha256) {
    return json_object_get(json_object_get(state->json, "files"), sha256);
}

bool import_state_leave_out(struct import_state *state, const char *sha256) {
    json_t *files = json_object_get(state->json, "files");
    return json_object_set_new(files, sha256, json_string("left out")) == 0;
}
