// SPDX-License-Identifier: MIT
// registryctl resolve and requirements: the registry's choice for a host. Both send the same query (the
// groups, the environment and the facts of the host); "resolve" prints the entry points of the chosen
// releases, "requirements" prints the releases themselves with the hashes of their files, for pip.
#include "client/cli/console/decisions.h"
#include "client/cli/console/records.h"
#include "client/cli/console/table.h"
#include "client/cli/input/missing.h"
#include "client/cli/input/query.h"
#include "client/remote/api_call.h"
#include "client/remote/source_registry.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/release/pip_requirements.h"

#include <string.h>

// ---- what pip would install ----

// GET /v1/requirements for the groups of the arguments. *ret_answer is owned.
static enum status load_requirements(struct cli *cli, const struct facts_options *facts,
                                     json_t **ret_answer, struct error *err) {
    struct words groups = query_arguments(cli);
    struct connection connection;
    struct source_query query;
    enum status status = facts_query(cli, facts, &groups, &query, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, "/v1/requirements?format=json");
    source_registry_add_query(&path, &connection, &query);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long.");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = cli->arena, .connection = &connection};
    return api_call_json(&call, &request, ret_answer, err);
}

// ---- resolve ----

struct resolve_options {
    struct facts_options facts;
    struct words names;
    struct words packages;
    bool explain;
    const char *limit;
    bool require;
};

static const struct option_row resolve_rows[] = {
    FACTS_ROWS(struct resolve_options, facts),
    {"--name", "NAME", offsetof(struct resolve_options, names),
     "Only the entry points with this name", .repeats = true},
    {"--package", "NAME", offsetof(struct resolve_options, packages),
     "Only the entry points of this package", .repeats = true},
    {"--explain", NULL, offsetof(struct resolve_options, explain),
     "Also list the releases that were excluded, with the reason"},
    {"--limit", "N", offsetof(struct resolve_options, limit),
     "At most N records and excluded releases", .min_number = 1},
    {"--require", NULL, offsetof(struct resolve_options, require),
     "Exit 1 if nothing matches, or an enabled or pinned package gets nothing"},
};

// "eligible_at" is there only for a release that time alone will make eligible ("too-new").
static json_t *encode_excluded(const struct resolution *resolution) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        json_t *object =
            json_pack("{s:o, s:o, s:o, s:o, s:s*}", "package", json_text(item->package), "version",
                      json_text(item->version), "code", json_text(item->code), "detail",
                      json_text(item->detail), "eligible_at", item->eligible_at);
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return take(array);
}

// The JSON form is an array, as everywhere; with --explain it must be an object, because there are more lists.
static json_t *encode(const struct resolution *resolution, bool explain) {
    return explain ? json_pack("{s:o, s:o, s:o}", "records", records_encode(&resolution->records),
                               "excluded", encode_excluded(resolution), "decisions",
                               decisions_encode(&resolution->decisions))
                   : records_encode(&resolution->records);
}

// One below the other, because the reasons must not be cut.
static void print_excluded_lines(struct cli *cli, const struct resolution *resolution) {
    enum { INDENT = 4 };
    struct output *output = &cli->output;
    for (size_t i = 0; i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        output_print(output, COLOR_NONE, "  %s %s  ", output_text(output, item->package),
                     output_text(output, item->version));
        output_print(output, COLOR_YELLOW, "%s", output_text(output, item->code));
        output_print(output, COLOR_NONE, "\n%*s", INDENT, "");
        output_wrapped(output, COLOR_NONE, INDENT, output_text(output, item->detail));
        output_print(output, COLOR_NONE, "\n");
    }
}

// A table when every cell fits, else a list: reasons are sentences and must stay whole.
static enum status print_excluded(struct cli *cli, const struct resolution *resolution,
                                  struct error *err) {
    static const struct table_column columns[] = {{.title = "PACKAGE", .min_width = 12},
                                                  {.title = "VERSION", .min_width = 8},
                                                  {.title = "REASON", .min_width = 0},
                                                  {.title = "DETAIL", .min_width = 20}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        table_add(&table, COLOR_NONE, item->package);
        table_add(&table, COLOR_NONE, item->version);
        table_add(&table, COLOR_YELLOW, item->code);
        table_add(&table, COLOR_NONE, item->detail);
    }
    output_print(&cli->output, COLOR_BOLD, "\nExcluded");
    output_print(&cli->output, COLOR_NONE, "  %s\n",
                 output_count(&cli->output, resolution->excluded_count, "release", "releases"));
    if (resolution->excluded_count && !table_fits(&table, &cli->output)) {
        print_excluded_lines(cli, resolution);
        return STATUS_OK;
    }
    return resolution->excluded_count ? table_print(&table, &cli->output, err) : STATUS_OK;
}

