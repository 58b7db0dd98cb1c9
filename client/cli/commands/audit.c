// SPDX-License-Identifier: MIT
// registryctl audit: the record of changes, as a table, as JSON lines, or verified.
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct option_row options[] = {
    {"--after", "NUMBER", offsetof(struct options, after), "only events after this one", false},
    {"--export", NULL, offsetof(struct options, export),
     "every event as one line of JSON, to keep elsewhere", false},
    {"--verify", NULL, offsetof(struct options, verify),
     "check the chain of hashes over all events", false},
    {"--head", "FILE", offsetof(struct options, head),
     "with --verify: compare with the head kept in FILE, then keep the new one", false},
};

// ---- the head kept in a file ----

// What was kept: {"events":N,"head":"HASH"}. NULL in *ret_kept when there is no file yet.
static enum status read_head(const char *path, json_t **ret_kept, struct error *err) {
    json_error_t reason;
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT) {
        return STATUS_OK;
    }
    if (!file) {
        return fail(err, STATUS_IO, path, "The file cannot be read: %s", strerror(errno));
    }
    scoped(cleanup_json) json_t *kept = json_loadf(file, JSON_REJECT_DUPLICATES, &reason);
    if (!json_is_integer(json_object_get(kept, "events")) ||
        !json_is_string(json_object_get(kept, "head"))) {
        return fail(err, STATUS_INVALID, path,
                    "The file is not a head kept by \"registryctl audit --verify --head\"");
    }
    *ret_kept = take(kept);
    return STATUS_OK;
}

// Replaces the file whole, so that an interrupted run leaves the head of the run before.
static enum status write_head(struct cli *cli, const char *path, const json_t *answer,
                              struct error *err) {
    const char *beside = arena_printf(cli->arena, "%s.new", path);
    scoped(cleanup_json) json_t *head =
        json_pack("{s:O,s:O}", "events", json_object_get(answer, "events"), "head",
                  json_object_get(answer, "head"));
    if (!beside || !head) {
        return fail_no_memory(err);
    }
    if (json_dump_file(head, beside, JSON_SORT_KEYS) || rename(beside, path)) {
        return fail(err, STATUS_IO, path, "The file cannot be written: %s", strerror(errno));
    }
    return STATUS_OK;
}

// Whether the event that was the last one then is still there, with the same hash.
static enum status check_head(struct cli *cli, const json_t *kept, bool *ret_is_there,
                              struct error *err) {
    json_int_t number = json_integer_value(json_object_get(kept, "events"));
    if (number < 1) {
        *ret_is_there = true;
        return STATUS_OK;
    }
    scoped(cleanup_json) json_t *page = NULL;
    const char *path =
        arena_printf(cli->arena, "/v1/audit?limit=1&after=%" JSON_INTEGER_FORMAT, number - 1);
    enum status status = administration_send(cli, "GET", path, NULL, &page, err);
    if (status) {
        return status;
    }
    const json_t *event = json_array_get(json_object_get(page, "events"), 0);
    const char *hash = json_string_value(json_object_get(event, "hash"));
    *ret_is_there = json_integer_value(json_object_get(event, "id")) == number && hash &&
                    strcmp(hash, json_string_value(json_object_get(kept, "head"))) == 0;
    return STATUS_OK;
}

// Compares a whole chain with the head kept before, and keeps the new head when the old one is still in it. A
// chain whose end was cut off is whole in itself; only the kept head shows it: then the answer becomes that of
// a broken chain.
static enum status compare_head(struct cli *cli, json_t *answer, struct error *err) {
    const char *path = cli->options.head;
    scoped(cleanup_json) json_t *kept = NULL;
    bool is_there = true;
    enum status status = read_head(path, &kept, err);
    if (status) {
        return status;
    }
    if (kept) {
        status = check_head(cli, kept, &is_there, err);
    }
    if (status) {
        return status;
    }
    if (is_there) {
        return write_head(cli, path, answer, err);
    }
    bool is_said = !json_object_set_new(answer, "whole", json_false()) &&
                   !json_object_set(answer, "fault", json_object_get(kept, "events"));
    return is_said ? STATUS_OK : fail_no_memory(err);
}

