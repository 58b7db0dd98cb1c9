// SPDX-License-Identifier: MIT
// registryctl sync: a directory that a host walks holds what an environment resolves to. The registry's list of
// releases and hashes is the plan; wheels are fetched once, kept beside the directory by their hash, and verified each
// time they are used. The whole new set is made before the directory is touched, and then exchanged with it, so that
// whatever fails leaves the directory as it was.
#include "client/cli/input/missing.h"
#include "client/cli/input/query.h"
#include "client/fs/rooted_dir.h"
#include "client/remote/api_call.h"
#include "client/sync/sync_place.h"
#include "client/sync/sync_tree.h"
#include "client/sync/sync_unpack.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_DEFAULT = 3, KEEP_MAX = 100 };

struct sync_options {
    struct facts_options facts;
    const char *into;
    const char *layout;
    const char *keep;
    struct words adopt;
    bool dry_run;
    bool rollback;
};

static const struct option_row sync_rows[] = {
    {"--into", "DIR", offsetof(struct sync_options, into), "Directory that sync owns; required"},
    {"--dry-run", NULL, offsetof(struct sync_options, dry_run), "Print the plan, change nothing"},
    {"--rollback", NULL, offsetof(struct sync_options, rollback), "Go back to the earlier set"},
    {"--keep", "N", offsetof(struct sync_options, keep), "Earlier sets to keep; default 3"},
    {"--adopt", "NAME", offsetof(struct sync_options, adopt),
     "Keep this entry of the directory, which sync did not put there", .repeats = true},
    {"--layout", "LAYOUT", offsetof(struct sync_options, layout),
     "\"plugins\" (their folders) or \"site\" (as site-packages); default: \"auto\""},
    FACTS_ROWS(struct sync_options, facts),
};

// One package of the plan.
struct sync_item {
    const char *package;
    const char *version;
    const char *filename;
    const char *sha256;
    const char *action; // "install", "update", "keep"
    struct sync_unpacked unpacked;
};

struct sync_run {
    struct cli *cli;
    const struct sync_options *given;
    struct connection connection;
    struct sync_place place;
    enum sync_layout layout;
    int64_t keep;
    json_t *answer; // of the registry; owned
    struct sync_item *items;
    size_t count;
    struct strings removed; // packages of the current set that are in the plan no more
    struct strings adopted;
    bool is_changed;
};

static void sync_run_done(struct sync_run *run) {
    sync_place_close(&run->place);
    json_decref(run->answer);
}

// ---- the plan ----

static enum status ask(struct sync_run *run, struct error *err) {
    struct words groups = query_arguments(run->cli);
    struct source_query query;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    enum status status = facts_query(run->cli, &run->given->facts, &groups, &query, err);
    if (status) {
        return status;
    }
    buffer_add_string(&path, "/v1/requirements?format=json");
    source_registry_add_query(&path, &run->connection, &query);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = run->cli->arena, .connection = &run->connection};
    return api_call_json(&call, &request, &run->answer, err);
}

static const char *text_at(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// What the current set holds of a package; NULL when nothing.
static const json_t *find_held(const struct sync_run *run, const char *package) {
    const json_t *packages = json_object_get(run->place.marker, "packages");
    for (size_t i = 0; i < json_array_size(packages); i++) {
        const json_t *held = json_array_get(packages, i);
        const char *name = text_at(held, "package");
        if (name && strcmp(name, package) == 0) {
            return held;
        }
    }
    return NULL;
}

static const json_t *find_wheel(const json_t *requirement) {
    const json_t *files = json_object_get(requirement, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = text_at(file, "filename");
        if (name && text_ends_with(text_from(name), ".whl") && text_at(file, "sha256")) {
            return file;
        }
    }
    return NULL;
}

static enum status plan_item(struct sync_run *run, const json_t *requirement, struct error *err) {
    const json_t *wheel = find_wheel(requirement);
    struct sync_item *item = &run->items[run->count];
    *item = (struct sync_item){
        .package = text_at(requirement, "package"),
        .version = text_at(requirement, "version"),
        .filename = text_at(wheel, "filename"),
        .sha256 = text_at(wheel, "sha256"),
    };
    if (!item->package || !item->version) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The answer is not that of a registry");
    }
    if (!wheel) {
        return fail(err, STATUS_INVALID, item->package,
                    "%s %s has no wheel that fits, so it cannot be put into the directory. Publish "
                    "one: registryctl publish, or disable the package in the environment",
                    item->package, item->version);
    }
    const json_t *held = find_held(run, item->package);
    const char *digest = text_at(held, "sha256");
    bool is_same = digest && strcmp(digest, item->sha256) == 0;
    item->action = is_same ? "keep" : held ? "update" : "install";
    run->is_changed |= !is_same;
    run->count++;
    return STATUS_OK;
}

