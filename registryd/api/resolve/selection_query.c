// SPDX-License-Identifier: MIT
// From query parameters to a resolve_query: the environment's facts are the ground, and each parameter adds to them or
// overrides one. Every value is checked and normalised here, because the query's normal form is the key under
// which answers are cached: two spellings of one question must be one answer.
#include "registryd/api/resolve/selection_query.h"

#include "registryd/request/cursor.h"
#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/name.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LIMIT = 10000 };

// What an address takes is a span of this table: the middle, and what it has of its own at one end.
//
//     format | environment | group python have marker tag prereleases explain | limit cursor name package
//     /v1/requirements: from format   /v1/resolve: environment to package   /v1/snapshot: environment to explain
//     /v1/environments/{environment}/contributions: from group
//
static const struct query_rule rules[] = {
    {.name = "format"},      // of requirements alone
    {.name = "environment"}, // where the path does not name it
    {.name = "group", .repeats = true},
    {.name = "python"},
    {.name = "have", .repeats = true},
    {.name = "marker", .repeats = true},
    {.name = "tag", .repeats = true},
    {.name = "prereleases"},
    {.name = "explain"},
    {.name = "limit"}, // of pages alone
    {.name = "cursor"},
    {.name = "name", .repeats = true}, // what the answer shows of the selection
    {.name = "package", .repeats = true},
};
enum { FORMAT_RULES = 1, ENVIRONMENT_RULES = 1, PAGE_RULES = 4, RULES = COUNT_OF(rules) };

// Three values: an absent parameter leaves the decision to the environment.
static enum status decode_choice(const struct request *request, const char *name,
                                 enum choice *ret_choice, struct error *err) {
    bool is_wanted = false;
    enum status status = query_flag(request, name, &is_wanted, err);
    if (status) {
        return status;
    }
    if (request_query(request, name)) {
        *ret_choice = is_wanted ? CHOICE_YES : CHOICE_NO;
    }
    return STATUS_OK;
}

// ---- facts ----

// Cuts "NAME==VERSION" in two. The text is the request's own.
// "numpy==1.26" becomes the name "numpy" and the value "1.26".
static enum status split_fact(struct arena *arena, const char *text, const char *separator,
                              struct resolve_fact *ret_fact) {
    const char *at = strstr(text, separator);
    if (!at || at == text) {
        return STATUS_INVALID;
    }
    ret_fact->name = arena_copy(arena, text, (size_t)(at - text));
    ret_fact->value = at + strlen(separator);
    return ret_fact->name ? STATUS_OK : STATUS_NO_MEMORY;
}

// My.Pkg becomes my-pkg and v1.0 becomes 1.0: the cache compares the bytes of queries.
static enum status normalize_have(struct arena *arena, struct resolve_fact *fact,
                                  struct error *err) {
    const struct version *version;
    enum status status = name_normalize(arena, text_from(fact->name), &fact->name, err);
    if (status) {
        return status;
    }
    status = version_parse(arena, text_from(fact->value), &version, err);
    if (status) {
        return status;
    }
    fact->value = version_string(version);
    return STATUS_OK;
}

static enum status read_have(struct arena *arena, const char *text, struct resolve_fact *ret_fact,
                             struct error *err) {
    struct error inner = {0};
    enum status status = split_fact(arena, text, "==", ret_fact);
    if (status == STATUS_INVALID) {
        return fail(err, STATUS_INVALID, "?have", "\"%s\" does not have the form NAME==VERSION",
                    text);
    }
    if (status) {
        return fail_no_memory(err);
    }
    status = normalize_have(arena, ret_fact, &inner);
    if (status) {
        return status == STATUS_NO_MEMORY ? fail_no_memory(err)
                                          : fail(err, STATUS_INVALID, "?have", "%s", inner.message);
    }
    return STATUS_OK;
}

// "extra" is no fact of a host: a resolution chooses packages, and a query cannot ask for extras.
static enum status read_marker(struct arena *arena, const char *text, struct resolve_fact *ret_fact,
                               struct error *err) {
    enum status status = split_fact(arena, text, "=", ret_fact);
    if (status == STATUS_INVALID) {
        return fail(err, STATUS_INVALID, "?marker", "\"%s\" does not have the form NAME=VALUE",
                    text);
    }
    if (status) {
        return fail_no_memory(err);
    }
    enum marker_variable variable;
    if (!marker_variable_find(text_from(ret_fact->name), &variable) || variable == MARKER_EXTRA) {
        return fail(err, STATUS_INVALID, "?marker", "\"%s\" is not an environment marker",
                    ret_fact->name);
    }
    ret_fact->name = marker_variable_name(variable);
    return STATUS_OK;
}

static int compare_facts(const void *a, const void *b) {
    return strcmp(((const struct resolve_fact *)a)->name, ((const struct resolve_fact *)b)->name);
}

