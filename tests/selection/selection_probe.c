// SPDX-License-Identifier: MIT
// Selects, without database and server, so that a Python test can compare our answers with a plain second
// implementation: one catalogue with its environment and question a line on stdin (test_selection.py has
// the form), one answer a line on stdout.
#include "registryd/resolver/selection_make.h"
#include "registryd/tables/contracts_load.h"
#include "registryd/tables/group_table_build.h"
#include "schema/environment/environment.h"
#include "schema/json/json.h"
#include "schema/packaging/version/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A probe may give up where a daemon may not.
static void *must(void *pointer) {
    if (!pointer) {
        abort();
    }
    return pointer;
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// ---- the catalogue ----

struct release_input {
    const struct version *version;
    struct candidate_release release;
};

static int compare_versions(const void *a, const void *b) {
    return version_compare(((const struct release_input *)b)->version,
                           ((const struct release_input *)a)->version);
}

static void read_entries(struct arena *arena, const json_t *list,
                         struct candidate_release *release) {
    size_t count = json_array_size(list);
    release->entries = must(arena_array(arena, count + 1, sizeof *release->entries));
    release->entry_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        release->entries[i] =
            (struct candidate_entry){json_string_value(json_array_get(entry, 0)),
                                     json_string_value(json_array_get(entry, 1)), "module:attr",
                                     json_string_value(json_array_get(entry, 2))};
    }
}

// The files of a release that differ, as installers prefer them.
static void read_files(struct arena *arena, const json_t *list, struct candidate_release *release) {
    size_t count = json_array_size(list);
    release->files = count ? must(arena_array(arena, count, sizeof *release->files)) : NULL;
    release->file_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *file = json_array_get(list, i);
        const json_t *requirements = json_object_get(file, "requires_dist");
        release->files[i] = (struct candidate_file){
            .name = text_of(file, "file"),
            .requires_python = text_of(file, "requires_python"),
            .requires_dist = must((char *)json_encode_canonical(arena, requirements)),
            .tags = text_of(file, "tags")};
    }
}

static struct release_input read_release(struct arena *arena, const json_t *object) {
    struct release_input input = {0};
    if (version_parse(arena, text_from(text_of(object, "version")), &input.version, NULL)) {
        abort();
    }
    const json_t *requirements = json_object_get(object, "requires_dist");
    input.release = (struct candidate_release){
        .version = version_string(input.version),
        .id = json_integer_value(json_object_get(object, "id")),
        .prerelease = version_is_prerelease(input.version),
        .yanked = text_of(object, "yanked"),
        .quarantined = text_of(object, "quarantined"),
        .published_ms = json_integer_value(json_object_get(object, "published_ms")),
        .requires_python = text_of(object, "requires_python"),
        .requires_dist =
            requirements ? must((char *)json_encode_canonical(arena, requirements)) : NULL,
        .wheel_tags = text_of(object, "wheel_tags"),
        .has_sdist = json_is_true(json_object_get(object, "has_sdist")),
    };
    read_entries(arena, json_object_get(object, "entries"), &input.release);
    read_files(arena, json_object_get(object, "files"), &input.release);
    return input;
}

static struct package *read_package(struct arena *arena, const json_t *object) {
    const json_t *list = json_object_get(object, "releases");
    size_t count = json_array_size(list);
    struct release_input *inputs = must(arena_array(arena, count + 1, sizeof *inputs));
    for (size_t i = 0; i < count; i++) {
        inputs[i] = read_release(arena, json_array_get(list, i));
    }
    qsort(inputs, count, sizeof *inputs, compare_versions);
    struct candidate_package from = {
        .name = text_of(object, "name"),
        .status = text_of(object, "status"),
        .owner = text_of(object, "owner"),
        .replaced_by = text_of(object, "replaced_by"),
        .releases = must(arena_array(arena, count + 1, sizeof *from.releases)),
        .release_count = count,
    };
    for (size_t i = 0; i < count; i++) {
        from.releases[i] = inputs[i].release;
    }
    struct package *package = NULL;
    if (package_new(&from, &package, NULL)) {
        abort();
    }
    return package;
}

// The packages, given by name.
static struct package **read_packages(struct arena *arena, const json_t *list, size_t *ret_count) {
    *ret_count = json_array_size(list);
    struct package **packages = must(arena_array(arena, *ret_count + 1, sizeof *packages));
    for (size_t i = 0; i < *ret_count; i++) {
        packages[i] = read_package(arena, json_array_get(list, i));
    }
    return packages;
}

struct catalogue {
    struct package *const *packages;
    size_t count;
};

static struct group_table *make_table(struct arena *arena, const char *group,
                                      struct package *const *packages, size_t count) {
    struct package **own = must(arena_array(arena, count + 1, sizeof *own));
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (package_is_in(packages[i], group)) {
            own[found++] = packages[i];
        }
    }
    return must(group_table_build(group, 1, own, found));
}

// ---- environment, contracts, question ----

