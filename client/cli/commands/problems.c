// SPDX-License-Identifier: MIT
// registryctl problems and outdated. problems: what an operator should look at, as one table. The exit code says whether there are
// problems, so that a scheduled job can run the command. The answer has one list for each kind: "search" and
// "lookalikes" hold objects with a "package", "groups" holds names alone. With --json the answer is printed
// unchanged; the table is made only for people.
#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

// Appends {"kind","subject","detail"} for every item of one list of the answer. False when out of memory.
static bool add_rows(struct cli *cli, json_t *rows, const json_t *answer, const char *list,
                     const char *kind, const char *detail) {
    size_t at;
    const json_t *item;
    json_array_foreach(json_object_get(answer, list), at, item) {
        bool is_name = json_is_string(item);
        const char *subject =
            is_name ? json_string_value(item) : administration_text(cli, item, "package");
        const char *text = is_name ? detail : administration_text(cli, item, detail);
        if (json_array_append_new(rows, json_pack("{s:s,s:o,s:o}", "kind", kind, "subject",
                                                  json_text(subject), "detail", json_text(text)))) {
            return false;
        }
    }
    return true;
}

// A last row for a list that the answer cut, so that the table does not look complete.
static bool add_more(json_t *rows, const json_t *answer, const char *list, const char *kind) {
    const json_t *more = json_object_get(json_object_get(answer, "more"), list);
    return !json_is_true(more) ||
           !json_array_append_new(rows, json_pack("{s:s,s:s,s:s}", "kind", kind, "subject", "…",
                                                  "detail", "There are more of this kind"));
}

// Exit code 1 if there are any, so that a monitor can run it.
static enum status run(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "PROBLEM"}, "kind"},
        {{.title = "SUBJECT", .min_width = 20}, "subject"},
        {{.title = "DETAIL", .min_width = 20}, "detail"},
    };
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = administration_send(cli, "GET", "/v1/problems", NULL, &answer, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *rows = json_array();
    if (!rows || !add_rows(cli, rows, answer, "search", "not indexed by search", "error") ||
        !add_more(rows, answer, "search", "not indexed by search") ||
        !add_rows(cli, rows, answer, "lookalikes", "name looks like another", "others") ||
        !add_more(rows, answer, "lookalikes", "name looks like another") ||
        !add_rows(cli, rows, answer, "groups", "group cannot be indexed",
                  "Rename the group in the next release of its packages") ||
        !add_more(rows, answer, "groups", "group cannot be indexed")) {
        return fail_no_memory(err);
    }
    cli->exit_code = json_array_size(rows) > 0;
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    return administration_print(cli, take(rows), columns, COUNT_OF(columns), "No problems found.",
                                err);
}

const struct command command_problems = {
    .name = "problems",
    .arguments = "",
    .lines = "search, lookalikes, groups: package others error",
    .summary = "List packages and groups that need an operator's attention",
    .description =
        "Lists three kinds of problems. Packages that search cannot index: search finds only\n"
        "their names until they change. Packages whose names look like the name of another\n"
        "package. Groups that cannot be indexed: they were stored before registryd checked the\n"
        "rule on group names. Requires an administrator's token.",
    .exit_codes = "0  No problems\n1  There are problems\n",
    .example = "registryctl problems",
    .run = run,
};

// ---- outdated ----

// A line below the table, for people: what needs somebody, and what only needs time.
static void print_counts(struct cli *cli, const json_t *counts) {
    output_print(&cli->output, COLOR_DIM, "%s outdated, %s only too new\n",
                 administration_text(cli, counts, "outdated"),
                 administration_text(cli, counts, "too_new"));
}

static enum status run_outdated(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "PACKAGE"}, "package"},
        {{.title = "SELECTED"}, "selected"},
        {{.title = "NEWEST"}, "newest"},
        {{.title = "CODE"}, "code"},
        {{.title = "ELIGIBLE AT", .optional = true}, "eligible_at"},
        {{.title = "DETAIL", .min_width = 20}, "detail"},
    };
    scoped(cleanup_json) json_t *answer = NULL;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_QUERY_BYTES);
    buffer_add_string(&path, "/v1/outdated");
    api_call_add_query(&path, "environment", cli->global.environment);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long.");
    }
    enum status status = administration_send(cli, "GET", path.ptr, NULL, &answer, err);
    if (status) {
        return status;
    }
    const json_t *counts = json_object_get(answer, "counts");
    cli->exit_code = json_integer_value(json_object_get(counts, "outdated")) > 0;
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    json_t *packages = json_incref(json_object_get(answer, "packages"));
    status = administration_print(cli, packages, columns, COUNT_OF(columns),
                                  "Every package gets its newest release.", err);
    if (!status && json_array_size(json_object_get(answer, "packages"))) {
        print_counts(cli, counts);
    }
    return status;
}

const struct command command_outdated = {
    .name = "outdated",
    .arguments = "",
    .lines = "packages: package selected newest code eligible_at detail",
    .summary = "List packages of which the environment gets an older release than the newest",
    .description =
        "The environment is that of --environment. Each package is listed with the reason why its\n"
        "newest release is left out. Packages of which all newer releases are too new are counted\n"
        "apart: they need nothing but time.",
    .exit_codes = "0  Nothing is outdated, or only too new\n1  There are outdated packages\n",
    .example = "registryctl outdated --environment production",
    .run = run_outdated,
};
