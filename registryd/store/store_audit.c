// SPDX-License-Identifier: MIT
// Reading and verifying the audit chain. The hashes are made by the database that wrote them, from what
// it holds now. A stretch is as long as fits into a call's time.
#include "registryd/store/store_audit.h"

#include "registryd/store/store_handle.h"

#include "schema/digest.h"
#include "schema/base/list.h"

#include <string.h>

enum { STRETCH = 5000 };

#define AT(member) offsetof(struct audit_event, member)
static const struct db_column event_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},          {"at", DB_COLUMN_TEXT, AT(at), 0},
    {"actor", DB_COLUMN_TEXT, AT(actor), 0},     {"action", DB_COLUMN_TEXT, AT(action), 0},
    {"subject", DB_COLUMN_TEXT, AT(subject), 0}, {"detail", DB_COLUMN_TEXT, AT(detail), 0},
    {"hash", DB_COLUMN_TEXT, AT(hash), 0},
};
#undef AT

// What one stretch was found to be, and the head as the registry's row has it.
struct stretch {
    int64_t checked; // events
    int64_t last_id;
    char last_hash[DIGEST_HEX_SIZE];
    int64_t fault;   // the first bad event; 0: none
    int64_t head_id; // by the registry's row
    char head_hash[DIGEST_HEX_SIZE];
};

#define AT(member) offsetof(struct stretch, member)
static const struct db_column stretch_columns[] = {
    {"checked", DB_COLUMN_INT64, AT(checked), 0},
    {"last_id", DB_COLUMN_INT64, AT(last_id), 0},
    {"last_hash", DB_COLUMN_CHARS, AT(last_hash), DIGEST_HEX_SIZE},
    {"fault", DB_COLUMN_INT64, AT(fault), 0},
    {"head_id", DB_COLUMN_INT64, AT(head_id), 0},
    {"head_hash", DB_COLUMN_CHARS, AT(head_hash), DIGEST_HEX_SIZE},
};
#undef AT

static const struct db_columns of_event = {event_columns, COUNT_OF(event_columns), 0, NULL};
static const struct db_columns of_stretch = {stretch_columns, COUNT_OF(stretch_columns), 0, NULL};

enum status store_audit_load(struct store *store, struct arena *arena, int64_t after, int limit,
                             struct audit_events *ret_events, struct error *err) {
    struct page page = {.limit = limit};
    struct db_call call = {SQL_AUDIT_PAGE,
                           .values = {[AUDIT_PAGE_AFTER] = db_int64(after),
                                      [AUDIT_PAGE_ROW_LIMIT] = db_int64((int64_t)limit + 1)}};
    struct store_query query = {.call = &call, .columns = &of_event, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct audit_event)};
    enum status status = store_run_page(store, &query, &page, &list, err);
    if (status) {
        return status;
    }
    *ret_events = (struct audit_events){list.items, list.count, list.more};
    return STATUS_OK;
}

static const struct db_column head_columns[] = {{"newest", DB_COLUMN_INT64, 0, 0}};
static const struct db_columns of_head = {head_columns, COUNT_OF(head_columns), 0, NULL};

static enum status load_head(struct store *store, int64_t *ret_newest, struct error *err) {
    struct db_call call = {SQL_AUDIT_HEAD};
    struct store_query query = {.call = &call, .columns = &of_head};
    return store_run_one(store, &query, ret_newest, NULL, err);
}

// Numbers have no gaps, so a stretch of numbers is a number of rows.
enum status store_audit_find(struct store *store, struct arena *arena,
                             const struct audit_filter *filter, struct audit_found *ret_found,
                             struct error *err) {
    int64_t newest = 0;
    enum status status = load_head(store, &newest, err);
    if (status) {
        return status;
    }
    bool is_inside = filter->before > 0 && filter->before <= newest;
    int64_t below = is_inside ? filter->before : newest + 1;
    int64_t floor = below > AUDIT_STRETCH ? below - AUDIT_STRETCH : 1;
    struct page page = {.limit = filter->limit};
    struct db_call call = {SQL_AUDIT_SEARCH,
                           .values = {
                               [AUDIT_SEARCH_BELOW] = db_int64(below),
                               [AUDIT_SEARCH_FLOOR] = db_int64(floor),
                               [AUDIT_SEARCH_ACTOR] = db_text(filter->actor),
                               [AUDIT_SEARCH_ACTION] = db_text(filter->action),
                               [AUDIT_SEARCH_SUBJECT] = db_text(filter->subject),
                               [AUDIT_SEARCH_ROW_LIMIT] = db_int64((int64_t)filter->limit + 1),
                           }};
    struct store_query query = {.call = &call, .columns = &of_event, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct audit_event)};
    status = store_run_page(store, &query, &page, &list, err);
    if (status) {
        return status;
    }
    struct audit_found found = {list.items, list.count, floor > 1 ? floor : 0};
    found.next = list.more ? found.items[found.count - 1].id : found.next;
    *ret_found = found;
    return STATUS_OK;
}

// Where the chain has come to.
struct link {
    int64_t id;
    char hash[DIGEST_HEX_SIZE]; // hex
};

// Of our own making: 64 lower-case digits.
static void read_hex(const char *hex, uint8_t ret_bytes[32]) {
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        ret_bytes[i] = (uint8_t)byte;
    }
}

// The database hashes its own rows; only the links between stretches pass through here.
static enum status verify_stretch(struct store *store, const struct link *after,
                                  struct stretch *ret_stretch, struct error *err) {
    uint8_t previous[32];
    read_hex(after->hash, previous);
    struct db_call call = {SQL_AUDIT_VERIFY, .values = {
                                                 [AUDIT_VERIFY_AFTER] = db_int64(after->id),
                                                 [AUDIT_VERIFY_PREVIOUS] = db_bytes(previous, 32),
                                                 [AUDIT_VERIFY_ROW_LIMIT] = db_int64(STRETCH),
                                             }};
    struct store_query query = {.call = &call, .columns = &of_stretch};
    return store_run_one(store, &query, ret_stretch, NULL, err);
}

// Each event holds the hash of the one before:  hash over (previous hash, id, time, actor, action, subject, detail).
// A changed or removed event breaks the chain at its place; events cut off at the end are found by the head,
// which the registry's row keeps.
enum status store_audit_verify(struct store *store, struct audit_verdict *ret_verdict,
                               struct error *err) {
    struct audit_verdict verdict = {0};
    struct link at = {0};
    uint8_t start[DIGEST_SIZE];
    digest_sha256("", 0, start); // what the first event is chained to
    digest_hex(start, at.hash);
    struct stretch stretch = {0};
    do {
        enum status status = verify_stretch(store, &at, &stretch, err);
        if (status) {
            return status;
        }
        verdict.checked += stretch.checked;
        verdict.fault = stretch.fault;
        if (stretch.checked) {
            at.id = stretch.last_id;
            memcpy(at.hash, stretch.last_hash, sizeof at.hash);
        }
    } while (stretch.checked == STRETCH && !verdict.fault);
    bool is_headed = stretch.head_id == at.id && strcmp(stretch.head_hash, at.hash) == 0;
    if (!verdict.fault && !is_headed) {
        verdict.fault = at.id + 1; // the end was cut off
    }
    memcpy(verdict.head, at.hash, sizeof verdict.head);
    *ret_verdict = verdict;
    return STATUS_OK;
}
