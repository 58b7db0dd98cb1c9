// SPDX-License-Identifier: MIT
// Nothing is changed and nothing is kept: each page of the store is judged in an arena of its own, and what fails goes
// into the answer. The rules are those of a publish and of a change of an environment. A schema may be slow and a group
// large, so the trial ends at a moment, and says that it did.
#include "registryd/api/groups/contract_trial.h"

#include "registryd/store/settings/store_group_uses.h"
#include "schema/base/clock.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"
#include "schema/json_schema/json_schema_defaults.h"

enum { PAGE_RELEASES = 100, PAGE_SETTINGS = 200 };

struct trial {
    struct api *api;
    const struct group_contract *contract;
    int64_t deadline_ms;
    bool is_complete;
};

// What was looked at of one kind.
struct trial_list {
    json_int_t checked;
    json_t *failing; // owned
};

static void list_done(const struct trial_list *list) {
    json_decref(list->failing);
}

static bool is_over(struct trial *trial, const struct trial_list *list) {
    bool over =
        json_array_size(list->failing) >= TRIAL_FAILURES || monotonic_ms() > trial->deadline_ms;
    trial->is_complete = trial->is_complete && !over;
    return over;
}

// Adds what failed, when something did. Steals `failure`.
static enum status add_failure(struct trial_list *list, json_t *failure,
                               const struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *item = failure;
    list->checked++;
    if (!findings->error_count && !findings->no_memory) {
        return STATUS_OK;
    }
    json_t *errors = findings_encode(findings, SEVERITY_ERROR);
    bool failed = findings->no_memory || !errors || json_object_set_new(item, "errors", errors);
    return failed || json_array_append(list->failing, item) ? fail_no_memory(err) : STATUS_OK;
}

// ---- releases ----

// A release with its entry points in the group alone. Texts are borrowed from the JSON.
static bool decode_entries(struct arena *arena, const char *group, const json_t *entries,
                           struct release *ret_release) {
    size_t count = json_array_size(entries);
    struct entry_point *points = arena_array(arena, count + 1, sizeof *points);
    struct manifest *manifests = arena_array(arena, count + 1, sizeof *manifests);
    *ret_release = (struct release){.entry_points = points, .manifests = manifests};
    for (size_t i = 0; points && manifests && i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        const char *name = json_string_value(json_object_get(entry, "name"));
        const char *value = json_string_value(json_object_get(entry, "value"));
        const char *manifest = json_string_value(json_object_get(entry, "manifest"));
        points[ret_release->entry_point_count++] =
            (struct entry_point){.group = group, .name = name, .value = value};
        if (manifest) {
            manifests[ret_release->manifest_count++] = (struct manifest){group, name, manifest};
        }
    }
    return points && manifests;
}

static enum status try_release(const struct trial *trial, struct arena *arena,
                               const struct group_release *row, struct trial_list *list,
                               struct error *err) {
    scoped(cleanup_json) json_t *entries = json_loads(row->entries, JSON_REJECT_DUPLICATES, NULL);
    struct release release;
    struct findings findings;
    findings_init(&findings, arena);
    if (!entries || !decode_entries(arena, trial->contract->group, entries, &release)) {
        return fail_no_memory(err);
    }
    enum status status = contract_check(trial->contract, &release, &findings, err);
    if (status && status != STATUS_INVALID) {
        return status;
    }
    json_t *item = json_pack("{s:s,s:s}", "package", row->package, "version", row->version);
    return add_failure(list, item, &findings, err);
}

