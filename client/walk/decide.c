// SPDX-License-Identifier: MIT
// The rules of decisions (decide.h). Rows meet a record by its package; a row with by_name also by the name,
// where the registry does not know the record's package at all. An example, for the directory "crm":
//
//     row  quarantined  acme-crm / crm  by_name   ->  withheld: "crm" is no package of the registry
//     row  quarantined  acme-crm / crm            ->  returned: that is about another package
//     row  known        crm                       ->  returned: the registry knows a package "crm"
//
// Of the rows of one code, the one with the record's own name is reported, rather one about it alone, else the first.
// A row about one entry point alone passes over every other name of its package. A version that the walk
// does not know, or that is no version, decides nothing and leaves one warning. Called by the walk's thread,
// once a root; tests/support/decision_rules.py is the same in Python.
#include "client/walk/decide.h"

#include "client/walk/decide_words.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/packaging/version/specifier.h"

#include <stdlib.h>
#include <string.h>

enum { RANKS = 24 }; // more than there are codes

struct known_package {
    const char *group;
    const char *package;
};

struct decider {
    struct decide_rules rules;
    struct known_package *known; // of the answer's records, sorted
    size_t known_count;
    const struct decision **by_name; // rows with by_name, by group and name
    size_t by_name_count;
};

// ---- levels ----

static const char *const levels[] = {
    [ENFORCE_ON] = "on",
    [ENFORCE_STRICT] = "strict",
    [ENFORCE_WARN] = "warn",
    [ENFORCE_OFF] = "off",
};

bool enforce_find(const char *name, enum enforce *ret_enforce) {
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (strcmp(levels[i], name) == 0) {
            *ret_enforce = (enum enforce)i;
            return true;
        }
    }
    return false;
}

const char *enforce_name(enum enforce enforce) {
    return levels[enforce];
}

// ---- the index ----

static int compare_pair(const char *group, const char *text, const char *other_group,
                        const char *other_text) {
    int order = strcmp(group, other_group);
    return order ? order : strcmp(text, other_text);
}

static int compare_known(const void *left, const void *right) {
    const struct known_package *a = left;
    const struct known_package *b = right;
    return compare_pair(a->group, a->package, b->group, b->package);
}

// Rows of one name keep the order of the list, which is that of their addresses.
static int compare_by_name(const void *left, const void *right) {
    const struct decision *a = *(const struct decision *const *)left;
    const struct decision *b = *(const struct decision *const *)right;
    int order = compare_pair(a->group, a->name, b->group, b->name);
    return order ? order : (a > b) - (a < b);
}

// The packages that the registry gave records of, to tell a package it does not know from one it says
// nothing about.
static void index_known(struct decider *decider) {
    const struct records *records = decider->rules.records;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (record->group && record->package) {
            decider->known[decider->known_count++] =
                (struct known_package){record->group, record->package};
        }
    }
    if (decider->known_count > 1) {
        qsort(decider->known, decider->known_count, sizeof *decider->known, compare_known);
    }
}

static void index_names(struct decider *decider) {
    const struct decisions *decisions = decider->rules.decisions;
    for (size_t i = 0; i < decisions->count; i++) {
        if (decisions->items[i].by_name && decisions->items[i].name) {
            decider->by_name[decider->by_name_count++] = &decisions->items[i];
        }
    }
    if (decider->by_name_count > 1) {
        qsort(decider->by_name, decider->by_name_count, sizeof(struct decision *), compare_by_name);
    }
}

enum status decider_new(struct arena *arena, const struct decide_rules *rules,
                        const struct decider **ret_decider, struct error *err) {
    struct decider *decider = arena_alloc(arena, sizeof *decider);
    if (!decider) {
        return fail_no_memory(err);
    }
    *decider = (struct decider){
        .rules = *rules,
        .known = arena_array(arena, rules->records->count + 1, sizeof *decider->known),
        .by_name = arena_array(arena, rules->decisions->count + 1, sizeof(struct decision *)),
    };
    if (!decider->known || !decider->by_name) {
        return fail_no_memory(err);
    }
    index_known(decider);
    index_names(decider);
    *ret_decider = decider;
    return STATUS_OK;
}

// ---- one record ----

// What the rows say about a record: of each code one row that holds for it.
struct verdict {
    const struct decision *rows[RANKS];
    const char *settings;
    bool has_own_settings;   // they are of this entry point alone
    bool is_enabled;         // whatever is decided about its package
    bool is_known;           // to the registry, by its package
    bool is_version_unknown; // and a row is about one version
};

