// SPDX-License-Identifier: MIT
// Contracts over records (hold_contracts.h). A record is made a release of one entry point, because contracts judge
// releases. The directory of a record is looked for by its origin, among those that the walk would read: the walk
// keeps no directories, and almost no walk needs them.
#include "client/walk/hold_contracts.h"

#include "client/walk/manifest_places.h"
#include "schema/base/cleanup.h"

#include <string.h>

struct holding {
    struct arena *arena;
    const struct asked_contracts *contracts;
    const struct walk_query *query;
    enum severity severity;
    struct plugin_dirs dirs; // listed when the first place is looked for
    bool is_listed;
};

static const struct group_contract *find_contract(const struct holding *holding,
                                                  const char *group) {
    for (size_t i = 0; group && i < holding->contracts->count; i++) {
        if (strcmp(holding->contracts->items[i].group, group) == 0) {
            return &holding->contracts->items[i];
        }
    }
    return NULL;
}

// The directory that the record was read from; NULL when it is gone.
static const struct plugin_dir *find_dir(const struct holding *holding,
                                         const struct record *record) {
    for (size_t i = 0; i < holding->dirs.count; i++) {
        const struct plugin_dir *dir = &holding->dirs.items[i];
        size_t len = strlen(dir->path);
        if (dir->convention && strncmp(record->origin, dir->path, len) == 0 &&
            (!record->origin[len] || record->origin[len] == '/')) {
            return dir;
        }
    }
    return NULL;
}

static enum status list_dirs(struct holding *holding, struct error *err) {
    if (holding->is_listed) {
        return STATUS_OK;
    }
    holding->is_listed = true;
    return source_walk_plugin_dirs(holding->arena, holding->query, &holding->dirs, err);
}

// A directory that cannot be opened any more leaves the pointers as they are.
static enum status add_places(struct holding *holding, const struct record *record,
                              struct findings *found, struct error *err) {
    enum status status = list_dirs(holding, err);
    if (status) {
        return status;
    }
    const struct plugin_dir *plugin = find_dir(holding, record);
    scoped(rooted_dir_close) struct rooted_dir root = ROOTED_DIR_CLOSED;
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    if (!plugin || rooted_dir_open(holding->arena, plugin->root, &root, NULL) ||
        rooted_dir_enter(holding->arena, &root, plugin->relative, &dir, NULL)) {
        return STATUS_OK;
    }
    manifest_places_add(plugin->convention, &dir, found);
    return found->no_memory ? fail_no_memory(err) : STATUS_OK;
}

static void set_severity(struct findings *found, enum severity severity) {
    for (size_t i = 0; i < found->count; i++) {
        found->items[i].severity = severity;
    }
    found->error_count = severity == SEVERITY_ERROR ? found->error_count : 0;
}

// A contract that cannot be read judges nothing: the registry judges by it, and will say so.
static enum status hold_record(struct holding *holding, const struct group_contract *contract,
                               struct record *record, struct error *err) {
    struct entry_point entry = {record->group, record->name, record->value};
    struct manifest manifest = {record->group, record->name, record->manifest};
    struct release release = {.entry_points = &entry,
                              .entry_point_count = 1,
                              .manifests = &manifest,
                              .manifest_count = record->manifest ? 1 : 0};
    struct findings found;
    findings_init(&found, holding->arena);
    enum status status = contract_check(contract, &release, &found, NULL);
    if (status == STATUS_NO_MEMORY || found.no_memory) {
        return fail_no_memory(err);
    }
    status = manifest_places_wanted(&found) ? add_places(holding, record, &found, err) : STATUS_OK;
    if (status) {
        return status;
    }
    set_severity(&found, holding->severity);
    findings_append(&record->findings, &found);
    return record->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

enum status hold_contracts(struct arena *arena, const struct asked_contracts *contracts,
                           const struct walk_query *query, enum severity severity,
                           struct records *records, struct error *err) {
    struct holding holding = {
        .arena = arena, .contracts = contracts, .query = query, .severity = severity};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < records->count && !status; i++) {
        struct record *record = &records->items[i];
        const struct group_contract *contract = find_contract(&holding, record->group);
        status =
            contract && record->value ? hold_record(&holding, contract, record, err) : STATUS_OK;
    }
    return status;
}
