// SPDX-License-Identifier: MIT
// The modes as a table, and the merge of discover.h: the first source's records as they are, then
// those of the second that add something. The merge is pure: discover_sources.c asks the sources, one call for
// all groups, and calls it group by group. A source that failed leaves a diagnostic and no records.
#include "client/public/discover.h"

#include "client/public/discover_present.h"

#include "schema/base/text.h"
#include "schema/base/list.h"

#include <string.h>

// What a mode asks and which source leads. The names are those of REGISTRYD_MODE.
struct mode {
    const char *name;
    bool asks_registry;
    bool always_walks;
    bool registry_leads;
};

static const struct mode modes[] = {
    [DISCOVER_WALK] = {"walk", false, true, false},
    [DISCOVER_WALK_FIRST] = {"walk-first", true, true, false},
    [DISCOVER_REGISTRY_FIRST] = {"registry-first", true, true, true},
    [DISCOVER_REGISTRY] = {"registry", true, false, true},
    [DISCOVER_COMPARE] = {"compare", true, true, false},
};

bool discover_mode_find(const char *name, enum discover_mode *ret_mode) {
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        if (strcmp(modes[i].name, name) == 0) {
            *ret_mode = (enum discover_mode)i;
            return true;
        }
    }
    return false;
}

const char *discover_mode_name(enum discover_mode mode) {
    return modes[mode].name;
}

bool discover_asks_registry(enum discover_mode mode) {
    return modes[mode].asks_registry;
}

bool discover_always_walks(enum discover_mode mode) {
    return modes[mode].always_walks;
}

// One merge: the leading source's records are copied first, then those of the other source fill the gaps.
struct merging {
    struct arena *arena;
    const char *group;
    struct discovery *discovery;
    struct present *present; // what the walk found, where the registry leads; else NULL
};

static bool is_of_group(const struct merging *m, const struct record *record) {
    return record->group && strcmp(record->group, m->group) == 0;
}

// A record without a name is a directory that could not be read. It sorts before every name.
static int compare_names(const struct record *record, const char *name) {
    return record->name ? strcmp(record->name, name) : -1;
}

