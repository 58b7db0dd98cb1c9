// SPDX-License-Identifier: MIT
// How the registry itself is: history, this daemon, its store, and the plugins that something is wrong
// with.
#include "registryd/request/query.h"
#include "registryd/store/store_search.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/frame/json_view.h"
#include "registryd/web/pages/pages.h"
#include "registryd/forms/resolution_json.h"
#include "schema/json/json.h"

enum { FINDINGS_SHOWN = 100 };

static void add_fact(struct html *html, const char *name, const char *kind, const char *text) {
    html_element(html, "dt", name);
    html_open(html, "dd");
    if (kind) {
        page_badge(html, kind, text);
    } else {
        html_text(html, text);
    }
    html_close(html);
}

// Search follows the feed in a thread of its own; being behind for a moment after a change is
// usual.
static void add_search(struct page_context *page, int64_t serial) {
    struct search_state state;
    store_search_state(page->api->store, &state);
    int64_t lag = store_search_lag(page->api->store, serial);
    add_fact(page->html, "Search", lag ? "warn" : "good",
             lag ? arena_printf(page->arena, "behind by %lld", (long long)lag) : "up to date");
    if (state.problems) {
        add_fact(page->html, "Not indexed", "warn",
                 arena_printf(page->arena, "%lld packages", (long long)state.problems));
    }
}

static void add_standby(struct page_context *page) {
    struct standby_stats stats;
    store_standby_stats(page->api->store, &stats);
    if (stats.state == STANDBY_NONE) {
        return;
    }
    const char *text = stats.state == STANDBY_USED ? "in use" : "unreachable";
    if (stats.state == STANDBY_BEHIND) {
        text = arena_printf(page->arena, "behind by %lld", (long long)stats.behind);
    }
    add_fact(page->html, "Standby", stats.state == STANDBY_USED ? "good" : "warn", text);
}

// "Applied" is what this daemon answers from, "latest" what the database has: the difference is its
// lag.
static void add_daemon(struct page_context *page, const struct history_point *known,
                       bool has_store) {
    struct html *html = page->html;
    struct history_point here;
    index_point(page->api->index, &here);
    bool follows = index_is_following(page->api->index);
    bool leaving = atomic_load(&page->api->leaving);
    page_open_section(html, "node", "This daemon");
    html_open(html, "dl");
    add_fact(html, "Version", NULL, REGISTRYD_VERSION);
    add_fact(html, "Epoch", NULL, here.epoch[0] ? here.epoch : "–");
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)here.epoch_number);
    add_fact(html, "Number of the epoch", NULL, here.epoch_number ? number : "–");
    add_fact(html, "Applied change", NULL,
             arena_printf(page->arena, "%lld", (long long)here.serial));
    add_fact(html, "Latest change", NULL,
             has_store ? arena_printf(page->arena, "%lld", (long long)known->serial) : "–");
    add_fact(html, "Database", has_store ? "good" : "bad", has_store ? "reachable" : "unreachable");
    add_fact(html, "Change feed", follows ? "good" : "warn",
             follows ? "up to date" : "interrupted");
    add_standby(page);
    add_search(page, here.serial);
    add_fact(html, "State", leaving ? "warn" : "good", leaving ? "shutting down" : "serving");
    html_close(html);
    page_nothing(html, "This page describes one daemon. If several serve, each has its own page.");
    html_close(html);
}

static void add_row(struct page_context *page, const struct record *record,
                    const struct finding *finding) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", record->package), record->package);
    html_printf(html, " %s", record->version ? record->version : "");
    html_close(html);
    html_open(html, "td");
    html_printf(html, "%s · %s", record->name, record->group);
    html_close(html);
    html_open(html, "td.long");
    page_badge(html, finding->severity == SEVERITY_ERROR ? "bad" : "warn", finding->code);
    html_text(html, finding->message);
    html_close(html);
    html_close(html);
}

// The table is opened by its first row, so that a registry without findings shows no empty one.
static void add_findings(struct page_context *page, const struct records *records) {
    static const char *const columns[] = {"Package", "Entry point", "Finding", NULL};
    struct html *html = page->html;
    size_t shown = 0;
    page_open_section(html, "findings", "Plugins with warnings or errors");
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        for (size_t j = 0; j < record->findings.count && shown < FINDINGS_SHOWN; j++) {
            if (!shown++) {
                page_open_table(html, "Warnings and errors", columns);
            }
            add_row(page, record, &record->findings.items[j]);
        }
    }
    if (shown) {
        page_close_table(html);
    } else {
        page_nothing(html, "No plugin has warnings or errors in the environment \"default\".");
    }
    html_close(html);
}

// From the kept answer: the selection of every group there is, which it is made from, is made once a change.
static enum status load_findings(struct page_context *page, struct records *ret_records,
                                 struct error *err) {
    struct resolve_query query = {0};
    const struct answer *answer = NULL;
    enum status status = index_answer(page->api->index, &query, &resolution_findings, &answer, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = json_view_parse_bytes(answer->body, answer->body_len);
    answer_unref(answer);
    return json ? records_decode(page->arena, json, ret_records, err) : fail_no_memory(err);
}

static enum status make_status(struct page_context *page, struct error *err) {
    struct records records = {0};
    struct changes changes = {0};
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    // The page is for the bad times, too: it is shown when the store does not answer.
    // A question after the largest serial asks for no rows, only for the point of the store.
    bool has_store =
        !store_changes_load(page->api->store, page->arena, INT64_MAX - 1, 1, &changes, err);
    status = load_findings(page, &records, err);
    if (status == STATUS_NO_MEMORY) {
        return status;
    }
    page_begin(page, PAGE_STATUS, "Status");
    add_daemon(page, &changes.point, has_store);
    // Without the findings the page still says how the daemon is.
    if (!status) {
        add_findings(page, &records);
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_status(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_status, err);
}