static enum status try_releases(struct trial *trial, struct trial_list *list, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct group_page page = {.group = trial->contract->group, .limit = PAGE_RELEASES};
    struct group_releases releases = {.count = PAGE_RELEASES};
    if (!arena) {
        return fail_no_memory(err);
    }
    while (releases.count == PAGE_RELEASES && !is_over(trial, list)) {
        arena_reset(arena);
        enum status status =
            store_group_releases_load(trial->api->store, arena, &page, &releases, err);
        for (size_t i = 0; !status && i < releases.count && !is_over(trial, list); i++) {
            page.after_id = releases.items[i].id;
            status = try_release(trial, arena, &releases.items[i], list, err);
        }
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// ---- settings ----

// A schema that environments are held against; both are borrowed.
struct trial_schema {
    const struct json_schema *schema;
    const json_t *below; // the defaults of the schema, or the settings of the package over them
    const char *group;
};

// What the environment sets, over what is below; `where` is its place in the document.
static enum status judge(const struct trial_schema *wanted, const json_t *given, const char *where,
                         struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *filled = json_schema_fill(wanted->below, given);
    if (!filled) {
        return fail_no_memory(err);
    }
    enum status status = json_schema_check(wanted->schema, filled, where, findings, err);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

// Entry points with settings of their own, over those of the package.
static enum status judge_entries(const struct trial_schema *wanted, const json_t *entries,
                                 const char *where, struct findings *findings, struct error *err) {
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)entries, name, entry) {
        const json_t *settings = json_object_get(entry, "settings");
        const char *at = json_pointer(findings->arena, where, name);
        at = json_pointer(findings->arena, at, "settings");
        enum status status = settings ? judge(wanted, settings, at, findings, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status try_setting(const struct trial_schema *wanted, struct arena *arena,
                               const struct group_setting *row, struct trial_list *list,
                               struct error *err) {
    struct findings findings;
    findings_init(&findings, arena);
    scoped(cleanup_json) json_t *given =
        row->settings ? json_loads(row->settings, JSON_REJECT_DUPLICATES, NULL) : json_object();
    scoped(cleanup_json) json_t *entries =
        row->entries ? json_loads(row->entries, JSON_REJECT_DUPLICATES, NULL) : json_object();
    scoped(cleanup_json) json_t *below = given ? json_schema_fill(wanted->below, given) : NULL;
    const struct trial_schema inner = {wanted->schema, below, wanted->group};
    if (!below || !entries) {
        return fail_no_memory(err);
    }
    const char *where = json_pointer(arena, "/plugins", row->package);
    enum status status =
        row->settings ? judge(wanted, given, json_pointer(arena, where, "settings"), &findings, err)
                      : STATUS_OK;
    if (status) {
        return status;
    }
    where = json_pointer(arena, where, "entry_points");
    status =
        judge_entries(&inner, entries, json_pointer(arena, where, wanted->group), &findings, err);
    if (status) {
        return status;
    }
    json_t *item = json_pack("{s:s,s:s}", "environment", row->environment, "package", row->package);
    return add_failure(list, item, &findings, err);
}

// The place of the last row looked at is kept beyond the arena of its page.
struct settings_cursor {
    char environment[LIMIT_NAME_BYTES + 1];
    char package[LIMIT_NAME_BYTES + 1];
};

static enum status try_page(struct trial *trial, const struct trial_schema *wanted,
                            struct settings_cursor *cursor, struct trial_list *list,
                            struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct group_page page = {.group = trial->contract->group,
                                    .after_environment = cursor->environment,
                                    .after_package = cursor->package,
                                    .limit = PAGE_SETTINGS};
    struct group_settings settings = {0};
    enum status status =
        arena ? store_group_settings_load(trial->api->store, arena, &page, &settings, err)
              : fail_no_memory(err);
    for (size_t i = 0; !status && i < settings.count && !is_over(trial, list); i++) {
        status = try_setting(wanted, arena, &settings.items[i], list, err);
    }
    if (status) {
        return status;
    }
    const struct group_setting *last = settings.count ? &settings.items[settings.count - 1] : NULL;
    snprintf(cursor->environment, sizeof cursor->environment, "%s", last ? last->environment : "");
    snprintf(cursor->package, sizeof cursor->package, "%s", last ? last->package : "");
    return STATUS_OK;
}

static enum status try_settings(struct trial *trial, struct trial_list *list, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *document = NULL;
    struct settings_cursor cursor = {"", ""};
    struct json_schema *schema = NULL;
    struct findings found;
    if (!trial->contract->settings_schema) {
        return STATUS_OK;
    }
    if (!arena) {
        return fail_no_memory(err);
    }
    findings_init(&found, arena);
    enum status status = json_parse(text_from(trial->contract->settings_schema),
                                    LIMIT_DOCUMENT_BYTES, &document, err);
    if (status) {
        return status;
    }
    status = json_schema_read(arena, document, &found, &schema, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *defaults = json_schema_defaults(document);
    const struct trial_schema wanted = {schema, defaults, trial->contract->group};
    if (!defaults) {
        return fail_no_memory(err);
    }
    do {
        status = try_page(trial, &wanted, &cursor, list, err);
    } while (!status && *cursor.environment && !is_over(trial, list));
    return status;
}

// ---- both ----

static json_t *encode_list(struct trial_list *list) {
    return json_pack("{s:I,s:O}", "checked", list->checked, "failing", list->failing);
}

enum status contract_try(struct api *api, const struct group_contract *contract,
                         json_t **ret_report, struct error *err) {
    struct trial trial = {api, contract, monotonic_ms() + TRIAL_MS, true};
    scoped(list_done) struct trial_list releases = {0, json_array()};
    scoped(list_done) struct trial_list environments = {0, json_array()};
    if (!releases.failing || !environments.failing) {
        return fail_no_memory(err);
    }
    enum status status = try_releases(&trial, &releases, err);
    if (status) {
        return status;
    }
    status = try_settings(&trial, &environments, err);
    if (status) {
        return status;
    }
    *ret_report = json_pack("{s:b,s:o,s:o}", "complete", trial.is_complete, "releases",
                            encode_list(&releases), "environments", encode_list(&environments));
    return *ret_report ? STATUS_OK : fail_no_memory(err);
}
