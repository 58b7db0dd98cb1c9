// SPDX-License-Identifier: MIT
// Requests and lists (administration.h). Every request of these commands is one small JSON document in
// each direction. A list is loaded page by page until the registry gives no cursor; tables and JSON are
// printed from the items as they came.
#include "client/cli/input/administration.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

enum { PATH_BYTES = 64 * 1024, PAGES_MAX = 10000 };

// The path is checked here, so that callers can pass the result of arena_printf() without a check.
enum status administration_send(struct cli *cli, const char *method, const char *path, json_t *body,
                                json_t **ret_answer, struct error *err) {
    scoped(cleanup_json) json_t *owned = body;
    struct connection connection;
    struct fetch_request request = {.method = method, .path = path};
    if (!path) {
        return fail_no_memory(err);
    }
    if (owned) {
        const char *text = json_encode_canonical(cli->arena, owned);
        if (!text) {
            return fail_no_memory(err);
        }
        request.body = text_from(text);
    }
    struct findings findings;
    findings_init(&findings, cli->arena);
    enum status status = command_connect(cli, &connection, err);
    const struct api_call call = {
        .arena = cli->arena, .connection = &connection, .findings = &findings};
    if (status) {
        return status;
    }
    return api_call_json(&call, &request, ret_answer, err);
}

// A list that comes in pages.
struct paged_list {
    const char *path;
    const char *key;  // of the items in each page
    const char *team; // a filter; NULL: none
};

// The cursor of an answer dies with its JSON, so it is copied for the next request.
static enum status load_page(struct cli *cli, const struct paged_list *list, json_t *items,
                             const char **cursor, struct error *err) {
    scoped(buffer_done) struct buffer address;
    scoped(cleanup_json) json_t *page = NULL;
    buffer_init(&address, PATH_BYTES);
    buffer_add_string(&address, list->path);
    api_call_add_query(&address, "limit", "1000");
    api_call_add_query(&address, "team", list->team);
    api_call_add_query(&address, "cursor", *cursor);
    enum status status =
        administration_send(cli, "GET", address.failed ? NULL : address.ptr, NULL, &page, err);
    if (status) {
        return status;
    }
    json_t *more = json_object_get(page, list->key);
    const char *next = json_string_value(json_object_get(page, "next"));
    if (!json_is_array(more)) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry sent an unexpected answer: the list is missing.");
    }
    *cursor = arena_strdup(cli->arena, next);
    return json_array_extend(items, more) || (next && !*cursor) ? fail_no_memory(err) : STATUS_OK;
}

// PAGES_MAX ends a loop with a server that always names a next page.
enum status administration_list(struct cli *cli, const char *path, const char *key,
                                const char *team, json_t **ret_items, struct error *err) {
    const struct paged_list list = {path, key, team};
    scoped(cleanup_json) json_t *items = json_array();
    const char *cursor = NULL;
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t page = 0; page < PAGES_MAX; page++) {
        enum status status = load_page(cli, &list, items, &cursor, err);
        if (status) {
            return status;
        }
        if (!cursor) {
            break;
        }
    }
    *ret_items = take(items);
    return STATUS_OK;
}

static const char *join(struct cli *cli, const json_t *list) {
    const char *joined = "";
    for (size_t i = 0; joined && i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        joined = arena_printf(cli->arena, "%s%s%s", joined, i ? " " : "", text ? text : "?");
    }
    return joined;
}

// {"team": "crm", "level": 2} gives "team=crm level=2". Empty members are left out.
static const char *join_members(struct cli *cli, const json_t *object) {
    const char *joined = "";
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        const char *text = administration_text(cli, object, key);
        if (joined && text && *text) {
            joined = arena_printf(cli->arena, "%s%s%s=%s", joined, *joined ? " " : "", key, text);
        }
    }
    return joined;
}

// What a table shows of any JSON value; null and a missing member are the same: NULL.
const char *administration_text(struct cli *cli, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_INTEGER:
        return arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_ARRAY:
        return join(cli, value);
    case JSON_OBJECT:
        return join_members(cli, value);
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    default:
        return json_string_value(value);
    }
}

// Times are cut to the minute by the name of the member, so that a new time in an answer needs no change
// here.
static const char *cell_text(struct cli *cli, const json_t *item, const char *key) {
    enum { DATE_LENGTH = 16, LETTER_AT = 10 };
    const char *text = administration_text(cli, item, key);
    size_t len = strlen(key);
    bool is_time =
        len >= 2 && strcmp(key + len - 2, "at") == 0 && (len == 2 || key[len - 3] == '_');
    if (!is_time || !text || strlen(text) < DATE_LENGTH) {
        return text;
    }
    char *date = arena_copy(cli->arena, text, DATE_LENGTH);
    if (date) {
        date[LETTER_AT] = ' ';
    }
    cli->output.no_memory |= !date;
    return date;
}

// Owns `items`, also on failure.
enum status administration_print(struct cli *cli, json_t *items,
                                 const struct administration_column *columns, size_t count,
                                 const char *nothing, struct error *err) {
    scoped(cleanup_json) json_t *owned = items;
    if (cli->output.json) {
        return output_json(&cli->output, take(owned), err);
    }
    if (!json_array_size(owned)) {
        output_print(&cli->output, COLOR_NONE, "%s\n", nothing);
        return STATUS_OK;
    }
    struct table_column shown[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < count; i++) {
        shown[i] = columns[i].column;
    }
    struct table table;
    table_init(&table, cli->arena, shown, count);
    for (size_t row = 0; row < json_array_size(owned); row++) {
        for (size_t i = 0; i < count; i++) {
            table_add(&table, COLOR_NONE,
                      cell_text(cli, json_array_get(owned, row), columns[i].key));
        }
    }
    return table_print(&table, &cli->output, err);
}

const char *administration_path(struct cli *cli, const char *base, const char *const *parts,
                                size_t count) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, PATH_BYTES);
    buffer_add_string(&path, base);
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(&path, "/");
        api_call_add_encoded(&path, parts[i]);
    }
    return path.failed ? NULL : arena_strdup(cli->arena, path.ptr);
}
