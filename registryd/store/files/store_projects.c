// SPDX-License-Identifier: MIT
// What the package index asks. The two statements of a project read one state of the database, so that its
// serial is never that of a later state than its files. Called by the threads of requests that write a page.
#include "registryd/store/files/store_projects.h"

#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

// The head of a project as it is read; `versions` is still one text.
struct index_project_head {
    struct index_project project;
    const char *versions;
};

#define AT(member) offsetof(struct index_project_head, member)
static const struct db_column head_columns[] = {
    {"name", DB_COLUMN_TEXT, AT(project.name), 0},
    {"status", DB_COLUMN_TEXT, AT(project.status), 0},
    {"status_reason", DB_COLUMN_TEXT, AT(project.status_reason), 0},
    {"versions", DB_COLUMN_TEXT, AT(versions), 0},
    {"entry_points", DB_COLUMN_TEXT, AT(project.entry_points), 0},
    {"last_serial", DB_COLUMN_INT64, AT(project.last_serial), 0},
};
#undef AT

#define AT(member) offsetof(struct index_file, member)
static const struct db_column file_columns[] = {
    {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"filename", DB_COLUMN_TEXT, AT(filename), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"size", DB_COLUMN_INT64, AT(size), 0},
    {"sha256", DB_COLUMN_TEXT, AT(sha256), 0},
    {"metadata_sha256", DB_COLUMN_TEXT, AT(metadata_sha256), 0},
    {"uploaded_at", DB_COLUMN_TEXT, AT(uploaded_at), 0},
    {"requires_python", DB_COLUMN_TEXT, AT(requires_python), 0},
    {"yanked", DB_COLUMN_BOOL, AT(yanked), 0},
    {"yanked_reason", DB_COLUMN_TEXT, AT(yanked_reason), 0},
};
#undef AT

