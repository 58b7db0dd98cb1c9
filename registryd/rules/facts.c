// SPDX-License-Identifier: MIT
// Laying a query's facts over those of its environment, and judging texts by them. A fact of the query wins:
//     environment   python 3.11   have numpy 1.26, qt 6.5   marker sys_platform linux
//     query         python=3.12   have=numpy==2.0
//     facts         python 3.12   have numpy 2.0,  qt 6.5   marker sys_platform linux, python_version 3.12
// Judging is what costs time when a group is resolved, so a verdict is made once for each different text.
#include "registryd/rules/facts.h"

#include "registryd/candidates/requirement_name.h"
#include "schema/base/limits.h"
#include "schema/packaging/tags.h"

#include <stdlib.h>
#include <string.h>

// ---- facts ----

static enum status refuse(struct error *err, const char *where, const struct error *inner) {
    return inner->status == STATUS_NO_MEMORY
               ? fail_no_memory(err)
               : fail(err, STATUS_INVALID, where, "%s", inner->message);
}

static enum status set_python(struct facts *facts, const char *text) {
    struct error inner;
    enum status status =
        python_version_parse(facts->arena, text_from(text), &facts->python, &inner);
    if (status) {
        return status;
    }
    status = version_release_only(facts->arena, facts->python, &facts->python_release, &inner);
    return status ? status
                  : marker_environment_set_python(&facts->markers, text_from(text), &inner);
}

static enum status read_python(struct facts *facts, const char *text, struct error *err) {
    enum status status = text ? set_python(facts, text) : STATUS_OK;
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        return fail(err, STATUS_INVALID, "?python", "\"%s\" is not a version of Python", text);
    }
    return STATUS_OK;
}

static enum status set_marker(struct facts *facts, const char *name, const char *value,
                              struct error *err) {
    enum marker_variable variable;
    // "extra" is no fact of a host: it says who asks for a requirement.
    if (!marker_variable_find(text_from(name), &variable) || variable == MARKER_EXTRA) {
        return fail(err, STATUS_INVALID, "?marker", "\"%s\" is not an environment marker", name);
    }
    struct error inner = {0};
    return marker_environment_set(&facts->markers, variable, text_from(value), &inner)
               ? refuse(err, "?marker", &inner)
               : STATUS_OK;
}

// A question that names another Python says so for the markers too.
static bool follows_python(const char *marker) {
    return strcmp(marker, "python_version") == 0 || strcmp(marker, "python_full_version") == 0;
}

static enum status read_markers(struct facts *facts, const struct resolve_query *query,
                                struct error *err) {
    const struct environment *environment = facts->environment;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < environment->marker_count && !status; i++) {
        const struct environment_pair *marker = &environment->markers[i];
        if (!query->python || !follows_python(marker->name)) {
            status = set_marker(facts, marker->name, marker->value, err);
        }
    }
    for (size_t i = 0; i < query->marker_count && !status; i++) {
        status = set_marker(facts, query->markers[i].name, query->markers[i].value, err);
    }
    return status;
}

static enum status add_version(struct facts *facts, const char *name, const char *value,
                               struct error *err) {
    struct fact_version *item = &facts->have[facts->have_count];
    struct error inner = {0};
    if (version_parse(facts->arena, text_from(value), &item->version, &inner)) {
        return refuse(err, "?have", &inner);
    }
    item->name = name;
    facts->have_mask |= UINT64_C(1) << (requirement_hash(name) & 63);
    facts->have_count++;
    return STATUS_OK;
}

