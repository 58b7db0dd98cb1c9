// SPDX-License-Identifier: MIT
// Records are written one at a time, as text: a JSON tree of a whole large answer would take twenty times
// its text in memory, and most of the time.
#include "registryd/forms/resolution_json.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

// Writes one value; steals it. False when out of memory.
static bool add_json(struct buffer *buffer, json_t *json, bool is_first) {
    scoped(cleanup_json) json_t *owned = json;
    scoped(cleanup_memory) char *text =
        owned ? json_dumps(owned, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!text) {
        return false;
    }
    buffer_add_string(buffer, is_first ? "" : ",");
    buffer_add_string(buffer, text);
    return true;
}

// The whole document, with "excluded" only when explaining, "next" only with a limit, and "unknown" only for names or
// packages:
//   {"environment":"default","revision":3,"groups":["crm.plugins"],"records":[…],"decisions":…,
//    "known":…,"owners":…,"policy":{"plugins":"all","max_snapshot_age_seconds":0},"settings":"included",
//    "excluded":[…],"unknown":[{"name":"crmm","nearest":"crm"}],"next":null}
static bool add_head(struct buffer *buffer, const struct resolve_query *query,
                     const struct selection *selection) {
    buffer_add_string(buffer, "{\"environment\":");
    bool is_good = add_json(buffer, json_string(selection->environment), true);
    buffer_printf(buffer, ",\"revision\":%lld,\"groups\":[", (long long)selection->revision);
    for (size_t i = 0; i < query->group_count && is_good; i++) {
        is_good = add_json(buffer, json_string(query->groups[i]), i == 0);
    }
    return is_good;
}

static bool add_records(struct buffer *buffer, const struct records *records) {
    buffer_add_string(buffer, "],\"records\":[");
    bool is_good = true;
    for (size_t i = 0; i < records->count && is_good; i++) {
        buffer_add_string(buffer, i ? "," : "");
        is_good = record_write(buffer, &records->items[i]);
    }
    return is_good;
}

// What must not run, what else is known of the packages, and the policy that both come from.
static bool add_decisions(struct buffer *buffer, const struct resolve_query *query,
                          const struct selection *selection) {
    buffer_add_string(buffer, "],");
    bool is_good = decisions_write(buffer, &selection->decisions);
    buffer_printf(buffer,
                  ",\"policy\":{\"plugins\":\"%s\",\"max_snapshot_age_seconds\":%lld}"
                  ",\"settings\":\"%s\"",
                  selection->is_listed_only ? "listed" : "all",
                  (long long)selection->max_snapshot_age_seconds,
                  query->with_settings ? "included" : "left-out");
    return is_good;
}

static bool add_exclusions(struct buffer *buffer, const struct exclusions *exclusions) {
    buffer_add_string(buffer, ",\"excluded\":[");
    bool is_good = true;
    for (size_t i = 0; i < exclusions->count && is_good; i++) {
        const struct exclusion *item = &exclusions->items[i];
        const char *const members[][2] = {{"{\"package\":", item->package},
                                          {",\"version\":", item->version},
                                          {",\"code\":", item->code},
                                          {",\"detail\":", item->detail}};
        buffer_add_string(buffer, i ? "," : "");
        for (size_t j = 0; j < COUNT_OF(members) && is_good; j++) {
            buffer_add_string(buffer, members[j][0]);
            is_good = json_write_string(buffer, members[j][1], strlen(members[j][1]));
        }
        if (item->eligible_at) {
            buffer_printf(buffer, ",\"eligible_at\":\"%s\"", item->eligible_at);
        }
        buffer_add_string(buffer, "}");
    }
    buffer_add_string(buffer, "]");
    return is_good;
}

static bool add_unknown(struct buffer *buffer, const struct unknown_list *unknown) {
    buffer_add_string(buffer, ",\"unknown\":[");
    bool is_good = true;
    for (size_t i = 0; i < unknown->count && is_good; i++) {
        const struct unknown *item = &unknown->items[i];
        const char *kind = item->is_package ? "package" : "name";
        is_good = add_json(
            buffer, json_pack("{s:s, s:o}", kind, item->text, "nearest", json_text(item->nearest)),
            i == 0);
    }
    buffer_add_string(buffer, "]");
    return is_good;
}

// In the form in which request/cursor.h takes it back: base64 of names, each of a bounded length.
static bool add_next(struct buffer *buffer, const char *next) {
    enum {
        VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
        NEXT_BYTES = 32 + LIMIT_GROUP_BYTES + LIMIT_ENTRY_NAME_BYTES + LIMIT_VERSION_BYTES,
    };
    char cursor[sodium_base64_ENCODED_LEN(NEXT_BYTES, VARIANT)];
    size_t len = next ? strlen(next) : 0;
    if (len > NEXT_BYTES) {
        return false;
    }
    if (next) {
        sodium_bin2base64(cursor, sizeof cursor, (const unsigned char *)next, len, VARIANT);
    }
    buffer_add_string(buffer, ",\"next\":");
    return add_json(buffer, json_text(next ? cursor : NULL), true);
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    struct buffer *body = &draft->body;
    bool is_good = add_head(body, query, selection) && add_records(body, &selection->records) &&
                   add_decisions(body, query, selection) &&
                   (!query->explain || add_exclusions(body, &selection->excluded));
    bool is_narrow = query->name_count || query->package_count;
    is_good = is_good && (!is_narrow || add_unknown(body, &selection->unknown)) &&
              (!query->limit || add_next(body, selection->next));
    buffer_add_string(body, "}");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form resolution_form = {.name = "resolution", .encode = encode};

// ---- what is wrong with the records ----

enum { FINDINGS_MAX = 100 };

static enum status encode_findings(const struct resolve_query *query,
                                   const struct selection *selection, struct answer_draft *draft,
                                   struct error *err) {
    (void)query;
    struct buffer *body = &draft->body;
    size_t count = 0;
    bool is_good = true;
    buffer_add_string(body, "[");
    for (size_t i = 0; i < selection->records.count && is_good && count < FINDINGS_MAX; i++) {
        const struct record *record = &selection->records.items[i];
        if (record->findings.count) {
            buffer_add_string(body, count++ ? "," : "");
            is_good = record_write(body, record);
        }
    }
    buffer_add_string(body, "]");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form resolution_findings = {.name = "findings", .encode = encode_findings};