struct judging {
    struct arena *arena;   // of what is kept
    struct arena *scratch; // of one list
    const struct decider *decider;
    const struct record *record;
    const struct version *version; // NULL: unknown
    struct verdict verdict;
};

enum answer { NO, YES, UNKNOWN };

// Whether the row holds for the record's version. A pin that cannot be read excludes nothing.
static enum answer holds(const struct judging *j, const struct decision *row) {
    const struct version *version;
    const struct specifier_set *pin;
    bool is_pin = strcmp(row->code, DECISION_CODE_OUTSIDE_PIN) == 0;
    if (!row->version && !is_pin) {
        return YES;
    }
    if (!row->version && !row->pin) {
        return NO;
    }
    if (!j->version) {
        return UNKNOWN;
    }
    if (row->version) {
        return !version_parse(j->scratch, text_from(row->version), &version, NULL) &&
                       version_compare(version, j->version) == 0
                   ? YES
                   : NO;
    }
    return !specifier_set_parse(j->scratch, text_from(row->pin), &pin, NULL) &&
                   !specifier_set_contains(pin, j->version, PRERELEASES_ALLOW)
               ? YES
               : NO;
}

static bool is_own_name(const struct judging *j, const struct decision *row) {
    return row->name && j->record->name && strcmp(row->name, j->record->name) == 0;
}

// Settings of the entry point hold those of its package already.
static void consider_settings(struct judging *j, const struct decision *row) {
    struct verdict *verdict = &j->verdict;
    bool is_better = row->name ? !verdict->has_own_settings : !verdict->settings;
    if (row->settings && is_better) {
        verdict->settings = row->settings;
        verdict->has_own_settings = row->name;
    }
}

// How closely a row is about the record: about its package, its name, or it alone.
static int closeness(const struct judging *j, const struct decision *row) {
    return !is_own_name(j, row) ? 0 : row->entry_only ? 2 : 1;
}

// One row for each rank is kept; of two, the one that is closer to this entry point.
static void consider(struct judging *j, const struct decision *row) {
    enum decision_effect effect = decision_effect(row->code);
    size_t rank = decision_rank(row->code);
    bool is_of_entry = row->entry_only || (effect == DECISION_SETS && row->name);
    if (is_of_entry && !is_own_name(j, row)) {
        return;
    }
    if (effect == DECISION_SETS) {
        consider_settings(j, row);
    }
    j->verdict.is_enabled |= effect == DECISION_EXEMPTS;
    if ((effect != DECISION_WITHHOLDS && effect != DECISION_WARNS) || rank >= RANKS) {
        return;
    }
    enum answer answer = holds(j, row);
    const struct decision **kept = &j->verdict.rows[rank];
    j->verdict.is_version_unknown |= answer == UNKNOWN;
    if (answer == YES && (!*kept || closeness(j, row) > closeness(j, *kept))) {
        *kept = row;
    }
}

static void consider_package(struct judging *j) {
    const struct decisions *decisions = j->decider->rules.decisions;
    const struct record *record = j->record;
    const struct known_package wanted = {record->group, record->package};
    j->verdict.is_known =
        bsearch(&wanted, j->decider->known, j->decider->known_count, sizeof wanted, compare_known);
    size_t first = decisions_seek(decisions, record->group, record->package);
    for (size_t i = first; i < decisions->count; i++) {
        const struct decision *row = &decisions->items[i];
        if (compare_pair(row->group, row->package, record->group, record->package) != 0) {
            return;
        }
        j->verdict.is_known = true;
        consider(j, row);
    }
}