// Says which groups have no records: they have no section in the output of records_print.
static void print_empty_groups(struct cli *cli, const struct resolution *resolution) {
    const struct resolve_options *given = cli->options;
    const struct records *records = &resolution->records;
    size_t empty = 0;
    for (size_t i = 0; i < cli->argument_count; i++) {
        size_t at = 0;
        while (at < records->count && strcmp(records->items[at].group, cli->arguments[i]) != 0) {
            at++;
        }
        if (at == records->count) {
            const char *space = records->count && !empty++ ? "\n" : "";
            output_print(&cli->output, COLOR_BOLD, "%s%s", space,
                         output_text(&cli->output, cli->arguments[i]));
            output_print(&cli->output, COLOR_NONE, "  No entry points match.\n");
        }
    }
    if (!records->count && !resolution->excluded_count) {
        output_print(&cli->output, COLOR_DIM, "\"registryctl groups\" lists all groups.%s\n",
                     given->explain ? "" : " --explain lists the excluded releases.");
    }
}

// A misspelling is the usual reason of an empty answer.
static void print_unknown(struct cli *cli, const struct resolution *resolution) {
    struct output errors = output_errors(&cli->output);
    for (size_t i = 0; i < resolution->unknown_count; i++) {
        const struct misspelling *item = &resolution->unknown[i];
        const char *text = output_text(&errors, item->text);
        output_print(&errors, COLOR_YELLOW, "%s in these groups %s \"%s\".",
                     item->is_package ? "No package" : "No entry point",
                     item->is_package ? "is called" : "has the name", text);
        if (item->nearest) {
            output_print(&errors, COLOR_YELLOW, " Did you mean \"%s\"?",
                         output_text(&errors, item->nearest));
        }
        output_print(&errors, COLOR_NONE, "\n");
    }
    cli->output.no_memory |= errors.no_memory;
}

// The entry points, then what was left out and why, then what administrators decided.
static enum status print_resolution(struct cli *cli, const struct resolution *resolution,
                                    bool explain, struct error *err) {
    enum status status = records_print(cli, &resolution->records, err);
    if (status) {
        return status;
    }
    if (!resolution->has_more) {
        print_empty_groups(cli, resolution);
    }
    status = explain ? print_excluded(cli, resolution, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = decisions_print(cli, &resolution->decisions, err);
    if (resolution->has_more) {
        output_print(&cli->output, COLOR_DIM,
                     "\nThe list is incomplete. Increase --limit to see more.\n");
    }
    return status;
}

// Appends each word as a parameter.
static void add_parts(struct source_query *query, struct query_parameter *parts, const char *name,
                      const struct words *words) {
    for (size_t i = 0; i < words->count; i++) {
        parts[query->fact_count++] = (struct query_parameter){name, words->items[i]};
    }
}

// The question of the arguments and resolve_rows; names, packages and a limit are more parts of it.
static enum status make_query(struct cli *cli, struct source_query *ret_query, struct error *err) {
    const struct resolve_options *given = cli->options;
    struct words groups = query_arguments(cli);
    struct source_query query;
    enum status status = facts_query(cli, &given->facts, &groups, &query, err);
    if (status) {
        return status;
    }
    query.explain = given->explain;
    size_t room = query.fact_count + given->names.count + given->packages.count + 1;
    struct query_parameter *parts = arena_array(cli->arena, room, sizeof *parts);
    if (!parts) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query.fact_count; i++) {
        parts[i] = query.facts[i];
    }
    add_parts(&query, parts, "name", &given->names);
    add_parts(&query, parts, "package", &given->packages);
    if (given->limit) {
        parts[query.fact_count++] = (struct query_parameter){"limit", given->limit};
    }
    query.facts = parts;
    *ret_query = query;
    return STATUS_OK;
}

// A package that the environment enables, pins or has locked, and that gets nothing, would otherwise be left out in
// silence. The answer to "requirements" names them.
static enum status require_all(struct cli *cli, struct error *err) {
    const struct resolve_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = load_requirements(cli, &given->facts, &answer, err);
    if (!status && missing_report(cli, json_object_get(answer, "missing"))) {
        cli->exit_code = 1;
    }
    return status;
}

static enum status run_resolve(struct cli *cli, struct error *err) {
    const struct resolve_options *given = cli->options;
    struct connection connection;
    struct resolution resolution = {0};
    struct source_query query;
    enum status status = make_query(cli, &query, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    status = source_registry(cli->arena, &connection, &query, &resolution, err);
    if (status) {
        return status;
    }
    print_unknown(cli, &resolution);
    cli->exit_code = given->require && !resolution.records.count;
    status = given->require ? require_all(cli, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, encode(&resolution, query.explain), err);
    }
    return print_resolution(cli, &resolution, query.explain, err);
}