struct fact_reader {
    const char *name; // of the parameter
    const char *where;
    enum status (*read)(struct arena *arena, const char *text, struct resolve_fact *ret_fact,
                        struct error *err);
};
static const struct fact_reader have_reader = {"have", "?have", read_have};
static const struct fact_reader marker_reader = {"marker", "?marker", read_marker};

// Sorted, so that the same facts in another order are the same question.
static enum status read_facts(const struct request *request, const struct fact_reader *reader,
                              const struct resolve_fact **ret_facts, size_t *ret_count,
                              struct error *err) {
    struct resolve_fact *facts =
        arena_array(request->arena, request->query_count + 1, sizeof *facts);
    size_t count = 0;
    if (!facts) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, reader->name) == 0) {
            enum status status =
                reader->read(request->arena, request->query[i].value, &facts[count++], err);
            if (status) {
                return status;
            }
        }
    }
    qsort(facts, count, sizeof *facts, compare_facts);
    for (size_t i = 1; i < count; i++) {
        if (compare_facts(&facts[i - 1], &facts[i]) == 0) {
            return fail(err, STATUS_INVALID, reader->where, "\"%s\" is given twice", facts[i].name);
        }
    }
    *ret_facts = facts;
    *ret_count = count;
    return STATUS_OK;
}

// A tag as an environment has it: three parts, one of each.
// "cp312-cp312-manylinux_2_17_x86_64". The compressed form of file names, "py2.py3-none-any", is
// several tags and is refused: it holds a dot.
static const char *read_tag(struct arena *arena, const char *text) {
    char *tag = arena_strdup(arena, text);
    size_t dashes = 0;
    for (char *c = tag; c && *c; c++) {
        *c = to_lower(*c);
        dashes += *c == '-';
        bool is_empty_part = *c == '-' && (c == tag || c[-1] == '-' || !c[1]);
        if (is_empty_part || (!is_alnum(*c) && *c != '_' && *c != '-')) {
            return "";
        }
    }
    return !tag || dashes == 2 ? tag : "";
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Sorted, so that the same tags in another order find the same kept answer.
static enum status read_tags(const struct request *request, struct resolve_query *query,
                             struct error *err) {
    const char **tags = arena_array(request->arena, request->query_count + 1, sizeof *tags);
    if (!tags) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, "tag") != 0) {
            continue;
        }
        const char *tag = read_tag(request->arena, request->query[i].value);
        if (!tag || !*tag) {
            return tag ? fail(err, STATUS_INVALID, "?tag",
                              "\"%s\" does not have the form PYTHON-ABI-PLATFORM with one value "
                              "each",
                              request->query[i].value)
                       : fail_no_memory(err);
        }
        tags[query->tag_count++] = tag;
    }
    qsort(tags, query->tag_count, sizeof *tags, compare_names);
    query->tags = tags;
    return STATUS_OK;
}

// ---- what the answer shows ----

// An entry point's name is taken as it is: what no release has is an answer, and not a fault.
static enum status read_name(struct arena *arena, const char *text, const char **ret_name,
                             struct error *err) {
    (void)arena;
    *ret_name = text;
    return *text && strlen(text) <= LIMIT_ENTRY_NAME_BYTES
               ? STATUS_OK
               : fail(err, STATUS_INVALID, "?name", "A name has 1 to %d bytes",
                      LIMIT_ENTRY_NAME_BYTES);
}

static enum status read_package(struct arena *arena, const char *text, const char **ret_name,
                                struct error *err) {
    struct error why = {0};
    enum status status = name_normalize(arena, text_from(text), ret_name, &why);
    return status ? fail(err, status, "?package", "%s", why.message) : STATUS_OK;
}

struct shown_reader {
    const char *name; // of the parameter
    const char *where;
    enum status (*read)(struct arena *arena, const char *text, const char **ret_name,
                        struct error *err);
};
static const struct shown_reader name_reader = {"name", "?name", read_name};
static const struct shown_reader package_reader = {"package", "?package", read_package};

// Sorted, each once, as the cache compares questions by their bytes.
static enum status read_shown(const struct request *request, const struct shown_reader *reader,
                              const char *const **ret_names, size_t *ret_count, struct error *err) {
    if (!request_query(request, reader->name)) {
        return STATUS_OK;
    }
    const char **names = arena_array(request->arena, request->query_count, sizeof *names);
    size_t count = 0;
    enum status status = names ? STATUS_OK : fail_no_memory(err);
    for (size_t i = 0; i < request->query_count && !status; i++) {
        if (strcmp(request->query[i].name, reader->name) == 0) {
            status = reader->read(request->arena, request->query[i].value, &names[count++], err);
        }
    }
    if (status) {
        return status;
    }
    if (count > LIMIT_QUERY_GROUPS) {
        return fail(err, STATUS_USAGE, reader->where,
                    "A request may name at most %d values of \"%s\"", LIMIT_QUERY_GROUPS,
                    reader->name);
    }
    *ret_count = query_sort_names(names, count);
    *ret_names = names;
    return STATUS_OK;
}