// For records without a package, or of one that the registry does not know: then the name is all there is.
static void consider_name(struct judging *j) {
    const struct decider *decider = j->decider;
    const struct record *record = j->record;
    size_t low = 0;
    for (size_t high = decider->by_name_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const struct decision *row = decider->by_name[middle];
        if (compare_pair(row->group, row->name, record->group, record->name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < decider->by_name_count; low++) {
        const struct decision *row = decider->by_name[low];
        if (compare_pair(row->group, row->name, record->group, record->name) != 0) {
            return;
        }
        consider(j, row);
    }
}

static void judge(struct judging *j) {
    struct text version = text_from(j->record->version ? j->record->version : "");
    if (!version.len || version_parse(j->scratch, version, &j->version, NULL)) {
        j->version = NULL;
    }
    if (j->record->package) {
        consider_package(j);
    }
    if (!j->verdict.is_known && j->record->name) {
        consider_name(j);
    }
    if (j->verdict.is_enabled) {
        j->verdict.rows[decision_rank(DECISION_CODE_DISABLED)] = NULL;
        j->verdict.rows[decision_rank(DECISION_CODE_NOT_ENABLED)] = NULL;
    }
}

// ---- the two lists ----

static const struct decision *find_withholding(const struct verdict *verdict) {
    for (size_t i = 0; i < RANKS; i++) {
        if (verdict->rows[i]) {
            bool withholds = decision_effect(verdict->rows[i]->code) == DECISION_WITHHOLDS;
            return withholds ? verdict->rows[i] : NULL; // the withholding codes come first
        }
    }
    return NULL;
}

static bool is_unregistered(const struct judging *j) {
    return j->decider->rules.is_listed && !j->verdict.is_known;
}

// Puts the findings that the record has behind `first`: those are shared with what it was read from.
static void take_findings(struct record *record, const struct findings *first) {
    struct findings shared = record->findings;
    record->findings = *first;
    findings_append(&record->findings, &shared);
    record->findings.no_memory |= shared.no_memory;
}

// Adds the decision that withholds the record to its findings. False: it is returned.
static bool withhold(const struct judging *j, struct record *record) {
    enum enforce enforce = j->decider->rules.enforce;
    const char *environment = j->decider->rules.environment;
    const struct decision *row = find_withholding(&j->verdict);
    bool is_stranger = !row && enforce == ENFORCE_STRICT && is_unregistered(j);
    struct findings findings;
    if (enforce == ENFORCE_WARN || (!row && !is_stranger)) {
        return false;
    }
    findings_init(&findings, j->arena);
    if (row) {
        decide_add_row(&findings, SEVERITY_ERROR, record, row, environment);
    } else {
        decide_add_unregistered(&findings, SEVERITY_ERROR, record, environment);
    }
    take_findings(record, &findings);
    return true;
}

// The warnings of a record that is returned, behind those it has.
static void warn(const struct judging *j, struct record *record) {
    const char *environment = j->decider->rules.environment;
    const struct decision *withholding = find_withholding(&j->verdict);
    struct findings *findings = &record->findings;
    struct findings none;
    findings_init(&none, j->arena);
    take_findings(record, &none);
    if (withholding) {
        decide_add_row(findings, SEVERITY_WARNING, record, withholding, environment);
    }
    for (size_t i = 0; i < RANKS; i++) {
        const struct decision *row = j->verdict.rows[i];
        if (row && decision_effect(row->code) == DECISION_WARNS) {
            decide_add_row(findings, SEVERITY_WARNING, record, row, environment);
        }
    }
    if (j->verdict.is_version_unknown) {
        decide_add_version_unknown(findings, record);
    }
    if (!withholding && is_unregistered(j)) {
        decide_add_unregistered(findings, SEVERITY_WARNING, record, environment);
    }
}

// Whether there is anything to warn of.
static bool has_warnings(const struct judging *j) {
    bool found = j->verdict.is_version_unknown || is_unregistered(j);
    for (size_t i = 0; i < RANKS && !found; i++) {
        found = j->verdict.rows[i];
    }
    return found;
}

static bool is_asked_for(const struct decider *decider, const struct record *record) {
    for (size_t i = 0; record->group && i < decider->rules.group_count; i++) {
        if (strcmp(decider->rules.groups[i], record->group) == 0) {
            return true;
        }
    }
    return false;
}

// Judges one record in place. True when it is withheld.
static bool decide_one(struct judging *j, struct record *record) {
    j->record = record;
    j->verdict = (struct verdict){0};
    judge(j);
    if (j->verdict.settings) {
        record->settings = j->verdict.settings;
    }
    if (j->decider->rules.enforce == ENFORCE_OFF) {
        return false;
    }
    if (withhold(j, record)) {
        return true;
    }
    if (has_warnings(j)) {
        warn(j, record);
    }
    return false;
}

enum status decide_records(struct arena *arena, const struct decider *decider,
                           struct records *records, struct records *withheld, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct judging j = {.arena = arena, .scratch = scratch, .decider = decider};
    size_t kept = 0;
    if (!scratch) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        struct record *record = &records->items[i];
        bool is_withheld = is_asked_for(decider, record) && decide_one(&j, record);
        if (record->findings.no_memory) {
            return fail_no_memory(err);
        }
        if (!is_withheld) {
            records->items[kept++] = *record;
            continue;
        }
        struct record *moved = records_add(arena, withheld);
        if (!moved) {
            return fail_no_memory(err);
        }
        *moved = *record;
    }
    records->count = kept;
    return STATUS_OK;
}