// [[is_group, name, after_release, reason], …], in the order of the store.
static struct hold_rows read_holds(struct arena *arena, const json_t *list) {
    size_t count = json_array_size(list);
    struct hold *items = must(arena_array(arena, count + 1, sizeof *items));
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i);
        items[i] = (struct hold){.is_group = json_is_true(json_array_get(row, 0)),
                                 .name = json_string_value(json_array_get(row, 1)),
                                 .after_release = json_integer_value(json_array_get(row, 2)),
                                 .reason = json_string_value(json_array_get(row, 3))};
    }
    return (struct hold_rows){items, count};
}

static struct contracts *read_contracts(struct arena *arena, const json_t *input) {
    const json_t *object = json_object_get(input, "contracts");
    const json_t *owners = json_object_get(input, "owners");
    size_t count = json_object_size(object);
    struct group_contract *items =
        must(arena_array(arena, count + json_object_size(owners) + 1, sizeof *items));
    const char *group;
    json_t *value;
    size_t at = 0;
    json_object_foreach((json_t *)object, group, value) {
        struct group_contract *item = &items[at++];
        *item = group_contract_default(group);
        contract_conflict_find(json_string_value(json_array_get(value, 0)), &item->conflict);
        const json_t *priority = json_array_get(value, 1);
        item->priority.items =
            must(arena_array(arena, json_array_size(priority) + 1, sizeof *item->priority.items));
        for (; item->priority.count < json_array_size(priority); item->priority.count++) {
            item->priority.items[item->priority.count] =
                json_string_value(json_array_get(priority, item->priority.count));
        }
    }
    json_object_foreach((json_t *)owners, group, value) {
        items[at] = group_contract_default(group);
        items[at++].owner = json_string_value(value);
    }
    struct hold_rows holds = read_holds(arena, json_object_get(input, "holds"));
    return must(contracts_new(items, at, &holds, &(struct entry_states){0}));
}

static void read_environment(struct arena *arena, const json_t *document,
                             struct environment *environment) {
    struct findings findings;
    findings_init(&findings, arena);
    struct error err = {0};
    if (environment_decode(arena, document, &findings, environment, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.message);
        abort();
    }
    environment->name = "staging";
}

static const char *const *read_texts(struct arena *arena, const json_t *list, size_t *ret_count) {
    *ret_count = json_array_size(list);
    const char **texts = must(arena_array(arena, *ret_count + 1, sizeof *texts));
    for (size_t i = 0; i < *ret_count; i++) {
        texts[i] = json_string_value(json_array_get(list, i));
    }
    return texts;
}

// [[name, value], …], sorted by name.
static const struct resolve_fact *read_facts(struct arena *arena, const json_t *list,
                                             size_t *ret_count) {
    *ret_count = json_array_size(list);
    struct resolve_fact *facts = must(arena_array(arena, *ret_count + 1, sizeof *facts));
    for (size_t i = 0; i < *ret_count; i++) {
        const json_t *pair = json_array_get(list, i);
        facts[i] = (struct resolve_fact){json_string_value(json_array_get(pair, 0)),
                                         json_string_value(json_array_get(pair, 1))};
    }
    return facts;
}

static struct resolve_query read_query(struct arena *arena, const json_t *object) {
    struct resolve_query query = {.python = text_of(object, "python"),
                                  .explain = true,
                                  .with_settings = true,
                                  .decides = true};
    query.groups = read_texts(arena, json_object_get(object, "groups"), &query.group_count);
    query.have = read_facts(arena, json_object_get(object, "have"), &query.have_count);
    query.markers = read_facts(arena, json_object_get(object, "markers"), &query.marker_count);
    query.tags = read_texts(arena, json_object_get(object, "tags"), &query.tag_count);
    const json_t *prereleases = json_object_get(object, "prereleases");
    if (json_is_boolean(prereleases)) {
        query.prereleases = json_is_true(prereleases) ? CHOICE_YES : CHOICE_NO;
    }
    return query;
}

// ---- the answer ----

static json_t *encode_codes(const struct findings *findings) {
    json_t *codes = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        json_array_append_new(codes, json_string(findings->items[i].code));
    }
    return codes;
}

// Appends what a selection holds to the lists.
static void encode(const struct selection *selection, json_t *records, json_t *excluded) {
    for (size_t i = 0; i < selection->records.count; i++) {
        const struct record *record = &selection->records.items[i];
        json_t *item = json_pack("[sssss?s?os?]", record->group, record->name, record->package,
                                 record->version, record->shadowed_by, record->settings,
                                 encode_codes(&record->findings), record->state);
        json_array_append_new(records, must(item));
    }
    for (size_t i = 0; i < selection->excluded.count; i++) {
        const struct exclusion *item = &selection->excluded.items[i];
        json_array_append_new(excluded,
                              must(json_pack("[sssss?]", item->package, item->version, item->code,
                                             item->detail, item->eligible_at)));
    }
}

static json_t *encode_decisions(const struct selection *selection) {
    json_t *rows = json_array();
    for (size_t i = 0; i < selection->decisions.count; i++) {
        const struct decision *row = &selection->decisions.items[i];
        json_array_append_new(rows,
                              must(json_pack("[sss?s?sb]", row->group, row->package, row->name,
                                             row->version, row->code, row->by_name)));
    }
    return rows;
}

