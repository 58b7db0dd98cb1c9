// SPDX-License-Identifier: MIT
// Making the new set of a plan. A wheel is taken from those kept beside the directory, or fetched; either way its hash
// is checked before anything of it is written. Nothing touches the directory before the whole set is there.
#include "client/fs/rooted_dir.h"
#include "client/remote/api_call.h"
#include "client/remote/fetch_file.h"
#include "client/sync/sync_plan.h"
#include "client/sync/sync_tree.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <string.h>

// ---- wheels ----

// The hash is what the registry promised. Neither the name of a file nor its origin is trusted.
static bool is_wheel(struct text bytes, const char *sha256) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(bytes.ptr, bytes.len, digest);
    digest_hex(digest, hex);
    return strcmp(hex, sha256) == 0;
}

// GET /files/SHA256/FILENAME. The address contains the hash, so the answer can never become stale.
static enum status fetch_wheel(struct sync_plan *plan, struct arena *arena,
                               const struct sync_item *item, struct text *ret_bytes,
                               struct error *err) {
    scoped(buffer_done) struct buffer path;
    struct fetch_answer answer;
    buffer_init(&path, LIMIT_PATH_BYTES);
    buffer_printf(&path, "/files/%s/", item->sha256);
    api_call_add_encoded(&path, item->filename);
    if (path.failed) {
        return fail(err, STATUS_INVALID, item->filename, "The name of the file is too long");
    }
    struct fetch_request request = {.method = "GET",
                                    .path = path.ptr,
                                    .accept = "*/*",
                                    .max_bytes = LIMIT_UPLOAD_BYTES,
                                    .is_plain = true};
    struct api_call call = {.arena = arena, .connection = plan->connection};
    enum status status = fetch_file(arena, plan->connection, &request, &answer, err);
    if (status) {
        return status;
    }
    if (answer.http_status != 200) {
        return api_call_refuse(&call, &answer, err);
    }
    if (!is_wheel(answer.body, item->sha256)) {
        return fail(err, STATUS_MALFORMED, item->filename,
                    "The received file is not the one that the registry named: its SHA-256 is "
                    "another one");
    }
    *ret_bytes = answer.body;
    return STATUS_OK;
}

// The wheel as it is kept, when it is and is whole.
// No failure is reported from here: it only means that the wheel is fetched again.
static bool load_kept(struct sync_plan *plan, struct arena *arena, const struct sync_item *item,
                      struct buffer *bytes) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    const char *folder = arena_printf(arena, "%s/wheels", plan->place->state);
    return folder && !rooted_dir_open(arena, folder, &dir, NULL) &&
           !rooted_dir_load(&dir, item->sha256, bytes, NULL) &&
           is_wheel((struct text){bytes->ptr, bytes->len}, item->sha256);
}

static enum status unpack(struct sync_plan *plan, struct sync_item *item, struct text bytes,
                          struct error *err) {
    struct findings findings;
    findings_init(&findings, plan->arena);
    struct sync_wheel wheel = {item->filename, bytes, plan->layout};
    return sync_unpack(&wheel, plan->place->build, &findings, &item->unpacked, err);
}

