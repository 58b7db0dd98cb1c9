// SPDX-License-Identifier: MIT
// Which team owns each group, and what its contract asks for. Everybody may read it, as on the page of a group; a
// contract is set in a terminal, because schemas and checks are files there.
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/store/store_lifecycle.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/admin/admin_parts.h"
#include "schema/base/list.h"

#include <string.h>

static const char list_address[] = "/admin/contracts";

// Groups without a contract are listed, too: they are what an administrator looks for.
static const struct group_contract *find_contract(const struct contract_rows *rows,
                                                  const char *group) {
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->items[i].contract.group, group) == 0) {
            return &rows->items[i].contract;
        }
    }
    return NULL;
}

static void add_rules(struct html *html, const struct group_contract *contract) {
    html_open(html, "td");
    if (contract->deprecated) {
        page_badge(html, "warn", "deprecated");
    }
    html_printf(html, "%s%s", contract->manifest_schema ? "schema of manifests " : "",
                contract->settings_schema ? "schema of settings " : "");
    if (contract->name_pattern) {
        html_text(html, "names match ");
        page_code(html, contract->name_pattern);
    }
    html_close(html);
}

static void add_group(struct page_context *page, const struct group_row *group,
                      const struct group_contract *contract) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/groups", group->name), group->name);
    html_close(html);
    page_cell(html, contract && contract->owner ? contract->owner : "no owner: open to all teams");
    page_cell(html, contract ? contract_kind_name(contract->kind) : NULL);
    page_cell(html, contract ? contract_conflict_name(contract->conflict) : NULL);
    if (contract) {
        add_rules(html, contract);
    } else {
        page_cell(html, "no contract");
    }
    html_close(html);
}

static void add_groups(struct page_context *page, const struct group_rows *groups,
                       const struct contract_rows *contracts) {
    static const char *const columns[] = {"Group",     "Owner",      "Values",
                                          "Same name", "More rules", NULL};
    struct html *html = page->html;
    if (!groups->count) {
        page_empty(html, "There are no groups.", "Set a contract before the first package:",
                   "registryctl group set GROUP --owner TEAM");
        return;
    }
    page_open_table(html, "Contracts", columns);
    for (size_t i = 0; i < groups->count; i++) {
        add_group(page, &groups->items[i], find_contract(contracts, groups->items[i].name));
    }
    page_close_table(html);
    if (groups->more) {
        struct address address;
        address_begin(&address, page->arena, list_address);
        address_add_query(&address, "cursor",
                          cursor_encode(page->arena, groups->items[groups->count - 1].name));
        page_next(html, address_end(&address));
    }
}

static enum status load_contracts(struct page_context *page, const struct group_rows *groups,
                                  struct contract_rows *ret_rows, struct error *err) {
    const char **names = arena_array(page->arena, groups->count + 1, sizeof *names);
    if (!names) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < groups->count; i++) {
        names[i] = groups->items[i].name;
    }
    return store_contracts_load(page->api->reading, page->arena, names, groups->count, ret_rows,
                                err);
}

static enum status make_contracts(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct group_rows groups;
    struct contract_rows contracts;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted, err);
    if (status) {
        return status;
    }
    status = store_groups_load(page->api->reading, page->arena, &wanted, &groups, err);
    if (status) {
        return status;
    }
    status = load_contracts(page, &groups, &contracts, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address, "Contracts of groups");
    add_groups(page, &groups, &contracts);
    html_element(page->html, "p",
                 "Setting a contract needs the right group:contract, or the ownership of the "
                 "group. It applies to new releases.");
    page_command(page->html,
                 "registryctl group set GROUP --owner TEAM --kind callable --conflict error");
    page_end(page);
    return STATUS_OK;
}

enum status page_contracts(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_contracts, err);
}