// Both lists are sorted; the question's entry wins over the environment's of the same name.
static enum status read_have(struct facts *facts, const struct resolve_query *query,
                             struct error *err) {
    const struct environment *environment = facts->environment;
    facts->have = arena_array(facts->arena, environment->have_count + query->have_count + 1,
                              sizeof *facts->have);
    if (!facts->have) {
        return fail_no_memory(err);
    }
    size_t i = 0;
    size_t j = 0;
    enum status status = STATUS_OK;
    while (!status && (i < environment->have_count || j < query->have_count)) {
        const struct environment_pair *known =
            i < environment->have_count ? &environment->have[i] : NULL;
        const struct resolve_fact *asked = j < query->have_count ? &query->have[j] : NULL;
        // At an equal name both lists move on, and the question's value is taken.
        int order = !known ? 1 : !asked ? -1 : strcmp(known->name, asked->name);
        status = order < 0 ? add_version(facts, known->name, known->value, err)
                           : add_version(facts, asked->name, asked->value, err);
        i += order <= 0;
        j += order >= 0;
    }
    return status;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Two spellings of one platform become one here: manylinux2014_x86_64 is manylinux_2_17_x86_64.
static enum status read_tags(struct facts *facts, const struct resolve_query *query,
                             struct error *err) {
    const char *const *tags = query->tag_count ? query->tags : facts->environment->tags;
    size_t count = query->tag_count ? query->tag_count : facts->environment->tag_count;
    facts->tags = arena_array(facts->arena, count + 1, sizeof *facts->tags);
    if (!facts->tags) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        facts->tags[i] = tag_without_alias(facts->arena, tags[i]);
        if (!facts->tags[i]) {
            return fail_no_memory(err);
        }
    }
    qsort(facts->tags, count, sizeof *facts->tags, compare_texts);
    facts->tag_count = count;
    return STATUS_OK;
}

enum status facts_init(struct facts *facts, struct arena *arena, const struct resolve_query *query,
                       const struct environment *environment, int64_t now_ms, struct error *err) {
    *facts = (struct facts){.arena = arena,
                            .environment = environment,
                            .shows_settings = query->with_settings,
                            .secrets = query->secrets,
                            .min_age_ms = environment->min_age_seconds * 1000,
                            .now_ms = now_ms};
    facts->prereleases = query->prereleases == CHOICE_UNSET ? environment->prereleases
                                                            : query->prereleases == CHOICE_YES;
    marker_environment_init(&facts->markers, arena);
    enum status status =
        read_python(facts, query->python ? query->python : environment->python, err);
    if (status) {
        return status;
    }
    status = read_markers(facts, query, err);
    if (status) {
        return status;
    }
    status = read_have(facts, query, err);
    return status ? status : read_tags(facts, query, err);
}

// ---- judging ----

typedef enum verdict_kind judge(struct facts *facts, const char *text,
                                struct fact_verdict *verdict);

// The verdict on a text: the known one, or a new one. A text that cannot be read refuses: what it
// demands may not be fulfilled.
static const struct fact_verdict *look_up(struct facts *facts, struct requirement_memo *memo,
                                          const char *text, uint32_t hash, judge *judge_text) {
    static const struct fact_verdict nothing = {.kind = VERDICT_REFUSES};
    struct requirement_memo_slot *slot = requirement_memo_find(memo, facts->arena, text, hash);
    if (slot && slot->verdict) {
        return slot->verdict;
    }
    struct fact_verdict *verdict = slot ? arena_alloc(facts->arena, sizeof *verdict) : NULL;
    if (!verdict) {
        facts->no_memory = true;
        return &nothing;
    }
    verdict->kind = judge_text(facts, text, verdict);
    slot->verdict = verdict;
    return verdict;
}

// As pip and uv install: 3.13.0rc1 counts as 3.13.0, so that plugins can be tried on it.
static enum verdict_kind judge_python(struct facts *facts, const char *text,
                                      struct fact_verdict *verdict) {
    (void)verdict;
    const struct specifier_set *set;
    enum status status = specifier_set_parse(facts->arena, text_from(text), &set, NULL);
    facts->no_memory = facts->no_memory || status == STATUS_NO_MEMORY;
    bool is_good = !status && specifier_set_contains(set, facts->python_release, PRERELEASES_ALLOW);
    return is_good ? VERDICT_FITS : VERDICT_REFUSES;
}

