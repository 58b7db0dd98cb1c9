// SPDX-License-Identifier: MIT
// registryctl audit: the record of changes, as a table, as JSON lines, or verified. Events come in pages by
// number. --export prints each page before it loads the next, so that a record of any length fits in
// memory; --verify leaves the work to the registry, which has the chain of hashes.
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct audit_options {
    const char *after;
    bool export;
    bool verify;
    const char *head;
};

static const struct option_row rows[] = {
    {"--after", "NUMBER", offsetof(struct audit_options, after), "Only events after this number"},
    {"--export", NULL, offsetof(struct audit_options, export),
     "Print every event as a line of JSON, for a copy elsewhere"},
    {"--verify", NULL, offsetof(struct audit_options, verify),
     "Check that no event is missing or was altered"},
    {"--head", "FILE", offsetof(struct audit_options, head),
     "Compare with the hash stored in FILE, then store the new one (--verify)"},
};

// ---- the hash stored in a file ----

// Reads {"events":N,"head":"HASH"}. *ret_kept is NULL when the file does not exist yet.
static enum status read_head(const char *path, json_t **ret_kept, struct error *err) {
    json_error_t reason;
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT) {
        return STATUS_OK;
    }
    if (!file) {
        return fail(err, STATUS_IO, path, "Cannot read the file: %s", strerror(errno));
    }
    scoped(cleanup_json) json_t *kept = json_loadf(file, JSON_REJECT_DUPLICATES, &reason);
    if (!json_is_integer(json_object_get(kept, "events")) ||
        !json_is_string(json_object_get(kept, "head"))) {
        return fail(err, STATUS_INVALID, path,
                    "The file was not written by \"registryctl audit --verify --head\".");
    }
    *ret_kept = take(kept);
    return STATUS_OK;
}

// Replaces the file by rename, so that an interrupted run leaves the old content.
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
        return fail(err, STATUS_IO, path, "Cannot write the file: %s", strerror(errno));
    }
    return STATUS_OK;
}

// Whether the event that was the last one at the earlier run still exists, with the same hash.
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

// Compares a complete chain with the stored hash, and stores the new one if the old one is still in the chain.
// If it is not, the answer becomes that of a broken chain.
static enum status compare_head(struct cli *cli, json_t *answer, struct error *err) {
    const struct audit_options *given = cli->options;
    const char *path = given->head;
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

// The last hash is printed, so that an operator can keep it somewhere else.
// A broken chain is an answer, not an error of the command: exit code 1 and the number of the event.
static enum status print_verification(struct cli *cli, json_t *answer, struct error *err) {
    bool whole = json_is_true(json_object_get(answer, "whole"));
    cli->exit_code = !whole;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    output_print(&cli->output, whole ? COLOR_GREEN : COLOR_RED, "%s",
                 whole ? "The audit log is complete" : "The audit log is broken");
    if (whole) {
        output_print(&cli->output, COLOR_NONE, ": %s events, last hash %s\n",
                     administration_text(cli, answer, "events"),
                     output_text(&cli->output, administration_text(cli, answer, "head")));
    } else {
        output_print(&cli->output, COLOR_NONE, ": event %s is missing or was altered\n",
                     administration_text(cli, answer, "fault"));
    }
    return STATUS_OK;
}

// The chain alone cannot show that its end was cut off; a head that was noted earlier can.
static enum status verify(struct cli *cli, struct error *err) {
    const struct audit_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status =
        administration_send(cli, "GET", "/v1/audit/verification", NULL, &answer, err);
    if (status) {
        return status;
    }
    if (given->head && json_is_true(json_object_get(answer, "whole"))) {
        status = compare_head(cli, answer, err);
        if (status) {
            return status;
        }
    }
    return print_verification(cli, answer, err);
}

// Pages by number and not by offset: events that are added meanwhile shift nothing.
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

// One page: into `items`, or printed as lines when it is NULL. *after moves to its last event.
static enum status take_page(struct cli *cli, json_t *items, json_int_t *after, bool *ret_more,
                             struct error *err) {
    scoped(cleanup_json) json_t *page = NULL;
    enum status status = load_page(cli, *after, &page, err);
    if (status) {
        return status;
    }
    const json_t *events = json_object_get(page, "events");
    size_t count = json_array_size(events);
    if (items && json_array_extend(items, (json_t *)events)) {
        return fail_no_memory(err);
    }
    status = items ? STATUS_OK : export_page(cli, events, err);
    if (status) {
        return status;
    }
    *ret_more = count && json_is_true(json_object_get(page, "more"));
    const json_t *last = count ? json_array_get(events, count - 1) : NULL;
    *after = last ? json_integer_value(json_object_get(last, "id")) : *after;
    return STATUS_OK;
}

// All pages. The memory of a page ends with it: a record of years is exported in that of one page.
static enum status load_all(struct cli *cli, json_int_t after, json_t *items, struct error *err) {
    bool more = true;
    while (more) {
        scoped(cleanup_arena) struct arena *arena = arena_new(0);
        if (!arena) {
            return fail_no_memory(err);
        }
        struct cli one = *cli;
        one.arena = arena;
        enum status status = take_page(&one, items, &after, &more, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    const struct audit_options *given = cli->options;
    static const struct administration_column columns[] = {
        {{.title = "NUMBER"}, "id"},
        {{.title = "AT"}, "at"},
        {{.title = "ACTOR", .min_width = 8}, "actor"},
        {{.title = "ACTION"}, "action"},
        {{.title = "SUBJECT", .min_width = 20}, "subject"},
        {{.title = "DETAIL", .min_width = 10}, "detail"},
    };
    const char *text = given->after ? given->after : "0";
    size_t digits = strspn(text, "0123456789");
    if (!digits || text[digits] || digits > 18) {
        return fail(err, STATUS_USAGE, NULL, "Invalid --after \"%s\". Use the number of an event.",
                    text);
    }
    if (given->head && !given->verify) {
        return fail(err, STATUS_USAGE, NULL, "--head requires --verify.");
    }
    if (given->verify) {
        return verify(cli, err);
    }
    scoped(cleanup_json) json_t *items = given->export ? NULL : json_array();
    if (!given->export && !items) {
        return fail_no_memory(err);
    }
    enum status status = load_all(cli, strtoll(text, NULL, 10), items, err);
    if (status || !items) {
        return status;
    }
    return administration_print(cli, take(items), columns, COUNT_OF(columns), "No events found.",
                                err);
}

const struct command command_audit = {
    .name = "audit",
    .arguments = "",
    .lines = "id at actor action subject detail; whole events fault head",
    .summary = "Show, export or verify the audit log",
    .description =
        "The log records who changed what, and when. Its events are chained by hashes, so that a\n"
        "missing or altered event is detected. Removed events at the end are detected only by\n"
        "comparing with the hash of an earlier run: use --head FILE. Requires an administrator's\n"
        "token.",
    COMMAND_OPTIONS(rows, struct audit_options),
    .exit_codes = "0  Done\n1  An event is missing or was altered (--verify)\n",
    .example = "registryctl audit --export > audit.jsonl",
    .run = run,
};
