// SPDX-License-Identifier: MIT
// Changes of what is published (yank, quarantine, the status of a package) and the contracts of groups. A
// change that is so already writes nothing; a second statement then finds out whether the package, the
// release or the replacement is missing.
#include "registryd/store/store_lifecycle.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

// What is there in the place of a change that wrote nothing.
struct name_owner {
    struct history_point point;
    bool has_package;
    bool has_release;
    bool has_successor;
};

#define AT(member) offsetof(struct name_owner, member)
static const struct db_column place_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, AT(point.epoch_number), 0},
    {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"has_package", DB_COLUMN_BOOL, AT(has_package), 0},
    {"has_release", DB_COLUMN_BOOL, AT(has_release), 0},
    {"has_successor", DB_COLUMN_BOOL, AT(has_successor), 0},
};
#undef AT

static enum status load_place(struct store *store, const struct db_call *call,
                              struct name_owner *ret_place, struct error *err) {
    static const struct db_columns columns = {place_columns, COUNT_OF(place_columns)};
    struct store_query query = {.call = call, .columns = &columns};
    return store_run_one(store, &query, ret_place, NULL, err);
}

// Runs the statement of a change. *ret_outcome->changed tells whether it wrote.
static enum status write_change(struct store *store, const struct db_call *call,
                                struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct store_query query = {.call = call, .columns = &store_point_columns};
    struct lifecycle_outcome outcome = {0};
    enum status status = store_run_one(store, &query, &outcome.point, &outcome.changed, err);
    if (status) {
        return status;
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

enum status store_change_run(struct store *store, const struct db_call *call,
                             struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct lifecycle_outcome outcome;
    enum status status = write_change(store, call, &outcome, err);
    if (status) {
        return status;
    }
    if (!outcome.changed) {
        status = store_point_load(store, &outcome.point, err);
        if (status) {
            return status;
        }
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

// A change of a release wrote nothing: because it is so already, or because the release is not there.
static enum status explain_release(struct store *store, const struct release_change *change,
                                   struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct name_owner place = {0};
    struct db_call ask = {SQL_LIFECYCLE_PLACE,
                          .values = {
                              [LIFECYCLE_PLACE_PACKAGE] = db_text(change->package),
                              [LIFECYCLE_PLACE_VERSION] = db_text(change->version),
                              [LIFECYCLE_PLACE_REPLACED_BY] = db_text(NULL),
                          }};
    enum status status = load_place(store, &ask, &place, err);
    if (status) {
        return status;
    }
    if (!place.has_release) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no release %s of %s", change->version,
                    change->package);
    }
    *ret_outcome = (struct lifecycle_outcome){.point = place.point};
    return STATUS_OK;
}

// The statement changes nothing when there is nothing to change; why is asked afterwards, in the rare case.
static enum status change_release(struct store *store, enum sql_statement statement,
                                  const struct release_change *change,
                                  struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct lifecycle_outcome outcome;
    // By position: both statements declare the same four parameters, package, version, reason, actor.
    struct db_call call = {statement,
                           {db_text(change->package), db_text(change->version),
                            db_text(change->reason), db_text(change->actor)}};
    enum status status = write_change(store, &call, &outcome, err);
    if (status) {
        return status;
    }
    if (!outcome.changed) {
        return explain_release(store, change, ret_outcome, err);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

enum status store_release_yank(struct store *store, const struct release_change *change,
                               struct lifecycle_outcome *ret_outcome, struct error *err) {
    return change_release(store, SQL_RELEASE_YANK, change, ret_outcome, err);
}

enum status store_release_quarantine(struct store *store, const struct release_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    return change_release(store, SQL_RELEASE_STATE, change, ret_outcome, err);
}

// As explain_release, of a package and the package that is to replace it.
static enum status explain_package(struct store *store, const struct package_change *change,
                                   struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct name_owner place = {0};
    struct db_call ask = {SQL_LIFECYCLE_PLACE,
                          .values = {
                              [LIFECYCLE_PLACE_PACKAGE] = db_text(change->package),
                              [LIFECYCLE_PLACE_VERSION] = db_text(NULL),
                              [LIFECYCLE_PLACE_REPLACED_BY] = db_text(change->replaced_by),
                          }};
    enum status status = load_place(store, &ask, &place, err);
    if (status) {
        return status;
    }
    if (!place.has_package) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", change->package);
    }
    if (change->replaced_by && !place.has_successor) {
        return fail(err, STATUS_INVALID, "/replaced_by",
                    "There is no package %s that could replace %s", change->replaced_by,
                    change->package);
    }
    *ret_outcome = (struct lifecycle_outcome){.point = place.point};
    return STATUS_OK;
}

// A change that was so already: the point of now.
static enum status explain_place(struct store *store, struct lifecycle_outcome *ret_outcome,
                                 struct error *err) {
    struct name_owner place = {0};
    struct db_call ask = {SQL_LIFECYCLE_PLACE, .values = {
                                                   [LIFECYCLE_PLACE_PACKAGE] = db_text(NULL),
                                                   [LIFECYCLE_PLACE_VERSION] = db_text(NULL),
                                                   [LIFECYCLE_PLACE_REPLACED_BY] = db_text(NULL),
                                               }};
    enum status status = load_place(store, &ask, &place, err);
    if (status) {
        return status;
    }
    *ret_outcome = (struct lifecycle_outcome){.point = place.point};
    return STATUS_OK;
}

enum status store_package_status_set(struct store *store, const struct package_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct lifecycle_outcome outcome;
    struct db_call call = {SQL_PACKAGE_STATUS,
                           .values = {
                               [PACKAGE_STATUS_PACKAGE] = db_text(change->package),
                               [PACKAGE_STATUS_STATUS] = db_text(change->status),
                               [PACKAGE_STATUS_REASON] = db_text(change->reason),
                               [PACKAGE_STATUS_REPLACED_BY] = db_text(change->replaced_by),
                               [PACKAGE_STATUS_ACTOR] = db_text(change->actor),
                           }};
    enum status status = write_change(store, &call, &outcome, err);
    if (status) {
        return status;
    }
    if (!outcome.changed) {
        return explain_package(store, change, ret_outcome, err);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

// A group without packages can be held, too: the hold then concerns its first release.
enum status store_hold_set(struct store *store, const struct hold_change *change,
                           struct lifecycle_outcome *ret_outcome, struct error *err) {
    const struct package_change package = {.package = change->name};
    struct lifecycle_outcome outcome;
    struct db_call call = {SQL_HOLD_SET, .values = {
                                             [HOLD_SET_IS_GROUP] = db_bool(change->is_group),
                                             [HOLD_SET_NAME] = db_text(change->name),
                                             [HOLD_SET_REASON] = db_text(change->reason),
                                             [HOLD_SET_ACTOR] = db_text(change->actor),
                                         }};
    if (!change->is_group) {
        enum status status = explain_package(store, &package, &outcome, err);
        if (status) {
            return status;
        }
    }
    enum status status = write_change(store, &call, &outcome, err);
    if (status) {
        return status;
    }
    if (!outcome.changed) {
        return explain_place(store, ret_outcome, err);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

// ---- contracts of groups ----

// The database has words for `kind` and `conflict`. read_words turns them into the enums of the
// contract.
struct row {
    struct contract_row contract;
    const char *kind;
    const char *conflict;
    const char *priority; // one a line
    const char *errors;   // likewise
};

#define AT(member) offsetof(struct row, member)
static const struct db_column contract_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(contract.contract.group), 0},
    {"owner", DB_COLUMN_TEXT, AT(contract.contract.owner), 0},
    {"description", DB_COLUMN_TEXT, AT(contract.contract.description), 0},
    {"name_pattern", DB_COLUMN_TEXT, AT(contract.contract.name_pattern), 0},
    {"manifest_schema", DB_COLUMN_TEXT, AT(contract.contract.manifest_schema), 0},
    {"settings_schema", DB_COLUMN_TEXT, AT(contract.contract.settings_schema), 0},
    {"revision", DB_COLUMN_INT64, AT(contract.revision), 0},
    {"updated_at", DB_COLUMN_TEXT, AT(contract.updated_at), 0},
    {"updated_by", DB_COLUMN_TEXT, AT(contract.updated_by), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"conflict", DB_COLUMN_TEXT, AT(conflict), 0},
    {"priority", DB_COLUMN_TEXT, AT(priority), 0},
    {"error_checks", DB_COLUMN_TEXT, AT(errors), 0},
    {"deprecated", DB_COLUMN_TEXT, AT(contract.contract.deprecated), 0},
    {"successor", DB_COLUMN_TEXT, AT(contract.contract.successor), 0},
};
#undef AT

// What the columns say in words, as a contract holds it.
static enum status read_words(struct arena *arena, const struct row *row,
                              struct contract_row *ret_row, struct error *err) {
    struct contract_row read = row->contract;
    if (!contract_kind_find(row->kind, &read.contract.kind) ||
        !contract_conflict_find(row->conflict, &read.contract.conflict)) {
        return fail(err, STATUS_INTERNAL, NULL, "The contract of %s cannot be read",
                    read.contract.group);
    }
    if (!store_split_lines(arena, row->priority, &read.contract.priority) ||
        !store_split_lines(arena, row->errors, &read.contract.errors)) {
        return fail_no_memory(err);
    }
    *ret_row = read;
    return STATUS_OK;
}

enum status store_contracts_load(struct store *store, struct arena *arena,
                                 const char *const *groups, size_t group_count,
                                 struct contract_rows *ret_rows, struct error *err) {
    static const struct db_columns columns = {contract_columns, COUNT_OF(contract_columns)};
    struct db_call call = {
        SQL_GROUP_CONTRACTS,
        .values = {[GROUP_CONTRACTS_GROUP_NAMES] = db_string_list(groups, group_count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    struct contract_row *items = arena_array(arena, list.count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < list.count; i++) {
        status = read_words(arena, (const struct row *)list.items + i, &items[i], err);
        if (status) {
            return status;
        }
    }
    *ret_rows = (struct contract_rows){items, list.count};
    return STATUS_OK;
}

enum status store_contract_set(struct store *store, const struct group_contract *contract,
                               const char *actor, struct lifecycle_outcome *ret_outcome,
                               struct error *err) {
    const struct strings *priority = &contract->priority;
    struct db_call call = {
        SQL_GROUP_CONTRACT_SET,
        .values =
            {
                [GROUP_CONTRACT_SET_GROUP_NAME] = db_text(contract->group),
                [GROUP_CONTRACT_SET_OWNER] = db_text(contract->owner),
                [GROUP_CONTRACT_SET_DESCRIPTION] = db_text(contract->description),
                [GROUP_CONTRACT_SET_NAME_PATTERN] = db_text(contract->name_pattern),
                [GROUP_CONTRACT_SET_KIND] = db_text(contract_kind_name(contract->kind)),
                [GROUP_CONTRACT_SET_CONFLICT] = db_text(contract_conflict_name(contract->conflict)),
                [GROUP_CONTRACT_SET_PRIORITY] = db_string_list(priority->items, priority->count),
                [GROUP_CONTRACT_SET_MANIFEST_SCHEMA] = db_text(contract->manifest_schema),
                [GROUP_CONTRACT_SET_SETTINGS_SCHEMA] = db_text(contract->settings_schema),
                [GROUP_CONTRACT_SET_ACTOR] = db_text(actor),
                [GROUP_CONTRACT_SET_ERROR_CHECKS] =
                    db_string_list(contract->errors.items, contract->errors.count),
                [GROUP_CONTRACT_SET_DEPRECATED] = db_text(contract->deprecated),
                [GROUP_CONTRACT_SET_SUCCESSOR] = db_text(contract->successor),
            },
    };
    return store_change_run(store, &call, ret_outcome, err);
}