// The record among the first `leading` ones, which are sorted, that answers for a name; or NULL.
static const struct record *find_winner(const struct merging *m, size_t leading, const char *name) {
    const struct record *items = m->discovery->records.items;
    size_t low = 0;
    for (size_t high = leading; name && low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(&items[middle], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (name && low < leading && compare_names(&items[low], name) == 0) {
        if (!items[low].shadowed_by) {
            return &items[low];
        }
        low++;
    }
    return NULL;
}

// A version that one side does not know differs from none; neither does a value.
static bool differ(const char *a, const char *b) {
    return a && b && strcmp(a, b) != 0;
}

// A copy, because merging adds findings to it and the sources stay as they were.
static enum status add_copy(const struct merging *m, const struct record *record,
                            struct record **ret_copy, struct error *err) {
    struct record *copy = records_add(m->arena, &m->discovery->records);
    if (!copy) {
        return fail_no_memory(err);
    }
    struct findings own = copy->findings;
    *copy = *record;
    copy->findings = own;
    findings_append(&copy->findings, &record->findings);
    *ret_copy = copy;
    return copy->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

// A given record of which nothing is on this host (discover_present.h).
static enum status add_absent(const struct merging *m, const struct record *record,
                              const struct record *holder, struct error *err) {
    const char *by = holder->origin ? holder->origin : holder->source;
    struct record *copy;
    enum status status = add_copy(m, record, &copy, err);
    if (status) {
        return status;
    }
    copy->shadowed_by = by;
    findings_add(&copy->findings, SEVERITY_WARNING, "shadowed", record->origin,
                 "Install the package, or remove the plugin that is not wanted",
                 "\"%s\" of the package %s is not loaded: the package is not installed on this "
                 "host, and %s has a plugin of that name",
                 record->name, record->package, by);
    return copy->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

// The leading source is copied unchanged, with its own shadowed and broken records: a host that uses only this
// source sees the same list. Where that is the registry, the host keeps the plugins that nothing can replace.
static enum status add_leading(const struct merging *m, const struct records *records,
                               struct error *err) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < records->count && !status; i++) {
        const struct record *record = &records->items[i];
        struct record *copy;
        if (!is_of_group(m, record)) {
            continue;
        }
        const struct record *holder =
            m->present && !record->shadowed_by ? present_find_holder(m->present, record) : NULL;
        status = holder ? add_absent(m, record, holder, err) : add_copy(m, record, &copy, err);
    }
    return status;
}

// A record that loses is kept and marked, never dropped: an operator must see that the two sources disagree.
static enum status add_shadowed(const struct merging *m, const struct record *record,
                                const struct record *winner, struct error *err) {
    const char *by = winner->origin ? winner->origin : winner->source;
    const char *version = winner->version;
    struct record *copy;
    enum status status = add_copy(m, record, &copy, err);
    if (status) {
        return status;
    }
    copy->shadowed_by = by;
    findings_add(&copy->findings, SEVERITY_WARNING, "shadowed", record->origin,
                 "Make both the same, or remove one of them",
                 "\"%s\" from the %s is shadowed by one from the %s%s%s (%s)", record->name,
                 record->source, winner->source, version ? ", version " : "",
                 version ? version : "", by);
    return copy->findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}

// What the second source adds: names the first lacks, and, shadowed, those it has otherwise.
static enum status add_following(const struct merging *m, const struct records *records,
                                 struct error *err) {
    size_t leading = m->discovery->records.count;
    enum status status = STATUS_OK;
    // sorted once, so that each name of the other source is a binary search
    records_sort(&m->discovery->records);
    for (size_t i = 0; i < records->count && !status; i++) {
        const struct record *record = &records->items[i];
        struct record *copy;
        if (!is_of_group(m, record)) {
            continue;
        }
        const struct record *winner = find_winner(m, leading, record->name);
        bool same_source = winner && strcmp(winner->source, record->source) == 0;
        if (!winner || same_source || record->shadowed_by) {
            status = add_copy(m, record, &copy, err);
        } else if (differ(winner->value, record->value) ||
                   differ(winner->version, record->version) || record_has_errors(winner)) {
            status = add_shadowed(m, record, winner, err);
        }
    }
    return status;
}

// Every diagnostic of a merge. The codes are part of the API (docs/FINDINGS.md); the texts are not.
enum difference {
    REGISTRY_AWAY,
    WALK_AWAY,
    ONLY_WALK,
    ONLY_REGISTRY,
    OTHER_VALUE,
    OTHER_VERSION,
    OTHER_MANIFEST
};

static const struct {
    const char *code;
    const char *text;
} differences[] = {
    [REGISTRY_AWAY] = {.code = "registry-fallback", .text = "The registry"},
    [WALK_AWAY] = {.code = "walk-fallback", .text = "The walk"},
    [ONLY_WALK] = {.code = "only-walk", .text = "is only in the directories"},
    [ONLY_REGISTRY] = {.code = "only-registry", .text = "is only in the registry"},
    [OTHER_VALUE] = {.code = "other-value", .text = "has another value in the registry"},
    [OTHER_VERSION] = {.code = "other-version", .text = "has another version in the registry"},
    [OTHER_MANIFEST] = {.code = "other-manifest", .text = "has another manifest in the registry"},
};

static void warn_of_fallback(const struct merging *m, enum difference difference,
                             const char *instead, const struct error *error) {
    findings_add(&m->discovery->diagnostics, SEVERITY_WARNING, differences[difference].code,
                 error->where[0] ? error->where : NULL, NULL, "%s does not answer for %s: %s. %s",
                 differences[difference].text, m->group, error->message, instead);
}

static void warn_of_pairs(const struct merging *m, enum difference difference,
                          const struct parity_pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct parity_pair *pair = &pairs->items[i];
        const struct record *record = pair->walk ? pair->walk : pair->registry;
        findings_add(&m->discovery->diagnostics, SEVERITY_WARNING, differences[difference].code,
                     record->origin, NULL, "\"%s\" %s", record->name ? record->name : "?",
                     differences[difference].text);
    }
}

static enum status warn_of_differences(const struct merging *m, const struct records *walk,
                                       const struct records *registry, struct error *err) {
    struct parity parity = {0};
    enum status status = parity_compare(m->arena, m->group,
                                        &(struct parity_sides){walk, registry, NULL}, &parity, err);
    if (status) {
        return status;
    }
    warn_of_pairs(m, ONLY_WALK, &parity.only_walk);
    warn_of_pairs(m, ONLY_REGISTRY, &parity.only_registry);
    warn_of_pairs(m, OTHER_VALUE, &parity.value);
    warn_of_pairs(m, OTHER_VERSION, &parity.version);
    warn_of_pairs(m, OTHER_MANIFEST, &parity.manifest);
    return STATUS_OK;
}

// The registry cannot answer: who does.
static const char *instead_of_registry(const struct merging *m,
                                       const struct discover_inputs *inputs) {
    if (!inputs->kept) {
        return inputs->walk.error ? "No source answers" : "The directories answer";
    }
    const char *text =
        arena_printf(m->arena, "Its last known answer, made %s, stands in for it", inputs->kept_at);
    return text ? text : "Its last known answer stands in for it";
}

// Says which sources could not answer, and leaves those that did, as far as the mode wants them.
static void choose_sources(const struct merging *m, const struct discover_inputs *inputs,
                           const struct records **ret_walked, const struct records **ret_known) {
    const struct error *away = inputs->registry.error;
    bool asked = modes[inputs->mode].asks_registry;
    const struct records *known = away ? inputs->kept : inputs->registry.records;
    *ret_walked = inputs->walk.error ? NULL : inputs->walk.records;
    *ret_known = asked ? known : NULL;
    if (asked && away) {
        warn_of_fallback(m, REGISTRY_AWAY, instead_of_registry(m, inputs), away);
    }
    if (inputs->walk.error) {
        warn_of_fallback(m, WALK_AWAY, *ret_known ? "The registry answers" : "No source answers",
                         inputs->walk.error);
    }
}

enum status discover_merge(struct arena *arena, const struct discover_inputs *inputs,
                           struct discovery *ret_discovery, struct error *err) {
    struct discovery discovery = {0};
    struct merging m = {arena, inputs->group, &discovery, NULL};
    const struct records *walked;
    const struct records *known;
    findings_init(&discovery.diagnostics, arena);
    choose_sources(&m, inputs, &walked, &known);
    enum status status = STATUS_OK;
    if (inputs->mode == DISCOVER_COMPARE && walked && known) {
        status = warn_of_differences(&m, walked, known, err);
        if (status) {
            return status;
        }
        known = NULL;
    } else if (inputs->mode == DISCOVER_REGISTRY && known) {
        walked = NULL;
    }
    // a source that is NULL here did not answer or must not: then the other one is alone
    bool registry_leads = modes[inputs->mode].registry_leads;
    const struct records *first = registry_leads ? known : walked;
    const struct records *second = registry_leads ? walked : known;
    if (registry_leads && first && second) {
        status = present_new(arena, inputs->group, second, inputs->decisions, &m.present, err);
    }
    if (!status && first) {
        status = add_leading(&m, first, err);
    }
    if (!status && second) {
        status = add_following(&m, second, err);
    }
    if (status) {
        return status;
    }
    records_sort(&discovery.records);
    *ret_discovery = discovery;
    return discovery.diagnostics.no_memory ? fail_no_memory(err) : STATUS_OK;
}