// The bytes of a wheel live in an arena of their own, so that one wheel at a time is in memory.
// What the plan keeps of it, its paths and requirements, is in the arena of the plan.
static enum status add_item(struct sync_plan *plan, struct sync_item *item, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(buffer_done) struct buffer kept;
    buffer_init(&kept, LIMIT_UPLOAD_BYTES);
    if (!arena) {
        return fail_no_memory(err);
    }
    if (load_kept(plan, arena, item, &kept)) {
        return unpack(plan, item, (struct text){kept.ptr, kept.len}, err);
    }
    struct text bytes;
    const char *path = arena_printf(arena, "%s/wheels/%s", plan->place->state, item->sha256);
    enum status status = path ? fetch_wheel(plan, arena, item, &bytes, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    tree_remove(arena, path, NULL); // a damaged one
    struct tree_file file = {arena_printf(arena, "wheels/%s", item->sha256), bytes, false};
    status = file.name ? tree_write(arena, plan->place->state, &file, err) : fail_no_memory(err);
    return status ? status : unpack(plan, item, bytes, err);
}

// A path that is in both lists; NULL when none is.
static const char *find_shared(const struct strings *one, const struct strings *other) {
    for (size_t i = 0; i < one->count; i++) {
        for (size_t j = 0; j < other->count; j++) {
            if (strcmp(one->items[i], other->items[j]) == 0) {
                return one->items[i];
            }
        }
    }
    return NULL;
}

// Two packages in one folder of plugins would be one plugin to the host.
// In the layout of site-packages two wheels may share a folder, as namespace packages do. There
// tree_write finds a file that both have.
static enum status check_paths(const struct sync_plan *plan, size_t at, struct error *err) {
    const struct sync_item *item = &plan->items[at];
    for (size_t i = 0; i < at && item->unpacked.layout == LAYOUT_PLUGINS; i++) {
        const char *shared = find_shared(&plan->items[i].unpacked.paths, &item->unpacked.paths);
        if (shared) {
            return fail(err, STATUS_CONFLICT, shared,
                        "%s and %s both have this folder (path-conflict). Disable one of them in "
                        "the environment",
                        plan->items[i].package, item->package);
        }
    }
    return STATUS_OK;
}

// A host walks its directory in one way only. It would not see the packages of another layout.
static enum status check_layout(const struct sync_plan *plan, size_t at, struct error *err) {
    enum sync_layout layout = plan->items[at].unpacked.layout;
    return at && layout != plan->items[0].unpacked.layout
               ? fail(err, STATUS_USAGE, plan->items[at].package,
                      "%s is of the layout \"%s\", and %s of \"%s\". Name the groups of one host, "
                      "or use --layout",
                      plan->items[at].package, sync_layout_name(layout), plan->items[0].package,
                      sync_layout_name(plan->items[0].unpacked.layout))
               : STATUS_OK;
}

// ---- the new set ----

json_t *sync_plan_encode_strings(const struct strings *strings) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < strings->count; i++) {
        if (json_array_append_new(array, json_string(strings->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

// What find_held and is_owned read in the next run: {"package": "crm", "sha256": "9f…", "paths":
// ["crm"], …}. A key that is renamed here must be renamed there.
static json_t *encode_item(const struct sync_item *item) {
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:I}", "package", item->package, "version",
                     item->version, "filename", item->filename, "sha256", item->sha256, "action",
                     item->action, "paths", sync_plan_encode_strings(&item->unpacked.paths),
                     "requires", sync_plan_encode_strings(&item->unpacked.requirements), "left_out",
                     (json_int_t)item->unpacked.left_out);
}

json_t *sync_plan_encode_items(const struct sync_plan *plan) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < plan->count; i++) {
        if (json_array_append_new(array, encode_item(&plan->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

// {"format": 1, "registry": "https://…", "environment": "production", "layout": "plugins",
//  "packages": […], "adopted": ["local_plugin"]}; sync_place_commit adds "set", the number.
static json_t *make_marker(const struct sync_plan *plan) {
    return json_pack("{s:i,s:s,s:O,s:s,s:o,s:o}", "format", 1, "registry", plan->connection->url,
                     "environment", json_object_get(plan->answer, "environment"), "layout",
                     sync_layout_name(plan->layout), "packages", sync_plan_encode_items(plan),
                     "adopted", sync_plan_encode_strings(&plan->adopted));
}

static enum status add_and_check(struct sync_plan *plan, size_t at, struct error *err) {
    enum status status = add_item(plan, &plan->items[at], err);
    if (status && status != STATUS_CONFLICT) {
        return status;
    }
    enum status why = check_layout(plan, at, err);
    if (why) {
        return why;
    }
    why = check_paths(plan, at, err); // two packages say more than the file that was in the way
    return why ? why : status;
}

// The adopted entries come last: one that has a file of a package is a CONFLICT, and no set is
// made.
static enum status build(struct sync_plan *plan, struct error *err) {
    enum status status = sync_place_begin(plan->arena, plan->place, err);
    for (size_t i = 0; i < plan->count && !status; i++) {
        status = add_and_check(plan, i, err);
    }
    for (size_t i = 0; i < plan->adopted.count && !status; i++) {
        status = tree_copy(plan->arena, plan->place->into, plan->place->build,
                           plan->adopted.items[i], err);
    }
    return status;
}

static bool is_used(const struct sync_plan *plan, const char *sha256) {
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->items[i].sha256, sha256) == 0) {
            return true;
        }
    }
    return false;
}

// Only the wheels of the current set are kept: earlier sets are there unpacked.
static enum status prune_wheels(struct sync_plan *plan, struct error *err) {
    struct arena *arena = plan->arena;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    const char *folder = arena_printf(arena, "%s/wheels", plan->place->state);
    if (!folder) {
        return fail_no_memory(err);
    }
    if (!plan->count || rooted_dir_open(arena, folder, &dir, NULL)) {
        return STATUS_OK; // nothing was fetched
    }
    enum status status = rooted_dir_entries(arena, &dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        if (!is_used(plan, entries.items[i].name)) {
            const char *path = arena_printf(arena, "%s/%s", folder, entries.items[i].name);
            status = path ? tree_remove(arena, path, err) : fail_no_memory(err);
        }
    }
    return status;
}

enum status sync_plan_apply(struct sync_plan *plan, int64_t keep, struct error *err) {
    enum status status = build(plan, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *marker = make_marker(plan);
    if (!marker) {
        return fail_no_memory(err);
    }
    status = sync_place_commit(plan->arena, plan->place, marker, keep, err);
    return status ? status : prune_wheels(plan, err);
}