// ---- the question ----

static enum status read_page(const struct request *request, struct resolve_query *query,
                             struct error *err) {
    static const struct query_range range = {"limit", 1, MAX_LIMIT, 0};
    int64_t limit = 0;
    enum status status = query_integer(request, &range, &limit, err);
    query->limit = (int)limit;
    if (status) {
        return status;
    }
    if (request_query(request, "cursor")) {
        if (!limit) {
            return fail(err, STATUS_USAGE, "?cursor", "The parameter \"cursor\" needs \"limit\"");
        }
        status = cursor_read(request, CURSOR_BYTES_MAX, &query->cursor, err);
    }
    return status;
}

static enum status read_rest(const struct request *request, struct resolve_query *query,
                             struct error *err) {
    query->environment = request_query(request, "environment");
    query->python = request_query(request, "python");
    enum status status = read_facts(request, &have_reader, &query->have, &query->have_count, err);
    if (status) {
        return status;
    }
    status = read_facts(request, &marker_reader, &query->markers, &query->marker_count, err);
    if (status) {
        return status;
    }
    status = read_tags(request, query, err);
    if (status) {
        return status;
    }
    status = decode_choice(request, "prereleases", &query->prereleases, err);
    if (status) {
        return status;
    }
    return query_flag(request, "explain", &query->explain, err);
}

static enum status decode(const struct request *request, struct resolve_query *query,
                          struct error *err) {
    *query = (struct resolve_query){0};
    enum status status = query_groups(request, &query->groups, &query->group_count, err);
    return status ? status : read_rest(request, query, err);
}

enum status selection_query_decode(struct api *api, const struct request *request,
                                   struct resolve_query *ret_query, struct error *err) {
    const size_t count = RULES - FORMAT_RULES - PAGE_RULES;
    enum status status = query_begin(api, request, rules + FORMAT_RULES, count, err);
    return status ? status : decode(request, ret_query, err);
}

enum status selection_query_decode_within(struct api *api, const struct request *request,
                                          const char *environment, struct resolve_query *ret_query,
                                          struct error *err) {
    const size_t first = FORMAT_RULES + ENVIRONMENT_RULES;
    enum status status = query_begin(api, request, rules + first, RULES - first - PAGE_RULES, err);
    if (status) {
        return status;
    }
    status = decode(request, ret_query, err);
    ret_query->environment = environment;
    return status;
}

enum status selection_query_decode_page(struct api *api, const struct request *request,
                                        struct resolve_query *ret_query, struct error *err) {
    enum status status = query_begin(api, request, rules + FORMAT_RULES, RULES - FORMAT_RULES, err);
    if (status) {
        return status;
    }
    status = decode(request, ret_query, err);
    if (status) {
        return status;
    }
    status = read_shown(request, &name_reader, &ret_query->names, &ret_query->name_count, err);
    if (status) {
        return status;
    }
    status =
        read_shown(request, &package_reader, &ret_query->packages, &ret_query->package_count, err);
    if (status) {
        return status;
    }
    return read_page(request, ret_query, err);
}

enum status selection_query_decode_snapshot(struct api *api, const struct request *request,
                                            struct resolve_query *ret_query, bool *ret_secrets,
                                            struct error *err) {
    struct query_rule with_secrets[RULES + 1];
    size_t count = RULES - FORMAT_RULES - PAGE_RULES;
    memcpy(with_secrets, rules + FORMAT_RULES, count * sizeof *rules);
    with_secrets[count] = (struct query_rule){.name = "secrets"};
    enum status status = query_begin(api, request, with_secrets, count + 1, err);
    if (status) {
        return status;
    }
    status = query_flag(request, "secrets", ret_secrets, err);
    return status ? status : decode(request, ret_query, err);
}

enum status selection_query_decode_format(struct api *api, const struct request *request,
                                          struct resolve_query *ret_query, struct error *err) {
    enum status status = query_begin(api, request, rules, RULES - PAGE_RULES, err);
    return status ? status : decode(request, ret_query, err);
}

// The answer may come from the cache, and be older than the daemon. When the same history has gone
// on without changing it, the reply names the later serial: the answer is right up to there. An answer that was made
// before the daemon knew its point has an empty epoch, which keeps the point of today from being stated for it.
void selection_query_reply(struct reply *reply, const struct answer *answer,
                           const struct history_point *point) {
    bool is_same_epoch = strcmp(point->epoch, answer->point.epoch) == 0;
    bool is_later = is_same_epoch && point->serial > answer->point.serial;
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    reply->serial = is_later ? point->serial : answer->point.serial;
    reply->epoch = answer->point.epoch;
    reply->epoch_number = answer->point.epoch_number;
}