static bool is_planned(const struct sync_run *run, const char *package) {
    for (size_t i = 0; i < run->count; i++) {
        if (strcmp(run->items[i].package, package) == 0) {
            return true;
        }
    }
    return false;
}

static enum status plan_removals(struct sync_run *run, struct error *err) {
    const json_t *packages = json_object_get(run->place.marker, "packages");
    size_t count = json_array_size(packages);
    run->removed.items = arena_array(run->cli->arena, count + 1, sizeof(char *));
    if (!run->removed.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *package = text_at(json_array_get(packages, i), "package");
        if (!package || is_planned(run, package)) {
            continue;
        }
        package =
            arena_strdup(run->cli->arena, package); // the marker is replaced before this is shown
        if (!package) {
            return fail_no_memory(err);
        }
        run->removed.items[run->removed.count++] = package;
        run->is_changed = true;
    }
    return STATUS_OK;
}

static bool is_named(const struct words *words, const char *name) {
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool was_adopted(const struct sync_run *run, const char *name) {
    const json_t *adopted = json_object_get(run->place.marker, "adopted");
    for (size_t i = 0; i < json_array_size(adopted); i++) {
        const char *kept = json_string_value(json_array_get(adopted, i));
        if (kept && strcmp(kept, name) == 0) {
            return true;
        }
    }
    return false;
}

// What sync did not put there stays only when it is named; else sync refuses the directory.
static enum status plan_adoption(struct sync_run *run, struct error *err) {
    const struct sync_place *place = &run->place;
    run->adopted.items = arena_array(run->cli->arena, place->foreign_count + 1, sizeof(char *));
    if (!run->adopted.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < place->foreign_count; i++) {
        const char *name = place->foreign[i];
        bool is_new = !was_adopted(run, name);
        if (is_new && !is_named(&run->given->adopt, name)) {
            return fail(err, STATUS_CONFLICT, place->into,
                        "\"%s\" was not put here by sync, which replaces the whole directory. Keep "
                        "it with --adopt \"%s\", or move it away",
                        name, name);
        }
        run->adopted.items[run->adopted.count++] = name;
        run->is_changed |= is_new;
    }
    return STATUS_OK;
}

static enum status plan(struct sync_run *run, struct error *err) {
    enum status status = ask(run, err);
    if (status) {
        return status;
    }
    const json_t *requirements = json_object_get(run->answer, "requirements");
    size_t count = json_array_size(requirements);
    run->items = arena_array(run->cli->arena, count + 1, sizeof *run->items);
    run->is_changed = !run->place.marker;
    if (!run->items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        status = plan_item(run, json_array_get(requirements, i), err);
        if (status) {
            return status;
        }
    }
    status = plan_removals(run, err);
    return status ? status : plan_adoption(run, err);
}

// ---- wheels ----

static bool is_wheel(struct text bytes, const char *sha256) {
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_sha256(bytes.ptr, bytes.len, digest);
    digest_hex(digest, hex);
    return strcmp(hex, sha256) == 0;
}

static enum status fetch_wheel(struct sync_run *run, struct arena *arena,
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
    struct api_call call = {.arena = arena, .connection = &run->connection};
    enum status status = fetch_send(arena, &run->connection, &request, &answer, err);
    if (status) {
        return status;
    }
    if (answer.http_status != 200) {
        return api_call_refuse(&call, &answer, err);
    }
    if (!is_wheel(answer.body, item->sha256)) {
        return fail(err, STATUS_MALFORMED, item->filename,
                    "The file that came is not the one that the registry promised: its SHA-256 is "
                    "another one");
    }
    *ret_bytes = answer.body;
    return STATUS_OK;
}

// The wheel as it is kept, when it is and is whole.
static bool load_kept(struct sync_run *run, struct arena *arena, const struct sync_item *item,
                      struct buffer *bytes) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    const char *folder = arena_printf(arena, "%s/wheels", run->place.state);
    return folder && !rooted_dir_open(arena, folder, &dir, NULL) &&
           !rooted_dir_load(&dir, item->sha256, bytes, NULL) &&
           is_wheel((struct text){bytes->ptr, bytes->len}, item->sha256);
}