static enum status verify(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed =
        administration_send(cli, "GET", "/v1/audit/verification", NULL, &answer, err);
    if (failed) {
        return failed;
    }
    if (cli->options.head && json_is_true(json_object_get(answer, "whole"))) {
        enum status status = compare_head(cli, answer, err);
        if (status) {
            return status;
        }
    }
    bool whole = json_is_true(json_object_get(answer, "whole"));
    cli->exit_code = !whole;
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    output_print(&cli->output, whole ? COLOR_GREEN : COLOR_RED, "%s", whole ? "whole" : "broken");
    if (whole) {
        output_print(&cli->output, COLOR_NONE, ": %s events, ending in %s\n",
                     administration_text(cli, answer, "events"),
                     output_text(&cli->output, administration_text(cli, answer, "head")));
    } else {
        output_print(&cli->output, COLOR_NONE, " at event %s: it is missing or was altered\n",
                     administration_text(cli, answer, "fault"));
    }
    return STATUS_OK;
}

static enum status load_page(struct cli *cli, json_int_t after, json_t **ret_page,
                             struct error *err) {
    const char *path =
        arena_printf(cli->arena, "/v1/audit?limit=1000&after=%" JSON_INTEGER_FORMAT, after);
    return administration_send(cli, "GET", path, NULL, ret_page, err);
}

static enum status export_page(struct cli *cli, const json_t *events, struct error *err) {
    for (size_t i = 0; i < json_array_size(events); i++) {
        const char *line = json_encode_canonical(cli->arena, json_array_get(events, i));
        if (!line) {
            return fail_no_memory(err);
        }
        fprintf(cli->output.stream, "%s\n", line);
    }
    return STATUS_OK;
}

// Page by page to `items`, or out as lines when that is NULL.
static enum status load_all(struct cli *cli, json_int_t after, json_t *items, struct error *err) {
    bool more = true;
    while (more) {
        scoped(cleanup_json) json_t *page = NULL;
        enum status failed = load_page(cli, after, &page, err);
        const json_t *events = json_object_get(page, "events");
        size_t count = json_array_size(events);
        if (failed) {
            return failed;
        }
        failed =
            items ? (json_array_extend(items, (json_t *)events) ? fail_no_memory(err) : STATUS_OK)
                  : export_page(cli, events, err);
        if (failed) {
            return failed;
        }
        more = count && json_is_true(json_object_get(page, "more"));
        const json_t *last = count ? json_array_get(events, count - 1) : NULL;
        after = last ? json_integer_value(json_object_get(last, "id")) : after;
    }
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "NUMBER"}, "id"},
        {{.title = "AT"}, "at"},
        {{.title = "WHO", .min_width = 8}, "actor"},
        {{.title = "WHAT"}, "action"},
        {{.title = "ON", .min_width = 20}, "subject"},
        {{.title = "DETAIL", .min_width = 10}, "detail"},
    };
    const char *text = cli->options.after ? cli->options.after : "0";
    size_t digits = strspn(text, "0123456789");
    if (!digits || text[digits] || digits > 18) {
        return fail(err, STATUS_USAGE, NULL, "--after is the number of an event, not \"%s\"", text);
    }
    if (cli->options.head && !cli->options.verify) {
        return fail(err, STATUS_USAGE, NULL, "--head needs --verify");
    }
    if (cli->options.verify) {
        return verify(cli, err);
    }
    scoped(cleanup_json) json_t *items = cli->options.export ? NULL : json_array();
    if (!cli->options.export && !items) {
        return fail_no_memory(err);
    }
    enum status failed = load_all(cli, strtoll(text, NULL, 10), items, err);
    return failed || !items ? failed
                            : administration_print(cli, take(items), columns, COUNT_OF(columns),
                                                   "Nothing has happened.", err);
}

const struct command command_audit = {
    .name = "audit",
    .arguments = "",
    .summary = "Show, export or verify the record of changes",
    .description =
        "Every change is recorded with who made it. The events are chained by hashes, so\n"
        "that one that was altered or taken away shows. A cut end shows only by comparing with\n"
        "the head of an earlier run: --head FILE. Needs an administrator's token.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  shown, exported, or whole\n1  the chain is broken, or is not the one whose "
                  "head was kept (--verify)\n",
    .example = "registryctl audit --export > audit.jsonl",
    .run = run,
};