const struct command command_resolve = {
    .name = "resolve",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .lines = RECORD_LINES "; records: " RECORD_LINES,
    .summary = "List the entry points that a host gets from the registry",
    .description =
        "For each package the registry chooses the newest compatible release. The answer is the\n"
        "entry points of these releases in the groups. An empty group is not an error.\n"
        "--name and --package cut the answer down, and say which name was meant.",
    COMMAND_OPTIONS(resolve_rows, struct resolve_options),
    .exit_codes = "0  Done, even if nothing matches\n"
                  "1  Nothing matches, or a package that the environment enables, pins or has\n"
                  "   locked gets nothing (--require)\n",
    .example =
        "registryctl resolve honeyframe.plugins --python 3.11 --have honeyframe==4.2 --explain",
    .run = run_resolve,
};

// ---- requirements ----

struct requirements_options {
    struct facts_options facts;
};

static const struct option_row requirements_rows[] = {
    FACTS_ROWS(struct requirements_options, facts)};

// The hashes of one release. NULL when one is missing or memory ran out.
static const char *const *read_hashes(struct arena *arena, const json_t *files) {
    size_t count = json_array_size(files);
    const char **hashes = arena_array(arena, count + 1, sizeof *hashes);
    for (size_t i = 0; hashes && i < count; i++) {
        hashes[i] = json_string_value(json_object_get(json_array_get(files, i), "sha256"));
        if (!hashes[i]) {
            return NULL;
        }
    }
    return hashes;
}

static enum status decode_requirements(struct arena *arena, const json_t *array,
                                       struct pip_requirement **ret_items, struct error *err) {
    size_t count = json_array_size(array);
    struct pip_requirement *items = arena_array(arena, count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(array, i);
        const json_t *files = json_object_get(object, "files");
        items[i] = (struct pip_requirement){
            json_string_value(json_object_get(object, "package")),
            json_string_value(json_object_get(object, "version")),
            read_hashes(arena, files),
            json_array_size(files),
        };
        if (!items[i].package || !items[i].version || !items[i].sha256) {
            return fail(err, STATUS_UNREACHABLE, "/requirements",
                        "The registry sent an unexpected answer.");
        }
    }
    *ret_items = items;
    return STATUS_OK;
}

// Lists on standard error what pip cannot install. Returns how many there are.
static size_t report_fileless(struct cli *cli, const struct pip_requirement *items, size_t count) {
    struct output errors = output_errors(&cli->output);
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].sha256_count) {
            output_print(&errors, COLOR_YELLOW, "%s %s has no compatible file.\n",
                         output_text(&errors, items[i].package),
                         output_text(&errors, items[i].version));
            missing++;
        }
    }
    cli->output.no_memory |= errors.no_memory;
    return missing;
}

static bool has_hashes(const struct pip_requirement *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i].sha256_count) {
            return true;
        }
    }
    return false;
}

// `index`: the address of the registry's index, where the files are; NULL = an older registry does not say.
static enum status print_requirements(struct cli *cli, const char *index,
                                      const struct pip_requirement *items, size_t count,
                                      struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    if (index && has_hashes(items, count)) {
        buffer_printf(&text, "--index-url %s\n", index);
    }
    pip_requirements_write(&text, items, count);
    if (text.failed) {
        return fail(err, text.failed, NULL, "The list is too long.");
    }
    output_print(&cli->output, COLOR_NONE, "%s",
                 text.len ? text.ptr : "# No package has entry points in these groups.\n");
    return STATUS_OK;
}

static enum status run_requirements(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct pip_requirement *items = NULL;
    enum status status = load_requirements(
        cli, &((const struct requirements_options *)cli->options)->facts, &answer, err);
    json_t *array = json_object_get(answer, "requirements");
    size_t count = json_array_size(array);
    if (status) {
        return status;
    }
    status = decode_requirements(cli->arena, array, &items, err);
    if (status) {
        return status;
    }
    size_t missing = missing_report(cli, json_object_get(answer, "missing"));
    cli->exit_code = report_fileless(cli, items, count) + missing > 0;
    return cli->output.json
               ? output_json(&cli->output, json_incref(array), err)
               : print_requirements(cli, json_string_value(json_object_get(answer, "index")), items,
                                    count, err);
}

const struct command command_requirements = {
    .name = "requirements",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .lines = "package version",
    .summary = "Print the packages of a resolution as requirements for pip",
    .description =
        "Lists every release that has an entry point in the groups. Each one is pinned and has\n"
        "the hashes of its compatible files. The output is for \"pip install --no-deps\n"
        "--require-hashes -r\". A release without a compatible file becomes a comment and is\n"
        "listed on standard error.",
    COMMAND_OPTIONS(requirements_rows, struct requirements_options),
    .exit_codes = "0  Every release has a compatible file\n"
                  "1  A release has no compatible file, or a package is missing that the\n"
                  "   environment enables, pins or has locked\n",
    .example = "registryctl requirements honeyframe.plugins > plugins.txt",
    .run = run_requirements,
};
