// SPDX-License-Identifier: MIT
// The rule book: a table of rules at the end, and before it, in the same order, the test of each rule and the
// sentence that explains it to a person. The sentence is made only when a query asks to explain, so it may
// repeat the work of the test. Pure: facts come in, texts go into the facts' arena. Threads of requests.
#include "registryd/rules/rules.h"

#include "schema/json/json.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"

#include <string.h>

static const char *environment_of(const struct rule_subject *subject) {
    const char *name = subject->facts->environment->name;
    return name ? name : "default";
}

// "It was yanked: too slow." without a reason "It was yanked".
static const char *with_reason(const struct rule_subject *subject, const char *what,
                               const char *reason) {
    return arena_printf(subject->facts->arena, "%s%s%s", what, reason && *reason ? ": " : "",
                        reason ? reason : "");
}

// ---- quarantined ----

// Only while a lock is made: the person who freezes names releases of which the quarantine is
// ignored.
static bool is_ignored(const struct rule_subject *subject, const struct package_release *release) {
    const struct ignored_quarantines *ignored = &subject->facts->ignored;
    for (size_t i = 0; i < ignored->count; i++) {
        if (strcmp(ignored->items[i].package, subject->package->name) == 0 &&
            strcmp(ignored->items[i].version, release->version) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_quarantined(const struct rule_subject *subject,
                           const struct package_release *release) {
    return (subject->package->status == PACKAGE_QUARANTINED || release->quarantined) &&
           !is_ignored(subject, release);
}

static const char *tell_quarantined(const struct rule_subject *subject,
                                    const struct package_release *release) {
    return subject->package->status == PACKAGE_QUARANTINED
               ? with_reason(subject, "The package is quarantined", subject->package->status_reason)
               : with_reason(subject, "The release is quarantined", release->quarantined);
}

const char *rules_tell_quarantined(struct facts *facts, const struct package *package,
                                   const struct package_release *release) {
    const struct rule_subject subject = {.facts = facts, .package = package};
    return tell_quarantined(&subject, release);
}

// ---- held ----

// Ids rise with each publish, so a release after the hold has a larger one.
static bool is_behind(const struct hold *hold, const struct package_release *release) {
    return hold && release->id > hold->after_release;
}

// The hold that keeps the release back: of its package, or of any group that it has an entry point in.
static const struct hold *find_hold(const struct rule_subject *subject,
                                    const struct package_release *release) {
    const struct contracts *contracts = subject->facts->contracts;
    if (!contracts || !contracts->holds.count) {
        return NULL;
    }
    const struct hold *hold = contracts_find_hold(contracts, false, subject->package->name);
    for (uint32_t i = 0; !is_behind(hold, release) && i < release->entry_count; i++) {
        hold = contracts_find_hold(contracts, true, release->entries[i].group);
    }
    return is_behind(hold, release) ? hold : NULL;
}

static bool is_held(const struct rule_subject *subject, const struct package_release *release) {
    return find_hold(subject, release);
}

static const char *tell_held(const struct rule_subject *subject,
                             const struct package_release *release) {
    const struct hold *hold = find_hold(subject, release);
    return hold ? arena_printf(subject->facts->arena, "New releases of the %s %s are held: %s",
                               hold->is_group ? "group" : "package", hold->name, hold->reason)
                : NULL;
}

// ---- disabled, not-enabled, outside-pin: what the environment decided ----

// A package is taken for the sake of one entry point that is enabled. The others are left out of the answer later
// (resolver/matches.c).

static bool is_disabled(const struct rule_subject *subject, const struct package_release *release) {
    (void)release;
    return subject->plugin && subject->plugin->state == PLUGIN_DISABLED &&
           !environment_entries_have(&subject->plugin->entries, PLUGIN_ENABLED);
}

static const char *tell_disabled(const struct rule_subject *subject,
                                 const struct package_release *release) {
    (void)release;
    return arena_printf(subject->facts->arena, "The environment \"%s\" disables the package",
                        environment_of(subject));
}

// A package that never had an entry point is a library: plugins require it, and no host loads it.
static bool is_plugin(const struct package *package) {
    for (uint32_t i = 0; i < package->release_count; i++) {
        if (package->releases[i].entry_count) {
            return true;
        }
    }
    return false;
}

static bool is_not_enabled(const struct rule_subject *subject,
                           const struct package_release *release) {
    (void)release;
    return subject->facts->environment->is_listed_only &&
           !(subject->plugin &&
             (subject->plugin->state == PLUGIN_ENABLED ||
              subject->plugin->state == PLUGIN_ALLOWED ||
              environment_entries_have(&subject->plugin->entries, PLUGIN_ENABLED))) &&
           is_plugin(subject->package);
}

static const char *tell_not_enabled(const struct rule_subject *subject,
                                    const struct package_release *release) {
    (void)release;
    return arena_printf(subject->facts->arena,
                        "The environment \"%s\" takes only packages that it enables by name",
                        environment_of(subject));
}

// Pre-releases pass a pin like other versions. Whether the host prefers them is decided later.
static bool is_outside_pin(const struct rule_subject *subject,
                           const struct package_release *release) {
    struct facts *facts = subject->facts;
    if (!subject->pin) {
        return false;
    }
    const struct version *version;
    enum status status = version_parse(facts->arena, text_from(release->version), &version, NULL);
    facts->no_memory = facts->no_memory || status == STATUS_NO_MEMORY;
    return status || !specifier_set_contains(subject->pin, version, PRERELEASES_ALLOW);
}

static const char *tell_outside_pin(const struct rule_subject *subject,
                                    const struct package_release *release) {
    (void)release;
    return arena_printf(subject->facts->arena, "The environment \"%s\" pins the package to %s",
                        environment_of(subject), subject->plugin->held_to);
}

// ---- yanked, too-new ----

// A pin to one version is a lock, which must go on resolving to the same release.
static bool is_yanked(const struct rule_subject *subject, const struct package_release *release) {
    return release->yanked && !(subject->pin && specifier_set_pins(subject->pin));
}

static const char *tell_yanked(const struct rule_subject *subject,
                               const struct package_release *release) {
    return with_reason(subject, "The release was yanked", release->yanked);
}

// The answer may be another one from then on.
static void expire_at(struct facts *facts, int64_t moment_ms) {
    if (!facts->expires_ms || moment_ms < facts->expires_ms) {
        facts->expires_ms = moment_ms;
    }
}

static bool is_too_new(const struct rule_subject *subject, const struct package_release *release) {
    struct facts *facts = subject->facts;
    int64_t due_ms = release->published_ms + facts->min_age_ms;
    if (!facts->min_age_ms || facts->now_ms >= due_ms) {
        return false;
    }
    expire_at(facts, due_ms);
    return true;
}

// Up to the next whole second, when the release is eligible for certain.
const char *rules_eligible_at(const struct facts *facts, const struct package_release *release) {
    char due[UTC_SIZE];
    utc_write(release->published_ms + facts->min_age_ms + 999, due);
    return arena_strdup(facts->arena, due);
}

static const char *tell_too_new(const struct rule_subject *subject,
                                const struct package_release *release) {
    struct facts *facts = subject->facts;
    const char *due = rules_eligible_at(facts, release);
    return due ? arena_printf(
                     facts->arena,
                     "The environment \"%s\" takes the release from %s on: releases must be at "
                     "least %lld seconds old",
                     environment_of(subject), due, (long long)(facts->min_age_ms / 1000))
               : NULL;
}

// ---- files ----

// What is judged of a release: the terms of the file that fits. Where no file fits by its tags, that alone is said.
static const struct release_terms *terms_of(const struct rule_subject *subject,
                                            const struct package_release *release) {
    static const struct release_terms nothing;
    const struct release_terms *terms = facts_terms_of(subject->facts, release);
    return terms->file && !facts_fit_tags(subject->facts, terms) ? &nothing : terms;
}

// "The release", or "The file crm-1.0-py3-none-any.whl" where its files differ. NULL when out of memory.
static const char *name_of(const struct rule_subject *subject,
                           const struct package_release *release) {
    const char *file = terms_of(subject, release)->file;
    return file ? arena_printf(subject->facts->arena, "The file %s", file) : "The release";
}

// ---- requires-python ----

static bool refuses_python(const struct rule_subject *subject,
                           const struct package_release *release) {
    const char *requires_python = terms_of(subject, release)->requires_python;
    struct facts *facts = subject->facts;
    return facts->python && requires_python &&
           facts_judge_python(facts, requires_python)->kind != VERDICT_FITS;
}

static const char *tell_python(const struct rule_subject *subject,
                               const struct package_release *release) {
    const char *name = name_of(subject, release);
    return name ? arena_printf(subject->facts->arena, "%s requires Python %s, but the host has %s",
                               name, terms_of(subject, release)->requires_python,
                               version_string(subject->facts->python))
                : NULL;
}

// ---- requires-host, marker-unknown: what it requires of what the host has ----

// The first requirement with this verdict, or NULL; not for verdicts that fit.
// A host that states nothing it has can refuse nothing, so the requirements are not even read.
static const char *find_requirement(const struct rule_subject *subject,
                                    const struct package_release *release, enum verdict_kind kind,
                                    const struct fact_verdict **ret_verdict) {
    struct facts *facts = subject->facts;
    const struct release_terms *terms = terms_of(subject, release);
    for (size_t i = 0; facts->have_count && i < terms->requirement_count; i++) {
        if (!facts_may_have(facts, &terms->requirements[i])) {
            continue;
        }
        *ret_verdict = facts_judge_requirement(facts, &terms->requirements[i]);
        if ((*ret_verdict)->kind == kind) {
            return terms->requirements[i].text;
        }
    }
    return NULL;
}

static bool refuses_host(const struct rule_subject *subject,
                         const struct package_release *release) {
    const struct fact_verdict *verdict;
    return find_requirement(subject, release, VERDICT_REFUSES, &verdict);
}

static const char *tell_host(const struct rule_subject *subject,
                             const struct package_release *release) {
    const struct fact_verdict *verdict = NULL;
    const char *requirement = find_requirement(subject, release, VERDICT_REFUSES, &verdict);
    const char *name = name_of(subject, release);
    return name && requirement && verdict->have
               ? arena_printf(subject->facts->arena, "%s requires %s, but the host has %s %s", name,
                              requirement, verdict->have->name,
                              version_string(verdict->have->version))
               : NULL;
}

// Asked behind refuses_host, which has judged every requirement unless one of them refuses: so mostly nothing needs
// to be looked up again.
static bool has_unknown_marker(const struct rule_subject *subject,
                               const struct package_release *release) {
    const struct fact_verdict *verdict;
    bool has_exceptions = subject->plugin && subject->plugin->exceptions.count;
    if (!subject->facts->met_unknown && !has_exceptions) {
        return false;
    }
    return find_requirement(subject, release, VERDICT_UNKNOWN, &verdict);
}

static const char *tell_unknown_marker(const struct rule_subject *subject,
                                       const struct package_release *release) {
    const struct fact_verdict *verdict = NULL;
    const char *requirement = find_requirement(subject, release, VERDICT_UNKNOWN, &verdict);
    return requirement
               ? arena_printf(subject->facts->arena,
                              "The environment does not state \"%s\", so the marker of \"%s\" "
                              "cannot be evaluated",
                              marker_variable_name(verdict->variable), requirement)
               : NULL;
}

// ---- no-compatible-artifact ----

// As pip: a source distribution fits everywhere. A release without files has nothing that could not fit.
static bool has_no_artifact(const struct rule_subject *subject,
                            const struct package_release *release) {
    struct facts *facts = subject->facts;
    return !facts_fit_tags(facts, facts_terms_of(facts, release));
}

static const char *tell_no_artifact(const struct rule_subject *subject,
                                    const struct package_release *release) {
    (void)subject;
    (void)release;
    return "No wheel fits the host's tags, and there is no source distribution";
}

// ---- unknown-permission ----

// The first permission a manifest asks for that the host does not know; in the arena.
static const char *find_strange_permission(const struct rule_subject *subject,
                                           const char *manifest) {
    struct facts *facts = subject->facts;
    scoped(cleanup_json) json_t *document = json_loads(manifest, 0, NULL);
    facts->no_memory = facts->no_memory || !document;
    const json_t *permissions = json_object_get(document, "permissions");
    size_t index;
    const json_t *item;
    json_array_foreach(permissions, index, item) {
        const char *name = json_string_value(item);
        if (name && !environment_knows_permission(facts->environment, name)) {
            const char *copy = arena_strdup(facts->arena, name);
            facts->no_memory = facts->no_memory || !copy;
            return copy;
        }
    }
    return NULL;
}

// A plugin without a manifest here keeps it where only running its code would show it, so what it asks for is
// unknown. Scripts are commands: no host loads them as plugins.
static const struct candidate_entry *find_unreadable(const struct rule_subject *subject,
                                                     const struct package_release *release) {
    bool is_accepted = subject->plugin && subject->plugin->accepts_unknown_permissions;
    for (uint32_t i = 0; i < release->entry_count && !is_accepted; i++) {
        const struct candidate_entry *entry = &release->entries[i];
        if (!entry->manifest && strcmp(entry->group, "console_scripts") != 0 &&
            strcmp(entry->group, "gui_scripts") != 0) {
            return entry;
        }
    }
    return NULL;
}

// Every manifest counts, whatever the groups asked for: one release is taken for all of them.
static const char *strange_permission_of(const struct rule_subject *subject,
                                         const struct package_release *release) {
    for (uint32_t i = 0; i < release->entry_count; i++) {
        const char *manifest = release->entries[i].manifest;
        const char *found = manifest && strstr(manifest, "\"permissions\"")
                                ? find_strange_permission(subject, manifest)
                                : NULL;
        if (found) {
            return found;
        }
    }
    return NULL;
}

static bool asks_unknown_permission(const struct rule_subject *subject,
                                    const struct package_release *release) {
    return subject->facts->environment->has_permissions &&
           (strange_permission_of(subject, release) || find_unreadable(subject, release));
}

static const char *tell_permission(const struct rule_subject *subject,
                                   const struct package_release *release) {
    const char *name = strange_permission_of(subject, release);
    const struct candidate_entry *entry = name ? NULL : find_unreadable(subject, release);
    if (name) {
        return arena_printf(
            subject->facts->arena,
            "The release asks for the permission \"%s\", which the environment \"%s\" "
            "does not list",
            name, environment_of(subject));
    }
    return entry ? arena_printf(subject->facts->arena,
                                "The manifest of \"%s\" in %s cannot be read, so its permissions "
                                "are unknown, and the environment \"%s\" does not accept that",
                                entry->name, entry->group, environment_of(subject))
                 : NULL;
}

// ---- the table ----

static const struct rule rules[] = {
    {"quarantined", is_quarantined, tell_quarantined},
    {"held", is_held, tell_held},
    {"disabled", is_disabled, tell_disabled},
    {"not-enabled", is_not_enabled, tell_not_enabled},
    {"outside-pin", is_outside_pin, tell_outside_pin},
    {"yanked", is_yanked, tell_yanked},
    {"too-new", is_too_new, tell_too_new},
    {"requires-python", refuses_python, tell_python},
    {"requires-host", refuses_host, tell_host},
    {"marker-unknown", has_unknown_marker, tell_unknown_marker},
    {"no-compatible-artifact", has_no_artifact, tell_no_artifact},
    {"unknown-permission", asks_unknown_permission, tell_permission},
};

bool rules_except(const struct rule_subject *subject, const char *code) {
    const struct environment_exception *exception =
        environment_find_exception(subject->plugin, code);
    if (!exception || exception->until_ms <= subject->facts->now_ms) {
        return false;
    }
    expire_at(subject->facts, exception->until_ms);
    return true;
}

const struct rule *rules_find(const struct rule_subject *subject,
                              const struct package_release *release) {
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (rules[i].speaks_against(subject, release) && !rules_except(subject, rules[i].code)) {
            return &rules[i];
        }
    }
    return NULL;
}

void rule_subject_init(struct rule_subject *subject, struct facts *facts,
                       const struct package *package) {
    *subject = (struct rule_subject){.facts = facts, .package = package};
    subject->plugin = environment_find_plugin(facts->environment, package->name);
    if (subject->plugin && subject->plugin->held_to) {
        struct text pin = text_from(subject->plugin->held_to);
        facts->no_memory =
            facts->no_memory || specifier_set_parse(facts->arena, pin, &subject->pin, NULL);
    }
}

bool rules_take_prereleases(const struct rule_subject *subject) {
    return subject->facts->prereleases ||
           (subject->pin && specifier_set_allows_prereleases(subject->pin));
}

// The places: 0 to n-1 are the releases, of which pre-releases are passed over unless they are taken; n to
// 2n-1 are the same again, for the pre-releases alone.
const struct package_release *rules_choose(const struct rule_subject *subject, size_t *place) {
    size_t count = subject->package->release_count;
    bool takes_prereleases = rules_take_prereleases(subject);
    size_t end = takes_prereleases ? count : 2 * count;
    for (size_t at = *place; at < end; at++) {
        bool is_second = at >= count;
        const struct package_release *release =
            &subject->package->releases[is_second ? at - count : at];
        bool is_turn = takes_prereleases || release->prerelease == is_second;
        if (is_turn && !rules_find(subject, release)) {
            *place = at;
            return release;
        }
    }
    *place = 2 * count;
    return NULL;
}

const char *rules_tell_permission(struct facts *facts, const struct package *package,
                                  const struct package_release *release) {
    struct rule_subject subject;
    rule_subject_init(&subject, facts, package);
    if (!asks_unknown_permission(&subject, release)) {
        return NULL;
    }
    const char *sentence = tell_permission(&subject, release);
    facts->no_memory = facts->no_memory || !sentence;
    return sentence;
}