// What the index does: looks up what the selection misses, and knows what there is none of from then on.
static const struct group_table *look_up(const struct catalogue *catalogue,
                                         const struct group_table *known,
                                         const struct strings *missing) {
    struct group_table *table =
        known ? group_table_ref((struct group_table *)known) : must(group_table_new("", 1));
    for (size_t i = 0; i < missing->count; i++) {
        const struct candidate_package none = {.name = missing->items[i], .status = "active"};
        struct package *package = NULL;
        for (size_t j = 0; j < catalogue->count && !package; j++) {
            bool is_it = strcmp(catalogue->packages[j]->name, missing->items[i]) == 0;
            package = is_it ? package_ref(catalogue->packages[j]) : NULL;
        }
        if (!package && package_new(&none, &package, NULL)) {
            abort();
        }
        struct group_table *next = must(group_table_replace(table, package->name, package, 1));
        package_unref(package);
        group_table_unref(table);
        table = next;
    }
    return table;
}

// Where a selection is made from, and where the names are that it misses.
struct looking {
    const struct catalogue *catalogue;
    const struct selection_sources *sources;
};

// A selection, made again until it misses nothing.
static void select_whole(struct arena *arena, const struct catalogue *catalogue,
                         struct selection_sources *sources, struct selection *selection) {
    struct error err = {0};
    do {
        if (selection_make(arena, sources, selection, &err)) {
            fprintf(stderr, "%s: %s\n", err.where, err.message);
            abort();
        }
        if (selection->unloaded.count) {
            const struct group_table *known = sources->further;
            sources->further = look_up(catalogue, known, &selection->unloaded);
            group_table_unref((struct group_table *)known);
        }
    } while (selection->unloaded.count);
}

// `decisions` gets those of the first page, which has all of them.
static int64_t make(struct arena *arena, const struct looking *looking, json_t *records,
                    json_t *excluded, json_t *decisions) {
    struct resolve_query query = *looking->sources->query;
    struct selection_sources page = *looking->sources;
    page.query = &query;
    int64_t expires_ms = 0;
    do {
        struct selection selection;
        select_whole(arena, looking->catalogue, &page, &selection);
        encode(&selection, records, excluded);
        json_t *rows = encode_decisions(&selection);
        json_array_extend(decisions, rows);
        json_decref(rows);
        query.cursor = selection.next;
        expires_ms = selection.expires_ms;
    } while (query.cursor);
    group_table_unref((struct group_table *)page.further);
    return expires_ms;
}

static json_t *answer(struct arena *arena, const json_t *input) {
    size_t count = 0;
    struct package **packages = read_packages(arena, json_object_get(input, "packages"), &count);
    struct resolve_query query = read_query(arena, json_object_get(input, "query"));
    size_t table_count = query.group_count ? query.group_count : 1;
    struct group_table **tables = must(arena_array(arena, table_count, sizeof *tables));
    for (size_t i = 0; i < table_count; i++) {
        tables[i] = make_table(arena, query.group_count ? query.groups[i] : "", packages, count);
    }
    struct environment environment;
    read_environment(arena, json_object_get(input, "environment"), &environment);
    scoped(cleanup_contracts) struct contracts *contracts = read_contracts(arena, input);
    struct selection_sources sources = {
        .query = &query,
        .tables = tables,
        .table_count = table_count,
        .environment = &environment,
        .contracts = contracts,
        .now_ms = json_integer_value(json_object_get(input, "now_ms")),
    };
    json_t *records = json_array();
    json_t *excluded = json_array();
    const struct catalogue catalogue = {packages, count};
    struct looking looking = {&catalogue, &sources};
    json_t *decisions = json_array();
    int64_t expires_ms = make(arena, &looking, records, excluded, decisions);
    json_t *paged_decisions = json_array();
    json_t *paged_records = json_array();
    json_t *paged_excluded = json_array();
    query.limit = (int)json_integer_value(json_object_get(input, "limit"));
    make(arena, &looking, paged_records, paged_excluded, paged_decisions);
    for (size_t i = 0; i < table_count; i++) {
        group_table_unref(tables[i]);
    }
    for (size_t i = 0; i < count; i++) {
        package_unref(packages[i]);
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:I}", "records", records, "excluded", excluded,
                     "decisions", decisions, "paged_records", paged_records, "paged_excluded",
                     paged_excluded, "paged_decisions", paged_decisions, "expires_ms",
                     (json_int_t)expires_ms);
}

int main(void) {
    scoped(cleanup_memory) char *line = NULL;
    size_t size = 0;
    ssize_t len;
    while ((len = getline(&line, &size, stdin)) > 0) {
        scoped(cleanup_arena) struct arena *arena = must(arena_new(0));
        scoped(cleanup_json) json_t *input = must(json_loadb(line, (size_t)len, 0, NULL));
        scoped(cleanup_json) json_t *output = must(answer(arena, input));
        json_dumpf(output, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