const struct fact_version *facts_find_version(const struct facts *facts, const char *name) {
    size_t low = 0;
    size_t high = facts->have_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(facts->have[middle].name, name);
        if (!order) {
            return &facts->have[middle];
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return NULL;
}

// What the host has under the name a requirement begins with; NULL = nothing.
static const struct fact_version *find_had(const struct facts *facts, const char *requirement) {
    char name[LIMIT_NAME_BYTES + 1];
    return requirement_read_name(requirement, name) ? facts_find_version(facts, name) : NULL;
}

// An address instead of a version accepts what is there: nobody can tell what it would bring.
static enum verdict_kind judge_requirement(struct facts *facts, const char *text,
                                           struct fact_verdict *verdict) {
    const struct requirement *requirement;
    verdict->have = find_had(facts, text);
    if (!verdict->have) {
        return VERDICT_FITS;
    }
    enum status status = requirement_parse(facts->arena, text_from(text), &requirement, NULL);
    if (status) {
        facts->no_memory = facts->no_memory || status == STATUS_NO_MEMORY;
        return VERDICT_REFUSES;
    }
    struct marker_result applies = requirement_applies(requirement, &facts->markers);
    if (applies.truth == TRUTH_UNKNOWN) {
        verdict->variable = applies.unknown;
        facts->met_unknown = true;
        return VERDICT_UNKNOWN;
    }
    bool is_good =
        applies.truth == TRUTH_FALSE ||
        specifier_set_contains(requirement->specifiers, verdict->have->version, PRERELEASES_ALLOW);
    return is_good ? VERDICT_FITS : VERDICT_REFUSES;
}

static enum verdict_kind judge_wheels(struct facts *facts, const char *text,
                                      struct fact_verdict *verdict) {
    (void)verdict;
    struct text rest = text_from(text);
    struct text tag;
    while (text_split(&rest, ' ', &tag)) {
        const char *copy = arena_copy(facts->arena, tag.ptr, tag.len);
        copy = copy ? tag_without_alias(facts->arena, copy) : NULL;
        facts->no_memory = facts->no_memory || !copy;
        if (copy && bsearch(&copy, facts->tags, facts->tag_count, sizeof copy, compare_texts)) {
            return VERDICT_FITS;
        }
    }
    return VERDICT_REFUSES;
}

const struct fact_verdict *facts_judge_python(struct facts *facts, const char *requires_python) {
    return look_up(facts, &facts->pythons, requires_python, requirement_hash(requires_python),
                   judge_python);
}

// Most requirements end here, so nothing is allocated for them.
const struct fact_verdict *facts_judge_requirement(struct facts *facts,
                                                   const struct release_requirement *requirement) {
    static const struct fact_verdict fits = {.kind = VERDICT_FITS};
    return facts_may_have(facts, requirement)
               ? look_up(facts, &facts->requirements, requirement->text, requirement->text_hash,
                         judge_requirement)
               : &fits;
}

const struct fact_verdict *facts_judge_wheels(struct facts *facts, const char *wheel_tags) {
    return look_up(facts, &facts->wheels, wheel_tags, requirement_hash(wheel_tags), judge_wheels);
}

// ---- files ----

bool facts_fit_tags(struct facts *facts, const struct release_terms *terms) {
    return !facts->tag_count || !terms->wheel_tags || terms->has_sdist ||
           facts_judge_wheels(facts, terms->wheel_tags)->kind == VERDICT_FITS;
}

bool facts_fit_terms(struct facts *facts, const struct release_terms *terms) {
    bool is_good = facts_fit_tags(facts, terms) &&
                   (!facts->python || !terms->requires_python ||
                    facts_judge_python(facts, terms->requires_python)->kind == VERDICT_FITS);
    for (size_t i = 0; is_good && i < terms->requirement_count; i++) {
        is_good = facts_judge_requirement(facts, &terms->requirements[i])->kind == VERDICT_FITS;
    }
    return is_good;
}

const struct release_terms *facts_find_terms(struct facts *facts,
                                             const struct package_release *release) {
    const struct release_terms *by_tags = NULL;
    for (uint16_t i = 0; i < release->terms_count; i++) {
        const struct release_terms *terms = &release->terms[i];
        if (facts_fit_terms(facts, terms)) {
            return terms;
        }
        by_tags = !by_tags && facts_fit_tags(facts, terms) ? terms : by_tags;
    }
    return by_tags ? by_tags : release->terms;
}