// The list of versions comes as one text with a version on each line (see store_split_lines).
static enum status read_head(struct db *db, struct arena *arena, const char *package,
                             struct index_project *project, struct error *err) {
    static const struct db_columns columns = {head_columns, COUNT_OF(head_columns), 0, NULL};
    struct db_call call = {SQL_INDEX_PROJECT,
                           .values = {[INDEX_PROJECT_PACKAGE] = db_text(package)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct index_project_head head;
    bool found = false;
    enum status status = store_run_one_on(db, &query, &head, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", package);
    }
    *project = (struct index_project){
        .name = head.project.name,
        .status = head.project.status,
        .status_reason = head.project.status_reason,
        .entry_points = head.project.entry_points,
        .last_serial = head.project.last_serial,
    };
    return store_split_lines(arena, head.versions, &project->versions) ? STATUS_OK
                                                                       : fail_no_memory(err);
}

static enum status read_files(struct db *db, struct arena *arena, const char *package,
                              struct index_project *project, struct error *err) {
    static const struct db_columns columns = {file_columns, COUNT_OF(file_columns), 0, NULL};
    struct db_call call = {SQL_INDEX_FILES, .values = {[INDEX_FILES_PACKAGE] = db_text(package)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct index_file)};
    enum status status = store_run_many_on(db, &query, &list, err);
    if (status) {
        return status;
    }
    project->files = list.items;
    project->file_count = list.count;
    return STATUS_OK;
}

// Both statements read one state of the database.
static enum status read_project(struct db *db, struct arena *arena, const char *package,
                                struct index_project *project, struct error *err) {
    enum status status = store_begin_snapshot(db, err);
    if (status) {
        return status;
    }
    status = read_head(db, arena, package, project, err);
    return status ? status : read_files(db, arena, package, project, err);
}

// Head and files are read in one transaction, so that a page never shows a file of a release that
// its list of versions lacks.
enum status store_project_load(struct store *store, struct arena *arena, const char *package,
                               struct index_project *ret_project, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = store};
    while (store_read_next(&read, err)) {
        struct index_project project;
        read.status = read_project(read.loan.db, arena, package, &project, err);
        if (!read.status) {
            *ret_project = project;
        }
    }
    return read.status;
}

enum status store_projects_load(struct store *store, struct arena *arena,
                                struct project_names *ret_names, struct error *err) {
    static const struct db_column items[] = {
        {"name", DB_COLUMN_TEXT, offsetof(struct project_name, name), 0},
        {"last_serial", DB_COLUMN_INT64, offsetof(struct project_name, last_serial), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct db_call call = {.statement = SQL_INDEX_PROJECTS};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct project_name)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_names = (struct project_names){list.items, list.count};
    return STATUS_OK;
}

static const struct db_column statement_column = {"statement", DB_COLUMN_TEXT, 0, 0};
static const struct db_columns of_statement = {&statement_column, 1, 0, NULL};

enum status store_index_statement_load(struct store *store, struct arena *arena,
                                       const char **ret_line, struct error *err) {
    struct db_call call = {.statement = SQL_STATEMENT_OF_INDEX};
    struct store_query query = {.call = &call, .columns = &of_statement, .arena = arena};
    return store_run_one(store, &query, ret_line, NULL, err);
}

enum status store_package_statement_load(struct store *store, struct arena *arena,
                                         const char *package, const char **ret_line,
                                         struct error *err) {
    struct db_call call = {SQL_STATEMENT_OF_PACKAGE,
                           .values = {[STATEMENT_OF_PACKAGE_PACKAGE] = db_text(package)}};
    struct store_query query = {.call = &call, .columns = &of_statement, .arena = arena};
    const char *line = NULL;
    bool is_there = false;
    enum status status = store_run_one(store, &query, &line, &is_there, err);
    if (status) {
        return status;
    }
    if (!is_there) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", package);
    }
    *ret_line = line;
    return STATUS_OK;
}

enum status store_file_metadata_load(struct store *store, struct arena *arena,
                                     const uint8_t sha256[32], const char *filename,
                                     struct file_metadata *ret_metadata, struct error *err) {
    static const struct db_column items[] = {
        {"metadata", DB_COLUMN_TEXT, offsetof(struct file_metadata, text), 0},
        {"metadata_sha256", DB_COLUMN_TEXT, offsetof(struct file_metadata, sha256), 0},
        {"quarantined", DB_COLUMN_BOOL, offsetof(struct file_metadata, quarantined), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct db_call call = {SQL_ARTIFACT_METADATA,
                           .values = {[ARTIFACT_METADATA_SHA256] = db_bytes(sha256, 32),
                                      [ARTIFACT_METADATA_FILENAME] = db_text(filename)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct file_metadata metadata;
    bool found = false;
    enum status status = store_run_one(store, &query, &metadata, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no wheel %s with this digest", filename);
    }
    // The row comes even for a quarantined file, so that the answer is 403 and not 404.
    if (metadata.quarantined) {
        return store_refuse_quarantined(filename, err);
    }
    *ret_metadata = metadata;
    return STATUS_OK;
}

enum status store_attestations_load(struct store *store, struct arena *arena,
                                    const uint8_t sha256[32], const char *filename,
                                    const char **ret_body, struct error *err) {
    struct attestations {
        const char *body;
        bool quarantined;
    } row;
    static const struct db_column items[] = {
        {"body", DB_COLUMN_TEXT, offsetof(struct attestations, body), 0},
        {"quarantined", DB_COLUMN_BOOL, offsetof(struct attestations, quarantined), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct db_call call = {SQL_ATTESTATIONS_OF_FILE,
                           .values = {[ATTESTATIONS_OF_FILE_SHA256] = db_bytes(sha256, 32),
                                      [ATTESTATIONS_OF_FILE_FILENAME] = db_text(filename)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    bool found = false;
    enum status status = store_run_one(store, &query, &row, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "There are no attestations of a file %s with this digest", filename);
    }
    if (row.quarantined) {
        return store_refuse_quarantined(filename, err);
    }
    *ret_body = row.body;
    return STATUS_OK;
}