static enum status unpack(struct sync_run *run, struct sync_item *item, struct text bytes,
                          struct error *err) {
    struct findings findings;
    findings_init(&findings, run->cli->arena);
    struct sync_wheel wheel = {item->filename, bytes, run->layout};
    return sync_unpack(&wheel, run->place.build, &findings, &item->unpacked, err);
}

static enum status add_item(struct sync_run *run, struct sync_item *item, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(buffer_done) struct buffer kept;
    buffer_init(&kept, LIMIT_UPLOAD_BYTES);
    if (!arena) {
        return fail_no_memory(err);
    }
    if (load_kept(run, arena, item, &kept)) {
        return unpack(run, item, (struct text){kept.ptr, kept.len}, err);
    }
    struct text bytes;
    const char *path = arena_printf(arena, "%s/wheels/%s", run->place.state, item->sha256);
    enum status status = path ? fetch_wheel(run, arena, item, &bytes, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    tree_remove(arena, path, NULL); // a damaged one
    const char *name = arena_printf(arena, "wheels/%s", item->sha256);
    status = name ? tree_write(arena, run->place.state, name, bytes, err) : fail_no_memory(err);
    return status ? status : unpack(run, item, bytes, err);
}

// Two packages in one folder of plugins would be one plugin to the host.
static enum status check_paths(const struct sync_run *run, size_t at, struct error *err) {
    const struct sync_item *item = &run->items[at];
    for (size_t i = 0; i < at && item->unpacked.layout == LAYOUT_PLUGINS; i++) {
        const struct strings *others = &run->items[i].unpacked.paths;
        for (size_t j = 0; j < others->count; j++) {
            for (size_t k = 0; k < item->unpacked.paths.count; k++) {
                if (strcmp(others->items[j], item->unpacked.paths.items[k]) == 0) {
                    return fail(err, STATUS_CONFLICT, others->items[j],
                                "%s and %s both have this folder (path-conflict). Disable one of "
                                "them in the environment",
                                run->items[i].package, item->package);
                }
            }
        }
    }
    return STATUS_OK;
}

static enum status check_layout(const struct sync_run *run, size_t at, struct error *err) {
    enum sync_layout layout = run->items[at].unpacked.layout;
    return at && layout != run->items[0].unpacked.layout
               ? fail(err, STATUS_USAGE, run->items[at].package,
                      "%s is of the layout \"%s\", and %s of \"%s\". Name the groups of one host, "
                      "or "
                      "use --layout",
                      run->items[at].package, sync_layout_name(layout), run->items[0].package,
                      sync_layout_name(run->items[0].unpacked.layout))
               : STATUS_OK;
}

// ---- the new set ----

static json_t *encode_strings(const struct strings *strings) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < strings->count; i++) {
        if (json_array_append_new(array, json_string(strings->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_item(const struct sync_item *item) {
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "package", item->package, "version",
                     item->version, "filename", item->filename, "sha256", item->sha256, "action",
                     item->action, "paths", encode_strings(&item->unpacked.paths), "requires",
                     encode_strings(&item->unpacked.requirements));
}

static json_t *encode_items(const struct sync_run *run) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < run->count; i++) {
        if (json_array_append_new(array, encode_item(&run->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *make_marker(const struct sync_run *run) {
    return json_pack("{s:i,s:s,s:O,s:s,s:o,s:o}", "format", 1, "registry", run->connection.url,
                     "environment", json_object_get(run->answer, "environment"), "layout",
                     sync_layout_name(run->layout), "packages", encode_items(run), "adopted",
                     encode_strings(&run->adopted));
}

static enum status build(struct sync_run *run, struct error *err) {
    struct arena *arena = run->cli->arena;
    enum status status = sync_place_begin(arena, &run->place, err);
    for (size_t i = 0; i < run->count && !status; i++) {
        status = add_item(run, &run->items[i], err);
        if (!status) {
            status = check_layout(run, i, err);
        }
        if (!status) {
            status = check_paths(run, i, err);
        }
    }
    for (size_t i = 0; i < run->adopted.count && !status; i++) {
        status = tree_copy(arena, run->place.into, run->place.build, run->adopted.items[i], err);
    }
    return status;
}

// Only the wheels of the current set are kept: earlier sets are there unpacked.
static enum status prune_wheels(struct sync_run *run, struct error *err) {
    struct arena *arena = run->cli->arena;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    const char *folder = arena_printf(arena, "%s/wheels", run->place.state);
    if (!folder) {
        return fail_no_memory(err);
    }
    if (!run->count || rooted_dir_open(arena, folder, &dir, NULL)) {
        return STATUS_OK; // nothing was fetched
    }
    enum status status = rooted_dir_entries(arena, &dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        bool is_used = false;
        for (size_t j = 0; j < run->count; j++) {
            is_used |= strcmp(run->items[j].sha256, entries.items[i].name) == 0;
        }
        const char *path = arena_printf(arena, "%s/%s", folder, entries.items[i].name);
        status = !path ? fail_no_memory(err) : is_used ? STATUS_OK : tree_remove(arena, path, err);
    }
    return status;
}

static enum status replace(struct sync_run *run, struct error *err) {
    enum status status = build(run, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *marker = make_marker(run);
    if (!marker) {
        return fail_no_memory(err);
    }
    status = sync_place_commit(run->cli->arena, &run->place, marker, run->keep, err);
    return status ? status : prune_wheels(run, err);
}

// ---- output ----

static enum status print_json(struct sync_run *run, struct error *err) {
    json_t *json = json_pack(
        "{s:s,s:O,s:b,s:b,s:I,s:o,s:o,s:o,s:O}", "into", run->place.into, "environment",
        json_object_get(run->answer, "environment"), "changed", run->is_changed, "dry_run",
        run->given->dry_run, "set", (json_int_t)sync_place_number(&run->place), "packages",
        encode_items(run), "removed", encode_strings(&run->removed), "adopted",
        encode_strings(&run->adopted), "missing", json_object_get(run->answer, "missing"));
    return output_json(&run->cli->output, json, err);
}

static void print_table(struct sync_run *run) {
    struct output *output = &run->cli->output;
    for (size_t i = 0; i < run->count; i++) {
        const struct sync_item *item = &run->items[i];
        output_print(output, strcmp(item->action, "keep") == 0 ? COLOR_DIM : COLOR_GREEN,
                     "%-8s  %s %s\n", item->action, output_text(output, item->package),
                     output_text(output, item->version));
        for (size_t j = 0; j < item->unpacked.requirements.count; j++) {
            output_print(output, COLOR_DIM, "          needs %s, which sync does not install\n",
                         output_text(output, item->unpacked.requirements.items[j]));
        }
    }
    for (size_t i = 0; i < run->removed.count; i++) {
        output_print(output, COLOR_YELLOW, "remove    %s\n",
                     output_text(output, run->removed.items[i]));
    }
    const char *into = output_text(output, run->place.into);
    if (run->given->dry_run) {
        output_print(output, COLOR_NONE, "%s would %s\n", into,
                     run->is_changed ? "change" : "stay as it is");
    } else {
        output_print(output, COLOR_NONE,
                     run->is_changed ? "%s holds set %lld\n" : "%s is unchanged\n", into,
                     (long long)sync_place_number(&run->place));
    }
}

static enum status print_answer(struct sync_run *run, struct error *err) {
    size_t missing = missing_report(run->cli, json_object_get(run->answer, "missing"));
    run->cli->exit_code = missing ? 1 : 0;
    if (run->cli->output.json) {
        return print_json(run, err);
    }
    print_table(run);
    return STATUS_OK;
}

// ---- the command ----

static enum status go_back(struct sync_run *run, struct error *err) {
    int64_t number = 0;
    enum status status = sync_place_rollback(run->cli->arena, &run->place, &number, err);
    if (status) {
        return status;
    }
    if (run->cli->output.json) {
        return output_json(&run->cli->output,
                           json_pack("{s:s,s:b,s:I}", "into", run->place.into, "changed", 1, "set",
                                     (json_int_t)number),
                           err);
    }
    output_print(&run->cli->output, COLOR_NONE, "%s is back at set %lld\n",
                 output_text(&run->cli->output, run->place.into), (long long)number);
    return STATUS_OK;
}

static enum status read_options(struct sync_run *run, struct error *err) {
    const struct sync_options *given = run->given;
    char *end = NULL;
    run->keep = given->keep ? strtoll(given->keep, &end, 10) : KEEP_DEFAULT;
    if (!given->into) {
        return fail(err, STATUS_USAGE, NULL, "Name the directory with --into DIR");
    }
    if ((end && *end) || run->keep < 0 || run->keep > KEEP_MAX) {
        return fail(err, STATUS_USAGE, NULL, "--keep wants a number from 0 to %d", KEEP_MAX);
    }
    if (given->layout && !sync_layout_find(given->layout, &run->layout)) {
        return fail(err, STATUS_USAGE, NULL,
                    "\"%s\" is not a layout. The layouts are plugins, site and auto",
                    given->layout);
    }
    return STATUS_OK;
}

static enum status run_sync(struct cli *cli, struct error *err) {
    scoped(sync_run_done) struct sync_run run = {
        .cli = cli, .given = cli->options, .place = SYNC_PLACE_CLOSED};
    enum status status = read_options(&run, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, &run.connection, err);
    if (status) {
        return status;
    }
    status = sync_place_open(cli->arena, run.given->into, &run.place, err);
    if (status) {
        return status;
    }
    if (run.given->rollback) {
        return go_back(&run, err);
    }
    status = plan(&run, err);
    if (status) {
        return status;
    }
    if (run.is_changed && !run.given->dry_run) {
        status = replace(&run, err);
        if (status) {
            return status;
        }
    }
    return print_answer(&run, err);
}

const struct command command_sync = {
    .name = "sync",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .summary = "Make a directory hold the plugins of an environment",
    .description =
        "For a host that walks a directory. Its content becomes what the environment resolves\n"
        "to: each wheel is verified by its hash and unpacked in the layout of the host. The new\n"
        "set is complete before the directory is exchanged with it in one step. Sync owns the\n"
        "directory: it refuses one with other content, unless --adopt names it. Earlier sets are\n"
        "kept beside it for --rollback. The requirements of the packages are listed and not\n"
        "installed. To follow the registry: registryctl watch --exec \"registryctl sync ...\".",
    COMMAND_OPTIONS(sync_rows, struct sync_options),
    .exit_codes = "0  The directory holds the plugins\n"
                  "1  So it does, but a package is missing that the environment enables or pins;\n"
                  "   or there is no earlier set\n"
                  "3  A package has no wheel, two packages have one folder, or the directory has\n"
                  "   content that sync did not put there\n",
    .example =
        "registryctl --environment production sync honeyframe.plugins --into /srv/app/plugins",
    .run = run_sync,
};
